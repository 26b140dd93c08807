"""A served network and a real Chromium to look at it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from playwright.sync_api import TimeoutError as Late

from indicators.network import Network
from tests.builders import Store, measure, measures, stored, structures
from tests.conftest import copy_store
from tests.install_programs import find_chromium
from tests.served import Served, running

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A fifth of the processor of a visit: one process draws all pages of a site, and no script is compiled in advance
    # or to be quick later, since hardly one runs for long.
    "--process-per-site",
    "--js-flags=--no-opt,--max-lazy",
)

# A machine shared with other tests may take its time: what is expected is waited for, and no test is timed.
expect.set_options(timeout=20_000)


WINDOW: dict[str, Any] = {
    "viewport": {"width": 1440, "height": 900},
    "locale": "fr-FR",
    "accept_downloads": True,
}
POLICY = """
addEventListener('securitypolicyviolation', e => console.error('refused by policy', e.violatedDirective, e.blockedURI));
"""
REFUSED: list[str] = []
"""What the policy of a page has refused it in the test that is running."""
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
    return Store(str(copy_store(demo_folder, tmp_path_factory.mktemp("served") / "store")))


@pytest.fixture(scope="session")
def small_store(directory_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store of a few structures: a server of its own prepares nothing of it for long."""
    return Store(str(copy_store(directory_folder, tmp_path_factory.mktemp("few") / "store")))


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


DEPOSITORS = {
    "filature-des-monts-clairs": "Filature des Monts clairs (fictif)",
    "paysagistes-du-gue": "Paysagistes du Gué (fictif)",
    **{f"chantier-{n}": f"Chantier {n} (fictif)" for n in range(6)},
}
"""Structures of a network of which tests deposit and withdraw, and their names."""


def depositors(network: Network) -> None:
    """Fill a network of a few structures, each of which has given its figures for five quarters."""
    stored(network, structures(*(f"{code};{name};ACI;;normandie;76;FR;;;;" for code, name in DEPOSITORS.items())))
    quarters = ("2025-T3", "2025-T4", "2026-T1", "2026-T2", "2026-T3")
    figures = [
        row
        for n, code in enumerate(DEPOSITORS)
        for quarter in quarters
        for row in (
            measure(code, quarter, "absenteeism_rate", 1_200 + 10 * n, 12_400 + 100 * n),
            measure(code, quarter, "undocumented_exit_rate", 14 + n, 60 + n),
        )
    ]
    stored(network, measures(*figures))


@pytest.fixture(scope="session")
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    """Address of a small network of which tests deposit and withdraw, and its store.

    After each deposit a server computes what boards need: of the demo network that takes seconds.
    """
    store = Store(str(tmp_path_factory.mktemp("own") / "store"))
    with store.open() as network:
        depositors(network)
    with serving(store) as address:
        yield address, store


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(QUIET))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def regular(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A browser that has been here before: it keeps the scripts of the site compiled, which saves half of a visit."""
    folder = tmp_path_factory.mktemp("profile")
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=find_chromium(), args=list(QUIET), **WINDOW
    )
    yield context
    context.close()


KEPT_PAGES: dict[BrowserContext, Page] = {}
"""A page of each browser that stays open: the process that draws a site ends with its last page."""


def keep_process(context: BrowserContext) -> None:
    """Open a page of a site that is served now and leave it open, if the browser has none."""
    if context not in KEPT_PAGES and ADMINISTERED:
        KEPT_PAGES[context] = context.new_page()
        KEPT_PAGES[context].goto(f"{next(iter(ADMINISTERED))}/healthz")


@contextmanager
def watched(context: BrowserContext) -> Iterator[Page]:
    """Open a page that may speak to the server it came from and to nobody else.

    A script error fails the test, and so does anything that the policy of the page refuses it.
    """
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
    opened.add_init_script(POLICY)
    opened.on("console", lambda line: REFUSED.append(line.text) if "olicy" in line.text else None)
    REFUSED.clear()
    try:
        yield opened
    finally:
        OPENED.remove(context)
        opened.close()
    assert strangers == []
    assert errors == []
    assert REFUSED == []


@pytest.fixture
def page(regular: BrowserContext) -> Iterator[Page]:
    """A page of somebody who has been here before, without a cookie but those of the sites that are administered."""
    regular.clear_cookies()
    keep_process(regular)
    with watched(regular) as opened:
        yield opened


@pytest.fixture
def first_visit(chromium: Browser) -> Iterator[Page]:
    """A page of somebody who has never been here."""
    context = chromium.new_context(**WINDOW)
    with watched(context) as opened:
        yield opened
    context.close()


WIDE_TO_NARROW = (1440, 768, 360)
"""Widths of a window that is made narrower."""
ENGLISH = re.compile(
    r"\b(Upload|Drag|Browse|Choose|Clear|Download|Loading|Search|Select|Page not found|Deploy|Running|per file"
    r"|No results)\b"
)
"""Words that Streamlit writes of itself."""


def too_wide(page: Page, widths: Iterable[int]) -> list[tuple[int, int]]:
    """Make the window as wide as each of these; return those in which the page is wider, with how wide it is."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        with suppress(Late):
            page.wait_for_function(f"document.documentElement.scrollWidth <= {width}", timeout=3_000)
        found.append((width, page.evaluate("document.documentElement.scrollWidth")))
    return [(width, of_page) for width, of_page in found if of_page > width]


def shown(page: Page, address: str) -> str:
    """Open an address, wait until the page is drawn to its foot, and return its text."""
    page.goto(address)
    return wait_until_drawn(page)


def wait_until_drawn(page: Page) -> str:
    """Wait until nothing is being drawn any more, and return the text of the page."""
    page.locator("footer.foot").wait_for(timeout=30_000)
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=30_000)
    return page.inner_text('[data-testid="stMain"]')
