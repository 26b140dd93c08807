"""Why some figures are not published, in plain words: what is protected, from how many on, and what to do."""

from typing import Final

import streamlit as st

from dashboards.app_pages.page_context import Visit
from dashboards.components.html import heading, link, text

PARTS: Final = ("protected", "from", "others", "silent", "do")
"""Questions that the page answers, in this order."""


def page(visit: Visit) -> None:
    """Say it all; nothing of it depends on any figure."""
    words = visit.words
    html = heading(1, words("protection.title"), text(words("protection.intro")))
    for part in PARTS:
        html += heading(2, words(f"protection.{part}.title")) + f"<p>{text(words(f'protection.{part}'))}</p>"
    st.html(f'<div class="prose">{html}<p>{link(visit.link("catalogue"), words("catalogue.title"))}</p></div>')
