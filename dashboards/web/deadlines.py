"""Deadlines for incoming requests: a client that sends a line now and then could hold a connection for ever."""

from asyncio import TimerHandle
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

UPLOAD_PREFIX: Final = b"/_stcore/upload_file"
REQUEST_TIMEOUT: Final = 408


class DeadlineProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP protocol, which closes connections whose request is not complete in time.

    Between requests, uvicorn's own keep-alive timeout applies; WebSocket sessions have pings.
    """

    seconds: ClassVar[float]
    """For the request line and headers, and again for the body."""
    upload_seconds: ClassVar[float]
    """For an uploaded file, over a slow line."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Pass uvicorn's arguments on."""
        super().__init__(*arguments, **options)
        self._deadline: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Start the deadline of the first request."""
        super().connection_made(transport)
        self._start_deadline(self.seconds)

    def data_received(self, data: bytes) -> None:
        """Start the deadline of the next request on its first bytes."""
        idle = self.cycle is None or self.cycle.response_complete
        if self._deadline is None and idle:
            self._start_deadline(self.seconds)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Start the deadline of the body; only uploads have the long one."""
        self._start_deadline(self.upload_seconds if self.url.startswith(UPLOAD_PREFIX) else self.seconds)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Shorten the deadline of an upload that was answered before it was complete."""
        if self._deadline is not None:
            self._start_deadline(self.seconds)
        super().on_response_complete()

    def on_message_complete(self) -> None:
        """Cancel the deadline."""
        self._cancel_deadline()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Cancel the deadline: the connection belongs to its session."""
        self._cancel_deadline()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the deadline."""
        self._cancel_deadline()
        super().connection_lost(exc)

    def _start_deadline(self, seconds: float) -> None:
        self._cancel_deadline()
        self._deadline = self.loop.call_later(seconds, self._close_late)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close_late(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        # No response on connections without a request, which browsers open in advance.
        if self.headers is not None and (self.cycle is None or self.cycle.response_complete):
            headers = [*self.server_state.default_headers, (b"connection", b"close"), (b"content-length", b"0")]
            lines = b"".join(b"%b: %b\r\n" % header for header in headers)
            self.transport.write(STATUS_LINE[REQUEST_TIMEOUT] + lines + b"\r\n")
        self.transport.close()


def deadline_protocol(seconds: float, upload_seconds: float) -> type[DeadlineProtocol]:
    """Return the protocol class with deadlines in seconds for each part of a request, and for an upload."""
    return type("DeadlineProtocol", (DeadlineProtocol,), {"seconds": seconds, "upload_seconds": upload_seconds})
