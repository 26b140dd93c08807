"""A served network and a real Chromium to look at it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from indicators.network import Network
from tests.builders import Store
from tests.install_chromium import find_chromium

ROOT = Path(__file__).parent.parent.parent
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


def free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(store: Store, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve a store with the real command, from another folder than the project's; stop it by its own process id."""
    port = free_port(host)
    server = subprocess.Popen(
        [sys.executable, "-m", "dashboards", "serve", "--host", host, "--port", str(port)],
        env=store.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    address = f"http://{host}:{port}"
    try:
        for _ in range(240):
            try:
                urlopen(f"{address}/healthz", timeout=2).close()
                break
            except (URLError, OSError):
                if server.poll() is not None:
                    raise AssertionError((server.stderr or sys.stderr).read()) from None
                time.sleep(0.25)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="session")
def demo_store(demo: Network, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A copy of the demo's store, that tests may write in."""
    copy = tmp_path_factory.mktemp("served") / "store"
    shutil.copytree(demo.lake.name, copy)
    return Store(str(copy))


@pytest.fixture(scope="session")
def site(demo_store: Store) -> Iterator[str]:
    """Address of the demo network, served to the person at the keyboard."""
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
