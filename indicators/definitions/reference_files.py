"""Reading of reference files, the CSV files of `data/reference`, by their datasets (`schemas/reference_data.py`)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import polars as pl

from indicators.errors import CatalogueError, UnknownError
from schemas.columns import POLARS_TYPE, CellType, Column
from schemas.datasets import find_violations

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.reference_data import ReferenceFile

ReferenceRow: TypeAlias = dict[str, Any]
"""Cells by the name of their column in our tables; an empty cell is `None`."""


def _unchanged(row: ReferenceRow) -> ReferenceRow:
    return row


def read_reference_file(
    path: Path, file: ReferenceFile, complete: Callable[[ReferenceRow], ReferenceRow] = _unchanged
) -> list[ReferenceRow]:
    """Return the rows of a reference file.

    `complete` checks the references of a row and fills in what an empty cell means, before the contract is asked; it
    raises an `UnknownError` or a `ValueError`. A `CatalogueError` names the file, the first invalid line and its cell.
    """
    rows, places = [], []
    for line, cells in _read_lines(path, file):
        place = f"{path}: line {line}"
        try:
            rows.append(complete(_parse_cells(cells, file)))
        except (UnknownError, ValueError) as wrong:
            raise CatalogueError(f"{place}: {wrong}") from wrong
        places.append(place)
    _check_contract(rows, places, file)
    return rows


def _read_lines(path: Path, file: ReferenceFile) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and cells of each non-blank row."""
    header = [column.french for column in file.dataset.columns]
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            lines = csv.reader(opened, delimiter=";")
            found = next(lines, [])
            if found != header:
                wrong = sorted(set(found) ^ set(header)) or found
                raise CatalogueError(f"{path}: line 1: columns must be {';'.join(header)} ({', '.join(wrong)})")
            for cells in lines:
                if any(cells):
                    yield lines.line_num, cells
    except (OSError, UnicodeDecodeError, csv.Error) as unreadable:
        raise CatalogueError(f"{path}: {unreadable}") from unreadable


def _parse_cells(cells: list[str], file: ReferenceFile) -> ReferenceRow:
    columns = file.dataset.columns
    if len(cells) != len(columns):
        raise ValueError(f"{len(cells)} cells, {len(columns)} expected")
    return {column.name: _parse_cell(cell.strip(), column) for cell, column in zip(cells, columns, strict=True)}


def _parse_cell(text: str, column: Column) -> object:
    parse, expected = PARSERS.get(column.cell_type, (str, ""))
    try:
        return parse(text) if text else None
    except ValueError:
        raise ValueError(f"{column.french}: {text} is not {expected}") from None


def _parse_number(text: str) -> float:
    number = float(text.replace(",", "."))
    if not isfinite(number):
        raise ValueError(text)
    return number


PARSERS: Final[Mapping[CellType, tuple[Callable[[str], object], str]]] = MappingProxyType(
    {
        CellType.DATE: (date.fromisoformat, "a day (2026-10-01)"),
        CellType.WHOLE: (int, "a whole number"),
        CellType.NUMBER: (_parse_number, "a number (12,5)"),
    }
)
"""Parsers of cells other than text, and what they expect."""


def _check_contract(rows: list[ReferenceRow], places: list[str], file: ReferenceFile) -> None:
    schema = {column.name: POLARS_TYPE.get(column.cell_type, pl.String()) for column in file.dataset.columns}
    table = pl.DataFrame(rows, schema)
    violation = min(find_violations(file.dataset, table), key=lambda found: found.index, default=None)
    if violation is not None:
        sentence = table.select(file.sentences[violation.code]).to_series()
        header = file.dataset.column(violation.field).french
        # A sentence without a value of the row is a single text.
        raise CatalogueError(f"{places[violation.index]}: {header}: {sentence[violation.index % len(sentence)]}")
