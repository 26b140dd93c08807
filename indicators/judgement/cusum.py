"""Two-sided CUSUM on counts, which detects lasting changes of a rate of people (METHODS 4.3).

Two log-likelihood statistics weigh each quarter's counts against the base of the series, its first sixteen quarters:
the odds of the base against 1.5 times them, and against them divided by 1.5 (at 55 %: 65 and 45 %). Each is reset at 0;
above 4.25 a change is reported as `watch`, above 5 as `signal`. From then on a return statistic weighs the base against
the changed rate; above 6 it ends the change, and everything restarts at 0. Every step is divided by φ, the variance
between the quarters of the base over the binomial one, at least 1. Sources: Page, E. S. (1954), Continuous inspection
schemes, Biometrika 41, 100-115; Steiner, S. H. et al. (2000), Monitoring surgical performance using risk-adjusted
cumulative sum charts, Biostatistics 1, 441-452, for the odds ratio. Thresholds were set by simulation (METHODS 4.3).

It runs within one segment of a series: a rebaseline or a new definition restarts everything. A quarter without counts
or without cases adds nothing to either statistic and is not one of the sixteen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum, log
from typing import Final

import polars as pl

from indicators.judgement.comparison import Side
from indicators.judgement.series_frames import SERIES_KEY, sort_series, with_keys

BASE_QUARTERS: Final = 16
"""Quarters with cases that make up the base (METHODS 4.3)."""
ODDS_RATIO: Final = 1.5
"""Size of the change to detect, either way, as an odds ratio (METHODS 4.3)."""
WATCH_ABOVE: Final = 4.25
"""Log-likelihood above which a change is reported (METHODS 4.3)."""
SIGNAL_ABOVE: Final = 5.0
"""Log-likelihood above which a reported change is a signal (METHODS 4.3)."""
ENDED_ABOVE: Final = 6.0
"""Log-likelihood of a return above which a reported change has ended (METHODS 4.3)."""

QuarterCounts = tuple[float, float]
"""Cases and total of one quarter, both integral."""


class Grade(StrEnum):
    """Strength of the evidence for a change."""

    WATCH = "watch"
    SIGNAL = "signal"


@dataclass(frozen=True)
class LastingChange:
    """A lasting change of a rate: position of its first detection, side and strength."""

    since: int
    side: Side
    grade: Grade


@dataclass(frozen=True)
class CusumBase:
    """Base of a CUSUM: its rate (0-1, both excluded), its dispersion φ (at least 1) and the position just after it."""

    share: float
    dispersion: float
    stop: int

    def step(self, cases: float, total: float, side: Side) -> float:
        """Return the log-likelihood ratio of a quarter's counts, a change to `side` against the base, divided by φ."""
        changed = changed_share(self.share, side)
        against = cases * log(changed / self.share) + (total - cases) * log((1 - changed) / (1 - self.share))
        return against / self.dispersion


def changed_share(share: float, side: Side) -> float:
    """Return the rate whose odds are 1.5 times those of `share`, or those divided by 1.5."""
    odds = share / (1 - share) * (ODDS_RATIO if side is Side.ABOVE else 1 / ODDS_RATIO)
    return odds / (1 + odds)


def estimate_base(counts: Sequence[QuarterCounts | None]) -> CusumBase | None:
    """Return the base of a segment, oldest quarter first; `None` before sixteen quarters and for a rate of 0 or 1."""
    with_cases = [(at, count) for at, count in enumerate(counts) if count is not None and count[1] > 0][:BASE_QUARTERS]
    if len(with_cases) < BASE_QUARTERS:
        return None
    share = fsum(cases for _, (cases, _) in with_cases) / fsum(total for _, (_, total) in with_cases)
    if not 0 < share < 1:
        return None
    binomial = share * (1 - share)
    between = fsum((cases - total * share) ** 2 / (total * binomial) for _, (cases, total) in with_cases)
    return CusumBase(share, max(1.0, between / (BASE_QUARTERS - 1)), with_cases[-1][0] + 1)


