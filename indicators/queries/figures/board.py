"""The board of a perimeter: a tile an indicator, with its recent history and the year before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Frequency, Period
from indicators.figures.figure import Figure, Status
from indicators.network import Reading
from indicators.queries.figures.figures import figures, read_figure

PERIODS: Final = 8
"""How many periods a tile's history shows."""


@dataclass(frozen=True)
class Tile:
    """One indicator on a board: its figure, its history (oldest first, the figure last), the year before."""

    figure: Figure
    history: Sequence[Figure]

    @property
    def indicator(self) -> Indicator:
        """The indicator's sheet."""
        return self.figure.indicator

    @property
    def year_earlier(self) -> Figure | None:
        """The same period of the year before."""
        before = self.figure.period.year_earlier
        return next((figure for figure in self.history if figure.period == before), None)


def board(
    reading: Reading,
    perimeter: Perimeter,
    quarter: Period,
    audience: Audience,
    today: date,
    indicators: Sequence[Indicator] | None = None,
    *,
    whole: bool = False,
) -> list[Tile]:
    """Return the tiles of a perimeter as of the end of a quarter, in the order of the catalogue.

    Each indicator is shown for its own newest period that was over by then; a quarterly one of which no quarter was
    reported in two years, but a calendar year was, is shown for that year. Indicators that apply to no structure of
    the perimeter, or that the reader may not see, have no tile. The names asked for, if any, limit the board. The
    store is asked for the periods shown or, where the board's quarter is one of many to come, for the `whole` past.
    """
    shown = sheets_of(reading, perimeter, audience, quarter, indicators)
    latest = {frequency: Period.latest_ended(quarter.end, frequency) for frequency in Frequency}
    first = min(period.shifted(1 - PERIODS).start for period in latest.values())
    since, until = (date.min, date.max) if whole else (first, quarter.end)
    found = figures(reading, perimeter, shown, since, until, audience)
    rows: Mapping[tuple[str, str], dict[str, object]] = {
        (row["indicator"], row["period"]): row for row in found.iter_rows(named=True)
    }
    newest = {frequency: period.last(PERIODS) for frequency, period in latest.items()}
    tiles = []
    for sheet in shown:
        history = [
            read_figure(reading, perimeter, sheet, period, rows.get((sheet.id, period.code)), today)
            for period in _periods_shown(sheet, newest, rows)
        ]
        concerned = any(figure.reading is not Status.NOT_APPLICABLE for figure in history)
        if perimeter.level is Level.STRUCTURE or concerned:
            tiles.append(Tile(history[-1], history))
    return tiles


def _periods_shown(
    sheet: Indicator, newest: Mapping[Frequency, Sequence[Period]], rows: Mapping[tuple[str, str], dict[str, object]]
) -> Sequence[Period]:
    """Return the periods of a tile, oldest first: the newest of its sheet's own, or the years reported instead."""
    own = newest[sheet.frequency]
    if sheet.frequency is not Frequency.QUARTER or any(_reported(sheet, period, rows) for period in own):
        return own
    years = list(newest[Frequency.YEAR])
    while years and not _reported(sheet, years[-1], rows):
        years.pop()
    return years or own


def _reported(sheet: Indicator, period: Period, rows: Mapping[tuple[str, str], dict[str, object]]) -> bool:
    """Whether there is a figure of a period, shown or not."""
    row = rows.get((sheet.id, period.code))
    return row is not None and row["status"] not in {Status.MISSING, Status.NOT_APPLICABLE}


def sheets_of(
    reading: Reading,
    perimeter: Perimeter,
    audience: Audience,
    quarter: Period,
    indicators: Sequence[Indicator] | None = None,
) -> list[Indicator]:
    """Return the sheets of a board: those that concern who is in the perimeter then and that the reader may see."""
    then = reading.structures.at(quarter.end)
    kinds = {then[member].kind for member in reading.structures.members_on(perimeter, quarter.end)}
    return [
        sheet
        for sheet in (indicators if indicators is not None else reading.catalogue)
        if audience.sees(sheet.audience) and any(map(sheet.applies_to, kinds))
    ]
