"""A file read, written for another process: tables as Arrow streams, the rest as JSON, nothing that runs.

What is written begins with the tables; one with the widths of its lines has them as its last column. Then comes the
JSON, then the length of the JSON in bytes.
"""

import os
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias

from pydantic import TypeAdapter

from indicators.intake.readers.sheet import Opened, Sheet, UnreadableError
from schemas.findings import Finding

WIDTHS: Final = "widths"
LENGTH: Final = struct.Struct("<Q")


@dataclass(frozen=True)
class SheetNotes:
    """All of a sheet but its cells; `start` is the byte at which its table stands, `width` what all its lines have."""

    start: int
    name: str | None
    width: int | None
    ragged: bool
    visible: bool
    formulas: frozenset[str]
    merged: tuple[tuple[int, int, int, int], ...]
    suspect: bool
    typed: frozenset[str]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    windows: bool
    told: tuple[Finding, ...]


@dataclass(frozen=True)
class FileRead:
    """A file that was read."""

    sheets: tuple[SheetNotes, ...]
    told: tuple[Finding, ...]


@dataclass(frozen=True)
class Unreadable:
    """A file that cannot be read, and why."""

    unreadable: Finding


@dataclass(frozen=True)
class Failed:
    """A failure of ours: which error, at which line of which module; never what the file holds."""

    failure: str


Answer: TypeAlias = FileRead | Unreadable | Failed
ANSWER: Final[TypeAdapter[Answer]] = TypeAdapter(Answer)


def hand_over(descriptor: int, opened: Opened) -> None:
    """Write a file read."""
    notes = [_write_sheet(descriptor, sheet) for sheet in opened.sheets]
    _write_answer(descriptor, FileRead(tuple(notes), tuple(opened.told)))


def hand_over_unreadable(descriptor: int, unreadable: UnreadableError) -> None:
    """Write why a file cannot be read."""
    _write_answer(descriptor, Unreadable(unreadable.finding))


def hand_over_failure(descriptor: int, failure: str) -> None:
    """Write that reading failed on our side."""
    _write_answer(descriptor, Failed(failure))


def _write_sheet(descriptor: int, sheet: Sheet) -> SheetNotes:
    start = os.lseek(descriptor, 0, os.SEEK_END)
    alike = sheet.widths.n_unique() == 1
    cells = sheet.cells if alike else sheet.cells.with_columns(sheet.widths.alias(WIDTHS))
    with os.fdopen(os.dup(descriptor), "wb", buffering=0) as file:
        cells.write_ipc_stream(file, compression="uncompressed")
    return SheetNotes(
        start,
        sheet.name,
        int(sheet.widths[0]) if alike else None,
        sheet.ragged,
        sheet.visible,
        sheet.formulas,
        tuple(sheet.merged),
        sheet.suspect,
        sheet.typed,
        sheet.hidden_rows,
        sheet.hidden_columns,
        sheet.windows,
        tuple(sheet.told),
    )


def _write_answer(descriptor: int, answer: Answer) -> None:
    os.lseek(descriptor, 0, os.SEEK_END)
    text = ANSWER.dump_json(answer)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(text)
        file.write(LENGTH.pack(len(text)))


@contextmanager
def held_in_memory() -> Iterator[int]:
    """Give a file without a name that stands on no disk, where the system knows such; it is gone afterwards."""
    if sys.platform == "linux":
        descriptor = os.memfd_create("pilotage", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    else:
        with tempfile.TemporaryFile() as file:
            yield file.fileno()
