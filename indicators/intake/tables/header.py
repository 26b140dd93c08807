"""Recognition of a sheet's header and dataset, and reading of its table of texts."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import polars as pl

from indicators.intake.cells.periods_and_absences import parse_period
from indicators.intake.column_names import DatasetMatch, column_names, match_dataset, normalize_header
from indicators.intake.readers.sheet import Sheet
from indicators.intake.report import Report, SheetColumn
from indicators.intake.tables.data_rows import data_rows
from indicators.intake.text_matching import closest, column_letter
from schemas.columns import CellType, Column, Dataset
from schemas.findings import Severity

HEADER_SEARCH_ROWS: Final = 60
"""First rows that are searched for the header."""
EXTRA_COLUMN_SCORE: Final = 0.1
"""Least increase of a dataset score for one more required column."""
MIN_HEADER_NAMES: Final = 3
"""Fewest titles side by side that make a header of any table."""
DIGIT: Final = re.compile(r"\d")
ABSENCE_COLUMN: Final = "absence"
MAX_LISTED_SPANS: Final = 12
"""Most spans of rows that are listed."""
YEAR_TITLES: Final = frozenset({"annee", "an", "year", "jaar", "exercice", "annee civile", "calendar year"})
"""Normalised titles of a column of years."""
YEAR_PART_TITLES: Final[Mapping[str, str]] = {
    "trimestre": "trimestre", "trim": "trimestre", "quarter": "quarter", "qtr": "quarter", "kwartaal": "kwartaal",
    "semestre": "semestre", "semester": "semester", "half year": "half year", "halfjaar": "halfjaar",
}  # fmt: skip
"""Titles of a column of quarters or half years, with the word that makes a period of a bare number."""
DECIMAL_ZEROS: Final = re.compile(r"[.,]0+$")
"""Decimals that a column of numbers adds to a year."""
REFERENCE_TITLE: Final = re.compile(r"r[ée]f[ée]rence\s*:", re.IGNORECASE)
"""Beginning of the titles of our template's read-only columns."""


@dataclass(frozen=True)
class Table:
    """The data rows of a recognised dataset: a text column per field, and their spreadsheet rows."""

    dataset: Dataset
    texts: pl.DataFrame
    rows: pl.Series
    rows_read: int
    formulas: frozenset[str] = frozenset()
    number_texts: frozenset[str] = frozenset()
    """Texts of number cells: a point in them begins the decimals."""


@dataclass(frozen=True)
class Header:
    """The header row: its line in the sheet, counted from 0, its texts, and whether they are stacked from two rows."""

    line: int
    texts: Sequence[str]
    dataset: Dataset
    stacked: bool = False


def find_header(sheet: Sheet) -> Header | None:
    """Return the first row that matches a dataset, or the next one where it or both stacked match better.

    Matching rows further down are unexpected data: never a reason to skip the rows above.
    """
    rows = [[text or "" for text in row] for row in sheet.cells.head(HEADER_SEARCH_ROWS).iter_rows()]
    for line, texts in enumerate(rows):
        stacked = _stack_rows(rows, line)
        single_row, stacked_rows = match_dataset(texts), match_dataset(stacked) if stacked else None
        if not (single_row or stacked_rows):
            continue
        below = match_dataset(rows[line + 1]) if line + 1 < len(rows) else None
        # Stacked rows must match one more required column than either of the two.
        if stacked_rows and stacked_rows.score > max(_score(single_row), _score(below)) + EXTRA_COLUMN_SCORE:
            return Header(line + 1, stacked, stacked_rows.dataset, stacked=True)
        if below and _score(below) > _score(single_row) + EXTRA_COLUMN_SCORE:
            return Header(line + 1, rows[line + 1], below.dataset)
        if single_row:
            return Header(line, texts, single_row.dataset)
    return None


def _score(match: DatasetMatch | None) -> float:
    return match.score if match else 0.0


def _stack_rows(rows: Sequence[Sequence[str]], line: int) -> list[str]:
    """Merge a row with the next, taking the lower text where both have one; empty if either row is."""
    if line + 1 >= len(rows) or not any(rows[line]) or not any(rows[line + 1]):
        return []
    return [below if below.strip() else above for above, below in zip(rows[line], rows[line + 1], strict=True)]


