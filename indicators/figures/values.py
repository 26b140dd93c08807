"""Values computed from counts: numerator, denominator, scale. Pure functions of frames of counts.

A frame of counts has one row per indicator × period of one perimeter or, with a column `structure` or `portion`, of
each of several structures or parts of the network, and the columns of `COUNT_COLUMNS`. `quotients` is the sum of the
structures' own quotients (full-time equivalents); `absence` is the absence declared in a deposit instead of a figure;
`from_register` is whether all of it was counted in registers, and not declared as a total (null: no).
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.figures.figure import NO_CASES, Status

KEY_COLUMNS: Final = ("structure", "portion", "indicator", "period", "period_end")
COUNT_COLUMNS: Final = {
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


def key_columns(frame: pl.DataFrame) -> list[str]:
    """Return the key columns present in a frame of counts."""
    return [name for name in KEY_COLUMNS if name in frame.columns]


def compute_values(counts: pl.DataFrame, indicators: Sequence[Indicator], *, per_structure: bool) -> pl.DataFrame:
    """Return keys, numerator, denominator, value, contributors, largest_share, from_register, status of each row.

    The status is one of `Status`, or `NO_CASES` for a delivered 0 of 0. With `per_structure`, a row belongs to one
    structure and may have a stated value without counts.
    """
    facts = pl.DataFrame(
        [(sheet.id, sheet.scale, sheet.aggregation == "ratio", sheet.denominator_required) for sheet in indicators],
        schema={"indicator": pl.String, "scale": pl.Float64, "ratio": pl.Boolean, "divided": pl.Boolean},
        orient="row",
    )
    has_cases = pl.col("denominator").is_not_null() & (pl.col("denominator") > 0)
    value: pl.Expr = (
        pl.when(pl.col("divided") & pl.col("ratio") & has_cases)
        .then(pl.col("numerator") / pl.col("denominator") * pl.col("scale"))
        .when(pl.col("divided") & ~pl.col("ratio") & has_cases)
        .then(pl.col("quotients") * pl.col("scale"))
        .when(~pl.col("divided"))
        .then("numerator")
    )
    if per_structure:
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
            *key_columns(counts),
            *(pl.when(pl.col("value").is_not_null()).then(name).alias(name) for name in ("numerator", "denominator")),
            "value",
            "contributors",
            # In a sum of quotients (FTE), a member's weight is its quotient, not the hours of one FTE.
            pl.when(pl.col("divided") & ~pl.col("ratio"))
            .then("largest_quotient")
            .otherwise("largest_share")
            .alias("largest_share"),
            "from_register",
            "status",
        )
        .collect()
    )
