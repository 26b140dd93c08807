"""Comparison of structures on one indicator, allowing for chance: a funnel, never a ranking."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import polars as pl

from indicators.answer_cache import AnswerCache
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Structure
from indicators.definitions.periods import Span
from indicators.disclosure import is_read_whole
from indicators.figures.figure import Status, absence_reason
from indicators.figures.time_steps import mixes_definitions
from indicators.judgement.funnel import Funnel, FunnelVerdict, NotPlotted, compute_funnel
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.snapshot import QueryContext, Snapshot, per_version

MAX_LARGE_COMPARISONS: Final = 8
"""Cached comparisons of a large network, up to 1 MB each: those in use at the moment. Those of a small one, some 60 KB
each, share the general cache."""
FIGURE_COLUMNS: Final = ("structure", "numerator", "denominator", "value", "status")
VERDICT_COLUMNS: Final = ("verdict", "side", "widened")


class ExclusionReason(StrEnum):
    """Reason why a structure has no figure to compare, in addition to `Status` and `NotPlotted`."""

    CLOSED = "closed"
    NOT_OPEN = "not_open"
    """It opened after the period."""
    REDEFINED = "redefined"
    """The period adds up quarters of two definitions."""


EXCLUSION_REASONS: Final = (
    FunnelVerdict.TOO_FEW,
    Status.WITHHELD,
    Status.MISSING,
    Status.NOT_DUE,
    Status.NOT_APPLICABLE,
    ExclusionReason.CLOSED,
    ExclusionReason.NOT_OPEN,
    ExclusionReason.REDEFINED,
    NotPlotted.NO_COUNTS,
    NotPlotted.NO_CASES,
    NotPlotted.NO_PEERS,
)
"""Reasons why a structure is excluded from a comparison, in the order of display."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """One indicator of some structures in one period, with their funnel.

    `rows` has one row per structure to which the indicator applies, sorted by name: structure, numerator, denominator,
    value, status, verdict (`FunnelVerdict`), side and widened, the last three null without a point in the funnel.
    `excluded` has one row per structure without a verdict: structure, reason (of `EXCLUSION_REASONS`), in the same
    order. The funnel is null if the indicator is not a rate of people (see `indicator.case_kind`).
    """

    indicator: Indicator
    period: Span
    funnel: Funnel | None
    rows: pl.DataFrame
    excluded: pl.DataFrame

    @property
    def plotted_rows(self) -> pl.DataFrame:
        """The rows of structures with a point in the funnel."""
        return self.rows.filter(pl.col("verdict").is_not_null())

    def rows_by_verdict(self) -> pl.DataFrame:
        """Return the rows with a value, sorted by verdict (signals first), then by name; never by value."""
        places = {verdict: place for place, verdict in enumerate(VERDICT_ORDER)}
        place = pl.col("verdict").replace_strict(places, default=len(VERDICT_ORDER), return_dtype=pl.Int8)
        return self.rows.filter(pl.col("value").is_not_null()).sort(place, maintain_order=True)


VERDICT_ORDER: Final = (FunnelVerdict.SIGNAL, FunnelVerdict.WATCH, FunnelVerdict.ORDINARY, FunnelVerdict.TOO_FEW)
"""Verdicts in the order of a table."""


def is_comparable(indicator: Indicator) -> bool:
    """Whether an indicator is a rate of people; chance in complete counts, hours or euros is not binomial."""
    return indicator.is_rate_of_people


def compare_structures(context: QueryContext, scope: ComparisonScope, indicator: Indicator, period: Span) -> Comparison:
    """Compare structures with the ratio of the sums of the figures that the audience sees.

    Withheld figures are excluded from the reference too, from which they could be computed.
    """
    if is_read_whole(context.snapshot):
        return _compare_cached(context, scope, indicator, period)
    key = (scope, indicator, period, context.audience, context.today)
    return _large_comparisons(context.snapshot).get_or_compute(key, lambda: _compare(context, scope, indicator, period))


@per_version
def _large_comparisons(_: Snapshot) -> AnswerCache:
    return AnswerCache(MAX_LARGE_COMPARISONS)


def _compare(context: QueryContext, scope: ComparisonScope, indicator: Indicator, period: Span) -> Comparison:
    concerned = scope.structures(context.snapshot, indicator, period.end)
    figures = figures_by_structure(context, scope.perimeter, indicator, period).rows
    all_rows = pl.DataFrame({"structure": [structure.id for structure in concerned]}, schema={"structure": pl.String})
    rows = all_rows.join(figures.select(FIGURE_COLUMNS), on="structure", how="left", maintain_order="left")
    unreported = set(rows.filter(pl.col("status").is_null())["structure"])
    absent = {s.id: _absence_reason(indicator, period, s, context.today) for s in concerned if s.id in unreported}
    why_absent = pl.col("structure").replace_strict(absent, default=None, return_dtype=pl.String)
    reason = rows.select("structure", pl.coalesce("status", why_absent).alias("reason"))
    rows = rows.with_columns(
        pl.coalesce(
            "status", why_absent.replace({value.value: Status.NOT_APPLICABLE.value for value in ExclusionReason})
        )
    )
    if not is_comparable(indicator):
        without_verdicts = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in VERDICT_COLUMNS)
        excluded = reason.filter(without_verdicts["value"].is_null())
        return Comparison(indicator, period, None, without_verdicts, excluded)
    return _compare_in_funnel(indicator, period, rows, reason)


_compare_cached = per_version(_compare)


def _absence_reason(indicator: Indicator, period: Span, structure: Structure, today: date) -> str:
    """Return why a structure has no figure: closed, not open yet, a new definition, or else `absence_reason`."""
    if structure.closed_on is not None and structure.closed_on < period.start:
        return ExclusionReason.CLOSED.value
    if structure.opened_on is not None and structure.opened_on > period.end:
        return ExclusionReason.NOT_OPEN.value
    if mixes_definitions(period, indicator):
        return ExclusionReason.REDEFINED.value
    return absence_reason(indicator, period, structure, today).value


def _compare_in_funnel(indicator: Indicator, period: Span, rows: pl.DataFrame, reason: pl.DataFrame) -> Comparison:
    """Compare the rows with integral counts in a funnel; give the reason of exclusion for all others."""
    result = compute_funnel(integer_counts(rows))
    points = result.points.select("structure", pl.col(VERDICT_COLUMNS).cast(pl.String))
    rows = rows.join(points, on="structure", how="left", maintain_order="left")
    too_few = pl.when(pl.col("verdict") == FunnelVerdict.TOO_FEW).then(pl.lit(FunnelVerdict.TOO_FEW.value))
    absent = pl.when(pl.col("reason") != Status.OK).then("reason")
    left_out = (
        rows.select("structure", "verdict", reason["reason"])
        .join(result.excluded.rename({"reason": "because"}), on="structure", how="left", maintain_order="left")
        .select("structure", pl.coalesce(too_few, absent, pl.col("because").cast(pl.String)).alias("reason"))
        .filter(pl.col("reason").is_not_null())
    )
    return Comparison(indicator, period, result, rows, left_out)


def integer_counts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return structure, numerator and denominator of rows; null where they are not integral counts of a proportion."""
    cases, total = pl.col("numerator"), pl.col("denominator")
    are_counts = (cases >= 0) & (cases <= total) & (cases == cases.round()) & (total == total.round())
    valid = pl.when(are_counts.fill_null(value=False) & pl.col("value").is_not_null())
    return rows.select("structure", valid.then(cases).alias("numerator"), valid.then(total).alias("denominator"))
