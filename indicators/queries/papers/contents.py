"""What each paper holds, before any word: actions, meetings, requests, plan, figures and signals of a perimeter.

Figures come through the one door of disclosure, for the audience of the context. Of registers, a context that is not
the management's gives nothing: `registers` is null, and so is all that is made of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Frequency, Period
from indicators.figures.figure import Figure
from indicators.figures.time_steps import TimeStep, available_steps
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.queries.figures.assessed_board import AssessedFigure, assess_board
from indicators.queries.figures.board import visible_sheets
from indicators.queries.figures.series import read_series
from indicators.queries.papers.registers import (
    FULL_EFFECT,
    PAST_PLANS,
    PaperAction,
    PaperMeeting,
    PaperPlanLine,
    PaperRegisters,
    PaperRequest,
    read_paper_registers,
)
from indicators.queries.papers.sittings import CONTRACT_YEARS, REVIEWED_YEAR, Sitting
from indicators.snapshot import QueryContext

DUE_WITHIN: Final = timedelta(days=28)
"""Time ahead of which the fortnightly sheet names the actions that will be due."""
ANSWER_WITHIN: Final = timedelta(days=56)
"""Time after which a request without an answer is named: two sittings of a two-monthly committee later."""


@dataclass(frozen=True)
class PaperSubject:
    """Whom and when a paper is about: a perimeter, a sitting, and the day from which lateness is counted."""

    perimeter: Perimeter
    sitting: Sitting
    day: date
    """The last day of the sitting that has come."""
    quarter: Period | None
    """The newest reported quarter that was over by then; null without any."""
    today: date

    @property
    def is_past(self) -> bool:
        """Whether the sitting is over: statuses, which are today's, are not those of its day."""
        return self.day < self.today


@dataclass(frozen=True)
class AwaitedDecisions:
    """What nobody has decided yet."""

    verdicts: Sequence[PaperAction]
    """Actions done without a verdict on their effect."""
    undated: Sequence[PaperAction]
    """Running actions without a day or without a role in charge."""
    answers: Sequence[PaperRequest]
    """Requests without an answer."""

    @property
    def count(self) -> int:
        """How many decisions are awaited."""
        return len(self.verdicts) + len(self.undated) + len(self.answers)


@dataclass(frozen=True)
class FortnightContent:
    """The fortnightly sheet."""

    opened: Sequence[PaperAction]
    completed: Sequence[PaperAction]
    meetings: Sequence[PaperMeeting]
    requests: Sequence[PaperRequest]
    overdue: Sequence[PaperAction]
    due_soon: Sequence[PaperAction]
    awaited: AwaitedDecisions


@dataclass(frozen=True)
class PlanOfYear:
    """How much of a yearly plan is done: the planned actions, and those of them done by the end of the plan's year."""

    year: int
    planned: int
    completed: int


@dataclass(frozen=True)
class CommitteeContent:
    """The committee sheet; what is made of registers is null where they are not for the reader."""

    registers: PaperRegisters | None
    overdue: Sequence[PaperAction]
    awaited: AwaitedDecisions | None
    plan: Sequence[PaperPlanLine]
    plan_years: Sequence[PlanOfYear]
    meetings: Sequence[PaperMeeting]
    signals: Sequence[AssessedFigure]


@dataclass(frozen=True)
class ActionBalance:
    """Counts of the actions of one kind: of a year, and open at its end."""

    kind: str
    opened: int
    closed: int
    effective: int
    """Of those verified in the year, how many with full effect."""
    verified: int
    running: int
    """On the last day of the sitting that has come; so are those overdue."""
    overdue: int
    undated: int
    """Those that stopped running on a day that is not known: left out of the running ones, as of today."""


@dataclass(frozen=True)
class ReviewContent:
    """The inputs of the yearly management review."""

    registers: PaperRegisters | None
    earlier: Sequence[PaperAction]
    """Actions that came of reviews of earlier years and happened in this one, or were running at its end."""
    balances: Sequence[ActionBalance]
    audits: Sequence[PaperAction]
    preventive: Sequence[PaperAction]
    improvements: Sequence[PaperAction]
    requests: Sequence[PaperRequest]
    figures: Sequence[AssessedFigure]

    @property
    def with_target(self) -> Sequence[AssessedFigure]:
        """The figures that have a target."""
        return [assessed for assessed in self.figures if assessed.figure.target]

    @property
    def signals(self) -> Sequence[AssessedFigure]:
        """The figures that moved beyond chance."""
        return [assessed for assessed in self.figures if assessed.signal]

    def of_families(self, *families: str) -> Sequence[AssessedFigure]:
        """Return the figures of some families."""
        return [assessed for assessed in self.figures if assessed.indicator.family in families]


