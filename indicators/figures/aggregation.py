"""Aggregation of counts over several periods of one indicator. Pure functions of frames of counts.

Counts are added up, rates are never averaged; a span with a missing period has no row.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Period, Span
from indicators.figures.figure import Status
from indicators.figures.values import COUNT_COLUMNS, key_columns

HAS_DENOMINATOR: Final = pl.col("denominator").is_not_null().any()
"""Whether any of the counts added up has a denominator: a sum of counts without one has none."""
WEIGHT: Final = pl.coalesce("denominator", "numerator")
"""Size of a count in a sum of several."""


def summed_counts() -> list[pl.Expr]:
    """Return the expressions that add counts up: numerator, denominator.

    The one rule of how counts add up, for all frames; `store/current.sql` says the same to the database.
    """
    return [
        pl.col("numerator").sum(),
        pl.when(HAS_DENOMINATOR).then(pl.col("denominator").sum()).alias("denominator"),
    ]


def largest_share(weight: pl.Expr = WEIGHT) -> pl.Expr:
    """Return the expression of the largest share of one count in a sum; null in a sum of nothing."""
    return pl.when(weight.sum() > 0).then(weight.max() / weight.sum()).alias("largest_share")


PeriodsBySpan = Mapping[Span, Sequence[Period]]
"""Periods to add up, by span."""


def sum_over(counts: pl.DataFrame, parts: PeriodsBySpan, *, per_structure: bool) -> pl.DataFrame:
    """Return the summed counts of each span with no missing period, one row per span under its code.

    Full-time equivalents: for one structure, summed hours over summed hours of one FTE; for several, the mean of their
    totals, which is the same if the hours of one FTE do not change in between, and counts nothing for a structure in a
    quarter that it did not report. `contributors` is the minimum over the periods; `largest_share` is at least the
    share of the largest contributor to the whole, and never above that of the periods.
    """
    on = [name for name in key_columns(counts) if name not in {"period", "period_end"}]
    has_count = pl.col("numerator").is_not_null()
    quotient = pl.col("numerator").sum() / pl.col("denominator").sum() if per_structure else pl.col("quotients").mean()
    return (
        span_terms(parts)
        .join(counts.filter(has_count).rename({"period": "part"}).drop("period_end"), on="part", how="inner")
        .group_by("period", "period_end", "terms", *on, maintain_order=True)
        .agg(
            *summed_counts(),
            quotient.alias("quotients"),
            pl.col("contributors").min(),
            # A sum of zero has no shares.
            pl.when(WEIGHT.sum() > 0)
            .then((pl.col("largest_share") * WEIGHT).sum() / WEIGHT.sum())
            .alias("largest_share"),
            pl.when(pl.col("quotients").sum() > 0)
            .then((pl.col("largest_quotient") * pl.col("quotients")).sum() / pl.col("quotients").sum())
            .alias("largest_quotient"),
            pl.col("from_register").fill_null(value=False).all(),
            pl.len().alias("found"),
            pl.col("denominator").count().alias("divided"),
        )
        # A period without its denominator counts as missing, unless no period has one.
        .filter(
            (pl.col("found") == pl.col("terms")) & ((pl.col("divided") == 0) | (pl.col("divided") == pl.col("terms")))
        )
        .with_columns(
            pl.lit(None, pl.Float64).alias("stated_value"),
            pl.lit(None, pl.String).alias("absence"),
            pl.col("contributors").cast(pl.Int32),
        )
        .select(*key_columns(counts), *COUNT_COLUMNS)
    )


def pool_cohorts(counts: pl.DataFrame, indicators: Sequence[Indicator], *, per_structure: bool) -> pl.DataFrame:
    """Replace the counts of pooled cohorts by the sums of each cohort and the ones before it.

    A cohort without the others of its pool has no row, unless it was declared not applicable: half of a pooled figure
    is no figure. A rate without its counts cannot be pooled.
    """
    result = counts
    for sheet in indicators:
        is_of_sheet = pl.col("indicator") == sheet.id
        if sheet.pooled_cohorts == 1 or (cohorts := counts.filter(is_of_sheet)).is_empty():
            continue
        periods = [p for p in map(Period.parse, cohorts["period"].unique()) if p.frequency is sheet.frequency]
        parts = {period: period.trailing(sheet.pooled_cohorts) for period in periods}
        # Cohorts of two definitions are not added up (`time_steps.mixes_definitions`).
        same_definition: PeriodsBySpan = {
            p: cohort_periods
            for p, cohort_periods in parts.items()
            if not sheet.redefined_within(cohort_periods[0].start, cohort_periods[-1].end)
        }
        pooled_counts = sum_over(cohorts, same_definition, per_structure=per_structure)
        not_applicable = cohorts.filter(pl.col("absence") == Status.NOT_APPLICABLE).join(
            pooled_counts, on=key_columns(counts), how="anti"
        )
        result = pl.concat([result.filter(~is_of_sheet), pooled_counts, not_applicable], how="diagonal_relaxed")
    return result


def span_terms(parts: PeriodsBySpan) -> pl.DataFrame:
    """Return one row per span × period: the span's code and last day, its number of periods, the period's code."""
    return pl.DataFrame(
        [(span.code, span.end, len(periods), part.code) for span, periods in parts.items() for part in periods],
        schema={"period": pl.String, "period_end": pl.Date, "terms": pl.Int64, "part": pl.String},
        orient="row",
    )
