"""Comparison of a figure with the one a year earlier, or the reason why the two are not comparable.

Comparable figures are of the same quarter or of windows of the same length, with one definition and no break between.
Differences between rates are in points, never in percent of a percentage (METHODS 1). For rates of people, Newcombe's
interval at 99 % says whether chance may explain the difference (METHODS 2.4); other counts have a difference only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from indicators.definitions.baselines import Break, has_break_between
from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Span
from indicators.figures.figure import Figure, OtherStructures, Status, Value
from indicators.judgement.intervals import newcombe_interval

PERCENT_UNIT: Final = "%"
POINTS_UNIT: Final = "points"


class NotComparedReason(StrEnum):
    """Reason why two figures are not compared."""

    MISSING = "missing"
    """One of the two is absent: not delivered, not due, not applicable, or not in the series."""
    WITHHELD = "withheld"
    DEFINITION_CHANGED = "definition_changed"
    BASE_CHANGED = "base_changed"
    """A rebaseline lies between the two."""
    SHARED_COHORTS = "shared_cohorts"
    """The two are pooled cohorts with some people in common."""
    NO_COUNTS = "no_counts"
    """A rate was published without its counts: the effect of chance is unknown."""
    DIFFERENT_LENGTH = "different_length"
    OTHER_STRUCTURES = "others"
    """A choice of structures of which not the same ones show their figure."""


@dataclass(frozen=True)
class YearOnYear:
    """Difference of a figure from the one a year earlier, in `unit`: points for a percentage, else its own unit.

    `interval` is the 99 % interval of the difference, in the same unit; null unless it is a rate of people.
    """

    now: Figure
    before: Figure
    difference: float
    unit: str
    interval: tuple[float, float] | None = None

    @property
    def may_be_chance(self) -> bool | None:
        """Whether chance may explain the difference; `None` if chance plays no part (a complete count)."""
        return None if self.interval is None else self.interval[0] <= 0 <= self.interval[1]

    @property
    def beyond_chance(self) -> bool:
        """Whether it is a rate of people that differs by more than chance."""
        return self.may_be_chance is False


@dataclass(frozen=True)
class NotCompared:
    """A figure that is not compared with the one a year earlier, that figure if any, and the reason."""

    now: Figure
    before: Figure | None
    reason: NotComparedReason


def year_on_year(series: Sequence[Figure], breaks: Sequence[Break] = ()) -> YearOnYear | NotCompared:
    """Compare the last figure of a series with that of a year earlier; a `ValueError` if there is no figure at all.

    `series` is of one indicator and one perimeter, as `queries.figures.series` returns it; `breaks` are its breaks.
    """
    if not series:
        raise ValueError("an empty series has nothing to compare")
    now = series[-1]
    year_earlier = now.period.year_earlier
    before = next((figure for figure in series if figure.period == year_earlier), None)
    if before is None:
        ends_then = next((figure for figure in series if figure.period.end == year_earlier.end), None)
        return NotCompared(
            now, ends_then, NotComparedReason.MISSING if ends_then is None else NotComparedReason.DIFFERENT_LENGTH
        )
    if reason := _not_compared_reason(now, before, breaks):
        return NotCompared(now, before, reason)
    match before.outcome, now.outcome:
        case Value(value=then), Value(value=value):
            unit = POINTS_UNIT if now.indicator.unit == PERCENT_UNIT else now.indicator.unit
            return YearOnYear(now, before, value - then, unit, _interval(now, before))
    withheld = Status.WITHHELD in {before.status, now.status}
    return NotCompared(now, before, NotComparedReason.WITHHELD if withheld else NotComparedReason.MISSING)


def _not_compared_reason(now: Figure, before: Figure, breaks: Sequence[Break]) -> NotComparedReason | None:
    """Return the reason why two figures are not comparable, or `None`."""
    if isinstance(before.outcome, OtherStructures):
        return NotComparedReason.OTHER_STRUCTURES
    if redefined_between(now.indicator, before.covered_span, now.covered_span):
        return NotComparedReason.DEFINITION_CHANGED
    if has_break_between(breaks, before.covered_span, now.covered_span):
        return NotComparedReason.BASE_CHANGED
    if now.covered_span.start <= before.covered_span.end:
        return NotComparedReason.SHARED_COHORTS
    if now.indicator.aggregation != "ratio" or now.shown is None or before.shown is None:
        return None
    return NotComparedReason.NO_COUNTS if None in {now.shown.numerator, before.shown.numerator} else None


def _interval(now: Figure, before: Figure) -> tuple[float, float] | None:
    """Return the limits of the difference at 99 %, in the unit of the value, of two rates of people."""
    if now.proportion is None or before.proportion is None:
        return None
    low, high = newcombe_interval(now.proportion, before.proportion)
    return low * now.indicator.scale, high * now.indicator.scale


def redefined_between(indicator: Indicator, earlier: Span, later: Span) -> bool:
    """Whether the definition of an indicator changed after the first day of one span and before the end of another.

    A span that contains the change has two definitions and is never comparable.
    """
    return indicator.redefined_on is not None and _splits(indicator.redefined_on, earlier, later)


def _splits(day: date, earlier: Span, later: Span) -> bool:
    """Whether a change on a day separates two spans or falls inside one of them."""
    return earlier.start < day <= later.end
