"""The network's page: headline figures, deliveries, one indicator over time and by region, the list of structures.

It follows its reader: whoever has a role on a part of the network finds that part's figures first.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboards.app_pages import archive, structures_list
from dashboards.app_pages.board_parts import deliveries_html
from dashboards.app_pages.error_handling import fragment
from dashboards.app_pages.network import indicator as network_indicator
from dashboards.app_pages.network.opening import opening_indicator, opening_quarter
from dashboards.app_pages.page_context import PERIOD_PARAM, PageContext, board_url, indicator_url
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, heading, join, link, markup, notice
from dashboards.components.tiles import grid_html, tile_html
from dashboards.web.access_key import DemoAccess
from dashboards.wording.figure_sentences import count_reasons
from dashboards.wording.formatting import format_during
from dashboards.wording.perimeter_names import capitalize_name, name_perimeter
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.roles import Right
from indicators.errors import UnknownError
from indicators.queries.deposits.deliveries import Delivery, find_deliveries, reported_quarters
from indicators.queries.figures.assessed_board import AssessedFigure, assess_board
from indicators.snapshot import QueryContext, Snapshot, per_version

HEADLINE_FAMILIES: Final = ("insertion", "contracts", "actions", "participation")
HEADLINES_OF_A_FAMILY: Final = 2
ARCHIVE_NAME: Final = "belgium-2010"
"""Name, among the networks that come with the product, of the published figures."""


def render(context: PageContext) -> None:
    """Render the network in the quarter of the address."""
    t = context.t
    with context.app_state.network.snapshot() as snapshot:
        if context.app_state.is_archive:
            archive.draw_home(context.about(NETWORK, snapshot), snapshot)
            return
        periods = reported_quarters(snapshot)
        draw_html(heading(1, t("network.title"), t("network.intro")))
        if not periods:
            draw_html(context.empty_state("empty.measures" if snapshot.structures.by_id else "empty.structures"))
            return
        own = own_perimeter(context, snapshot)
        quarter = _quarter(context, snapshot, periods, own or NETWORK)
        with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
            context.choose_quarter(periods, quarter)
        if own is not None:
            draw_html(_own_html(context, snapshot, own, quarter))
        tiles, expected = network_board(snapshot, quarter, context.today), quarter_deliveries(snapshot, quarter)
        due_date = snapshot.campaigns.for_period(quarter).due
        whole_link = link(board_url(context, NETWORK, periode=quarter.code), t("network.board"))
        draw_html(_headlines_html(context, tiles, quarter) + markup('<p class="links">{}</p>', whole_link))
        draw_html(deliveries_html(context, expected, quarter, due_date))
        placeholder = st.container()
        draw_html(heading(2, t("network.structures", count=len(snapshot.structures))))
        structures_list.draw(context, snapshot)
        if isinstance(context.app_state.access, DemoAccess):
            draw_html(_archive_html(context))
        # Rendered last: slow the first time on a large network, and nothing else should wait for it.
        with placeholder:
            opening = network_opening(snapshot, context.today)
            draw = partial(network_indicator.draw, tiles=tiles, quarter=quarter, opening=opening)
            fragment(context, snapshot, draw)


def _archive_html(context: PageContext) -> Markup:
    """Return the command that opens the figures published in 2010."""
    command = markup("<code>pilotage demo --network {}</code>", ARCHIVE_NAME)
    return markup('<p class="under">{} {}</p>', context.t("archive.named"), command)


@per_version
def network_board(snapshot: Snapshot, quarter: Period, today: date) -> Sequence[AssessedFigure]:
    """Return the network's public board in a quarter."""
    return assess_board(QueryContext(snapshot, Audience.PUBLIC, today), NETWORK, NETWORK, quarter)


@per_version
def network_opening(snapshot: Snapshot, today: date) -> str | None:
    """Return the indicator on which the page opens, whatever the quarter; null if nothing is shown."""
    context = QueryContext(snapshot, Audience.PUBLIC, today)
    quarter = opening_quarter(context, NETWORK)
    tiles = network_indicator.selectable_tiles(network_board(snapshot, quarter, today)) if quarter else {}
    return opening_indicator(context, tiles) if tiles else None


