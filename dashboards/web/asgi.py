"""The process that serves a network: Streamlit's pages and the open-data routes in one ASGI application."""

import gzip
import importlib
import logging
import tomllib
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from socket import socket
from typing import Final
from urllib.parse import parse_qs

import streamlit as st
import uvicorn
from anyio import to_thread
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import App, config
from streamlit.file_util import get_static_dir

from dashboards.access import House, Visitor, house, open_house, settle
from dashboards.app_pages.page_context import LANGUAGE
from dashboards.app_pages.registry import Page, pages_for
from dashboards.clock import Clock
from dashboards.components.html import link, notice
from dashboards.settings import Settings
from dashboards.web import metrics
from dashboards.web.access_key import Access
from dashboards.web.api import NOT_FOUND, ROUTES
from dashboards.web.first_answers import FirstAnswers
from dashboards.web.in_flight import IN_FLIGHT
from dashboards.web.key_exchange import KeyExchange, key_form
from dashboards.web.limits import Limits
from dashboards.web.logging_setup import set_up_logging
from dashboards.web.origin import OriginGuard, keep_streamlit_home
from dashboards.web.own_files import own_files
from dashboards.web.page_head import shell, summary_of
from dashboards.web.plain_page import plain_page
from dashboards.web.request_log import RequestLog
from dashboards.web.security_headers import RefusedHandshakes
from dashboards.web.server_options import protecting_options
from dashboards.web.site_address import SiteAddress
from dashboards.web.static_gzip import FILES, Packing, takes_gzip
from dashboards.wording.translations import DEFAULT, LANGUAGES, words
from indicators.errors import PilotageError
from indicators.intake.readers.reader_server import reader_server
from indicators.network import Network

SCRIPT: Final = Path(__file__).parent.parent / "app.py"
"""In a folder of its own: Streamlit takes a folder called `pages` beside its script for pages, and would run one of our
modules as a script when a link to a board is the first thing asked of a server."""
CONFIGURATION: Final = Path(__file__).parent.parent.parent / ".streamlit" / "config.toml"
UPLOADS: Final = "/_stcore/upload_file"
LOG: Final = logging.getLogger(__name__)
PUBLIC_FOLDERS: Final = ("/_stcore/", "/static/")
PUBLIC_INNER: Final = ("/_stcore/health", "/_stcore/host-config", "/_stcore/stream")
"""Addresses of Streamlit's by which its pages find the server."""
SHELL_LEVEL: Final = 6
"""Of gzip: the shell is made for each visit."""
FRESH_S: Final = 0.25
"""Seconds for which what others deposited may not be seen yet."""
INNER: Final = (UPLOADS, "/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent")
"""Addresses of Streamlit's that are for who administers the site: files, and what there is to know of the server."""
OTHERS: Final = (
    "/_stcore/",
    "/static/",
    "/media/",
    "/component/",
    "/app/static/",
    "/api/",
    "/healthz",
    "/readyz",
    metrics.ADDRESS,
)
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
        with IN_FLIGHT.one():
            answer = await self._answer(scope, Headers(scope=scope), house().visitor(Request(scope).cookies))
            await (answer or self.app)(scope, receive, send)

    @staticmethod
    async def _answer(scope: Scope, headers: Headers, visitor: Visitor) -> Response | None:
        """Return the answer that is ours, whatever the asker accepts; nothing for what is Streamlit's or a route's."""
        path = scope["path"]
        if path.startswith(INNER):
            return None if visitor.may_deposit else PlainTextResponse("Forbidden", status_code=403)
        if path.startswith(PUBLIC_FOLDERS) and not _exists(path):
            # Streamlit would send its own shell, in English, for a file that is not there.
            return _not_found(_language(scope))
        if path.startswith(OTHERS) or scope["method"] not in ("GET", "HEAD"):
            return None
        if file := own_files().get(path):
            return file.answer(headers)
        if path != "/" and path.endswith("/"):
            # Streamlit leads to the address without it.
            return None if _page_of(path, visitor) else _not_found(_language(scope))
        page = _page_of(path, visitor)
        return await _first_answer(page, scope, headers) if page else _not_found(_language(scope))


def _exists(path: str) -> bool:
    """Whether Streamlit has something at an address of its folders."""
    return path in PUBLIC_INNER or path.startswith((*INNER, "/_stcore/bidi-components/")) or path in _static_files()


@cache
def _static_files() -> frozenset[str]:
    folder = Path(get_static_dir())
    return frozenset(f"/{path.relative_to(folder).as_posix()}" for path in (folder / "static").rglob("*"))


def _page_of(path: str, visitor: Visitor) -> Page | None:
    """Return the page of an address, if it exists for who asks."""
    return next((page for page in pages_for(visitor) if page.address == path.strip("/")), None)


def _parameters(scope: Scope) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}


