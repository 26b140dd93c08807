"""Comparison of a rate with a reference or a target, allowing for chance (METHODS 2).

For « higher is better »: better if the whole 95 % interval is above the reference, worse if it is below, else
comparable; inverted for « lower is better ». No judgement below twenty cases, without a reference, or for an indicator
that is good inside a band only or is descriptive.

A structure is never compared with a reference that contains only itself: the rate of a perimeter is a reference for its
members if at least two of them contribute to it; otherwise `reference_rate` is null.
"""

from enum import StrEnum
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Direction
from indicators.judgement.intervals import wilson_interval, wilson_limits

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


def compare_columns(
    cases: pl.Expr, total: pl.Expr, reference: pl.Expr | float, direction: pl.Expr | Direction
) -> pl.Expr:
    """Return the column `judgement`: the result of `compare_with_reference` for each row.

    Null also where the counts are not a proportion and where there is no reference.
    """
    lower, upper = wilson_limits(cases, total)
    aim = reference if isinstance(reference, pl.Expr) else pl.lit(reference, pl.Float64)
    better = direction.cast(pl.String) if isinstance(direction, pl.Expr) else pl.lit(direction)
    above, below = lower > aim, upper < aim
    is_judged = (
        (total >= MIN_JUDGED_CASES)
        & better.is_in([Direction.UP, Direction.DOWN])
        & aim.is_finite()
        & lower.is_not_null()
    )
    up = better == Direction.UP
    return (
        pl.when(is_judged & pl.when(up).then(above).otherwise(below))
        .then(pl.lit(Judgement.BETTER))
        .when(is_judged & pl.when(up).then(below).otherwise(above))
        .then(pl.lit(Judgement.WORSE))
        .when(is_judged)
        .then(pl.lit(Judgement.COMPARABLE))
        .alias("judgement")
    )


def reference_rate(numerators: pl.Expr, denominators: pl.Expr) -> pl.Expr:
    """Return the rate of a perimeter, the ratio of the sums of its structures (one row each), as their reference.

    An aggregation for `select`, `agg` or `over`. Structures without counts or cases do not contribute; null if fewer
    than two do.
    """
    contributes = numerators.is_not_null() & (denominators > 0)
    rate = numerators.filter(contributes).sum() / denominators.filter(contributes).sum()
    return pl.when(contributes.sum() >= MIN_REFERENCE_CONTRIBUTORS).then(rate)
