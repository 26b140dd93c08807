"""How the structures of a perimeter spread round their median, period after period, when enough of them show theirs."""

from datetime import date
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period
from indicators.figures.figure import Status
from indicators.network import Reading
from indicators.queries.figures.counts import placed
from indicators.queries.figures.multi_indicator import alongside

FEWEST_PEERS: Final = 20
"""A decile of fewer structures than this could be one of them."""


def distribution(
    reading: Reading, perimeter: Perimeter, indicator: Indicator, audience: Audience, today: date = date.max
) -> pl.DataFrame:
    """Return period, period_end, structures, first_decile, median, last_decile, in the unit of the value.

    One row a period of the indicator's own frequency in which at least twenty structures show a figure; none if
    the reader may not see the indicator, none of a cohort that is still followed on the day `today`. Deciles are made
    of what each structure shows to that reader, of others whoever it is, and have the decimals of the sheet: of a
    figure that is withheld nothing is in them (METHODS 6.5). An indicator that structures keep for themselves has none.
    """
    audience = audience.of_others
    periods = _periods(reading, indicator)
    members = reading.structures.members_over_time(perimeter)
    asked = members["structure"].unique(maintain_order=True).to_list()
    found = alongside(reading, asked, {indicator.id: periods}, audience, today).join(_ends(periods), on="period")
    shown = (pl.col("status") == Status.OK) & (pl.col("denominator").is_null() | (pl.col("denominator") > 0))
    return (
        placed(found.filter(shown), members)
        .group_by("period", "period_end")
        .agg(
            pl.len().cast(pl.Int32).alias("structures"),
            pl.col("value").quantile(0.1, "linear").alias("first_decile"),
            pl.col("value").median().alias("median"),
            pl.col("value").quantile(0.9, "linear").alias("last_decile"),
        )
        .filter(pl.col("structures") >= FEWEST_PEERS)
        .with_columns(
            # What a computer adds to a tie is taken off first.
            pl.col("first_decile", "median", "last_decile")
            .round(9)
            .round(indicator.decimals, mode="half_away_from_zero")
        )
        .sort("period_end", "period")
    )


def _periods(reading: Reading, indicator: Indicator) -> list[Period]:
    """Return the periods of the indicator's frequency of which something was reported, oldest first."""
    codes = {
        *reading.once("periods", lambda: reading.ask("reported_periods"))["period"],
        *_registered(reading, indicator),
    }
    return sorted(period for period in map(Period.parse, codes) if period.frequency is indicator.frequency)


def _registered(reading: Reading, indicator: Indicator) -> list[str]:
    kept = reading.register_counts
    return kept.filter(pl.col("indicator") == indicator.id)["period"].unique().to_list()


def _ends(periods: list[Period]) -> pl.DataFrame:
    rows = [(period.code, period.end) for period in periods]
    return pl.DataFrame(rows, schema={"period": pl.String, "period_end": pl.Date}, orient="row")
