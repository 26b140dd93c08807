"""A bounded cache that the threads of a process share: each answer is computed once, however many ask for it at once.

What was not asked for the longest makes room: the structures of a network are asked for by every page, and stay.

A thread that asks for what another one is computing waits for it. Computations ask for other answers in their turn, in
any order, so two threads could wait for each other for ever: whoever would close such a circle computes for itself.
"""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Final, TypeVar

Answer = TypeVar("Answer")

LONGEST_WAIT_S: Final = 60
"""Seconds after which a thread computes what it waited for: no answer of ours takes that long."""


class _Computation(Future[object]):
    """An answer that a thread is computing."""

    def __init__(self) -> None:
        """Begin a computation of this thread."""
        super().__init__()
        self.thread = threading.get_ident()


class _Waits:
    """Which thread waits for which computation, in all the caches of the process."""

    def __init__(self) -> None:
        """Start with no thread waiting."""
        self._of_thread: dict[int, _Computation] = {}
        self._lock = threading.Lock()

    def join(self, wanted: _Computation) -> bool:
        """Wait for a computation; false if it would be for ever, or is for too long.

        It would be for ever if who computes waits, directly or not, for what this very thread is computing.
        """
        asking = threading.get_ident()
        with self._lock:
            computing: _Computation | None = wanted
            # One that is done holds nobody up, whatever its thread has gone on to.
            while computing is not None and not computing.done():
                if computing.thread == asking:
                    return False
                computing = self._of_thread.get(computing.thread)
            self._of_thread[asking] = wanted
        try:
            return bool(wait([wanted], LONGEST_WAIT_S).done)
        finally:
            with self._lock:
                del self._of_thread[asking]


_WAITS: Final = _Waits()


@dataclass
class Uses:
    """How often answers were kept already, computed, or waited for while another thread computed them."""

    kept: int = 0
    computed: int = 0
    joined: int = 0


class AnswerCache:
    """At most `bound` answers by key. They are shared as they are: whoever is given one only reads it."""

    def __init__(self, bound: int, uses: Uses | None = None) -> None:
        """Start empty; `bound` counts answers, at least one; `uses` counts what several caches are asked for."""
        self._bound = bound
        self._uses = uses or Uses()
        self._answers: dict[Hashable, object] = {}
        self._computing: dict[Hashable, _Computation] = {}
        self._lock = threading.Lock()

    def get_or_compute(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """Return the answer under `key`, else compute and keep it; null is an answer that is never kept.

        Threads that ask at the same time are given what the first of them computes, its exception included.
        """
        while True:
            with self._lock:
                if (kept := self._answers.pop(key, None)) is not None:
                    # What is asked for again stays: the newest are those used last.
                    self._answers[key] = kept
                    self._uses.kept += 1
                    return kept  # type: ignore[return-value]  # what is kept under a key is what `compute` gave
                running = self._computing.get(key)
                if running is not None:
                    self._uses.joined += 1
                else:
                    self._uses.computed += 1
                    own = self._computing[key] = _Computation()
            if running is None:
                return self._compute(key, own, compute)  # type: ignore[return-value]
            if not _WAITS.join(running):
                return self._keep(key, compute())  # type: ignore[return-value]
            failure = running.exception()
            if failure is None:
                return running.result()  # type: ignore[return-value]
            if not isinstance(failure, _InterruptedError):
                raise failure

    def _compute(self, key: Hashable, own: _Computation, compute: Callable[[], object]) -> object:
        try:
            # Outside the lock: a computation may take seconds, and may ask for other answers.
            answer = self._keep(key, compute())
        # Whatever fails is raised here and for each thread that waits, and nothing is kept: the next one asks anew.
        except Exception as failure:
            self._end(key)
            own.set_exception(failure)
            raise
        # A page that its reader left stops there: those who wait still want their answer.
        except BaseException:
            self._end(key)
            own.set_exception(_InterruptedError())
            raise
        self._end(key)
        own.set_result(answer)
        return answer

    def _end(self, key: Hashable) -> None:
        with self._lock:
            del self._computing[key]

    def _keep(self, key: Hashable, answer: object) -> object:
        if answer is None:
            return None
        with self._lock:
            kept = self._answers.setdefault(key, answer)
            # Without the lock, another thread adds an answer between `iter` and `next`: a RuntimeError.
            while len(self._answers) > self._bound:
                del self._answers[next(iter(self._answers))]
        return kept

    def __contains__(self, key: Hashable) -> bool:
        """Whether there is an answer under a key."""
        return key in self._answers

    def __len__(self) -> int:
        """How many answers are kept."""
        return len(self._answers)


class _InterruptedError(Exception):
    """The thread that was computing an answer was stopped, for a reason that is its own."""
