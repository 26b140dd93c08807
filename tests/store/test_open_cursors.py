"""Cursors kept open between questions: each of one version, the newest of a moment ago, and no moment for our own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import duckdb
import pytest

from indicators.errors import StoreError
from indicators.network import Network
from indicators.store.cursor import Cursor
from indicators.store.deposits import Receipt, find_receipts, withdraw
from indicators.store.erasure import erase
from tests.builders import AUTHOR, DIRECTORY, NOW, Store, measure, measures, stored, structures

LONG_S = 60.0


@pytest.fixture
def served(network: Network) -> Iterator[Network]:
    """A network that is asked for its newest version once a minute."""
    network.open_cursors.fresh_s = LONG_S
    return network


@pytest.fixture
def known(directory_network: Network) -> Network:
    """A network that knows structures, asked for its newest version once a minute."""
    directory_network.open_cursors.fresh_s = LONG_S
    return directory_network


def version(network: Network) -> int:
    with network.snapshot() as snapshot:
        return snapshot.version


def test_a_cursor_is_begun_once_for_questions_that_follow_one_another(served: Network) -> None:
    with served.snapshot() as first:
        pass
    with served.snapshot() as second:
        pass
    assert first.cursor is second.cursor


def test_what_this_process_deposits_is_seen_at_once(served: Network) -> None:
    before = version(served)
    stored(served, structures(*DIRECTORY))
    with served.snapshot() as snapshot:
        assert snapshot.version > before
        assert len(snapshot.structures) == len(DIRECTORY)


def test_what_another_process_deposits_is_seen_a_moment_later(known: Network, store: Store) -> None:
    before = version(known)
    with store.open() as other:
        stored(other, measures(measure("atelier-ternoise", "2026-T3", "dynamic_exit_rate", 33, 60)))
    assert version(known) == before
    known.open_cursors.fresh_s = 0.0
    assert version(known) > before


def deposit_elsewhere(store: Store) -> None:
    with store.open() as other:
        stored(other, measures(measure("atelier-ternoise", "2026-T3", "dynamic_exit_rate", 33, 60)))


def test_a_version_of_another_process_is_held_back_until_it_is_warmed_up(known: Network, store: Store) -> None:
    before = version(known)
    known.open_cursors.fresh_s, known.open_cursors.hold_s = 1e-9, LONG_S
    deposit_elsewhere(store)
    assert [version(known) for _ in range(3)] == [before] * 3
    with known.snapshot(newest=True) as warmed_up:
        assert warmed_up.version > before
    assert version(known) == before, "whoever warms it up keeps it to themselves"
    known.open_cursors.release()
    assert version(known) == warmed_up.version


@pytest.mark.parametrize("take_back", [withdraw, erase])
def test_what_another_process_takes_away_is_not_read_a_moment_longer(
    known: Network, store: Store, take_back: Callable[..., Receipt]
) -> None:
    wrong = stored(known, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60))).deposit
    before = version(known)
    known.open_cursors.fresh_s, known.open_cursors.hold_s = 1e-9, LONG_S
    deposit_elsewhere(store)
    assert version(known) == before, "a deposit alone is held back"
    with store.open() as other:
        # An erasure cannot free the disk while this reader is there: its record is stored all the same.
        with suppress(StoreError):
            take_back(other.lake, wrong, "essai", AUTHOR, NOW)
        # What is deposited after it holds nothing back either.
        stored(other, measures(measure("atelier-ternoise", "2026-T2", "dynamic_exit_rate", 33, 60)), "essai")
    with known.snapshot() as seen:
        assert wrong in {receipt.withdraws for receipt in find_receipts(seen.cursor)}
    with store.open() as other:
        stored(other, measures(measure("atelier-ternoise", "2025-T4", "dynamic_exit_rate", 33, 60)), "essai")
    assert version(known) == seen.version, "a later deposit is held back again"


def test_a_version_is_held_back_no_longer_than_it_may(known: Network, store: Store) -> None:
    before = version(known)
    known.open_cursors.fresh_s, known.open_cursors.hold_s = 1e-9, 0.2
    deposit_elsewhere(store)
    assert version(known) == before
    time.sleep(0.25)
    assert version(known) > before


def test_whoever_deposits_here_is_never_held_back(served: Network, store: Store) -> None:
    def sees(deposit: str) -> bool:
        with served.snapshot() as snapshot:
            return deposit in {receipt.deposit for receipt in find_receipts(snapshot.cursor)}

    served.open_cursors.hold_s = LONG_S
    # A cursor of the version before waits to be lent again.
    version(served)
    assert sees(stored(served, structures(*DIRECTORY)).deposit)
    deposit_elsewhere(store)
    own = stored(served, measures(measure("atelier-ternoise", "2026-T2", "dynamic_exit_rate", 33, 60)))
    assert sees(own.deposit)


def test_questions_asked_at_once_have_a_cursor_each(served: Network) -> None:
    with served.snapshot() as one, served.snapshot() as two:
        assert one.cursor is not two.cursor
        assert one.version == two.version


def test_a_cursor_that_failed_is_not_lent_again(served: Network) -> None:
    with pytest.raises(StoreError), served.snapshot() as failed:
        failed.cursor.rows("select * from nowhere")
    with served.snapshot() as snapshot:
        assert snapshot.cursor is not failed.cursor
        assert snapshot.cursor.rows("select 1") == [(1,)]


def test_a_cursor_lent_twice_can_tell_what_is_in_force_twice(known: Network) -> None:
    stored(known, measures(measure("atelier-ternoise", "2026-T3", "dynamic_exit_rate", 33, 60)))
    for _ in range(2):
        with known.snapshot() as snapshot:
            _ = snapshot.overlapping_deposits
            assert snapshot.cursor.rows("select count(*) from settled_measures([])") == [(1,)]


def test_many_threads_read_while_one_deposits_and_none_goes_back(known: Network) -> None:

    def read(_: int) -> list[int]:
        return [version(known) for _ in range(30)]

    with ThreadPoolExecutor(8) as threads:
        readers = [threads.submit(read, number) for number in range(8)]
        for number in range(4):
            row = measure("atelier-ternoise", "2026-T3", "dynamic_exit_rate", 33 - number, 60)
            stored(known, measures(row), comment="rectification")
            newest = version(known)
        for reader in readers:
            seen = reader.result(60)
            assert seen == sorted(seen)
    assert version(known) == newest


def test_a_closed_network_leaves_no_cursor_open(store: Store) -> None:
    with store.open() as network:
        network.open_cursors.fresh_s = LONG_S
        with network.snapshot() as snapshot:
            pass
    with pytest.raises(duckdb.ConnectionException):
        snapshot.cursor.rows("select 1")


def test_threads_that_part_a_question_are_each_given_their_own_answer(network: Network) -> None:
    def is_own_answer(cursor: Cursor, number: int) -> bool:
        rows = cursor.rows("select $number, count(*) from range($number)", number=number)
        frame = cursor.frame("select range as n from range($number)", number=number)
        return rows == [(number, number)] and frame.height == number

    with network.snapshot() as snapshot, ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda number: is_own_answer(snapshot.cursor, number), range(1, 300))
        assert all(answers)
