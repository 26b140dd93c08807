"""Whose requests are answered: those for an address of ours, from a page of ours or from no page at all.

A page of anybody's may send its reader's browser to us, with the reader's cookies; a name of anybody's may lead to this
machine. What comes so is refused here, before Streamlit sees it: it would let in every page of this machine and, to
learn its own address from a third party, hold up everybody while it waits.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config, net_util

from dashboards.access import house
from dashboards.web.site_address import SiteAddress
from dashboards.wording.translations import DEFAULT, words

OPEN_DATA: Final = ("/api/", "/healthz")
"""What any page may read: there is nothing in it but what is public."""
POLICY_VIOLATION: Final = 1008
"""RFC 6455, 7.4.1."""


class OriginGuard:
    """Refuses what was sent to another host, or by the page of another site."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif not is_ours(Headers(scope=scope), house().site, any_origin=scope["path"].startswith(OPEN_DATA)):
            await _refuse(scope, receive, send)
        else:
            await self.app(_same_origin(scope), receive, send)


def is_ours(headers: Headers, site: SiteAddress, *, any_origin: bool = False) -> bool:
    """Whether a request names one host of the site's and, unless any will do, no origin but one of the site's."""
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    return (
        len(hosts) == 1
        and site.answers_to(hosts[0])
        and (any_origin or not origins or (len(origins) == 1 and origins[0] in site.origins))
    )


def _same_origin(scope: Scope) -> Scope:
    """Name the host as the page's origin does: a proxy may have changed it, and Streamlit compares the two."""
    headers = Headers(scope=scope)
    if scope["type"] != "websocket" or "origin" not in headers:
        return scope
    changed = MutableHeaders(raw=list(scope["headers"]))
    changed["host"] = urlsplit(headers["origin"]).netloc
    return {**scope, "headers": changed.raw}


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
    else:
        await PlainTextResponse(words(DEFAULT)("address.refused"), status_code=403)(scope, receive, send)


def keep_streamlit_home(site: SiteAddress) -> None:
    """Have Streamlit refuse other hosts as well, and never ask anybody for an address of this machine."""
    config.set_option("server.allowedHosts", sorted(site.hosts))
    net_util.get_external_ip = _unknown
    net_util.get_internal_ip = _unknown


def _unknown() -> None:
    """Know no address of this machine but those of the site."""
