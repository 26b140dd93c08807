"""The comparison page, run without a browser: what an address means, what is said where nothing can be compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.clock import Clock
from indicators.definitions.perimeters import fold_case_and_accents
from tests.builders import TODAY, measure, measures, stored, structure, structures

if TYPE_CHECKING:
    from collections.abc import Callable

    from indicators.network import Network

ROWS = re.compile(r'<tr><th scope="row">.*?</tr>', re.DOTALL)


def script() -> None:
    import streamlit as st

    from dashboards.access import LOCAL_ADMINISTRATOR, get_app_state
    from dashboards.app_pages.comparison import page as comparison
    from dashboards.app_pages.error_handling import render_safely
    from dashboards.app_pages.page_context import PageContext
    from dashboards.wording.translations import load_translator

    address = {name: st.query_params[name] for name in st.query_params}
    language = load_translator(address.get("lang", "fr"))
    render_safely(
        PageContext(get_app_state(), LOCAL_ADMINISTRATOR, language, get_app_state().today(), "comparer", address),
        comparison.render,
    )


def opened(network: Network, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return what opens the page at an address and gives back all that it says."""
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(network, clock=Clock(TODAY)))

    def look(**address: str) -> str:
        page = AppTest.from_function(script, default_timeout=120)
        for name, value in address.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception
        return "\n".join(str(block.proto.body) for block in page.get("html"))

    return look


