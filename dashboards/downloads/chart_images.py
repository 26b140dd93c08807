"""Charts as pictures, made without a browser when somebody asks for one.

vl-convert carries its own JavaScript engine, which would stay in the memory of the server (60 MB) for a picture a day:
it works in a process of its own, that reaches no network and is gone with the picture.
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
ROOT: Final = Path(__file__).parent.parent.parent
"""Where Python finds this module again, wherever the server was started."""
WIDTH: Final = 960
"""Width of a picture in pixels, before it is enlarged."""
ENLARGED: Final = 2
"""A PNG has this many pixels for each: it is printed and projected."""
LONGEST: Final = 60
"""Seconds after which a picture is given up."""
PAPER: Final = "#FFFFFF"
FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
"""vl-convert carries the first; whoever opens an SVG elsewhere has letters of the same width."""


class Form(StrEnum):
    """The forms in which a chart can be taken away."""

    PNG = "png"
    SVG = "svg"

    @property
    def mime(self) -> str:
        """Its media type."""
        return "image/svg+xml" if self is Form.SVG else "image/png"


class PictureError(PilotageError):
    """A picture could not be made."""


def picture(chart: Mapping[str, Any], form: Form) -> bytes:
    """Return a chart's drawing instructions as a picture on white paper; a `PictureError` says why it cannot be."""
    config = {**chart.get("config", {}), "font": FONT}
    spec = json.dumps({**chart, "width": WIDTH, "background": PAPER, "config": config}).encode()
    try:
        made = subprocess.run(  # noqa: S603 - this very module, in our own Python
            [sys.executable, "-m", MODULE, form],
            cwd=ROOT,
            input=spec,
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise PictureError(f"picture: {failure}") from failure
    if made.returncode:
        said = made.stderr.decode(errors="replace").strip().splitlines()
        raise PictureError(f"picture: {said[-1] if said else made.returncode}")
    return made.stdout


def main() -> None:
    """Turn the drawing instructions of the standard input into a picture on the standard output."""
    import vl_convert

    spec, form = json.load(sys.stdin), Form(sys.argv[1])
    if form is Form.SVG:
        drawn = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]).encode()
    else:
        drawn = vl_convert.vegalite_to_png(spec, scale=ENLARGED, allowed_base_urls=[])
    sys.stdout.buffer.write(drawn)


if __name__ == "__main__":
    main()
