"""The cache of answers under the threads of a server: bounded, never broken, never another key's answer."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from indicators.answer_cache import AnswerCache
from indicators.network import KEPT_ANSWERS, REMEMBERED, Network, Reading

THREADS = 16
ASKED = 2_000


@pytest.fixture
def hurried() -> Iterator[None]:
    """Let threads take turns a thousand times more often than they do."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


class Key:
    """A key that is compared in Python, as perimeters and periods are: other threads may run meanwhile."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __hash__(self) -> int:
        return hash(self.number)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.number == other.number


def asked_by_threads(cache: AnswerCache, keys: int) -> None:
    """Ask a cache for many keys from many threads at once; each answer must be its key's."""
    ready = threading.Barrier(THREADS)

    def ask(thread: int) -> None:
        ready.wait()
        for turn in range(ASKED):
            number = (turn * (2 * thread + 1)) % keys
            assert cache.get_or_compute(Key(number), lambda number=number: [number]) == [number]

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(ask, range(THREADS)))


@pytest.mark.parametrize("bound", [1, 7, 50])
def test_sixteen_threads_over_more_keys_than_the_bound_break_nothing(hurried: None, bound: int) -> None:
    cache = AnswerCache(bound)
    asked_by_threads(cache, 3 * bound + 1)
    assert len(cache) == bound


@pytest.mark.parametrize(("name", "bound"), [("once", KEPT_ANSWERS), ("remembered", REMEMBERED)])
def test_sixteen_readers_of_one_version_over_more_questions_than_are_kept_break_nothing(
    hurried: None, network: Network, name: str, bound: int
) -> None:
    with network.reading() as reading:
        own = replace(reading, lasting=AnswerCache(REMEMBERED))

        def ask(thread: int) -> None:
            for turn in range(ASKED):
                number = (turn * (2 * thread + 1)) % (bound + 100)
                assert getattr(own, name)(Key(number), lambda number=number: [number]) == [number]

        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(ask, range(THREADS)))
        kept = own.answers if name == "once" else own.lasting
        assert len(kept) == bound


def test_the_oldest_answer_makes_room_for_the_newest() -> None:
    cache, computed = AnswerCache(2), []
    for key in ("a", "b", "c", "b", "a"):
        cache.get_or_compute(key, lambda key=key: computed.append(key) or key)
    assert computed == ["a", "b", "c", "a"]


def test_an_answer_may_be_computed_from_others_while_it_is(network: Network) -> None:
    with network.reading() as reading:

        def outer() -> int:
            return reading.once("inner", lambda: 20) + 1

        assert reading.once("outer", outer) == 21


def test_threads_that_ask_at_once_are_given_the_same_answer() -> None:
    cache, ready = AnswerCache(4), threading.Barrier(THREADS)

    def ask(_: int) -> list[int]:
        def slowly() -> list[int]:
            ready.wait()
            return [1]

        return cache.get_or_compute("key", slowly)

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(ask, range(THREADS)))
    assert len({id(answer) for answer in answers}) == 1


def test_a_reading_keeps_what_it_is_given_and_asks_again_for_what_has_no_answer(network: Network) -> None:
    def asked(reading: Reading) -> list[str]:
        calls: list[str] = []
        for _ in range(2):
            reading.once("nothing", lambda: calls.append("nothing"))
            reading.once("something", lambda: calls.append("something") or calls)
        return calls

    with network.reading() as reading:
        assert asked(reading) == ["nothing", "something", "nothing"]
