"""The figures of one indicator for one perimeter as a reader asks for them, and the chart that tells them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from dashboards.app_pages.page_context import Chart, Visit
from dashboards.app_pages.time_step_choice import PARAMETER, ReadIn, read_in_steps
from dashboards.charts.annotations import NO_PEERS, Beside
from dashboards.charts.process import process_chart
from dashboards.charts.signals import begins, causes
from dashboards.charts.trend import trend
from dashboards.wording.figure_sentences import against_target, movement_and_target, moving
from dashboards.wording.translations import Words
from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period, Span, Window
from indicators.figures.figure import Figure
from indicators.figures.time_steps import Step
from indicators.judgement.special_causes import Told
from indicators.network import Reading
from indicators.queries.deposits.linked_actions import actions_naming
from indicators.queries.deposits.notes import notes
from indicators.queries.figures.assessed_board import (
    Judged,
    Reference,
    behaviour,
    has_lasting_changes,
    own_points,
    reference_of,
)
from indicators.queries.figures.board import PERIODS, Tile
from indicators.queries.figures.deciles import distribution
from indicators.queries.figures.series import Reported, reported, series
from indicators.queries.figures.withheld import Rules, withheld_from_public


@dataclass(frozen=True)
class Followed:
    """A series in the step it is read in, and what is known beside it."""

    indicator: Indicator
    perimeter: Perimeter
    name: str
    concerned: bool
    """Whether the indicator applies to any structure of the perimeter."""
    found: ReadIn
    beside: Beside
    reference: Reference | None
    """The rate of the network in the latest period, of a structure in the indicator's own step."""
    reported: Reported
    until: Period | None
    """The quarter at whose end the reader stands, if they chose one: nothing later is shown."""
    quarters: Sequence[Figure] = ()
    """The quarters of which the windows of a structure are made, where lasting changes are told of them."""
    rules: Rules = field(default_factory=dict)
    """By which rule the public does not see figures of it, for those who manage them."""

    @property
    def shown(self) -> bool:
        """Whether anything of it may be shown."""
        return any(figure.shown for figure in self.found.figures)

    @property
    def as_process(self) -> bool:
        """Whether each point stands alone: it is of one structure, and counts what no other point does.

        Windows share quarters, pooled cohorts share one, stocks resemble their neighbours: none has limits of its own.
        """
        alone = all(isinstance(figure.period, Period) for figure in self.found.figures)
        return self.perimeter.level is Level.STRUCTURE and alone and own_points(self.indicator)

    @property
    def told(self) -> Sequence[Told]:
        """The special causes of each figure; of windows, the lasting changes of the quarters they end with."""
        figures = self.found.figures
        if self.as_process:
            return behaviour(figures, self.indicator, self.beside.breaks).told
        quarters = dict(zip((f.period for f in self.quarters), self._by_quarter.process.told, strict=True))
        return [
            quarters.get(figure.period.newest, Told()) if isinstance(figure.period, Window) else Told()
            for figure in figures
        ]

    @property
    def told_in(self) -> Sequence[Span]:
        """The periods that `told` counts in: those of the series, or the quarters of which windows are made."""
        return [figure.period for figure in (self.quarters or self.found.figures)]

    @property
    def _by_quarter(self) -> Judged:
        """The quarters of which windows are made, judged by themselves."""
        latest = self.quarters[-1] if self.quarters else self.found.figures[-1]
        return Judged(Tile(latest, self.quarters[-PERIODS:]), self.quarters, None, self.beside.breaks)

    def judgement(self, words: Words) -> str | None:
        """Say what the latest figure can bear, if it is shown: its movement, then its target."""
        latest = self.found.figures[-1]
        if latest.shown is None:
            return None
        if self.as_process:
            return movement_and_target(self.judged, words)
        movement = moving(self._by_quarter, words)[1] if self.quarters else None
        told = [part for part in (movement, against_target(latest, words)[1]) if part]
        return words("tile.separator").join(told) or None

    @property
    def judged(self) -> Judged:
        """The latest figure, with the series that tells what it can bear."""
        figures = self.found.figures
        return Judged(Tile(figures[-1], figures[-PERIODS:]), figures, self.reference, self.beside.breaks)

    def chart(self, words: Words) -> Chart:
        """Draw the series: how it behaves where each point stands alone, else the line with its interval."""
        figures, said, breaks = self.found.figures, self.judgement(words), self.beside.breaks
        if not self.as_process:
            single = self.perimeter.level is Level.STRUCTURE
            told = self.told
            lasting = {
                place: causes(one, figures[place].period, words, self.told_in)
                for place, one in enumerate(told)
                if begins(told, place)
            }
            return trend(
                figures,
                self.indicator,
                words,
                name=self.name,
                interval=single,
                said=said,
                breaks=breaks,
                lasting=lasting,
            )
        behaved = behaviour(figures, self.indicator, breaks)
        return process_chart(figures, behaved, self.indicator, words, name=self.name, said=said, beside=self.beside)


def follow(
    visit: Visit, reading: Reading, indicator: Indicator, perimeter: Perimeter, name: str, until: Period | None
) -> Followed:
    """Ask for a series in the step of the address, up to the end of a quarter, and for what is known beside it."""
    asked, end = visit.address.get(PARAMETER), until.end if until else date.max
    found = read_in_steps(reading, perimeter, indicator, visit.audience, visit.today, asked, end)
    peers = NO_PEERS
    if perimeter.level is Level.STRUCTURE and found.step is found.offered[0] and indicator.aggregation == "ratio":
        peers = reading.once(
            ("pages distribution", indicator.id, visit.audience, visit.today),
            lambda: distribution(reading, NETWORK, indicator, visit.audience, visit.today),
        )
    beside = Beside(
        peers,
        reading.breaks(perimeter, indicator.id),
        actions_naming(reading, perimeter, indicator, visit.audience),
        notes(reading, perimeter, indicator, visit.audience),
    )
    everybody = (dated.structure for dated in reading.structures.dated)
    kinds = {structure.kind for structure in everybody if structure.belongs_to(perimeter)}
    # Of an empty network nothing can be told yet.
    concerned = not kinds or any(map(indicator.applies_to, kinds))
    known = reported(reading, perimeter, indicator, visit.today)
    reference = None
    if perimeter.level is Level.STRUCTURE and found.figures and found.step is found.offered[0]:
        reference = reference_of(reading, NETWORK, found.figures[-1], visit.audience, visit.today)
    windows = found.step is Step.ROLLING and perimeter.level is Level.STRUCTURE and has_lasting_changes(indicator)
    quarters = series(reading, perimeter, indicator, visit.audience, visit.today) if windows else ()
    until_then = [figure for figure in quarters if figure.period.end <= end]
    rules = withheld_from_public(reading, perimeter, [indicator], visit.audience)
    return Followed(indicator, perimeter, name, concerned, found, beside, reference, known, until, until_then, rules)
