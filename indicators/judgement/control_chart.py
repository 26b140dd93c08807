"""Control chart of one series (XmR, process behaviour chart; METHODS 4).

One structure, one indicator, periods that do not overlap: never rolling windows, which are autocorrelated.
Limits are mean ± 2.66 × the mean moving range (Wheeler, D. J. (1993), Understanding Variation), inner lines two thirds
of that; `special_causes` holds the tests. Numbers of points and pictograms are those of METHODS 4, after NHS England,
Making Data Count. Decisions made here:

- A gap (None) breaks moving ranges too. Limits are computed from moving ranges: moving ranges + 1 must reach 8, 13 or
  16. Without a gap that is the number of points; each gap inside a segment costs one.
- Each segment has its own mean and limits; no run crosses a segment start, and a run chart has no signals.
- Limits are provisional and recomputed with each point up to sixteen; then they are frozen until the series is
  rebaselined: a fall must not widen the limits that should detect it (METHODS 4.2).
- For a rate of people, a CUSUM on its counts is the only test, for lasting changes (METHODS 4.3); its limits are drawn
  all the same.
- Pictograms and headline are about the latest point of the last segment, from thirteen points on, or from the first one
  after the base of the CUSUM. A series that ends with a gap has none.
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
from indicators.judgement.cusum import Grade, QuarterCounts, estimate_base, lasting_changes
from indicators.judgement.special_causes import ControlLimits, PointSignals, Signal, special_causes

LIMIT_WIDTH_IN_RANGES: Final = 2.66
"""Distance of the limits from the mean, in mean moving ranges: 3 / 1.128, three standard deviations (Wheeler 1993)."""
INNER_LINE_SHARE: Final = 2 / 3
"""Inner lines, as a share of the width of the limits (METHODS 4)."""
OUTLIER_RANGE_RATIO: Final = 3.267
"""Ratio to the mean from which a moving range is an outlier: D4 for ranges of two (Wheeler 1993; Making Data Count)."""
MIN_POINTS_FOR_LIMITS: Final = 8
"""Minimum of points for limits (METHODS 4)."""
MIN_POINTS_FOR_SIGNALS: Final = 13
"""Minimum of points to report a special cause of the latest one and to show pictograms (METHODS 4)."""
POINTS_BEHIND_FROZEN_LIMITS: Final = 16
"""First points of a segment from which frozen limits are computed, until the next rebaseline (METHODS 4.2)."""


class LimitBasis(StrEnum):
    """Which points the limits of a segment are computed from."""

    RUN_CHART = "run_chart"
    """Fewer than 8 points: no limits."""
    PROVISIONAL = "provisional"
    """8 to 15 points: limits are recomputed with each."""
    FROZEN = "frozen"
    """The first sixteen points of the segment; later points do not change the limits."""


class Variation(StrEnum):
    """Pictogram of a point's variation; high and low where a rise is neither good nor bad."""

    COMMON_CAUSE = "common_cause"
    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    HIGH = "high"
    LOW = "low"


class Assurance(StrEnum):
    """Pictogram of the target's position relative to the limits."""

    CONSISTENTLY_MET = "consistently_met"
    CONSISTENTLY_MISSED = "consistently_missed"
    HIT_OR_MISS = "hit_or_miss"


@dataclass(frozen=True)
class Segment:
    """Positions `start` to `stop` (excluded) with one mean (null without values) and limits (null in a run chart).

    `points` is the number of points that count for the minimums: moving ranges + 1.
    """

    start: int
    stop: int
    status: LimitBasis
    mean: float | None
    limits: ControlLimits | None
    points: int = 0


@dataclass(frozen=True)
class LatestSignal:
    """The special cause of the latest point: the first test that detects it, its side and its meaning.

    For a lasting change, `since` is the position of its first detection and `grade` its strength; for another cause
    they are the latest position and null.
    """

    position: int
    signal: Signal
    side: Side
    variation: Variation
    since: int
    grade: Grade | None = None


