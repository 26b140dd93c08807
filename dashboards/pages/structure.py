"""The board of one structure: its public figures by family and, for its own people, those of management."""

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from dashboards import numbers
from dashboards.markup import facts, heading, notice, text
from dashboards.pages import structures_list
from dashboards.tiles import family, tile
from dashboards.visit import Visit
from indicators.network import Reading
from indicators.perimeters import Level, Perimeter, Structure
from indicators.periods import Period
from indicators.questions.board import Tile, board
from indicators.questions.deliveries import quarters


def page(visit: Visit) -> None:
    """Draw the board of the structure of the address, or let the reader choose one."""
    words = visit.words
    with visit.house.network.reading() as reading:
        if not reading.structures.by_id:
            st.html(heading(1, words("structure.title")) + visit.nothing("empty.structures"))
            return
        chosen = visit.address.get("structure")
        if chosen is None:
            st.html(heading(1, words("structure.title"), text(words("structure.choose"))))
            structures_list.draw(visit, reading)
            return
        structure = reading.structures[chosen]
        visit.entitle(structure.name)
        periods = quarters(reading)
        if not periods:
            st.html(_header(visit, reading, structure) + visit.nothing("empty.measures"))
            return
        quarter = visit.quarter(periods)
        tiles = board(reading, Perimeter(Level.STRUCTURE, chosen), quarter, visit.audience, visit.today)

    st.html(_header(visit, reading, structure))
    with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
        visit.choose(
            "periode",
            words("choose.period"),
            [period.code for period in periods],
            lambda code: numbers.period(Period.parse(code), words),
            default=quarter.code,
        )
        if visit.may_manage:
            visit.switch_view()
    if not tiles:
        st.html(notice(words("structure.no_indicator")))
    st.html(_families(visit, tiles, structure, quarter))


def _header(visit: Visit, reading: Reading, structure: Structure) -> str:
    words, region = visit.words, reading.regions.get(structure.region)
    told = [
        (words("structure.kind"), text(words(f"kind.{structure.kind}"))),
        (words("structure.region"), text(region.name(visit.language) if region else structure.region)),
    ]
    if structure.group_name:
        told.append((words("structure.group"), text(structure.group_name)))
    if structure.opened_on:
        told.append((words("structure.since"), str(structure.opened_on.year)))
    if structure.closed_on:
        told.append((words("structure.closed"), text(numbers.day(structure.closed_on, words))))
    return heading(1, structure.name) + facts(told, brief=True)


def _families(visit: Visit, tiles: Sequence[Tile], structure: Structure, quarter: Period) -> str:
    """Return every tile under the name of its family, as one block of HTML."""
    blocks = []
    for name, members in groupby(tiles, key=lambda shown: shown.indicator.family):
        drawn = [
            tile(
                shown,
                visit.words,
                visit.link("indicateur", indicateur=shown.indicator.id, structure=structure.id, periode=quarter.code),
            )
            for shown in members
        ]
        blocks.append(family(visit.words(f"family.{name}"), drawn))
    return f'<div class="board">{"".join(blocks)}</div>'
