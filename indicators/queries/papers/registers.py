"""Rows of registers as papers have them: actions, lines of plans, meetings and requests of some structures.

Registers are internal: whoever is not admitted to the management's part of a perimeter has none of their rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period
from indicators.queries.papers.sittings import Sitting
from indicators.queries.registers.plan import find_plan_lines, plan_years
from indicators.snapshot import QueryContext, RowQuery, Snapshot
from schemas.actions import EFFECTIVENESS_PERCENTS
from schemas.columns import Dataset
from schemas.meetings import MEETINGS
from schemas.plan import PLAN
from schemas.requests import REQUESTS

RUNNING_STATUSES: Final = frozenset({"open", "in_progress", "carried_over"})
FULL_EFFECT: Final = max(EFFECTIVENESS_PERCENTS)
PAST_PLANS: Final = 2
"""Years before that of the sitting of which the completion of the plan is shown."""


@dataclass(frozen=True)
class PaperAction:
    """An action of a register.

    Its days say where it stood on any day; its status says it of today alone. One that was abandoned, or whose
    deviation was accepted, has no day of it: it counts as it stands today (`is_undated`).
    """

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
    def is_undated(self) -> bool:
        """Whether it stopped running on a day that the register does not have."""
        return self.done_on is None and self.status not in RUNNING_STATUSES

    def is_done(self, day: date) -> bool:
        """Whether it was done by the end of a day."""
        return self.done_on is not None and self.done_on <= day

    def is_running(self, day: date) -> bool:
        """Whether it was opened by the end of a day, and still to be done."""
        return self.opened_on <= day and not self.is_done(day) and not self.is_undated

    def has_verdict(self, day: date) -> bool:
        """Whether somebody had determined by the end of a day which effect it had."""
        return self.effectiveness is not None and (self.verified_on is None or self.verified_on <= day)

    def waits_for_verdict(self, day: date) -> bool:
        """Whether it was done by the end of a day, and its effect not determined yet."""
        return self.is_done(day) and not self.has_verdict(day) and self.status != "abandoned"

    @property
    def deadline(self) -> date | None:
        """The day until which it is to be done, or until which a deviation is accepted."""
        return self.accepted_until if self.status == "accepted_deviation" else self.due_on

    def is_overdue(self, day: date) -> bool:
        """Whether its deadline was over on a day, and it was not done by then."""
        is_deviation = self.status == "accepted_deviation" and self.opened_on <= day and not self.is_done(day)
        return (self.is_running(day) or is_deviation) and self.deadline is not None and self.deadline < day


@dataclass(frozen=True)
class PaperPlanLine:
    """A commitment of a plan, with its action and its indicator if it has them."""

    structure: str
    year: str
    axis: str
    commitment: str
    reference: str | None
    last_day: date
    """Last day of the plan's year."""
    action: PaperAction | None
    """The action of the register that the line names, if it is there."""

    def is_done(self, day: date) -> bool:
        """Whether its action was done by the end of a day, and of the plan's year."""
        return self.action is not None and self.action.is_done(min(day, self.last_day))


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

    def is_answered(self, day: date) -> bool:
        """Whether it had an answer by the end of a day."""
        return self.answered_on is not None and self.answered_on <= day


@dataclass(frozen=True)
class PaperRegisters:
    """The rows of the registers of a perimeter that a paper may need."""

    actions: Sequence[PaperAction] = ()
    plans: Mapping[int, Sequence[PaperPlanLine]] = field(default_factory=dict)
    """Lines of plans by the year in which theirs ends, of years that have any: that of the sitting and two before."""
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
    between = {"since": sitting.start, "until": sitting.end}

    def rows(dataset: Dataset, name: RowQuery, **values: object) -> Iterable[dict[str, Any]]:
        # A table without any row takes longest to read.
        if not snapshot.may_hold(dataset):
            return ()
        return snapshot.query(name, structures=of_structures, **values).iter_rows(named=True)

    return PaperRegisters(
        actions,
        _read_plans(snapshot, of_structures, sitting.newest_day(context.today).year, actions),
        [PaperMeeting(**row) for row in rows(MEETINGS, "paper_meetings", **between)],
        [PaperRequest(**row) for row in rows(REQUESTS, "paper_requests")],
    )


def _read_plans(
    snapshot: Snapshot, of_structures: Sequence[str], year: int, actions: Sequence[PaperAction]
) -> Mapping[int, Sequence[PaperPlanLine]]:
    """Return the lines of plans, as the page of plans has them, with their actions.

    A school plans by school years: theirs are those that end in a year.
    """
    if not snapshot.may_hold(PLAN):
        return {}
    by_reference = {(action.structure, action.reference): action for action in actions}
    shown = range(year, year - PAST_PLANS - 1, -1)
    plans: dict[int, list[PaperPlanLine]] = {}
    for code in sorted({plan.year for plan in plan_years(snapshot, of_structures)}):
        ends_in = Period.parse(code).end.year
        if ends_in not in shown:
            continue
        plans.setdefault(ends_in, []).extend(
            PaperPlanLine(
                line.structure,
                code,
                line.axis,
                line.commitment,
                line.reference,
                line.last_day,
                by_reference.get((line.structure, line.reference or "")),
            )
            for line in find_plan_lines(snapshot, of_structures, code)
        )
    return plans
