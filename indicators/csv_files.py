"""Every CSV file that we write, in one of two dialects: for the spreadsheet of a French reader, or for programs.

Text that a spreadsheet would run as a formula is neutralised on the way out, whatever the dialect and the caller.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Final, TypeAlias

import polars as pl

from indicators.csv_safety import neutral_column

Value: TypeAlias = str | float | Decimal | date | None
"""What a cell may hold. A `Decimal` is written with the decimals it has."""

LIKE_THOUSANDS: Final = re.compile(r"-?[1-9]\d{0,2}\.\d{3}", re.ASCII)
"""`12.345` could be read as twelve thousand: a fourth decimal says that it is not."""


@dataclass(frozen=True)
class Dialect:
    """How cells are parted and numbers written, and whether the file begins with a byte order mark."""

    separator: str
    decimal_mark: str
    has_byte_order_mark: bool
    whole_as_float: bool
    """Whether a whole float keeps `.0`, by which programs know that the column may hold fractions."""


SPREADSHEET: Final = Dialect(";", ",", has_byte_order_mark=True, whole_as_float=False)
"""Of every download button of a page: a French or Belgian spreadsheet opens such a file by a double click."""
OPEN_DATA: Final = Dialect(",", ".", has_byte_order_mark=False, whole_as_float=True)
"""Of every address under `/api/` and of `pilotage export`: what programs read without being told anything."""


def csv_of_rows(header: Sequence[str], rows: Iterable[Sequence[Value]], dialect: Dialect) -> bytes:
    """Write a header and rows of as many cells each; an absent value is an empty cell."""
    texts = [[_text(cell, dialect) for cell in row] for row in rows]
    return csv_of_frame(pl.DataFrame(texts, schema=dict.fromkeys(header, pl.String), orient="row"), dialect)


def csv_of_frame(frame: pl.DataFrame, dialect: Dialect) -> bytes:
    """Write a frame with its own header; an absent value is an empty cell. Rows end as RFC 4180 says."""
    written = BytesIO()
    as_text(frame, dialect).write_csv(
        written, separator=dialect.separator, include_bom=dialect.has_byte_order_mark, line_terminator="\r\n"
    )
    return written.getvalue()


def as_text(frame: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """Return the cells of a file: numbers and days as the dialect writes them, texts neutralised, empty ones absent."""
    texts = frame.select(_column(column, dialect) for column in frame)
    return texts.with_columns(
        pl.when(pl.col(name) != "").then(neutral_column(pl.col(name))).alias(name)
        for name, kind in frame.schema.items()
        if kind == pl.String
    )


def _column(column: pl.Series, dialect: Dialect) -> pl.Series:
    if not column.dtype.is_float():
        return column.cast(pl.String)
    # A million rows hold few different numbers.
    known = column.drop_nulls().unique()
    written = [format_number(value, dialect) for value in known.to_list()]
    return column.replace_strict(known, pl.Series(written, dtype=pl.String), return_dtype=pl.String)


def _text(cell: Value, dialect: Dialect) -> str | None:
    match cell:
        case None | str():
            return cell
        case date():
            return cell.isoformat()
        case _:
            return format_number(cell, dialect)


def format_number(value: float | Decimal, dialect: Dialect) -> str:
    """Write a number without exponent or mark of thousands, never to be read in two ways."""
    if isinstance(value, float) and value.is_integer() and not dialect.whole_as_float:
        value = int(value)
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    written = f"{exact:f}"
    if LIKE_THOUSANDS.fullmatch(written):
        written += "0"
    return written.replace(".", dialect.decimal_mark)
