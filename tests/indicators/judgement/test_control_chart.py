"""How a series behaves over time: limits, special causes, what may be said of the latest point and of the target."""

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions.catalogue import Direction
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import (
    Assurance,
    ControlChart,
    LatestSignal,
    LimitBasis,
    Variation,
    control_chart,
    latest_signal,
    to_frame,
)
from indicators.judgement.cusum import Grade
from indicators.judgement.special_causes import Signal
from tests.indicators.judgement.series import Series, plain_limits, plain_tests, with_gaps

FLOWRATE = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
"""NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: ten batches, mean 50.81, mean moving range 1.8778."""

NOISE = [5.0, 1.0, 6.0, 2.0, 5.0, 1.0, 6.0, 2.0, 5.0, 1.0, 6.0, 2.0]
"""Twelve points round 3.5 that move by 4 or 5 at each step, whose limits are 4 ± 12 or so: nothing to be found."""


def judged(*values: float | None, direction: Direction = Direction.UP, target: float | None = None) -> ControlChart:
    return control_chart(values, direction, target=target)


def found(signal: Signal, given_series: ControlChart) -> list[int]:
    return [at for at, signals in enumerate(given_series.signals) if signal in signals]


# Limits


def test_the_limits_of_a_published_example() -> None:
    segment = judged(*FLOWRATE).segments[0]
    assert segment.mean == pytest.approx(50.81)
    assert segment.limits is not None
    # The handbook divides by 1.128 instead of multiplying by 2.66: 45.8159 and 55.8041.
    assert (segment.limits.lower, segment.limits.upper) == (
        pytest.approx(45.8159, abs=0.001),
        pytest.approx(55.8041, abs=0.001),
    )
    assert segment.limits.inner_upper == pytest.approx(50.81 + 2 / 3 * (segment.limits.upper - 50.81))
    assert segment.status is LimitBasis.PROVISIONAL
    assert all(not signals for signals in judged(*FLOWRATE).signals)


@pytest.mark.parametrize(
    ("points", "status"),
    [
        (1, "run_chart"),
        (7, "run_chart"),
        (8, "provisional"),
        (12, "provisional"),
        (13, "provisional"),
        (15, "provisional"),
        (16, "frozen"),
        (24, "frozen"),
    ],
)
def test_limits_are_drawn_from_eight_points_told_from_thirteen_and_frozen_at_sixteen(points: int, status: str) -> None:
    series = judged(*(NOISE * 2)[:points], target=3.0)
    assert series.segments[0].status == status
    assert (series.segments[0].limits is None) == (status == "run_chart")
    assert (series.variation is None) == (series.assurance is None) == (points < 13)


def test_after_sixteen_points_nothing_moves_the_limits_until_somebody_re_bases() -> None:
    base = [*NOISE, *NOISE[:4]]
    frozen, later = judged(*base).segments[0], judged(*base, -40.0, -42.0, -41.0).segments[0]
    assert (later.mean, later.limits) == (frozen.mean, frozen.limits)
    assert judged(*base, -40.0, -42.0, -41.0).signals[-1][0] is Signal.BEYOND
    rebased = control_chart([*base, *[value - 40 for value in base]], Direction.UP, segment_starts=[16])
    assert (rebased.segments[1].mean, rebased.segments[0].mean) == ((frozen.mean or 0) - 40, frozen.mean)


def test_the_seventeenth_point_after_a_gap_is_not_of_the_sixteen() -> None:
    base = [*NOISE, None, *NOISE[:5]]
    assert len([value for value in base if value is not None]) == 17, "a gap costs a point"
    frozen = judged(*base).segments[0]
    assert frozen.status is LimitBasis.FROZEN
    assert judged(*base, None, 90.0).segments[0].mean == frozen.mean


def test_a_series_without_any_value_has_nothing_to_say() -> None:
    for series in (judged(), judged(None, None)):
        assert (series.variation, series.assurance, latest_signal(series)) == (None, None, None)
    assert judged().segments == ()
    assert judged(None).segments[0].mean is None


def test_a_gap_costs_the_limits_a_point_because_it_costs_a_moving_range() -> None:
    assert judged(*NOISE, None, 5.0).segments[0].status is LimitBasis.PROVISIONAL
    assert judged(*NOISE, None, 5.0).variation is None
    assert judged(*NOISE, None, 5.0, 1.0).variation is Variation.COMMON_CAUSE
    apart = [value for one in NOISE * 2 for value in (one, None)]
    assert judged(*apart).segments[0].status is LimitBasis.RUN_CHART


