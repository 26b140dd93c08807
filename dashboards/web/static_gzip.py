"""Streamlit's own scripts and style sheets, sent compressed: it sends them as they lie, 4 to 5 MB on a first visit.

Each file is compressed the first time somebody asks for it and kept in memory. The memory has a bound without being
given one: all of them together make 7 MB, those that our pages ask for 1.2 MB.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.file_util import get_static_dir

PREFIX: Final = "/static/"
COMPRESSED: Final = frozenset({".js", ".css", ".svg", ".json"})
"""Suffixes of files that get smaller; fonts and images are compressed already."""
LEVEL: Final = 9
"""The most that gzip can: 4.4 s for every file of Streamlit's, a second for those of our pages, once."""
FOR_GOOD: Final = "public, max-age=31536000, immutable"
HASHED: Final = re.compile(r"\.[\w-]{8}\.\w+$")
"""How a name that holds the hash of its content ends: another content would have another name."""
NAMED_IN_THE_SHELL: Final = re.compile(r'"\./(static/[^"]+)"')


@dataclass(frozen=True)
class Packed:
    """A file as it is sent: its bytes compressed, what they are, and the name of exactly these bytes."""

    body: bytes
    media_type: str
    etag: str


class PackedFiles:
    """The files of a folder that are worth compressing, by their place under it with its leading `static/`."""

    def __init__(self, folder: Path) -> None:
        """List the folder; nothing outside this list is ever opened."""
        self.folder = folder
        self.paths: Mapping[str, Path] = {
            path.relative_to(folder).as_posix(): path
            for path in sorted((folder / PREFIX.strip("/")).rglob("*"))
            if path.suffix in COMPRESSED and HASHED.search(path.name)
        }
        self._packed: dict[str, Packed] = {}
        # One at a time: twenty first visitors at once must not compress the same file twenty times.
        self._packing = Lock()

    def ready(self, name: str) -> Packed | None:
        """Return a file that is compressed already."""
        return self._packed.get(name)

    def pack(self, name: str) -> Packed:
        """Return a file, compressed now if it was not before."""
        with self._packing:
            if name not in self._packed:
                content = self.paths[name].read_bytes()
                media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
                etag = f'"{hashlib.sha256(content).hexdigest()[:32]}-gzip"'
                # No time in the header: the same file is the same bytes after each start.
                self._packed[name] = Packed(gzip.compress(content, LEVEL, mtime=0), media_type, etag)
            return self._packed[name]

    def pack_shell(self) -> None:
        """Compress what every page starts with, named in the shell that each of them is."""
        shell = (self.folder / "index.html").read_text(encoding="utf-8")
        for name in NAMED_IN_THE_SHELL.findall(shell):
            if name in self.paths:
                self.pack(name)


FILES: Final = PackedFiles(Path(get_static_dir()))


class Packing:
    """Answers for the files that are worth compressing, to whoever takes them so; passes everything else on."""

    def __init__(self, app: ASGIApp, files: PackedFiles = FILES) -> None:
        """Stand before an application that serves the same files as they lie."""
        self.app = app
        self.files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the compressed file, or pass the request on."""
        name = scope["path"].lstrip("/") if scope["type"] == "http" and scope["path"].startswith(PREFIX) else ""
        if name not in self.files.paths or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        # A part of a file is a part of the file as it lies.
        if not takes_gzip(headers.getlist("accept-encoding")) or "range" in headers:
            await self.app(scope, receive, _varying(send))
            return
        packed = self.files.ready(name)
        if packed is None:
            packed = await to_thread.run_sync(self.files.pack, name)
        await _answer(packed, headers)(scope, receive, send)


def takes_gzip(accepted: list[str]) -> bool:
    """Whether the `Accept-Encoding` headers of a request allow gzip: RFC 9110, 12.5.3."""
    weights: dict[str, float] = {}
    for coding in ",".join(accepted).lower().split(","):
        name, *parameters = (part.strip() for part in coding.split(";"))
        quality = next((value for key, _, value in (p.partition("=") for p in parameters) if key.strip() == "q"), "1")
        try:
            weights[name] = float(quality)
        except ValueError:
            weights[name] = 0
    return next((weights[name] for name in ("gzip", "x-gzip", "*") if name in weights), 0) > 0


def _answer(packed: Packed, headers: Headers) -> Response:
    """Return the compressed file, or that the asker has it already."""
    told = {"ETag": packed.etag, "Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
    if _has(packed, headers.getlist("if-none-match")):
        return Response(status_code=304, headers=told)
    return Response(packed.body, headers={**told, "Content-Encoding": "gzip"}, media_type=packed.media_type)


def _has(packed: Packed, known: list[str]) -> bool:
    """Whether one of the entity tags that the asker knows is this file's, compared weakly (RFC 9110, 13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in ",".join(known).split(",")}
    return packed.etag in tags or "*" in tags


def _varying(send: Send) -> Send:
    """Say of a file sent as it lies that somebody else may get it compressed."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
        await send(message)

    return sending
