"""The structures of a perimeter and their indicators in one table, each read against the whole of those compared."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from dashboards.app_pages.comparison.filters import AUDIENCE, RENEWED, Chosen, choose_when, choose_whom, read
from dashboards.app_pages.comparison.table import ROWS, SIGNS, STANDING, sheet_of
from dashboards.app_pages.error_handling import part
from dashboards.app_pages.page_context import Visit
from dashboards.components.html import Cell, link, notice, pictogram, sign_link, table, text
from dashboards.wording import formatting as numbers
from indicators.definitions.perimeters import Structure
from indicators.network import Reading
from indicators.queries.comparison.matrix import Column, by_reading, cells, columns
from indicators.queries.comparison.scope import by_name

CALM: Final = {"ordinary": "near", "too_few": "low"}
"""Pictograms of what does not stand apart."""
ORDER: Final = "ordre"
BY_KIND: Final = "type"
BY_REGION: Final = "region"


def draw(visit: Visit, reading: Reading) -> None:
    """Draw the choices and the table: a row a structure, a column an indicator on which somebody can be compared."""
    words, chosen = visit.words, read(visit, reading)
    choose_whom(visit, reading, chosen)
    shown = columns(reading, chosen.among, chosen.quarter, AUDIENCE, visit.today, rolling=chosen.rolling)
    orders = {
        "": words("compare.order.name"),
        BY_KIND: words("compare.order.kind"),
        BY_REGION: words("compare.order.region"),
        **{c.indicator.id: words("compare.order.read", label=c.indicator.short(visit.language)) for c in shown},
    }
    with st.container(horizontal=True, key="choices-what", vertical_alignment="bottom"):
        visit.choose(ORDER, words("compare.order"), list(orders), orders.__getitem__, default="", instead_of=RENEWED)
        choose_when(visit, reading, chosen)
    if not shown:
        members = chosen.among.structures(reading, on=chosen.quarter.end)
        st.html(notice(words("compare.none_shown" if members else "compare.nobody.at_all")))
        return
    part(visit, reading, _table)


def _table(visit: Visit, reading: Reading) -> None:
    """Draw a page of the table; its pages are turned without anything else being drawn anew."""
    words = visit.words
    chosen = read(visit, reading)
    shown = columns(reading, chosen.among, chosen.quarter, AUDIENCE, visit.today, rolling=chosen.rolling)
    ordered = _ordered(visit, reading, chosen, shown)
    place = st.empty()
    first = visit.page_of(ROWS, len(ordered))
    members = ordered[first : first + ROWS]
    found = cells(reading, shown, members, AUDIENCE, visit.today)
    known = {(row["structure"], row["indicator"]): row for row in found.iter_rows(named=True)}
    rows = []
    for member in members:
        address = visit.link("structure", structure=member.id, periode=chosen.quarter.code)
        name = f'{link(address, member.name)} <abbr title="{text(words(f"kind.{member.kind}"))}">{member.kind}</abbr>'
        told = [Cell(_cell(visit, column, member, known.get((member.id, column.indicator.id)))) for column in shown]
        rows.append([Cell(name), *told])
    headers = [words("compare.column.structure"), *(_header(visit, column) for column in shown)]
    caption = words("compare.matrix.caption", during=numbers.during(chosen.quarter, words))
    place.html(f'{_key(visit)}<div class="matrix">{table(caption, headers, rows)}</div>')


def _key(visit: Visit) -> str:
    """Say what the signs of the cells are."""
    words = visit.words
    signs = [(sign, words(f"compare.verdict.{verdict}")) for verdict, sign in CALM.items()]
    signs += [(SIGNS[side], words("compare.matrix.apart", side=words(f"compare.side.{side}"))) for side in SIGNS]
    told = "".join(f"<li>{pictogram(sign)}<span>{text(said)}</span></li>" for sign, said in signs)
    told += f"<li><span>– {text(words('compare.matrix.none'))}</span></li>"
    told += f"<li><span>{text(words('compare.matrix.blank'))}</span></li>"
    return f'<p class="key">{text(words("compare.matrix.key"))}</p><ul class="signs">{told}</ul>'


def _ordered(visit: Visit, reading: Reading, chosen: Chosen, shown: Sequence[Column]) -> list[Structure]:
    """Return the structures by name, inside a kind, a region or a reading as the address asks; never by value."""
    order, members = visit.address.get(ORDER, ""), chosen.among.structures(reading, on=chosen.quarter.end)
    if order == BY_KIND:
        return sorted(members, key=lambda structure: structure.kind)
    if order == BY_REGION:
        regions = {
            structure.region: reading.regions[structure.region].name(visit.language)
            if structure.region in reading.regions
            else structure.region
            for structure in members
        }
        return sorted(members, key=lambda structure: regions[structure.region])
    column = next((column for column in shown if column.indicator.id == order), None)
    if column is None:
        return by_name(reading, members)
    return by_reading(reading, chosen.among, column.indicator, column.period, AUDIENCE, visit.today)


def _header(visit: Visit, column: Column) -> str:
    """Return the name of a column with the span it speaks of, which is not the same for all."""
    return f"{column.indicator.short(visit.language)} · {numbers.short_period(column.period, visit.words)}"


def _cell(visit: Visit, column: Column, member: Structure, row: Mapping[str, Any] | None) -> str:
    """Return a cell: the reading in a sign and a word, which leads to the indicator of the structure."""
    words, indicator = visit.words, column.indicator
    if not indicator.applies_to(member.kind):
        return f'<span class="unseen">{text(words("status.not_applicable"))}</span>'
    if row is None or row["verdict"] is None:
        status = row["status"] if row else "missing"
        said = words(f"status.{status}") if f"status.{status}" in words else words("compare.matrix.none")
        return f'<span class="absent"><span aria-hidden="true">–</span><span class="unseen">{text(said)}</span></span>'
    # Where the structures differ by more than chance, only what leaves the widened funnel stands apart.
    verdict = row["widened"] or row["verdict"]
    said = words(f"compare.verdict.{verdict}")
    sheet = sheet_of(visit, indicator, member.id, column.period)
    about = words("compare.matrix.about", name=member.name, label=indicator.short(visit.language))
    if verdict not in STANDING:
        # A sign alone: what is ordinary must not hide what stands apart.
        return sign_link(sheet, CALM[verdict], f"{said} – {about}")
    told = words("compare.read", verdict=said, side=words(f"compare.side.{row['side']}"))
    return pictogram(SIGNS[row["side"]]) + link(sheet, said, name=f"{told} – {about}")
