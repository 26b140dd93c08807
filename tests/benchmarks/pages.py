"""What a page costs: bytes, time to everything visible, a filter change, processor and memory, beside a bare page.

Both servers are processes of their own on one generated store, measured in turn in the same run. The bare page draws
the same tiles and one chart (`bare_page.py`). A page to come is one more line of `WALKS`.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.network import Network
from indicators.queries.figures.board import compute_board
from indicators.snapshot import QueryContext
from tests.benchmarks.questions import INDICATORS, QUARTERS, fill
from tests.benchmarks.sessions import open_pages
from tests.browser.conftest import QUIET
from tests.browser.layout_shift import LIMIT, observe, total
from tests.browser.wire import watched
from tests.builders import TODAY, Store
from tests.install_programs import find_chromium
from tests.served import KEY, ask, free_port

HOST: Final = "127.0.0.1"
ROOT: Final = Path(__file__).parent.parent.parent
STRUCTURES: Final = 4_000
RUNS: Final = 7
CHANGES: Final = 20
"""Filter changes over which processor time is taken: the system counts it in hundredths of a second."""
SESSIONS: Final = 20
SETTLING: Final = 2
"""Seconds after the last page is drawn."""
TICKS: Final = os.sysconf("SC_CLK_TCK")
TIMEOUT: Final = 60_000
CHARTS: Final = '[data-testid="stVegaLiteChart"] svg'
CANVAS: Final = '[data-testid="stVegaLiteChart"] canvas'
METRICS: Final = '[data-testid="stMetricChart"] svg'


@dataclass(frozen=True)
class Side:
    """A page as one of the two servers shows it: its address, what it draws, and the list that changes it.

    `drawn` maps a selector to how many of it make a page that is complete; the texts under `changes` are others after
    each change.
    """

    address: str
    drawn: dict[str, int]
    filter: str
    changes: str
    for_members: bool = False
    """Whether it is shown to who holds the key only."""


@dataclass(frozen=True)
class Walk:
    """A page of ours beside the bare page that answers the same question."""

    name: str
    ours: Side
    bare: Side


WALKS: Final = (
    Walk(
        "board",
        Side("structure?structure=s00123", {".tile": 18, "footer.foot": 1}, "Période", ".board"),
        Side("?page=board&structure=s00123", {METRICS: 18}, "Période", '[data-testid="stMain"]'),
    ),
    Walk(
        "network",
        Side("", {".tile": 3, CHARTS: 2, "footer.foot": 1}, "Indicateur", CHARTS),
        Side("?page=network", {METRICS: 8, CHARTS: 1, "canvas": 1}, "Indicateur", CHARTS),
    ),
    Walk(
        "comparison",
        # So many points are drawn on a canvas, which has no text: what is said beside it is what changes.
        Side("comparer", {CANVAS: 1, "footer.foot": 1}, "Indicateur", '[data-testid="stMain"]', for_members=True),
        Side("?page=comparison", {CANVAS: 1}, "Indicateur", '[data-testid="stCaptionContainer"]'),
    ),
)

COMPLETE: Final = """drawn => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "notRunning"
  && !document.body.classList.contains("coming")
  && Object.entries(drawn).every(([selector, count]) => document.querySelectorAll(selector).length >= count)"""
CHANGED: Final = """([selector, before]) => {
  const text = [...document.querySelectorAll(selector)].map((part) => part.textContent).join("");
  return document.querySelector('[data-testid="stApp"]').dataset.testScriptState === "notRunning"
    && text !== "" && text !== before;
}"""
TEXT: Final = "selector => [...document.querySelectorAll(selector)].map((part) => part.textContent).join('')"


@dataclass(frozen=True)
class Server:
    """A server that runs: where it answers, and the process that it is."""

    address: str
    process: int
    cookie: str = ""
    """Cookie of the administrator, as a header has it; the comparison is for members."""

    @property
    def processor_seconds(self) -> float:
        """Processor time that it has used, in user and system mode, all threads."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def resident_mb(self) -> float:
        """Memory that it holds now, in millions of bytes."""
        pages = int(Path(f"/proc/{self.process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass(frozen=True)
class Cost:
    """What a page costs: bytes, how much of it moves, milliseconds (medians), megabytes with 0, 1 and 20 readers."""

    first_bytes: int
    socket_bytes: int
    moved: float
    cold: float
    warm: float
    change: float
    processor: float
    idle: float
    one: float
    twenty: float

    @property
    def session(self) -> float:
        """Memory of one more open session."""
        return (self.twenty - self.one) / (SESSIONS - 1)


@contextmanager
def serving(command: list[str], store: Path, health: str) -> Iterator[Server]:
    """Start a server, wait until it answers, stop it by its own process id."""
    port = free_port(HOST)
    arguments = [str(part).replace("{port}", str(port)) for part in command]
    environment = {**Store(str(store)).environment, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder, "printed").open("w+")  # noqa: SIM115 - closed with the server
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], env=environment, cwd=folder, stdout=printed, stderr=subprocess.DEVNULL
        )
        try:
            address = f"http://{HOST}:{port}"
            for _ in range(480):
                try:
                    urlopen(f"{address}/{health}", timeout=2).close()
                    break
                except (URLError, OSError):
                    assert process.poll() is None, command
                    time.sleep(0.25)
            yield Server(address, process.pid, administrator_cookie(address, Path(printed.name)))
        finally:
            process.terminate()
            process.wait(timeout=30)
            printed.close()


