"""Figures with what they can bear: against their target, against the network, against their own past.

Only what the reader sees is judged: a withheld figure is a gap in the series, never a hidden point of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import Final

import polars as pl

from indicators.cached import cached_property
from indicators.definitions.baselines import Break, Rebasing, crosses, cuts
from indicators.definitions.catalogue import Audience, Direction, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Frequency, Period, Span, Window
from indicators.figures.figure import Figure, Shown, Status
from indicators.figures.time_steps import ROLLING_QUARTERS, is_thin, parts_of
from indicators.figures.year_on_year import NotCompared, YearOnYear, year_on_year
from indicators.judgement import Judgement
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import Latest, Process, latest_signal, process
from indicators.judgement.funnel import Verdict, verdicts
from indicators.judgement.special_causes import Signal
from indicators.judgement.trend import NotComputable, RecentTrend, Trend, recent_trend
from indicators.network import Reading
from indicators.queries.comparison.matrix import columns
from indicators.queries.comparison.scope import Among
from indicators.queries.figures.board import Tile, board, sheets_of
from indicators.queries.figures.figures import figures, read_figure

YEARLY: Final = {Frequency.YEAR, Frequency.SCHOOL_YEAR}


@dataclass(frozen=True)
class Reference:
    """The rate of the peers a figure is compared with: the ratio of the sums of those shown, in the unit of the value.

    `verdict` and `side` are what the funnel of these peers reads of the figure, once more than chance is allowed for:
    the comparison page, its matrix and a tile say the same.
    """

    value: float
    peers: Perimeter
    verdict: Verdict | None = None
    side: Side | None = None


@dataclass(frozen=True)
class TargetHistory:
    """How many of the periods shown with a target met it, from the first of them."""

    met: int
    periods: int
    since: Span


@dataclass(frozen=True)
class Judged:
    """A tile with what may be said of its figure, and nothing more."""

    tile: Tile
    series: Sequence[Figure]
    """Every figure of the frequency of the tile's, up to it, oldest first."""
    reference: Reference | None
    breaks: Sequence[Break] = ()
    """Where the series begins anew, oldest first."""

    @property
    def rebased(self) -> Sequence[Rebasing]:
        """Where it begins anew because somebody decided so."""
        return [one for one in self.breaks if isinstance(one, Rebasing)]

    @property
    def break_shown(self) -> Break | None:
        """The newest break inside the history that the tile draws."""
        first, last = self.tile.history[0].period, self.tile.history[-1].period
        return next((one for one in reversed(self.breaks) if crosses([one], first, last)), None)

    @cached_property
    def target_figure(self) -> Figure:
        """The figure that the target is judged on: the tile's own, or the last four quarters where quarters are thin.

        The window has the target if that held during all of it, and is made of quarters that are shown to this reader.
        """
        window = rolling(self.series, self.breaks) if is_thin(self.series) else None
        return window if window is not None and window.target is not None else self.figure

    @property
    def target_history(self) -> TargetHistory | None:
        """How often the figures shown met the target then in force; none without any, or without a direction."""
        if self.indicator.direction not in {Direction.UP, Direction.DOWN}:
            return None
        held = [figure for figure in self.series if figure.shown and figure.target]
        met = [figure.meets_target for figure in held]
        return TargetHistory(sum(map(bool, met)), len(met), held[0].period) if held else None

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
        """The comparison with the peers, as their funnel reads it; none without a direction or of too few cases."""
        judged = self.indicator.direction in {Direction.UP, Direction.DOWN}
        if self.reference is None or not judged or self.reference.verdict in {None, Verdict.TOO_FEW}:
            return None
        if self.reference.side is None:
            return Judgement.COMPARABLE
        good = (self.reference.side is Side.ABOVE) == (self.indicator.direction is Direction.UP)
        return Judgement.BETTER if good else Judgement.WORSE

    @cached_property
    def year_on_year(self) -> YearOnYear | NotCompared:
        """The figure against that of a year earlier."""
        return year_on_year(self.series, self.breaks)

    @cached_property
    def process(self) -> Process:
        """The series as a process behaviour chart, or an empty one (`own_process`)."""
        return own_process(self.series, self.indicator, self.breaks)

    @property
    def signal(self) -> Latest | None:
        """The special cause of the latest point, if there is one and if its cases are enough to be judged.

        A lasting change of a rate of people is weighed over many quarters: the last may be of few.
        """
        latest = latest_signal(self.process)
        if latest is not None and latest.signal is Signal.LASTING:
            return latest if self.figure.shown else None
        return latest if self.figure.status is Status.OK else None

    @property
    def signal_since(self) -> Span | None:
        """The period in which what `signal` tells was first told."""
        return self.series[self.signal.since].period if self.signal else None

    @cached_property
    def trend(self) -> RecentTrend:
        """What the five latest points of yearly figures of people do; not computable for anything else (METHODS 5).

        Points before a break are not like those after it: they are left out.
        """
        if not (self.indicator.sampled and own_points(self.indicator)):
            return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.NO_DENOMINATOR)
        if not all(isinstance(f.period, Period) and f.period.frequency in YEARLY for f in self.series):
            return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.NOT_YEARLY)
        first = max(cuts(self.breaks, [figure.period for figure in self.series]), default=0)
        return recent_trend([_whole_counts(figure) for figure in self.series[first:]])


