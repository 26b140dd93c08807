"""The process that makes a PDF of a paper: data on standard input, the PDF on standard output. It reads no network.

Only the fonts that stand beside this module are used: a PDF looks the same wherever it is made.
"""

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
FONTS: Final = FOLDER / "fonts"
TEMPLATE: Final = FOLDER / "template.typ"
FONT: Final = "Source Sans 3"
STANDARD: Final = "ua-1"
PAPER: Final = "#FFFFFF"
MISSING_SIGN: Final = "□"
"""Stands for a sign that the fonts do not have: PDF/UA allows none without its shape."""


def main() -> None:
    """Read a paper, draw its charts, write its PDF."""
    paper = json.load(sys.stdin)
    sys.stdout.buffer.write(compile_paper(paper))


def compile_paper(paper: dict[str, Any]) -> bytes:
    """Return the PDF of a paper: tagged, PDF/UA-1, made at the moment that it says."""
    import typst

    _draw_charts(paper)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    compiler = typst.Compiler(
        TEMPLATE, root=FOLDER, font_paths=fonts, sys_inputs={"paper": json.dumps(_with_signs_of_the_fonts(paper))}
    )
    content = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=paper["made_at"])
    if not isinstance(content, bytes):
        raise TypeError("typst returned no document")
    return content


def _draw_charts(paper: dict[str, Any]) -> None:
    """Replace each chart of a paper by its SVG, in the fonts of the paper."""
    charts = [block for section in paper["sections"] for block in section["blocks"] if block["type"] == "chart"]
    if not charts:
        return
    # Its engine takes half a second to start, which a paper without charts does not need.
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    for block in charts:
        chart = block.pop("chart")
        config = {**chart.get("config", {}), "font": FONT}
        spec = {**chart, "background": PAPER, "config": config}
        block["svg"] = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])


def _with_signs_of_the_fonts(value: Any) -> Any:
    """Return data with every sign that the fonts lack replaced, in any text of it."""
    match value:
        case str():
            return _unknown_signs().sub(MISSING_SIGN, value)
        case dict():
            return {key: _with_signs_of_the_fonts(each) for key, each in value.items()}
        case list():
            return [_with_signs_of_the_fonts(each) for each in value]
        case _:
            return value


@cache
def _unknown_signs() -> re.Pattern[str]:
    """Return the pattern of signs that one of the fonts lacks; `fonts/signs.txt` has the ranges that all have."""
    ranges = (FONTS / "signs.txt").read_text(encoding="ascii").split()
    known = "".join("-".join(f"\\U{int(end, 16):08x}" for end in each.split("-")) for each in ranges)
    return re.compile(f"[^\\n{known}]")


if __name__ == "__main__":
    main()
