"""Aggregation of figures over longer spans (years, rolling years), withheld if one of their periods is."""

from collections.abc import Sequence

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Frequency, Period
from indicators.disclosure.control import blank_counts
from indicators.disclosure.protections import Protection, in_force
from indicators.figures.aggregation import PeriodsBySpan, span_terms, sum_over
from indicators.figures.figure import NO_CASES, Status
from indicators.figures.values import compute_values, key_columns


def aggregate_figures(
    raw_counts: pl.DataFrame,
    own_figures: pl.DataFrame,
    indicator: Indicator,
    parts: PeriodsBySpan,
    *,
    per_structure: bool,
) -> pl.DataFrame:
    """Return the figures of an indicator over longer spans than its own, withheld where one of their periods is.

    `raw_counts` holds the deposited quarters and calendar years of the indicator, `own_figures` the same periods after
    disclosure control. A deposited year is that year's figure, whatever the quarters add up to; for several structures
    only if none of them counted a quarter of it, otherwise the quarters alone are added up: never both.

    A sum of shown periods is shown: it adds up what is shown already, and nothing more can be computed from it.
    """
    own_figures = own_figures.filter(pl.col("indicator") == indicator.id)
    counts = raw_counts.filter(pl.col("indicator") == indicator.id)
    on = [name for name in key_columns(counts) if name not in {"period", "period_end"}]
    sums = compute_values(
        sum_over(counts, parts, per_structure=per_structure), [indicator], per_structure=per_structure
    )
    withheld = own_figures.filter(pl.col("status") == Status.WITHHELD).select(*on, pl.col("period").alias("part"))
    withheld_spans = span_terms(parts).select("period", "part").join(withheld, on="part").select(*on, "period").unique()
    withheld_spans = withheld_spans.with_columns(pl.lit(value=True).alias("is_withheld"))
    sums = sums.join(withheld_spans, on=[*on, "period"], how="left", maintain_order="left")
    is_withheld = pl.col("is_withheld").fill_null(value=False) & in_force(Protection.HIDDEN_PARTS)
    sums = blank_counts(sums, is_withheld).drop("is_withheld")
    deposited_years = _deposited_years(own_figures, counts, parts, on, per_structure=per_structure)
    return pl.concat([deposited_years, sums.join(deposited_years, on=[*on, "period"], how="anti")]).sort(
        *on, "period_end", "period"
    )


def _deposited_years(
    own_figures: pl.DataFrame, counts: pl.DataFrame, parts: PeriodsBySpan, on: Sequence[str], *, per_structure: bool
) -> pl.DataFrame:
    """Return the figures, shown or withheld, of deposited calendar years."""
    codes = [span.code for span in parts if isinstance(span, Period) and span.frequency is Frequency.YEAR]
    years = own_figures.filter(
        pl.col("period").is_in(codes)
        & (pl.col("value").is_not_null() | pl.col("status").is_in([Status.WITHHELD.value, NO_CASES]))
    )
    if per_structure:
        return years
    quarters = counts.filter(pl.col("numerator").is_not_null() & pl.col("period").str.contains("-T"))
    return years.join(quarters.select(*on, pl.col("period").str.slice(0, 4)), on=[*on, "period"], how="anti")
