"""Wilson's interval of a proportion, and Newcombe's of a difference."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from indicators.judgement import wilson_interval
from indicators.judgement.intervals import Z95, Z99, Z998, newcombe_interval


@st.composite
def proportions(draw: st.DrawFn) -> tuple[int, int]:
    total = draw(st.integers(1, 5_000))
    return draw(st.integers(0, total)), total


@pytest.mark.parametrize(
    ("cases", "total", "low", "high"),
    [(3, 5, 23, 88), (8, 15, 30, 75), (33, 60, 42, 67), (0, 5, 0, 43), (5, 5, 57, 100)],
)
def test_the_known_intervals_of_small_cohorts(cases: int, total: int, low: int, high: int) -> None:
    lower, upper = wilson_interval(cases, total)
    assert (round(100 * lower), round(100 * upper)) == (low, high)


def test_the_levels_are_those_of_the_normal_distribution() -> None:
    assert pytest.approx(norm.isf(0.025), abs=5e-7) == Z95
    assert pytest.approx(norm.isf(0.005), abs=5e-7) == Z99
    assert pytest.approx(norm.isf(0.001), abs=5e-7) == Z998


@given(proportions())
def test_the_interval_is_that_of_an_independent_formula(proportion: tuple[int, int]) -> None:
    cases, total = proportion
    independent = binomtest(cases, total).proportion_ci(confidence_level=0.95, method="wilson")
    assert wilson_interval(cases, total) == pytest.approx((independent.low, independent.high), abs=1e-7)


@given(proportions())
def test_wider_limits_are_those_of_the_asked_confidence(proportion: tuple[int, int]) -> None:
    cases, total = proportion
    independent = binomtest(cases, total).proportion_ci(confidence_level=0.998, method="wilson")
    assert wilson_interval(cases, total, Z998) == pytest.approx((independent.low, independent.high), abs=1e-6)


@given(proportions())
def test_the_interval_stays_between_none_and_all_and_holds_the_rate(proportion: tuple[int, int]) -> None:
    cases, total = proportion
    low, high = wilson_interval(cases, total)
    assert 0 <= low < high <= 1
    assert low - 1e-12 <= cases / total <= high + 1e-12


@given(proportions())
def test_the_interval_of_the_others_is_its_mirror(proportion: tuple[int, int]) -> None:
    cases, total = proportion
    low, high = wilson_interval(cases, total)
    assert wilson_interval(total - cases, total) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(proportions())
def test_one_case_more_raises_both_limits_and_more_cases_narrow_them(proportion: tuple[int, int]) -> None:
    cases, total = proportion
    low, high = wilson_interval(cases, total + 1)
    lower, higher = wilson_interval(cases + 1, total + 1)
    assert lower > low
    assert higher > high
    twice_low, twice_high = wilson_interval(2 * cases, 2 * total)
    single_low, single_high = wilson_interval(cases, total)
    assert twice_high - twice_low < single_high - single_low


@pytest.mark.parametrize(
    ("cases", "total"),
    [(0, 0), (1, 0), (6, 5), (-1, 5), (1, -5), (1, float("nan")), (float("nan"), 5), (1, float("inf"))],
)
def test_without_cases_there_is_no_interval(cases: float, total: float) -> None:
    with pytest.raises(ValueError, match="not a proportion"):
        wilson_interval(cases, total)


def test_rounding_never_takes_a_limit_out_of_none_and_all() -> None:
    # At 32 in 32 the formula gives a little more than one.
    for total, z in product(range(1, 400), (Z95, Z998, 2.5, 3.3)):
        assert wilson_interval(0, total, z)[0] >= 0
        assert wilson_interval(total, total, z)[1] <= 1
    assert wilson_interval(32, 32)[1] == 1


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_difference_of_two_rates_has_the_limits_that_newcombe_published(
    now: tuple[int, int], before: tuple[int, int], low: float, high: float
) -> None:
    # Newcombe (1998), table II, method 10, at 95 %.
    assert [round(limit, 4) for limit in newcombe_interval(now, before, Z95)] == [low, high]


@given(proportions(), proportions())
def test_the_limits_of_a_difference_hold_it_and_are_mirrored_by_the_inverse_difference(
    now: tuple[int, int], before: tuple[int, int]
) -> None:
    low, high = newcombe_interval(now, before)
    difference = now[0] / now[1] - before[0] / before[1]
    assert -1 - 1e-12 <= low <= difference + 1e-12
    assert difference - 1e-12 <= high <= 1 + 1e-12
    assert newcombe_interval(before, now) == pytest.approx((-high, -low), abs=1e-12)


def test_twelve_points_less_on_sixty_people_may_be_chance_and_thirty_points_less_may_not() -> None:
    assert newcombe_interval((26, 60), (33, 60))[1] > 0
    assert newcombe_interval((15, 60), (33, 60))[1] < 0
