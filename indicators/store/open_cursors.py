"""Pool of cursors on the newest version of a store: opening one takes five milliseconds.

A page looks up the newest version two or three times, a third of the time of rendering it again. Within a moment of the
last look-up it is not repeated: deposits of other processes are seen that moment later, those of this process at once.
A cursor reads one version only, however often it is lent.

When another process has deposited, everybody would wait for the same first answers of the new version: for `hold_s`
seconds at most, readers go on with the version before while it is warmed up. A version that withdraws or erases
something is lent at once: what was taken away is not read a moment longer than it takes to look the version up.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Final

from indicators.store.cursor import Cursor
from indicators.store.lake import Lake

MAX_OPEN_CURSORS: Final = 8
"""Maximum of idle cursors: each holds a transaction and, on PostgreSQL, a connection."""


@dataclass(frozen=True)
class _OpenCursor:
    """A cursor whose transaction has begun, its version, and the stack that closes it."""

    cursor: Cursor
    version: int
    exit_stack: ExitStack


@dataclass(frozen=True)
class _NewestVersion:
    """The newest version at the last look-up, with its time on a monotonic clock, in seconds."""

    version: int
    looked_up_at: float
    write_count: int
    """Writes of this process at that time."""
    last_removal: int
    """Sequence number of its newest withdrawal or erasure; 0 without one, or where no cursor is kept."""


class OpenCursors:
    """Pool of the cursors of a lake, each lent to one query at a time."""

    def __init__(self, lake: Lake, fresh_s: float = 0.0) -> None:
        """Start empty; within `fresh_s` seconds the newest version is not looked up again (0: always)."""
        self.fresh_s = fresh_s
        self.hold_s = 0.0
        """Seconds for which a version that another process made waits to be warmed up (`release`)."""
        self._lake = lake
        self._idle: list[_OpenCursor] = []
        self._newest = _NewestVersion(-1, float("-inf"), -1, 0)
        self._held_until: float | None = None
        self._lock = threading.Lock()

    @contextmanager
    def lend(self, *, newest: bool = False) -> Iterator[tuple[Cursor, int]]:
        """Lend a cursor and its version, `newest` even where it is held back; errors are those of `Lake.cursor`."""
        open_cursor = None if newest else self._take()
        open_cursor = open_cursor or self._open_new(newest=newest)
        with ExitStack() as ending:
            # After a failure the transaction cannot be used again.
            ending.push(open_cursor.exit_stack)
            yield open_cursor.cursor, open_cursor.version
            if self._give_back(open_cursor):
                ending.pop_all()

    def release(self) -> None:
        """Lend the newest version from the next look-up on: it is warmed up."""
        with self._lock:
            if self._held_until is not None:
                self._held_until = float("-inf")

    def _take(self) -> _OpenCursor | None:
        """Take an idle cursor if the version was looked up a moment ago, and this process has written nothing since."""
        with self._lock:
            recent = time.monotonic() - self._newest.looked_up_at < self.fresh_s
            return self._idle.pop() if self._idle and recent and self._is_unchanged() else None

    def _is_unchanged(self) -> bool:
        return self._lake.write_count == self._newest.write_count

    def _open_new(self, *, newest: bool) -> _OpenCursor:
        """Open a cursor; where its version is held back, an idle one of the version before is taken instead."""
        changes, looked_up_at = self._lake.write_count, time.monotonic()
        with ExitStack() as ending:
            cursor = ending.enter_context(self._lake.cursor())
            version = cursor.version()
            last_removal = 0 if newest else self._last_removal(cursor, version)
            opened = _OpenCursor(cursor, version, ending.pop_all())
        if newest:
            return opened
        with self._lock:
            if self._is_held_back(opened.version, last_removal):
                self._newest = replace(self._newest, looked_up_at=looked_up_at)
                stale, taken = [opened], self._idle.pop()
            else:
                # Idle cursors are all of the same version.
                stale, taken = ([] if opened.version == self._newest.version else self._idle), opened
                if stale:
                    self._idle = []
                if looked_up_at >= self._newest.looked_up_at:
                    self._newest = _NewestVersion(opened.version, looked_up_at, changes, last_removal)
                    self._held_until = None
        for stale_cursor in stale:
            stale_cursor.exit_stack.close()
        return taken

    def _last_removal(self, cursor: Cursor, version: int) -> int:
        """Look up the newest withdrawal or erasure of a version, once; not where no cursor is kept to go on with."""
        newest = self._newest
        if version == newest.version:
            return newest.last_removal
        return cursor.last_removal() if self.fresh_s else 0

    def _is_held_back(self, version: int, last_removal: int) -> bool:
        """Whether a newer version waits: another process only added to it, and there is a cursor to go on with."""
        if version == self._newest.version or not (self.hold_s and self._idle and self._is_unchanged()):
            return False
        if last_removal > self._newest.last_removal:
            return False
        if self._held_until is None:
            self._held_until = time.monotonic() + self.hold_s
        return time.monotonic() < self._held_until

    def _give_back(self, open_cursor: _OpenCursor) -> bool:
        """Keep a cursor for the next query; false if it must be closed."""
        with self._lock:
            current = open_cursor.version == self._newest.version and self._is_unchanged()
            keep = bool(self.fresh_s) and current and len(self._idle) < MAX_OPEN_CURSORS
            if keep:
                self._idle.append(open_cursor)
            return keep

    def close(self) -> None:
        """Close the idle cursors; lent ones close when they are returned."""
        with self._lock:
            idle, self._idle, self.fresh_s = self._idle, [], 0.0
        for idle_cursor in idle:
            idle_cursor.exit_stack.close()
