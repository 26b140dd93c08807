"""The latest signal of many series at once, as `process.latest_signal` tells it of one."""

from itertools import pairwise

import polars as pl

from indicators.definitions.catalogue import Direction
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import FROZEN_AT, INNER, PROVISIONAL_FROM, TOLD_FROM, WIDTH, Basis, Variation
from indicators.judgement.series_frames import backwards, in_order, named
from indicators.judgement.special_causes import NEAR, RUN, Signal


def latest_signals(frame: pl.DataFrame) -> pl.DataFrame:
    """Tell, of each series, what its latest point says: one row a (structure, indicator), in their order.

    `frame`: structure, indicator, position, value (null for a gap), direction (`Direction`, the same in a series), as
    `series` says; of a re-based series, only the rows from its last re-basing. Returns structure, indicator, position
    (of the last row), status (`Basis`), signal (`Signal`), side (`Side`), variation (`Variation`): the last three null
    for a gap and under thirteen points, signal and side also null for a common cause. A `ValueError` for a value that
    is no number.
    """
    valued = frame.with_columns(pl.col("value").cast(pl.Float64))
    if not valued["value"].is_finite().all():
        raise ValueError("a value of the series is not a number")
    ordered = in_order(valued, ["value"])
    neighbours = (pl.col("series") == pl.col("series").shift()) & (pl.col("position") == pl.col("position").shift() + 1)
    moved = pl.when(neighbours).then((pl.col("value") - pl.col("value").shift()).abs())
    # A row rests in the limits unless fifteen moving ranges, sixteen points, stand before it.
    before = pl.col("moved").cum_count().over("series") - pl.col("moved").is_not_null()
    limits = (
        ordered.with_columns(moved.alias("moved"))
        .with_columns((before < FROZEN_AT - 1).alias("basis"))
        .group_by("series")
        .agg(
            pl.col("value").filter("basis").mean().alias("mean"),
            (pl.col("moved").filter("basis").mean() * WIDTH).alias("width"),
            (pl.col("moved").count() + 1).alias("points"),
            (pl.col("value").abs().max() * NEAR).alias("near"),
        )
    )
    latest = backwards(ordered, ["value"], RUN).join(limits, on="series", maintain_order="left")
    told = (
        latest.with_columns(frame["direction"][latest["row"]].cast(pl.String), _status().alias("status"), *_tested())
        .with_columns(_side().alias("side"))
        .with_columns(_variation().alias("variation"))
        .select("series", "row", "position", "status", "signal", "side", "variation")
    )
    return named(frame, told)


def _status() -> pl.Expr:
    points = pl.col("points")
    return (
        pl.when(points >= FROZEN_AT)
        .then(pl.lit(Basis.FROZEN))
        .when(points >= PROVISIONAL_FROM)
        .then(pl.lit(Basis.PROVISIONAL))
        .otherwise(pl.lit(Basis.RUN_CHART))
    )


def _tested() -> list[pl.Expr]:
    """Return `signal`, the first test that finds the latest point, with `above` and `rising`: where tests draw."""
    values = [pl.col(f"value_{back}") for back in range(RUN)]
    near, inner = pl.col("near"), INNER * pl.col("width") + pl.col("near")
    off = [value - pl.col("mean") for value in values]
    steps = [value - before for value, before in pairwise(values)]

    def all_of(differences: list[pl.Expr]) -> pl.Expr:
        """All larger by more than rounding, or all smaller; a null is neither."""
        up = pl.all_horizontal(difference > near for difference in differences)
        down = pl.all_horizontal(difference < -near for difference in differences)
        return up | down

    tests = {
        Signal.BEYOND: off[0].abs() > pl.col("width") + near,
        Signal.STEADY: all_of(steps),
        Signal.TWO_OF_THREE: all_of(off[:3])
        & (off[0].abs() > inner)
        & ((off[1].abs() > inner) | (off[2].abs() > inner)),
        Signal.ONE_SIDE: all_of(off),
    }
    judged = (pl.col("points") >= TOLD_FROM) & values[0].is_not_null()
    first = pl.coalesce(*(pl.when(judged & test).then(pl.lit(signal)) for signal, test in tests.items()))
    return [first.alias("signal"), (off[0] > 0).alias("above"), (steps[0] > 0).alias("rising")]


def _side() -> pl.Expr:
    up = pl.when(pl.col("signal") == Signal.STEADY).then("rising").otherwise("above")
    side = pl.when(up).then(pl.lit(Side.ABOVE)).otherwise(pl.lit(Side.BELOW))
    return pl.when(pl.col("signal").is_not_null()).then(side)


def _variation() -> pl.Expr:
    return variations((pl.col("points") >= TOLD_FROM) & pl.col("value_0").is_not_null())


def variations(tested: pl.Expr) -> pl.Expr:
    """Return what the columns `side` and `direction` mean, as `process.variation` tells it; null if not tested."""
    above = pl.col("side") == Side.ABOVE
    judged = pl.col("direction").is_in([Direction.UP, Direction.DOWN])
    return (
        pl.when(~tested)
        .then(None)
        .when(pl.col("side").is_null())
        .then(pl.lit(Variation.COMMON_CAUSE))
        .when(judged & (above == (pl.col("direction") == Direction.UP)))
        .then(pl.lit(Variation.IMPROVEMENT))
        .when(judged)
        .then(pl.lit(Variation.CONCERN))
        .when(above)
        .then(pl.lit(Variation.HIGH))
        .otherwise(pl.lit(Variation.LOW))
    )
