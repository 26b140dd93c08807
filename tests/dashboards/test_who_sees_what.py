"""Every role on every page: which pages exist for it, whose management figures it sees, and whom it follows up.

Whom a reader of the demonstration chooses to be is one way to have a role; what a role gives does not depend on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from dashboards.access import PUBLIC_VISITOR, AppState, set_app_state
from dashboards.app_pages import page_context
from dashboards.app_pages import structure as board_page
from dashboards.app_pages.registry import PAGES
from dashboards.clock import Clock
from dashboards.commands.serve import read_demo_people
from dashboards.components import chart_cache
from dashboards.components.banners import banners_html
from dashboards.web.access_key import DemoAccess, PublicAccess
from dashboards.web.asgi import AccessMiddleware
from dashboards.wording.translations import load_translator
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.roles import Grant, Role
from indicators.network import Network
from tests.builders import TODAY

OWN, SAME_GROUP, OTHER = "atelier-du-canal", "interim-des-trois-rives", "paysagistes-du-gue"
REGION, GROUP = "region:hauts-de-france", "groupe:groupe-des-trois-rives-fictif"
PERIMETERS: Final = {
    "structure": Perimeter.parse(OWN),
    "groupe": Perimeter.parse(GROUP),
    "region": Perimeter.parse(REGION),
}
PEOPLE: Final = {
    "visite": (),
    **{f"{role}-{name}": (Grant(role, where),) for role in Role for name, where in PERIMETERS.items()},
    "administration": (Grant(Role.ADMINISTRATOR, NETWORK),),
}
EVERYBODY: Final = set(PEOPLE)
MEMBERS: Final = EVERYBODY - {"visite"}
MANAGERS: Final = {name for name in MEMBERS if not name.startswith("delegate")}
"""Delegates see what is for management where their network says so alone."""
PAGES_OF: Final = {
    "": EVERYBODY,
    "structure": EVERYBODY,
    "catalogue": EVERYBODY,
    "indicateur": EVERYBODY,
    "protection": EVERYBODY,
    "comparer": {name for name in PEOPLE if name.startswith(("delegate", "administrat"))},
    "suivi": MEMBERS,
    "bureau": MEMBERS,
    "deposer": {name for name in PEOPLE if name.startswith(("administrat", "depositor"))},
    "provenance": EVERYBODY,
    "journal": {name for name in PEOPLE if name.startswith("administrat")},
    "membres": {name for name in PEOPLE if name.startswith("administrat")},
    "collectes": MEMBERS,
    **dict.fromkeys(("actions", "plan", "participation", "instances", "revue"), MANAGERS),
}
"""The people for whom each page exists, written down by hand: a page that is not here fails."""
MANAGEMENT: Final = "action_on_time_rate"
"""An indicator for management only."""
SHEET: Final = {"indicateur": MANAGEMENT, "structure": OWN}


@pytest.fixture(autouse=True)
def everybody(demo: Network) -> Iterator[AppState]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dashboards.access._app_state", None)
        state = AppState(demo, Clock(TODAY), DemoAccess(PEOPLE))
        set_app_state(state)
        yield state


def script() -> None:
    import streamlit as st

    from dashboards.access import get_app_state
    from dashboards.app_pages.error_handling import render_safely
    from dashboards.app_pages.page_context import PageContext
    from dashboards.app_pages.registry import pages_for
    from dashboards.wording.translations import load_translator

    address = {name: st.query_params[name] for name in st.query_params}
    path = address.pop("at")
    state = get_app_state()
    who = state.visitor({}, address)
    page = next(one for one in pages_for(who) if one.path == path)
    context = PageContext(state, who, load_translator("fr"), state.today(), path, address)
    render_safely(context, page.render)


@pytest.fixture(scope="module")
def reader() -> AppTest:
    return AppTest.from_function(script, default_timeout=120)


def look(reader: AppTest, path: str, **address: str) -> str:
    """Return what a page says, choices and buttons included."""
    reader.query_params.clear()
    for name, value in {"at": path, **address}.items():
        reader.query_params[name] = value
    reader.run()
    assert not reader.exception, [error.message for error in reader.exception]
    written = [str(block.proto.body) for block in reader.get("html")]
    offered = [part for box in reader.selectbox for part in (box.label, *box.options)]
    switches = [option.content for group in reader.get("button_group") for option in group.proto.options]
    return re.sub(r"<[^>]+>", " ", " ".join([*written, *offered, *switches])).replace("\xa0", " ")


def test_the_table_names_every_page() -> None:
    assert {page.path for page in PAGES} == set(PAGES_OF)


@pytest.mark.parametrize("path", PAGES_OF)
def test_a_page_exists_for_whom_the_table_names_and_for_nobody_else(path: str) -> None:
    client = TestClient(AccessMiddleware(Starlette()))
    found = {name for name in PEOPLE if client.get(f"/{path}?personne={name}").status_code == 200}
    assert found == PAGES_OF[path]


@pytest.mark.parametrize("name", ["nobody", "visite ", "Administration", "administration%00"])
def test_a_person_whom_the_demonstration_does_not_know_has_no_role(name: str) -> None:
    client = TestClient(AccessMiddleware(Starlette()))
    assert client.get(f"/deposer?personne={name}").status_code == 404


def test_the_address_gives_no_role_on_any_other_site(demo: Network) -> None:
    set_app_state(AppState(demo, Clock(TODAY), PublicAccess()))
    client = TestClient(AccessMiddleware(Starlette()))
    assert client.get("/suivi?personne=administration").status_code == 404
    assert client.put("/_stcore/upload_file/a/b?personne=administration").status_code == 403


@pytest.mark.parametrize("name", ["visite", "director-structure", "quality-region", "delegate-region"])
@pytest.mark.parametrize("path", ["/_stcore/upload_file/a/b", "/_stcore/metrics", "/_stcore/agent"])
def test_inner_addresses_are_the_administrators(name: str, path: str) -> None:
    client = TestClient(AccessMiddleware(Starlette()))
    assert client.put(f"{path}?personne={name}").status_code == 403
    assert client.put(f"{path}?personne=administration").status_code != 403


SEES: Final = {
    "visite": set(),
    "director-structure": {OWN},
    "quality-groupe": {OWN, SAME_GROUP},
    "depositor-region": {OWN, SAME_GROUP},
    "delegate-region": set(),
    "administration": {OWN, SAME_GROUP, OTHER},
}


@pytest.mark.parametrize("name", SEES)
def test_management_figures_are_shown_of_the_own_perimeter_whatever_the_address_asks(
    reader: AppTest, name: str
) -> None:
    for structure in (OWN, SAME_GROUP, OTHER):
        chosen = {"structure": structure, "vue": "gestion", "personne": name}
        board = look(reader, "structure", **chosen)
        sheet = look(reader, "indicateur", indicateur=MANAGEMENT, **chosen)
        sees = structure in SEES[name]
        assert ("Actions dans les délais" in board) is sees, structure
        assert ("Vue de gestion" in board) is sees, structure
        assert ("Vue de gestion" in sheet) is sees, structure
        assert bool(reader.get("arrow_vega_lite_chart") or reader.get("vega_lite_chart")) is sees, structure


@pytest.mark.parametrize(
    ("name", "perimeter", "sees"),
    [
        ("quality-groupe", GROUP, True),
        ("quality-groupe", REGION, False),
        ("director-region", REGION, True),
        ("director-region", "reseau", False),
        ("director-region", "type:ACI", False),
        ("delegate-region", REGION, False),
        ("administration", "reseau", True),
    ],
)
def test_totals_are_managements_where_the_role_is_on_that_very_perimeter(
    reader: AppTest, name: str, perimeter: str, sees: bool
) -> None:
    sheet = look(reader, "indicateur", indicateur=MANAGEMENT, perimetre=perimeter, vue="gestion", personne=name)
    assert ("Vue de gestion" in sheet) is sees


def test_a_director_is_compared_with_what_the_public_sees_of_others(reader: AppTest, everybody: AppState) -> None:
    """No figure of the network's own tier comes by way of a reference, a decile or a list of signals."""
    from dashboards.app_pages.page_context import PageContext
    from dashboards.wording.translations import load_translator
    from indicators.definitions.catalogue import Audience

    address = {"vue": "gestion", "personne": "director-structure"}
    with everybody.network.snapshot() as snapshot:
        who = everybody.visitor({}, address)
        context = PageContext(everybody, who, load_translator("fr"), TODAY, "structure", address)
        own = context.about(Perimeter.parse(OWN), snapshot).query(snapshot)
    assert (own.audience, own.of_peers.audience) == (Audience.MANAGEMENT, Audience.PUBLIC)
    board = look(reader, "structure", structure=OWN, **address)
    cap = next(part for part in board.split("Auto-évaluation (Cap)")[1:])
    assert "réseau" not in cap.split("Points")[0].replace("réservé au réseau", ""), "no reference of a network figure"
    assert "Tous les indicateurs" not in look(reader, "", **address), "the list of all signals is of the network's tier"


