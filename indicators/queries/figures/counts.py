"""What a perimeter counted, added up or structure by structure, before disclosure control: never shown as it is."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import MEMBERS, Level, Perimeter, Structure
from indicators.figures.aggregation import pooled
from indicators.figures.values import COUNTED
from indicators.network import Reading

DECLARED: Final = pl.lit(value=False).alias("from_register")
"""What structures report is a total that they declare: no register shows what it is made of."""


def counted(
    reading: Reading, perimeter: Perimeter, indicators: Sequence[Indicator], since: date, until: date
) -> pl.DataFrame:
    """Return the counts of the periods that end between two days: indicator, period, period_end and `COUNTED`.

    One row is one indicator × one period of which some structure deposited something. Cohorts that a sheet pools are
    pooled.
    """
    members = reading.structures.members_over_time(perimeter)
    asked = [sheet.id for sheet in indicators]
    kept = placed(reading.register_counts.filter(pl.col("indicator").is_in(asked)), members)
    registered = kept["indicator"].unique().to_list()
    years = max((sheet.pooled - 1 for sheet in indicators), default=0)
    values = {
        "indicators": [name for name in asked if name not in registered],
        "since": _years_before(since, years),
        "until": until,
    }
    if perimeter.level is Level.NETWORK:
        reported = reading.ask("counts_by_part", level=perimeter.level.value, **values).drop("portion")
    else:
        reported = reading.ask_reported("perimeter_counts", members, each=False, **values).drop("structure")
    reported = reported.with_columns(DECLARED)
    reported = pooled(reported, indicators, single=perimeter.level is Level.STRUCTURE)
    of_registers = _of_registers(kept)
    counts = pl.concat([reported, of_registers], how="diagonal_relaxed") if of_registers.height else reported
    counts = counts.filter(pl.col("period_end").is_between(since, until))
    return counts.select("indicator", "period", "period_end", *_typed())


def counted_of_each(
    reading: Reading, structures: Sequence[str], indicators: Sequence[Indicator], since: date, until: date
) -> pl.DataFrame:
    """Return the counts of several structures, as `counted` does of one: structure, then the same columns."""
    asked = [sheet.id for sheet in indicators]
    kept = reading.register_counts.filter(pl.col("indicator").is_in(asked) & pl.col("structure").is_in(structures))
    years = max((sheet.pooled - 1 for sheet in indicators), default=0)
    reported = reading.ask_reported(
        "perimeter_counts", structures, each=True, indicators=asked, since=_years_before(since, years), until=until
    ).with_columns(DECLARED)
    # Of a structure that keeps a register, it alone is its figure.
    reported = reported.join(kept, on=["structure", "indicator"], how="anti", maintain_order="left")
    counts = pooled(reported, indicators, single=True)
    if kept.height:
        counts = pl.concat([counts, _of_registers(kept, "structure")], how="diagonal_relaxed")
    counts = counts.filter(pl.col("period_end").is_between(since, until))
    return counts.select("structure", "indicator", "period", "period_end", *_typed())


def counted_by_portion(
    reading: Reading, level: Level, indicators: Sequence[Indicator], since: date, until: date
) -> pl.DataFrame:
    """Return the counts of each region or each kind, as `counted` does of one: portion, then the same columns."""
    asked = [sheet.id for sheet in indicators]
    portions = reading.once(("portions of", level), lambda: _portions(reading, level))
    kept = placed(reading.register_counts.filter(pl.col("indicator").is_in(asked)), portions)
    years = max((sheet.pooled - 1 for sheet in indicators), default=0)
    since_then = _years_before(since, years)
    reported = reading.ask("counts_by_part", level=level.value, indicators=asked, since=since_then, until=until)
    reported = reported.with_columns(DECLARED)
    # Where a part keeps registers, they alone are its figure.
    reported = reported.join(kept, on=["portion", "indicator"], how="anti", maintain_order="left")
    counts = pooled(reported, indicators, single=False)
    if kept.height:
        counts = pl.concat([counts, _of_registers(kept, "portion")], how="diagonal_relaxed")
    counts = counts.filter(pl.col("period_end").is_between(since, until))
    return counts.select("portion", "indicator", "period", "period_end", *_typed())


def _portions(reading: Reading, level: Level) -> pl.DataFrame:
    """Return the region or the kind of each structure, from which day to which: `MEMBERS`, portion."""
    return pl.DataFrame(
        [
            (one.structure.id, one.holds_from, one.holds_until, _portion(one.structure, level))
            for one in reading.structures.dated
        ],
        schema={**MEMBERS, "portion": pl.String},
        orient="row",
    )


def _portion(structure: Structure, level: Level) -> str:
    return structure.region if level is Level.REGION else structure.kind


def placed(counts: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Keep the counts of structures in the periods that ended while they belonged: a row for each place they have."""
    return (
        counts.join(members, on="structure", how="inner", maintain_order="left")
        .filter(pl.col("period_end").is_between("holds_from", "holds_until"))
        .drop("holds_from", "holds_until")
    )


