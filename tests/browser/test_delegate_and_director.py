"""A delegate goes from a region to a structure that stands apart; a director from what changed to the figures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ENGLISH, shown, wait_until_drawn
from tests.browser.page_messages import read_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_a_delegate_goes_from_a_region_to_the_funnel_to_a_structure_and_its_indicator(page: Page, site: str) -> None:
    assert "Il n’y a pas de classement" in read_page(site, "comparer?perimetre=region:hauts-de-france").prose
    text = shown(page, f"{site}/comparer")
    chart = page.locator('[role="graphics-document"]').first
    expect(chart).to_have_attribute("aria-label", re.compile("Référence.*Signaux.*À surveiller.*Ordinaires"))
    assert "Structures laissées hors de la comparaison" in text
    page.get_by_text("Toutes les structures, par lecture puis par nom").click()
    table = page.locator("details table").first
    read = table.locator("tbody tr td:nth-child(2)").all_inner_texts()
    order = ["signal", "à surveiller", "ordinaire", "moins de dix cas"]
    places = [next(n for n, name in enumerate(order) if cell.strip().startswith(name)) for cell in read]
    assert places == sorted(places), "by reading, then by name: never by value"
    assert len(places) > 10
    assert not ENGLISH.search(text)
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger (CSV)").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("structure;nom;indicateur;libelle;periode")
    assert len(lines) - 1 == len(read)
    table.locator("tbody th a").first.click()
    page.wait_for_url("**/structure?structure=*")
    wait_until_drawn(page)
    page.locator(".tile", has_text="Sorties dynamiques").get_by_role("link").first.click()
    page.wait_for_url("**/indicateur?indicateur=dynamic_exit_rate*")
    assert "Taux de sorties dynamiques" in wait_until_drawn(page)


def test_the_matrix_reads_structures_in_the_order_of_their_names(page: Page, site: str) -> None:
    text = shown(page, f"{site}/comparer?affichage=matrice")
    assert not ENGLISH.search(text)
    names = page.locator(".matrix tbody th").all_inner_texts()
    assert len(names) > 30
    # A cell that stands apart leads, by the keyboard too, to the indicator of that structure.
    cell = page.locator(".matrix td a:not(.quiet)").first
    cell.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/indicateur?indicateur=*&structure=*")


def test_a_director_reads_what_changed_and_takes_the_figures_of_an_indicator(page: Page, site: str) -> None:
    board = "structure?structure=filature-des-monts-clairs&periode=2026-T3"
    text = read_page(site, board).prose
    assert "Ce qui a changé depuis le T2 2026 et depuis le T3 2025" in text
    assert "du réseau" not in text, "peers are for those who manage"
    shown(page, f"{site}/{board}&vue=gestion")
    expect(page.locator(".tile", has_text="réseau").first).to_be_visible(timeout=20_000)
    assert "Licence Ouverte" not in page.locator("footer.foot").inner_text(), "nobody gave them away"
    page.get_by_text("Le même type").click()
    page.wait_for_url("**pairs=type*")
    expect(page.locator(".tile", has_text="du même type").first).to_be_visible(timeout=20_000)
    page.locator(".tile", has_text="Sorties dynamiques").get_by_role("link").first.click()
    page.wait_for_url("**/indicateur?indicateur=dynamic_exit_rate*")
    wait_until_drawn(page)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("CSV")).click()
    assert Path(download.value.path()).read_text("utf-8").startswith("structure,indicator,period")