def test_a_moving_range_is_never_taken_across_a_gap() -> None:
    steady, jump = [10.0, 11.0] * 4, [90.0, 91.0] * 4
    segment = judged(*steady, None, *jump).segments[0]
    assert segment.limits is not None
    assert segment.limits.upper - 50.5 == pytest.approx(2.66)


def test_a_value_that_never_moves_has_no_special_cause() -> None:
    for value in (0.0, 0.1, 1 / 3, 1e12 / 7):
        for screened in (False, True):
            series = control_chart([value] * 20, Direction.UP, without_outliers=screened)
            assert all(not signals for signals in series.signals)
            assert series.variation is Variation.COMMON_CAUSE


def test_what_differs_by_rounding_alone_is_equal() -> None:
    assert 0.1 + 0.2 != 0.3
    series = judged(*[0.1 + 0.2] * 7, *[0.3] * 7)
    assert all(not signals for signals in series.signals)


def test_exceptional_moving_ranges_are_left_out_once_if_asked() -> None:
    jumps = [*NOISE, 60.0, *NOISE[:3]]
    plain, screened = control_chart(jumps, Direction.UP), control_chart(jumps, Direction.UP, without_outliers=True)
    moved = [abs(later - value) for value, later in pairwise(jumps)]
    typical = sum(moved) / len(moved)
    kept = [one for one in moved if one < 3.267 * typical]
    assert len(kept) == len(moved) - 2
    assert plain.segments[0].limits is not None
    assert screened.segments[0].limits is not None
    assert plain.segments[0].limits.upper - (plain.segments[0].mean or 0) == pytest.approx(2.66 * typical)
    width = screened.segments[0].limits.upper - (screened.segments[0].mean or 0)
    assert width == pytest.approx(2.66 * sum(kept) / len(kept))


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        judged(1.0, float("nan"))


# Re-basing


def test_a_rebasing_begins_a_segment_with_its_own_mean_and_limits() -> None:
    low, high = [value + 10 for value in NOISE], [value + 60 for value in NOISE]
    series = control_chart([*low, *high, 61.0], Direction.UP, segment_starts=[12])
    assert [(segment.start, segment.stop, segment.status) for segment in series.segments] == [
        (0, 12, "provisional"),
        (12, 25, "provisional"),
    ]
    assert series.segments[0] == control_chart(low, Direction.UP).segments[0]
    assert all(not signals for signals in series.signals)
    assert found(Signal.BEYOND, control_chart([*low, *low[:4], *high], Direction.UP)) == list(range(16, 28))


def test_the_pictograms_are_those_of_the_last_segment() -> None:
    series = control_chart([*NOISE, *NOISE, 99.0], Direction.UP, segment_starts=[20], target=2.0)
    assert series.segments[-1].status is LimitBasis.RUN_CHART
    assert (series.variation, series.assurance, latest_signal(series)) == (None, None, None)


def test_no_run_crosses_a_rebasing() -> None:
    rising = [float(value) for value in range(24)]
    assert found(Signal.STEADY, control_chart(rising, Direction.UP)) == list(range(24))
    assert not found(Signal.STEADY, control_chart([*NOISE, *NOISE[:4], *rising[:9]], Direction.UP, segment_starts=[20]))


@pytest.mark.parametrize("position", [0, -1, 12, 13])
def test_a_rebasing_outside_the_series_is_refused(position: int) -> None:
    with pytest.raises(ValueError, match="re-based"):
        control_chart(NOISE, Direction.UP, segment_starts=[position])


# The four tests


def test_a_point_beyond_a_limit_is_a_special_cause() -> None:
    assert judged(*NOISE, 30.0).signals[-1] == (Signal.BEYOND,)
    assert judged(*NOISE, -30.0).signals[-1] == (Signal.BEYOND,)


def test_seven_points_steadily_up_are_a_special_cause_and_six_are_not() -> None:
    wide = [0.0, 40.0] * 6
    run = [13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0]
    assert found(Signal.STEADY, judged(*wide, *run[:6])) == []
    assert found(Signal.STEADY, judged(*wide, *run)) == list(range(12, 19))
    assert found(Signal.STEADY, judged(*wide[::-1], *run[::-1])) == list(range(12, 19))


