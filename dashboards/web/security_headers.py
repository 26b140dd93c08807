"""What a browser is told with every answer: what the pages may load and run, and who may show them."""

from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = {
    "default-src": "'self'",
    # No script is written in a page of ours: none needs to be named by its hash. Streamlit compiles WebAssembly.
    "script-src": "'self' 'wasm-unsafe-eval'",
    # Streamlit and Vega write their styles while they draw.
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
"""Content Security Policy, level 3: directives and what each allows."""
UNUSED: Final = (
    "camera",
    "display-capture",
    "geolocation",
    "microphone",
    "payment",
    "serial",
    "usb",
    "browsing-topics",
)
"""What browsers offer to pages, and no page of ours asks for."""
SECURITY_HEADERS: Final = (
    ("Content-Security-Policy", "; ".join(f"{directive} {allowed}" for directive, allowed in POLICY.items())),
    ("Permissions-Policy", ", ".join(f"{feature}=()" for feature in UNUSED)),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    # For browsers that know no `frame-ancestors`.
    ("X-Frame-Options", "SAMEORIGIN"),
)
"""Headers of every answer: the server itself writes them, before any that an application gives."""


class RefusedHandshakes:
    """Gives the same headers to the refusal of a WebSocket, which the server writes without any."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer a WebSocket that is closed before it was opened."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        opened = False

        async def answer(message: Message) -> None:
            nonlocal opened
            if message["type"] == "websocket.close" and not opened:
                await Response(status_code=403, headers=dict(SECURITY_HEADERS))(scope, receive, send)
                return
            opened = True
            await send(message)

        await self.app(scope, receive, answer)
