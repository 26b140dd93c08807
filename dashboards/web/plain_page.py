"""Pages that are one short text: no script is needed to read them, and none runs."""

from starlette.responses import HTMLResponse

from dashboards.components.html import heading, text
from dashboards.components.theme import style
from dashboards.wording.translations import Words


def plain_page(title: str, html: str, say: Words, status: int) -> HTMLResponse:
    """Answer with a title and what stands under it (already markup)."""
    content = (
        f'<!doctype html><html lang="{say.language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)} · {text(say('site.name'))}</title>{style()}"
        f'<body class="alone"><div class="stHtml">{heading(1, title)}{html}</div></body></html>'
    )
    return HTMLResponse(content, status_code=status, headers={"Cache-Control": "no-store"})
