"""Figures of the structures of a perimeter side by side: one indicator, one period or window. Not a ranking."""

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Frequency, Period, Span
from indicators.disclosure import (
    CountsOfStructures,
    Figures,
    RequestedSpans,
    publishable,
    reporting_in,
)
from indicators.figures.figure import Status, absence_reason, incompleteness_reason
from indicators.figures.time_steps import component_periods
from indicators.snapshot import QueryContext

FIGURE_COLUMNS = ("structure", "numerator", "denominator", "value", "status")


def figures_by_structure(context: QueryContext, perimeter: Perimeter, indicator: Indicator, period: Span) -> Figures:
    """Return one row per structure that reported: structure, numerator, denominator, value, status; sorted by code.

    Over a semester, a year or a rolling window, a structure with missing periods has a row without a value, with the
    reason as status. A cohort in follow-up on the context's day is not due.
    """
    counts = CountsOfStructures(context.snapshot, context.snapshot.structures.members_on(perimeter, period.end))
    figures = publishable(counts, RequestedSpans({indicator.id: [period]}), context.audience)
    is_own_frequency = isinstance(period, Period) and period.frequency is indicator.frequency
    if not is_own_frequency and context.audience.sees(indicator.audience):
        figures = figures.with_absences(_incomplete_rows(context, counts, figures, indicator, period))
    followed_until = indicator.followed_until(period) if isinstance(period, Period) else None
    if followed_until is not None and context.today <= followed_until:
        figures = figures.with_status(Status.NOT_DUE)
    return figures.select(*FIGURE_COLUMNS).sort("structure")


def _incomplete_rows(
    context: QueryContext, counts: CountsOfStructures, figures: Figures, indicator: Indicator, period: Span
) -> pl.DataFrame:
    """Return a row for each structure that reported only some of the periods: structure, status."""
    parts = component_periods(period, indicator)
    # A structure that reported the year alone has reported none of its quarters.
    years = [period] if isinstance(period, Period) and period.frequency is Frequency.YEAR else []
    incomplete = reporting_in(counts, indicator, [*parts, *years]).join(figures.rows, on="structure", how="anti")
    reported_periods = incomplete.group_by("structure").agg(pl.col("period").filter("is_counted"))
    reasons = [
        (
            structure,
            incompleteness_reason(
                absence_reason(indicator, part, context.snapshot.structures.as_of(part.end)[structure], context.today)
                for part in parts
                if part.code not in delivered
            ).value,
        )
        for structure, delivered in reported_periods.iter_rows()
    ]
    return pl.DataFrame(reasons, schema={"structure": pl.String, "status": pl.String}, orient="row")
