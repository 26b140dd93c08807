"""The process that serves a network: Streamlit's pages and the open-data routes in one ASGI application."""

import gzip
import importlib
import logging
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from socket import socket
from typing import Final
from urllib.parse import parse_qs

import streamlit as st
import uvicorn
from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import App, config

from dashboards.clock import Clock
from dashboards.house import House, house, is_own_address, open_house, settle
from dashboards.markup import heading, link, notice, text
from dashboards.packed import FILES, Packing, takes_gzip
from dashboards.routes import NOT_FOUND, ROUTES
from dashboards.site import Page, pages_for
from dashboards.theme import style
from dashboards.visit import LANGUAGE
from dashboards.web.own_files import own_files
from dashboards.web.page_head import shell, summary_of
from dashboards.words import DEFAULT, LANGUAGES, words
from indicators.errors import PilotageError
from indicators.intake.readers.reader_server import reader_server
from indicators.network import Network

SCRIPT: Final = Path(__file__).parent / "script" / "app.py"
"""In a folder of its own: Streamlit takes a folder called `pages` beside its script for pages, and would run one of our
modules as a script when a link to a board is the first thing asked of a server."""
CONFIGURATION: Final = Path(__file__).parent.parent / ".streamlit" / "config.toml"
UPLOADS: Final = "/_stcore/upload_file"
LOG: Final = logging.getLogger(__name__)
SHELL_LEVEL: Final = 6
"""Of gzip: the shell is made for each visit."""
METRICS: Final = "/_stcore/metrics"
EVERY_ADDRESS: Final = ("0.0.0.0", "::")  # noqa: S104 - named to be told from the others, not listened on
OTHERS: Final = ("/_stcore/", "/static/", "/media/", "/component/", "/app/static/", "/api/", "/healthz")
"""Addresses that are not pages."""


class Doorkeeper:
    """Answers for the pages, and keeps from those who may not deposit what Streamlit offers to everyone.

    Streamlit takes files from any live session, logged in or not, tells anyone how many sessions there are, and sends
    one English shell for every address, those of pages that do not exist included.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, pass it on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = await self._answer(scope, Headers(scope=scope))
        await (answer or self.app)(scope, receive, _with_safe_headers(send))

    @staticmethod
    async def _answer(scope: Scope, headers: Headers) -> Response | None:
        """Return the answer that is ours, whatever the asker accepts; nothing for what is Streamlit's or a route's."""
        path = scope["path"]
        if path.startswith((UPLOADS, METRICS)):
            allowed = house().visitor(dict(headers)).may_deposit
            return None if allowed else PlainTextResponse("Forbidden", status_code=403)
        if path.startswith(OTHERS) or scope["method"] not in ("GET", "HEAD"):
            return None
        if file := own_files().get(path):
            return file.answer(headers)
        if path != "/" and path.endswith("/"):
            # Streamlit leads to the address without it.
            return None if _page_of(path, headers) else _not_found(_language(scope))
        page = _page_of(path, headers)
        return await _first_answer(page, scope, headers) if page else _not_found(_language(scope))


def _page_of(path: str, headers: Headers) -> Page | None:
    """Return the page of an address, if it exists for who asks."""
    pages = pages_for(house().visitor(dict(headers)))
    return next((page for page in pages if page.address == path.strip("/")), None)


def _parameters(scope: Scope) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}


def _language(scope: Scope) -> str:
    asked = _parameters(scope).get(LANGUAGE, DEFAULT)
    return asked if asked in LANGUAGES else DEFAULT


async def _first_answer(page: Page, scope: Scope, headers: Headers) -> Response:
    """Answer with the shell of a page: its head says in the reader's language what the page is about."""
    say = words(_language(scope))
    summary = await to_thread.run_sync(summary_of, house().network, page, _parameters(scope), say)
    html = shell(summary, f"{scope['scheme']}://{headers.get('host', '')}", say).encode()
    sent = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if takes_gzip(headers.getlist("accept-encoding")):
        html, sent["Content-Encoding"] = gzip.compress(html, SHELL_LEVEL, mtime=0), "gzip"
    return HTMLResponse(html, headers=sent)


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


class AnnouncedServer(uvicorn.Server):
    """A server that says its address once it answers there, not before."""

    def __init__(self, configuration: uvicorn.Config, announce: Callable[[str], None]) -> None:
        """Serve a configuration; `announce` takes the address."""
        super().__init__(configuration)
        self._announce = announce

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start listening, then tell the address."""
        await super().startup(sockets=sockets)
        if self.started:
            # Port 0 asks for any that is free.
            port = self.servers[0].sockets[0].getsockname()[1]
            self._announce(f"http://{_reached_by(self.config.host)}:{port}")


def _reached_by(host: str) -> str:
    """Return how a browser of this machine names a host that is listened on."""
    if host in EVERY_ADDRESS:
        return "localhost"
    return f"[{host}]" if ":" in host else host


def serve(network: Network, host: str, port: int, clock: Clock, announce: Callable[[str], None]) -> None:
    """Serve a network until stopped, its address announced once it answers.

    Only on the loopback address is the person at the keyboard the administrator.
    """
    open_house(House(network, is_own_address(f"[{host}]" if ":" in host else host), clock))
    _warm_up(network)
    configuration = uvicorn.Config(application(), host=host, port=port, log_level="warning", server_header=False)
    server = AnnouncedServer(configuration, announce)
    try:
        with suppress(KeyboardInterrupt):
            server.run()
    except SystemExit:
        # What the system answered is in the log.
        raise PilotageError(f"cannot listen on {host}, port {port}") from None


def _warm_up(network: Network) -> None:
    """Pay before the first visitor what the first question and the first chart cost: seconds of imports."""
    reader_server()
    importlib.import_module("dashboards.charts")
    FILES.pack_shell()
    with network.reading() as reading:
        _ = reading.structures, reading.register_counts
    settle("start")
