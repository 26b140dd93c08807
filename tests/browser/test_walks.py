"""People walk through the product in a real browser, from the entrance to a changed figure."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from dashboards.access import LOCAL_ADMINISTRATOR
from dashboards.app_pages.registry import PAGES, pages_for
from tests.browser.accessibility import violations
from tests.browser.conftest import serving, shown, too_wide, wait_until_drawn
from tests.browser.page_messages import read_page
from tests.builders import Store, measure, measures
from tests.served import ask

pytestmark = pytest.mark.browser

STRUCTURE = "paysagistes-du-gue"
QUARTER = "2026-T3"
DOCUMENT_POSITION_FOLLOWING = 4


def in_a_browser(*each_time: str) -> list[object]:
    """Return every page: those that are not visited in every run are asked for without a browser."""
    return [pytest.param(page.path, marks=[] if page.path in each_time else [pytest.mark.full]) for page in PAGES]


def figures(site: str) -> dict[str, dict[str, object]]:
    with urlopen(f"{site}/api/board/{STRUCTURE}.json?periode={QUARTER}") as answer:
        return {figure["indicator"]: figure for figure in json.load(answer)["figures"]}


def tile(page: Page, name: str) -> str:
    return page.locator(".tile", has=page.locator("h3", has_text=re.compile(f"^{name}$"))).inner_text()


def drop(page: Page, name: str, content: bytes) -> None:
    page.locator('input[type="file"]').set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})


def test_a_visitor_goes_from_the_network_to_a_structure_to_an_indicator(page: Page, site: str) -> None:
    shown(page, site)
    page.get_by_role("link", name="Paysagistes du Gué (fictif)").click()
    page.wait_for_url(f"**/structure?structure={STRUCTURE}*")
    wait_until_drawn(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Paysagistes du Gué (fictif)")
    value = figures(site)["dynamic_exit_rate"]["value"]
    assert isinstance(value, float)
    assert f"{value:.1f}".replace(".", ",") in tile(page, "Sorties dynamiques")
    page.locator(".tile", has_text="Sorties dynamiques").get_by_role("link").first.click()
    page.wait_for_url("**/indicateur?indicateur=dynamic_exit_rate*")
    text = wait_until_drawn(page)
    assert "Taux de sorties dynamiques" in text
    assert page.locator('[data-testid="stVegaLiteChart"], .chart').count() >= 1
    page.go_back()
    page.wait_for_url(f"**/structure?structure={STRUCTURE}*")
    assert "Paysagistes du Gué (fictif)" in wait_until_drawn(page)


@pytest.mark.full
def test_a_deposited_figure_is_on_the_board_and_a_refused_one_changes_nothing(
    page: Page, own_site: tuple[str, Store], tmp_path: Path
) -> None:
    site, _ = own_site
    before = figures(site)
    old = before["absenteeism_rate"]
    assert old["status"] == "ok"
    hours = int(float(str(old["denominator"])))
    new = round(hours * 0.123)
    shown(page, f"{site}/deposer")
    drop(page, "rectification.csv", measures(measure(STRUCTURE, QUARTER, "absenteeism_rate", new, hours)))
    expect(page.get_by_text("Fichier à confirmer")).to_be_visible()
    confirm = page.get_by_role("button", name=re.compile("^Enregistrer"))
    confirm.click()
    expect(page.get_by_text("Écrivez d’abord un commentaire.")).to_be_visible()
    assert figures(site) == before
    page.get_by_role("textbox", name=re.compile("Dites en une phrase")).fill("Relevé corrigé par la structure.")
    page.keyboard.press("Tab")
    wait_until_drawn(page)
    confirm.click()
    expect(page.get_by_text("Fichier déposé")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Reçu en JSON").click()
    download.value.save_as(tmp_path / "receipt.json")
    receipt = json.loads((tmp_path / "receipt.json").read_text(encoding="utf-8"))
    assert (receipt["rows_accepted"], receipt["comment"]) == (1, "Relevé corrigé par la structure.")

    assert figures(site)["absenteeism_rate"]["numerator"] == new
    shown(page, f"{site}/structure?structure={STRUCTURE}&periode={QUARTER}")
    assert "12,3" in tile(page, "Absentéisme")

    after = figures(site)
    shown(page, f"{site}/deposer?structure={STRUCTURE}&periode={QUARTER}")
    drop(page, "faux.csv", measures(measure(STRUCTURE, QUARTER, "absenteeism_rate", new + 5, "mille")))
    expect(page.get_by_text("Fichier refusé")).to_be_visible()
    expect(page.get_by_text("« mille » n’est pas lisible")).to_be_visible()
    expect(page.get_by_text("Cellule E2, colonne « denominateur »")).to_be_visible()
    assert page.get_by_role("button", name=re.compile("^Enregistrer")).count() == 0
    assert figures(site) == after


@pytest.mark.parametrize("address", [page.path for page in PAGES])
def test_every_page_of_an_empty_store_is_sent_whole_and_says_what_to_do_next(empty_site: str, address: str) -> None:
    sent = read_page(empty_site, address)
    assert len(sent.of_tag("h1")) == 1
    assert "Traceback" not in sent.text
    assert "exception" not in sent.kinds
    assert sent.of_class("foot")
    assert sent.of_tag("a")


@pytest.mark.parametrize("address", in_a_browser("", "deposer"))
def test_every_page_opens_on_an_empty_store_and_says_what_to_do_next(page: Page, empty_site: str, address: str) -> None:
    text = shown(page, f"{empty_site}/{address}")
    assert page.get_by_role("heading", level=1).count() == 1
    assert "Traceback" not in text
    assert page.locator('[data-testid="stException"]').count() == 0
    assert page.get_by_role("link").count() > 0
    assert violations(page) == []


@pytest.mark.full
@pytest.mark.parametrize("address", [page.path for page in pages_for(LOCAL_ADMINISTRATOR)])
def test_no_page_opened_on_a_tablet_is_wider_than_it(page: Page, site: str, address: str) -> None:
    page.set_viewport_size({"width": 768, "height": 900})
    chosen = {
        "structure": f"?structure={STRUCTURE}",
        "indicateur": f"?indicateur=dynamic_exit_rate&structure={STRUCTURE}",
    }
    shown(page, f"{site}/{address}{chosen.get(address, '')}")
    assert too_wide(page, (768,)) == []


@pytest.mark.parametrize("address", [page.path for page in PAGES])
def test_every_page_is_sent_in_english_when_it_is_asked_in_english(site: str, address: str) -> None:
    sent = read_page(site, f"{address}?lang=en")
    assert "Fictitious network" in sent.text
    assert "Network" in sent.menu
    assert "Réseau" not in sent.menu


@pytest.mark.parametrize("address", in_a_browser("deposer"))
def test_every_page_speaks_english_when_asked_and_keeps_speaking_it(page: Page, site: str, address: str) -> None:
    text = shown(page, f"{site}/{address}?lang=en")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "Fictitious network" in text
    menu = page.locator(".st-key-menu").inner_text()
    assert "Network" in menu
    assert "Réseau" not in menu


UNKNOWN = {
    "structure?structure=nulle-part": "nulle-part",
    f"structure?structure={STRUCTURE}&periode=1900-T1": "1900-T1",
    f"structure?structure={STRUCTURE}&periode=printemps": "printemps",
    "indicateur?indicateur=bonheur": "bonheur",
    "?periode=1900-T1": "1900-T1",
}
"""Addresses of what does not exist."""


@pytest.mark.parametrize(("address", "unknown"), UNKNOWN.items())
def test_an_unknown_structure_or_period_is_a_sentence_with_a_way_to_a_page_that_does_not_say_it(
    site: str, address: str, unknown: str
) -> None:
    (notice,) = read_page(site, address).of_class("notice")
    assert unknown in notice.text
    (link,) = read_page(site, address).of_tag("a", within="notice")
    assert all(
        unknown not in notice.text for notice in read_page(site, link.attributes["href"].lstrip("/")).of_class("notice")
    )


@pytest.mark.parametrize(
    ("address", "unknown"),
    [pytest.param(*each, marks=[pytest.mark.full] if place else []) for place, each in enumerate(UNKNOWN.items())],
)
def test_an_unknown_structure_or_period_in_an_address_is_a_sentence_with_a_way_back(
    page: Page, site: str, address: str, unknown: str
) -> None:
    shown(page, f"{site}/{address}")
    notice = page.locator(".notice").inner_text()
    assert unknown in notice
    assert page.locator(".notice a").count() == 1
    page.locator(".notice a").click()
    wait_until_drawn(page)
    assert page.locator(".notice").count() == 0 or unknown not in page.locator(".notice").inner_text()


@pytest.mark.parametrize(
    ("address", "sentence"), [("nulle-part", "Page inconnue"), ("nulle-part?lang=en", "Unknown page")]
)
def test_an_address_that_is_no_page_is_404_in_the_readers_language(site: str, address: str, sentence: str) -> None:
    answer = ask(site, f"/{address}", Accept="text/html")
    assert answer.status == 404
    assert sentence in answer.text


def test_an_address_that_is_no_page_has_a_way_back(page: Page, site: str) -> None:
    response = page.goto(f"{site}/nulle-part?lang=en")
    assert response is not None
    assert response.status == 404
    assert "Unknown page" in page.inner_text("body")
    page.get_by_role("link").click()
    wait_until_drawn(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"


def test_the_management_view_is_in_the_address_and_shows_what_the_public_view_does_not(site: str) -> None:
    public = read_page(site, f"structure?structure={STRUCTURE}&periode={QUARTER}")
    managed = read_page(site, f"structure?structure={STRUCTURE}&periode={QUARTER}&vue=gestion")
    hidden = "Actions dans les délais"
    names = [[name.text for name in sent.of_tag("h3", within="tile")] for sent in (public, managed)]
    assert [hidden in each for each in names] == [False, True]
    assert hidden not in public.text
    assert len(managed.text) > len(public.text)


def test_a_link_to_a_board_can_be_the_first_thing_asked_of_a_server(small_store: Store) -> None:
    with serving(small_store) as fresh:
        (name,) = read_page(fresh, "structure?structure=atelier-ternoise").of_tag("h1")
        assert name.text == "Atelier Ternoise (fictif)"


@pytest.mark.parametrize("address", ["", "structure?structure=atelier-du-canal", "deposer?lang=en"])
def test_the_link_over_the_menu_leads_past_it(page: Page, site: str, address: str) -> None:
    shown(page, f"{site}/{address}")
    page.keyboard.press("Tab")
    assert re.search("Aller au contenu|Skip to the content", page.evaluate("document.activeElement.textContent"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_be_focused()
    page.keyboard.press("Tab")
    # The next stop is in the page, not in the menu.
    order = page.evaluate("document.querySelector('h1').compareDocumentPosition(document.activeElement)")
    assert order & DOCUMENT_POSITION_FOLLOWING
    assert page.evaluate("document.activeElement.closest('.st-key-head') === null")
