"""Access log: one line per request, with an id returned in a header, and one per page rendering."""

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.access import Visitor
from dashboards.web.logging_setup import CURRENT_REQUEST, ELLIPSIS, RequestContext, log_fields
from dashboards.web.metrics import PAGE_SECONDS, REQUEST_SECONDS, REQUESTS, SESSIONS
from dashboards.web.request_visitor import identify
from dashboards.web.turns import TURNS

LOG: Final = logging.getLogger(__name__)
REQUEST_ID_HEADER: Final = "X-Request-Id"
ID_BYTES: Final = 8
SERVER_ERROR: Final = 500
KIND_BY_PREFIX: Final = {
    "/api/": "data",
    "/healthz": "health",
    "/readyz": "health",
    "/metrics": "metrics",
    "/_stcore/upload_file": "upload",
    "/_stcore/": "inner",
    "/static/": "file",
    "/app/static/": "file",
    "/component/": "file",
    "/media/": "media",
}
"""Kinds of requests by prefix of their path; any other is a page. Paths themselves are no metric labels: clients choose
them, and each would be counted for ever."""


SECRET_PREFIXES: Final = ("/media/", "/_stcore/upload_file/")
"""Prefixes of paths whose remainder is a secret: it gives access to a file or a session."""


def address_kind(path: str) -> str:
    """Return the kind of a path, for metrics."""
    return next((kind for start, kind in KIND_BY_PREFIX.items() if path.startswith(start)), "page")


class RequestLog:
    """Middleware that gives each request an id, and logs and counts it once it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an ASGI application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        request, start, status = secrets.token_hex(ID_BYTES), time.perf_counter(), 0
        kind = address_kind(scope["path"]) if scope["type"] == "http" else "session"
        is_open = False

        async def send_with_id(message: Message) -> None:
            nonlocal status, is_open
            match message["type"]:
                case "http.response.start":
                    status = message["status"]
                    MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request
                case "websocket.accept":
                    status, is_open = 101, True
                    message.setdefault("headers", [])
                    MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request
                    SESSIONS.inc()
                case "websocket.http.response.start":
                    status = message["status"]
                case "websocket.close":
                    status = status or 403
            await send(message)

        token = CURRENT_REQUEST.set(RequestContext(request, (await identify(scope)).role))
        try:
            await self.app(scope, receive, send_with_id)
        # The exception goes on to the server, which answers 500; here it is only counted.
        except Exception:
            status = SERVER_ERROR
            raise
        finally:
            seconds = time.perf_counter() - start
            if is_open:
                SESSIONS.dec()
            REQUESTS.labels(kind, str(status)).inc()
            if kind != "session":
                REQUEST_SECONDS.labels(kind).observe(seconds)
            # A page loads some forty files: those are logged at debug level only.
            level = logging.DEBUG if kind in {"file", "inner", "health"} else logging.INFO
            fields = log_fields(
                method=scope.get("method", "WS"), path=_path(scope), status=status, ms=round(1000 * seconds, 1)
            )
            LOG.log(level, "%s", kind, extra=fields)
            CURRENT_REQUEST.reset(token)


def _path(scope: Scope) -> str:
    """Return the path for the log, without secrets that give access to a file or a session."""
    path: str = scope["path"]
    return next((f"{start}{ELLIPSIS}" for start in SECRET_PREFIXES if path.startswith(start)), path)


@contextmanager
def log_page(page: str, visitor: Visitor) -> Iterator[None]:
    """Log and count the rendering of a page, even if it fails; fragments of a running page are not counted."""
    if CURRENT_REQUEST.get() is not None:
        yield
        return
    # Who waited for a turn waited for the page.
    start, token = (
        time.perf_counter() - TURNS.waited_s,
        CURRENT_REQUEST.set(RequestContext(secrets.token_hex(ID_BYTES), visitor.role)),
    )
    try:
        yield
    finally:
        seconds = time.perf_counter() - start
        PAGE_SECONDS.labels(page or "network").observe(seconds)
        LOG.info("shown", extra=log_fields(page=f"/{page}", ms=round(1000 * seconds, 1)))
        CURRENT_REQUEST.reset(token)
