"""Plausible range of a figure from the structure's own past (METHODS 7); a figure outside is queried, never refused.

Fewer than 6 past points: up to 1.5 times the largest of them. From 6: their median ± 3 × 1.4826 × the median of the
absolute deviations from it, and never narrower than ± 3, in the unit of the figure.
"""

from typing import Final

import polars as pl

MIN_PAST_POINTS: Final = 6
"""Minimum of past points to estimate their spread."""
MAX_RATIO_TO_LARGEST: Final = 1.5
HALF_WIDTH_IN_DEVIATIONS: Final = 3 * 1.4826
"""Three standard deviations, as the median absolute deviation estimates one in a normal distribution."""
MIN_HALF_WIDTH: Final = 3.0


def plausible_range(points: pl.Expr, maximum: pl.Expr, median: pl.Expr, deviation: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the plausible range, limits included, as columns `least` (null under six past points) and `most`.

    Of the past: the number of `points`, their `maximum`, `median` and median absolute `deviation`.
    """
    has_enough_points = points >= MIN_PAST_POINTS
    width = pl.max_horizontal(deviation * HALF_WIDTH_IN_DEVIATIONS, pl.lit(MIN_HALF_WIDTH))
    least = pl.when(has_enough_points).then(median - width)
    most = pl.when(has_enough_points).then(median + width).otherwise(maximum * MAX_RATIO_TO_LARGEST)
    return least.alias("least"), most.alias("most")
