"""How far a figure has come towards a target of several years: known ways, and all the reasons to say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import pytest

from indicators.definitions.baselines import Rebaseline
from indicators.definitions.catalogue import read_catalogue
from indicators.definitions.periods import Period
from indicators.definitions.targets import Target
from indicators.figures.figure import Figure, Status, Value
from indicators.figures.target_progress import target_progress
from indicators.figures.time_steps import TimeStep, spans_covering
from indicators.judgement import Judgement
from indicators.network import DATA_FOLDER

CATALOGUE = read_catalogue(DATA_FOLDER / "catalogue")
EXITS, ABSENCE, WOMEN = "dynamic_exit_rate", "absenteeism_rate", "women_share"
FIRST, LAST = Period.parse("2023-T4"), Period.parse("2026-T3")


def target(
    value: float = 60.0, starts: str = "2024-T1", ends: str | None = "2026-T4", indicator: str = EXITS
) -> Target:
    until = Period.parse(ends) if ends else None
    return Target("reseau", indicator, Period.parse(starts), until, value, "agreement", date(2023, 12, 1))


def figures(
    first: tuple[float, float] | None,
    last: tuple[float, float] | None,
    goal: Target,
    indicator: str = EXITS,
) -> Sequence[Figure]:
    """Twelve quarters from the eve of the target; those between are withheld."""
    sheet = CATALOGUE[indicator]
    quarters = [period for period in LAST.trailing(12) if period >= FIRST]
    counts = {quarters[0]: first, quarters[-1]: last}
    found = []
    for quarter in quarters:
        own = counts.get(quarter)
        reading = Value(own[0] / own[1] * sheet.scale, *own, 1) if own else Status.WITHHELD
        found.append(Figure(sheet, quarter, reading, goal if goal.covers(quarter) else None))
    return found


@pytest.mark.parametrize(
    ("first", "last", "share"),
    [
        ((50, 100), (55, 100), Fraction(1, 2)),
        ((50, 100), (60, 100), Fraction(1)),
        ((50, 100), (65, 100), Fraction(3, 2)),
        ((50, 100), (48, 100), Fraction(-1, 5)),
        ((25, 50), (110, 200), Fraction(1, 2)),
    ],
)
def test_the_way_is_measured_on_the_counts_from_the_eve_of_the_target(
    first: tuple[float, float], last: tuple[float, float], share: Fraction
) -> None:
    found = target_progress(figures(tuple(map(float, first)), tuple(map(float, last)), target()))  # type: ignore[arg-type]
    assert found is not None
    assert found.share == share
    assert (found.start.period, found.latest.period) == (FIRST, LAST)


def test_a_fall_is_the_way_of_what_should_fall() -> None:
    goal = target(8.0, indicator=ABSENCE)
    found = target_progress(figures((1000.0, 10_000.0), (900.0, 10_000.0), goal, ABSENCE))
    assert found is not None
    assert found.share == Fraction(1, 2)
    assert found.beyond_chance is None, "hours are no proportion of cases: chance is not told of them"


def test_chance_is_told_beside_the_way() -> None:
    near, far = (target_progress(figures((50.0, 100.0), last, target())) for last in ((55.0, 100.0), (550.0, 1000.0)))
    assert near is not None
    assert far is not None
    assert near.share == far.share
    assert (near.beyond_chance, far.beyond_chance) == (Judgement.COMPARABLE, Judgement.BETTER)


@pytest.mark.parametrize(
    ("why", "series"),
    [
        ("a target of one year", figures((50.0, 100.0), (55.0, 100.0), target(ends="2024-T4"))),
        ("a target without an end", figures((50.0, 100.0), (55.0, 100.0), target(ends=None))),
        ("nothing shown at the start", figures(None, (55.0, 100.0), target())),
        ("nothing shown since", figures((50.0, 100.0), None, target())),
        ("too few cases at the start", figures((5.0, 10.0), (55.0, 100.0), target())),
        ("too few cases now", figures((50.0, 100.0), (11.0, 19.0), target())),
        ("no way to go", figures((60.0, 100.0), (65.0, 100.0), target())),
        ("past the target from the start", figures((70.0, 100.0), (65.0, 100.0), target())),
        ("a series that begins later", figures((50.0, 100.0), (55.0, 100.0), target())[1:]),
        ("neither rise nor fall is better", figures((50.0, 100.0), (55.0, 100.0), target(indicator=WOMEN), WOMEN)),
        ("no target", figures((50.0, 100.0), (55.0, 100.0), target(starts="2028-T1", ends="2030-T4"))),
        ("nothing at all", []),
    ],
)
def test_nothing_is_said_of(why: str, series: Sequence[Figure]) -> None:
    assert target_progress(series) is None, why


def test_nothing_is_said_across_a_rebasing() -> None:
    series = figures((50.0, 100.0), (55.0, 100.0), target())

    def decided(since: str) -> list[Rebaseline]:
        return [Rebaseline("reseau", EXITS, Period.parse(since), date(2025, 1, 1), "nouveau")]

    assert target_progress(series, decided("2025-T1")) is None
    assert target_progress(series, decided("2023-T4")) is not None
    assert target_progress(series, decided("2026-T4")) is not None


def test_a_rate_without_its_counts_has_no_way() -> None:
    series = list(figures((50.0, 100.0), (55.0, 100.0), target()))
    series[-1] = Figure(series[-1].indicator, LAST, Value(55.0, None, None, 1), series[-1].target)
    assert target_progress(series) is None


def test_rolling_windows_go_from_the_last_that_ends_before_the_target() -> None:
    sheet, goal = CATALOGUE[EXITS], target()
    windows = spans_covering(TimeStep.ROLLING, Period.parse("2022-T4"), LAST)
    series = [
        Figure(sheet, window, Value(50.0 + n, 50.0 + n, 100.0, 1), goal if goal.covers(window) else None)
        for n, window in enumerate(windows)
    ]
    found = target_progress(series)
    assert found is not None
    assert found.start.period.end == date(2023, 12, 31)
    assert found.start.shown is not None
    assert found.latest.shown is not None
    moved, way = found.latest.shown.value - found.start.shown.value, 60.0 - found.start.shown.value
    assert float(found.share) == pytest.approx(moved / way)
