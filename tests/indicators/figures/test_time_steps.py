"""Windows of several periods, and the steps in which an indicator can be read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions.catalogue import read_catalogue
from indicators.definitions.periods import Frequency, Period, Window
from indicators.errors import UnknownError
from indicators.figures.time_steps import TimeStep, available_steps, component_periods, latest_ended, spans_covering
from indicators.network import DATA_FOLDER
from tests.builders import parse_span

CATALOGUE = read_catalogue(DATA_FOLDER / "catalogue")
FLOW, STOCK = CATALOGUE["dynamic_exit_rate"], CATALOGUE["permanent_contract_share"]
quarters = st.builds(Period.containing, st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.just(Frequency.QUARTER))


def window(code: str) -> Window:
    return Window.parse(code)


def codes(periods: list[Period]) -> list[str]:
    return [period.code for period in periods]


def test_a_rolling_window_of_four_quarters_crosses_the_year() -> None:
    rolling = window("2026-T3~4")
    assert codes(rolling.periods) == ["2025-T4", "2026-T1", "2026-T2", "2026-T3"]
    assert (rolling.start, rolling.end) == (date(2025, 10, 1), date(2026, 9, 30))


def test_a_window_is_a_quarter_later_each_time_and_shares_nothing_with_that_of_a_year_earlier() -> None:
    rolling = window("2026-T3~4")
    assert rolling.shifted(1).code == "2026-T4~4"
    assert rolling.year_earlier.code == "2025-T3~4"
    assert not set(rolling.periods) & set(rolling.year_earlier.periods)


@given(quarters, st.integers(2, 12))
def test_a_window_is_written_as_it_is_read_and_has_no_gap(newest: Period, count: int) -> None:
    found = Window(newest, count)
    assert parse_span(found.code) == found == Window.parse(str(found))
    assert len(found.periods) == count
    assert all(later == earlier.shifted(1) for earlier, later in zip(found.periods, found.periods[1:], strict=False))


@pytest.mark.parametrize(
    "code",
    ["", "~", "~4", "2026-T3~", "2026-T3~1", "2026-T3~0", "2026-T3~04", "2026-T3~4~4", "2026-T5~4", "2026-T3~-4"],
)
def test_anything_else_is_no_window(code: str) -> None:
    with pytest.raises(UnknownError):
        Window.parse(code)


def test_a_window_of_one_period_is_that_period_and_not_a_window() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        Window(Period.parse("2026-T3"), 1)


def test_a_span_without_the_sign_of_a_window_is_a_period() -> None:
    assert parse_span("2026-T3") == Period.parse("2026-T3")
    with pytest.raises(UnknownError):
        parse_span("2026-T9")


# Which steps


def test_a_quarterly_flow_is_read_in_four_steps_its_own_first() -> None:
    assert available_steps(FLOW) == (TimeStep.QUARTER, TimeStep.SEMESTER, TimeStep.YEAR, TimeStep.ROLLING)


def test_a_stock_has_no_rolling_window() -> None:
    assert STOCK.is_stock
    assert available_steps(STOCK) == (TimeStep.QUARTER, TimeStep.SEMESTER, TimeStep.YEAR)
    assert component_periods(window("2026-T3~4"), STOCK) == []


def test_what_is_collected_less_often_has_its_own_step_alone() -> None:
    for sheet in CATALOGUE:
        if sheet.frequency is not Frequency.QUARTER:
            assert available_steps(sheet) == (TimeStep(sheet.frequency),)


def test_school_years_are_read_only_where_they_are_collected() -> None:
    school = {sheet.id for sheet in CATALOGUE if TimeStep.SCHOOL_YEAR in available_steps(sheet)}
    assert school == {"pupil_absenteeism_rate", "pupil_lost_hours", "serious_sanctions"}


# What is added up


@pytest.mark.parametrize(
    ("code", "flow", "stock"),
    [
        ("2026-T3", ["2026-T3"], ["2026-T3"]),
        ("2026-S1", ["2026-T1", "2026-T2"], ["2026-T2"]),
        ("2026-S2", ["2026-T3", "2026-T4"], ["2026-T4"]),
        ("2026", ["2026-T1", "2026-T2", "2026-T3", "2026-T4"], ["2026-T4"]),
        ("2026-T1~4", ["2025-T2", "2025-T3", "2025-T4", "2026-T1"], []),
        ("2026-T1~3", [], []),
        ("2025-2026", [], []),
        ("2026~2", [], []),
    ],
)
def test_a_flow_is_summed_and_a_stock_is_that_of_the_last_quarter(code: str, flow: list[str], stock: list[str]) -> None:
    assert codes(component_periods(parse_span(code), FLOW)) == flow
    assert codes(component_periods(parse_span(code), STOCK)) == stock


def test_a_pooled_cohort_is_added_to_the_one_before() -> None:
    sheet = CATALOGUE["employment_rate_6m"]
    assert sheet.pooled_cohorts == 2
    assert codes(component_periods(Period.parse("2024"), sheet)) == ["2023", "2024"]
    assert codes(component_periods(Period.parse("2024"), CATALOGUE["women_share"])) == ["2024"]


def test_years_and_semesters_begin_with_the_one_that_holds_the_first_quarter_and_windows_when_they_can_be_whole() -> (
    None
):
    first, last = Period.parse("2024-T4"), Period.parse("2026-T1")
    assert [span.code for span in spans_covering(TimeStep.YEAR, first, last)] == ["2024", "2025"]
    assert [span.code for span in spans_covering(TimeStep.SEMESTER, first, last)] == ["2024-S2", "2025-S1", "2025-S2"]
    assert [span.code for span in spans_covering(TimeStep.ROLLING, first, last)] == [
        "2025-T3~4",
        "2025-T4~4",
        "2026-T1~4",
    ]
    assert spans_covering(TimeStep.ROLLING, first, Period.parse("2025-T2")) == []


def test_the_latest_span_of_each_step_was_over_at_the_end_of_the_day() -> None:
    day = date(2026, 9, 30)
    found = {step: latest_ended(step, day).code for step in TimeStep}
    assert found == {
        TimeStep.QUARTER: "2026-T3",
        TimeStep.SEMESTER: "2026-S1",
        TimeStep.YEAR: "2025",
        TimeStep.SCHOOL_YEAR: "2025-2026",
        TimeStep.ROLLING: "2026-T3~4",
    }
    assert latest_ended(TimeStep.ROLLING, date(2026, 9, 29)).code == "2026-T2~4"


# Cohorts


@pytest.mark.parametrize(("year", "until"), [("2025", date(2026, 6, 30)), ("2023", date(2024, 6, 30))])
def test_employment_six_months_after_leaving_is_complete_after_the_thirtieth_of_june(year: str, until: date) -> None:
    assert CATALOGUE["employment_rate_6m"].followed_until(Period.parse(year)) == until


def test_what_is_no_cohort_is_not_followed() -> None:
    assert CATALOGUE["women_share"].followed_until(Period.parse("2025")) is None
    followed = {sheet.id for sheet in CATALOGUE if sheet.complete_after_months}
    assert followed == {"employment_rate_6m", "follow_up_coverage_6m"}


@given(st.integers(1, 60), st.integers(2000, 2050))
def test_a_cohort_is_followed_to_the_last_day_of_a_month(months: int, year: int) -> None:
    sheet = CATALOGUE["employment_rate_6m"].model_copy(update={"complete_after_months": months})
    until = sheet.followed_until(Period.parse(str(year)))
    assert until is not None
    last = Period(date(year, 12, 1), Frequency.QUARTER)
    whole = (until.year - last.start.year) * 12 + until.month - last.start.month
    assert whole == months
    assert (until + timedelta(days=1)).day == 1
