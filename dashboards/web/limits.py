"""How much of the server one stranger may take: sessions, addresses, files, answers that cost something.

Whoever administers the site is not a stranger. Each process counts for itself.
"""

from collections import Counter
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboards.access import house
from dashboards.app_pages.page_context import LANGUAGE
from dashboards.settings import Settings
from dashboards.web.access_key import KEY_PAGE, PARAMETER
from dashboards.web.plain_page import plain_page
from dashboards.web.rate_limit import RateLimit
from dashboards.wording.translations import DEFAULT, LANGUAGES, words

COSTLY: Final = "/api/"
"""Answers that are computed for who asks."""
UPLOADS: Final = "/_stcore/upload_file"
TRY_AGAIN_LATER: Final = 1013
"""Code of a WebSocket that is closed because the server is full (IANA registry, after RFC 6455)."""
HOME_PREFIX: Final = 64
"""Bits of an IPv6 address that name one subscriber, who has all the others."""
RETRY_SECONDS: Final = 30


class Limits:
    """Refuses what goes beyond the limits, and passes on what does not."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Stand before an application."""
        self.app = app
        self.settings = settings
        self._costly = RateLimit(settings.requests_per_minute)
        self._uploads = RateLimit(settings.uploads_per_minute)
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        if scope["type"] == "websocket":
            await self._session(scope, receive, send)
            return
        answer = self._refusal(HTTPConnection(scope)) if scope["type"] == "http" else None
        await (answer or self.app)(scope, receive, send)

    def _refusal(self, request: HTTPConnection) -> Response | None:
        path, who = request.scope["path"], visitor_name(request)
        if len(request.scope["query_string"]) > self.settings.max_query_bytes:
            return PlainTextResponse("URI Too Long", status_code=414)
        if path.startswith(UPLOADS):
            # A stranger's file is refused further on, and uses up nobody's turn.
            counted = request.scope["method"] == "PUT" and _administers(request)
            return None if not counted or self._uploads.allows(who) else _too_many()
        if path.startswith(COSTLY):
            return None if self._costly.allows(who) or _administers(request) else _too_many()
        wants_page = "text/html" in request.headers.get("accept", "") and not _asks_for_key(request)
        return _full_house(request) if wants_page and self._full_for(who) and not _administers(request) else None

    async def _session(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Open a session, if there is room for one more."""
        connection = HTTPConnection(scope)
        who = visitor_name(connection)
        if self._full_for(who) and not _administers(connection):
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        self._open[who] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]

    def _full_for(self, who: str) -> bool:
        """Whether there is no room for one more page of a visitor, or of anybody."""
        return self._open.total() >= self.settings.max_sessions or (
            self._open[who] >= self.settings.max_sessions_per_address
        )


def visitor_name(connection: HTTPConnection) -> str:
    """Return what one visitor is known by: the address they come from, or the network of their home."""
    return home_of(connection.client.host if connection.client else "")


def home_of(address: str) -> str:
    """Return an address, or the network of the subscriber that an IPv6 address belongs to; nothing for what is none."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, HOME_PREFIX), strict=False))
    return address


def _administers(connection: HTTPConnection) -> bool:
    return house().visitor(connection.cookies).local_administrator


def _asks_for_key(request: HTTPConnection) -> bool:
    """Whether somebody comes with the key of this start, or to type it: they come in however full it is."""
    return request.scope["path"] == KEY_PAGE or PARAMETER in request.query_params


def _too_many() -> Response:
    return PlainTextResponse("Too Many Requests", status_code=429, headers={"Retry-After": str(RETRY_SECONDS)})


def _full_house(request: HTTPConnection) -> Response:
    """Say that there are too many visitors, instead of a page that would wait for its session."""
    asked = request.query_params.get(LANGUAGE, DEFAULT)
    say = words(asked if asked in LANGUAGES else DEFAULT)
    answer = plain_page(say("busy.title"), f"<p>{say('busy.later')}</p>", say, 503)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer
