"""Time steps in which an indicator can be shown, and the periods to add up for each.

A quarterly flow is shown by quarter, semester, calendar year or rolling four quarters; a stock has no rolling window,
and its semester or year is its last quarter. An indicator collected less often has its own step only.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from statistics import median
from typing import Final

from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Frequency, Period, Span, Window
from indicators.figures.figure import Figure, Status
from indicators.judgement import MIN_JUDGED_CASES

ROLLING_QUARTERS: Final = 4
"""Quarters of a rolling window: a whole year, free of seasonal effects."""

RECENT_QUARTERS: Final = 8
"""Latest quarters whose size decides whether a series needs a rolling window."""


class TimeStep(StrEnum):
    """Interval between the figures of a series, and length of each."""

    QUARTER = "quarter"
    SEMESTER = "semester"
    YEAR = "year"
    SCHOOL_YEAR = "school_year"
    ROLLING = "rolling"
    """Four quarters, a quarter later each time."""


def available_steps(indicator: Indicator) -> tuple[TimeStep, ...]:
    """Return the time steps available for an indicator, its own first."""
    own_step = TimeStep(indicator.frequency)
    if own_step is not TimeStep.QUARTER:
        return (own_step,)
    longer = (own_step, TimeStep.SEMESTER, TimeStep.YEAR)
    return longer if indicator.is_stock else (*longer, TimeStep.ROLLING)


def latest_ended(step: TimeStep, day: date) -> Span:
    """Return the newest span of a step that was over at the end of `day`."""
    if step is TimeStep.ROLLING:
        return Window(Period.latest_ended(day, Frequency.QUARTER), ROLLING_QUARTERS)
    return Period.latest_ended(day, Frequency(step))


def spans_covering(step: TimeStep, first: Period, last: Period) -> list[Span]:
    """Return the spans of a step from the one that contains `first` to the last that ends by the end of `last`.

    A rolling window begins with `first` at the earliest: earlier ones would be incomplete.
    """
    if step is TimeStep.ROLLING:
        newest = first.shifted(ROLLING_QUARTERS - 1)
        rolling: list[Span] = []
        while newest <= last:
            rolling.append(Window(newest, ROLLING_QUARTERS))
            newest = newest.shifted(1)
        return rolling
    span, spans = Period.containing(first.start, Frequency(step)), []
    while span.end <= last.end:
        spans.append(span)
        span = span.shifted(1)
    return [*spans]


def component_periods(span: Span, indicator: Indicator) -> list[Period]:
    """Return the periods whose counts make up the figure of a span, oldest first; empty if there is no such figure.

    A period of the indicator's own frequency consists of itself, or of the cohorts that the sheet pools. Periods of two
    definitions are never added up.
    """
    return [] if mixes_definitions(span, indicator) else _components(span, indicator)


def mixes_definitions(span: Span, indicator: Indicator) -> bool:
    """Whether a figure of that span would add up periods of two definitions of the indicator: there is none."""
    if indicator.redefined_on is None:
        return False
    parts = _components(span, indicator)
    return len(parts) > 1 and indicator.redefined_within(parts[0].start, parts[-1].end)


def _components(span: Span, indicator: Indicator) -> list[Period]:
    match span:
        case Period(frequency=frequency) if frequency is indicator.frequency:
            return span.trailing(indicator.pooled_cohorts)
        case Period(frequency=Frequency.SEMESTER | Frequency.YEAR) if indicator.frequency is Frequency.QUARTER:
            newest = Period.containing(span.end, Frequency.QUARTER)
            return [newest] if indicator.is_stock else newest.trailing(span.frequency.months // newest.frequency.months)
        case Window(newest=newest, count=count) if (
            newest.frequency is indicator.frequency is Frequency.QUARTER
            and count == ROLLING_QUARTERS
            and not indicator.is_stock
        ):
            return span.periods
        case _:
            return []


def needs_rolling(quarters: Sequence[Figure]) -> bool:
    """Whether the quarters of one structure are too small to be judged one by one (METHODS 4).

    True for a rate of people whose median denominator, over the delivered ones of the last eight quarters, is under
    twenty. A withheld quarter counts as under twenty: hidden counts must not influence what is shown.
    """
    sizes = [
        figure.shown.denominator if figure.shown else 0.0
        for figure in quarters[-RECENT_QUARTERS:]
        if figure.shown or figure.status is Status.WITHHELD
    ]
    known_sizes = [size for size in sizes if size is not None]
    is_rate = bool(quarters) and quarters[-1].indicator.is_rate_of_people
    return is_rate and bool(known_sizes) and median(known_sizes) < MIN_JUDGED_CASES
