"""Security headers of every response: what pages may load and run, and who may embed them."""

from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = {
    "default-src": "'self'",
    # Our pages have no inline scripts, so no hashes are needed. Streamlit compiles WebAssembly.
    "script-src": "'self' 'wasm-unsafe-eval'",
    # Streamlit and Vega insert inline styles while rendering.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
"""Content Security Policy, level 3: sources allowed by directive."""
DISABLED_FEATURES: Final = (
    "camera",
    "display-capture",
    "geolocation",
    "microphone",
    "payment",
    "serial",
    "usb",
    "browsing-topics",
)
"""Browser features that no page of ours uses, switched off."""
SECURITY_HEADERS: Final = (
    ("Content-Security-Policy", "; ".join(f"{directive} {allowed}" for directive, allowed in POLICY.items())),
    ("Permissions-Policy", ", ".join(f"{feature}=()" for feature in DISABLED_FEATURES)),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    # For browsers without support for `frame-ancestors`.
    ("X-Frame-Options", "SAMEORIGIN"),
)
"""Headers of every response, written by uvicorn itself before those of the application."""


class HandshakeHeaders:
    """Middleware that adds the headers to refused WebSocket handshakes, which uvicorn answers without them."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an ASGI application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer a WebSocket that is closed before it is accepted."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        is_open = False

        async def send_or_refuse(message: Message) -> None:
            nonlocal is_open
            if message["type"] == "websocket.close" and not is_open:
                await Response(status_code=403, headers=dict(SECURITY_HEADERS))(scope, receive, send)
                return
            is_open = True
            await send(message)

        await self.app(scope, receive, send_or_refuse)
