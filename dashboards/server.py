"""The process that serves a network: Streamlit's pages and the open-data routes in one ASGI application."""

import importlib
import logging
import tomllib
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

import streamlit as st
import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import App, config

from dashboards.clock import Clock
from dashboards.house import House, Visitor, house, is_own_address, open_house, settle
from dashboards.markup import heading, link, notice, text
from dashboards.packed import FILES, Packing
from dashboards.routes import NOT_FOUND, ROUTES
from dashboards.site import pages_for
from dashboards.theme import style
from dashboards.visit import LANGUAGE
from dashboards.words import DEFAULT, LANGUAGES, words
from indicators.network import Network

SCRIPT: Final = Path(__file__).parent / "script" / "app.py"
"""In a folder of its own: Streamlit takes a folder called `pages` beside its script for pages, and would run one of our
modules as a script when a link to a board is the first thing asked of a server."""
CONFIGURATION: Final = Path(__file__).parent.parent / ".streamlit" / "config.toml"
UPLOADS: Final = "/_stcore/upload_file"
LOG: Final = logging.getLogger(__name__)
BEFORE_STREAMLIT: Final = (Path(__file__).parent / "static" / "shell.js").read_text(encoding="utf-8")
METRICS: Final = "/_stcore/metrics"
OTHERS: Final = ("/_stcore/", "/static/", "/media/", "/component/", "/app/static/", "/api/", "/healthz")
"""Addresses that are not pages."""


class Doorkeeper:
    """Keeps from those who may not deposit what Streamlit offers to everyone, and says in which language a page is.

    Streamlit takes files from any live session, logged in or not, tells anyone how many sessions there are, and
    always writes `<html lang="en">`.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        guarded = scope["path"].startswith((UPLOADS, METRICS))
        if guarded and not house().visitor(dict(headers)).may_deposit:
            await PlainTextResponse("Forbidden", status_code=403)(scope, receive, send)
            return
        if "text/html" in headers.get("accept", ""):
            visitor = house().visitor(dict(headers))
            if not _exists(scope["path"], visitor):
                await _not_found(_language(scope))(scope, receive, send)
                return
            if not scope["path"].startswith(OTHERS):
                # An inner middleware would compress the page before its language can be set.
                scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
                send = _in_language(send, _language(scope))
        await self.app(scope, receive, _with_safe_headers(send))


def _exists(path: str, visitor: Visitor) -> bool:
    """Whether a page exists for somebody: Streamlit answers any address, and says the rest in English."""
    return path.startswith(OTHERS) or path.strip("/") in {page.address for page in pages_for(visitor)}


def _language(scope: Scope) -> str:
    asked = parse_qs(scope["query_string"].decode("latin-1")).get(LANGUAGE, [DEFAULT])[0]
    return asked if asked in LANGUAGES else DEFAULT


def _not_found(language: str) -> Response:
    """Say that there is no such page, with a way back."""
    say = words(language)
    suffix = "" if language == DEFAULT else f"?{LANGUAGE}={language}"
    back = link(f"/{suffix}", say("page.network"))
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{text(say("site.name"))}</title>{style()}'
        f'<body class="alone"><div class="stHtml">{heading(1, say("page.unknown"))}<p>{back}</p></div></body></html>',
        status_code=404,
    )


def _in_language(send: Send, language: str) -> Send:
    """Write in the shell of the page its language, the name of the site and what comes before Streamlit's script."""
    begun: list[Message] = []
    parts: list[bytes] = []

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            begun.append(message)
            return
        parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body = _shell(b"".join(parts), language)
        for start in begun:
            headers = MutableHeaders(scope=start)
            if parts != [b""] and "content-length" in headers:
                headers["Content-Length"] = str(len(body))
            await send(start)
        await send({"type": "http.response.body", "body": body})

    return sending


def _shell(body: bytes, language: str) -> bytes:
    """Return the shell with what is ours in it; other bodies as they are."""
    name = text(words(language)("site.name"))
    for theirs, ours in (
        ('<html lang="en">', f'<html lang="{language}">'),
        ("<title>Streamlit</title>", f"<title>{name}</title>"),
        ("<head>", f"<head><script>{BEFORE_STREAMLIT}</script>"),
    ):
        body = body.replace(theirs.encode(), ours.encode(), 1)
    return body


def _with_safe_headers(send: Send) -> Send:
    """Add what a browser should be told of every answer."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "same-origin"
            headers["X-Frame-Options"] = "SAMEORIGIN"
        await send(message)

    return sending


def _say_failure(failure: Exception) -> bool:
    """Say on the page that something failed on our side, in its language; the details are in the log."""
    LOG.error("a page failed", exc_info=failure)
    asked = st.query_params.get(LANGUAGE, DEFAULT)
    say = words(asked if asked in LANGUAGES else DEFAULT)
    st.html(notice(say("error.ours"), link("/", say("page.network"))))
    return True


def application() -> App:
    """Make the application that serves the open house, with our configuration wherever it is started from."""
    for section, options in tomllib.loads(CONFIGURATION.read_text(encoding="utf-8")).items():
        for option, value in options.items():
            config.set_option(f"{section}.{option}", value)
    middleware = [Middleware(Doorkeeper), Middleware(Packing)]
    return App(SCRIPT, routes=[*ROUTES, NOT_FOUND], middleware=middleware, on_script_error=_say_failure)


def serve(network: Network, host: str, port: int, clock: Clock) -> None:
    """Serve a network until stopped. Only on the loopback address is the person at the keyboard the administrator."""
    open_house(House(network, is_own_address(f"[{host}]" if ":" in host else host), clock))
    _warm_up(network)
    uvicorn.run(application(), host=host, port=port, log_level="warning", server_header=False)


def _warm_up(network: Network) -> None:
    """Pay before the first visitor what the first question and the first chart cost: seconds of imports."""
    importlib.import_module("dashboards.charts")
    FILES.pack_shell()
    with network.reading() as reading:
        _ = reading.structures, reading.register_counts
    settle("start")
