"""The period, the language and the view of an address go along every link of every page; each link leads somewhere."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import page_script
from dashboards.access import LOCAL_ADMINISTRATOR, PUBLIC_VISITOR, AppState, Visitor, set_app_state
from dashboards.app_pages.page_context import PageContext
from dashboards.clock import Clock
from dashboards.wording.translations import load_translator
from indicators.network import Network
from tests.builders import TODAY
from tests.dashboards.test_poor_networks import Seen, look, visitor

QUARTER: Final = "2025-T4"
KEPT: Final = {"periode": QUARTER, "lang": "en", "vue": "gestion"}
EXITS: Final = "dynamic_exit_rate"
STARTS: Final = (
    "",
    "structure",
    "structure?structure=atelier-du-canal",
    "catalogue",
    f"indicateur?indicateur={EXITS}&structure=atelier-du-canal",
    f"indicateur?indicateur={EXITS}&pas=annee-scolaire",
    "indicateur",
    "indicateur?indicateur=no_such_indicator",
    f"comparer?indicateur={EXITS}&structure=atelier-du-canal",
    "comparer?affichage=matrice",
    f"comparer?affichage=petits-multiples&indicateur={EXITS}&structure=atelier-du-canal",
    "deposer?structure=atelier-du-canal",
)
"""An address of each page, and of each display of it."""
HREF: Final = re.compile(r'<a href="(/[^"]*)"')


@pytest.fixture(scope="module")
def opened(demo: Network) -> Iterator[AppTest]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dashboards.access._app_state", None)
        set_app_state(AppState(demo, clock=Clock(TODAY)))
        yield visitor()


def see(page: AppTest, address: str) -> Seen:
    joined = "&".join(f"{name}={value}" for name, value in KEPT.items() if name != "lang")
    return look(page, f"{address}{'&' if '?' in address else '?'}{joined}", KEPT["lang"])


def links(seen: Seen) -> set[str]:
    """Return the addresses of pages to which what is shown leads, by its links and by the points of its charts."""
    found = {html.unescape(address) for address in HREF.findall(seen.markup)}
    found |= {row["way"] for row in seen.rows if row.get("way")}
    # The points of a funnel make their address from the code of their structure.
    for spec in seen.charts:
        for way in re.findall(r'"calculate": "(\\"/.*?\\") \+ datum\.id"', json.dumps(spec)):
            found.add(json.loads(json.loads(f'"{way}"')) + "atelier-du-canal")
    # Where a figure comes from is of the figure's own period.
    return {address for address in found if not address.startswith(("/api/", "/provenance"))}


def chosen(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.mark.parametrize("start", STARTS)
def test_every_link_of_every_page_keeps_the_period_the_language_and_the_view(opened: AppTest, start: str) -> None:
    seen = see(opened, start)
    lost = {
        address: name
        for address in links(seen)
        for name, value in KEPT.items()
        if chosen(address).get(name) != value
    }  # fmt: skip
    assert lost == {}


def test_every_kind_of_address_that_is_linked_to_shows_that_period(opened: AppTest) -> None:
    waiting = {address for start in STARTS for address in links(see(opened, start))}
    looked_at: set[tuple[str, frozenset[str]]] = set()
    for address in sorted(waiting):
        path, names = urlsplit(address).path, frozenset(chosen(address))
        if (path, names) in looked_at or path == "/deposer":
            continue
        looked_at.add((path, names))
        own = "&".join(f"{name}={value}" for name, value in chosen(address).items() if name not in KEPT)
        seen = see(opened, f"{path[1:]}?{own}" if own else path[1:])
        assert "Q4 2025" in seen.text or path in {"/catalogue", "/protection"}, address
        assert "Q3 2026" not in re.sub(r"<option.*?</option>", "", seen.markup), address
    assert len(looked_at) >= 6


def test_a_map_s_tiles_and_a_funnel_s_points_lead_to_the_region_and_to_the_structure(opened: AppTest) -> None:
    regions = {row["way"] for row in see(opened, "").rows if row.get("way")}
    assert {chosen(address)["perimetre"].split(":")[0] for address in regions} == {"region"}
    funnel = links(see(opened, f"comparer?indicateur={EXITS}"))
    assert any(urlsplit(address).path == "/structure" and "atelier-du-canal" in address for address in funnel)


@pytest.mark.parametrize(("who", "kept"), [(LOCAL_ADMINISTRATOR, KEPT), (PUBLIC_VISITOR, {**KEPT, "vue": None})])
def test_the_menu_keeps_them_too_and_the_public_has_no_view_to_keep(
    demo: Network, who: Visitor, kept: dict[str, str | None]
) -> None:
    visit = PageContext(AppState(demo, clock=Clock(TODAY)), who, load_translator("en"), TODAY, "", KEPT)
    assert {name: visit.carried_params().get(name) for name in KEPT} == kept
    assert "carried_params" in page_script._render_header.__code__.co_names, "the menu takes what a visit keeps"


@pytest.mark.parametrize(("written", "kept"), [("2025-T4", "2025-T4"), ("2025", "2025"), ("hier", None), ("", None)])
def test_what_is_no_period_does_not_go_along(demo: Network, written: str, kept: str | None) -> None:
    visit = PageContext(
        AppState(demo, clock=Clock(TODAY)), PUBLIC_VISITOR, load_translator("fr"), TODAY, "", {"periode": written}
    )
    assert chosen(visit.link("structure", structure="x")).get("periode") == kept


def test_a_link_may_name_another_period(demo: Network) -> None:
    visit = PageContext(
        AppState(demo, clock=Clock(TODAY)), PUBLIC_VISITOR, load_translator("fr"), TODAY, "", dict(KEPT)
    )
    assert chosen(visit.link("structure", periode="2024-T1"))["periode"] == "2024-T1"
    assert "periode" not in chosen(visit.link("structure", periode=None))
