"""Aggregation of figures over longer spans (years, rolling years), withheld if one of their periods is."""

from collections.abc import Sequence

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue, Indicator
from indicators.definitions.periods import Frequency, Period
from indicators.disclosure.control import blank_counts, suppress, suppress_totals
from indicators.figures.aggregation import PeriodsBySpan, span_terms, sum_over
from indicators.figures.figure import NO_CASES, Status
from indicators.figures.values import compute_values, key_columns


def aggregate_figures(
    counts: pl.DataFrame,
    indicator: Indicator,
    catalogue: Catalogue,
    audience: Audience,
    parts: PeriodsBySpan,
    *,
    consolidated: bool,
    extra_mask: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the figures of an indicator over longer spans than its own, after disclosure control, as `suppress` does.

    `counts` holds the deposited quarters and calendar years of the indicator and of those linked to it by sums. A
    deposited year is that year's figure, whatever the quarters add up to; for several structures only if none of them
    counted a quarter of it, otherwise the quarters alone are added up: never both.

    A sum is withheld if one of its periods is, and shown otherwise: it adds up figures that are shown already, and
    nothing more can be computed from it. `extra_mask` names withheld periods, as in `suppress` and `suppress_totals`.
    """
    sheets = [catalogue[name] for name in catalogue.with_linked([indicator.id])]
    per_structure = not consolidated
    own_figures = compute_values(counts, sheets, per_structure=per_structure)
    if consolidated:
        own_shown = suppress_totals(own_figures, catalogue, audience, extra_mask)
    else:
        own_shown = suppress(own_figures, catalogue, audience, extra_mask=extra_mask)
    own_shown = own_shown.filter(pl.col("indicator") == indicator.id)
    # An indicator that the audience may not see is not aggregated.
    counts = counts.filter((pl.col("indicator") == indicator.id) & audience.sees(indicator.audience))
    on = [name for name in key_columns(counts) if name not in {"period", "period_end"}]

    sums = compute_values(sum_over(counts, parts, per_structure=per_structure), sheets, per_structure=per_structure)
    withheld = own_shown.filter(pl.col("status") == Status.WITHHELD).select(*on, pl.col("period").alias("part"))
    withheld_spans = span_terms(parts).select("period", "part").join(withheld, on="part").select(*on, "period").unique()
    withheld_spans = withheld_spans.with_columns(pl.lit(value=True).alias("unseen"))
    sums = sums.join(withheld_spans, on=[*on, "period"], how="left", maintain_order="left")
    partly_withheld = blank_counts(sums.filter(pl.col("unseen")).drop("unseen"), pl.lit(value=True))
    sums = sums.filter(pl.col("unseen").is_null()).drop("unseen")
    sums = pl.concat([sums, partly_withheld])

    deposited_years = _deposited_years(own_shown, counts, parts, on, consolidated=consolidated)
    return pl.concat([deposited_years, sums.join(deposited_years, on=[*on, "period"], how="anti")]).sort(
        *on, "period_end", "period"
    )


def _deposited_years(
    shown: pl.DataFrame, counts: pl.DataFrame, parts: PeriodsBySpan, on: Sequence[str], *, consolidated: bool
) -> pl.DataFrame:
    """Return the figures, shown or withheld, of deposited calendar years."""
    codes = [span.code for span in parts if isinstance(span, Period) and span.frequency is Frequency.YEAR]
    years_shown = shown.filter(
        pl.col("period").is_in(codes)
        & (pl.col("value").is_not_null() | pl.col("status").is_in([Status.WITHHELD.value, NO_CASES]))
    )
    if consolidated:
        quarters = counts.filter(pl.col("numerator").is_not_null() & pl.col("period").str.contains("-T"))
        years = quarters.select(*on, pl.col("period").str.slice(0, 4))
        years_shown = years_shown.join(years, on=[*on, "period"], how="anti")
    return years_shown
