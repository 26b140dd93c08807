"""The process from which readers of strangers' files are forked: `python -m …readers.reader_process DESCRIPTOR`.

It has imported what reads files and has read none; it starts no thread, so that forking is sound. For each file that
comes in at its door, the connection inherited as that descriptor, it forks a reader, which is confined (see
`confinement`), reads that file alone and ends; one waits ready for the next file. Who asked is told by the reader that
it has read, and by its parent where it ended otherwise. Where the door is closed, all end.
"""

import errno
import gc
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, NoReturn

from indicators.blocked_modules import leave_out

leave_out(("pandas", "hypothesis", "numpy"))

from polars.exceptions import PanicException  # noqa: E402

from indicators.intake.readers.confinement import keep_to_itself, keep_within, without_descriptors  # noqa: E402
from indicators.intake.readers.detect import open_file  # noqa: E402 - once it is said what is left out
from indicators.intake.readers.reader_server import MESSAGE_BYTES, OUT_OF_MEMORY, Asked, Ended  # noqa: E402
from indicators.intake.readers.sheet import UnreadableError  # noqa: E402
from indicators.intake.readers.table_transfer import hand_over, hand_over_failure, hand_over_unreadable, held_in_memory  # noqa: E402

DESCRIPTORS: Final = 3
"""That come with a request: the file, where to hand it over, the connection on which its end is told."""
LIMITS_REACHED: Final = (errno.ENOMEM, errno.EFBIG)
"""Why a system call fails beyond the limits of a reader."""
WARM_UP: Final = b"structure;periode;indicateur;numerateur;denominateur\n" + b"a;2026-T1;b;1;2\n" * 300
"""A file that a reader reads before it waits for one: what that starts takes longer than many a file."""


@dataclass(frozen=True)
class _Reader:
    """A reader at work: whom to tell of its end, when it must have ended, and its seconds of processor."""

    asker: socket.socket
    deadline: float
    seconds: int


class _Forks:
    """Forks a reader for each request, and tells how it ended."""

    def __init__(self, door: socket.socket) -> None:
        """Serve at a door."""
        self._door = door
        self._readers: dict[int, _Reader] = {}
        self._waiting = _fork_reader()

    def serve(self) -> None:
        """Serve until the door is closed."""
        ended, ending = socket.socketpair()
        ended.setblocking(False)
        ending.setblocking(False)
        signal.set_wakeup_fd(ending.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self._door, selectors.EVENT_READ)
            selector.register(ended, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select(self._patience())}
                if ended in ready:
                    ended.recv(1_024)
                self._bury()
                self._end_the_late()
                if self._door in ready and not self._take_request():
                    break
        for process in (*self._readers, self._waiting.process):
            os.kill(process, signal.SIGKILL)

    def _patience(self) -> float | None:
        """Return the seconds until the next reader must have ended."""
        deadlines = [reader.deadline for reader in self._readers.values()]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _take_request(self) -> bool:
        """Give the next request to the reader that waits for it; return whether the door is still open."""
        message, descriptors, _, _ = socket.recv_fds(self._door, MESSAGE_BYTES, DESCRIPTORS)
        if not message or len(descriptors) < DESCRIPTORS:
            return False
        limits = Asked.of(message).limits
        try:
            socket.send_fds(self._waiting.connection, [message], descriptors)
        except OSError:  # it was ended while it waited
            self._waiting = _fork_reader()
            socket.send_fds(self._waiting.connection, [message], descriptors)
        *files, asker = descriptors
        for descriptor in files:
            os.close(descriptor)
        deadline = time.monotonic() + limits.waiting_seconds
        self._readers[self._waiting.process] = _Reader(socket.socket(fileno=asker), deadline, limits.seconds)
        self._waiting.connection.close()
        self._waiting = _fork_reader()
        return True

    def _bury(self) -> None:
        """Tell of each reader that has ended otherwise than by reading its file."""
        while True:
            try:
                process, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if process == 0:
                return
            reader = self._readers.pop(process, None)
            if reader is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            over = used.ru_utime + used.ru_stime >= reader.seconds or time.monotonic() >= reader.deadline
            late = code == -signal.SIGXCPU or (code != 0 and over)
            with suppress(OSError), reader.asker:  # who asked has the file, or is gone
                if code:
                    reader.asker.send(Ended(max(code, 0), max(-code, 0), late).written())

    def _end_the_late(self) -> None:
        for process, reader in self._readers.items():
            if time.monotonic() >= reader.deadline:
                os.kill(process, signal.SIGKILL)


@dataclass(frozen=True)
class _Waiting:
    """A reader that waits for its file, and the connection on which it gets it."""

    process: int
    connection: socket.socket


def _fork_reader() -> _Waiting:
    """Fork a reader, which makes itself ready."""
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = os.fork()
    if process == 0:
        _read_one_file_and_end(theirs)
    theirs.close()
    return _Waiting(process, mine)


def _read_one_file_and_end(connection: socket.socket) -> NoReturn:
    """Wait for a file, read it, hand it over, say so, end."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        without_descriptors(connection.fileno())
        keep_to_itself()
        with held_in_memory() as aside:
            hand_over(aside, open_file(WARM_UP, ""))
        message, descriptors, _, _ = socket.recv_fds(connection, MESSAGE_BYTES, DESCRIPTORS)
        if message:
            content, answer, asker = descriptors
            asked = Asked.of(message)
            keep_within(asked.limits)
            with os.fdopen(content, "rb") as file:
                text = file.read()
            _read(text, asked.file_name, answer)
            # Not as a socket: making one is refused where Python alone is held back.
            os.write(asker, Ended(0, 0, late=False).written())
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    except OSError as failure:
        code = OUT_OF_MEMORY if failure.errno in LIMITS_REACHED else code
    finally:
        os._exit(code)


def _read(content: bytes, file_name: str, answer: int) -> None:
    try:
        hand_over(answer, open_file(content, file_name))
    except UnreadableError as unreadable:
        hand_over_unreadable(answer, unreadable)
    except MemoryError:
        raise
    except (Exception, PanicException) as failure:  # noqa: BLE001 - whatever fails here is ours, and told as such
        last = traceback.extract_tb(failure.__traceback__)[-1]
        hand_over_failure(answer, f"{type(failure).__name__} at {PurePath(last.filename).name}:{last.lineno}")


def main() -> None:
    """Serve at the door that was inherited."""
    # Readers write on nothing of ours: what a library says of a damaged file is no log of the server's.
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    # Pages that are shared with the readers are not written in.
    gc.collect()
    gc.freeze()
    gc.disable()
    with socket.socket(fileno=int(sys.argv[1])) as door:
        door.send(b"ready")
        _Forks(door).serve()


if __name__ == "__main__":
    main()
