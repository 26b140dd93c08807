"""Open data: public figures only, after disclosure control, each answer with the version it is of."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import httpx
import polars as pl
import pytest
from starlette.applications import Starlette

import dashboards.access
from dashboards.access import AppState, set_app_state
from dashboards.clock import Clock
from dashboards.web.api import NOT_FOUND, ROUTES
from dashboards.wording.figure_sentences import movement_sign_and_sentence
from dashboards.wording.formatting import displayed_value
from dashboards.wording.translations import load_translator
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.network import Network
from indicators.queries.comparison.network_signals import find_network_signals
from indicators.queries.figures.assessed_board import assess_board
from indicators.queries.figures.board import compute_board
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.queries.figures.changes import ChangeKind, find_changes
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext
from indicators.store.cursor import Cursor
from tests.builders import TODAY, data_folder, measure, measures, stored, structure, structures

FIGURE_KEYS = [
    "indicator", "period", "value", "numerator", "denominator", "unit", "status", "interval", "target", "judgement",
    "signal",
]  # fmt: skip
STATUSES = {"ok", "missing", "not_applicable", "not_due", "withheld", "low"}
ADDRESSES = (
    "/healthz",
    "/api/catalogue.json",
    "/api/structures.json",
    "/api/board/atelier-du-canal.json",
    "/api/board/atelier-du-canal.json?periode=2025-T1",
    "/api/series/atelier-du-canal/dynamic_exit_rate.json",
    "/api/series/atelier-du-canal/dynamic_exit_rate.csv",
    "/api/network/dynamic_exit_rate.json",
    "/api/network/women_share.json?periode=2025&perimetre=region:normandie",
)

Get = Callable[..., httpx.Response]


def ask(path: str, method: str = "GET", **headers: str) -> httpx.Response:
    async def request() -> httpx.Response:
        application = Starlette(routes=[*ROUTES, NOT_FOUND])
        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(
                method, path, headers={name.replace("_", "-"): v for name, v in headers.items()}
            )

    # In a thread of its own: a browser driven by the same process has a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(request())).result()


@pytest.fixture
def get(demo: Network, monkeypatch: pytest.MonkeyPatch) -> Get:
    """Ask the house of the fictitious network, listening on the loopback address."""
    monkeypatch.setattr(dashboards.access, "_app_state", None)
    set_app_state(AppState(demo, clock=Clock(TODAY)))
    return ask


def figures_in(answer: Any) -> Iterator[dict[str, Any]]:
    """Every object of an answer that has a status, wherever it stands."""
    if isinstance(answer, dict):
        if "status" in answer and "value" in answer:
            yield answer
        for inside in answer.values():
            yield from figures_in(inside)
    elif isinstance(answer, list):
        for inside in answer:
            yield from figures_in(inside)


def tag_of(demo: Network) -> str:
    with demo.snapshot() as snapshot:
        return snapshot.tag


# Every answer


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_carries_the_version_of_the_store(get: Get, demo: Network, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 200
    assert answer.headers["etag"].startswith(f'"{tag_of(demo)}')
    assert answer.headers["etag"].endswith('"')
    if path.endswith(".csv"):
        assert answer.headers["content-type"].startswith("text/csv")
    else:
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.json()["version"] == tag_of(demo)


@pytest.mark.parametrize("path", ADDRESSES)
def test_an_answer_already_known_is_not_sent_again(get: Get, path: str) -> None:
    tag = get(path).headers["etag"]
    known = get(path, if_none_match=tag)
    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == tag
    among_others = get(path, if_none_match=f'"0-abc", {tag}')
    assert among_others.status_code == 304
    former = get(path, if_none_match='"0-abc"')
    assert former.status_code == 200
    assert former.content


def test_what_is_due_changes_with_the_day_and_so_does_the_tag(demo: Network, get: Get) -> None:
    path = "/api/board/reseau-des-horizons.json"
    before = get(path)
    set_app_state(AppState(demo, clock=Clock(date(2026, 10, 15))))
    after = get(path, if_none_match=before.headers["etag"])
    assert after.status_code == 200
    assert [figure["status"] for figure in after.json()["figures"]] != [
        figure["status"] for figure in before.json()["figures"]
    ]


def test_0_of_0_does_not_apply_to_programs(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboards.access, "_app_state", None)
    set_app_state(AppState(network, clock=Clock(TODAY)))
    stored(network, structures("rien;Rien (fictif);ACI;;normandie;;FR;;;;"))
    stored(network, measures(measure("rien", "2026-T3", "dynamic_exit_rate", 0, 0)))
    whole = ask("/api/network/dynamic_exit_rate.json").json()
    (own,) = ask("/api/series/rien/dynamic_exit_rate.json").json()["figures"]
    for figure in (whole["figure"], *whole["structures"], own):
        assert (figure["status"], figure["value"], figure["denominator"]) == ("not_applicable", None, None)


def test_an_answer_changes_its_tag_with_the_store(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboards.access, "_app_state", None)
    set_app_state(AppState(network, clock=Clock(TODAY)))
    empty = ask("/api/structures.json")
    assert (empty.status_code, empty.json()["structures"]) == (200, [])
    stored(network, structures("neuf;Neuf (fictif);ACI;;normandie;;FR;;;;"))
    after = ask("/api/structures.json", if_none_match=empty.headers["etag"])
    assert after.status_code == 200
    assert [structure["id"] for structure in after.json()["structures"]] == ["neuf"]
    board_ = ask("/api/board/neuf.json")
    assert (board_.status_code, board_.json()["period"], board_.json()["figures"]) == (200, None, [])


@pytest.mark.parametrize("path", ADDRESSES)
def test_the_headers_of_an_answer_can_be_asked_for_alone(get: Get, path: str) -> None:
    answer = get(path, "HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == get(path).headers["etag"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_open_data_is_read_and_never_written(get: Get, path: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert get(path, method).status_code == 405


@pytest.mark.parametrize("path", [path for path in ADDRESSES if ".csv" not in path])
def test_every_answer_is_json_that_any_program_can_read(get: Get, path: str) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    json.loads(get(path).text, parse_constant=refuse)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/board/nulle-part.json", {"error": "unknown structure", "structure": "nulle-part"}),
        ("/api/board/atelier-du-canal.json?periode=T1", {"error": "unknown period", "period": "T1"}),
        ("/api/board/atelier-du-canal.json?periode=1999-T1", {"error": "unknown period", "period": "1999-T1"}),
        ("/api/board/atelier-du-canal.json?periode=2025", {"error": "unknown period", "period": "2025"}),
        ("/api/series/nulle-part/women_share.json", {"error": "unknown structure", "structure": "nulle-part"}),
        ("/api/series/atelier-du-canal/bonheur.json", {"error": "unknown indicator", "indicator": "bonheur"}),
        ("/api/series/atelier-du-canal/bonheur.csv", {"error": "unknown indicator", "indicator": "bonheur"}),
        ("/api/network/bonheur.json", {"error": "unknown indicator", "indicator": "bonheur"}),
        ("/api/network/women_share.json?periode=2025-S1", {"error": "unknown period", "period": "2025-S1"}),
        (
            "/api/network/women_share.json?perimetre=region:nulle-part",
            {"error": "unknown perimeter", "perimeter": "region:nulle-part"},
        ),
        (
            "/api/network/women_share.json?perimetre=nulle-part",
            {"error": "unknown structure", "structure": "nulle-part"},
        ),
        ("/api/nothing", {"error": "unknown address", "address": "/api/nothing"}),
        ("/api/", {"error": "unknown address", "address": "/api/"}),
        ("/api/board/atelier-du-canal", {"error": "unknown address", "address": "/api/board/atelier-du-canal"}),
        (
            "/api/series/atelier-du-canal.json",
            {"error": "unknown address", "address": "/api/series/atelier-du-canal.json"},
        ),
    ],
)
def test_what_does_not_exist_is_a_404_in_json_that_names_it(get: Get, path: str, expected: dict[str, str]) -> None:
    answer = get(path)
    assert (answer.status_code, answer.json()) == (404, expected)
    assert answer.headers["content-type"].startswith("application/json")


def test_a_store_that_does_not_answer_is_a_503_that_does_not_say_where_it_is(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboards.access, "_app_state", None)
    set_app_state(AppState(network, clock=Clock(TODAY)))

    def damage(cursor: Cursor) -> None:
        cursor.rows("drop table lake.structures")

    network.lake.write(damage)
    answer = ask("/api/structures.json")
    assert (answer.status_code, answer.json()) == (503, {"error": "the store does not answer"})
    assert network.lake.name not in answer.text


def test_whoever_watches_is_told_which_table_lacks_a_file_and_not_where_it_was(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboards.access, "_app_state", None)
    set_app_state(AppState(network, clock=Clock(TODAY)))
    monkeypatch.setattr("dashboards.web.api.READY_FOR_S", 1e-6)
    stored(network, structures(structure("atelier-ternoise")))
    network.lake.compact()
    answer = ask("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    next((data_folder(network) / "main" / "structures").rglob("*.parquet")).unlink()
    answer = ask("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unready", "missing": ["structures"]})
    assert answer.headers["cache-control"] == "no-store"


def test_whoever_watches_often_makes_nobody_read_every_table_each_time(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboards.access, "_app_state", None)
    monkeypatch.setattr("dashboards.web.api.READY_FOR_S", 1e9)
    read = []
    monkeypatch.setattr("dashboards.web.api.find_unreadable_tables", lambda lake: read.append(lake) or [])
    set_app_state(AppState(network, clock=Clock(TODAY)))
    assert [ask("/readyz").status_code for _ in range(3)] == [200] * 3
    assert len(read) == 1


# Each answer


def test_the_process_says_that_it_is_well(get: Get, demo: Network) -> None:
    health = {"status": "ok", "version": tag_of(demo), "latest_period": "2026-T3", "overdue_periods": []}
    assert get("/healthz").json() == health


def test_the_catalogue_says_of_each_indicator_what_it_is_and_who_sees_it(get: Get) -> None:
    sheets = {sheet["id"]: sheet for sheet in get("/api/catalogue.json").json()["indicators"]}
    assert len(sheets) == 40
    exits = sheets["dynamic_exit_rate"]
    assert (exits["audience"], exits["unit"], exits["direction"]) == ("public", "%", "up")
    assert exits["label"]["fr"] == "Taux de sorties dynamiques"
    assert exits["targets"][0]["from"] == "2008-12-10"
    assert sheets["average_pathway_months"]["range"] == [0, None], "JSON has no infinity"
    assert sheets["public_aid_share"]["audience"] == "management"


def test_the_structures_are_told_with_their_kind_group_and_region_and_nothing_else(get: Get) -> None:
    found = {structure["id"]: structure for structure in get("/api/structures.json").json()["structures"]}
    assert len(found) == 40
    assert found["atelier-du-canal"] == {
        "id": "atelier-du-canal",
        "name": "Atelier du Canal (fictif)",
        "kind": "ACI",
        "group": "groupe-des-trois-rives-fictif",
        "region": "hauts-de-france",
    }
    assert found["jardins-de-la-dune-bleue"]["group"] is None


def test_a_board_is_the_public_board_of_its_structure(get: Get, demo: Network) -> None:
    answer = get("/api/board/atelier-du-canal.json?periode=2025-T4").json()
    assert list(answer) == ["structure", "period", "version", "figures"]
    assert (answer["structure"], answer["period"]) == ("atelier-du-canal", "2025-T4")
    with demo.snapshot() as snapshot:
        where = Perimeter(Level.STRUCTURE, "atelier-du-canal")
        tiles = compute_board(QueryContext(snapshot, Audience.PUBLIC, TODAY), where, Period.parse("2025-T4"))
    assert [figure["indicator"] for figure in answer["figures"]] == [tile.indicator.id for tile in tiles]
    for figure, tile in zip(answer["figures"], tiles, strict=True):
        assert list(figure) == FIGURE_KEYS
        assert figure["status"] == tile.figure.status.value
        assert figure["period"] == tile.figure.period.code
        shown = tile.figure.shown
        assert figure["value"] == (float(displayed_value(shown, tile.indicator)) if shown else None)


def test_a_board_is_by_default_that_of_the_newest_quarter_that_is_over(get: Get) -> None:
    assert get("/api/board/atelier-du-canal.json").json()["period"] == "2026-T3"


def test_a_figure_in_json_says_all_that_it_can_bear(get: Get) -> None:
    answer = get("/api/board/atelier-du-canal.json?periode=2025-T4").json()
    exits = next(figure for figure in answer["figures"] if figure["indicator"] == "dynamic_exit_rate")
    assert {name: exits[name] for name in FIGURE_KEYS if name != "interval"} == {
        "indicator": "dynamic_exit_rate",
        "period": "2025-T4",
        "value": 45.0,
        "numerator": 36.0,
        "denominator": 80.0,
        "unit": "%",
        "status": "ok",
        "target": 55.0,
        "judgement": "comparable",
        "signal": None,
    }
    assert exits["interval"] == pytest.approx([34.6, 55.9], abs=0.05)


KEYS = {"cause": "signal", "side": "side", "variation": "variation", "since": "since", "grade": "grade"}
"""Keys of a signal in JSON, and the columns of the network's signals."""
TWO_OF_THREE = {"cause": "two_of_three", "side": "above", "variation": "improvement", "since": "2026-T3", "grade": None}


