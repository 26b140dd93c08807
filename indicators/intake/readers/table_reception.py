"""Parsing of a reader's answer: tables from Arrow streams, the rest from JSON (see `table_transfer`).

The reader may have been compromised by the file that it read: everything is validated again, the tables by pyarrow,
whose reader is made for untrusted data. The reader of polars ends the process over a false length.
"""

import mmap
import os
import struct
from collections.abc import Sequence
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.ipc

from indicators.intake.readers.sheet import MAX_COLUMNS, MAX_FILE_BYTES, OpenedFile, Sheet, UnreadableError
from indicators.intake.readers.table_transfer import (
    ANSWER_ADAPTER,
    LENGTH_FORMAT,
    WIDTHS_COLUMN,
    FileRead,
    ReaderFailure,
    SheetMetadata,
    UnreadableFile,
)

_ALLOWED_TYPES: Final = (pa.string_view(), pa.uint32())
"""Allowed column types of a table: texts, and line widths."""


class ReaderFailedError(Exception):
    """Reading failed by an internal error; the message says where in the code."""


class InvalidAnswerError(Exception):
    """The answer of a reader is not valid."""


def read_answer(descriptor: int) -> OpenedFile:
    """Parse a reader's answer; raises the `UnreadableError` it holds, `InvalidAnswerError` if it is not valid."""
    try:
        answer = ANSWER_ADAPTER.validate_json(_answer_bytes(descriptor))
    # A finding of an unknown code is a KeyError.
    except (ValueError, KeyError, OSError, struct.error):
        raise InvalidAnswerError from None
    match answer:
        case UnreadableFile(finding):
            raise UnreadableError.from_finding(finding)
        case ReaderFailure(failure):
            raise ReaderFailedError(failure)
        case FileRead(sheets, findings):
            return OpenedFile([_read_sheet(descriptor, metadata) for metadata in sheets], findings)


def _answer_bytes(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    (length,) = LENGTH_FORMAT.unpack(os.pread(descriptor, LENGTH_FORMAT.size, max(0, size - LENGTH_FORMAT.size)))
    if length > min(size, MAX_FILE_BYTES):
        raise InvalidAnswerError
    return os.pread(descriptor, length, size - LENGTH_FORMAT.size - length)


def _read_sheet(descriptor: int, metadata: SheetMetadata) -> Sheet:
    try:
        cells = _map_table(descriptor, metadata.start)
    # pyarrow raises OSError, ValueError, MemoryError or its own exception for invalid data.
    except (pa.ArrowException, OSError, ValueError, MemoryError):
        raise InvalidAnswerError from None
    if metadata.width is None and cells.columns[-1:] == [WIDTHS_COLUMN] and cells[WIDTHS_COLUMN].dtype == pl.UInt32:
        widths = cells.drop_in_place(WIDTHS_COLUMN)
    elif metadata.width is not None and 0 <= metadata.width <= MAX_COLUMNS:
        widths = pl.repeat(metadata.width, cells.height, dtype=pl.UInt32, eager=True)
    else:
        raise InvalidAnswerError
    if cells.columns != [str(place) for place in range(cells.width)] or not _are_texts(cells.dtypes):
        raise InvalidAnswerError
    rows = pl.int_range(1, cells.height + 1, eager=True, dtype=pl.UInt32)
    return Sheet(
        cells,
        rows,
        widths,
        metadata.ragged,
        metadata.name,
        metadata.visible,
        metadata.formulas,
        metadata.merged,
        metadata.suspect,
        metadata.typed,
        metadata.hidden_rows,
        metadata.hidden_columns,
        metadata.windows,
        metadata.findings,
    )


def _map_table(descriptor: int, start: int) -> pl.DataFrame:
    """Return the table that begins at a byte of the file, mapped and not copied: the mapping lives as long as it."""
    mapped = pa.py_buffer(mmap.mmap(descriptor, 0, prot=mmap.PROT_READ))
    if not 0 <= start < mapped.size:
        raise ValueError(start)
    stream = pyarrow.ipc.open_stream(mapped.slice(start))
    if not all(column_type in _ALLOWED_TYPES for column_type in stream.schema.types):
        raise ValueError(stream.schema)
    batches = list(stream)
    for batch in batches:
        batch.validate(full=True)
    return pl.DataFrame(pl.from_arrow(pa.Table.from_batches(batches, stream.schema), rechunk=False))


def _are_texts(column_types: Sequence[pl.DataType]) -> bool:
    return all(column_type == pl.String for column_type in column_types)