@pytest.fixture
def look(demo: Network, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    return opened(demo, monkeypatch)


def names(html: str) -> list[str]:
    """Names of the rows of the tables, in their order."""
    return [re.sub("<[^>]+>", "", re.findall(r"<th.*?</th>", row)[0]) for row in ROWS.findall(html)]


def test_kinds_a_group_and_a_region_narrow_what_is_compared(look: Callable[..., str]) -> None:
    whole, kinds = names(look()), names(look(type="ACI,EI"))
    group = names(look(perimetre="groupe:groupe-des-trois-rives-fictif"))
    both = names(look(perimetre="region:hauts-de-france", groupe="groupe-des-trois-rives-fictif", type="EI"))
    assert set(kinds) < set(whole)
    assert set(both) < set(group) < set(whole)
    assert group == names(look(groupe="groupe-des-trois-rives-fictif"))
    assert all("Trois Rives" in name or "Canal" in name for name in group)


@pytest.mark.parametrize(
    ("address", "unknown"),
    [
        ({"type": "ACI,XYZ"}, "XYZ"),
        ({"groupe": "nulle-part"}, "nulle-part"),
        ({"perimetre": "region:nulle-part"}, "nulle-part"),
        ({"structure": "nulle-part"}, "nulle-part"),
        ({"periode": "1900-T1"}, "1900-T1"),
        ({"indicateur": "bonheur"}, "bonheur"),
    ],
)
def test_what_an_address_names_and_does_not_exist_is_a_sentence(
    look: Callable[..., str], address: dict[str, str], unknown: str
) -> None:
    html = look(**address)
    assert unknown in html
    assert "<table" not in html
    assert 'class="notice"' in html


def test_nobody_in_what_was_chosen_is_said_with_what_to_do(look: Callable[..., str]) -> None:
    chosen = {"groupe": "groupe-des-trois-rives-fictif", "type": "ECO"}
    for display in ("entonnoir", "matrice"):
        html = look(affichage=display, **chosen)
        assert "élargissez le périmètre" in html
        assert "<table" not in html


def test_an_indicator_of_hours_is_shown_without_a_reading(look: Callable[..., str]) -> None:
    html = look(indicateur="absenteeism_rate")
    assert "on ne peut pas dire ce que le hasard y change" in html
    assert len(names(html)) > 20
    assert not re.search(r"signal|à surveiller", "".join(ROWS.findall(html)))


def test_what_stays_inside_a_structure_is_not_shown_and_said_so(look: Callable[..., str]) -> None:
    html = look()
    assert "Part des femmes" in html
    assert "reste dans chaque structure" in html
    assert "RSA / RIS à l’entrée" not in html
    # An indicator of management alone is no choice: the address that names it shows the first that is one.
    assert "documentées" not in look(indicateur="undocumented_exit_rate")


def test_a_structure_looked_for_is_told_with_whom_it_welcomes_and_where_to_go(look: Callable[..., str]) -> None:
    html = look(structure="paysagistes-du-gue")
    assert "Paysagistes du Gué" in html
    for way in ("/structure?structure=paysagistes-du-gue", "/indicateur?", "affichage=petits-multiples"):
        assert way in html
    left_out = look(structure="cordages-de-l-estran")
    assert "Fermée avant la période" in left_out


def test_a_matrix_is_ordered_by_name_kind_region_or_reading_and_by_nothing_else(look: Callable[..., str]) -> None:
    by_name = names(look(affichage="matrice"))
    assert len(by_name) == 40
    orders = [names(look(affichage="matrice", ordre=order)) for order in ("type", "region", "employment_rate_6m")]
    assert all(sorted(order) == sorted(by_name) and order != by_name for order in orders)
    assert names(look(affichage="matrice", ordre="valeur")) == by_name
    kinds = [name.split()[-1] for name in orders[0]]
    assert kinds == sorted(kinds)


def test_a_cell_of_a_matrix_leads_to_the_indicator_of_its_structure(look: Callable[..., str]) -> None:
    html = look(affichage="matrice", pas="glissant")
    cells = re.findall(r'<td[^>]*>(?:<img[^>]*>)?<a href="/indicateur\?([^"]+)"[^>]*aria-label="([^"]+)"', html)
    assert len(cells) > 100
    assert all("structure=" in address and "indicateur=" in address for address, _ in cells)
    assert any("pas=glissant" in address for address, _ in cells)
    assert all(re.match("signal|à surveiller|ordinaire|moins de dix cas", label) for _, label in cells)


def test_peers_are_named_in_the_order_of_the_alphabet_with_why_they_are_peers(look: Callable[..., str]) -> None:
    html = look(affichage="petits-multiples", structure="paysagistes-du-gue")
    assert "même type (Entreprise d’insertion)" in html
    assert "en laisserait trop peu" in html
    peer_names = re.findall(r'<li class="small[^>]*><p><a [^>]*>([^<]+)</a>', html)
    assert peer_names == sorted(peer_names, key=fold_case_and_accents)
    assert len(peer_names) > 4
    assert "Choisissez une structure" in look(affichage="petits-multiples")
    other = look(affichage="petits-multiples", structure="paysagistes-du-gue", indicateur="serious_sanctions")
    assert "ne concerne pas" in other


def test_a_long_list_is_turned_page_by_page_and_says_where_one_is(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [f"s{n:03d}" for n in range(120)]
    stored(network, structures(*map(structure, codes)))
    stored(
        network,
        measures(*(measure(code, "2026-T3", "dynamic_exit_rate", 20 + n % 9, 40) for n, code in enumerate(codes))),
    )
    look = opened(network, monkeypatch)
    for display in ("entonnoir", "matrice"):
        first, last, beyond, wrong = (look(affichage=display, page=page) for page in ("1", "3", "99", "zut"))
        assert (len(names(first)), len(names(last))) == (50, 20)
        assert "1 à 50 sur 120" in first
        assert "101 à 120 sur 120" in last
        assert names(beyond) == names(last)
        assert names(wrong) == names(first)


def test_a_network_of_one_structure_compares_nobody_and_says_why(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(network, structures(structure("seule")))
    stored(network, measures(measure("seule", "2026-T3", "dynamic_exit_rate", 30, 60)))
    look = opened(network, monkeypatch)
    assert "il faut au moins deux structures" in look()
    assert "Seule à avoir un chiffre" in look()
    assert "il faut au moins deux structures" in look(affichage="matrice")
    assert "Aucune autre structure" in look(affichage="petits-multiples", structure="seule")


def test_figures_all_withheld_are_told_as_such_and_never_drawn(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(network, structures(*(structure(f"s{n}") for n in range(4))))
    stored(network, measures(*(measure(f"s{n}", "2026-T3", "dynamic_exit_rate", 2, 6) for n in range(4))))
    html = opened(network, monkeypatch)()
    assert "il faut au moins deux structures" in html
    assert "protège des personnes ou un autre chiffre" in html
    assert "<table" not in html


@pytest.mark.parametrize("display", ["entonnoir", "matrice", "petits-multiples"])
def test_every_display_speaks_english(look: Callable[..., str], display: str) -> None:
    html = re.sub("<[^>]+>", " ", look(lang="en", affichage=display, structure="paysagistes-du-gue"))
    assert not re.search(r"\b(structures semblables|par hasard|à surveiller|ordinaire|Lecture|type de)\b", html)
    assert "Compare" in html
