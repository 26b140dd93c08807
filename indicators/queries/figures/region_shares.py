"""Share of each region in the network's figure: its weight in the ratio of the sums, not a performance."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Span
from indicators.figures.figure import Figure, Status, Value
from indicators.queries.figures.figures import PART_COLUMN, figure_from_row, level_figures, perimeter_figures
from indicators.snapshot import QueryContext

MIN_REGIONS_TOGETHER: Final = 2
"""Withheld regions from which their joint figure is named: that of one alone would be its own."""


@dataclass(frozen=True)
class RegionShare:
    """A region with its figure and its share of the network's counts (0 to 1), null if unknown."""

    region: str
    figure: Figure
    share: float | None


@dataclass(frozen=True)
class RegionShares:
    """The network's figure and its regions, sorted by code.

    `withheld_share` is the joint share of the withheld regions; null if there are none or if it is unknown. `others` is
    their joint figure: the network's less those of the regions shown, which anybody may compute. It is null where fewer
    than two are withheld, and where what is left is no figure of them.
    """

    network: Figure
    regions: Sequence[RegionShare]
    withheld_share: float | None
    others: Figure | None = None

    @property
    def shown_count(self) -> int:
        """Number of regions whose figure is shown."""
        return sum(region.figure.shown is not None for region in self.regions)

    @property
    def are_mostly_shown(self) -> bool:
        """Whether at least half of the regions where somebody counts it show their figure: enough for a map."""
        concerned = [region for region in self.regions if region.figure.status is not Status.NOT_APPLICABLE]
        return 2 * self.shown_count >= len(concerned)

    @property
    def withheld_count(self) -> int:
        """Number of regions whose figure is withheld."""
        return sum(region.figure.status is Status.WITHHELD for region in self.regions)


def region_shares(context: QueryContext, indicator: Indicator, period: Span) -> RegionShares:
    """Return the regions of the network with the share of each in one indicator and period.

    Their suppression is decided together. A share is of the cases, of the counts if there is no denominator, of the
    value if quotients are added up (full-time equivalents).
    """
    network_figure = _figure(context, NETWORK, indicator, period)
    regions = sorted({structure.region for structure in context.snapshot.structures.as_of(period.end).by_id.values()})
    rows = _rows_by_region(context, indicator, period)
    figure_by_region = {
        region: figure_from_row(context, Perimeter(Level.REGION, region), indicator, period, rows.get(region))
        for region in regions
    }
    total = figure_weight(network_figure)
    weights = {
        region: region_weight
        for region, figure in figure_by_region.items()
        if (region_weight := figure_weight(figure)) is not None
    }
    # A total reported by a region without a register is not included in the network's figure.
    adds_up = total is not None and total > 0 and sum(weights.values()) <= total * (1 + 1e-9)
    shares = {region: own / total for region, own in weights.items()} if adds_up and total else {}
    is_any_withheld = any(figure.status is Status.WITHHELD for figure in figure_by_region.values())
    withheld_share = max(1 - sum(shares.values()), 0.0) if adds_up and is_any_withheld else None
    return RegionShares(
        network_figure,
        [RegionShare(region, figure, shares.get(region)) for region, figure in figure_by_region.items()],
        withheld_share,
        _others(network_figure, figure_by_region.values()) if adds_up else None,
    )


def _others(network: Figure, regions: Collection[Figure]) -> Figure | None:
    """Return what the network's figure leaves for the regions that are withheld, all together.

    It is made of figures shown, so it shows nothing new, and the control has already taken it for granted: it hides one
    more region wherever this difference would not be safe (`differences`, `equations` in docs/disclosure.md).
    """
    shown = [figure.shown for figure in regions if figure.shown]
    withheld = sum(figure.status is Status.WITHHELD for figure in regions)
    whole, sheet = network.shown, network.indicator
    if whole is None or whole.numerator is None or withheld < MIN_REGIONS_TOGETHER:
        return None
    # Where some are counted from registers and others declared, only the first are in the network's figure.
    if any(one.numerator is None or one.from_register is not whole.from_register for one in shown):
        return None
    numerator = whole.numerator - fsum(one.numerator or 0.0 for one in shown)
    contributors = whole.contributors - sum(one.contributors for one in shown)
    if whole.denominator is None:
        return replace(
            network, outcome=Value(numerator, numerator, None, contributors, whole.from_register), target=None
        )
    denominator = whole.denominator - fsum(one.denominator or 0.0 for one in shown)
    if denominator <= 0:
        return None
    value = Value(numerator / denominator * sheet.scale, numerator, denominator, contributors, whole.from_register)
    return replace(network, outcome=value, target=None)


def figure_weight(figure: Figure) -> float | None:
    """Return the weight of a figure in a sum of several; `None` if it is not shown or has no counts."""
    shown, indicator = figure.shown, figure.indicator
    if shown is None:
        return None
    if indicator.denominator_required and indicator.aggregation != "ratio":
        return shown.value
    if shown.numerator is None:
        return None
    return shown.numerator if shown.denominator is None else shown.denominator


def _rows_by_region(context: QueryContext, indicator: Indicator, period: Span) -> dict[str, dict[str, object]]:
    """Return the row of each region in one indicator and period."""
    figures = level_figures(context, Level.REGION, [indicator], period.end, period.end)
    rows = figures.rows.filter(pl.col("period") == period.code).iter_rows(named=True)
    return {str(row[PART_COLUMN]): row for row in rows}


def _figure(context: QueryContext, perimeter: Perimeter, indicator: Indicator, period: Span) -> Figure:
    figures = perimeter_figures(context, perimeter, [indicator], period.end, period.end).rows
    rows = {row["period"]: row for row in figures.iter_rows(named=True)}
    return figure_from_row(context, perimeter, indicator, period, rows.get(period.code))
