"""From a sheet to a dataset: which row names the columns, and which dataset they make."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import polars as pl

from indicators.intake.cells.periods_and_absences import read_period
from indicators.intake.column_names import Recognised, column_names, recognised, singular
from indicators.intake.readers.sheet import Sheet
from indicators.intake.report import Place, Report
from indicators.intake.tables.data_rows import data_rows
from indicators.intake.text_matching import column_letter, nearest
from schemas.columns import Cell, Column, Dataset
from schemas.findings import Severity

SEARCHED: Final = 60
"""Rows among which the header is looked for."""
ANOTHER_COLUMN: Final = 0.1
"""What one more required column adds to a score, at least."""
FEWEST_NAMES: Final = 3
"""Names side by side that make a header, of whatever table."""
FIGURE: Final = re.compile(r"\d")
ABSENCE: Final = "absence"
SPANS: Final = 12
"""Spans of rows that are written out."""
YEARS: Final = frozenset({"annee", "an", "year", "jaar", "exercice", "annee civile", "calendar year"})
"""Titles, folded and singular, of a column of years."""
PARTS_OF_YEAR: Final[Mapping[str, str]] = {
    "trimestre": "trimestre", "trim": "trimestre", "quarter": "quarter", "qtr": "quarter", "kwartaal": "kwartaal",
    "semestre": "semestre", "semester": "semester", "half year": "half year", "halfjaar": "halfjaar",
}  # fmt: skip
"""Titles of a column of quarters or of half years, with the word that makes a period of a number alone."""
FLOAT: Final = re.compile(r"[.,]0+$")
"""What a column of numbers adds to a year."""
FOR_REFERENCE: Final = re.compile(r"r[ée]f[ée]rence\s*:", re.IGNORECASE)
"""How the titles of our template's columns begin that are there to be looked at only."""


@dataclass(frozen=True)
class Table:
    """The data rows of a recognised dataset: a text column per field found, and their spreadsheet rows."""

    dataset: Dataset
    texts: pl.DataFrame
    rows: pl.Series
    rows_read: int
    formulas: frozenset[str] = frozenset()
    typed: frozenset[str] = frozenset()
    """Texts that a cell of numbers holds: a point in them begins the decimals."""


@dataclass(frozen=True)
class Header:
    """The row that names the columns, counted from 0 in the sheet, its texts, and how many rows they were put over."""

    line: int
    texts: Sequence[str]
    dataset: Dataset
    stacked: bool = False


def find_header(sheet: Sheet) -> Header | None:
    """Return the first row that names a dataset, or the one just below where the two together name it better.

    Rows further down that name one are data that were not expected: never a reason to pass over what stands above.
    """
    rows = [[text or "" for text in row] for row in sheet.cells.head(SEARCHED).iter_rows()]
    for line, texts in enumerate(rows):
        stacked = _stacked(rows, line)
        alone, over = recognised(texts), recognised(stacked) if stacked else None
        if not (alone or over):
            continue
        below = recognised(rows[line + 1]) if line + 1 < len(rows) else None
        # Two rows must name a required column more than either does.
        if over and over.score > max(_score(alone), _score(below)) + ANOTHER_COLUMN:
            return Header(line + 1, stacked, over.dataset, stacked=True)
        if below and _score(below) > _score(alone) + ANOTHER_COLUMN:
            return Header(line + 1, rows[line + 1], below.dataset)
        if alone:
            return Header(line, texts, alone.dataset)
    return None


def _score(found: Recognised | None) -> float:
    return found.score if found else 0.0


def _stacked(rows: Sequence[Sequence[str]], line: int) -> list[str]:
    """Put a row over the next, the lower text where both have one; nothing where one of them is empty."""
    if line + 1 >= len(rows) or not any(rows[line]) or not any(rows[line + 1]):
        return []
    return [below if below.strip() else above for above, below in zip(rows[line], rows[line + 1], strict=True)]


