"""How long a request may take to come in: a line of it now and then would hold a connection for ever."""

from asyncio import TimerHandle
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

UPLOADS: Final = b"/_stcore/upload_file"
REQUEST_TIMEOUT: Final = 408


class DeadlineProtocol(HttpToolsProtocol):
    """The server's protocol, which closes a connection whose request does not come in within its time.

    Between two requests the server itself waits, for less; an open session has its own signs of life.
    """

    seconds: ClassVar[float]
    """For the first line and the headers, and again for what comes after them."""
    upload_seconds: ClassVar[float]
    """For a file, over a slow line."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Take what the server gives its protocols."""
        super().__init__(*arguments, **options)
        self._deadline: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Expect a request."""
        super().connection_made(transport)
        self._expect(self.seconds)

    def data_received(self, data: bytes) -> None:
        """Expect the rest of a request that has begun."""
        idle = self.cycle is None or self.cycle.response_complete
        if self._deadline is None and idle:
            self._expect(self.seconds)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Expect the body: only a file may take long."""
        self._expect(self.upload_seconds if self.url.startswith(UPLOADS) else self.seconds)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Expect no more of a file that was refused before it was there."""
        if self._deadline is not None:
            self._expect(self.seconds)
        super().on_response_complete()

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
        # Browsers open connections in advance: there, nobody waits for an answer.
        if self.headers is not None and (self.cycle is None or self.cycle.response_complete):
            headers = [*self.server_state.default_headers, (b"connection", b"close"), (b"content-length", b"0")]
            lines = b"".join(b"%b: %b\r\n" % header for header in headers)
            self.transport.write(STATUS_LINE[REQUEST_TIMEOUT] + lines + b"\r\n")
        self.transport.close()


def with_deadlines(seconds: float, upload_seconds: float) -> type[DeadlineProtocol]:
    """Return the protocol with so much time for each part of a request, and for a file."""
    return type("DeadlineProtocol", (DeadlineProtocol,), {"seconds": seconds, "upload_seconds": upload_seconds})
