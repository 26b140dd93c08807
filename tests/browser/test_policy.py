"""The pages run under the policy that they are sent with: nothing of theirs is refused by the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dashboards.access import LOCAL_ADMINISTRATOR, PUBLIC_VISITOR, Visitor
from dashboards.app_pages.registry import pages_for
from tests.browser.conftest import REFUSED, serving, shown, wait_until_drawn
from tests.builders import Store, measure, measures, stored
from tests.conftest import sample

pytestmark = pytest.mark.browser

STRUCTURE = "atelier-du-canal"
FEW = "atelier-ternoise"
CHOSEN = f"structure={STRUCTURE}&indicateur=dynamic_exit_rate&periode=2026-T2"


def test_what_the_policy_refuses_is_seen_by_these_tests(page: Page, site: str) -> None:
    shown(page, site)
    # The browser says it by itself, and the page's own listener does.
    with page.expect_console_message(lambda line: "refused by policy" in line.text):
        page.evaluate("document.head.append(Object.assign(document.createElement('script'), {textContent: '1'}))")
    page.wait_for_timeout(200)
    assert len(REFUSED) == 2
    REFUSED.clear()


@pytest.mark.parametrize(
    "visitor",
    [PUBLIC_VISITOR, pytest.param(LOCAL_ADMINISTRATOR, marks=pytest.mark.full)],
    ids=["public", "administrator"],
)
def test_every_page_is_drawn_under_its_policy(page: Page, site: str, visitor: Visitor) -> None:
    if visitor is PUBLIC_VISITOR:
        page.context.clear_cookies()
    for each in pages_for(visitor):
        view = "&vue=gestion" if visitor is LOCAL_ADMINISTRATOR else ""
        addresses = ("", f"?{CHOSEN}{view}")
        for chosen in sample(addresses, 2):
            shown(page, f"{site}/{each.path}{chosen}")


def test_charts_tables_uploads_and_downloads_work_under_their_policy(page: Page, site: str) -> None:
    shown(page, f"{site}/indicateur?{CHOSEN}")
    expect(
        page.locator('[data-testid="stVegaLiteChart"] svg, [data-testid="stVegaLiteChart"] canvas').first
    ).to_be_visible()
    for name in ("SVG", "CSV"):
        with page.expect_download(timeout=60_000) as taken:
            page.get_by_role("button", name=name).first.click()
        assert taken.value.path().stat().st_size > 100
    shown(page, f"{site}/deposer")
    content = measures(measure(STRUCTURE, "2026-T3", "absenteeism_rate", 310, 12400))
    page.locator('input[type="file"]').set_input_files(
        [{"name": "mesures.csv", "mimeType": "text/csv", "buffer": content}]
    )
    page.locator("h2, h3, .verdict").first.wait_for()
    wait_until_drawn(page)


def test_the_page_that_takes_the_key_needs_no_script(page: Page, site: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site}/cle")
    page.get_by_label("Clé").fill("une autre")
    page.get_by_role("button", name="Entrer").click()
    expect(page.get_by_role("alert")).to_contain_text("Elle change à chaque démarrage")


def test_who_asks_for_too_many_pictures_is_told_so_in_words(page: Page, directory_store: Store) -> None:
    with directory_store.open() as network:
        quarters = (f"{year}-T{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4))
        stored(network, measures(*(measure(FEW, quarter, "dynamic_exit_rate", 33, 60) for quarter in quarters)))
    with serving(directory_store, PILOTAGE_PICTURES_PER_MINUTE="1") as site:
        shown(page, f"{site}/indicateur?structure={FEW}&indicateur=dynamic_exit_rate")
        with page.expect_download(timeout=60_000):
            page.get_by_role("button", name="SVG").click()
        page.get_by_role("button", name="PNG").click()
        expect(page.get_by_text("Le fichier n’a pas pu être préparé").first).to_be_visible()
        assert "Failed" not in page.inner_text("body")
