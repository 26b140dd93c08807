"""Fifty people who change a filter every two seconds, in the first minute of a version of the store and after.

Each is a session over a real WebSocket that chooses another period, on the board of a structure of its own, on the page
of the network or on the page of an indicator. The bare page is asked the same of its boards. Who asks runs on the same
cores as who answers: what that takes of the processor is told beside. So what a second worker adds is measured where
each worker has a share of a core, and who asks has the rest (`with_a_share_each`).
"""

from __future__ import annotations

import asyncio
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from math import inf
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import polars as pl
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from indicators.network import Network
from indicators.store.deposits import Submission, new_deposit_id, store_submission
from tests.benchmarks.pages import Server, serving, shown_on_a_board, start_bare, start_ours
from tests.benchmarks.questions import QUARTERS, fill
from tests.benchmarks.sessions import LARGEST

STRUCTURES: Final = 400
QUARTERS_KNOWN: Final = 12
PEOPLE: Final = 50
PAUSE_S: Final = 2.0
MINUTE_S: Final = 60.0
"""Seconds that a start and a new version are looked at: as long as people meet what is not computed yet."""
FIRST_S: Final = 12.0
"""Of those, the first seconds, told by themselves: when everybody opens a page that nobody has opened yet."""
WARM_S: Final = 12.0
"""Seconds that a warm server is looked at."""
FILTER: Final = "Période"
SEED: Final = 20261129
LIMIT_MS: Final = 500
FEWEST, MOST = 24, 40
"""People a worker, between whom its share of a core is used up: one is known to be enough, the other too many."""
WARMING_S: Final = 60.0
"""Seconds that a crowd reads before it is looked at: each has then seen nearly all the periods of its list."""
SHARE_S: Final = 20.0
"""Seconds that it is looked at: near the limit, one pause of a worker moves the 95th percentile of less."""
CONTROL_GROUPS: Final = Path("/sys/fs/cgroup/cpu")
"""Where Linux gives processes a share of its processors (version 1 of control groups; written by root)."""
TURN_US: Final = 20_000
"""Microseconds in which a worker has its share: it waits as long at most for the next."""
CORE_SHARE: Final = 0.5
"""Of a core, for each worker: two of them and who asks find room on two cores."""
LONGEST_S: Final = 90.0
"""Seconds that changes not drawn yet are waited for at the end of a run."""
ABSENT: Final = "absenteeism_rate"


@dataclass
class Reader:
    """A session: how it is reached, the list that it changes, when each change began and how long it took.

    Moments are of a clock that only goes forward, in seconds. Opening the page is no change: `opened` is how long that
    took. A change that is not drawn is waited for until the end of the run, and is one of those that take longest.
    """

    address: str
    random: random.Random
    query: str = ""
    list_id: str = ""
    options: Sequence[str] = ()
    shown: str = ""
    opened: tuple[float, float] | None = None
    changes: list[tuple[float, float]] = field(default_factory=list)
    waiting_since: float | None = None

    async def read(self, until: asyncio.Event) -> None:
        """Open the page, then choose another period every two seconds."""
        parts = urlsplit(self.address)
        self.query = parts.query
        await asyncio.sleep(self.random.random() * PAUSE_S)
        stream = f"ws://{parts.netloc}/_stcore/stream"
        async with connect(
            stream, subprotocols=[Subprotocol("streamlit")], max_size=LARGEST, open_timeout=LONGEST_S
        ) as socket:
            while not until.is_set():
                self.waiting_since = start = time.perf_counter()
                await socket.send(self._request().SerializeToString())
                await self._drawn(socket)
                spent, self.waiting_since = time.perf_counter() - start, None
                if self.opened is None:
                    self.opened = (start, spent)
                    assert self.list_id, f"{self.address} shows no list called {FILTER}"
                else:
                    self.changes.append((start, spent))
                await asyncio.sleep(max(0.0, PAUSE_S - spent))

    def _request(self) -> BackMsg:
        parts, request = urlsplit(self.address), BackMsg()
        request.rerun_script.query_string = self.query
        request.rerun_script.page_name = parts.path.strip("/")
        if self.list_id:
            # A browser sends nothing when what is chosen is what is shown.
            self.shown = self.random.choice([option for option in self.options if option != self.shown])
            request.rerun_script.widget_states.widgets.add(id=self.list_id, string_value=self.shown)
        return request

    async def _drawn(self, socket: ClientConnection) -> None:
        while True:
            message = ForwardMsg()
            message.ParseFromString(bytes(await socket.recv()))
            kind = message.WhichOneof("type")
            if kind == "script_finished":
                return
            if kind == "page_info_changed":
                # As a browser, that shows it and sends it along the next time.
                self.query = message.page_info_changed.query_string
            if kind == "delta" and message.delta.new_element.WhichOneof("type") == "selectbox":
                found = message.delta.new_element.selectbox
                if found.label == FILTER:
                    self.list_id, self.options = found.id, list(found.options)
                    self.shown = self.shown or self.options[found.default]

    def began_between(self, start: float, end: float) -> list[float]:
        """Return how long the changes that began between two moments took, in milliseconds.

        One that is not drawn by the end took at least until then.
        """
        found = [1000 * spent for began, spent in self.changes if start <= began < end]
        waiting = self.opened is not None and self.waiting_since is not None and start <= self.waiting_since < end
        return [*found, 1000 * (time.perf_counter() - self.waiting_since)] if waiting and self.waiting_since else found


