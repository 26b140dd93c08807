"""The rows of a register behind a figure that it counts in place of a reported one, with their deposits."""

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
    """Return the current rows from which a register counts a structure's figure of a year, oldest first.

    None of an indicator that registers never count in place of a reported figure.
    """
    year = period.end.year
    if indicator.id in FORMS:
        rows = snapshot.query("counted_occasions", structure=structure, form=FORMS[indicator.id], year=year)
    elif indicator.id == MEETING_RATE:
        rows = snapshot.query("counted_meetings", structure=structure, year=year)
    else:
        return []
    return [CountedRow(**row) for row in rows.iter_rows(named=True)]
