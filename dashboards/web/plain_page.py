"""Static pages of one short text, without any script."""

from markupsafe import Markup
from starlette.responses import HTMLResponse

from dashboards.components.html import heading, markup
from dashboards.components.theme import style_element
from dashboards.wording.translations import Translator


def plain_page(title: str, html: Markup, t: Translator, status: int) -> HTMLResponse:
    """Return a page with a title and its content, below the name of the site."""
    content = markup(
        '<!doctype html><html lang="{}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>{} · {}</title>{}"
        '<body class="alone"><div class="stHtml"><p class="brand">{}</p>{}{}</div></body></html>',
        t.language,
        title,
        t("site.name"),
        style_element(),
        t("site.name"),
        heading(1, title),
        html,
    )
    return HTMLResponse(content, status_code=status, headers={"Cache-Control": "no-store"})