def administrator_cookie(address: str, printed: Path) -> str:
    """Exchange the key that a server printed for its cookie; empty for a server without one."""
    key = KEY.search(printed.read_text("utf-8"))
    if key is None:
        return ""
    return ask(address, f"/?cle={key[1]}").headers["set-cookie"].partition(";")[0]


def start_ours(store: Path) -> list[str]:
    """Return the command that serves the store with our pages."""
    return ["dashboards", "serve", "--store", str(store), "--host", HOST, "--port", "{port}"]


def shown_on_a_board(store: Path) -> list[str]:
    """Return the indicators that the public board of a structure has, in its order."""
    with Network(str(store)) as network, network.snapshot() as snapshot:
        where = Perimeter(Level.STRUCTURE, "s00123")
        tiles = compute_board(QueryContext(snapshot, Audience.PUBLIC, TODAY), where, QUARTERS[-1])
    return [tile.indicator.id for tile in tiles]


def start_bare(store: Path, shown: list[str]) -> list[str]:
    """Return the command that serves the bare page, as its author would start it."""
    script = str(Path(__file__).parent / "bare_page.py")
    options = ["--server.headless=true", f"--server.address={HOST}", "--server.port={port}"]
    return ["streamlit", "run", script, *options, "--browser.gatherUsageStats=false", "--", str(store), ",".join(shown)]


def visit(context: BrowserContext, server: Server, side: Side) -> float:
    """Open a page in a new tab; return the milliseconds until everything is drawn."""
    page = context.new_page()
    start = time.perf_counter()
    page.goto(f"{server.address}/{side.address}", wait_until="commit")
    page.wait_for_function(COMPLETE, arg=side.drawn, polling="raf", timeout=TIMEOUT)
    spent = (time.perf_counter() - start) * 1000
    page.close()
    return spent


