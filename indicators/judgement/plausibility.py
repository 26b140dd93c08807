"""What a structure's own past makes plausible (METHODS 7): beyond it a figure is asked about, never refused.

Fewer than 6 past points: up to 1.5 times the largest of them. From 6: their median ± 3 × 1.4826 × the median of the
absolute deviations from it, and never narrower than ± 3, in the unit of the figure.
"""

from typing import Final

import polars as pl

ENOUGH: Final = 6
"""Past points from which their spread says something."""
TIMES: Final = 1.5
WIDTH: Final = 3 * 1.4826
"""Three standard deviations, as the median absolute deviation estimates one in a normal distribution."""
FLOOR: Final = 3.0


def plausible(points: pl.Expr, maximum: pl.Expr, median: pl.Expr, deviation: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the columns `least` (null under six past points) and `most`: the plausible figures, limits included.

    Of the past: how many `points`, their `maximum`, their `median`, their median absolute `deviation` from it.
    """
    enough = points >= ENOUGH
    width = pl.max_horizontal(deviation * WIDTH, pl.lit(FLOOR))
    least = pl.when(enough).then(median - width)
    most = pl.when(enough).then(median + width).otherwise(maximum * TIMES)
    return least.alias("least"), most.alias("most")