def read_table(sheet: Sheet, report: Report, may_be_empty: Container[str] = ()) -> Table | None:
    """Find the header and the data rows; `None` if the sheet has no table of a dataset, with the reason reported.

    A table without rows is refused, unless its dataset may be empty.
    """
    header = find_header(sheet)
    if header is None:
        other_row = _find_other_table(sheet)
        report.add("F12", row=other_row) if other_row else report.add("H01")
        return None
    titles, dataset = [*header.texts], header.dataset
    report.hidden_rows = sheet.hidden_rows
    report.hidden_columns = frozenset(map(column_letter, sheet.hidden_columns))
    while titles and not titles[-1].strip():
        titles.pop()
    row = int(sheet.rows[header.line])
    rows_above = header.line - header.stacked
    if rows_above:
        report.add("H02", row=1, count=rows_above)
    if header.stacked:
        report.add("H03", row=row - 1, rows=2)
    absence_place = _find_absence_column(dataset, titles)
    data_titles = [text if place != absence_place else "" for place, text in enumerate(titles)]
    year_place = _find_year_column(data_titles, dataset)
    columns = _match_columns(
        [text if place != year_place else "" for place, text in enumerate(data_titles)], dataset, report, row
    )
    report.columns = {
        column.name: SheetColumn(column_letter(place), titles[place].strip()) for place, column in columns.items()
    }
    _report_missing_columns(sheet, row, columns, dataset, titles, report)
    body, rows = data_rows(sheet, header.line, titles, columns, report)
    if not body.height and (report.blocked or dataset.name not in may_be_empty):
        # Ragged rows are reported already; a file without any row is not.
        if not report.blocked:
            report.add("F01", row=row)
        return None
    texts = body.select(
        *(pl.col(str(place)).alias(column.name) for place, column in columns.items()),
        *(pl.lit(None, pl.String).alias(column.name) for column in dataset.columns if column not in columns.values()),
    )
    if year_place is not None:
        period = next(column.name for column in dataset.columns if column.cell_type is CellType.PERIOD)
        texts = texts.with_columns(_join_periods(texts[period], body[str(year_place)], report.columns[period].header))
    if absence_place is not None:
        texts = _restore_absences(texts, body[str(absence_place)])
    report.rows = rows
    _report_hidden(sheet, columns, body, rows, report)
    return Table(dataset, texts, rows, sheet.cells.height - header.line - 1, sheet.formulas, sheet.number_texts)


def _report_hidden(
    sheet: Sheet, columns: Mapping[int, Column], body: pl.DataFrame, rows: pl.Series, report: Report
) -> None:
    """Report the hidden rows and columns that are read (F16): the depositor may not know of them."""
    hidden_rows = [int(row) for row in rows.filter(rows.is_in(sorted(sheet.hidden_rows)))] if sheet.hidden_rows else []
    if hidden_rows:
        report.add("F16", row=hidden_rows[0], count=len(hidden_rows), rows=_format_spans(hidden_rows), of="rows")
    for place in sorted(sheet.hidden_columns & columns.keys()):
        filled_cells = body[str(place)].is_not_null().sum()
        if filled_cells:
            letter = column_letter(place)
            report.add(
                "F16", at=report.columns[columns[place].name], count=int(filled_cells), of="columns", letter=letter
            )


