"""From texts to typed columns: each distinct text of a column is read once, with what is to be said of it.

A contract run on unread text is wrong (one « NC » hides the other errors of its column), so reading comes first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

import polars as pl

from indicators.intake.header import Table
from indicators.intake.numbers import SPREADSHEET_ERROR, Number, read_number
from indicators.intake.references import SCIENTIFIC, References, Told
from indicators.intake.report import SAMPLE, Report
from indicators.intake.spelling import SPACES, folded, nearest
from indicators.intake.words import digits_of, read_absence, read_date, read_period
from schemas.columns import POLARS_TYPE, Cell, Column
from schemas.findings import Severity

Value: TypeAlias = str | float | int | date | None
FORMULA: Final = ("=", "+", "@")
"""First characters that a spreadsheet takes for a formula: kept as text, neutralised when exported."""


@dataclass(frozen=True)
class ReadCell:
    """One distinct text, read: its value, the absence it states, the decimals it shows, what is to be said of it."""

    value: Value = None
    absence: str | None = None
    decimals: int | None = None
    percent: bool = False
    told: Told | None = None


Reader: TypeAlias = Callable[[str], ReadCell]


def read_cells(table: Table, references: References, report: Report) -> pl.DataFrame:
    """Type every column of a table.

    The frame has the dataset's fields, typed, with null where a cell is empty, absent or could not be read; a column
    `<field>:absence` for each number (`missing`, `not_applicable` or null), `<field>:decimals`, and `line`, the
    spreadsheet row. What could not be read is in the report.
    """
    columns: list[pl.Series] = [table.rows.cast(pl.Int32).alias("line")]
    for column in table.dataset.columns:
        read = _reader(column, references, table.typed)
        columns += _read_column(table.texts[column.name], column, read, _facts(column, references), report)
    return pl.DataFrame(columns)


def _read_column(
    texts: pl.Series, column: Column, read: Reader, facts: Mapping[str, str | int], report: Report
) -> list[pl.Series]:
    """Read each distinct text of a column once and spread the result over its rows."""
    numeric = column.cell in {Cell.NUMBER, Cell.WHOLE}
    distinct = texts.unique(maintain_order=True).drop_nulls()
    readings = [read(text) for text in distinct]
    kind = POLARS_TYPE.get(column.cell, pl.String())
    known = pl.DataFrame(
        {
            "text": distinct,
            "value": pl.Series([reading.value for reading in readings], dtype=kind, strict=False),
            "absence": pl.Series([reading.absence for reading in readings], dtype=pl.String),
            "decimals": pl.Series([reading.decimals for reading in readings], dtype=pl.Int8),
            "told": pl.Series([reading.told is not None for reading in readings], dtype=pl.Boolean),
        }
    )
    spread = texts.alias("text").to_frame().join(known, on="text", how="left", maintain_order="left")
    if known["told"].any():
        _tell(spread, dict(zip(distinct, readings, strict=True)), column.name, facts, report)
    found = [spread["value"].alias(column.name)]
    if numeric:
        found += [spread[part].alias(f"{column.name}:{part}") for part in ("absence", "decimals")]
    return found


def _tell(
    spread: pl.DataFrame, readings: Mapping[str, ReadCell], at: str, facts: Mapping[str, str | int], report: Report
) -> None:
    """Report each cell of which there is something to say, by cause."""
    lines = spread.with_row_index("line").filter("told").select("line", "text")
    causes: dict[tuple[str, Severity], list[tuple[int, str, Told]]] = {}
    counts: dict[tuple[str, Severity], int] = {}
    for line, text in lines.iter_rows():
        told = readings[text].told
        if told:
            cause = (told.code, told.severity)
            counts[cause] = counts.get(cause, 0) + 1
            if counts[cause] <= SAMPLE:
                causes.setdefault(cause, []).append((line, text, told))
    for (code, severity), cells in causes.items():
        sample = ((line, text, told.suggestion, facts) for line, text, told in cells)
        report.tell_each(code, sample, counts[code, severity], severity, at)


def _facts(column: Column, references: References) -> Mapping[str, str | int]:
    """What the sentence of a finding may need to know of the column."""
    words = references.regions if column.cell is Cell.REGION else column.words
    return {"longest": column.longest, "words": ", ".join(words)}


def _reader(column: Column, references: References, typed: bool) -> Reader:
    """Return how the texts of a column are read."""
    match column.cell:
        case Cell.NUMBER | Cell.WHOLE:
            return lambda text: _number(text, whole=column.cell is Cell.WHOLE, typed=typed)
        case Cell.DATE:
            return _date
        case Cell.PERIOD:
            return _period
        case Cell.WORD:
            return lambda text: _word(text, column)
        case Cell.SIRET | Cell.BCE:
            return lambda text: _official_number(text, 14 if column.cell is Cell.SIRET else 10)
        case Cell.STRUCTURE:
            return lambda text: _reference(*references.structure(text))
        case Cell.INDICATOR:
            return lambda text: _reference(*references.indicator(text))
        case Cell.PERIMETER:
            return lambda text: _reference(*references.perimeter(text))
        case Cell.REGION:
            return lambda text: _reference(*references.region(text))
        case Cell.CODE | Cell.TEXT:
            return lambda text: _text(text, column)


def _blocking(code: str, suggestion: str | None = None) -> ReadCell:
    return ReadCell(told=Told(code, Severity.BLOCKING, suggestion))


def _reference(value: str | None, told: Told | None) -> ReadCell:
    return ReadCell(value, told=told)


def _number(text: str, *, whole: bool, typed: bool) -> ReadCell:
    if typed:
        return _typed_number(text, whole=whole)
    absence = read_absence(text)
    if absence:
        return ReadCell(absence=absence.value, told=Told("C02", Severity.INFO))
    match read_number(text):
        case Number(value, decimals, percent):
            if whole and value != int(value):
                return _blocking("C08")
            told = (
                Told("C05", Severity.CORRECTED, text.strip(SPACES).removesuffix("%").strip(SPACES)) if percent else None
            )
            if told is None and text != text.strip(SPACES):
                told = Told("C16", Severity.CORRECTED, text.strip(SPACES))
            return ReadCell(int(value) if whole else value, decimals=decimals, percent=percent, told=told)
        case problem:
            return _blocking(problem.code, problem.suggestion)


def _typed_number(text: str, *, whole: bool) -> ReadCell:
    """Read a number that a typed format wrote: canonical, unless the column held text."""
    try:
        value = float(text)
    except ValueError:
        return _number(text, whole=whole, typed=False)
    if value != value or value in {float("inf"), float("-inf")}:
        return _blocking("C03")
    if whole and value != int(value):
        return _blocking("C08")
    return ReadCell(int(value) if whole else value, decimals=len(text.partition(".")[2].rstrip("0")))


def _date(text: str) -> ReadCell:
    if SPREADSHEET_ERROR.fullmatch(text.strip(SPACES)):
        return _blocking("C14")
    found = read_date(text)
    return ReadCell(found) if found else _blocking("C09")


def _period(text: str) -> ReadCell:
    found = read_period(text)
    if found is None:
        return _blocking("C09")
    if found.code == text:
        return ReadCell(found.code)
    return ReadCell(found.code, told=Told("C12", Severity.CORRECTED, found.code))


def _word(text: str, column: Column) -> ReadCell:
    wanted = folded(text)
    for word, value in column.words.items():
        if wanted in {folded(word), folded(value)}:
            return ReadCell(value)
    return _blocking("C19", nearest(text, column.words))


def _official_number(text: str, length: int) -> ReadCell:
    if SCIENTIFIC.fullmatch(text.strip(SPACES)):
        return _blocking("I03")
    digits = digits_of(text)
    told = None if digits == text else Told("C16", Severity.CORRECTED, digits)
    if not (digits.isascii() and digits.isdigit()):
        return _blocking("I01")
    if len(digits) == length - 1:
        digits = "0" + digits
        told = Told("I02", Severity.CORRECTED, digits)
    return ReadCell(digits, told=told) if len(digits) == length else _blocking("I01")


def _text(text: str, column: Column) -> ReadCell:
    bare = text.strip(SPACES + "\r\n")
    if bare.startswith("'") and bare[1:2] in {*FORMULA, "-"}:
        bare = bare[1:]  # as our exports neutralise it
    if len(bare) > column.longest:
        return _blocking("C17")
    if not bare:
        return ReadCell()
    if bare.startswith(FORMULA):
        return ReadCell(bare, told=Told("C18", Severity.INFO))
    return ReadCell(bare, told=None if bare == text else Told("C16", Severity.CORRECTED, bare))
