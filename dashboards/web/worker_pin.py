"""The cookie that routes a visitor's requests to the worker that holds their session.

A Streamlit session lives in one process: uploads and downloads must reach the process of its WebSocket. The cookie
contains the number of a worker and nothing else.
"""

import re
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE_NAME: Final = "pilotage_worker"
_IN_HEADERS: Final = re.compile(
    rb"\r\ncookie:[^\r\n]*?\b" + COOKIE_NAME.encode() + rb"=(\d{1,4})(?=[;\r \t])", re.IGNORECASE
)


def preferred_worker(head: bytes) -> int | None:
    """Return the worker number in the cookie of a request's head, if any."""
    match = _IN_HEADERS.search(head)
    return int(match[1]) if match else None


class WorkerPin:
    """Middleware that sets the cookie of this worker on pages and sessions opened without it.

    It also closes each connection after one request: proxies send requests of several visitors over a kept-alive
    connection, whose worker was chosen for the first of them.
    """

    def __init__(self, app: ASGIApp, number: int, *, secure: bool) -> None:
        """Wrap an ASGI application of the worker `number`; `secure` is whether the site uses https."""
        self.app = app
        self.number = str(number)
        # Lax, not strict: a visitor who follows a link from another site may already have a session here.
        self.cookie = f"{COOKIE_NAME}={number}; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and set the cookie on its response."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        has_cookie = _cookie_value(Headers(scope=scope)) == self.number

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "websocket.accept" and not has_cookie:
                message.setdefault("headers", [])
                MutableHeaders(scope=message).append("Set-Cookie", self.cookie)
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Connection"] = "close"
                # No cookie on files, which proxies may cache for all visitors.
                if not has_cookie and headers.get("Content-Type", "").startswith("text/html"):
                    headers.append("Set-Cookie", self.cookie)
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def _cookie_value(headers: Headers) -> str | None:
    try:
        worker_cookie = SimpleCookie("; ".join(headers.getlist("cookie"))).get(COOKIE_NAME)
    except CookieError:
        return None
    return worker_cookie.value if worker_cookie else None
