"""Rule on rates with exactly three decimals (C04): « 60,417 » is sixty and a fraction, or sixty thousand.

The row often decides: its counts give one of the two, or only one is in the indicator's range. Otherwise the finding
stays.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

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
AS_DECIMAL: Final = pl.col("decimal")
"""The rate if its mark is decimal: 60.417 for « 60,417 »."""
AS_THOUSANDS: Final = (AS_DECIMAL * 1000).round()
"""The rate if its mark separates thousands: 60,417 for « 60,417 »."""


class DecimalReading(NamedTuple):
    """An ambiguous text read as a decimal number."""

    value: float
    unit: str | None
    spellings: str | None
    """The text in both unambiguous spellings, as the finding proposes them."""


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
        (line, text, decimal_readings[text].spellings, {})
        for line, text in undecided.select("line", "text").head(SAMPLE_SIZE).iter_rows()
    ]
    report.add_sample("C04", sample, undecided.height, at=VALUE_FIELD)
    places = decided["line"]
    return parsed.with_columns(
        parsed[VALUE_FIELD].scatter(places, decided["reading"]),
        parsed[f"{VALUE_FIELD}:decimals"].scatter(places, decided["decimals"]),
        parsed[f"{VALUE_FIELD}:unit"].scatter(places, decided["unit"].cast(parsed[f"{VALUE_FIELD}:unit"].dtype)),
    )


def _parse_as_decimal(text: str) -> DecimalReading | None:
    """Return an ambiguous text read as a decimal number; `None` if it is not ambiguous."""
    stripped = strip_cell(unescape_formula(text))
    refused, decimal = parse_number(stripped), parse_number(stripped, mark_is_decimal=True)
    if isinstance(refused, NotNumber) and refused.code == "C04" and isinstance(decimal, Number):
        return DecimalReading(decimal.value, decimal.unit, refused.suggestion)
    return None


def _resolve_rates(
    parsed: pl.DataFrame,
    texts: pl.Series,
    lines: pl.Series,
    decimal_readings: Mapping[str, DecimalReading],
    catalogue: Catalogue,
) -> pl.DataFrame:
    """Return for each line its `text`, and the `reading` that its row allows, with its `decimals` and `unit`.

    `reading` is null where the row allows both readings or neither.
    """
    is_decimal = pl.col("is_decimal")
    return (
        parsed.select("indicator", "numerator", "denominator")[lines]
        .with_columns(lines.cast(pl.Int64).alias("line"), texts.gather(lines).alias("text"))
        .join(_decimals_by_text(decimal_readings), on="text", how="left", maintain_order="left")
        .join(_scales_and_ranges(catalogue), on="indicator", how="left", maintain_order="left")
        .with_columns(_decide_by_row().alias("is_decimal"))
        .select(
            "line",
            "text",
            "unit",
            pl.when(is_decimal).then(AS_DECIMAL).when(~is_decimal).then(AS_THOUSANDS).alias("reading"),
            pl.when(is_decimal).then(AMBIGUOUS_DECIMALS).otherwise(0).cast(pl.Int8).alias("decimals"),
        )
    )


def _decimals_by_text(decimal_readings: Mapping[str, DecimalReading]) -> pl.DataFrame:
    """Return one row per ambiguous text: text, decimal, unit."""
    return pl.DataFrame(
        [(text, reading.value, reading.unit) for text, reading in decimal_readings.items()],
        schema={"text": pl.String, "decimal": pl.Float64, "unit": pl.String},
        orient="row",
    )


def _scales_and_ranges(catalogue: Catalogue) -> pl.DataFrame:
    """Return one row per indicator: how its rate is made of counts (scale, is_divided), and its range."""
    return pl.DataFrame(
        [
            (indicator.id, indicator.scale, indicator.denominator_required, *map(float, indicator.range))
            for indicator in catalogue
        ],
        schema={
            "indicator": pl.String,
            "scale": pl.Float64,
            "is_divided": pl.Boolean,
            "lowest": pl.Float64,
            "highest": pl.Float64,
        },
        orient="row",
    )


def _decide_by_row() -> pl.Expr:
    """Return whether the mark of a rate is decimal: by the counts of its row, else by the range of its indicator.

    Either decides if it allows exactly one of the two readings; null where neither does.
    """
    decimal_fits_counts = _fits_counts(AS_DECIMAL, last_digit=10.0**-AMBIGUOUS_DECIMALS)
    thousands_fit_counts = _fits_counts(AS_THOUSANDS, last_digit=1.0)
    decimal_fits_range, thousands_fit_range = _fits_range(AS_DECIMAL), _fits_range(AS_THOUSANDS)
    return (
        pl.when(decimal_fits_counts != thousands_fit_counts)
        .then(decimal_fits_counts)
        .when(decimal_fits_range != thousands_fit_range)
        .then(decimal_fits_range)
    )


def _fits_counts(reading: pl.Expr, last_digit: float) -> pl.Expr:
    """Return whether the counts of the row give a reading, within its last digit; false without counts."""
    divisor = pl.when("is_divided").then("denominator").otherwise(1.0)
    rate = pl.col("numerator") / divisor * pl.col("scale")
    is_near = (reading - rate).abs() <= last_digit * (1 + RELATIVE_TOLERANCE)
    return (rate.is_finite() & is_near).fill_null(value=False)


def _fits_range(reading: pl.Expr) -> pl.Expr:
    """Return whether a reading lies in the range of the indicator; true of an unknown indicator."""
    return reading.is_between("lowest", "highest").fill_null(value=True)