def read_table(sheet: Sheet, report: Report, may_be_empty: Container[str] = ()) -> Table | None:
    """Find the header and the data rows; nothing if the sheet is not one of our datasets, the report saying why.

    A file without rows is refused, unless it is of a dataset that may be empty.
    """
    found = find_header(sheet)
    if found is None:
        other = _other_table(sheet)
        report.tell("F12", row=other) if other else report.tell("H01")
        return None
    header, dataset = [*found.texts], found.dataset
    report.hidden_rows = sheet.hidden_rows
    report.hidden_columns = frozenset(map(column_letter, sheet.hidden_columns))
    while header and not header[-1].strip():
        header.pop()
    row = int(sheet.rows[found.line])
    above = found.line - found.stacked
    if above:
        report.tell("H02", row=1, count=above)
    if found.stacked:
        report.tell("H03", row=row - 1, rows=2)
    apart = _absence_column(dataset, header)
    named = [text if place != apart else "" for place, text in enumerate(header)]
    year = _year_column(named, dataset)
    columns = _match([text if place != year else "" for place, text in enumerate(named)], dataset, report, row)
    report.places = {
        column.name: Place(column_letter(place), header[place].strip()) for place, column in columns.items()
    }
    _tell_missing(sheet, row, columns, dataset, header, report)
    body, rows = data_rows(sheet, found.line, header, columns, report)
    if not body.height and (report.blocked or dataset.name not in may_be_empty):
        # Rows that are all ragged have been told; a file without any row has not.
        if not report.blocked:
            report.tell("F01", row=row)
        return None
    texts = body.select(
        *(pl.col(str(place)).alias(column.name) for place, column in columns.items()),
        *(pl.lit(None, pl.String).alias(column.name) for column in dataset.columns if column not in columns.values()),
    )
    if year is not None:
        period = next(column.name for column in dataset.columns if column.cell is Cell.PERIOD)
        texts = texts.with_columns(_joined_periods(texts[period], body[str(year)], report.places[period].header))
    if apart is not None:
        texts = _with_absences(texts, body[str(apart)])
    report.rows = rows
    _tell_hidden(sheet, columns, body, rows, report)
    return Table(dataset, texts, rows, sheet.cells.height - found.line - 1, sheet.formulas, sheet.typed)


def _tell_hidden(
    sheet: Sheet, columns: Mapping[int, Column], body: pl.DataFrame, rows: pl.Series, report: Report
) -> None:
    """Tell the rows that are read though nobody sees them, and the columns: who deposits may not know of them."""
    kept = [int(row) for row in rows.filter(rows.is_in(sorted(sheet.hidden_rows)))] if sheet.hidden_rows else []
    if kept:
        report.tell("F16", row=kept[0], count=len(kept), rows=_spans(kept), of="rows")
    for place in sorted(sheet.hidden_columns & columns.keys()):
        used = body[str(place)].is_not_null().sum()
        if used:
            letter = column_letter(place)
            report.tell("F16", at=report.places[columns[place].name], count=int(used), of="columns", letter=letter)


