"""CSV writer for all exports, in two dialects: one for French spreadsheets, one for programs.

Text that a spreadsheet would run as a formula is escaped in both dialects.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Final, TypeAlias

import polars as pl

from indicators.csv_safety import escape_formula_column

CellValue: TypeAlias = str | float | Decimal | date | None
"""Types that a cell may hold. A `Decimal` is written with the decimals it has."""

AMBIGUOUS_THOUSANDS: Final = re.compile(r"-?[1-9]\d{0,2}\.\d{3}", re.ASCII)
"""`12.345` could be read as twelve thousand: a fourth decimal is added to prevent it."""


@dataclass(frozen=True)
class Dialect:
    """Cell separator, number format and byte order mark of a CSV file."""

    separator: str
    decimal_mark: str
    has_byte_order_mark: bool
    integers_as_float: bool
    """Whether an integral float keeps `.0`, which tells programs that the column may hold fractions."""


SPREADSHEET: Final = Dialect(";", ",", has_byte_order_mark=True, integers_as_float=False)
"""Dialect of all download buttons: French and Belgian spreadsheets open it by a double click."""
OPEN_DATA: Final = Dialect(",", ".", has_byte_order_mark=False, integers_as_float=True)
"""Dialect of all addresses under `/api/` and of `pilotage export`: programs read it without any option."""


def rows_to_csv(header: Sequence[str], rows: Iterable[Sequence[CellValue]], dialect: Dialect) -> bytes:
    """Return a CSV file of a header and rows of the same length; a null is an empty cell."""
    texts = [[_format_cell(cell, dialect) for cell in row] for row in rows]
    return frame_to_csv(pl.DataFrame(texts, schema=dict.fromkeys(header, pl.String), orient="row"), dialect)


def frame_to_csv(frame: pl.DataFrame, dialect: Dialect) -> bytes:
    """Return a frame as a CSV file with its column names as header; a null is an empty cell (rows as in RFC 4180)."""
    buffer = BytesIO()
    format_cells(frame, dialect).write_csv(
        buffer, separator=dialect.separator, include_bom=dialect.has_byte_order_mark, line_terminator="\r\n"
    )
    return buffer.getvalue()


def format_cells(frame: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """Convert a frame to text cells: numbers and dates in the dialect, texts escaped, empty texts null."""
    texts = frame.select(_format_column(column, dialect) for column in frame)
    return texts.with_columns(
        pl.when(pl.col(name) != "").then(escape_formula_column(pl.col(name))).alias(name)
        for name, kind in frame.schema.items()
        if kind == pl.String
    )


def _format_column(column: pl.Series, dialect: Dialect) -> pl.Series:
    if not column.dtype.is_float():
        return column.cast(pl.String)
    # A million rows hold few different numbers.
    distinct = column.drop_nulls().unique()
    texts = [format_number(value, dialect) for value in distinct.to_list()]
    return column.replace_strict(distinct, pl.Series(texts, dtype=pl.String), return_dtype=pl.String)


def _format_cell(cell: CellValue, dialect: Dialect) -> str | None:
    match cell:
        case None | str():
            return cell
        case date():
            return cell.isoformat()
        case _:
            return format_number(cell, dialect)


def format_number(value: float | Decimal, dialect: Dialect) -> str:
    """Format a number without exponent or thousands separator, in a form that has only one reading."""
    if isinstance(value, float) and value.is_integer() and not dialect.integers_as_float:
        value = int(value)
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    text = f"{exact:f}"
    if AMBIGUOUS_THOUSANDS.fullmatch(text):
        text += "0"
    return text.replace(".", dialect.decimal_mark)
