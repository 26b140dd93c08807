"""Comparison of a rate with a reference or a target, allowing for chance (METHODS 2).

For « higher is better »: better if the whole 95 % interval is above the reference, worse if it is below, else
comparable; inverted for « lower is better ». No judgement below twenty cases, without a reference, or for an indicator
that is good inside a band only or is descriptive.

A structure is never compared with a reference that contains only itself: the rate of a perimeter is a reference for its
members if at least two of them contribute to it.
"""

from enum import StrEnum
from typing import Final

from indicators.definitions.catalogue import Direction
from indicators.judgement.intervals import wilson_interval

MIN_JUDGED_CASES: Final = 20
"""Minimum of cases to compare a rate with a reference (METHODS 2)."""
MIN_REFERENCE_CONTRIBUTORS: Final = 2
"""Minimum of contributors to the rate of a perimeter for it to serve as a reference (METHODS 2)."""


class Judgement(StrEnum):
    """Result of comparing a rate with a reference, allowing for chance."""

    BETTER = "better"
    WORSE = "worse"
    COMPARABLE = "comparable"


class Side(StrEnum):
    """Position of a point relative to a reference or a mean; direction of a steady run. Neither good nor bad."""

    ABOVE = "above"
    BELOW = "below"


def compare_with_reference(cases: float, total: float, reference: float, direction: Direction) -> Judgement | None:
    """Compare a proportion with a reference between 0 and 1; `None` below twenty cases or without a direction."""
    if total < MIN_JUDGED_CASES or direction not in {Direction.UP, Direction.DOWN}:
        return None
    low, high = wilson_interval(cases, total)
    if low <= reference <= high:
        return Judgement.COMPARABLE
    return Judgement.BETTER if (low > reference) == (direction is Direction.UP) else Judgement.WORSE
