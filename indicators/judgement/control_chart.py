"""How a series behaves over time: the process behaviour chart, XmR (METHODS 4).

One structure, one indicator, periods that do not overlap: never a rolling window, whose neighbours resemble each other.
Limits are mean ± 2.66 × the mean moving range (Wheeler, D. J. (1993), Understanding Variation), inner lines two thirds
of that; `special_causes` holds the tests. Numbers of points and pictograms are those of METHODS 4, after NHS England,
Making Data Count. What is decided here:

- A gap (None) breaks moving ranges too. Limits rest on moving ranges, so it is moving ranges + 1 that must reach 8, 13
  or 16: without a gap, the points; each gap inside a segment costs one.
- A segment has its own mean and limits; no run crosses a cut, and a run chart has no signals.
- Limits are provisional and made anew with each point until there are sixteen; they then rest on these for as long as
  nobody re-bases the series: a fall must not widen the limits that should tell it (METHODS 4.2).
- Of a rate of people a CUSUM on its counts tells lasting changes, and nothing else does (METHODS 4.3); its limits are
  drawn all the same.
- Pictograms and headline speak of the latest point of the last segment, from thirteen points on, or from the first one
  after the base of the CUSUM. A series that ends with a gap says nothing of the present.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import pairwise
from math import fsum, isfinite
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Direction
from indicators.judgement.comparison import Side
from indicators.judgement.cusum import Count, Grade, base_of, lasting_changes
from indicators.judgement.special_causes import Limits, Signal, Told, special_causes

WIDTH: Final = 2.66
"""Limits in mean moving ranges: 3 / 1.128, three standard deviations as ranges of two estimate one (Wheeler 1993)."""
INNER: Final = 2 / 3
"""Inner lines, as a share of the width of the limits (METHODS 4)."""
SCREENED: Final = 3.267
"""Mean moving ranges from which one is itself exceptional: D4 for ranges of two (Wheeler 1993; Making Data Count)."""
PROVISIONAL_FROM: Final = 8
"""Points from which there are limits (METHODS 4)."""
TOLD_FROM: Final = 13
"""Points from which the latest one may be told to have a special cause, and pictograms are shown (METHODS 4)."""
FROZEN_AT: Final = 16
"""Points on which limits rest for good, until somebody re-bases the series (METHODS 4.2)."""


class Basis(StrEnum):
    """What the limits of a segment rest on."""

    RUN_CHART = "run_chart"
    """Fewer than 8 points: no limits."""
    PROVISIONAL = "provisional"
    """8 to 15 points: limits are made anew with each."""
    FROZEN = "frozen"
    """The first sixteen points of the segment, whatever comes after them."""


class Variation(StrEnum):
    """What a point says, as a pictogram; high and low where a rise is neither good nor bad."""

    COMMON_CAUSE = "common_cause"
    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    HIGH = "high"
    LOW = "low"


class Assurance(StrEnum):
    """What the limits say of the target, as a pictogram."""

    CONSISTENTLY_MET = "consistently_met"
    CONSISTENTLY_MISSED = "consistently_missed"
    HIT_OR_MISS = "hit_or_miss"


@dataclass(frozen=True)
class Segment:
    """Positions `start` to `stop`, excluded, with one mean, if there is a value, and limits, unless a run chart.

    `points` is the number of points on which the tests of a process may rest: moving ranges + 1.
    """

    start: int
    stop: int
    status: Basis
    mean: float | None
    limits: Limits | None
    points: int = 0


@dataclass(frozen=True)
class Latest:
    """The special cause of the latest point: the first test that finds it, where it draws, and what that means.

    Of a lasting change, `since` is the position of the point in which it was first told, and `grade` how surely; of
    another cause they are the latest point and nothing.
    """

    position: int
    signal: Signal
    side: Side
    variation: Variation
    since: int
    grade: Grade | None = None


@dataclass(frozen=True)
class Process:
    """A series, its segments and what the tests tell of each point.

    `tested` is whether a test was made of the latest point: else nothing can be said of it, not even that its cause is
    common.
    """

    values: tuple[float | None, ...]
    segments: tuple[Segment, ...]
    told: tuple[Told, ...]
    direction: Direction
    target: float | None
    tested: bool = False

    @property
    def signals(self) -> tuple[tuple[Signal, ...], ...]:
        """The special causes of each point, in the order of the tests."""
        return tuple(point.signals for point in self.told)

    @property
    def variation(self) -> Variation | None:
        """The pictogram of the latest point; none if no test was made of it."""
        return variation(self.told[-1].side, self.direction) if self.tested else None

    @property
    def assurance(self) -> Assurance | None:
        """The pictogram of the target; none without one, without a direction, or under thirteen points.

        It says where the limits are. A point of the last segment that does not agree makes it hit or miss: nobody may
        read « never » beside a point that does.
        """
        limits = self.segments[-1].limits if self.segments else None
        if limits is None or self.segments[-1].points < TOLD_FROM:
            return None
        if self.target is None or self.direction not in {Direction.UP, Direction.DOWN}:
            return None
        if limits.lower <= self.target <= limits.upper:
            return Assurance.HIT_OR_MISS
        met = (self.target < limits.lower) == (self.direction is Direction.UP)
        values = [value for value in self.values[self.segments[-1].start :] if value is not None]
        if any(meets(value, self.target, self.direction) is not met for value in values):
            return Assurance.HIT_OR_MISS
        return Assurance.CONSISTENTLY_MET if met else Assurance.CONSISTENTLY_MISSED


def meets(value: float, target: float, direction: Direction) -> bool:
    """Whether a value is at its target or on the good side of it, for a direction that has one."""
    return value >= target if direction is Direction.UP else value <= target


def process(
    values: Sequence[float | None] | pl.Series,
    direction: Direction,
    *,
    target: float | None = None,
    rebased: Iterable[int] = (),
    screened: bool = False,
    counts: Sequence[Count | None] | None = None,
    tested: bool = True,
) -> Process:
    """Judge a series of consecutive periods, oldest first, None where there is no value.

    `rebased` are the positions that begin a new segment: dated human decisions and changes of definition, never
    guessed. With `screened`, moving ranges of 3.267 times their mean or more are left out of it, once. The target is in
    the unit of the values. `counts` are those behind the quarters of a rate of people: a CUSUM on them then tells
    lasting changes, in place of the tests of special causes. Without `tested` nothing is told at all. A `ValueError`
    for a value that is no number and for a re-basing outside the series.
    """
    series = tuple(None if value is None else float(value) for value in values)
    if any(value is not None and not isfinite(value) for value in series):
        raise ValueError("a value of the series is not a number")
    cuts = sorted(set(rebased))
    if cuts and not 0 < cuts[0] <= cuts[-1] < len(series):
        raise ValueError(f"a series of {len(series)} points cannot be re-based at {cuts}")
    segments, told = [], []
    for start, stop in pairwise([0, *cuts, len(series)] if series else []):
        segment = _segment(series, start, stop, screened)
        segments.append(segment)
        if not tested:
            told += [Told()] * (stop - start)
        elif counts is not None:
            told += _lasting(counts[start:stop], start)
        elif segment.mean is None or segment.limits is None:
            told += [Told()] * (stop - start)
        else:
            told += special_causes(series[start:stop], segment.mean, segment.limits)
    last = tested and bool(segments) and _last_tested(series, segments[-1], counts)
    return Process(series, tuple(segments), tuple(told), direction, target, last)


def _lasting(counts: Sequence[Count | None], start: int) -> list[Told]:
    """Return what the CUSUM tells of each quarter of a segment that begins at `start`."""
    return [
        Told((Signal.LASTING,), change.side, replace(change, since=start + change.since)) if change else Told()
        for change in lasting_changes(counts)
    ]


def _last_tested(series: Sequence[float | None], segment: Segment, counts: Sequence[Count | None] | None) -> bool:
    """Whether the latest point of a series can be told to have a special cause or a common one."""
    if series[-1] is None:
        return False
    if counts is None:
        return segment.points >= TOLD_FROM
    base = base_of(counts[segment.start :])
    return base is not None and counts[-1] is not None and segment.start + base.stop < len(series)


def latest_signal(process: Process) -> Latest | None:
    """Return all that a headline may say: the special cause of the latest point, where a test was made of it.

    Pure noise marks at least one point in 12 % of series of twenty, in 15 % if screened (computed): an earlier signal
    belongs to the chart alone.
    """
    said, last = process.variation, process.told[-1] if process.told else Told()
    if said is None or last.side is None:
        return None
    position = len(process.values) - 1
    if last.change:
        return Latest(position, last.signals[0], last.side, said, last.change.since, last.change.grade)
    return Latest(position, last.signals[0], last.side, said, position)


def variation(side: Side | None, direction: Direction) -> Variation:
    """Tell what a special cause that draws to `side` means; without one, the cause is common."""
    match side, direction:
        case None, _:
            return Variation.COMMON_CAUSE
        case (Side.ABOVE, Direction.UP) | (Side.BELOW, Direction.DOWN):
            return Variation.IMPROVEMENT
        case _, Direction.UP | Direction.DOWN:
            return Variation.CONCERN
        case _:
            return Variation.HIGH if side is Side.ABOVE else Variation.LOW


def drawn(process: Process, bounds: tuple[float | None, float | None] = (None, None)) -> pl.DataFrame:
    """Return one row a point: position, value, segment (from 0), status, mean, the four limits, signal, variation.

    Limits are clamped to `bounds`, the lowest and the highest value there can be ((0, 100) for a percentage): for
    drawing only, every judgement is made on the unclamped ones. `signal` is the first of the point, or null;
    `variation` is what it means, null for a gap and in a run chart.
    """
    lines = dict.fromkeys(("lower", "inner_lower", "inner_upper", "upper"), pl.Float64)
    words = dict.fromkeys(("signal", "variation"), pl.String)
    schema = {"position": pl.Int64, "value": pl.Float64, "segment": pl.Int64, "status": pl.String, "mean": pl.Float64}
    rows = []
    for number, segment in enumerate(process.segments):
        limits = asdict(segment.limits) if segment.limits else dict.fromkeys(lines)
        for position in range(segment.start, segment.stop):
            value, told = process.values[position], process.told[position]
            judged = value is not None and segment.limits is not None
            row = (position, value, number, segment.status, segment.mean, *limits.values())
            signal = told.signals[0] if told.signals else None
            rows.append((*row, signal, variation(told.side, process.direction) if judged else None))
    return pl.DataFrame(rows, {**schema, **lines, **words}, orient="row").with_columns(
        pl.col(list(lines)).clip(*bounds)
    )


def _segment(series: Sequence[float | None], start: int, stop: int, screened: bool) -> Segment:
    """Return the mean and the limits of a part of the series, once it has the points they need."""
    part = series[start:stop]
    basis = _basis(part)
    present = [value for value in basis if value is not None]
    mean = fsum(present) / len(present) if present else None
    ranges, points = _moving_ranges(basis), len(_moving_ranges(part)) + 1
    if mean is None or points < PROVISIONAL_FROM:
        return Segment(start, stop, Basis.RUN_CHART, mean, None, points)
    typical = fsum(ranges) / len(ranges)
    if screened and typical > 0:
        kept = [moved for moved in ranges if moved < SCREENED * typical]
        typical = fsum(kept) / len(kept)
    width = WIDTH * typical
    limits = Limits(mean - width, mean - INNER * width, mean + INNER * width, mean + width)
    status = Basis.FROZEN if points >= FROZEN_AT else Basis.PROVISIONAL
    return Segment(start, stop, status, mean, limits, points)


def _basis(part: Sequence[float | None]) -> Sequence[float | None]:
    """Return the points on which the limits of a segment rest: all of them, or those up to the sixteenth."""
    moved = 0
    for at, (before, value) in enumerate(pairwise(part), start=1):
        moved += before is not None and value is not None
        if moved + 1 == FROZEN_AT:
            return part[: at + 1]
    return part


def _moving_ranges(part: Sequence[float | None]) -> list[float]:
    return [abs(value - before) for before, value in pairwise(part) if before is not None and value is not None]
