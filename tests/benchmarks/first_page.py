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
from dashboards.wording.translations import load_translator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.roles import Grant, Role
from indicators.network import Network
from tests.benchmarks.questions import QUARTERS, fill
from tests.builders import TODAY

RUNS: Final = 9
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
    """Forget every cached answer: the next page is the first one of a version."""
    for cache in network._version_caches.values():
        cache._answers.clear()
    network._content_cache._answers.clear()


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


def measure(structures: int, folder: Path) -> tuple[float, float]:
    """Return the milliseconds of the page of a region's delegate: the first of a version, and once others have asked."""
    with Network(str(folder)) as network, ExitStack() as undrawn:
        fill(network, structures, QUARTERS[-12:])
        undrawn.enter_context(mock.patch.object(desk, "draw_html"))
        undrawn.enter_context(mock.patch.object(PageContext, "set_title"))
        undrawn.enter_context(mock.patch.object(PageContext, "local", lambda _, moment: moment))
        with network.snapshot() as snapshot:
            region = next(iter(snapshot.structures.by_id.values())).region
        compute = page_of(network, Role.DELEGATE, Perimeter(Level.REGION, region))
        return median_ms(compute, lambda: forget(network)), median_ms(compute)


def main() -> None:
    """Print the table."""
    table = Table(title=f"first page of a delegate, computing, median of {RUNS}", box=MARKDOWN)
    for heading in ("structures", "limit", "warm", "nothing cached"):
        table.add_column(heading, justify="right")
    with tempfile.TemporaryDirectory() as folder:
        for structures, limit in LIMITS_MS.items():
            cold, warm = measure(structures, Path(folder) / str(structures))
            table.add_row(f"{structures:,}".replace(",", " "), f"{limit} ms", f"{warm:.1f} ms", f"{cold:.1f} ms")
    console = Console(width=130)
    console.print(table)
    console.print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
