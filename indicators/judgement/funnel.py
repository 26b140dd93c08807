"""Funnel plot of all structures of a perimeter on one indicator in one period, without a ranking (METHODS 3).

The reference is the ratio of the sums. A structure is `watch` or `signal` by the exact binomial tail: the probability,
were its rate the reference, of as few cases as it has, or of as many. Where the structures differ by more than chance
(over-dispersion), the tails alone would mark many ordinary ones: additive random effects give a second, widened funnel
(Spiegelhalter, D. J. (2005), Handling over-dispersion of performance indicators, Quality and Safety in Health Care 14,
347-351). The verdict stays that of the exact tail; a second verdict is that of the widened limits.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import polars as pl

from indicators.judgement.comparison import MIN_REFERENCE_CONTRIBUTORS, Side
from indicators.judgement.intervals import Z95, Z998

MIN_COMPARED_CASES: Final = 10
"""Minimum of cases for a verdict on a structure (METHODS 3)."""
WATCH_TAIL: Final = 0.025
"""One-tail probability at or below which a structure is to be watched (METHODS 3)."""
SIGNAL_TAIL: Final = 0.001
"""One-tail probability at or below which a structure is a signal (METHODS 3)."""
WINSORISED_SHARE: Final = 0.1
"""Share of the z-scores winsorised on each side: outliers must not widen the funnel that should detect them
(Spiegelhalter 2005; METHODS 3)."""


class FunnelVerdict(StrEnum):
    """Verdict of a funnel on one structure."""

    ORDINARY = "ordinary"
    WATCH = "watch"
    SIGNAL = "signal"
    TOO_FEW = "too_few"


class NotPlotted(StrEnum):
    """Why a structure has no point in a funnel."""

    NO_COUNTS = "no_counts"
    """Nothing delivered, or a rate without its counts."""
    NO_CASES = "no_cases"
    """A denominator of zero: no cases, no value."""
    NO_PEERS = "alone"
    """No other structure of the perimeter has cases to compare with."""


@dataclass(frozen=True, eq=False)
class Funnel:
    """Each structure of a perimeter against the rate of all of them.

    `points` has one row per structure, in the order given: structure, numerator, denominator, share (0-1), z,
    lower_tail (P(X ≤ x)), upper_tail (P(X ≥ x)), verdict (`FunnelVerdict`), side (`Side`, null unless watch or signal),
    widened_z and widened (`FunnelVerdict`, never more severe than `verdict`), both null unless over-dispersed.
    `excluded` has one row per structure without a point: structure, reason (`NotPlotted`).
    """

    share: float | None
    """The reference, 0-1: the ratio of the sums; null where no structure can be compared."""
    dispersion: float | None
    """φ, mean of the squared winsorised z-scores of those compared; null under two of them or at 0 or 100 %."""
    between_variance: float
    """τ², variance between structures that chance does not explain; 0 if not over-dispersed."""
    points: pl.DataFrame
    excluded: pl.DataFrame

    @property
    def is_over_dispersed(self) -> bool:
        """Whether the structures differ by more than chance: the widened funnel is then shown and explained."""
        return self.between_variance > 0


def compute_funnel(counts: pl.DataFrame) -> Funnel:
    """Return the funnel of the structures in `counts` (structure, numerator, denominator), one row each.

    Counts are integral, numerator ≤ denominator: a `ValueError` otherwise. A null count is a structure without counts.
    Dispersion is that of the structures compared: a z-score of three cases measures only how few they are.
    """
    with_reasons, with_cases, share = _comparable(counts)
    points = _add_verdicts(_scored(with_cases))
    dispersion, between = _estimate_dispersion(points, share)
    excluded = with_reasons.filter(pl.col("reason").is_not_null()).select("structure", "reason")
    verdict_rows = _add_widened_verdicts(points.with_columns(pl.lit(between).alias("between"))).drop(
        "reference", "between"
    )
    return Funnel(share, dispersion, between, verdict_rows, excluded)


def reference(counts: pl.DataFrame) -> tuple[float | None, float]:
    """Return the `share` and `between` of a funnel, where none of its structures is to be told from the others."""
    _, counted, share = _comparable(counts)
    _, between = _estimate_dispersion(_scored(counted), share)
    return share, between


def _comparable(counts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, float | None]:
    """Return what was given with the reason why some are left out, those compared with their `reference`, and that."""
    left_out = (
        pl.when(pl.col("numerator").is_null() | pl.col("denominator").is_null())
        .then(pl.lit(NotPlotted.NO_COUNTS))
        .when(pl.col("denominator") == 0)
        .then(pl.lit(NotPlotted.NO_CASES))
    )
    # A column without any value may have no type.
    given = counts.cast({pl.Null: pl.Int64}).select("structure", "numerator", "denominator", left_out.alias("reason"))
    counted = given.filter(pl.col("reason").is_null()).drop("reason")
    _check_counts(counted)
    if counted.height < MIN_REFERENCE_CONTRIBUTORS:
        given = given.with_columns(pl.col("reason").fill_null(pl.lit(NotPlotted.NO_PEERS)))
        counted = counted.clear()
    share = float(counted["numerator"].sum()) / float(counted["denominator"].sum()) if counted.height else None
    return given, counted.with_columns(pl.lit(share or 0.0).alias("reference")), share


def place_in_funnel(counts: pl.DataFrame, share: float, between_variance: float) -> pl.DataFrame:
    """Place structures in a funnel that is already known by its reference and its variance between structures.

    `counts` as for `compute_funnel`, `share` and `between_variance` as in a `Funnel`; returns `points` as a `Funnel`
    has them, of the structures with cases.
    """
    rows = counts.select("structure", "numerator", "denominator")
    return funnel_verdicts(
        rows.with_columns(pl.lit(share).alias("reference"), pl.lit(between_variance).alias("between"))
    )


def funnel_verdicts(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the verdict of each row against its own reference; used by funnels, matrices and tiles alike.

    `counts`: structure, numerator, denominator, reference (the ratio of the sums, 0-1) and between (τ², its variance
    between structures). Returns `points` as a `Funnel` has them, of the structures with cases.
    """
    typed = counts.cast({pl.Null: pl.Int64})
    with_cases = typed.filter(pl.col("numerator").is_not_null() & (pl.col("denominator") > 0))
    _check_counts(with_cases)
    return _add_widened_verdicts(_add_verdicts(_scored(with_cases))).drop("reference", "between")


