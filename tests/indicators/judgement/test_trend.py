"""The recent trend of a proportion: rising, falling, none, or not computable and why."""

from math import sqrt

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from indicators.judgement.intervals import Z998
from indicators.judgement.trend import (
    MIN_CHI_SQUARE,
    NotComputable,
    PeriodCounts,
    RecentTrend,
    Trend,
    chi_square,
    recent_trend,
)

RISING: list[PeriodCounts | None] = [(20, 100), (30, 100), (40, 100), (50, 100), (60, 100)]


@st.composite
def counts(draw: st.DrawFn) -> PeriodCounts:
    total = draw(st.integers(2, 200))
    return draw(st.integers(1, total - 1)), total


@st.composite
def slopes(draw: st.DrawFn) -> list[PeriodCounts | None]:
    """Five points on a slope, give or take some cases: about half of them are trends."""
    total, start, step = draw(st.integers(20, 300)), draw(st.integers(5, 90)), draw(st.integers(-9, 9))
    points: list[PeriodCounts | None] = []
    for at in range(5):
        cases = round(total * (start + step * at) / 100) + draw(st.integers(-3, 3))
        points.append((min(max(cases, 1), total - 1), total))
    return points


def statistic(series: list[PeriodCounts | None]) -> float:
    return chi_square([(at, int(count[0]), int(count[1] or 0)) for at, count in enumerate(series) if count])


def people(series: list[PeriodCounts | None]) -> tuple[list[int], list[int]]:
    """One person after the other: the period, and whether it is a case."""
    times = [at for at, count in enumerate(series) if count for _ in range(int(count[1] or 0))]
    cases = [int(one < count[0]) for count in series if count for one in range(int(count[1] or 0))]
    return times, cases


def test_the_threshold_is_two_in_a_thousand_on_one_degree_of_freedom() -> None:
    assert pytest.approx(chi2.isf(0.002, 1), abs=5e-5) == MIN_CHI_SQUARE
    assert pytest.approx(Z998**2, abs=5e-5) == MIN_CHI_SQUARE


def test_the_statistic_of_a_published_example() -> None:
    # Alcohol in pregnancy and malformations, five rows scored 1 to 5: M² = (n − 1)·r² = 1.83 (Agresti, A. (2007),
    # An Introduction to Categorical Data Analysis, 2.5.3); the chi-square for trend has n in the place of n − 1.
    series: list[PeriodCounts | None] = [(48, 17_114), (38, 14_502), (5, 793), (1, 127), (1, 38)]
    assert statistic(series) == pytest.approx(1.83, abs=0.005)
    assert recent_trend(series).trend is Trend.NONE


@given(st.lists(counts(), min_size=5, max_size=5))
def test_the_statistic_is_the_correlation_of_cases_with_time(series: list[PeriodCounts | None]) -> None:
    times, cases = people(series)
    independent = len(times) * numpy.corrcoef(times, cases)[0, 1] ** 2
    assert statistic(series) == pytest.approx(independent, rel=1e-6, abs=1e-9)


@given(st.one_of(slopes(), st.lists(counts(), min_size=5, max_size=5)))
def test_the_trend_is_that_of_plain_loops(series: list[PeriodCounts | None]) -> None:
    def weighted_slope(points: list[tuple[int, float, float]]) -> float:
        middle = sum(n * t for t, _, n in points) / sum(n for *_, n in points)
        mean = sum(x for _, x, _ in points) / sum(n for *_, n in points)
        return sum(n * (t - middle) * (x / n - mean) for t, x, n in points)

    points = [(at, count[0], count[1] or 0.0) for at, count in enumerate(series) if count]
    cases, total = sum(x for _, x, _ in points), sum(n for *_, n in points)
    middle = sum(n * t for t, _, n in points) / total
    spread = sum(n * (t - middle) ** 2 for t, _, n in points) * cases / total * (1 - cases / total)
    significant = abs(weighted_slope(points)) / sqrt(spread) > sqrt(9.5495)
    without = [weighted_slope([point for point in points if point[0] != dropped]) for dropped in range(5)]
    # A slope of nothing is rounded to a little more or less by these loops.
    signs = {0 if abs(slope) < 1e-9 else 1 if slope > 0 else -1 for slope in without}
    expected = {(True, 1): Trend.RISING, (True, -1): Trend.FALLING}
    key = (significant, signs.pop() if len(signs) == 1 else 0)
    assert recent_trend(series).trend is expected.get(key, Trend.NONE)