def _spans(rows: Sequence[int]) -> str:
    """Write rows as people do: « 4, 5, 9–30 »; the first of them where there are many spans."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    written = [str(first) if first == last else f"{first}\u2013{last}" for first, last in spans[:SPANS]]
    return ", ".join(written) + (" …" if len(spans) > SPANS else "")


def _year_column(header: Sequence[str], dataset: Dataset) -> int | None:
    """Return the place of a column of years that stands beside one of quarters or half years, if there is one."""
    titles = [singular(text) for text in header]
    parted = any(title in PARTS_OF_YEAR for title in titles)
    periods = {name for name, column in column_names(dataset.name).items() if column.cell is Cell.PERIOD}
    whole = any(title in periods and title not in PARTS_OF_YEAR for title in titles)
    if whole or not parted or not periods:
        return None
    return next((place for place, title in enumerate(titles) if title in YEARS), None)


def _joined_periods(parts: pl.Series, years: pl.Series, title: str) -> pl.Series:
    """Put each quarter or half year before its year; what stands alone is left as it is."""
    word = PARTS_OF_YEAR[singular(title)]
    pairs = pl.DataFrame({"part": parts, "year": years}).unique()
    joined = pl.Series([_joined(part, year, word) for part, year in pairs.rows()], dtype=pl.String)
    known = pairs.with_columns(joined.alias("period"))
    table = pl.DataFrame({"part": parts, "year": years})
    return table.join(known, on=["part", "year"], how="left", nulls_equal=True, maintain_order="left")["period"].alias(
        parts.name
    )


def _joined(part: str | None, year: str | None, word: str) -> str | None:
    """Write a quarter and a year as one period: « T1 2026 » from T1 and 2026, or from 1 and 2026."""
    if part is None or year is None:
        return part or year
    year = FLOAT.sub("", year.strip())
    number = FLOAT.sub("", part.strip())
    if read_period(number) is not None and year in number:
        return part
    alone, named = f"{number} {year}", f"{number} {word} {year}"
    return named if read_period(alone) is None and read_period(named) is not None else alone


def _other_table(sheet: Sheet) -> int | None:
    """Return the row of what looks like the header of a table that is none of ours: names above what has figures."""
    rows = [[text for text in row if text] for row in sheet.cells.head(SEARCHED).iter_rows()]
    filled = [(int(sheet.rows[line]), texts) for line, texts in enumerate(rows) if texts]
    for (row, texts), (_, below) in pairwise(filled):
        names = len(set(texts)) == len(texts) >= FEWEST_NAMES and not any(map(FIGURE.search, texts))
        if names and len(below) >= FEWEST_NAMES and any(map(FIGURE.search, below)):
            return row
    return None


def _absence_column(dataset: Dataset, header: Sequence[str]) -> int | None:
    """Return the place of the column in which our own typed export of measures puts stated absences."""
    return header.index(ABSENCE) if dataset.name == "measures" and ABSENCE in header else None


def _with_absences(texts: pl.DataFrame, absences: pl.Series) -> pl.DataFrame:
    """Put the absences of a typed export back where people write them: in the numerator that is not there."""
    without = pl.col("numerator").is_null() & pl.col("value").is_null()
    return texts.with_columns(pl.when(without).then(absences).otherwise("numerator").alias("numerator"))


def _match(header: Sequence[str], dataset: Dataset, report: Report, row: int) -> dict[int, Column]:
    """Match each column by its name, telling what was read otherwise, twice, or not at all."""
    known = column_names(dataset.name)
    columns: dict[int, Column] = {}
    for place, text in enumerate(header):
        column = known.get(singular(text))
        where = Place(column_letter(place), text.strip())
        if column is None:
            if text.strip() and not FOR_REFERENCE.match(text.strip()):
                report.tell("H05", row=row, value=text.strip(), at=where)
        elif column in columns.values():
            first = next(column_letter(other) for other, same in columns.items() if same == column)
            report.tell("H06", row=row, value=text.strip(), at=where, other=first)
        else:
            columns[place] = column
            if text not in {column.french, column.english}:
                report.tell("H08", row=row, value=text, suggestion=column.french, at=where)
    return columns


def _tell_missing(
    sheet: Sheet, row: int, columns: Mapping[int, Column], dataset: Dataset, header: Sequence[str], report: Report
) -> None:
    """Tell the required columns that no title names, and whether a merged title may be hiding them."""
    missing = [column for column in dataset.columns if column.required and column not in columns.values()]
    unmatched = [text for place, text in enumerate(header) if place not in columns and text.strip()]
    for column in missing:
        close = nearest(column.french, unmatched)
        report.tell("H04", row=row, at=column.french, suggestion=close, wanted=column.french)
    if missing:
        for first, last, left, right in sheet.merged:
            if first <= row <= last and right > left:
                title = header[left].strip() if left < len(header) else ""
                report.tell("H03", Severity.BLOCKING, row=row, at=Place(column_letter(left), title))
