"""A served network and a real Chromium to look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.builders import Store
from tests.install_programs import find_chromium
from tests.served import Served, free_port, running

__all__ = ["free_port"]

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# A machine shared with other tests may take its time: what is expected is waited for, and no test is timed.
expect.set_options(timeout=20_000)


ADMINISTERED: dict[str, Served] = {}
"""Sites that are served now, by their address, and that every page of a test administers."""
OPENED: list[BrowserContext] = []
"""Browsers of the tests that are running now."""


@contextmanager
def serving(store: Store, host: str = "127.0.0.1", *, administered: bool = True, **settings: str) -> Iterator[str]:
    """Serve a store; every page of a test holds the cookie of its administrator, if it should."""
    with running(store, host, **settings) as served:
        if administered:
            ADMINISTERED[served.address] = served
            for context in OPENED:
                administer(context, served)
        try:
            yield served.address
        finally:
            ADMINISTERED.pop(served.address, None)


def administer(context: BrowserContext, served: Served) -> None:
    """Make somebody the administrator of a site, as if they had opened it with its key."""
    name, _, value = served.cookie["Cookie"].partition("=")
    context.add_cookies([{"name": name, "value": value, "url": served.address, "httpOnly": True, "sameSite": "Strict"}])


@pytest.fixture(scope="session")
def demo_store(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A copy of the demo's store, that tests may write in."""
    copy = tmp_path_factory.mktemp("served") / "store"
    shutil.copytree(demo_folder, copy)
    return Store(str(copy))


@pytest.fixture(scope="session")
def site(demo_store: Store) -> Iterator[str]:
    """Address of the demo network, served to its administrator."""
    with serving(demo_store) as address:
        yield address


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a network of which nothing is known yet."""
    with serving(Store(str(tmp_path_factory.mktemp("empty")))) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that may speak to the server it came from and to nobody else; a script error fails the test."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR", accept_downloads=True)
    OPENED.append(context)
    for served in ADMINISTERED.values():
        administer(context, served)
    opened = context.new_page()
    strangers: list[str] = []
    errors: list[str] = []
    hosts: set[str] = set()

    def watch(url: str) -> None:
        if not hosts:
            hosts.add(url.split("/")[2])
        if url.startswith(("http", "ws")) and url.split("/")[2] not in hosts:
            strangers.append(url)

    opened.on("request", lambda request: watch(request.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    OPENED.remove(context)
    context.close()
    assert strangers == []
    assert errors == []


def shown(page: Page, address: str) -> str:
    """Open an address, wait until the page is drawn to its foot, and return its text."""
    page.goto(address)
    return settled(page)


def settled(page: Page) -> str:
    """Wait until nothing is being drawn any more, and return the text of the page."""
    page.locator("footer.foot").wait_for(timeout=30_000)
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=30_000)
    return page.inner_text('[data-testid="stMain"]')
