"""A public board is kept by what it shows: it follows every change of that, and is not drawn again for any other.

Each case draws the page of a structure, changes one thing and draws it again. `docs/decisions` says why boards are
kept across versions of the store (content-keyed-boards).
"""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.app_pages import structure as structure_page
from dashboards.clock import Clock
from indicators.network import Network
from tests.builders import STRUCTURES, TARGETS, TODAY, measure, measures, stored, structure, structures, table
from tests.conftest import FilledBy
from tests.dashboards.test_poor_networks import Seen, flat, look, visitor

EXITS: Final = "dynamic_exit_rate"
BOARD: Final = "structure?structure=atelier"
NORMANDIE, BRETAGNE = "normandie", "bretagne"
FIRST, SECOND = "Groupe Un (fictif)", "Groupe Deux (fictif)"
MOVED_ON: Final = "2026-07-01"


def goal(perimeter: str, value: int) -> str:
    return f"{perimeter};{EXITS};2026-T1;;{value};interne;"


def moved(region: str = NORMANDIE, group: str = FIRST, name: str = "Atelier (fictif)") -> bytes:
    """Write the atelier as it is from the first day of the quarter shown."""
    row = structure("atelier", region=region, group=group).replace("Atelier (fictif)", name)
    return table(f"{STRUCTURES};valable_du", f"{row};{MOVED_ON}")


def fill(network: Network) -> None:
    rows = [structure("atelier", group=FIRST), structure("fabrique", group=FIRST)]
    stored(network, structures(*rows, structure("abri", region=BRETAGNE, group=SECOND)))
    counts = [
        measure(code, quarter, EXITS, cases, 60)
        for code in ("atelier", "fabrique", "abri")
        for quarter, cases in (("2026-T2", 30), ("2026-T3", 33))
    ]
    stored(network, measures(*counts))
    goals = (goal("region:normandie", 61), goal("region:bretagne", 62), goal("groupe:groupe-deux-fictif", 63))
    stored(network, table(TARGETS, *goals))


@pytest.fixture
def network(filled_by: FilledBy) -> Network:
    """Three structures with the same figures in two quarters; targets of two regions and of one group."""
    return filled_by(fill)


@pytest.fixture
def page() -> AppTest:
    return visitor()


@pytest.fixture(autouse=True)
def site(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(network, clock=Clock(TODAY)))


def drawn(page: AppTest, address: str = BOARD, language: str = "fr") -> Seen:
    return look(page, address, language)


@pytest.mark.parametrize(
    ("content", "before", "after"),
    [
        pytest.param(
            measures(measure("atelier", "2026-T3", EXITS, 36, 60)),
            "33 sorties sur 60",
            "36 sorties sur 60",
            id="figure",
        ),
        pytest.param(
            table(TARGETS, goal("region:normandie", 71)), "Objectif 61 %", "Objectif 71 %", id="target of its region"
        ),
        pytest.param(table(TARGETS, goal("atelier", 72)), "Objectif 61 %", "Objectif 72 %", id="target of its own"),
        pytest.param(moved(region=BRETAGNE), "Région Normandie", "Région Bretagne", id="name of its region"),
        pytest.param(moved(region=BRETAGNE), "Objectif 61 %", "Objectif 62 %", id="its region"),
        pytest.param(moved(group=SECOND), f"Groupe {FIRST}", f"Groupe {SECOND}", id="name of its group"),
        pytest.param(moved(group=SECOND), "Objectif 61 %", "Objectif 63 %", id="its group"),
        pytest.param(moved(name="Atelier du Pré (fictif)"), "Atelier (fictif)", "Atelier du Pré (fictif)", id="name"),
    ],
)
def test_a_deposit_that_changes_what_a_board_shows_changes_the_board(
    page: AppTest, network: Network, content: bytes, before: str, after: str
) -> None:
    seen = drawn(page)
    assert flat(before) in seen.text
    assert flat(after) not in seen.text
    stored(network, content, comment="rectification")
    assert flat(after) in drawn(page).text


def test_a_quarter_before_the_move_keeps_the_target_of_the_region_of_then(page: AppTest, network: Network) -> None:
    assert flat("Objectif 61 %") in drawn(page, f"{BOARD}&periode=2026-T2").text
    stored(network, moved(region=BRETAGNE), comment="déménagement")
    assert flat("Objectif 61 %") in drawn(page, f"{BOARD}&periode=2026-T2").text


def test_a_figure_that_was_awaited_is_missing_from_the_day_after_it_was_due(page: AppTest, network: Network) -> None:
    awaited, missing = flat("Attendu pour le 30 octobre 2026"), flat("Chiffre attendu, non remis")
    seen = {}
    for day in (date(2026, 10, 30), date(2026, 10, 31)):
        set_app_state(AppState(network, clock=Clock(day)))
        seen[day.day] = drawn(page).text
    assert awaited in seen[30]
    assert awaited not in seen[31]
    assert seen[31].count(missing) == seen[30].count(missing) + seen[30].count(awaited)


def test_each_language_has_a_board_of_its_own(page: AppTest) -> None:
    french, english = drawn(page), drawn(page, language="en")
    assert flat("33 sorties sur 60") in french.text
    assert flat("33 sorties sur 60") not in english.text
    assert "lang=en" in english.markup
    assert "lang=en" not in french.markup


def test_each_quarter_of_the_address_has_a_board_of_its_own(page: AppTest) -> None:
    for address, cases in ((BOARD, 33), (f"{BOARD}&periode=2026-T2", 30), (f"{BOARD}&periode=2026-S1", 30)):
        assert flat(f"{cases} sorties sur 60") in drawn(page, address).text, address


def test_structures_with_the_same_figures_have_boards_of_their_own(page: AppTest) -> None:
    for code, other in (("atelier", "fabrique"), ("fabrique", "atelier")):
        seen = drawn(page, f"structure?structure={code}")
        assert f"structure={code}" in seen.markup
        assert f"structure={other}" not in seen.markup


def test_what_another_structure_deposits_draws_no_board_again(
    page: AppTest, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    boards_drawn = []
    draw_board = structure_page._board_html

    def count(*given: object) -> object:
        boards_drawn.append(given)
        return draw_board(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(structure_page, "_board_html", count)
    first = drawn(page)
    # More figures, and another one: those of the atelier come later among all that is read together.
    more = [measure("abri", quarter, "durable_job_exit_rate", 22, 60) for quarter in ("2025-T4", "2026-T2", "2026-T3")]
    stored(network, measures(measure("abri", "2026-T3", EXITS, 36, 60), *more), comment="rectification")
    assert drawn(page).markup == first.markup
    assert len(boards_drawn) == 1
    stored(network, measures(measure("atelier", "2026-T3", EXITS, 36, 60)), comment="rectification")
    assert drawn(page).markup != first.markup
    assert len(boards_drawn) == 2