@dataclass(frozen=True)
class ContractIndicator:
    """An indicator over the years of a contract: a figure for each year, null where there cannot be one."""

    indicator: Indicator
    figures: Sequence[Figure | None]


@dataclass(frozen=True)
class DialogueContent:
    """The dossier of a contract of objectives: its years, the one in which it is reviewed, indicators with targets."""

    years: Sequence[int]
    reviewed_in: int
    indicators: Sequence[ContractIndicator]


def subject_of(context: QueryContext, perimeter: Perimeter, sitting: Sitting) -> PaperSubject:
    """Return the subject of a paper: its day, and the quarter of its figures."""
    day = sitting.newest_day(context.today)
    quarters = reported_quarters(context.snapshot)
    newest = next((quarter for quarter in quarters if quarter.end <= day), None)
    return PaperSubject(perimeter, sitting, day, newest, context.today)


def fortnight_content(context: QueryContext, subject: PaperSubject) -> FortnightContent | None:
    """Return what the fortnightly sheet holds; null where registers are not for the reader."""
    registers = read_paper_registers(context, subject.perimeter, subject.sitting)
    if registers is None:
        return None
    day, sitting = subject.day, subject.sitting

    def within(on: date | None) -> bool:
        return on is not None and sitting.start <= on <= day

    return FortnightContent(
        registers.select(lambda action: within(action.opened_on)),
        registers.select(lambda action: within(action.done_on) or within(action.verified_on)),
        [meeting for meeting in registers.meetings if meeting.held_on],
        [request for request in registers.requests if within(request.received_on)],
        registers.select(lambda action: action.is_overdue(day)),
        registers.select(
            lambda action: (
                action.is_running(day) and action.due_on is not None and day <= action.due_on <= day + DUE_WITHIN
            )
        ),
        awaited_decisions(registers, day),
    )


def awaited_decisions(registers: PaperRegisters, day: date) -> AwaitedDecisions:
    """Return the decisions that are awaited on a day."""
    return AwaitedDecisions(
        registers.select(lambda action: action.waits_for_verdict(day)),
        registers.select(lambda action: action.is_running(day) and not (action.due_on and action.owner_role)),
        [each for each in registers.requests if not each.is_answered(day) and each.received_on <= day - ANSWER_WITHIN],
    )


def committee_content(context: QueryContext, subject: PaperSubject) -> CommitteeContent:
    """Return what the committee sheet holds."""
    registers = read_paper_registers(context, subject.perimeter, subject.sitting)
    signals = [assessed for assessed in _board(context, subject) if assessed.signal]
    if registers is None:
        return CommitteeContent(None, (), None, (), (), (), signals)
    year = subject.day.year
    return CommitteeContent(
        registers,
        registers.select(lambda action: action.is_overdue(subject.day)),
        awaited_decisions(registers, subject.day),
        _plan(registers, subject.day),
        [_plan_of_year(registers, each, subject.day) for each in range(year, year - PAST_PLANS - 1, -1)],
        registers.meetings,
        signals,
    )


def _plan(registers: PaperRegisters, day: date) -> Sequence[PaperPlanLine]:
    """Return the plan of the year of a day: of a structure that deposited none, its priority actions by axis."""
    planned = registers.plans.get(day.year, ())
    planning = {line.structure for line in planned}
    last_day = date(day.year, 12, 31)
    lines = [
        PaperPlanLine(
            action.structure,
            str(day.year),
            action.axis or "",
            action.observation or "",
            action.reference,
            last_day,
            action,
        )
        for action in registers.actions
        if action.structure not in planning and _is_priority_on(action, day)
    ]
    return sorted([*planned, *lines], key=lambda line: (line.axis, line.commitment, line.reference or ""))


def _is_priority_on(action: PaperAction, day: date) -> bool:
    """Whether an action is a priority of the year of a day: opened in it by then, or before and still running."""
    if action.kind != "priority" or action.opened_on > day:
        return False
    return action.opened_on.year == day.year or action.is_running(day)