def behaviour(series: Sequence[Figure], indicator: Indicator, breaks: Sequence[Break]) -> Process:
    """Return a series, oldest first, as a process behaviour chart cut at its breaks; the target is its last.

    Of a rate of people collected by quarter, a CUSUM on the counts of quarters is the only test (METHODS 4.3): its
    semesters and years are drawn with their limits, and nothing is told of them.
    """
    values = [figure.shown.value if figure.shown else None for figure in series]
    goal = series[-1].target if series else None
    quarters = all(
        figure.period.frequency is Frequency.QUARTER for figure in series if isinstance(figure.period, Period)
    )
    by_counts = has_lasting_changes(indicator)
    return process(
        values,
        indicator.direction,
        target=goal.value if goal else None,
        rebased=cuts(breaks, [figure.period for figure in series]),
        counts=[_whole_counts(figure) for figure in series] if by_counts and quarters else None,
        tested=quarters or not by_counts,
    )


def rolling(series: Sequence[Figure], breaks: Sequence[Break]) -> Figure | None:
    """Return the last four quarters of a structure's series as one figure, with the target if it held throughout.

    None where one of them is not shown with its counts, where the series begins anew in between, and where its points
    are not quarters that a window adds up: years, or stocks, of which four count the same people four times.
    """
    quarters = series[-ROLLING_QUARTERS:]
    if len(quarters) < ROLLING_QUARTERS or not isinstance(quarters[-1].period, Period):
        return None
    sheet, window = quarters[-1].indicator, Window(quarters[-1].period, ROLLING_QUARTERS)
    if parts_of(window, sheet) != [figure.period for figure in quarters]:
        return None
    counts = [counted for figure in quarters if (counted := figure.proportion)]
    if len(counts) < ROLLING_QUARTERS or crosses(breaks, quarters[0].period, quarters[-1].period):
        return None
    cases, total = (fsum(part) for part in zip(*counts, strict=True))
    goal = quarters[-1].target
    shown = Shown(cases / total * sheet.scale, cases, total, 1)
    return Figure(sheet, window, shown, goal if goal and goal.holds_in(window) else None)


def has_lasting_changes(indicator: Indicator) -> bool:
    """Whether lasting changes, and nothing else, are told of its quarters: it is a rate of people by quarter."""
    return indicator.sampled and indicator.frequency is Frequency.QUARTER


