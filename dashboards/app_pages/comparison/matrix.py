"""Structure × indicator matrix; each cell holds a value and its funnel verdict. Not a ranking."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.comparison.filters import (
    CLEARED_PARAMS,
    ComparisonChoice,
    choose_period,
    choose_scope,
    parse_params,
)
from dashboards.app_pages.comparison.matrix_files import decisive_verdict, describe_reading, render_downloads
from dashboards.app_pages.comparison.table import (
    ROWS_PER_PAGE,
    SIDE_PICTOGRAMS,
    STANDING_OUT,
    indicator_url,
    value_label,
)
from dashboards.app_pages.error_handling import fragment
from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, cell_link, join, markup, notice, pictogram, table
from dashboards.wording.formatting import format_during, format_short_period
from indicators.definitions.perimeters import Structure
from indicators.queries.comparison.matrix import MatrixColumn, matrix_cells, matrix_columns, sort_by_verdict
from indicators.queries.comparison.scope import sort_by_name
from indicators.snapshot import Snapshot

NEUTRAL_PICTOGRAMS: Final = {"ordinary": "near", "too_few": "low"}
"""Pictograms of verdicts that do not stand out."""
ORDER_PARAM: Final = "ordre"
BY_KIND: Final = "type"
BY_REGION: Final = "region"


def draw(context: PageContext, snapshot: Snapshot) -> None:
    """Draw the choices and the matrix: a row per structure, a column per indicator with comparable figures."""
    t, choice = context.t, parse_params(context, snapshot)
    choose_scope(context, snapshot, choice)
    shown_columns = matrix_columns(
        context.query(snapshot, context.members_audience),
        choice.scope,
        choice.quarter,
        rolling=choice.is_rolling,
    )
    orders = {
        "": t("compare.order.name"),
        BY_KIND: t("compare.order.kind"),
        BY_REGION: t("compare.order.region"),
        **{c.indicator.id: t("compare.order.read", label=c.indicator.short(context.language)) for c in shown_columns},
    }
    with st.container(horizontal=True, key="choices-what", vertical_alignment="bottom"):
        context.choose(
            ORDER_PARAM, t("compare.order"), list(orders), orders.__getitem__, default="", clears=CLEARED_PARAMS
        )
        choose_period(context, snapshot, choice)
    if not shown_columns:
        structures = choice.scope.structures(snapshot, on=choice.quarter.end)
        draw_html(notice(t("compare.none_shown" if structures else "compare.nobody.at_all")))
        return
    fragment(context, snapshot, _render_table)


def _render_table(context: PageContext, snapshot: Snapshot) -> None:
    """Draw one page of the matrix; runs as a fragment of its own, for its pagination."""
    t = context.t
    choice = parse_params(context, snapshot)
    shown_columns = matrix_columns(
        context.query(snapshot, context.members_audience),
        choice.scope,
        choice.quarter,
        rolling=choice.is_rolling,
    )
    structures = _sort_structures(context, snapshot, choice, shown_columns)
    placeholder = st.empty()
    first = context.paginate(ROWS_PER_PAGE, len(structures))
    members = structures[first : first + ROWS_PER_PAGE]
    cell_rows = matrix_cells(context.query(snapshot, context.members_audience), shown_columns, members)
    rows_by_cell = {(row["structure"], row["indicator"]): row for row in cell_rows.iter_rows(named=True)}
    rows: list[list[HtmlCell]] = []
    for member in members:
        url = context.link("structure", structure=member.id, periode=choice.quarter.code)
        # The first link of the table is the one that Tab reaches; from there the arrows lead on.
        name_link = cell_link(url, member.name, is_entry=not rows)
        name = markup('{} <abbr title="{}">{}</abbr>', name_link, t(f"kind.{member.kind}"), member.kind)
        row_cells = [
            HtmlCell(_cell_html(context, column, member, rows_by_cell.get((member.id, column.indicator.id))))
            for column in shown_columns
        ]
        rows.append([HtmlCell(name), *row_cells])
    headers = [t("compare.column.structure"), *(_column_header(context, column) for column in shown_columns)]
    caption = t("compare.matrix.caption", during=format_during(choice.quarter, t))
    draw_html(
        markup('{}<div class="matrix">{}</div>', _legend_html(context), table(caption, headers, rows, has_entry=True)),
        placeholder,
    )
    render_downloads(context, choice, shown_columns, structures)


def _legend_html(context: PageContext) -> Markup:
    """Return the legend of the pictograms."""
    t = context.t
    signs = [(sign, t(f"compare.verdict.{verdict}")) for verdict, sign in NEUTRAL_PICTOGRAMS.items()]
    signs += [
        (SIDE_PICTOGRAMS[side], t("compare.matrix.apart", side=t(f"compare.side.{side}"))) for side in SIDE_PICTOGRAMS
    ]
    items = join(markup("<li>{}<span>{}</span></li>", pictogram(sign), sentence) for sign, sentence in signs)
    items += markup("<li><span>– {}</span></li>", t("compare.matrix.none"))
    items += markup("<li><span>{}</span></li>", t("compare.matrix.blank"))
    return markup('<p class="key">{}</p><ul class="signs">{}</ul>', t("compare.matrix.key"), items)


def _sort_structures(
    context: PageContext, snapshot: Snapshot, choice: ComparisonChoice, shown_columns: Sequence[MatrixColumn]
) -> list[Structure]:
    """Sort the structures by name, or first by kind, region or verdict as the address asks; never by value."""
    order, members = context.params.get(ORDER_PARAM, ""), choice.scope.structures(snapshot, on=choice.quarter.end)
    if order == BY_KIND:
        return sorted(members, key=lambda structure: structure.kind)
    if order == BY_REGION:
        regions = {
            structure.region: snapshot.regions[structure.region].name(context.language)
            if structure.region in snapshot.regions
            else structure.region
            for structure in members
        }
        return sorted(members, key=lambda structure: regions[structure.region])
    column = next((column for column in shown_columns if column.indicator.id == order), None)
    if column is None:
        return sort_by_name(snapshot, members)
    return sort_by_verdict(
        context.query(snapshot, context.members_audience), choice.scope, column.indicator, column.period
    )


def _column_header(context: PageContext, column: MatrixColumn) -> str:
    """Return a column's title with its period, which differs between columns."""
    return f"{column.indicator.short(context.language)} · {format_short_period(column.period, context.t)}"