@dataclass(frozen=True)
class Load:
    """What people met in one state of a server: changes a second, median and 95th percentile in milliseconds, and the
    processor time of a change, the server's and that of who asked."""

    changes: float
    p50: float
    p95: float
    processor: float
    asking: float


@dataclass(frozen=True)
class State:
    """A state of a server while people read: what makes it so, and how many seconds it is looked at."""

    begin: Callable[[], object]
    seconds: float


@dataclass(frozen=True)
class Phase:
    """A state of a server while people read: from when to when, and the processor seconds spent on both sides."""

    start: float
    end: float
    server: float = 0.0
    asking: float = 0.0

    def load(self, readers: Sequence[Reader]) -> Load:
        """Return what people met in it."""
        times = [ms for reader in readers for ms in reader.began_between(self.start, self.end)]
        # A server that has answered nobody in all that time has no times to tell.
        p50, p95 = (statistics.median(times), statistics.quantiles(times, n=20)[-1]) if len(times) > 1 else (inf, inf)
        count, lasted = max(len(times), 1), self.end - self.start
        return Load(len(times) / lasted, p50, p95, 1000 * self.server / count, 1000 * self.asking / count)


def children(process: int) -> list[int]:
    """Return the processes that one has started and that still run."""
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def processor_seconds(server: Server) -> float:
    """Processor time of a server and of its workers, user and system."""
    processes = (server.process, *children(server.process))
    return sum(Server(server.address, process).processor_seconds for process in processes)


@contextmanager
def with_a_share_each(server: Server, workers: int) -> Iterator[None]:
    """Give each worker of a server `CORE_SHARE` of a core and no more; a server of one worker is that worker."""
    serving_processes = [server.process]
    if workers > 1:
        # Beside them is Python's own process that clears up what they leave behind.
        commands = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in children(server.process)}
        serving_processes = [child for child, command in commands.items() if b"resource_tracker" not in command]
    assert len(serving_processes) == workers
    groups = [CONTROL_GROUPS / f"pilotage-bench-{process}" for process in serving_processes]
    for process, group in zip(serving_processes, groups, strict=True):
        group.mkdir()
        (group / "cpu.cfs_period_us").write_text(str(TURN_US))
        (group / "cpu.cfs_quota_us").write_text(str(int(TURN_US * CORE_SHARE)))
        (group / "cgroup.procs").write_text(str(process))
    try:
        yield
    finally:
        for process, group in zip(serving_processes, groups, strict=True):
            (CONTROL_GROUPS / "cgroup.procs").write_text(str(process))
            group.rmdir()


async def people(server: Server, addresses: Sequence[str], states: Mapping[str, State]) -> dict[str, Load]:
    """Let people read through several states of a server, each after what makes it so.

    Of a state that is looked at for longer than its first seconds, these are told as well. « opened » is the first view
    of each of them: it is no change, and is told by itself.
    """
    dice, until = random.Random(SEED), asyncio.Event()
    readers = [Reader(address, random.Random(dice.random())) for address in addresses]
    tasks = [asyncio.create_task(reader.read(until)) for reader in readers]
    found = {}
    for name, state in states.items():
        await asyncio.to_thread(state.begin)
        spent, asking, start = processor_seconds(server), time.process_time(), time.perf_counter()
        await asyncio.sleep(state.seconds)
        end = time.perf_counter()
        found[name] = Phase(start, end, processor_seconds(server) - spent, time.process_time() - asking)
        if state.seconds == MINUTE_S:
            found[f"{name}, first {FIRST_S:.0f} s"] = Phase(start, start + FIRST_S)
    until.set()
    _, late = await asyncio.wait(tasks, timeout=LONGEST_S)
    loads = {name: phase.load(readers) for name, phase in found.items()}
    opened = [1000 * reader.opened[1] if reader.opened else inf for reader in readers]
    loads["opened"] = Load(0, statistics.median(opened), statistics.quantiles(opened, n=20)[-1], 0, 0)
    for task in late:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
    return loads


def deposit_another(store: Path) -> None:
    """Make a new version of the store: one figure of one structure is deposited again."""
    with Network(str(store)) as network:
        quarter = QUARTERS[-1]
        row = {
            "line": 2, "structure": "s00001", "period": quarter.code, "period_end": quarter.end, "indicator": ABSENT,
            "segment": "ensemble", "numerator": 33.0, "denominator": 70.0,
        }  # fmt: skip
        rows = pl.DataFrame([row]).with_columns(pl.col("line").cast(pl.Int32))
        moment = datetime.now(UTC).replace(tzinfo=None)
        store_submission(
            network.lake, Submission(new_deposit_id(), "bench", moment, "measures", "m", b"again", 1, rows)
        )


