"""A rate against a reference: better, worse or comparable, and when nothing may be said."""

import pytest
from scipy.stats import binom

from indicators.definitions.catalogue import Direction
from indicators.judgement import MIN_JUDGED_CASES, Judgement, compare_with_reference, wilson_interval


def test_a_rate_is_better_only_if_its_whole_interval_is_above_the_reference() -> None:
    low, high = wilson_interval(60, 100)
    assert compare_with_reference(60, 100, low - 0.0001, Direction.UP) is Judgement.BETTER
    assert compare_with_reference(60, 100, low, Direction.UP) is Judgement.COMPARABLE
    assert compare_with_reference(60, 100, high, Direction.UP) is Judgement.COMPARABLE
    assert compare_with_reference(60, 100, high + 0.0001, Direction.UP) is Judgement.WORSE


def test_the_comparison_is_inverted_where_lower_is_better() -> None:
    assert compare_with_reference(60, 100, 0.40, Direction.DOWN) is Judgement.WORSE
    assert compare_with_reference(60, 100, 0.60, Direction.DOWN) is Judgement.COMPARABLE
    assert compare_with_reference(60, 100, 0.80, Direction.DOWN) is Judgement.BETTER


@pytest.mark.parametrize("direction", [Direction.NONE, Direction.BAND])
def test_a_descriptive_indicator_is_never_judged(direction: Direction) -> None:
    assert compare_with_reference(99, 100, 0.01, direction) is None


def test_nothing_is_judged_under_twenty_cases() -> None:
    assert MIN_JUDGED_CASES == 20
    assert compare_with_reference(19, 19, 0.01, Direction.UP) is None
    assert compare_with_reference(20, 20, 0.01, Direction.UP) is Judgement.BETTER


def test_a_true_65_percent_is_red_a_quarter_of_the_time_on_a_plain_light_and_never_judged_here() -> None:
    red = range(6)  # fewer than 60 % of ten
    assert binom.cdf(5, 10, 0.65) == pytest.approx(0.25, abs=0.005)
    assert {compare_with_reference(cases, 10, 0.60, Direction.UP) for cases in red} == {None}
    assert compare_with_reference(20, 40, 0.60, Direction.UP) is Judgement.COMPARABLE
