"""Progress of a figure towards a multi-year target, from the period before the target starts.

It exists only if the indicator has a better direction, if both figures have their counts and enough cases (METHODS 2),
share no counts and no break lies between them, and if the target was not met at the start. It also says whether the
difference from the start is beyond chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Final

from indicators.definitions.baselines import Break, has_break_between
from indicators.definitions.catalogue import Direction
from indicators.definitions.targets import Target
from indicators.figures.figure import Figure, Status, Value
from indicators.judgement import Judgement, compare_with_reference

MULTI_YEAR_TARGET_DAYS: Final = 366
"""Days above which a target counts as multi-year."""


@dataclass(frozen=True)
class TargetProgress:
    """A target with the figure at its start, the latest one, and the `share` of the way done (over 1 beyond it)."""

    target: Target
    start: Figure
    latest: Figure
    share: Fraction
    beyond_chance: Judgement | None
    """Judgement of the latest figure against the first: comparable if chance may explain the difference."""


def target_progress(series: Sequence[Figure], breaks: Sequence[Break] = ()) -> TargetProgress | None:
    """Return the progress towards its target of the last figure shown of a series, oldest first.

    `None` if there is none to report. The start is the period, or the window, that ends on the eve of the target.
    """
    latest = next((figure for figure in reversed(series) if figure.shown), None)
    if latest is None or latest.target is None or latest.indicator.direction not in {Direction.UP, Direction.DOWN}:
        return None
    target = latest.target
    if target.ends is None or (target.ends.end - target.starts.start).days <= MULTI_YEAR_TARGET_DAYS:
        return None
    eve = target.starts.start - timedelta(days=1)
    start = next((figure for figure in series if figure.period.end == eve), None)
    if start is None or latest.covered_span.start <= eve:
        return None
    if has_break_between(breaks, start.covered_span, latest.covered_span):
        return None
    before, now = _rate(start), _rate(latest)
    if before is None or now is None:
        return None
    target_value = Fraction(repr(target.value))
    up = latest.indicator.direction is Direction.UP
    if (before >= target_value) if up else (before <= target_value):
        return None
    counts = latest.proportion
    chance = (
        compare_with_reference(*counts, float(before) / latest.indicator.scale, latest.indicator.direction)
        if counts
        else None
    )
    return TargetProgress(target, start, latest, (now - before) / (target_value - before), chance)


def _rate(figure: Figure) -> Fraction | None:
    """Return the exact rate from its counts; `None` without counts or with too few cases."""
    if figure.indicator.aggregation != "ratio" or figure.status is not Status.OK:
        return None
    match figure.outcome:
        case Value(numerator=float() as cases, denominator=float() as total) if total:
            return Fraction(repr(cases)) / Fraction(repr(total)) * Fraction(repr(float(figure.indicator.scale)))
        case _:
            return None
