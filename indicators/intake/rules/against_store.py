"""A file against what is in force: what it replaces (B04), repeats (B07) or leaves out (X04)."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import reduce
from typing import Final

import polars as pl

from indicators.definitions.periods import Frequency, Period
from indicators.intake.report import SAMPLE
from indicators.intake.rules.measures import WHOLE_SEGMENT
from indicators.intake.rules.row_keys import MEASURE, QUARTER, with_numbers
from indicators.intake.rules.rule import Rule, Rules
from indicators.network import Reading
from indicators.queries.deposits.expected import expected_with

FEW: Final = 100
"""Structures up to which it is worth naming them to the store."""
ROWS: Final = 100_000
"""Rows whose structures are compared with the store at a time."""
FEWEST_ALIKE: Final = 3
"""Values that must all be those of the quarter before to be worth asking: one or two are often the same."""
KEY: Final = ("structure", "period", "indicator", "segment")
COUNTS: Final = ("numerator", "denominator", "value")
HELD: Final = pl.Schema(
    {
        **dict.fromkeys(KEY, pl.String()),
        "period_end": pl.Date(),
        **dict.fromkeys(COUNTS, pl.Float64()),
        "absence": pl.String(),
    }
)


def blocks(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the rows of some structures at a time, all those of a structure together.

    No rule compares one structure with another: what a large file is held against then stays small.
    """
    if rows.height <= ROWS:
        yield rows
        return
    counted = (
        rows.group_by("structure:place").agg(pl.col("structure").first(), pl.len()).sort("structure", nulls_last=True)
    )
    # Rows whose structure could not be read stand together in the last block.
    counted = counted.select("structure:place", block=(pl.col("len").cum_sum() - pl.col("len")) // ROWS)
    of_rows = rows.select("structure:place").join(
        counted, on="structure:place", how="left", nulls_equal=True, maintain_order="left"
    )["block"]
    for block in counted["block"].unique().sort():
        yield rows.filter(of_rows == block)


def blocks_with_stored(rules: Rules, rows: pl.DataFrame) -> Generator[tuple[pl.DataFrame, pl.DataFrame], None, None]:
    """Yield each block with the measures in force of its structures, both with the numbers of their keys (`row_keys`).

    While a block is looked at, the store is asked about the next one.
    """
    if rows.height <= ROWS:
        question = "in_force_of_many" if rules.reading.knows_contested else "in_force"
        yield with_numbers(rules.reading, rows, in_force(rules, rows, question))
        return
    parts = blocks(rows)

    def following() -> tuple[pl.DataFrame, pl.DataFrame] | None:
        block = next(parts, None)
        if block is None:
            return None
        return with_numbers(rules.reading, block, in_force(rules, block, "in_force_of_many"))

    with ThreadPoolExecutor(1) as asking:
        prepared = asking.submit(following)
        while (found := prepared.result()) is not None:
            prepared = asking.submit(following)
            yield found


def in_force(rules: Rules, rows: pl.DataFrame, question: str) -> pl.DataFrame:
    """Return the measures in force of the structures of a block, up to the end of the years it holds or owes."""
    structures = rows["structure"].unique().drop_nulls().sort().to_list()
    periods = [Period.parse(code) for code in rows["period"].unique().drop_nulls()]
    # A quarter is held against those that follow it in its year, and against the year.
    ends = [max(period.end, date(period.start.year, 12, 31)) for period in (*periods, *_owed(rules.collected.period))]
    if not (structures and ends and _anything(rules.reading)):
        return HELD.to_frame()
    everyone = len(structures) > FEW
    return rules.reading.ask(
        question,
        structures=[] if everyone else structures,
        first=structures[0],
        last=structures[-1],
        everyone=everyone,
        until=max(ends),
    )


def _anything(reading: Reading) -> bool:
    """Whether the store holds measures at all: an empty table is the slowest to ask."""
    sql = "select 1 from lake.measures limit 1"
    return reading.once("any measures", lambda: bool(reading.cursor.rows(sql)))


def differs(suffix: str) -> pl.Expr:
    """Whether a row says something else than another one beside it, whose columns end with `suffix`."""
    stated = pl.col("numerator").is_null() & pl.col("value").ne_missing(pl.col(f"value{suffix}"))
    names = ("numerator", "denominator", "absence")
    return pl.any_horizontal(stated, *(pl.col(name).ne_missing(pl.col(f"{name}{suffix}")) for name in names))


def takes_away(former: str) -> pl.Expr:
    """Whether a row says that there is no figure where one is in force, whose columns are named as `former` says."""
    figure = pl.coalesce(*(pl.col(former.format(name)) for name in ("numerator", "value")))
    return pl.col("absence").is_not_null() & figure.is_not_null()


def tell_changes(rules: Rules, rows: pl.DataFrame, stored: pl.DataFrame) -> None:
    """Figures in force change, or go, only if the depositor says why."""
    former = stored.filter(pl.col("period").is_in(rows["period"].unique().implode()))
    if former.is_empty():
        return
    key = [MEASURE, "segment:place"]
    both = rows.join(former.select(*key, *COUNTS, "absence"), on=key, suffix=":former", maintain_order="left")
    counted = pl.col("numerator").is_not_null() | pl.col("value").is_null()
    values = {
        "former": pl.coalesce("numerator:former", "value:former"),
        "former_denominator": pl.col("denominator:former"),
        "now": pl.coalesce("numerator", "value"),
        "now_denominator": pl.col("denominator"),
    }
    gone, former_figure = takes_away("{}:former"), {name: values[name] for name in ("former", "former_denominator")}
    said_in = {
        "numerator": pl.col("numerator:absence").is_not_null(),
        "value": pl.col("numerator:absence").is_null(),
    }
    rules.tell(
        both.filter(differs(":former")),
        Rule("B04", ~gone & counted, "numerator", values=values),
        Rule("B04", ~gone & ~counted, "value", values=values),
        *(Rule("B04", gone & here, at, values=former_figure, cause="taken_away") for at, here in said_in.items()),
    )


def tell_unchanged_quarters(rules: Rules, rows: pl.DataFrame, stored: pl.DataFrame) -> None:
    """Ask once about a structure whose values are all those of its quarter before, in force or in the file (B07)."""
    periods = [Period.parse(code) for code in rows["period"].unique().drop_nulls()]
    quarters = {p.code: p.shifted(-1).code for p in periods if p.frequency is Frequency.QUARTER}
    if not (quarters.keys() & set(quarters.values()) or stored["period"].is_in(list(quarters.values())).any()):
        return
    own = _signed(rows.lazy().filter(pl.col(MEASURE).is_not_null()))
    earlier = stored.lazy().filter(pl.col("period").is_in([*quarters, *quarters.values()]))
    in_place = _signed(earlier.with_columns(index=pl.lit(0, pl.UInt32)))
    # What the file says of a quarter replaces what is in force of it.
    known = pl.concat([own, in_place.join(own, on=QUARTER, how="anti")])
    before = known.select("structure", "signature", "values", pl.col("period").alias("before"))
    again = (
        own.filter(pl.col("values") >= FEWEST_ALIKE)
        .with_columns(pl.col("period").replace_strict(quarters, default=None, return_dtype=pl.String).alias("before"))
        .join(before, on=["structure", "signature", "values", "before"], how="semi")
        .sort("index")
    )
    values = {"structure": pl.col("structure"), "wanted": pl.col("before")}
    rules.tell(again, Rule("B07", pl.lit(value=True), "period", values=values))


def _signed(rows: pl.LazyFrame) -> pl.DataFrame:
    """One row a structure and period: how many values it has, and a number that only the same ones give."""
    stated = pl.when(pl.col("numerator").is_null()).then("value")
    said = [pl.col("indicator:place"), pl.col("segment:place"), pl.col("numerator"), pl.col("denominator"), stated]
    signature = reduce(pl.Expr.xor, (value.hash(seed) for seed, value in enumerate(said)))
    return (
        rows.filter(pl.col("absence").is_null() & pl.coalesce("numerator", "value").is_not_null())
        .with_columns(signature.alias("signature"))
        .group_by(QUARTER)
        .agg(
            pl.col("structure", "period").first(),
            pl.col("signature").sum(),
            pl.len().alias("values"),
            pl.col("index").min(),
        )
        .collect()
    )


def _owed(collected: Period | None) -> Iterator[Period]:
    """Yield the period of each frequency that ends in the one collected, if one is."""
    if collected is None:
        return
    for frequency in Frequency:
        own = Period.latest_ended(collected.end, frequency)
        if own.end >= collected.start:
            yield own


def missing(rules: Rules, rows: pl.DataFrame, stored: pl.DataFrame) -> list[tuple[str, str]]:
    """Return what is expected again of the structures of a block, and not there: structure and indicator.

    What applies to a structure and was delivered for the period before is expected for the one collected.
    """
    collected = rules.collected
    if collected.period is None:
        return []
    structures = rules.reading.structures
    owed = [one for one in expected_with(rules.reading.catalogue, collected.period) if one.reported]
    before = {(one.sheet.id, one.period.shifted(-1).code): one for one in owed}
    periods = {code for one in owed for code in (one.period.code, one.period.shifted(-1).code)}
    whole = pl.col("segment") == WHOLE_SEGMENT
    figures = stored.filter(whole & pl.col("absence").is_null() & pl.col("period").is_in(list(periods)))
    keys = ["structure", "period", "indicator"]
    known = set(figures.select(keys).unique().rows()) | set(rows.select(keys).unique().rows())
    absent: list[tuple[str, str]] = []
    for structure, period, indicator in sorted(figures.select(keys).unique().rows()):
        expected = before.get((indicator, period))
        known_here = structure in structures.by_id and structure == (collected.structure or structure)
        if expected is None or not known_here:
            continue
        if expected.concerns(structures, structure) and (structure, expected.period.code, indicator) not in known:
            absent.append((structure, indicator))
    return absent


def tell_missing(rules: Rules, absent: Sequence[tuple[str, str]]) -> None:
    """Tell what is expected and not there (X04)."""
    for structure, indicator in absent[:SAMPLE]:
        rules.report.tell(
            "X04", at="indicator", suggestion=indicator, count=len(absent), wanted=indicator, structure=structure
        )
