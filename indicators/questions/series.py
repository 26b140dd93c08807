"""One indicator of one perimeter, over all the periods of which there is a figure."""

from collections.abc import Sequence
from datetime import date

from indicators.catalogue import Audience, Indicator
from indicators.figures import Figure
from indicators.network import Reading
from indicators.perimeters import Perimeter
from indicators.periods import Period
from indicators.questions.figures import figures, read_figure


def series(
    reading: Reading, perimeter: Perimeter, indicator: Indicator, audience: Audience, today: date
) -> Sequence[Figure]:
    """Return a figure for each period of the indicator's frequency, from the first reported to the last, oldest first.

    A period between them of which nothing is known is an absence, never left out. Nothing if the reader may not see
    the indicator.
    """
    found = figures(reading, perimeter, [indicator], date.min, date.max, audience)
    rows = {row["period"]: row for row in found.iter_rows(named=True)}
    periods = sorted(p for p in map(Period.parse, rows) if p.frequency is indicator.frequency and p.end < today)
    if not periods:
        return []
    return [
        read_figure(reading, perimeter, indicator, period, rows.get(period.code), today)
        for period in _between(periods[0], periods[-1])
    ]


def _between(first: Period, last: Period) -> list[Period]:
    periods = [first]
    while periods[-1] < last:
        periods.append(periods[-1].shifted(1))
    return periods
