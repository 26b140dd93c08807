"""A site is served, visited and attacked beside a name server that never answers, in a namespace without a network.

Where the kernel allows no namespace, it is Python that never answers. Prints one JSON object: how long a handshake of a
foreign page took, how it and others were answered, and what was asked of the name server. The store is the one that the
environment names: what would open it here takes a second to import.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmarks.sessions import open_page
from tests.served import Known, ask, running

SET_FLAGS, UP, LOOPBACK = 0x8914, 0x41, b"lo"
"""SIOCSIFFLAGS and the flags IFF_UP and IFF_RUNNING of <net/if.h>."""


def bring_loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14s", LOOPBACK, UP, b""))


def silence_name_server() -> socket.socket:
    """Make this machine's name server one that never answers."""
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 53))
    silent.setblocking(False)
    with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as written:
        written.write("nameserver 127.0.0.1\n")
    Path(written.name).chmod(0o644)
    subprocess.run(["mount", "--bind", written.name, "/etc/resolv.conf"], check=True)
    return silent


def questions(silent: socket.socket) -> list[str]:
    """Return what the name server was asked, as it was written."""
    found = []
    while True:
        try:
            found.append(repr(silent.recv(512)[12:]))
        except BlockingIOError:
            return found


NEVER_ANSWERED = """
import socket, time
answered = socket.getaddrinfo
def getaddrinfo(host, *rest, **options):
    if host in (None, "localhost", "127.0.0.1", "::1", b"localhost", b"127.0.0.1"):
        return answered(host, *rest, **options)
    with open({log!r}, "a") as file:
        file.write(f"{{host}}\\n")
    time.sleep(30)
    raise socket.gaierror(socket.EAI_AGAIN, "never answered")
socket.getaddrinfo = getaddrinfo
"""
"""What Python reads at its start: it writes down the names that are asked for, and keeps who asks waiting."""


def never_answer(folder: Path) -> dict[str, str]:
    """Return the setting by which a Python started by a test finds no name but this machine's own."""
    (folder / "sitecustomize.py").write_text(NEVER_ANSWERED.format(log=str(folder / "questions")))
    (folder / "questions").touch()
    return {"PYTHONPATH": f"{folder}:{Path(__file__).parent.parent.parent}"}


def handshake(address: str, origin: str, **headers: str) -> int:
    """Open a session as a page of an origin does; return the status of the answer."""
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Origin": origin}
    with socket.create_connection((urlsplit(address).hostname, urlsplit(address).port), timeout=60) as connection:
        sent = {"Host": urlsplit(address).netloc, **upgrade, "Sec-WebSocket-Key": "cGlsb3RhZ2UtcGlsb3RhZw==", **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        connection.sendall(f"GET /_stcore/stream HTTP/1.1\r\n{lines}\r\n".encode())
        return int(connection.recv(65536).split()[1])


@dataclass(frozen=True)
class Named:
    """The store that the environment of this process names."""

    environment: dict[str, str]


def visit_and_attack(store: Known, **settings: str) -> dict[str, object]:
    """Serve a store; return how a page of another site, its own and its readers are answered."""
    with running(store, **settings) as served, ExitStack() as readers:
        begun = time.monotonic()
        foreign = handshake(served.address, "http://elsewhere.example")
        seconds = time.monotonic() - begun
        pages = ("/", "/catalogue", "/api/structures.json", "/healthz")
        drawn = ("", "structure?structure=atelier-ternoise")
        return {
            "seconds": seconds,
            "foreign": foreign,
            "own": handshake(served.address, served.address),
            "pages": [ask(served.address, path).status for path in pages],
            "drawn": [open_page(f"{served.address}/{page}", readers) > 1 for page in drawn],
        }


def main() -> None:
    store = Named(dict(os.environ))
    if sys.argv[1:] == ["namespace"]:
        bring_loopback_up()
        silent = silence_name_server()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            assert probe.connect_ex(("8.8.8.8", 1)) != 0, "there is a network"
        report = visit_and_attack(store) | {"questions": questions(silent)}
    else:
        with tempfile.TemporaryDirectory() as folder:
            report = visit_and_attack(store, **never_answer(Path(folder)))
            report["questions"] = (Path(folder) / "questions").read_text().split()
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main()
