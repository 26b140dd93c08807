"""Limits per visitor: sessions, length of addresses, uploads, API requests.

Administrators are exempt, except from the limits on addresses and uploads. Each process counts on its own.
"""

from collections import Counter
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboards.app_pages.page_context import LANGUAGE_PARAM
from dashboards.components.html import markup
from dashboards.settings import Settings
from dashboards.web.access_key import KEY_PARAM, KEY_PATH
from dashboards.web.plain_page import plain_page
from dashboards.web.rate_limit import RateLimit
from dashboards.web.request_visitor import identify
from dashboards.wording.translations import DEFAULT_LANGUAGE, LANGUAGES, load_translator
from indicators.definitions.roles import Right

API_PREFIX: Final = "/api/"
"""Requests that are computed, not just served."""
UPLOAD_PREFIX: Final = "/_stcore/upload_file"
TRY_AGAIN_LATER: Final = 1013
"""WebSocket close code of a full server (IANA registry, after RFC 6455)."""
SUBSCRIBER_PREFIX_BITS: Final = 64
"""Prefix length of an IPv6 subscriber, who controls all remaining bits."""
RETRY_SECONDS: Final = 30


class VisitorLimits:
    """Middleware that refuses requests and sessions beyond the limits."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Wrap an ASGI application."""
        self.app = app
        self.settings = settings
        self._api_rate = RateLimit(settings.requests_per_minute)
        self._upload_rate = RateLimit(settings.uploads_per_minute)
        self._open_sessions: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        if scope["type"] == "websocket":
            await self._serve_session(scope, receive, send)
            return
        response = await self._refusal_response(HTTPConnection(scope)) if scope["type"] == "http" else None
        await (response or self.app)(scope, receive, send)

    async def _refusal_response(self, request: HTTPConnection) -> Response | None:
        path, key = request.scope["path"], visitor_key(request)
        if len(request.scope["query_string"]) > self.settings.max_query_bytes:
            return PlainTextResponse("URI Too Long", status_code=414)
        if path.startswith(UPLOAD_PREFIX):
            # Uploads of other visitors are refused later and do not count.
            is_counted = request.scope["method"] == "PUT" and await _is_administrator(request)
            return None if not is_counted or self._upload_rate.allows(key) else _too_many_requests()
        if path.startswith(API_PREFIX):
            return None if self._api_rate.allows(key) or await _is_administrator(request) else _too_many_requests()
        is_page_request = "text/html" in request.headers.get("accept", "") and not _asks_for_key(request)
        return (
            _busy_response(request)
            if is_page_request and self._is_full_for(key) and not await _is_administrator(request)
            else None
        )

    async def _serve_session(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a session, or close it at once if the server is full."""
        connection = HTTPConnection(scope)
        key = visitor_key(connection)
        if self._is_full_for(key) and not await _is_administrator(connection):
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        self._open_sessions[key] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._open_sessions[key] -= 1
            if not self._open_sessions[key]:
                del self._open_sessions[key]

    def _is_full_for(self, key: str) -> bool:
        """Whether the process, or the visitor, has reached the maximal number of sessions."""
        return self._open_sessions.total() >= self.settings.max_sessions or (
            self._open_sessions[key] >= self.settings.max_sessions_per_address
        )


def visitor_key(connection: HTTPConnection) -> str:
    """Return the rate-limit key of a visitor: their IPv4 address or IPv6 network."""
    return network_of(connection.client.host if connection.client else "")


def network_of(address: str) -> str:
    """Return an IPv4 address unchanged, an IPv6 address as its subscriber's network; empty for anything else."""
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or ip_network((ip, SUBSCRIBER_PREFIX_BITS), strict=False))
    return address


async def _is_administrator(connection: HTTPConnection) -> bool:
    return (await identify(connection.scope)).has(Right.OPERATE)


def _asks_for_key(request: HTTPConnection) -> bool:
    """Whether a request brings the access key, or opens its form: those are let in even when the server is full."""
    return request.scope["path"] == KEY_PATH or KEY_PARAM in request.query_params


def _too_many_requests() -> Response:
    return PlainTextResponse("Too Many Requests", status_code=429, headers={"Retry-After": str(RETRY_SECONDS)})


def _busy_response(request: HTTPConnection) -> Response:
    """Return a 503 page, instead of a page that would wait in vain for its session."""
    requested = request.query_params.get(LANGUAGE_PARAM, DEFAULT_LANGUAGE)
    t = load_translator(requested if requested in LANGUAGES else DEFAULT_LANGUAGE)
    answer = plain_page(t("busy.title"), markup("<p>{}</p>", t("busy.later")), t, 503)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer
