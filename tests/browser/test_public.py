"""To somebody without the key, only what is public exists."""

from __future__ import annotations

import json
from http.client import HTTPConnection

import pytest
from playwright.sync_api import Page

from dashboards.access import PUBLIC_VISITOR
from dashboards.app_pages.registry import PAGES, pages_for
from dashboards.web.api import ROUTES
from indicators.definitions.catalogue import Audience, read_catalogue
from indicators.network import DATA_FOLDER
from tests.browser.conftest import shown, wait_until_drawn
from tests.browser.page_messages import read_page
from tests.conftest import sample

pytestmark = pytest.mark.browser

STRUCTURE = "atelier-du-canal"
HIDDEN = [sheet for sheet in read_catalogue(DATA_FOLDER / "catalogue") if sheet.audience is not Audience.PUBLIC]
NAMES = {sheet.short.fr for sheet in HIDDEN}


@pytest.fixture
def public_site(page: Page, site: str) -> str:
    """Address of the demo network, for a page without the key."""
    page.context.clear_cookies()
    return site


def answer(site: str, method: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    connection = HTTPConnection(site.removeprefix("http://"), timeout=30)
    connection.request(method, path, headers=headers or {})
    response = connection.getresponse()
    return response.status, response.read().decode(errors="replace")


def test_there_is_no_deposit_page_for_the_public() -> None:
    assert "deposer" in {page.path for page in PAGES}
    assert "deposer" not in {page.path for page in pages_for(PUBLIC_VISITOR)}


def test_a_visitor_from_elsewhere_has_no_comparison(site: str) -> None:
    assert "Comparer" in read_page(site, "").menu
    assert "Comparer" not in read_page(site, "", administers=False).text
    assert answer(site, "GET", "/comparer", {"accept": "text/html"})[0] == 404


def test_the_address_of_the_deposit_page_leads_nowhere(page: Page, public_site: str) -> None:
    response = page.goto(f"{public_site}/deposer")
    assert response is not None
    assert response.status == 404
    assert page.locator('input[type="file"]').count() == 0
    page.get_by_role("link").click()
    text = wait_until_drawn(page)
    assert "Déposer" not in text
    assert "Administrateur local" not in text


def hidden_in(address: str) -> list[str]:
    """Return the indicators of those who manage for which a page is asked."""
    return [sheet.id for sheet in (sample(HIDDEN, 4) if address == "indicateur" else HIDDEN[:1])]


@pytest.mark.parametrize("address", [page.path for page in pages_for(PUBLIC_VISITOR)])
def test_no_page_is_sent_a_management_figure_whatever_its_address_asks(site: str, address: str) -> None:
    for indicator in hidden_in(address):
        query = f"structure={STRUCTURE}&indicateur={indicator}&vue=gestion"
        sent = read_page(site, f"{address}?{query}", administers=False)
        assert "file_uploader" not in sent.kinds
        assert "Vue de gestion" not in sent.choices
        if address == "indicateur":
            assert "vega_lite_chart" not in sent.kinds, indicator
            assert sent.of_class("chart", "number") == [], indicator
        assert NAMES & {name.text for name in sent.of_tag("h3", within="tile")} == set()


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(page.path, marks=[] if page.path == "structure" else [pytest.mark.full])
        for page in pages_for(PUBLIC_VISITOR)
    ],
)
def test_no_page_shows_a_management_figure_whatever_its_address_asks(
    page: Page, public_site: str, address: str
) -> None:
    for indicator in hidden_in(address):
        shown(page, f"{public_site}/{address}?structure={STRUCTURE}&indicateur={indicator}&vue=gestion")
        assert page.locator('input[type="file"]').count() == 0
        assert page.get_by_role("radio", name="Vue de gestion").count() == 0
        if address == "indicateur":
            assert page.locator('[data-testid="stVegaLiteChart"], .chart, .number').count() == 0, indicator
        assert NAMES & set(page.locator(".tile h3").all_inner_texts()) == set()
        assert "Comparer" not in page.inner_text("body")


def test_no_route_gives_a_management_figure(site: str) -> None:
    status, body = answer(site, "GET", f"/api/board/{STRUCTURE}.json")
    assert status == 200
    assert not {sheet.id for sheet in HIDDEN} & {figure["indicator"] for figure in json.loads(body)["figures"]}
    for sheet in HIDDEN:
        for path in (
            f"series/{STRUCTURE}/{sheet.id}.json",
            f"series/{STRUCTURE}/{sheet.id}.csv",
            f"network/{sheet.id}.json",
        ):
            assert answer(site, "GET", f"/api/{path}?vue=gestion")[0] == 404, path
    assert len(ROUTES) == 8


def test_nobody_can_send_a_file_or_count_the_sessions(site: str) -> None:
    for path in ("/_stcore/upload_file/x/y", "/_stcore/metrics"):
        for method in ("GET", "PUT", "POST"):
            assert answer(site, method, path)[0] == 403


def test_an_unknown_route_or_structure_is_404_in_json(site: str) -> None:
    for path in ("/api/board/nulle-part.json", "/api/nulle-part", f"/api/board/{STRUCTURE}.json?periode=1900-T1"):
        status, body = answer(site, "GET", path)
        assert (status, "error" in json.loads(body)) == (404, True)
