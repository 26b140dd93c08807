"""What each region counts in the network: its weight in the ratio of the sums, never a merit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Span
from indicators.figures.figure import Figure, Status
from indicators.network import Reading
from indicators.queries.figures.figures import figures, read_figure


@dataclass(frozen=True)
class Contribution:
    """A region with its figure, and its share of what the network counted (0 to 1), where that can be told."""

    region: str
    figure: Figure
    share: float | None


@dataclass(frozen=True)
class Contributions:
    """The network's figure and its regions, by their codes.

    `rest` is the share of the regions that are withheld, together; null where none is or where it cannot be told.
    """

    whole: Figure
    regions: Sequence[Contribution]
    rest: float | None

    @property
    def withheld(self) -> int:
        """How many regions counted something that is not shown."""
        return sum(one.figure.status is Status.WITHHELD for one in self.regions)


def contributions(
    reading: Reading, indicator: Indicator, period: Span, audience: Audience, today: date
) -> Contributions:
    """Return the regions in which the network has structures with what each counts of one indicator in one period.

    Each is protected with the others in view. A share is of the cases, of the counts where there is no denominator, of
    the value where quotients are added up (full-time equivalents).
    """
    whole = _figure(reading, NETWORK, indicator, period, audience, today)
    regions = sorted({structure.region for structure in reading.structures.at(period.end).by_id.values()})
    found = {
        region: _figure(reading, Perimeter(Level.REGION, region), indicator, period, audience, today)
        for region in regions
    }
    total = weight(whole)
    known = {region: own for region, figure in found.items() if (own := weight(figure)) is not None}
    # A total that a region reports without the register that others keep is no part of the network's figure.
    told = total is not None and total > 0 and sum(known.values()) <= total * (1 + 1e-9)
    shares = {region: own / total for region, own in known.items()} if told and total else {}
    hidden = any(figure.status is Status.WITHHELD for figure in found.values())
    rest = max(1 - sum(shares.values()), 0.0) if told and hidden else None
    return Contributions(
        whole, [Contribution(region, figure, shares.get(region)) for region, figure in found.items()], rest
    )


def weight(figure: Figure) -> float | None:
    """Return how much a figure weighs in a sum of several; nothing where it is not shown, or without its counts."""
    shown, indicator = figure.shown, figure.indicator
    if shown is None:
        return None
    if indicator.denominator_required and indicator.aggregation != "ratio":
        return shown.value
    if shown.numerator is None:
        return None
    return shown.numerator if shown.denominator is None else shown.denominator


def _figure(
    reading: Reading, perimeter: Perimeter, indicator: Indicator, period: Span, audience: Audience, today: date
) -> Figure:
    found = figures(reading, perimeter, [indicator], period.end, period.end, audience)
    rows = {row["period"]: row for row in found.iter_rows(named=True)}
    return read_figure(reading, perimeter, indicator, period, rows.get(period.code), today)
