"""The page that explains disclosure control in plain words: what is protected, from which counts on, what to do."""

from typing import Final

import streamlit as st

from dashboards.app_pages.page_context import PageContext
from dashboards.components.html import heading, link, text

SECTIONS: Final = ("protected", "from", "others", "silent", "do")
"""Sections of the page, in order."""


def render(context: PageContext) -> None:
    """Render the page; its text depends on no figure."""
    t = context.t
    html = heading(1, t("protection.title"), text(t("protection.intro")))
    for section in SECTIONS:
        html += heading(2, t(f"protection.{section}.title")) + f"<p>{text(t(f'protection.{section}'))}</p>"
    st.html(f'<div class="prose">{html}<p>{link(context.link("catalogue"), t("catalogue.title"))}</p></div>')
