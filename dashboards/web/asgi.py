"""The ASGI application of a site: Streamlit's pages and the open-data routes in one process."""

import gzip
import importlib
import logging
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from socket import socket
from typing import Final, TypedDict
from urllib.parse import parse_qs

import streamlit as st
import uvicorn
from anyio import to_thread
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import App, config
from streamlit.file_util import get_static_dir

from dashboards.access import AppState, Visitor, get_app_state, set_app_state
from dashboards.app_pages.page_context import LANGUAGE_PARAM
from dashboards.app_pages.registry import PAGES, Page, pages_for
from dashboards.clock import Clock
from dashboards.components.draw import draw_html
from dashboards.components.html import link, markup, notice
from dashboards.settings import Settings
from dashboards.web import metrics
from dashboards.web.access_key import Access, AccessKey
from dashboards.web.api import NOT_FOUND, ROUTES
from dashboards.web.calendar_feed import feed_route, is_feed_path
from dashboards.web.first_answers import CacheWarmer
from dashboards.web.in_flight import IN_FLIGHT
from dashboards.web.key_exchange import KeyExchangeMiddleware, key_form
from dashboards.web.limits import VisitorLimits
from dashboards.web.logging_setup import set_up_logging
from dashboards.web.origin import OriginGuard, pin_streamlit_hosts
from dashboards.web.own_files import own_files
from dashboards.web.page_head import page_summary, shell
from dashboards.web.plain_page import plain_page
from dashboards.web.request_log import RequestLog
from dashboards.web.request_visitor import identify
from dashboards.web.security_headers import HandshakeHeaders
from dashboards.web.server_options import server_options
from dashboards.web.sign_in.offer import SignIn, make_sign_in
from dashboards.web.sign_in.pages import refused_page
from dashboards.web.sign_in.routes import own_page, sign_in_routes
from dashboards.web.site_address import SiteAddress
from dashboards.web.static_gzip import STREAMLIT_FILES, StaticGzipMiddleware, accepts_gzip
from dashboards.web.theme_message import keep_theme_message
from dashboards.wording.translations import DEFAULT_LANGUAGE, LANGUAGES, load_translator
from indicators.definitions.roles import AccessRules, Right
from indicators.errors import PilotageError
from indicators.intake.readers.reader_server import reader_server
from indicators.network import Network
from indicators.runtime_tricks import Trick, freeze_live_objects, is_on
from indicators.shipped_files import SHIPPED_FILES

PAGE_SCRIPT: Final = Path(__file__).parent.parent / "page_script.py"
"""The folder beside it must not be called `pages`: Streamlit would take its modules for pages, and run one of them as a
script when a link to a board is the first request of a server."""
CONFIG_PATH: Final = SHIPPED_FILES / ".streamlit" / "config.toml"
UPLOAD_PREFIX: Final = "/_stcore/upload_file"
LOG: Final = logging.getLogger(__name__)
STREAMLIT_FOLDERS: Final = ("/_stcore/", "/static/")
PUBLIC_ENDPOINTS: Final = ("/_stcore/health", "/_stcore/host-config", "/_stcore/stream")
"""Streamlit's own endpoints that every page needs."""
SHELL_GZIP_LEVEL: Final = 6
"""Gzip level of page shells, which are built for each request."""
MAX_STALENESS_S: Final = 0.25
"""Seconds for which a deposit made by another process may not be visible yet."""
MAX_HOLD_S: Final = 4.0
"""Seconds for which readers go on with the version before, while what all ask of a new one is computed."""
RESTRICTED_PREFIXES: Final[Mapping[str, Right]] = {
    UPLOAD_PREFIX: Right.DEPOSIT,
    "/_stcore/metrics": Right.OPERATE,
    "/_stcore/script-health-check": Right.OPERATE,
    "/_stcore/agent": Right.OPERATE,
}
"""Streamlit's endpoints that take a right: uploads, and information on the server."""
NON_PAGE_PREFIXES: Final = (
    "/_stcore/",
    "/static/",
    "/media/",
    "/component/",
    "/app/static/",
    "/api/",
    "/healthz",
    "/readyz",
    metrics.METRICS_PATH,
)
"""Prefixes of addresses that are not pages."""


