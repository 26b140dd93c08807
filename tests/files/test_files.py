"""Files as people and programs write them, each with the verdict it deserves and what must be said of it.

`french-spreadsheets` is one quarter written well or badly in thirty-five ways; `public-cases` holds files rebuilt from
public bug reports, whose addresses stand in its table. Each folder has its network (`structures.csv`) and its table
(`EXPECT.tsv`): verdict, codes, row and column, alternatives parted by slashes, an empty one where none is needed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dashboards.wording.finding_messages import finding_json
from dashboards.wording.translations import load_translator
from indicators.intake.validate import ValidationResult, Verdict
from indicators.network import Network
from schemas.findings import Severity
from tests.builders import Store, codes, examine, stored
from tests.dashboards.test_annotated_workbook import holds

FOLDER = Path(__file__).parent
SETS = ("french-spreadsheets", "public-cases")
PERIOD = "2026-T1"


@dataclass(frozen=True)
class Expected:
    """What one row of a table says of its file."""

    folder: str
    file: str
    verdicts: frozenset[str]
    codes: frozenset[str]
    row: int | None
    column: str | None

    @property
    def content(self) -> bytes:
        return (FOLDER / self.folder / self.file).read_bytes()


def read_table(folder: str) -> Iterator[Expected]:
    with (FOLDER / folder / "EXPECT.tsv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Expected(
                folder,
                row["file"],
                frozenset(row["verdict"].split("/")),
                frozenset(row["codes"].split("/")),
                int(row["row"]) if row["row"] else None,
                row["column"] or None,
            )


EXPECTED = [expected for folder in SETS for expected in read_table(folder)]
CASES = [pytest.param(expected, id=f"{expected.folder}/{expected.file}") for expected in EXPECTED]


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Network]]:
    """The network of each set, its structures deposited."""
    first, second = (Store(str(tmp_path_factory.mktemp(folder) / "store")) for folder in SETS)
    with first.open() as one, second.open() as two:
        opened = dict(zip(SETS, (one, two), strict=True))
        for folder, network in opened.items():
            stored(network, (FOLDER / folder / "structures.csv").read_bytes())
        yield opened


LOOKED_AT: dict[Expected, ValidationResult] = {}


def look(networks: dict[str, Network], expected: Expected) -> ValidationResult:
    """Examine a file, once in a process."""
    if expected not in LOOKED_AT:
        found = examine(networks[expected.folder], expected.content, expected.file, period=PERIOD)
        LOOKED_AT[expected] = found
    return LOOKED_AT[expected]


def is_reported(found: ValidationResult, expected: Expected) -> bool:
    """Whether one of the codes expected is told, at the row and the column expected."""
    named = [finding for finding in found.findings if finding.code in expected.codes]
    if not named:
        return "" in expected.codes
    return any(
        expected.row in {None, finding.row} and expected.column in {None, finding.header, finding.values.get("wanted")}
        for finding in named
    )


@pytest.mark.parametrize("expected", CASES)
def test_a_file_gets_the_verdict_it_deserves_and_is_told_why_and_where(
    networks: dict[str, Network], expected: Expected
) -> None:
    found = look(networks, expected)
    reported = [(finding.code, finding.row, finding.header) for finding in found.findings]
    assert found.verdict.value in expected.verdicts, reported
    assert is_reported(found, expected), reported


@pytest.mark.parametrize("expected", CASES)
def test_what_is_said_of_a_file_can_be_said_in_the_three_languages(
    networks: dict[str, Network], expected: Expected
) -> None:
    found = look(networks, expected)
    for language in ("fr", "en", "nl"):
        for finding in found.findings:
            assert "{" not in json.dumps(finding_json(finding, load_translator(language)), ensure_ascii=False)[1:-1]


ALSO: dict[str, set[str]] = {
    "50_duplicate_key.csv": {"X02"},
    "p01_trailing_16.csv": {"R02"},
    "p26_stray_dot.csv": {"R03"},
    "p28_footnotes.csv": {"R04"},
    "p30_structure_above.csv": {"H02"},
    "w03_hidden_column.xlsx": {"F16"},
    "w13_table_at_C3.xlsx": {"H02", "X03"},
    "x30_year_and_quarter.csv": {"H08"},
    "l07_repeated.ods": {"R03"},
}
"""What is said of a file beside what its table expects."""


@pytest.mark.parametrize("expected", CASES)
def test_nothing_else_is_said_of_a_file(networks: dict[str, Network], expected: Expected) -> None:
    assert set(codes(look(networks, expected))) <= expected.codes | ALSO.get(expected.file, set())


@pytest.mark.parametrize("expected", CASES)
def test_a_file_corrected_says_the_same_without_a_correction(networks: dict[str, Network], expected: Expected) -> None:
    found = look(networks, expected)
    again = holds(networks[expected.folder], found, period=PERIOD)
    safe = any(finding.severity is Severity.CORRECTED for finding in found.findings)
    if found.verdict is Verdict.ACCEPTED:
        assert (again is not None) == safe


SAME = [
    pytest.param(expected, id=f"{expected.folder}/{expected.file}")
    for expected in EXPECTED
    if expected.verdicts == {"accepted"}
    # Other figures, or none: NC, segments, one row more.
    and expected.file not in {"05_nbsp_thousands.csv", "10_nc.csv", "p01_trailing_16.csv", "w10_percent_text.xlsx"}
]


@pytest.mark.parametrize("expected", SAME)
def test_a_file_that_is_accepted_holds_the_figures_of_the_one_that_is_written_best(
    networks: dict[str, Network], expected: Expected
) -> None:
    control = look(networks, next(each for each in EXPECTED if each.file == "01_control.csv"))
    found = look(networks, expected)
    assert found.table is not None
    assert control.table is not None
    kept = ["structure", "period", "indicator", "numerator", "denominator", "segment"]
    assert found.table.select(kept).sort(kept).equals(control.table.select(kept).sort(kept))


def test_each_file_of_a_set_is_expected_and_each_that_is_expected_is_there() -> None:
    for folder in SETS:
        files = {path.name for path in (FOLDER / folder).iterdir()} - {"EXPECT.tsv", "structures.csv"}
        assert files == {expected.file for expected in EXPECTED if expected.folder == folder}


def test_no_row_of_a_refused_file_counts(networks: dict[str, Network]) -> None:
    for expected in EXPECTED:
        found = look(networks, expected)
        if found.verdict is Verdict.REFUSED:
            assert found.rows_accepted == 0, expected.file
