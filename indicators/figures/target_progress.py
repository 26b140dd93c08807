"""How far a figure has come towards a target of several years: from the period before the target starts to its end.

Only where a rise or a fall is an improvement, where both figures have their counts and enough cases (METHODS 2), count
nothing twice and are on the same side of every break, and where there was a way to go. Whether the latest figure
differs from the one at the start beyond chance is told beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Final

from indicators.definitions.baselines import Break, crosses
from indicators.definitions.catalogue import Direction
from indicators.figures.figure import Figure, Shown, Status
from indicators.judgement import Judgement, compare
from indicators.network import Target

SEVERAL_YEARS: Final = 366
"""Days beyond which a target is one of several years."""


@dataclass(frozen=True)
class Progress:
    """A target with the figure at its start and the latest one; `share` of the way, above 1 past the target."""

    target: Target
    start: Figure
    latest: Figure
    share: Fraction
    beyond_chance: Judgement | None
    """The latest figure against the one at the start: comparable where chance may explain the difference."""


def progress(series: Sequence[Figure], breaks: Sequence[Break] = ()) -> Progress | None:
    """Return how far the last figure shown of a series, oldest first, has come towards its target.

    None where that cannot be said. The start is the period, or the window, that ends on the eve of the target.
    """
    latest = next((figure for figure in reversed(series) if figure.shown), None)
    if latest is None or latest.target is None or latest.indicator.direction not in {Direction.UP, Direction.DOWN}:
        return None
    goal = latest.target
    if goal.ends is None or (goal.ends.end - goal.starts.start).days <= SEVERAL_YEARS:
        return None
    eve = goal.starts.start - timedelta(days=1)
    start = next((figure for figure in series if figure.period.end == eve), None)
    if start is None or latest.counted.start <= eve:
        return None
    if crosses(breaks, start.counted, latest.counted):
        return None
    before, now = _rate(start), _rate(latest)
    if before is None or now is None:
        return None
    aim = Fraction(repr(goal.value))
    up = latest.indicator.direction is Direction.UP
    if (before >= aim) if up else (before <= aim):
        return None
    counts = latest.proportion
    chance = compare(*counts, float(before) / latest.indicator.scale, latest.indicator.direction) if counts else None
    return Progress(goal, start, latest, (now - before) / (aim - before), chance)


def _rate(figure: Figure) -> Fraction | None:
    """Return a rate from its counts, exactly; none without them, or of too few cases."""
    if figure.indicator.aggregation != "ratio" or figure.status is not Status.OK:
        return None
    match figure.reading:
        case Shown(numerator=float() as cases, denominator=float() as total) if total:
            return Fraction(repr(cases)) / Fraction(repr(total)) * Fraction(repr(float(figure.indicator.scale)))
        case _:
            return None
