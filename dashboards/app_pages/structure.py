"""The board of one structure: its public figures by family and, for its own people, those of management."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import streamlit as st

from dashboards.app_pages import structures_list
from dashboards.app_pages.indicator.page import perimeter_name
from dashboards.app_pages.page_context import Visit
from dashboards.app_pages.unpublished import ADDRESS
from dashboards.components.html import facts, heading, notice, pictogram, text
from dashboards.components.tiles import family, tile
from dashboards.wording import formatting as numbers
from dashboards.wording.figure_sentences import change
from indicators.definitions.perimeters import Level, Perimeter, Structure
from indicators.definitions.periods import Period
from indicators.figures.year_on_year import YearOnYear
from indicators.network import Reading
from indicators.queries.deposits.deliveries import quarters
from indicators.queries.figures.assessed_board import Judged, judged_board, peers_of
from indicators.queries.figures.changes import changes
from indicators.queries.figures.withheld import Rules, withheld_from_public

PEERS: Final = "pairs"
SAME_KIND: Final = "type"


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
        if "periode" in visit.address:
            visit.entitle(f"{structure.name} – {numbers.period(quarter, words)}")
        own = Perimeter(Level.STRUCTURE, structure.id)
        # How a figure stands to its peers is told to those who manage the structure alone.
        peers = _peers(visit, reading, structure, quarter) if visit.manages else own
        # Many look at the same boards; what is drawn of one, some 30 KB, is told by these.
        told_by = (structure.id, peers, quarter, visit.audience, words.language, visit.today)
        board = reading.once(("board page", *told_by), lambda: _board(visit, reading, structure, peers, quarter))

    st.html(_header(visit, reading, structure))
    with st.container(horizontal=True, key="choices", vertical_alignment="bottom"):
        visit.choose_quarter(periods, quarter)
        if visit.may_manage:
            visit.switch_view()
        if visit.manages:
            visit.switch(
                PEERS,
                words("structure.peers"),
                {"": words("structure.peers.network"), SAME_KIND: words("structure.peers.kind")},
            )
    st.html(board)


def _peers(visit: Visit, reading: Reading, structure: Structure, quarter: Period) -> Perimeter:
    """Return whom the address compares the structure with."""
    same_kind = visit.address.get(PEERS) == SAME_KIND
    return peers_of(reading, structure.id, same_kind=same_kind, on=quarter.end)


def _board(visit: Visit, reading: Reading, structure: Structure, peers: Perimeter, quarter: Period) -> str:
    """Return all the figures of a structure in a quarter, and what must be known to read them.

    Compared with itself, it is with nobody.
    """
    words, own = visit.words, Perimeter(Level.STRUCTURE, structure.id)
    tiles = judged_board(reading, own, peers, quarter, visit.audience, visit.today)
    if not tiles:
        return notice(words("structure.no_indicator"))
    before = "" if structure.open_during(quarter) else _not_open(visit, structure, quarter)
    if visit.manages:
        before += f'<p class="under">{text(words("structure.view.management"))}</p>'
    rules = withheld_from_public(reading, own, [one.indicator for one in tiles], visit.audience)
    figures = before + _changed(visit, tiles, quarter) + _families(visit, tiles, structure, quarter, rules)
    if not visit.manages:
        return figures
    compared = any(judged.reference for judged in tiles)
    among = perimeter_name(visit, reading, peers)
    said = words("structure.reference" if compared else "structure.reference.none", name=among)
    return f'{figures}<p class="under">{text(said)}</p>'


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
    former = words("list.separator").join(reading.structures.former_names(structure.id))
    below = text(words("structure.formerly", names=former)) if former else ""
    return heading(1, structure.name, below) + facts(told, brief=True)


def _not_open(visit: Visit, structure: Structure, quarter: Period) -> str:
    """Say that a structure was closed by then, or not open yet: that is why most tiles are empty."""
    words, closed, opened = visit.words, structure.closed_on, structure.opened_on
    if closed is not None and closed < quarter.start:
        return notice(words("structure.was_closed", day=numbers.day(closed, words)))
    day = numbers.day(opened, words) if opened else ""
    return notice(words("structure.not_open", day=day))


def _changed(visit: Visit, tiles: Sequence[Judged], quarter: Period) -> str:
    """Return what changed since the quarter before, and in a year, when it is more than chance."""
    words = visit.words
    told = [change(found, words) for found in changes(tiles, quarter)]
    comparable = any(_has_past(one, quarter) for one in tiles)
    listed = "".join(f"<li>{pictogram(sign)}<span>{text(said)}</span></li>" for sign, said in told)
    body = (
        f'<ul class="changes">{listed}</ul>'
        if told
        else f"<p>{text(words('since.nothing' if comparable else 'since.no_past'))}</p>"
    )
    title = words(
        "since.title",
        quarter=numbers.period(quarter.shifted(-1), words),
        year=numbers.period(quarter.year_earlier, words),
    )
    return f'<section class="changed">{heading(2, title)}{body}</section>'


def _has_past(judged: Judged, quarter: Period) -> bool:
    """Whether a figure of the quarter and the one before it, or that of a year earlier, are both shown."""
    before = judged.series[-2].shown if len(judged.series) > 1 else None
    known = before is not None or isinstance(judged.year_on_year, YearOnYear)
    return judged.figure.period.end == quarter.end and judged.figure.shown is not None and known


def _families(visit: Visit, tiles: Sequence[Judged], structure: Structure, quarter: Period, rules: Rules) -> str:
    """Return every tile under the name of its family, as one block of HTML."""
    blocks = []
    for name, members in groupby(tiles, key=lambda shown: shown.indicator.family):
        drawn = [
            tile(
                shown,
                visit.words,
                visit.link("indicateur", indicateur=shown.indicator.id, structure=structure.id, periode=quarter.code),
                rules.get((shown.indicator.id, shown.figure.period.code)),
                why=visit.link(ADDRESS, periode=quarter.code),
                manage=visit.manages,
            )
            for shown in members
        ]
        blocks.append(family(visit.words(f"family.{name}"), drawn))
    return f'<div class="board">{"".join(blocks)}</div>'
