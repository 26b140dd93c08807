"""Several workers behind one port: who has a session at one comes back to it, whatever happens to the others."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from dashboards.web.worker_pin import preferred_worker
from tests.builders import DIRECTORY, Store, stored, structures
from tests.served import Served, ask, running
from tests.server.proxy import proxy

PIN = re.compile(r"pilotage_worker=(\d+)")
COUNT = 2


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store(str(tmp_path_factory.mktemp("small") / "store"))
    with made.open() as network:
        stored(network, structures(*DIRECTORY))
    return made


@pytest.fixture(scope="module")
def site(store: Store) -> Iterator[Served]:
    with running(store, PILOTAGE_WORKERS=str(COUNT)) as served:
        yield served


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is so."""
    last = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < last
        time.sleep(0.1)


def children(process: int) -> list[int]:
    """Return the workers of a server: what it started and is no tracker of what they leave behind."""
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in found if "resource_tracker" not in command_line(int(child))]


def command_line(process: int) -> str:
    """Return the command of a process: nothing of one that is gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def is_running(process: int) -> bool:
    """Whether a process runs: one that has ended and that nobody asked about does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def worker_of(address: str, **headers: str) -> str:
    """Return the number of the worker that answers: it says so to whoever comes without a cookie of its own."""
    found = PIN.search(ask(address, "/", **headers).headers.get("set-cookie", ""))
    assert found is not None
    return found[1]


@contextmanager
def open_session(address: str, cookie: str) -> Iterator[tuple[str, str]]:
    """Keep a page open as a browser does; return its session, and the worker that the handshake names."""
    opening = connect(
        f"ws://{urlsplit(address).netloc}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        additional_headers={"Cookie": cookie, "Origin": address},
        max_size=50_000_000,
    )
    with opening as connection:
        request = BackMsg()
        request.rerun_script.query_string = ""
        connection.send(request.SerializeToString())
        message = ForwardMsg()
        while message.WhichOneof("type") != "new_session":
            message.ParseFromString(bytes(connection.recv(timeout=60)))
        assert connection.response is not None
        found = PIN.search(connection.response.headers.get("Set-Cookie", ""))
        assert found is not None
        yield message.new_session.initialize.session_id, found[1]


def upload(address: str, session: str, cookie: str) -> int:
    """Send a file to a session; return the status."""
    given = ask(address, "/_stcore/health", Cookie=cookie).headers.get("set-cookie", "")
    xsrf = re.search(r"_streamlit_xsrf=([^;]+)", given)
    token = xsrf[1] if xsrf else ""
    body = '--x\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\na\r\n--x--\r\n'
    sent = {
        "Cookie": f"{cookie}; _streamlit_xsrf={token}",
        "X_Xsrftoken": token,
        "Content_Type": "multipart/form-data; boundary=x",
        "Origin": address,
    }
    return ask(address, f"/_stcore/upload_file/{session}/file", "PUT", body, **sent).status


def test_whoever_comes_without_a_cookie_is_given_each_worker_in_turn(site: Served) -> None:
    assert {worker_of(site.address) for _ in range(2 * COUNT)} == {"0", "1"}


def test_whoever_has_the_cookie_of_a_worker_comes_back_to_it_and_is_given_no_other(site: Served) -> None:
    for number in ("0", "1"):
        for _ in range(4):
            answer = ask(site.address, "/", Cookie=f"a=b; pilotage_worker={number}")
            assert answer.status == 200
            assert "set-cookie" not in answer.headers


def test_a_cookie_that_comes_late_in_a_slow_head_is_waited_for(site: Served) -> None:
    parts = urlsplit(site.address)
    for number in (0, 1):
        with socket.create_connection((parts.hostname, parts.port)) as slow:
            slow.sendall(f"GET / HTTP/1.1\r\nHost: {parts.netloc}\r\nX-Long: {'x' * 5_000}\r\n".encode())
            time.sleep(0.2)
            slow.sendall(f"Cookie: pilotage_worker={number}\r\n\r\n".encode())
            answer = b"".join(iter(lambda: slow.recv(65_536), b""))
        head = answer.partition(b"\r\n\r\n")[0].lower()
        assert b" 200 " in head
        assert b"set-cookie" not in head


