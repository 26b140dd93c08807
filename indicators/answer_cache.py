"""Bounded thread-safe LRU cache with single flight: concurrent requests for one key compute its answer once.

A thread that requests an answer under computation waits for the thread that computes it. Computations may request other
answers in any order; a thread whose wait would close a circle (deadlock) computes the answer itself instead.
"""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from typing import Final, TypeVar

import polars as pl

Answer = TypeVar("Answer")

MAX_WAIT_S: Final = 60
"""Seconds after which a waiting thread computes the answer itself: no answer of ours takes that long."""


class _Computation(Future[object]):
    """The future answer of a computation, with the thread that runs it."""

    def __init__(self) -> None:
        """Register a computation run by the current thread."""
        super().__init__()
        self.thread = threading.get_ident()


class _WaitGraph:
    """Wait-for graph of threads and computations, across all caches of the process."""

    def __init__(self) -> None:
        """Start with no thread waiting."""
        self._awaited_by_thread: dict[int, _Computation] = {}
        self._lock = threading.Lock()

    def join(self, awaited: _Computation) -> bool:
        """Wait for a computation; return false on a deadlock or a timeout.

        A deadlock is a computing thread that waits, directly or not, for a computation of the current thread.
        """
        thread = threading.get_ident()
        with self._lock:
            current: _Computation | None = awaited
            # A finished computation blocks no thread, whatever its own thread does next.
            while current is not None and not current.done():
                if current.thread == thread:
                    return False
                current = self._awaited_by_thread.get(current.thread)
            self._awaited_by_thread[thread] = awaited
        try:
            return bool(wait([awaited], MAX_WAIT_S).done)
        finally:
            with self._lock:
                del self._awaited_by_thread[thread]


_WAIT_GRAPH: Final = _WaitGraph()


@dataclass
class CacheCounters:
    """Counters of requests: answers found in the cache, computed, or awaited from another thread."""

    hits: int = 0
    computed: int = 0
    waited: int = 0


class AnswerCache:
    """At most `bound` answers by key, shared without copying: callers must not change them."""

    def __init__(self, bound: int, counters: CacheCounters | None = None) -> None:
        """Start empty; `bound` is at least one answer; `counters` may be shared by several caches."""
        self._bound = bound
        self._counters = counters or CacheCounters()
        self._answers: dict[Hashable, object] = {}
        self._computing: dict[Hashable, _Computation] = {}
        self._lock = threading.Lock()

    def get_or_compute(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """Return the cached answer of `key`, or compute and cache it; `None` is returned and never cached.

        Concurrent callers get the answer that the first of them computes, or its exception.
        """
        while True:
            with self._lock:
                if (answer := self._answers.pop(key, None)) is not None:
                    # Moved to the end: eviction starts with the least recently used.
                    self._answers[key] = answer
                    self._counters.hits += 1
                    return answer  # type: ignore[return-value]  # what is kept under a key is what `compute` gave
                running = self._computing.get(key)
                if running is not None:
                    self._counters.waited += 1
                else:
                    self._counters.computed += 1
                    computation = self._computing[key] = _Computation()
            if running is None:
                return self._compute(key, computation, compute)  # type: ignore[return-value]
            if not _WAIT_GRAPH.join(running):
                return self._store(key, compute())  # type: ignore[return-value]
            failure = running.exception()
            if failure is None:
                return running.result()  # type: ignore[return-value]
            if not isinstance(failure, _InterruptedError):
                raise failure

    def _compute(self, key: Hashable, computation: _Computation, compute: Callable[[], object]) -> object:
        try:
            # Outside the lock: a computation may take seconds and may request other answers.
            answer = self._store(key, compute())
        # A failure is raised here and in each waiting thread and is not cached: the next request computes again.
        except Exception as failure:
            self._finish(key)
            computation.set_exception(failure)
            raise
        # A page that its reader has left is interrupted here; the waiting threads still need the answer.
        except BaseException:
            self._finish(key)
            computation.set_exception(_InterruptedError())
            raise
        self._finish(key)
        computation.set_result(answer)
        return answer

    def _finish(self, key: Hashable) -> None:
        with self._lock:
            del self._computing[key]

    def _store(self, key: Hashable, answer: object) -> object:
        if answer is None:
            return None
        with self._lock:
            stored = self._answers.setdefault(key, answer)
            # Without the lock, another thread adds an answer between `iter` and `next`: a RuntimeError.
            while len(self._answers) > self._bound:
                del self._answers[next(iter(self._answers))]
        return stored

    def __contains__(self, key: Hashable) -> bool:
        """Whether an answer is cached under a key."""
        return key in self._answers

    def __len__(self) -> int:
        """Number of cached answers."""
        return len(self._answers)


class _InterruptedError(Exception):
    """The thread that computed an answer was interrupted for a reason unrelated to the answer."""


def digest(frame: pl.DataFrame) -> str:
    """Return a digest of a frame, independent of the order of its rows.

    Of equal frames it may differ, where what lies under nulls does; of different ones it never agrees.
    """
    content = BytesIO()
    # As newer types, equal texts are written by their places in buffers, which the frame may share with a larger one.
    frame.sort(frame.columns, nulls_last=True).rechunk().write_ipc(
        content, compression="uncompressed", compat_level=pl.CompatLevel.oldest()
    )
    return blake2b(content.getbuffer(), digest_size=16).hexdigest()


def detach(frame: pl.DataFrame) -> pl.DataFrame:
    """Copy a frame into buffers of its own: a slice of texts keeps alive the whole it was taken from, ten times its own
    size."""
    copy = pl.from_arrow(frame.to_arrow(compat_level=pl.CompatLevel.oldest()), schema=frame.schema)
    return copy if isinstance(copy, pl.DataFrame) else copy.to_frame()
