"""Papers on a page: the same document, with its charts drawn where they stand."""

from functools import partial

from markupsafe import Markup

from dashboards.app_pages.page_context import PageContext
from dashboards.charts.trend import HEIGHT_PX
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, facts, heading, join, markup, table
from dashboards.papers.document import (
    Paper,
    PaperBlank,
    PaperBlock,
    PaperChart,
    PaperFacts,
    PaperList,
    PaperRemark,
    PaperTable,
    PaperText,
)


def draw_paper(context: PageContext, paper: Paper, *key: object) -> None:
    """Draw a paper; `key` is what its charts depend on beside their own keys."""
    pending = markup(
        '<p class="paper-title">{}</p><p class="under">{}</p><p class="aside">{}</p>',
        paper.title,
        paper.subtitle,
        paper.source,
    )
    for section in paper.sections:
        pending += heading(section.level, section.title)
        for block in section.blocks:
            if isinstance(block, PaperChart):
                if pending:
                    draw_html(pending)
                context.draw_chart(partial(block.build, HEIGHT_PX), *block.key, *key)
                pending = Markup()
            else:
                pending += block_html(block)
    if pending:
        draw_html(pending)


def block_html(block: PaperBlock) -> Markup:
    """Return the HTML of a block; a chart is drawn instead, and has none."""
    match block:
        case PaperText(text=text, quiet=quiet):
            return markup('<p class="{}">{}</p>', "aside" if quiet else "", text)
        case PaperList(items=items):
            return markup('<ul class="changes">{}</ul>', join(markup("<li>{}</li>", item) for item in items))
        case PaperFacts(pairs=pairs):
            return facts(pairs)
        case PaperTable() as rows:
            return _table_html(rows)
        case PaperBlank(label=label):
            return markup('<p class="blank">{}</p>', label)
        case PaperRemark(text=text, written=written):
            return markup('<blockquote class="remark"><p>{}</p><footer>{}</footer></blockquote>', text, written)
        case PaperChart():
            raise TypeError("a chart is drawn, and has no HTML")


def _table_html(rows: PaperTable) -> Markup:
    cells = [[HtmlCell(text, place in rows.numbers) for place, text in enumerate(row)] for row in rows.rows]
    return table(rows.caption, rows.headers, cells)
