"""What a file is turned into before anything is understood: tables of text, in the coordinates that the person sees.

Cells of workbooks and of Parquet files come as canonical text, which the grammar of cells reads in one way only:
numbers with a point and without exponent, percentages with their sign, ISO dates, errors as the spreadsheet shows them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import polars as pl

from schemas.findings import Finding, Severity

LARGEST: Final = 200 * 2**20
"""Bytes above which a file is refused unread."""
MOST_CELLS: Final = 20_000_000
"""Cells that a table may hold: what is packed, or hardly anything but separators, says nothing of that by its size."""
USUAL_WIDTH: Final = 8
"""Cells that a line counts for at least: each costs as much to look at."""
WIDEST: Final = 1_000
"""Columns above which a file is not one of ours."""

Merged: TypeAlias = tuple[int, int, int, int]
"""Cells merged into one: first and last row (as in the spreadsheet), first and last column (from 0)."""


@dataclass(frozen=True)
class Sheet:
    """A table of text.

    `cells` has a text column per spreadsheet column, named `0`, `1`, …, empty cells being null; `rows` gives for each
    line its number in the spreadsheet and `widths` how many cells it had: where it is not `ragged`, all have as many.
    `formulas` are the texts of the formulas that have no stored value.
    """

    cells: pl.DataFrame
    rows: pl.Series
    widths: pl.Series
    ragged: bool
    name: str | None = None
    visible: bool = True
    formulas: frozenset[str] = frozenset()
    merged: Sequence[Merged] = ()
    suspect: bool = True
    """Whether some text may have been broken before it came here: a quick look at the bytes can say that none was."""
    typed: frozenset[str] = frozenset()
    """Texts of cells that hold a number, by which a person might have meant another: `1.005`, `60.4%` of 0.604."""
    hidden_rows: frozenset[int] = frozenset()
    """Rows that the spreadsheet does not show, by their numbers there, a filter's included."""
    hidden_columns: frozenset[int] = frozenset()
    """Columns that it does not show, counted from 0."""
    windows: bool = False
    """Whether the text was read as the one-byte letters of Windows, which nothing in the file confirms."""
    told: Sequence[Finding] = ()


@dataclass(frozen=True)
class Opened:
    """A file read: its sheets, in order, and what is to be said of the file as a whole."""

    sheets: Sequence[Sheet]
    told: Sequence[Finding] = field(default=())


class UnreadableError(Exception):
    """A file that cannot be turned into a sheet; it carries the finding that says why."""

    def __init__(
        self,
        code: str,
        row: int | None = None,
        column: str | None = None,
        header: str | None = None,
        **values: str | int,
    ) -> None:
        """Say why with a code, the cell it shows at and what fills the sentence."""
        super().__init__(code)
        self.finding = Finding(code, Severity.BLOCKING, row=row, column=column, header=header, values=values)

    @classmethod
    def of(cls, finding: Finding) -> "UnreadableError":
        """Make the error that carries a finding."""
        error = cls(finding.code)
        error.finding = finding
        return error


def too_large(what: str, limit: int) -> UnreadableError:
    """Make the refusal of a file that passes a limit, in `megabytes`, `columns`, `cells` or `rows`."""
    return UnreadableError("F05", limit=limit, of=what)


def refuse_too_many_cells(rows: int, columns: int) -> None:
    """Refuse a table with more cells than it may hold."""
    if rows * max(columns, USUAL_WIDTH) > MOST_CELLS:
        raise too_large("cells", MOST_CELLS)


def sheet_of(columns: Mapping[str, Sequence[str | None]] | pl.DataFrame, **others: object) -> Sheet:
    """Make a sheet that is as wide everywhere and begins at row 1."""
    cells = (
        columns
        if isinstance(columns, pl.DataFrame)
        else pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    )
    rows = pl.int_range(1, cells.height + 1, eager=True, dtype=pl.UInt32)
    widths = pl.repeat(cells.width, cells.height, dtype=pl.UInt32, eager=True)
    return Sheet(cells, rows, widths, ragged=False, **others)  # type: ignore[arg-type]  # fields by their names
