"""Confidence intervals of a proportion (Wilson) and of the difference of two (Newcombe) (METHODS 2).

Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209-212: centre
(2x + z²) / (2(n + z²)), half-width z·√(z² + 4x(1 − x/n)) / (2(n + z²)).

Newcombe, R. G. (1998), Interval estimation for the difference between independent proportions: comparison of eleven
methods, Statistics in Medicine 17, 873-890, method 10: with p the proportions and l, u their Wilson limits, from
d − √((p₁ − l₁)² + (u₀ − p₀)²) to d + √((u₁ − p₁)² + (p₀ − l₀)²), where d = p₁ − p₀.
"""

from math import hypot, isfinite, sqrt
from typing import Final

Z95: Final = 1.959964
"""Two-sided 95 % of the normal distribution (METHODS 2)."""
Z99: Final = 2.575829
"""Two-sided 99 % of the normal distribution (METHODS 2.4)."""
Z998: Final = 3.090232
"""Two-sided 99.8 % of the normal distribution (METHODS 2)."""


def wilson_interval(cases: float, total: float, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson interval, between 0 and 1, of a proportion of `cases` in `total`.

    `total` must be positive: a `ValueError` otherwise.
    """
    if not (0 <= cases <= total and total > 0 and isfinite(total)):
        raise ValueError(f"{cases} in {total} is not a proportion")
    centre = (2 * cases + z**2) / (2 * (total + z**2))
    half = z * sqrt(z**2 + 4 * cases * (1 - cases / total)) / (2 * (total + z**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def newcombe_interval(now: tuple[float, float], before: tuple[float, float], z: float = Z99) -> tuple[float, float]:
    """Return the Newcombe interval, between −1 and 1, of the difference of two independent proportions.

    Each is (cases, total), as for `wilson_interval`; the difference is `now` minus `before`.
    """
    (low_now, high_now), (low_before, high_before) = wilson_interval(*now, z), wilson_interval(*before, z)
    share_now, share_before = now[0] / now[1], before[0] / before[1]
    difference = share_now - share_before
    below = hypot(share_now - low_now, high_before - share_before)
    above = hypot(high_now - share_now, share_before - low_before)
    return difference - below, difference + above
