"""From a sheet to a dataset: which row names the columns, which dataset they make, which rows hold data."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from indicators.intake.report import Place, Report
from indicators.intake.sheet import Sheet
from indicators.intake.spelling import column_letter, folded, nearest
from schemas.columns import Column, Dataset
from schemas.datasets import DATASETS

SEARCHED: Final = 30
"""Rows among which the header is looked for."""
ABSENCE: Final = "absence"
TOTAL: Final = r"(?i)^\s*(sous[- ]?)?(total|totaux|somme|ensemble|moyenne|grand total|subtotal|sum)\b"


@dataclass(frozen=True)
class Table:
    """The data rows of a recognised dataset: a text column per field found, and their spreadsheet rows."""

    dataset: Dataset
    texts: pl.DataFrame
    rows: pl.Series
    typed: bool
    rows_read: int


def read_table(sheet: Sheet, report: Report) -> Table | None:
    """Find the header and the data rows; nothing if the sheet is not one of our datasets, the report saying why."""
    found = _find_header(sheet)
    if found is None:
        report.tell("H01" if sheet.cells.height else "F01")
        return None
    line, dataset = found
    header = [str(text) if text is not None else "" for text in sheet.cells.row(line)]
    while header and not header[-1].strip():
        header.pop()
    if line:
        report.tell("H02", row=1, count=line)
    apart = _absence_column(dataset, header)
    named = [text if place != apart else "" for place, text in enumerate(header)]
    columns = _match(named, dataset, report, row=int(sheet.rows[line]))
    report.places = {
        column.name: Place(column_letter(place), header[place].strip()) for place, column in columns.items()
    }
    _tell_missing(dataset, columns, header, report)
    body, rows = _data_rows(sheet, line, header, columns, report)
    if not body.height:
        # Rows that are all ragged have been told; a file without any row has not.
        if not report.blocked:
            report.tell("F01", row=int(sheet.rows[line]))
        return None
    texts = body.select(
        # A cell that holds only spaces is empty.
        *(
            pl.when(pl.col(str(place)).str.strip_chars() != "").then(str(place)).alias(column.name)
            for place, column in columns.items()
        ),
        *(pl.lit(None, pl.String).alias(column.name) for column in dataset.columns if column not in columns.values()),
    )
    if apart is not None:
        texts = _with_absences(texts, body[str(apart)])
    report.rows = rows
    return Table(dataset, texts, rows, sheet.typed, sheet.cells.height - line - 1)


def _absence_column(dataset: Dataset, header: list[str]) -> int | None:
    """Return the place of the column in which our own typed export of measures puts stated absences."""
    return header.index(ABSENCE) if dataset.name == "measures" and ABSENCE in header else None


def _with_absences(texts: pl.DataFrame, absences: pl.Series) -> pl.DataFrame:
    """Put the absences of a typed export back where people write them: in the numerator that is not there."""
    without = pl.col("numerator").is_null() & pl.col("value").is_null()
    return texts.with_columns(pl.when(without).then(absences).otherwise("numerator").alias("numerator"))


@cache
def _names(dataset: str) -> Mapping[str, Column]:
    """Every way the name of a dataset's column may be written, folded, singular."""
    names: dict[str, Column] = {}
    for column in DATASETS[dataset].columns:
        for name in (column.french, column.english, column.name, *column.synonyms):
            names[_singular(name)] = column
    return names


def _singular(text: str) -> str:
    return " ".join(word.removesuffix("s") for word in folded(text).split())


def _find_header(sheet: Sheet) -> tuple[int, Dataset] | None:
    """Return the first row that names most of a dataset's required columns, with the dataset it names best."""
    best: tuple[float, int, Dataset] | None = None
    for line, texts in enumerate(sheet.cells.head(SEARCHED).iter_rows()):
        names = {_singular(text) for text in texts if text}
        for dataset in DATASETS.values():
            known = _names(dataset.name)
            matched = {known[name].name for name in names if name in known}
            required = {column.name for column in dataset.columns if column.required}
            share = len(matched & required) / len(required)
            score = share + len(matched) / 100
            if len(matched) >= 2 and share >= 0.5 and (best is None or score > best[0]):
                best = (score, line, dataset)
    return (best[1], best[2]) if best else None


