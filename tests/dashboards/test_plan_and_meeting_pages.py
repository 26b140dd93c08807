"""The pages of plans and meetings: what a committee finds in them, for whom, and how it leads on."""

from __future__ import annotations

from datetime import date

import pytest

from dashboards.access import Visitor
from dashboards.clock import Clock
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.roles import AccessRules, Grant, Role
from indicators.network import Network
from tests.builders import ACTIONS, TODAY, action, deposit, stored, table
from tests.dashboards.drawn_page import DrawnPage, StateOf, draw
from tests.steering import BODIES, MEETINGS, PLAN, body, meeting, planned

OURS = "atelier-ternoise"


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)


def page_of(
    network: Network, path: str, role: Role = Role.DIRECTOR, where: str = OURS, today: date = TODAY, **address: str
) -> DrawnPage:
    reader = Visitor((Grant(role, Perimeter.parse(where)),), AccessRules(), person="m-0123456789")
    return draw(StateOf(network, Clock(today), reader=reader), path, **address)


def register(network: Network, *rows: str, header: str = ACTIONS) -> None:
    stored(network, table(header, *rows))


# Plans


@pytest.fixture
def planning(directory_network: Network) -> Network:
    reasons = "motif;accepte_jusqu_au"
    rows = [
        (action("A-1", "prioritaire", due="2026-06-30", done="2026-06-20", status="faite"), ";"),
        (action("A-2", "prioritaire", due="2026-06-30"), ";"),
        (action("A-3", "prioritaire", due="2026-12-15", status="en_cours"), ";"),
        (action("A-4", "prioritaire", due="2026-06-30", status="ecart_accepte"), "Budget refusé;2026-12-31"),
        (action("A-5", "prioritaire", due="2026-06-30", status="ecart_accepte"), "Budget refusé;2026-10-31"),
        (action("A-6", "prioritaire", due="2026-06-30", status="abandonnee"), "Sans objet;"),
        (action("A-7", "prioritaire", opened="2025-02-01", due="2025-10-31", done="2026-02-10", status="faite"), ";"),
    ]
    register(directory_network, *(f"{row};{end}" for row, end in rows), header=f"{ACTIONS};{reasons}")
    lines = [planned(f"A-{place}", axis="Accueil" if place < 4 else "Emploi") for place in range(1, 8)]
    register(directory_network, *lines, planned("A-7", "2025"), header=PLAN)
    return directory_network


def test_the_table_of_the_committee_says_of_each_action_how_far_it_is(planning: Network) -> None:
    page = page_of(planning, "plan")
    states = {row[0][:3]: row[4] for row in page.rows if row[0].startswith("A-")}
    assert states == {
        "A-1": "faite", "A-2": "en retard", "A-3": "en cours", "A-4": "écart accepté", "A-5": "en retard",
        "A-6": "abandonnée", "A-7": "faite",
    }  # fmt: skip
    assert "Actions faites : 2 sur 7." in page.text
    assert "Accueil 1 sur 3 Emploi 1 sur 4" in page.text
    assert "Budget refusé accepté jusqu’au 31 déc. 2026" in page.text
    assert page.link("A-2") == {"structure": OURS, "action": "A-2"}


def test_an_action_carried_over_is_marked_in_both_plans(planning: Network) -> None:
    now, before = page_of(planning, "plan"), page_of(planning, "plan", annee="2025")
    assert "reportée de 2025" in now.text
    (row,) = [row for row in before.rows if row[0].startswith("A-7")]
    assert row[4] == "faite après l’année du plan"
    assert "Actions faites : 0 sur 1." in before.text


def test_previous_years_stand_beside_with_their_completion(planning: Network) -> None:
    rows = [row for row in page_of(planning, "plan").rows if row[0] in ("2025", "2026")]
    assert rows == [["2026", "7", "2", "29\xa0%"], ["2025", "1", "0", "0\xa0%"]]


def test_a_year_without_a_plan_in_the_address_is_that_of_today(planning: Network) -> None:
    assert "plan 2026" in page_of(planning, "plan", annee="1900").text


def test_a_larger_perimeter_has_its_structures_by_name_and_no_order_of_merit(planning: Network) -> None:
    outcome = deposit(planning, table(PLAN, planned("X-1", structure="regie-ternoise")), comment="à venir")
    assert outcome.validation.rows_accepted == 1
    page = page_of(planning, "plan", Role.QUALITY, "region:normandie")
    assert [row[:3] for row in page.rows] == [
        ["Atelier Ternoise (fictif)", "7", "2"],
        ["Régie Ternoise (fictive)", "1", "0"],
    ]
    assert "1 structure ouverte n’a pas de plan" in page.text
    assert "A-2" not in page.text


