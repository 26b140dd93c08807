"""Every code of the catalogue of findings, each told by at least one small file, where a spreadsheet shows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from indicators.intake.validate import Verdict
from indicators.network import DATA_FOLDER, Network
from schemas.findings import SEVERITIES_BY_CODE
from tests.builders import (
    DIRECTORY,
    PARTICIPATION,
    Store,
    codes,
    examine,
    findings_of,
    measures,
    occasion,
    stored,
    structures,
    table,
)
from tests.conftest import Run
from tests.intake.finding_cases import (
    ANY,
    CASES,
    HEADER,
    SOUND,
    TYPED,
    XLSX,
    B,
    C,
    FindingCase,
    I,
    examined,
    of_sheets,
    row,
    typed,
)
from tests.intake.workbooks import ods, ods_row, ods_table, xlsx_of


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_file_is_told_its_cause_where_the_person_sees_it(directory: Network, case: FindingCase) -> None:
    case.hold(examined(directory, case))


@pytest.mark.parametrize("kept", [measures(SOUND), typed(), ods(ods_table(ods_row(*HEADER), ods_row(*TYPED)))])
def test_the_rows_from_which_these_files_are_made_get_nothing(directory: Network, kept: bytes) -> None:
    name = "depot.csv" if kept.startswith(b"structure") else "depot.ods" if b"opendocument" in kept[:100] else XLSX
    assert examine(directory, kept, name).findings == ()


def test_days_first_in_french_are_read_without_a_word(directory: Network) -> None:
    content = table(PARTICIPATION, occasion("PA-1", "03/04/2026", 12), occasion("PA-2", "25/04/2026", 12))
    found = examine(directory, content)
    assert found.findings == ()
    assert found.table is not None
    assert found.table["held_on"].to_list() == [date(2026, 4, 3), date(2026, 4, 25)]


@pytest.mark.parametrize("sheets", ["xlsx", "ods"])
def test_a_finding_in_a_workbook_names_its_sheet(directory: Network, sheets: str) -> None:
    wrong = [*TYPED[:3], "trente", *TYPED[4:]]
    if sheets == "ods":
        content = ods(ods_table(ods_row(*HEADER), ods_row(*wrong), name="Premier trimestre"))
    else:
        content = of_sheets(("Premier trimestre", [HEADER, wrong], False), ("Notice", [["À lire"]], False))
    (finding,) = findings_of(examine(directory, content, f"depot.{sheets}"), "C03")
    assert (finding.sheet, finding.row, finding.column, finding.value) == ("Premier trimestre", 2, "D", "trente")


def test_a_percent_cell_is_read_as_it_is_shown(directory: Network) -> None:
    content = xlsx_of([HEADER, [*TYPED[:5], 0.55, *TYPED[6:]]], c5="0.0%")
    found = examine(directory, content, XLSX)
    assert found.verdict is Verdict.ACCEPTED, codes(found)
    assert set(codes(found)) <= {"C05"}
    assert found.table is not None
    assert found.table["value"].to_list() == [55.0]


def test_a_date_cell_is_a_date(directory: Network) -> None:
    rows = [PARTICIPATION.split(";"), ["atelier-ternoise", "PA-1", date(2026, 4, 3), "reunion", "Travail", None, 12]]
    found = examine(directory, xlsx_of(rows, c2="dd/mm/yyyy"), XLSX)
    assert found.findings == ()
    assert found.table is not None
    assert found.table["held_on"].to_list() == [date(2026, 4, 3)]


def test_five_digits_and_more_lost_by_a_number_cell_are_not_guessed(directory: Network) -> None:
    found = examine(directory, typed(structure=1.23e13), XLSX)
    assert found.verdict is Verdict.REFUSED
    assert set(codes(found)) & {"I01", "I03", "I05", "I07"}, codes(found)


# What needs a past


INDICATORS: Final = {"dynamic_exit_rate": 30, "absenteeism_rate": 31, "undocumented_exit_rate": 4}
LAST: Final = {name: count + 1 for name, count in INDICATORS.items()}
"""What the last quarter counted."""
QUARTERS: Final = ("2024-T1", "2024-T2", "2024-T3", "2024-T4", "2025-T1", "2025-T2", "2025-T3", "2025-T4")


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network with eight quarters of three indicators of one structure, moving a little."""
    with Network(str(tmp_path_factory.mktemp("past"))) as opened:
        stored(opened, structures(*DIRECTORY))
        for place, quarter in enumerate(QUARTERS):
            rows = [row(name, count + place % 3, 100, period=quarter) for name, count in INDICATORS.items()]
            stored(opened, measures(*rows), comment="reprise")
        yield opened


def quarter(period: str = "2026-T1", **counts: object) -> bytes:
    """The quarter after the past, with some counts of one's own; None leaves an indicator out."""
    all_counts = {**{name: count + 2 for name, count in INDICATORS.items()}, **counts}
    return measures(*(row(n, c, 100, period=period) for n, c in all_counts.items() if c is not None))


