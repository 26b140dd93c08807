"""A network served by the real command, as whoever started it finds it in the terminal."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

KEY = re.compile(r"http\S+/\?cle=(\S+)")


class Known(Protocol):
    """What can be served: a store, or whatever else gives the environment of a command line that finds one."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command line."""
        ...


@dataclass(frozen=True)
class Answer:
    """What a server answered: status, headers by their names in lower case, text."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class Served:
    """A running server: its address, what it said in the terminal, and the key that it printed, if any."""

    address: str
    lines: tuple[str, str]
    key: str | None
    process: subprocess.Popen[str]
    log: Path | None = None

    @property
    def opening(self) -> str:
        """The path that makes whoever opens it the administrator."""
        return f"/?cle={self.key}"

    @property
    def cookie(self) -> dict[str, str]:
        """The header of a request of the administrator's: the key, exchanged as a browser would."""
        given = ask(self.address, self.opening).headers["set-cookie"]
        return {"Cookie": given.partition(";")[0]}


def free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def ask(address: str, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
    """Ask a server for a path, without following where it leads."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    found = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, found, response.read().decode(errors="replace"))


@contextmanager
def session(address: str, cookie: Mapping[str, str] | None = None) -> Iterator[ClientConnection]:
    """Open a page of a server as a browser does, with a cookie or as the public."""
    stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(stream, subprotocols=["streamlit"], max_size=None, additional_headers=cookie) as reader:  # type: ignore[list-item]
        yield reader


def drawn(reader: ClientConnection, page: str, query: str = "") -> bytes:
    """Ask for a page in an open session and read it until it is drawn; return all that was sent of it."""
    return b"".join(message.SerializeToString() for message in messages(reader, page, query))


def messages(reader: ClientConnection, page: str, query: str = "") -> list[ForwardMsg]:
    """Ask for a page in an open session; return the messages that draw it."""
    request = BackMsg()
    request.rerun_script.page_name = page
    request.rerun_script.query_string = query
    reader.send(request.SerializeToString())
    received = []
    for _ in range(10_000):
        message = ForwardMsg()
        message.ParseFromString(bytes(reader.recv(timeout=60)))
        received.append(message)
        if message.WhichOneof("type") == "script_finished":
            return received
    raise AssertionError(f"/{page} is never drawn to its end")


def elements(received: list[ForwardMsg]) -> list[Any]:
    """Return the elements of a page that is drawn, in their order."""
    return [
        one.delta.new_element
        for one in received
        if one.WhichOneof("type") == "delta" and one.delta.HasField("new_element")
    ]


def kinds(received: list[ForwardMsg]) -> list[str]:
    """Return what each element of a page that is drawn is."""
    return [element.WhichOneof("type") for element in elements(received)]


@contextmanager
def running(
    store: Known,
    host: str = "127.0.0.1",
    command: str = "serve",
    log: Path | None = None,
    program: Sequence[str] = ("-m", "dashboards"),
    options: Sequence[str] = (),
    **settings: str,
) -> Iterator[Served]:
    """Serve a store with a command, from another folder than the project's; stop it by its own process id.

    What it logs is written in the file `log`, if one is given. `program` is how Python is told to run the command line.
    """
    port = free_port(host)
    with ExitStack() as files:
        server = subprocess.Popen(
            [sys.executable, *program, command, *options, "--host", host, "--port", str(port)],
            env=store.environment | settings,
            stdout=subprocess.PIPE,
            stderr=files.enter_context(log.open("w")) if log else subprocess.PIPE,
            text=True,
        )
    try:
        assert server.stdout is not None
        lines = (server.stdout.readline(), server.stdout.readline())
        assert all(lines), server.stderr.read() if server.stderr else (log and log.read_text())
        found = KEY.search(lines[1])
        yield Served(f"http://{host}:{port}", lines, found and found[1], server, log)
    finally:
        server.terminate()
        server.communicate(timeout=30)
