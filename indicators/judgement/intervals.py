"""The interval of a proportion (METHODS 2): what chance alone may have done to x cases in n.

Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209-212: centre
(2x + z²) / (2(n + z²)), half-width z·√(z² + 4x(1 − x/n)) / (2(n + z²)).
"""

from math import isfinite, sqrt
from typing import Final

import polars as pl

Z95: Final = 1.959964
"""Two-sided 95 % of the normal distribution (METHODS 2)."""
Z998: Final = 3.090232
"""Two-sided 99.8 % of the normal distribution (METHODS 2)."""


def wilson(cases: float, total: float, z: float = Z95) -> tuple[float, float]:
    """Return the limits, between 0 and 1, within which a proportion of `cases` in `total` lies.

    `total` must be positive: no cases, no value; a `ValueError` otherwise.
    """
    if not (0 <= cases <= total and total > 0 and isfinite(total)):
        raise ValueError(f"{cases} in {total} is not a proportion")
    centre = (2 * cases + z**2) / (2 * (total + z**2))
    half = z * sqrt(z**2 + 4 * cases * (1 - cases / total)) / (2 * (total + z**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def wilson_limits(cases: pl.Expr, total: pl.Expr, z: float = Z95) -> tuple[pl.Expr, pl.Expr]:
    """Return the columns `lower` and `upper` of `wilson`, null where `cases` in `total` is not a proportion."""
    cases, total = cases.cast(pl.Float64), total.cast(pl.Float64)
    centre = (2 * cases + z**2) / (2 * (total + z**2))
    half = z * (z**2 + 4 * cases * (1 - cases / total)).sqrt() / (2 * (total + z**2))
    proportion = pl.when((cases >= 0) & (cases <= total) & (total > 0) & total.is_finite())
    lower = proportion.then(pl.max_horizontal(centre - half, 0.0))
    upper = proportion.then(pl.min_horizontal(centre + half, 1.0))
    return lower.alias("lower"), upper.alias("upper")
