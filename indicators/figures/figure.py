"""A figure as pages receive it: a value with its counts, or one of five distinct reasons for its absence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from indicators.definitions.campaigns import DUE_AFTER as DUE_AFTER
from indicators.definitions.catalogue import Direction, Indicator
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Period, Span, Window
from indicators.definitions.targets import Target
from indicators.judgement import MIN_JUDGED_CASES, Judgement, compare_with_reference, wilson_interval


class Status(StrEnum):
    """Status of a figure: shown, or the reason for its absence. `low` is shown but has too few cases to be judged."""

    OK = "ok"
    LOW = "low"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    NOT_DUE = "not_due"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class Value:
    """A value with its counts; `numerator` is null if no counts give the value.

    That is so for a rate taken from a publication and for summed quotients of several structures (full-time
    equivalents).
    """

    value: float
    numerator: float | None
    denominator: float | None
    contributors: int
    from_register: bool = False
    """Whether it was counted in registers; otherwise structures declared it."""
    made_of: tuple[str, ...] = ()
    """The structures of a choice whose figures were added up, by code; empty for any other perimeter."""


@dataclass(frozen=True)
class CohortOpen:
    """A cohort in follow-up until a day, included; the API reports it as not due."""

    until: date


NO_CASES: Final = "no_cases"
"""Status of a row with known counts and a denominator of zero; pages have a text of their own for it."""


@dataclass(frozen=True)
class NoCases:
    """A count of 0 of 0, which has no value; the API reports it as not applicable."""


@dataclass(frozen=True)
class MixedDefinitions:
    """A sum over periods of two definitions of the indicator; the API reports it as not applicable."""


@dataclass(frozen=True)
class MixedFormulas:
    """A sum over structures whose kinds count by different formulas; the API reports it as not applicable."""


@dataclass(frozen=True)
class OtherStructures:
    """A figure of a choice made of other structures than the newest of its series, with which it is not compared."""


NOT_ADDED_UP: Final = {MixedDefinitions: "redefined", MixedFormulas: "formulas", OtherStructures: "others"}
"""What is not added up, or not compared, because not all of it means the same: keys of the words for it."""


@dataclass(frozen=True)
class Figure:
    """One indicator in one period or window: its outcome (a value or the reason for none) and its target."""

    indicator: Indicator
    period: Span
    outcome: Value | CohortOpen | NoCases | MixedDefinitions | MixedFormulas | OtherStructures | Status
    target: Target | None = None

    @property
    def covered_span(self) -> Span:
        """All the time covered by its counts: its period, and the earlier cohorts that the sheet pools with it."""
        match self.period:
            case Period() as newest if self.indicator.pooled_cohorts > 1:
                return Window(newest, self.indicator.pooled_cohorts)
            case span:
                return span

    @property
    def shown(self) -> Value | None:
        """The value and its counts, or `None` if it is absent."""
        return self.outcome if isinstance(self.outcome, Value) else None

    @property
    def status(self) -> Status:
        """Whether it is shown, and the reason if not."""
        match self.outcome:
            case Value(denominator=float() as cases) if cases < MIN_JUDGED_CASES and self.indicator.needs_enough_cases:
                return Status.LOW
            case Value():
                return Status.OK
            case CohortOpen():
                return Status.NOT_DUE
            case NoCases() | MixedDefinitions() | MixedFormulas() | OtherStructures():
                return Status.NOT_APPLICABLE
            case absence:
                return absence

    @property
    def not_added_up(self) -> str | None:
        """Why a sum is not made, or not compared, as a key of words (`NOT_ADDED_UP`); null for anything else."""
        return NOT_ADDED_UP.get(type(self.outcome))

    @property
    def proportion(self) -> tuple[float, float] | None:
        """Cases and total of a rate of people; `None` for anything else, such as complete counts, hours or euros."""
        match self.outcome:
            case Value(numerator=float() as cases, denominator=float() as total) if self.indicator.is_rate_of_people:
                return (cases, total) if 0 <= cases <= total and total > 0 else None
            case _:
                return None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % confidence limits, in the unit of the value."""
        if self.proportion is None:
            return None
        low, high = wilson_interval(*self.proportion)
        return low * self.indicator.scale, high * self.indicator.scale

    @property
    def meets_target(self) -> bool | None:
        """Whether the figure is at its target or on the good side of it, without regard to chance.

        None without a figure, a target or a direction.
        """
        if self.shown is None or self.target is None or self.indicator.direction not in {Direction.UP, Direction.DOWN}:
            return None
        up = self.indicator.direction is Direction.UP
        return self.shown.value >= self.target.value if up else self.shown.value <= self.target.value

    @property
    def judgement(self) -> Judgement | None:
        """Comparison with the target, allowing for chance."""
        if self.proportion is None or self.target is None:
            return None
        return compare_with_reference(
            *self.proportion, self.target.value / self.indicator.scale, self.indicator.direction
        )


def due_date(indicator: Indicator, period: Span) -> date:
    """Return the last day on which a figure is on time; for a cohort, counted from the end of its follow-up."""
    followed_until = indicator.followed_until(period) if isinstance(period, Period) else None
    return (followed_until or period.end) + DUE_AFTER


def absence_reason(indicator: Indicator, period: Span, structure: Structure, today: date) -> Status:
    """Return the reason why a structure has no figure: not applicable, not due or missing."""
    if not indicator.applies_to(structure.kind) or not structure.is_open_during(period):
        return Status.NOT_APPLICABLE
    return Status.NOT_DUE if today <= due_date(indicator, period) else Status.MISSING


def incompleteness_reason(parts: Iterable[Status]) -> Status:
    """Return the reason why a sum has no value, from the statuses of its missing parts; one that can be fixed first."""
    missing_parts = set(parts)
    order = (Status.MISSING, Status.NOT_DUE, Status.NOT_APPLICABLE)
    return next((status for status in order if status in missing_parts), Status.MISSING)
