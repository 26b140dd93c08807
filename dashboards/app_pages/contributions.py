"""Which structures make up a figure of a board, by what the reader sees of each, and their signals of the quarter."""

from collections.abc import Collection, Sequence
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.network import signals
from dashboards.app_pages.network.regions import share_cell, value_cell
from dashboards.app_pages.page_context import PageContext, indicator_url
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, heading, link, markup, notice, table
from dashboards.components.tiles import counts_behind
from dashboards.wording.formatting import format_during
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.queries.figures.assessed_board import AssessedFigure
from indicators.queries.figures.contributions import Contribution, Contributions, find_contributions
from indicators.snapshot import Snapshot

INDICATOR_PARAM: Final = "indicateur"
ROWS_PER_PAGE: Final = 50


def draw(
    context: PageContext,
    snapshot: Snapshot,
    *,
    perimeter: Perimeter,
    tiles: Sequence[AssessedFigure],
    managed: Collection[str],
    quarter: Period,
) -> None:
    """Draw the structures behind the chosen one of the figures shown, and the signals among them."""
    t = context.t
    by_indicator = {one.indicator.id: one for one in tiles}
    draw_html(heading(2, t("contributions.title"), t("contributions.under")))
    with st.container(horizontal=True, key="choices-indicator"):
        chosen = context.choose(
            INDICATOR_PARAM,
            t("choose.indicator"),
            list(by_indicator),
            lambda name: by_indicator[name].indicator.label(context.language),
            default=next(iter(by_indicator)),
            clears=("page",),
        )
    if chosen is None:
        snapshot.catalogue[context.params[INDICATOR_PARAM]]
        draw_html(notice(t("contributions.nothing")))
        return
    figure = by_indicator[chosen].figure
    found = find_contributions(context.query(snapshot), perimeter, figure, managed)
    first = context.paginate(ROWS_PER_PAGE, len(found.structures))
    draw_html(_table_html(context, found, found.structures[first : first + ROWS_PER_PAGE], quarter))
    signals.draw(context, snapshot, chosen=figure.indicator, quarter=quarter, perimeter=perimeter)


def _table_html(context: PageContext, found: Contributions, page: Sequence[Contribution], quarter: Period) -> Markup:
    t, indicator = context.t, found.total.indicator
    rows = []
    for one in page:
        url = indicator_url(context, Perimeter(Level.STRUCTURE, one.structure.id), indicator.id, quarter)
        kind = markup(' <abbr title="{}">{}</abbr>', t(f"kind.{one.structure.kind}"), one.structure.kind)
        rows.append(
            [
                HtmlCell(link(url, one.structure.name) + kind),
                value_cell(context, one.figure),
                HtmlCell(counts_behind(one.figure, t)),
                share_cell(context, one.share),
            ]
        )
    if found.withheld_share is not None:
        withheld = t("contributions.withheld", count=found.withheld_count)
        cells = [HtmlCell(withheld), HtmlCell("", is_number=True), HtmlCell("")]
        rows.append([*cells, share_cell(context, found.withheld_share)])
    headers = [*(t(f"table.{name}") for name in ("structure", "value", "behind")), t("contributions.share")]
    during = format_during(found.total.covered_span, t)
    return table(t("contributions.caption", label=indicator.label(t.language), during=during), headers, rows)
