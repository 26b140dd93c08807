"""How long a request may take to come in: a line of it now and then would hold a connection for ever."""

from asyncio import TimerHandle
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

REQUEST_TIMEOUT = 408


class DeadlineProtocol(HttpToolsProtocol):
    """The server's protocol, which closes a connection whose request does not come in within its time.

    Between two requests the server itself waits, for less; an open session has its own signs of life.
    """

    head_seconds: ClassVar[float]
    """For the first line and the headers."""
    body_seconds: ClassVar[float]
    """For what comes after them: a file, over a slow line."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Take what the server gives its protocols."""
        super().__init__(*arguments, **options)
        self._deadline: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Expect a request."""
        super().connection_made(transport)
        self._expect(self.head_seconds)

    def data_received(self, data: bytes) -> None:
        """Expect the rest of a request that has begun."""
        idle = self.cycle is None or self.cycle.response_complete
        if self._deadline is None and idle:
            self._expect(self.head_seconds)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Expect the body."""
        self._expect(self.body_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Expect nothing more."""
        self._stop()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to its session."""
        self._stop()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._stop()
        super().connection_lost(exc)

    def _expect(self, seconds: float) -> None:
        self._stop()
        self._deadline = self.loop.call_later(seconds, self._give_up)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            headers = [*self.server_state.default_headers, (b"connection", b"close"), (b"content-length", b"0")]
            lines = b"".join(b"%b: %b\r\n" % header for header in headers)
            self.transport.write(STATUS_LINE[REQUEST_TIMEOUT] + lines + b"\r\n")
        self.transport.close()


def with_deadlines(head_seconds: float, body_seconds: float) -> type[DeadlineProtocol]:
    """Return the protocol with so much time for each part of a request."""
    return type("DeadlineProtocol", (DeadlineProtocol,), {"head_seconds": head_seconds, "body_seconds": body_seconds})
