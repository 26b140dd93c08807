"""The four tests of a process behaviour chart, for one series with its mean and limits (METHODS 4).

In this order: a point beyond the limits; 7 points steadily up or down; 2 of 3 consecutive points beyond the inner line,
all three on the same side of the mean, only the far ones marked; 7 consecutive points on one side. Sources: Nelson, L.
S. (1984), The Shewhart control chart — tests for special causes, Journal of Quality Technology 16, 237-239; for lengths
of run, Making Data Count (NHS England). What they leave open, and what is done here:

- A gap (None) breaks runs and windows: the points beside it are not neighbours.
- Two equal points are no step and break a run up or down (Nelson: « steadily »); a point exactly on the mean is on no
  side and breaks a run (as in NHSRplotthedots). Equal means within 10⁻⁹ of the largest value: rounding is no signal.
- In « 2 of 3 », a point beyond the outer limit is beyond the inner line too (Nelson's test 5: « in zone A or beyond »).
- A steady run draws to where it goes; any other test, to the side of the mean on which the point stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Final

from indicators.judgement.comparison import Side
from indicators.judgement.cusum import LastingChange

RUN: Final = 7
"""Points of a run, up, down or on one side (METHODS 4; Making Data Count)."""
NEAR: Final = 1e-9
"""Share of the largest value of a series within which two are equal."""


class Signal(StrEnum):
    """A special cause, in the order of the tests; of a rate of people a lasting change alone."""

    BEYOND = "beyond"
    """A point beyond the limits."""
    STEADY = "steady"
    """Seven points steadily up, or down; all of them have it."""
    TWO_OF_THREE = "two_of_three"
    """Two of three consecutive points beyond the inner line, all three on one side; only the far ones have it."""
    ONE_SIDE = "one_side"
    """Seven consecutive points on one side of the mean; all of them have it."""
    LASTING = "lasting"
    """A lasting change of a rate of people, which `cusum` tells; every point has it until the change has ended."""


@dataclass(frozen=True)
class Limits:
    """Within `lower` and `upper` a point has a common cause; the inner lines stand at two thirds of them."""

    lower: float
    inner_lower: float
    inner_upper: float
    upper: float


@dataclass(frozen=True)
class Told:
    """The special causes of a point, in the order of the tests, and where the first of them draws.

    `change` is the lasting change of which the point is a part, if that is its cause.
    """

    signals: tuple[Signal, ...] = ()
    side: Side | None = None
    change: LastingChange | None = None


def special_causes(values: Sequence[float | None], mean: float, limits: Limits) -> list[Told]:
    """Return what the tests tell of each point of one segment."""
    near = NEAR * max((abs(value) for value in values if value is not None), default=0.0)
    steps = [0, *(_sign(before, value, near) for before, value in pairwise(values))]
    sides = [_sign(mean, value, near) for value in values]
    far = [_outside(value, limits.inner_lower, limits.inner_upper, near) for value in values]
    draws: dict[Signal, dict[int, int]] = {signal: {} for signal in Signal}
    for at, value in enumerate(values):
        if _outside(value, limits.lower, limits.upper, near):
            draws[Signal.BEYOND][at] = sides[at]
    # Six steps are a run of seven points: the one before the first step has it too. The last of one run may begin
    # another: the run that has led to it is its own.
    for run in _runs(steps, RUN - 1):
        for at in range(run.start - 1, run.stop):
            draws[Signal.STEADY].setdefault(at, steps[run.start])
    for first in range(len(values) - 2):
        window = slice(first, first + 3)
        if sum(far[window]) >= 2 and abs(sum(sides[window])) == 3:
            draws[Signal.TWO_OF_THREE].update({at: sides[at] for at in range(first, first + 3) if far[at]})
    for run in _runs(sides, RUN):
        draws[Signal.ONE_SIDE].update({at: sides[at] for at in run})
    told = [Told()] * len(values)
    for at in set().union(*draws.values()):
        signals = tuple(signal for signal in Signal if at in draws[signal])
        told[at] = Told(signals, Side.ABOVE if draws[signals[0]][at] > 0 else Side.BELOW)
    return told


def _sign(before: float | None, value: float | None, near: float) -> int:
    """Return 1 if the second is larger, −1 if it is smaller, 0 if they are equal or if one is a gap."""
    if before is None or value is None or abs(value - before) <= near:
        return 0
    return 1 if value > before else -1


def _outside(value: float | None, lower: float, upper: float, near: float) -> bool:
    return value is not None and not lower - near <= value <= upper + near


def _runs(signs: Sequence[int], least: int) -> list[range]:
    """Return the positions of every run of at least `least` equal signs, zeros apart."""
    runs, start = [], 0
    for sign, equal in groupby(signs):
        stop = start + sum(1 for _ in equal)
        if sign and stop - start >= least:
            runs.append(range(start, stop))
        start = stop
    return runs
