"""Cache warming: a background thread computes what boards need of a new store version, with priority for requests.

Results are cached per version (`Snapshot.cached`), so none can be served for another version. A request for a result
that is being computed waits for it instead of computing it again.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from dashboards.access import AppState
from dashboards.app_pages.network import indicator as network_indicator
from dashboards.app_pages.network import page as network
from dashboards.app_pages.network.opening import opening_quarter
from dashboards.web.in_flight import IN_FLIGHT, InFlight
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.periods import Period
from indicators.disclosure import count_registers, is_read_whole
from indicators.errors import PilotageError
from indicators.queries.comparison.matrix import matrix_columns
from indicators.queries.comparison.network_signals import find_network_signals
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.queries.figures.figures import block_numbers, figures_of_block
from indicators.queries.registers.public_part import public_part
from indicators.snapshot import QueryContext, Snapshot

LOG: Final = logging.getLogger(__name__)
LOOK_EVERY_S: Final = 0.5
"""Seconds between two checks for a new version: other processes may deposit in the same store."""
MAX_RETRY_DELAY_S: Final = 60.0
"""Maximal seconds between two tries after failures."""
PATIENCE_S: Final = 2.0
"""Seconds that a task waits for running requests; then it runs beside them, since they need its result too."""
WARMED_QUARTERS: Final = 12
"""Newest quarters warmed: three years, more than most readers look back."""
OPENED_WITHIN_S: Final = 4.0
"""Seconds after which the first reader is let in, once the first tasks are done: those of a small network all are by
then."""

WarmUpTask = Callable[[Snapshot, date], object]


def first_tasks(snapshot: Snapshot, today: date) -> Iterator[WarmUpTask]:
    """Yield the tasks done before readers get a version: what no page does without, and the newest quarter."""
    yield _shared_tables
    for quarter in _opening_quarters(snapshot, today):
        yield _network_board(quarter)
        yield from (_figure_block(number) for number in block_numbers(snapshot))
        yield _first_indicator(quarter)
    yield from (_public_registers(quarter) for quarter in _past_quarters(snapshot, today)[:1])


def later_tasks(snapshot: Snapshot, today: date) -> Iterator[WarmUpTask]:
    """Yield the tasks done while nobody waits, in short pieces, the most needed first."""
    past_quarters = _past_quarters(snapshot, today)
    # Of a large network the other quarters take long, and much memory, for the few who look back.
    for quarter in past_quarters[1:WARMED_QUARTERS] if is_read_whole(snapshot) else []:
        yield _network_board(quarter)
        yield _first_indicator(quarter)
    # Asked for by the pages of one indicator of one structure, and by comparisons: fewer readers than boards.
    for quarter in past_quarters[:1]:
        yield _peer_references(quarter)
        # What the desks of those who compare begin with: of every indicator, one at a time.
        yield from (_signals(sheet, quarter) for sheet in snapshot.catalogue if Audience.PUBLIC.sees(sheet.audience))


def _past_quarters(snapshot: Snapshot, today: date) -> list[Period]:
    return [quarter for quarter in reported_quarters(snapshot) if quarter.end < today]


def _opening_quarters(snapshot: Snapshot, today: date) -> list[Period]:
    """Return the quarter on which boards open and, where it is another, the one on which the network's page does."""
    opening = opening_quarter(QueryContext(snapshot, Audience.PUBLIC, today), NETWORK)
    return list(dict.fromkeys([*_past_quarters(snapshot, today)[:1], *([opening] if opening else [])]))


def _shared_tables(snapshot: Snapshot, _: date) -> object:
    return snapshot.structures, snapshot.targets, snapshot.overlapping_deposits, count_registers(snapshot)


def _public_registers(quarter: Period) -> WarmUpTask:
    """Read the public part of all registers at once, as the first board of a small network does."""

    def warm_up(snapshot: Snapshot, today: date) -> None:
        if is_read_whole(snapshot) and (first := next(iter(snapshot.structures.by_id.values()), None)):
            public_part(snapshot, first, quarter, today)

    return warm_up


def _peer_references(quarter: Period) -> WarmUpTask:
    return lambda snapshot, today: matrix_columns(
        QueryContext(snapshot, Audience.PUBLIC, today), ComparisonScope(NETWORK), quarter
    )


