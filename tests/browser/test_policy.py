"""The pages run under the policy that they are sent with: nothing of theirs is refused by the browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from dashboards.house import LOCAL_ADMINISTRATOR, PUBLIC, Visitor
from dashboards.site import pages_for
from tests.browser.conftest import serving, settled, shown
from tests.builders import Store, measure, measures

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

STRUCTURE = "atelier-du-canal"
CHOSEN = f"structure={STRUCTURE}&indicateur=dynamic_exit_rate&periode=2026-T2"
WATCH = """
addEventListener('securitypolicyviolation', e => console.error('refused by policy', e.violatedDirective, e.blockedURI));
"""


@pytest.fixture
def watched(page: Page) -> Iterator[Page]:
    """A page that fails the test if the browser refuses anything that it wants to load or run."""
    refused: list[str] = []
    page.add_init_script(WATCH)
    page.on("console", lambda line: refused.append(line.text) if "olicy" in line.text else None)
    yield page
    assert refused == []


def test_what_the_policy_refuses_is_seen_by_these_tests(page: Page, site: str) -> None:
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "olicy" in line.text else None)
    shown(page, site)
    with page.expect_console_message(lambda line: "olicy" in line.text):
        page.evaluate("document.head.append(Object.assign(document.createElement('script'), {textContent: '1'}))")
    assert len(refused) == 1


@pytest.mark.parametrize("visitor", [PUBLIC, LOCAL_ADMINISTRATOR], ids=["public", "administrator"])
def test_every_page_is_drawn_under_its_policy(watched: Page, site: str, visitor: Visitor) -> None:
    if visitor is PUBLIC:
        watched.context.clear_cookies()
    for each in pages_for(visitor):
        view = "&vue=gestion" if visitor is LOCAL_ADMINISTRATOR else ""
        for chosen in ("", f"?{CHOSEN}{view}"):
            shown(watched, f"{site}/{each.address}{chosen}")


def test_charts_tables_uploads_and_downloads_work_under_their_policy(watched: Page, site: str) -> None:
    shown(watched, f"{site}/indicateur?{CHOSEN}")
    expect(
        watched.locator('[data-testid="stVegaLiteChart"] svg, [data-testid="stVegaLiteChart"] canvas').first
    ).to_be_visible()
    for name in ("SVG", "CSV"):
        with watched.expect_download(timeout=60_000) as taken:
            watched.get_by_role("button", name=name).first.click()
        assert taken.value.path().stat().st_size > 100
    shown(watched, f"{site}/deposer")
    content = measures(measure(STRUCTURE, "2026-T3", "absenteeism_rate", 310, 12400))
    watched.locator('input[type="file"]').set_input_files(
        [{"name": "mesures.csv", "mimeType": "text/csv", "buffer": content}]
    )
    watched.locator("h2, h3, .verdict").first.wait_for()
    settled(watched)


def test_the_page_that_takes_the_key_needs_no_script(watched: Page, site: str) -> None:
    watched.context.clear_cookies()
    watched.goto(f"{site}/cle")
    watched.get_by_label("Clé").fill("une autre")
    watched.get_by_role("button", name="Entrer").click()
    expect(watched.get_by_role("alert")).to_contain_text("Elle change à chaque démarrage")


def test_who_asks_for_too_many_pictures_is_told_so_in_words(page: Page, demo_store: Store) -> None:
    with serving(demo_store, PILOTAGE_PICTURES_PER_MINUTE="1") as site:
        shown(page, f"{site}/indicateur?{CHOSEN}")
        with page.expect_download(timeout=60_000):
            page.get_by_role("button", name="SVG").click()
        page.get_by_role("button", name="PNG").click()
        expect(page.get_by_text("Le fichier n’a pas pu être préparé").first).to_be_visible()
        assert "Failed" not in page.inner_text("body")
