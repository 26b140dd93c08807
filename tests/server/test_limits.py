"""How much of a site one stranger may take, and that it leaves the others theirs."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from dashboards.web.limits import network_of
from dashboards.web.rate_limit import MAX_REMEMBERED_NAMES, RateLimit
from tests.builders import Store
from tests.served import Served, ask, drawn, running

SECOND = 1_000_000_000
LIMITS = {
    "PILOTAGE_MAX_SESSIONS": "5",
    "PILOTAGE_MAX_SESSIONS_PER_ADDRESS": "3",
    "PILOTAGE_MAX_CONNECTIONS": "60",
    "PILOTAGE_MAX_QUERY_BYTES": "500",
    "PILOTAGE_MAX_MESSAGE_BYTES": "20000",
    "PILOTAGE_MAX_UPLOAD_MB": "1",
    "PILOTAGE_UPLOADS_PER_MINUTE": "4",
    "PILOTAGE_REQUESTS_PER_MINUTE": "6",
    "PILOTAGE_REQUEST_SECONDS": "1",
    "PILOTAGE_UPLOAD_SECONDS": "100",
    "PILOTAGE_TRUSTED_PROXIES": "127.0.0.1",
}
"""Small enough to be reached; a trusted proxy lets a test ask as several visitors do."""


@pytest.fixture(scope="module")
def limited(store: Store) -> Iterator[Served]:
    with running(store, **LIMITS) as served:
        yield served


# Counting


def test_a_rate_allows_a_number_at_once_and_then_an_even_pace() -> None:
    now = [0]
    limit = RateLimit(4, lambda: now[0])
    assert [limit.allows("a") for _ in range(6)] == [True] * 4 + [False] * 2
    assert limit.allows("b"), "each name has its own"
    now[0] += 15 * SECOND
    assert [limit.allows("a") for _ in range(2)] == [True, False]
    now[0] += 3600 * SECOND
    assert [limit.allows("a") for _ in range(6)] == [True] * 4 + [False] * 2


def test_a_flood_of_names_does_not_fill_the_memory_and_forgets_who_was_not_seen_for_longest() -> None:
    limit = RateLimit(1, lambda: 0)
    for each in range(MAX_REMEMBERED_NAMES + 5):
        assert limit.allows(str(each))
        limit.allows("often")
    assert len(limit._idle_from) == MAX_REMEMBERED_NAMES
    assert not limit.allows("often")


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_who_has_a_network_is_one_visitor(address: str, home: str) -> None:
    assert network_of(address) == home


def test_only_a_trusted_proxy_is_believed_for_whom_it_asks(limited: Served) -> None:
    found = [ask(limited.address, "/?cle=x", X_Forwarded_For=f"192.0.2.{each}").status for each in range(11)]
    assert found == [403] * 11
    # Whoever writes the header themselves is known by what the proxy added to it.
    found = [ask(limited.address, "/?cle=x", X_Forwarded_For=f"10.0.0.{n}, 192.0.2.99").status for n in range(11)]
    assert found == [403] * 10 + [429]


# Sessions


def session(served: Served, who: str, **headers: str) -> ClientConnection:
    parts = urlsplit(served.address)
    return connect(
        f"ws://{parts.netloc}/_stcore/stream", additional_headers={"X-Forwarded-For": who, **headers}, open_timeout=30
    )


def sessions(served: Served, readers: ExitStack, who: str, count: int, **headers: str) -> list[int]:
    """Open sessions for somebody; return how each was answered."""
    found = []
    for _ in range(count):
        try:
            readers.enter_context(session(served, who, **headers))
            found.append(101)
        except InvalidStatus as refused:
            found.append(refused.response.status_code)
    return found


def test_sessions_have_a_limit_for_each_address_and_for_all_but_not_for_the_administrator(limited: Served) -> None:
    with ExitStack() as readers:
        assert sessions(limited, readers, "192.0.2.1", 5) == [101] * 3 + [403] * 2
        assert sessions(limited, readers, "192.0.2.2", 3) == [101] * 2 + [403]
        full = ask(limited.address, "/?lang=fr", Accept="text/html")
        assert (full.status, full.headers["retry-after"]) == (503, "30")
        assert "Revenez dans une minute" in full.text
        assert ask(limited.address, "/", Accept="text/html", **limited.cookie).status == 200
        assert sessions(limited, readers, "192.0.2.1", 1, **limited.cookie) == [101]
        assert ask(limited.address, limited.opening, Accept="text/html").status == 303, "whoever has the key comes in"
        assert ask(limited.address, "/cle", Accept="text/html").status == 200
    for _ in range(100):
        with ExitStack() as readers:
            if sessions(limited, readers, "192.0.2.1", 1) == [101]:
                break
        time.sleep(0.05)
    else:
        raise AssertionError("who leaves makes room")
    assert ask(limited.address, "/", Accept="text/html").status == 200


def test_who_has_as_many_pages_as_one_address_may_is_told_so_while_others_come_in(limited: Served) -> None:
    with ExitStack() as readers:
        assert sessions(limited, readers, "192.0.2.1", 3) == [101] * 3
        assert ask(limited.address, "/", Accept="text/html", X_Forwarded_For="192.0.2.1").status == 503
        assert ask(limited.address, "/", Accept="text/html", X_Forwarded_For="192.0.2.2").status == 200


def test_a_message_that_is_too_large_closes_its_session_and_no_other(limited: Served) -> None:
    with session(limited, "192.0.2.3") as one, session(limited, "192.0.2.3") as other:
        one.send(b"x" * 20_001)
        with pytest.raises(ConnectionClosed):
            list(iter(lambda: one.recv(timeout=20), None))
        assert one.close_code == 1009
        message = BackMsg()
        message.rerun_script.query_string = "lang=en"
        other.send(message.SerializeToString())
        assert other.recv(timeout=30)


def test_the_parameters_that_an_open_page_sends_have_a_length_too(limited: Served) -> None:
    with ExitStack() as readers:
        reader = readers.enter_context(session(limited, "192.0.2.3"))
        for length, is_drawn in ((100, True), (2_000, False)):
            assert (b"x" * 100 in drawn(reader, "structure", f"structure={'x' * length}")) == is_drawn


# Requests


def test_the_parameters_of_an_address_have_a_length(limited: Served) -> None:
    assert ask(limited.address, f"/?structure={'x' * 480}").status == 200
    for path in ("/", "/api/structures.json", "/static/x", "/cle"):
        assert ask(limited.address, f"{path}?structure={'x' * 500}").status == 414


def test_open_data_are_given_at_a_rate_for_each_address(limited: Served) -> None:
    answers = [ask(limited.address, "/api/structures.json", X_Forwarded_For="192.0.2.4") for _ in range(8)]
    assert [answer.status for answer in answers] == [200] * 6 + [429] * 2
    assert answers[-1].headers["retry-after"] == "30"
    assert ask(limited.address, "/api/structures.json", X_Forwarded_For="192.0.2.5").status == 200
    assert ask(limited.address, "/healthz", X_Forwarded_For="192.0.2.4").status == 200
    again = ask(limited.address, "/api/structures.json", X_Forwarded_For="192.0.2.4", **limited.cookie)
    assert again.status == 200, "the administrator has no limit"


def test_files_are_taken_from_the_administrator_alone_at_a_rate_and_up_to_a_size(limited: Served) -> None:
    path = "/_stcore/upload_file/x/y"
    assert ask(limited.address, path, "PUT", "x" * 2_000_000, X_Forwarded_For="192.0.2.6").status == 403
    for _ in range(4):
        ask(limited.address, path, "PUT", X_Forwarded_For="192.0.2.7", **limited.cookie)
    assert ask(limited.address, path, "PUT", X_Forwarded_For="192.0.2.7", **limited.cookie).status == 429
    for _ in range(5):
        ask(limited.address, path, "PUT", X_Forwarded_For="192.0.2.8")
    own = ask(limited.address, path, "PUT", X_Forwarded_For="192.0.2.8", **limited.cookie)
    assert own.status != 429, "files of strangers use up nobody's turn"


# Time and connections


def opened(served: Served, sent: bytes = b"") -> socket.socket:
    parts = urlsplit(served.address)
    connection = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20)
    connection.sendall(sent)
    return connection


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        b"GET /_stcore/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
        b"PUT /_stcore/upload_file/x/y HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n",
        b"POST /cle HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\ncle",
        b"GET /icon.svg HTTP/1.1\r\nHost: localhost\r\n\r\nGET /icon.svg HTTP/1.1\r\nX: ",
    ],
)
def test_a_request_that_does_not_come_in_is_given_up_however_it_drips(limited: Served, begun: bytes) -> None:
    started = time.monotonic()
    with opened(limited, begun) as connection:
        connection.settimeout(0.2)
        while time.monotonic() - started < 20:
            try:
                connection.sendall(b"x")
                if connection.recv(65536) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            raise AssertionError("it is held for ever")
    assert time.monotonic() - started < 15


def test_an_open_session_is_not_given_up(limited: Served) -> None:
    with session(limited, "192.0.2.8") as reader:
        time.sleep(2.5)
        message = BackMsg()
        message.rerun_script.query_string = ""
        reader.send(message.SerializeToString())
        assert reader.recv(timeout=30)


def test_connections_beyond_their_number_are_told_so_and_the_site_goes_on(limited: Served) -> None:
    with ExitStack() as held:
        for _ in range(70):
            held.enter_context(opened(limited, b"GET / HTTP/1.1\r\n"))
        answer = ask(limited.address, "/healthz")
        assert answer.status == 503
        assert "content-security-policy" in answer.headers
    for _ in range(100):
        if ask(limited.address, "/healthz").status == 200:
            break
        time.sleep(0.05)
    else:
        raise AssertionError("the site does not come back")
