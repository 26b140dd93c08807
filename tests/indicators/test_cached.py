"""A cached property is computed once for an object, and nobody waits for that of another object."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from indicators.cached import cached_property

LONG_S = 60.0


@dataclass(frozen=True)
class Board:
    computed: list[int]
    begun: threading.Event
    go_on: threading.Event

    @cached_property
    def figure(self) -> int:
        """What a board shows."""
        self.begun.set()
        assert self.go_on.wait(LONG_S)
        self.computed.append(1)
        return 42


def board(*, at_once: bool = True) -> Board:
    made = Board([], threading.Event(), threading.Event())
    if at_once:
        made.go_on.set()
    return made


def test_it_is_computed_once_for_each_object() -> None:
    one, other = board(), board()
    assert [one.figure, one.figure, other.figure] == [42, 42, 42]
    assert (one.computed, other.computed) == ([1], [1])
    assert Board.figure.__doc__ == "What a board shows."


def test_who_asks_of_one_object_waits_for_nobody_who_asks_of_another() -> None:
    slow, quick = board(at_once=False), board()
    with ThreadPoolExecutor() as pool:
        late = pool.submit(lambda: slow.figure)
        assert slow.begun.wait(LONG_S)
        assert pool.submit(lambda: quick.figure).result(LONG_S) == 42
        assert not late.done()
        slow.go_on.set()
        assert late.result(LONG_S) == 42


def test_what_fails_is_not_kept() -> None:
    class Failing:
        tried = 0

        @cached_property
        def value(self) -> int:
            self.tried += 1
            if self.tried == 1:
                raise ZeroDivisionError
            return self.tried

    one = Failing()
    with pytest.raises(ZeroDivisionError):
        _ = one.value
    assert [one.value, one.value] == [2, 2]
