"""Cursors on the newest version of a store, kept open between questions: to begin one takes five milliseconds.

A page asks two or three times which version is the newest, which is a third of all that showing it again takes. Within
a moment of the last answer it is not asked again: what was deposited meanwhile by another process is seen that moment
later; what this process deposited is seen at once. A cursor reads one version only, whenever it is given out.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from indicators.store.lake import Cursor, Lake

MOST_KEPT: Final = 8
"""Cursors kept open at once: each holds a transaction and, on PostgreSQL, a connection."""


@dataclass(frozen=True)
class _Open:
    """A cursor whose transaction has begun, on the version that it reads; what closes it."""

    cursor: Cursor
    version: int
    ending: ExitStack


@dataclass(frozen=True)
class _Newest:
    """The newest version when it was last asked for, by a clock that only goes forward, in seconds."""

    version: int
    asked_at: float
    changes: int
    """How many times this process had written by then."""


class OpenCursors:
    """The cursors of a lake, each lent to one question at a time."""

    def __init__(self, lake: Lake, fresh_s: float = 0.0) -> None:
        """Open nothing yet; within `fresh_s` seconds the newest version is not asked for again (0: it always is)."""
        self.fresh_s = fresh_s
        self._lake = lake
        self._free: list[_Open] = []
        self._newest = _Newest(-1, float("-inf"), -1)
        self._lock = threading.Lock()

    @contextmanager
    def lent(self) -> Iterator[tuple[Cursor, int]]:
        """Lend a cursor and say which version it reads; errors come out as those of `Lake.cursor`."""
        taken = self._take() or self._begin()
        with ExitStack() as ending:
            # What fails leaves a transaction that nobody can go on with.
            ending.push(taken.ending)
            yield taken.cursor, taken.version
            if self._give_back(taken):
                ending.pop_all()

    def _is_current(self, version: int) -> bool:
        newest = self._newest
        recent = time.monotonic() - newest.asked_at < self.fresh_s
        return recent and version == newest.version and self._lake.changes == newest.changes

    def _take(self) -> _Open | None:
        with self._lock:
            taken = self._free.pop() if self._free and self._is_current(self._free[-1].version) else None
            # Those that waited are of an older version too, or as good: they are kept or closed together.
            left = [] if taken else self._free
            if left:
                self._free = []
        for one in left:
            one.ending.close()
        return taken

    def _begin(self) -> _Open:
        changes, asked_at = self._lake.changes, time.monotonic()
        with ExitStack() as ending:
            cursor = ending.enter_context(self._lake.cursor())
            version = cursor.version()
            with self._lock:
                if asked_at >= self._newest.asked_at:
                    self._newest = _Newest(version, asked_at, changes)
            return _Open(cursor, version, ending.pop_all())

    def _give_back(self, lent: _Open) -> bool:
        """Keep a cursor for the next question; false if it is to be closed."""
        with self._lock:
            keep = self._is_current(lent.version) and len(self._free) < MOST_KEPT
            if keep:
                self._free.append(lent)
            return keep

    def close(self) -> None:
        """Close those that wait; those that are lent close when they come back."""
        with self._lock:
            left, self._free, self.fresh_s = self._free, [], 0.0
        for one in left:
            one.ending.close()