def _plan_of_year(registers: PaperRegisters, year: int, day: date) -> PlanOfYear:
    """Return how much of a year's plan was done by its end, and by a day: the actions of the plan, each counted singly.

    Of a structure without a plan for the year, its priority actions opened in it.
    """
    lines = registers.plans.get(year, ())
    planning = {line.structure for line in lines}
    planned = {(line.structure, line.year, line.reference): line.is_done(day) for line in lines if line.reference}
    until = min(day, date(year, 12, 31))
    done = [
        action.is_done(until)
        for action in registers.actions
        if action.kind == "priority"
        and action.structure not in planning
        and action.opened_on.year == year
        and action.opened_on <= day
    ]
    return PlanOfYear(year, len(planned) + len(done), sum(planned.values()) + sum(done))


def review_content(context: QueryContext, subject: PaperSubject) -> ReviewContent:
    """Return the inputs of the yearly management review."""
    registers = read_paper_registers(context, subject.perimeter, subject.sitting)
    figures, day, year = _board(context, subject), subject.day, subject.day.year
    if registers is None:
        return ReviewContent(None, (), (), (), (), (), (), figures)

    def happened(action: PaperAction) -> bool:
        return any(on is not None and on.year == year for on in (action.opened_on, action.done_on, action.verified_on))

    def is_of_earlier_review(action: PaperAction) -> bool:
        return (
            action.origin == "review" and action.opened_on.year < year and (action.is_running(day) or happened(action))
        )

    return ReviewContent(
        registers,
        registers.select(is_of_earlier_review),
        [_balance(registers, kind, day) for kind in sorted({action.kind for action in registers.actions})],
        registers.select(lambda action: action.origin == "audit" and happened(action)),
        registers.select(lambda action: action.kind == "preventive" and happened(action)),
        registers.select(lambda action: action.kind == "improvement" and action.is_running(day)),
        [request for request in registers.requests if request.received_on.year == year],
        figures,
    )


def _balance(registers: PaperRegisters, kind: str, day: date) -> ActionBalance:
    actions = registers.select(lambda action: action.kind == kind)
    verified = [action for action in actions if action.verified_on and action.verified_on.year == day.year]
    return ActionBalance(
        kind,
        sum(action.opened_on.year == day.year for action in actions),
        sum(action.done_on is not None and action.done_on.year == day.year for action in actions),
        sum(action.effectiveness == FULL_EFFECT for action in verified),
        len(verified),
        sum(action.is_running(day) for action in actions),
        sum(action.is_overdue(day) for action in actions),
        sum(action.is_undated and action.opened_on <= day for action in actions),
    )


def _board(context: QueryContext, subject: PaperSubject) -> Sequence[AssessedFigure]:
    """Return the board of the perimeter as of the paper's quarter, not compared with anybody."""
    if subject.quarter is None:
        return ()
    return assess_board(context, subject.perimeter, subject.perimeter, subject.quarter)


def dialogue_content(context: QueryContext, subject: PaperSubject) -> DialogueContent:
    """Return the dossier of a contract: the indicators that have a target in one of its years, year by year."""
    first = subject.sitting.start.year
    years = range(first, first + CONTRACT_YEARS)
    sheets = visible_sheets(context, subject.perimeter, subject.quarter) if subject.quarter else []
    with_target = [sheet for sheet in sheets if _has_target(context, subject.perimeter, sheet, years)]
    return DialogueContent(
        list(years),
        years[REVIEWED_YEAR - 1],
        [ContractIndicator(sheet, _of_years(context, subject.perimeter, sheet, years)) for sheet in with_target],
    )


def _has_target(context: QueryContext, perimeter: Perimeter, sheet: Indicator, years: Sequence[int]) -> bool:
    spans = [Period(date(year, 1, 1), Frequency.YEAR) for year in years]
    return any(context.snapshot.target(perimeter, sheet.id, span) for span in spans)


def _of_years(
    context: QueryContext, perimeter: Perimeter, sheet: Indicator, years: Sequence[int]
) -> Sequence[Figure | None]:
    """Return the figure of each year: of the year itself if it is counted by years, else the last that ended in it."""
    step = TimeStep.YEAR if TimeStep.YEAR in available_steps(sheet) else None
    series = read_series(context, perimeter, sheet, step)
    by_year: dict[int, Figure] = {figure.period.end.year: figure for figure in series}
    return [by_year.get(year) for year in years]