@dataclass(frozen=True)
class ControlChart:
    """A series with its segments and the signals of each point.

    `is_tested` is whether the latest point was tested; otherwise it has no pictogram, not even of a common cause.
    """

    values: tuple[float | None, ...]
    segments: tuple[Segment, ...]
    point_signals: tuple[PointSignals, ...]
    direction: Direction
    target: float | None
    is_tested: bool = False

    @property
    def signals(self) -> tuple[tuple[Signal, ...], ...]:
        """The special causes of each point, in the order of the tests."""
        return tuple(point.signals for point in self.point_signals)

    @property
    def variation(self) -> Variation | None:
        """The pictogram of the latest point; `None` if it was not tested."""
        return variation_of(self.point_signals[-1].side, self.direction) if self.is_tested else None

    @property
    def assurance(self) -> Assurance | None:
        """The pictogram of the target; `None` without a target, without a direction, or under thirteen points.

        It depends on the limits. A point of the last segment that contradicts them makes it hit or miss: « never » must
        not stand beside a point that met the target.
        """
        limits = self.segments[-1].limits if self.segments else None
        if limits is None or self.segments[-1].points < MIN_POINTS_FOR_SIGNALS:
            return None
        if self.target is None or self.direction not in {Direction.UP, Direction.DOWN}:
            return None
        if limits.lower <= self.target <= limits.upper:
            return Assurance.HIT_OR_MISS
        met = (self.target < limits.lower) == (self.direction is Direction.UP)
        values = [value for value in self.values[self.segments[-1].start :] if value is not None]
        if any(meets_target(value, self.target, self.direction) is not met for value in values):
            return Assurance.HIT_OR_MISS
        return Assurance.CONSISTENTLY_MET if met else Assurance.CONSISTENTLY_MISSED


def meets_target(value: float, target: float, direction: Direction) -> bool:
    """Whether a value is at its target or on the good side of it, for a direction that has one."""
    return value >= target if direction is Direction.UP else value <= target


def control_chart(
    values: Sequence[float | None] | pl.Series,
    direction: Direction,
    *,
    target: float | None = None,
    segment_starts: Iterable[int] = (),
    without_outliers: bool = False,
    counts: Sequence[QuarterCounts | None] | None = None,
    tested: bool = True,
) -> ControlChart:
    """Return the control chart of a series of consecutive periods, oldest first, None where there is no value.

    `segment_starts` are the positions that begin a new segment: dated human decisions and changes of definition, never
    inferred. With `without_outliers`, moving ranges of 3.267 times their mean or more are excluded from it, once. The
    target is in the unit of the values. `counts` are those of the quarters of a rate of people: a CUSUM on them then
    replaces the tests of special causes. Without `tested` there are no signals. A `ValueError` for a value that is not
    a number and for a segment start outside the series.
    """
    series = tuple(None if value is None else float(value) for value in values)
    if any(value is not None and not isfinite(value) for value in series):
        raise ValueError("a value of the series is not a number")
    starts = sorted(set(segment_starts))
    if starts and not 0 < starts[0] <= starts[-1] < len(series):
        raise ValueError(f"a series of {len(series)} points cannot be re-based at {starts}")
    segments, point_signals = [], []
    for start, stop in pairwise([0, *starts, len(series)] if series else []):
        segment = _segment(series, start, stop, without_outliers)
        segments.append(segment)
        if not tested:
            point_signals += [PointSignals()] * (stop - start)
        elif counts is not None:
            point_signals += _lasting_change_signals(counts[start:stop], start)
        elif segment.mean is None or segment.limits is None:
            point_signals += [PointSignals()] * (stop - start)
        else:
            point_signals += special_causes(series[start:stop], segment.mean, segment.limits)
    is_last_tested = tested and bool(segments) and _is_last_tested(series, segments[-1], counts)
    return ControlChart(series, tuple(segments), tuple(point_signals), direction, target, is_last_tested)


def _lasting_change_signals(counts: Sequence[QuarterCounts | None], start: int) -> list[PointSignals]:
    """Return the CUSUM signals of each quarter of a segment that begins at `start`."""
    return [
        PointSignals((Signal.LASTING,), change.side, replace(change, since=start + change.since))
        if change
        else PointSignals()
        for change in lasting_changes(counts)
    ]


def _is_last_tested(
    series: Sequence[float | None], segment: Segment, counts: Sequence[QuarterCounts | None] | None
) -> bool:
    """Whether the latest point of a series has the points or the base that a test needs."""
    if series[-1] is None:
        return False
    if counts is None:
        return segment.points >= MIN_POINTS_FOR_SIGNALS
    base = estimate_base(counts[segment.start :])
    return base is not None and counts[-1] is not None and segment.start + base.stop < len(series)