@pytest.mark.parametrize(
    ("name", "followed"),
    [
        ("director-structure", {OWN}),
        ("delegate-groupe", {OWN, SAME_GROUP}),
        ("delegate-region", {OWN, SAME_GROUP}),
        ("administration", {OWN, SAME_GROUP, OTHER}),
    ],
)
def test_a_collection_is_followed_in_the_own_perimeter(
    reader: AppTest, everybody: AppState, name: str, followed: set[str]
) -> None:
    with everybody.network.snapshot() as snapshot:
        names = {code: snapshot.structures[code].name for code in (OWN, SAME_GROUP, OTHER)}
    page = look(reader, "suivi", personne=name)
    assert {code for code in names if names[code] in page} == followed


@pytest.mark.parametrize("perimeter", ["reseau", "region:bretagne", OTHER, "type:ACI", "groupe:nulle-part"])
def test_a_collection_elsewhere_is_not_followed_whatever_the_address_asks(
    reader: AppTest, everybody: AppState, perimeter: str
) -> None:
    page = look(reader, "suivi", personne="delegate-region", perimetre=perimeter)
    with everybody.network.snapshot() as snapshot:
        assert [one.name for one in snapshot.structures.by_id.values() if one.name in page] == []


def test_the_late_come_first_and_no_figure_orders_the_list(reader: AppTest) -> None:
    page = look(reader, "suivi", personne="administration", periode="2026-T3")
    states = re.findall(r"\b(en retard|incomplet|complet)\b", page.partition("Dernier dépôt")[2])
    assert states == sorted(states, key=["en retard", "incomplet", "complet"].index)
    assert set(states) == {"en retard", "incomplet", "complet"}


