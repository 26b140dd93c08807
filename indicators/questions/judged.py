"""Figures with what they can bear: against their target, against the network, against their own past.

Only what the reader sees is judged: a withheld figure is a gap in the series, never a hidden point of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from indicators.catalogue import Audience, Indicator
from indicators.figures import Figure, Status
from indicators.judgement import Judgement, compare
from indicators.judgement.process import Latest, Process, latest_signal, process
from indicators.judgement.reference import FEWEST_SHARING
from indicators.judgement.trend import Count, NotComputable, RecentTrend, Trend, recent_trend
from indicators.network import Reading
from indicators.perimeters import Level, Perimeter
from indicators.periods import Period
from indicators.questions.board import Tile, board, sheets_of
from indicators.questions.figures import figures, read_figure
from indicators.rebasings import Rebasing, cuts


@dataclass(frozen=True)
class Reference:
    """The rate of the peers a figure is compared with: the ratio of their sums, in the unit of the value."""

    value: float
    contributors: int
    peers: Perimeter


@dataclass(frozen=True)
class Judged:
    """A tile with what may be said of its figure, and nothing more."""

    tile: Tile
    series: Sequence[Figure]
    """Every figure of the indicator's own frequency up to the tile's, oldest first."""
    reference: Reference | None
    rebased: Sequence[Rebasing] = ()

    @property
    def figure(self) -> Figure:
        """The figure judged."""
        return self.tile.figure

    @property
    def indicator(self) -> Indicator:
        """Its indicator."""
        return self.tile.indicator

    @property
    def against_target(self) -> Judgement | None:
        """The comparison with the target, once chance is allowed for."""
        return self.figure.judgement

    @property
    def against_reference(self) -> Judgement | None:
        """The comparison with the peers, once chance is allowed for."""
        counts = self.figure.proportion
        if self.reference is None or counts is None:
            return None
        return compare(*counts, self.reference.value / self.indicator.scale, self.indicator.direction)

    @cached_property
    def process(self) -> Process:
        """The series as a process behaviour chart, or an empty one (`own_process`)."""
        return own_process(self.series, self.indicator, self.rebased)

    @property
    def signal(self) -> Latest | None:
        """The special cause of the latest point, if there is one and if its cases are enough to be judged."""
        return latest_signal(self.process) if self.figure.status is Status.OK else None

    @cached_property
    def trend(self) -> RecentTrend:
        """What the five latest points do; not computable for what is no proportion, or counts some cases twice.

        Points before a re-basing are not like those after it: they are left out.
        """
        if not (self.indicator.capped and self.indicator.numerator_whole and own_points(self.indicator)):
            return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.NO_DENOMINATOR)
        first = max(cuts(self.rebased, [figure.period for figure in self.series]), default=0)
        return recent_trend([_count(figure) for figure in self.series[first:]])


def behaviour(series: Sequence[Figure], indicator: Indicator, rebased: Sequence[Rebasing]) -> Process:
    """Return a series, oldest first, as a process behaviour chart cut at its re-basings; the target is its last."""
    values = [figure.shown.value if figure.shown else None for figure in series]
    goal = series[-1].target if series else None
    positions = cuts(rebased, [figure.period for figure in series])
    return process(values, indicator.direction, target=goal.value if goal else None, rebased=positions)


def own_process(series: Sequence[Figure], indicator: Indicator, rebased: Sequence[Rebasing]) -> Process:
    """Return a series as a process behaviour chart; an empty one where its points resemble their neighbours.

    Windows share quarters, pooled cohorts share one, a stock is nearly what it was.
    """
    alone = own_points(indicator) and all(isinstance(figure.period, Period) for figure in series)
    return behaviour(series if alone else (), indicator, rebased)


def own_points(indicator: Indicator) -> bool:
    """Whether each point of a series counts what no other does: not so of a stock, nor of cohorts pooled."""
    return not indicator.stock and indicator.pooled == 1


def judged_board(
    reading: Reading, perimeter: Perimeter, peers: Perimeter, quarter: Period, audience: Audience, today: date
) -> list[Judged]:
    """Return the board of a perimeter as of the end of a quarter, each tile with what its figure can bear.

    `peers` are those whose rate is the reference; a perimeter that holds nobody else is none.
    """
    # The histories below are the same question, and so are those of another quarter: it is asked once for all.
    tiles = board(reading, perimeter, quarter, audience, today, whole=True)
    references = _references(reading, perimeter, peers, [tile.figure for tile in tiles], audience)
    histories = _histories(reading, perimeter, tiles, audience, today)
    return [
        Judged(tile, histories[name], references.get(name), reading.rebased(perimeter, name))
        for tile in tiles
        for name in [tile.indicator.id]
    ]


def _histories(
    reading: Reading, perimeter: Perimeter, tiles: Sequence[Tile], audience: Audience, today: date
) -> dict[str, Sequence[Figure]]:
    """Return the whole series of each tile's indicator up to its figure, asked at once."""
    sheets = sheets_of(reading, perimeter, audience)
    found = figures(reading, perimeter, sheets, date.min, date.max, audience)
    rows: dict[str, dict[str, dict[str, object]]] = {sheet.id: {} for sheet in sheets}
    for row in found.iter_rows(named=True):
        rows[row["indicator"]][row["period"]] = row
    histories: dict[str, Sequence[Figure]] = {}
    for tile in tiles:
        sheet, own = tile.indicator, rows[tile.indicator.id]
        latest = Period.containing(tile.figure.period.end, sheet.frequency)
        first = min((p for p in map(Period.parse, own) if p.frequency is sheet.frequency), default=latest)
        known = {figure.period: figure for figure in tile.history}
        periods = [latest]
        while periods[0] > first:
            periods.insert(0, periods[0].shifted(-1))
        histories[sheet.id] = [
            known.get(period) or read_figure(reading, perimeter, sheet, period, own.get(period.code), today)
            for period in periods
        ]
    return histories


def _references(
    reading: Reading, perimeter: Perimeter, peers: Perimeter, judged: Sequence[Figure], audience: Audience
) -> dict[str, Reference]:
    """Return the rate of the peers in the period of each figure, where there are others among them.

    Whoever manages a structure sees of its peers what the members of the network see.
    """
    if peers == perimeter:
        return {}
    audience = audience.of_others
    references = {}
    periods = {figure.period for figure in judged if figure.proportion is not None}
    for period in periods:
        sheets = [f.indicator for f in judged if f.period == period and f.proportion is not None]
        found = figures(reading, peers, sheets, period.end, period.end, audience)
        for row in found.iter_rows(named=True):
            usable = row["period"] == period.code and row["value"] is not None and row["denominator"]
            if usable and row["contributors"] >= FEWEST_SHARING:
                references[row["indicator"]] = Reference(row["value"], row["contributors"], peers)
    return references


def _count(figure: Figure) -> Count | None:
    """Return the counts of a proportion, both whole; none of another figure, which is a gap in the trend."""
    counts = figure.proportion
    return counts if counts and all(part.is_integer() for part in counts) else None


def peers_of(reading: Reading, structure: str, *, same_kind: bool) -> Perimeter:
    """Return whom a structure is compared with: the network, or the structures of its kind."""
    return Perimeter(Level.KIND, reading.structures[structure].kind) if same_kind else Perimeter(Level.NETWORK)