def limit_curves(funnel: Funnel, largest: float, points: int = 60) -> pl.DataFrame:
    """Return the limits to draw, from one case to `largest`: denominator, lower and upper limits of each funnel, 0-1.

    lower_95, upper_95, lower_998, upper_998: p0 ± z·√(p0(1 − p0)/n) (METHODS 3), and the same after `widened_` with
    τ² added to the variance, null unless over-dispersed. (A Wilson band drawn around p0 marks a zero in ten cases at
    p0 = 10 %, which is one draw in three.) Denominators are `points` of a geometric series, not all whole: the curves
    bend most where cases are few. No row where no structure is compared.
    """
    steps = pl.int_range(points, dtype=pl.Int64, eager=True).alias("denominator") / max(points - 1, 1)
    grid = pl.DataFrame({"denominator": max(largest, 1.0) ** steps})
    if funnel.share is None:
        grid = grid.clear()
    share = funnel.share or 0.0
    within = share * (1 - share) / pl.col("denominator")
    beyond = pl.lit(funnel.between_variance) if funnel.is_over_dispersed else pl.lit(None, pl.Float64)
    return grid.with_columns(
        # The absolute value makes 0 of −0, which would be written « −0 ».
        (share + sign * z * variance.sqrt()).clip(0.0, 1.0).abs().alias(f"{prefix}{edge}_{name}")
        for prefix, variance in (("", within), ("widened_", within + beyond))
        for name, z in (("95", Z95), ("998", Z998))
        for edge, sign in (("lower", -1), ("upper", 1))
    )


def _check_counts(counts: pl.DataFrame) -> None:
    cases, total = pl.col("numerator"), pl.col("denominator")
    are_whole = (cases == cases.round()) & (total == total.round()) & total.is_finite()
    invalid = counts.filter(~are_whole | (cases < 0) | (cases > total))
    if not invalid.is_empty():
        structure, numerator, denominator = invalid.select("structure", "numerator", "denominator").row(0)
        raise ValueError(f"{structure}: {numerator} in {denominator} are not counts of a proportion")


def _scored(counted: pl.DataFrame) -> pl.DataFrame:
    """Add the share and z of each structure, against its `reference`."""
    variance = pl.col("reference") * (1 - pl.col("reference"))
    deviation = (variance / pl.col("denominator")).sqrt()
    apart = pl.when(variance > 0).then(pl.col("share") - pl.col("reference"))
    return counted.with_columns((pl.col("numerator") / pl.col("denominator")).alias("share")).with_columns(
        (apart / deviation).alias("z")
    )


