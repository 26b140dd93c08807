"""Series of one indicator of one perimeter over all reported periods, in a chosen time step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Frequency, Period, Span
from indicators.errors import UnknownError
from indicators.figures.figure import Figure, Status, incompleteness_reason
from indicators.figures.time_steps import (
    TimeStep,
    available_steps,
    component_periods,
    mixes_definitions,
    spans_covering,
)
from indicators.queries.figures.counts import perimeter_counts
from indicators.queries.figures.figures import absence_status, figure_from_row, perimeter_figures
from indicators.queries.figures.over_time import aggregate_figures
from indicators.snapshot import Snapshot


def read_series(
    snapshot: Snapshot,
    perimeter: Perimeter,
    indicator: Indicator,
    audience: Audience,
    today: date,
    step: TimeStep | None = None,
) -> Sequence[Figure]:
    """Return a figure for each span of a time step, from the first reported to the last, oldest first.

    The step defaults to the indicator's own; an `UnknownError` if the step is not available for it. A span without
    counts, or with a missing period, is an absence and never left out. Empty if the audience may not see the indicator.
    """
    if step is not None and step not in available_steps(indicator):
        raise UnknownError("step", step)
    if step is None or step is available_steps(indicator)[0]:
        return _own_series(snapshot, perimeter, indicator, audience, today)
    return _longer_series(snapshot, perimeter, indicator, audience, today, step)


@dataclass(frozen=True)
class ReportedPeriods:
    """Periods of an indicator reported in a perimeter, shown or not.

    `frequencies` are those of the reported periods, `since` is the end of the first; `without_counts` is whether all
    are rates without their counts, which cannot be consolidated.
    """

    frequencies: frozenset[Frequency]
    since: date | None
    without_counts: bool


def find_reported_periods(
    snapshot: Snapshot, perimeter: Perimeter, indicator: Indicator, today: date
) -> ReportedPeriods:
    """Return what was reported of an indicator in a perimeter, in periods over by `today`."""
    name = ("reported", perimeter, indicator.id, today)
    return snapshot.cached(name, lambda: _reported(snapshot, perimeter, indicator, today))


def _reported(reading: Snapshot, perimeter: Perimeter, indicator: Indicator, today: date) -> ReportedPeriods:
    rows = perimeter_counts(reading, perimeter, [indicator], date.min, date.max).filter(
        (pl.col("period_end") < today) & (pl.col("numerator").is_not_null() | pl.col("stated_value").is_not_null())
    )
    found = [Period.parse(code) for code in rows["period"]]
    return ReportedPeriods(
        frozenset(period.frequency for period in found),
        min((period.end for period in found), default=None),
        bool(found) and not rows["numerator"].count(),
    )


def _own_series(
    snapshot: Snapshot, perimeter: Perimeter, indicator: Indicator, audience: Audience, today: date
) -> Sequence[Figure]:
    figures = perimeter_figures(snapshot, perimeter, [indicator], date.min, date.max, audience)
    rows = {row["period"]: row for row in figures.iter_rows(named=True)}
    periods = sorted(p for p in map(Period.parse, rows) if p.frequency is indicator.frequency and p.end < today)
    if not periods:
        return []
    return [
        figure_from_row(snapshot, perimeter, indicator, period, rows.get(period.code), today)
        for period in _periods_between(periods[0], periods[-1])
    ]


def _longer_series(
    snapshot: Snapshot, perimeter: Perimeter, indicator: Indicator, audience: Audience, today: date, step: TimeStep
) -> Sequence[Figure]:
    if not audience.sees(indicator.audience):
        return []
    key = ("series", perimeter, indicator.id, audience, step, today)
    return snapshot.cached(key, lambda: _add_up(snapshot, perimeter, indicator, audience, today, step))


def _add_up(
    snapshot: Snapshot, perimeter: Perimeter, indicator: Indicator, audience: Audience, today: date, step: TimeStep
) -> Sequence[Figure]:
    linked = [snapshot.catalogue[name] for name in snapshot.catalogue.with_linked([indicator.id])]
    counts = perimeter_counts(snapshot, perimeter, linked, date.min, date.max)
    own_counts = counts.filter(pl.col("indicator") == indicator.id)
    periods = {p for p in map(Period.parse, own_counts["period"]) if p.end < today}
    quarters = sorted(quarter for period in periods for quarter in _quarters(period, step))
    if not quarters:
        return []
    spans = spans_covering(step, quarters[0], quarters[-1])
    parts = {span: component_periods(span, indicator) for span in spans}
    single = perimeter.level is Level.STRUCTURE
    aggregated = aggregate_figures(
        counts,
        indicator,
        snapshot.catalogue,
        audience,
        parts,
        consolidated=not single,
        extra_mask=_withheld_periods(snapshot, perimeter, indicator, audience),
    )
    rows = {row["period"]: row for row in aggregated.iter_rows(named=True)}
    counted_periods = set(own_counts.filter(pl.col("numerator").is_not_null())["period"])
    return [
        figure_from_row(snapshot, perimeter, indicator, span, rows[span.code], today)
        if span.code in rows
        else _incomplete_figure(snapshot, perimeter, indicator, span, counted_periods, today)
        for span in spans
    ]


def _withheld_periods(
    snapshot: Snapshot, perimeter: Perimeter, indicator: Indicator, audience: Audience
) -> pl.DataFrame:
    """Return the periods in which the figure is withheld, for any reason: indicator, period."""
    figures = perimeter_figures(snapshot, perimeter, [indicator], date.min, date.max, audience)
    return figures.filter(pl.col("status") == Status.WITHHELD).select("indicator", "period")


def _incomplete_figure(
    snapshot: Snapshot, perimeter: Perimeter, indicator: Indicator, span: Span, counted_periods: set[str], today: date
) -> Figure:
    """Return the absence of a sum with missing periods, with their reason."""
    if mixes_definitions(span, indicator):
        return figure_from_row(snapshot, perimeter, indicator, span, None, today)
    missing_periods = [part for part in component_periods(span, indicator) if part.code not in counted_periods]
    reason = incompleteness_reason(
        absence_status(snapshot, perimeter, indicator, part, today) for part in missing_periods
    )
    return Figure(indicator, span, reason, snapshot.target(perimeter, indicator.id, span))


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
