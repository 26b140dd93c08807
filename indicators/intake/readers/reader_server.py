"""Client of the reader server: start it, send it requests, stop it. Quick to import, to start the server early."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import indicators
from indicators.intake.readers.confinement import ReaderLimits

READER_MODULE: Final = "indicators.intake.readers.reader_process"
START_SECONDS: Final = 60.0
"""Seconds within which the process must have started."""
GRACE_SECONDS: Final = 10.0
"""Seconds within which it must report a reader past its deadline, and end itself when stopped."""
KEPT_SETTINGS: Final = ("PATH", "LANG", "LC_ALL", "TZ")
"""Environment variables passed to readers: no address of a store, no password."""
MAX_NAME_CHARS: Final = 500
"""Last characters of a file name sent to a reader: the extension may name a format."""
MESSAGE_BYTES: Final = 8_192
OUT_OF_MEMORY: Final = 3
"""Exit code of a reader that exceeded its memory limit, in work or in its answer."""


@dataclass(frozen=True)
class ReadRequest:
    """A request to read a file; three descriptors go with it: file, answer file, socket notified of the exit."""

    file_name: str
    limits: ReaderLimits

    def to_bytes(self) -> bytes:
        """Return the request as JSON."""
        return json.dumps([self.file_name[-MAX_NAME_CHARS:], asdict(self.limits)]).encode()

    @classmethod
    def from_bytes(cls, message: bytes) -> "ReadRequest":
        """Parse a request."""
        name, limits = json.loads(message)
        return cls(name, ReaderLimits(**limits))


@dataclass(frozen=True)
class ReaderExit:
    """How a reader ended: its exit code or signal, and whether it exceeded its time (`late`)."""

    code: int
    signal: int
    late: bool

    def to_bytes(self) -> bytes:
        """Return the exit as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, message: bytes) -> "ReaderExit":
        """Parse an exit."""
        return cls(**json.loads(message))


class ServerGoneError(Exception):
    """The reader server has ended, or does not start."""


class ReaderServer:
    """The server process and the socket on which it takes requests; safe to use from several threads."""

    def __init__(self) -> None:
        """Start the process; it is ready later."""
        self._owner = os.getpid()
        self._ready = False
        self._ready_lock = Lock()
        self._requests, server_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._requests.settimeout(START_SECONDS)
        environment = {name: os.environ[name] for name in KEPT_SETTINGS if name in os.environ}
        environment["PYTHONPATH"] = str(Path(indicators.__file__).parent.parent)
        environment["_RJEM_MALLOC_CONF"] = "background_thread:false"  # threads do not survive a fork
        with server_end:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", READER_MODULE, str(server_end.fileno())],
                env=environment,
                pass_fds=[server_end.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the parent process only
            )

    def is_alive(self) -> bool:
        """Whether it runs and was started by this process: a fork of this process has to start its own."""
        return self._owner == os.getpid() and self._process.poll() is None

    def request(
        self, request: ReadRequest, content: int, answer: int, meanwhile: Callable[[], object] = lambda: None
    ) -> ReaderExit | None:
        """Have a file read, and return how its reader ended; `None` if there is no answer in time."""
        self._wait_until_ready()
        own_end, server_end = socket.socketpair()
        with own_end:
            with server_end:
                try:
                    socket.send_fds(self._requests, [request.to_bytes()], [content, answer, server_end.fileno()])
                except OSError:
                    raise ServerGoneError from None
            meanwhile()
            own_end.settimeout(request.limits.waiting_seconds + GRACE_SECONDS)
            try:
                message = own_end.recv(MESSAGE_BYTES)
            except TimeoutError:
                return None
            except OSError:
                raise ServerGoneError from None
        if not message:
            raise ServerGoneError
        try:
            return ReaderExit.from_bytes(message)
        except (ValueError, TypeError):  # the reader was compromised by its file
            return ReaderExit(OUT_OF_MEMORY, 0, late=False)

    def _wait_until_ready(self) -> None:
        with self._ready_lock:
            if self._ready:
                return
            with suppress(OSError):
                self._ready = bool(self._requests.recv(MESSAGE_BYTES))
            if not self._ready:
                raise ServerGoneError

    def stop(self) -> None:
        """Close the socket, upon which the process ends; kill it if it does not."""
        self._requests.close()
        if self._owner == os.getpid():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE_SECONDS)
                return
            self._process.kill()


class _CurrentServer:
    """Holder of this process's reader server."""

    def __init__(self) -> None:
        self._server: ReaderServer | None = None
        self._starting = Lock()

    def running(self) -> ReaderServer:
        """Return the server, started if it does not run."""
        with self._starting:
            if self._server is None or not self._server.is_alive():
                if self._server is not None:
                    self._server.stop()
                self._server = ReaderServer()
            return self._server

    def end(self, server: ReaderServer) -> None:
        """Stop a server that does not answer, unless it was replaced; the next request starts another."""
        with self._starting:
            if self._server is server:
                server.stop()
                self._server = None


_CURRENT: Final = _CurrentServer()


def reader_server() -> ReaderServer:
    """Return the reader server, started if it does not run; call it early to warm it up."""
    return _CURRENT.running()


def end_reader_server(server: ReaderServer) -> None:
    """Stop a reader server that does not answer; the next file starts another."""
    _CURRENT.end(server)
