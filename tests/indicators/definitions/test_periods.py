"""Quarters, semesters, years and school years: their spelling, their days, their neighbours."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions.periods import Frequency, Period
from indicators.errors import UnknownError

CODES = ["2026-T1", "2026-T4", "2026-S1", "2026-S2", "2026", "2025-2026"]
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
frequencies = st.sampled_from(list(Frequency))
periods = st.builds(Period.containing, days, frequencies)


@pytest.mark.parametrize(
    ("code", "frequency", "first", "last"),
    [
        ("2026-T1", Frequency.QUARTER, date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-T2", Frequency.QUARTER, date(2026, 4, 1), date(2026, 6, 30)),
        ("2026-T3", Frequency.QUARTER, date(2026, 7, 1), date(2026, 9, 30)),
        ("2026-T4", Frequency.QUARTER, date(2026, 10, 1), date(2026, 12, 31)),
        ("2024-S1", Frequency.SEMESTER, date(2024, 1, 1), date(2024, 6, 30)),
        ("2024-S2", Frequency.SEMESTER, date(2024, 7, 1), date(2024, 12, 31)),
        ("2024", Frequency.YEAR, date(2024, 1, 1), date(2024, 12, 31)),
        ("2025-2026", Frequency.SCHOOL_YEAR, date(2025, 9, 1), date(2026, 8, 31)),
    ],
)
def test_a_period_runs_from_its_first_day_to_its_last(code: str, frequency: Frequency, first: date, last: date) -> None:
    period = Period.parse(code)
    assert (period.frequency, period.start, period.end) == (frequency, first, last)


@pytest.mark.parametrize("code", CODES)
def test_a_period_is_written_as_it_is_read(code: str) -> None:
    assert Period.parse(code).code == str(Period.parse(code)) == code


@pytest.mark.parametrize(
    "code",
    [
        "",
        "2026-T0",
        "2026-T5",
        "2026-S0",
        "2026-S3",
        "2026-Q1",
        "2026T1",
        "2026-t1",
        " 2026-T1",
        "2026-T1\n",
        "T1 2026",
        "2026-01",
        "26",
        "02026",
        "2025-2027",
        "2025-2025",
        "2026-2025",
        "0000-T1",
        "0026-T1",
        "0999",
        "0000",
        "9999",
        "9999-T4",
    ],
)
def test_any_other_spelling_is_no_period(code: str) -> None:
    with pytest.raises(UnknownError) as unknown:
        Period.parse(code)
    assert (unknown.value.kind, unknown.value.name) == ("period", code)


@pytest.mark.parametrize(
    ("day", "quarter", "semester", "year", "school_year"),
    [
        (date(2026, 1, 1), "2026-T1", "2026-S1", "2026", "2025-2026"),
        (date(2026, 6, 30), "2026-T2", "2026-S1", "2026", "2025-2026"),
        (date(2026, 7, 1), "2026-T3", "2026-S2", "2026", "2025-2026"),
        (date(2026, 8, 31), "2026-T3", "2026-S2", "2026", "2025-2026"),
        (date(2026, 9, 1), "2026-T3", "2026-S2", "2026", "2026-2027"),
        (date(2026, 12, 31), "2026-T4", "2026-S2", "2026", "2026-2027"),
    ],
)
def test_a_day_falls_in_one_period_of_each_frequency(
    day: date, quarter: str, semester: str, year: str, school_year: str
) -> None:
    found = [Period.containing(day, frequency).code for frequency in Frequency]
    assert found == [quarter, semester, year, school_year]


def test_a_period_is_over_only_at_the_end_of_its_last_day() -> None:
    assert Period.latest_ended(date(2026, 9, 29), Frequency.QUARTER).code == "2026-T2"
    assert Period.latest_ended(date(2026, 9, 30), Frequency.QUARTER).code == "2026-T3"
    assert Period.latest_ended(date(2026, 8, 30), Frequency.SCHOOL_YEAR).code == "2024-2025"
    assert Period.latest_ended(date(2026, 8, 31), Frequency.SCHOOL_YEAR).code == "2025-2026"


def test_the_year_before_keeps_the_season() -> None:
    assert [Period.parse(code).year_earlier.code for code in CODES] == [
        "2025-T1",
        "2025-T4",
        "2025-S1",
        "2025-S2",
        "2025",
        "2024-2025",
    ]


def test_the_last_periods_end_with_this_one_oldest_first() -> None:
    assert [period.code for period in Period.parse("2026-T1").trailing(3)] == ["2025-T3", "2025-T4", "2026-T1"]
    assert Period.parse("2026-T1").trailing(1) == [Period.parse("2026-T1")]


def test_a_year_holds_four_quarters_two_semesters_and_one_school_year() -> None:
    assert [frequency.per_year for frequency in Frequency] == [4, 2, 1, 1]


def test_periods_are_sorted_by_time() -> None:
    codes = ["2025-T4", "2026-T1", "2026-T2", "2026-T3", "2026-T4"]
    assert [period.code for period in sorted(map(Period.parse, reversed(codes)))] == codes


@given(periods)
def test_every_period_is_read_back_from_its_code(period: Period) -> None:
    assert Period.parse(period.code) == period


@given(days, frequencies)
def test_a_day_is_inside_the_period_that_contains_it(day: date, frequency: Frequency) -> None:
    period = Period.containing(day, frequency)
    assert period.start <= day <= period.end


@given(periods, st.integers(-40, 40))
def test_periods_follow_one_another_without_a_gap(period: Period, count: int) -> None:
    later = period.shifted(count)
    assert later.shifted(1).start == later.end + timedelta(days=1)
    assert later.shifted(-count) == period
    assert (later > period) is (count > 0)


@given(days, frequencies)
def test_the_latest_period_that_ended_is_over_and_the_next_is_not(day: date, frequency: Frequency) -> None:
    latest = Period.latest_ended(day, frequency)
    assert latest.end <= day < latest.shifted(1).end


@given(st.from_regex(r"[12]\d{3}[-/ ]?([TSQ]?[0-9]|\d{4})?", fullmatch=True))
def test_a_text_is_a_canonical_period_or_none(text: str) -> None:
    try:
        period = Period.parse(text)
    except UnknownError:
        period = None
    assert period is None or period.code == text
