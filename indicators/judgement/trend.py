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
from functools import reduce
from itertools import combinations
from operator import add
from typing import Any, Final, TypeVar

import polars as pl

from indicators.judgement.series_frames import SERIES_KEY, lagged, sort_series, with_keys

TREND_POINTS: Final = 5
"""Points of a recent trend (METHODS 5)."""
MIN_CHI_SQUARE: Final = 9.5495
"""Chi-square, one degree of freedom, above which there is a trend: p = 0.002, two-sided (METHODS 5)."""

PeriodCounts = tuple[float, float | None]
"""Numerator and denominator; no denominator for an indicator that is not a proportion."""
Amount = TypeVar("Amount", int, pl.Expr)


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
    """A trend, with its chi-square, or with the reason why it cannot be computed."""

    trend: Trend
    reason: NotComputable | None = None
    chi_square: float | None = None


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
    chi_square: float = _chi_square(points)
    slopes = _slopes_without_one(points)
    if chi_square > MIN_CHI_SQUARE and min(slopes) > 0:
        return RecentTrend(Trend.RISING, None, chi_square)
    if chi_square > MIN_CHI_SQUARE and max(slopes) < 0:
        return RecentTrend(Trend.FALLING, None, chi_square)
    return RecentTrend(Trend.NONE, None, chi_square)


def recent_trends(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the recent trend of each series: one row per (structure, indicator), sorted by both.

    `frame`: structure, indicator, position, numerator (null for a gap), denominator, as described in `series_frames`.
    Returns structure, indicator, position (of the last row), trend (`Trend`), reason (`NotComputable`), chi_square,
    equal to `recent_trend` of each series.
    """
    cases, total = pl.col("numerator"), pl.col("denominator")
    has_cases = cases.is_not_null() & ((total != 0) | total.is_null())
    with_cases = frame.with_columns(
        pl.when(has_cases).then(cases.cast(pl.Float64)).alias("numerator"), total.cast(pl.Float64)
    )
    ordered = sort_series(with_cases, ["numerator", "denominator"])
    first_positions = (
        ordered.filter(pl.col("numerator").is_not_null())
        .group_by("series")
        .agg(pl.col("position").min().alias("begun"))
    )
    latest = lagged(ordered, ["numerator", "denominator"], TREND_POINTS).join(
        first_positions, "series", "left", maintain_order="left"
    )
    x, n = (
        [pl.col(f"{name}_{back}") for back in reversed(range(TREND_POINTS))] for name in ("numerator", "denominator")
    )
    _check_counts(frame, latest, x, n)
    reason = (
        pl.when(pl.any_horizontal(a.is_not_null() & b.is_null() for a, b in zip(x, n, strict=True)))
        .then(pl.lit(NotComputable.NO_DENOMINATOR))
        .when(pl.col("begun").is_null() | (pl.col("position") - pl.col("begun") + 1 < TREND_POINTS))
        .then(pl.lit(NotComputable.TOO_FEW))
        .when(pl.any_horizontal(a.is_null() for a in x))
        .then(pl.lit(NotComputable.GAP))
        .when(pl.any_horizontal((a == 0) | (a == b) for a, b in zip(x, n, strict=True)))
        .then(pl.lit(NotComputable.EXTREME))
    )
    points = list(zip(range(TREND_POINTS), x, n, strict=True))
    slopes = _slopes_without_one(points)
    is_significant = pl.col("chi_square") > MIN_CHI_SQUARE
    trend = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.lit(Trend.NOT_COMPUTABLE))
        .when(is_significant & pl.all_horizontal(slope > 0 for slope in slopes))
        .then(pl.lit(Trend.RISING))
        .when(is_significant & pl.all_horizontal(slope < 0 for slope in slopes))
        .then(pl.lit(Trend.FALLING))
        .otherwise(pl.lit(Trend.NONE))
    )
    trends = (
        latest.with_columns(reason.alias("reason"))
        .with_columns(pl.when(pl.col("reason").is_null()).then(_chi_square(points)).alias("chi_square"))
        .select("series", "row", "position", trend.alias("trend"), "reason", "chi_square")
    )
    return with_keys(frame, trends)


def _slope(points: Sequence[tuple[int, Amount, Amount]]) -> Amount:
    """Return T = N·Σxt − X·Σnt, which has the sign of the weighted regression of the rates on time."""
    cases, total, cases_in_time, total_in_time, _ = _sums(points)
    return total * cases_in_time - cases * total_in_time


def _slopes_without_one(points: Sequence[tuple[int, Amount, Amount]]) -> list[Amount]:
    """Return T without each point in turn. T of them all is their mean, up to a factor: it has their common sign."""
    return [_slope(others) for others in combinations(points, len(points) - 1)]


def _chi_square(points: Sequence[tuple[int, Amount, Amount]]) -> Any:
    """Return χ², a number from numbers, a column from columns."""
    cases, total, _, first, second = _sums(points)
    return total * _slope(points) ** 2 / (cases * (total - cases) * (total * second - first**2))


def _sums(points: Sequence[tuple[int, Amount, Amount]]) -> tuple[Amount, Amount, Amount, Amount, Amount]:
    """Return X, N, Σxt, Σnt and Σnt²."""
    return (
        reduce(add, (x for _, x, _ in points)),
        reduce(add, (n for _, _, n in points)),
        reduce(add, (x * t for t, x, _ in points)),
        reduce(add, (n * t for t, _, n in points)),
        reduce(add, (n * t**2 for t, _, n in points)),
    )


def _check_counts(
    frame: pl.DataFrame, latest: pl.DataFrame, cases: Sequence[pl.Expr], totals: Sequence[pl.Expr]
) -> None:
    are_counts = [
        (x >= 0) & (x <= n) & (x == x.round()) & (n == n.round()) & n.is_finite()
        for x, n in zip(cases, totals, strict=True)
    ]
    invalid = latest.filter(pl.any_horizontal(~pl.coalesce(count, True) for count in are_counts))
    if not invalid.is_empty():
        structure, indicator = frame.select(SERIES_KEY).row(invalid["row"][0])
        raise ValueError(f"{structure}, {indicator}: not counts of a proportion")