def _add_verdicts(scored: pl.DataFrame) -> pl.DataFrame:
    """Add the tails, verdict and side of each structure, against its `reference`."""
    # Imported when asked for: 18 MB, of no use to those who look at boards.
    from scipy.special import betainc

    cases, total, p0 = (scored[name].cast(pl.Float64).to_numpy() for name in ("numerator", "denominator", "reference"))
    smallest = pl.min_horizontal("lower_tail", "upper_tail")
    verdict = (
        pl.when(pl.col("denominator") < MIN_COMPARED_CASES)
        .then(pl.lit(FunnelVerdict.TOO_FEW))
        .when(smallest <= SIGNAL_TAIL)
        .then(pl.lit(FunnelVerdict.SIGNAL))
        .when(smallest <= WATCH_TAIL)
        .then(pl.lit(FunnelVerdict.WATCH))
        .otherwise(pl.lit(FunnelVerdict.ORDINARY))
    )
    has_side = pl.col("verdict").is_in([FunnelVerdict.WATCH, FunnelVerdict.SIGNAL])
    below = pl.col("lower_tail") < pl.col("upper_tail")
    return (
        scored.with_columns(
            # The cumulative binomial distribution as an incomplete beta function, which has no limit at 0 in 0.
            _tail_column(
                pl.col("numerator") == pl.col("denominator"), betainc(total - cases, cases + 1, 1 - p0), "lower_tail"
            ),
            _tail_column(pl.col("numerator") == 0, betainc(cases, total - cases + 1, p0), "upper_tail"),
        )
        .with_columns(verdict.alias("verdict"))
        .with_columns(
            pl.when(has_side).then(pl.when(below).then(pl.lit(Side.BELOW)).otherwise(pl.lit(Side.ABOVE))).alias("side")
        )
    )


def _tail_column(where: pl.Expr, tail: Any, name: str) -> pl.Expr:
    return pl.when(where).then(1.0).otherwise(pl.Series(tail, dtype=pl.Float64)).alias(name)


def _estimate_dispersion(scored: pl.DataFrame, share: float | None) -> tuple[float | None, float]:
    """Return φ and τ² of the structures compared, those with cases enough.

    When N·φ > N − 1, τ² = (N·φ − (N − 1)) / (S1 − S2/S1), with S1 = Σ 1/s², S2 = Σ 1/s⁴, s² = p0(1 − p0)/n: the
    estimate of DerSimonian and Laird (1986) on winsorised scores. Chance alone gives φ ≈ 0.68, not 1, once the extremes
    are brought back: the funnel is widened late rather than early.
    """
    points = scored.filter(pl.col("denominator") >= MIN_COMPARED_CASES)
    number = points.height
    if share is None or not 0 < share < 1 or number < MIN_REFERENCE_CONTRIBUTORS:
        return None, 0.0
    z = points["z"]
    low, high = z.quantile(WINSORISED_SHARE, "linear"), z.quantile(1 - WINSORISED_SHARE, "linear")
    dispersion = float((z.clip(low, high) ** 2).sum()) / number
    weights = points["denominator"].cast(pl.Float64) / (share * (1 - share))
    first, second = float(weights.sum()), float((weights**2).sum())
    excess = number * dispersion - (number - 1)
    return dispersion, max(0.0, excess / (first - second / first))


def _add_widened_verdicts(points: pl.DataFrame) -> pl.DataFrame:
    """Add the verdicts of the widened funnel: the variance `between` structures is added to that of chance."""
    is_over_dispersed, p0 = pl.col("between") > 0, pl.col("reference")
    score = (pl.col("share") - p0) / (p0 * (1 - p0) / pl.col("denominator") + pl.col("between")).sqrt()
    signal = (pl.col("verdict") == FunnelVerdict.SIGNAL) & (pl.col("widened_z").abs() > Z998)
    watch = pl.col("side").is_not_null() & (pl.col("widened_z").abs() > Z95)
    verdict = (
        pl.when(pl.col("verdict") == FunnelVerdict.TOO_FEW)
        .then(pl.lit(FunnelVerdict.TOO_FEW))
        .when(signal)
        .then(pl.lit(FunnelVerdict.SIGNAL))
        .when(watch)
        .then(pl.lit(FunnelVerdict.WATCH))
        .otherwise(pl.lit(FunnelVerdict.ORDINARY))
    )
    return points.with_columns(pl.when(is_over_dispersed).then(score).alias("widened_z")).with_columns(
        pl.when(is_over_dispersed).then(verdict).alias("widened")
    )