@pytest.mark.parametrize(
    ("path", "address", "first", "then"),
    [
        ("structure", {"structure": OWN, "vue": "gestion"}, "administration", "director-structure"),
        ("structure", {"structure": OTHER, "vue": "gestion"}, "director-structure", "visite"),
        ("structure", {"structure": OWN}, "director-structure", "visite"),
        ("comparer", {}, "administration", "delegate-region"),
        ("comparer", {"affichage": "matrice"}, "administration", "delegate-region"),
        ("", {}, "administration", "visite"),
        (
            "indicateur",
            {"indicateur": MANAGEMENT, "structure": OWN, "vue": "gestion"},
            "administration",
            "quality-groupe",
        ),
    ],
)
def test_nothing_that_is_kept_of_one_reader_is_shown_to_another(
    reader: AppTest, everybody: AppState, path: str, address: dict[str, str], first: str, then: str
) -> None:
    def sent(name: str) -> list[str]:
        look(reader, path, **address, personne=name)
        charts = [block.proto for kind in ("arrow_vega_lite_chart", "vega_lite_chart") for block in reader.get(kind)]
        return [str(block.proto.body) for block in reader.get("html")] + [str(chart) for chart in charts]

    def forget() -> None:
        everybody.network._version_caches.clear()
        board_page._PUBLIC_BOARDS._answers.clear()
        chart_cache._render_cached.cache_clear()
        chart_cache._render_large_cached.cache_clear()

    forget()
    theirs = sent(then)
    forget()
    sent(first)
    assert sent(then) == theirs


def test_a_demonstration_that_holds_something_real_does_not_say_that_all_is_invented(demo: Network) -> None:
    state = AppState(demo, Clock(TODAY), DemoAccess(read_demo_people()))
    context = page_context.PageContext(state, PUBLIC_VISITOR, load_translator("fr"), TODAY, "", {})
    invented = banners_html(context, None, is_fictitious=True, right=None)
    assert "personne=visite" not in invented, "who reads it is the visitor"
    assert "personne=direction" in invented
    real = banners_html(context, None, is_fictitious=False, right=None)
    assert "Démonstration" not in real
    assert "personne=" not in real
