"""Raw counts taken from the registers of structures, of the indicators derived from them."""

from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import MEMBERSHIP_SCHEMA
from indicators.disclosure.raw_count_rows import raw_count_rows
from indicators.figures.aggregation import HAS_DENOMINATOR, WEIGHT, largest_share, summed_counts
from indicators.raw_counts import RawCounts
from indicators.snapshot import CountQuery, Snapshot, load_sql, per_version

REGISTER_QUERIES: Final[dict[str, CountQuery]] = {
    "actions": "counts_from_actions",
    "participation": "counts_from_participation",
}
"""Query that counts derived indicators, by the dataset of the register."""
REGISTER_COUNT_SCHEMA: Final = {
    "structure": pl.String,
    "indicator": pl.String,
    "period_end": pl.Date,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
}
"""Columns of the counts taken from a register."""


@per_version
def count_registers(snapshot: Snapshot) -> RawCounts:
    """Count the registers: structure, indicator, period, period_end, numerator, denominator.

    Where a structure of a perimeter keeps the register of a derived indicator, the perimeter's figure is counted from
    registers alone. A total reported without a register is shown for its structure and never consolidated.
    """
    deposited = {row[0] for row in snapshot.cursor.rows(load_sql("deposited_datasets"))}
    # Planning these queries takes a third of a second: skipped where no register was ever deposited.
    frames = [
        raw_count_rows(snapshot.query_counts(query)) for name, query in REGISTER_QUERIES.items() if name in deposited
    ]
    counts = pl.concat([pl.DataFrame(schema=REGISTER_COUNT_SCHEMA), *frames], how="vertical_relaxed")
    derived_sheets = [sheet for sheet in snapshot.catalogue if sheet.source == "derived"]
    applicable = pl.DataFrame(
        [
            (version.structure.id, version.holds_from, version.holds_until, sheet.id)
            for version in snapshot.structures.versions
            for sheet in derived_sheets
            if sheet.applies_to(version.structure.kind)
        ],
        schema={**MEMBERSHIP_SCHEMA, "indicator": pl.String},
        orient="row",
    )
    quarter = pl.format("{}-T{}", pl.col("period_end").dt.year(), pl.col("period_end").dt.quarter())
    return RawCounts(
        counts.join(applicable, on=["structure", "indicator"], maintain_order="left")
        .filter(pl.col("period_end").is_between("holds_from", "holds_until"))
        .drop("holds_from", "holds_until")
        .join(
            _reported_without_register_counts(snapshot, counts),
            on=["structure", "indicator"],
            how="anti",
            maintain_order="left",
        )
        .with_columns(quarter.alias("period"))
    )


def _reported_without_register_counts(snapshot: Snapshot, counts: pl.DataFrame) -> pl.DataFrame:
    """Return structure and indicator where the register counts nothing and a reported figure holds instead."""
    total = pl.col("numerator").sum() + pl.col("denominator").fill_null(0).sum()
    never_counted = counts.group_by("structure", "indicator").agg(total.alias("total")).filter(pl.col("total") == 0)
    names = never_counted["indicator"].unique().to_list()
    if never_counted.is_empty():
        return never_counted
    return never_counted.join(
        snapshot.query("reporting_structures", indicators=names), on=["structure", "indicator"], how="semi"
    )


def register_periods(snapshot: Snapshot, indicator: Indicator) -> list[str]:
    """Return the periods of which registers count an indicator, as codes."""
    return (
        raw_count_rows(count_registers(snapshot))
        .filter(pl.col("indicator") == indicator.id)["period"]
        .unique()
        .to_list()
    )


def sum_register_counts(counts: pl.DataFrame, *group_columns: str) -> pl.DataFrame:
    """Sum counts taken from registers, as `perimeter_counts.sql` does for reported ones: one row per given column ×
    indicator × period."""
    return counts.group_by(*group_columns, "indicator", "period", "period_end").agg(
        *summed_counts(),
        # A structure without cases does not contribute to a rate.
        pl.when((WEIGHT > 0).any() & HAS_DENOMINATOR)
        .then((WEIGHT > 0).sum())
        .otherwise(pl.len())
        .alias("contributors"),
        largest_share(),
        pl.lit(value=True).alias("from_register"),
    )
