"""The files of ours that the head of every page names: style, script, icons.

A name that holds the hash of its content is kept by browsers for good; another content has another name.
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

from dashboards.components.theme import script, sheet
from dashboards.web.static_gzip import FOR_GOOD, takes_gzip
from dashboards.wording.translations import LANGUAGES

STATIC: Final = Path(__file__).parent.parent / "static"
FOR_A_DAY: Final = "public, max-age=86400"
ICON: Final = "/icon.svg"
PICTURE: Final = "/icon.png"
"""For what draws no SVG: previews of links, screens of telephones."""
ICONS: Final = {
    ICON: ("icon.svg", "image/svg+xml"),
    PICTURE: ("icon.png", "image/png"),
    # Asked for by browsers and crawlers that read no head.
    "/favicon.ico": ("icon.png", "image/png"),
    "/favicon.png": ("icon.png", "image/png"),
}


@dataclass(frozen=True)
class OwnFile:
    """A file as it is answered: its bytes, those compressed where that gains something, and for how long it is kept."""

    content: bytes
    media_type: str
    cache_control: str
    compressed: bytes | None = None

    @property
    def etag(self) -> str:
        """The name of exactly these bytes."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'

    def answer(self, headers: Headers) -> Response:
        """Answer a request with the file, compressed to whoever takes it so, or that the asker has it already."""
        sent = {"ETag": self.etag, "Cache-Control": self.cache_control, "Vary": "Accept-Encoding"}
        if self.etag in headers.get("if-none-match", ""):
            return Response(status_code=304, headers=sent)
        if self.compressed is not None and takes_gzip(headers.getlist("accept-encoding")):
            return Response(self.compressed, headers={**sent, "Content-Encoding": "gzip"}, media_type=self.media_type)
        return Response(self.content, headers=sent, media_type=self.media_type)


@cache
def style_address() -> str:
    """Return the address of the style of the pages."""
    return f"/pilotage.{_hash(sheet())}.css"


@cache
def script_address(language: str) -> str:
    """Return the address of the script of the pages that are in a language."""
    return f"/pilotage.{language}.{_hash(script(language))}.js"


@cache
def own_files() -> Mapping[str, OwnFile]:
    """Return every file by its address."""
    texts = {style_address(): (sheet(), "text/css")}
    texts |= {script_address(language): (script(language), "text/javascript") for language in LANGUAGES}
    files = {address: _text_file(text, media_type) for address, (text, media_type) in texts.items()}
    for address, (name, media_type) in ICONS.items():
        files[address] = OwnFile((STATIC / name).read_bytes(), media_type, FOR_A_DAY)
    return files


def _text_file(text: str, media_type: str) -> OwnFile:
    content = text.encode()
    return OwnFile(content, media_type, FOR_GOOD, gzip.compress(content, mtime=0))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
