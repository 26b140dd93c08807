"""What the first page of a delegate takes to compute: who is late, what waits, new signals, of one region."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from unittest import mock

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from dashboards.access import AppState, Visitor, set_app_state
from dashboards.app_pages import desk
from dashboards.app_pages.page_context import PageContext
from dashboards.clock import Clock
from dashboards.web.first_answers import first_tasks, later_tasks
from dashboards.wording.translations import load_translator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.roles import Grant, Role
from indicators.network import Network
from tests.benchmarks.questions import QUARTERS, fill
from tests.builders import TODAY

RUNS: Final = 5
LIMITS_MS: Final = {400: 150, 4_000: 400}
"""By the number of structures of the network."""


def page_of(network: Network, role: Role, perimeter: Perimeter) -> Callable[[], None]:
    """Return what computes the first page of a member; nothing is sent to a browser."""
    state = AppState(network, Clock(TODAY))
    set_app_state(state)
    reader = Visitor((Grant(role, perimeter),))
    context = PageContext(state, reader, load_translator("fr"), TODAY, desk.DESK_PATH, {})
    return lambda: desk.render(context)


def forget(network: Network) -> None:
    """Forget every cached answer, as a new version of the store does."""
    for cache in network._version_caches.values():
        cache._answers.clear()
    network._content_cache._answers.clear()


def warm_up(network: Network) -> None:
    """Compute what a server computes of a new version while nobody waits."""
    forget(network)
    with network.snapshot() as snapshot:
        for task in (*first_tasks(snapshot, TODAY), *later_tasks(snapshot, TODAY)):
            task(snapshot, TODAY)


def median_ms(compute: Callable[[], None], before: Callable[[], None] = lambda: None) -> float:
    """Return the median of some runs, after one that warms up; `before` each is not counted."""
    compute()
    times = []
    for _ in range(RUNS):
        before()
        start = time.perf_counter()
        compute()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def measure(structures: int, folder: Path) -> tuple[float, ...]:
    """Return the milliseconds of the page of a region’s delegate: later, the first of a version, an unwarmed one."""
    with Network(str(folder)) as network, ExitStack() as undrawn:
        fill(network, structures, QUARTERS[-12:])
        undrawn.enter_context(mock.patch.object(desk, "draw_html"))
        undrawn.enter_context(mock.patch.object(PageContext, "set_title"))
        undrawn.enter_context(mock.patch.object(PageContext, "local", lambda _, moment: moment))
        with network.snapshot() as snapshot:
            region = next(iter(snapshot.structures.by_id.values())).region
        compute = page_of(network, Role.DELEGATE, Perimeter(Level.REGION, region))
        before = (lambda: None, lambda: warm_up(network), lambda: forget(network))
        return tuple(median_ms(compute, each) for each in before)


def main() -> None:
    """Print the table."""
    table = Table(title=f"first page of a delegate, computing, median of {RUNS}", box=MARKDOWN)
    for heading in ("structures", "limit", "later", "the first of a version", "before any warming up"):
        table.add_column(heading, justify="right")
    with tempfile.TemporaryDirectory() as folder:
        for structures, limit in LIMITS_MS.items():
            times = measure(structures, Path(folder) / str(structures))
            table.add_row(f"{structures:,}".replace(",", " "), f"{limit} ms", *(f"{each:.1f} ms" for each in times))
    console = Console(width=130)
    console.print(table)
    console.print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
