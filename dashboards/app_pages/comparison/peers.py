"""One structure beside its peers over time: small lines on one scale, in the order of names."""

from typing import Final

import streamlit as st

from dashboards.app_pages.comparison.filters import AUDIENCE, Chosen, choose_indicator, choose_when, read
from dashboards.app_pages.comparison.table import sheet_of
from dashboards.app_pages.page_context import Visit
from dashboards.components.html import Cell, details, heading, link, notice, table, text
from dashboards.components.small_multiples import Small, rows_of, small_multiples
from dashboards.wording import formatting as numbers
from indicators.definitions.periods import Span
from indicators.network import Reading
from indicators.queries.comparison.peers import Peers, histories, peers, together
from indicators.queries.comparison.scope import Among

PERIODS: Final = 12
"""Points of each small line."""


def draw(visit: Visit, reading: Reading) -> None:
    """Draw the choices, whom the structure is shown beside and why, and the lines."""
    words, chosen = visit.words, read(visit, reading)
    everybody = {structure.id: structure.name for structure in Among().structures(reading)}
    with st.container(horizontal=True, key="choices-what", vertical_alignment="bottom"):
        visit.choose("structure", words("compare.structure.of"), list(everybody), everybody.__getitem__)
        choose_indicator(visit, reading, chosen)
        choose_when(visit, reading, chosen, chosen.indicator)
    if chosen.structure is None:
        st.html(notice(words("compare.peers.choose")))
        return
    structure, indicator = reading.structures.at(chosen.span.end)[chosen.structure], chosen.indicator
    if not indicator.applies_to(structure.kind):
        st.html(notice(words("compare.peers.not_applicable", name=structure.name)))
        return
    found = peers(reading, structure, chosen.quarter, AUDIENCE, visit.today)
    spans = [chosen.span.shifted(step - PERIODS + 1) for step in range(PERIODS)]
    figures = histories(reading, found.members, indicator, spans, AUDIENCE, visit.today)
    whole = together(figures) if indicator.aggregation == "ratio" else {}
    shares = {code: share * indicator.scale for code, share in whole.items()}
    lines = [
        Small(member.name, sheet_of(visit, indicator, member.id, chosen.span), member.id == structure.id, values)
        for member, values in rows_of(found.members, figures, spans)
    ]
    drawn = any(value is not None for line in lines for value in line.values)
    st.html(_title(visit, found, chosen, drawn=drawn))
    if len(lines) == 1:
        st.html(notice(words("compare.peers.none")))
    if not drawn:
        told = words("compare.peers.nothing.at_all", count=PERIODS, during=numbers.during(chosen.span, words))
        st.html(notice(told, link(visit.here(affichage=None), words("compare.peers.why"))))
        return
    st.html(small_multiples(lines, spans, shares, indicator, words))
    st.html(details(words("table.open"), table(*_twin(visit, lines, spans, chosen))))


def _title(visit: Visit, found: Peers, chosen: Chosen, *, drawn: bool) -> str:
    """Say whose peers these are and, of those that are drawn, how many, and by what they were taken."""
    words, structure = visit.words, found.structure
    title = words("compare.peers.title", label=chosen.indicator.label(visit.language), name=structure.name)
    others = len(found.members) - 1
    if not (others and drawn):
        return heading(2, title)
    conditions = [words("compare.peers.by.kind", kind=words(f"kind.{structure.kind}"))]
    if found.size is not None:
        size = numbers.count(found.size, visit.language)
        conditions.append(words(f"compare.peers.by.size.{found.sized_by}", size=size))
    if found.same_region:
        conditions.append(words("compare.peers.by.region"))
    let_go = [
        words(f"compare.peers.let_go.{name}")
        for name, kept in (("size", found.size is not None), ("region", found.same_region))
        if not kept
    ]
    told = [words("compare.peers.who", count=others, conditions=words("list.separator").join(conditions))]
    if let_go:
        told.append(words("compare.peers.let_go", what=words("compare.peers.and").join(let_go)))
    if found.more:
        told.append(words("compare.peers.more", count=found.more))
    return heading(2, title, text(" ".join(told)))


def _twin(
    visit: Visit, lines: list[Small], spans: list[Span], chosen: Chosen
) -> tuple[str, list[str], list[list[Cell]]]:
    """Return the caption, headers and rows of the table of the same figures."""
    words, indicator = visit.words, chosen.indicator
    headers = [words("compare.column.structure"), *(numbers.short_period(span, words) for span in spans)]
    rows = [
        [
            Cell(link(line.address, line.name)),
            *(
                Cell("–" if value is None else text(numbers.amount(value, indicator, words)), numeric=True)
                for value in line.values
            ),
        ]
        for line in lines
    ]
    when = numbers.period(spans[-1], words)
    return words("table.caption", label=indicator.label(visit.language), name=when), headers, rows