class AccessMiddleware:
    """Sends page shells and our own files, and restricts Streamlit's endpoints to visitors who may deposit.

    Streamlit accepts uploads from any live session, authenticated or not, discloses the number of sessions, and sends
    the same English shell for every address, even of pages that do not exist.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an ASGI application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, refuse it, or pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with IN_FLIGHT.track():
            response = await self._own_response(scope, Headers(scope=scope), await identify(scope))
            await (response or self.app)(scope, receive, send)

    @staticmethod
    async def _own_response(scope: Scope, headers: Headers, visitor: Visitor) -> Response | None:
        """Return our own response, whatever the request accepts; null for requests handled by Streamlit or a route."""
        path = scope["path"]
        right = next((right for prefix, right in RESTRICTED_PREFIXES.items() if path.startswith(prefix)), None)
        if right is not None:
            return None if visitor.has(right) else PlainTextResponse("Forbidden", status_code=403)
        if path.startswith(STREAMLIT_FOLDERS) and not _is_streamlit_address(path):
            # For a missing file, Streamlit would send its own shell, in English.
            return _not_found_response(_language(scope))
        sign_in = get_app_state().sign_in
        if sign_in is not None and path in sign_in.paths:
            return None
        if path.startswith(NON_PAGE_PREFIXES) or is_feed_path(path) or scope["method"] not in ("GET", "HEAD"):
            return None
        if own_file := own_files().get(path):
            return own_file.response(headers)
        if path != "/" and path.endswith("/"):
            # Streamlit redirects to the address without the slash.
            return None if _visible_page(path, visitor) else _refusal_response(scope, visitor)
        page = _visible_page(path, visitor)
        if page is None:
            return _refusal_response(scope, visitor)
        return await _shell_response(page, scope, headers)


def _is_streamlit_address(path: str) -> bool:
    """Whether Streamlit serves something at an address below its folders."""
    return (
        path in PUBLIC_ENDPOINTS
        or path.startswith((*RESTRICTED_PREFIXES, "/_stcore/bidi-components/"))
        or path in _static_files()
    )


@cache
def _static_files() -> frozenset[str]:
    folder = Path(get_static_dir())
    return frozenset(f"/{path.relative_to(folder).as_posix()}" for path in (folder / "static").rglob("*"))


def _visible_page(path: str, visitor: Visitor) -> Page | None:
    """Return the page of a path, if the visitor may see it."""
    return next((page for page in pages_for(visitor) if page.path == path.strip("/")), None)


def _query_params(scope: Scope) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}


def _language(scope: Scope) -> str:
    requested = _query_params(scope).get(LANGUAGE_PARAM, DEFAULT_LANGUAGE)
    return requested if requested in LANGUAGES else DEFAULT_LANGUAGE


async def _shell_response(page: Page, scope: Scope, headers: Headers) -> Response:
    """Return the shell of a page, whose head has title and description in the reader's language."""
    t = load_translator(_language(scope))
    summary = await to_thread.run_sync(page_summary, get_app_state().network, page, _query_params(scope), t)
    html = shell(summary, get_app_state().site.url, t).encode()
    response_headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if accepts_gzip(headers.getlist("accept-encoding")):
        html, response_headers["Content-Encoding"] = gzip.compress(html, SHELL_GZIP_LEVEL, mtime=0), "gzip"
    return HTMLResponse(html, headers=response_headers)


def _refusal_response(scope: Scope, visitor: Visitor) -> Response:
    """Return the answer to somebody who may not see a page: strangers are not told that there is one."""
    exists = any(page.path == scope["path"].strip("/") for page in PAGES)
    if not exists or not visitor.is_known:
        return _not_found_response(_language(scope))
    query = scope["query_string"].decode("latin-1")
    target = own_page(scope["path"] + (f"?{query}" if query else ""))
    return refused_page(load_translator(_language(scope)), session_ended=visitor.session_ended, target=target)


def _not_found_response(language: str) -> Response:
    """Return the 404 page, with a link to the home page and, where it applies, the form for the access key."""
    t = load_translator(language)
    reason = markup("<p>{}</p>", t("page.unknown.reason"))
    if get_app_state().shows_key_hint:
        return plain_page(t("page.unknown"), reason + key_form(t), t, 404)
    suffix = "" if language == DEFAULT_LANGUAGE else f"?{LANGUAGE_PARAM}={language}"
    home = markup("<p>{}</p>", link(f"/{suffix}", t("page.network")))
    return plain_page(t("page.unknown"), reason + home, t, 404)


def _render_failure(failure: Exception) -> bool:
    """Handle an uncaught exception of a page: log it, and show a notice in the page's language."""
    LOG.error("a page failed", exc_info=failure)
    requested = st.query_params.get(LANGUAGE_PARAM, DEFAULT_LANGUAGE)
    t = load_translator(requested if requested in LANGUAGES else DEFAULT_LANGUAGE)
    draw_html(notice(t("error.ours"), link("/", t("page.network"))))
    return True


class ApplicationParts(TypedDict):
    """What Streamlit's application is built with, beside its script."""

    routes: Sequence[BaseRoute]
    middleware: Sequence[Middleware]
    on_script_error: Callable[[Exception], bool]


