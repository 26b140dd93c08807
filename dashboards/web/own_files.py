"""Our own static files, linked in the head of every page: style sheet, script, icons.

Names of style sheet and script contain a hash of the content, so that browsers may cache them for ever.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response

from dashboards.components.theme import page_script, stylesheet
from dashboards.web.static_gzip import CACHE_FOREVER, accepts_gzip
from dashboards.wording.translations import LANGUAGES

STATIC: Final = Path(__file__).parent.parent / "static"
CACHE_ONE_DAY: Final = "public, max-age=86400"
ICON_URL: Final = "/icon.svg"
PNG_ICON_URL: Final = "/icon.png"
"""PNG icon for clients without SVG: link previews, home screens of telephones."""
ICONS: Final = {
    ICON_URL: ("icon.svg", "image/svg+xml"),
    PNG_ICON_URL: ("icon.png", "image/png"),
    # Requested by browsers and crawlers that ignore the head.
    "/favicon.ico": ("icon.png", "image/png"),
    "/favicon.png": ("icon.png", "image/png"),
}


@dataclass(frozen=True)
class OwnFile:
    """A static file: content, compressed content where that is smaller, and caching policy."""

    content: bytes
    media_type: str
    cache_control: str
    compressed: bytes | None = None

    @property
    def etag(self) -> str:
        """The entity tag of the content."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'

    def response(self, headers: Headers) -> Response:
        """Return the file, compressed if the client accepts gzip, or 304 if it has the file."""
        response_headers = {"ETag": self.etag, "Cache-Control": self.cache_control, "Vary": "Accept-Encoding"}
        if self.etag in headers.get("if-none-match", ""):
            return Response(status_code=304, headers=response_headers)
        if self.compressed is not None and accepts_gzip(headers.getlist("accept-encoding")):
            return Response(
                self.compressed, headers={**response_headers, "Content-Encoding": "gzip"}, media_type=self.media_type
            )
        return Response(self.content, headers=response_headers, media_type=self.media_type)


@cache
def style_url() -> str:
    """Return the address of the style sheet."""
    return f"/pilotage.{_hash(stylesheet())}.css"


@cache
def script_url(language: str) -> str:
    """Return the address of the script for pages in a language."""
    return f"/pilotage.{language}.{_hash(page_script(language))}.js"


@cache
def own_files() -> Mapping[str, OwnFile]:
    """Return all files by address."""
    texts = {style_url(): (stylesheet(), "text/css")}
    texts |= {script_url(language): (page_script(language), "text/javascript") for language in LANGUAGES}
    files = {address: _text_file(text, media_type) for address, (text, media_type) in texts.items()}
    for url, (name, media_type) in ICONS.items():
        files[url] = OwnFile((STATIC / name).read_bytes(), media_type, CACHE_ONE_DAY)
    return files


def _text_file(text: str, media_type: str) -> OwnFile:
    content = text.encode()
    return OwnFile(content, media_type, CACHE_FOREVER, gzip.compress(content, mtime=0))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
