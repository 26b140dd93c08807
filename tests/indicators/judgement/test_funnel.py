"""All structures of a perimeter on one indicator: who stands out by more than chance, and who is not compared."""

from itertools import pairwise
from math import comb, sqrt
from random import Random

import numpy
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from indicators.judgement import wilson_interval
from indicators.judgement.funnel import Funnel, FunnelVerdict, NotPlotted, compute_funnel, limit_curves, place_in_funnel
from indicators.judgement.intervals import Z95, Z998

Counts = list[tuple[int | None, int | None]]


def frame(counts: Counts) -> pl.DataFrame:
    rows = [(f"s{number}", *pair) for number, pair in enumerate(counts)]
    return pl.DataFrame(rows, {"structure": pl.String, "numerator": pl.Int64, "denominator": pl.Int64}, orient="row")


def compared(*counts: tuple[int | None, int | None]) -> Funnel:
    return compute_funnel(frame(list(counts)))


def column(found: Funnel, name: str) -> list[object]:
    return found.points[name].to_list()


@st.composite
def perimeters(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Structures of very different sizes, some of which do differ."""
    sizes = draw(st.lists(st.integers(1, 120), min_size=2, max_size=15))
    return [(draw(st.integers(0, size)), size) for size in sizes]


# The exact tails


def test_the_reference_is_the_ratio_of_the_sums() -> None:
    assert compared((9, 10), (0, 90)).share == 0.09


def test_none_in_ten_where_one_in_two_is_usual_is_a_signal_and_one_in_ten_is_to_be_watched() -> None:
    none_and_all = compared((0, 10), (10, 10))
    assert column(none_and_all, "verdict") == ["signal", "signal"]  # 1 / 1024
    assert column(none_and_all, "side") == ["below", "above"]
    assert column(compared((1, 10), (9, 10)), "verdict") == ["watch", "watch"]  # 11 / 1024
    usual = compared((2, 10), (8, 10))  # 56 / 1024
    assert column(usual, "verdict") == ["ordinary", "ordinary"]
    assert column(usual, "side") == [None, None]


def test_under_ten_cases_nobody_stands_out() -> None:
    found = compared((0, 9), (9, 9), (50, 100))
    assert column(found, "verdict") == ["too_few", "too_few", "ordinary"]
    assert column(found, "side") == [None, None, None]
    assert column(found, "lower_tail")[0] == pytest.approx(1 / 512)


def test_a_zero_in_ten_cases_is_ordinary_where_one_in_ten_is_usual() -> None:
    found = compared((0, 10), (11, 100))
    assert found.share == 0.1
    assert column(found, "verdict")[0] == "ordinary"
    # A Wilson band drawn around the reference would not hold it, and chance alone brings it one time in three.
    assert wilson_interval(1, 10)[0] > 0
    assert binom.pmf(0, 10, 0.1) == pytest.approx(0.35, abs=0.002)


@given(perimeters())
def test_the_tails_are_those_of_an_independent_binomial_distribution(counts: list[tuple[int, int]]) -> None:
    found = compared(*counts)
    for (cases, total), lower, upper in zip(
        counts, column(found, "lower_tail"), column(found, "upper_tail"), strict=True
    ):
        assert lower == pytest.approx(binom.cdf(cases, total, found.share), rel=1e-9, abs=1e-300)
        assert upper == pytest.approx(binom.sf(cases - 1, total, found.share), rel=1e-9, abs=1e-300)


@given(perimeters())
def test_the_whole_funnel_is_that_of_plain_loops(counts: list[tuple[int, int]]) -> None:
    found = compared(*counts)
    p0 = sum(cases for cases, _ in counts) / sum(total for _, total in counts)
    assert found.share == pytest.approx(p0)
    for (cases, total), point in zip(counts, found.points.iter_rows(named=True), strict=True):
        chances = [comb(total, k) * p0**k * (1 - p0) ** (total - k) for k in range(total + 1)]
        below, above = sum(chances[: cases + 1]), sum(chances[cases:])
        if min(abs(tail - limit) for tail in (below, above) for limit in (0.025, 0.001)) < 1e-9:
            continue
        verdict = "ordinary" if min(below, above) > 0.025 else "watch" if min(below, above) > 0.001 else "signal"
        assert point["verdict"] == ("too_few" if total < 10 else verdict)
        stands_out = total >= 10 and verdict != "ordinary"
        assert point["side"] == (None if not stands_out else "below" if cases / total < p0 else "above")
        assert point["share"] == cases / total
        if 0 < p0 < 1:
            assert point["z"] == pytest.approx((cases / total - p0) / sqrt(p0 * (1 - p0) / total))
    large = [(cases, total) for cases, total in counts if total >= 10]
    if not 0 < p0 < 1 or len(large) < 2:
        assert (found.dispersion, found.between_variance) == (None, 0)
        return
    scores = [(cases / total - p0) / sqrt(p0 * (1 - p0) / total) for cases, total in large]
    low, high = numpy.quantile(scores, [0.1, 0.9])
    squares = [min(max(score, low), high) ** 2 for score in scores]
    inverse = [total / (p0 * (1 - p0)) for _, total in large]
    s1, s2 = sum(inverse), sum(weight**2 for weight in inverse)
    assert found.dispersion == pytest.approx(sum(squares) / len(large), abs=1e-12)
    assert found.between_variance == pytest.approx(
        max(0, (sum(squares) - (len(large) - 1)) / (s1 - s2 / s1)), abs=1e-12
    )


@given(perimeters())
def test_counting_the_others_turns_the_funnel_over(counts: list[tuple[int, int]]) -> None:
    found, turned = compared(*counts), compared(*((total - cases, total) for cases, total in counts))
    assert column(found, "upper_tail") == pytest.approx(column(turned, "lower_tail"), rel=1e-6)
    near = [abs(tail / limit - 1) < 1e-6 for tail in column(found, "lower_tail") for limit in (0.025, 0.001)]
    near += [abs(tail / limit - 1) < 1e-6 for tail in column(found, "upper_tail") for limit in (0.025, 0.001)]
    assume(not any(near))
    assert column(found, "verdict") == column(turned, "verdict")
    other = {"above": "below", "below": "above", None: None}
    assert column(found, "side") == [other[side] for side in column(turned, "side")]
    assert found.between_variance == pytest.approx(turned.between_variance, abs=1e-9)


@given(perimeters(), st.randoms(use_true_random=False))
def test_the_order_of_the_structures_changes_nothing(counts: list[tuple[int, int]], dice: Random) -> None:
    given_order = frame(list(counts))
    other = given_order.sample(fraction=1, shuffle=True, seed=dice.randint(0, 99))
    found, again = compute_funnel(given_order), compute_funnel(other)
    assert again.points["structure"].to_list() == other["structure"].to_list()
    columns = ["structure", "verdict", "side", "widened"]
    assert found.points.sort("structure").select(columns).equals(again.points.sort("structure").select(columns))


# Who is not compared


def test_who_is_left_out_is_said_with_the_reason() -> None:
    found = compared((None, None), (5, 20), (3, None), (None, 12), (0, 0), (7, 20))
    assert found.excluded.rows() == [
        ("s0", "no_counts"),
        ("s2", "no_counts"),
        ("s3", "no_counts"),
        ("s4", "no_cases"),
    ]
    assert column(found, "structure") == ["s1", "s5"]
    assert found.share == 0.3


def test_where_nobody_has_delivered_everybody_is_left_out() -> None:
    nothing = pl.DataFrame({"structure": ["a", "b"], "numerator": [None, None], "denominator": [None, None]})
    found = compute_funnel(nothing)
    assert (found.share, found.points.height) == (None, 0)
    assert found.excluded.rows() == [("a", "no_counts"), ("b", "no_counts")]


def test_a_structure_is_not_compared_with_itself() -> None:
    found = compared((30, 60), (0, 0))
    assert (found.share, found.dispersion, found.is_over_dispersed) == (None, None, False)
    assert found.points.is_empty()
    assert found.excluded.rows() == [("s0", "alone"), ("s1", "no_cases")]


def test_without_any_structure_there_is_an_empty_funnel_of_the_same_columns() -> None:
    found = compared()
    assert (found.share, found.points.height, found.excluded.height) == (None, 0, 0)
    assert found.points.schema == compared((5, 20), (7, 20)).points.schema
    assert limit_curves(found, 100).is_empty()
    assert limit_curves(found, 100).schema == limit_curves(compared((5, 20), (7, 20)), 100).schema


@pytest.mark.parametrize("full", [False, True])
def test_where_all_have_none_or_all_of_their_cases_nobody_stands_out(full: bool) -> None:
    found = compared(*((total if full else 0, total) for total in (12, 40, 400)))
    assert found.share == float(full)
    assert column(found, "z") == [None] * 3
    assert column(found, "verdict") == ["ordinary"] * 3
    assert column(found, "lower_tail") == column(found, "upper_tail") == [1.0] * 3
    assert found.dispersion is None
    assert limit_curves(found, 400)["lower_95"].unique().to_list() == [float(full)]
    assert "-0.0" not in limit_curves(found, 400).write_csv()


def test_where_all_are_too_few_the_funnel_says_so() -> None:
    found = compared((1, 4), (3, 9))
    assert column(found, "verdict") == ["too_few", "too_few"]
    assert found.share == pytest.approx(4 / 13)
    assert found.dispersion is None


@pytest.mark.parametrize("wrong", [(3.0, 2.0), (-1.0, 20.0), (1.5, 20.0), (1.0, 20.5), (1.0, float("inf"))])
def test_what_is_not_counted_is_refused_with_its_structure(wrong: tuple[float, float]) -> None:
    counts = pl.DataFrame({"structure": ["a", "b"], "numerator": [5.0, wrong[0]], "denominator": [20.0, wrong[1]]})
    with pytest.raises(ValueError, match=r"b: .* are not counts"):
        compute_funnel(counts)


def test_whole_counts_may_be_stored_as_decimal_numbers() -> None:
    counts = frame([(1, 10), (9, 10)])
    stored = counts.with_columns(pl.col("numerator", "denominator").cast(pl.Float64))
    assert compute_funnel(stored).points["verdict"].to_list() == compute_funnel(counts).points["verdict"].to_list()


# Over-dispersion


def test_structures_that_differ_by_more_than_chance_widen_the_funnel() -> None:
    two_worlds = [(30, 100)] * 10 + [(70, 100)] * 10
    found = compared(*two_worlds)
    # Every z is ±4, so φ = 16; S1 = 20 × 400, S2 = 20 × 400², hence τ² = (320 − 19) / (8 000 − 400).
    assert found.dispersion == pytest.approx(16)
    assert found.between_variance == pytest.approx(301 / 7_600)
    assert found.is_over_dispersed
    assert set(column(found, "verdict")) == {"signal"}
    assert column(found, "widened") == ["ordinary"] * 20
    assert column(found, "widened_z")[0] == pytest.approx(-0.2 / sqrt(0.0025 + 301 / 7_600))


def test_one_that_differs_from_many_others_that_differ_stays_beyond_the_widened_limits() -> None:
    found = compared(*[(40, 100), (60, 100)] * 10, (1, 100), (2, 5))
    assert found.is_over_dispersed
    assert found.points["widened"].to_list() == ["ordinary"] * 20 + ["signal", "too_few"]


def test_a_signal_between_the_two_widened_limits_is_to_be_watched() -> None:
    found = compared(*[(40, 100), (60, 100)] * 10, (20, 100))
    assert found.points["widened_z"][-1] == pytest.approx(-2.78, abs=0.01)
    assert found.points.select("verdict", "widened").row(-1) == ("signal", "watch")


def test_what_the_exact_tail_only_watches_is_no_signal_for_being_beyond_a_widened_limit() -> None:
    # Three cases in ten where one in twenty is usual: far in standard deviations, and not so rare.
    found = compared(*[(25, 1_000), (75, 1_000)] * 10, (3, 10))
    assert found.points["widened_z"][-1] > Z998
    assert found.points["upper_tail"][-1] == pytest.approx(0.0116, abs=0.0001)
    assert found.points.select("verdict", "widened").row(-1) == ("watch", "watch")
    two_in_ten = compared(*[(30, 1_000), (70, 1_000)] * 10, (2, 10))
    assert two_in_ten.points["widened_z"][-1] > Z95
    assert two_in_ten.points.select("verdict", "widened").row(-1) == ("ordinary", "ordinary")


def test_structures_that_do_not_differ_have_no_widened_funnel() -> None:
    found = compared(*[(50, 100)] * 12)
    assert (found.dispersion, found.between_variance, found.is_over_dispersed) == (0, 0, False)
    assert column(found, "widened") == column(found, "widened_z") == [None] * 12
    assert limit_curves(found, 100)["widened_lower_95"].null_count() == 60


@given(perimeters())
def test_the_widened_verdict_is_never_more_severe(counts: list[tuple[int, int]]) -> None:
    found = compared(*counts)
    severity = ["ordinary", "watch", "signal"]
    for point in found.points.iter_rows(named=True):
        if not found.is_over_dispersed:
            assert (point["widened"], point["widened_z"]) == (None, None)
        elif point["verdict"] == "too_few":
            assert point["widened"] == "too_few"
        else:
            assert severity.index(point["widened"]) <= severity.index(point["verdict"])
            assert abs(point["widened_z"]) <= abs(point["z"])


def test_chance_alone_gives_two_thirds_of_a_dispersion_once_winsorised() -> None:
    c = norm.isf(0.1)
    winsorised_variance = 0.8 - 2 * c * norm.pdf(c) + 0.2 * c**2
    assert winsorised_variance == pytest.approx(0.68, abs=0.002)
    random = numpy.random.default_rng(20261124)
    totals = random.integers(50, 200, 2_000)
    found = compute_funnel(
        pl.DataFrame({"structure": totals, "numerator": random.binomial(totals, 0.4), "denominator": totals})
    )
    # The standard deviation of a mean of 2,000 squares, each under 1.65, is below 0.02.
    assert found.dispersion == pytest.approx(winsorised_variance, abs=4 * 0.02)
    assert not found.is_over_dispersed


# Some structures, from a reference that is known


@given(perimeters(), st.data())
def test_some_structures_are_told_as_they_are_among_all(counts: list[tuple[int, int]], data: st.DataObject) -> None:
    whole = compared(*counts)
    assume(whole.share is not None)
    some = data.draw(st.lists(st.sampled_from(range(len(counts))), unique=True))
    chosen = pl.int_range(pl.len()).is_in(some)
    placed = place_in_funnel(frame(counts).filter(chosen), whole.share or 0.0, whole.between_variance)
    assert placed.equals(whole.points.filter(chosen))


def test_those_without_cases_are_placed_nowhere() -> None:
    assert place_in_funnel(frame([(None, None), (0, 0), (5, 10)]), 0.5, 0.0)["structure"].to_list() == ["s2"]
    with pytest.raises(ValueError, match="not counts"):
        place_in_funnel(frame([(11, 10)]), 0.5, 0.0)


# The curves


def test_the_curves_are_the_normal_limits_around_the_reference_held_between_none_and_all() -> None:
    found = compared((10, 100), (30, 100))
    drawn = limit_curves(found, 400)
    for row in drawn.iter_rows(named=True):
        for name, z in (("95", Z95), ("998", Z998)):
            half = z * sqrt(0.2 * 0.8 / row["denominator"])
            assert row[f"lower_{name}"] == pytest.approx(max(0, 0.2 - half))
            assert row[f"upper_{name}"] == pytest.approx(min(1, 0.2 + half))


def test_the_widened_curves_do_not_close_on_the_reference() -> None:
    found = compared(*[(30, 100)] * 10, *[(70, 100)] * 10)
    last = limit_curves(found, 1e9).row(-1, named=True)
    assert last["upper_95"] == pytest.approx(0.5, abs=1e-3)
    assert last["widened_upper_95"] == pytest.approx(0.5 + Z95 * sqrt(found.between_variance), abs=1e-3)


@given(perimeters(), st.integers(1, 5_000), st.integers(2, 200))
def test_the_curves_go_from_one_case_to_the_largest_and_only_narrow(
    counts: list[tuple[int, int]], largest: int, points: int
) -> None:
    drawn = limit_curves(compared(*counts), largest, points)
    assert drawn.height == points
    assert drawn["denominator"][0] == 1
    assert drawn["denominator"][-1] == pytest.approx(largest)
    for names in (("lower_998", "lower_95", "upper_95", "upper_998"), ("widened_lower_95", "lower_95")):
        for outer, inner in pairwise(names):
            assert (drawn[inner] - drawn[outer]).drop_nulls().ge(-1e-12).all()
    for name in drawn.columns[1:]:
        assert drawn[name].drop_nulls().is_between(0, 1).all()
        assert drawn[name].drop_nulls().is_sorted(descending="upper" in name)


def test_the_curves_are_smooth_where_cases_are_few() -> None:
    found = compared((500, 1_000), (500, 1_000))
    drawn = limit_curves(found, 1_000)
    # Between two points of the drawing, the straight line stays within half a point of the curve.
    for before, after in pairwise(drawn.iter_rows(named=True)):
        middle = (before["denominator"] + after["denominator"]) / 2
        straight = (before["upper_998"] + after["upper_998"]) / 2
        assert straight == pytest.approx(min(1, 0.5 + Z998 * sqrt(0.25 / middle)), abs=0.005)


def test_words_of_the_columns_are_those_of_their_types() -> None:
    found = compared(*[(30, 100)] * 10, *[(70, 100)] * 10, (1, 4), (None, None), (0, 0))
    assert set(found.points["verdict"]) | set(found.points["widened"]) <= set(FunnelVerdict)
    assert set(found.excluded["reason"]) <= set(NotPlotted)
