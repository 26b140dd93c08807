"""One line a request, with an id that its answer bears, and one a page shown: who asked, what, and how long it took."""

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.access import Visitor, house
from dashboards.web.logging_setup import ASKING, HIDDEN, Asking, facts
from dashboards.web.metrics import PAGE_SECONDS, REQUEST_SECONDS, REQUESTS, SESSIONS
from dashboards.web.turns import TURNS

LOG: Final = logging.getLogger(__name__)
HEADER: Final = "X-Request-Id"
ID_BYTES: Final = 8
SERVER_ERROR: Final = 500
KINDS: Final = {
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
"""How addresses begin, and what they are counted as; any other is a page. Never the address itself: strangers choose
it, and each would be counted for ever."""


OPENING: Final = ("/media/", "/_stcore/upload_file/")
"""How addresses begin whose rest opens a file, or a session, to whoever knows it."""


def kind_of(path: str) -> str:
    """Return what an address is counted as."""
    return next((kind for start, kind in KINDS.items() if path.startswith(start)), "page")


class RequestLog:
    """Gives each request an id, and writes a line and counts it once it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        request, start, status = secrets.token_hex(ID_BYTES), time.perf_counter(), 0
        kind = kind_of(scope["path"]) if scope["type"] == "http" else "session"
        opened = False

        async def sending(message: Message) -> None:
            nonlocal status, opened
            match message["type"]:
                case "http.response.start":
                    status = message["status"]
                    MutableHeaders(scope=message)[HEADER] = request
                case "websocket.accept":
                    status, opened = 101, True
                    message.setdefault("headers", [])
                    MutableHeaders(scope=message)[HEADER] = request
                    SESSIONS.inc()
                case "websocket.http.response.start":
                    status = message["status"]
                case "websocket.close":
                    status = status or 403
            await send(message)

        token = ASKING.set(Asking(request, who(house().visitor(HTTPConnection(scope).cookies))))
        try:
            await self.app(scope, receive, sending)
        # Whatever failed goes on to the server, which answers 500: here it is only counted as that.
        except Exception:
            status = SERVER_ERROR
            raise
        finally:
            spent = time.perf_counter() - start
            if opened:
                SESSIONS.dec()
            REQUESTS.labels(kind, str(status)).inc()
            if kind != "session":
                REQUEST_SECONDS.labels(kind).observe(spent)
            # Pages load some forty files; what is asked of us is one line each.
            level = logging.DEBUG if kind in {"file", "inner", "health"} else logging.INFO
            told = facts(method=scope.get("method", "WS"), path=_path(scope), status=status, ms=round(1000 * spent, 1))
            LOG.log(level, "%s", kind, extra=told)
            ASKING.reset(token)


def _path(scope: Scope) -> str:
    """Return the path of a line, without what opens a file or a session to whoever reads the log."""
    path: str = scope["path"]
    return next((f"{start}{HIDDEN}" for start in OPENING if path.startswith(start)), path)


def who(visitor: Visitor) -> str:
    """Return what a line says of whoever asks: what they may see, never a name."""
    return "administrator" if visitor.local_administrator else "public"


@contextmanager
def page_shown(page: str, visitor: Visitor) -> Iterator[None]:
    """Write a line and count when a page of ours has been shown, or has failed; a part shown with it is not counted."""
    if ASKING.get() is not None:
        yield
        return
    # Who waited for a turn waited for the page.
    start, token = time.perf_counter() - TURNS.waited_s, ASKING.set(Asking(secrets.token_hex(ID_BYTES), who(visitor)))
    try:
        yield
    finally:
        spent = time.perf_counter() - start
        PAGE_SECONDS.labels(page or "network").observe(spent)
        LOG.info("shown", extra=facts(page=f"/{page}", ms=round(1000 * spent, 1)))
        ASKING.reset(token)
