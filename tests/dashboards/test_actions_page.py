"""The page of actions: who sees and changes which register, what was typed stays, two editors, each gesture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.app_pages.registers.action_forms import GESTURES
from dashboards.clock import Clock
from dashboards.web.access_key import DemoAccess
from dashboards.wording.translations import LANGUAGES, load_translator
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.roles import RIGHTS, Grant, Right, Role
from indicators.errors import StoreError
from indicators.network import Network
from indicators.queries.registers.reactions import Reaction
from indicators.store.deposits import withdraw
from indicators.store.row_versions import RowVersion, find_row_versions
from schemas.actions import ACTIONS as REGISTER
from schemas.datasets import DATASETS, REGISTER_DATASETS
from tests.builders import ACTIONS, AUTHOR, NOW, TODAY, action, measure, measures, stored, table
from tests.conftest import copy_store
from tests.dashboards.drawn_page import script as script_of_a_language
from tests.dashboards.test_who_sees_what import script

ATELIER, REGIE = "atelier-ternoise", "regie-ternoise"
PEOPLE: Final = {
    "visite": (),
    "qualite": (Grant(Role.QUALITY, Perimeter.parse(ATELIER)),),
    "direction": (Grant(Role.DIRECTOR, Perimeter.parse(ATELIER)),),
    "accueil": (Grant(Role.DEPOSITOR, Perimeter.parse(ATELIER)),),
    "ailleurs": (Grant(Role.QUALITY, Perimeter.parse(REGIE)),),
    "region": (Grant(Role.QUALITY, Perimeter.parse("region:normandie")),),
    "delegation": (Grant(Role.DELEGATE, Perimeter.parse("region:normandie")),),
    "administration": (Grant(Role.ADMINISTRATOR, NETWORK),),
}


@pytest.fixture
def network(directory_folder: Path, tmp_path: Path) -> Iterator[Network]:
    """A network with an open action, a late one and a closed one of one structure, and an action of another."""
    with Network(str(copy_store(directory_folder, tmp_path / "store"))) as opened:
        rows = (
            action("FA-1", due="2026-12-31"),
            action("FA-2", due="2026-02-01"),
            action("FA-3", done="2026-03-01", verified="2026-04-01", verdict="100", status="close"),
            action("FR-1", structure=REGIE),
        )
        stored(opened, table(ACTIONS, *rows))
        stored(opened, measures(measure(ATELIER, "2026-T3", "dynamic_exit_rate", 40, 96)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("dashboards.access._app_state", None)
            set_app_state(AppState(opened, Clock(TODAY), DemoAccess(PEOPLE)))
            yield opened


@pytest.fixture
def reader() -> AppTest:
    return AppTest.from_function(script, default_timeout=120)


def look(reader: AppTest, **address: str) -> str:
    """Draw the page at an address, and return what it says."""
    reader.query_params.clear()
    for name, value in {"at": "actions", "perimetre": ATELIER, "personne": "qualite", **address}.items():
        reader.query_params[name] = value
    reader.run()
    return written(reader)


def written(reader: AppTest) -> str:
    assert not reader.exception, [error.message for error in reader.exception]
    html = " ".join(str(block.proto.body) for block in reader.get("html"))
    text = re.sub(r"<[^>]+>", " ", html).replace("\xa0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def type_in(reader: AppTest, label: str, text: str) -> None:
    """Type in the field whose name begins so."""
    fields = [*reader.text_input, *reader.text_area]
    next(field for field in fields if field.label.startswith(label)).set_value(text)


def typed(reader: AppTest, label: str) -> str:
    fields = [*reader.text_input, *reader.text_area]
    return str(next(field for field in fields if field.label.startswith(label)).value)


def press(reader: AppTest, label: str) -> str:
    next(button for button in reader.button if button.label == label).click()
    reader.run()
    return written(reader)


def versions(network: Network, reference: str, structure: str = ATELIER) -> list[RowVersion]:
    with network.lake.cursor() as cursor:
        return find_row_versions(cursor, REGISTER, {"structure": structure, "reference": reference})


SEES: Final = {
    "qualite": {ATELIER},
    "direction": {ATELIER},
    "accueil": {ATELIER},
    "ailleurs": {REGIE},
    "region": {ATELIER, REGIE},
    "administration": {ATELIER, REGIE},
}


@pytest.mark.parametrize("name", SEES)
@pytest.mark.parametrize("structure", [ATELIER, REGIE])
@pytest.mark.usefixtures("network")
def test_the_register_is_seen_and_changed_by_whose_it_is(reader: AppTest, name: str, structure: str) -> None:
    reference = "FA-1" if structure == ATELIER else "FR-1"
    sees = structure in SEES[name]
    assert (reference in look(reader, perimetre=structure, personne=name)) is sees
    page = look(reader, perimetre=structure, structure=structure, action=reference, geste="modifier", personne=name)
    assert ("Réimprimer le livret" in page) is sees
    assert any(button.label == "Enregistrer" for button in reader.button) is sees
    look(reader, perimetre=structure, structure=structure, nouvelle="oui", personne=name)
    assert any(button.label == "Enregistrer" for button in reader.button) is sees


@pytest.mark.usefixtures("network")
def test_a_structure_outside_the_perimeter_of_the_address_is_not_shown(reader: AppTest) -> None:
    for parameters in ({"action": "FR-1"}, {"nouvelle": "oui"}):
        page = look(reader, structure=REGIE, **parameters)
        assert "FR-1" not in page.replace("« FR-1 »", "")
        assert not any(button.label == "Enregistrer" for button in reader.button)


@pytest.mark.usefixtures("network")
def test_who_may_see_but_not_change_is_offered_no_gesture(reader: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    rights = {**RIGHTS, Role.QUALITY: frozenset({Right.SEE_MANAGEMENT})}
    monkeypatch.setattr("indicators.definitions.roles.RIGHTS", rights)
    page = look(reader, structure=ATELIER, action="FA-1", geste="modifier")
    assert "Réimprimer le livret" in page
    assert "Modifier" not in page
    page = look(reader, structure=ATELIER, nouvelle="oui")
    assert "Vous ne pouvez pas changer le registre" in page


@pytest.mark.usefixtures("network")
def test_the_list_shows_what_is_late_first_and_keeps_what_the_address_asks(reader: AppTest) -> None:
    page = look(reader)
    assert page.index("FA-2") < page.index("FA-1")
    assert "FA-3" not in page
    assert "2 actions ouvertes, dont 1 en retard" in page
    assert "FA-3" in look(reader, statut="close")
    late = look(reader, statut="en_retard")
    assert "FA-2" in late
    assert "FA-1" not in late
    assert "Aucune action ne correspond" in look(reader, recherche="introuvable")
    assert "Aucune action ne correspond" in look(reader, genre="preventive")
    assert "FA-1" in look(reader, recherche="LIVRET", page="7")


@pytest.mark.usefixtures("network")
def test_a_larger_perimeter_names_the_structures(reader: AppTest) -> None:
    page = look(reader, perimetre="region:normandie", personne="region", statut="toutes")
    assert "Régie Ternoise" in page
    assert {"FA-1", "FA-3", "FR-1"} <= set(re.findall(r"F[AR]-\d", page))


def test_a_new_action_is_proposed_a_reference_and_stored_with_who_wrote_it(network: Network, reader: AppTest) -> None:
    look(reader, structure=ATELIER, nouvelle="oui", indicateur="dynamic_exit_rate", periode="2026-T3")
    assert typed(reader, "Référence") == "FA-2026-001"
    assert "Signal de la carte de contrôle" in typed(reader, "Constat")
    type_in(reader, "Action", "Préparer la sortie plus tôt")
    page = press(reader, "Enregistrer")
    assert "Enregistré" in page
    assert "Action FA-2026-001" in page
    [version] = versions(network, "FA-2026-001")
    assert version.values["origin"] == "signal"
    assert version.values["indicator"] == "dynamic_exit_rate"
    assert version.author == load_translator("fr")("person.qualite")


def test_a_refused_field_keeps_what_was_typed_and_says_why(network: Network, reader: AppTest) -> None:
    look(reader, structure=ATELIER, action="FA-1", geste="modifier")
    type_in(reader, "Échéance", "31/02/2027")
    type_in(reader, "Cause", "Une seule personne imprime")
    page = press(reader, "Enregistrer")
    assert "un champ est à corriger" in page
    assert "31/02/2027" in page
    assert typed(reader, "Échéance") == "31/02/2027"
    assert typed(reader, "Cause") == "Une seule personne imprime"
    assert len(versions(network, "FA-1")) == 1
    type_in(reader, "Échéance", "28/02/2027")
    assert "Enregistré" in press(reader, "Enregistrer")
    assert versions(network, "FA-1")[0].values["cause"] == "Une seule personne imprime"


def test_an_action_is_closed_with_its_verdict_and_reopened_without_its_days(network: Network, reader: AppTest) -> None:
    look(reader, structure=ATELIER, action="FA-1", geste="clore")
    page = press(reader, "Clore")
    assert "Rien n’est enregistré" in page
    type_in(reader, "Faite le", "01/11/2026")
    type_in(reader, "Critère", "livret remis à l’arrivée")
    type_in(reader, "Vérifiée le", "20/11/2026")
    next(box for box in reader.selectbox if box.label == "Efficacité").set_value("100")
    assert "efficace (100 %)" in press(reader, "Clore")
    look(reader, structure=ATELIER, action="FA-1", geste="rouvrir")
    assert "Enregistré" in press(reader, "Rouvrir")
    found = versions(network, "FA-1")
    assert [version.values["status"] for version in found] == ["open", "closed", "open"]
    assert [found[0].values[name] for name in ("done_on", "verified_on", "effectiveness")] == [None] * 3
    assert "1 action rouverte" in look(reader)


def test_a_deviation_is_accepted_for_a_reason_until_a_day(network: Network, reader: AppTest) -> None:
    look(reader, structure=ATELIER, action="FA-2", geste="ecart")
    assert "Rien n’est enregistré" in press(reader, "Accepter l’écart")
    type_in(reader, "Motif", "budget reporté d’un an")
    type_in(reader, "Écart accepté", "31/12/2026")
    assert "Enregistré" in press(reader, "Accepter l’écart")
    assert versions(network, "FA-2")[0].values["status"] == "accepted_deviation"


def test_what_is_carried_over_needs_a_new_day(network: Network, reader: AppTest) -> None:
    look(reader, structure=ATELIER, action="FA-2", geste="reporter")
    assert typed(reader, "Échéance") == ""
    assert "Rien n’est enregistré" in press(reader, "Reporter")
    type_in(reader, "Échéance", "30/06/2027")
    assert "Enregistré" in press(reader, "Reporter")
    assert versions(network, "FA-2")[0].values["status"] == "carried_over"


def as_director(network: Network, structure: str = ATELIER) -> None:
    """Somebody else changes the role in charge and the day of the first action."""
    other = AppTest.from_function(script, default_timeout=120)
    look(other, structure=structure, action="FA-1", geste="modifier", personne="direction")
    type_in(other, "Pilote", "encadrement")
    type_in(other, "Échéance", "15/01/2027")
    assert "Enregistré" in press(other, "Enregistrer")


@pytest.mark.parametrize(
    ("choice", "owner", "cause", "due"),
    [
        ("Garder la sienne", "encadrement", None, "2027-01-15"),
        ("Enregistrer mes changements sur la sienne", "direction", "une seule personne imprime", "2027-01-15"),
    ],
)
def test_of_two_editors_the_second_sees_what_changed_and_chooses(
    network: Network, reader: AppTest, choice: str, owner: str, cause: str | None, due: str
) -> None:
    look(reader, structure=ATELIER, action="FA-1", geste="modifier")
    as_director(network)
    type_in(reader, "Pilote", "direction")
    type_in(reader, "Cause", "une seule personne imprime")
    page = press(reader, "Enregistrer")
    assert "a changé cette ligne entre-temps" in page
    assert load_translator("fr")("person.direction") in page
    assert "encadrement" in page
    assert typed(reader, "Cause") == "une seule personne imprime"
    assert len(versions(network, "FA-1")) == 2, "nothing was overwritten"
    press(reader, choice)
    found = versions(network, "FA-1")[0].values
    assert (found["owner_role"], found["cause"], str(found["due_on"])) == (owner, cause, due)


def test_two_people_who_open_a_new_action_at_a_time_write_two_actions(network: Network, reader: AppTest) -> None:
    other = AppTest.from_function(script, default_timeout=120)
    look(other, structure=ATELIER, nouvelle="oui", personne="direction")
    look(reader, structure=ATELIER, nouvelle="oui")
    type_in(other, "Action", "Ranger l’atelier")
    type_in(other, "Pilote", "encadrement")
    assert "Enregistré" in press(other, "Enregistrer")
    type_in(reader, "Action", "Préparer la sortie plus tôt")
    page = press(reader, "Enregistrer")
    assert "Une autre ligne porte déjà « FA-2026-001 »" in page
    assert "Enregistrer mes changements sur la sienne" not in [button.label for button in reader.button]
    assert (typed(reader, "Référence"), typed(reader, "Action")) == ("FA-2026-002", "Préparer la sortie plus tôt")
    assert "Enregistré" in press(reader, "Enregistrer")
    stored_rows = [versions(network, f"FA-2026-00{number}") for number in (1, 2)]
    assert [len(found) for found in stored_rows] == [1, 1]
    assert [found[0].values["action"] for found in stored_rows] == ["Ranger l’atelier", "Préparer la sortie plus tôt"]
    assert stored_rows[1][0].values["owner_role"] is None


def test_a_reference_of_ones_own_that_is_taken_keeps_what_was_typed(network: Network, reader: AppTest) -> None:
    look(reader, structure=ATELIER, nouvelle="oui")
    type_in(reader, "Référence", "FA-1")
    type_in(reader, "Action", "Ranger l’atelier")
    page = press(reader, "Enregistrer")
    assert "Une autre ligne porte déjà « FA-1 »" in page
    assert (typed(reader, "Référence"), typed(reader, "Action")) == ("FA-2026-001", "Ranger l’atelier")
    assert len(versions(network, "FA-1")) == 1


def test_a_new_form_in_which_nothing_was_typed_begins_anew(network: Network, reader: AppTest) -> None:
    signal = {"structure": ATELIER, "nouvelle": "oui", "indicateur": "dynamic_exit_rate"}
    look(reader, **signal, periode="2026-T2")
    assert "T2 2026" in typed(reader, "Constat")
    look(reader, **signal, periode="2026-T3")
    assert "T3 2026" in typed(reader, "Constat")
    receipt = stored(network, table(ACTIONS, action("FA-2026-001")))
    look(reader, **signal, periode="2026-T3")
    assert typed(reader, "Référence") == "FA-2026-002"
    withdraw(network.lake, receipt.deposit, "essai", AUTHOR, NOW)
    look(reader, **signal, periode="2026-T3")
    assert typed(reader, "Référence") == "FA-2026-002", "a number that was given once is not given again"


def test_what_was_kept_upon_theirs_and_refused_stays_typed(network: Network, reader: AppTest) -> None:
    look(reader, structure=ATELIER, action="FA-1", geste="modifier")
    as_director(network)
    refused = {"Échéance": "31/02/2027", "Cause": "une seule personne imprime", "Critère": "livret remis"}
    for label, text in refused.items():
        type_in(reader, label, text)
    press(reader, "Enregistrer")
    assert "Rien n’est enregistré" in press(reader, "Enregistrer mes changements sur la sienne")
    for _ in range(2):
        assert {label: typed(reader, label) for label in refused} == refused
        assert typed(reader, "Pilote") == "encadrement"
        look(reader, structure=ATELIER, action="FA-1", geste="modifier")
    type_in(reader, "Échéance", "28/02/2027")
    assert "Enregistré" in press(reader, "Enregistrer")
    assert versions(network, "FA-1")[0].values["cause"] == refused["Cause"]


def test_what_was_kept_upon_theirs_survives_a_third_editor(network: Network, reader: AppTest) -> None:
    look(reader, structure=ATELIER, action="FA-1", geste="modifier")
    as_director(network)
    type_in(reader, "Échéance", "31/02/2027")
    type_in(reader, "Cause", "une seule personne imprime")
    if "a changé cette ligne" in press(reader, "Enregistrer"):
        press(reader, "Enregistrer mes changements sur la sienne")
    third = AppTest.from_function(script, default_timeout=120)
    look(third, structure=ATELIER, action="FA-1", geste="modifier")
    type_in(third, "Critère", "livret remis")
    assert "Enregistré" in press(third, "Enregistrer")
    page = look(reader, structure=ATELIER, action="FA-1", geste="modifier")
    assert "a changé cette ligne entre-temps" in page
    assert typed(reader, "Cause") == "une seule personne imprime"


def test_a_store_that_fails_loses_nothing_that_was_typed(
    network: Network, reader: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreError("full")

    look(reader, structure=ATELIER, action="FA-1", geste="modifier")
    type_in(reader, "Cause", "une seule personne imprime")
    with monkeypatch.context() as patch:
        patch.setattr("dashboards.app_pages.registers.row_form.save_row", fail)
        assert "Une panne de notre côté" in press(reader, "Enregistrer")
    look(reader, personne="qualite")
    look(reader, structure=ATELIER, action="FA-1", geste="modifier")
    assert typed(reader, "Cause") == "une seule personne imprime"
    assert "Enregistré" in press(reader, "Enregistrer")
    assert versions(network, "FA-1")[0].values["cause"] == "une seule personne imprime"


def test_every_version_says_who_changed_what(network: Network, reader: AppTest) -> None:
    as_director(network)
    page = look(reader, structure=ATELIER, action="FA-1")
    assert "Pilote : accueil → encadrement" in page
    assert "Échéance : 31 décembre 2026 → 15 janvier 2027" in page
    assert "Écrite au registre" in page


def test_a_signal_without_a_known_beginning_has_no_delay(
    network: Network, reader: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarter = Period.parse("2024-T4")
    variation, day = "concern", date(2024, 10, 10)
    old = Reaction(ATELIER, "absenteeism_rate", quarter, variation, "FA-1", day, None, is_beginning_known=False)
    new = Reaction(ATELIER, "staff_turnover_rate", quarter.shifted(1), variation, "FA-2", date(2025, 4, 10))
    monkeypatch.setattr("dashboards.app_pages.registers.action_reactions.find_reactions", lambda *_: [old, new])
    as_director(network)
    page = look(reader, volet="signaux")
    assert "T4 2024 ou avant" in page
    assert "T1 2025 ou avant" not in page
    assert "(10 jours après)" in page
    assert page.count("jours après)") == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("network")
def test_every_view_is_drawn_in_both_languages(language: str) -> None:
    reader, t = AppTest.from_function(script_of_a_language, default_timeout=120), load_translator(language)
    for view in ("", "rythme", "signaux"):
        page = look(reader, volet=view, lang=language)
        assert t("actions.view.rythme") in [
            option.content for group in reader.get("button_group") for option in group.proto.options
        ]
        assert "FA-2" in page or view
    for gesture, offered in GESTURES.items():
        page = look(reader, structure=ATELIER, action="FA-2", geste=gesture, lang=language)
        assert t(f"actions.about.{gesture}").split()[0] in page, offered


def test_what_is_not_there_is_said_and_not_an_error(network: Network, reader: AppTest) -> None:
    assert network
    for address in (
        {"structure": ATELIER, "action": "FA-99"},
        {"structure": ATELIER, "action": "FA-1", "geste": "effacer"},
        {"structure": "nulle-part", "action": "FA-1"},
        {"structure": ATELIER, "nouvelle": "oui", "indicateur": "nothing"},
    ):
        assert look(reader, **address)
        assert not any(button.label == "Enregistrer" for button in reader.button)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REGISTER_DATASETS)
def test_every_field_and_word_of_a_register_has_a_name(name: str, language: str) -> None:
    t, dataset = load_translator(language), DATASETS[name]
    silent = [
        key
        for column in dataset.columns
        for key in (f"field.{column.name}", *(f"word.{word}" for word in column.vocabulary.values()))
        if key not in t and key.replace(".", f".{name}.", 1) not in t
    ]
    assert silent == []
