"""Pages are drawn a few at a time, in the order in which they were asked for.

Fifty pages drawn at once are all drawn as slowly as the last: each step of each waits for the processor behind steps of
all the others. A few at a time, the first is done while the last has not begun, and no page waits longer in all.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

AT_ONCE: Final = 2
"""Pages drawn at once: while one asks the store, which needs no interpreter, another is written."""
PATIENCE_S: Final = 1.0
"""Seconds after which a page is drawn beside the others: one that takes long, such as a deposit, keeps nobody out."""


class Turns:
    """Lets a few threads go on at once, those that came first before the others."""

    def __init__(self, places: int = AT_ONCE, patience_s: float = PATIENCE_S) -> None:
        """Let `at_once` threads go on; whoever has waited `patience_s` seconds does too."""
        self._free = places
        self._patience_s = patience_s
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()
        self._thread = threading.local()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a turn, and keep it until the end; a thread that has one goes on with it."""
        if getattr(self._thread, "in_turn", False):
            yield
            return
        start = time.perf_counter()
        given = self._take()
        self._thread.in_turn, self._thread.waited_s = True, time.perf_counter() - start
        try:
            yield
        finally:
            self._thread.in_turn, self._thread.waited_s = False, 0.0
            if given:
                self._give_back()

    @property
    def waited_s(self) -> float:
        """Seconds that this thread waited for the turn that it has; none without one."""
        return float(getattr(self._thread, "waited_s", 0.0))

    def _take(self) -> bool:
        """Wait for a turn; false if it did not come in time."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            own = threading.Event()
            self._waiting.append(own)
        try:
            given = own.wait(self._patience_s)
        # A page that its reader has left is interrupted here: its turn goes to the next one.
        except BaseException:
            self._leave(own)
            raise
        return given or not self._leave(own, keep=True)

    def _leave(self, own: threading.Event, *, keep: bool = False) -> bool:
        """Wait no more; false if the turn came meanwhile, which is passed on unless it is to be kept."""
        with self._lock:
            if own in self._waiting:
                self._waiting.remove(own)
                return True
        if not keep:
            self._give_back()
        return False

    def _give_back(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


TURNS: Final = Turns()
"""Of this process."""
