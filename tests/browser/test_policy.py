"""The pages run under the policy that they are sent with: nothing of theirs is refused by the browser.

Whatever the policy refuses a page in any test with a browser fails it: charts, uploads, downloads (`watched`).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboards.access import LOCAL_ADMINISTRATOR, PUBLIC_VISITOR, Visitor
from dashboards.app_pages.registry import pages_for
from tests.browser.conftest import REFUSED, serving, shown
from tests.builders import Store
from tests.conftest import copy_store, sample

pytestmark = pytest.mark.browser

STRUCTURE = "atelier-du-canal"
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


def test_the_page_that_takes_the_key_needs_no_script(page: Page, site: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site}/cle")
    page.get_by_label("Clé").fill("une autre")
    page.get_by_role("button", name="Entrer").click()
    expect(page.get_by_role("alert")).to_contain_text("Elle change à chaque démarrage")


@pytest.mark.full
def test_who_asks_for_too_many_pictures_is_told_so_in_words(
    page: Page, own_site: tuple[str, Store], tmp_path: Path
) -> None:
    store = Store(str(copy_store(Path(own_site[1].address), tmp_path / "store")))
    with serving(store, PILOTAGE_PICTURES_PER_MINUTE="1") as site:
        shown(page, f"{site}/indicateur?structure=paysagistes-du-gue&indicateur=absenteeism_rate")
        with page.expect_download(timeout=60_000):
            page.get_by_role("button", name="SVG").click()
        page.get_by_role("button", name="PNG").click()
        expect(page.get_by_text("Le fichier n’a pas pu être préparé").first).to_be_visible()
        assert "Failed" not in page.inner_text("body")