def new_context(browser: Browser, server: Server) -> BrowserContext:
    """Return a browser that remembers nothing but who it is."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    if server.cookie:
        name, _, value = server.cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": server.address, "sameSite": "Strict"}])
    return context


def change(page: Page, side: Side, place: int) -> float:
    """Choose the option at a place of the list; return the milliseconds until everything is redrawn."""
    before = page.evaluate(TEXT, side.changes)
    option = page.get_by_role("option").nth(place)
    while not option.is_visible():
        # A click opens the list the first time only; this key does each time, unless what is drawn late closes it.
        page.get_by_role("combobox", name=side.filter).press("ArrowDown")
        page.wait_for_timeout(200)
    start = time.perf_counter()
    option.click()
    page.wait_for_function(CHANGED, arg=[side.changes, before], polling="raf", timeout=TIMEOUT)
    return (time.perf_counter() - start) * 1000


def cost(browser: Browser, server: Server, side: Side) -> Cost:
    """Measure one page of one server; memory first, while nothing else was asked of it but its health."""
    if not side.for_members:
        server = replace(server, cookie="")
    idle = server.resident_mb
    with open_pages([f"{server.address}/{side.address}"], server.cookie):
        time.sleep(SETTLING)
        one = server.resident_mb
    addresses = [f"{server.address}/{side.address}".replace("s00123", f"s{n + 1:05d}") for n in range(SESSIONS)]
    with open_pages(addresses, server.cookie):
        # What drawing took is given back in a moment; what is asked is what twenty open pages hold.
        time.sleep(SETTLING)
        twenty = server.resident_mb

    context = new_context(browser, server)
    page = context.new_page()
    wire = watched(page)
    observe(page)
    page.goto(f"{server.address}/{side.address}")
    page.wait_for_function(COMPLETE, arg=side.drawn, timeout=TIMEOUT)
    page.wait_for_load_state("networkidle")
    first, by_socket, moved = sum(wire.received.values()), wire.by_socket, total(page)

    # The first options are each drawn once, so that a change finds what any earlier reader left behind.
    places = [1, 2, 3, 0]
    for place in places:
        change(page, side, place)
    spent = server.processor_seconds
    changes = [change(page, side, places[turn % len(places)]) for turn in range(CHANGES)]
    processor = (server.processor_seconds - spent) * 1000 / CHANGES
    page.close()

    warm = [visit(context, server, side) for _ in range(RUNS)]
    context.close()
    cold = []
    for _ in range(RUNS):
        context = new_context(browser, server)
        cold.append(visit(context, server, side))
        context.close()
    medians = (statistics.median(times) for times in (cold, warm, changes))
    return Cost(first, by_socket, moved, *medians, processor, idle, one, twenty)


def measure(store: Path) -> dict[str, tuple[Cost, Cost]]:
    """Measure each page of ours, then its bare one, each on a server that nobody has asked before."""
    found, shown = {}, shown_on_a_board(store)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(QUIET))
        for walk in WALKS:
            with serving(start_ours(store), store, "healthz") as server:
                ours = cost(browser, server, walk.ours)
            with serving(start_bare(store, shown), store, "_stcore/health") as server:
                bare = cost(browser, server, walk.bare)
            found[walk.name] = ours, bare
        browser.close()
    return found


ROWS: Final = (
    ("first visit, MB by HTTP", "first_bytes", 1e6, "1.6", 2),
    ("first visit, MB by WebSocket, inflated", "socket_bytes", 1e6, "", 2),
    ("layout shift of a first visit", "moved", 1, f"{LIMIT}", 3),
    ("everything visible, nothing cached, ms", "cold", 1, "1.2 ×", 0),
    ("everything visible, scripts cached, ms", "warm", 1, "1.2 ×", 0),
    ("filter change until redrawn, ms", "change", 1, "1.0 ×", 0),
    ("server's processor a filter change, ms", "processor", 1, "60", 0),
    ("server before any reader, MB", "idle", 1, "", 0),
    ("server with one reader, MB", "one", 1, "", 0),
    (f"server with {SESSIONS} readers, MB", "twenty", 1, "350", 0),
    ("one more open session, MB", "session", 1, "5", 1),
)
"""What is said, the name of the measure, its divisor, its limit, its decimals."""
LIMIT_OF_POINTS: Final = "0.40"
"""Megabytes by WebSocket of the comparison, the page round its 4,000 points included."""


def main() -> None:
    """Print a table a page."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(os.environ.get("BENCH_PAGES_STORE", f"{folder}/store"))
        if not store.exists():
            with Network(str(store)) as network:
                fill(network, STRUCTURES)
        found = measure(store)
    console = Console(width=130)
    for name, (ours, bare) in found.items():
        size = f"{STRUCTURES:,} structures × {INDICATORS} indicators × {len(QUARTERS)} quarters".replace(",", " ")
        table = Table(title=f"{name}: {size}, medians of {RUNS}", box=MARKDOWN)
        for heading in ("what", "limit", "pilotage", "bare page", "ratio"):
            table.add_column(heading, justify="left" if heading == "what" else "right")
        for label, measured, divisor, limit, decimals in ROWS:
            if (name, measured) == ("comparison", "socket_bytes"):
                limit = LIMIT_OF_POINTS
            mine, theirs = getattr(ours, measured) / divisor, getattr(bare, measured) / divisor
            ratio = f"{mine / theirs:.2f}" if theirs > 0 else ""
            table.add_row(label, limit, f"{mine:.{decimals}f}", f"{theirs:.{decimals}f}", ratio)
        console.print(table)
    console.print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
