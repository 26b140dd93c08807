"""A rate against a reference: better, worse or comparable, and when nothing may be said."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from indicators.definitions.catalogue import Direction
from indicators.judgement import MIN_JUDGED_CASES, Judgement, compare_with_reference, wilson_interval
from indicators.judgement.comparison import compare_columns, reference_rate

COUNTS = {"structure": pl.String, "numerator": pl.Int64, "denominator": pl.Int64}


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


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(0, 80),
            st.none() | st.integers(0, 80),
            st.none() | st.integers(0, 100).map(lambda percent: percent / 100),
            st.sampled_from(Direction),
        ),
        max_size=20,
    )
)
def test_a_column_is_compared_as_each_of_its_rows(
    rows: list[tuple[int | None, int | None, float | None, Direction]],
) -> None:
    schema = {"cases": pl.Int64, "total": pl.Int64, "reference": pl.Float64, "direction": pl.String}
    frame = pl.DataFrame(rows, schema, orient="row")
    columns = (pl.col(name) for name in ("cases", "total", "reference", "direction"))
    assert frame.select(compare_columns(*columns))["judgement"].to_list() == [
        None if x is None or not n or p is None or x > n else compare_with_reference(x, n, p, direction)
        for x, n, p, direction in rows
    ]


@pytest.mark.parametrize("direction", list(Direction))
def test_one_reference_and_one_direction_serve_a_whole_column(direction: Direction) -> None:
    frame = pl.DataFrame({"cases": [10, 30, 55], "total": [60, 60, 60]})
    judged = frame.select(compare_columns(pl.col("cases"), pl.col("total"), 0.5, direction))["judgement"]
    assert judged.to_list() == [compare_with_reference(cases, 60, 0.5, direction) for cases in (10, 30, 55)]


def test_a_reference_on_the_very_limit_of_the_interval_is_comparable_in_a_column_too() -> None:
    low, high = wilson_interval(60, 100)
    frame = pl.DataFrame({"cases": [60, 60], "total": [100, 100], "reference": [low, high]})
    columns = (pl.col("cases"), pl.col("total"), pl.col("reference"), Direction.UP)
    assert frame.select(compare_columns(*columns))["judgement"].to_list() == ["comparable", "comparable"]


def test_a_direction_may_be_a_category() -> None:
    frame = pl.DataFrame({"cases": [55, 55], "total": [60, 60], "direction": ["up", "down"]})
    columns = (pl.col("cases"), pl.col("total"), 0.5, pl.col("direction").cast(pl.Categorical))
    assert frame.select(compare_columns(*columns))["judgement"].to_list() == ["better", "worse"]


def test_the_rate_of_a_perimeter_is_the_ratio_of_the_sums() -> None:
    counts = pl.DataFrame([("a", 9, 10), ("b", 0, 90), ("c", None, None), ("d", 0, 0)], COUNTS, orient="row")
    assert counts.select(reference_rate(pl.col("numerator"), pl.col("denominator"))).item() == 0.09


@pytest.mark.parametrize("others", [[], [("b", None, None)], [("b", 0, 0)], [("b", None, 12)], [("b", 3, None)]])
def test_the_rate_of_a_single_contributor_is_no_reference(others: list[tuple[str, int | None, int | None]]) -> None:
    counts = pl.DataFrame([("a", 9, 40), *others], COUNTS, orient="row")
    rate = reference_rate(pl.col("numerator"), pl.col("denominator"))
    judged = counts.with_columns(rate.alias("rate")).select(
        "rate", compare_columns(pl.col("numerator"), pl.col("denominator"), pl.col("rate"), Direction.UP)
    )
    assert judged.rows() == [(None, None)] * counts.height


def test_each_perimeter_of_a_column_has_its_own_reference() -> None:
    counts = pl.DataFrame({"region": ["n", "n", "s"], "numerator": [1, 2, 3], "denominator": [10, 10, 10]})
    rate = reference_rate(pl.col("numerator"), pl.col("denominator")).over("region")
    assert counts.select(rate).to_series().to_list() == [0.15, 0.15, None]
