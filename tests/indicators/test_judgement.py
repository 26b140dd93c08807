"""What a figure can bear: Wilson's interval, and a comparison that allows for chance."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from indicators.catalogue import Direction, Indicator, read_indicator
from indicators.figures import Figure, Shown, Status
from indicators.judgement import JUDGED_FROM, Judgement, compare, wilson
from indicators.network import DATA, Target
from indicators.periods import Period

Z998 = 3.090232


@st.composite
def proportions(draw: st.DrawFn) -> tuple[int, int]:
    total = draw(st.integers(1, 5_000))
    return draw(st.integers(0, total)), total


@pytest.mark.parametrize(
    ("cases", "total", "low", "high"),
    [(3, 5, 23, 88), (8, 15, 30, 75), (33, 60, 42, 67), (0, 5, 0, 43), (5, 5, 57, 100)],
)
def test_the_known_intervals_of_small_cohorts(cases: int, total: int, low: int, high: int) -> None:
    lower, upper = wilson(cases, total)
    assert (round(100 * lower), round(100 * upper)) == (low, high)


@given(proportions())
def test_the_interval_is_that_of_an_independent_formula(proportion: tuple[int, int]) -> None:
    cases, total = proportion
    independent = binomtest(cases, total).proportion_ci(confidence_level=0.95, method="wilson")
    assert wilson(cases, total) == pytest.approx((independent.low, independent.high), abs=1e-7)


@given(proportions())
def test_wider_limits_are_those_of_the_asked_confidence(proportion: tuple[int, int]) -> None:
    cases, total = proportion
    independent = binomtest(cases, total).proportion_ci(confidence_level=0.998, method="wilson")
    assert wilson(cases, total, Z998) == pytest.approx((independent.low, independent.high), abs=1e-6)


@given(proportions())
def test_the_interval_stays_between_none_and_all_and_holds_the_rate(proportion: tuple[int, int]) -> None:
    cases, total = proportion
    low, high = wilson(cases, total)
    assert 0 <= low < high <= 1
    assert low - 1e-12 <= cases / total <= high + 1e-12


@pytest.mark.parametrize(("cases", "total"), [(0, 0), (1, 0), (6, 5), (-1, 5), (1, -5)])
def test_without_cases_there_is_no_interval(cases: int, total: int) -> None:
    with pytest.raises(ValueError, match="not a proportion"):
        wilson(cases, total)


def test_a_rate_is_better_only_if_its_whole_interval_is_above_the_reference() -> None:
    low, high = wilson(60, 100)
    assert compare(60, 100, low - 0.0001, Direction.UP) is Judgement.BETTER
    assert compare(60, 100, low, Direction.UP) is Judgement.COMPARABLE
    assert compare(60, 100, high, Direction.UP) is Judgement.COMPARABLE
    assert compare(60, 100, high + 0.0001, Direction.UP) is Judgement.WORSE


def test_the_comparison_is_inverted_where_lower_is_better() -> None:
    assert compare(60, 100, 0.40, Direction.DOWN) is Judgement.WORSE
    assert compare(60, 100, 0.60, Direction.DOWN) is Judgement.COMPARABLE
    assert compare(60, 100, 0.80, Direction.DOWN) is Judgement.BETTER


@pytest.mark.parametrize("direction", [Direction.NONE, Direction.BAND])
def test_a_descriptive_indicator_is_never_judged(direction: Direction) -> None:
    assert compare(99, 100, 0.01, direction) is None


def test_nothing_is_judged_under_twenty_cases() -> None:
    assert JUDGED_FROM == 20
    assert compare(19, 19, 0.01, Direction.UP) is None
    assert compare(20, 20, 0.01, Direction.UP) is Judgement.BETTER


def test_a_true_65_percent_is_not_worse_than_60_on_ten_or_on_forty_cases() -> None:
    assert compare(5, 10, 0.60, Direction.UP) is None
    assert compare(20, 40, 0.60, Direction.UP) is Judgement.COMPARABLE


# A figure with its counts, its target and what may be said of it


def sheet(name: str) -> Indicator:
    return read_indicator(next((DATA / "catalogue").glob(f"*/{name}.toml")))


def figure(name: str, numerator: float | None, denominator: float | None, target: float | None = None) -> Figure:
    indicator, period = sheet(name), Period.parse("2026-T3")
    agreed = Target("reseau", name, period, None, target, "internal", date(2026, 1, 1)) if target is not None else None
    value = numerator / denominator * indicator.scale if numerator is not None and denominator else 12.0
    return Figure(indicator, period, Shown(value, numerator, denominator, 1), agreed)


def test_a_rate_carries_its_interval_in_its_own_unit() -> None:
    interval = figure("dynamic_exit_rate", 33.0, 60.0).interval
    assert interval is not None
    assert [round(limit) for limit in interval] == [42, 67]


def test_a_rate_is_compared_with_its_target_in_its_own_unit() -> None:
    assert figure("dynamic_exit_rate", 33.0, 60.0, 60.0).judgement is Judgement.COMPARABLE
    assert figure("dynamic_exit_rate", 33.0, 60.0, 40.0).judgement is Judgement.BETTER
    assert figure("dynamic_exit_rate", 33.0, 60.0, 70.0).judgement is Judgement.WORSE
    assert figure("undocumented_exit_rate", 33.0, 60.0, 40.0).judgement is Judgement.WORSE


def test_a_figure_without_a_target_or_without_its_counts_is_not_judged() -> None:
    assert figure("dynamic_exit_rate", 33.0, 60.0).judgement is None
    published = figure("dynamic_exit_rate", None, None, 1.0)
    assert (published.judgement, published.interval, published.status) == (None, None, Status.OK)


def test_a_descriptive_figure_has_an_interval_and_no_judgement() -> None:
    share = figure("women_share", 33.0, 60.0, 10.0)
    assert share.interval is not None
    assert share.judgement is None


@pytest.mark.parametrize("name", ["absenteeism_rate", "contracted_fte_rate", "fte_per_contract"])
def test_hours_and_contracts_are_not_cases_that_chance_could_have_drawn(name: str) -> None:
    assert figure(name, 40.0, 60.0, 1.0).interval is None
    assert figure(name, 40.0, 60.0, 1.0).judgement is None


def test_a_rate_on_fewer_than_twenty_cases_is_shown_and_called_low() -> None:
    assert figure("dynamic_exit_rate", 12.0, 19.0, 10.0).status is Status.LOW
    assert figure("dynamic_exit_rate", 12.0, 19.0, 10.0).judgement is None
    assert figure("dynamic_exit_rate", 12.0, 20.0, 10.0).status is Status.OK


def test_a_count_is_not_called_low_for_being_small() -> None:
    assert figure("psve_actions", 2.0, None).status is Status.OK


@pytest.mark.parametrize("absence", [Status.MISSING, Status.NOT_APPLICABLE, Status.NOT_DUE, Status.WITHHELD])
def test_an_absence_has_nothing_to_show_and_nothing_to_say(absence: Status) -> None:
    absent = Figure(sheet("dynamic_exit_rate"), Period.parse("2026-T3"), absence)
    assert (absent.status, absent.shown, absent.interval, absent.judgement) == (absence, None, None, None)
