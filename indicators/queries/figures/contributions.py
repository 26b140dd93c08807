"""Which structures make up a perimeter's figure: each with its own, as far as the reader sees it, and its share."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter, Structure
from indicators.definitions.periods import Span
from indicators.figures.figure import Figure, Status
from indicators.queries.comparison.scope import sort_by_name
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.queries.figures.figures import figure_from_row
from indicators.queries.figures.region_shares import figure_weight
from indicators.snapshot import QueryContext


@dataclass(frozen=True)
class Contribution:
    """A structure with its own figure, and its share of the perimeter's counts (0 to 1), null if unknown."""

    structure: Structure
    figure: Figure
    share: float | None


@dataclass(frozen=True)
class Contributions:
    """A perimeter's figure and its structures, sorted by name: never by a figure.

    `withheld_share` is the joint share of those whose figure is withheld; null if there are none or if it is unknown.
    """

    total: Figure
    structures: Sequence[Contribution]
    withheld_share: float | None

    @property
    def withheld_count(self) -> int:
        """Number of structures whose figure is withheld."""
        return sum(one.figure.status is Status.WITHHELD for one in self.structures)


def find_contributions(
    context: QueryContext, perimeter: Perimeter, total: Figure, managed: Collection[str] = ()
) -> Contributions:
    """Return the structures to which the indicator of a perimeter's figure applies, each with its figure and share.

    `managed` are the structures of which the reader sees the management figures; all others are read as peers are.
    Shares are of the counts, as those of regions; where the figures shown do not add up to a part of it, none is known.
    """
    indicator, period = total.indicator, total.period
    figures = _figures(context, perimeter, indicator, period, managed)
    as_of_period = context.snapshot.structures.as_of(period.end)
    members = [
        as_of_period[code]
        for code in context.snapshot.structures.members_on(perimeter, period.end)
        if indicator.applies_to(as_of_period[code].kind) and as_of_period[code].is_open_during(period)
    ]
    whole = figure_weight(total)
    weights = {code: weight for code, figure in figures.items() if (weight := figure_weight(figure)) is not None}
    in_total = _those_counted(total, figures)
    counted = {code: weight for code, weight in weights.items() if code in in_total}
    adds_up = whole is not None and whole > 0 and sum(counted.values()) <= whole * (1 + 1e-9)
    shares = {code: weight / whole for code, weight in counted.items()} if adds_up and whole else {}
    contributions = [
        Contribution(member, figures[member.id], shares.get(member.id))
        for member in sort_by_name(context.snapshot, members)
        if member.id in figures
    ]
    is_any_withheld = any(one.figure.status is Status.WITHHELD for one in contributions)
    # What is left of a public total, once an insider's own hidden figure is taken out of it, is not said to anybody.
    is_insider = bool(managed) and context.audience is not Audience.MANAGEMENT
    has_rest = adds_up and is_any_withheld and not is_insider and perimeter.level is not Level.CHOICE
    return Contributions(total, contributions, max(1 - sum(shares.values()), 0.0) if has_rest else None)


def _figures(
    context: QueryContext, perimeter: Perimeter, indicator: Indicator, period: Span, managed: Collection[str]
) -> Mapping[str, Figure]:
    """Return the figure of each structure that reported, for the audience to which the reader belongs there."""
    figures = _rows(context.of_peers, perimeter, indicator, period)
    if managed:
        own = _rows(replace(context, audience=Audience.MANAGEMENT), perimeter, indicator, period)
        figures |= {code: figure for code, figure in own.items() if code in managed}
    return figures


def _rows(context: QueryContext, perimeter: Perimeter, indicator: Indicator, period: Span) -> dict[str, Figure]:
    rows = figures_by_structure(context, perimeter, indicator, period).rows.with_columns(
        pl.lit(1).alias("contributors")
    )
    return {
        row["structure"]: figure_from_row(context, Perimeter(Level.STRUCTURE, row["structure"]), indicator, period, row)
        for row in rows.iter_rows(named=True)
    }


def _those_counted(total: Figure, figures: Mapping[str, Figure]) -> Collection[str]:
    """Return the structures that are in a total: of a choice those it names; a total of registers has no others'."""
    if total.shown is None:
        return ()
    return total.shown.made_of or figures.keys()
