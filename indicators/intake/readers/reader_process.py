"""Server process that forks a reader for each untrusted file: `python -m …readers.reader_process DESCRIPTOR`.

It has the reader modules imported, has read no file, and starts no thread, as forking requires. Requests come on the
socket inherited as that descriptor. For each it forks a reader, which is confined (see `confinement`), reads that file
alone and exits; one idle reader is kept ready. The requester is notified by the reader when it has read the file, by
this process when the reader ended otherwise. When the socket is closed, all processes end.
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

from indicators.runtime_tricks import HIDDEN_WITHOUT_PAGES, PANDAS, hide_modules

# Not for speed alone: numpy starts threads.
hide_modules((*HIDDEN_WITHOUT_PAGES, PANDAS))

from polars.exceptions import PanicException  # noqa: E402

from indicators.intake.readers.confinement import apply_limits, close_other_descriptors, confine_process  # noqa: E402
from indicators.intake.readers.detect import open_file  # noqa: E402 - once it is said what is left out
from indicators.intake.readers.reader_server import MESSAGE_BYTES, OUT_OF_MEMORY, ReaderExit, ReadRequest  # noqa: E402
from indicators.intake.readers.sheet import UnreadableError  # noqa: E402
from indicators.intake.readers.table_transfer import memory_file, write_failure, write_file_read, write_unreadable  # noqa: E402

DESCRIPTORS_PER_REQUEST: Final = 3
"""Descriptors that come with a request: the file, the answer file, the socket that is notified of the exit."""
LIMIT_ERRNOS: Final = (errno.ENOMEM, errno.EFBIG)
"""Errors of system calls beyond the limits of a reader."""
WARM_UP_FILE: Final = b"structure;periode;indicateur;numerateur;denominateur\n" + b"a;2026-T1;b;1;2\n" * 300
"""A file that a reader reads before it waits for a request: starting up takes longer than many files."""


@dataclass(frozen=True)
class _BusyReader:
    """A reader at work: the socket to notify of its exit, its deadline, its limit in seconds of processor."""

    requester: socket.socket
    deadline: float
    seconds: int


class _ForkServer:
    """Forks a reader for each request, and notifies the requester of how it ended."""

    def __init__(self, requests: socket.socket) -> None:
        """Take the socket of requests, and fork the first reader."""
        self._requests = requests
        self._readers: dict[int, _BusyReader] = {}
        self._idle = _fork_reader()

    def serve(self) -> None:
        """Serve requests until the socket is closed."""
        wakeup_reader, wakeup_writer = socket.socketpair()
        wakeup_reader.setblocking(False)
        wakeup_writer.setblocking(False)
        signal.set_wakeup_fd(wakeup_writer.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self._requests, selectors.EVENT_READ)
            selector.register(wakeup_reader, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select(self._seconds_to_next_deadline())}
                if wakeup_reader in ready:
                    wakeup_reader.recv(1_024)
                self._reap()
                self._kill_overdue()
                if self._requests in ready and not self._take_request():
                    break
        for process in (*self._readers, self._idle.process):
            os.kill(process, signal.SIGKILL)

    def _seconds_to_next_deadline(self) -> float | None:
        """Return the seconds until the next deadline of a reader; `None` if none is at work."""
        deadlines = [reader.deadline for reader in self._readers.values()]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _take_request(self) -> bool:
        """Pass the next request to the idle reader; return whether the socket is still open."""
        message, descriptors, _, _ = socket.recv_fds(self._requests, MESSAGE_BYTES, DESCRIPTORS_PER_REQUEST)
        if not message or len(descriptors) < DESCRIPTORS_PER_REQUEST:
            return False
        limits = ReadRequest.from_bytes(message).limits
        try:
            socket.send_fds(self._idle.connection, [message], descriptors)
        except OSError:  # it was ended while it waited
            self._idle = _fork_reader()
            socket.send_fds(self._idle.connection, [message], descriptors)
        *files, requester = descriptors
        for descriptor in files:
            os.close(descriptor)
        deadline = time.monotonic() + limits.waiting_seconds
        self._readers[self._idle.process] = _BusyReader(socket.socket(fileno=requester), deadline, limits.seconds)
        self._idle.connection.close()
        self._idle = _fork_reader()
        return True

    def _reap(self) -> None:
        """Reap the readers that have ended; notify their requesters unless the file was read."""
        while True:
            try:
                process, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if process == 0:
                return
            reader = self._readers.pop(process, None)
            if reader is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            is_overdue = usage.ru_utime + usage.ru_stime >= reader.seconds or time.monotonic() >= reader.deadline
            timed_out = code == -signal.SIGXCPU or (code != 0 and is_overdue)
            with suppress(OSError), reader.requester:  # the requester has the file, or is gone
                if code:
                    reader.requester.send(ReaderExit(max(code, 0), max(-code, 0), timed_out).to_bytes())

    def _kill_overdue(self) -> None:
        for process, reader in self._readers.items():
            if time.monotonic() >= reader.deadline:
                os.kill(process, signal.SIGKILL)


@dataclass(frozen=True)
class _IdleReader:
    """A reader that waits for a file, and the socket on which it receives it."""

    process: int
    connection: socket.socket


def _fork_reader() -> _IdleReader:
    """Fork a reader, which prepares itself and waits for a request."""
    own_end, reader_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = os.fork()
    if process == 0:
        _read_one_file_and_end(reader_end)
    reader_end.close()
    return _IdleReader(process, own_end)


def _read_one_file_and_end(connection: socket.socket) -> NoReturn:
    """Wait for a file, read it, write the answer, notify the requester, exit."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        close_other_descriptors(connection.fileno())
        confine_process()
        with memory_file() as scratch:
            write_file_read(scratch, open_file(WARM_UP_FILE, ""))
        message, descriptors, _, _ = socket.recv_fds(connection, MESSAGE_BYTES, DESCRIPTORS_PER_REQUEST)
        if message:
            content, answer, requester = descriptors
            request = ReadRequest.from_bytes(message)
            apply_limits(request.limits)
            with os.fdopen(content, "rb") as file:
                text = file.read()
            _read_and_answer(text, request.file_name, answer)
            # Not as a socket object: creating one is refused where the audit hook restricts Python.
            os.write(requester, ReaderExit(0, 0, late=False).to_bytes())
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    except OSError as failure:
        code = OUT_OF_MEMORY if failure.errno in LIMIT_ERRNOS else code
    finally:
        os._exit(code)


def _read_and_answer(content: bytes, file_name: str, answer: int) -> None:
    try:
        write_file_read(answer, open_file(content, file_name))
    except UnreadableError as unreadable:
        write_unreadable(answer, unreadable)
    except MemoryError:
        raise
    except (Exception, PanicException) as failure:  # noqa: BLE001 - any other failure is reported as internal
        last_frame = traceback.extract_tb(failure.__traceback__)[-1]
        write_failure(answer, f"{type(failure).__name__} at {PurePath(last_frame.filename).name}:{last_frame.lineno}")


def main() -> None:
    """Serve requests on the inherited socket."""
    # Readers have no standard streams: what a library prints on a damaged file does not reach the server's log.
    null_device = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null_device, descriptor)
    # Memory pages shared with the readers stay unwritten.
    gc.collect()
    gc.freeze()
    gc.disable()
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        requests.send(b"ready")
        _ForkServer(requests).serve()


if __name__ == "__main__":
    main()
