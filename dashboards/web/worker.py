"""One worker: it opens the store, and serves the connections that the parent hands over."""

import asyncio
import socket
from typing import Final

import uvicorn
from starlette.middleware import Middleware
from streamlit import config

from dashboards.access import House
from dashboards.web.asgi import run
from dashboards.web.worker_pin import WorkerPin
from dashboards.web.workers import CONNECTION, READY, Plan
from indicators.network import Network

LARGEST_MESSAGE: Final = 64
"""Bytes of a message of the parent's."""


class HandedServer(uvicorn.Server):
    """A server that listens nowhere: its connections come, accepted, by a channel."""

    def __init__(self, configuration: uvicorn.Config, channel: socket.socket) -> None:
        """Serve a configuration to those who come by a channel."""
        super().__init__(configuration)
        self._channel = channel
        self._tasks: set[asyncio.Task[object]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell the parent that connections may come."""
        await super().startup(sockets=sockets or [])
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel, self._take)
        self._channel.send(READY)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and end those there are."""
        asyncio.get_running_loop().remove_reader(self._channel)
        self._channel.close()
        await super().shutdown(sockets=sockets)

    def _take(self) -> None:
        try:
            message, handles, _, _ = socket.recv_fds(self._channel, LARGEST_MESSAGE, 1)
        except BlockingIOError:
            return
        except OSError:
            message, handles = b"", []
        if message != CONNECTION:
            # The parent is gone: nobody would ever come again.
            asyncio.get_running_loop().remove_reader(self._channel)
            self.should_exit = True
            return
        for handle in handles:
            connection = socket.socket(fileno=handle)
            connection.setblocking(False)
            task = asyncio.get_running_loop().create_task(self._connect(connection))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self, connection: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        except OSError:
            # Whoever it was has left.
            connection.close()

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn makes them
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made


def serve_channel(number: int, plan: Plan, channel: socket.socket) -> None:
    """Open the store of a plan and serve it to those who come by a channel, until it ends."""
    config.set_option("server.cookieSecret", plan.cookie_secret)
    pin = Middleware(WorkerPin, number=number, secure=plan.site.url.startswith("https:"))
    with Network(plan.store, plan.settings.data) as network:
        opened = House(network, plan.clock, plan.access, plan.site)
        run(opened, plan.settings, lambda to: HandedServer(to, channel), [], [pin], number)