def test_a_special_cause_of_the_latest_point_is_named_in_json_as_on_the_board(get: Get, demo: Network) -> None:
    answer = get("/api/board/interim-des-trois-rives.json?periode=2026-T3").json()
    signals = {figure["indicator"]: figure["signal"] for figure in answer["figures"]}
    assert signals["fte_realised"] == TWO_OF_THREE
    with demo.snapshot() as snapshot:
        sheets = [sheet for sheet in snapshot.catalogue if Audience.PUBLIC.sees(sheet.audience)]
        found = find_network_signals(
            QueryContext(snapshot, Audience.PUBLIC, TODAY), sheets, Period.parse("2026-T3")
        ).rows
    rows = found.filter(structure="interim-des-trois-rives").iter_rows(named=True)
    expected = {row["indicator"]: {key: row[column] for key, column in KEYS.items()} for row in rows}
    assert {name: signal for name, signal in signals.items() if signal} == expected


def test_each_point_of_a_series_has_its_special_cause_and_a_rolling_one_has_none(get: Get) -> None:
    figures = get("/api/series/interim-des-trois-rives/fte_realised.json").json()["figures"]
    assert figures[-1]["signal"] == TWO_OF_THREE
    assert any(figure["signal"] is None for figure in figures if figure["value"] is not None)
    exits = get("/api/series/interim-des-trois-rives/dynamic_exit_rate.json").json()["figures"]
    assert not any(figure["signal"] for figure in exits), "one quarter far away is no lasting change"
    rolling = get("/api/series/interim-des-trois-rives/dynamic_exit_rate.json?pas=glissant").json()["figures"]
    assert rolling[-1]["period"] == "2026-T3~4"
    assert not any(figure["signal"] for figure in rolling)
    assert rolling[-1]["denominator"] == sum(figure["denominator"] for figure in exits[-4:])
    assert get("/api/series/interim-des-trois-rives/dynamic_exit_rate.json?pas=mois").status_code == 404


