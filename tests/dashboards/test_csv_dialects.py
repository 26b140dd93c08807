"""Two dialects of CSV and no third: every file of a page is for a spreadsheet, every answer and export for programs."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import polars as pl
import pytest
import streamlit as st
from hypothesis import given, strategies
from streamlit.testing.v1 import AppTest

from dashboards.access import LOCAL_ADMINISTRATOR, AppState, set_app_state
from dashboards.app_pages.registry import PAGES
from dashboards.cli import app
from dashboards.clock import Clock
from dashboards.downloads.spreadsheet_files import file_value
from dashboards.web.access_key import DemoAccess
from dashboards.web.api import ROUTES
from indicators.csv_files import OPEN_DATA, SPREADSHEET, CellValue, Dialect, frame_to_csv, rows_to_csv
from indicators.definitions.catalogue import Audience
from indicators.definitions.roles import Right
from indicators.figures.figure import Value
from indicators.network import Network
from schemas.datasets import DATASETS
from tests.builders import DIRECTORY, TODAY, measure, measures, stored, structures
from tests.dashboards.test_open_data import Get
from tests.dashboards.test_open_data import get as get

MARK = b"\xef\xbb\xbf"
NUMBERS = ("valeur", "value", "numerateur", "numerator", "denominateur", "denominator", "objectif", "target")
NUMBERS += ("intervalle_bas", "intervalle_haut")

SERIES = {"indicateur": "dynamic_exit_rate", "structure": "interim-des-trois-rives"}
WALKS: list[tuple[str, dict[str, str]]] = [
    ("", {}),
    ("structure", {"structure": "interim-des-trois-rives"}),
    ("catalogue", {}),
    ("protection", {}),
    ("indicateur", SERIES),
    ("indicateur", {**SERIES, "lang": "en"}),
    ("indicateur", {**SERIES, "vue": "gestion"}),
    ("indicateur", {"indicateur": "fte_realised", "structure": "interim-des-trois-rives"}),
    ("comparer", {}),
    ("comparer", {"vue": "gestion"}),
    ("comparer", {"affichage": "matrice"}),
    ("comparer", {"affichage": "petits-multiples"}),
    ("suivi", {}),
    ("membres", {}),
    ("bureau", {}),
    ("journal", {}),
    ("provenance", {**SERIES, "periode": "2026-T3"}),
    ("collectes", {}),
    ("actions", {}),
    ("plan", {}),
    ("participation", {}),
    ("instances", {}),
    ("revue", {}),
    ("deposer", {}),
    ("deposer", {"structure": "interim-des-trois-rives", "periode": "2026-T3"}),
    ("deposer", {"jeu": "actions"}),
]
"""Every page, in each of the ways that change what it offers."""


def rows_of(content: bytes, dialect: Dialect) -> list[dict[str, str]]:
    """Read a file as its dialect says, and hold it to it."""
    assert content.startswith(MARK) is dialect.has_byte_order_mark
    text = content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=dialect.separator))
    other = "." if dialect.decimal_mark == "," else ","
    for row in rows:
        assert None not in row.keys() | row.values(), row
        for name in NUMBERS:
            assert other not in (row.get(name) or ""), (name, row)
    return rows


# What is written


def test_each_dialect_has_its_separator_its_decimal_mark_and_its_beginning() -> None:
    header = ("nom", "valeur", "jour", "rien")
    rows: list[tuple[CellValue, ...]] = [("é;,", 48.5, date(2026, 9, 30), None)]
    assert (
        rows_to_csv(header, rows, SPREADSHEET) == MARK + 'nom;valeur;jour;rien\r\n"é;,";48,5;2026-09-30;\r\n'.encode()
    )
    assert rows_to_csv(header, rows, OPEN_DATA) == 'nom,valeur,jour,rien\r\n"é;,",48.5,2026-09-30,\r\n'.encode()


@pytest.mark.parametrize(
    ("number", "spreadsheet", "open_data"),
    [
        (36.0, "36", "36.0"),
        (Decimal("36.0"), "36,0", "36.0"),
        (-2.5, "-2,5", "-2.5"),
        (1.5e16, "15000000000000000", "15000000000000000"),
        (1e-07, "0,0000001", "0.0000001"),
        (48.57142857142857, "48,57142857142857", "48.57142857142857"),
        (876489.25, "876489,25", "876489.25"),
    ],
)
def test_a_number_has_no_exponent_and_no_mark_of_thousands(
    number: float | Decimal, spreadsheet: str, open_data: str
) -> None:
    assert rows_to_csv(["n"], [[number]], SPREADSHEET).decode("utf-8-sig").split() == ["n", spreadsheet]
    assert rows_to_csv(["n"], [[number]], OPEN_DATA).decode().split() == ["n", open_data]


def test_a_number_of_three_decimals_cannot_be_read_as_thousands() -> None:
    assert rows_to_csv(["n"], [[60.417], [Decimal("0.125")]], SPREADSHEET).decode("utf-8-sig").split() == [
        "n", "60,4170", "0,125",
    ]  # fmt: skip


@given(strategies.lists(strategies.one_of(strategies.none(), strategies.floats(-1e12, 1e12)), max_size=8))
def test_a_frame_is_written_cell_for_cell_as_rows_are(numbers: list[float | None]) -> None:
    frame = pl.DataFrame(
        {"n": pl.Series(numbers, dtype=pl.Float64), "t": pl.Series(["=1"] * len(numbers), dtype=pl.String)}
    )
    for dialect in (SPREADSHEET, OPEN_DATA):
        assert frame_to_csv(frame, dialect) == rows_to_csv(["n", "t"], frame.rows(), dialect)


@pytest.mark.parametrize("dialect", [SPREADSHEET, OPEN_DATA])
def test_no_cell_of_any_dialect_runs_as_a_formula(dialect: Dialect) -> None:
    written = rows_to_csv(["t", "n"], [["=1+1", -1.5], ["@A1", None], ["-3", 1]], dialect)
    cells = [row["t"] for row in rows_of(written, dialect)]
    assert cells == ["'=1+1", "'@A1", "-3"]


# Rounding


@pytest.fixture(scope="session")
def exits(demo: Network) -> Any:
    with demo.snapshot() as snapshot:
        return snapshot.catalogue["dynamic_exit_rate"]


@pytest.mark.parametrize(
    ("cases", "total", "public"),
    [(17, 35, "48.6"), (1, 2000, "0.1"), (609, 800, "76.1"), (1, 3, "33.3"), (33, 60, "55.0"), (0, 52, "0.0")],
)
def test_the_public_has_the_decimals_of_the_sheet_rounded_half_away_from_zero_and_management_the_exact_value(
    exits: Any, cases: float, total: float, public: str
) -> None:
    shown = Value(100 * cases / total, float(cases), float(total), 1)
    for audience in (Audience.PUBLIC, Audience.NETWORK):
        assert str(file_value(shown, exits, audience)) == public
    assert file_value(shown, exits, Audience.MANAGEMENT) == pytest.approx(100 * cases / total, abs=1e-12)


def test_a_negative_value_is_rounded_away_from_zero_too(exits: Any) -> None:
    assert str(file_value(Value(-0.25, None, None, 1), exits, Audience.PUBLIC)) == "-0.3"


# Every address and every button


def addresses(route_path: str) -> Iterator[str]:
    for structure in ("interim-des-trois-rives", "atelier-du-canal"):
        for indicator in ("dynamic_exit_rate", "fte_realised", "women_share"):
            yield route_path.replace("{structure}", structure).replace("{indicator}", indicator)


def test_every_csv_of_open_data_is_for_programs_and_never_more_precise_than_its_sheet(get: Get, demo: Network) -> None:
    paths = [path for route in ROUTES if route.path.endswith(".csv") for path in addresses(route.path)]
    assert paths
    seen = 0
    for path in paths:
        answer = get(path)
        assert answer.status_code == 200
        for row in rows_of(answer.content, OPEN_DATA):
            decimals = demo.catalogue[row["indicator"]].decimals
            assert re.fullmatch(rf"(-?\d+(\.\d{{1,{max(decimals, 1)}}})?)?", row["value"]), row
            seen += bool(row["value"])
    assert seen > 40


def test_no_public_answer_gives_a_value_or_an_interval_with_more_decimals_than_its_sheet(
    get: Get, demo: Network
) -> None:
    seen = 0
    for member in ("potager-des-grands-pres", "atelier-du-canal", "ecole-du-pont-rouge"):
        for figure in get(f"/api/board/{member}.json").json()["figures"]:
            decimals = demo.catalogue[figure["indicator"]].decimals
            for number in (figure["value"], *(figure["interval"] or ())):
                if number is not None:
                    assert number == round(number, decimals), figure
                    seen += 1
    for row in get("/api/network/dynamic_exit_rate.json").json()["structures"]:
        if row["value"] is not None:
            assert row["value"] == round(row["value"], 1)
            seen += 1
    assert seen > 60


@pytest.mark.parametrize("dataset", list(DATASETS))
def test_every_dataset_is_exported_for_programs(demo: Network, dataset: str, capfdbinary: Any) -> None:
    with pytest.raises(SystemExit) as stopped:
        app(["export", dataset, "--store", demo.lake.name])
    assert stopped.value.code == 0
    sys.stdout.flush()
    written = capfdbinary.readouterr().out
    assert written.split(b"\r\n")[0].decode().split(",") == [column.french for column in DATASETS[dataset].columns]
    rows_of(written, OPEN_DATA)


def draw(address: str, language: str, chosen: dict[str, str]) -> None:
    from dashboards.access import LOCAL_ADMINISTRATOR, get_app_state
    from dashboards.app_pages.page_context import PageContext
    from dashboards.app_pages.registry import PAGES
    from dashboards.wording.translations import load_translator

    page = next(page for page in PAGES if page.path == address)
    page.render(
        PageContext(
            get_app_state(), LOCAL_ADMINISTRATOR, load_translator(language), get_app_state().today(), address, chosen
        )
    )


Offered = list[tuple[str, bytes]]


@pytest.fixture
def offered(demo: Network, monkeypatch: pytest.MonkeyPatch) -> Offered:
    """What the download buttons of a page give, as they are drawn: the files are made as for a click."""
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(demo, Clock(TODAY), DemoAccess({"": LOCAL_ADMINISTRATOR.grants})))
    files: Offered = []
    button: Callable[..., Any] = st.download_button

    def record(label: str, data: Any, file_name: str, *args: Any, **options: Any) -> Any:
        if file_name.endswith(".csv"):
            files.append((file_name, data() if callable(data) else data))
        return button(label, data, file_name, *args, **options)

    monkeypatch.setattr(st, "download_button", record)
    return files


def files_of(offered: Offered, address: str, chosen: dict[str, str]) -> Offered:
    language = chosen.get("lang", "fr")
    page = AppTest.from_function(draw, args=(address, language, chosen), default_timeout=120)
    for name, value in chosen.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return offered


def test_every_page_is_walked() -> None:
    assert {address for address, _ in WALKS} == {page.path for page in PAGES}
    assert LOCAL_ADMINISTRATOR.has(Right.DEPOSIT)


@pytest.mark.parametrize(("address", "chosen"), WALKS)
def test_every_csv_that_a_page_offers_is_for_a_spreadsheet_and_the_page_says_so(
    offered: Offered, demo: Network, address: str, chosen: dict[str, str]
) -> None:
    files = files_of(offered, address, chosen)
    has_list = address == "comparer" and chosen.get("affichage") != "petits-multiples"
    assert bool(files) is (address in {"actions", "indicateur", "deposer", "suivi", "journal", "bureau"} or has_list)
    for name, content in files:
        rows = rows_of(content, SPREADSHEET)
        assert rows, name
        if "libelle" not in rows[0]:
            continue
        assert {"nom", "unite", "lecture"} <= rows[0].keys()
        for row in rows:
            assert row["nom"]
            assert row["libelle"] == demo.catalogue[row["indicateur"]].label(chosen.get("lang", "fr"))
            decimals = demo.catalogue[row["indicateur"]].decimals
            if chosen.get("vue") != "gestion":
                assert re.fullmatch(rf"(-?\d+(,\d{{{decimals}}})?)?", row["valeur"]), row
    if chosen.get("vue") == "gestion" and files:
        assert any(len(row["valeur"]) > 8 for row in rows_of(files[0][1], SPREADSHEET)), "exact"


def test_a_corrected_copy_is_for_a_spreadsheet(
    network: Network, offered: Offered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)
    stored(network, structures(*DIRECTORY))
    set_app_state(AppState(network, Clock(TODAY), DemoAccess({"": LOCAL_ADMINISTRATOR.grants})))
    page = AppTest.from_function(draw, args=("deposer", "fr", {}), default_timeout=120).run()
    row = measure("atelier-ternoise", "T3 2026", "absenteeism_rate", "310,5", "12 400")
    page.file_uploader[0].upload("mesures.csv", BytesIO(measures(row)).getvalue(), "text/csv")
    page.run()
    (content,) = [content for name, content in offered if name.startswith("mesures-corrig")]
    (copy,) = rows_of(content, SPREADSHEET)
    assert (copy["periode"], copy["numerateur"], copy["denominateur"]) == ("2026-T3", "310,5", "12400")
