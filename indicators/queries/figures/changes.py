"""What changed on a board since the period before and in a year, when it is more than chance.

A difference between two neighbouring periods is not told by itself: of twenty figures one would differ by chance alone.
That of a year is, of a rate of people, when it is beyond chance at 99 % (METHODS 2.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from indicators.definitions.periods import Period
from indicators.figures.figure import Figure, Status
from indicators.figures.year_on_year import YearOnYear
from indicators.judgement import Judgement
from indicators.judgement.comparison import Side
from indicators.queries.figures.assessed_board import Judged


class Kind(StrEnum):
    """What happened to a figure, the gravest first."""

    TARGET_MISSED = "target_missed"
    TARGET_MET = "target_met"
    MOVED = "moved"
    """A special cause at the latest point, told in this quarter for the first time if it lasts."""
    YEAR = "year"
    """Beyond chance against a year earlier."""
    WITHHELD = "withheld"
    MISSING = "missing"
    APPEARED = "appeared"


@dataclass(frozen=True)
class Change:
    """One thing that happened to one figure of a board, `before` being what it is compared with.

    `side` is where it moved, if it did.
    """

    kind: Kind
    judged: Judged
    before: Figure
    side: Side | None = None


def changes(board: Sequence[Judged], quarter: Period) -> list[Change]:
    """Return what changed on a board, one thing a figure, the gravest first, then in the order of the board.

    Only figures whose period ends with the quarter can have changed in it; each is compared with the one before and
    with that of a year earlier.
    """
    found = [change for judged in board if (change := _change(judged, quarter))]
    order = list(Kind)
    return sorted(found, key=lambda change: order.index(change.kind))


def _change(judged: Judged, quarter: Period) -> Change | None:
    now = judged.figure
    if now.period.end != quarter.end or len(judged.series) < 2:
        return None
    before = judged.series[-2]
    if now.shown and before.shown:
        if _crossed_target(judged, before):
            return Change(Kind.TARGET_MET if now.meets_target else Kind.TARGET_MISSED, judged, before)
        side = _moved(judged)
        if side:
            return Change(Kind.MOVED, judged, before, side)
    if year := _in_a_year(judged):
        return year
    if now.shown and before.shown is None and before.status is not Status.NOT_APPLICABLE:
        return Change(Kind.APPEARED, judged, before)
    if before.shown and now.status in {Status.WITHHELD, Status.MISSING}:
        return Change(Kind(now.status.value), judged, before)
    return None


def _crossed_target(judged: Judged, before: Figure) -> bool:
    """Whether a target that the figure before met is now missed beyond chance, or the contrary.

    The fact comes first (METHODS 2.2): a target that was met already, if by little, is not newly met. Quarters too
    thin to be judged one by one are not.
    """
    now = judged.figure
    if judged.target_figure != now or before.judgement is None:
        return False
    return now.judgement in {Judgement.BETTER, Judgement.WORSE} and before.meets_target is not now.meets_target


def _in_a_year(judged: Judged) -> Change | None:
    """Return the difference with a year earlier, where it is beyond chance."""
    match judged.year_on_year:
        case YearOnYear(beyond_chance=True, before=before, difference=difference):
            return Change(Kind.YEAR, judged, before, Side.ABOVE if difference > 0 else Side.BELOW)
        case _:
            return None


def _moved(judged: Judged) -> Side | None:
    """Return where a figure moved, as its process tells: a difference between two quarters is not said (METHODS 2.4).

    A lasting change is news in the quarter in which it is first told.
    """
    signal = judged.signal
    return signal.side if signal and signal.since == signal.position else None
