"""The board of a perimeter: one tile per indicator, with its recent history and the figure a year earlier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Frequency, Period
from indicators.figures.figure import Figure, Status
from indicators.queries.figures.figures import figure_from_row, of_same_structures, perimeter_figures
from indicators.snapshot import QueryContext

HISTORY_PERIODS: Final = 8
"""Number of periods in a tile's history."""


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


def compute_board(
    context: QueryContext,
    perimeter: Perimeter,
    quarter: Period,
    indicators: Sequence[Indicator] | None = None,
    *,
    entire_past: bool = False,
) -> list[Tile]:
    """Return the tiles of a perimeter as of the end of a quarter, in the order of the catalogue.

    Each indicator is shown for its own newest period that was over by then; a quarterly one without a reported quarter
    in two years is shown for its latest reported calendar year, if any. Indicators that apply to no structure of the
    perimeter, or that the audience may not see, have no tile. `indicators`, if given, limit the board. The query covers
    the periods shown or, when boards of other quarters will follow, the `entire_past`.
    """
    sheets = visible_sheets(context, perimeter, quarter, indicators)
    latest = {frequency: Period.latest_ended(quarter.end, frequency) for frequency in Frequency}
    first = min(period.shifted(1 - HISTORY_PERIODS).start for period in latest.values())
    since, until = (date.min, date.max) if entire_past else (first, quarter.end)
    figures = perimeter_figures(context, perimeter, sheets, since, until).rows
    rows: Mapping[tuple[str, str], dict[str, object]] = {
        (row["indicator"], row["period"]): row for row in figures.iter_rows(named=True)
    }
    newest = {frequency: period.trailing(HISTORY_PERIODS) for frequency, period in latest.items()}
    tiles = []
    for sheet in sheets:
        history = of_same_structures(
            [
                figure_from_row(context, perimeter, sheet, period, rows.get((sheet.id, period.code)))
                for period in _periods_shown(sheet, newest, rows)
            ]
        )
        is_applicable = any(figure.outcome is not Status.NOT_APPLICABLE for figure in history)
        if perimeter.level is Level.STRUCTURE or is_applicable:
            tiles.append(Tile(history[-1], history))
    return tiles


def _periods_shown(
    sheet: Indicator, newest: Mapping[Frequency, Sequence[Period]], rows: Mapping[tuple[str, str], dict[str, object]]
) -> Sequence[Period]:
    """Return the periods of a tile, oldest first: the newest of its sheet's own, or the years reported instead."""
    own_periods = newest[sheet.frequency]
    if sheet.frequency is not Frequency.QUARTER or any(_is_reported(sheet, period, rows) for period in own_periods):
        return own_periods
    years = list(newest[Frequency.YEAR])
    while years and not _is_reported(sheet, years[-1], rows):
        years.pop()
    return years or own_periods


def _is_reported(sheet: Indicator, period: Period, rows: Mapping[tuple[str, str], dict[str, object]]) -> bool:
    """Whether there is a figure of a period, shown or withheld."""
    row = rows.get((sheet.id, period.code))
    return row is not None and row["status"] not in {Status.MISSING, Status.NOT_APPLICABLE}


def visible_sheets(
    context: QueryContext, perimeter: Perimeter, quarter: Period, indicators: Sequence[Indicator] | None = None
) -> list[Indicator]:
    """Return the sheets of a board: those that apply to the perimeter's members then and that the audience may see."""
    as_of_quarter = context.snapshot.structures.as_of(quarter.end)
    kinds = {as_of_quarter[member].kind for member in context.snapshot.structures.members_on(perimeter, quarter.end)}
    return [
        sheet
        for sheet in (indicators if indicators is not None else context.snapshot.catalogue)
        if context.audience.sees(sheet.audience) and any(map(sheet.applies_to, kinds))
    ]
