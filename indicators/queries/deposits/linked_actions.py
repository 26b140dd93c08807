"""Actions linked to an indicator, and its figures before and after them.

The register of actions is internal: only the management audience sees it. Before and after are the ratio of the sums of
up to four periods on each side, with the same seasons, inside one segment of the series. They describe; they do not
prove an effect of the action.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import Final

from indicators.definitions.baselines import Break
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.figures.figure import Figure, Status, Value
from indicators.snapshot import QueryContext

MAX_PERIODS_PER_SIDE: Final = 4
"""Maximum of periods on each side of an action: a year of quarters."""
ABANDONED_STATUSES: Final = {"abandoned"}
"""Statuses of abandoned actions: the day is not recorded, and they have no « after »."""


@dataclass(frozen=True)
class PooledPeriods:
    """Pooled counts of several periods: their rate, with its interval if it is a proportion."""

    figure: Figure
    """A figure of the last period, with the sums of all as its counts."""
    periods: int

    @property
    def has_enough_cases(self) -> bool:
        """Whether there are enough cases to judge the rate."""
        return self.figure.status is Status.OK


@dataclass(frozen=True)
class LinkedAction:
    """An action of the register that names an indicator, without its owner."""

    reference: str
    kind: str
    action: str
    opened_on: date
    done_on: date | None
    verified_on: date | None
    effectiveness: int | None
    status: str

    @property
    def ended_on(self) -> date | None:
        """Day of its verification, else of its completion; `None` while it runs or if it was abandoned."""
        return self.verified_on or self.done_on

    @property
    def is_abandoned(self) -> bool:
        """Whether it was abandoned."""
        return self.status in ABANDONED_STATUSES


def find_linked_actions(context: QueryContext, perimeter: Perimeter, indicator: Indicator) -> Sequence[LinkedAction]:
    """Return the actions of one structure that name an indicator, oldest first; empty without the right to see them."""
    if perimeter.level is not Level.STRUCTURE or not context.audience.sees(Audience.MANAGEMENT):
        return ()
    rows = context.snapshot.query("linked_actions", structure=perimeter.name, indicator=indicator.id)
    return [LinkedAction(**row) for row in rows.iter_rows(named=True)]


def before_and_after(
    action: LinkedAction, series: Sequence[Figure], breaks: Sequence[Break]
) -> tuple[PooledPeriods | None, PooledPeriods | None]:
    """Return the pooled figures before an action was opened and after it ended, each `None` without figures to pool.

    `series` are figures of periods that do not overlap, oldest first. Figures not shown, without counts or on the other
    side of a break are ignored; counts that are not rates are not added up over time.
    """
    since = max(
        (series_break.starts for series_break in breaks if series_break.starts <= action.opened_on), default=date.min
    )
    before = [f for f in series if f.period.end < action.opened_on and f.period.start >= since]
    ended = None if action.is_abandoned else action.ended_on
    if ended is None:
        return _pool(before[-MAX_PERIODS_PER_SIDE:]), None
    until = min(
        (series_break.starts for series_break in breaks if series_break.starts > action.opened_on), default=date.max
    )
    after = [f for f in series if f.period.start > ended and f.period.end < until]
    return _pool(before[-MAX_PERIODS_PER_SIDE:]), _pool(after[:MAX_PERIODS_PER_SIDE])


def _pool(figures: Sequence[Figure]) -> PooledPeriods | None:
    counts = [
        (figure.shown.numerator, figure.shown.denominator)
        for figure in figures
        if figure.shown and figure.shown.numerator is not None and figure.shown.denominator
    ]
    if not counts or figures[-1].indicator.aggregation != "ratio":
        return None
    cases, total = (fsum(part) for part in zip(*counts, strict=True))
    sheet = figures[-1].indicator
    return PooledPeriods(
        Figure(sheet, figures[-1].period, Value(cases / total * sheet.scale, cases, total, 1)), len(counts)
    )