def lasting_changes(counts: Sequence[QuarterCounts | None]) -> list[LastingChange | None]:
    """Return the change in force in each quarter of a segment, oldest first; `None` in the base and in a gap.

    Counts are integral, cases ≤ total: a `ValueError` otherwise.
    """
    _check_counts(counts)
    base = estimate_base(counts)
    changes: list[LastingChange | None] = [None] * len(counts)
    if base is None:
        return changes
    sums, return_sum, current = dict.fromkeys(Side, 0.0), 0.0, None
    for at, count in enumerate(counts[base.stop :], start=base.stop):
        if count is None or count[1] == 0:
            continue
        steps = {side: base.step(*count, side) for side in Side}
        sums = {side: max(0.0, sums[side] + steps[side]) for side in Side}
        if current is None:
            current = _begin_change(sums, at)
        else:
            return_sum = max(0.0, return_sum - steps[current.side])
            if return_sum > ENDED_ABOVE:
                sums, return_sum, current = dict.fromkeys(Side, 0.0), 0.0, None
            elif sums[current.side] > SIGNAL_ABOVE:
                current = LastingChange(current.since, current.side, Grade.SIGNAL)
        changes[at] = current
    return changes


def _begin_change(sums: dict[Side, float], at: int) -> LastingChange | None:
    side = Side.ABOVE if sums[Side.ABOVE] > sums[Side.BELOW] else Side.BELOW
    if sums[side] <= WATCH_ABOVE:
        return None
    return LastingChange(at, side, Grade.SIGNAL if sums[side] > SIGNAL_ABOVE else Grade.WATCH)


