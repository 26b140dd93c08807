"""Board with statistical assessments: each figure against its target, against its peers and against its own past.

Only figures shown to the reader are assessed: a withheld figure is a gap in the series, never a hidden point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import Final

import polars as pl

from indicators.cached import cached_property
from indicators.definitions.baselines import Break, Rebaseline, has_break_between, segment_starts
from indicators.definitions.catalogue import Direction, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Frequency, Period, Span, Window
from indicators.figures.figure import Figure, Status, Value
from indicators.figures.time_steps import ROLLING_QUARTERS, component_periods, needs_rolling
from indicators.figures.year_on_year import NotCompared, YearOnYear, year_on_year
from indicators.judgement import Judgement
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import ControlChart, LatestSignal, control_chart, latest_signal
from indicators.judgement.funnel import FunnelVerdict, funnel_verdicts
from indicators.judgement.special_causes import Signal
from indicators.judgement.trend import NotComputable, RecentTrend, Trend, recent_trend
from indicators.queries.comparison.matrix import matrix_columns
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.figures.board import Tile, compute_board, visible_sheets
from indicators.queries.figures.figures import figure_from_row, of_same_structures, perimeter_figures
from indicators.snapshot import QueryContext, Snapshot

YEARLY_FREQUENCIES: Final = {Frequency.YEAR, Frequency.SCHOOL_YEAR}


@dataclass(frozen=True)
class PeerReference:
    """Rate of the peers of a figure: the ratio of the sums of those shown, in the unit of the value.

    `verdict` and `side` are those of the peers' (widened) funnel: the comparison page, its matrix and a tile agree.
    """

    value: float
    peers: Perimeter
    verdict: FunnelVerdict | None = None
    side: Side | None = None


@dataclass(frozen=True)
class TargetHistory:
    """Number of periods shown with a target, how many met it, and the first of them."""

    met: int
    periods: int
    since: Span


@dataclass(frozen=True)
class AssessedFigure:
    """A tile with all assessments of its figure."""

    tile: Tile
    series: Sequence[Figure]
    """All figures of the tile's frequency up to it, oldest first."""
    reference: PeerReference | None
    breaks: Sequence[Break] = ()
    """Breaks of the series, oldest first."""

    @property
    def rebaselines(self) -> Sequence[Rebaseline]:
        """The breaks that are rebaselines."""
        return [series_break for series_break in self.breaks if isinstance(series_break, Rebaseline)]

    @property
    def visible_break(self) -> Break | None:
        """The newest break inside the history drawn on the tile."""
        first, last = self.tile.history[0].period, self.tile.history[-1].period
        return next(
            (series_break for series_break in reversed(self.breaks) if has_break_between([series_break], first, last)),
            None,
        )

    @cached_property
    def target_figure(self) -> Figure:
        """The figure judged against the target: the tile's own, or the last four quarters if quarters are too small.

        The window has the target only if it held during all of it; its quarters must be shown to this reader.
        """
        window = rolling_year(self.series, self.breaks) if needs_rolling(self.series) else None
        return window if window is not None and window.target is not None else self.figure

    @property
    def target_history(self) -> TargetHistory | None:
        """How often the figures shown met their target; `None` without any, or without a direction."""
        if self.indicator.direction not in {Direction.UP, Direction.DOWN}:
            return None
        with_target = [figure for figure in self.series if figure.shown and figure.target]
        met = [figure.meets_target for figure in with_target]
        return TargetHistory(sum(map(bool, met)), len(met), with_target[0].period) if with_target else None

    @property
    def figure(self) -> Figure:
        """The figure assessed."""
        return self.tile.figure

    @property
    def indicator(self) -> Indicator:
        """Its indicator."""
        return self.tile.indicator

    @property
    def against_reference(self) -> Judgement | None:
        """The comparison with the peers, by their funnel; `None` without a direction or with too few cases."""
        has_good_side = self.indicator.direction in {Direction.UP, Direction.DOWN}
        if self.reference is None or not has_good_side or self.reference.verdict in {None, FunnelVerdict.TOO_FEW}:
            return None
        if self.reference.side is None:
            return Judgement.COMPARABLE
        good = (self.reference.side is Side.ABOVE) == (self.indicator.direction is Direction.UP)
        return Judgement.BETTER if good else Judgement.WORSE

    @cached_property
    def year_on_year(self) -> YearOnYear | NotCompared:
        """The comparison with the figure a year earlier."""
        return year_on_year(self.series, self.breaks)

    @cached_property
    def control_chart(self) -> ControlChart:
        """The control chart of the series, or an empty one (`control_chart_or_empty`)."""
        return control_chart_or_empty(self.series, self.indicator, self.breaks)

    @property
    def signal(self) -> LatestSignal | None:
        """The special cause of the latest point, if there is one and if it has enough cases.

        A lasting change of a rate of people is detected over many quarters: the last may have few cases.
        """
        latest = latest_signal(self.control_chart)
        if latest is not None and latest.signal is Signal.LASTING:
            return latest if self.figure.shown else None
        return latest if self.figure.status is Status.OK else None

    @property
    def signal_since(self) -> Span | None:
        """The period in which `signal` was first detected."""
        return self.series[self.signal.since].period if self.signal else None

    @cached_property
    def trend(self) -> RecentTrend:
        """The trend of the five latest yearly figures of people; not computable for anything else (METHODS 5).

        Points before a break are excluded.
        """
        if not (self.indicator.is_rate_of_people and is_independent_series(self.indicator)):
            return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.NO_DENOMINATOR)
        if not all(isinstance(f.period, Period) and f.period.frequency in YEARLY_FREQUENCIES for f in self.series):
            return RecentTrend(Trend.NOT_COMPUTABLE, NotComputable.NOT_YEARLY)
        first = max(segment_starts(self.breaks, [figure.period for figure in self.series]), default=0)
        return recent_trend([_integer_counts(figure) for figure in self.series[first:]])


