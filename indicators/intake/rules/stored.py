"""A file against what is in force: what it replaces (B04), repeats (B07) or leaves out (X04)."""

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Final

import polars as pl

from indicators.intake.report import SAMPLE
from indicators.intake.rules.telling import Rule, Rules
from indicators.network import Reading
from indicators.periods import Frequency, Period

FEW: Final = 100
"""Structures up to which it is worth naming them to the store."""
FEWEST_ALIKE: Final = 3
"""Values that must all be those of the quarter before to be worth asking: one or two are often the same."""
KEY: Final = ("structure", "period", "indicator", "segment")
COUNTS: Final = ("numerator", "denominator", "value")
HELD: Final = pl.Schema(
    {**dict.fromkeys(KEY, pl.String()), **dict.fromkeys(COUNTS, pl.Float64()), "absence": pl.String()}
)


def compared(rules: Rules, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Ask once, for all the structures of a file, what it is compared with.

    First the measures in force of its periods, of those before them and of those before what is owed; then one row for
    each structure, indicator and period of the file of which earlier figures are in force: points, maximum, median,
    deviation (the median of the absolute deviations from it) and past, the last four figures, oldest first.
    """
    structures = rows["structure"].unique().drop_nulls().sort().to_list()
    periods = [Period.parse(code) for code in rows["period"].unique().drop_nulls().sort()]
    owed = list(_owed(rules.collected.period)) if rules.collected.period else []
    held = {period for own in (*periods, *owed) for period in (own, own.shifted(-1))}
    if not (structures and held and _anything(rules.reading)):
        return pl.DataFrame(schema=HELD), pl.DataFrame()
    everyone = len(structures) > FEW
    sheets = list(rules.reading.catalogue)
    found = rules.reading.ask(
        "compared",
        structures=[structures[0], structures[-1]] if everyone else structures,
        everyone=everyone,
        held=sorted(period.code for period in held),
        until=max(period.end for period in held),
        periods=[period.code for period in periods],
        ends=[period.end for period in periods],
        indicators=[sheet.id for sheet in sheets],
        scales=[sheet.scale for sheet in sheets],
        divided=[sheet.denominator_required for sheet in sheets],
    )
    stored, past = found.filter(pl.col("points").is_null()), found.filter(pl.col("points").is_not_null())
    return stored.select(HELD.names()), past.drop("segment", *COUNTS, "absence")


def _anything(reading: Reading) -> bool:
    """Whether the store holds measures at all: an empty table is the slowest to ask."""
    sql = "select 1 from lake.measures limit 1"
    return reading.once("any measures", lambda: bool(reading.cursor.rows(sql)))


def differs(suffix: str) -> pl.Expr:
    """Whether a row says something else than another one beside it, whose columns end with `suffix`."""
    stated = pl.col("numerator").is_null() & pl.col("value").ne_missing(pl.col(f"value{suffix}"))
    names = ("numerator", "denominator", "absence")
    return pl.any_horizontal(stated, *(pl.col(name).ne_missing(pl.col(f"{name}{suffix}")) for name in names))


def tell_changes(rules: Rules, rows: pl.DataFrame, stored: pl.DataFrame) -> None:
    """Values that differ from those in force are replaced only if the depositor says why."""
    if stored.is_empty():
        return
    both = rows.join(stored, on=list(KEY), suffix=":former", maintain_order="left")
    counted = pl.col("numerator").is_not_null() | pl.col("value").is_null()
    values = {
        "former": pl.coalesce("numerator:former", "value:former"),
        "former_denominator": pl.col("denominator:former"),
        "now": pl.coalesce("numerator", "value"),
        "now_denominator": pl.col("denominator"),
    }
    rules.tell(
        both.filter(differs(":former")),
        Rule("B04", counted, "numerator", values=values),
        Rule("B04", ~counted, "value", values=values),
    )


def tell_unchanged_quarters(rules: Rules, rows: pl.DataFrame, stored: pl.DataFrame) -> None:
    """Ask once about a structure whose values are all those of its quarter before, in force or in the file (B07)."""
    periods = [Period.parse(code) for code in rows["period"].unique().drop_nulls()]
    quarters = {p.code: p.shifted(-1).code for p in periods if p.frequency is Frequency.QUARTER}
    if not (quarters.keys() & set(quarters.values()) or stored["period"].is_in(list(quarters.values())).any()):
        return
    whole = pl.all_horizontal(pl.col("structure", "period", "indicator").is_not_null())
    together = pl.col("structure:place").cast(pl.UInt64) * len(periods) + pl.col("period:place")
    own = _signed(rows.lazy().filter(whole), together)
    former = _signed(stored.lazy().with_columns(pl.lit(0, pl.UInt32).alias("index")), pl.struct("structure", "period"))
    known = pl.concat([former.join(own, on=["structure", "period"], how="anti"), own])
    before = known.select("structure", "signature", "values", pl.col("period").alias("before"))
    again = (
        own.filter(pl.col("values") >= FEWEST_ALIKE)
        .with_columns(pl.col("period").replace_strict(quarters, default=None, return_dtype=pl.String).alias("before"))
        .join(before, on=["structure", "signature", "values", "before"], how="semi")
        .sort("index")
    )
    values = {"structure": pl.col("structure"), "wanted": pl.col("before")}
    rules.tell(again, Rule("B07", pl.lit(value=True), "period", values=values))


def _signed(rows: pl.LazyFrame, key: pl.Expr) -> pl.DataFrame:
    """One row a structure and period (`key`): how many values it has, and a number that only the same ones give."""
    stated = pl.when(pl.col("numerator").is_null()).then("value")
    said = [pl.col("indicator"), pl.col("segment"), pl.col("numerator"), pl.col("denominator"), stated]
    signature = reduce(pl.Expr.xor, (value.hash(seed) for seed, value in enumerate(said)))
    return (
        rows.filter(pl.col("absence").is_null() & pl.coalesce("numerator", "value").is_not_null())
        .with_columns(signature.alias("signature"), key.alias("key"))
        .group_by("key")
        .agg(
            pl.col("structure").first(),
            pl.col("period").first(),
            pl.col("signature").sum(),
            pl.len().alias("values"),
            pl.col("index").min(),
        )
        .drop("key")
        .collect()
    )


def _owed(collected: Period) -> Iterator[Period]:
    """Yield the period of each frequency that ends in the one collected."""
    for frequency in Frequency:
        own = Period.latest_ended(collected.end, frequency)
        if own.end >= collected.start:
            yield own


def tell_expected(rules: Rules, typed: pl.DataFrame, stored: pl.DataFrame) -> None:
    """What applies to a structure and was delivered for the period before is expected again (X04)."""
    collected = rules.collected
    if collected.period is None:
        return
    concerned: Sequence[str] = (
        [collected.structure] if collected.structure else typed["structure"].unique().drop_nulls().sort().to_list()
    )
    frequencies = {sheet.id: sheet for sheet in rules.reading.catalogue if sheet.source == "reported"}
    figures = stored.filter(pl.col("absence").is_null()).select("structure", "period", "indicator").unique()
    known = set(figures.rows()) | set(typed.select("structure", "period", "indicator").unique().rows())
    absent: list[tuple[str, str]] = []
    owed = {period.frequency: period for period in _owed(collected.period)}
    for structure, period, indicator in sorted(figures.rows()):
        sheet = frequencies.get(indicator)
        own = owed.get(sheet.frequency) if sheet else None
        if sheet is None or own is None or period != own.shifted(-1).code or structure not in concerned:
            continue
        owner = rules.reading.structures.by_id.get(structure)
        expected = owner is not None and owner.open_during(own) and sheet.applies_to(owner.kind)
        if expected and (structure, own.code, indicator) not in known:
            absent.append((structure, indicator))
    for structure, indicator in absent[:SAMPLE]:
        rules.report.tell(
            "X04", at="indicator", suggestion=indicator, count=len(absent), wanted=indicator, structure=structure
        )
