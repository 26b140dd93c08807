"""A figure against the same one a year earlier: like with like only, or the reason why it cannot be said.

The same quarter of the year before, a window of the same length, one definition, one base. Differences between rates
are in points, never in percent of a percentage (METHODS 1). For rates of people, Newcombe's interval at 99 % says
whether chance may be enough (METHODS 2.4); counts and complete counts have a difference only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from indicators.definitions.baselines import Break, crosses
from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Span
from indicators.figures.figure import Figure, Shown, Status
from indicators.judgement.intervals import newcombe

PERCENT: Final = "%"
POINTS: Final = "points"


class Unsaid(StrEnum):
    """Why two figures are not compared."""

    MISSING = "missing"
    """One of the two is not there: not delivered, not due, not applicable, or not in the series."""
    WITHHELD = "withheld"
    DEFINITION_CHANGED = "definition_changed"
    BASE_CHANGED = "base_changed"
    """Somebody decided that the series begins anew in between."""
    SHARED_COHORTS = "shared_cohorts"
    """The two are pooled cohorts, some of them the same people."""
    NO_COUNTS = "no_counts"
    """A rate published without its counts: nobody can say what chance does to it."""
    DIFFERENT_LENGTH = "different_length"


@dataclass(frozen=True)
class YearOnYear:
    """What a figure differs by from the one a year earlier, in `unit`: points for a percentage, else its own.

    `interval` is that of the difference at 99 %, in the same unit; null of what is no rate of people.
    """

    now: Figure
    before: Figure
    difference: float
    unit: str
    interval: tuple[float, float] | None = None

    @property
    def chance_may_suffice(self) -> bool | None:
        """Whether chance may explain the difference; null where chance is not the question (a complete count)."""
        return None if self.interval is None else self.interval[0] <= 0 <= self.interval[1]

    @property
    def beyond_chance(self) -> bool:
        """Whether it is a rate of people, and differs by more than chance explains."""
        return self.chance_may_suffice is False


@dataclass(frozen=True)
class NotCompared:
    """A figure that is not compared with a year earlier, and the figure that stands there, if any."""

    now: Figure
    before: Figure | None
    why: Unsaid


def year_on_year(series: Sequence[Figure], breaks: Sequence[Break] = ()) -> YearOnYear | NotCompared:
    """Compare the last figure of a series with that of a year earlier; a `ValueError` if there is no figure at all.

    `series` is of one indicator and one perimeter, as `questions.series` gives it; `breaks` are where it begins anew.
    """
    if not series:
        raise ValueError("an empty series has nothing to compare")
    now = series[-1]
    wanted = now.period.year_earlier
    before = next((figure for figure in series if figure.period == wanted), None)
    if before is None:
        ends_then = next((figure for figure in series if figure.period.end == wanted.end), None)
        return NotCompared(now, ends_then, Unsaid.MISSING if ends_then is None else Unsaid.DIFFERENT_LENGTH)
    if why := _unlike(now, before, breaks):
        return NotCompared(now, before, why)
    match before.reading, now.reading:
        case Shown(value=then), Shown(value=value):
            unit = POINTS if now.indicator.unit == PERCENT else now.indicator.unit
            return YearOnYear(now, before, value - then, unit, _interval(now, before))
    withheld = Status.WITHHELD in {before.status, now.status}
    return NotCompared(now, before, Unsaid.WITHHELD if withheld else Unsaid.MISSING)


def _unlike(now: Figure, before: Figure, breaks: Sequence[Break]) -> Unsaid | None:
    """Return why two figures are not of the same kind, if they are not."""
    if redefined_between(now.indicator, before.counted, now.counted):
        return Unsaid.DEFINITION_CHANGED
    if crosses(breaks, before.counted, now.counted):
        return Unsaid.BASE_CHANGED
    if now.counted.start <= before.counted.end:
        return Unsaid.SHARED_COHORTS
    if now.indicator.aggregation != "ratio" or now.shown is None or before.shown is None:
        return None
    return Unsaid.NO_COUNTS if None in {now.shown.numerator, before.shown.numerator} else None


def _interval(now: Figure, before: Figure) -> tuple[float, float] | None:
    """Return the limits of the difference at 99 %, in the unit of the value, of two rates of people."""
    if now.proportion is None or before.proportion is None:
        return None
    low, high = newcombe(now.proportion, before.proportion)
    return low * now.indicator.scale, high * now.indicator.scale


def redefined_between(indicator: Indicator, earlier: Span, later: Span) -> bool:
    """Whether the indicator changed its definition after the first day of one span and before the end of another.

    A span in which the change falls is of two definitions, and compares with nothing.
    """
    return indicator.redefined_on is not None and _falls_between(indicator.redefined_on, earlier, later)


def _falls_between(day: date, earlier: Span, later: Span) -> bool:
    """Whether something that holds from a day splits two spans, or one of them, in two kinds."""
    return earlier.start < day <= later.end
