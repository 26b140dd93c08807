"""The look of the pages: one block of style, printed-matter quality, sent once with each showing of a page."""

from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st

from dashboards.charts import colours

STYLE: Final = Path(__file__).parent / "static" / "pilotage.css"


@cache
def style() -> str:
    """Return the style of the pages, with the closed list of colours as its variables."""
    names = ("PAPER", "INK", "QUIET", "ACCENT", "TARGET", "MET", "MISSED", "EDGE", "BAND", "HAIRLINE", "EMPTY")
    variables = "".join(f"--{name.lower()}:{getattr(colours, name)};" for name in names)
    return f"<style>:root{{{variables}}}\n{STYLE.read_text(encoding='utf-8')}</style>"


def dress() -> None:
    """Put the style on the page."""
    st.html(style())
