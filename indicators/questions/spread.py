"""The structures of a perimeter side by side: one indicator, one period. In no order of merit."""

import polars as pl

from indicators.catalogue import Audience, Indicator
from indicators.disclosure import protect
from indicators.figures import Status
from indicators.network import Reading
from indicators.perimeters import Perimeter
from indicators.periods import Period


def spread(
    reading: Reading, perimeter: Perimeter, indicator: Indicator, period: Period, audience: Audience
) -> pl.DataFrame:
    """Return one row a structure that reported: structure, numerator, denominator, value, status; by structure code."""
    members = reading.structures.members(perimeter)
    # A part of a sum is withheld or shown with the others in view.
    linked = reading.catalogue.linked([indicator.id])
    kept = reading.register_counts.filter(pl.col("structure").is_in(members) & (pl.col("indicator") == indicator.id))
    if kept.is_empty():
        rows = reading.ask_reported("spread", members, indicators=linked, period=period.code, period_end=period.end)
    else:
        rows = kept.filter(pl.col("period") == period.code).with_columns(
            pl.lit(None, pl.Float64).alias("stated_value"), pl.lit(None, pl.String).alias("absence")
        )
    divisor = pl.col("denominator") if indicator.denominator_required else pl.lit(1.0)
    counted = pl.col("numerator") / divisor * indicator.scale
    value = pl.coalesce(pl.when(counted.is_finite()).then(counted), "stated_value")
    missing = pl.coalesce("absence", pl.lit(Status.MISSING.value))
    figures = rows.select(
        "structure",
        "indicator",
        pl.when(value.is_not_null()).then("numerator").alias("numerator"),
        pl.when(value.is_not_null()).then("denominator").alias("denominator"),
        value.alias("value"),
        pl.when(value.is_not_null()).then(pl.lit(Status.OK.value)).otherwise(missing).alias("status"),
    )
    protected = protect(figures, reading.catalogue, audience, consolidated=False)
    return protected.filter(pl.col("indicator") == indicator.id).drop("indicator").sort("structure")
