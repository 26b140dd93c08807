"""The page that explains disclosure control in plain words: what is protected, from which counts on, what to do."""

from typing import Final

from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import heading, link, markup

SECTIONS: Final = ("protected", "from", "others", "silent", "do")
"""Sections of the page, in order."""


def render(context: PageContext) -> None:
    """Render the page; its text depends on no figure."""
    t = context.t
    html = heading(1, t("protection.title"), t("protection.intro"))
    for section in SECTIONS:
        html += heading(2, t(f"protection.{section}.title")) + markup("<p>{}</p>", t(f"protection.{section}"))
    draw_html(
        markup('<div class="prose">{}<p>{}</p></div>', html, link(context.link("catalogue"), t("catalogue.title")))
    )
