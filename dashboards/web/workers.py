"""Several worker processes behind one port: the parent accepts connections and hands each to its visitor's worker.

The socket itself is passed on (SCM_RIGHTS): the worker sees the client's true address, and the parent copies no byte.
The parent only peeks at the head of the first request, for the cookie of `worker_pin`. A worker that dies is restarted,
and its visitors go to the others meanwhile; their pages reconnect by themselves. Workers end with their parent.
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
MAX_HEAD_BYTES: Final = 16_384
"""Bytes of a request's head that are searched for the cookie."""
HEAD_TIMEOUT_S: Final = 5.0
"""Seconds to wait for a complete head; then any worker gets the connection, with its own deadlines."""
POLL_INTERVAL_S: Final = 0.02
MAX_WAITING_CONNECTIONS: Final = 1_000
"""Connections waiting for their head; further ones are closed."""
STOP_TIMEOUT_S: Final = 20.0
SHORT_LIFE_S: Final = 5.0
"""A worker that lived for less is restarted with a delay."""
MAX_RESTART_DELAY_S: Final = 30.0
BACKLOG: Final = 2_048
"""Length of the system's queue of unaccepted connections."""
READY_MESSAGE: Final = b"ready"
CONNECTION_MESSAGE: Final = b"connection"


@dataclass(frozen=True)
class ServingPlan:
    """What every worker serves. Passed through a pipe, because command lines are visible to other users."""

    store: str
    settings: "Settings"
    clock: "Clock"
    site: "SiteAddress"
    access: "Access"
    cookie_secret: str


@dataclass
class _WorkerProcess:
    """A worker process with its channel, start time and number of consecutive failures."""

    number: int
    process: BaseProcess
    channel: socket.socket
    started_at: float
    is_ready: bool = False
    failures: int = 0


