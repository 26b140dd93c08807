"""Check of host and origin: only requests for a host of this site, from its own pages or from no page, are answered.

Any web page can send requests to us with its reader's cookies, and any host name can resolve to this machine (DNS
rebinding). Such requests are refused here, before Streamlit, which would accept every page of this machine and would
block all requests while it asks a third party for its own address.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config, net_util

from dashboards.access import get_app_state
from dashboards.web.site_address import SiteAddress
from dashboards.wording.translations import DEFAULT_LANGUAGE, load_translator

OPEN_DATA_PREFIXES: Final = ("/api/", "/healthz")
"""Public data, readable from any origin."""
POLICY_VIOLATION: Final = 1008
"""RFC 6455, 7.4.1."""


class OriginGuard:
    """Middleware that refuses requests for another host or from the page of another site."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an ASGI application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif not names_our_site(
            Headers(scope=scope), get_app_state().site, any_origin=scope["path"].startswith(OPEN_DATA_PREFIXES)
        ):
            await _send_refusal(scope, receive, send)
        else:
            await self.app(_same_origin(scope), receive, send)


def names_our_site(headers: Headers, site: SiteAddress, *, any_origin: bool = False) -> bool:
    """Whether a request names exactly one host of the site and, unless any will do, no foreign origin."""
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    return (
        len(hosts) == 1
        and site.answers_to(hosts[0])
        and (any_origin or not origins or (len(origins) == 1 and origins[0] in site.origins))
    )


def _same_origin(scope: Scope) -> Scope:
    """Set the host to that of the origin: a proxy may have changed it, and Streamlit compares the two."""
    headers = Headers(scope=scope)
    if scope["type"] != "websocket" or "origin" not in headers:
        return scope
    headers_sent = MutableHeaders(raw=list(scope["headers"]))
    headers_sent["host"] = urlsplit(headers["origin"]).netloc
    return {**scope, "headers": headers_sent.raw}


async def _send_refusal(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
    else:
        await PlainTextResponse(load_translator(DEFAULT_LANGUAGE)("address.refused"), status_code=403)(
            scope, receive, send
        )


def pin_streamlit_hosts(site: SiteAddress) -> None:
    """Make Streamlit refuse other hosts too, and never ask a third party for this machine's address."""
    config.set_option("server.allowedHosts", sorted(site.hosts))
    net_util.get_external_ip = _no_address
    net_util.get_internal_ip = _no_address


def _no_address() -> None:
    """Stand in for Streamlit's look-ups of this machine's address: none is known."""
