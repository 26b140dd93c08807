"""The latest signals of many series at once are those of each of them alone."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions.catalogue import Direction
from indicators.judgement.control_chart import LimitBasis, control_chart, latest_signal
from indicators.judgement.control_charts_vectorised import latest_signals
from tests.indicators.judgement.series import Series, with_gaps

SCHEMA = {
    "structure": pl.String,
    "indicator": pl.String,
    "position": pl.Int64,
    "value": pl.Float64,
    "direction": pl.String,
}
Named = list[tuple[str, str, Direction, int, Series]]


def named(series: list[tuple[Direction, int, Series]]) -> Named:
    """Series of three indicators a structure, each with its direction and the position of its first period."""
    return [(f"s{at // 3}", f"i{at % 3}", *facts) for at, facts in enumerate(series)]


def frame(series: Named, *, gaps: bool) -> pl.DataFrame:
    """One row a period; a gap inside a series is a null, or no row."""
    rows = [
        (structure, indicator, first + at, value, direction)
        for structure, indicator, direction, first, values in series
        for at, value in enumerate(values)
        if gaps or value is not None or at == len(values) - 1
    ]
    return pl.DataFrame(rows, SCHEMA, orient="row")


def one_by_one(series: Named) -> list[tuple[object, ...]]:
    """What is told of each, one after the other."""
    signals: list[tuple[object, ...]] = []
    for structure, indicator, direction, first, values in sorted(series):
        if not values:
            continue
        judged, last = control_chart(values, direction), first + len(values) - 1
        latest = latest_signal(judged)
        signal_and_side = (latest.signal, latest.side) if latest else (None, None)
        signals.append((structure, indicator, last, judged.segments[-1].status, *signal_and_side, judged.variation))
    return signals


@given(
    st.lists(st.tuples(st.sampled_from(Direction), st.integers(-5, 5), with_gaps(0, 24)), max_size=7),
    st.booleans(),
    st.integers(0, 99),
)
def test_many_series_are_told_as_each_alone(series: list[tuple[Direction, int, Series]], gaps: bool, seed: int) -> None:
    rows = frame(named(series), gaps=gaps)
    signals = latest_signals(rows.sample(fraction=1, shuffle=True, seed=seed))
    assert signals.rows() == one_by_one(named(series))


@pytest.mark.parametrize(
    ("signal", "values"),
    [
        ("beyond", [5.0, 1.0, 6.0, 2.0] * 4 + [40.0]),
        ("steady", [0.0, 40.0] * 8 + [3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]),
        ("two_of_three", [5.0, 1.0, 6.0, 2.0] * 12 + [13.5, 5.0, 13.5]),
        ("one_side", [2.0, 1.0, -2.0, -1.0] * 4 + [2.0, 1.0] * 3 + [2.0]),
    ],
)
@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("sign", [1, -1])
def test_each_test_is_told_for_each_direction(signal: str, values: Series, direction: Direction, sign: int) -> None:
    series: Named = [("s", "i", direction, 0, [sign * value for value in values if value is not None])]
    signals = latest_signals(frame(series, gaps=True))
    assert signals["signal"].to_list() == [signal]
    assert signals.rows() == one_by_one(series)


def test_nothing_is_told_of_no_series() -> None:
    signals = latest_signals(pl.DataFrame(schema=SCHEMA))
    assert signals.rows() == []
    assert signals.columns == ["structure", "indicator", "position", "status", "signal", "side", "variation"]


def test_a_series_of_gaps_is_a_run_chart_that_says_nothing() -> None:
    signals = latest_signals(frame([("s", "i", Direction.UP, 3, [None, None])], gaps=True))
    assert signals.rows() == [("s", "i", 4, LimitBasis.RUN_CHART, None, None, None)]


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        latest_signals(frame([("s", "i", Direction.UP, 0, [1.0, float("nan")])], gaps=True))


def test_words_of_another_kind_and_order_make_no_other_series() -> None:
    rows = frame(named([(Direction.UP, 0, [1.0, 3.0] * 8), (Direction.DOWN, 0, [5.0, 9.0] * 8 + [90.0])]), gaps=True)
    kinds = rows.with_columns(pl.col("structure", "direction").cast(pl.Categorical))
    assert latest_signals(kinds).rows() == latest_signals(rows).rows()
    reversed_names = rows.reverse()
    assert latest_signals(reversed_names).rows() == latest_signals(rows).rows()
