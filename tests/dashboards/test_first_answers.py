"""What boards need of a version is computed when it appears, while nobody waits; never given for another version."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from dashboards.access import AppState
from dashboards.app_pages.network.page import network_board
from dashboards.clock import Clock
from dashboards.web import first_answers
from dashboards.web.first_answers import CacheWarmer
from dashboards.web.in_flight import InFlight
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.disclosure import count_registers
from indicators.errors import StoreError
from indicators.network import Network
from indicators.queries.comparison.matrix import matrix_columns
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.figures.assessed_board import assess_board
from indicators.queries.figures.figures import figures_of_block
from indicators.snapshot import QueryContext
from tests.builders import TODAY, measure, measures, stored, structure, structures
from tests.other_days import IS_ELSEWHERE

pytestmark = pytest.mark.skipif(IS_ELSEWHERE, reason="a thread that waits for some seconds would wait for ever")

QUARTER = Period.parse("2026-T3")
BLOCK_KEY = (f"{figures_of_block.__module__}.{figures_of_block.__qualname__}", 0, *(Audience.PUBLIC,) * 2, TODAY)
"""Key of the figures of the first block: for whom, and as whom peers are seen (`per_version`)."""
EARLIER_BOARD_KEY = (f"{network_board.__module__}.{network_board.__qualname__}", Period.parse("2026-T2"), TODAY)
"""Key of the network's board in the quarter before: nobody waits for it."""
CODES = [f"atelier-{number}" for number in range(6)]


@pytest.fixture
def known(network: Network) -> Network:
    """A network of six structures and two quarters."""
    stored(network, structures(*map(structure, CODES)))
    rows = [measure(code, quarter, "dynamic_exit_rate", 33, 60) for code in CODES for quarter in ("2026-T2", "2026-T3")]
    stored(network, measures(*rows))
    return network


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_answers, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(first_answers, "PATIENCE_S", 60)
    # Of so small a network everything would be done before the first reader.
    monkeypatch.setattr(first_answers, "OPENED_WITHIN_S", 0)


@pytest.fixture
def in_flight() -> InFlight:
    return InFlight()


@pytest.fixture
def preparing(known: Network, in_flight: InFlight, hurried: None) -> Iterator[CacheWarmer]:
    found = CacheWarmer(AppState(known, Clock(TODAY)), in_flight)
    yield found
    found.close()


def until(true: Callable[[], bool]) -> None:
    last = time.monotonic() + 60
    while not true():
        assert time.monotonic() < last
        time.sleep(0.02)


def needs(network: Network) -> int:
    """Ask what a board needs; return how many answers had to be computed for it."""
    before = network.cache_counters.computed
    with network.snapshot() as snapshot:
        _ = snapshot.structures, count_registers(snapshot)
        matrix_columns(QueryContext(snapshot, Audience.PUBLIC, TODAY), ComparisonScope(NETWORK), QUARTER)
        figures_of_block(QueryContext(snapshot, Audience.PUBLIC, date.max), 0)
    return network.cache_counters.computed - before


def test_before_the_first_reader_what_every_page_needs_is_there(
    known: Network, preparing: CacheWarmer, in_flight: InFlight
) -> None:
    # A reader is answered: what nobody waits for is not prepared meanwhile, and nothing else is counted.
    with in_flight.track():
        preparing.start()
        before = known.cache_counters.computed
        with known.snapshot() as snapshot:
            _ = snapshot.structures, count_registers(snapshot)
            network_board(snapshot, QUARTER, TODAY)
        assert known.cache_counters.computed == before


def test_a_store_that_cannot_be_read_keeps_no_site_closed(
    known: Network, preparing: CacheWarmer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreError("a data file is missing")

    with monkeypatch.context() as damaged:
        damaged.setattr(first_answers, "first_tasks", fail)
        preparing.start()
    until(lambda: needs(known) == 0)


def test_a_new_version_is_prepared_without_anybody_asking(known: Network, preparing: CacheWarmer) -> None:
    preparing.start()
    until(lambda: needs(known) == 0)
    row = measure(CODES[0], "2026-T3", "dynamic_exit_rate", 30, 60)
    stored(known, measures(row), comment="rectification")
    with known.snapshot() as snapshot:
        until(lambda: BLOCK_KEY in snapshot.version_cache)
        own = Perimeter(Level.STRUCTURE, CODES[0])
        tiles = assess_board(QueryContext(snapshot, Audience.PUBLIC, TODAY), own, NETWORK, QUARTER)
    # The figure is of its version: never that of the one before.
    (tile,) = [one for one in tiles if one.indicator.id == "dynamic_exit_rate"]
    assert tile.figure.shown is not None
    assert tile.figure.shown.numerator == 30


def test_nothing_is_prepared_while_readers_are_answered(
    known: Network, preparing: CacheWarmer, in_flight: InFlight
) -> None:
    with in_flight.track():
        preparing.start()
        time.sleep(0.3)
        with known.snapshot() as snapshot:
            assert EARLIER_BOARD_KEY not in snapshot.version_cache
    with known.snapshot() as snapshot:
        until(lambda: EARLIER_BOARD_KEY in snapshot.version_cache)


def test_it_stops_when_told_to_though_readers_are_answered(
    preparing: CacheWarmer, in_flight: InFlight, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_answers, "PATIENCE_S", 0.2)
    with in_flight.track():
        preparing.start()
        start = time.monotonic()
        preparing.close()
    assert time.monotonic() - start < 10


def test_a_request_that_fails_is_not_in_flight_for_ever(in_flight: InFlight) -> None:
    with pytest.raises(ZeroDivisionError), in_flight.track():
        _ = 1 / 0
    assert in_flight.wait_until_idle(0)
    assert in_flight.wait_until_idle(0)
