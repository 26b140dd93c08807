"""B05: a figure far from its structure's own past, against a twin in plain Python and against known figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions.periods import Period
from indicators.intake.validate import Verdict
from indicators.network import Network
from schemas.findings import Severity
from tests.builders import examine, findings_of, measure, measures, stored
from tests.conftest import copy_store, examples

ATELIER, REGIE = "atelier-ternoise", "regie-ternoise"
NOW = Period.parse("2026-T1")
COUNT = "corrective_preventive_actions_total"


def is_far(past: Sequence[float], figure: float) -> bool:
    """The rule of METHODS 7, as a person would apply it."""
    if not past:
        return False
    if len(past) < 6:
        return figure > 1.5 * max(past) + 1e-9
    middle = median(past)
    width = max(3.0, 3 * 1.4826 * median(abs(value - middle) for value in past))
    return abs(figure - middle) > width + 1e-9


def history_of(values: Sequence[float], indicator: str = COUNT, structure: str = ATELIER) -> list[str]:
    """Rows of the quarters before the one examined, the newest last."""
    quarters = [NOW.shifted(place - len(values)).code for place in range(len(values))]
    return [measure(structure, q, indicator, f"{v:g}") for q, v in zip(quarters, values, strict=True)]


@pytest.fixture
def ready(directory_network: Network) -> Network:
    return directory_network


# The twin


@examples(0.2)
@given(
    past=st.lists(st.lists(st.integers(0, 60), max_size=11), min_size=3, max_size=3),
    figures=st.lists(st.integers(0, 100), min_size=3, max_size=3),
)
def test_the_rule_agrees_with_its_twin_for_any_past(
    directory_folder: Path, past: list[list[int]], figures: list[int]
) -> None:
    names = (ATELIER, REGIE, "regie-ternoise-nord")
    with TemporaryDirectory() as folder, Network(str(copy_store(directory_folder, Path(folder) / "store"))) as network:
        rows = [row for name, values in zip(names, past, strict=True) for row in history_of(values, structure=name)]
        if rows:
            stored(network, measures(*rows), comment="passé inventé")
        now = [measure(name, NOW.code, COUNT, figure) for name, figure in zip(names, figures, strict=True)]
        found = findings_of(examine(network, measures(*now)), "B05")
    expected = [
        row for row, (values, figure) in enumerate(zip(past, figures, strict=True), 2) if is_far(values, figure)
    ]
    assert [finding.row for finding in found] == expected
    for finding in found:
        values = past[(finding.row or 0) - 2]
        assert finding.values["past"] == tuple(map(float, values[-4:]))


# Known figures


@pytest.mark.parametrize(
    ("past", "figure", "far"),
    [
        ([], 1_000, False),
        ([10], 15, False),
        ([10], 16, True),
        ([10, 40, 20], 60, False),
        ([10, 40, 20], 61, True),
        ([10, 40, 20], 0, False),
        ([30] * 6, 33, False),
        ([30] * 6, 34, True),
        ([30] * 6, 27, False),
        ([30] * 6, 26, True),
        ([20, 22, 24, 26, 28, 30], 38, False),  # median 25, MAD 3: 25 ± 13.3434
        ([20, 22, 24, 26, 28, 30], 39, True),
        ([20, 22, 24, 26, 28, 30], 11, True),
    ],
)
def test_known_figures_are_far_or_not(ready: Network, past: list[float], figure: int, far: bool) -> None:
    if past:
        stored(ready, measures(*history_of(past)), comment="passé inventé")
    found = examine(ready, measures(measure(ATELIER, NOW.code, COUNT, figure)))
    assert is_far(past, figure) is far
    assert bool(findings_of(found, "B05")) is far
    assert found.verdict is (Verdict.TO_CONFIRM if far else Verdict.ACCEPTED)


def test_a_far_figure_is_asked_about_with_its_last_four_values_and_its_limits(ready: Network) -> None:
    stored(ready, measures(*history_of([20, 22, 24, 26, 28, 30])), comment="passé inventé")
    [finding] = findings_of(examine(ready, measures(measure(ATELIER, NOW.code, COUNT, 90))), "B05")
    assert (finding.severity, finding.row, finding.column, finding.value) == (Severity.CONFIRM, 2, "D", "90")
    assert finding.values["past"] == (24, 26, 28, 30)
    assert (finding.values["now"], finding.values["median"]) == (90, 25)
    assert finding.values["lowest"] == pytest.approx(25 - 3 * 1.4826 * 3)
    assert finding.values["highest"] == pytest.approx(25 + 3 * 1.4826 * 3)


def test_a_rate_is_compared_in_the_unit_of_its_indicator(ready: Network) -> None:
    past = [measure(ATELIER, NOW.shifted(-back).code, "absenteeism_rate", 100 + back, 2_000) for back in range(1, 4)]
    stored(ready, measures(*past))
    alike = measures(measure(ATELIER, NOW.code, "absenteeism_rate", 1_000, 20_000))
    assert findings_of(examine(ready, alike), "B05") == [], "ten times the hours, the same rate"
    [finding] = findings_of(examine(ready, measures(measure(ATELIER, NOW.code, "absenteeism_rate", 160, 2_000))), "B05")
    assert finding.values["past"] == pytest.approx((5.15, 5.1, 5.05))
    assert (finding.values["now"], finding.values["median"]) == (8.0, None)
    assert finding.values["highest"] == pytest.approx(1.5 * 5.15)
    stated = measures(measure(ATELIER, NOW.code, "absenteeism_rate", value="8,0"))
    assert [(f.column, f.value) for f in findings_of(examine(ready, stated), "B05")] == [("F", "8,0")]


def test_the_past_is_of_the_same_structure_segment_and_length_and_before(ready: Network) -> None:
    others = (
        measure(REGIE, "2025-T4", COUNT, 10),
        measure(ATELIER, "2025-T4", COUNT, 10, segment="sexe=F"),
        measure(ATELIER, "2025", COUNT, 10),
        measure(ATELIER, "2026-T2", COUNT, 10),
        measure(ATELIER, "2026-T1", COUNT, 10),
        measure(ATELIER, "2025-T3", COUNT, "NC"),
    )
    stored(ready, measures(*others), comment="une part sans son ensemble")
    found = examine(ready, measures(measure(ATELIER, NOW.code, COUNT, 1_000)))
    assert findings_of(found, "B05") == []
    assert findings_of(found, "B04"), "the period's own former value is what it replaces"


def test_a_part_of_the_people_and_what_is_absent_are_not_asked_about(ready: Network) -> None:
    stored(ready, measures(*history_of([10, 11, 12])))
    part = measure(ATELIER, NOW.code, COUNT, 1_000, segment="sexe=F")
    assert findings_of(examine(ready, measures(part, measure(ATELIER, NOW.code, COUNT, "NC"))), "B05") == []


def test_the_demo_is_not_flooded_with_questions(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        rows = snapshot.cursor.rows("select findings from lake.deposits where dataset = 'measures'")
        read = snapshot.cursor.rows("select sum(rows_read) from lake.deposits where dataset = 'measures'")[0][0]
    assert isinstance(read, int)
    questions = sum(str(findings).count('"code": "B05"') for (findings,) in rows)
    assert 0 < questions < 0.05 * read
