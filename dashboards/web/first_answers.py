"""What boards need of a version of the store, computed when it appears: by one thread that lets readers go first.

An answer is kept for its version alone (`Reading.once`), so nothing computed here can be given for another. A reader
who asks for what is being computed waits for it, and computes nothing a second time.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from typing import Final

from dashboards.access import House
from dashboards.app_pages.network import indicator as network_indicator
from dashboards.app_pages.network import page as network
from dashboards.web.in_flight import IN_FLIGHT, InFlight
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.periods import Period
from indicators.errors import PilotageError
from indicators.network import Reading
from indicators.queries.comparison.matrix import columns
from indicators.queries.comparison.network_signals import signals
from indicators.queries.comparison.scope import Among
from indicators.queries.deposits.deliveries import quarters
from indicators.queries.figures.figures import blocks, figures_of_block, is_read_whole

LOG: Final = logging.getLogger(__name__)
LOOK_EVERY_S: Final = 1.0
"""Seconds between two looks for a new version: others deposit in the same store, from a command line for instance."""
LONGEST_WAIT_S: Final = 60.0
"""Seconds between two tries when what is to be computed fails."""
PATIENCE_S: Final = 2.0
"""Seconds that a piece of work waits for readers to be done; then it is done beside them, since they need it too."""
QUARTERS: Final = 12
"""The newest quarters prepared: three years, further than most people look back."""
BEFORE_OPENING: Final = 3
"""Pieces of work done before the first reader is let in: what no page does without, and the newest quarter."""
OPENED_WITHIN_S: Final = 2.0
"""Seconds for which more of them are: those of a small network are done by then, and its first readers wait for none.
"""

Piece = Callable[[Reading, date], object]


def pieces(reading: Reading, today: date) -> Iterator[Piece]:
    """Yield what is to be computed of a version, in short pieces, what most readers need first."""
    yield _shared
    known = [quarter for quarter in quarters(reading) if quarter.end < today][:QUARTERS]
    for quarter in known[:1]:
        yield _references(quarter)
        yield _network(quarter)
        yield from (_block(number) for number in blocks(reading))
    # Of a large network the other quarters take long, and much memory, for the few who look back.
    for quarter in known if is_read_whole(reading) else known[:1]:
        yield _network(quarter)
        yield _first_indicator(quarter)


def _shared(reading: Reading, _: date) -> object:
    return reading.structures, reading.targets, reading.contested, reading.register_counts


def _references(quarter: Period) -> Piece:
    return lambda reading, today: columns(reading, Among(NETWORK), quarter, Audience.PUBLIC, today)


def _network(quarter: Period) -> Piece:
    return lambda reading, today: (
        network.tiles_of(reading, quarter, today),
        network.delivered_of(reading, quarter),
    )


def _block(number: int) -> Piece:
    return lambda reading, _: figures_of_block(reading, number, Audience.PUBLIC)


def _first_indicator(quarter: Period) -> Piece:
    """Return what the page of the network shows in a quarter of the indicator that it opens with."""

    def ask(reading: Reading, today: date) -> None:
        offered = network_indicator.offered_of(network.tiles_of(reading, quarter, today))
        for one in islice(offered.values(), 1):
            network_indicator.history_of(reading, one.indicator, today)
            network_indicator.regions_of(reading, one.indicator, one.figure.period, today)
            network_indicator.spread_of(reading, one.indicator, today)
            signals(reading, [one.indicator], quarter, Audience.PUBLIC, today)

    return ask


class FirstAnswers:
    """Prepares each version of a house's store as it appears, until it is told to stop."""

    def __init__(self, house: House, in_flight: InFlight = IN_FLIGHT) -> None:
        """Prepare nothing yet."""
        self._house = house
        self._in_flight = in_flight
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="first answers", daemon=True)

    def open(self) -> None:
        """Compute what no page does without, then go on in a thread of its own."""
        try:
            with self._house.network.reading() as reading:
                today = self._house.today()
                until = time.monotonic() + OPENED_WITHIN_S
                for place, piece in enumerate(pieces(reading, today)):
                    if place >= BEFORE_OPENING and time.monotonic() > until:
                        break
                    piece(reading, today)
        except PilotageError:
            # A damaged store, or one that is away, is said by the pages and by /readyz: they open.
            LOG.exception("the first answers cannot be computed")
        self._thread.start()

    def close(self) -> None:
        """Stop after the piece that is being computed."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        prepared: tuple[int, date] | None = None
        wait = LOOK_EVERY_S
        while not self._stopped.is_set():
            try:
                prepared = self._prepare(prepared)
                wait = LOOK_EVERY_S
            # Whatever fails, readers are told of it, or compute it themselves; here it is tried again, less often.
            except Exception:
                LOG.warning("the first answers of a version are not computed yet", exc_info=True)
                wait = min(2 * wait, LONGEST_WAIT_S)
            self._stopped.wait(wait)

    def _prepare(self, prepared: tuple[int, date] | None) -> tuple[int, date] | None:
        """Compute the pieces of the newest version, unless they are; return the version and day that are prepared."""
        today = self._house.today()
        with self._house.network.reading() as reading:
            newest = reading.version, today
            if newest == prepared:
                return prepared
            work = list(pieces(reading, today))
        for piece in work:
            self._in_flight.wait_for_none(PATIENCE_S)
            # A reading of its own: none is held while readers are waited for.
            with self._house.network.reading() as reading:
                if self._stopped.is_set() or reading.version != newest[0]:
                    return prepared
                start = time.perf_counter()
                piece(reading, today)
            # As long at rest as at work: who comes meanwhile has a processor.
            self._stopped.wait(time.perf_counter() - start)
        return newest
