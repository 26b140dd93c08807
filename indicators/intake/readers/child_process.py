"""Files of strangers read in processes of their own: a file that breaks its reader is a finding, never a crash.

A reader is forked for each file, by a process that was started for that and has all it needs imported: no file meets
what another left, and this process never holds more than the file and the table that comes out.
"""

import fcntl
import os
import sys
from threading import BoundedSemaphore
from typing import Final

from indicators.intake.readers.confinement import Limits
from indicators.intake.readers.reader_server import (
    OUT_OF_MEMORY,
    Asked,
    Ended,
    GoneError,
    end_reader_server,
    reader_server,
)
from indicators.intake.readers.sheet import LARGEST, Opened, too_large
from indicators.intake.readers.table_reception import NotHandedOverError, ReaderFailedError, take_over
from indicators.intake.readers.table_transfer import held_in_memory

READERS_AT_ONCE: Final = 2
"""Files that are read at the same time; others wait for their turn."""
LIMITS: Final = Limits()
_TURNS: Final = BoundedSemaphore(READERS_AT_ONCE)


def read_file(content: bytes, file_name: str, limits: Limits = LIMITS) -> Opened:
    """Read a file in a process of its own.

    Raises `UnreadableError` as `open_file` does, and F05 where its reader passed a limit or was ended
    by a signal; `ReaderFailedError` for a failure of ours.
    """
    if len(content) > LARGEST:
        raise too_large("megabytes", LARGEST // 2**20)
    with _TURNS, held_in_memory() as given, held_in_memory() as answer:
        with os.fdopen(os.dup(given), "wb") as file:
            file.write(content)
        os.lseek(given, 0, os.SEEK_SET)
        ended = _ask(Asked(file_name, limits), given, answer)
        if ended is None or ended.late:
            raise too_large("seconds", limits.seconds)
        # Compiled code that is given no more memory ends its process by a signal.
        if ended.code == OUT_OF_MEMORY or ended.signal:
            raise too_large("memory", limits.memory_mib)
        if ended.code:
            raise ReaderFailedError(f"a reader ended with code {ended.code}")
        try:
            _seal(answer)
            return take_over(answer)
        except (NotHandedOverError, OSError):
            # Only a reader taken over by its file hands over anything else, or still writes.
            raise too_large("memory", limits.memory_mib) from None


def _ask(asked: Asked, given: int, answer: int) -> Ended | None:
    """Ask the process from which readers are forked; one that is gone is replaced, once."""
    server = reader_server()
    try:
        return server.ask(asked, given, answer)
    except GoneError:
        end_reader_server(server)
    os.ftruncate(answer, 0)
    os.lseek(given, 0, os.SEEK_SET)
    try:
        return reader_server().ask(asked, given, answer)
    except GoneError:
        raise ReaderFailedError("no process reads files") from None


def _seal(descriptor: int) -> None:
    """Let nobody change any more what was handed over, while it is checked and used where it stands."""
    if sys.platform == "linux":
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
