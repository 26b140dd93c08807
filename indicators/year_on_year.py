"""A figure against the same one a year earlier: like with like only, or the reason why it cannot be said.

The same quarter of the year before, a window of the same length, one definition. Differences between rates are in
points, never in percent of a percentage (METHODS 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from indicators.catalogue import Indicator
from indicators.figures import Figure, Shown, Status
from indicators.periods import Span

PERCENT: Final = "%"
POINTS: Final = "points"


class Unsaid(StrEnum):
    """Why two figures are not compared."""

    MISSING = "missing"
    """One of the two is not there: not delivered, not due, not applicable, or not in the series."""
    WITHHELD = "withheld"
    DEFINITION_CHANGED = "definition_changed"
    DIFFERENT_LENGTH = "different_length"


@dataclass(frozen=True)
class Change:
    """What a figure differs by from the one a year earlier, in `unit`: points for a percentage, else its own."""

    now: Figure
    before: Figure
    difference: float
    unit: str


@dataclass(frozen=True)
class NotCompared:
    """A figure that is not compared with a year earlier, and the figure that stands there, if any."""

    now: Figure
    before: Figure | None
    why: Unsaid


def year_on_year(series: Sequence[Figure]) -> Change | NotCompared:
    """Compare the last figure of a series with that of a year earlier; a `ValueError` if there is no figure at all.

    `series` is of one indicator and one perimeter, as `questions.series` gives it.
    """
    if not series:
        raise ValueError("an empty series has nothing to compare")
    now = series[-1]
    wanted = now.period.year_earlier
    before = next((figure for figure in series if figure.period == wanted), None)
    if before is None:
        ends_then = next((figure for figure in series if figure.period.end == wanted.end), None)
        return NotCompared(now, ends_then, Unsaid.MISSING if ends_then is None else Unsaid.DIFFERENT_LENGTH)
    if redefined_between(now.indicator, before.counted, now.counted):
        return NotCompared(now, before, Unsaid.DEFINITION_CHANGED)
    match before.reading, now.reading:
        case Shown(value=then), Shown(value=value):
            unit = POINTS if now.indicator.unit == PERCENT else now.indicator.unit
            return Change(now, before, value - then, unit)
    withheld = Status.WITHHELD in {before.status, now.status}
    return NotCompared(now, before, Unsaid.WITHHELD if withheld else Unsaid.MISSING)


def redefined_between(indicator: Indicator, earlier: Span, later: Span) -> bool:
    """Whether the indicator changed its definition after the first day of one span and before the end of another.

    A span in which the change falls is of two definitions, and compares with nothing.
    """
    changed = indicator.redefined_on
    return changed is not None and earlier.start < changed <= later.end