PAST_CASES = [
    FindingCase("the very same file", "F11", I, quarter("2025-T4", **LAST)),
    FindingCase(
        "an indicator that came every quarter",
        "X04",
        C,
        quarter(absenteeism_rate=None),
        row=ANY,
        column=ANY,
        suggestion="absenteeism_rate",
        period="2026-T1",
        structure="atelier-ternoise",
    ),
    FindingCase(
        "a figure that goes",
        "B04",
        C,
        quarter("2025-T4", **LAST | {"dynamic_exit_rate": "NC"}),
        2,
        ANY,
        value="NC",
        suggestion=ANY,
        others="C02",
    ),
    FindingCase(
        "a value that changes",
        "B04",
        C,
        quarter("2025-T4", **LAST | {"dynamic_exit_rate": 33}),
        2,
        ANY,
        value=ANY,
        suggestion=ANY,
    ),
    FindingCase(
        "another name",
        "B08",
        C,
        structures(DIRECTORY[0].replace("Atelier Ternoise (fictif)", "Atelier des Deux Rives (fictif)")),
        2,
        "B",
        value="Atelier des Deux Rives (fictif)",
        suggestion=ANY,
        period="2026-T1",
    ),
    FindingCase("far from its own past", "B05", C, quarter(dynamic_exit_rate=95), 2, ANY, value=ANY, suggestion=ANY),
    FindingCase("all as the quarter before", "B07", C, quarter(**LAST), ANY, ANY),
]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.code} {case.cause}") for case in PAST_CASES])
def test_a_file_is_held_against_the_structures_own_past(past: Network, case: FindingCase) -> None:
    assert isinstance(case.content, bytes)
    case.hold(examine(past, case.content, period=case.period, structure=case.structure))


def test_a_quarter_like_the_others_gets_nothing(past: Network) -> None:
    assert examine(past, quarter()).findings == ()


def test_a_value_far_away_comes_with_the_last_four_of_its_past(past: Network) -> None:
    (finding,) = findings_of(examine(past, quarter(dynamic_exit_rate=95)), "B05")
    assert finding.values["past"] == (31, 32, 30, 31)


# What needs campaigns of one's own


CAMPAIGNS: Final = (
    "periode;structure;ouverte_le;limite;verrouillee_le;approuvee_par",
    "2025-T3;;2025-10-01;2025-10-31;2025-12-01;",
    "2025-T4;;2026-01-01;2026-01-31;2026-03-01;conseil d’administration",
    "2026-T1;;2026-12-01;2026-12-31;;",
)


@pytest.fixture(scope="module")
def campaigning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network with a period locked, one approved, and one that is not open yet."""
    folder = tmp_path_factory.mktemp("campaigns")
    shutil.copytree(DATA_FOLDER, folder / "data", ignore=shutil.ignore_patterns("demo"))
    (folder / "data/reference/campaigns.csv").write_text("\n".join(CAMPAIGNS) + "\n", encoding="utf-8")
    with Network(str(folder / "store"), reference=folder / "data") as opened:
        stored(opened, structures(*DIRECTORY))
        yield opened


CAMPAIGN_CASES = [
    FindingCase(
        "a locked period",
        "B02",
        B,
        measures(row("dynamic_exit_rate", 33, 60, period="2025-T3")),
        2,
        "B",
        value="2025-T3",
    ),
    FindingCase("a period not open yet", "B02", B, measures(row("dynamic_exit_rate", 33, 60)), 2, "B", value="2026-T1"),
    FindingCase(
        "a period approved",
        "B03",
        B,
        measures(row("dynamic_exit_rate", 33, 60, period="2025-T4")),
        2,
        "B",
        value="2025-T4",
        others="B02",
    ),
]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.code} {case.cause}") for case in CAMPAIGN_CASES])
def test_a_file_is_held_against_the_campaigns(campaigning: Network, case: FindingCase) -> None:
    assert isinstance(case.content, bytes)
    case.hold(examine(campaigning, case.content))


# What is our fault


def test_s01_a_failure_on_our_side_is_said_as_such_and_nothing_is_stored(tmp_path: Path, pilotage: Run) -> None:
    store = Store(str(tmp_path / "broken"))
    with store.open() as network:
        stored(network, structures(*DIRECTORY))
        network.lake.compact()
    files = sorted(Path(store.address, "data").rglob("*.parquet"))
    kept = {file: file.read_bytes() for file in files}
    assert files, "the directory of structures lies in files"
    for file in files:
        file.write_bytes(b"PAR1 broken PAR1")
    (tmp_path / "mesures.csv").write_bytes(measures(SOUND))
    for action_ in ("check", "deposit"):
        done = pilotage(action_, "mesures.csv", "--json", *store.options)
        assert done.code == 1, done.err
        (answer,) = done.objects
        assert (answer["verdict"], answer["rows_accepted"], answer["deposit"]) == ("refused", 0, None)
        assert [finding["code"] for finding in answer["findings"]] == ["S01"]
        assert "broken" not in answer["findings"][0]["message"], "what failed inside is not the depositor's to read"
    for file, content in kept.items():
        file.write_bytes(content)
    history = pilotage("history", "--json", *store.options)
    assert [deposit["dataset"] for deposit in history.objects] == ["structures"]


def test_every_code_of_the_catalogue_is_told_by_a_file() -> None:
    cases = [*CASES, *PAST_CASES, *CAMPAIGN_CASES]
    assert {case.code for case in cases} | {"S01"} == set(SEVERITIES_BY_CODE)
