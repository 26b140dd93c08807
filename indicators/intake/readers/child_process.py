"""Reading of untrusted files, each in a process of its own: a file that breaks its reader is a finding, not a crash.

A reader is forked for each file by a server process with all modules imported: no file meets the remains of another,
and this process never holds more than the file and the resulting table.
"""

import fcntl
import os
import sys
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Final

from indicators.intake.readers.confinement import ReaderLimits
from indicators.intake.readers.reader_server import (
    OUT_OF_MEMORY,
    ReaderExit,
    ReadRequest,
    ServerGoneError,
    end_reader_server,
    reader_server,
)
from indicators.intake.readers.sheet import MAX_FILE_BYTES, OpenedFile, too_large
from indicators.intake.readers.table_reception import InvalidAnswerError, ReaderFailedError, read_answer
from indicators.intake.readers.table_transfer import memory_file

READERS_AT_ONCE: Final = 2
"""Most files read at the same time; others wait."""
DEFAULT_LIMITS: Final = ReaderLimits()
_READER_SLOTS: Final = BoundedSemaphore(READERS_AT_ONCE)


def read_file(
    content: bytes,
    file_name: str,
    limits: ReaderLimits = DEFAULT_LIMITS,
    meanwhile: Callable[[], object] = lambda: None,
) -> OpenedFile:
    """Read a file in a process of its own; `meanwhile` is called while it reads.

    Raises `UnreadableError` as `open_file` does, with F05 if the reader exceeded a limit or was killed by a signal;
    `ReaderFailedError` for an internal error.
    """
    if len(content) > MAX_FILE_BYTES:
        raise too_large("megabytes", MAX_FILE_BYTES // 2**20)
    with _READER_SLOTS, memory_file() as content_file, memory_file() as answer_file:
        with os.fdopen(os.dup(content_file), "wb") as file:
            file.write(content)
        os.lseek(content_file, 0, os.SEEK_SET)
        reader_exit = _request_reading(ReadRequest(file_name, limits), content_file, answer_file, meanwhile)
        if reader_exit is None or reader_exit.late:
            raise too_large("seconds", limits.seconds)
        # Native code that runs out of memory ends its process by a signal.
        if reader_exit.code == OUT_OF_MEMORY or reader_exit.signal:
            raise too_large("memory", limits.memory_mib)
        if reader_exit.code:
            raise ReaderFailedError(f"a reader ended with code {reader_exit.code}")
        try:
            _seal(answer_file)
            return read_answer(answer_file)
        except (InvalidAnswerError, OSError):
            # Only a reader compromised by its file returns an invalid answer, or still writes.
            raise too_large("memory", limits.memory_mib) from None


def _request_reading(
    request: ReadRequest, content_file: int, answer_file: int, meanwhile: Callable[[], object]
) -> ReaderExit | None:
    """Send a request to the reader server; restart the server once if it is gone."""
    server = reader_server()
    try:
        return server.request(request, content_file, answer_file, meanwhile)
    except ServerGoneError:
        end_reader_server(server)
    os.ftruncate(answer_file, 0)
    os.lseek(content_file, 0, os.SEEK_SET)
    try:
        return reader_server().request(request, content_file, answer_file)
    except ServerGoneError:
        raise ReaderFailedError("no process reads files") from None


def _seal(descriptor: int) -> None:
    """Seal the answer file against changes, as it is checked and used in place."""
    if sys.platform == "linux":
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
