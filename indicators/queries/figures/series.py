"""Series of one indicator of one perimeter over all reported periods, in a chosen time step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Frequency, Period, Span
from indicators.disclosure import CountsOfPerimeter, RequestedSpans, publishable, reporting
from indicators.errors import UnknownError
from indicators.figures.figure import Figure, incompleteness_reason
from indicators.figures.time_steps import (
    TimeStep,
    available_steps,
    component_periods,
    mixes_definitions,
    spans_covering,
)
from indicators.queries.figures.figures import absence_status, figure_from_row, of_same_structures, perimeter_figures
from indicators.snapshot import QueryContext, per_version


def read_series(
    context: QueryContext, perimeter: Perimeter, indicator: Indicator, step: TimeStep | None = None
) -> Sequence[Figure]:
    """Return a figure for each span of a time step, from the first reported to the last, oldest first.

    The step defaults to the indicator's own; an `UnknownError` if the step is not available for it. A span without
    counts, or with a missing period, is an absence and never left out. Empty if the audience may not see the indicator.
    """
    if step is not None and step not in available_steps(indicator):
        raise UnknownError("step", step)
    if step is None or step is available_steps(indicator)[0]:
        return of_same_structures(_own_series(context, perimeter, indicator))
    return of_same_structures(_longer_series(context, perimeter, indicator, step))


@dataclass(frozen=True)
class ReportingHistory:
    """Periods of an indicator reported in a perimeter, shown or not.

    `frequencies` are those of the reported periods, `since` is the end of the first; `without_counts` is whether all
    are rates without their counts, which cannot be consolidated.
    """

    frequencies: frozenset[Frequency]
    since: date | None
    without_counts: bool


@per_version
def find_reported_periods(context: QueryContext, perimeter: Perimeter, indicator: Indicator) -> ReportingHistory:
    """Return what was reported of an indicator in a perimeter, in periods over by the context's day."""
    reported = reporting(CountsOfPerimeter(context.snapshot, perimeter), [indicator]).filter(
        (pl.col("period_end") < context.today) & (pl.col("is_counted") | pl.col("is_stated"))
    )
    periods = [Period.parse(code) for code in reported["period"]]
    return ReportingHistory(
        frozenset(period.frequency for period in periods),
        min((period.end for period in periods), default=None),
        bool(periods) and not reported["is_counted"].any(),
    )


def _own_series(context: QueryContext, perimeter: Perimeter, indicator: Indicator) -> Sequence[Figure]:
    figures = perimeter_figures(context, perimeter, [indicator], date.min, date.max)
    rows = {row["period"]: row for row in figures.rows.iter_rows(named=True)}
    periods = sorted(p for p in map(Period.parse, rows) if p.frequency is indicator.frequency and p.end < context.today)
    if not periods:
        return []
    return [
        figure_from_row(context, perimeter, indicator, period, rows.get(period.code))
        for period in _periods_between(periods[0], periods[-1])
    ]


def _longer_series(
    context: QueryContext, perimeter: Perimeter, indicator: Indicator, step: TimeStep
) -> Sequence[Figure]:
    if not context.audience.sees(indicator.audience):
        return []
    return _add_up(context, perimeter, indicator, step)


@per_version
def _add_up(context: QueryContext, perimeter: Perimeter, indicator: Indicator, step: TimeStep) -> Sequence[Figure]:
    counts = CountsOfPerimeter(context.snapshot, perimeter)
    reported = reporting(counts, [indicator])
    periods = {p for p in map(Period.parse, reported["period"]) if p.end < context.today}
    quarters = sorted(quarter for period in periods for quarter in _quarters(period, step))
    if not quarters:
        return []
    spans = spans_covering(step, quarters[0], quarters[-1])
    figures = publishable(counts, RequestedSpans({indicator.id: spans}), context.audience)
    rows = {row["period"]: row for row in figures.rows.iter_rows(named=True)}
    counted_periods = set(reported.filter("is_counted")["period"])
    return [
        figure_from_row(context, perimeter, indicator, span, rows[span.code])
        if span.code in rows
        else _incomplete_figure(context, perimeter, indicator, span, counted_periods)
        for span in spans
    ]


def _incomplete_figure(
    context: QueryContext, perimeter: Perimeter, indicator: Indicator, span: Span, counted_periods: set[str]
) -> Figure:
    """Return the absence of a sum with missing periods, with their reason."""
    if mixes_definitions(span, indicator):
        return figure_from_row(context, perimeter, indicator, span, None)
    missing_periods = [part for part in component_periods(span, indicator) if part.code not in counted_periods]
    reason = incompleteness_reason(absence_status(context, perimeter, indicator, part) for part in missing_periods)
    return Figure(indicator, span, reason, context.snapshot.target(perimeter, indicator.id, span))


def _quarters(period: Period, step: TimeStep) -> list[Period]:
    """Return the quarters that a deposited period covers; a year gives no semesters and no windows."""
    if period.frequency is Frequency.QUARTER:
        return [period]
    return Period.containing(period.end, Frequency.QUARTER).trailing(4) if step is TimeStep.YEAR else []


def _periods_between(first: Period, last: Period) -> list[Period]:
    periods = [first]
    while periods[-1] < last:
        periods.append(periods[-1].shifted(1))
    return periods
