"""One indicator of one perimeter, over all the periods of which there is a figure, in a step of the reader's choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Frequency, Period, Span
from indicators.errors import UnknownError
from indicators.figures.aggregation import over_time
from indicators.figures.figure import Figure, Status, why_incomplete
from indicators.figures.time_steps import Step, adds_across_definitions, parts_of, spans_between, steps_of
from indicators.network import Reading
from indicators.queries.figures.counts import counted
from indicators.queries.figures.figures import absence, figures, read_figure


def series(
    reading: Reading,
    perimeter: Perimeter,
    indicator: Indicator,
    audience: Audience,
    today: date,
    step: Step | None = None,
) -> Sequence[Figure]:
    """Return a figure for each span of a step, from the first reported to the last, oldest first.

    The step is the indicator's own unless another is asked for; an `UnknownError` if the indicator cannot be read so.
    A span of which nothing is known, or not the whole, is an absence, never left out. Nothing if the reader may not see
    the indicator.
    """
    if step is not None and step not in steps_of(indicator):
        raise UnknownError("step", step)
    if step is None or step is steps_of(indicator)[0]:
        return _own(reading, perimeter, indicator, audience, today)
    return _longer(reading, perimeter, indicator, audience, today, step)


@dataclass(frozen=True)
class Reported:
    """What was reported of an indicator in a perimeter, whether or not it can be shown.

    `frequencies` are those of the periods reported, `since` the end of the first; `without_counts` is whether all of it
    is rates without their counts, which no total can add up.
    """

    frequencies: frozenset[Frequency]
    since: date | None
    without_counts: bool


def reported(reading: Reading, perimeter: Perimeter, indicator: Indicator, today: date) -> Reported:
    """Return what was reported of an indicator in a perimeter, in periods over by `today`."""
    name = ("reported", perimeter, indicator.id, today)
    return reading.once(name, lambda: _reported(reading, perimeter, indicator, today))


def _reported(reading: Reading, perimeter: Perimeter, indicator: Indicator, today: date) -> Reported:
    rows = counted(reading, perimeter, [indicator], date.min, date.max).filter(
        (pl.col("period_end") < today) & (pl.col("numerator").is_not_null() | pl.col("stated_value").is_not_null())
    )
    found = [Period.parse(code) for code in rows["period"]]
    return Reported(
        frozenset(period.frequency for period in found),
        min((period.end for period in found), default=None),
        bool(found) and not rows["numerator"].count(),
    )


def _own(
    reading: Reading, perimeter: Perimeter, indicator: Indicator, audience: Audience, today: date
) -> Sequence[Figure]:
    found = figures(reading, perimeter, [indicator], date.min, date.max, audience)
    rows = {row["period"]: row for row in found.iter_rows(named=True)}
    periods = sorted(p for p in map(Period.parse, rows) if p.frequency is indicator.frequency and p.end < today)
    if not periods:
        return []
    return [
        read_figure(reading, perimeter, indicator, period, rows.get(period.code), today)
        for period in _between(periods[0], periods[-1])
    ]


def _longer(
    reading: Reading, perimeter: Perimeter, indicator: Indicator, audience: Audience, today: date, step: Step
) -> Sequence[Figure]:
    if not audience.sees(indicator.audience):
        return []
    name = ("series", perimeter, indicator.id, audience, step, today)
    return reading.once(name, lambda: _add_up(reading, perimeter, indicator, audience, today, step))


def _add_up(
    reading: Reading, perimeter: Perimeter, indicator: Indicator, audience: Audience, today: date, step: Step
) -> Sequence[Figure]:
    linked = [reading.catalogue[name] for name in reading.catalogue.linked([indicator.id])]
    counts = counted(reading, perimeter, linked, date.min, date.max)
    own = counts.filter(pl.col("indicator") == indicator.id)
    known = {p for p in map(Period.parse, own["period"]) if p.end < today}
    quarters = sorted(quarter for period in known for quarter in _quarters(period, step))
    if not quarters:
        return []
    spans = spans_between(step, quarters[0], quarters[-1])
    parts = {span: parts_of(span, indicator) for span in spans}
    single = perimeter.level is Level.STRUCTURE
    found = over_time(
        counts,
        indicator,
        reading.catalogue,
        audience,
        parts,
        consolidated=not single,
        withheld_too=_withheld(reading, perimeter, indicator, audience),
    )
    rows = {row["period"]: row for row in found.iter_rows(named=True)}
    complete = set(own.filter(pl.col("numerator").is_not_null())["period"])
    return [
        read_figure(reading, perimeter, indicator, span, rows[span.code], today)
        if span.code in rows
        else _incomplete(reading, perimeter, indicator, span, complete, today)
        for span in spans
    ]


def _withheld(reading: Reading, perimeter: Perimeter, indicator: Indicator, audience: Audience) -> pl.DataFrame:
    """Return the periods in which the figure is withheld, whatever for: indicator, period."""
    found = figures(reading, perimeter, [indicator], date.min, date.max, audience)
    return found.filter(pl.col("status") == Status.WITHHELD).select("indicator", "period")


def _incomplete(
    reading: Reading, perimeter: Perimeter, indicator: Indicator, span: Span, known: set[str], today: date
) -> Figure:
    """Return the absence of a sum that lacks some of its parts, for the reason that they are lacking."""
    if adds_across_definitions(span, indicator):
        return read_figure(reading, perimeter, indicator, span, None, today)
    lacking = [part for part in parts_of(span, indicator) if part.code not in known]
    why = why_incomplete(absence(reading, perimeter, indicator, part, today) for part in lacking)
    return Figure(indicator, span, why, reading.target(perimeter, indicator.id, span))


def _quarters(period: Period, step: Step) -> list[Period]:
    """Return the quarters that a deposited period reaches over; a year says nothing of its semesters or windows."""
    if period.frequency is Frequency.QUARTER:
        return [period]
    return Period.containing(period.end, Frequency.QUARTER).last(4) if step is Step.YEAR else []


def _between(first: Period, last: Period) -> list[Period]:
    periods = [first]
    while periods[-1] < last:
        periods.append(periods[-1].shifted(1))
    return periods
