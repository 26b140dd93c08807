"""Compression of Streamlit's scripts and style sheets, which it sends uncompressed: 4 to 5 MB on a first visit.

Each file is compressed on first request and cached in memory. The cache needs no limit: all files together are 7 MB,
those used by our pages 1.2 MB.
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

STATIC_PREFIX: Final = "/static/"
COMPRESSIBLE_SUFFIXES: Final = frozenset({".js", ".css", ".svg", ".json"})
"""Suffixes of compressible files; fonts and images are compressed already."""
GZIP_LEVEL: Final = 9
"""Maximal compression: 4.4 s for all files of Streamlit, 1 s for those of our pages, once."""
CACHE_FOREVER: Final = "public, max-age=31536000, immutable"
HASHED_NAME: Final = re.compile(r"\.[\w-]{8}\.\w+$")
"""Ending of file names that contain a hash of the content, which may be cached for ever."""
SHELL_FILE: Final = re.compile(r'"\./(static/[^"]+)"')


@dataclass(frozen=True)
class GzipFile:
    """A compressed file with its media type and entity tag."""

    body: bytes
    media_type: str
    etag: str


class GzipFiles:
    """The compressible files of a folder, by relative path starting with `static/`, compressed on first use."""

    def __init__(self, folder: Path) -> None:
        """List the folder; no file outside this list is ever opened."""
        self.folder = folder
        self.paths: Mapping[str, Path] = {
            path.relative_to(folder).as_posix(): path
            for path in sorted((folder / STATIC_PREFIX.strip("/")).rglob("*"))
            if path.suffix in COMPRESSIBLE_SUFFIXES and HASHED_NAME.search(path.name)
        }
        self._compressed: dict[str, GzipFile] = {}
        # One compression at a time: simultaneous first requests must not compress the same file twice.
        self._compressing = Lock()

    def cached(self, name: str) -> GzipFile | None:
        """Return a file if it is compressed already."""
        return self._compressed.get(name)

    def compress(self, name: str) -> GzipFile:
        """Return a file, compressing it on first use."""
        with self._compressing:
            if name not in self._compressed:
                content = self.paths[name].read_bytes()
                media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
                etag = f'"{hashlib.sha256(content).hexdigest()[:32]}-gzip"'
                # No timestamp in the gzip header: the bytes are the same after each start.
                self._compressed[name] = GzipFile(gzip.compress(content, GZIP_LEVEL, mtime=0), media_type, etag)
            return self._compressed[name]

    def compress_shell_files(self) -> None:
        """Compress the files named in Streamlit's shell, which every page loads."""
        shell = (self.folder / "index.html").read_text(encoding="utf-8")
        for name in SHELL_FILE.findall(shell):
            if name in self.paths:
                self.compress(name)


STREAMLIT_FILES: Final = GzipFiles(Path(get_static_dir()))


class StaticGzipMiddleware:
    """Sends compressible files as gzip to clients that accept it; passes everything else on."""

    def __init__(self, app: ASGIApp, files: GzipFiles = STREAMLIT_FILES) -> None:
        """Wrap an ASGI application that serves the same files uncompressed."""
        self.app = app
        self.files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the compressed file, or pass the request on."""
        name = scope["path"].lstrip("/") if scope["type"] == "http" and scope["path"].startswith(STATIC_PREFIX) else ""
        if name not in self.files.paths or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        # Byte ranges refer to the uncompressed file.
        if not accepts_gzip(headers.getlist("accept-encoding")) or "range" in headers:
            await self.app(scope, receive, _add_vary_header(send))
            return
        gzip_file = self.files.cached(name)
        if gzip_file is None:
            gzip_file = await to_thread.run_sync(self.files.compress, name)
        await _response(gzip_file, headers)(scope, receive, send)


def accepts_gzip(accept_encoding: list[str]) -> bool:
    """Whether the `Accept-Encoding` headers of a request allow gzip: RFC 9110, 12.5.3."""
    weights: dict[str, float] = {}
    for coding in ",".join(accept_encoding).lower().split(","):
        name, *parameters = (part.strip() for part in coding.split(";"))
        quality = next((value for key, _, value in (p.partition("=") for p in parameters) if key.strip() == "q"), "1")
        try:
            weights[name] = float(quality)
        except ValueError:
            weights[name] = 0
    return next((weights[name] for name in ("gzip", "x-gzip", "*") if name in weights), 0) > 0


def _response(gzip_file: GzipFile, headers: Headers) -> Response:
    """Return the compressed file, or 304 if the client has it."""
    headers_sent = {"ETag": gzip_file.etag, "Cache-Control": CACHE_FOREVER, "Vary": "Accept-Encoding"}
    if _matches_etag(gzip_file, headers.getlist("if-none-match")):
        return Response(status_code=304, headers=headers_sent)
    return Response(
        gzip_file.body, headers={**headers_sent, "Content-Encoding": "gzip"}, media_type=gzip_file.media_type
    )


def _matches_etag(gzip_file: GzipFile, client_etags: list[str]) -> bool:
    """Whether one of the client's entity tags is this file's, by weak comparison (RFC 9110, 13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in ",".join(client_etags).split(",")}
    return gzip_file.etag in tags or "*" in tags


def _add_vary_header(send: Send) -> Send:
    """Add `Vary: Accept-Encoding` to the response of a file sent uncompressed."""

    async def send_with_vary(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
        await send(message)

    return send_with_vary