class Workers:
    """Supervisor of the workers of one site: accepts connections, distributes them, restarts dead workers."""

    def __init__(
        self, count: int, listening_socket: socket.socket, plan: ServingPlan, announce: Callable[[], None]
    ) -> None:
        """Start nothing yet; `announce` is called once every worker is ready."""
        self._count = count
        self._listening_socket = listening_socket
        self._plan = pickle.dumps(plan)
        self._announce = announce
        self._workers: list[_WorkerProcess] = []
        self._rotation = 0
        self._waiting_count = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: asyncio.Future[None] | None = None
        self._is_announced = False
        self._is_stopping = False

    def run(self) -> None:
        """Serve until stopped by a signal; a `PilotageError` if the workers cannot start."""
        with suppress(KeyboardInterrupt):
            asyncio.run(self._run())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        self._failure = loop.create_future()
        stopped = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stopped.set)
        self._listening_socket.setblocking(False)
        self._workers = [self._start(number) for number in range(self._count)]
        accepting: asyncio.Task[None] | None = None
        stopping = loop.create_task(stopped.wait())
        try:
            first = loop.create_task(self._wait_until_ready())
            either: list[asyncio.Future[Any]] = [stopping, self._failure]
            await asyncio.wait([first, *either], return_when=asyncio.FIRST_COMPLETED)
            if first.done():
                accepting = loop.create_task(self._accept())
                self._is_announced = True
                self._announce()
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            first.cancel()
        finally:
            self._is_stopping = True
            if accepting:
                accepting.cancel()
            self._listening_socket.close()
            stopping.cancel()
            await asyncio.to_thread(self._stop_all)
        if self._failure.done():
            self._failure.result()

    def _start(self, number: int, failures: int = 0) -> _WorkerProcess:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        process = multiprocessing.get_context("spawn").Process(
            target=run_worker, args=(number, self._plan, theirs), name=f"worker {number}", daemon=True
        )
        process.start()
        theirs.close()
        worker = _WorkerProcess(number, process, ours, time.monotonic(), failures=failures)
        asyncio.get_running_loop().add_reader(ours, self._on_message, worker)
        return worker

    def _on_message(self, worker: _WorkerProcess) -> None:
        """Handle a message of a worker: it is ready, or has ended, which closes its end of the channel."""
        try:
            message = worker.channel.recv(len(READY_MESSAGE))
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if message == READY_MESSAGE:
            worker.is_ready, worker.failures = True, 0
            return
        was_ready, worker.is_ready = worker.is_ready, False
        asyncio.get_running_loop().remove_reader(worker.channel)
        worker.channel.close()
        if not self._is_stopping:
            LOG.error("worker %d ended: it is started again", worker.number)
            self._run_in_background(self._restart(worker, was_ready=was_ready))

    def _run_in_background(self, coroutine: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _restart(self, ended: _WorkerProcess, *, was_ready: bool) -> None:
        await asyncio.to_thread(ended.process.join, STOP_TIMEOUT_S)
        # An unresponsive process may still hold the store.
        ended.process.kill()
        lifetime_s = time.monotonic() - ended.started_at
        failures = ended.failures + 1 if lifetime_s < SHORT_LIFE_S or not was_ready else 0
        if not (self._is_announced or was_ready) and self._failure and not self._failure.done():
            # The error that keeps a worker from starting is in the log, and would recur.
            self._failure.set_exception(PilotageError("the workers cannot be started"))
            return
        if failures:
            await asyncio.sleep(min(2.0**failures, MAX_RESTART_DELAY_S))
        if self._is_stopping:
            return
        self._workers[ended.number] = self._start(ended.number, failures)

    async def _wait_until_ready(self) -> None:
        while not all(worker.is_ready for worker in self._workers):
            await asyncio.sleep(POLL_INTERVAL_S)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._listening_socket)
            except OSError:
                # Too many open files: wait for some to close.
                await asyncio.sleep(POLL_INTERVAL_S)
                continue
            if self._waiting_count >= MAX_WAITING_CONNECTIONS:
                connection.close()
                continue
            self._run_in_background(self._hand_over(connection))

    async def _hand_over(self, connection: socket.socket) -> None:
        self._waiting_count += 1
        try:
            with connection:
                connection.setblocking(False)
                preferred_worker = await _preferred_worker(connection)
                for worker in self._by_preference(preferred_worker):
                    with suppress(OSError):
                        socket.send_fds(worker.channel, [CONNECTION_MESSAGE], [connection.fileno()])
                        return
        finally:
            self._waiting_count -= 1

    def _by_preference(self, preferred_worker: int | None) -> list[_WorkerProcess]:
        """Return the ready workers in the order to try: the preferred one, then round-robin."""
        self._rotation += preferred_worker is None
        rotation = [self._workers[(self._rotation + place) % self._count] for place in range(self._count)]
        ready = [worker for worker in rotation if worker.is_ready]
        return sorted(ready, key=lambda worker: worker.number != preferred_worker)

    def _stop_all(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        until = time.monotonic() + STOP_TIMEOUT_S
        for worker in self._workers:
            worker.process.join(max(0.0, until - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()


async def _preferred_worker(connection: socket.socket) -> int | None:
    """Peek at the head of the first request for the preferred worker; null without a cookie or a complete head."""
    from dashboards.web.worker_pin import preferred_worker

    until = time.monotonic() + HEAD_TIMEOUT_S
    while time.monotonic() < until:
        try:
            head = connection.recv(MAX_HEAD_BYTES, socket.MSG_PEEK)
        except BlockingIOError:
            head = None
        except OSError:
            return None
        if head == b"" or (head and (b"\r\n\r\n" in head or len(head) == MAX_HEAD_BYTES)):
            return preferred_worker(head)
        await asyncio.sleep(POLL_INTERVAL_S)
    return None


def run_worker(number: int, plan: bytes, channel: socket.socket) -> None:
    """Entry point of a worker process: serve the connections of a channel until it closes."""
    from indicators.runtime_tricks import prepare_imports

    # As in `bootstrap.prepare`.
    prepare_imports(pages=True)
    # Ctrl-C reaches every process of the terminal: only the parent reacts, and ends its workers in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serving_plan: ServingPlan = pickle.loads(plan)  # noqa: S301 - written by our own parent, for us
    from dashboards.web.worker import serve_channel

    serve_channel(number, serving_plan, channel)


def listen(host: str, port: int) -> socket.socket:
    """Bind a listening socket; a `PilotageError` names an address that cannot be bound."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening_socket = socket.socket(family)
    try:
        listening_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening_socket.bind((host, port))
        listening_socket.listen(BACKLOG)
    except OSError:
        listening_socket.close()
        raise PilotageError(f"cannot listen on {host}, port {port}") from None
    return listening_socket


def serve_by_workers(
    count: int,
    listening_socket: socket.socket,
    plan: ServingPlan,
    announce: Callable[[], None],
) -> None:
    """Serve a store with several worker processes until stopped."""
    Workers(count, listening_socket, plan, announce).run()


def new_cookie_secret() -> str:
    """Return a random secret with which all workers sign Streamlit's cookies."""
    return secrets.token_hex(32)
