"""The figures of one indicator for one perimeter as a reader asks for them, and the chart that tells them."""

from dataclasses import dataclass, field

from dashboards.charts.beside import NO_PEERS, Beside
from dashboards.charts.process import process_chart
from dashboards.charts.trend import trend
from dashboards.sentences import against_target, movement_and_target
from dashboards.steps import ReadIn, read_in_steps
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
from indicators.questions.judged import Judged, behaviour, own_points
from indicators.questions.notes import notes
from indicators.questions.withheld import Rules, withheld_from_public


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

    def judgement(self, words: Words) -> str | None:
        """Say what the latest figure can bear, if it is shown and large enough: its movement, then its target."""
        latest = self.found.figures[-1]
        if self.as_process:
            tile = Tile(latest, self.found.figures[-PERIODS:])
            return movement_and_target(Judged(tile, self.found.figures, None, self.beside.rebased), words)
        return against_target(latest, words)[1] if latest.status is Status.OK else None

    def chart(self, words: Words) -> Chart:
        """Draw the series: how it behaves where each point stands alone, else the line with its interval."""
        figures, said = self.found.figures, self.judgement(words)
        if not self.as_process:
            single = self.perimeter.level is Level.STRUCTURE
            return trend(figures, self.indicator, words, name=self.name, interval=single, said=said)
        behaved = behaviour(figures, self.indicator, self.beside.rebased)
        return process_chart(figures, behaved, self.indicator, words, name=self.name, said=said, beside=self.beside)


def follow(
    visit: Visit, reading: Reading, indicator: Indicator, perimeter: Perimeter, name: str, asked: str | None
) -> Followed:
    """Ask for a series in the step of the address, and for what is known beside it."""
    found = read_in_steps(reading, perimeter, indicator, visit.audience, visit.today, asked)
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
    kinds = {reading.structures[member].kind for member in reading.structures.members(perimeter)}
    # Of an empty network nothing can be told yet.
    concerned = not kinds or any(map(indicator.applies_to, kinds))
    rules = withheld_from_public(reading, perimeter, [indicator], visit.audience)
    return Followed(indicator, perimeter, name, concerned, found, beside, rules)
