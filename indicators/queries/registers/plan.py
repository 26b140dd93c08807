"""The plans of structures: axes, commitments, the actions planned for a year, and how far they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from indicators.snapshot import Snapshot, per_version


class PlannedState(StrEnum):
    """How far a planned action is, on a day."""

    DONE = "done"
    DONE_LATE = "done_late"
    """Done after the end of the plan's year: not done for that plan."""
    CARRIED_OVER = "carried_over"
    DEVIATION = "deviation"
    """Not done, for a reason that was accepted until a day that has not passed."""
    ABANDONED = "abandoned"
    OVERDUE = "overdue"
    IN_PROGRESS = "in_progress"
    OPEN = "open"
    UNKNOWN = "unknown"
    """The register of actions does not have its reference."""


@dataclass(frozen=True)
class PlanLine:
    """A line of a plan: an action of the register, or a commitment that an indicator alone follows."""

    structure: str
    axis: str
    commitment: str
    reference: str | None
    indicator: str | None
    last_day: date
    """Last day of the plan's year."""
    action: str | None
    owner_role: str | None
    due_on: date | None
    done_on: date | None
    status: str | None
    reason: str | None
    accepted_until: date | None
    effectiveness: int | None
    carried_from: str | None
    """The year of the newest earlier plan with the same action."""
    carried_to: str | None

    @property
    def is_done(self) -> bool:
        """Whether the action was done by the end of the plan's year."""
        return self.done_on is not None and self.done_on <= self.last_day

    def state(self, today: date) -> PlannedState:
        """Return how far its action is."""
        if self.action is None:
            return PlannedState.UNKNOWN
        if self.done_on is not None:
            return PlannedState.DONE if self.is_done else PlannedState.DONE_LATE
        if self.status == "abandoned":
            return PlannedState.ABANDONED
        if self.status == "accepted_deviation" and (self.accepted_until is None or today <= self.accepted_until):
            return PlannedState.DEVIATION
        if self.carried_to is not None:
            return PlannedState.CARRIED_OVER
        if (self.due_on is not None and self.due_on < today) or self.last_day < today:
            return PlannedState.OVERDUE
        if self.status == "carried_over":
            return PlannedState.CARRIED_OVER
        return PlannedState.IN_PROGRESS if self.status == "in_progress" else PlannedState.OPEN


@dataclass(frozen=True)
class PlanYear:
    """A plan of a structure: the actions planned for a year, and those done by its end."""

    structure: str
    year: str
    planned: int
    done: int


@per_version
def plan_years(snapshot: Snapshot, structures: Sequence[str]) -> Sequence[PlanYear]:
    """Return the plans of some structures, oldest first."""
    rows = snapshot.query("plan_years", structures=list(structures))
    return [PlanYear(**row) for row in rows.iter_rows(named=True)]


@per_version
def find_plan_lines(snapshot: Snapshot, structures: Sequence[str], year: str) -> Sequence[PlanLine]:
    """Return the lines of the plans of some structures for a year, by structure, axis and commitment."""
    rows = snapshot.query("plan_lines", structures=list(structures), year=year)
    return [PlanLine(**row) for row in rows.iter_rows(named=True)]
