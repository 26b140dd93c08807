"""Count of requests in progress, so that background work can wait until the process is idle."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class InFlight:
    """Counts running requests and page renderings of all threads."""

    def __init__(self) -> None:
        """Start at zero."""
        self._count = 0
        self._changed = threading.Condition()

    @contextmanager
    def track(self) -> Iterator[None]:
        """Count one more request until the block ends."""
        with self._changed:
            self._count += 1
        try:
            yield
        finally:
            with self._changed:
                self._count -= 1
                self._changed.notify_all()

    def wait_until_idle(self, at_most_s: float) -> bool:
        """Wait until none is in progress; false after the timeout."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count == 0, at_most_s)


IN_FLIGHT = InFlight()
"""Of this process."""
