"""A worker process: opens the store and serves the connections handed over by the parent."""

import asyncio
import socket
from typing import Final

import uvicorn
from starlette.middleware import Middleware
from streamlit import config

from dashboards.access import AppState
from dashboards.web.asgi import rules_of, run, sign_in_for
from dashboards.web.worker_pin import WorkerPin
from dashboards.web.workers import CONNECTION_MESSAGE, READY_MESSAGE, ServingPlan
from indicators.network import Network

MAX_MESSAGE_BYTES: Final = 64
"""Bytes of a message from the parent."""


class HandoverServer(uvicorn.Server):
    """A server without listening socket: accepted connections arrive over a channel."""

    def __init__(self, configuration: uvicorn.Config, channel: socket.socket) -> None:
        """Keep the channel on which connections arrive."""
        super().__init__(configuration)
        self._channel = channel
        self._tasks: set[asyncio.Task[object]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then signal the parent that connections may be handed over."""
        await super().startup(sockets=sockets or [])
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel, self._accept_handover)
        self._channel.send(READY_MESSAGE)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more connections, and end the open ones."""
        asyncio.get_running_loop().remove_reader(self._channel)
        self._channel.close()
        await super().shutdown(sockets=sockets)

    def _accept_handover(self) -> None:
        try:
            message, handles, _, _ = socket.recv_fds(self._channel, MAX_MESSAGE_BYTES, 1)
        except BlockingIOError:
            return
        except OSError:
            message, handles = b"", []
        if message != CONNECTION_MESSAGE:
            # The parent is gone: no connection would ever arrive.
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
            # The client has already disconnected.
            connection.close()

    def _protocol(self) -> asyncio.Protocol:
        protocol: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn makes them
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol


def serve_channel(number: int, plan: ServingPlan, channel: socket.socket) -> None:
    """Open the store of a plan and serve the connections of a channel until it closes."""
    config.set_option("server.cookieSecret", plan.cookie_secret)
    pin_middleware = Middleware(WorkerPin, number=number, secure=plan.site.url.startswith("https:"))
    with Network(plan.store, plan.settings.data) as network:
        app_state = AppState(
            network,
            plan.clock,
            plan.access,
            plan.site,
            sign_in_for(plan.access, network, plan.settings, plan.site),
            rules_of(plan.settings),
        )
        run(app_state, plan.settings, lambda to: HandoverServer(to, channel), [], [pin_middleware], number)