def own_process(series: Sequence[Figure], indicator: Indicator, breaks: Sequence[Break]) -> Process:
    """Return a series as a process behaviour chart; an empty one where its points resemble their neighbours.

    Windows share quarters, pooled cohorts share one, a stock is nearly what it was.
    """
    alone = own_points(indicator) and all(isinstance(figure.period, Period) for figure in series)
    return behaviour(series if alone else (), indicator, breaks)


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
    shown = [tile.figure for tile in tiles]
    references = {} if peers == perimeter else _references(reading, peers, shown, quarter, audience, today)
    histories = _histories(reading, perimeter, quarter, tiles, audience, today)
    return [
        Judged(tile, histories[name], references.get(name), reading.breaks(perimeter, name))
        for tile in tiles
        for name in [tile.indicator.id]
    ]


def _histories(
    reading: Reading, perimeter: Perimeter, quarter: Period, tiles: Sequence[Tile], audience: Audience, today: date
) -> dict[str, Sequence[Figure]]:
    """Return the whole series of each tile's indicator up to its figure, asked at once."""
    sheets = sheets_of(reading, perimeter, audience, quarter)
    found = figures(reading, perimeter, sheets, date.min, date.max, audience)
    rows: dict[str, dict[str, dict[str, object]]] = {sheet.id: {} for sheet in sheets}
    for row in found.iter_rows(named=True):
        rows[row["indicator"]][row["period"]] = row
    histories: dict[str, Sequence[Figure]] = {}
    for tile in tiles:
        sheet, own = tile.indicator, rows[tile.indicator.id]
        ended = tile.figure.period
        latest = ended if isinstance(ended, Period) else Period.containing(ended.end, sheet.frequency)
        first = min((p for p in map(Period.parse, own) if p.frequency is latest.frequency), default=latest)
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
    reading: Reading, peers: Perimeter, judged: Sequence[Figure], quarter: Period, audience: Audience, today: date
) -> dict[str, Reference]:
    """Return the rate of the peers for each figure that can be compared with it, and how it is read against it.

    The reference is that of the peers' funnel and of their matrix: of what is shown to this reader.
    Whoever manages a structure sees of its peers what the members of the network see.
    """
    audience = audience.of_others
    compared = {figure.indicator.id: figure for figure in judged if figure.proportion is not None}
    known = columns(reading, Among(peers), quarter, audience, today) if compared else []
    own = [one for one in known if one.indicator.id in compared and one.period == compared[one.indicator.id].period]
    rows = [(one.indicator.id, *(compared[one.indicator.id].proportion or ()), one.share, one.between) for one in own]
    numbers = dict.fromkeys(("numerator", "denominator", "reference", "between"), pl.Float64)
    counts = pl.DataFrame(rows, {"structure": pl.String, **numbers}, orient="row")
    read = {row["structure"]: row for row in verdicts(counts).iter_rows(named=True)}
    found = {}
    for one in own:
        row = read[one.indicator.id]
        verdict = Verdict(row["widened"] or row["verdict"])
        apart = verdict in {Verdict.WATCH, Verdict.SIGNAL}
        side = Side(row["side"]) if apart else None
        found[one.indicator.id] = Reference(one.share * one.indicator.scale, peers, verdict, side)
    return found


def reference_of(
    reading: Reading, peers: Perimeter, figure: Figure, audience: Audience, today: date
) -> Reference | None:
    """Return the rate of the peers in the period of a figure, where there are others among them."""
    quarter = Period.containing(figure.period.end, Frequency.QUARTER)
    return _references(reading, peers, [figure], quarter, audience, today).get(figure.indicator.id)


def _whole_counts(figure: Figure) -> tuple[float, float] | None:
    """Return the counts of a rate of people, both whole; none of another figure, which is a gap in what is tested."""
    counts = figure.proportion
    return counts if counts and all(part.is_integer() for part in counts) else None


def peers_of(reading: Reading, structure: str, *, same_kind: bool, on: date = date.max) -> Perimeter:
    """Return whom a structure is compared with: the network, or the structures of the kind that it was on a day."""
    then = reading.structures.at(on)
    return Perimeter(Level.KIND, then[structure].kind) if same_kind else Perimeter(Level.NETWORK)
