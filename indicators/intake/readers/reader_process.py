"""The process from which readers of strangers' files are forked: `python -m …readers.reader_process DESCRIPTOR`.

It has imported what reads files and has read none; it starts no thread, so that forking is sound. For each file that
comes in at its door, the connection inherited as that descriptor, it forks a reader, which is confined (see
`confinement`), reads that file alone and ends. It tells who asked how the reader ended. Where the door is closed, it
ends, and its readers with it.
"""

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

from indicators.left_out import leave_out

leave_out(("pandas", "hypothesis", "numpy"))

from indicators.intake.file import open_file  # noqa: E402 - once it is said what is left out
from indicators.intake.readers.confinement import confine, die_with_parent, without_descriptors  # noqa: E402
from indicators.intake.readers.handing_over import hand_over, hand_over_failure, hand_over_unreadable  # noqa: E402
from indicators.intake.readers.reader_server import MESSAGE_BYTES, Asked, Ended  # noqa: E402
from indicators.intake.sheet import UnreadableError  # noqa: E402

DESCRIPTORS: Final = 3
"""That come with a request: the file, where to hand it over, the connection on which its end is told."""
OUT_OF_MEMORY: Final = 3
"""Exit code of a reader that asked for more memory than it may have."""


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
        for process in self._readers:
            os.kill(process, signal.SIGKILL)

    def _patience(self) -> float | None:
        """Return the seconds until the next reader must have ended."""
        deadlines = [reader.deadline for reader in self._readers.values()]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _take_request(self) -> bool:
        """Fork a reader for the next request; return whether the door is still open."""
        message, descriptors, _, _ = socket.recv_fds(self._door, MESSAGE_BYTES, DESCRIPTORS)
        if not message or len(descriptors) < DESCRIPTORS:
            return False
        asked = Asked.of(message)
        content, answer, asker = descriptors
        process = os.fork()
        if process == 0:
            _read_and_end(asked, content, answer)
        os.close(content)
        os.close(answer)
        deadline = time.monotonic() + asked.limits.waiting_seconds
        self._readers[process] = _Reader(socket.socket(fileno=asker), deadline, asked.limits.seconds)
        return True

    def _bury(self) -> None:
        """Tell of each reader that has ended."""
        while self._readers:
            process, status, used = os.wait4(-1, os.WNOHANG)
            if process == 0:
                return
            reader = self._readers.pop(process)
            code = os.waitstatus_to_exitcode(status)
            over = used.ru_utime + used.ru_stime >= reader.seconds or time.monotonic() >= reader.deadline
            late = code == -signal.SIGXCPU or (code != 0 and over)
            with suppress(OSError), reader.asker:  # who asked may be gone
                reader.asker.send(Ended(max(code, 0), max(-code, 0), late).written())

    def _end_the_late(self) -> None:
        for process, reader in self._readers.items():
            if time.monotonic() >= reader.deadline:
                os.kill(process, signal.SIGKILL)


def _read_and_end(asked: Asked, content: int, answer: int) -> NoReturn:
    """Read a file in a process of its own, hand it over, end."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        die_with_parent()
        without_descriptors(content, answer)
        confine(asked.limits)
        with os.fdopen(content, "rb") as file:
            text = file.read()
        _read(text, asked.file_name, answer)
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    finally:
        os._exit(code)


def _read(content: bytes, file_name: str, answer: int) -> None:
    try:
        hand_over(answer, open_file(content, file_name))
    except UnreadableError as unreadable:
        hand_over_unreadable(answer, unreadable)
    except MemoryError:
        raise
    except Exception as failure:  # noqa: BLE001 - whatever fails here is ours, and told as such
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
