"""A figure as it leaves the domain: shown with its counts, or absent for one of five reasons that are never mixed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from indicators.definitions.campaigns import DUE_AFTER as DUE_AFTER
from indicators.definitions.catalogue import Direction, Indicator
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Period, Span, Window
from indicators.judgement import JUDGED_FROM, Judgement, compare, wilson
from indicators.network import Target


class Status(StrEnum):
    """What a figure is: shown, or absent and why. `low` is shown but too small to be judged."""

    OK = "ok"
    LOW = "low"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    NOT_DUE = "not_due"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class Shown:
    """A value with the counts behind it, or none where there are none that give it (`numerator` is null).

    So it is of a rate taken from a publication, and of the quotients of several structures added up (full-time
    equivalents).
    """

    value: float
    numerator: float | None
    denominator: float | None
    contributors: int
    from_register: bool = False
    """Whether it was counted in registers; else it is what structures declare."""


@dataclass(frozen=True)
class Unfinished:
    """A cohort still followed, until that day included: to programs a figure that is not due yet."""

    until: date


NO_CASES: Final = "no_cases"
"""Status of a row whose counts are known and whose denominator is zero; pages have their own words for it."""


@dataclass(frozen=True)
class NoCases:
    """Counted, and there was nobody or nothing to count: 0 of 0 has no value. To programs it does not apply."""


@dataclass(frozen=True)
class AcrossDefinitions:
    """A sum over time of which some parts are of one definition and some of another. To programs it does not apply."""


@dataclass(frozen=True)
class Figure:
    """One indicator in one period or window: what is shown, or why nothing is, and the target in force."""

    indicator: Indicator
    period: Span
    reading: Shown | Unfinished | NoCases | AcrossDefinitions | Status
    target: Target | None = None

    @property
    def counted(self) -> Span:
        """All the time that its counts speak of: its period, with the cohorts before it that the sheet pools."""
        match self.period:
            case Period() as newest if self.indicator.pooled > 1:
                return Window(newest, self.indicator.pooled)
            case span:
                return span

    @property
    def shown(self) -> Shown | None:
        """The value and its counts, if there is one to show."""
        return self.reading if isinstance(self.reading, Shown) else None

    @property
    def status(self) -> Status:
        """Whether it is shown, and if not, why."""
        match self.reading:
            case Shown(denominator=float() as cases) if cases < JUDGED_FROM and self.indicator.judged_by_size:
                return Status.LOW
            case Shown():
                return Status.OK
            case Unfinished():
                return Status.NOT_DUE
            case NoCases() | AcrossDefinitions():
                return Status.NOT_APPLICABLE
            case absence:
                return absence

    @property
    def proportion(self) -> tuple[float, float] | None:
        """Cases and total of a rate of people; a complete count, hours or euros are no sample of anything."""
        match self.reading:
            case Shown(numerator=float() as cases, denominator=float() as total) if self.indicator.sampled:
                return (cases, total) if 0 <= cases <= total and total > 0 else None
            case _:
                return None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % limits, in the unit of the value."""
        if self.proportion is None:
            return None
        low, high = wilson(*self.proportion)
        return low * self.indicator.scale, high * self.indicator.scale

    @property
    def meets_target(self) -> bool | None:
        """Whether the figure is at its target or on the good side of it, whatever chance did: the fact alone.

        None without a figure, a target or a direction.
        """
        if self.shown is None or self.target is None or self.indicator.direction not in {Direction.UP, Direction.DOWN}:
            return None
        up = self.indicator.direction is Direction.UP
        return self.shown.value >= self.target.value if up else self.shown.value <= self.target.value

    @property
    def judgement(self) -> Judgement | None:
        """Comparison with the target, once chance is allowed for."""
        if self.proportion is None or self.target is None:
            return None
        return compare(*self.proportion, self.target.value / self.indicator.scale, self.indicator.direction)


def due(indicator: Indicator, period: Span) -> date:
    """Return the last day on which a figure may still come in on time: of a cohort, after it has been followed."""
    followed = indicator.followed_until(period) if isinstance(period, Period) else None
    return (followed or period.end) + DUE_AFTER


def why_absent(indicator: Indicator, period: Span, structure: Structure, today: date) -> Status:
    """Tell why a structure has no figure: not concerned, not due yet, or missing."""
    if not indicator.applies_to(structure.kind) or not structure.open_during(period):
        return Status.NOT_APPLICABLE
    return Status.NOT_DUE if today <= due(indicator, period) else Status.MISSING


def why_incomplete(parts: Iterable[Status]) -> Status:
    """Tell why a sum has no value, from the statuses of the parts it lacks: what can still be done about it first."""
    lacking = set(parts)
    order = (Status.MISSING, Status.NOT_DUE, Status.NOT_APPLICABLE)
    return next((status for status in order if status in lacking), Status.MISSING)
