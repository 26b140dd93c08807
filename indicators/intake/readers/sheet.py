"""A file read into tables of text, in the coordinates that the depositor sees in a spreadsheet.

Cells of workbooks and of Parquet files come as canonical text, which the cell grammar parses in one way only: numbers
with a point and without exponent, percentages with their sign, ISO dates, errors as the spreadsheet shows them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import polars as pl

from schemas.findings import Finding, Severity

MAX_FILE_BYTES: Final = 200 * 2**20
"""Largest file that is read, in bytes."""
MAX_TABLE_CELLS: Final = 20_000_000
"""Most cells in a table: a packed file, or one of separators only, may hold many more than its size suggests."""
MIN_COUNTED_COLUMNS: Final = 8
"""Columns that a line counts for at least, towards that limit: short lines cost as much to read."""
MAX_COLUMNS: Final = 1_000
"""Most columns in a table."""

MergedRange: TypeAlias = tuple[int, int, int, int]
"""A range of merged cells: first and last row (as in the spreadsheet), first and last column (from 0)."""


@dataclass(frozen=True)
class Sheet:
    """A table of text.

    `cells` has a text column per spreadsheet column, named `0`, `1`, …, with null for empty cells; `rows` gives the
    spreadsheet row of each line and `widths` its number of cells, the same for all unless `is_ragged`.
    `formulas` are the texts of the formulas without a stored value.
    """

    cells: pl.DataFrame
    rows: pl.Series
    widths: pl.Series
    is_ragged: bool
    name: str | None = None
    visible: bool = True
    formulas: frozenset[str] = frozenset()
    merged: Sequence[MergedRange] = ()
    may_be_misread: bool = True
    """Whether some text may have been decoded wrongly before the deposit; false if a scan of the bytes rules it out."""
    number_texts: frozenset[str] = frozenset()
    """Texts of number cells that would be ambiguous if typed: `1.005`, `60.4%` of 0.604."""
    hidden_rows: frozenset[int] = frozenset()
    """Spreadsheet numbers of the hidden rows, those hidden by a filter included."""
    hidden_columns: frozenset[int] = frozenset()
    """Hidden columns, counted from 0."""
    is_windows_text: bool = False
    """Whether the text was decoded as Windows-1252, which nothing in the file confirms."""
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class OpenedFile:
    """A file that was read: its sheets, in order, and the findings on the file as a whole."""

    sheets: Sequence[Sheet]
    findings: Sequence[Finding] = field(default=())


class UnreadableError(Exception):
    """A file that cannot be read into sheets; carries the finding that says why."""

    def __init__(
        self,
        code: str,
        row: int | None = None,
        column: str | None = None,
        header: str | None = None,
        **values: str | int,
    ) -> None:
        """Take the code of the finding, the cell it is located at and the values of its sentence."""
        super().__init__(code)
        self.finding = Finding(code, Severity.BLOCKING, row=row, column=column, header=header, values=values)

    @classmethod
    def from_finding(cls, finding: Finding) -> "UnreadableError":
        """Return an error that carries a finding."""
        error = cls(finding.code)
        error.finding = finding
        return error


def too_large(what: str, limit: int) -> UnreadableError:
    """Return the error (F05) for a file beyond a limit in `megabytes`, `columns`, `cells`, `rows` or the like."""
    return UnreadableError("F05", limit=limit, of=what)


def refuse_too_many_cells(rows: int, columns: int) -> None:
    """Raise F05 for a table with more than `MAX_TABLE_CELLS` cells."""
    if rows * max(columns, MIN_COUNTED_COLUMNS) > MAX_TABLE_CELLS:
        raise too_large("cells", MAX_TABLE_CELLS)


def make_sheet(columns: Mapping[str, Sequence[str | None]] | pl.DataFrame, **others: object) -> Sheet:
    """Return a sheet with lines of equal width that begins at row 1."""
    cells = (
        columns
        if isinstance(columns, pl.DataFrame)
        else pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    )
    rows = pl.int_range(1, cells.height + 1, eager=True, dtype=pl.UInt32)
    widths = pl.repeat(cells.width, cells.height, dtype=pl.UInt32, eager=True)
    return Sheet(cells, rows, widths, is_ragged=False, **others)  # type: ignore[arg-type]  # fields by their names
