"""Rendering of charts as PNG or SVG on request, without a browser.

vl-convert embeds a JavaScript engine that would stay in the server's memory (60 MB) for a few images a day: it runs in
a process of its own, without network access, that ends with the image.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from indicators.errors import PilotageError

MODULE: Final = "dashboards.downloads.chart_images"
PROJECT_ROOT: Final = Path(__file__).parent.parent.parent
"""Working directory in which the child process can import this module."""
WIDTH_PX: Final = 960
"""Width of an image in pixels, before scaling."""
PNG_SCALE: Final = 2
"""Scale factor of a PNG, for print and projection."""
MAX_RENDER_SECONDS: Final = 60
"""Timeout of the rendering process, in seconds."""
PAPER: Final = "#FFFFFF"
FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
"""vl-convert embeds the first; the others have the same metrics where an SVG is opened elsewhere."""


class ImageFormat(StrEnum):
    """Image formats of charts."""

    PNG = "png"
    SVG = "svg"

    @property
    def mime(self) -> str:
        """The media type."""
        return "image/svg+xml" if self is ImageFormat.SVG else "image/png"


class ImageError(PilotageError):
    """An image could not be rendered."""


def render_image(chart: Mapping[str, Any], image_format: ImageFormat) -> bytes:
    """Render a Vega-Lite specification as an image on a white background; an `ImageError` says why it failed."""
    config = {**chart.get("config", {}), "font": FONT}
    spec = json.dumps({**chart, "width": WIDTH_PX, "background": PAPER, "config": config}).encode()
    try:
        process = subprocess.run(  # noqa: S603 - this very module, in our own Python
            [sys.executable, "-m", MODULE, image_format],
            cwd=PROJECT_ROOT,
            input=spec,
            capture_output=True,
            timeout=MAX_RENDER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise ImageError(f"picture: {failure}") from failure
    if process.returncode:
        error_lines = process.stderr.decode(errors="replace").strip().splitlines()
        raise ImageError(f"picture: {error_lines[-1] if error_lines else process.returncode}")
    return process.stdout


def main() -> None:
    """Child process: read a specification from standard input, write the image to standard output."""
    import vl_convert

    spec, image_format = json.load(sys.stdin), ImageFormat(sys.argv[1])
    if image_format is ImageFormat.SVG:
        content = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]).encode()
    else:
        content = vl_convert.vegalite_to_png(spec, scale=PNG_SCALE, allowed_base_urls=[])
    sys.stdout.buffer.write(content)


if __name__ == "__main__":
    main()
