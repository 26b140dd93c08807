"""Rows of registers as papers have them: actions, lines of plans, meetings and requests of some structures.

Registers are internal: whoever is not admitted to the management's part of a perimeter has none of their rows.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Perimeter
from indicators.queries.papers.sittings import Sitting
from indicators.snapshot import QueryContext, RowQuery
from schemas.actions import EFFECTIVENESS_PERCENTS
from schemas.columns import Dataset
from schemas.meetings import MEETINGS
from schemas.plan import PLAN
from schemas.requests import REQUESTS

RUNNING_STATUSES: Final = frozenset({"open", "in_progress", "carried_over"})
FULL_EFFECT: Final = max(EFFECTIVENESS_PERCENTS)


@dataclass(frozen=True)
class PaperAction:
    """An action of a register."""

    structure: str
    reference: str
    kind: str
    origin: str | None
    process: str | None
    axis: str | None
    observation: str | None
    action: str
    owner_role: str | None
    opened_on: date
    due_on: date | None
    done_on: date | None
    criterion: str | None
    verified_on: date | None
    effectiveness: int | None
    status: str
    indicator: str | None
    accepted_until: date | None

    @property
    def is_running(self) -> bool:
        """Whether it is still to be done."""
        return self.status in RUNNING_STATUSES and self.done_on is None

    @property
    def is_completed(self) -> bool:
        """Whether it was done, or verified since."""
        return self.done_on is not None or self.verified_on is not None

    @property
    def waits_for_verdict(self) -> bool:
        """Whether it is done and nobody has said yet whether it had an effect."""
        return self.done_on is not None and self.effectiveness is None and self.status != "abandoned"

    @property
    def deadline(self) -> date | None:
        """The day until which it is to be done, or until which a deviation is accepted."""
        return self.accepted_until if self.status == "accepted_deviation" else self.due_on

    def is_overdue(self, today: date) -> bool:
        """Whether its day is over and it is not done."""
        is_awaited = self.is_running or (self.status == "accepted_deviation" and self.done_on is None)
        return is_awaited and self.deadline is not None and self.deadline < today


@dataclass(frozen=True)
class PaperPlanLine:
    """A commitment of a plan, with its action and its indicator if it has them."""

    structure: str
    year: str
    axis: str
    commitment: str
    reference: str | None
    indicator: str | None
    action: PaperAction | None
    """The action of the register that the line names, if it is there."""


@dataclass(frozen=True)
class PaperMeeting:
    """A meeting of a body; without a day on which it was held, it was missed or is to come."""

    structure: str
    body: str
    planned_on: date
    held_on: date | None
    present_roles: str | None
    decisions: str | None
    actions: str | None


@dataclass(frozen=True)
class PaperRequest:
    """A request or proposal of a group."""

    structure: str
    reference: str
    received_on: date
    from_group: str
    request: str
    answer: str | None
    answered_on: date | None
    action: str | None
    reported_back_on: date | None
    decision: str | None


@dataclass(frozen=True)
class PaperRegisters:
    """The rows of the registers of a perimeter that a paper may need."""

    actions: Sequence[PaperAction] = ()
    plan: Sequence[PaperPlanLine] = ()
    meetings: Sequence[PaperMeeting] = ()
    requests: Sequence[PaperRequest] = ()

    def select(self, condition: Callable[[PaperAction], bool]) -> Sequence[PaperAction]:
        """Return the actions that fulfil a condition, those due first before the others."""
        return [action for action in self.actions if condition(action)]


def read_paper_registers(context: QueryContext, perimeter: Perimeter, sitting: Sitting) -> PaperRegisters | None:
    """Return the rows of a perimeter's registers for a sitting; null without the right to see them."""
    if not context.audience.sees(Audience.MANAGEMENT):
        return None
    return _read(context, sorted(context.snapshot.structures.members(perimeter)), sitting)


def _read(context: QueryContext, of_structures: Sequence[str], sitting: Sitting) -> PaperRegisters:
    snapshot = context.snapshot
    actions = [
        PaperAction(**row) for row in snapshot.query("paper_actions", structures=of_structures).iter_rows(named=True)
    ]
    by_reference = {(action.structure, action.reference): action for action in actions}
    year = sitting.newest_day(context.today).year
    # A school plans by school years: the one that ends in the year of the sitting.
    years = [str(year), f"{year - 1}-{year}"]
    between = {"since": sitting.start, "until": sitting.end}

    def rows(dataset: Dataset, name: RowQuery, **values: object) -> Iterable[dict[str, Any]]:
        # A table without any row takes longest to read.
        if not snapshot.may_hold(dataset):
            return ()
        return snapshot.query(name, structures=of_structures, **values).iter_rows(named=True)

    return PaperRegisters(
        actions,
        [
            PaperPlanLine(
                row["structure"],
                row["year"],
                row["axis"],
                row["commitment"],
                row["action"],
                row["indicator"],
                by_reference.get((row["structure"], row["action"])),
            )
            for row in rows(PLAN, "paper_plan", years=years)
        ],
        [PaperMeeting(**row) for row in rows(MEETINGS, "paper_meetings", **between)],
        [PaperRequest(**row) for row in rows(REQUESTS, "paper_requests")],
    )