def latest_lasting_changes(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the result of `lasting_changes` for the last quarter of each series: one row each, sorted.

    `frame`: structure, indicator, position, numerator and denominator (null for a gap), as described in
    `series_frames`; after a break, only the rows of the last segment. Returns structure, indicator, position (of the
    last row), tested (whether that quarter has cases and comes after a base), side (`Side`), grade (`Grade`) and since
    (the position of its first detection), the last three null where there is no change.
    """
    ordered = _rank_quarters(frame)
    last = ordered.group_by("series", maintain_order=True).last().select("series", "row", "position")
    changes = last.join(
        _follow_series(_log_likelihood_steps(ordered)), on=["series", "position"], how="left", maintain_order="left"
    ).with_columns(pl.col("tested").fill_null(value=False))
    return with_keys(frame, changes)


def _rank_quarters(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort the series and add the rank of each quarter among those with cases, from 1."""
    has_cases = pl.col("numerator").is_not_null() & (pl.col("denominator") > 0)
    counts = frame.with_columns(
        pl.when(has_cases).then(pl.col(name).cast(pl.Float64)).alias(name) for name in ("numerator", "denominator")
    )
    cases, total = pl.col("numerator"), pl.col("denominator")
    wrong = counts.filter((cases < 0) | (cases > total) | (cases != cases.round()) | (total != total.round()))
    if not wrong.is_empty():
        structure, indicator = wrong.select(SERIES_KEY).row(0)
        raise ValueError(f"{structure}, {indicator}: not counts of a proportion")
    return sort_series(counts, ["numerator", "denominator"]).with_columns(
        cases.is_not_null().cum_sum().over("series").alias("rank")
    )


def _log_likelihood_steps(ordered: pl.DataFrame) -> pl.DataFrame:
    """Return one row per quarter after a base: series, place (from 0), position, above and below, its two steps."""
    quarters = ordered.filter(pl.col("numerator").is_not_null())
    cases, total, share = pl.col("numerator"), pl.col("denominator"), pl.col("share")
    odds = share / (1 - share)
    bases = (
        quarters.filter(pl.col("rank") <= BASE_QUARTERS)
        .with_columns((cases.sum().over("series") / total.sum().over("series")).alias("share"))
        .group_by("series")
        .agg(
            share.first(),
            pl.len().alias("quarters"),
            ((cases - total * share) ** 2 / (total * share * (1 - share))).sum().alias("between"),
        )
        .filter((pl.col("quarters") == BASE_QUARTERS) & (share > 0) & (share < 1))
        .with_columns(pl.max_horizontal(1.0, pl.col("between") / (BASE_QUARTERS - 1)).alias("dispersion"))
    )

    def step(changed_odds: pl.Expr) -> pl.Expr:
        changed = changed_odds / (1 + changed_odds)
        against = cases * (changed / share).log() + (total - cases) * ((1 - changed) / (1 - share)).log()
        return against / pl.col("dispersion")

    return (
        quarters.filter(pl.col("rank") > BASE_QUARTERS)
        .join(bases, on="series", maintain_order="left")
        .select(
            "series",
            (pl.col("rank").cast(pl.Int64) - BASE_QUARTERS - 1).alias("place"),
            "position",
            step(odds * ODDS_RATIO).alias("above"),
            step(odds / ODDS_RATIO).alias("below"),
        )
    )


def _follow_series(steps: pl.DataFrame) -> pl.DataFrame:
    """Run the CUSUM of every series: one row per quarter of `steps`: series, position, tested, side, grade and since.

    All series advance together, a quarter at a time; those without further quarters drop out.
    """
    number, text = pl.lit(0.0), pl.lit(None, pl.String)
    state = steps.select("series").unique(maintain_order=True)
    state = state.with_columns(
        *(number.alias(name) for name in ("sum_above", "sum_below", "back")),
        *(text.alias(name) for name in ("side", "grade")),
        pl.lit(None, pl.Int64).alias("since"),
    )
    states = [state.clear().with_columns(pl.lit(0, pl.Int64).alias("position"))]
    for _, quarter in sorted(steps.partition_by("place", as_dict=True).items()):
        states.append(_advance(states[-1] if len(states) > 1 else state, quarter.drop("place")))
    return pl.concat(states).select("series", "position", pl.lit(value=True).alias("tested"), "side", "grade", "since")


def _advance(state: pl.DataFrame, quarter: pl.DataFrame) -> pl.DataFrame:
    """Advance the states of the series that have this quarter by its steps."""
    rows = quarter.join(state.drop("position", strict=False), on="series", how="left", maintain_order="left")
    has_change, up = pl.col("side").is_not_null(), pl.col("side") == Side.ABOVE
    step = pl.when(up).then("above").otherwise("below")
    larger = pl.max_horizontal("sum_above", "sum_below")
    own_sum = pl.when(up).then("sum_above").otherwise("sum_below")
    side = pl.when(pl.col("sum_above") > pl.col("sum_below")).then(pl.lit(Side.ABOVE)).otherwise(pl.lit(Side.BELOW))
    grade = pl.when(larger > SIGNAL_ABOVE).then(pl.lit(Grade.SIGNAL)).otherwise(pl.lit(Grade.WATCH))
    return (
        rows.with_columns(
            pl.max_horizontal(0.0, pl.col("sum_above") + pl.col("above")).alias("sum_above"),
            pl.max_horizontal(0.0, pl.col("sum_below") + pl.col("below")).alias("sum_below"),
            pl.when(has_change).then(pl.max_horizontal(0.0, pl.col("back") - step)).otherwise(0.0).alias("back"),
        )
        .with_columns(
            (has_change & (pl.col("back") > ENDED_ABOVE)).alias("ended"),
            (~has_change & (larger > WATCH_ABOVE)).alias("begun"),
        )
        .with_columns(
            pl.when("begun")
            .then(grade)
            .when(has_change & (own_sum > SIGNAL_ABOVE))
            .then(pl.lit(Grade.SIGNAL))
            .otherwise("grade")
            .alias("grade"),
            pl.when("begun").then("position").otherwise("since").alias("since"),
            pl.when("begun").then(side).otherwise("side").alias("side"),
        )
        .with_columns(
            *(pl.when("ended").then(0.0).otherwise(name).alias(name) for name in ("sum_above", "sum_below", "back")),
            *(pl.when(~pl.col("ended")).then(name).alias(name) for name in ("side", "grade", "since")),
        )
        .select("series", "sum_above", "sum_below", "back", "side", "grade", "since", "position")
    )


def _check_counts(counts: Iterable[Sequence[float] | None]) -> None:
    for count in counts:
        if count is not None and not (0 <= count[0] <= count[1] and all(float(part).is_integer() for part in count)):
            raise ValueError(f"{count[0]} in {count[1]} are not counts of a proportion")
