"""Raw counts taken from the registers of structures, of the indicators derived from them."""

from collections.abc import Collection
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import MEMBERSHIP_SCHEMA
from indicators.disclosure.raw_count_rows import raw_count_rows
from indicators.figures.aggregation import HAS_DENOMINATOR, WEIGHT, largest_share, summed_counts
from indicators.figures.assemblies_and_boards import count_assemblies_and_boards
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


COUNTED_SCHEMA: Final = {
    **REGISTER_COUNT_SCHEMA,
    "period": pl.String,
    "stated_value": pl.Float64,
    "absence": pl.String,
    "from_register": pl.Boolean,
    "mixed": pl.Boolean,
}
"""Columns of all counts of registers, with what was reported where they do not count."""
FIGURE_KEY: Final = ("structure", "indicator", "period")


@per_version
def count_registers(snapshot: Snapshot) -> RawCounts:
    """Count the registers: structure, indicator, period, period_end, numerator, denominator, stated_value, absence,
    from_register, mixed.

    Where a structure of a perimeter keeps the register of a derived indicator, the perimeter's figure is counted from
    registers alone. A total reported without a register is shown for its structure and never consolidated.

    An indicator that registers count here and there only (`counted_from`) is `mixed`: its rows are those of the
    registers and, of all other structures and years, what was reported, which is consolidated with them.
    """
    deposited = {str(row[0]) for row in snapshot.cursor.rows(load_sql("deposited_datasets"))}
    # Planning these queries takes a third of a second: skipped where no register was ever deposited.
    frames = [
        raw_count_rows(snapshot.query_counts(query)) for name, query in REGISTER_QUERIES.items() if name in deposited
    ]
    counts = pl.concat([pl.DataFrame(schema=REGISTER_COUNT_SCHEMA), *frames], how="vertical_relaxed")
    if "plan" in deposited:
        counts = _with_plans(snapshot, counts)
    quarter = pl.format("{}-T{}", pl.col("period_end").dt.year(), pl.col("period_end").dt.quarter())
    derived = (
        _where_applicable(snapshot, counts)
        .join(
            _reported_without_register_counts(snapshot, counts),
            on=["structure", "indicator"],
            how="anti",
            maintain_order="left",
        )
        .with_columns(period=quarter, from_register=True, mixed=False)
    )
    mixed = _mixed_counts(snapshot, deposited)
    columns = pl.DataFrame(schema=COUNTED_SCHEMA)
    return RawCounts(pl.concat([columns, derived, mixed], how="diagonal_relaxed"))


def _with_plans(snapshot: Snapshot, counts: pl.DataFrame) -> pl.DataFrame:
    """Replace the counts of priority actions by those of plans, in the quarters that the register of actions covers."""
    key = ["structure", "indicator", "period_end"]
    planned = raw_count_rows(snapshot.query_counts("counts_from_plan")).join(counts, on=key, how="semi")
    others = counts.join(planned, on=key, how="anti", maintain_order="left")
    return pl.concat([others, planned], how="vertical_relaxed").sort(key)


def _where_applicable(snapshot: Snapshot, counts: pl.DataFrame) -> pl.DataFrame:
    """Return the counts of indicators that registers may count for the kind that their structure had then."""
    sheets = [sheet for sheet in snapshot.catalogue if sheet.source == "derived" or sheet.counted_from]
    applicable = pl.DataFrame(
        [
            (version.structure.id, version.holds_from, version.holds_until, sheet.id)
            for version in snapshot.structures.versions
            for sheet in sheets
            if sheet.applies_to(version.structure.kind)
        ],
        schema={**MEMBERSHIP_SCHEMA, "indicator": pl.String},
        orient="row",
    )
    return (
        counts.join(applicable, on=["structure", "indicator"], maintain_order="left")
        .filter(pl.col("period_end").is_between("holds_from", "holds_until"))
        .drop("holds_from", "holds_until")
    )


def _mixed_counts(snapshot: Snapshot, deposited: Collection[str]) -> pl.DataFrame:
    """Return the counts of indicators that registers count in some years, and what was reported of all others."""
    frames = [pl.DataFrame(schema={**REGISTER_COUNT_SCHEMA, "period": pl.String})]
    if "participation" in deposited:
        frames.append(count_assemblies_and_boards(snapshot.query("assemblies_and_boards").filter("is_covered")))
    if "instances" in deposited:
        meetings = raw_count_rows(snapshot.query_counts("counts_from_meetings"))
        frames.append(meetings.with_columns(period=pl.col("period_end").dt.year().cast(pl.String)))
    sheets = {sheet.id for sheet in snapshot.catalogue if sheet.counted_from}
    counted = (
        _where_applicable(snapshot, pl.concat(frames, how="diagonal_relaxed"))
        .filter(pl.col("indicator").is_in(sheets))
        .with_columns(from_register=True, mixed=True)
    )
    indicators = counted["indicator"].unique().to_list()
    if not indicators:
        return counted
    reported = raw_count_rows(snapshot.query_counts("reported_counts", indicators=indicators))
    kept = reported.join(counted, on=FIGURE_KEY, how="anti", maintain_order="left")
    return pl.concat([counted, kept.with_columns(from_register=False, mixed=True)], how="diagonal_relaxed")


@per_version
def counted_from_registers(snapshot: Snapshot) -> frozenset[tuple[str, str, str]]:
    """Return the structure, indicator and period of each figure that a register counts in place of a reported one."""
    rows = raw_count_rows(count_registers(snapshot)).filter("mixed", "from_register")
    return frozenset(rows.select(FIGURE_KEY).iter_rows())


def is_counted_from_registers(snapshot: Snapshot, structure: str, indicator: Indicator, period: str) -> bool:
    """Whether a register counts the figure of a structure and a period, be it of a derived indicator."""
    rows = raw_count_rows(count_registers(snapshot))
    return not rows.filter("from_register", structure=structure, indicator=indicator.id, period=period).is_empty()


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


def sum_register_counts(counts: pl.DataFrame, *group_columns: str, per_structure: bool) -> pl.DataFrame:
    """Sum counts taken from registers, as `perimeter_counts.sql` does for reported ones: one row per given column ×
    indicator × period."""
    is_counted = pl.col("numerator").is_not_null()
    return (
        counts.group_by(*group_columns, "indicator", "period", "period_end")
        .agg(
            *summed_counts(),
            # A structure without cases does not contribute to a rate.
            pl.when((WEIGHT > 0).any() & HAS_DENOMINATOR)
            .then((WEIGHT > 0).sum())
            .otherwise(is_counted.sum())
            .alias("contributors"),
            largest_share(),
            pl.col("stated_value").filter(~is_counted).first(),
            pl.col("absence").drop_nulls().first(),
            # Several structures, of which some may report it: a total of them is not said to be of registers.
            (pl.col("from_register").all() & (~pl.col("mixed").any() | per_structure)).alias("from_register"),
            is_counted.any().alias("counted"),
        )
        # A sum of nothing is nothing, and not zero.
        .with_columns(pl.when("counted").then("numerator").alias("numerator"))
        .drop("counted")
        .sort(*group_columns, "indicator", "period_end")
    )
