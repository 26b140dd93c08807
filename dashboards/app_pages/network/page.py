"""The network: its headline figures, who delivered, one indicator over time and by region, and its structures."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Final

import streamlit as st

from dashboards.app_pages import structures_list
from dashboards.app_pages.error_handling import part
from dashboards.app_pages.network import indicator as network_indicator
from dashboards.app_pages.page_context import Visit
from dashboards.components.html import heading, notice, text
from dashboards.components.tiles import grid, tile
from dashboards.wording import formatting as numbers
from dashboards.wording.figure_sentences import reasons
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.periods import Period
from indicators.network import Reading
from indicators.queries.deposits.deliveries import Delivery, collection, deliveries, quarters
from indicators.queries.figures.assessed_board import Judged, judged_board

HEADLINE_FAMILIES: Final = ("insertion", "contracts", "actions", "participation")
HEADLINES_OF_A_FAMILY: Final = 2


def page(visit: Visit) -> None:
    """Draw the network in the quarter of the address."""
    words = visit.words
    with visit.house.network.reading() as reading:
        periods = quarters(reading)
        st.html(heading(1, words("network.title"), text(words("network.intro"))))
        if not periods:
            st.html(visit.nothing("empty.measures" if reading.structures.by_id else "empty.structures"))
            return
        quarter = visit.quarter(periods)
        with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
            visit.choose_quarter(periods, quarter)
        tiles, delivered = tiles_of(reading, quarter, visit.today), delivered_of(reading, quarter)
        due = reading.campaigns.of(quarter).due
        st.html(_headlines(visit, tiles, quarter) + _deliveries(visit, delivered, quarter, due))
        place = st.container()
        st.html(heading(2, words("network.structures", count=len(reading.structures))))
        structures_list.draw(visit, reading)
        # Drawn last: of a large network it takes a while, the first time, and nothing else should wait for it.
        with place:
            part(visit, reading, partial(network_indicator.draw, tiles=tiles, quarter=quarter))


def tiles_of(reading: Reading, quarter: Period, today: date) -> Sequence[Judged]:
    """Return the network's public board in a quarter, kept for the version."""
    return reading.once(
        f"pages network {quarter} {today}",
        lambda: judged_board(reading, NETWORK, NETWORK, quarter, Audience.PUBLIC, today),
    )


def delivered_of(reading: Reading, quarter: Period) -> Sequence[Delivery]:
    """Return who delivered a quarter, kept for the version."""
    return reading.once(f"pages deliveries {quarter}", lambda: deliveries(reading, NETWORK, quarter))


def _headlines(visit: Visit, tiles: Sequence[Judged], quarter: Period) -> str:
    """Return the first figures of the families that matter most, or else the first there are, as larger tiles."""
    chosen = []
    for family in HEADLINE_FAMILIES:
        shown = [one for one in tiles if one.indicator.family == family and one.figure.shown]
        chosen += shown[:HEADLINES_OF_A_FAMILY]
    chosen = chosen or [one for one in tiles if one.figure.shown][:HEADLINES_OF_A_FAMILY]
    if not chosen:
        why = reasons([one.figure for one in tiles], visit.words, "indicator", several=True)
        said = visit.words("network.nothing", during=numbers.during(quarter, visit.words))
        return notice(said, *map(text, why))
    drawn = [
        tile(one, visit.words, visit.link("indicateur", indicateur=one.indicator.id, periode=quarter.code))
        for one in chosen
    ]
    when = numbers.during(quarter, visit.words)
    return heading(2, visit.words("network.headlines", during=when)) + grid(drawn, large=True)


def _deliveries(visit: Visit, expected: Sequence[Delivery], quarter: Period, due: date) -> str:
    """Say how many structures delivered, of those expected, how many in time, and until when the others may."""
    words, found = visit.words, collection(expected)
    if not expected:
        return f"<p>{text(words('deliveries.nobody', period=numbers.period(quarter, words)))}</p>"
    received = found.delivered
    period = numbers.period(quarter, words)
    told = words("deliveries.told", count=received, expected=len(expected), period=period)
    if visit.today <= due and received < len(expected):
        told += words("deliveries.until", day=numbers.day(due, words))
    share = round(100 * received / len(expected))
    cells = ""
    if received:
        required = numbers.count(found.required, visit.language)
        told_so = words("deliveries.on_time", count=found.on_time)
        # Who sent figures that nobody expects is in the list all the same: 0 of 0 says nothing.
        told_so += words("deliveries.cells", count=found.filled, required=required) if found.required else "."
        cells = f'<p class="under">{text(told_so)}</p>'
    return (
        f'<div class="deliveries"><p>{text(told)}</p>'
        f'<div class="gauge" aria-hidden="true"><span style="width:{share}%"></span></div>{cells}</div>'
    )
