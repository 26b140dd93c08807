"""Latest signal of many series at once; equal to `control_chart.latest_signal` for each."""

from itertools import pairwise

import polars as pl

from indicators.definitions.catalogue import Direction
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import (
    INNER_LINE_SHARE,
    LIMIT_WIDTH_IN_RANGES,
    MIN_POINTS_FOR_LIMITS,
    MIN_POINTS_FOR_SIGNALS,
    POINTS_BEHIND_FROZEN_LIMITS,
    LimitBasis,
    Variation,
)
from indicators.judgement.series_frames import lagged, sort_series, with_keys
from indicators.judgement.special_causes import RELATIVE_TOLERANCE, RUN_POINTS, Signal


def latest_signals(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the signal of the latest point of each series: one row per (structure, indicator), sorted by both.

    `frame`: structure, indicator, position, value (null for a gap), direction (`Direction`, the same in a series), as
    described in `series_frames`; after a break, only the rows of the last segment. Returns structure, indicator,
    position (of the last row), status (`LimitBasis`), signal (`Signal`), side (`Side`), variation (`Variation`): the
    last three null for a gap and under thirteen points, signal and side also null for a common cause. A `ValueError`
    for a value that is not a number.
    """
    typed = frame.with_columns(pl.col("value").cast(pl.Float64))
    if not typed["value"].is_finite().all():
        raise ValueError("a value of the series is not a number")
    ordered = sort_series(typed, ["value"])
    follows_previous = (pl.col("series") == pl.col("series").shift()) & (
        pl.col("position") == pl.col("position").shift() + 1
    )
    moving_range = pl.when(follows_previous).then((pl.col("value") - pl.col("value").shift()).abs())
    # A row counts for the limits unless fifteen moving ranges, sixteen points, come before it.
    ranges_before = pl.col("moved").cum_count().over("series") - pl.col("moved").is_not_null()
    limits = (
        ordered.with_columns(moving_range.alias("moved"))
        .with_columns((ranges_before < POINTS_BEHIND_FROZEN_LIMITS - 1).alias("basis"))
        .group_by("series")
        .agg(
            pl.col("value").filter("basis").mean().alias("mean"),
            (pl.col("moved").filter("basis").mean() * LIMIT_WIDTH_IN_RANGES).alias("width"),
            (pl.col("moved").count() + 1).alias("points"),
            (pl.col("value").abs().max() * RELATIVE_TOLERANCE).alias("near"),
        )
    )
    latest = lagged(ordered, ["value"], RUN_POINTS).join(limits, on="series", maintain_order="left")
    signals = (
        latest.with_columns(
            frame["direction"][latest["row"]].cast(pl.String), _limit_basis().alias("status"), *_signal_columns()
        )
        .with_columns(_side().alias("side"))
        .with_columns(_variation().alias("variation"))
        .select("series", "row", "position", "status", "signal", "side", "variation")
    )
    return with_keys(frame, signals)


def _limit_basis() -> pl.Expr:
    points = pl.col("points")
    return (
        pl.when(points >= POINTS_BEHIND_FROZEN_LIMITS)
        .then(pl.lit(LimitBasis.FROZEN))
        .when(points >= MIN_POINTS_FOR_LIMITS)
        .then(pl.lit(LimitBasis.PROVISIONAL))
        .otherwise(pl.lit(LimitBasis.RUN_CHART))
    )


def _signal_columns() -> list[pl.Expr]:
    """Return `signal`, the first test that detects the latest point, with `above` and `rising`, which give its side."""
    values = [pl.col(f"value_{back}") for back in range(RUN_POINTS)]
    tolerance, inner = pl.col("near"), INNER_LINE_SHARE * pl.col("width") + pl.col("near")
    deviations = [value - pl.col("mean") for value in values]
    steps = [value - before for value, before in pairwise(values)]

    def all_beyond(differences: list[pl.Expr]) -> pl.Expr:
        """Whether all are positive, or all negative, by more than rounding; false with a null."""
        up = pl.all_horizontal(difference > tolerance for difference in differences)
        down = pl.all_horizontal(difference < -tolerance for difference in differences)
        return up | down

    tests = {
        Signal.BEYOND: deviations[0].abs() > pl.col("width") + tolerance,
        Signal.STEADY: all_beyond(steps),
        Signal.TWO_OF_THREE: all_beyond(deviations[:3])
        & (deviations[0].abs() > inner)
        & ((deviations[1].abs() > inner) | (deviations[2].abs() > inner)),
        Signal.ONE_SIDE: all_beyond(deviations),
    }
    is_judged = (pl.col("points") >= MIN_POINTS_FOR_SIGNALS) & values[0].is_not_null()
    first = pl.coalesce(*(pl.when(is_judged & test).then(pl.lit(signal)) for signal, test in tests.items()))
    return [first.alias("signal"), (deviations[0] > 0).alias("above"), (steps[0] > 0).alias("rising")]


def _side() -> pl.Expr:
    up = pl.when(pl.col("signal") == Signal.STEADY).then("rising").otherwise("above")
    side = pl.when(up).then(pl.lit(Side.ABOVE)).otherwise(pl.lit(Side.BELOW))
    return pl.when(pl.col("signal").is_not_null()).then(side)


def _variation() -> pl.Expr:
    return variation_column((pl.col("points") >= MIN_POINTS_FOR_SIGNALS) & pl.col("value_0").is_not_null())


def variation_column(is_tested: pl.Expr) -> pl.Expr:
    """Return the meaning of the columns `side` and `direction`, as `control_chart.variation_of`; null if not tested."""
    above = pl.col("side") == Side.ABOVE
    has_good_side = pl.col("direction").is_in([Direction.UP, Direction.DOWN])
    return (
        pl.when(~is_tested)
        .then(None)
        .when(pl.col("side").is_null())
        .then(pl.lit(Variation.COMMON_CAUSE))
        .when(has_good_side & (above == (pl.col("direction") == Direction.UP)))
        .then(pl.lit(Variation.IMPROVEMENT))
        .when(has_good_side)
        .then(pl.lit(Variation.CONCERN))
        .when(above)
        .then(pl.lit(Variation.HIGH))
        .otherwise(pl.lit(Variation.LOW))
    )
