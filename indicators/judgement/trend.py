"""The recent trend of a proportion: its five latest points (METHODS 5).

Rising or falling where the chi-square for trend, one degree of freedom, is above 9.5495 and the slope keeps its sign
when each point is dropped in turn. Sources: Cochran, W. G. (1954), Biometrics 10, 417-451; Armitage, P. (1955),
Biometrics 11, 375-386; the criteria are those of the trend markers of Fingertips (public health profiles of England).
The slope is that of the regression of the rates on time, weighted by their cases.

With x cases in n at times t = 0 … 4, X = Σx, N = Σn and T = N·Σxt − X·Σnt:
χ² = N·T² / (X·(N − X)·(N·Σnt² − (Σnt)²)).

It is for yearly figures of people alone; of quarters, `cusum` tells lasting changes.

This is a test of counts in a whole. A count without a denominator, hours or euros have no binomial variance and are not
computable by it: for them, the run of seven points of `process` is what tells a movement from noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from itertools import combinations
from operator import add
from typing import Any, Final, TypeVar

import polars as pl

from indicators.judgement.series_frames import KEY, backwards, in_order, named

POINTS: Final = 5
"""Points of a recent trend (METHODS 5)."""
TREND_FROM: Final = 9.5495
"""Chi-square, one degree of freedom, above which there is a trend: p = 0.002, two-sided (METHODS 5)."""

Count = tuple[float, float | None]
"""Numerator and denominator; no denominator for an indicator that is not a proportion."""
Amount = TypeVar("Amount", int, pl.Expr)


class Trend(StrEnum):
    """What the latest points of a series do."""

    RISING = "rising"
    FALLING = "falling"
    NONE = "none"
    """No significant change."""
    NOT_COMPUTABLE = "not_computable"


class NotComputable(StrEnum):
    """Why a trend cannot be computed, the first of these."""

    NO_DENOMINATOR = "no_denominator"
    """The indicator is not a rate of people."""
    NOT_YEARLY = "not_yearly"
    """Quarters that really vary raise false trends: only yearly figures have one (METHODS 5)."""
    TOO_FEW = "too_few"
    """Fewer than five points since the first one."""
    GAP = "gap"
    """One of the five periods has no value, or no case."""
    EXTREME = "extreme"
    """One of the five has none, or all, of its cases."""


@dataclass(frozen=True)
class RecentTrend:
    """A trend; the reason where it cannot be computed, the statistic where it can."""

    trend: Trend
    reason: NotComputable | None = None
    chi_square: float | None = None


def recent_trend(counts: Sequence[Count | None]) -> RecentTrend:
    """Tell the trend of the last five of consecutive periods, oldest first, None where there is no value.

    Counts are whole, numerator ≤ denominator: a `ValueError` otherwise. A denominator of zero is no value.
    """
    valued = [None if count is None or count[1] == 0 else count for count in counts]
    begun = next((at for at, count in enumerate(valued) if count is not None), len(valued))
    latest = [count for count in valued[-POINTS:] if count is not None]
    if any(total is None for _, total in latest):
        return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.NO_DENOMINATOR)
    if len(valued) - begun < POINTS:
        return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.TOO_FEW)
    if len(latest) < POINTS:
        return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.GAP)
    points = [(at, int(cases), int(total or 0)) for at, (cases, total) in enumerate(latest)]
    if any(not 0 <= cases <= total for _, cases, total in points) or latest != [point[1:] for point in points]:
        raise ValueError(f"{latest} are not counts of a proportion")
    if any(cases in {0, total} for _, cases, total in points):
        return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.EXTREME)
    chi_square: float = _chi_square(points)
    slopes = _slopes_without_one(points)
    if chi_square > TREND_FROM and min(slopes) > 0:
        return RecentTrend(Trend.RISING, None, chi_square)
    if chi_square > TREND_FROM and max(slopes) < 0:
        return RecentTrend(Trend.FALLING, None, chi_square)
    return RecentTrend(Trend.NONE, None, chi_square)


def recent_trends(frame: pl.DataFrame) -> pl.DataFrame:
    """Tell the recent trend of each series: one row a (structure, indicator), in their order.

    `frame`: structure, indicator, position, numerator (null for a gap), denominator, as `series` says. Returns
    structure, indicator, position (of the last row), trend (`Trend`), reason (`NotComputable`), chi_square: each as
    `recent_trend` tells it of one series.
    """
    cases, total = pl.col("numerator"), pl.col("denominator")
    valued = cases.is_not_null() & ((total != 0) | total.is_null())
    given = frame.with_columns(pl.when(valued).then(cases.cast(pl.Float64)).alias("numerator"), total.cast(pl.Float64))
    ordered = in_order(given, ["numerator", "denominator"])
    begun = (
        ordered.filter(pl.col("numerator").is_not_null())
        .group_by("series")
        .agg(pl.col("position").min().alias("begun"))
    )
    latest = backwards(ordered, ["numerator", "denominator"], POINTS).join(
        begun, "series", "left", maintain_order="left"
    )
    x, n = ([pl.col(f"{name}_{back}") for back in reversed(range(POINTS))] for name in ("numerator", "denominator"))
    _refuse_what_is_not_counted(frame, latest, x, n)
    reason = (
        pl.when(pl.any_horizontal(a.is_not_null() & b.is_null() for a, b in zip(x, n, strict=True)))
        .then(pl.lit(NotComputable.NO_DENOMINATOR))
        .when(pl.col("begun").is_null() | (pl.col("position") - pl.col("begun") + 1 < POINTS))
        .then(pl.lit(NotComputable.TOO_FEW))
        .when(pl.any_horizontal(a.is_null() for a in x))
        .then(pl.lit(NotComputable.GAP))
        .when(pl.any_horizontal((a == 0) | (a == b) for a, b in zip(x, n, strict=True)))
        .then(pl.lit(NotComputable.EXTREME))
    )
    points = list(zip(range(POINTS), x, n, strict=True))
    slopes = _slopes_without_one(points)
    moves = pl.col("chi_square") > TREND_FROM
    trend = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.lit(Trend.NOT_COMPUTABLE))
        .when(moves & pl.all_horizontal(slope > 0 for slope in slopes))
        .then(pl.lit(Trend.RISING))
        .when(moves & pl.all_horizontal(slope < 0 for slope in slopes))
        .then(pl.lit(Trend.FALLING))
        .otherwise(pl.lit(Trend.NONE))
    )
    told = (
        latest.with_columns(reason.alias("reason"))
        .with_columns(pl.when(pl.col("reason").is_null()).then(_chi_square(points)).alias("chi_square"))
        .select("series", "row", "position", trend.alias("trend"), "reason", "chi_square")
    )
    return named(frame, told)


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


def _refuse_what_is_not_counted(
    frame: pl.DataFrame, latest: pl.DataFrame, cases: Sequence[pl.Expr], totals: Sequence[pl.Expr]
) -> None:
    counted = [
        (x >= 0) & (x <= n) & (x == x.round()) & (n == n.round()) & n.is_finite()
        for x, n in zip(cases, totals, strict=True)
    ]
    wrong = latest.filter(pl.any_horizontal(~pl.coalesce(count, True) for count in counted))
    if not wrong.is_empty():
        structure, indicator = frame.select(KEY).row(wrong["row"][0])
        raise ValueError(f"{structure}, {indicator}: not counts of a proportion")
