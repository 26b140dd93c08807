"""A quality manager: from a signal to an action, to its verdict, to the indicator that is counted from the register.

The committee's sheet has the action as long as it is late, and no longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from tests.browser.conftest import ENGLISH, WINDOW, shown, wait_until_drawn, watched
from tests.builders import Store
from tests.conftest import copy_store
from tests.served import running

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

STRUCTURE: Final = "entraide-des-trois-rives"
ACTION: Final = "Revoir les heures avec les clients"
RATE: Final = "action_effectiveness_rate"


@pytest.fixture
def demonstration(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a demonstration of the test's own, whose readers choose whom to be."""
    store = Store(str(copy_store(demo_folder, tmp_path_factory.mktemp("quality") / "store")))
    with running(store, command="demo") as served:
        yield served.address


def rate_of_the_quarter(page: Page, site: str) -> str:
    """The row of the third quarter in the table of the derived indicator."""
    shown(page, f"{site}/indicateur?indicateur={RATE}&structure={STRUCTURE}&vue=gestion&personne=qualite")
    page.locator("details summary").first.click()
    row = page.locator("details table tbody tr", has_text=re.compile("T3.2026|3e.trimestre.2026")).first
    return row.inner_text()


def committee_sheet(page: Page, site: str) -> str:
    """The text of the PDF of the committee's sheet."""
    shown(page, f"{site}/revue?papier=comite&perimetre={STRUCTURE}&personne=qualite")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Télécharger en PDF").click()
    text = " ".join(sheet.extract_text() for sheet in PdfReader(taken.value.path()).pages)
    return re.sub(r"\s+", " ", text)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_signal_becomes_an_action_that_is_closed_and_counted(chromium: Browser, demonstration: str) -> None:
    context = chromium.new_context(**WINDOW)
    with watched(context) as page:
        before = rate_of_the_quarter(page, demonstration)
        text = shown(page, f"{demonstration}/actions?perimetre={STRUCTURE}&volet=signaux&personne=qualite")
        assert not ENGLISH.search(text)
        page.get_by_role("link", name="Ouvrir une action").first.click()
        expect(page.get_by_label("Constat")).to_have_value(re.compile("Signal de la carte de contrôle"))
        wait_until_drawn(page)
        page.get_by_label("Action (obligatoire)").fill(ACTION)
        page.get_by_label("Ouverte le (obligatoire)").fill("01/07/2026")
        page.get_by_label("Échéance").fill("01/09/2026")
        press(page, "Enregistrer")
        expect(page.get_by_text("Enregistré. Une nouvelle version existe")).to_be_visible()
        action = page.url
        sheet = committee_sheet(page, demonstration)
        assert "Actions en retard" in sheet
        assert ACTION in sheet
        shown(page, action)
        page.get_by_role("link", name="Clore", exact=True).click()
        expect(page.get_by_label("Faite le")).to_be_visible()
        wait_until_drawn(page)
        press(page, "Clore")
        expect(page.get_by_text("Rien n’est enregistré")).to_be_visible()
        page.get_by_label("Faite le").fill("20/08/2026")
        page.get_by_label("Critère d’efficacité").fill("heures stables sur un trimestre")
        page.get_by_label("Vérifiée le").fill("21/09/2026")
        page.get_by_role("combobox", name="Efficacité").click()
        page.get_by_role("option", name="100", exact=True).click()
        press(page, "Clore")
        expect(page.get_by_text("efficace (100").first).to_be_visible()
        assert "Statut" in wait_until_drawn(page)
        assert rate_of_the_quarter(page, demonstration) != before
        assert ACTION not in committee_sheet(page, demonstration)
    context.close()
