"""What one case of an indicator is decides what may be said of its counts (METHODS 2.3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from indicators.definitions.catalogue import CASE_KIND_BY_UNIT, CaseKind, Indicator, read_catalogue, read_indicator
from indicators.definitions.periods import Period
from indicators.errors import CatalogueError
from indicators.figures.figure import Figure, Status, Value
from indicators.figures.time_steps import needs_rolling
from indicators.network import DATA_FOLDER
from indicators.queries.comparison.funnel_comparison import is_comparable
from indicators.queries.figures.assessed_board import has_lasting_changes

CATALOGUE = read_catalogue(DATA_FOLDER / "catalogue")
COMPLETE = ("board_employee_seat_share", "priority_action_completion_rate", "action_on_time_rate",
            "governance_meeting_rate")  # fmt: skip


def few(name: str, cases: float = 2.0, total: float = 3.0) -> Figure:
    return Figure(CATALOGUE[name], Period.parse("2026-T3"), Value(cases / total * 100, cases, total, 1))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dynamic_exit_rate", CaseKind.PEOPLE),
        ("client_satisfaction_rate", CaseKind.PEOPLE),
        ("pupil_absenteeism_rate", CaseKind.EPISODES),
        ("work_accident_frequency", CaseKind.EPISODES),
        ("serious_sanctions", CaseKind.EPISODES),
        ("board_employee_seat_share", CaseKind.CENSUS),
        ("priority_action_completion_rate", CaseKind.CENSUS),
        ("fte_realised", CaseKind.AMOUNT),
        ("contracted_fte_rate", CaseKind.AMOUNT),
        ("absenteeism_rate", CaseKind.AMOUNT),
        ("public_aid_share", CaseKind.AMOUNT),
    ],
)
def test_what_a_sheet_counts_says_what_one_case_is(name: str, kind: CaseKind) -> None:
    assert CATALOGUE[name].case_kind is kind


def test_every_kind_of_case_is_that_of_a_sheet_and_every_unit_of_counting_is_used() -> None:
    assert {sheet.counted_in for sheet in CATALOGUE} == set(CASE_KIND_BY_UNIT)
    assert {sheet.case_kind for sheet in CATALOGUE} == set(CaseKind)


def test_a_sheet_counted_in_anything_else_stops_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "insertion"
    folder.mkdir()
    text = (DATA_FOLDER / "catalogue" / "insertion" / "dynamic_exit_rate.toml").read_text(encoding="utf-8")
    path = folder / "dynamic_exit_rate.toml"
    path.write_text(text.replace('counted_in = "people"', 'counted_in = "parrots"'), encoding="utf-8")
    with pytest.raises(CatalogueError, match="parrots is none of people"):
        read_indicator(path)


@pytest.mark.parametrize("name", COMPLETE)
def test_a_complete_count_is_the_fact_of_however_few(name: str) -> None:
    assert few(name).status is Status.OK
    assert (few(name).interval, few(name).judgement, few(name).proportion) == (None, None, None)
    assert not is_comparable(CATALOGUE[name])
    assert not needs_rolling([few(name)] * 8)


def test_half_days_of_pupils_have_no_interval_and_are_not_compared() -> None:
    absent = few("pupil_absenteeism_rate", 300.0, 4000.0)
    assert (absent.interval, absent.judgement, is_comparable(absent.indicator)) == (None, None, False)


def test_people_alone_have_an_interval_a_funnel_and_lasting_changes_and_may_be_too_few() -> None:
    def sampled(sheet: Indicator) -> bool:
        return sheet.case_kind is CaseKind.PEOPLE and sheet.is_capped

    for sheet in CATALOGUE:
        figure = Figure(sheet, Period.parse("2026-T3"), Value(50.0, 8.0, 16.0, 1))
        assert (figure.interval is not None) is sampled(sheet) is is_comparable(sheet), sheet.id
        assert (figure.status is Status.LOW) is (sheet.case_kind is CaseKind.PEOPLE), sheet.id
        assert has_lasting_changes(sheet) is (sampled(sheet) and sheet.frequency.value == "quarter"), sheet.id
