"""A delegate compares: a choice redraws what it changes and nothing else, and stands in the address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from indicators.definitions.perimeters import fold_case_and_accents
from tests.browser.conftest import ENGLISH, WIDE_TO_NARROW, shown, too_wide, wait_until_drawn

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_a_choice_redraws_the_comparison_and_nothing_round_it(page: Page, site: str) -> None:
    shown(page, f"{site}/comparer")
    chart = page.locator('[role="graphics-document"]').first
    expect(chart).to_have_attribute("aria-label", re.compile("Taux de sorties dynamiques"))
    runs = page.evaluate(
        """() => {
          window.heads = 0;
          new MutationObserver(() => { window.heads += 1; }).observe(
            document.querySelector(".st-key-head"), { childList: true, subtree: true, characterData: true });
          return document.querySelectorAll(".st-key-head").length;
        }"""
    )
    assert runs == 1
    page.get_by_role("button", name="ETTI", exact=True).click()
    page.wait_for_url("**type=ETTI*")
    expect(chart).to_have_attribute("aria-label", re.compile("types ETTI"))
    page.get_by_role("button", name="EI", exact=True).click()
    page.wait_for_url(re.compile("type=ETTI(,|%2C)EI|type=EI(,|%2C)ETTI"))
    expect(chart).to_have_attribute("aria-label", re.compile("types EI . ETTI"))
    assert page.evaluate("window.heads") == 0
    # The switch of language was drawn before these choices: it keeps them all the same.
    page.locator(".languages").get_by_role("link").click()
    page.wait_for_url(re.compile("lang=en"))
    assert re.search("type=E", page.url)
    wait_until_drawn(page)
    expect(page.locator('[role="graphics-document"]').first).to_have_attribute("aria-label", re.compile("kinds EI"))


def test_a_structure_looked_for_is_named_on_the_funnel_and_leads_to_its_peers(page: Page, site: str) -> None:
    shown(page, f"{site}/comparer")
    box = page.get_by_role("combobox", name="Situer une structure")
    box.press("ArrowDown")
    box.press_sequentially("paysag")
    page.get_by_role("option", name=re.compile("Paysagistes du Gué")).click()
    page.wait_for_url("**structure=paysagistes-du-gue*")
    named = page.locator('[role="graphics-document"]').first.get_by_text("Paysagistes du Gué (fictif)")
    expect(named.last).to_be_visible()
    expect(page.locator(".facts", has_text="Lecture")).to_contain_text("Part des femmes")
    page.get_by_role("link", name="La voir à côté de structures semblables").click()
    page.wait_for_url("**affichage=petits-multiples*")
    text = wait_until_drawn(page)
    assert "même type" in text
    names = page.locator(".multiples li a").all_inner_texts()
    assert names == sorted(names, key=fold_case_and_accents)
    expect(page.locator(".multiples li.looked-at")).to_contain_text("structure choisie")
    assert not ENGLISH.search(text)


def test_a_matrix_is_walked_with_the_arrows_and_keeps_its_names_in_sight(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 768, "height": 700})
    shown(page, f"{site}/comparer?affichage=matrice")
    page.locator(".matrix tbody th a").first.focus()
    page.keyboard.press("ArrowDown")
    below = page.evaluate("document.activeElement.textContent")
    assert below == page.locator(".matrix tbody th a").nth(1).inner_text()
    page.keyboard.press("ArrowRight")
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert below in label
    page.keyboard.press("End")
    inside = """() => {
      const [at, table] = [document.activeElement, document.querySelector(".matrix .table")];
      const [box, edge] = [at.getBoundingClientRect(), table.getBoundingClientRect()];
      const names = table.querySelector("tbody th").getBoundingClientRect().right;
      return box.right <= edge.right && box.left >= names && box.top >= edge.top;
    }"""
    assert page.evaluate(inside), "where the focus is can be seen, beside the names"
    # One stop of Tab: out, forwards and backwards, and back to where one was.
    place = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.matrix')") is None
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == place
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.closest('.matrix')") is None
    page.locator(".matrix .table").evaluate("table => table.scrollTo(400, 300)")
    place = page.locator(".matrix").bounding_box()
    assert place is not None
    for sticky, side in ((".matrix thead th:nth-child(3)", "y"), (".matrix tbody tr:nth-child(20) th", "x")):
        box = page.locator(sticky).bounding_box()
        assert box is not None
        assert abs(box[side] - page.locator(".matrix .table").bounding_box()[side]) < 2, sticky  # type: ignore[index]
    order = page.get_by_role("combobox", name="Ordre des lignes")
    order.click()
    order.fill("emploi à 6")
    page.get_by_role("option", name=re.compile("Par lecture : En emploi")).click()
    page.wait_for_url("**ordre=employment_rate_6m*")
    expect(page.locator(".matrix tbody tr").first).to_contain_text("signal")


def test_small_multiples_fit_their_window(page: Page, site: str) -> None:
    shown(page, f"{site}/comparer?affichage=petits-multiples&structure=paysagistes-du-gue")
    assert too_wide(page, WIDE_TO_NARROW) == []