def our_addresses(server: Server, count: int) -> list[str]:
    """Return what people look at: seven in ten a board of their own, two the network, one an indicator."""
    pages = ["structure?structure=s{:05d}"] * 7 + ["?x={}"] * 2 + ["indicateur?indicateur=dynamic_exit_rate&x={}"]
    return [f"{server.address}/{pages[n % len(pages)].format(n)}" for n in range(count)]


def measure(store: Path, workers: int, count: int = PEOPLE) -> dict[str, Load]:
    """Measure our pages: just started, warm, and when a version appears."""
    more = ["--workers", str(workers)] if workers > 1 else []
    states = {
        "cold": State(nothing, MINUTE_S),
        "warm": State(nothing, WARM_S),
        "new version": State(partial(deposit_another, store), MINUTE_S),
    }
    with serving([*start_ours(store), *more], store, "healthz") as server:
        return asyncio.run(people(server, our_addresses(server, count), states))


def measure_bare(store: Path, count: int = PEOPLE) -> dict[str, Load]:
    """Measure the bare page: its boards, just started and warm."""
    states = {"cold": State(nothing, MINUTE_S), "warm": State(nothing, WARM_S)}
    with serving(start_bare(store, shown_on_a_board(store)), store, "_stcore/health") as server:
        addresses = [f"{server.address}/?page=board&structure=s{n:05d}" for n in range(count)]
        return asyncio.run(people(server, addresses, states))


def measure_share(store: Path, workers: int, count: int) -> Load:
    """Measure our pages once warm, where each worker has a share of a core."""
    more = ["--workers", str(workers)] if workers > 1 else []
    with serving([*start_ours(store), *more], store, "healthz") as server, with_a_share_each(server, workers):
        states = {"warming": State(nothing, WARMING_S), "warm": State(nothing, SHARE_S)}
        return asyncio.run(people(server, our_addresses(server, count), states))["warm"]


def most_served(store: Path, workers: int) -> tuple[int, Load]:
    """Return the most people served, once warm, at a 95th percentile within the limit, and what they met.

    Each worker has a share of a core. The range is halved until one person a worker is left between enough and too
    many.
    """
    enough, too_many, met = FEWEST, MOST, Load(0, inf, inf, inf, inf)
    while too_many - enough > 1:
        tried = (enough + too_many) // 2
        found = measure_share(store, workers, tried * workers)
        if found.p95 <= LIMIT_MS:
            enough, met = tried, found
        else:
            too_many = tried
    return enough * workers, met


def nothing() -> None:
    """Leave a server as it is."""


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(os.environ.get("BENCH_LOAD_STORE", f"{folder}/store"))
        if not store.exists():
            with Network(str(store)) as network:
                fill(network, STRUCTURES, QUARTERS[-QUARTERS_KNOWN:])
        found = {
            "1 worker": measure(store, 1),
            "2 workers": measure(store, 2),
            "bare page": measure_bare(store),
        }
        has_shares = os.access(CONTROL_GROUPS, os.W_OK)
        crowds = {workers: most_served(store, workers) for workers in (1, 2)} if has_shares else {}
    table = Table(title=f"{PEOPLE} people, a change every {PAUSE_S:.0f} s, {STRUCTURES} structures", box=MARKDOWN)
    for heading in ("server", "state", "limit, p95", "changes/s", "p50", "p95", "processor a change", "of who asks"):
        table.add_column(heading, justify="left" if heading in {"server", "state"} else "right")
    for server, states in found.items():
        for state, load in states.items():
            limit = f"{LIMIT_MS} ms" if server != "bare page" and state in {"cold", "warm", "new version"} else ""
            rate = f"{load.changes:.1f}" if load.changes else ""
            costs = [f"{ms:.0f} ms" if ms else "" for ms in (load.processor, load.asking)]
            table.add_row(server, state, limit, rate, f"{load.p50:.0f} ms", f"{load.p95:.0f} ms", *costs)
    console = Console(width=130)
    console.print(table)
    for workers, (count, load) in crowds.items():
        console.print(
            f"{workers} worker(s) with {CORE_SHARE} of a core each serve {count} people within {LIMIT_MS} ms:"
            f" {load.changes:.1f} changes/s, p95 {load.p95:.0f} ms, {load.processor:.0f} ms of processor a change"
        )
    if has_shares:
        console.print(f"two workers serve {crowds[2][1].changes / crowds[1][1].changes:.2f} × one")
    else:
        console.print(f"what a second worker adds was not measured: {CONTROL_GROUPS} cannot be written here")
    console.print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
