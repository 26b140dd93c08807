"""How the structures of a perimeter spread round their median, period after period, when there are enough of them."""

from datetime import date
from typing import Final

import polars as pl

from indicators.catalogue import Audience, Indicator
from indicators.network import Reading
from indicators.perimeters import Perimeter
from indicators.periods import Period
from indicators.questions.counted import placed, side_by_side
from indicators.sums import pooled

FEWEST_PEERS: Final = 20
"""A decile of fewer structures than this could be one of them."""


def distribution(
    reading: Reading, perimeter: Perimeter, indicator: Indicator, audience: Audience, today: date = date.max
) -> pl.DataFrame:
    """Return period, period_end, structures, first_decile, median, last_decile, in the unit of the value.

    One row a period of the indicator's own frequency in which at least twenty structures had enough cases; none if the
    reader may not see the indicator, none of a cohort that is still followed on the day `today`.
    """
    everybody = reading.structures.members_over_time(perimeter)
    members = everybody if audience.sees(indicator.audience) else everybody.clear()
    fewest = max(indicator.disclosure.minimum_denominator, 1)
    kept = placed(reading.register_counts.filter(pl.col("indicator") == indicator.id), members)
    if indicator.pooled > 1:
        rows = _of_counts(_pooled(reading, members, indicator), fewest)
    elif kept.is_empty():
        rows = reading.ask_reported("distribution", members, indicator=indicator.id, minimum_denominator=fewest)
    else:
        rows = _of_counts(kept, fewest)
    periods = [period for period in map(Period.parse, rows["period"]) if period.frequency is indicator.frequency]
    own = [period.code for period in periods if (indicator.followed_until(period) or date.min) < today]
    return rows.filter(pl.col("period").is_in(own) & (pl.col("structures") >= FEWEST_PEERS)).with_columns(
        pl.col("first_decile", "median", "last_decile") * indicator.scale
    )


def _pooled(reading: Reading, members: pl.DataFrame, indicator: Indicator) -> pl.DataFrame:
    """Return the counts of each structure, its cohorts added up as the sheet says."""
    periods = [str(code) for code in reading.ask("periods")["period"]]
    own = [period.code for period in map(Period.parse, periods) if period.frequency is indicator.frequency]
    codes = members["structure"].unique().to_list()
    counts = side_by_side(reading, codes, [indicator.id], own, date.min, date.max)
    return placed(pooled(counts, [indicator], single=True).filter(pl.col("numerator").is_not_null()), members)


def _of_counts(counts: pl.DataFrame, fewest: int) -> pl.DataFrame:
    """Spread the counts of structures, as `distribution.sql` does what is reported."""
    rate = pl.coalesce(pl.col("numerator") / pl.col("denominator"), "numerator")
    return (
        counts.filter(pl.col("denominator").is_null() | (pl.col("denominator") >= fewest))
        .group_by("period", "period_end")
        .agg(
            pl.len().alias("structures"),
            rate.quantile(0.1, "linear").alias("first_decile"),
            rate.median().alias("median"),
            rate.quantile(0.9, "linear").alias("last_decile"),
        )
        .sort("period_end", "period")
    )