@per_version
def quarter_deliveries(snapshot: Snapshot, quarter: Period) -> Sequence[Delivery]:
    """Return the deliveries of a quarter by structure."""
    return find_deliveries(snapshot, NETWORK, quarter)


@per_version
def _own_board(context: QueryContext, perimeter: Perimeter, quarter: Period) -> Sequence[AssessedFigure]:
    """Return the board of a reader's own perimeter, for their audience there."""
    return assess_board(context, perimeter, perimeter, quarter)


def own_perimeter(context: PageContext, snapshot: Snapshot) -> Perimeter | None:
    """Return the part of the network on which the reader has a role, the first if there are several; null for others.

    Every role follows the deliveries of its perimeter (`RIGHTS`). One that has no structure, or never had, is nobody's.
    """
    perimeters = context.visitor.perimeters(Right.SEE_DELIVERIES)
    if NETWORK in perimeters:
        return None
    return next((perimeter for perimeter in perimeters if _has_structures(snapshot, perimeter)), None)


def _has_structures(snapshot: Snapshot, perimeter: Perimeter) -> bool:
    with suppress(UnknownError):
        return bool(snapshot.structures.members(perimeter))
    return False


def _quarter(context: PageContext, snapshot: Snapshot, periods: Sequence[Period], perimeter: Perimeter) -> Period:
    """Return the quarter of the address, else the one of which the perimeter has most to show (`opening_quarter`)."""
    if PERIOD_PARAM in context.params:
        return context.selected_quarter(periods)
    own_query = context.about(perimeter, snapshot).query(snapshot)
    return opening_quarter(own_query, perimeter) or context.selected_quarter(periods)


def _own_html(context: PageContext, snapshot: Snapshot, perimeter: Perimeter, quarter: Period) -> Markup:
    """Return the headlines of the reader's own perimeter, its deliveries and the way to its board."""
    t, name = context.t, name_perimeter(context.t, snapshot, perimeter)
    own_context = context.about(perimeter, snapshot)
    tiles = _own_board(own_context.query(snapshot), perimeter, quarter)
    title = t("network.own", name=capitalize_name(name), during=format_during(quarter, t))
    headlines = _tiles_html(own_context, _headlines(tiles), perimeter, quarter)
    board = link(board_url(context, perimeter, periode=quarter.code), t("network.own.board", name=name))
    follow_up = link(context.link("suivi", perimetre=perimeter.code, periode=quarter.code), t("board.follow_up"))
    due = snapshot.campaigns.for_period(quarter).due
    return join(
        (
            heading(2, title),
            headlines or notice(t("network.own.nothing", name=name)),
            markup('<p class="links">{} {}</p>', board, follow_up),
            deliveries_html(context, find_deliveries(snapshot, perimeter, quarter), quarter, due),
        )
    )


def _headlines(tiles: Sequence[AssessedFigure]) -> Sequence[AssessedFigure]:
    """Return the first figures of the headline families, else the first of those shown."""
    headlines = []
    for family in HEADLINE_FAMILIES:
        shown_tiles = [one for one in tiles if one.indicator.family == family and one.figure.shown]
        headlines += shown_tiles[:HEADLINES_OF_A_FAMILY]
    return headlines or [one for one in tiles if one.figure.shown][:HEADLINES_OF_A_FAMILY]


def _headlines_html(context: PageContext, tiles: Sequence[AssessedFigure], quarter: Period) -> Markup:
    """Return the headlines of the network as large tiles, or why there are none."""
    headlines = _headlines(tiles)
    if not headlines:
        explanations = count_reasons([one.figure for one in tiles], context.t, "indicator", are_aggregates=True)
        sentence = context.t("network.nothing", during=format_during(quarter, context.t))
        return notice(sentence, *explanations)
    period_phrase = format_during(quarter, context.t)
    title = heading(2, context.t("network.headlines", during=period_phrase))
    return title + _tiles_html(context, headlines, NETWORK, quarter)


def _tiles_html(
    context: PageContext, headlines: Sequence[AssessedFigure], perimeter: Perimeter, quarter: Period
) -> Markup:
    if not headlines:
        return NO_HTML
    tile_blocks = [
        tile_html(one, context.t, indicator_url(context, perimeter, one.indicator.id, quarter)) for one in headlines
    ]
    return grid_html(tile_blocks, large=True)
