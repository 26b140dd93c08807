"""Pages are drawn a few at a time, in the order in which they were asked for; none keeps another out for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import pytest

from dashboards.web.turns import Turns
from tests.other_days import IS_ELSEWHERE

pytestmark = pytest.mark.skipif(IS_ELSEWHERE, reason="threads that wait for some seconds would wait for ever")

LONG_S = 60.0


def started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def until(true: Callable[[], bool]) -> None:
    last = time.monotonic() + LONG_S
    while not true():
        assert time.monotonic() < last
        time.sleep(0.005)


@pytest.mark.parametrize("at_once", [1, 2])
def test_so_many_go_on_at_once_and_those_that_came_first_before_the_others(at_once: int) -> None:
    turns, lock, go = Turns(at_once, LONG_S), threading.Lock(), threading.Event()
    order: list[int] = []
    inside, most = [0], [0]

    def work(number: int) -> None:
        with turns.one():
            with lock:
                order.append(number)
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            assert go.wait(LONG_S)
            with lock:
                inside[0] -= 1

    def known(count: int) -> bool:
        return len(order) + len(turns._waiting) == count

    threads = []
    for number in range(8):
        threads.append(started(partial(work, number)))
        until(partial(known, number + 1))
    assert order == list(range(at_once))
    go.set()
    for thread in threads:
        thread.join(LONG_S)
    assert most[0] == at_once
    assert sorted(order) == list(range(8))
    # One by one, the order is that in which they came; of two at once, either may be the first to say so.
    assert at_once > 1 or order == sorted(order)


def test_who_has_a_turn_goes_on_with_it_inside() -> None:
    turns, start = Turns(1, LONG_S), time.monotonic()
    with turns.one():
        with turns.one():
            assert time.monotonic() - start < LONG_S / 2
        assert turns.waited_s < 1
    with turns.one():
        pass


def test_one_that_takes_long_keeps_nobody_out() -> None:
    turns, done = Turns(1, 0.05), threading.Event()
    with turns.one():
        started(lambda: _waited(turns, done))
        assert done.wait(LONG_S)
    # Who went on without a turn gave none back: there is still but one.
    late = threading.Event()
    with turns.one():
        started(lambda: _waited(turns, late))
        assert late.wait(LONG_S)


def _waited(turns: Turns, then: threading.Event) -> None:
    with turns.one():
        # Who goes on waits no more: a turn given to them now would be lost.
        if turns.waited_s >= 0.05 and not turns._waiting:
            then.set()


class PageLeftError(BaseException):
    """What Streamlit raises in a page whose reader has gone on."""


@pytest.mark.parametrize("comes", [False, True], ids=["in the queue", "as its turn comes"])
def test_a_page_that_is_left_while_it_waits_keeps_no_turn_from_the_next(
    comes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, inside, left = Turns(1, LONG_S), threading.Event(), threading.Event()

    class LeftEvent(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - as it is called
            if comes:
                left.set()
                until(self.is_set)
            raise PageLeftError

    def hold() -> None:
        with turns.one():
            inside.set()
            assert left.wait(LONG_S)

    holder = started(hold)
    assert inside.wait(LONG_S)
    monkeypatch.setattr("dashboards.web.turns.threading", SimpleNamespace(Event=LeftEvent))
    with pytest.raises(PageLeftError), turns.one():
        pass
    left.set()
    holder.join(LONG_S)
    assert not turns._waiting
    with turns.one():
        pass


def test_a_page_that_fails_or_is_left_gives_its_turn_back() -> None:
    turns = Turns(1, LONG_S)
    for failure in (ZeroDivisionError, KeyboardInterrupt):
        with pytest.raises(failure), turns.one():
            raise failure
    start = time.monotonic()
    with turns.one():
        assert time.monotonic() - start < LONG_S / 2