def test_the_objectives_lead_from_axes_to_figures_and_targets(demo: Network) -> None:
    page = page_of(demo, "plan", where="atelier-du-canal")
    (row,) = [row for row in page.rows if row[0].startswith("Chaque parcours mène")]
    assert row[1:3] == ["Parcours", "Sorties dynamiques"]
    assert row[3].endswith("T3 2026")
    assert "objectif de 55" in row[4]


def test_without_a_plan_the_page_says_how_one_begins(directory_network: Network) -> None:
    page = page_of(directory_network, "plan")
    assert "Aucun plan n’est déposé ici" in page.text
    assert page.rows == []


# Meetings


@pytest.fixture
def meeting_bodies(directory_network: Network) -> Network:
    register(directory_network, action("A-1"))
    bodies = [body(), body("mensuel", "2026-07-01"), body("annuel", name="Revue de direction")]
    register(directory_network, *bodies, header=BODIES)
    rows = [
        meeting("2026-02-10", "2026-02-10", actions="A-1"),
        meeting("2026-04-10", "2026-04-20"),
        meeting("2026-06-10"),
        meeting("2026-11-10"),
        meeting("2026-12-10"),
    ]
    outcome = deposit(directory_network, table(MEETINGS, *rows), period="2026-T3", structure=OURS)
    assert outcome.validation.rows_accepted == len(rows)
    return directory_network


def test_a_body_says_its_rhythm_in_words_and_what_was_due_held_and_missed(meeting_bodies: Network) -> None:
    page = page_of(meeting_bodies, "instances")
    committee, review = page.rows[:2]
    assert committee[1] == "tous les moistous les deux mois jusqu’au 30 juin 2026"
    # three at the old rhythm and three of the six at the new one are due in quarters that are over
    assert committee[2:4] == ["2 sur 6 dues9 dans l’année", "10 juin 2026"]
    assert committee[4] == "à prévoir avant le 30 nov. 2026ensuite prévue le 10 déc. 2026"
    assert review[1:4] == ["une fois par an", "rien de dû à ce jour1 dans l’année", "aucune"]
    assert review[4] == "à prévoir avant le 31 déc. 2026"
    assert "Réunions tenues : 2 sur 6 dues à ce jour." in page.text


def test_meetings_stand_newest_first_with_their_state_and_lead_to_their_actions(meeting_bodies: Network) -> None:
    page = page_of(meeting_bodies, "instances")
    states = [(row[0], row[2]) for row in page.rows[2:]]
    assert states == [
        ("10 déc. 2026", "à venir"),
        ("10 nov. 2026", "pas encore renseignée"),
        ("10 juin 2026", "manquée"),
        ("20 avr. 2026", "tenueprévue le 10 avr. 2026"),
        ("10 févr. 2026", "tenue"),
    ]
    assert page.link("A-1") == {"structure": OURS, "action": "A-1"}


def test_a_larger_perimeter_counts_and_shows_no_decision(meeting_bodies: Network) -> None:
    page = page_of(meeting_bodies, "instances", Role.QUALITY, "region:normandie")
    assert [row[0] for row in page.rows] == ["Atelier Ternoise (fictif)"]
    assert "Revoir l’accueil" not in page.text
    assert "2 structures ouvertes n’ont pas déclaré d’instance." in page.text


def test_long_lists_are_read_page_by_page(directory_network: Network) -> None:
    register(directory_network, body("hebdomadaire", "2025-01-01"), header=BODIES)
    days = [f"2025-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 11)]
    register(directory_network, *(meeting(day, day) for day in days), header=MEETINGS)
    first, last = (page_of(directory_network, "instances", annee="2025", page=page) for page in ("1", "3"))
    assert (len(first.rows), len(last.rows)) == (51, 21)
    assert "1 à 50 sur 120" in first.text
    assert last.rows[-1][0] == "1 janv. 2025"


def test_without_a_body_the_page_says_how_one_begins(directory_network: Network) -> None:
    assert "Aucune instance n’est déclarée ici" in page_of(directory_network, "instances").text


@pytest.mark.parametrize("path", ["plan", "instances"])
def test_what_is_not_the_readers_is_not_shown(demo: Network, path: str) -> None:
    page = page_of(demo, path, where="atelier-du-canal", perimetre="ecole-du-grand-tilleul")
    assert "Grand Tilleul" not in page.text
    assert "FA-2026" not in page.text
    assert page.rows == []


@pytest.mark.parametrize("path", ["plan", "instances"])
def test_in_english_no_word_of_the_page_is_french(demo: Network, path: str) -> None:
    page = page_of(demo, path, where="atelier-du-canal", lang="en")
    for word in ("Échéance", "Pilote", "tenue", "prévue", "Réunions", "faite", "Manquées", "dues"):
        assert word not in page.text