def control_chart_of(series: Sequence[Figure], indicator: Indicator, breaks: Sequence[Break]) -> ControlChart:
    """Return the control chart of a series, oldest first, with segments at its breaks and its latest target.

    For a rate of people collected by quarter, a CUSUM on the counts of quarters is the only test (METHODS 4.3): its
    semesters and years are drawn with their limits and without signals.
    """
    values = [figure.shown.value if figure.shown else None for figure in series]
    target = series[-1].target if series else None
    quarters = all(
        figure.period.frequency is Frequency.QUARTER for figure in series if isinstance(figure.period, Period)
    )
    by_counts = has_lasting_changes(indicator)
    return control_chart(
        values,
        indicator.direction,
        target=target.value if target else None,
        segment_starts=segment_starts(breaks, [figure.period for figure in series]),
        counts=[_integer_counts(figure) for figure in series] if by_counts and quarters else None,
        tested=quarters or not by_counts,
    )


def rolling_year(series: Sequence[Figure], breaks: Sequence[Break]) -> Figure | None:
    """Return the last four quarters of a structure's series as one figure, with the target if it held throughout.

    `None` if one of them is not shown with its counts, if a break lies between, and if its points are not quarters that
    a window adds up: years, or stocks, which would count the same people four times.
    """
    quarters = series[-ROLLING_QUARTERS:]
    if len(quarters) < ROLLING_QUARTERS or not isinstance(quarters[-1].period, Period):
        return None
    sheet, window = quarters[-1].indicator, Window(quarters[-1].period, ROLLING_QUARTERS)
    if component_periods(window, sheet) != [figure.period for figure in quarters]:
        return None
    counts = [proportion for figure in quarters if (proportion := figure.proportion)]
    if len(counts) < ROLLING_QUARTERS or has_break_between(breaks, quarters[0].period, quarters[-1].period):
        return None
    cases, total = (fsum(part) for part in zip(*counts, strict=True))
    target = quarters[-1].target
    shown = Value(cases / total * sheet.scale, cases, total, 1)
    return Figure(sheet, window, shown, target if target and target.covers(window) else None)


def has_lasting_changes(indicator: Indicator) -> bool:
    """Whether the CUSUM for lasting changes is the test of an indicator: a rate of people by quarter."""
    return indicator.is_rate_of_people and indicator.frequency is Frequency.QUARTER


def control_chart_or_empty(series: Sequence[Figure], indicator: Indicator, breaks: Sequence[Break]) -> ControlChart:
    """Return the control chart of a series, or an empty one if its points are autocorrelated.

    Windows share quarters, pooled cohorts share cohorts, and a stock changes little.
    """
    is_independent = is_independent_series(indicator) and all(isinstance(figure.period, Period) for figure in series)
    return control_chart_of(series if is_independent else (), indicator, breaks)


def is_independent_series(indicator: Indicator) -> bool:
    """Whether the points of a series share no counts: false for a stock and for pooled cohorts."""
    return not indicator.is_stock and indicator.pooled_cohorts == 1


