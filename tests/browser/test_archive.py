"""The archive of published figures in a browser: axe finds nothing, pages fit their window and are in French."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import violations
from tests.browser.conftest import ENGLISH, WIDE_TO_NARROW, shown, too_wide
from tests.builders import Store
from tests.served import running

pytestmark = pytest.mark.browser

ADDRESSES: Final = (
    "",
    "structure?structure=itl",
    "structure?structure=coorace",
    "structure?perimetre=groupe:cortigroupe",
    "indicateur?indicateur=permanent_contract_share",
    "indicateur?indicateur=fte_per_contract&structure=defi-plus",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = Store(str(tmp_path_factory.mktemp("archive") / "store"))
    with running(store, command="demo", options=("--network", "belgium-2010")) as served:
        yield served.address


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_of_the_archive_breaks_no_rule_and_fits_its_window(
    page: Page, archive: str, address: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    text = shown(page, f"{archive}/{address}")
    assert violations(page) == []
    assert too_wide(page, (width, *WIDE_TO_NARROW)) == []
    assert ENGLISH.findall(text) == []
    assert "organismes réels" in text


@pytest.mark.parametrize("address", ADDRESSES[:2])
def test_sources_are_in_french_on_a_page_in_english(page: Page, archive: str, address: str) -> None:
    shown(page, f"{archive}/{address}{'&' if '?' in address else '?'}lang=en")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("td span[lang=fr]").count() >= 1
