"""How uvicorn is run by every process that serves the site: what protects it before our own code sees a request."""

from typing import Any, Final

from dashboards.settings import Settings
from dashboards.web.deadlines import with_deadlines
from dashboards.web.security_headers import SECURITY_HEADERS

STOPPED_WITHIN_S: Final = 10
"""Seconds that answers in course have once the server is to stop: one who reads slowly does not keep it alive."""


def protecting_options(settings: Settings) -> dict[str, Any]:
    """Return options of `uvicorn.Config`: headers of every answer, limits, and whom to believe for whom they ask."""
    return {
        "server_header": False,
        "headers": list(SECURITY_HEADERS),
        "http": with_deadlines(settings.request_seconds, settings.upload_seconds),
        "limit_concurrency": settings.max_connections,
        "timeout_graceful_shutdown": STOPPED_WITHIN_S,
        "ws_max_size": settings.max_message_bytes,
        # Anybody can write the header by which a proxy says for whom it asks.
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": settings.trusted_proxies,
    }
