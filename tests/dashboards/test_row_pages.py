"""Rows of meetings, bodies, plans, occasions and requests, written on their pages by whom the table names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.app_pages.registers.row_fields import typed_cells
from dashboards.clock import Clock
from dashboards.web.access_key import DemoAccess
from indicators.network import Network
from indicators.store.row_versions import find_row_versions
from schemas.bodies import BODIES
from schemas.meetings import MEETINGS
from schemas.participation import PARTICIPATION
from schemas.plan import PLAN
from schemas.requests import REQUESTS
from tests.builders import ACTIONS, TODAY, action, stored, table
from tests.builders import PARTICIPATION as OCCASIONS
from tests.conftest import copy_store
from tests.dashboards.test_actions_page import ATELIER, PEOPLE, REGIE, look, press, type_in, typed
from tests.dashboards.test_who_sees_what import script

BODY: Final = "Comité de pilotage"
PAGES: Final = [
    (MEETINGS, "instances"),
    (BODIES, "instances"),
    (PLAN, "plan"),
    (PARTICIPATION, "participation"),
    (REQUESTS, "participation"),
]
REQUEST_KEY: Final = {"structure": ATELIER, "reference": "D-1"}


@pytest.fixture
def network(directory_folder: Path, tmp_path: Path) -> Iterator[Network]:
    """A network of which a structure has a body, a meeting and a request that waits for its answer."""
    with Network(str(copy_store(directory_folder, tmp_path / "store"))) as opened:
        stored(opened, table(ACTIONS, action("FA-1", due="2026-12-31")))
        stored(
            opened, table("structure;instance;rythme;roles;du;au", f"{ATELIER};{BODY};bimestriel;direction;2026-01-01;")
        )
        stored(
            opened,
            table("structure;instance;prevue_le;tenue_le;presents;decisions;actions",
                  f"{ATELIER};{BODY};2026-03-02;;;;"),
        )  # fmt: skip
        stored(
            opened,
            table("structure;reference;date;de;demande;reponse;repondue_le;action;rendue_le",
                  f"{ATELIER};D-1;2026-09-01;équipe du matin;Recevoir le planning plus tôt;;;;"),
        )  # fmt: skip
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("dashboards.access._app_state", None)
            set_app_state(AppState(opened, Clock(TODAY), DemoAccess(PEOPLE)))
            yield opened


@pytest.fixture
def reader() -> AppTest:
    return AppTest.from_function(script, default_timeout=120)


def newest(network: Network, dataset: Any, key: dict[str, object]) -> dict[str, object]:
    with network.lake.cursor() as cursor:
        versions = find_row_versions(cursor, dataset, key)
    return {**versions[0].values, "versions": len(versions)} if versions else {}


def draw(reader: AppTest, **address: str) -> None:
    """Draw a page, whatever becomes of it."""
    reader.query_params.clear()
    for name, value in {"perimetre": ATELIER, **address}.items():
        reader.query_params[name] = value
    reader.run()


@pytest.mark.parametrize(("dataset", "page"), PAGES, ids=[dataset.name for dataset, _ in PAGES])
def test_a_new_row_of_each_register_has_a_form_with_its_columns_and_says_what_is_missing(
    network: Network, reader: AppTest, dataset: Any, page: str
) -> None:
    look(reader, at=page, ligne=dataset.name)
    assert len([*reader.text_input, *reader.text_area, *reader.selectbox]) >= len(dataset.columns) - 1
    assert "Rien n’est enregistré" in press(reader, "Enregistrer")


def test_a_meeting_is_held_and_its_decision_written(network: Network, reader: AppTest) -> None:
    key = {"structure": ATELIER, "body": BODY, "planned_on": date(2026, 3, 2)}
    assert "Modifier une réunion" in look(reader, at="instances", ligne=f"instances|{BODY}|2026-03-02")
    type_in(reader, "Tenue le", "03/03/2026")
    type_in(reader, "Décisions", "Réimprimer le livret")
    page = press(reader, "Enregistrer")
    assert "Réimprimer le livret" in page
    held = newest(network, MEETINGS, key)
    assert (held["held_on"], held["decisions"], held["versions"]) == (date(2026, 3, 3), "Réimprimer le livret", 2)


def test_a_line_of_a_plan_without_an_action_is_written(network: Network, reader: AppTest) -> None:
    look(reader, at="plan", ligne="plan")
    for label, text in (("Année", "2026"), ("Axe", "Accueil"), ("Engagement", "Chacun reçoit le livret")):
        type_in(reader, label, text)
    if "dites en un mot pourquoi" in press(reader, "Enregistrer"):
        type_in(reader, "Commentaire pour confirmer", "premier plan")
        press(reader, "Enregistrer")
    key = {
        "structure": ATELIER,
        "year": "2026",
        "axis": "Accueil",
        "commitment": "Chacun reçoit le livret",
        "action": None,
    }
    assert newest(network, PLAN, key)["versions"] == 1


def test_a_request_is_answered_and_what_is_refused_stays_typed(network: Network, reader: AppTest) -> None:
    assert "Répondre à une demande" in look(reader, at="participation", ligne="demandes|D-1")
    type_in(reader, "Réponse", "Il sera affiché le jeudi")
    page = press(reader, "Enregistrer")
    assert newest(network, REQUESTS, REQUEST_KEY)["versions"] == 1, "an answer without its day is refused"
    assert typed(reader, "Réponse") == "Il sera affiché le jeudi"
    type_in(reader, "Répondue le", "15/09/2026")
    page = press(reader, "Enregistrer")
    answered = newest(network, REQUESTS, REQUEST_KEY)
    assert (answered["answer"], answered["answered_on"]) == ("Il sera affiché le jeudi", date(2026, 9, 15)), page


def test_a_row_whose_key_holds_the_sign_between_cells_can_be_opened(network: Network, reader: AppTest) -> None:
    stored(
        network,
        table("structure;reference;date;de;demande;reponse;repondue_le;action;rendue_le",
              f"{ATELIER};D|1 50 % é;2026-09-02;équipe du soir;Ouvrir la salle;;;;"),
    )  # fmt: skip
    look(reader, at="participation", partie="demandes")
    html = " ".join(str(block.proto.body) for block in reader.get("html"))
    [address] = [url for url in re.findall(r'href="([^"]*ligne=[^"]*)"', html) if "50" in url]
    [row] = parse_qs(urlsplit(unescape(address)).query)["ligne"]
    assert "Répondre à une demande" in look(reader, at="participation", ligne=row)
    assert typed(reader, "Demande") == "Ouvrir la salle"


def test_hours_keep_every_digit_when_another_field_is_saved(network: Network, reader: AppTest) -> None:
    key = {"structure": ATELIER, "reference": "P-1"}
    occasion = f"{ATELIER};P-1;2026-03-02;reunion;accueil;12;9;4;12345,75"
    stored(network, table(OCCASIONS, occasion), "relu")
    look(reader, at="participation", ligne="participation|P-1")
    assert typed(reader, "Durée") == "12345,75"
    type_in(reader, "Invités", "13")
    if "dites en un mot pourquoi" in press(reader, "Enregistrer"):
        type_in(reader, "Commentaire pour confirmer", "relu")
        press(reader, "Enregistrer")
    saved = newest(network, PARTICIPATION, key)
    assert (saved["invited"], saved["hours"], saved["versions"]) == (13, 12345.75, 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.0, "2"), (12345.75, "12345,75"), (0.1, "0,1"), (1e16, "10000000000000000"), (1e-7, "0,0000001")],
)
def test_a_number_is_typed_with_every_digit_and_no_exponent(value: float, text: str) -> None:
    assert typed_cells(PARTICIPATION, {"hours": value})["hours"] == text


@pytest.mark.parametrize(("person", "perimeter"), [("region", "region:normandie"), ("administration", "reseau")])
def test_a_larger_perimeter_has_no_form(network: Network, reader: AppTest, person: str, perimeter: str) -> None:
    page = look(reader, at="participation", personne=person, perimetre=perimeter, ligne="demandes")
    assert "Nouvelle demande" not in page
    assert not reader.text_area


def test_who_may_not_change_a_register_is_offered_nothing_and_can_send_nothing(
    network: Network, reader: AppTest
) -> None:
    for person in ("visite", "delegation", "ailleurs"):
        reader.query_params.clear()
        for name, value in {
            "at": "participation",
            "perimetre": ATELIER,
            "personne": person,
            "ligne": "demandes|D-1",
        }.items():
            reader.query_params[name] = value
        reader.run()
        assert not reader.text_area, person
        assert "planning" not in " ".join(str(block.proto.body) for block in reader.get("html")), person
    assert REGIE != ATELIER


@pytest.mark.parametrize("row", ["demandes|D-9", "demandes|", "demandes|a|b", "instances|x|not-a-day", "paie|1"])
def test_a_row_that_there_is_not_is_said_not_to_be_there(network: Network, reader: AppTest, row: str) -> None:
    draw(reader, at="instances" if row.startswith("instances") else "participation", personne="qualite", ligne=row)
    assert not [field for field in reader.text_area if field.label.startswith("Réponse")]
    text = " ".join(str(block.proto.body) for block in reader.get("html"))
    assert ("Cette ligne n’est pas au registre" in text) is not row.startswith("paie"), "no register of the page"
