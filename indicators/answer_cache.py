"""A bounded cache that the threads of a process share: the oldest answer makes room for the newest."""

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar

Answer = TypeVar("Answer")


class AnswerCache:
    """At most `bound` answers by key. They are shared as they are: whoever is given one only reads it."""

    def __init__(self, bound: int) -> None:
        """Start empty; `bound` counts answers, at least one."""
        self._bound = bound
        self._answers: dict[Hashable, object] = {}
        self._lock = threading.Lock()

    def get_or_compute(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """Return the answer under `key`, else compute and keep it; null is an answer that is never kept.

        Threads that ask at the same time each compute, and all are given the answer kept first.
        """
        found = self._answers.get(key)
        if found is None:
            # Outside the lock: a computation may take seconds, and may ask for other answers.
            found = self._keep(key, compute())
        return found  # type: ignore[return-value]  # what is kept under a key is what `compute` gave

    def _keep(self, key: Hashable, answer: object) -> object:
        if answer is None:
            return None
        with self._lock:
            kept = self._answers.setdefault(key, answer)
            # Without the lock, another thread adds an answer between `iter` and `next`: a RuntimeError.
            while len(self._answers) > self._bound:
                del self._answers[next(iter(self._answers))]
        return kept

    def __len__(self) -> int:
        """How many answers are kept."""
        return len(self._answers)
