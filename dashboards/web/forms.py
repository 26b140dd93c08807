"""Forms of pages without a script: short, and read whole."""

from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

MAX_FORM_BYTES: Final = 32_000
"""The longest address that a page of ours has (`max_query_bytes`), three bytes a character as forms write it."""


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a submitted form; none if the body is too long or not a form of ours."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > MAX_FORM_BYTES:
            return {}
    return dict(parse_qsl(content.decode("latin-1")))
