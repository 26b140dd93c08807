"""Static pages of one short text, without any script."""

from starlette.responses import HTMLResponse

from dashboards.components.html import heading, text
from dashboards.components.theme import style_element
from dashboards.wording.translations import Translator


def plain_page(title: str, html: str, t: Translator, status: int) -> HTMLResponse:
    """Return a page with a title and its content (already markup)."""
    content = (
        f'<!doctype html><html lang="{t.language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)} · {text(t('site.name'))}</title>{style_element()}"
        f'<body class="alone"><div class="stHtml">{heading(1, title)}{html}</div></body></html>'
    )
    return HTMLResponse(content, status_code=status, headers={"Cache-Control": "no-store"})
