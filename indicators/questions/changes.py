"""What changed on a board since the period before, when it is more than chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from indicators.figures import Figure, Status
from indicators.judgement import Judgement
from indicators.judgement.reference import Side
from indicators.periods import Period
from indicators.questions.judged import Judged


class Kind(StrEnum):
    """What happened to a figure, the gravest first."""

    TARGET_MISSED = "target_missed"
    TARGET_MET = "target_met"
    MOVED = "moved"
    """Beyond chance: a special cause at the latest point, told in this quarter for the first time if it lasts."""
    WITHHELD = "withheld"
    MISSING = "missing"
    APPEARED = "appeared"


@dataclass(frozen=True)
class Change:
    """One thing that happened to one figure of a board; `side` is where it moved, if it did."""

    kind: Kind
    judged: Judged
    before: Figure
    side: Side | None = None


def changes(board: Sequence[Judged], quarter: Period) -> list[Change]:
    """Return what changed on a board, one thing a figure, the gravest first, then in the order of the board.

    Only figures whose period ends with the quarter can have changed in it; each is compared with the one before.
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
        if now.judgement in {Judgement.BETTER, Judgement.WORSE} and before.judgement not in {None, now.judgement}:
            met = now.judgement is Judgement.BETTER
            return Change(Kind.TARGET_MET if met else Kind.TARGET_MISSED, judged, before)
        side = _moved(judged)
        return Change(Kind.MOVED, judged, before, side) if side else None
    if now.shown and before.status is not Status.NOT_APPLICABLE:
        return Change(Kind.APPEARED, judged, before)
    if before.shown and now.status in {Status.WITHHELD, Status.MISSING}:
        return Change(Kind(now.status.value), judged, before)
    return None


def _moved(judged: Judged) -> Side | None:
    """Return where a figure moved, as its process tells: a difference between two quarters is not said (METHODS 2.4).

    A lasting change is news in the quarter in which it is first told.
    """
    signal = judged.signal
    return signal.side if signal and signal.since == signal.position else None
