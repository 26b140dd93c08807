"""Options of uvicorn in every process that serves the site, which protect it before our own code sees a request."""

from typing import Any, Final

from dashboards.settings import Settings
from dashboards.web.deadlines import deadline_protocol
from dashboards.web.security_headers import SECURITY_HEADERS

SHUTDOWN_TIMEOUT_S: Final = 10
"""Seconds for open responses on shutdown: a slow client cannot keep the server alive."""


def server_options(settings: Settings) -> dict[str, Any]:
    """Return options of `uvicorn.Config`: security headers, deadlines, limits, trusted proxies."""
    return {
        "server_header": False,
        "headers": list(SECURITY_HEADERS),
        "http": deadline_protocol(settings.request_seconds, settings.upload_seconds),
        "limit_concurrency": settings.max_connections,
        "timeout_graceful_shutdown": SHUTDOWN_TIMEOUT_S,
        "ws_max_size": settings.max_message_bytes,
        # X-Forwarded-For can be forged by any client: trusted only from the configured proxies.
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": settings.trusted_proxies,
    }
