"""How many requests the process is answering: what nobody waits for is done while nobody waits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class InFlight:
    """Counts the requests and showings of pages that have begun and not ended, in all threads."""

    def __init__(self) -> None:
        """Start with none."""
        self._count = 0
        self._changed = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one more until it ends, however it ends."""
        with self._changed:
            self._count += 1
        try:
            yield
        finally:
            with self._changed:
                self._count -= 1
                self._changed.notify_all()

    @property
    def count(self) -> int:
        """How many there are now."""
        return self._count

    def wait_for_none(self, at_most_s: float) -> bool:
        """Wait until there are none; false if there still are after some seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count == 0, at_most_s)


IN_FLIGHT = InFlight()
"""Of this process."""