def _signals(sheet: Indicator, quarter: Period) -> WarmUpTask:
    return lambda snapshot, today: find_network_signals(
        QueryContext(snapshot, Audience.PUBLIC, today), [sheet], quarter
    )


def _network_board(quarter: Period) -> WarmUpTask:
    return lambda snapshot, today: (
        network.network_board(snapshot, quarter, today),
        network.quarter_deliveries(snapshot, quarter),
    )


def _figure_block(number: int) -> WarmUpTask:
    return lambda snapshot, today: figures_of_block(QueryContext(snapshot, Audience.PUBLIC, today), number)


def _first_indicator(quarter: Period) -> WarmUpTask:
    """Return what the page of the network shows in a quarter of the indicator that it opens with."""

    def warm_up(snapshot: Snapshot, today: date) -> None:
        tiles_by_indicator = network_indicator.selectable_tiles(network.network_board(snapshot, quarter, today))
        context = QueryContext(snapshot, Audience.PUBLIC, today)
        if tiles_by_indicator:
            opening = network.network_opening(snapshot, today)
            one = tiles_by_indicator[network_indicator.first_indicator(tiles_by_indicator, opening)]
            network_indicator.network_series(snapshot, one.indicator, today)
            network_indicator.network_region_shares(snapshot, one.indicator, one.figure.period, today)
            network_indicator.decile_spread(snapshot, one.indicator, today)
            find_network_signals(context, [one.indicator], quarter)

    return warm_up


class CacheWarmer:
    """Warms the cache for each new version of the store in a thread, until stopped."""

    def __init__(self, app_state: AppState, in_flight: InFlight = IN_FLIGHT) -> None:
        """Start nothing yet."""
        self._app_state = app_state
        self._in_flight = in_flight
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="first answers", daemon=True)

    def start(self) -> None:
        """Run the first tasks, then start the thread for the others."""
        try:
            with self._app_state.network.snapshot() as snapshot:
                today = self._app_state.today()
                until = time.monotonic() + OPENED_WITHIN_S
                for task in first_tasks(snapshot, today):
                    task(snapshot, today)
                for task in later_tasks(snapshot, today):
                    if time.monotonic() > until:
                        break
                    task(snapshot, today)
        except PilotageError:
            # Pages and /readyz report a damaged or unavailable store: the server starts all the same.
            LOG.exception("the first answers cannot be computed")
        self._thread.start()

    def close(self) -> None:
        """Stop after the current task."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        warmed: tuple[int, date] | None = None
        wait = LOOK_EVERY_S
        while not self._stopped.is_set():
            try:
                warmed = self._warm_up(warmed)
                wait = LOOK_EVERY_S
            # Requests report failures or compute results themselves; here we retry, less and less often.
            except Exception:
                LOG.warning("the first answers of a version are not computed yet", exc_info=True)
                wait = min(2 * wait, MAX_RETRY_DELAY_S)
            self._stopped.wait(wait)

    def _warm_up(self, warmed: tuple[int, date] | None) -> tuple[int, date] | None:
        """Run the tasks of the newest version unless done; return the version and day that are warmed."""
        today = self._app_state.today()
        network = self._app_state.network
        with network.snapshot(newest=True) as snapshot:
            newest = snapshot.version, today
            if newest == warmed:
                return warmed
            tasks = [*first_tasks(snapshot, today)]
            later = [*later_tasks(snapshot, today)]
        for task in tasks:
            if self._run_task(task, newest) is None:
                return warmed
        network.open_cursors.release()
        for task in later:
            self._in_flight.wait_until_idle(PATIENCE_S)
            lasted_s = self._run_task(task, newest)
            if lasted_s is None:
                return warmed
            # Rest as long as the task took, to leave processor time for requests.
            self._stopped.wait(lasted_s)
        return newest

    def _run_task(self, task: WarmUpTask, version_and_day: tuple[int, date]) -> float | None:
        """Run a task in a version; return how long it took, or nothing if another version appeared, or at the end."""
        version, today = version_and_day
        # A snapshot per task: none is held while waiting for requests.
        with self._app_state.network.snapshot(newest=True) as snapshot:
            if self._stopped.is_set() or snapshot.version != version:
                return None
            start = time.perf_counter()
            task(snapshot, today)
            return time.perf_counter() - start
