"""Raw counts of a perimeter, summed or by structure, before disclosure control: never shown as they are."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import MEMBERSHIP_SCHEMA, Level, Perimeter, Structure
from indicators.figures.aggregation import pool_cohorts
from indicators.figures.values import COUNT_COLUMNS
from indicators.snapshot import Snapshot

NOT_FROM_REGISTER: Final = pl.lit(value=False).alias("from_register")
"""Reported counts are totals declared by structures, not counted from a register."""


def perimeter_counts(
    snapshot: Snapshot, perimeter: Perimeter, indicators: Sequence[Indicator], since: date, until: date
) -> pl.DataFrame:
    """Return the counts of a perimeter in periods that end between two days: indicator, period, period_end and
    `COUNT_COLUMNS`.

    One row is one indicator × one period with any deposit. Cohorts are pooled if the sheet pools them.
    """
    members = snapshot.structures.members_over_time(perimeter)
    indicator_ids = [sheet.id for sheet in indicators]
    register_rows = restrict_to_membership(
        snapshot.register_counts.filter(pl.col("indicator").is_in(indicator_ids)), members
    )
    register_indicators = register_rows["indicator"].unique().to_list()
    years = max((sheet.pooled_cohorts - 1 for sheet in indicators), default=0)
    parameters = {
        "indicators": [name for name in indicator_ids if name not in register_indicators],
        "since": _years_before(since, years),
        "until": until,
    }
    if perimeter.level is Level.NETWORK:
        reported_counts = snapshot.query("counts_by_part", level=perimeter.level.value, **parameters).drop("portion")
    else:
        reported_counts = snapshot.query_measures("perimeter_counts", members, each=False, **parameters).drop(
            "structure"
        )
    reported_counts = reported_counts.with_columns(NOT_FROM_REGISTER)
    reported_counts = pool_cohorts(reported_counts, indicators, per_structure=perimeter.level is Level.STRUCTURE)
    register_counts = _sum_registers(register_rows)
    counts = (
        pl.concat([reported_counts, register_counts], how="diagonal_relaxed")
        if register_counts.height
        else reported_counts
    )
    counts = counts.filter(pl.col("period_end").is_between(since, until))
    return counts.select("indicator", "period", "period_end", *_cast_counts())


def counts_of_structures(
    snapshot: Snapshot, structures: Sequence[str], indicators: Sequence[Indicator], since: date, until: date
) -> pl.DataFrame:
    """Return the counts of several structures: structure, then the columns of `perimeter_counts`."""
    indicator_ids = [sheet.id for sheet in indicators]
    register_rows = snapshot.register_counts.filter(
        pl.col("indicator").is_in(indicator_ids) & pl.col("structure").is_in(structures)
    )
    years = max((sheet.pooled_cohorts - 1 for sheet in indicators), default=0)
    reported_counts = snapshot.query_measures(
        "perimeter_counts",
        structures,
        each=True,
        indicators=indicator_ids,
        since=_years_before(since, years),
        until=until,
    ).with_columns(NOT_FROM_REGISTER)
    # A register replaces the reported counts of its structure.
    reported_counts = reported_counts.join(
        register_rows, on=["structure", "indicator"], how="anti", maintain_order="left"
    )
    counts = pool_cohorts(reported_counts, indicators, per_structure=True)
    if register_rows.height:
        counts = pl.concat([counts, _sum_registers(register_rows, "structure")], how="diagonal_relaxed")
    counts = counts.filter(pl.col("period_end").is_between(since, until))
    return counts.select("structure", "indicator", "period", "period_end", *_cast_counts())


def counts_by_part(
    snapshot: Snapshot, level: Level, indicators: Sequence[Indicator], since: date, until: date
) -> pl.DataFrame:
    """Return the counts of each region or each kind: portion, then the columns of `perimeter_counts`."""
    indicator_ids = [sheet.id for sheet in indicators]
    partition = snapshot.cached(("portions of", level), lambda: _partition_of(snapshot, level))
    register_rows = restrict_to_membership(
        snapshot.register_counts.filter(pl.col("indicator").is_in(indicator_ids)), partition
    )
    years = max((sheet.pooled_cohorts - 1 for sheet in indicators), default=0)
    first_day = _years_before(since, years)
    reported_counts = snapshot.query(
        "counts_by_part", level=level.value, indicators=indicator_ids, since=first_day, until=until
    )
    reported_counts = reported_counts.with_columns(NOT_FROM_REGISTER)
    # Registers replace the reported counts of their part of the network.
    reported_counts = reported_counts.join(
        register_rows, on=["portion", "indicator"], how="anti", maintain_order="left"
    )
    counts = pool_cohorts(reported_counts, indicators, per_structure=False)
    if register_rows.height:
        counts = pl.concat([counts, _sum_registers(register_rows, "portion")], how="diagonal_relaxed")
    counts = counts.filter(pl.col("period_end").is_between(since, until))
    return counts.select("portion", "indicator", "period", "period_end", *_cast_counts())


def _partition_of(snapshot: Snapshot, level: Level) -> pl.DataFrame:
    """Return the region or the kind of each structure with its days: `MEMBERSHIP_SCHEMA`, portion."""
    return pl.DataFrame(
        [
            (version.structure.id, version.holds_from, version.holds_until, _part_of(version.structure, level))
            for version in snapshot.structures.versions
        ],
        schema={**MEMBERSHIP_SCHEMA, "portion": pl.String},
        orient="row",
    )


def _part_of(structure: Structure, level: Level) -> str:
    return structure.region if level is Level.REGION else structure.kind


def restrict_to_membership(counts: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Keep the counts of structures in periods that ended during their membership; one row per membership."""
    return (
        counts.join(members, on="structure", how="inner", maintain_order="left")
        .filter(pl.col("period_end").is_between("holds_from", "holds_until"))
        .drop("holds_from", "holds_until")
    )


