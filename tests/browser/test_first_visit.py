"""What a first visit and a second one bring over the wire, in a real Chromium."""

from __future__ import annotations

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from dashboards.app_pages.registry import PAGES
from dashboards.web.static_gzip import CACHE_FOREVER
from tests.browser.conftest import shown
from tests.browser.wire import watched

pytestmark = pytest.mark.browser

LIMIT = 1_600_000
ADDRESSES = {
    "structure": "structure?structure=atelier-du-canal",
    "indicateur": "indicateur?indicateur=dynamic_exit_rate",
}
"""Pages that show nothing of themselves until something is chosen."""
EACH = [
    pytest.param(ADDRESSES.get(each.path, each.path), marks=[] if each.path == "" else [pytest.mark.full])
    for each in PAGES
]


def weigh(page: Page, address: str) -> None:
    """Visit a page for the first time, and look at what it brings."""
    wire = watched(page)
    shown(page, address)
    page.wait_for_load_state("networkidle")
    assert any("/static/js/" in url for url in wire.received)
    assert wire.by_socket > 1_000
    assert wire.total <= LIMIT, sorted(wire.received.items(), key=lambda item: -item[1])[:10]


@pytest.mark.parametrize("address", EACH)
def test_a_first_visit_of_any_page_stays_under_1_6_mb(first_visit: Page, site: str, address: str) -> None:
    weigh(first_visit, f"{site}/{address}")


def test_a_first_visit_stays_under_1_6_mb_and_its_second_page_brings_no_script_again(
    first_visit: Page, site: str
) -> None:
    # With that of the network the heaviest of pages.
    weigh(first_visit, f"{site}/{ADDRESSES['indicateur']}")
    wire = watched(first_visit)
    shown(first_visit, f"{site}/structure?structure=atelier-du-canal&periode=2026-T1")
    first_visit.wait_for_load_state("networkidle")
    scripts = [url for url in wire.received if "/static/" in url]
    assert scripts
    assert [url for url in scripts if wire.received[url] > 0] == []


def test_asking_only_for_the_headers_of_a_script_tells_all_of_them_and_sends_nothing(site: str) -> None:
    connection = HTTPConnection(urlsplit(site).netloc, timeout=30)
    connection.request("GET", "/")
    shell = connection.getresponse().read().decode()
    script = shell.split('src="./static/')[1].split('"')[0]
    headers_by_method = {}
    for method in ("GET", "HEAD"):
        connection.request(method, f"/static/{script}", headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        headers_by_method[method] = {
            name: value for name, value in answer.getheaders() if name not in ("date", "x-request-id")
        }
        assert (len(answer.read()) > 100_000) == (method == "GET")
    assert headers_by_method["GET"] == headers_by_method["HEAD"]
    assert headers_by_method["GET"]["cache-control"] == CACHE_FOREVER
    assert headers_by_method["GET"]["content-encoding"] == "gzip"
