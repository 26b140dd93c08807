"""The figures of one indicator for one perimeter as a reader asks for them, and the chart that tells them."""

from dataclasses import dataclass
from datetime import date

from dashboards.charts.beside import NO_PEERS, Beside
from dashboards.charts.process import process_chart
from dashboards.charts.trend import trend
from dashboards.sentences import against_target, movement_and_target
from dashboards.steps import PARAMETER, ReadIn, read_in_steps
from dashboards.visit import Chart, Visit
from dashboards.words import Words
from indicators.catalogue import Indicator
from indicators.figures import Status
from indicators.network import Reading
from indicators.perimeters import NETWORK, Level, Perimeter
from indicators.periods import Period
from indicators.questions.actions_naming import actions_naming
from indicators.questions.board import PERIODS, Tile
from indicators.questions.distribution import distribution
from indicators.questions.judged import Judged, Reference, behaviour, own_points, reference_of
from indicators.questions.notes import notes
from indicators.questions.series import Reported, reported


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

    def judgement(self, words: Words) -> str | None:
        """Say what the latest figure can bear, if it is shown and large enough: its movement, then its target."""
        latest = self.found.figures[-1]
        if self.as_process:
            return movement_and_target(self.judged, words)
        return against_target(latest, words)[1] if latest.status is Status.OK else None

    @property
    def judged(self) -> Judged:
        """The latest figure, with the series that tells what it can bear."""
        figures = self.found.figures
        return Judged(Tile(figures[-1], figures[-PERIODS:]), figures, self.reference, self.beside.rebased)

    def chart(self, words: Words) -> Chart:
        """Draw the series: how it behaves where each point stands alone, else the line with its interval."""
        figures, said = self.found.figures, self.judgement(words)
        if not self.as_process:
            single = self.perimeter.level is Level.STRUCTURE
            return trend(figures, self.indicator, words, name=self.name, interval=single, said=said)
        behaved = behaviour(figures, self.indicator, self.beside.rebased)
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
        reading.rebased(perimeter, indicator.id),
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
        reference = reference_of(reading, perimeter, NETWORK, found.figures[-1], visit.audience)
    return Followed(indicator, perimeter, name, concerned, found, beside, reference, known, until)
