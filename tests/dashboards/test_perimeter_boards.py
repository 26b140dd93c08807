"""The boards of several structures: whose figures they show to whom, and what is kept apart on them.

Pages are drawn without a browser, for each role, as in `test_who_sees_what`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.clock import Clock
from dashboards.web.access_key import DemoAccess
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.roles import Grant, Role
from indicators.network import Network
from tests.builders import TODAY
from tests.dashboards.test_who_sees_what import look, script

CANAL, RIED, GUE = "atelier-du-canal", "depannage-du-ried", "paysagistes-du-gue"
CHOICE: Final = f"{CANAL},{RIED},{GUE}"
GROUP, CLOCKS = "groupe:groupe-des-trois-rives-fictif", "groupe:alliance-des-quatre-clochers-fictif"
REGION: Final = "region:ile-de-france"
MANAGEMENT: Final = "Actions dans les délais"
"""A tile that management alone has."""
ALERT: Final = "au-dessus de 50"


def grants(role: Role, *perimeters: str) -> tuple[Grant, ...]:
    return tuple(Grant(role, Perimeter.parse(code)) for code in perimeters)


PEOPLE: Final = {
    "visite": (),
    "delegation": grants(Role.DELEGATE, REGION),
    "direction": grants(Role.DIRECTOR, CANAL),
    "deux": grants(Role.DIRECTOR, CANAL, RIED),
    "trois": grants(Role.DIRECTOR, CANAL, RIED, GUE),
    "groupe": grants(Role.QUALITY, GROUP),
    "parti": grants(Role.DIRECTOR, "personne-ici", "groupe:nulle-part"),
    "clochers": grants(Role.QUALITY, CLOCKS),
    "": (Grant(Role.ADMINISTRATOR, NETWORK),),
}


@pytest.fixture(autouse=True)
def site(demo: Network) -> Iterator[AppState]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dashboards.access._app_state", None)
        state = AppState(demo, Clock(TODAY), DemoAccess(PEOPLE))
        set_app_state(state)
        yield state


@pytest.fixture(scope="module")
def reader() -> AppTest:
    return AppTest.from_function(script, default_timeout=120)


@pytest.mark.parametrize(
    ("address", "title", "members"),
    [
        ({"perimetre": "reseau"}, "Ensemble du réseau", 40),
        ({"perimetre": REGION}, "Région Île-de-France", 4),
        ({"perimetre": GROUP}, "Groupe des Trois Rives", 5),
        ({"perimetre": "type:AI"}, "Type « Association intermédiaire »", 5),
        ({"structures": CHOICE}, "Choix de 3 structures", 3),
        ({"structures": CHOICE, "nom": "Mes  trois"}, "Mes trois", 3),
    ],
)
def test_every_perimeter_has_a_board(reader: AppTest, address: dict[str, str], title: str, members: int) -> None:
    board = look(reader, "structure", personne="visite", **address)
    assert title in board
    assert "Sorties dynamiques" in board
    assert "Remise des chiffres" in board
    assert "Un chiffre, structure par structure" in board
    assert members > 40 or f"{members} structures, par ordre alphabétique" in board


def test_a_choice_of_one_structure_is_its_own_board(reader: AppTest) -> None:
    assert look(reader, "structure", structures=CANAL) == look(reader, "structure", structure=CANAL)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"perimetre": "region:nulle-part"}, "Aucun périmètre ne s’appelle"),
        ({"structures": f"{CANAL},personne-ici"}, "Aucune structure ne porte le code « personne-ici »"),
        ({"structures": ",".join(map(str, range(50)))}, "Un choix ne réunit pas tant de structures (au plus 40)"),
        ({"structures": ","}, "Réunir plusieurs structures"),
    ],
)
def test_a_perimeter_that_does_not_exist_is_said_and_a_choice_to_make_is_offered(
    reader: AppTest, address: dict[str, str], sentence: str
) -> None:
    assert sentence in look(reader, "structure", **address)


@pytest.mark.parametrize(
    ("address", "managed_by"),
    [
        ({"perimetre": GROUP}, {"groupe", ""}),
        ({"perimetre": REGION}, {""}),
        ({"perimetre": "reseau"}, {""}),
        ({"perimetre": "type:ACI"}, {""}),
        ({"structures": CHOICE}, {"trois", ""}),
        ({"structures": f"{CANAL},{RIED}"}, {"deux", "trois", ""}),
    ],
)
def test_management_figures_are_for_whom_manages_all_of_the_board(
    reader: AppTest, address: dict[str, str], managed_by: set[str]
) -> None:
    seen = {name for name in PEOPLE if MANAGEMENT in look(reader, "structure", vue="gestion", personne=name, **address)}
    assert seen == managed_by


def test_what_a_choice_shows_is_what_each_of_its_structures_shows_the_reader(reader: AppTest, demo: Network) -> None:
    board = look(reader, "structure", personne="direction", vue="gestion", structures=CHOICE)
    assert (
        board.partition("Sorties en emploi durable")[0]
        == (
            look(reader, "structure", personne="direction", structures=CHOICE).partition("Sorties en emploi durable")[0]
        )
    ), "who manages one of three reads the public's figures of all of them"
    # Of three structures, the one whose figure is withheld is not in the sum, and the tile says how many are.
    dynamic = board.partition("Sorties dynamiques")[2].partition("Sorties en emploi durable")[0]
    assert "39 sorties sur 81" in dynamic
    assert "2 structures concernées sur 3" in dynamic
    contributions = board.partition("Taux de sorties dynamiques, par structure")[2]
    assert "26 sorties sur 52" in contributions
    assert "13 sorties sur 29" in contributions
    assert "non publié" in contributions.partition("Dépannage du Ried")[2].partition("Paysagistes")[0]


def test_who_is_late_is_named_for_whom_it_concerns_only(reader: AppTest, demo: Network) -> None:
    quarter = {"perimetre": REGION, "periode": "2026-T3"}
    names = {name: look(reader, "structure", personne=name, **quarter) for name in ("visite", "delegation", "groupe")}
    for name, board in names.items():
        deliveries = board.partition("Remise des chiffres")[2].partition("Un chiffre, structure par structure")[0]
        assert "3 structures sur 4 ont remis" in deliveries
        assert ("en retard" in deliveries or "incomplet" in deliveries) is (name == "delegation")
        assert ("Suivre la collecte" in deliveries) is (name == "delegation")


@pytest.mark.parametrize(
    ("perimeter", "names"),
    [("reseau", {""}), (REGION, {"delegation", ""}), (GROUP, {""})],
)
def test_signals_of_a_board_are_named_for_whom_may_compare_there(
    reader: AppTest, perimeter: str, names: set[str]
) -> None:
    address = {"perimetre": perimeter, "indicateur": "fte_realised", "periode": "2026-T3"}
    listed = {name for name in PEOPLE if "dans l’ordre des noms" in look(reader, "structure", personne=name, **address)}
    assert listed == names
    assert "signal" in look(reader, "structure", personne="visite", **address)


def test_an_alert_is_shown_on_the_boards_concerned_to_whom_sees_the_figure(reader: AppTest) -> None:
    own, quarter = "construction-des-quatre-clochers", {"vue": "gestion"}
    for perimeter in ({"structure": own}, {"perimetre": CLOCKS}, {"structures": f"{own},{CANAL}"}):
        for name in ("visite", "clochers", "groupe"):
            board = look(reader, "structure", personne=name, **quarter, **perimeter)
            sees = name == "clochers"
            assert (ALERT in board) is sees, (perimeter, name)
    assert ALERT not in look(reader, "structure", personne="clochers", perimetre=CLOCKS), "the public view"


def test_an_indicator_of_several_formulas_is_kept_apart_by_formula(reader: AppTest) -> None:
    group = look(reader, "structure", perimetre=GROUP)
    assert group.count("Attestations de compétences") == 2
    assert "Pour ACI, EI : les autres types comptent autrement" in group
    assert "Pour AI, ETTI : les autres types comptent autrement" in group
    # One formula alone is a figure like any other.
    assert look(reader, "structure", perimetre=CLOCKS).count("Attestations de compétences") == 1
    kind = look(reader, "structure", perimetre="type:ACI")
    assert "comptent autrement" not in kind
    assert "formules différentes" not in kind


def test_a_choice_is_looked_at_indicator_by_indicator_too(reader: AppTest) -> None:
    sheet = look(reader, "indicateur", indicateur="dynamic_exit_rate", perimetre=f"choix:{CHOICE}", personne="visite")
    assert "Tableau de bord : choix de 3 structures" in sheet
    assert "39 sorties sur 81" in sheet


def test_boards_are_linked_from_the_list_the_network_a_structure_and_an_indicator(reader: AppTest) -> None:
    def links(path: str, **address: str) -> str:
        look(reader, path, **address)
        return " ".join(str(block.proto.body) for block in reader.get("html"))

    region = "/structure?perimetre=region:hauts-de-france"
    assert region in links("structure", personne="visite")
    assert "/structure?perimetre=type:ACI" in links("structure", personne="visite")
    assert region in links("", personne="visite")
    assert "/structure?perimetre=reseau" in links("", personne="visite")
    board = links("structure", structure=CANAL)
    assert region in board
    assert f"/structure?perimetre={GROUP}" in board
    of_region = {"indicateur": "dynamic_exit_rate", "perimetre": "region:hauts-de-france"}
    assert region in links("indicateur", **of_region)
    assert "/structure?perimetre=region:ile-de-france" in links("suivi", personne="delegation")


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("delegation", "Région Île-de-France, au T3 2026"),
        ("direction", "Atelier du Canal"),
        ("groupe", "Groupe des Trois"),
    ],
)
def test_the_page_of_the_network_begins_with_the_reader_s_own_part_of_it(
    reader: AppTest, name: str, first: str
) -> None:
    page = look(reader, "", personne=name)
    own = page.partition("L’essentiel")[0]
    assert first in own
    assert "Sorties dynamiques" in own
    assert "Suivre la collecte" in own
    assert page.index(first) < page.index("L’essentiel")


@pytest.mark.parametrize("name", ["visite", "parti", ""])
def test_whoever_has_no_part_of_their_own_begins_with_the_network(reader: AppTest, name: str) -> None:
    assert "Suivre la collecte" not in look(reader, "", personne=name)


def test_the_page_of_the_network_opens_on_a_rate_that_most_regions_show(reader: AppTest, demo: Network) -> None:
    look(reader, "", personne="visite")
    chosen = next(box for box in reader.selectbox if box.label == "Indicateur")
    assert chosen.value == "absenteeism_rate", "all thirteen regions show it, in all quarters"


def test_no_map_is_drawn_of_gaps_and_the_others_stand_together(reader: AppTest) -> None:
    def drawn(indicator: str) -> tuple[str, int]:
        page = look(reader, "", personne="visite", indicateur=indicator)
        return page, len([*reader.get("arrow_vega_lite_chart"), *reader.get("vega_lite_chart")])

    page, charts = drawn("work_accident_frequency")
    assert charts == 1
    regions = page.partition("Ce que chaque région compte")[2].partition("Signaux")[0]
    assert "Pas de carte" in regions
    assert "11 autres régions, ensemble" in regions
    assert "Normandie" in regions
    assert "Bretagne" not in regions
    page, charts = drawn("absenteeism_rate")
    assert charts == 2
    assert "Pas de carte" not in page


@pytest.mark.parametrize("level", [Level.REGION, Level.GROUP, Level.KIND])
def test_every_board_of_every_level_is_drawn(reader: AppTest, demo: Network, level: Level) -> None:
    with demo.snapshot() as snapshot:
        perimeters = [one for one in snapshot.structures.members_by_perimeter if one.level is level]
    for perimeter in perimeters:
        assert "Remise des chiffres" in look(reader, "structure", perimetre=perimeter.code, personne="visite")