def test_a_lasting_change_of_people_is_told_alike_in_board_series_and_signals(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboards.access, "_app_state", None)
    set_app_state(AppState(network, clock=Clock(TODAY)))
    stored(network, structures(structure("fabrique")), "essai")
    rows = [
        measure("fabrique", period.code, "dynamic_exit_rate", 55 if place < 16 else 45, 100)
        for place, period in enumerate(Period.parse("2026-T3").trailing(21))
    ]
    stored(network, measures(*rows), "essai")
    expected = {"cause": "lasting", "side": "below", "variation": "concern", "since": "2026-T1", "grade": "signal"}
    board = ask("/api/board/fabrique.json?periode=2026-T3").json()["figures"]
    assert next(one["signal"] for one in board if one["indicator"] == "dynamic_exit_rate") == expected
    series = ask("/api/series/fabrique/dynamic_exit_rate.json").json()["figures"]
    assert [one["signal"] for one in series[-3:]] == [expected] * 3
    assert not any(one["signal"] for one in series[:-3])
    with network.snapshot() as snapshot:
        sheet = snapshot.catalogue["dynamic_exit_rate"]
        (row,) = find_network_signals(
            QueryContext(snapshot, Audience.PUBLIC, TODAY), [sheet], Period.parse("2026-T3")
        ).rows.to_dicts()
        assert {key: row[column] for key, column in KEYS.items()} == expected
        own = Perimeter(Level.STRUCTURE, "fabrique")
        for quarter, new in (("2026-T1", True), ("2026-T2", False), ("2026-T3", False)):
            when = Period.parse(quarter)
            tiles = assess_board(QueryContext(snapshot, Audience.PUBLIC, TODAY), own, own, when)
            (tile,) = [one for one in tiles if one.indicator.id == "dynamic_exit_rate"]
            assert tile.signal_since == Period.parse("2026-T1")
            movement = movement_sign_and_sentence(tile, load_translator("fr"))
            assert movement[0] == "worse"
            assert "signalée depuis le T1" in (movement[1] or "")
            moved = [one.assessed.indicator.id for one in find_changes(tiles, when) if one.kind is ChangeKind.MOVED]
            assert ("dynamic_exit_rate" in moved) is new, "a change is news in the quarter in which it is first told"


