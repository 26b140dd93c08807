"""Rates with exactly three decimals (C04): « 60,417 » is sixty and a fraction, or sixty thousand; its row often tells.

The counts beside it make one of the two, or the indicator can have only one of them. Where neither decides, the doubt
stays told.
"""

from typing import Final

import polars as pl

from indicators.csv_safety import restored
from indicators.definitions.catalogue import Catalogue
from indicators.intake.cells.numbers import NotNumber, Number, read_number
from indicators.intake.report import SAMPLE, Line, Report
from indicators.intake.tables.header import Table
from indicators.intake.text_matching import bared
from schemas.findings import Severity

FIELD: Final = "value"
DECIMALS: Final = 3
LIKE_THOUSANDS: Final = r"[1-9]\d{0,2}[.,]\d{3}"
NEAR: Final = 1e-6


def decide_rates(table: Table, typed: pl.DataFrame, catalogue: Catalogue, report: Report) -> pl.DataFrame:
    """Read the rates that could be thousands where their counts or their range leave one reading; tell the others.

    `typed` has the columns of measures, as `read_cells` returns them; it is returned with those rates filled in.
    """
    texts = table.texts[FIELD]
    if FIELD not in report.places:
        return typed
    unread = typed[FIELD].is_null() & texts.str.contains(LIKE_THOUSANDS).fill_null(value=False)
    if not unread.any():
        return typed
    known = {text: doubt for text in texts.filter(unread).unique() if (doubt := _doubt(text)) is not None}
    lines = (unread & texts.is_in(list(known))).arg_true()
    if not len(lines):
        return typed
    rows = _readings(typed, texts, lines, known, catalogue)
    decided = rows.filter(pl.col("reading").is_not_null())
    left = rows.filter(pl.col("reading").is_null())
    report.withdraw("C04", Severity.BLOCKING, FIELD)
    sample: list[Line] = [
        (line, text, known[text][2], {}) for line, text in left.select("line", "text").head(SAMPLE).iter_rows()
    ]
    report.tell_each("C04", sample, left.height, at=FIELD)
    places = decided["line"]
    return typed.with_columns(
        typed[FIELD].scatter(places, decided["reading"]),
        typed[f"{FIELD}:decimals"].scatter(places, decided["decimals"]),
        typed[f"{FIELD}:unit"].scatter(places, decided["unit"].cast(typed[f"{FIELD}:unit"].dtype)),
    )


def _doubt(text: str) -> tuple[float, str | None, str | None] | None:
    """Return the decimal number that a text may be, its unit and both its spellings; nothing if it is no such text."""
    bare = bared(restored(text))
    refused, decimal = read_number(bare), read_number(bare, decimals=True)
    if isinstance(refused, NotNumber) and refused.code == "C04" and isinstance(decimal, Number):
        return decimal.value, decimal.unit, refused.suggestion
    return None


def _readings(
    typed: pl.DataFrame,
    texts: pl.Series,
    lines: pl.Series,
    known: dict[str, tuple[float, str | None, str | None]],
    catalogue: Catalogue,
) -> pl.DataFrame:
    """Return for each line its `text`, and the `reading` that its row leaves, with its `decimals` and `unit`."""
    sheets = pl.DataFrame(
        [(sheet.id, sheet.scale, sheet.denominator_required, *map(float, sheet.range)) for sheet in catalogue],
        schema={
            "indicator": pl.String,
            "scale": pl.Float64,
            "divided": pl.Boolean,
            "lowest": pl.Float64,
            "highest": pl.Float64,
        },
        orient="row",
    )
    doubts = pl.DataFrame(
        [(text, decimal, unit) for text, (decimal, unit, _) in known.items()],
        schema={"text": pl.String, "decimal": pl.Float64, "unit": pl.String},
        orient="row",
    )
    thousand = (pl.col("decimal") * 1000).round()
    divisor = pl.when("divided").then("denominator").otherwise(1.0)
    rate = pl.col("numerator") / divisor * pl.col("scale")
    counted = rate.is_finite().fill_null(value=False)

    def is_rate(reading: pl.Expr, last: float) -> pl.Expr:
        return counted & ((reading - rate).abs() <= last * (1 + NEAR)).fill_null(value=False)

    def is_possible(reading: pl.Expr) -> pl.Expr:
        return reading.is_between("lowest", "highest").fill_null(value=True)

    by_counts = (is_rate(pl.col("decimal"), 10.0**-DECIMALS), is_rate(thousand, 1.0))
    by_range = (is_possible(pl.col("decimal")), is_possible(thousand))
    is_decimal = (
        pl.when(by_counts[0] != by_counts[1])
        .then(by_counts[0])
        .when(by_range[0] != by_range[1])
        .then(by_range[0])
        .otherwise(None)
    )
    return (
        typed.select("indicator", "numerator", "denominator")[lines]
        .with_columns(lines.cast(pl.Int64).alias("line"), texts.gather(lines).alias("text"))
        .join(doubts, on="text", how="left", maintain_order="left")
        .join(sheets, on="indicator", how="left", maintain_order="left")
        .with_columns(is_decimal.alias("is_decimal"))
        .select(
            "line",
            "text",
            "unit",
            pl.when("is_decimal").then("decimal").when(~pl.col("is_decimal")).then(thousand).alias("reading"),
            pl.when("is_decimal").then(DECIMALS).otherwise(0).cast(pl.Int8).alias("decimals"),
        )
    )
