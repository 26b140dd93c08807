"""Streamlit's files go out compressed to those who take them so, and as they lie to the others."""

from __future__ import annotations

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from streamlit.file_util import get_static_dir
from streamlit.web.server.starlette.starlette_static_routes import create_streamlit_static_handler

from dashboards.web.static_gzip import CACHE_FOREVER, SHELL_FILE, GzipFiles, StaticGzipMiddleware, accepts_gzip

STATIC = Path(get_static_dir())
SCRIPT = next(path for path in sorted((STATIC / "static" / "js").glob("index.*.js")) if path.stat().st_size > 100_000)
FONT = min((STATIC / "static" / "media").glob("*.woff2"), key=lambda path: path.stat().st_size)


@pytest.fixture(scope="module")
def files() -> GzipFiles:
    return GzipFiles(STATIC)


@pytest.fixture(scope="module")
def site(files: GzipFiles) -> Starlette:
    """Streamlit's own handler of static files, behind ours."""
    mount = Mount("/", create_streamlit_static_handler(str(STATIC), None))
    return Starlette(routes=[mount], middleware=[Middleware(StaticGzipMiddleware, files=files)])


def raw(site: Starlette, path: str, method: str = "GET", **headers: str) -> tuple[httpx.Response, bytes]:
    """Return an answer and its bytes as they went over the wire."""

    async def asking() -> tuple[httpx.Response, bytes]:
        transport = httpx.ASGITransport(site)
        named = {"accept-encoding": "identity"} | {name.replace("_", "-"): value for name, value in headers.items()}
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
            client.stream(method, path, headers=named) as answer,
        ):
            return answer, b"".join([part async for part in answer.aiter_raw()])

    # In a thread of its own: a browser driven by the same process has a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(asking())).result()


def address(path: Path) -> str:
    return f"/{path.relative_to(STATIC).as_posix()}"


def test_a_script_goes_out_compressed_and_is_the_same_script(site: Starlette) -> None:
    answer, body = raw(site, address(SCRIPT), accept_encoding="gzip, deflate, br, zstd")
    plain, _ = raw(site, address(SCRIPT))
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(body) < SCRIPT.stat().st_size / 3
    # What comes out is no archive again: it was compressed once.
    assert gzip.decompress(body) == SCRIPT.read_bytes()
    assert answer.headers["content-type"] == plain.headers["content-type"]
    assert answer.headers["cache-control"] == CACHE_FOREVER
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", ["identity", "", "br", "gzip;q=0", "gzip;q=0.0, *;q=1", "gzip;q=ours"])
def test_who_does_not_take_gzip_gets_the_script_as_it_lies(site: Starlette, accepted: str) -> None:
    answer, body = raw(site, address(SCRIPT), accept_encoding=accepted)
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers
    assert body == SCRIPT.read_bytes()
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", ["gzip", "GZIP", "x-gzip", "br;q=1, gzip;q=0.1", "*", "deflate , gzip ; q=0.5"])
def test_who_takes_gzip_in_whatever_words_is_understood(accepted: str) -> None:
    assert accepts_gzip([accepted])


def test_the_two_forms_of_a_script_have_two_names_and_each_is_known_again(site: Starlette) -> None:
    packed, _ = raw(site, address(SCRIPT), accept_encoding="gzip")
    plain, _ = raw(site, address(SCRIPT))
    assert packed.headers["etag"] != plain.headers["etag"]
    for known in (packed.headers["etag"], f'"other", W/{packed.headers["etag"]}', "*"):
        again, body = raw(site, address(SCRIPT), accept_encoding="gzip", if_none_match=known)
        assert (again.status_code, body) == (304, b"")
        assert again.headers["etag"] == packed.headers["etag"]
        assert again.headers["cache-control"] == CACHE_FOREVER
    other, _ = raw(site, address(SCRIPT), accept_encoding="gzip", if_none_match=plain.headers["etag"])
    assert other.status_code == 200


def test_a_part_of_a_script_is_a_part_of_it_as_it_lies(site: Starlette) -> None:
    answer, body = raw(site, address(SCRIPT), accept_encoding="gzip", range="bytes=10-19")
    assert answer.status_code == 206
    assert "content-encoding" not in answer.headers
    assert body == SCRIPT.read_bytes()[10:20]
    # A part asked for of the compressed form, which has no parts, is answered whole.
    packed, _ = raw(site, address(SCRIPT), accept_encoding="gzip")
    whole, body = raw(
        site, address(SCRIPT), accept_encoding="gzip", range="bytes=10-19", if_range=packed.headers["etag"]
    )
    assert (whole.status_code, body) == (200, SCRIPT.read_bytes())


def test_what_is_no_script_and_no_style_sheet_passes_untouched(site: Starlette) -> None:
    for path in (FONT, STATIC / "index.html", STATIC / "manifest.json"):
        answer, body = raw(site, address(path), accept_encoding="gzip")
        assert "content-encoding" not in answer.headers, path
        assert body == path.read_bytes()
    assert raw(site, "/", accept_encoding="gzip")[0].headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/js/none.abcdefgh.js", "/static/../index.html", "/static/%2e%2e/secret.js"])
def test_only_what_was_listed_is_opened(site: Starlette, files: GzipFiles, path: str) -> None:
    before = dict(files._compressed)
    answer, _ = raw(site, path, accept_encoding="gzip")
    assert answer.status_code == 400 or answer.headers["cache-control"] == "no-cache"
    assert files._compressed == before


def test_writing_to_a_script_is_no_way_to_read_it(site: Starlette) -> None:
    assert raw(site, address(SCRIPT), "POST", accept_encoding="gzip")[0].status_code == 405


def test_twenty_first_visitors_at_once_have_a_file_compressed_once() -> None:
    files = GzipFiles(STATIC)
    with ThreadPoolExecutor(20) as visitors:
        bodies = list(visitors.map(lambda _: files.compress(address(SCRIPT)[1:]).body, range(20)))
    assert all(body is bodies[0] for body in bodies)


def test_what_every_page_starts_with_is_ready_before_the_first_visitor() -> None:
    files = GzipFiles(STATIC)
    files.compress_shell_files()
    named = set(SHELL_FILE.findall((STATIC / "index.html").read_text(encoding="utf-8")))
    assert {name for name in named if name.endswith((".js", ".css"))} == {n for n in named if files.cached(n)}
    assert address(SCRIPT)[1:] in named