@pytest.mark.parametrize("broken", [15.0, None])
def test_two_equal_points_or_a_gap_break_a_steady_run(broken: float | None) -> None:
    wide = [0.0, 40.0] * 6
    run = [13.0, 14.0, 15.0, broken, 16.0, 17.0, 18.0, 19.0]
    assert found(Signal.STEADY, judged(*wide, *run)) == []


def test_two_of_three_points_beyond_the_inner_line_are_special_if_all_three_are_on_one_side() -> None:
    # Mean moves little with so long a past: about 3.8, limits 4.4 × 2.66 away, inner lines at −4 and 11.6.
    far, near, other = 13.5, 5.0, 1.0
    assert found(Signal.TWO_OF_THREE, judged(*NOISE * 4, far, near, far)) == [48, 50]
    assert found(Signal.TWO_OF_THREE, judged(*NOISE * 4, far, far, near)) == [48, 49]
    assert found(Signal.TWO_OF_THREE, judged(*NOISE * 4, far, other, far)) == []
    assert found(Signal.TWO_OF_THREE, judged(*NOISE * 4, far, None, far)) == []
    assert found(Signal.TWO_OF_THREE, judged(*NOISE * 4, far, near, near)) == []


def test_a_point_beyond_the_outer_limit_counts_among_two_of_three() -> None:
    series = judged(*NOISE * 4, 13.5, 40.0)
    assert series.signals[-1] == (Signal.BEYOND,), "two points are not three"
    assert judged(*NOISE * 4, 5.0, 13.5, 40.0).signals[-1] == (Signal.BEYOND, Signal.TWO_OF_THREE)


def test_seven_points_on_one_side_are_a_special_cause_unless_one_is_on_the_mean_or_lacking() -> None:
    low, high = [-2.0, -1.0, -2.0, -1.0, -2.0, -1.0, -2.0], [2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]
    assert found(Signal.ONE_SIDE, judged(*low, *high)) == list(range(14))
    for broken in (0.0, None):
        halves = [*low[:3], broken, *low[3:], *high[:3], broken, *high[3:]]
        assert found(Signal.ONE_SIDE, judged(*halves)) == []


@given(with_gaps())
def test_signals_and_limits_are_those_of_the_rules_read_word_for_word(values: Series) -> None:
    series = control_chart(values, Direction.UP)
    assert [[str(signal) for signal in signals] for signals in series.signals] == plain_tests(values)
    limits = plain_limits(values)
    for segment in series.segments:
        assert (segment.limits is None) == (limits is None)
        if segment.limits and limits:
            mean, width, moved = limits
            assert segment.mean == pytest.approx(float(mean), abs=1e-12)
            assert segment.limits.upper == pytest.approx(float(mean + width), abs=1e-9)
            assert segment.limits.inner_lower == pytest.approx(float(mean - width * 2 / 3), abs=1e-9)
            assert segment.status is (LimitBasis.FROZEN if moved >= 15 else LimitBasis.PROVISIONAL)
            assert segment.points == moved + 1


@given(with_gaps(10), st.integers(1, 9))
def test_each_segment_is_judged_as_if_it_were_alone(values: Series, cut: int) -> None:
    series = control_chart(values, Direction.UP, segment_starts=[cut])
    assert (
        series.signals
        == control_chart(values[:cut], Direction.UP).signals + control_chart(values[cut:], Direction.UP).signals
    )


@given(with_gaps(), st.integers(-50, 50), st.sampled_from([0.25, 0.5, 2.0, 8.0]))
def test_another_unit_changes_no_signal(values: Series, shift: int, scale: float) -> None:
    other = [None if value is None else value * scale + shift for value in values]
    assert control_chart(other, Direction.UP).point_signals == control_chart(values, Direction.UP).point_signals


@given(with_gaps())
def test_upside_down_the_same_points_are_special_and_good_is_bad(values: Series) -> None:
    series = control_chart(values, Direction.UP)
    turned = control_chart([None if value is None else -value for value in values], Direction.UP)
    assert turned.signals == series.signals
    assert control_chart(values, Direction.DOWN).variation == turned.variation
    opposite = {"improvement": "concern", "concern": "improvement"}
    assert turned.variation == opposite.get(series.variation or "", series.variation)


@given(with_gaps(most=15))
def test_backwards_the_same_points_of_limits_not_yet_frozen_are_special(values: Series) -> None:
    assert control_chart(values[::-1], Direction.UP).signals == control_chart(values, Direction.UP).signals[::-1]


