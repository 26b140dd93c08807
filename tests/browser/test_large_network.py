"""A network of more structures than anybody reads: the list stays short, and every structure is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from dashboards.app_pages.structures_list import MAX_LISTED_STRUCTURES
from indicators.network import Network
from tests.browser.conftest import serving, shown, wait_until_drawn
from tests.builders import Store, stored, structures

pytestmark = [pytest.mark.browser, pytest.mark.full]


def test_a_long_list_says_how_many_it_leaves_out_and_the_search_finds_them(page: Page, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    with Network(store.address) as network:
        rows = [
            f"s{n:04d};Structure {n:04d} (fictive);EI;;bretagne;29;FR;;;;" for n in range(MAX_LISTED_STRUCTURES + 2)
        ]
        stored(network, structures(*rows))
    with serving(store) as site:
        text = shown(page, f"{site}/structure")
        assert page.locator("ul.structures li").count() == MAX_LISTED_STRUCTURES
        assert "2 autres structures" in text
        page.get_by_label("Chercher une structure").fill(f"{MAX_LISTED_STRUCTURES + 1:04d}")
        page.keyboard.press("Enter")
        page.locator("ul.structures li").nth(1).wait_for(state="detached")
        assert "autres structures" not in wait_until_drawn(page)
        assert page.locator("ul.structures li").inner_text().startswith(f"Structure {MAX_LISTED_STRUCTURES + 1:04d}")
