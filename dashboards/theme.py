"""The look of the pages: one block of style, printed-matter quality, sent once with each showing of a page."""

import json
from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st

from dashboards.charts import colours
from dashboards.words import Words

STYLE: Final = Path(__file__).parent / "static" / "pilotage.css"
SCRIPT: Final = Path(__file__).parent / "static" / "names.js"
CONTROLS: Final = {
    '[data-testid="stFileUploaderDropzone"] button': "deposit.upload",
    '[data-testid="stFileUploaderDropzoneInput"]': "deposit.upload",
    '[data-testid="stSelectbox"] button': "choose.open",
}
"""Streamlit's own controls, by selector, and the words that name them."""


@cache
def style() -> str:
    """Return the style of the pages, with the closed list of colours as its variables."""
    names = ("PAPER", "INK", "QUIET", "ACCENT", "TARGET", "MET", "MISSED", "EDGE", "BAND", "HAIRLINE", "EMPTY")
    variables = "".join(f"--{name.lower()}:{getattr(colours, name)};" for name in names)
    return f"<style>:root{{{variables}}}\n{STYLE.read_text(encoding='utf-8')}</style>"


def dress(words: Words) -> None:
    """Put the style on the page, and names in its language on the controls that have English ones."""
    st.html(style())
    names = {selector: words(key) for selector, key in CONTROLS.items()}
    script = SCRIPT.read_text(encoding="utf-8").replace("NAMES;", f"{json.dumps(names, ensure_ascii=False)};")
    # The script is ours, and so are the words: nothing of a visitor's goes into it.
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
