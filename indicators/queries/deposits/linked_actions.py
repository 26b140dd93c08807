"""Actions meant to move an indicator, and what its figures were before and after them.

The register speaks of how a structure works: it is for those who see its management. Before and after are the ratio
of the sums of up to four periods on each side, seasons alike, inside one segment of the series. They say what was seen,
not what the action did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import Final

from indicators.definitions.baselines import Break
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.figures.figure import Figure, Shown, Status
from indicators.network import Reading

AROUND: Final = 4
"""Periods looked at on each side of an action: a year of quarters."""
UNDONE: Final = {"abandoned"}
"""Actions that were given up on a day that nobody wrote down: they have no after."""


@dataclass(frozen=True)
class Summed:
    """The counts of several figures added up: a rate, and what chance allows it where it is a part of a whole."""

    figure: Figure
    """The last of them, with the sums of all as its counts."""
    periods: int

    @property
    def enough(self) -> bool:
        """Whether there are cases enough to be read as a rate."""
        return self.figure.status is Status.OK


@dataclass(frozen=True)
class NamingAction:
    """An action that names an indicator; the text is the register's, the owner is left out."""

    reference: str
    kind: str
    action: str
    opened_on: date
    due_on: date | None
    done_on: date | None
    verified_on: date | None
    effectiveness: int | None
    status: str

    @property
    def ended_on(self) -> date | None:
        """The last day it was worked on: verified, else done; none while it runs, or if it was given up."""
        return self.verified_on or self.done_on

    @property
    def given_up(self) -> bool:
        """Whether it was abandoned."""
        return self.status in UNDONE


def actions_naming(
    reading: Reading, perimeter: Perimeter, indicator: Indicator, audience: Audience
) -> Sequence[NamingAction]:
    """Return the actions of one structure that name an indicator, oldest first; none but for its management."""
    if perimeter.level is not Level.STRUCTURE or not audience.sees(Audience.MANAGEMENT):
        return ()
    found = reading.ask("linked_actions", structure=perimeter.name, indicator=indicator.id)
    return [NamingAction(**row) for row in found.iter_rows(named=True)]


def around(
    action: NamingAction, series: Sequence[Figure], breaks: Sequence[Break]
) -> tuple[Summed | None, Summed | None]:
    """Return what was counted before an action was opened and after it ended, null where there is nothing to add up.

    `series` are figures of periods that do not overlap, oldest first. Figures that are not shown or have no counts, or
    that a break parts from the action, count for nothing; a count that is no rate is not added up over time.
    """
    since = max((one.starts for one in breaks if one.starts <= action.opened_on), default=date.min)
    before = [f for f in series if f.period.end < action.opened_on and f.period.start >= since]
    ended = None if action.given_up else action.ended_on
    if ended is None:
        return _summed(before[-AROUND:]), None
    until = min((one.starts for one in breaks if one.starts > action.opened_on), default=date.max)
    after = [f for f in series if f.period.start > ended and f.period.end < until]
    return _summed(before[-AROUND:]), _summed(after[:AROUND])


def _summed(figures: Sequence[Figure]) -> Summed | None:
    counts = [
        (figure.shown.numerator, figure.shown.denominator)
        for figure in figures
        if figure.shown and figure.shown.numerator is not None and figure.shown.denominator
    ]
    if not counts or figures[-1].indicator.aggregation != "ratio":
        return None
    cases, total = (fsum(part) for part in zip(*counts, strict=True))
    sheet = figures[-1].indicator
    return Summed(Figure(sheet, figures[-1].period, Shown(cases / total * sheet.scale, cases, total, 1)), len(counts))