def assess_board(
    context: QueryContext, perimeter: Perimeter, peers: Perimeter, quarter: Period
) -> list[AssessedFigure]:
    """Return the board of a perimeter as of the end of a quarter, each tile with its assessments.

    `peers` is the perimeter whose rate is the reference; the perimeter itself gives none.
    """
    # The histories below, and those of other quarters, use the same query: its cached result serves all.
    tiles = compute_board(context, perimeter, quarter, entire_past=True)
    shown = [tile.figure for tile in tiles]
    references = {} if peers == perimeter else _references(context, peers, shown, quarter)
    histories = _histories(context, perimeter, quarter, tiles)
    return [
        AssessedFigure(tile, histories[name], references.get(name), context.snapshot.breaks(perimeter, name))
        for tile in tiles
        for name in [tile.indicator.id]
    ]


def _histories(
    context: QueryContext, perimeter: Perimeter, quarter: Period, tiles: Sequence[Tile]
) -> dict[str, Sequence[Figure]]:
    """Return the entire series of each tile's indicator up to its figure, from one query."""
    sheets = visible_sheets(context, perimeter, quarter)
    figures = perimeter_figures(context, perimeter, sheets, date.min, date.max).rows
    rows: dict[str, dict[str, dict[str, object]]] = {sheet.id: {} for sheet in sheets}
    for row in figures.iter_rows(named=True):
        rows[row["indicator"]][row["period"]] = row
    histories: dict[str, Sequence[Figure]] = {}
    for tile in tiles:
        sheet, own_rows = tile.indicator, rows[tile.indicator.id]
        ended = tile.figure.period
        latest = ended if isinstance(ended, Period) else Period.containing(ended.end, sheet.frequency)
        first = min((p for p in map(Period.parse, own_rows) if p.frequency is latest.frequency), default=latest)
        shown = {figure.period: figure for figure in tile.history}
        periods = [latest]
        while periods[0] > first:
            periods.insert(0, periods[0].shifted(-1))
        histories[sheet.id] = of_same_structures(
            [
                shown.get(period) or figure_from_row(context, perimeter, sheet, period, own_rows.get(period.code))
                for period in periods
            ]
        )
    return histories


def _references(
    context: QueryContext, peers: Perimeter, figures: Sequence[Figure], quarter: Period
) -> dict[str, PeerReference]:
    """Return the peer reference of each figure that can be compared, with its verdict.

    The reference is that of the peers' funnel and matrix, from the figures of peers that are shown to this reader.
    """
    context = context.of_peers
    comparable = {figure.indicator.id: figure for figure in figures if figure.proportion is not None}
    columns = matrix_columns(context, ComparisonScope(peers), quarter) if comparable else []
    matching = [
        one for one in columns if one.indicator.id in comparable and one.period == comparable[one.indicator.id].period
    ]
    rows = [
        (one.indicator.id, *(comparable[one.indicator.id].proportion or ()), one.share, one.between_variance)
        for one in matching
    ]
    numbers = dict.fromkeys(("numerator", "denominator", "reference", "between"), pl.Float64)
    counts = pl.DataFrame(rows, {"structure": pl.String, **numbers}, orient="row")
    verdict_rows = {row["structure"]: row for row in funnel_verdicts(counts).iter_rows(named=True)}
    references = {}
    for column in matching:
        row = verdict_rows[column.indicator.id]
        verdict = FunnelVerdict(row["widened"] or row["verdict"])
        is_marked = verdict in {FunnelVerdict.WATCH, FunnelVerdict.SIGNAL}
        side = Side(row["side"]) if is_marked else None
        references[column.indicator.id] = PeerReference(column.share * column.indicator.scale, peers, verdict, side)
    return references


def peer_reference(context: QueryContext, peers: Perimeter, figure: Figure) -> PeerReference | None:
    """Return the peer reference of one figure in its period, if the peers include others."""
    quarter = Period.containing(figure.period.end, Frequency.QUARTER)
    return _references(context, peers, [figure], quarter).get(figure.indicator.id)


def _integer_counts(figure: Figure) -> tuple[float, float] | None:
    """Return the counts of a rate of people if both are integral; `None` otherwise, a gap for the tests."""
    counts = figure.proportion
    return counts if counts and all(part.is_integer() for part in counts) else None


def peer_perimeter(snapshot: Snapshot, structure: str, *, same_kind: bool, on: date = date.max) -> Perimeter:
    """Return the perimeter of a structure's peers: the network, or the structures of its kind on a day."""
    as_of_day = snapshot.structures.as_of(on)
    return Perimeter(Level.KIND, as_of_day[structure].kind) if same_kind else Perimeter(Level.NETWORK)
