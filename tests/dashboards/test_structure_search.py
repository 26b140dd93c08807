"""A structure is found by its words in any order, by a former name, and with an error of typing, which is told."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.access import AppState, set_app_state
from dashboards.app_pages.structure_search import SearchIndex
from dashboards.clock import Clock
from indicators.network import Network
from tests.builders import TODAY, stored, structure, structures
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
