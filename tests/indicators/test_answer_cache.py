"""The cache of answers under the threads of a server: bounded, never broken, never another key's answer."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import polars as pl
import pytest

from indicators.answer_cache import AnswerCache, digest
from indicators.errors import StoreError
from indicators.network import MAX_ANSWERS_PER_VERSION, MAX_CONTENT_ANSWERS, Network
from indicators.snapshot import Snapshot

THREADS = 16
QUESTIONS = 2_000


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


def ask_from_threads(cache: AnswerCache, keys: int) -> None:
    """Ask a cache for many keys from many threads at once; each answer must be its key's."""
    ready = threading.Barrier(THREADS)

    def ask(thread: int) -> None:
        ready.wait()
        for turn in range(QUESTIONS):
            number = (turn * (2 * thread + 1)) % keys
            assert cache.get_or_compute(Key(number), lambda number=number: [number]) == [number]

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(ask, range(THREADS)))


@pytest.mark.parametrize("bound", [1, 7, 50])
def test_sixteen_threads_over_more_keys_than_the_bound_break_nothing(hurried: None, bound: int) -> None:
    cache = AnswerCache(bound)
    ask_from_threads(cache, 3 * bound + 1)
    assert len(cache) == bound


@pytest.mark.parametrize(
    ("name", "bound"), [("cached", MAX_ANSWERS_PER_VERSION), ("cached_by_content", MAX_CONTENT_ANSWERS)]
)
def test_sixteen_readers_of_one_version_over_more_questions_than_are_kept_break_nothing(
    hurried: None, network: Network, name: str, bound: int
) -> None:
    with network.snapshot() as snapshot:
        own = replace(snapshot, content_cache=AnswerCache(MAX_CONTENT_ANSWERS))

        def ask(thread: int) -> None:
            for turn in range(QUESTIONS):
                number = (turn * (2 * thread + 1)) % (bound + 100)
                assert getattr(own, name)(Key(number), lambda number=number: [number]) == [number]

        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(ask, range(THREADS)))
        kept = own.version_cache if name == "cached" else own.content_cache
        assert len(kept) == bound


def test_the_answer_that_was_not_asked_for_the_longest_makes_room() -> None:
    cache, computed = AnswerCache(2), []
    for key in ("a", "b", "a", "c", "a", "b"):
        cache.get_or_compute(key, lambda key=key: computed.append(key) or key)
    assert computed == ["a", "b", "c", "b"]


def test_an_answer_may_be_computed_from_others_while_it_is(network: Network) -> None:
    with network.snapshot() as snapshot:

        def outer() -> int:
            return snapshot.cached("inner", lambda: 20) + 1

        assert snapshot.cached("outer", outer) == 21


def test_what_sixteen_threads_ask_at_once_is_computed_once() -> None:
    cache, ready, computed = AnswerCache(4), threading.Barrier(THREADS), []

    def ask(_: int) -> list[int]:
        def slowly() -> list[int]:
            computed.append(threading.get_ident())
            time.sleep(0.05)
            return [1]

        ready.wait()
        return cache.get_or_compute("key", slowly)

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(ask, range(THREADS)))
    assert len(computed) == 1
    assert len({id(answer) for answer in answers}) == 1


def both(first: Callable[[], object], second: Callable[[], object]) -> tuple[object, object]:
    """Run two functions in threads of their own; one that never ends is an error."""
    with ThreadPoolExecutor(2) as threads:
        one, two = threads.submit(first), threads.submit(second)
        return one.result(10), two.result(10)


def test_an_exception_reaches_all_who_wait_and_the_next_one_asks_again() -> None:
    cache, begun, waited = AnswerCache(4), threading.Event(), threading.Event()

    def fail() -> int:
        begun.set()
        waited.wait(10)
        raise StoreError("the store does not answer")

    def first() -> object:
        with pytest.raises(StoreError):
            cache.get_or_compute("key", fail)
        return "failed"

    def second() -> object:
        begun.wait(10)
        threading.Timer(0.05, waited.set).start()
        with pytest.raises(StoreError):
            cache.get_or_compute("key", lambda: pytest.fail("computed by who should wait"))
        return "failed"

    assert both(first, second) == ("failed", "failed")
    assert cache.get_or_compute("key", lambda: 7) == 7


def test_who_waits_for_a_reader_that_leaves_still_gets_an_answer() -> None:
    cache, begun, waited = AnswerCache(4), threading.Event(), threading.Event()

    class Left(BaseException):
        """As Streamlit stops a page: no failure of what is computed."""

    def leave() -> int:
        begun.set()
        waited.wait(10)
        raise Left

    def first() -> object:
        with pytest.raises(Left):
            cache.get_or_compute("key", leave)
        return "left"

    def second() -> object:
        begun.wait(10)
        threading.Timer(0.05, waited.set).start()
        return cache.get_or_compute("key", lambda: 7)

    assert both(first, second) == ("left", 7)


def test_two_computations_that_need_each_other_wait_for_nobody_for_ever() -> None:
    cache, other, begun = AnswerCache(4), AnswerCache(4), threading.Barrier(2)

    def ask(own: AnswerCache, its: AnswerCache) -> int:
        def compute() -> int:
            begun.wait(10)
            return its.get_or_compute("key", lambda: 1) + 1

        return own.get_or_compute("key", compute)

    # Whoever would close the circle computes for itself; the other is given what is kept.
    assert set(both(lambda: ask(cache, other), lambda: ask(other, cache))) <= {1, 2, 3}


def test_a_computation_that_asks_for_its_own_key_computes_it_within() -> None:
    cache = AnswerCache(4)
    assert cache.get_or_compute("key", lambda: cache.get_or_compute("key", lambda: 1)) == 1


def test_circles_of_many_threads_over_many_keys_never_stand_still(hurried: None) -> None:
    cache = AnswerCache(3)

    def value(number: int, depth: int) -> int:
        if depth:
            following = (number * 3 + depth) % 7
            cache.get_or_compute(following, lambda: value(following, depth - 1))
        return number + 1

    def ask(thread: int) -> None:
        for turn in range(100):
            number = (thread + turn) % 7
            assert cache.get_or_compute(number, lambda number=number: value(number, 4)) == number + 1

    with ThreadPoolExecutor(THREADS) as threads:
        for done in [threads.submit(ask, thread) for thread in range(THREADS)]:
            done.result(60)


def test_a_reading_keeps_what_it_is_given_and_asks_again_for_what_has_no_answer(network: Network) -> None:
    def computed(snapshot: Snapshot) -> list[str]:
        calls: list[str] = []
        for _ in range(2):
            snapshot.cached("nothing", lambda: calls.append("nothing"))
            snapshot.cached("something", lambda: calls.append("something") or calls)
        return calls

    with network.snapshot() as snapshot:
        assert computed(snapshot) == ["nothing", "something", "nothing"]


def test_equal_frames_have_the_same_digest_in_any_order_and_whatever_they_were_taken_from() -> None:
    texts = [f"{name} of more than twelve characters" for name in ("one", "two", "three")]
    own = pl.DataFrame({"text": texts, "number": [1.5, 2.0, 3.0]})
    others = pl.DataFrame({"text": ["of another structure altogether", "and of one more"], "number": [0.5, 2.5]})
    taken = pl.concat([others, own.reverse(), others]).rechunk().filter(pl.col("text").is_in(texts))
    assert taken.sort("text").equals(own.sort("text"))
    assert digest(taken) == digest(own)
    assert digest(own.with_columns(number=pl.Series([1.5, 2.0, 3.5]))) != digest(own)
    assert digest(own.with_columns(text=pl.lit(texts[0]))) != digest(own)
