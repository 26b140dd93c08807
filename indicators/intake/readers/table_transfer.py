"""Serialisation of a file read, for another process: tables as Arrow streams, the rest as JSON, nothing executable.

The tables come first, with the line widths as last column where they differ; then the JSON; then its length in bytes.
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

from indicators.intake.readers.sheet import OpenedFile, Sheet, UnreadableError
from schemas.findings import Finding

WIDTHS_COLUMN: Final = "widths"
LENGTH_FORMAT: Final = struct.Struct("<Q")


@dataclass(frozen=True)
class SheetMetadata:
    """All of a sheet but its cells; `start` is the byte offset of its table, `width` the common width of its lines."""

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
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class FileRead:
    """The answer for a file that was read."""

    sheets: tuple[SheetMetadata, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class UnreadableFile:
    """The answer for a file that cannot be read, with the finding that says why."""

    unreadable: Finding


@dataclass(frozen=True)
class ReaderFailure:
    """The answer for an internal error: its type and line of code, never the content of the file."""

    failure: str


ReaderAnswer: TypeAlias = FileRead | UnreadableFile | ReaderFailure
ANSWER_ADAPTER: Final[TypeAdapter[ReaderAnswer]] = TypeAdapter(ReaderAnswer)


def write_file_read(descriptor: int, opened: OpenedFile) -> None:
    """Write the answer for a file that was read."""
    metadata = [_write_sheet(descriptor, sheet) for sheet in opened.sheets]
    _write_answer(descriptor, FileRead(tuple(metadata), tuple(opened.findings)))


def write_unreadable(descriptor: int, unreadable: UnreadableError) -> None:
    """Write the answer for a file that cannot be read."""
    _write_answer(descriptor, UnreadableFile(unreadable.finding))


def write_failure(descriptor: int, failure: str) -> None:
    """Write the answer for an internal error."""
    _write_answer(descriptor, ReaderFailure(failure))


def _write_sheet(descriptor: int, sheet: Sheet) -> SheetMetadata:
    start = os.lseek(descriptor, 0, os.SEEK_END)
    is_uniform = sheet.widths.n_unique() == 1
    cells = sheet.cells if is_uniform else sheet.cells.with_columns(sheet.widths.alias(WIDTHS_COLUMN))
    with os.fdopen(os.dup(descriptor), "wb", buffering=0) as file:
        cells.write_ipc_stream(file, compression="uncompressed")
    return SheetMetadata(
        start,
        sheet.name,
        int(sheet.widths[0]) if is_uniform else None,
        sheet.is_ragged,
        sheet.visible,
        sheet.formulas,
        tuple(sheet.merged),
        sheet.may_be_misread,
        sheet.number_texts,
        sheet.hidden_rows,
        sheet.hidden_columns,
        sheet.is_windows_text,
        tuple(sheet.findings),
    )


def _write_answer(descriptor: int, answer: ReaderAnswer) -> None:
    os.lseek(descriptor, 0, os.SEEK_END)
    text = ANSWER_ADAPTER.dump_json(answer)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(text)
        file.write(LENGTH_FORMAT.pack(len(text)))


@contextmanager
def memory_file() -> Iterator[int]:
    """Yield the descriptor of an anonymous file in memory (on disk outside Linux), deleted afterwards."""
    if sys.platform == "linux":
        descriptor = os.memfd_create("pilotage", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    else:
        with tempfile.TemporaryFile() as file:
            yield file.fileno()