def _cell_html(context: PageContext, column: MatrixColumn, member: Structure, row: Mapping[str, Any] | None) -> Markup:
    """Return a cell: the value beside the sign of its reading, as one link to the structure's indicator page.

    A screen reader reads value, reading, structure and indicator; what stands out has its reading in words on screen.
    """
    t, indicator = context.t, column.indicator
    if not indicator.applies_to(member.kind):
        return markup('<span class="unseen">{}</span>', t("status.not_applicable"))
    reading = describe_reading(row, t)
    if row is None or row["value"] is None:
        return markup(
            '<span class="absent"><span aria-hidden="true">–</span><span class="unseen">{}</span></span>', reading
        )
    value = value_label(context, indicator, row)
    url = indicator_url(context, indicator, member.id, column.period)
    subject = t("compare.matrix.about", name=member.name, label=indicator.short(context.language))
    name = f"{value}, {reading} – {subject}"
    verdict = decisive_verdict(row)
    if verdict is None:
        return cell_link(url, value, name)
    if verdict not in STANDING_OUT:
        # Without its word: ordinary cells must not hide those that stand out.
        return pictogram(NEUTRAL_PICTOGRAMS[verdict]) + cell_link(url, value, name)
    words = join((cell_link(url, value, name), t(f"compare.verdict.{verdict}")), " ")
    return markup('<span class="apart">{}{}</span>', pictogram(SIDE_PICTOGRAMS[row["side"]]), words)