def _typed() -> list[pl.Expr]:
    """Return the columns of counts: those of registers come with other widths."""
    return [pl.col(name).cast(kind) for name, kind in COUNTED.items()]


def _years_before(day: date, years: int) -> date:
    """Return a day that many years earlier, at the most: the first of its month will do."""
    return day.replace(year=max(day.year - years, date.min.year), day=1) if years else day


def _of_registers(counts: pl.DataFrame, *of: str) -> pl.DataFrame:
    """Add up counts taken from registers, as `figures.sql` does for what is reported; of each part, if named."""
    weight = pl.coalesce("denominator", "numerator")
    return counts.group_by(*of, "indicator", "period", "period_end").agg(
        pl.col("numerator").sum(),
        pl.when(pl.col("denominator").is_not_null().any()).then(pl.col("denominator").sum()).alias("denominator"),
        # Who had nothing to count is behind no part of a rate.
        pl.when((weight > 0).any() & pl.col("denominator").is_not_null().any())
        .then((weight > 0).sum())
        .otherwise(pl.len())
        .alias("contributors"),
        # Of a register in which nothing is counted nobody has a share.
        pl.when(weight.sum() > 0).then(weight.max() / weight.sum()).alias("largest_share"),
        pl.lit(value=True).alias("from_register"),
    )


def side_by_side(
    reading: Reading, members: Sequence[str], names: Sequence[str], periods: Sequence[str], since: date, until: date
) -> pl.DataFrame:
    """Return the counts of some indicators in some periods, one row a structure × indicator × period.

    The columns are structure, indicator, period, period_end and `COUNTED`; the periods are codes, and end between two
    days. Cohorts are those deposited, each alone.
    """
    kept = reading.register_counts.filter(pl.col("structure").is_in(members) & pl.col("indicator").is_in(names))
    registered = kept["indicator"].unique().to_list()
    reported = reading.ask_reported(
        "structure_counts",
        members,
        indicators=[name for name in names if name not in registered],
        periods=list(periods),
        since=since,
        until=until,
    )
    registers = kept.filter(pl.col("period").is_in(periods)).with_columns(pl.lit(value=True).alias("from_register"))
    return of_structures(pl.concat([reported, registers], how="diagonal_relaxed"))


def of_structures(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what structures counted, or stated, with all the columns of `COUNTED`."""
    quotient = pl.col("numerator") / pl.col("denominator")
    absent = [pl.lit(None, kind).alias(name) for name, kind in COUNTED.items() if name not in rows.columns]
    return (
        rows.with_columns(absent)
        .with_columns(
            pl.when(quotient.is_finite()).then(quotient).alias("quotients"),
            pl.lit(1, pl.Int32).alias("contributors"),
        )
        .select("structure", "indicator", "period", "period_end", *_typed())
    )
