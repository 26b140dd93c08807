"""A structure is found by its words in any order, by a former name, and with an error of typing, which is told."""

from __future__ import annotations

import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.access import AppState, set_app_state
from dashboards.app_pages.structure_search import SearchIndex
from dashboards.clock import Clock
from indicators.network import Network
from tests.builders import STRUCTURES, TODAY, stored, structure, structures, table
from tests.conftest import FilledBy
from tests.dashboards.test_poor_networks import look, visitor

TEXTS: Final = {
    "canal": "Atelier du Canal (fictif) Ateliers d’autrefois atelier-du-canal ACI Chantier d’insertion Bretagne",
    "gue": "Paysagistes du Gué (fictif) paysagistes-du-gue EI Entreprise d’insertion Normandie",
    "ried": "Dépannage du Ried (fictif) depannage-du-ried EI Entreprise d’insertion Grand Est Groupe des Rives",
    "rives": "Intérim des Trois Rives (fictif) interim-des-trois-rives ETTI Normandie",
}
INDEX: Final = SearchIndex(TEXTS.items())
DISTINCT: Final = {"canal": "canal", "paysagistes": "gue", "depannage": "ried", "interim": "rives"}
"""Words that one entry alone has."""


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", [*TEXTS]),
        ("paysagistes du gué", ["gue"]),
        ("PAYSAG", ["gue"]),
        ("gué paysagistes", ["gue"]),
        ("autrefois", ["canal"]),
        ("normandie", ["gue", "rives"]),
        ("insertion", ["canal", "gue", "ried"]),
        ("groupe rives", ["ried"]),
    ],
)
def test_words_are_found_in_any_order_and_in_the_order_of_the_list(typed: str, found: list[str]) -> None:
    search = INDEX.search(typed)
    assert (search.found, search.is_approximate) == (found, False)


@pytest.mark.parametrize("typed", ["payasgistes", "paysajiste", "paysagites du gué", "pysagistes du gué"])
def test_a_typing_error_is_forgiven_and_told(typed: str) -> None:
    search = INDEX.search(typed)
    assert (search.found, search.is_approximate) == (["gue"], True)


@given(st.data())
def test_one_error_in_a_word_of_five_letters_or_more_still_finds_it(data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(sorted(DISTINCT)))
    place = data.draw(st.integers(0, len(word) - 1))
    other = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    typed = data.draw(
        st.sampled_from(
            [
                word[:place] + other + word[place + 1 :],
                word[:place] + word[place + 1 :],
                word[:place] + other + word[place:],
            ]
        )
    )
    assert DISTINCT[word] in INDEX.search(typed).found, typed


@pytest.mark.parametrize("typed", ["zzz", "boulangerie", "gve", "paysagistes zzzz", "--", "%"])
def test_what_is_not_like_anything_is_not_found(typed: str) -> None:
    found = INDEX.search(typed).found
    assert found == ([] if typed.strip("-%") else [*TEXTS])


def test_a_text_of_many_words_is_not_looked_for_word_by_word() -> None:
    assert INDEX.search(" ".join(["payasgistes"] * 8)).found == ["gue"]
    assert INDEX.search(" ".join(["payasgistes"] * 9)).found == []


def fill(network: Network) -> None:
    stored(network, structures(structure("paysagistes-du-gue"), structure("atelier-du-canal")))


def row(code: str, name: str, department: str = "", since: str = "", continues: str = "") -> str:
    return f"{code};{name};EI;;hauts-de-france;{department};FR;;;;;{since};{continues}"


WITH_A_PAST: Final = f"{STRUCTURES};valable_du;predecesseur"


def fill_with_a_past(network: Network) -> None:
    first = row("atelier", "Scierie des Tilleuls (fictif)", "59")
    stored(network, table(WITH_A_PAST, first, row("autre", "Verger (fictif)", "62")))
    renamed = row("atelier", "Menuiserie Ternoise (fictif)", "59", "2024-01-01")
    later = table(WITH_A_PAST, renamed, row("neuf", "Ensemble bois (fictif)", "80", "", "atelier"))
    stored(network, later, comment="nouveau nom")


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("Lille", {"atelier": "Nord, chef-lieu Lille"}),
        ("pas-de-calais", {"autre": "Pas-de-Calais, chef-lieu Arras"}),
        ("aras", {"autre": "Pas-de-Calais, chef-lieu Arras"}),
        ("62", {"autre": "Pas-de-Calais"}),
        ("tilleuls", {"atelier": "auparavant Scierie des Tilleuls", "neuf": "continue Scierie des Tilleuls"}),
        ("scirie", {"atelier": "auparavant Scierie des Tilleuls", "neuf": "continue Scierie des Tilleuls"}),
        ("ternoise", {"atelier": "", "neuf": "continue Menuiserie Ternoise"}),
        ("verger", {"autre": ""}),
        ("chef-lieu", {}),
        ("auparavant", {}),
    ],
)
def test_a_place_a_former_name_and_the_name_of_what_it_continues_find_a_structure_and_the_list_says_why(
    filled_by: FilledBy, monkeypatch: pytest.MonkeyPatch, typed: str, lines: dict[str, str]
) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(filled_by(fill_with_a_past), clock=Clock(TODAY)))
    seen = look(visitor(), f"structure?recherche={typed}", "fr")
    entries = re.findall(r'<li><a href="/structure\?structure=(\w+)".*?</li>', seen.markup)
    assert set(entries) == set(lines)
    for code, line in lines.items():
        (entry,) = re.findall(rf'<li><a href="/structure\?structure={code}".*?</li>', seen.markup)
        why = re.findall(r'<span class="aside">(.*?)</span>', entry)
        assert [line in part for part in why] == [True] * bool(line), entry


@pytest.mark.parametrize(
    ("typed", "names", "says_so"),
    [("canal", {"atelier-du-canal"}, False), ("payasgistes", {"paysagistes-du-gue"}, True), ("zzzz", set(), False)],
)
def test_the_list_says_when_no_structure_has_these_words(
    filled_by: FilledBy, monkeypatch: pytest.MonkeyPatch, typed: str, names: set[str], says_so: bool
) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(filled_by(fill), clock=Clock(TODAY)))
    seen = look(visitor(), f"structure?recherche={typed}", "fr")
    assert {name for name in ("paysagistes-du-gue", "atelier-du-canal") if f"structure={name}" in seen.markup} == names
    assert ("ne porte exactement ces mots" in seen.text) == says_so
