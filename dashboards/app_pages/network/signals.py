"""The signals of a quarter across the network: counts for the public, a list by name for members. Not a ranking."""

from collections import Counter
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages.page_context import MANAGEMENT_VIEW, VIEW_PARAM, PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, heading, join, link, markup, pictogram, table
from dashboards.wording.figure_sentences import movement_pictogram, special_cause_sentence
from dashboards.wording.formatting import format_during, format_period
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.roles import Right
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import Variation
from indicators.judgement.cusum import Grade
from indicators.judgement.special_causes import Signal
from indicators.queries.comparison.network_signals import NetworkSignals, find_network_signals
from indicators.snapshot import Snapshot

ALL_INDICATORS: Final = "tous"
SIGNALS_PARAM: Final = "signaux"
ROWS_PER_PAGE: Final = 50
"""Signals listed on one page."""


def draw(
    context: PageContext, snapshot: Snapshot, *, chosen: Indicator, quarter: Period, perimeter: Perimeter = NETWORK
) -> None:
    """Render the signals of a quarter in a perimeter, for the chosen indicator or, if a member asks for it, for all.

    By name they are for those who may compare the structures of the perimeter, made of what these show to them.
    """
    t, audience = context.t, context.members_audience
    is_member = audience is Audience.NETWORK
    names_structures = is_member or context.visitor.may(Right.COMPARE, perimeter, snapshot.structures)
    draw_html(heading(2, t("signals.title", period=format_period(quarter, t)), t("signals.under")))
    if is_member:
        label = chosen.label(context.language)
        with st.container(horizontal=True, key="choices-signals"):
            context.segmented(
                SIGNALS_PARAM, t("signals.which"), {"": label, ALL_INDICATORS: t("signals.all")}, clears=("page",)
            )
    shows_all = is_member and context.params.get(SIGNALS_PARAM) == ALL_INDICATORS
    with st.spinner(t("signals.wait")):
        indicators = [sheet for sheet in snapshot.catalogue if audience.sees(sheet.audience)] if shows_all else [chosen]
        found_signals = find_network_signals(context.query(snapshot, audience), indicators, quarter, perimeter)
        draw_html(_summary_html(context, found_signals, quarter))
        if names_structures and found_signals.rows.height:
            _render_list(context, snapshot, found_signals, quarter)


def _summary_html(context: PageContext, found_signals: NetworkSignals, quarter: Period) -> Markup:
    """Return how many points signal, among how many series, and how many chance alone would produce."""
    t, period = context.t, format_period(quarter, context.t)
    if not found_signals.tested:
        return markup("<p>{}</p>", t("signals.none_judged", during=format_during(quarter, t)))
    series = t("signals.series", count=found_signals.tested)
    key = "signals.told" if found_signals.rows.height else "signals.none"
    sentence = t(key, count=found_signals.rows.height, period=period, series=series)
    sentence += (
        t("signals.chance", count=found_signals.expected_by_chance)
        if found_signals.expected_by_chance
        else t("signals.chance.less")
    )
    variation_counts = Counter(found_signals.rows["variation"])
    kinds = ""
    for kind in filter(variation_counts.get, Variation):
        sign = pictogram(movement_pictogram(kind, Side.ABOVE if kind is Variation.HIGH else Side.BELOW))
        kinds += markup(
            "<li>{}<span>{}</span></li>", sign, t(f"signals.variation.{kind}", count=variation_counts[kind])
        )
    return markup("<p>{}</p>", sentence) + (markup('<ul class="signs">{}</ul>', kinds) if kinds else "")


def _render_list(context: PageContext, snapshot: Snapshot, found_signals: NetworkSignals, quarter: Period) -> None:
    """List the signals in the order of structure names, each with a link to its series."""
    t = context.t
    first = context.paginate(ROWS_PER_PAGE, found_signals.rows.height)
    rows = []
    for row in found_signals.rows.slice(first, ROWS_PER_PAGE).iter_rows(named=True):
        structure, indicator = snapshot.structures[row["structure"]], snapshot.catalogue[row["indicator"]]
        indicator_url = context.link(
            "indicateur",
            indicateur=indicator.id,
            structure=structure.id,
            periode=quarter.code,
            **{VIEW_PARAM: MANAGEMENT_VIEW},
        )
        board_url = context.link("structure", structure=structure.id, periode=quarter.code)
        side = Side(row["side"])
        grade = Grade(row["grade"]) if row["grade"] else None
        cause_sentence = special_cause_sentence(
            Signal(row["signal"]), side, indicator.frequency, t, Period.parse(row["since"]), grade
        )
        sign = pictogram(movement_pictogram(Variation(row["variation"]), side))
        variation_label = t(f"said.variation.{row['variation']}")
        rows.append(
            [
                HtmlCell(link(board_url, structure.name)),
                HtmlCell(link(indicator_url, indicator.label(context.language))),
                HtmlCell(join((sign, t("signals.row", variation=variation_label, said=cause_sentence)))),
            ]
        )
    headers = [t(f"table.{name}") for name in ("structure", "indicator", "signal")]
    draw_html(table(t("signals.caption", period=format_period(quarter, t)), headers, rows))
