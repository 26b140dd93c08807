"""The network: its headline figures, who delivered, one indicator over time and by region, and its structures."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from dashboards import numbers
from dashboards.markup import heading, notice, text
from dashboards.pages import network_indicator, structures_list
from dashboards.parts import alone
from dashboards.tiles import grid, tile
from dashboards.visit import Visit
from indicators.catalogue import Audience
from indicators.figures import DUE_AFTER
from indicators.perimeters import NETWORK
from indicators.periods import Period
from indicators.questions.board import Tile, board
from indicators.questions.deliveries import Delivery, deliveries, quarters

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
            visit.choose(
                "periode",
                words("choose.period"),
                [period.code for period in periods],
                lambda code: numbers.period(Period.parse(code), words),
                default=quarter.code,
            )
        tiles = reading.once(
            f"pages network {quarter} {visit.today}",
            lambda: board(reading, NETWORK, quarter, Audience.PUBLIC, visit.today),
        )
        delivered = reading.once(f"pages deliveries {quarter}", lambda: deliveries(reading, NETWORK, quarter))
        st.html(_headlines(visit, tiles, quarter) + _deliveries(visit, delivered, quarter))
        alone(visit, reading, lambda now, current: network_indicator.draw(now, current, tiles, quarter))
        st.html(heading(2, words("network.structures", count=len(reading.structures))))
        structures_list.draw(visit, reading)


def _headlines(visit: Visit, tiles: Sequence[Tile], quarter: Period) -> str:
    """Return the first figures of the families that matter most, as larger tiles."""
    chosen = []
    for family in HEADLINE_FAMILIES:
        shown = [one for one in tiles if one.indicator.family == family and one.figure.shown]
        chosen += shown[:HEADLINES_OF_A_FAMILY]
    if not chosen:
        return notice(visit.words("network.nothing", during=numbers.during(quarter, visit.words)))
    drawn = [
        tile(one, visit.words, visit.link("indicateur", indicateur=one.indicator.id, periode=quarter.code))
        for one in chosen
    ]
    when = numbers.during(quarter, visit.words)
    return heading(2, visit.words("network.headlines", during=when)) + grid(drawn, large=True)


def _deliveries(visit: Visit, expected: Sequence[Delivery], quarter: Period) -> str:
    """Say how many structures delivered, of those expected, and until when the others may."""
    words = visit.words
    received = sum(delivery.submitted_at is not None for delivery in expected)
    due = quarter.end + DUE_AFTER
    period = numbers.period(quarter, words)
    told = words("deliveries.told", count=received, expected=len(expected), period=period)
    if visit.today <= due and received < len(expected):
        told += words("deliveries.until", day=numbers.day(due, words))
    share = round(100 * received / len(expected)) if expected else 0
    return (
        f'<div class="deliveries"><p>{text(told)}</p>'
        f'<div class="gauge" aria-hidden="true"><span style="width:{share}%"></span></div></div>'
    )
