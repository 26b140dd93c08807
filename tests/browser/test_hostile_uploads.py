"""Files made to harm are dropped on the real page: each is told what it is, and the server goes on."""

from __future__ import annotations

import re
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import shown, wait_until_drawn
from tests.builders import measure, measures
from tests.intake.hostile_files import FILES

pytestmark = pytest.mark.browser

STRUCTURE = "paysagistes-du-gue"
QUARTER = "2026-T3"
REFUSED = (
    "a workbook of a gigabyte of spaces",
    "entities that multiply, in a workbook",
    "an open document of 10^18 cells",
    "two thousand million spaces in an open document",
    "lists of lists, a thousand deep, in Parquet",
    "half of a Parquet file",
    "one row of a million cells",
    "a million quotes",
    "noise behind the signature of nothing, named as a workbook",
)
MARKUP = "<img src=x onerror=alert(1)>"


def drop(page: Page, name: str, content: bytes) -> None:
    kind = "application/octet-stream"
    page.locator('input[type="file"]').set_input_files({"name": name, "mimeType": kind, "buffer": content})


def alive(site: str) -> bool:
    with urlopen(f"{site}/healthz", timeout=10) as answer:
        return bool(answer.status == 200)


@pytest.mark.full
def test_the_page_survives_files_made_to_harm_it(page: Page, site: str) -> None:
    for name in REFUSED:
        shown(page, f"{site}/deposer?structure={STRUCTURE}&periode={QUARTER}")
        drop(page, FILES[name].file_name, FILES[name].content())
        expect(page.get_by_text("Fichier refusé").first).to_be_visible(timeout=60_000)
        text = wait_until_drawn(page)
        assert not re.search(r"Traceback|Exception|Error\b", text), name
        assert page.get_by_role("button", name=re.compile("^Enregistrer")).count() == 0
        assert alive(site)


def test_what_a_file_says_of_itself_is_never_markup(page: Page, site: str) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    shown(page, f"{site}/deposer?structure={STRUCTURE}&periode={QUARTER}")
    row = measure(STRUCTURE, QUARTER, MARKUP, MARKUP, "60", f"[a](javascript:alert(2)) {MARKUP}", comment=f"={MARKUP}")
    drop(page, "<b>gras</b>.csv", measures(row))
    expect(page.get_by_text("Fichier refusé").first).to_be_visible(timeout=60_000)
    assert MARKUP in wait_until_drawn(page)
    assert page.locator('[data-testid="stMain"] img[src="x"]').count() == 0
    assert page.locator('a[href^="javascript:"]').count() == 0
    assert dialogs == []
