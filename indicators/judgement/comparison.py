"""A rate against a reference or a target, once chance is allowed for (METHODS 2).

For « higher is better »: better if the whole 95 % interval is above the reference, worse if it is below, else
comparable; inverted for « lower is better ». Nothing is said of fewer than twenty cases, without a reference, or of an
indicator that is only good inside a band or is descriptive.

A structure is never compared with a reference that contains only itself: the rate of a perimeter is a reference for its
members where at least two of them contribute to it, and `shared_rate` gives none otherwise.
"""

from enum import StrEnum
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Direction
from indicators.judgement.intervals import wilson, wilson_limits

JUDGED_FROM: Final = 20
"""Fewest cases on which a rate is compared with a reference (METHODS 2)."""
FEWEST_SHARING: Final = 2
"""Contributors from which the rate of a perimeter is more than that of one structure (METHODS 2)."""


class Judgement(StrEnum):
    """A rate against a reference, once chance is allowed for."""

    BETTER = "better"
    WORSE = "worse"
    COMPARABLE = "comparable"


class Side(StrEnum):
    """Where a point stands from a reference or a mean; for a steady run, where it goes. Says nothing of good or bad."""

    ABOVE = "above"
    BELOW = "below"


def compare(cases: float, total: float, reference: float, direction: Direction) -> Judgement | None:
    """Compare a proportion with a reference between 0 and 1; nothing under twenty cases or without a direction."""
    if total < JUDGED_FROM or direction not in {Direction.UP, Direction.DOWN}:
        return None
    low, high = wilson(cases, total)
    if low <= reference <= high:
        return Judgement.COMPARABLE
    return Judgement.BETTER if (low > reference) == (direction is Direction.UP) else Judgement.WORSE


def compared(cases: pl.Expr, total: pl.Expr, reference: pl.Expr | float, direction: pl.Expr | Direction) -> pl.Expr:
    """Return the column `judgement`: what `compare` says of each row, null where it says nothing.

    What is not a proportion, and a row without a reference, has no judgement either.
    """
    lower, upper = wilson_limits(cases, total)
    aim = reference if isinstance(reference, pl.Expr) else pl.lit(reference, pl.Float64)
    better = direction.cast(pl.String) if isinstance(direction, pl.Expr) else pl.lit(direction)
    above, below = lower > aim, upper < aim
    judged = (
        (total >= JUDGED_FROM) & better.is_in([Direction.UP, Direction.DOWN]) & aim.is_finite() & lower.is_not_null()
    )
    up = better == Direction.UP
    return (
        pl.when(judged & pl.when(up).then(above).otherwise(below))
        .then(pl.lit(Judgement.BETTER))
        .when(judged & pl.when(up).then(below).otherwise(above))
        .then(pl.lit(Judgement.WORSE))
        .when(judged)
        .then(pl.lit(Judgement.COMPARABLE))
        .alias("judgement")
    )


def shared_rate(numerators: pl.Expr, denominators: pl.Expr) -> pl.Expr:
    """Return the rate of a perimeter as a reference for its structures, one row each: the ratio of their sums.

    An aggregation, to be used in `select`, `agg` or `over`. Structures without counts or cases do not contribute; null
    where fewer than two do.
    """
    contributing = numerators.is_not_null() & (denominators > 0)
    rate = numerators.filter(contributing).sum() / denominators.filter(contributing).sum()
    return pl.when(contributing.sum() >= FEWEST_SHARING).then(rate)