def test_the_network_is_held_against_its_own_past_up_to_the_quarter_asked_for(get: Get, demo: Network) -> None:
    latest = get("/api/network/dynamic_exit_rate.json?periode=2026-T3").json()["figure"]
    with demo.snapshot() as snapshot:
        board = assess_board(QueryContext(snapshot, Audience.PUBLIC, TODAY), NETWORK, NETWORK, Period.parse("2026-T3"))
        (tile,) = [one for one in board if one.indicator.id == "dynamic_exit_rate"]
    assert (latest["signal"] or {}).get("side") == (tile.signal.side if tile.signal else None)
    assert get("/api/network/dynamic_exit_rate.json?periode=2023-T1").json()["figure"]["signal"] is None


def test_a_complete_count_is_a_signal_of_however_few(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboards.access, "_app_state", None)
    set_app_state(AppState(network, clock=Clock(TODAY)))
    # All the actions of a plan are counted: three of three is the fact, not a sample of anything.
    assert _latest_signal(network, cases=30) is not None
    assert _latest_signal(network, cases=3) is not None


NAME = "priority_action_completion_rate"


def _latest_signal(network: Network, cases: int) -> object:
    """Deposit fifteen calm quarters and one far above them, of three structures with so many cases each."""
    stored(network, structures(*(structure(f"s{n}") for n in range(3))), "essai")
    rows = [
        measure(
            f"s{n}", period.code, "priority_action_completion_rate", *((cases, cases) if last else (cases // 3, cases))
        )
        for period in Period.parse("2026-T3").trailing(16)
        for last in [period.code == "2026-T3"]
        for n in range(3)
    ]
    stored(network, measures(*rows), "essai")
    found = ask(f"/api/network/{NAME}.json?periode=2026-T3").json()["figure"]
    assert found["value"] == 100
    return found["signal"]


def test_a_series_tells_the_same_figures_in_json_and_in_csv(get: Get, demo: Network) -> None:
    series = get("/api/series/potager-des-grands-pres/dynamic_exit_rate.json").json()
    assert list(series) == ["structure", "indicator", "version", "figures"]
    with demo.snapshot() as snapshot:
        where, sheet = Perimeter(Level.STRUCTURE, series["structure"]), snapshot.catalogue["dynamic_exit_rate"]
        expected = read_series(QueryContext(snapshot, Audience.PUBLIC, TODAY), where, sheet)
    assert [(figure["period"], figure["status"]) for figure in series["figures"]] == [
        (figure.period.code, figure.status.value) for figure in expected
    ]
    answer = get("/api/series/potager-des-grands-pres/dynamic_exit_rate.csv")
    assert 'filename="potager-des-grands-pres-dynamic_exit_rate.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0]) == [
        "structure", "indicator", "period", "value", "numerator", "denominator", "unit", "status", "target",
    ]  # fmt: skip
    for row, figure in zip(rows, series["figures"], strict=True):
        assert (row["structure"], row["indicator"]) == ("potager-des-grands-pres", "dynamic_exit_rate")
        for name in ("period", "value", "numerator", "denominator", "unit", "status", "target"):
            assert row[name] == ("" if figure[name] is None else str(figure[name]))


def test_the_network_is_told_with_its_structures_in_no_order_of_merit(get: Get, demo: Network) -> None:
    answer = get("/api/network/dynamic_exit_rate.json?periode=2025-T4&perimetre=region:hauts-de-france").json()
    assert list(answer) == ["indicator", "perimeter", "period", "version", "figure", "contributors", "structures"]
    assert (answer["indicator"], answer["perimeter"], answer["period"]) == (
        "dynamic_exit_rate",
        "region:hauts-de-france",
        "2025-T4",
    )
    assert list(answer["figure"]) == FIGURE_KEYS
    with demo.snapshot() as snapshot:
        where, sheet = Perimeter(Level.REGION, "hauts-de-france"), snapshot.catalogue["dynamic_exit_rate"]
        rows = figures_by_structure(
            QueryContext(snapshot, Audience.PUBLIC, date.max), where, sheet, Period.parse("2025-T4")
        ).rows
    columns = ["structure", "value", "numerator", "denominator", "status"]
    # None of these halves a tenth: how a half is rounded is told in test_csv_dialects.
    assert answer["structures"] == rows.select(columns).with_columns(pl.col("value").round(1)).to_dicts()
    codes = [row["structure"] for row in answer["structures"]]
    assert codes == sorted(codes)
    assert len(codes) > 3


def test_a_yearly_indicator_asked_for_a_quarter_is_told_for_its_newest_year_that_was_over(get: Get) -> None:
    assert get("/api/network/women_share.json?periode=2025-T3").json()["period"] == "2024"
    assert get("/api/network/women_share.json?periode=2025-T4").json()["period"] == "2025"
    assert get("/api/network/women_share.json?periode=2024").json()["period"] == "2024"
    assert get("/api/network/women_share.json").json()["period"] == "2025"


# Public, and nothing but


def test_a_management_indicator_is_told_nowhere_not_even_at_the_keyboard(get: Get, demo: Network) -> None:
    with demo.snapshot() as snapshot:
        closed = {sheet.id for sheet in snapshot.catalogue if sheet.audience is not Audience.PUBLIC}
        public = {sheet.id for sheet in snapshot.catalogue} - closed
    assert len(closed) == 15
    for name in sorted(closed):
        paths = [f"/api/series/atelier-du-canal/{name}.json", f"/api/series/atelier-du-canal/{name}.csv"]
        for path in [*paths, f"/api/network/{name}.json"]:
            answer = get(path, host="localhost:8501")
            assert (answer.status_code, answer.json()) == (404, {"error": "unknown indicator", "indicator": name})
    indicator_ids: set[str] = set()
    for code in ("atelier-du-canal", "reseau-des-horizons", "construction-des-quatre-clochers"):
        for quarter in ("2022-T2", "2025-T4", "2026-T3"):
            answer = get(f"/api/board/{code}.json?periode={quarter}").json()
            indicator_ids |= {figure["indicator"] for figure in answer["figures"]}
    assert indicator_ids <= public
    assert len(indicator_ids) > 15


def test_what_is_withheld_is_null_in_every_field(get: Get, demo: Network) -> None:
    with demo.snapshot() as snapshot:
        members = list(snapshot.structures.by_id)
    withheld, shown = [], []
    answers = [get(f"/api/board/{member}.json?periode=2025-T4") for member in members]
    answers += [get(f"/api/series/{member}/positive_exit_rate.json") for member in members[:8]]
    for perimeter in ("reseau", "region:normandie", "groupe:groupe-des-trois-rives-fictif", "region:be-brabant-wallon"):
        for indicator in ("positive_exit_rate", "absenteeism_rate", "client_satisfaction_rate"):
            answers.append(get(f"/api/network/{indicator}.json?periode=2025-T4&perimetre={perimeter}"))
    for answer in answers:
        assert answer.status_code == 200
        for figure in figures_in(answer.json()):
            assert figure["status"] in STATUSES
            (withheld if figure["status"] == "withheld" else shown).append(figure)
            if answer.json().get("figure") is figure and figure["status"] == "withheld":
                assert answer.json()["contributors"] is None
    assert len(withheld) > 50
    assert len(shown) > 200
    for figure in withheld:
        nulls = {name for name in figure if figure[name] is None}
        assert nulls >= {"value", "numerator", "denominator"} | ({"interval", "judgement"} & figure.keys()), figure
    csv_rows = [
        row
        for member in members[:8]
        for row in csv.DictReader(io.StringIO(get(f"/api/series/{member}/positive_exit_rate.csv").text))
        if row["status"] == "withheld"
    ]
    assert csv_rows
    assert all((row["value"], row["numerator"], row["denominator"]) == ("", "", "") for row in csv_rows)


def test_an_absence_has_no_figure_and_a_figure_has_its_counts(get: Get, demo: Network) -> None:
    for member in ("atelier-du-canal", "cordages-de-l-estran", "ateliers-de-la-pointe-d-argent", "ecole-du-pont-rouge"):
        for figure in get(f"/api/board/{member}.json?periode=2024-T2").json()["figures"]:
            if figure["status"] in {"ok", "low"}:
                assert figure["value"] is not None
                assert figure["numerator"] is not None
            else:
                assert (figure["value"], figure["numerator"], figure["denominator"]) == (None, None, None)


def test_few_cases_are_told_as_such_and_never_judged(get: Get, demo: Network) -> None:
    with demo.snapshot() as snapshot:
        members = list(snapshot.structures.by_id)
    low = [
        figure
        for member in members
        for figure in get(f"/api/board/{member}.json?periode=2025-T4").json()["figures"]
        if figure["status"] == "low"
    ]
    assert low
    assert all(figure["value"] is not None and figure["judgement"] is None for figure in low)
    assert all(figure["denominator"] < 20 for figure in low)
