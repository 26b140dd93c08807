"""Recent trend of a proportion over its five latest points: chi-square test for trend (METHODS 5).

Rising or falling where the chi-square for trend, one degree of freedom, is above 9.5495 and the slope keeps its sign
when each point is dropped in turn. Sources: Cochran, W. G. (1954), Biometrics 10, 417-451; Armitage, P. (1955),
Biometrics 11, 375-386; the criteria are those of the trend markers of Fingertips (public health profiles of England).
The slope is that of the regression of the rates on time, weighted by their cases.

With x cases in n at times t = 0 … 4, X = Σx, N = Σn and T = N·Σxt − X·Σnt:
χ² = N·T² / (X·(N − X)·(N·Σnt² − (Σnt)²)).

It applies to yearly figures of people only; `cusum` detects lasting changes of quarters.

It needs counts out of a total. A count without a denominator, hours or euros have no binomial variance and are not
computable: for them, the run of seven points of `control_chart` separates a movement from noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

TREND_POINTS: Final = 5
"""Points of a recent trend (METHODS 5)."""
MIN_CHI_SQUARE: Final = 9.5495
"""Chi-square, one degree of freedom, above which there is a trend: p = 0.002, two-sided (METHODS 5)."""

PeriodCounts = tuple[float, float | None]
"""Numerator and denominator; no denominator for an indicator that is not a proportion."""
TimedCounts = tuple[int, int, int]
"""Time, cases and total of one point."""


class Trend(StrEnum):
    """Direction of the latest points of a series."""

    RISING = "rising"
    FALLING = "falling"
    NONE = "none"
    """No significant change."""
    NOT_COMPUTABLE = "not_computable"


class NotComputable(StrEnum):
    """Reason why a trend cannot be computed; the first that applies."""

    NO_DENOMINATOR = "no_denominator"
    """The indicator is not a rate of people."""
    NOT_YEARLY = "not_yearly"
    """Quarters with real variation raise false trends: only yearly figures are tested (METHODS 5)."""
    TOO_FEW = "too_few"
    """Fewer than five points since the first one."""
    GAP = "gap"
    """One of the five periods has no value, or no case."""
    EXTREME = "extreme"
    """One of the five has none, or all, of its cases."""


@dataclass(frozen=True)
class RecentTrend:
    """A trend, or the reason why it cannot be computed."""

    trend: Trend
    reason: NotComputable | None = None


def recent_trend(counts: Sequence[PeriodCounts | None]) -> RecentTrend:
    """Return the trend of the last five of consecutive periods, oldest first, None where there is no value.

    Counts are integral, numerator ≤ denominator: a `ValueError` otherwise. A denominator of zero is a gap.
    """
    with_cases = [None if count is None or count[1] == 0 else count for count in counts]
    first = next((at for at, count in enumerate(with_cases) if count is not None), len(with_cases))
    latest = [count for count in with_cases[-TREND_POINTS:] if count is not None]
    if any(total is None for _, total in latest):
        return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.NO_DENOMINATOR)
    if len(with_cases) - first < TREND_POINTS:
        return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.TOO_FEW)
    if len(latest) < TREND_POINTS:
        return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.GAP)
    points = [(at, int(cases), int(total or 0)) for at, (cases, total) in enumerate(latest)]
    if any(not 0 <= cases <= total for _, cases, total in points) or latest != [point[1:] for point in points]:
        raise ValueError(f"{latest} are not counts of a proportion")
    if any(cases in {0, total} for _, cases, total in points):
        return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.EXTREME)
    slopes, is_significant = _slopes_without_one(points), chi_square(points) > MIN_CHI_SQUARE
    if is_significant and min(slopes) > 0:
        return RecentTrend(Trend.RISING)
    if is_significant and max(slopes) < 0:
        return RecentTrend(Trend.FALLING)
    return RecentTrend(Trend.NONE)


def chi_square(points: Sequence[TimedCounts]) -> float:
    """Return the chi-square for trend of points with some cases and some without, at different times."""
    cases, total, _, first, second = _sums(points)
    return total * _slope(points) ** 2 / (cases * (total - cases) * (total * second - first**2))


def _slope(points: Sequence[TimedCounts]) -> int:
    """Return T = N·Σxt − X·Σnt, which has the sign of the weighted regression of the rates on time."""
    cases, total, cases_in_time, total_in_time, _ = _sums(points)
    return total * cases_in_time - cases * total_in_time


def _slopes_without_one(points: Sequence[TimedCounts]) -> list[int]:
    """Return T without each point in turn. T of them all is their mean, up to a factor: it has their common sign."""
    return [_slope(others) for others in combinations(points, len(points) - 1)]


def _sums(points: Sequence[TimedCounts]) -> tuple[int, int, int, int, int]:
    """Return X, N, Σxt, Σnt and Σnt²."""
    return (
        sum(x for _, x, _ in points),
        sum(n for _, _, n in points),
        sum(x * t for t, x, _ in points),
        sum(n * t for t, _, n in points),
        sum(n * t**2 for t, _, n in points),
    )
