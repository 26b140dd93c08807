"""Changes on a board since the previous period and since a year earlier, if beyond chance.

A difference between two consecutive periods alone is never reported: of twenty figures one would differ by chance. The
difference from a year earlier is, for a rate of people, if it is beyond chance at 99 % (METHODS 2.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from indicators.definitions.periods import Period
from indicators.figures.figure import Figure, Status
from indicators.figures.year_on_year import YearOnYear
from indicators.judgement import Judgement
from indicators.judgement.comparison import Side
from indicators.queries.figures.assessed_board import AssessedFigure


class ChangeKind(StrEnum):
    """Kinds of change of a figure, the most serious first."""

    TARGET_MISSED = "target_missed"
    TARGET_MET = "target_met"
    MOVED = "moved"
    """A special cause at the latest point; a lasting change only in the quarter of its first detection."""
    YEAR = "year"
    """Beyond chance against a year earlier."""
    WITHHELD = "withheld"
    MISSING = "missing"
    APPEARED = "appeared"


@dataclass(frozen=True)
class BoardChange:
    """One change of one figure of a board, with the figure `before` that it is compared with.

    `side` is the direction of the movement, if it moved.
    """

    kind: ChangeKind
    assessed: AssessedFigure
    before: Figure
    side: Side | None = None


def find_changes(board: Sequence[AssessedFigure], quarter: Period) -> list[BoardChange]:
    """Return the changes on a board, at most one per figure, the most serious first, then in the order of the board.

    Only figures whose period ends with the quarter are considered; each is compared with the previous one and with the
    one a year earlier.
    """
    board_changes = [change for assessed in board if (change := _find_change(assessed, quarter))]
    order = list(ChangeKind)
    return sorted(board_changes, key=lambda change: order.index(change.kind))


def _find_change(assessed: AssessedFigure, quarter: Period) -> BoardChange | None:
    now = assessed.figure
    if now.period.end != quarter.end or len(assessed.series) < 2:
        return None
    before = assessed.series[-2]
    if now.shown and before.shown:
        if _has_crossed_target(assessed, before):
            return BoardChange(
                ChangeKind.TARGET_MET if now.meets_target else ChangeKind.TARGET_MISSED, assessed, before
            )
        side = _movement(assessed)
        if side:
            return BoardChange(ChangeKind.MOVED, assessed, before, side)
    if year_change := _year_change(assessed):
        return year_change
    if now.shown and before.shown is None and before.status is not Status.NOT_APPLICABLE:
        return BoardChange(ChangeKind.APPEARED, assessed, before)
    if before.shown and now.status in {Status.WITHHELD, Status.MISSING}:
        return BoardChange(ChangeKind(now.status.value), assessed, before)
    return None


def _has_crossed_target(assessed: AssessedFigure, before: Figure) -> bool:
    """Whether a target met by the previous figure is now missed beyond chance, or the contrary.

    The fact comes first (METHODS 2.2): a target that was already met, if by little, is not newly met. Quarters too
    small to be judged one by one are not considered.
    """
    now = assessed.figure
    if assessed.target_figure != now or before.judgement is None:
        return False
    return now.judgement in {Judgement.BETTER, Judgement.WORSE} and before.meets_target is not now.meets_target


def _year_change(assessed: AssessedFigure) -> BoardChange | None:
    """Return the change since a year earlier, if it is beyond chance."""
    match assessed.year_on_year:
        case YearOnYear(beyond_chance=True, before=before, difference=difference):
            return BoardChange(ChangeKind.YEAR, assessed, before, Side.ABOVE if difference > 0 else Side.BELOW)
        case _:
            return None


def _movement(assessed: AssessedFigure) -> Side | None:
    """Return the direction of a figure's special cause; a difference between two quarters is not enough (METHODS 2.4).

    A lasting change is reported in the quarter of its first detection only.
    """
    signal = assessed.signal
    return signal.side if signal and signal.since == signal.position else None
