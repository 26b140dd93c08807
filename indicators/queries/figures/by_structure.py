"""Figures of the structures of a perimeter side by side: one indicator, one period or window. Not a ranking."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period, Span
from indicators.disclosure.control import blank_counts, suppress
from indicators.figures.aggregation import pool_cohorts
from indicators.figures.figure import Status, absence_reason, incompleteness_reason
from indicators.figures.time_steps import component_periods
from indicators.figures.values import compute_values
from indicators.queries.figures.counts import counts_by_structure
from indicators.queries.figures.over_time import aggregate_figures
from indicators.queries.figures.suppression import structure_mask
from indicators.snapshot import Snapshot

FIGURE_COLUMNS = ("structure", "numerator", "denominator", "value", "status")


def figures_by_structure(
    snapshot: Snapshot,
    perimeter: Perimeter,
    indicator: Indicator,
    period: Span,
    audience: Audience,
    today: date = date.max,
) -> pl.DataFrame:
    """Return one row per structure that reported: structure, numerator, denominator, value, status; sorted by code.

    Over a semester, a year or a rolling window, a structure with missing periods has a row without a value, with the
    reason as status. A cohort in follow-up on the day `today` is not due.
    """
    parts = component_periods(period, indicator)
    # The suppression of a sum's terms is decided together.
    linked = [snapshot.catalogue[name] for name in snapshot.catalogue.with_linked([indicator.id])]
    is_own_frequency = isinstance(period, Period) and period.frequency is indicator.frequency
    periods = parts if is_own_frequency else dict.fromkeys([*parts, *([period] if isinstance(period, Period) else [])])
    ends = [part.end for part in periods] or [date.max]
    members, names = snapshot.structures.members_on(perimeter, period.end), [sheet.id for sheet in linked]
    counts = counts_by_structure(snapshot, members, names, [part.code for part in periods], min(ends), max(ends))
    extra_mask = structure_mask(snapshot, audience, min(ends), max(ends))
    if is_own_frequency:
        counts = pool_cohorts(counts, linked, per_structure=True).filter(pl.col("period") == period.code)
        own_figures = compute_values(counts, linked, per_structure=True)
        figures = suppress(own_figures, snapshot.catalogue, audience, extra_mask=extra_mask)
        figures = figures.filter(pl.col("indicator") == indicator.id)
    else:
        figures = aggregate_figures(
            counts, indicator, snapshot.catalogue, audience, {period: parts}, consolidated=False, extra_mask=extra_mask
        )
        if audience.sees(indicator.audience):
            figures = pl.concat([figures, _incomplete_rows(snapshot, counts, figures, indicator, parts, today)])
    followed_until = indicator.followed_until(period) if isinstance(period, Period) else None
    if followed_until is not None and today <= followed_until:
        figures = blank_counts(figures, pl.lit(value=True)).with_columns(pl.lit(Status.NOT_DUE.value).alias("status"))
    return figures.select(FIGURE_COLUMNS).sort("structure")


def _incomplete_rows(
    snapshot: Snapshot,
    counts: pl.DataFrame,
    figures: pl.DataFrame,
    indicator: Indicator,
    parts: Sequence[Period],
    today: date,
) -> pl.DataFrame:
    """Return a row for each structure that reported only some of the periods, with the reason."""
    missing_figures = counts.filter(pl.col("indicator") == indicator.id).join(figures, on="structure", how="anti")
    reported_periods = missing_figures.group_by("structure").agg(
        pl.col("period").filter(pl.col("numerator").is_not_null())
    )
    reasons = [
        (
            structure,
            incompleteness_reason(
                absence_reason(indicator, part, snapshot.structures.as_of(part.end)[structure], today)
                for part in parts
                if part.code not in delivered
            ).value,
        )
        for structure, delivered in reported_periods.iter_rows()
    ]
    rows = pl.DataFrame(reasons, schema={"structure": pl.String, "status": pl.String}, orient="row")
    missing = [pl.lit(None, kind).alias(name) for name, kind in figures.schema.items() if name not in rows.columns]
    return rows.with_columns(missing).select(figures.columns)
