"""The practices that the product comes from: what each published is found on a page, and docs/seeds.md is true.

What was published is written down here by hand, as a reader finds it on the page.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from dashboards.access import LOCAL_ADMINISTRATOR, AppState
from dashboards.app_pages.registry import PAGES
from dashboards.clock import Clock
from dashboards.commands.serve import ARCHIVE_DAY, archive_access
from dashboards.web.site_address import SiteAddress
from indicators.definitions.catalogue import read_catalogue
from indicators.network import DATA_FOLDER, Network
from schemas.datasets import DATASETS
from tests.builders import TODAY
from tests.dashboards.drawn_page import DrawnPage, StateOf, draw

ROOT: Final = Path(__file__).parent.parent.parent
SEEDS: Final = ROOT / "docs" / "seeds.md"
NOT_YET: Final = "not there yet"
SCHOOL, FEDERATION = "ecole-du-pont-rouge", "reseau-des-horizons"
HERE: Final = SiteAddress.from_binding("127.0.0.1", 8501)

PUBLISHED: Final = [
    (
        1,
        "structure",
        {"structure": "itl"},
        ("Institut Technique Libre (Ath)", "– sur 650", "650 est le nombre d’élèves"),
    ),
    (3, "structure", {"structure": "itl"}, ("Actions ouvertes (cumul) 1 100",)),
    (3, "indicateur", {"indicateur": "corrective_preventive_actions_total", "structure": "itl"}, ("1 100",)),
    (4, "structure", {"structure": "terre"}, ("20,0 %", "60 sur 300", "trois à quatre fois par an")),
    (5, "structure", {"structure": "defi-plus"}, ("0,68", "102 sur 150", "80,0 %", "20 % de mobiles")),
    (6, "structure", {"structure": "proxiservice"}, ("100,0 %", "44 sur 44")),
    (8, "structure", {"structure": "contre-point"}, ("50,0 %", "35,0 %", "contre 50 % auparavant")),
    (9, "structure", {"structure": "cortil"}, ("97,0 %", "75,0 %", "75 % du chiffre d’affaires")),
    (9, "structure", {"structure": "cortil-eft"}, ("31,6 %", "17,1 %")),
    (9, "structure", {"perimetre": "groupe:cortigroupe"}, ("97,0 %", "31,6 %", "17,1 %", "75,0 %")),
    (14, "structure", {"structure": "coorace"}, ("8,3 %", "10 sur 120", "regrette d’y être « deux »")),
    (18, "structure", {"structure": "coorace"}, ("En parcours, aux rencontres 2013 20,0 %",)),
    (
        18,
        "indicateur",
        {"indicateur": "pathway_employee_event_share", "structure": "coorace"},
        ("20 % de salariés en parcours parmi 150 participants, soit 30 personnes", "10 sur 120, soit 8,3 %"),
    ),
]
"""Row of the table, page, its address, what stands there."""


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)


def archive_page(network: Network, path: str, **address: str) -> DrawnPage:
    return draw(AppState(network, Clock(ARCHIVE_DAY), archive_access(HERE), HERE), path, **address)


def demo_page(network: Network, path: str, **address: str) -> DrawnPage:
    return draw(AppState(network, Clock(TODAY)), path, **address)


@pytest.mark.parametrize(("row", "path", "address", "texts"), PUBLISHED)
def test_a_published_figure_is_found_on_a_page(
    belgium: Network, row: int, path: str, address: dict[str, str], texts: tuple[str, ...]
) -> None:
    text = archive_page(belgium, path, **address).text
    assert [each for each in texts if each not in text] == [], row


def test_the_bodies_of_the_school_meet_six_times_a_year_one_time_and_twice_a_month(belgium: Network) -> None:
    rows = {row[0]: row[1:3] for row in archive_page(belgium, "structure", structure="itl").rows if len(row) == 4}
    assert rows == {
        "Comité de pilotage": ["tous les deux mois", "6"],
        "Revue de direction": ["une fois par an", "1"],
        "Réunion qualité": ["deux fois par mois", "24"],
    }


def test_the_four_indicators_that_the_school_s_public_board_names_stand_on_that_of_a_school(demo: Network) -> None:
    text = demo_page(demo, "structure", structure=SCHOOL).text
    for name in ("En emploi à 6 mois", "Sanctions graves", "Absentéisme des élèves", "Heures perdues (élèves)"):
        assert name in text


def test_occasions_to_take_part_are_counted_on_a_board_as_the_register_has_them(demo: Network) -> None:
    folder = DATA_FOLDER / "demo" / "2025-T4"
    with (folder / "participation.csv").open(encoding="utf-8", newline="") as file:
        held = [row for row in csv.DictReader(file, delimiter=";") if row["structure"] == "atelier-du-canal"]
    counted = sum("2025-10-01" <= row["date"] <= "2025-12-31" for row in held)
    text = demo_page(demo, "structure", structure="atelier-du-canal", periode="2025-T4").text
    assert counted >= 1
    assert re.search(rf"Actions de participation {counted} T4 2025", text)


def test_twenty_five_proposals_of_the_workshops_stand_on_the_page_of_a_federation(demo: Network) -> None:
    state = StateOf(demo, Clock(TODAY), reader=LOCAL_ADMINISTRATOR)
    page = draw(state, "participation", perimetre=FEDERATION, partie="demandes", annee="2026")
    assert "Reçues 25 " in page.text
    by_workshop = Counter(row[2].removeprefix("atelier ") for row in page.rows)
    assert by_workshop == {"1a": 3, "2a": 3, "1b+2b": 5, "1c": 3, "2c": 3, "1d": 4, "2d": 4}


# The map


def rows_of_the_map() -> list[list[str]]:
    """Return the cells of its table."""
    lines = [line for line in SEEDS.read_text(encoding="utf-8").splitlines() if re.match(r"\| \d+ \|", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_map_has_each_of_the_eighteen_rows() -> None:
    assert [int(row[0]) for row in rows_of_the_map()] == list(range(1, 19))
    assert {len(row) for row in rows_of_the_map()} == {4}


def test_every_row_of_the_map_names_a_test_or_says_that_it_is_not_there_yet() -> None:
    for number, _, where, shown_by in rows_of_the_map():
        assert re.search(r"`test_\w+`", shown_by) or NOT_YET in where, number
    shown = {int(row[0]) for row in rows_of_the_map() if "`test_" in row[3]}
    assert {row for row, *_ in PUBLISHED} <= shown


def test_everything_that_the_map_names_is_there() -> None:
    indicators = {indicator.id for indicator in read_catalogue(DATA_FOLDER / "catalogue")}
    pages = {f"/{page.path}" for page in PAGES}
    tests = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = {name for row in rows_of_the_map() for cell in row[2:] for name in re.findall(r"`([^`]+)`", cell)}
    unknown = {
        name
        for name in named
        if name not in indicators | tests | DATASETS.keys()
        if name.partition("?")[0] not in pages
        if not (ROOT / name).exists()
    }
    assert unknown == set()
    assert len(named & pages) + len([name for name in named if "?" in name]) >= 5
