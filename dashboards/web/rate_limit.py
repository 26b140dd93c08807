"""How often somebody may do a thing: a number of times at once, then again at an even pace."""

from collections.abc import Callable
from threading import Lock
from time import monotonic_ns
from typing import Final

MINUTE: Final = 60_000_000_000
"""Nanoseconds."""
MAX_REMEMBERED: Final = 10_000
"""Names that are remembered at once: strangers have as many addresses as they like, we have one memory."""


class RateLimit:
    """Allows each name `per_minute` times a minute (generic cell rate algorithm, ITU-T I.371).

    One moment is kept for each name: that at which it will have used up nothing. A name that is forgotten was either
    there already, or makes room in a flood of others.
    """

    def __init__(self, per_minute: int, clock: Callable[[], int] = monotonic_ns) -> None:
        """Allow so many times; `clock` counts nanoseconds."""
        self._interval = MINUTE // per_minute
        self._clock = clock
        self._idle_from: dict[str, int] = {}
        self._lock = Lock()

    def allows(self, name: str) -> bool:
        """Count one more time for a name, and say whether it is allowed; what is refused does not count."""
        now = self._clock()
        with self._lock:
            idle_from = max(self._idle_from.pop(name, now), now)
            allowed = idle_from + self._interval - now <= MINUTE
            # Put last again: those who were not seen for longest stand first.
            self._idle_from[name] = idle_from + self._interval * allowed
            if len(self._idle_from) > MAX_REMEMBERED:
                del self._idle_from[next(iter(self._idle_from))]
        return allowed