def _language(scope: Scope) -> str:
    asked = _parameters(scope).get(LANGUAGE, DEFAULT)
    return asked if asked in LANGUAGES else DEFAULT


async def _first_answer(page: Page, scope: Scope, headers: Headers) -> Response:
    """Answer with the shell of a page: its head says in the reader's language what the page is about."""
    say = words(_language(scope))
    summary = await to_thread.run_sync(summary_of, house().network, page, _parameters(scope), say)
    html = shell(summary, house().site.url, say).encode()
    sent = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if takes_gzip(headers.getlist("accept-encoding")):
        html, sent["Content-Encoding"] = gzip.compress(html, SHELL_LEVEL, mtime=0), "gzip"
    return HTMLResponse(html, headers=sent)


def _not_found(language: str) -> Response:
    """Say that there is no such page, with a way back, and with the way to the pages of who administers the site."""
    say = words(language)
    if house().asks_for_key:
        return plain_page(say("page.unknown"), key_form(say), say, 404)
    suffix = "" if language == DEFAULT else f"?{LANGUAGE}={language}"
    return plain_page(say("page.unknown"), f"<p>{link(f'/{suffix}', say('page.network'))}</p>", say, 404)


def _say_failure(failure: Exception) -> bool:
    """Say on the page that something failed on our side, in its language; the details are in the log."""
    LOG.error("a page failed", exc_info=failure)
    asked = st.query_params.get(LANGUAGE, DEFAULT)
    say = words(asked if asked in LANGUAGES else DEFAULT)
    st.html(notice(say("error.ours"), link("/", say("page.network"))))
    return True


def application(settings: Settings, outermost: Sequence[Middleware] = ()) -> App:
    """Make the application that serves the open house, with our configuration wherever it is started from."""
    for section, options in tomllib.loads(CONFIGURATION.read_text(encoding="utf-8")).items():
        for option, value in options.items():
            config.set_option(f"{section}.{option}", value)
    config.set_option("server.maxUploadSize", settings.max_upload_mb)
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
    middleware = [
        *outermost,
        Middleware(RequestLog),
        Middleware(RefusedHandshakes),
        Middleware(OriginGuard),
        Middleware(Limits, settings),
        Middleware(KeyExchange),
        Middleware(Doorkeeper),
        Middleware(Packing),
    ]
    return App(
        SCRIPT,
        routes=[*ROUTES, metrics.route(house(), token), NOT_FOUND],
        middleware=middleware,
        on_script_error=_say_failure,
    )


class AnnouncedServer(uvicorn.Server):
    """A server that says that it is ready once it answers, not before."""

    def __init__(self, configuration: uvicorn.Config, announce: Callable[[], None]) -> None:
        """Serve a configuration."""
        super().__init__(configuration)
        self._announce = announce

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start listening, then say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()


def serve(
    network: Network,
    host: str,
    port: int,
    clock: Clock,
    announce: Callable[[SiteAddress, Access], None],
    access_at: Callable[[SiteAddress], Access],
    settings: Settings,
) -> None:
    """Serve a network until stopped; its address is announced once it answers.

    `access_at` says who administers the site of an address.
    """
    listening = listen(host, port)
    # Port 0 asked for any that is free.
    site = SiteAddress.listening(host, listening.getsockname()[1], settings.url)
    opened = House(network, clock, access_at(site), site)
    run(opened, settings, lambda to: AnnouncedServer(to, lambda: announce(opened.site, opened.access)), [listening])


def listen(host: str, port: int) -> socket:
    """Listen on an address; a `PilotageError` names the one that cannot be listened on."""
    try:
        return uvicorn.Config("", host=host, port=port, log_level="warning").bind_socket()
    except SystemExit:
        # What the system answered is in the log.
        raise PilotageError(f"cannot listen on {host}, port {port}") from None


def run(
    opened: House,
    settings: Settings,
    make_server: Callable[[uvicorn.Config], uvicorn.Server],
    listening: list[socket],
    outermost: Sequence[Middleware] = (),
    worker: int | None = None,
) -> None:
    """Serve an open house until stopped: to whoever connects to the sockets, or to the server made."""
    set_up_logging(settings, worker)
    keep_streamlit_home(opened.site)
    open_house(opened)
    opened.network.open_cursors.fresh_s = FRESH_S
    _warm_up()
    configuration = uvicorn.Config(
        application(settings, outermost),
        log_config=None,
        log_level="warning",
        **protecting_options(settings),
    )
    with suppress(KeyboardInterrupt), closing(FirstAnswers(opened)) as first_answers:
        first_answers.open()
        settle("start")
        make_server(configuration).run(sockets=listening)


def _warm_up() -> None:
    """Pay before the first visitor what the first file, chart and judgement cost: seconds of imports."""
    reader_server()
    for name in ("dashboards.charts", "indicators.judgement.funnel"):
        importlib.import_module(name)
    FILES.pack_shell()
