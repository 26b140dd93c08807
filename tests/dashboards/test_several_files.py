"""Several files at once: one summary, one comment, one click; each is a deposit of its own, or says why it is none."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.clock import Clock
from indicators.network import Network
from indicators.store.deposits import list_receipts
from tests.builders import TODAY, measure, measures, stored, structure, structures
from tests.dashboards.test_deposit_page import button, page_text, script

NEW = structures(structure("atelier-neuf"))
SOUND = measures(measure("atelier-ternoise", "2026-T3", "dynamic_exit_rate", 33, 60))
OTHER = measures(measure("atelier-ternoise", "2026-T3", "absenteeism_rate", 310, 12400))
UNKNOWN = measures(measure("nulle-part", "2026-T3", "dynamic_exit_rate", 33, 60))


@pytest.fixture
def page(directory_network: Network, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(directory_network, clock=Clock(TODAY)))
    return AppTest.from_function(script, default_timeout=60).run()


def drop(page: AppTest, **files: bytes) -> AppTest:
    page.file_uploader[0].set_value([(f"{name}.csv", content, "text/csv") for name, content in files.items()])
    return page.run()


def datasets_of(network: Network) -> list[str]:
    """Return the datasets of the deposits, oldest first."""
    return [receipt.dataset for receipt in reversed(list_receipts(network.lake))]


def test_one_click_stores_every_accepted_file_the_structures_first(page: AppTest, directory_network: Network) -> None:
    before = datasets_of(directory_network)
    drop(page, mesures=SOUND, structures=NEW)
    assert "2 fichiers" in page_text(page)
    button(page, "Enregistrer les 2 fichiers").click().run()
    assert datasets_of(directory_network) == [*before, "structures", "measures"]
    assert page_text(page).count("Fichier déposé") >= 2
    assert not [each for each in page.button if each.label.startswith("Enregistrer")]


def test_a_refused_file_is_left_out_and_says_why_and_where_its_structure_is_made_known(
    page: AppTest, directory_network: Network
) -> None:
    before = len(datasets_of(directory_network))
    drop(page, bonnes=SOUND, inconnues=UNKNOWN)
    assert "Un fichier est refusé" in page_text(page)
    assert "jeu=structures" in page_text(page)
    button(page, "Enregistrer le fichier").click().run()
    assert len(datasets_of(directory_network)) == before + 1
    assert "nulle-part" in page_text(page)


def test_one_comment_confirms_what_needs_it_and_is_kept_with_nothing_else(
    page: AppTest, directory_network: Network
) -> None:
    stored(directory_network, SOUND)
    changed = measures(measure("atelier-ternoise", "2026-T3", "dynamic_exit_rate", 34, 60))
    drop(page, changees=changed, autres=OTHER)
    button(page, "Enregistrer les 2 fichiers").click().run()
    known = {receipt.file_name for receipt in list_receipts(directory_network.lake)}
    assert "changees.csv" not in known
    page.text_area[0].set_value("dossier retrouvé").run()
    button(page, "Enregistrer").click().run()
    comments = {receipt.file_name: receipt.comment for receipt in list_receipts(directory_network.lake)}
    assert comments["changees.csv"] == "dossier retrouvé"
    assert comments["autres.csv"] is None


def test_a_file_that_another_deposit_changed_meanwhile_is_shown_again_before_it_is_stored(
    page: AppTest, directory_network: Network
) -> None:
    drop(page, mesures=SOUND, autres=OTHER)
    stored(directory_network, measures(measure("atelier-ternoise", "2026-T3", "dynamic_exit_rate", 20, 60)))
    before = len(datasets_of(directory_network))
    button(page, "Enregistrer les 2 fichiers").click().run()
    assert len(datasets_of(directory_network)) == before
    assert "Relisez" in page_text(page)


def test_a_single_file_is_confirmed_as_before(page: AppTest) -> None:
    drop(page, mesures=SOUND)
    assert "1 fichiers" not in page_text(page)
    assert button(page, "Enregistrer")
