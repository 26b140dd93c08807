"""A lasting change of a rate of people: what is told, when, how often wrongly, and that many series are each alone.

Simulated series have a base of sixteen quarters at 55 %; draws are fixed by their seed. The figures asked for are those
of METHODS 4.3.
"""

from math import log

import numpy
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.judgement.comparison import Side
from indicators.judgement.cusum import (
    BASE_QUARTERS,
    Grade,
    LastingChange,
    QuarterCounts,
    estimate_base,
    lasting_changes,
    latest_lasting_changes,
)
from tests.conftest import sample

SERIES = 6000
RATE = 0.55
LOWER = 0.45
Counts = list[QuarterCounts | None]
SCHEMA = {
    "structure": pl.String,
    "indicator": pl.String,
    "position": pl.Int64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
}


def simulated(size: int, after: list[float], *, seed: int, spread: float = 0.0) -> numpy.ndarray:
    """Cases of each series in each quarter: sixteen at 55 %, then at the rates given, which really vary by `spread`."""
    random = numpy.random.default_rng(seed)
    rates = numpy.tile([*[RATE] * BASE_QUARTERS, *after], (SERIES, 1))
    if spread:
        rates = (rates + random.normal(0, spread, rates.shape)).clip(0.01, 0.99)
    return random.binomial(size, rates)


def detected(cases: numpy.ndarray, size: int, side: Side) -> numpy.ndarray:
    """Whether a change to that side is told: a row a series, a column a quarter after the base."""
    changes = (lasting_changes([(count, size) for count in series])[BASE_QUARTERS:] for series in cases.tolist())
    return numpy.array([[change is not None and change.side is side for change in series] for series in changes])


@pytest.mark.parametrize(("size", "soon", "still"), sample([(60, 0.85, 0.95), (30, 0.55, 0.88), (120, 0.97, 0.97)], 3))
def test_a_fall_of_ten_points_is_told_within_eight_quarters_and_still_told_after_twenty(
    size: int, soon: float, still: float
) -> None:
    fallen = detected(simulated(size, [LOWER] * 20, seed=size), size, Side.BELOW)
    assert fallen[:, :8].any(axis=1).mean() >= soon
    assert fallen[:, 19].mean() >= still


@pytest.mark.parametrize("size", sample([30, 60, 120], 3))
def test_unchanged_series_are_rarely_told_to_worsen(size: int) -> None:
    cases = simulated(size, [RATE] * 20, seed=1000 + size)
    assert detected(cases, size, Side.BELOW).any(axis=1).mean() <= 0.08


@pytest.mark.parametrize("size", sample([120, 60, 30], 3))
def test_series_whose_rate_really_varies_between_quarters_are_rarely_told_to_worsen(size: int) -> None:
    cases = simulated(size, [RATE] * 20, seed=2000 + size, spread=0.05)
    assert detected(cases, size, Side.BELOW).any(axis=1).mean() <= 0.16


@pytest.mark.parametrize(("size", "most"), sample([(60, 0.35), (30, 0.75), (120, 0.10)], 3))
def test_a_fall_of_twelve_quarters_that_came_back_is_not_told_for_ever(size: int, most: float) -> None:
    fallen = detected(simulated(size, [LOWER] * 12 + [RATE] * 8, seed=3000 + size), size, Side.BELOW)
    then, later = fallen[:, 11], fallen[:, 19]
    assert later.mean() <= most
    assert (later & then).sum() / then.sum() <= most, "of those that were told"


def plain(counts: Counts) -> list[tuple[int, str, str] | None]:
    """The rule of METHODS 4.3 word for word, each quarter's sums made anew from the last restart."""
    quarters = [(at, count) for at, count in enumerate(counts) if count and count[1]]
    found: list[tuple[int, str, str] | None] = [None] * len(counts)
    base, rest = quarters[:16], quarters[16:]
    cases, total = sum(count[0] for _, count in base), sum(count[1] for _, count in base)
    if len(base) < 16 or cases in {0, total}:
        return found
    p = cases / total
    phi = max(1.0, sum((x - n * p) ** 2 / (n * p * (1 - p)) for _, (x, n) in base) / 15)
    rates = {side: odds / (1 + odds) for side, odds in (("above", 1.5 * p / (1 - p)), ("below", p / (1 - p) / 1.5))}
    restart, current = 0, None
    for place, (at, _) in enumerate(rest):

        def evidence(side: str, first: int, place: int = place, sign: int = 1) -> float:
            """The largest sum of the latest steps: what a statistic reset at 0 is."""
            sums, best = 0.0, 0.0
            for x, n in (rest[one][1] for one in range(place, first - 1, -1)):
                q = rates[side]
                sums += sign * (x * log(q / p) + (n - x) * log((1 - q) / (1 - p))) / phi
                best = max(best, sums)
            return best

        up, down = evidence("above", restart), evidence("below", restart)
        if current is None:
            if max(up, down) > 4.25:
                side = "above" if up > down else "below"
                current = (at, side, "signal" if max(up, down) > 5 else "watch")
                begun = place
        elif evidence(current[1], begun + 1, sign=-1) > 6:
            restart, current = place + 1, None
        elif {"above": up, "below": down}[current[1]] > 5:
            current = (current[0], current[1], "signal")
        found[at] = current
    return found


