"""The comparison page, run without a browser: what an address means, what is said where nothing can be compared."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl
import pytest
import python_calamine
from streamlit.testing.v1 import AppTest

from dashboards.access import LOCAL_ADMINISTRATOR, AppState, set_app_state
from dashboards.clock import Clock
from dashboards.web.access_key import DemoAccess
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
    set_app_state(AppState(network, Clock(TODAY), DemoAccess({"": LOCAL_ADMINISTRATOR.grants})))

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


CELL_LINK = re.compile(
    r'(?P<sign><img[^>]*>)?<a href="/indicateur\?(?P<address>[^"]+)" target="_self" tabindex="(?P<stop>-?\d)"'
    r' aria-label="(?P<name>[^"]+)">(?P<value>[^<]+)</a>(?P<word> signal| à surveiller)?'
)
"""A cell of a matrix with a figure."""


def test_a_cell_of_a_matrix_shows_the_value_beside_its_sign_and_leads_to_the_indicator_of_its_structure(
    look: Callable[..., str], demo: Network
) -> None:
    html = look(affichage="matrice", pas="glissant")
    cells = [found.groupdict() for found in CELL_LINK.finditer(html)]
    assert len(cells) > 100
    assert all("structure=" in cell["address"] and "indicateur=" in cell["address"] for cell in cells)
    assert any("pas=glissant" in cell["address"] for cell in cells)
    for cell in cells:
        assert re.fullmatch(r"\d+,\d\u202f?\xa0?%", cell["value"]), cell
        assert cell["name"].startswith(f"{cell['value']}, ")
        reading = cell["name"].removeprefix(f"{cell['value']}, ").split(" – ")[0]
        assert re.fullmatch("(signal|à surveiller), au-(dessus|dessous)|ordinaire|moins de dix cas", reading)
        assert cell["sign"]
        assert (cell["word"] or "").strip() == (reading.split(",")[0] if "," in reading else "")
    # The value is the one that the funnel of its indicator shows.
    one = next(cell for cell in cells if cell["word"])
    address = dict(part.split("=") for part in one["address"].replace("&amp;", "&").split("&"))
    funnel = look(pas="glissant", indicateur=address["indicateur"])
    name = demo_name(demo, address["structure"])
    row = next(row for row in ROWS.findall(funnel) if name in row)
    assert one["value"] in row


def demo_name(demo: Network, structure: str) -> str:
    with demo.snapshot() as snapshot:
        return snapshot.structures[structure].name


def test_a_matrix_is_one_stop_of_tab(look: Callable[..., str]) -> None:
    html = look(affichage="matrice")
    matrix = html[html.index('<div class="matrix">') : html.index("</table>")]
    stops = re.findall(r'tabindex="0"', matrix)
    links = re.findall(r"<a [^>]*>", matrix)
    assert len(stops) == 1
    assert len(links) > 100
    assert 'tabindex="0"' in links[0]
    assert all('tabindex="-1"' in link for link in links[1:])


def test_a_matrix_is_taken_away_whole_with_the_figures_of_the_page_and_why_there_is_none(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [f"s{n:03d}" for n in range(60)]
    stored(network, structures(*map(structure, codes)))
    rows = [measure(code, "2026-T3", "dynamic_exit_rate", 20 + n % 9, 40) for n, code in enumerate(codes[:-1])]
    stored(network, measures(*rows, measure(codes[0], "2026-T3", "undocumented_exit_rate", 3, 40)))
    files: dict[str, bytes] = {}

    def record(label: str, data: Callable[[], bytes], file_name: str, *args: object, **options: object) -> bool:
        files[file_name] = data()
        return False

    monkeypatch.setattr("streamlit.download_button", record)
    html = opened(network, monkeypatch)(affichage="matrice", page="2")
    assert files.keys() == {"matrice-reseau-2026-T3.csv", "matrice-reseau-2026-T3.xlsx"}
    written = pl.read_csv(files["matrice-reseau-2026-T3.csv"], separator=";", decimal_comma=True)
    assert set(written["indicateur"]) == {"dynamic_exit_rate"}
    assert written["structure"].to_list() == codes, "all of them, not those of the page alone"
    shown = {found["address"].split("structure=")[1][:4]: found["value"] for found in CELL_LINK.finditer(html)}
    assert len(shown) == 9
    for row in written.filter(pl.col("structure").is_in(shown)).iter_rows(named=True):
        assert shown[row["structure"]].startswith(f"{row['valeur']:.1f}".replace(".", ","))
    absent = written.row(-1, named=True)
    assert (absent["valeur"], absent["numerateur"], absent["denominateur"]) == (None, None, None)
    assert absent["lecture"] == "pas de chiffre"
    header, *lines = (
        python_calamine.load_workbook(BytesIO(files["matrice-reseau-2026-T3.xlsx"])).get_sheet_by_index(0).to_python()
    )
    assert header == written.columns
    assert [line[header.index("valeur")] or None for line in lines] == written["valeur"].to_list()


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
