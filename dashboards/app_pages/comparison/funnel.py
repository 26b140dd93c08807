"""The funnel plot of an indicator, with the structures excluded and why, one structure's details, the data table."""

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.comparison.filters import (
    ComparisonChoice,
    choose_indicator,
    choose_period,
    choose_scope,
    parse_params,
    scope_name,
)
from dashboards.app_pages.comparison.table import (
    case_mix_note,
    excluded_html,
    render_download,
    render_table,
    structure_details,
)
from dashboards.app_pages.error_handling import fragment
from dashboards.app_pages.page_context import PageContext
from dashboards.charts.funnel import MAX_DETAILED_POINTS, funnel_chart
from dashboards.components.chart_cache import Chart
from dashboards.components.draw import draw_html
from dashboards.components.html import join, markup, notice
from dashboards.wording.formatting import format_count
from indicators.judgement.funnel import FunnelVerdict
from indicators.queries.comparison.case_mix import case_mix
from indicators.queries.comparison.funnel_comparison import Comparison, compare_structures
from indicators.snapshot import Snapshot


def draw(context: PageContext, snapshot: Snapshot) -> None:
    """Draw the choices, then the comparison."""
    t, choice = context.t, parse_params(context, snapshot)
    choose_scope(context, snapshot, choice)
    with st.container(horizontal=True, key="choices-what", vertical_alignment="bottom"):
        choose_indicator(context, snapshot, choice)
        choose_period(context, snapshot, choice, choice.indicator)
    comparison = _load_comparison(context, snapshot, choice)
    if comparison.rows.is_empty():
        draw_html(notice(t("compare.nobody")))
        return
    fragment(context, snapshot, _render_funnel)
    draw_html(excluded_html(context, snapshot, comparison) + case_mix_note(context, snapshot, comparison))
    fragment(context, snapshot, _render_table)
    render_download(context, snapshot, comparison)


def _load_comparison(context: PageContext, snapshot: Snapshot, choice: ComparisonChoice) -> Comparison:
    return compare_structures(
        context.query(snapshot, context.members_audience), choice.scope, choice.indicator, choice.span
    )


def _render_funnel(context: PageContext, snapshot: Snapshot) -> None:
    """Draw the funnel and the details of the structure selected in it; runs as a fragment of its own."""
    t = context.t
    choice = parse_params(context, snapshot)
    comparison = _load_comparison(context, snapshot, choice)
    names = {structure: snapshot.structures[structure].name for structure in comparison.rows["structure"]}
    selected = choice.structure if choice.structure in names else None
    if comparison.funnel is None:
        draw_html(notice(t(f"compare.not_sampled.{choice.indicator.case_kind}")))
    elif comparison.funnel.share is None:
        draw_html(notice(t("compare.none_shown")))
    else:
        name = scope_name(context, snapshot, choice.scope)
        key = (snapshot.tag, "funnel", choice.indicator.id, choice.span, choice.scope, selected)
        # Structure codes are plain ASCII: they can be appended to an address without encoding.
        structure_url = context.link_ending("structure", "structure", periode=choice.quarter.code)

        def build() -> Chart:
            return funnel_chart(comparison, names, t, name=name, selected=selected, url_prefix=structure_url)

        context.draw_chart(build, *key, structure_url, large=len(names) > MAX_DETAILED_POINTS)
        draw_html(_reading_notes(context, comparison))
    with st.container(horizontal=True, key="choices-one", vertical_alignment="bottom"):
        context.choose("structure", t("compare.structure"), list(names), names.__getitem__)
    if choice.structure and not selected:
        structure = snapshot.structures.as_of(choice.span.end)[choice.structure]
        reason = "outside" if choice.indicator.applies_to(structure.kind) else "not_applicable"
        draw_html(notice(t(f"compare.one.{reason}", name=structure.name)))
    if selected:
        case_mix_rows = case_mix(
            context.query(snapshot, context.members_audience), choice.scope.perimeter, choice.quarter
        )
        draw_html(structure_details(context, snapshot, comparison, case_mix_rows, selected))


def _reading_notes(context: PageContext, comparison: Comparison) -> Markup:
    """Explain the curves and, if over-dispersed, how many structures remain outside the widened limits."""
    t, funnel = context.t, comparison.funnel
    sentences = [t("compare.how")]
    if funnel and funnel.is_over_dispersed:
        outside_widened = int(
            comparison.plotted_rows["widened"].is_in([FunnelVerdict.WATCH, FunnelVerdict.SIGNAL]).sum()
        )
        outside_limits = format_count(int(comparison.plotted_rows["side"].is_not_null().sum()), context.language)
        sentences.append(t("compare.dispersed", count=outside_widened, marked=outside_limits))
    return join(markup('<p class="under">{}</p>', sentence) for sentence in sentences)


def _render_table(context: PageContext, snapshot: Snapshot) -> None:
    """Draw the data table of the funnel; runs as a fragment of its own, for its pagination."""
    choice = parse_params(context, snapshot)
    comparison = _load_comparison(context, snapshot, choice)
    case_mix_rows = case_mix(context.query(snapshot, context.members_audience), choice.scope.perimeter, choice.quarter)
    cache_key = (choice.scope, choice.indicator.id, choice.span, choice.quarter, context.today)
    render_table(context, snapshot, comparison, case_mix_rows, *cache_key)