@st.composite
def counted(draw: st.DrawFn) -> Counts:
    """A base of a rate, then stretches of others, with gaps, quarters without a case and sizes that differ."""
    series: Counts = []
    for many in [draw(st.integers(0, 20)), *draw(st.lists(st.integers(1, 12), max_size=4))]:
        rate, size = draw(st.floats(0.0, 1.0)), draw(st.integers(1, 80))
        for _ in range(many):
            total = draw(st.integers(size // 2, size))
            wobble = draw(st.integers(-2, 2))
            cases = min(max(round(rate * total) + wobble, 0), total)
            series.append(draw(st.sampled_from([(float(cases), float(total))] * 9 + [None])))
    return series


def facts(change: LastingChange | None) -> tuple[int, str, str] | None:
    return change and (change.since, change.side.value, change.grade.value)


@given(counted())
def test_a_change_is_told_as_the_rule_says_word_for_word(counts: Counts) -> None:
    assert [facts(change) for change in lasting_changes(counts)] == plain(counts)


@given(st.lists(counted(), max_size=6), st.booleans(), st.integers(0, 99))
def test_many_series_are_told_as_each_alone(series: list[Counts], gaps: bool, seed: int) -> None:
    rows = [
        (f"s{number}", "rate", at, *(count or (None, None)))
        for number, counts in enumerate(series)
        for at, count in enumerate(counts)
        if gaps or count is not None or at == len(counts) - 1
    ]
    frame = pl.DataFrame(rows, SCHEMA, orient="row").sample(fraction=1, shuffle=True, seed=seed)
    expected = []
    for number, counts in enumerate(series):
        if counts:
            base, last = estimate_base(counts), counts[-1]
            tested = base is not None and len(counts) > base.stop and last is not None and last[1] > 0
            since, side, grade = facts(lasting_changes(counts)[-1]) or (None, None, None)
            expected.append((f"s{number}", "rate", len(counts) - 1, tested, side, grade, since))
    assert latest_lasting_changes(frame).rows() == expected


def test_nothing_is_told_before_sixteen_quarters_nor_inside_the_base() -> None:
    assert lasting_changes([(55.0, 100.0)] * 15 + [None] * 3) == [None] * 18
    assert lasting_changes([(90.0, 100.0)] * 8 + [(10.0, 100.0)] * 8) == [None] * 16


def test_a_rate_of_all_or_nothing_has_no_odds_and_no_change() -> None:
    assert estimate_base([(0.0, 50.0)] * 16) is None
    assert lasting_changes([(50.0, 50.0)] * 16 + [(10.0, 50.0)] * 4) == [None] * 20


def test_a_change_keeps_the_quarter_it_was_first_told_in_and_becomes_a_signal() -> None:
    changes = lasting_changes([(55.0, 100.0)] * 16 + [(45.0, 100.0)] * 4)
    assert changes[16:] == [
        None,
        None,
        LastingChange(18, Side.BELOW, Grade.SIGNAL),
        LastingChange(18, Side.BELOW, Grade.SIGNAL),
    ]
    gentle = lasting_changes([(55.0, 100.0)] * 16 + [(46.0, 100.0)] * 4)
    assert [change and change.grade for change in gentle[17:]] == [None, Grade.WATCH, Grade.SIGNAL]


def test_a_rate_that_comes_back_ends_the_change_and_restarts_everything() -> None:
    level, low = (55.0, 100.0), (45.0, 100.0)
    changes = lasting_changes([level] * 16 + [low] * 4 + [level] * 6 + [low] * 3)
    assert [change and change.side for change in changes[20:23]] == [Side.BELOW, Side.BELOW, None]
    assert [change and change.since for change in changes[23:]] == [None, None, None, None, None, 28]


def test_quarters_that_differ_more_than_chance_weigh_less() -> None:
    calm, restless = [(55.0, 100.0)] * 16, [(40.0, 100.0), (70.0, 100.0)] * 8
    steady, varied = estimate_base(calm), estimate_base(restless)
    assert steady is not None
    assert varied is not None
    assert (steady.dispersion, varied.dispersion) == (1.0, pytest.approx(9.697, abs=0.001))
    assert lasting_changes([*calm, *[(45.0, 100.0)] * 4])[-1] is not None
    assert lasting_changes([*restless, *[(45.0, 100.0)] * 4])[-1] is None


@pytest.mark.parametrize("wrong", [(3.0, 2.0), (-1.0, 2.0), (1.5, 2.0)])
def test_what_is_not_counted_is_refused(wrong: QuarterCounts) -> None:
    with pytest.raises(ValueError, match="not counts of a proportion"):
        lasting_changes([wrong])
