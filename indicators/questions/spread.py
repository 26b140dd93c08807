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
    rows = reading.ask_counts(
        "spread",
        reading.structures.members(perimeter),
        indicator=indicator.id,
        period=period.code,
        period_end=period.end,
    )
    counted = pl.col("numerator") / (pl.col("denominator") if indicator.denominator_required else 1) * indicator.scale
    value = pl.coalesce(pl.when(counted.is_finite()).then(counted), "stated_value")
    missing = pl.coalesce("absence", pl.lit(Status.MISSING.value))
    figures = rows.select(
        "structure",
        pl.lit(indicator.id).alias("indicator"),
        "numerator",
        "denominator",
        value.alias("value"),
        pl.when(value.is_not_null()).then(pl.lit(Status.OK.value)).otherwise(missing).alias("status"),
    )
    return protect(figures, reading.catalogue, audience, consolidated=False).drop("indicator")
