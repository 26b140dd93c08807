"""The cookie that leads a reader back to the worker that holds their session.

A session of Streamlit lives in one process: what is uploaded, and the files and pictures that a page offers, must reach
the process of its WebSocket. The cookie holds the number of a worker and nothing else.
"""

import re
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "pilotage_worker"
_IN_HEADERS: Final = re.compile(
    rb"\r\ncookie:[^\r\n]*?\b" + COOKIE.encode() + rb"=(\d{1,4})(?=[;\r \t])", re.IGNORECASE
)


def worker_asked_for(head: bytes) -> int | None:
    """Return the number of the worker that the head of a request asks for, if it does."""
    found = _IN_HEADERS.search(head)
    return int(found[1]) if found else None


class WorkerPin:
    """Gives the cookie of this worker to whoever opens a page or a session here without it.

    Each connection carries one request: a proxy that keeps its connections open sends those of several readers over
    the same one, and the worker behind it was chosen for the first of them.
    """

    def __init__(self, app: ASGIApp, number: int, *, secure: bool) -> None:
        """Stand before an application as the worker of that number; `secure`: the site is asked for by https."""
        self.app = app
        self.number = str(number)
        # Lax, not strict: who comes by a link from another site has a session here already, perhaps.
        self.cookie = f"{COOKIE}={number}; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and mark its answer."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        known = _cookie(Headers(scope=scope)) == self.number

        async def sending(message: Message) -> None:
            if message["type"] == "websocket.accept" and not known:
                message.setdefault("headers", [])
                MutableHeaders(scope=message).append("Set-Cookie", self.cookie)
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Connection"] = "close"
                # A file that a proxy may keep for everybody has no cookie.
                if not known and headers.get("Content-Type", "").startswith("text/html"):
                    headers.append("Set-Cookie", self.cookie)
            await send(message)

        await self.app(scope, receive, sending)


def _cookie(headers: Headers) -> str | None:
    try:
        held = SimpleCookie("; ".join(headers.getlist("cookie"))).get(COOKIE)
    except CookieError:
        return None
    return held.value if held else None
