"""Re-basings: who decided that a series begins anew, for whom they hold, and where they cut it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from indicators.definitions.baselines import (
    Rebaseline,
    read_rebaselines,
    rebaselines_of,
    segment_starts,
)
from indicators.definitions.catalogue import Audience, read_catalogue
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, Structure
from indicators.definitions.periods import Period
from indicators.definitions.regions import read_regions
from indicators.errors import CatalogueError
from indicators.figures.time_steps import TimeStep, spans_covering
from indicators.network import DATA_FOLDER, Network
from indicators.queries.figures.assessed_board import assess_board
from indicators.snapshot import QueryContext
from schemas.reference_data import REBASELINES

CATALOGUE = read_catalogue(DATA_FOLDER / "catalogue")
REGIONS = read_regions(DATA_FOLDER / "reference" / "regions.csv")
QUARTERS = Period.parse("2026-T3").trailing(12)
ABSENCE = "absenteeism_rate"
ATELIER = Structure("atelier", "Atelier (fictif)", "ACI", "Groupe (fictif)", "normandie", None, "FR", None, None,
                    None, None)  # fmt: skip


@pytest.fixture
def declare(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of re-basings."""

    def write(*rows: str, header: str = ";".join(column.french for column in REBASELINES.dataset.columns)) -> Path:
        path = tmp_path / "rebasings.csv"
        path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        return path

    return write


def row(perimeter: str = "atelier", since: str = "2026-T1", day: str = "2026-02-01", reason: str = "nouveau") -> str:
    return f"{perimeter};{ABSENCE};{since};{day};{reason}"


def decided(perimeter: str, since: str, reason: str = "nouveau") -> Rebaseline:
    return Rebaseline(perimeter, ABSENCE, Period.parse(since), date(2026, 2, 1), reason)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (row("region:atlantide"), "region:atlantide"),
        (row("type:XYZ"), "type:XYZ"),
        (row("continent:europe"), "continent:europe"),
        (row("groupe:"), "groupe:"),
        (row(""), "unknown perimeter"),
        (row(since="2026"), "2026 is no quarter"),
        (row(since="printemps"), "printemps"),
        (row(day="01/02/2026"), "decidee_le"),
        (row(day=""), "decidee_le"),
        (row(reason=" "), "motif"),
        (row().replace(ABSENCE, "happiness_rate"), "happiness_rate"),
        (row() + ";plus", "6 cells"),
        (row(), "twice"),
    ],
)
def test_what_is_unknown_or_lacks_its_reason_is_refused_with_the_file_and_the_line(
    declare: Callable[..., Path], wrong: str, why: str
) -> None:
    path = declare(row(), "", wrong)
    with pytest.raises(CatalogueError) as refused:
        read_rebaselines(path, CATALOGUE, REGIONS)
    assert str(refused.value).startswith(f"{path}: line 4: ")
    assert why in str(refused.value)


def test_an_unknown_column_is_refused_by_name(declare: Callable[..., Path]) -> None:
    with pytest.raises(CatalogueError, match=r"line 1: .*depuis"):
        read_rebaselines(declare(header="perimetre;indicateur;depuis;decidee_le;motif"), CATALOGUE, REGIONS)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"rebasings\.csv"):
        read_rebaselines(tmp_path / "rebasings.csv", CATALOGUE, REGIONS)


def test_a_decision_keeps_its_day_and_its_reason(declare: Callable[..., Path]) -> None:
    (found,) = read_rebaselines(declare(row("type:ACI", reason="« nouveau »")), CATALOGUE, REGIONS)
    assert found == Rebaseline("type:ACI", ABSENCE, Period.parse("2026-T1"), date(2026, 2, 1), "« nouveau »")


def test_what_holds_for_a_larger_perimeter_holds_for_the_structures_in_it_and_the_nearest_reason_is_kept() -> None:
    declared = [
        decided("reseau", "2024-T1", "network"),
        decided("atelier", "2024-T1", "own"),
        decided("type:ACI", "2023-T1", "kind"),
        decided("type:EI", "2022-T1"),
        decided("groupe:groupe-fictif", "2025-T1", "group"),
        decided("region:normandie", "2025-T1", "region"),
        decided("region:bretagne", "2022-T1"),
        decided("atelier-voisin", "2022-T1"),
    ]
    found = rebaselines_of(declared, ATELIER, ABSENCE)
    assert [(one.since.code, one.reason) for one in found] == [
        ("2023-T1", "kind"),
        ("2024-T1", "own"),
        ("2025-T1", "group"),
    ]
    assert rebaselines_of(declared, ATELIER, "women_share") == []


@pytest.mark.parametrize(
    ("since", "positions"), [("2024-T1", [1]), ("2026-T3", [11]), ("2023-T4", []), ("2020-T1", []), ("2026-T4", [])]
)
def test_a_series_is_cut_inside_it_only(since: str, positions: list[int]) -> None:
    assert segment_starts([decided("atelier", since)], QUARTERS) == positions


def test_a_year_in_the_middle_of_which_the_rule_changed_belongs_to_what_was_before() -> None:
    years = spans_covering(TimeStep.YEAR, Period.parse("2023-T1"), Period.parse("2026-T4"))
    assert [year.code for year in years] == ["2023", "2024", "2025", "2026"]
    assert segment_starts([decided("atelier", "2024-T1")], years) == [1]
    assert segment_starts([decided("atelier", "2024-T2")], years) == [2]


def test_the_demonstration_has_limits_of_its_own_since_absence_is_counted_otherwise(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        own = Perimeter(Level.STRUCTURE, "atelier-du-canal")
        board = assess_board(
            QueryContext(snapshot, Audience.MANAGEMENT, date(2026, 11, 24)), own, NETWORK, Period.parse("2026-T3")
        )
        judged = next(one for one in board if one.indicator.id == ABSENCE)
        before, after = judged.control_chart.segments
        assert judged.series[after.start].period.code == "2023-T1"
        assert before.mean is not None
        assert after.mean is not None
        assert after.mean > before.mean + 1
        for structure in {one.perimeter for one in snapshot.rebaselines}:
            assert structure in snapshot.structures.by_id
