"""Rule on rates with exactly three decimals (C04): « 60,417 » is sixty and a fraction, or sixty thousand.

The row often decides: its counts give one of the two, or only one is in the indicator's range. Otherwise the finding
stays.
"""

from typing import Final

import polars as pl

from indicators.csv_safety import unescape_formula
from indicators.definitions.catalogue import Catalogue
from indicators.intake.cells.numbers import NotNumber, Number, parse_number
from indicators.intake.report import SAMPLE_SIZE, Report, SampleCell
from indicators.intake.tables.header import Table
from indicators.intake.text_matching import strip_cell
from schemas.findings import Severity

VALUE_FIELD: Final = "value"
AMBIGUOUS_DECIMALS: Final = 3
THOUSANDS_PATTERN: Final = r"[1-9]\d{0,2}[.,]\d{3}"
RELATIVE_TOLERANCE: Final = 1e-6


def resolve_ambiguous_rates(table: Table, parsed: pl.DataFrame, catalogue: Catalogue, report: Report) -> pl.DataFrame:
    """Resolve the rates that could be thousands by their counts or the indicator's range; report the others (C04).

    `parsed` has the columns of measures, as `parse_cells` returns them; it is returned with those rates filled in.
    """
    texts = table.texts[VALUE_FIELD]
    if VALUE_FIELD not in report.columns:
        return parsed
    is_unparsed = parsed[VALUE_FIELD].is_null() & texts.str.contains(THOUSANDS_PATTERN).fill_null(value=False)
    if not is_unparsed.any():
        return parsed
    decimal_readings = {
        text: decimal_reading
        for text in texts.filter(is_unparsed).unique()
        if (decimal_reading := _parse_as_decimal(text)) is not None
    }
    lines = (is_unparsed & texts.is_in(list(decimal_readings))).arg_true()
    if not len(lines):
        return parsed
    rows = _resolve_rates(parsed, texts, lines, decimal_readings, catalogue)
    decided = rows.filter(pl.col("reading").is_not_null())
    undecided = rows.filter(pl.col("reading").is_null())
    report.discard("C04", Severity.BLOCKING, VALUE_FIELD)
    sample: list[SampleCell] = [
        (line, text, decimal_readings[text][2], {})
        for line, text in undecided.select("line", "text").head(SAMPLE_SIZE).iter_rows()
    ]
    report.add_sample("C04", sample, undecided.height, at=VALUE_FIELD)
    places = decided["line"]
    return parsed.with_columns(
        parsed[VALUE_FIELD].scatter(places, decided["reading"]),
        parsed[f"{VALUE_FIELD}:decimals"].scatter(places, decided["decimals"]),
        parsed[f"{VALUE_FIELD}:unit"].scatter(places, decided["unit"].cast(parsed[f"{VALUE_FIELD}:unit"].dtype)),
    )


def _parse_as_decimal(text: str) -> tuple[float, str | None, str | None] | None:
    """Return the decimal value of an ambiguous text, its unit and both spellings; `None` if it is not ambiguous."""
    stripped = strip_cell(unescape_formula(text))
    refused, decimal = parse_number(stripped), parse_number(stripped, mark_is_decimal=True)
    if isinstance(refused, NotNumber) and refused.code == "C04" and isinstance(decimal, Number):
        return decimal.value, decimal.unit, refused.suggestion
    return None


def _resolve_rates(
    parsed: pl.DataFrame,
    texts: pl.Series,
    lines: pl.Series,
    decimal_readings: dict[str, tuple[float, str | None, str | None]],
    catalogue: Catalogue,
) -> pl.DataFrame:
    """Return for each line its `text`, and the `reading` that its row allows, with its `decimals` and `unit`."""
    indicators = pl.DataFrame(
        [
            (indicator.id, indicator.scale, indicator.denominator_required, *map(float, indicator.range))
            for indicator in catalogue
        ],
        schema={
            "indicator": pl.String,
            "scale": pl.Float64,
            "divided": pl.Boolean,
            "lowest": pl.Float64,
            "highest": pl.Float64,
        },
        orient="row",
    )
    decimals = pl.DataFrame(
        [(text, decimal, unit) for text, (decimal, unit, _) in decimal_readings.items()],
        schema={"text": pl.String, "decimal": pl.Float64, "unit": pl.String},
        orient="row",
    )
    thousand = (pl.col("decimal") * 1000).round()
    divisor = pl.when("divided").then("denominator").otherwise(1.0)
    rate = pl.col("numerator") / divisor * pl.col("scale")
    has_rate = rate.is_finite().fill_null(value=False)

    def is_rate(reading: pl.Expr, last: float) -> pl.Expr:
        return has_rate & ((reading - rate).abs() <= last * (1 + RELATIVE_TOLERANCE)).fill_null(value=False)

    def is_possible(reading: pl.Expr) -> pl.Expr:
        return reading.is_between("lowest", "highest").fill_null(value=True)

    by_counts = (is_rate(pl.col("decimal"), 10.0**-AMBIGUOUS_DECIMALS), is_rate(thousand, 1.0))
    by_range = (is_possible(pl.col("decimal")), is_possible(thousand))
    is_decimal = (
        pl.when(by_counts[0] != by_counts[1])
        .then(by_counts[0])
        .when(by_range[0] != by_range[1])
        .then(by_range[0])
        .otherwise(None)
    )
    return (
        parsed.select("indicator", "numerator", "denominator")[lines]
        .with_columns(lines.cast(pl.Int64).alias("line"), texts.gather(lines).alias("text"))
        .join(decimals, on="text", how="left", maintain_order="left")
        .join(indicators, on="indicator", how="left", maintain_order="left")
        .with_columns(is_decimal.alias("is_decimal"))
        .select(
            "line",
            "text",
            "unit",
            pl.when("is_decimal").then("decimal").when(~pl.col("is_decimal")).then(thousand).alias("reading"),
            pl.when("is_decimal").then(AMBIGUOUS_DECIMALS).otherwise(0).cast(pl.Int8).alias("decimals"),
        )
    )