def _match(header: list[str], dataset: Dataset, report: Report, row: int) -> dict[int, Column]:
    """Match each column by its name, telling what was read otherwise, twice, or not at all."""
    known = _names(dataset.name)
    columns: dict[int, Column] = {}
    for place, text in enumerate(header):
        column = known.get(_singular(text))
        where = Place(column_letter(place), text.strip())
        if column is None:
            if text.strip():
                report.tell("H05", row=row, value=text.strip(), at=where)
        elif column in columns.values():
            report.tell("H06", row=row, value=text.strip(), at=where)
        else:
            columns[place] = column
            if text not in {column.french, column.english}:
                report.tell("H08", row=row, value=text, suggestion=column.french, at=where)
    return columns


def _tell_missing(dataset: Dataset, columns: Mapping[int, Column], header: list[str], report: Report) -> None:
    unmatched = [text for place, text in enumerate(header) if place not in columns and text.strip()]
    for column in dataset.columns:
        if column.required and column not in columns.values():
            report.tell("H04", at=column.french, suggestion=nearest(column.french, unmatched), wanted=column.french)


def _data_rows(
    sheet: Sheet, line: int, header: list[str], columns: Mapping[int, Column], report: Report
) -> tuple[pl.DataFrame, pl.Series]:
    """Return the rows that hold data: not blank, not a total, not the header again; ragged ones are told."""
    cells = sheet.cells.slice(line + 1)
    named = [pl.col(str(place)) for place in range(len(header))]
    lines = cells.with_columns(
        sheet.rows.slice(line + 1).alias("row"),
        sheet.widths.slice(line + 1).alias("width"),
        pl.all_horizontal(pl.all().str.strip_chars().fill_null("").eq("")).alias("blank"),
    )
    filled = lines.filter(~pl.col("blank"))
    last = filled["row"].max()
    blanks = lines.filter("blank")["row"]
    inside = blanks.filter(blanks < last) if isinstance(last, int) else blanks.clear()
    if len(inside):
        report.tell("R03", row=int(inside[0]), count=len(inside))
    if len(blanks) > len(inside) and isinstance(last, int):
        report.tell("R04", row=last + 1, count=len(blanks) - len(inside))
    # An empty cell too many counts: it may be the end of a row that a separator typed in a text has shifted.
    wider = pl.col("width") > max(int(sheet.widths[line]), len(header))
    overflow = [pl.col(name).is_not_null() for name in cells.columns[len(header) :]]
    too_many = filled.filter(pl.any_horizontal(wider, *overflow))
    for row, width in too_many.select("row", "width").head(50).iter_rows():
        report.tell("R01", row=row, count=too_many.height, cells=width, columns=len(header))
    too_few = filled.filter(pl.col("width") < len(header))
    for row, width in too_few.select("row", "width").head(50).iter_rows():
        report.tell("R02", row=row, count=too_few.height, cells=width, columns=len(header))
    repeated = filled.filter(
        pl.all_horizontal(c.eq_missing(pl.lit(t or None)) for c, t in zip(named, header, strict=True))
    )
    for row in repeated["row"]:
        report.tell("R06", row=row)
    # A total leaves empty some cell that a row of data must fill: a structure may be called Ensemble.
    unfilled = [pl.col(str(place)).is_null() for place, column in columns.items() if column.filled]
    totals = filled.filter(pl.coalesce(named).str.contains(TOTAL) & pl.any_horizontal(unfilled))
    for row, label in totals.select("row", pl.coalesce(named)).iter_rows():
        report.tell("R05", row=row, value=label)
    # What is wrong in a ragged row is anybody's guess; the others are read all the same: one round is enough.
    apart = pl.concat([repeated["row"], totals["row"], too_many["row"], too_few["row"]])
    data = filled.filter(~pl.col("row").is_in(apart.implode()))
    return data.select(cells.columns[: len(header)]), data["row"]