def application_parts(settings: Settings, outer_middleware: Sequence[Middleware] = ()) -> ApplicationParts:
    """Return the parts of the application, with Streamlit configured from our file whatever the working directory."""
    for section, options in tomllib.loads(CONFIG_PATH.read_text(encoding="utf-8")).items():
        for option, value in options.items():
            config.set_option(f"{section}.{option}", value)
    config.set_option("server.maxUploadSize", settings.max_upload_mb)
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
    middleware = [
        *outer_middleware,
        Middleware(RequestLog),
        Middleware(HandshakeHeaders),
        Middleware(OriginGuard),
        Middleware(VisitorLimits, settings),
        Middleware(KeyExchangeMiddleware),
        Middleware(AccessMiddleware),
        Middleware(StaticGzipMiddleware),
    ]
    return {
        "routes": [
            *ROUTES,
            *sign_in_routes(get_app_state(), settings),
            feed_route(get_app_state(), settings),
            metrics.route(get_app_state(), token),
            NOT_FOUND,
        ],
        "middleware": middleware,
        "on_script_error": _render_failure,
    }


class AnnouncedServer(uvicorn.Server):
    """A server that announces itself once it accepts connections."""

    def __init__(self, configuration: uvicorn.Config, announce: Callable[[], None]) -> None:
        """Keep the callback that announces the server."""
        super().__init__(configuration)
        self._announce = announce

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start listening, then announce the server."""
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()


def serve(
    network: Network,
    host: str,
    port: int,
    clock: Clock,
    announce: Callable[[SiteAddress, Access], None],
    access_for_site: Callable[[SiteAddress], Access],
    settings: Settings,
) -> None:
    """Serve a network in this process until stopped; its address is announced once it accepts connections.

    `access_for_site` decides who administers the site at an address.
    """
    listening_socket = listen(host, port)
    # Port 0 means any free port.
    site = SiteAddress.from_binding(host, listening_socket.getsockname()[1], settings.url)
    access = access_for_site(site)
    app_state = AppState(network, clock, access, site, sign_in_for(access, network, settings, site), rules_of(settings))
    run(
        app_state,
        settings,
        lambda to: AnnouncedServer(to, lambda: announce(app_state.site, app_state.access)),
        [listening_socket],
    )


def sign_in_for(access: Access, network: Network, settings: Settings, site: SiteAddress) -> SignIn | None:
    """Return how members sign in to a site; nobody does in a demonstration, whose people are chosen."""
    return make_sign_in(network, settings, site) if isinstance(access, AccessKey) else None


def rules_of(settings: Settings) -> AccessRules:
    """Return the table of rights as the settings of a network have it."""
    return AccessRules(delegates_see_management=settings.delegates_see_management)


def listen(host: str, port: int) -> socket:
    """Bind a listening socket; a `PilotageError` names an address that cannot be bound."""
    try:
        return uvicorn.Config("", host=host, port=port, log_level="warning").bind_socket()
    except SystemExit:
        # The system's error is in the log.
        raise PilotageError(f"cannot listen on {host}, port {port}") from None


def run(
    app_state: AppState,
    settings: Settings,
    make_server: Callable[[uvicorn.Config], uvicorn.Server],
    listening_sockets: list[socket],
    outer_middleware: Sequence[Middleware] = (),
    worker: int | None = None,
) -> None:
    """Run the application until stopped, on listening sockets or on the connections of the server that is made."""
    prepare(app_state, settings, worker)
    configuration = uvicorn.Config(
        App(PAGE_SCRIPT, **application_parts(settings, outer_middleware)),
        log_config=None,
        log_level="warning",
        **server_options(settings),
    )
    with suppress(KeyboardInterrupt), closing(CacheWarmer(app_state)) as first_answers:
        first_answers.start()
        freeze_live_objects(collect=True)
        make_server(configuration).run(sockets=listening_sockets)


def prepare(app_state: AppState, settings: Settings, worker: int | None = None) -> None:
    """Make this the site that the process serves: its log, its hosts, its state, what would keep its first visitor."""
    set_up_logging(settings, worker)
    pin_streamlit_hosts(app_state.site)
    set_app_state(app_state)
    # Streamlit would look for garbage after each run of a page: a third of the time that others wait for it.
    config.set_option("runner.postScriptGC", not is_on(Trick.GC))
    keep_theme_message()
    app_state.network.open_cursors.fresh_s = MAX_STALENESS_S
    # A demonstration that everybody administers is none any more once a real structure is deposited: seen at once.
    app_state.network.open_cursors.hold_s = MAX_HOLD_S if isinstance(app_state.access, AccessKey) else 0.0
    _warm_up()


def _warm_up() -> None:
    """Import charts and statistics and start the file reader before the first request, which would wait seconds."""
    reader_server()
    for name in ("dashboards.charts", "indicators.judgement.funnel"):
        importlib.import_module(name)
    STREAMLIT_FILES.compress_shell_files()
