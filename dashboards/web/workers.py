"""Several processes behind one port: the parent accepts each connection and hands it to the worker of its reader.

Nothing of ours stands between a reader and a worker afterwards: the connection itself changes hands (SCM_RIGHTS), so a
worker sees the true address of whoever connects, and the parent copies no byte. What the parent looks at, without
taking it, is the head of the first request, for the cookie of `worker_pin`. A worker that dies is started again, and
its readers go to the others meanwhile; their pages reconnect by themselves. A parent that dies takes its workers along.
"""

import asyncio
import logging
import multiprocessing
import pickle
import secrets
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, Final

from indicators.errors import PilotageError

if TYPE_CHECKING:
    from dashboards.clock import Clock
    from dashboards.settings import Settings
    from dashboards.web.access_key import Access
    from dashboards.web.site_address import SiteAddress

LOG: Final = logging.getLogger(__name__)
LARGEST_HEAD_BYTES: Final = 16_384
"""Of the head of a request, what is looked at for a cookie."""
HEAD_WITHIN_S: Final = 5.0
"""Seconds within which a head is complete; then the connection goes to any worker, which has limits of its own."""
LOOK_AGAIN_S: Final = 0.02
MOST_WAITING: Final = 1_000
"""Connections whose head is waited for at once; more are closed."""
STARTED_WITHIN_S: Final = 120.0
STOPPED_WITHIN_S: Final = 20.0
SHORT_LIFE_S: Final = 5.0
"""A worker that lived less waits before it is started again."""
LONGEST_PAUSE_S: Final = 30.0
BACKLOG: Final = 2_048
"""Connections that the system accepts for us before we do."""
READY: Final = b"ready"
CONNECTION: Final = b"connection"


@dataclass(frozen=True)
class Plan:
    """What every worker serves. It reaches them by a pipe: others on the machine see command lines."""

    store: str
    settings: "Settings"
    clock: "Clock"
    site: "SiteAddress"
    access: "Access"
    cookie_secret: str


@dataclass
class _Worker:
    """A process, the channel by which it is given connections, when it was started, and how often that failed."""

    number: int
    process: BaseProcess
    channel: socket.socket
    started_at: float
    ready: bool = False
    failures: int = 0


