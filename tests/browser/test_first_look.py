"""What a reader sees first: nothing moves, the icon is ours, and what goes wrong is said in their language."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from dashboards.app_pages.registry import PAGES
from dashboards.wording.translations import load_translator
from tests.browser.conftest import shown, wait_until_drawn
from tests.browser.layout_shift import LIMIT, observe, shifts
from tests.browser.page_messages import read_page
from tests.browser.test_first_visit import ADDRESSES
from tests.builders import Store

pytestmark = pytest.mark.browser

HOST = "127.0.0.1"
VISITS = [ADDRESSES.get(page.path, page.path) for page in PAGES]
VISITS += ["structure", "indicateur?indicateur=dynamic_exit_rate&structure=atelier-du-canal&vue=gestion"]
VISITS += ["comparer?affichage=matrice", "comparer?affichage=petits-multiples"]
CHART = VISITS[-3]
EACH_TIME = {("", 1440), (CHART, 360)}
"""Tiles and tables, a chart: looked at in every run."""
VISITS_AND_WIDTHS = [
    pytest.param(address, width, marks=[] if (address, width) in EACH_TIME else [pytest.mark.full])
    for address in VISITS
    for width in (1440, 360)
]
THEIRS = re.compile(r"streamlit|yourscript|connection error|is still running", re.IGNORECASE)


@pytest.mark.parametrize(("address", "width"), VISITS_AND_WIDTHS)
def test_nothing_moves_while_a_page_is_being_drawn(first_visit: Page, site: str, address: str, width: int) -> None:
    first_visit.set_viewport_size({"width": width, "height": 800})
    observe(first_visit)
    shown(first_visit, f"{site}/{address}")
    found = shifts(first_visit)
    assert sum(value for value, _, _ in found) <= LIMIT, found


def test_the_name_of_a_page_stands_before_any_script_has_drawn_it(page: Page, site: str) -> None:
    page.route("**/static/js/**", lambda route: route.abort())
    page.goto(f"{site}/structure?structure=atelier-du-canal", wait_until="commit")
    expect(page.locator(".first-look .title")).to_have_text("Atelier du Canal (fictif)")
    expect(page.locator(".first-look")).to_contain_text("Chargement…")


def title_of_first_answer(site: str, address: str) -> str:
    with urlopen(f"{site}/{address}") as answer:
        found = re.search("<title>(.*?)</title>", answer.read().decode())
    assert found
    return found[1]


@pytest.mark.parametrize(
    "address",
    [
        "?lang=en",
        "structure?structure=atelier-du-canal&periode=2026-T2",
        "indicateur?indicateur=dynamic_exit_rate&structure=atelier-du-canal",
    ],
)
def test_a_page_is_given_the_title_of_its_first_answer(site: str, address: str) -> None:
    assert read_page(site, address).title == title_of_first_answer(site, address)


def test_a_page_is_shown_even_if_the_script_that_waits_for_it_does_not_come(page: Page, site: str) -> None:
    page.route("**/pilotage.fr.*.js", lambda route: route.abort())
    shown(page, f"{site}/catalogue")
    expect(page.locator(".first-look")).to_be_hidden()


def test_the_title_is_that_of_the_first_answer_and_the_icon_is_ours_once_a_page_is_drawn(page: Page, site: str) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    shown(page, f"{site}/?lang=en")
    expect(page).to_have_title(title_of_first_answer(site, "?lang=en"))
    icons = page.eval_on_selector_all('link[rel~="icon"]', "links => links.map((link) => link.href)")
    assert icons == [f"{site}/icon.svg"]
    assert not [url for url in requested if "favicon" in url]
    for name in ("favicon.ico", "favicon.png", "icon.png"):
        with urlopen(f"{site}/{name}") as answer:
            assert answer.headers["content-type"] == "image/png"
            assert answer.read().startswith(b"\x89PNG")


@contextmanager
def served_at(store: Store, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Serve a store at a port; whoever stopped the server before its time is not waited for."""
    # A file, since nobody reads a pipe meanwhile.
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "dashboards", "serve", "--port", str(port)],
            env=store.environment,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        server.stderr = log
        try:
            yield server
        finally:
            server.terminate()
            server.wait(timeout=30)


def announced(server: subprocess.Popen[bytes]) -> str:
    """Return the line by which a server says that it is ready."""
    assert server.stdout is not None
    assert server.stderr is not None
    line = server.stdout.readline().decode()
    if not line:
        code, _ = server.wait(timeout=30), server.stderr.seek(0)
        pytest.fail(f"the server ended with {code}: {server.stderr.read().decode(errors='replace')}")
    return line


@pytest.mark.parametrize("language", [pytest.param(each, marks=pytest.mark.full) for each in ("fr", "en")])
def test_a_server_says_its_address_and_when_it_goes_it_is_said_in_words_and_the_page_comes_back_by_itself(
    page: Page, small_store: Store, language: str
) -> None:
    with served_at(small_store, 0) as server:
        line = announced(server)
        found = re.search(r"http://localhost:(\d+)", line)
        assert found, line
        # It says its address once it answers there.
        with urlopen(f"{found[0]}/healthz", timeout=10) as answer:
            assert answer.status == 200
        port = int(found[1])
        shown(page, f"http://{HOST}:{port}/?lang={language}")
        expect(page.locator(".connection")).to_be_hidden()
    notice = page.locator(".connection")
    expect(notice).to_have_text(load_translator(language)("connection.lost"), timeout=30_000)
    # Streamlit's own window comes after its second vain attempt.
    page.wait_for_timeout(8_000)
    assert not THEIRS.search(page.inner_text("body"))
    expect(page.locator("footer.foot")).to_be_visible()
    with served_at(small_store, port) as server:
        announced(server)
        expect(notice).to_be_hidden(timeout=60_000)
        wait_until_drawn(page)


def test_a_port_that_is_taken_is_misuse_said_in_one_line_and_no_address(small_store: Store) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        with served_at(small_store, taken.getsockname()[1]) as server:
            begun = time.monotonic()
            assert server.wait(timeout=60) == 2
            assert server.stdout is not None
            assert server.stdout.read() == b""
            assert time.monotonic() - begun < 60
