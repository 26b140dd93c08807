"""The value of what was counted: numerator, denominator, scale. Pure functions of frames of counts.

A frame of counts has one row an indicator × period of one perimeter or, with a column `structure` or `portion`, of each
of several structures or parts of the network, and the columns of `COUNTED`. `quotients` adds up each structure's own
quotient, for what adds up as quotients do (full-time equivalents); `absence` is what a deposit said in place of a
figure; `from_register` is whether all of it was counted in registers, and not declared as a total (null: no).
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.figures.figure import NO_CASES, Status

KEYS: Final = ("structure", "portion", "indicator", "period", "period_end")
COUNTED: Final = {
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "quotients": pl.Float64,
    "contributors": pl.Int32,
    "largest_share": pl.Float64,
    "largest_quotient": pl.Float64,
    "stated_value": pl.Float64,
    "absence": pl.String,
    "from_register": pl.Boolean,
}


def keys_of(frame: pl.DataFrame) -> list[str]:
    """Return the columns that say of what and when."""
    return [name for name in KEYS if name in frame.columns]


def valued(counts: pl.DataFrame, indicators: Sequence[Indicator], *, single: bool) -> pl.DataFrame:
    """Return keys, numerator, denominator, value, contributors, largest_share, from_register, status of each row.

    The status is one of `Status`, or `NO_CASES` where what was counted is a part of nothing: a delivered 0 of 0.
    `single`: a row is of one structure, and may be a value that it stated without its counts.
    """
    facts = pl.DataFrame(
        [(sheet.id, sheet.scale, sheet.aggregation == "ratio", sheet.denominator_required) for sheet in indicators],
        schema={"indicator": pl.String, "scale": pl.Float64, "ratio": pl.Boolean, "divided": pl.Boolean},
        orient="row",
    )
    whole = pl.col("denominator").is_not_null() & (pl.col("denominator") > 0)
    value: pl.Expr = (
        pl.when(pl.col("divided") & pl.col("ratio") & whole)
        .then(pl.col("numerator") / pl.col("denominator") * pl.col("scale"))
        .when(pl.col("divided") & ~pl.col("ratio") & whole)
        .then(pl.col("quotients") * pl.col("scale"))
        .when(~pl.col("divided"))
        .then("numerator")
    )
    if single:
        value = pl.coalesce(value, "stated_value")
    status = (
        pl.when(pl.col("value").is_not_null())
        .then(pl.lit(Status.OK.value))
        .when(pl.col("divided") & pl.col("numerator").is_not_null() & (pl.col("denominator") == 0))
        .then(pl.lit(NO_CASES))
        .otherwise(pl.coalesce("absence", pl.lit(Status.MISSING.value)))
    )
    return (
        counts.lazy()
        .join(facts.lazy(), on="indicator", how="left", maintain_order="left")
        .with_columns(value.alias("value"))
        .with_columns(status.alias("status"))
        .select(
            *keys_of(counts),
            *(pl.when(pl.col("value").is_not_null()).then(name).alias(name) for name in ("numerator", "denominator")),
            "value",
            "contributors",
            # Of a sum of quotients (FTE), a member's weight is its quotient, not the hours of one FTE.
            pl.when(pl.col("divided") & ~pl.col("ratio"))
            .then("largest_quotient")
            .otherwise("largest_share")
            .alias("largest_share"),
            "from_register",
            "status",
        )
        .collect()
    )
