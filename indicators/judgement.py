"""What a figure can bear: its interval, and its comparison with a reference. Pure functions of counts."""

from enum import StrEnum
from math import sqrt
from typing import Final

from indicators.catalogue import Direction

Z95: Final = 1.959964
"""Two-sided 95 % of the normal distribution."""
JUDGED_FROM: Final = 20
"""Fewest cases on which a rate is compared with a reference (METHODS 2)."""


class Judgement(StrEnum):
    """A rate against a reference, once chance is allowed for."""

    BETTER = "better"
    WORSE = "worse"
    COMPARABLE = "comparable"


def wilson(cases: float, total: float, z: float = Z95) -> tuple[float, float]:
    """Return the limits, between 0 and 1, within which a proportion of `cases` in `total` lies.

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference, JASA 22. `total` must
    be positive: no cases, no value.
    """
    if not 0 <= cases <= total or total <= 0:
        raise ValueError(f"{cases} in {total} is not a proportion")
    centre = (2 * cases + z**2) / (2 * (total + z**2))
    half = z * sqrt(z**2 + 4 * cases * (1 - cases / total)) / (2 * (total + z**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def compare(cases: float, total: float, reference: float, direction: Direction) -> Judgement | None:
    """Compare a proportion with a reference between 0 and 1; nothing under twenty cases or without a direction."""
    if total < JUDGED_FROM or direction not in {Direction.UP, Direction.DOWN}:
        return None
    low, high = wilson(cases, total)
    if low <= reference <= high:
        return Judgement.COMPARABLE
    return Judgement.BETTER if (low > reference) == (direction is Direction.UP) else Judgement.WORSE