def _format_spans(rows: Sequence[int]) -> str:
    """Format row numbers as spans: « 4, 5, 9–30 », at most `MAX_LISTED_SPANS` of them."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    texts = [str(first) if first == last else f"{first}\u2013{last}" for first, last in spans[:MAX_LISTED_SPANS]]
    return ", ".join(texts) + (" …" if len(spans) > MAX_LISTED_SPANS else "")


def _find_year_column(header: Sequence[str], dataset: Dataset) -> int | None:
    """Return the place of a column of years that accompanies one of quarters or half years, if there is one."""
    titles = [normalize_header(text) for text in header]
    has_year_parts = any(title in YEAR_PART_TITLES for title in titles)
    periods = {name for name, column in column_names(dataset.name).items() if column.cell_type is CellType.PERIOD}
    has_full_periods = any(title in periods and title not in YEAR_PART_TITLES for title in titles)
    if has_full_periods or not has_year_parts or not periods:
        return None
    return next((place for place, title in enumerate(titles) if title in YEAR_TITLES), None)


def _join_periods(parts: pl.Series, years: pl.Series, title: str) -> pl.Series:
    """Join each quarter or half year with its year; a value without its counterpart stays as it is."""
    word = YEAR_PART_TITLES[normalize_header(title)]
    pairs = pl.DataFrame({"part": parts, "year": years}).unique()
    joined = pl.Series([_join_period(part, year, word) for part, year in pairs.rows()], dtype=pl.String)
    joined_pairs = pairs.with_columns(joined.alias("period"))
    table = pl.DataFrame({"part": parts, "year": years})
    return table.join(joined_pairs, on=["part", "year"], how="left", nulls_equal=True, maintain_order="left")[
        "period"
    ].alias(parts.name)


def _join_period(part: str | None, year: str | None, word: str) -> str | None:
    """Join a quarter and a year into one period text: « T1 2026 » from T1 and 2026, or from 1 and 2026."""
    if part is None or year is None:
        return part or year
    year = DECIMAL_ZEROS.sub("", year.strip())
    number = DECIMAL_ZEROS.sub("", part.strip())
    if parse_period(number) is not None and year in number:
        return part
    plain, with_word = f"{number} {year}", f"{number} {word} {year}"
    return with_word if parse_period(plain) is None and parse_period(with_word) is not None else plain


def _find_other_table(sheet: Sheet) -> int | None:
    """Return the row that looks like the header of an unknown table: titles above a row with digits."""
    rows = [[text for text in row if text] for row in sheet.cells.head(HEADER_SEARCH_ROWS).iter_rows()]
    filled = [(int(sheet.rows[line]), texts) for line, texts in enumerate(rows) if texts]
    for (row, texts), (_, below) in pairwise(filled):
        names = len(set(texts)) == len(texts) >= MIN_HEADER_NAMES and not any(map(DIGIT.search, texts))
        if names and len(below) >= MIN_HEADER_NAMES and any(map(DIGIT.search, below)):
            return row
    return None


def _find_absence_column(dataset: Dataset, header: Sequence[str]) -> int | None:
    """Return the place of the column of absences in our own typed export of measures, if it is there."""
    return header.index(ABSENCE_COLUMN) if dataset.name == "measures" and ABSENCE_COLUMN in header else None


def _restore_absences(texts: pl.DataFrame, absences: pl.Series) -> pl.DataFrame:
    """Move the absences of a typed export to the empty numerators, where depositors write them."""
    has_no_figure = pl.col("numerator").is_null() & pl.col("value").is_null()
    return texts.with_columns(pl.when(has_no_figure).then(absences).otherwise("numerator").alias("numerator"))


def _match_columns(header: Sequence[str], dataset: Dataset, report: Report, row: int) -> dict[int, Column]:
    """Match each title to a column; report synonyms (H08), repeated (H06) and unknown titles (H05)."""
    columns_by_name = column_names(dataset.name)
    columns: dict[int, Column] = {}
    for place, text in enumerate(header):
        column = columns_by_name.get(normalize_header(text))
        sheet_column = SheetColumn(column_letter(place), text.strip())
        if column is None:
            if text.strip() and not REFERENCE_TITLE.match(text.strip()):
                report.add("H05", row=row, value=text.strip(), at=sheet_column)
        elif column in columns.values():
            first = next(column_letter(other) for other, same in columns.items() if same == column)
            report.add("H06", row=row, value=text.strip(), at=sheet_column, other=first)
        else:
            columns[place] = column
            if text not in {column.french, column.english}:
                report.add("H08", row=row, value=text, suggestion=column.french, at=sheet_column)
    return columns


def _report_missing_columns(
    sheet: Sheet, row: int, columns: Mapping[int, Column], dataset: Dataset, header: Sequence[str], report: Report
) -> None:
    """Report the required columns without a title (H04), and merged titles that may hide them (H03)."""
    missing = [column for column in dataset.columns if column.required and column not in columns.values()]
    unmatched = [text for place, text in enumerate(header) if place not in columns and text.strip()]
    for column in missing:
        closest_title = closest(column.french, unmatched)
        report.add("H04", row=row, at=column.french, suggestion=closest_title, wanted=column.french)
    if missing:
        for first, last, left, right in sheet.merged:
            if first <= row <= last and right > left:
                title = header[left].strip() if left < len(header) else ""
                report.add("H03", Severity.BLOCKING, row=row, at=SheetColumn(column_letter(left), title))
