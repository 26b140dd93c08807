"""One structure and its peers over time: small multiples on one scale, in alphabetical order."""

from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.comparison.filters import (
    ComparisonChoice,
    choose_indicator,
    choose_period,
    parse_params,
)
from dashboards.app_pages.comparison.table import indicator_url
from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, details, heading, link, notice, table
from dashboards.components.small_multiples import SmallMultiple, small_multiples_html, values_by_structure
from dashboards.wording.formatting import format_amount, format_count, format_during, format_period, format_short_period
from indicators.definitions.periods import Span
from indicators.queries.comparison.peers import Peers, find_peers, group_rates, peer_histories
from indicators.queries.comparison.scope import ComparisonScope
from indicators.snapshot import Snapshot

PERIODS_PER_LINE: Final = 12
"""Points of each small line."""


def draw(context: PageContext, snapshot: Snapshot) -> None:
    """Draw the choices, the peer group with its criteria, and the small multiples."""
    t, choice = context.t, parse_params(context, snapshot)
    structure_names = {structure.id: structure.name for structure in ComparisonScope().structures(snapshot)}
    with st.container(horizontal=True, key="choices-what", vertical_alignment="bottom"):
        context.choose("structure", t("compare.structure.of"), list(structure_names), structure_names.__getitem__)
        choose_indicator(context, snapshot, choice)
        choose_period(context, snapshot, choice, choice.indicator)
    if choice.structure is None:
        draw_html(notice(t("compare.peers.choose")))
        return
    structure, indicator = snapshot.structures.as_of(choice.span.end)[choice.structure], choice.indicator
    if not indicator.applies_to(structure.kind):
        draw_html(notice(t("compare.peers.not_applicable", name=structure.name)))
        return
    peer_group = find_peers(context.query(snapshot, context.members_audience), structure, choice.quarter)
    spans = [choice.span.shifted(step - PERIODS_PER_LINE + 1) for step in range(PERIODS_PER_LINE)]
    figures = peer_histories(context.query(snapshot, context.members_audience), peer_group.members, indicator, spans)
    pooled = group_rates(figures) if indicator.aggregation == "ratio" else {}
    pooled_rates = {code: share * indicator.scale for code, share in pooled.items()}
    lines = [
        SmallMultiple(
            member.name, indicator_url(context, indicator, member.id, choice.span), member.id == structure.id, values
        )
        for member, values in values_by_structure(peer_group.members, figures, spans)
    ]
    has_values = any(value is not None for line in lines for value in line.values)
    draw_html(_title_html(context, peer_group, choice, has_values=has_values))
    if len(lines) == 1:
        draw_html(notice(t("compare.peers.none")))
    if not has_values:
        sentence = t("compare.peers.nothing.at_all", count=PERIODS_PER_LINE, during=format_during(choice.span, t))
        draw_html(notice(sentence, link(context.url(affichage=None), t("compare.peers.why"))))
        return
    draw_html(small_multiples_html(lines, spans, pooled_rates, indicator, t))
    draw_html(details(t("table.open"), table(*_table_parts(context, lines, spans, choice))))


def _title_html(context: PageContext, peer_group: Peers, choice: ComparisonChoice, *, has_values: bool) -> Markup:
    """Return the title with the number of peers and the criteria that selected them."""
    t, structure = context.t, peer_group.structure
    title = t("compare.peers.title", label=choice.indicator.label(context.language), name=structure.name)
    others = len(peer_group.members) - 1
    if not (others and has_values):
        return heading(2, title)
    conditions = [t("compare.peers.by.kind", kind=t(f"kind.{structure.kind}"))]
    if peer_group.size is not None:
        size = format_count(peer_group.size, context.language)
        conditions.append(t(f"compare.peers.by.size.{peer_group.size_indicator}", size=size))
    if peer_group.same_region:
        conditions.append(t("compare.peers.by.region"))
    dropped_conditions = [
        t(f"compare.peers.let_go.{name}")
        for name, is_kept in (("size", peer_group.size is not None), ("region", peer_group.same_region))
        if not is_kept
    ]
    sentences = [t("compare.peers.who", count=others, conditions=t("list.separator").join(conditions))]
    if dropped_conditions:
        sentences.append(t("compare.peers.let_go", what=t("compare.peers.and").join(dropped_conditions)))
    if peer_group.omitted:
        sentences.append(t("compare.peers.more", count=peer_group.omitted))
    return heading(2, title, " ".join(sentences))


def _table_parts(
    context: PageContext, lines: list[SmallMultiple], spans: list[Span], choice: ComparisonChoice
) -> tuple[str, list[str], list[list[HtmlCell]]]:
    """Return caption, headers and rows of the data table of the small multiples."""
    t, indicator = context.t, choice.indicator
    headers = [t("compare.column.structure"), *(format_short_period(span, t) for span in spans)]
    rows = [
        [
            HtmlCell(link(line.url, line.name)),
            *(
                HtmlCell("–" if value is None else format_amount(value, indicator, t), is_number=True)
                for value in line.values
            ),
        ]
        for line in lines
    ]
    period_name = format_period(spans[-1], t)
    return t("table.caption", label=indicator.label(context.language), name=period_name), headers, rows
