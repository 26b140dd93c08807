"""Rate limiting per name: a burst of a minute's allowance, then an even pace."""

from collections.abc import Callable
from threading import Lock
from time import monotonic_ns
from typing import Final

MINUTE_NS: Final = 60_000_000_000
"""Nanoseconds."""
MAX_REMEMBERED_NAMES: Final = 10_000
"""Names remembered at once: clients may have any number of addresses, our memory is bounded."""


class RateLimit:
    """Allows each name `per_minute` times a minute (generic cell rate algorithm, ITU-T I.371).

    One moment is stored for each name: when its whole allowance will be available again. A forgotten name has either
    reached it, or made room in a flood of others.
    """

    def __init__(self, per_minute: int, clock: Callable[[], int] = monotonic_ns) -> None:
        """Set the allowance; `clock` returns nanoseconds."""
        self._interval = MINUTE_NS // per_minute
        self._clock = clock
        self._idle_from: dict[str, int] = {}
        self._lock = Lock()

    def allows(self, name: str) -> bool:
        """Count one use for a name and return whether it is allowed; refused uses do not count."""
        now = self._clock()
        with self._lock:
            idle_from = max(self._idle_from.pop(name, now), now)
            allowed = idle_from + self._interval - now <= MINUTE_NS
            # Reinserted last, so that the least recently seen names come first.
            self._idle_from[name] = idle_from + self._interval * allowed
            if len(self._idle_from) > MAX_REMEMBERED_NAMES:
                del self._idle_from[next(iter(self._idle_from))]
        return allowed
