"""The structures of a perimeter and their indicators in one table, each read against the whole perimeter."""

from typing import Final

import streamlit as st

from dashboards import numbers
from dashboards.markup import Cell, link, notice, pictogram, table, text
from dashboards.pages.comparison_table import SIGNS, STANDING
from dashboards.visit import Visit
from indicators.catalogue import Audience
from indicators.network import Reading
from indicators.perimeters import Perimeter, plain
from indicators.periods import Period
from indicators.questions.comparison import Comparison, matrix

ROWS: Final = 50
"""Structures on one page of the table."""


def draw(visit: Visit, reading: Reading, perimeter: Perimeter, kind: str | None, quarter: Period) -> None:
    """Draw the table: a row a structure in the order of names, a column an indicator that somebody can be read on."""
    words = visit.words
    found = matrix(reading, perimeter, kind, list(reading.catalogue), quarter, Audience.NETWORK, visit.today)
    columns = {name: one for name, one in found.items() if one.funnel and one.funnel.share is not None}
    members = [
        structure
        for structure in sorted(reading.structures.members(perimeter), key=lambda s: plain(reading.structures[s].name))
        if kind is None or reading.structures[structure].kind == kind
    ]
    if not columns:
        st.html(notice(words("compare.none_shown")))
        return
    first = min(_first(visit), (len(members) - 1) // ROWS * ROWS)
    cells = {name: {row["structure"]: row for row in one.rows.iter_rows(named=True)} for name, one in columns.items()}
    rows = [
        [
            Cell(
                link(visit.link("structure", structure=member, periode=quarter.code), reading.structures[member].name)
            ),
            *(Cell(_cell(visit, columns[name], cells[name].get(member), quarter)) for name in columns),
        ]
        for member in members[first : first + ROWS]
    ]
    headers = [words("compare.column.structure"), *(one.indicator.short(visit.language) for one in columns.values())]
    caption = words("compare.matrix.caption", during=numbers.during(quarter, words))
    st.html(f'<div class="matrix">{table(caption, headers, rows)}</div>' + _pages(visit, first, len(members)))


def _cell(visit: Visit, compared: Comparison, row: dict[str, object] | None, quarter: Period) -> str:
    """Return a cell: the reading in a sign and a word, which leads to the indicator of the structure."""
    words = visit.words
    if row is None or row["verdict"] is None:
        return f'<span class="unseen">{text(words("compare.matrix.none"))}</span>'
    # Where the structures differ by more than chance, only what leaves the widened funnel stands apart.
    verdict = row["widened"] or row["verdict"]
    said = words(f"compare.verdict.{verdict}")
    sheet = visit.link(
        "indicateur", indicateur=compared.indicator.id, structure=str(row["structure"]), periode=quarter.code
    )
    if verdict not in STANDING:
        return link(sheet, "·", name=f"{said} : {compared.indicator.short(visit.language)}", style="quiet")
    side = str(row["side"])
    told = words("compare.read", verdict=said, side=words(f"compare.side.{side}"))
    return pictogram(SIGNS[side]) + link(sheet, said, name=told)


def _first(visit: Visit) -> int:
    asked = visit.address.get("suite", "0")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0


def _pages(visit: Visit, first: int, total: int) -> str:
    """Return where one is in the list of structures, and the ways back and on."""
    if total <= ROWS:
        return ""
    words = visit.words
    told = [text(words("compare.matrix.pages", first=first + 1, last=min(first + ROWS, total), total=total))]
    if first:
        told.append(link(visit.here(suite=str(max(first - ROWS, 0))), words("compare.matrix.previous")))
    if first + ROWS < total:
        told.append(link(visit.here(suite=str(first + ROWS)), words("compare.matrix.next")))
    return f'<p class="links">{" ".join(told)}</p>'
