"""The signals of a quarter across the network: how many for everybody, which ones for its members. By name, no rank."""

from collections import Counter
from typing import Final

import streamlit as st

from dashboards.app_pages.page_context import MANAGEMENT_VIEW, VIEW, Visit
from dashboards.components.html import Cell, heading, link, pictogram, table, text
from dashboards.wording import formatting as numbers
from dashboards.wording.figure_sentences import sign_of, special_cause
from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.periods import Period
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import Variation
from indicators.judgement.cusum import Grade
from indicators.judgement.special_causes import Signal
from indicators.network import Reading
from indicators.queries.comparison.network_signals import Signals, signals

ALL: Final = "tous"
WHICH: Final = "signaux"
ROWS: Final = 50
"""Signals on a page of the list."""


def draw(visit: Visit, reading: Reading, *, chosen: Indicator, quarter: Period) -> None:
    """Say what stands out in a quarter, of the indicator chosen or, to members who ask for it, of all."""
    words, member = visit.words, visit.visitor.audience.sees(Audience.NETWORK)
    audience = Audience.NETWORK if member else Audience.PUBLIC
    st.html(heading(2, words("signals.title", period=numbers.period(quarter, words)), text(words("signals.under"))))
    if member:
        label = chosen.label(visit.language)
        with st.container(horizontal=True, key="choices-signals"):
            visit.switch(WHICH, words("signals.which"), {"": label, ALL: words("signals.all")}, instead_of=("page",))
    every = member and visit.address.get(WHICH) == ALL
    with st.spinner(words("signals.wait")):
        sheets = [sheet for sheet in reading.catalogue if audience.sees(sheet.audience)] if every else [chosen]
        found = signals(reading, sheets, quarter, audience, visit.today)
        st.html(_told(visit, found, quarter))
        if member and found.rows.height:
            _list(visit, reading, found, quarter)


def _told(visit: Visit, found: Signals, quarter: Period) -> str:
    """Say how many points stand out, of how many series, and how many chance alone would give."""
    words, period = visit.words, numbers.period(quarter, visit.words)
    if not found.judged:
        return f"<p>{text(words('signals.none_judged', during=numbers.during(quarter, words)))}</p>"
    series = words("signals.series", count=found.judged)
    key = "signals.told" if found.rows.height else "signals.none"
    said = words(key, count=found.rows.height, period=period, series=series)
    said += words("signals.chance", count=found.by_chance) if found.by_chance else words("signals.chance.less")
    counted = Counter(found.rows["variation"])
    kinds = ""
    for kind in filter(counted.get, Variation):
        sign = pictogram(sign_of(kind, Side.ABOVE if kind is Variation.HIGH else Side.BELOW))
        kinds += f"<li>{sign}<span>{text(words(f'signals.variation.{kind}', count=counted[kind]))}</span></li>"
    return f"<p>{text(said)}</p>" + (f'<ul class="signs">{kinds}</ul>' if kinds else "")


def _list(visit: Visit, reading: Reading, found: Signals, quarter: Period) -> None:
    """List the signals by the name of the structure, each with a link to the figures of that structure."""
    words = visit.words
    first = visit.page_of(ROWS, found.rows.height)
    rows = []
    for row in found.rows.slice(first, ROWS).iter_rows(named=True):
        structure, sheet = reading.structures[row["structure"]], reading.catalogue[row["indicator"]]
        address = visit.link(
            "indicateur", indicateur=sheet.id, structure=structure.id, periode=quarter.code, **{VIEW: MANAGEMENT_VIEW}
        )
        board = visit.link("structure", structure=structure.id, periode=quarter.code)
        side = Side(row["side"])
        grade = Grade(row["grade"]) if row["grade"] else None
        said = special_cause(Signal(row["signal"]), side, sheet.frequency, words, Period.parse(row["since"]), grade)
        sign = pictogram(sign_of(Variation(row["variation"]), side))
        told = words(f"said.variation.{row['variation']}")
        rows.append(
            [
                Cell(link(board, structure.name)),
                Cell(link(address, sheet.label(visit.language))),
                Cell(f"{sign}{text(words('signals.row', variation=told, said=said))}"),
            ]
        )
    headers = [words(f"table.{name}") for name in ("structure", "indicator", "signal")]
    st.html(table(words("signals.caption", period=numbers.period(quarter, words)), headers, rows))
