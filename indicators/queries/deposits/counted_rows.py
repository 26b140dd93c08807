"""The rows of a register behind a figure that it counts, with their deposits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Period
from indicators.figures.assemblies_and_boards import ASSEMBLY_RATE, BOARD_SHARE, GENERAL_ASSEMBLY
from indicators.snapshot import Snapshot, per_version

FORMS: Final = {ASSEMBLY_RATE: GENERAL_ASSEMBLY, BOARD_SHARE: "board_seats"}
"""Form of the occasions that an indicator counts, of those that the register of participation counts."""
MEETING_RATE: Final = "governance_meeting_rate"
PARTICIPATION: Final = {"psve_actions": False, "pathway_employee_event_share": True}
"""Whether an indicator is the share of pathway employees, of those that are counted from all occasions."""
ACTIONS: Final = {"action_on_time_rate": False, "action_effectiveness_rate": True}
"""Whether an indicator is of verified actions, else of those due."""


@dataclass(frozen=True)
class CountedRow:
    """A row of a register: its reference, its day, its counts if it has some, and its deposit (UTC)."""

    reference: str
    day: date
    present: int | None
    eligible: int | None
    deposit: str
    line: int
    submitted_at: datetime
    author: str
    file_name: str | None


@per_version
def counted_rows(snapshot: Snapshot, structure: str, indicator: Indicator, period: Period) -> Sequence[CountedRow]:
    """Return the current rows from which a register counts a structure's figure, oldest first.

    None of an indicator that no register counts, nor of one counted since the first action, or from plans.
    """
    name, values = indicator.id, {"structure": structure}
    if period.frequency is not indicator.frequency:
        return []
    of_year, of_period = {"year": period.end.year}, {"since": period.start, "until": period.end}
    if name in FORMS:
        rows = snapshot.query("counted_occasions", **values, **of_year, form=FORMS[name])
    elif name == MEETING_RATE:
        rows = snapshot.query("counted_meetings", **values, **of_year)
    elif name in PARTICIPATION:
        rows = snapshot.query("counted_participation", **values, **of_period, is_share=PARTICIPATION[name])
    elif name in ACTIONS:
        rows = snapshot.query("counted_actions", **values, **of_period, is_verified=ACTIONS[name])
    else:
        return []
    return [CountedRow(**row) for row in rows.iter_rows(named=True)]
