"""The process from which readers are forked, as it is started and asked; quick to import, so that it starts first."""

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import indicators
from indicators.intake.readers.confinement import Limits

MODULE: Final = "indicators.intake.readers.reader_process"
START_SECONDS: Final = 60.0
"""Within which the process must have started."""
GRACE_SECONDS: Final = 10.0
"""Within which it must tell how a reader ended that was to end, and end itself once it is not needed."""
KEPT_SETTINGS: Final = ("PATH", "LANG", "LC_ALL", "TZ")
"""Of the environment, what readers may know: no address of a store, no password."""
NAME_CHARS: Final = 500
"""Last characters of a file name that a reader is given: its end may name a format."""
MESSAGE_BYTES: Final = 8_192
OUT_OF_MEMORY: Final = 3
"""Exit code of a reader that asked for more memory than it may have, or had more to hand over."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a reader; three descriptors go with it: file, answer, connection on which its end is told."""

    file_name: str
    limits: Limits

    def written(self) -> bytes:
        """Write the request."""
        return json.dumps([self.file_name[-NAME_CHARS:], asdict(self.limits)]).encode()

    @classmethod
    def of(cls, message: bytes) -> "Asked":
        """Read a request."""
        name, limits = json.loads(message)
        return cls(name, Limits(**limits))


@dataclass(frozen=True)
class Ended:
    """How a reader ended: its exit code or the signal that ended it, and whether its time was over."""

    code: int
    signal: int
    late: bool

    def written(self) -> bytes:
        """Write how it ended."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def of(cls, message: bytes) -> "Ended":
        """Read how a reader ended."""
        return cls(**json.loads(message))


class GoneError(Exception):
    """The process from which readers are forked has ended, or does not start."""


class ReaderServer:
    """The process, and the door at which it takes requests; threads may ask at once."""

    def __init__(self) -> None:
        """Start the process; it is ready a while later."""
        self._owner = os.getpid()
        self._ready = False
        self._waiting = Lock()
        self._door, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._door.settimeout(START_SECONDS)
        environment = {name: os.environ[name] for name in KEPT_SETTINGS if name in os.environ}
        environment["PYTHONPATH"] = str(Path(indicators.__file__).parent.parent)
        environment["_RJEM_MALLOC_CONF"] = "background_thread:false"  # threads do not survive a fork
        with inside:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", MODULE, str(inside.fileno())],
                env=environment,
                pass_fds=[inside.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for who started us
            )

    @property
    def process_id(self) -> int:
        """The process's own number."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it runs, and was started by this very process: one forked from that has to start its own."""
        return self._owner == os.getpid() and self._process.poll() is None

    def ask(self, asked: Asked, content: int, answer: int) -> Ended | None:
        """Have a file read, and return how its reader ended; nothing if that is not known in time."""
        self._wait_until_ready()
        mine, theirs = socket.socketpair()
        with mine:
            with theirs:
                try:
                    socket.send_fds(self._door, [asked.written()], [content, answer, theirs.fileno()])
                except OSError:
                    raise GoneError from None
            mine.settimeout(asked.limits.waiting_seconds + GRACE_SECONDS)
            try:
                message = mine.recv(MESSAGE_BYTES)
            except TimeoutError:
                return None
            except OSError:
                raise GoneError from None
        if not message:
            raise GoneError
        try:
            return Ended.of(message)
        except (ValueError, TypeError):  # the file has taken its reader over
            return Ended(OUT_OF_MEMORY, 0, late=False)

    def _wait_until_ready(self) -> None:
        with self._waiting:
            if self._ready:
                return
            with suppress(OSError):
                self._ready = bool(self._door.recv(MESSAGE_BYTES))
            if not self._ready:
                raise GoneError

    def stop(self) -> None:
        """Close the door, upon which the process ends."""
        self._door.close()
        if self._owner == os.getpid():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE_SECONDS)
                return
            self._process.kill()


class _Current:
    """The process of this one from which readers are forked."""

    def __init__(self) -> None:
        self._server: ReaderServer | None = None
        self._starting = Lock()

    def server(self) -> ReaderServer:
        """Return it, started if it does not run."""
        with self._starting:
            if self._server is None or not self._server.is_alive():
                if self._server is not None:
                    self._server.stop()
                self._server = ReaderServer()
            return self._server

    def end(self, server: ReaderServer) -> None:
        """End one that does not answer, unless another has taken its place; whoever asks next has one started."""
        with self._starting:
            if self._server is server:
                server.stop()
                self._server = None


_CURRENT: Final = _Current()


def reader_server() -> ReaderServer:
    """Return the process from which readers are forked, started if it does not run: warm it up by asking for it."""
    return _CURRENT.server()


def end_reader_server(server: ReaderServer) -> None:
    """End a process from which readers are forked that does not answer: the next file has another started."""
    _CURRENT.end(server)
