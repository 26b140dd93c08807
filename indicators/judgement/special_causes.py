"""The four tests for special causes of a control chart, for one series with its mean and limits (METHODS 4).

In this order: a point beyond the limits; 7 points steadily up or down; 2 of 3 consecutive points beyond the inner line,
all three on the same side of the mean, only the far ones marked; 7 consecutive points on one side. Sources: Nelson, L.
S. (1984), The Shewhart control chart — tests for special causes, Journal of Quality Technology 16, 237-239; for lengths
of run, Making Data Count (NHS England). Details that the sources leave open:

- A gap (None) breaks runs and windows: the points on its two sides are not neighbours.
- Two equal points are no step and break a run up or down (Nelson: « steadily »); a point exactly on the mean is on no
  side and breaks a run (as in NHSRplotthedots). Equal means within 10⁻⁹ of the largest value: rounding is no signal.
- In « 2 of 3 », a point beyond the outer limit is beyond the inner line too (Nelson's test 5: « in zone A or beyond »).
- The side of a steady run is its direction; that of any other test is the side of the mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Final

from indicators.judgement.comparison import Side
from indicators.judgement.cusum import LastingChange

RUN_POINTS: Final = 7
"""Points of a run, up, down or on one side (METHODS 4; Making Data Count)."""
RELATIVE_TOLERANCE: Final = 1e-9
"""Tolerance within which two values are equal, as a share of the largest value of the series."""


class Signal(StrEnum):
    """A special cause, in the order of the tests; a rate of people has lasting changes only."""

    BEYOND = "beyond"
    """A point beyond the limits."""
    STEADY = "steady"
    """Seven points steadily up, or down; all are marked."""
    TWO_OF_THREE = "two_of_three"
    """Two of three consecutive points beyond the inner line, all three on one side; only the far ones are marked."""
    ONE_SIDE = "one_side"
    """Seven consecutive points on one side of the mean; all are marked."""
    LASTING = "lasting"
    """A lasting change of a rate of people, detected by `cusum`; all points are marked until the change has ended."""


@dataclass(frozen=True)
class ControlLimits:
    """Limits between which a point has a common cause (`lower` to `upper`), and inner lines at two thirds of them."""

    lower: float
    inner_lower: float
    inner_upper: float
    upper: float


@dataclass(frozen=True)
class PointSignals:
    """The special causes of a point, in the order of the tests, and the side of the first.

    `change` is the lasting change that the point belongs to, if that is its cause.
    """

    signals: tuple[Signal, ...] = ()
    side: Side | None = None
    change: LastingChange | None = None


def special_causes(values: Sequence[float | None], mean: float, limits: ControlLimits) -> list[PointSignals]:
    """Return the signals of each point of one segment."""
    tolerance = RELATIVE_TOLERANCE * max((abs(value) for value in values if value is not None), default=0.0)
    steps = [0, *(_sign(before, value, tolerance) for before, value in pairwise(values))]
    sides = [_sign(mean, value, tolerance) for value in values]
    is_beyond_inner_line = [_is_outside(value, limits.inner_lower, limits.inner_upper, tolerance) for value in values]
    draws: dict[Signal, dict[int, int]] = {signal: {} for signal in Signal}
    for at, value in enumerate(values):
        if _is_outside(value, limits.lower, limits.upper, tolerance):
            draws[Signal.BEYOND][at] = sides[at]
    # Six steps are a run of seven points: the point before the first step is marked too. The last point of one run may
    # begin another; it belongs to the run that led to it.
    for run in _runs(steps, RUN_POINTS - 1):
        for at in range(run.start - 1, run.stop):
            draws[Signal.STEADY].setdefault(at, steps[run.start])
    for first in range(len(values) - 2):
        window = slice(first, first + 3)
        if sum(is_beyond_inner_line[window]) >= 2 and abs(sum(sides[window])) == 3:
            draws[Signal.TWO_OF_THREE].update(
                {at: sides[at] for at in range(first, first + 3) if is_beyond_inner_line[at]}
            )
    for run in _runs(sides, RUN_POINTS):
        draws[Signal.ONE_SIDE].update({at: sides[at] for at in run})
    points = [PointSignals()] * len(values)
    for at in set().union(*draws.values()):
        signals = tuple(signal for signal in Signal if at in draws[signal])
        points[at] = PointSignals(signals, Side.ABOVE if draws[signals[0]][at] > 0 else Side.BELOW)
    return points


def _sign(before: float | None, value: float | None, tolerance: float) -> int:
    """Return 1 if the second is larger, −1 if it is smaller, 0 if they are equal or if one is a gap."""
    if before is None or value is None or abs(value - before) <= tolerance:
        return 0
    return 1 if value > before else -1


def _is_outside(value: float | None, lower: float, upper: float, tolerance: float) -> bool:
    return value is not None and not lower - tolerance <= value <= upper + tolerance


def _runs(signs: Sequence[int], min_length: int) -> list[range]:
    """Return the positions of every run of at least `min_length` equal non-zero signs."""
    runs, start = [], 0
    for sign, equal in groupby(signs):
        stop = start + sum(1 for _ in equal)
        if sign and stop - start >= min_length:
            runs.append(range(start, stop))
        start = stop
    return runs