def test_data_that_a_proxy_may_keep_for_everybody_carry_no_cookie(site: Served) -> None:
    assert "set-cookie" not in ask(site.address, "/api/catalogue.json").headers


def test_the_key_of_the_start_is_that_of_every_worker(site: Served) -> None:
    key = site.cookie["Cookie"]
    for number in (0, 1):
        assert ask(site.address, "/deposer", Cookie=f"{key}; pilotage_worker={number}").status == 200
        assert ask(site.address, "/deposer", Cookie=f"pilotage_worker={number}").status == 404


def test_nobody_else_on_the_machine_sees_the_key(site: Served) -> None:
    assert site.key
    for process in (site.process.pid, *children(site.process.pid)):
        for part in ("cmdline", "environ"):
            assert site.key.encode() not in Path(f"/proc/{process}/{part}").read_bytes()


def check_uploads(address: str, key: str) -> None:
    """Check that files reach the sessions they are sent to, of every worker."""
    workers = set()
    for _ in range(2 * COUNT):
        with open_session(address, key) as (session, worker):
            workers.add(worker)
            assert upload(address, session, f"{key}; pilotage_worker={worker}") == 204
            # The other worker knows nothing of that session: without the cookie, every second file would be lost.
            assert upload(address, session, f"{key}; pilotage_worker={1 - int(worker)}") == 400
    assert workers == {"0", "1"}


def test_a_file_reaches_the_session_that_it_is_sent_to(site: Served) -> None:
    check_uploads(site.address, site.cookie["Cookie"])


def test_a_proxy_that_keeps_its_connections_open_mixes_no_readers_up(site: Served, tmp_path: Path) -> None:
    there = urlsplit(site.address).netloc
    kept = f"upstream kept {{ server {there}; keepalive 16; }} map $http_upgrade $way {{ default upgrade; '' ''; }}"
    more = f"proxy_set_header Host {there}; proxy_set_header Origin http://{there};"
    with proxy("http://kept", tmp_path, more, upstream=kept) as address:
        check_uploads(address, site.cookie["Cookie"])


def test_a_worker_that_dies_is_started_again_and_the_others_go_on(site: Served) -> None:
    before = children(site.process.pid)
    assert len(before) == COUNT
    os.kill(before[0], signal.SIGKILL)
    until(lambda: before[0] not in children(site.process.pid))
    for _ in range(4):
        # Whoever was there goes to another meanwhile, and stays there.
        assert ask(site.address, "/", Cookie="pilotage_worker=0").status == 200
        assert ask(site.address, "/", Cookie="pilotage_worker=1").status == 200
    until(lambda: len(children(site.process.pid)) == COUNT and before[0] not in children(site.process.pid))
    until(lambda: {worker_of(site.address) for _ in range(2 * COUNT)} == {"0", "1"})


@pytest.mark.full
def test_workers_do_not_outlive_a_parent_that_is_killed(store: Store) -> None:
    with running(store, PILOTAGE_WORKERS=str(COUNT)) as served:
        workers = children(served.process.pid)
        assert len(workers) == COUNT
        served.process.kill()
        until(lambda: not any(map(is_running, workers)))


def test_ctrl_c_ends_every_worker(site: Served) -> None:
    """The last of these tests that ask the site: it is ended."""
    workers = children(site.process.pid)
    assert len(workers) == COUNT
    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(30) == 0
    until(lambda: not any(map(is_running, workers)))


@pytest.mark.parametrize(
    ("head", "number"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b; pilotage_worker=1; c=d\r\n\r\n", 1),
        (b"GET / HTTP/1.1\r\ncookie:pilotage_worker=12\r\n\r\n", 12),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", None),
        (b"GET /?pilotage_worker=1 HTTP/1.1\r\nHost: a\r\n\r\n", None),
        (b"GET / HTTP/1.1\r\nX: pilotage_worker=1\r\n\r\n", None),
        (b"GET / HTTP/1.1\r\nCookie: pilotage_worker=99999\r\n\r\n", None),
        (b"GET / HTTP/1.1\r\nCookie: pilotage_worker=-1\r\n\r\n", None),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", None),
        (b"", None),
    ],
)
def test_the_worker_asked_for_is_that_of_the_cookie(head: bytes, number: int | None) -> None:
    assert preferred_worker(head) == number
