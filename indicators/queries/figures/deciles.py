"""Median, first and last decile of the structures of a perimeter by period, if enough of them show a figure."""

from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Perimeter, restrict_to_membership
from indicators.definitions.periods import Period
from indicators.disclosure import register_periods
from indicators.figures.figure import Status
from indicators.queries.figures.multi_indicator import figures_of_structures
from indicators.snapshot import QueryContext, Snapshot, per_version

MIN_STRUCTURES: Final = 20
"""Minimum of structures: a decile of fewer could be the figure of one of them."""


@per_version
def compute_deciles(context: QueryContext, perimeter: Perimeter, indicator: Indicator) -> pl.DataFrame:
    """Return period, period_end, structures, first_decile, median, last_decile, in the unit of the value.

    One row per period of the indicator's own frequency in which at least twenty structures show a figure; none if the
    audience may not see the indicator, none of a cohort in follow-up on the context's day. Deciles are computed from
    the figures that each structure shows to others, without withheld ones (METHODS 6.5), with the decimals of the
    sheet. An indicator for management only has none.
    """
    context = context.of_peers
    periods = _reported_periods(context.snapshot, indicator)
    members = context.snapshot.structures.members_over_time(perimeter)
    structure_ids = members["structure"].unique(maintain_order=True).to_list()
    figures = figures_of_structures(context, structure_ids, {indicator.id: periods}).rows.join(
        _period_ends(periods), on="period"
    )
    is_shown = (pl.col("status") == Status.OK) & (pl.col("denominator").is_null() | (pl.col("denominator") > 0))
    return (
        restrict_to_membership(figures.filter(is_shown), members)
        .group_by("period", "period_end")
        .agg(
            pl.len().cast(pl.Int32).alias("structures"),
            pl.col("value").quantile(0.1, "linear").alias("first_decile"),
            pl.col("value").median().alias("median"),
            pl.col("value").quantile(0.9, "linear").alias("last_decile"),
        )
        .filter(pl.col("structures") >= MIN_STRUCTURES)
        .with_columns(
            # Floating-point noise at ties is rounded away first.
            pl.col("first_decile", "median", "last_decile")
            .round(9)
            .round(indicator.decimals, mode="half_away_from_zero")
        )
        .sort("period_end", "period")
    )


def _reported_periods(snapshot: Snapshot, indicator: Indicator) -> list[Period]:
    """Return the reported periods of the indicator's frequency, oldest first."""
    codes = {*snapshot.reported_periods["period"], *register_periods(snapshot, indicator)}
    return sorted(period for period in map(Period.parse, codes) if period.frequency is indicator.frequency)


def _period_ends(periods: list[Period]) -> pl.DataFrame:
    rows = [(period.code, period.end) for period in periods]
    return pl.DataFrame(rows, schema={"period": pl.String, "period_end": pl.Date}, orient="row")
