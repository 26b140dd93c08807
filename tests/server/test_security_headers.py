"""What every answer tells a browser, and that the pages run as it says."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
from urllib.parse import urlsplit

import pytest

from dashboards.web.security_headers import POLICY, SECURITY_HEADERS
from tests.served import Served, ask


def raw(address: str, request: str) -> str:
    """Send the bytes of a request as they are; return those of the answer."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode("latin-1"))
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer.decode("latin-1")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("HEAD", "/catalogue", {}, 200),
        ("GET", "/nowhere", {}, 404),
        ("GET", "/structure/", {}, 301),
        ("GET", "/icon.svg", {}, 200),
        ("GET", "/cle", {}, 200),
        ("GET", "/?cle=wrong", {}, 403),
        ("GET", "/", {"Host": "elsewhere.example"}, 403),
        ("GET", "/", {"Origin": "http://elsewhere.example"}, 403),
        ("GET", "/_stcore/metrics", {}, 403),
        ("GET", "/_stcore/health", {}, 200),
        ("GET", "/_stcore/host-config", {}, 200),
        ("GET", "/_stcore/nothing", {}, 404),
        ("GET", "/media/nothing", {}, 404),
        ("GET", "/component/nothing", {}, 404),
        ("GET", "/static/js/nothing.js", {}, 404),
        ("PUT", "/_stcore/upload_file/x/y", {}, 403),
        ("POST", "/", {}, 405),
        ("GET", "/api/structures.json", {}, 200),
        ("GET", "/api/nothing", {}, 404),
        ("GET", "/%2e%2e/etc/passwd", {}, 404),
        ("GET", "/static/%2e%2e/%2e%2e/config.py", {}, 404),
    ],
)  # fmt: skip
def test_every_answer_says_what_a_page_may_do(
    site: Served, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = ask(site.address, path, method, **headers)
    assert answer.status == status
    assert_protected(answer.headers)


def assert_protected(headers: object) -> None:
    assert isinstance(headers, dict)
    for name, value in SECURITY_HEADERS:
        assert headers.get(name.lower()) == value, name


def test_so_do_redirections_to_the_administrator_answers_known_already_and_files_of_streamlit(site: Served) -> None:
    assert_protected(ask(site.address, site.opening).headers)
    known = ask(site.address, "/api/structures.json").headers["etag"]
    again = ask(site.address, "/api/structures.json", If_None_Match=known)
    assert again.status == 304
    assert_protected(again.headers)
    script = re.search(r'src="\.?(/static/js/[^"]+)"', ask(site.address, "/").text)
    assert script
    assert_protected(ask(site.address, script[1]).headers)
    large = ask(site.address, "/_stcore/upload_file/x/y", "PUT", Content_Length="900000000", **site.cookie)
    assert large.status in (403, 413)
    assert_protected(large.headers)


@pytest.mark.parametrize(
    "request_",
    [
        "nothing of the kind\n\n",
        "GET / HTTP/1.1\nHost: localhost\nHost: elsewhere\nConnection: close\n\n",
        "GET /_stcore/stream HTTP/1.1\nHost: elsewhere\nConnection: Upgrade\nUpgrade: websocket\n"
        "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n\n",
        "GET /_stcore/nothing HTTP/1.1\nHost: localhost\nConnection: Upgrade\nUpgrade: websocket\n"
        "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n\n",
    ],
)
def test_so_do_answers_to_what_is_no_request_and_to_handshakes_that_are_refused(site: Served, request_: str) -> None:
    head, _, _ = raw(site.address, request_).partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    assert status.split()[1] in ("400", "403")
    assert_protected({name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)})


def test_every_script_that_is_written_in_a_page_is_named_by_its_hash(site: Served) -> None:
    for path in (
        "/",
        "/catalogue?lang=en",
        "/nowhere",
        "/cle",
        "/static/js/nothing.js",
        "/_stcore/nothing",
        "/_stcore",
    ):
        page = ask(site.address, path).text
        for written in re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(written.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in POLICY["script-src"]
        assert not re.search(r"\son\w+=", page), "an attribute that is a script has no hash"
    assert "unsafe" not in POLICY["script-src"].replace("'wasm-unsafe-eval'", "")


def test_streamlit_takes_messages_from_no_page_of_others_and_shows_its_inside_to_the_administrator_alone(
    site: Served,
) -> None:
    assert '"allowedOrigins":[]' in ask(site.address, "/_stcore/host-config").text
    for path in ("metrics", "script-health-check", "agent/openapi.json", "agent/anything"):
        assert ask(site.address, f"/_stcore/{path}").status == 403
    assert ask(site.address, "/_stcore/metrics", **site.cookie).status == 200
