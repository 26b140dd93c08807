"""What the page of the network opens with when its address says nothing: what has most to show."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.figures.figure import Status
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.queries.figures.assessed_board import AssessedFigure
from indicators.queries.figures.board import visible_sheets
from indicators.queries.figures.figures import level_figures, perimeter_figures
from indicators.snapshot import QueryContext, per_version

OPENING_QUARTERS: Final = 4
"""Quarters back to which a page may open, the newest completed one included: a year."""
ENOUGH_TO_SHOW: Final = 0.5
"""Share of the fullest quarter that the newest must show to be opened: a figure or two less is no reason for old ones.
"""


@per_version
def opening_quarter(context: QueryContext, perimeter: Perimeter) -> Period | None:
    """Return the quarter on which a page about a perimeter opens; null before the first completed one.

    It is the newest completed one, unless it shows under half of the quarterly figures that the fullest of the last
    four does: then the fullest.
    """
    quarters = [quarter for quarter in reported_quarters(context.snapshot) if quarter.end < context.today]
    if not quarters:
        return None
    candidates = [quarter for quarter in quarters if quarter > quarters[0].shifted(-OPENING_QUARTERS)]
    # The question of the board itself: in a large network, another one would be read anew.
    sheets = visible_sheets(context, perimeter, quarters[0])
    rows = perimeter_figures(context, perimeter, sheets, date.min, date.max).rows
    shown = rows.filter(pl.col("status") == Status.OK)["period"].to_list()
    counts = {quarter: shown.count(quarter.code) for quarter in candidates}
    fullest = max(candidates, key=lambda quarter: counts[quarter])
    return candidates[0] if counts[candidates[0]] >= ENOUGH_TO_SHOW * counts[fullest] else fullest


def opening_indicator(context: QueryContext, tiles: Mapping[str, AssessedFigure]) -> str:
    """Return the indicator on which the page opens: a rate if there is one, that most regions show, for the longest.

    `tiles` are those with a published history, by indicator; among equals it is the first, in the order of the
    catalogue. One whose own figure is not shown is opened only if there is no other. Amounts come after rates: a map of
    them says which regions are large.
    """
    regions = _count_shown_regions(context, [(one.indicator, one.figure.period.end) for one in tiles.values()])

    def richness(name: str) -> tuple[bool, bool, int, int]:
        one = tiles[name]
        history = sum(figure.shown is not None for figure in one.series)
        is_rate = one.indicator.aggregation == "ratio"
        return one.figure.shown is not None, is_rate, regions.get(name, 0), history

    return max(tiles, key=richness)


@per_version
def _count_shown_regions(context: QueryContext, ends: Sequence[tuple[Indicator, date]]) -> Mapping[str, int]:
    """Count the regions that show each indicator in its period that ends on a day."""
    counts: dict[str, int] = {}
    for end in {day for _, day in ends}:
        sheets = [sheet for sheet, day in ends if day == end]
        rows = level_figures(context, Level.REGION, sheets, end, end).rows.filter(pl.col("status") == Status.OK)
        own = {sheet.id: sheet.frequency for sheet in sheets}
        for indicator, period in rows.select("indicator", "period").iter_rows():
            if Period.parse(period).frequency is own[indicator]:
                counts[indicator] = counts.get(indicator, 0) + 1
    return counts
