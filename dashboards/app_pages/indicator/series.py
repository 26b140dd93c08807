"""The series of one indicator for one perimeter, with its assessment, its annotations and its chart."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from dashboards.app_pages.page_context import PageContext
from dashboards.app_pages.time_step_choice import STEP_PARAM, SteppedSeries, load_stepped_series
from dashboards.charts.annotations import NO_PEERS, ChartAnnotations
from dashboards.charts.process import process_chart
from dashboards.charts.signals import cause_text, is_first_signalled
from dashboards.charts.trend import trend_chart
from dashboards.components.chart_cache import Chart
from dashboards.wording.figure_sentences import (
    movement_and_target_sentence,
    movement_sign_and_sentence,
    target_sign_and_sentence,
)
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, Structure
from indicators.definitions.periods import Period, Span, Window
from indicators.figures.figure import Figure
from indicators.figures.time_steps import TimeStep
from indicators.judgement.special_causes import PointSignals
from indicators.queries.deposits.linked_actions import find_linked_actions
from indicators.queries.deposits.notes import find_notes
from indicators.queries.figures.assessed_board import (
    AssessedFigure,
    PeerReference,
    control_chart_of,
    has_lasting_changes,
    is_independent_series,
    peer_reference,
)
from indicators.queries.figures.board import HISTORY_PERIODS, Tile
from indicators.queries.figures.continuity import EarlierFigures, earlier_figures
from indicators.queries.figures.deciles import compute_deciles
from indicators.queries.figures.series import ReportingHistory, find_reported_periods, read_series
from indicators.queries.figures.withheld import RuleByFigure, withheld_from_public
from indicators.snapshot import QueryContext, Snapshot


@dataclass(frozen=True)
class IndicatorSeries:
    """A series in the chosen time step, with its annotations, reference and disclosure rules."""

    indicator: Indicator
    perimeter: Perimeter
    name: str
    is_applicable: bool
    """Whether the indicator applies to any structure of the perimeter."""
    stepped: SteppedSeries
    annotations: ChartAnnotations
    reference: PeerReference | None
    """The network's rate in the latest period; only for a structure, in the indicator's own step."""
    reported: ReportingHistory
    until: Period | None
    """The quarter chosen, if any: later figures are not shown."""
    quarters: Sequence[Figure] = ()
    """The quarters that a structure's rolling windows consist of, where lasting changes are detected on them."""
    rules: RuleByFigure = field(default_factory=dict)
    """The disclosure rule that hides each figure from the public, for managers."""
    earlier: Sequence[EarlierFigures] = ()
    """The figures of what a structure continues, before its own."""

    @property
    def has_shown_figures(self) -> bool:
        """Whether any figure may be shown."""
        return any(figure.shown for figure in self.stepped.figures)

    @property
    def has_independent_points(self) -> bool:
        """Whether the points are independent, so that a control chart applies: one structure, no case counted twice.

        Rolling windows share quarters, pooled cohorts share one, stocks are autocorrelated: no limits apply to them.
        """
        has_single_periods = all(isinstance(figure.period, Period) for figure in self.stepped.figures)
        return self.perimeter.level is Level.STRUCTURE and has_single_periods and is_independent_series(self.indicator)

    @property
    def point_signals(self) -> Sequence[PointSignals]:
        """The signals of each figure; for rolling windows, the lasting changes of the quarters they end with."""
        figures = self.stepped.figures
        if self.has_independent_points:
            return control_chart_of(figures, self.indicator, self.annotations.breaks).point_signals
        quarters = dict(
            zip((f.period for f in self.quarters), self._assessed_quarters.control_chart.point_signals, strict=True)
        )
        return [
            quarters.get(figure.period.newest, PointSignals()) if isinstance(figure.period, Window) else PointSignals()
            for figure in figures
        ]

    @property
    def signal_spans(self) -> Sequence[Span]:
        """The periods that `point_signals` refers to: those of the series, or the quarters of its windows."""
        return [figure.period for figure in (self.quarters or self.stepped.figures)]

    @property
    def _assessed_quarters(self) -> AssessedFigure:
        """The assessment of the quarters that rolling windows consist of."""
        latest = self.quarters[-1] if self.quarters else self.stepped.figures[-1]
        return AssessedFigure(
            Tile(latest, self.quarters[-HISTORY_PERIODS:]), self.quarters, None, self.annotations.breaks
        )

    def judgement_sentence(self, t: Translator) -> str | None:
        """Return the assessment of the latest figure, if it is shown: its movement, then its target."""
        latest = self.stepped.figures[-1]
        if latest.shown is None:
            return None
        if self.has_independent_points:
            return movement_and_target_sentence(self.assessed_latest, t)
        movement = movement_sign_and_sentence(self._assessed_quarters, t)[1] if self.quarters else None
        sentences = [part for part in (movement, target_sign_and_sentence(latest, t)[1]) if part]
        return t("tile.separator").join(sentences) or None

    @property
    def assessed_latest(self) -> AssessedFigure:
        """The assessment of the latest figure within its series."""
        figures = self.stepped.figures
        return AssessedFigure(
            Tile(figures[-1], figures[-HISTORY_PERIODS:]), figures, self.reference, self.annotations.breaks
        )

    def build_chart(self, t: Translator) -> Chart:
        """Build the chart: a control chart where points are independent, else a line with its interval."""
        figures, judgement, breaks = self.stepped.figures, self.judgement_sentence(t), self.annotations.breaks
        if not self.has_independent_points:
            is_structure = self.perimeter.level is Level.STRUCTURE
            point_signals = self.point_signals
            lasting_changes = {
                place: cause_text(one, figures[place].period, t, self.signal_spans)
                for place, one in enumerate(point_signals)
                if is_first_signalled(point_signals, place)
            }
            return trend_chart(
                figures,
                self.indicator,
                t,
                name=self.name,
                interval=is_structure,
                judgement=judgement,
                breaks=breaks,
                lasting_changes=lasting_changes,
                earlier=self.earlier,
            )
        control_chart = control_chart_of(figures, self.indicator, breaks)
        return process_chart(
            figures,
            control_chart,
            self.indicator,
            t,
            name=self.name,
            judgement=judgement,
            annotations=self.annotations,
            earlier=self.earlier,
        )


