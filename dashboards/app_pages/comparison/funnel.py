"""The funnel of an indicator: what stands apart, who is left out and why, one structure on demand, the table twin."""

import streamlit as st

from dashboards.app_pages.comparison.filters import (
    AUDIENCE,
    Chosen,
    choose_indicator,
    choose_when,
    choose_whom,
    name_of,
    read,
)
from dashboards.app_pages.comparison.table import left_out, mixed_note, one_structure, pages, save
from dashboards.app_pages.error_handling import part
from dashboards.app_pages.page_context import Chart, Visit
from dashboards.charts.funnel import MANY, funnel_chart
from dashboards.components.html import notice, text
from dashboards.wording import formatting as numbers
from indicators.judgement.funnel import Verdict
from indicators.network import Reading
from indicators.queries.comparison.case_mix import case_mix
from indicators.queries.comparison.funnel_comparison import Comparison, comparison


def draw(visit: Visit, reading: Reading) -> None:
    """Draw the choices and the comparison they lead to."""
    words, chosen = visit.words, read(visit, reading)
    choose_whom(visit, reading, chosen)
    with st.container(horizontal=True, key="choices-what", vertical_alignment="bottom"):
        choose_indicator(visit, reading, chosen)
        choose_when(visit, reading, chosen, chosen.indicator)
    compared = _compared(visit, reading, chosen)
    if compared.rows.is_empty():
        st.html(notice(words("compare.nobody")))
        return
    part(visit, reading, _funnel)
    st.html(left_out(visit, reading, compared) + mixed_note(visit, reading, compared))
    part(visit, reading, _table)
    save(visit, reading, compared)


def _compared(visit: Visit, reading: Reading, chosen: Chosen) -> Comparison:
    return comparison(reading, chosen.among, chosen.indicator, chosen.span, AUDIENCE, visit.today)


def _funnel(visit: Visit, reading: Reading) -> None:
    """Draw the funnel, and the structure that the reader looks for in it: looking for another draws this anew."""
    words = visit.words
    chosen = read(visit, reading)
    compared = _compared(visit, reading, chosen)
    names = {structure: reading.structures[structure].name for structure in compared.rows["structure"]}
    one = chosen.structure if chosen.structure in names else None
    if compared.funnel is None:
        st.html(notice(words(f"compare.not_sampled.{chosen.indicator.case_kind}")))
    elif compared.funnel.share is None:
        st.html(notice(words("compare.none_shown")))
    else:
        name = name_of(visit, reading, chosen.among)
        key = (reading.tag, "funnel", chosen.indicator.id, chosen.span, chosen.among, one)
        # Codes of structures are of plain letters: they can be added to an address as they are.
        address = visit.link_ending("structure", "structure", periode=chosen.quarter.code)

        def make() -> Chart:
            return funnel_chart(compared, names, words, name=name, chosen=one, address=address)

        visit.draw(make, *key, address, large=len(names) > MANY)
        st.html(_how_to_read(visit, compared))
    with st.container(horizontal=True, key="choices-one", vertical_alignment="bottom"):
        visit.choose("structure", words("compare.structure"), list(names), names.__getitem__)
    if chosen.structure and not one:
        structure = reading.structures.at(chosen.span.end)[chosen.structure]
        why = "outside" if chosen.indicator.applies_to(structure.kind) else "not_applicable"
        st.html(notice(words(f"compare.one.{why}", name=structure.name)))
    if one:
        mix = case_mix(reading, chosen.among.perimeter, chosen.quarter, AUDIENCE, visit.today)
        st.html(one_structure(visit, reading, compared, mix, one))


def _how_to_read(visit: Visit, compared: Comparison) -> str:
    """Say what the curves are and, where the structures differ by more than chance, what remains once that is known."""
    words, drawn = visit.words, compared.funnel
    told = [words("compare.how")]
    if drawn and drawn.over_dispersed:
        remain = int(compared.compared["widened"].is_in([Verdict.WATCH, Verdict.SIGNAL]).sum())
        marked = numbers.count(int(compared.compared["side"].is_not_null().sum()), visit.language)
        told.append(words("compare.dispersed", count=remain, marked=marked))
    return "".join(f'<p class="under">{text(sentence)}</p>' for sentence in told)


def _table(visit: Visit, reading: Reading) -> None:
    """Draw the table of the same figures; its pages are turned without anything else being drawn anew."""
    chosen = read(visit, reading)
    compared = _compared(visit, reading, chosen)
    mix = case_mix(reading, chosen.among.perimeter, chosen.quarter, AUDIENCE, visit.today)
    known_by = (chosen.among, chosen.indicator.id, chosen.span, chosen.quarter, visit.today)
    pages(visit, reading, compared, mix, *known_by)