def _cast_counts() -> list[pl.Expr]:
    """Return the count columns cast to their types, since those of registers differ in width."""
    return [pl.col(name).cast(kind) for name, kind in COUNT_COLUMNS.items()]


def _years_before(day: date, years: int) -> date:
    """Return the first day of a month, that many years before a day, not before the first year."""
    return day.replace(year=max(day.year - years, date.min.year), day=1) if years else day


def _sum_registers(counts: pl.DataFrame, *group_columns: str) -> pl.DataFrame:
    """Sum counts taken from registers, as `perimeter_counts.sql` does for reported ones; by the given columns."""
    weight = pl.coalesce("denominator", "numerator")
    return counts.group_by(*group_columns, "indicator", "period", "period_end").agg(
        pl.col("numerator").sum(),
        pl.when(pl.col("denominator").is_not_null().any()).then(pl.col("denominator").sum()).alias("denominator"),
        # A structure without cases does not contribute to a rate.
        pl.when((weight > 0).any() & pl.col("denominator").is_not_null().any())
        .then((weight > 0).sum())
        .otherwise(pl.len())
        .alias("contributors"),
        # Without any count there is no share.
        pl.when(weight.sum() > 0).then(weight.max() / weight.sum()).alias("largest_share"),
        pl.lit(value=True).alias("from_register"),
    )


def counts_by_structure(
    snapshot: Snapshot,
    members: Sequence[str],
    indicator_ids: Sequence[str],
    periods: Sequence[str],
    since: date,
    until: date,
) -> pl.DataFrame:
    """Return the counts of some indicators in some periods, one row per structure × indicator × period.

    The columns are structure, indicator, period, period_end and `COUNT_COLUMNS`; the periods are codes, and end between
    two days. Cohorts are not pooled.
    """
    register_rows = snapshot.register_counts.filter(
        pl.col("structure").is_in(members) & pl.col("indicator").is_in(indicator_ids)
    )
    register_indicators = register_rows["indicator"].unique().to_list()
    reported = snapshot.query_measures(
        "structure_counts",
        members,
        indicators=[name for name in indicator_ids if name not in register_indicators],
        periods=list(periods),
        since=since,
        until=until,
    )
    registers = register_rows.filter(pl.col("period").is_in(periods)).with_columns(
        pl.lit(value=True).alias("from_register")
    )
    return with_count_columns(pl.concat([reported, registers], how="diagonal_relaxed"))


def with_count_columns(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the counts or stated values of structures with all the columns of `COUNT_COLUMNS`."""
    quotient = pl.col("numerator") / pl.col("denominator")
    missing_columns = [
        pl.lit(None, kind).alias(name) for name, kind in COUNT_COLUMNS.items() if name not in rows.columns
    ]
    return (
        rows.with_columns(missing_columns)
        .with_columns(
            pl.when(quotient.is_finite()).then(quotient).alias("quotients"),
            pl.lit(1, pl.Int32).alias("contributors"),
        )
        .select("structure", "indicator", "period", "period_end", *_cast_counts())
    )
