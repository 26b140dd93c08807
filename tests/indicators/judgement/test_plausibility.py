"""What a structure's own past makes plausible."""

from statistics import median

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.judgement.plausibility import plausible_range


def limits(past: list[float]) -> tuple[float | None, float | None]:
    """The limits that the expressions give for one past."""
    deviation = median(abs(value - median(past)) for value in past)
    facts = pl.DataFrame(
        {"points": [len(past)], "maximum": [max(past)], "median": [median(past)], "deviation": [float(deviation)]}
    )
    return facts.select(*plausible_range(*map(pl.col, facts.columns))).row(0)


def test_five_points_bear_no_more_than_one_and_a_half_times_the_largest() -> None:
    assert limits([10.0, 40.0, 20.0, 30.0, 20.0]) == (None, 60.0)


def test_six_points_bear_three_deviations_on_each_side_of_their_median() -> None:
    least, most = limits([10.0, 20.0, 20.0, 30.0, 30.0, 40.0])
    # Median 25; deviations 15, 5, 5, 5, 5, 15, of which the median is 5; 3 × 1.4826 × 5 = 22.239.
    assert (least, most) == (pytest.approx(2.761), pytest.approx(47.239))


def test_a_past_that_never_moved_still_bears_three_on_each_side() -> None:
    assert limits([50.0] * 6) == (47.0, 53.0)


@given(st.lists(st.integers(0, 100).map(float), min_size=1, max_size=12))
def test_the_limits_are_those_of_a_plain_reading_of_the_rule(past: list[float]) -> None:
    least, most = limits(past)
    if len(past) < 6:
        assert (least, most) == (None, 1.5 * max(past))
        return
    middle = sorted(past)[(len(past) - 1) // 2] / 2 + sorted(past)[len(past) // 2] / 2
    off = sorted(abs(value - middle) for value in past)
    spread = (off[(len(off) - 1) // 2] + off[len(off) // 2]) / 2
    wide = max(3.0, 3 * 1.4826 * spread)
    assert (least, most) == (pytest.approx(middle - wide), pytest.approx(middle + wide))