def latest_signal(chart: ControlChart) -> LatestSignal | None:
    """Return the special cause of the latest point, the only signal that a headline may report.

    Pure noise marks at least one point in 12 % of series of twenty, in 15 % without outliers (computed): earlier
    signals are shown in the chart only.
    """
    variation, last = chart.variation, chart.point_signals[-1] if chart.point_signals else PointSignals()
    if variation is None or last.side is None:
        return None
    position = len(chart.values) - 1
    if last.change:
        return LatestSignal(position, last.signals[0], last.side, variation, last.change.since, last.change.grade)
    return LatestSignal(position, last.signals[0], last.side, variation, position)


def variation_of(side: Side | None, direction: Direction) -> Variation:
    """Return the meaning of a special cause on `side`; without one, the cause is common."""
    match side, direction:
        case None, _:
            return Variation.COMMON_CAUSE
        case (Side.ABOVE, Direction.UP) | (Side.BELOW, Direction.DOWN):
            return Variation.IMPROVEMENT
        case _, Direction.UP | Direction.DOWN:
            return Variation.CONCERN
        case _:
            return Variation.HIGH if side is Side.ABOVE else Variation.LOW


def to_frame(chart: ControlChart, bounds: tuple[float | None, float | None] = (None, None)) -> pl.DataFrame:
    """Return one row per point: position, value, segment (from 0), status, mean, the four limits, signal, variation.

    Limits are clamped to `bounds`, the lowest and the highest possible value ((0, 100) for a percentage), for drawing
    only: tests use the unclamped ones. `signal` is the first of the point, or null; `variation` is its meaning, null
    for a gap and in a run chart.
    """
    lines = dict.fromkeys(("lower", "inner_lower", "inner_upper", "upper"), pl.Float64)
    words = dict.fromkeys(("signal", "variation"), pl.String)
    schema = {"position": pl.Int64, "value": pl.Float64, "segment": pl.Int64, "status": pl.String, "mean": pl.Float64}
    rows = []
    for number, segment in enumerate(chart.segments):
        limits = asdict(segment.limits) if segment.limits else dict.fromkeys(lines)
        for position in range(segment.start, segment.stop):
            value, point = chart.values[position], chart.point_signals[position]
            is_judged = value is not None and segment.limits is not None
            row = (position, value, number, segment.status, segment.mean, *limits.values())
            signal = point.signals[0] if point.signals else None
            rows.append((*row, signal, variation_of(point.side, chart.direction) if is_judged else None))
    return pl.DataFrame(rows, {**schema, **lines, **words}, orient="row").with_columns(
        pl.col(list(lines)).clip(*bounds)
    )


def _segment(series: Sequence[float | None], start: int, stop: int, without_outliers: bool) -> Segment:
    """Return a segment of the series with its mean and, if it has enough points, its limits."""
    part = series[start:stop]
    basis = _limit_basis(part)
    present = [value for value in basis if value is not None]
    mean = fsum(present) / len(present) if present else None
    ranges, points = _moving_ranges(basis), len(_moving_ranges(part)) + 1
    if mean is None or points < MIN_POINTS_FOR_LIMITS:
        return Segment(start, stop, LimitBasis.RUN_CHART, mean, None, points)
    typical = fsum(ranges) / len(ranges)
    if without_outliers and typical > 0:
        typical_ranges = [moved for moved in ranges if moved < OUTLIER_RANGE_RATIO * typical]
        typical = fsum(typical_ranges) / len(typical_ranges)
    width = LIMIT_WIDTH_IN_RANGES * typical
    limits = ControlLimits(mean - width, mean - INNER_LINE_SHARE * width, mean + INNER_LINE_SHARE * width, mean + width)
    status = LimitBasis.FROZEN if points >= POINTS_BEHIND_FROZEN_LIMITS else LimitBasis.PROVISIONAL
    return Segment(start, stop, status, mean, limits, points)


def _limit_basis(part: Sequence[float | None]) -> Sequence[float | None]:
    """Return the points from which limits are computed: all of a segment, or those up to the sixteenth."""
    range_count = 0
    for at, (before, value) in enumerate(pairwise(part), start=1):
        range_count += before is not None and value is not None
        if range_count + 1 == POINTS_BEHIND_FROZEN_LIMITS:
            return part[: at + 1]
    return part


def _moving_ranges(part: Sequence[float | None]) -> list[float]:
    return [abs(value - before) for before, value in pairwise(part) if before is not None and value is not None]
