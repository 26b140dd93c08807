"""Steps in which an indicator can be read over time, and what has to be added up for each.

A quarterly flow is read by quarter, semester, calendar year or rolling four quarters; a stock has no rolling window and
its semester or year is its last quarter's. What is collected less often has one step, its own.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from statistics import median
from typing import Final

from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Frequency, Period, Span, Window
from indicators.figures.figure import Figure, Status
from indicators.judgement import JUDGED_FROM

ROLLING_QUARTERS: Final = 4
"""Quarters of a rolling window: a whole year, so that seasons do not move it."""

RECENT: Final = 8
"""Quarters by whose size it is told whether a series is thin."""


class Step(StrEnum):
    """From one figure of a series to the next, and how long each lasts."""

    QUARTER = "quarter"
    SEMESTER = "semester"
    YEAR = "year"
    SCHOOL_YEAR = "school_year"
    ROLLING = "rolling"
    """Four quarters, a quarter later each time."""


def steps_of(indicator: Indicator) -> tuple[Step, ...]:
    """Return the steps in which an indicator can be read, its own first."""
    own = Step(indicator.frequency)
    if own is not Step.QUARTER:
        return (own,)
    longer = (own, Step.SEMESTER, Step.YEAR)
    return longer if indicator.stock else (*longer, Step.ROLLING)


def latest_ended(step: Step, day: date) -> Span:
    """Return the newest span of a step that was over at the end of `day`."""
    if step is Step.ROLLING:
        return Window(Period.latest_ended(day, Frequency.QUARTER), ROLLING_QUARTERS)
    return Period.latest_ended(day, Frequency(step))


def spans_between(step: Step, first: Period, last: Period) -> list[Span]:
    """Return the spans of a step that begin in or after the one holding `first` and end by the end of `last`.

    A rolling window begins with `first` at the earliest: those before it could never be whole.
    """
    if step is Step.ROLLING:
        newest = first.shifted(ROLLING_QUARTERS - 1)
        rolling: list[Span] = []
        while newest <= last:
            rolling.append(Window(newest, ROLLING_QUARTERS))
            newest = newest.shifted(1)
        return rolling
    span, found = Period.containing(first.start, Frequency(step)), []
    while span.end <= last.end:
        found.append(span)
        span = span.shifted(1)
    return [*found]


def parts_of(span: Span, indicator: Indicator) -> list[Period]:
    """Return the periods whose counts make a figure of that span, oldest first; none if there is no such figure.

    For the period itself that is the period, or the cohorts that the sheet pools. Periods of two definitions are never
    added up.
    """
    return [] if adds_across_definitions(span, indicator) else _parts(span, indicator)


def adds_across_definitions(span: Span, indicator: Indicator) -> bool:
    """Whether a figure of that span would add up periods of two definitions of the indicator: there is none."""
    if indicator.redefined_on is None:
        return False
    parts = _parts(span, indicator)
    return len(parts) > 1 and indicator.redefined_within(parts[0].start, parts[-1].end)


def _parts(span: Span, indicator: Indicator) -> list[Period]:
    match span:
        case Period(frequency=frequency) if frequency is indicator.frequency:
            return span.last(indicator.pooled)
        case Period(frequency=Frequency.SEMESTER | Frequency.YEAR) if indicator.frequency is Frequency.QUARTER:
            newest = Period.containing(span.end, Frequency.QUARTER)
            return [newest] if indicator.stock else newest.last(span.frequency.months // newest.frequency.months)
        case Window(newest=newest, count=count) if (
            newest.frequency is indicator.frequency is Frequency.QUARTER
            and count == ROLLING_QUARTERS
            and not indicator.stock
        ):
            return span.periods
        case _:
            return []


def is_thin(quarters: Sequence[Figure]) -> bool:
    """Whether the quarters of one structure are too small to be read one by one (METHODS 4).

    So they are when, of the last eight, the median denominator of those delivered is under twenty, for a rate of
    people. One that is withheld counts as under twenty: what the reader may not see does not decide what they
    are shown.
    """
    sizes = [
        figure.shown.denominator if figure.shown else 0.0
        for figure in quarters[-RECENT:]
        if figure.shown or figure.status is Status.WITHHELD
    ]
    known = [size for size in sizes if size is not None]
    rate = bool(quarters) and quarters[-1].indicator.sampled
    return rate and bool(known) and median(known) < JUDGED_FROM
