"""A file read by another process, taken over: tables from Arrow streams, the rest from JSON (see `handing_over`).

Whoever handed it over may have been taken over by the file that it read: all is checked again, the tables by pyarrow,
whose reader is made for what nobody vouches for. That of polars ends the process over a false length.
"""

import mmap
import os
import struct
from collections.abc import Sequence
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.ipc

from indicators.intake.readers.sheet import LARGEST, WIDEST, Opened, Sheet, UnreadableError
from indicators.intake.readers.table_transfer import ANSWER, LENGTH, WIDTHS, Failed, FileRead, SheetNotes, Unreadable

_KINDS: Final = (pa.string_view(), pa.uint32())
"""Types of the columns of a table: texts, and how wide its lines are."""


class ReaderFailedError(Exception):
    """Reading failed on our side: the message says where in our code."""


class NotHandedOverError(Exception):
    """What was handed over is not a file read."""


def take_over(descriptor: int) -> Opened:
    """Read what was handed over; `UnreadableError` if that is what it says, `NotHandedOverError` if it says nothing."""
    try:
        answer = ANSWER.validate_json(_answer_of(descriptor))
    # A finding of an unknown code is a KeyError.
    except (ValueError, KeyError, OSError, struct.error):
        raise NotHandedOverError from None
    match answer:
        case Unreadable(finding):
            raise UnreadableError.of(finding)
        case Failed(failure):
            raise ReaderFailedError(failure)
        case FileRead(notes, told):
            return Opened([_read_sheet(descriptor, each) for each in notes], told)


def _answer_of(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    (length,) = LENGTH.unpack(os.pread(descriptor, LENGTH.size, max(0, size - LENGTH.size)))
    if length > min(size, LARGEST):
        raise NotHandedOverError
    return os.pread(descriptor, length, size - LENGTH.size - length)


def _read_sheet(descriptor: int, notes: SheetNotes) -> Sheet:
    try:
        cells = _table_at(descriptor, notes.start)
    # What pyarrow refuses is an OSError, a ValueError or a MemoryError, and one of its own.
    except (pa.ArrowException, OSError, ValueError, MemoryError):
        raise NotHandedOverError from None
    if notes.width is None and cells.columns[-1:] == [WIDTHS] and cells[WIDTHS].dtype == pl.UInt32:
        widths = cells.drop_in_place(WIDTHS)
    elif notes.width is not None and 0 <= notes.width <= WIDEST:
        widths = pl.repeat(notes.width, cells.height, dtype=pl.UInt32, eager=True)
    else:
        raise NotHandedOverError
    if cells.columns != [str(place) for place in range(cells.width)] or not _are_texts(cells.dtypes):
        raise NotHandedOverError
    rows = pl.int_range(1, cells.height + 1, eager=True, dtype=pl.UInt32)
    return Sheet(
        cells,
        rows,
        widths,
        notes.ragged,
        notes.name,
        notes.visible,
        notes.formulas,
        notes.merged,
        notes.suspect,
        notes.typed,
        notes.hidden_rows,
        notes.hidden_columns,
        notes.windows,
        notes.told,
    )


def _table_at(descriptor: int, start: int) -> pl.DataFrame:
    """Return the table that begins at a byte of the file, not copied: what it stands in lives as long as it does."""
    held = pa.py_buffer(mmap.mmap(descriptor, 0, prot=mmap.PROT_READ))
    if not 0 <= start < held.size:
        raise ValueError(start)
    stream = pyarrow.ipc.open_stream(held.slice(start))
    if not all(kind in _KINDS for kind in stream.schema.types):
        raise ValueError(stream.schema)
    batches = list(stream)
    for batch in batches:
        batch.validate(full=True)
    return pl.DataFrame(pl.from_arrow(pa.Table.from_batches(batches, stream.schema), rechunk=False))


def _are_texts(kinds: Sequence[pl.DataType]) -> bool:
    return all(kind == pl.String for kind in kinds)