class Workers:
    """The workers of one site, and the port before them."""

    def __init__(self, count: int, listening: socket.socket, plan: Plan, announce: Callable[[], None]) -> None:
        """Start nothing yet; `announce` is called once every worker answers."""
        self._count = count
        self._listening = listening
        self._plan = pickle.dumps(plan)
        self._announce = announce
        self._workers: list[_Worker] = []
        self._turn = 0
        self._waiting = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._failed: asyncio.Future[None] | None = None
        self._opened = False
        self._stopping = False

    def run(self) -> None:
        """Serve until stopped by a signal; a `PilotageError` if the workers cannot be started."""
        with suppress(KeyboardInterrupt):
            asyncio.run(self._run())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        self._failed = loop.create_future()
        stopped = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stopped.set)
        self._listening.setblocking(False)
        self._workers = [self._start(number) for number in range(self._count)]
        accepting: asyncio.Task[None] | None = None
        stopping = loop.create_task(stopped.wait())
        try:
            first = loop.create_task(self._all_ready())
            either: list[asyncio.Future[Any]] = [stopping, self._failed]
            await asyncio.wait([first, *either], return_when=asyncio.FIRST_COMPLETED)
            if first.done():
                accepting = loop.create_task(self._accept())
                self._opened = True
                self._announce()
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            first.cancel()
        finally:
            self._stopping = True
            if accepting:
                accepting.cancel()
            self._listening.close()
            stopping.cancel()
            await asyncio.to_thread(self._stop_all)
        if self._failed.done():
            self._failed.result()

    def _start(self, number: int, failures: int = 0) -> _Worker:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        process = multiprocessing.get_context("spawn").Process(
            target=work, args=(number, self._plan, theirs), name=f"worker {number}", daemon=True
        )
        process.start()
        theirs.close()
        worker = _Worker(number, process, ours, time.monotonic(), failures=failures)
        asyncio.get_running_loop().add_reader(ours, self._hear, worker)
        return worker

    def _hear(self, worker: _Worker) -> None:
        """Take note that a worker is ready, or that it is no more: its end of the channel is then closed."""
        try:
            said = worker.channel.recv(len(READY))
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if said == READY:
            worker.ready, worker.failures = True, 0
            return
        was_ready, worker.ready = worker.ready, False
        asyncio.get_running_loop().remove_reader(worker.channel)
        worker.channel.close()
        if not self._stopping:
            LOG.error("worker %d ended: it is started again", worker.number)
            self._keep(self._start_again(worker, was_ready=was_ready))

    def _keep(self, coroutine: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _start_again(self, dead: _Worker, *, was_ready: bool) -> None:
        await asyncio.to_thread(dead.process.join, STOPPED_WITHIN_S)
        # One that hears nothing any more may still hold the store.
        dead.process.kill()
        lived = time.monotonic() - dead.started_at
        failures = dead.failures + 1 if lived < SHORT_LIFE_S or not was_ready else 0
        if not (self._opened or was_ready) and self._failed and not self._failed.done():
            # What keeps a worker from starting is in the log, and would keep the next one too.
            self._failed.set_exception(PilotageError("the workers cannot be started"))
            return
        if failures:
            await asyncio.sleep(min(2.0**failures, LONGEST_PAUSE_S))
        if self._stopping:
            return
        self._workers[dead.number] = self._start(dead.number, failures)

    async def _all_ready(self) -> None:
        while not all(worker.ready for worker in self._workers):
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._listening)
            except OSError:
                # Too many files are open: those that are will end.
                await asyncio.sleep(LOOK_AGAIN_S)
                continue
            if self._waiting >= MOST_WAITING:
                connection.close()
                continue
            self._keep(self._hand_over(connection))

    async def _hand_over(self, connection: socket.socket) -> None:
        self._waiting += 1
        try:
            with connection:
                connection.setblocking(False)
                asked_for = await _worker_asked_for(connection)
                for worker in self._in_order(asked_for):
                    with suppress(OSError):
                        socket.send_fds(worker.channel, [CONNECTION], [connection.fileno()])
                        return
        finally:
            self._waiting -= 1

    def _in_order(self, asked_for: int | None) -> list[_Worker]:
        """Return the workers that answer, in the order in which they are tried: the one asked for, then in turn."""
        self._turn += asked_for is None
        turn = [self._workers[(self._turn + place) % self._count] for place in range(self._count)]
        ready = [worker for worker in turn if worker.ready]
        return sorted(ready, key=lambda worker: worker.number != asked_for)

    def _stop_all(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        until = time.monotonic() + STOPPED_WITHIN_S
        for worker in self._workers:
            worker.process.join(max(0.0, until - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()


async def _worker_asked_for(connection: socket.socket) -> int | None:
    """Look at the head of the first request without taking it; null where it asks for none, or does not come."""
    from dashboards.web.worker_pin import worker_asked_for

    until = time.monotonic() + HEAD_WITHIN_S
    while time.monotonic() < until:
        try:
            head = connection.recv(LARGEST_HEAD_BYTES, socket.MSG_PEEK)
        except BlockingIOError:
            head = None
        except OSError:
            return None
        if head == b"" or (head and (b"\r\n\r\n" in head or len(head) == LARGEST_HEAD_BYTES)):
            return worker_asked_for(head)
        await asyncio.sleep(LOOK_AGAIN_S)
    return None


def work(number: int, plan: bytes, channel: socket.socket) -> None:
    """Serve the connections that come by a channel, until it ends: what a worker's process runs."""
    from dashboards.bootstrap import LEFT_OUT, give_memory_back, settle
    from indicators.blocked_modules import leave_out

    # A worker begins where every command does: what is not needed is not loaded.
    give_memory_back()
    leave_out(LEFT_OUT)
    # A key pressed in the terminal reaches every process of it: the parent decides, and ends its workers in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    opened: Plan = pickle.loads(plan)  # noqa: S301 - written by our own parent, for us
    from dashboards.web.worker import serve_channel

    settle(LEFT_OUT)
    serve_channel(number, opened, channel)


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address; a `PilotageError` names the one that cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise PilotageError(f"cannot listen on {host}, port {port}") from None
    return listening


def serve_by_workers(
    count: int,
    listening: socket.socket,
    plan: Plan,
    announce: Callable[[], None],
) -> None:
    """Serve a store by several processes until stopped."""
    Workers(count, listening, plan, announce).run()


def new_cookie_secret() -> str:
    """Return what every worker signs its cookies with: any of them must understand those of another."""
    return secrets.token_hex(32)