def test_a_series_may_be_a_column() -> None:
    column = pl.Series([*NOISE, None, 30.0])
    assert control_chart(column, Direction.UP) == control_chart(column.to_list(), Direction.UP)


# What may be said of the latest point


@pytest.mark.parametrize(
    ("direction", "high", "low"),
    [
        (Direction.UP, Variation.IMPROVEMENT, Variation.CONCERN),
        (Direction.DOWN, Variation.CONCERN, Variation.IMPROVEMENT),
        (Direction.NONE, Variation.HIGH, Variation.LOW),
        (Direction.BAND, Variation.HIGH, Variation.LOW),
    ],
)
def test_the_variation_of_the_latest_point(direction: Direction, high: Variation, low: Variation) -> None:
    assert judged(*NOISE, 3.0, direction=direction).variation is Variation.COMMON_CAUSE
    above, below = judged(*NOISE, 30.0, direction=direction), judged(*NOISE, -30.0, direction=direction)
    assert (above.variation, below.variation) == (high, low)
    assert latest_signal(above) == LatestSignal(12, Signal.BEYOND, Side.ABOVE, high, 12)
    assert latest_signal(below) == LatestSignal(12, Signal.BEYOND, Side.BELOW, low, 12)


def test_an_earlier_signal_is_not_told_of_the_latest_point() -> None:
    series = judged(*NOISE, 30.0, 3.0)
    assert series.signals[-2] == (Signal.BEYOND,)
    assert series.variation is Variation.COMMON_CAUSE
    assert latest_signal(series) is None


def test_a_steady_fall_is_a_concern_even_above_the_mean() -> None:
    values = [0.0, 40.0] * 8
    run = [39.0, 38.0, 37.0, 36.0, 35.0, 34.0]
    series = judged(*values, *run)
    latest = latest_signal(series)
    assert latest == LatestSignal(21, Signal.STEADY, Side.BELOW, Variation.CONCERN, 21)
    assert series.segments[0].mean is not None
    assert run[-1] > series.segments[0].mean


def test_the_turning_point_of_two_steady_runs_belongs_to_the_one_that_leads_to_it() -> None:
    rising = [13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0]
    series = judged(*[0.0, 40.0] * 8, *rising, *rising[-2::-1])
    assert found(Signal.STEADY, series) == list(range(16, 29))
    assert [point.side for point in series.point_signals[16:]] == [Side.ABOVE] * 7 + [Side.BELOW] * 6


def test_provisional_limits_show_signals_and_make_no_headline() -> None:
    series = judged(*NOISE[:8], 30.0)
    assert series.signals[-1] == (Signal.BEYOND,)
    assert (series.variation, latest_signal(series)) == (None, None)


def test_a_series_that_ends_with_a_gap_says_nothing_of_the_present() -> None:
    series = judged(*NOISE, *NOISE, 30.0, None, target=2.0)
    assert (series.variation, latest_signal(series)) == (None, None)
    assert series.assurance is Assurance.HIT_OR_MISS, "limits do not depend on the latest point"


# What may be said of the target


def test_a_target_is_met_or_missed_consistently_only_outside_the_limits() -> None:
    limits = judged(*NOISE, 3.0).segments[0].limits
    assert limits is not None
    for direction, below, above in (
        (Direction.UP, Assurance.CONSISTENTLY_MET, Assurance.CONSISTENTLY_MISSED),
        (Direction.DOWN, Assurance.CONSISTENTLY_MISSED, Assurance.CONSISTENTLY_MET),
    ):
        assurances = [
            judged(*NOISE, 3.0, direction=direction, target=target).assurance
            for target in (limits.lower - 0.01, limits.lower, 3.0, limits.upper, limits.upper + 0.01)
        ]
        assert assurances == [below, *[Assurance.HIT_OR_MISS] * 3, above]


def test_a_point_that_meets_its_target_is_never_beside_a_target_consistently_missed() -> None:
    base = [*NOISE, *NOISE[:4]]
    limits = judged(*base).segments[0].limits
    assert limits is not None
    target = limits.upper + 1
    assert judged(*base, target=target).assurance is Assurance.CONSISTENTLY_MISSED
    assert judged(*base, target, target=target).assurance is Assurance.HIT_OR_MISS
    assert judged(*base, -90.0, target=limits.lower - 1).assurance is Assurance.HIT_OR_MISS


# Rates of people, by their counts


