"""Reproducible draws: the same seed gives the same figures on every machine and every Python."""

import random
from collections.abc import Sequence
from typing import Final, TypeVar

SEED: Final = "pilotage-demo-1"

_Thing = TypeVar("_Thing")

_EXACT_UP_TO: Final = 400
"""Above this many trials a binomial is drawn from its bell curve: nobody sees the difference, and it is quick."""


class Dice:
    """Draws for one subject; the draws of one subject never move those of another.

    Only `Random.random` is used: the other methods of the standard library may change between two versions.
    """

    def __init__(self, *subject: str) -> None:
        """Seed the dice by their subject."""
        self._random = random.Random("/".join((SEED, *subject)))

    def between(self, low: float, high: float) -> float:
        """A number spread evenly from low to high."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int((high - low + 1) * self._random.random())

    def bell(self, mean: float, deviation: float) -> float:
        """A number near the mean: twelve even draws make a good bell, without the machine's mathematics library."""
        return mean + deviation * (sum(self._random.random() for _ in range(12)) - 6)

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random.random() < probability

    def successes(self, trials: int, probability: float) -> int:
        """How many of so many independent trials succeed."""
        if trials <= _EXACT_UP_TO:
            return sum(self._random.random() < probability for _ in range(trials))
        mean = trials * probability
        drawn = round(self.bell(mean, (mean * (1 - probability)) ** 0.5))
        return min(max(drawn, 0), trials)

    def pick(self, things: Sequence[_Thing]) -> _Thing:
        """One of these things."""
        return things[self.whole(0, len(things) - 1)]