def load_series(
    context: PageContext,
    snapshot: Snapshot,
    indicator: Indicator,
    perimeter: Perimeter,
    name: str,
    until: Period | None,
) -> IndicatorSeries:
    """Load a series in the step of the address, up to the end of a quarter, with its annotations and reference."""
    step_param, end = context.params.get(STEP_PARAM), until.end if until else date.max
    stepped = load_stepped_series(snapshot, perimeter, indicator, context.audience, context.today, step_param, end)
    peers = NO_PEERS
    if (
        perimeter.level is Level.STRUCTURE
        and stepped.step is stepped.available_steps[0]
        and indicator.aggregation == "ratio"
    ):
        peers = compute_deciles(context.query(snapshot), NETWORK, indicator)
    annotations = ChartAnnotations(
        peers,
        snapshot.breaks(perimeter, indicator.id),
        find_linked_actions(context.query(snapshot), perimeter, indicator),
        find_notes(context.query(snapshot), perimeter, indicator),
    )
    all_structures = (dated.structure for dated in snapshot.structures.versions)
    kinds = {structure.kind for structure in all_structures if structure.belongs_to(perimeter)}
    # In an empty network, any indicator may apply.
    is_applicable = not kinds or any(map(indicator.applies_to, kinds))
    reporting = find_reported_periods(context.query(snapshot, Audience.PUBLIC), perimeter, indicator)
    reference = None
    if perimeter.level is Level.STRUCTURE and stepped.figures and stepped.step is stepped.available_steps[0]:
        reference = peer_reference(context.query(snapshot), NETWORK, stepped.figures[-1])
    shows_windows = (
        stepped.step is TimeStep.ROLLING and perimeter.level is Level.STRUCTURE and has_lasting_changes(indicator)
    )
    quarters = read_series(context.query(snapshot), perimeter, indicator) if shows_windows else ()
    quarters_until_end = [figure for figure in quarters if figure.period.end <= end]
    rules = withheld_from_public(context.query(snapshot), perimeter, [indicator])
    return IndicatorSeries(
        indicator,
        perimeter,
        name,
        is_applicable,
        stepped,
        annotations,
        reference,
        reporting,
        until,
        quarters_until_end,
        rules,
        _earlier_figures(context, snapshot, perimeter, stepped, indicator),
    )


def _earlier_figures(
    context: PageContext, snapshot: Snapshot, perimeter: Perimeter, stepped: SteppedSeries, indicator: Indicator
) -> Sequence[EarlierFigures]:
    """Return the figures of what a structure continues, as their own pages show them to the reader."""
    if perimeter.level is not Level.STRUCTURE:
        return ()
    return earlier_figures(
        lambda predecessor: predecessor_context(context, snapshot, predecessor),
        snapshot.structures,
        perimeter.name,
        stepped.figures,
        indicator,
        stepped.step,
    )


def predecessor_context(context: PageContext, snapshot: Snapshot, predecessor: Structure) -> QueryContext:
    """Return the context of the queries of a predecessor's own page, for the same reader."""
    return context.about(Perimeter(Level.STRUCTURE, predecessor.id), snapshot).query(snapshot)
