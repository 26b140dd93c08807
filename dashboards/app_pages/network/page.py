"""The network's page: headline figures, deliveries, one indicator over time and by region, the list of structures."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages import structures_list
from dashboards.app_pages.error_handling import fragment
from dashboards.app_pages.network import indicator as network_indicator
from dashboards.app_pages.page_context import PageContext
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, heading, markup, notice
from dashboards.components.tiles import grid_html, tile_html
from dashboards.wording.figure_sentences import count_reasons
from dashboards.wording.formatting import format_count, format_day, format_during, format_period
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.periods import Period
from indicators.queries.deposits.deliveries import Delivery, find_deliveries, reported_quarters, summarise_deliveries
from indicators.queries.figures.assessed_board import AssessedFigure, assess_board
from indicators.snapshot import QueryContext, Snapshot, per_version

HEADLINE_FAMILIES: Final = ("insertion", "contracts", "actions", "participation")
HEADLINES_OF_A_FAMILY: Final = 2


def render(context: PageContext) -> None:
    """Render the network in the quarter of the address."""
    t = context.t
    with context.app_state.network.snapshot() as snapshot:
        periods = reported_quarters(snapshot)
        draw_html(heading(1, t("network.title"), t("network.intro")))
        if not periods:
            draw_html(context.empty_state("empty.measures" if snapshot.structures.by_id else "empty.structures"))
            return
        quarter = context.selected_quarter(periods)
        with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
            context.choose_quarter(periods, quarter)
        tiles, expected = network_board(snapshot, quarter, context.today), quarter_deliveries(snapshot, quarter)
        due_date = snapshot.campaigns.for_period(quarter).due
        draw_html(_headlines_html(context, tiles, quarter) + _deliveries_html(context, expected, quarter, due_date))
        placeholder = st.container()
        draw_html(heading(2, t("network.structures", count=len(snapshot.structures))))
        structures_list.draw(context, snapshot)
        # Rendered last: slow the first time on a large network, and nothing else should wait for it.
        with placeholder:
            fragment(context, snapshot, partial(network_indicator.draw, tiles=tiles, quarter=quarter))


@per_version
def network_board(snapshot: Snapshot, quarter: Period, today: date) -> Sequence[AssessedFigure]:
    """Return the network's public board in a quarter."""
    return assess_board(QueryContext(snapshot, Audience.PUBLIC, today), NETWORK, NETWORK, quarter)


@per_version
def quarter_deliveries(snapshot: Snapshot, quarter: Period) -> Sequence[Delivery]:
    """Return the deliveries of a quarter by structure."""
    return find_deliveries(snapshot, NETWORK, quarter)


def _headlines_html(context: PageContext, tiles: Sequence[AssessedFigure], quarter: Period) -> Markup:
    """Return the first figures of the headline families, else the first published ones, as large tiles."""
    headlines = []
    for family in HEADLINE_FAMILIES:
        shown_tiles = [one for one in tiles if one.indicator.family == family and one.figure.shown]
        headlines += shown_tiles[:HEADLINES_OF_A_FAMILY]
    headlines = headlines or [one for one in tiles if one.figure.shown][:HEADLINES_OF_A_FAMILY]
    if not headlines:
        explanations = count_reasons([one.figure for one in tiles], context.t, "indicator", are_aggregates=True)
        sentence = context.t("network.nothing", during=format_during(quarter, context.t))
        return notice(sentence, *explanations)
    tile_blocks = [
        tile_html(one, context.t, context.link("indicateur", indicateur=one.indicator.id, periode=quarter.code))
        for one in headlines
    ]
    period_phrase = format_during(quarter, context.t)
    return heading(2, context.t("network.headlines", during=period_phrase)) + grid_html(tile_blocks, large=True)


def _deliveries_html(context: PageContext, expected: Sequence[Delivery], quarter: Period, due_date: date) -> Markup:
    """Return how many of the expected structures delivered, how many on time, and until when the others may."""
    t, totals = context.t, summarise_deliveries(expected)
    if not expected:
        return markup("<p>{}</p>", t("deliveries.nobody", period=format_period(quarter, t)))
    received = totals.delivered
    period = format_period(quarter, t)
    sentence = t("deliveries.told", count=received, expected=len(expected), period=period)
    if context.today <= due_date and received < len(expected):
        sentence += t("deliveries.until", day=format_day(due_date, t))
    share = round(100 * received / len(expected))
    details_html = NO_HTML
    if received:
        required = format_count(totals.required, context.language)
        details = t("deliveries.on_time", count=totals.on_time)
        # Structures that sent unexpected figures are counted too, with nothing required: « 0 of 0 » would say nothing.
        details += t("deliveries.cells", count=totals.filled, required=required) if totals.required else "."
        details_html = markup('<p class="under">{}</p>', details)
    return markup(
        '<div class="deliveries"><p>{}</p>'
        '<div class="gauge" aria-hidden="true"><span style="width:{}%"></span></div>{}</div>',
        sentence,
        share,
        details_html,
    )