def of_people(*cases: int | None, total: int = 100, rebased: tuple[int, ...] = ()) -> ControlChart:
    counts = [None if one is None else (float(one), float(total)) for one in cases]
    values = [None if one is None else one / total * 100 for one in cases]
    return control_chart(values, Direction.UP, counts=counts, segment_starts=rebased)


def test_of_a_rate_of_people_a_lasting_change_alone_is_told() -> None:
    base = [55, 54, 56, 55] * 4
    assert judged(*map(float, base), 70.0).signals[-1], "as any other series it would have a point beyond its limits"
    assert of_people(*base, 61).signals == ((),) * 17
    assert of_people(*base, 61).variation is Variation.COMMON_CAUSE
    fallen = of_people(*base, 45, 45, 45, 45)
    assert [bool(signals) for signals in fallen.signals[16:]] == [False, False, True, True]
    assert latest_signal(fallen) == LatestSignal(
        19, Signal.LASTING, Side.BELOW, Variation.CONCERN, since=18, grade=Grade.SIGNAL
    )
    assert fallen.segments[0].status is LimitBasis.FROZEN, "its limits are drawn all the same"


def test_nothing_is_told_of_a_rate_of_people_before_a_base_and_a_quarter_after_it() -> None:
    base = [55] * 16
    assert of_people(*base).variation is None
    assert of_people(*base, 55).variation is Variation.COMMON_CAUSE
    assert of_people(*base, 40, 40, None).variation is None
    assert latest_signal(of_people(*base, 40, 40, None)) is None


def test_a_re_basing_restarts_the_cusum() -> None:
    base = [55] * 16
    assert latest_signal(of_people(*base, *[45] * 4)) is not None
    assert latest_signal(of_people(*base, *[45] * 4, rebased=(16,))) is None
    again = of_people(*base, *[45] * 16, *[35] * 4, rebased=(16,))
    assert (latest_signal(again) or pytest.fail("nothing told")).since == 34


def test_what_is_not_to_be_tested_has_limits_and_nothing_told() -> None:
    silent = control_chart([*NOISE, *NOISE, 99.0], Direction.UP, tested=False)
    assert silent.segments[0].limits is not None
    assert (set(silent.signals), silent.variation) == ({()}, None)


@pytest.mark.parametrize("direction", [Direction.NONE, Direction.BAND])
def test_without_a_direction_or_a_target_there_is_no_assurance(direction: Direction) -> None:
    assert judged(*NOISE, 3.0, direction=direction, target=-99.0).assurance is None
    assert judged(*NOISE, 3.0).assurance is None


# What is drawn


def test_drawn_limits_stay_within_what_a_proportion_can_be_and_judgements_do_not() -> None:
    rates = [95.0, 100.0] * 7
    series = judged(*rates, target=102.0)
    whole, clamped = to_frame(series), to_frame(series, (0.0, 100.0))
    assert whole["upper"][0] > 102
    assert clamped["upper"].to_list() == [100.0] * 14
    assert clamped["lower"].to_list() == whole["lower"].to_list()
    assert series.assurance is Assurance.HIT_OR_MISS
    assert to_frame(series, (None, 100.0)).equals(clamped)


def test_a_drawing_has_one_row_a_point_with_what_is_said_of_it() -> None:
    series = control_chart([*NOISE, 30.0, None, *NOISE[:4]], Direction.UP, segment_starts=[14])
    rows = to_frame(series)
    assert rows.height == 18
    assert rows.row(12, named=True) == {
        "position": 12,
        "value": 30.0,
        "segment": 0,
        "status": "provisional",
        "mean": pytest.approx(72 / 13),
        "lower": pytest.approx(series.segments[0].limits.lower),  # type: ignore[union-attr]
        "inner_lower": pytest.approx(series.segments[0].limits.inner_lower),  # type: ignore[union-attr]
        "inner_upper": pytest.approx(series.segments[0].limits.inner_upper),  # type: ignore[union-attr]
        "upper": pytest.approx(series.segments[0].limits.upper),  # type: ignore[union-attr]
        "signal": "beyond",
        "variation": "improvement",
    }
    assert rows["variation"].to_list() == ["common_cause"] * 12 + ["improvement", None] + [None] * 4
    assert rows["upper"].to_list()[14:] == [None] * 4
    assert rows["mean"].to_list()[14:] == [3.5] * 4


def test_the_drawing_of_nothing_has_the_same_columns() -> None:
    assert to_frame(judged()).schema == to_frame(judged(*NOISE, 30.0)).schema
