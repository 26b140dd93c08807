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
PAST_PLANS: Final = 2
"""Years before the current one of which the completion of the plan is shown."""


@dataclass(frozen=True)
class PaperSubject:
    """Whom and when a paper is about: a perimeter, a sitting, and the day from which lateness is counted."""

    perimeter: Perimeter
    sitting: Sitting
    day: date
    """The last day of the sitting that has come."""
    quarter: Period | None
    """The newest reported quarter that was over by then; null without any."""


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
    """How much of a yearly plan is done: priority actions, and those of them that are."""

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
    overdue: int


@dataclass(frozen=True)
class ReviewContent:
    """The inputs of the yearly management review."""

    registers: PaperRegisters | None
    earlier: Sequence[PaperAction]
    """Actions that came of reviews of earlier years and were still running when this one began, or run now."""
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
    return PaperSubject(perimeter, sitting, day, next((quarter for quarter in quarters if quarter.end <= day), None))


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
            lambda action: action.is_running and action.due_on is not None and day <= action.due_on <= day + DUE_WITHIN
        ),
        awaited_decisions(registers, day),
    )


def awaited_decisions(registers: PaperRegisters, day: date) -> AwaitedDecisions:
    """Return the decisions that are awaited on a day."""
    return AwaitedDecisions(
        registers.select(lambda action: action.waits_for_verdict),
        registers.select(lambda action: action.is_running and not (action.due_on and action.owner_role)),
        [each for each in registers.requests if not each.answered_on and each.received_on <= day - ANSWER_WITHIN],
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
        registers.plan or _plan_of_actions(registers, year),
        [_plan_of_year(registers, each) for each in range(year, year - PAST_PLANS - 1, -1)],
        registers.meetings,
        signals,
    )


def _plan_of_actions(registers: PaperRegisters, year: int) -> Sequence[PaperPlanLine]:
    """Return the plan that the register of actions makes where none was deposited: priority actions by axis."""
    lines = [
        PaperPlanLine(
            action.structure, str(year), action.axis or "", action.observation or "", action.reference, None, action
        )
        for action in registers.actions
        if _is_priority_of(action, year)
    ]
    return sorted(lines, key=lambda line: (line.axis, line.commitment, line.reference or ""))


def _is_priority_of(action: PaperAction, year: int) -> bool:
    """Whether an action is a priority of a year: opened then, or before and still running."""
    if action.kind != "priority" or action.opened_on.year > year:
        return False
    return action.opened_on.year == year or action.is_running


def _plan_of_year(registers: PaperRegisters, year: int) -> PlanOfYear:
    planned = registers.select(lambda action: action.kind == "priority" and action.opened_on.year == year)
    return PlanOfYear(year, len(planned), sum(action.is_completed for action in planned))


def review_content(context: QueryContext, subject: PaperSubject) -> ReviewContent:
    """Return the inputs of the yearly management review."""
    registers = read_paper_registers(context, subject.perimeter, subject.sitting)
    figures, year = _board(context, subject), subject.day.year
    if registers is None:
        return ReviewContent(None, (), (), (), (), (), (), figures)

    def happened(action: PaperAction) -> bool:
        return any(on is not None and on.year == year for on in (action.opened_on, action.done_on, action.verified_on))

    def is_of_earlier_review(action: PaperAction) -> bool:
        return action.origin == "review" and action.opened_on.year < year and (action.is_running or happened(action))

    return ReviewContent(
        registers,
        registers.select(is_of_earlier_review),
        [_balance(registers, kind, subject.day) for kind in sorted({action.kind for action in registers.actions})],
        registers.select(lambda action: action.origin == "audit" and happened(action)),
        registers.select(lambda action: action.kind == "preventive" and happened(action)),
        registers.select(lambda action: action.kind == "improvement" and action.is_running),
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
        sum(action.is_running for action in actions),
        sum(action.is_overdue(day) for action in actions),
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