def test_a_steady_rise_is_a_trend_and_a_small_one_is_not() -> None:
    assert recent_trend(RISING).trend is Trend.RISING
    assert recent_trend(RISING[::-1]).trend is Trend.FALLING
    assert recent_trend([(10, 30), (11, 30), (12, 30), (13, 30), (14, 30)]).trend is Trend.NONE


def test_a_trend_that_hangs_on_one_point_is_none() -> None:
    fallen_but_for_one: list[PeriodCounts | None] = [(60, 100), (55, 100), (50, 100), (45, 100), (380, 400)]
    assert statistic(fallen_but_for_one) > MIN_CHI_SQUARE
    assert recent_trend(fallen_but_for_one).trend is Trend.NONE


@pytest.mark.parametrize("jump", [(90, 100), (5, 100)])
def test_one_jump_after_four_equal_rates_is_no_trend(jump: PeriodCounts) -> None:
    series: list[PeriodCounts | None] = [(40, 100)] * 4 + [jump]
    for values in (series, series[::-1]):
        assert statistic(values) > MIN_CHI_SQUARE
        assert recent_trend(values).trend is Trend.NONE


@given(st.one_of(slopes(), st.lists(counts(), min_size=5, max_size=5)))
def test_backwards_or_counting_the_others_a_rise_is_a_fall(series: list[PeriodCounts | None]) -> None:
    found = recent_trend(series)
    others: list[PeriodCounts | None] = [(count[1] - count[0], count[1]) for count in series if count and count[1]]
    opposite = {Trend.RISING: Trend.FALLING, Trend.FALLING: Trend.RISING}
    for turned in (series[::-1], others):
        assert recent_trend(turned).trend is opposite.get(found.trend, found.trend)
        assert statistic(turned) == pytest.approx(statistic(series))


@given(slopes(), st.integers(2, 9))
def test_the_same_rates_on_more_cases_are_more_of_a_trend(series: list[PeriodCounts | None], times: int) -> None:
    found = recent_trend(series)
    more: list[PeriodCounts | None] = [(count[0] * times, count[1] * times) for count in series if count and count[1]]
    assert statistic(more) == pytest.approx(statistic(series) * times)
    assert found.trend in {recent_trend(more).trend, Trend.NONE}


# What cannot be computed


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        ([], NotComputable.TOO_FEW),
        ([None] * 9, NotComputable.TOO_FEW),
        (RISING[:4], NotComputable.TOO_FEW),
        ([None, None, *RISING[:4]], NotComputable.TOO_FEW),
        ([*RISING[:2], None, *RISING[3:]], NotComputable.GAP),
        ([*RISING, None], NotComputable.GAP),
        ([*RISING[:2], (0, 0), *RISING[3:]], NotComputable.GAP),
        ([*RISING[:4], (0, 100)], NotComputable.EXTREME),
        ([(100, 100), *RISING[1:]], NotComputable.EXTREME),
        ([(count[0], None) for count in RISING if count], NotComputable.NO_DENOMINATOR),
        ([(3, None)], NotComputable.NO_DENOMINATOR),
    ],
)
def test_why_a_trend_cannot_be_computed(series: list[PeriodCounts | None], reason: NotComputable) -> None:
    assert recent_trend(series) == RecentTrend(Trend.NOT_COMPUTABLE, reason)


def test_what_came_before_the_five_latest_points_does_not_matter() -> None:
    for before in ([(5, 10)], [None], [(9, 10), None], [(0, 10)], [(4, None)]):
        assert recent_trend([*before, *RISING]) == recent_trend(RISING)


@pytest.mark.parametrize("wrong", [(31.0, 30.0), (-1.0, 30.0), (1.5, 30.0), (1.0, 30.5), (float("nan"), 30.0)])
def test_what_is_not_counted_is_refused(wrong: PeriodCounts) -> None:
    with pytest.raises(ValueError, match=r"not counts|NaN"):
        recent_trend([*RISING, wrong])
