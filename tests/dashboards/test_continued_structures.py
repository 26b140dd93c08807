"""A structure that continues another: its page draws the other's figures apart, for their own reader, and both link."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Final

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import LOCAL_ADMINISTRATOR, AppState, set_app_state
from dashboards.clock import Clock
from dashboards.web.access_key import DemoAccess
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.roles import Grant, Role
from indicators.network import Network
from tests.builders import STRUCTURES, TODAY, measure, measures, stored, structure, structures, table
from tests.conftest import FilledBy
from tests.dashboards.test_poor_networks import Seen, flat, look, visitor
from tests.dashboards.test_who_sees_what import script

EXITS: Final = "dynamic_exit_rate"
MANAGED: Final = "undocumented_exit_rate"
"""An indicator for management alone."""
SHEET: Final = f"indicateur?indicateur={EXITS}&structure=neuf"
OLD_QUARTERS: Final = ("2024-T4", "2025-T1", "2025-T2", "2025-T3", "2025-T4")
NEW_QUARTERS: Final = ("2026-T1", "2026-T2", "2026-T3")
PEOPLE: Final = {
    "neuf": (Grant(Role.DIRECTOR, Perimeter.parse("neuf")),),
    "les-deux": tuple(Grant(Role.DIRECTOR, Perimeter.parse(code)) for code in ("neuf", "ancien")),
}


def fill(network: Network) -> None:
    stored(network, structures(structure("ancien", closed="2025-12-31"), structure("voisin")))
    old = [measure("ancien", quarter, EXITS, 31 + place, 60) for place, quarter in enumerate(OLD_QUARTERS)]
    hidden = measure("ancien", "2025-T1", EXITS, 2, 6)
    old = [row if ";2025-T1;" not in row else hidden for row in old]
    old += [measure("ancien", quarter, MANAGED, 7, 60) for quarter in OLD_QUARTERS if quarter != "2025-T1"]
    stored(network, measures(*old))
    stored(network, table(f"{STRUCTURES};predecesseur", f"{structure('neuf', opened='2026-01-01')};ancien"))
    new = [measure("neuf", quarter, EXITS, 41 + place, 60) for place, quarter in enumerate(NEW_QUARTERS)]
    new += [measure("neuf", quarter, MANAGED, 9, 60) for quarter in NEW_QUARTERS]
    stored(network, measures(*new))


@pytest.fixture
def network(filled_by: FilledBy) -> Network:
    """A structure closed at the end of 2025 and the one that continues it since."""
    return filled_by(fill)


@pytest.fixture(autouse=True)
def site(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(network, Clock(TODAY), DemoAccess({"": LOCAL_ADMINISTRATOR.grants})))


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """The files that a page offers, by name."""
    found: dict[str, Callable[[], bytes]] = {}

    def record(label: str, data: Callable[[], bytes], file_name: str, *args: object, **options: object) -> bool:
        found[file_name] = data
        return False

    monkeypatch.setattr("streamlit.download_button", record)
    return found


def table_rows(seen: Seen) -> list[list[str]]:
    return [
        [flat(re.sub("<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", seen.markup)
    ]


def test_the_chart_is_drawn_on_from_the_figures_of_the_predecessor_and_says_whose_they_are() -> None:
    seen = look(visitor(), SHEET, "fr")
    sentence = "Avant le 1er janvier 2026, les chiffres sont ceux d’une autre structure"
    sentence += ", que celle-ci continue : Ancien (fictif)."
    (chart,) = seen.charts
    assert sentence in flat(chart["description"])
    assert sentence in flat(" ".join(chart["title"]["subtitle"]))
    assert sentence in seen.text
    assert f"/indicateur?indicateur={EXITS}&amp;structure=ancien" in seen.markup
    points = {row["period"]: flat(row["told"]) for row in seen.rows if row.get("told") and "(Ancien" in row["told"]}
    assert list(points) == list(OLD_QUARTERS)
    assert points["2025-T4"] == "T4 2025 : 58,3 % (Ancien (fictif))"
    assert points["2025-T1"] == "T1 2025 : non publié (Ancien (fictif))"
    # The mean of a control chart is that of the structure's own quarters.
    own = [row for row in seen.rows if row.get("mean") is not None]
    assert {row["period"] for row in own} == set(NEW_QUARTERS)


def test_table_and_file_say_from_which_structure_each_figure_comes(files: dict[str, Callable[[], bytes]]) -> None:
    seen = look(visitor(), SHEET, "fr")
    header, *rows = table_rows(seen)
    assert header[-1] == "Structure"
    assert [row[-1] for row in rows] == ["Neuf (fictif)"] * 3 + ["Ancien (fictif)"] * 5
    assert all(len(row) == len(header) for row in rows)
    written = pl.read_csv(io.BytesIO(files[f"neuf-{EXITS}.csv"]()), separator=";", decimal_comma=True)
    assert written["perimetre"].to_list() == ["ancien"] * 5 + ["neuf"] * 3
    assert written["periode"].to_list() == [*OLD_QUARTERS, *NEW_QUARTERS]
    (withheld,) = written.filter(periode="2025-T1", perimetre="ancien").iter_rows(named=True)
    assert (withheld["valeur"], withheld["numerateur"], withheld["statut"]) == (None, None, "withheld")


def test_what_stands_before_the_break_is_what_the_page_of_the_predecessor_shows(
    files: dict[str, Callable[[], bytes]],
) -> None:
    look(visitor(), SHEET, "fr")
    look(visitor(), SHEET.replace("neuf", "ancien"), "fr")
    continued, own = (
        pl.read_csv(io.BytesIO(files[f"{code}-{EXITS}.csv"]()), separator=";", infer_schema=False)
        for code in ("neuf", "ancien")
    )
    assert continued.filter(perimetre="ancien").equals(own)


def test_a_year_earlier_is_told_of_the_predecessor_by_name_and_no_difference_with_it(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in (SHEET, "structure?structure=neuf"):
        text = look(visitor(), address, "fr").text
        assert "56,7 % un an plus tôt (Ancien (fictif))" in text
        assert not re.search(r"56,7 % un an plus tôt \([+−]", text)
    # What the predecessor's figure was is corrected: the board that is kept follows.
    stored(network, measures(measure("ancien", "2025-T3", EXITS, 30, 60)), comment="rectification")
    monkeypatch.setattr(network.open_cursors, "fresh_s", 0.0)
    assert "50,0 % un an plus tôt (Ancien (fictif))" in look(visitor(), "structure?structure=neuf", "fr").text


def test_the_boards_of_both_lead_to_each_other_and_to_each_other_where_nothing_was_expected() -> None:
    new, old = (look(visitor(), f"structure?structure={code}", "fr") for code in ("neuf", "ancien"))
    assert re.search(r'<dt>Continue</dt><dd><a href="/structure\?structure=ancien"', new.markup)
    assert re.search(r'<dt>Continuée par</dt><dd><a href="/structure\?structure=neuf"', old.markup)
    before = look(visitor(), "structure?structure=neuf&periode=2025-T3", "fr")
    assert re.search(r"n’était pas encore ouverte.*?/structure\?structure=ancien", before.markup)
    after = look(visitor(), "structure?structure=ancien&periode=2026-T3", "fr")
    assert re.search(r"était déjà fermée.*?/structure\?structure=neuf", after.markup)
    assert "Continu" not in look(visitor(), "structure?structure=voisin", "fr").text


def test_a_director_sees_of_the_predecessor_what_the_public_sees_unless_she_directs_it_too(network: Network) -> None:
    set_app_state(AppState(network, Clock(TODAY), DemoAccess(PEOPLE)))
    reader = AppTest.from_function(script, default_timeout=120)
    seen = {}
    # One after the other and back: what is kept for one reader is not shown to the next.
    for person in ("neuf", "les-deux", "neuf"):
        for indicator in (EXITS, MANAGED):
            address = f"indicateur?indicateur={indicator}&structure=neuf&vue=gestion&personne={person}"
            seen[indicator] = look(reader, address, "fr")
        old = {row["period"]: row["value"] for row in seen[EXITS].rows if "(Ancien" in (row.get("told") or "")}
        hidden = old["2025-T1"]
        managed = [row for row in seen[MANAGED].rows if "(Ancien" in (row.get("told") or "")]
        if person == "neuf":
            assert hidden is None
            assert managed == []
            assert "autre structure" not in seen[MANAGED].text
        else:
            assert hidden == pytest.approx(100 * 2 / 6)
            assert {row["period"] for row in managed} >= {*OLD_QUARTERS} - {"2025-T1"}


def managed_by(who: str, address: str) -> None:
    """Draw a page in the management view for a member with a role on each of some structures."""
    from dashboards.access import Visitor, get_app_state
    from dashboards.app_pages.error_handling import render_safely
    from dashboards.app_pages.page_context import PageContext
    from dashboards.app_pages.registry import PAGES
    from dashboards.wording.translations import load_translator
    from indicators.definitions.perimeters import Perimeter
    from indicators.definitions.roles import Grant, Role

    visitor = Visitor(tuple(Grant(Role.DIRECTOR, Perimeter.parse(code)) for code in who.split(",")))
    page = next(page for page in PAGES if page.path == address)
    params = {"structure": "neuf", "indicateur": "dynamic_exit_rate", "vue": "gestion"}
    state = get_app_state()
    render_safely(PageContext(state, visitor, load_translator("fr"), state.today(), address, params), page.render)


@pytest.mark.parametrize("address", ["structure", "indicateur"])
@pytest.mark.parametrize("order", [("neuf,ancien", "neuf"), ("neuf", "neuf,ancien")])
def test_what_is_kept_for_who_directs_both_is_not_shown_to_who_directs_one(
    network: Network, address: str, order: tuple[str, str]
) -> None:
    # Too few people for the public, a year before the newest quarter.
    stored(network, measures(measure("ancien", "2025-T3", EXITS, 2, 6)), comment="rectification")
    network.open_cursors.fresh_s = 0.0
    for who in order:
        page = AppTest.from_function(managed_by, args=(who, address), default_timeout=120).run()
        assert not page.exception
        text = flat(re.sub("<[^>]+>", " ", " ".join(str(block.proto.body) for block in page.get("html"))))
        assert ("33,3 % un an plus tôt (Ancien (fictif))" in text) is ("ancien" in who), who
        charts = [chart.proto for name in ("arrow_vega_lite_chart", "vega_lite_chart") for chart in page.get(name)]
        drawn = b"".join(dataset.data.data for chart in charts for dataset in chart.datasets)
        assert len(charts) == (address == "indicateur")
        assert (b"33,3" in drawn) is (bool(charts) and "ancien" in who), who
