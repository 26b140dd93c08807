"""What a structure continues: the figures of its predecessors before its own, as their own pages show them.

Nothing is counted again: a predecessor's figures are its own, for the audience that sees them, under its own name.
Totals, peers, control charts and targets know nothing of this; a structure's own figures are judged among themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter, Structure, Structures
from indicators.definitions.periods import Span
from indicators.figures.figure import Figure
from indicators.figures.time_steps import TimeStep
from indicators.figures.year_on_year import redefined_between
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext


@dataclass(frozen=True)
class EarlierFigures:
    """The figures of a predecessor up to the day before another structure took over, oldest first.

    `until` is the first day of what continues it, or of its figures if that is earlier; null if nothing says it.
    `audience` is whom they are shown to.
    """

    structure: Structure
    until: date | None
    figures: Sequence[Figure]
    audience: Audience


def earlier_figures(
    context_of: Callable[[Structure], QueryContext],
    structures: Structures,
    structure: str,
    own: Sequence[Figure],
    indicator: Indicator,
    step: TimeStep | None = None,
) -> Sequence[EarlierFigures]:
    """Return the figures of all predecessors of a structure, the oldest predecessor first, without overlap.

    `own` is the structure's own series in a time step; `context_of` is the context in which a predecessor's own page is
    drawn for the same reader. A predecessor's figures end before the day on which the next structure took over, and
    before that one's first figure.
    """
    line: list[EarlierFigures] = []
    successor, first = structure, own[0].covered_span.start if own else None
    for predecessor in structures.predecessors(structure):
        context = context_of(predecessor)
        until = min(filter(None, (first, structures.took_over_on(successor))), default=None)
        figures = read_series(context, Perimeter(Level.STRUCTURE, predecessor.id), indicator, step)
        kept = [figure for figure in figures if until is None or figure.covered_span.end < until]
        if kept:
            line.insert(0, EarlierFigures(predecessor, until, kept, context.audience))
            first = kept[0].covered_span.start
        successor = predecessor.id
    return line


@dataclass(frozen=True)
class YearEarlierElsewhere:
    """The figure of a year earlier of the predecessor that a structure continues."""

    structure: Structure
    figure: Figure


def year_earlier_elsewhere(earlier: Sequence[EarlierFigures], now: Figure) -> YearEarlierElsewhere | None:
    """Return the shown figure of a predecessor a year before a figure, if its definition is the same."""
    then = now.period.year_earlier
    for each in earlier:
        for figure in each.figures:
            is_comparable = not redefined_between(now.indicator, figure.covered_span, now.covered_span)
            if figure.period == then and figure.shown and is_comparable:
                return YearEarlierElsewhere(each.structure, figure)
    return None


def continuous_spans(earlier: Sequence[EarlierFigures], own: Sequence[Figure]) -> Sequence[Span]:
    """Return the spans of all figures, oldest first, with those between a predecessor's last and the next first."""
    if not earlier:
        return [figure.period for figure in own]
    spans: list[Span] = []
    for figures in (*(each.figures for each in earlier), own):
        for figure in figures:
            while spans and (following := spans[-1].shifted(1)).end < figure.period.end:
                spans.append(following)
            spans.append(figure.period)
    return spans
