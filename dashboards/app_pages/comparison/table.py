"""The figures of a comparison as tables: by reading, then by name. Never in the order of the values."""

from collections.abc import Hashable, Mapping
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards.app_pages.comparison.filters import AUDIENCE
from dashboards.app_pages.page_context import Visit
from dashboards.app_pages.time_step_choice import IN_ADDRESS, PARAMETER
from dashboards.app_pages.unpublished import ADDRESS, why_link
from dashboards.components.html import Cell, details, facts, heading, link, pictogram, table, text
from dashboards.downloads.spreadsheet_files import unit_name, value_for
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words
from indicators.csv_files import SPREADSHEET, csv_of_rows
from indicators.definitions.catalogue import Indicator
from indicators.definitions.periods import Span, Window
from indicators.figures.figure import Shown, Status
from indicators.figures.time_steps import Step
from indicators.judgement.funnel import Verdict
from indicators.network import Reading
from indicators.queries.comparison.case_mix import mix_kept, mix_seen
from indicators.queries.comparison.funnel_comparison import REASONS, Comparison

STANDING: Final = {Verdict.SIGNAL.value, Verdict.WATCH.value}
"""Verdicts of a structure that stands apart from the others."""
SIGNS: Final = {"above": "high", "below": "low_side"}
"""Pictograms of where a structure stands: higher or lower, which here is neither good nor bad."""
COLUMNS: Final = (
    "structure", "nom", "indicateur", "libelle", "periode", "valeur", "unite", "numerateur", "denominateur", "lecture",
)  # fmt: skip
"""Of the file of a comparison."""
ROWS: Final = 50
"""Structures on one page of a table."""
LISTED: Final = 60
"""Structures named in a list of those left out; more of them are counted."""


def told_of(row: Mapping[str, Any], words: Words) -> str:
    """Return what the funnel says of a structure, in words."""
    if row["verdict"] is None:
        return words("compare.unread")
    said = words(f"compare.verdict.{row['verdict']}")
    if row["side"] is None:
        return said
    told = words("compare.read", verdict=said, side=words(f"compare.side.{row['side']}"))
    if row["widened"] is not None:
        told += words("list.separator") + words(f"compare.{'remains' if row['widened'] in STANDING else 'explained'}")
    return told


def _read(row: Mapping[str, Any], words: Words) -> str:
    """Return the same with its pictogram where the structure stands apart."""
    return (pictogram(SIGNS[row["side"]]) if row["side"] else "") + text(told_of(row, words))


def pages(visit: Visit, reading: Reading, compared: Comparison, mix: pl.DataFrame, *known_by: Hashable) -> None:
    """Draw a page of the figures shown, by reading and then by name, with whom each structure welcomes beside them.

    What is drawn is kept for the store's version; `known_by` tells whom and when it is of.
    """
    shown = compared.in_order()
    if shown.is_empty():
        return
    with st.container(key="twin"):
        place = st.empty()
        first = visit.page_of(ROWS, shown.height)
    name = ("comparison table", *known_by, first, visit.address.get("periode"), visit.audience, visit.language)
    place.html(reading.once(name, lambda: _page(visit, reading, compared, mix, shown, first)))


def _page(
    visit: Visit, reading: Reading, compared: Comparison, mix: pl.DataFrame, shown: pl.DataFrame, first: int
) -> str:
    words = visit.words
    sheets = mix_seen(reading.catalogue, AUDIENCE)
    headers = [words(f"compare.column.{name}") for name in ("structure", "read", "value", "counts")]
    headers += [sheet.short(visit.language) for sheet in sheets]
    rows = [
        [
            Cell(link(_board(visit, row["structure"]), reading.structures[row["structure"]].name)),
            Cell(_read(row, words)),
            Cell(_value(visit, compared, row), numeric=True),
            Cell(_counts(visit, row)),
            *(Cell(_mix(visit, reading, sheet.id, row[sheet.id]), numeric=True) for sheet in sheets),
        ]
        for row in shown[first : first + ROWS].join(mix, on="structure", how="left", maintain_order="left").to_dicts()
    ]
    when = numbers.period(compared.period, words)
    caption = words("table.caption", label=compared.indicator.label(visit.language), name=when)
    return details(words("compare.table"), table(caption, headers, rows), opened=shown.height > ROWS)


def left_out(visit: Visit, reading: Reading, compared: Comparison) -> str:
    """Return who is left out of the comparison, and why."""
    words = visit.words
    title = heading(2, words("compare.left_out"))
    if compared.left_out.is_empty():
        return title + f"<p>{text(words('compare.left_out.none'))}</p>"
    told = []
    for reason in REASONS:
        found = compared.left_out.filter(pl.col("reason") == reason)["structure"].to_list()
        if found:
            named = [link(_board(visit, name), reading.structures[name].name) for name in found[:LISTED]]
            if len(found) > LISTED:
                named.append(text(words("compare.left_out.more", count=len(found) - LISTED)))
            said = text(words("compare.left_out.count", count=len(found)))
            why = f". {why_link(visit.link(ADDRESS), words)}" if reason == Status.WITHHELD else ""
            told.append((words(f"compare.reason.{reason}"), f"{said}{', '.join(named)}{why}"))
    return title + facts(told)


def mixed_note(visit: Visit, reading: Reading, compared: Comparison) -> str:
    """Say what of whom structures welcome stands beside their rates, and what is kept inside each."""
    words = visit.words
    seen, kept = mix_seen(reading.catalogue, AUDIENCE), mix_kept(reading.catalogue, AUDIENCE)
    if compared.in_order().is_empty():
        return ""
    told = [words("compare.mix")] if seen else []
    told += [words("compare.mix.kept", label=sheet.label(visit.language)) for sheet in kept]
    return f'<p class="under">{text(" ".join(told))}</p>' if told else ""


def one_structure(visit: Visit, reading: Reading, compared: Comparison, mix: pl.DataFrame, chosen: str) -> str:
    """Return what is known of the structure the reader looks for, and where to go from there."""
    words = visit.words
    structure = reading.structures[chosen]
    row = compared.rows.filter(pl.col("structure") == chosen).row(0, named=True)
    region = reading.regions.get(structure.region)
    told = [
        (words("structure.kind"), text(words(f"kind.{structure.kind}"))),
        (words("structure.region"), text(region.name(visit.language) if region else structure.region)),
    ]
    if row["value"] is None:
        reasons = dict(compared.left_out.iter_rows())
        told.append((words("compare.column.reason"), text(words(f"compare.reason.{reasons[chosen]}"))))
    else:
        told += [
            (words("compare.column.read"), _read(row, words)),
            (words("compare.column.value"), _value(visit, compared, row)),
            (words("compare.column.counts"), _counts(visit, row)),
        ]
    for sheet in mix_seen(reading.catalogue, AUDIENCE):
        value = mix.filter(pl.col("structure") == chosen)[sheet.id].to_list()
        if value and value[0] is not None:
            told.append((sheet.short(visit.language), _mix(visit, reading, sheet.id, value[0])))
    way = sheet_of(visit, compared.indicator, chosen, compared.period)
    beside = visit.here(affichage="petits-multiples", structure=chosen, page=None)
    ways = [
        link(_board(visit, chosen), words("compare.one.board")),
        link(way, words("compare.one.sheet")),
        link(beside, words("compare.one.peers")),
    ]
    return heading(3, structure.name) + facts(told, brief=True) + f'<p class="links">{" ".join(ways)}</p>'


def save(visit: Visit, reading: Reading, compared: Comparison) -> None:
    """Offer the figures shown, if any, as a file in the order of the names; it is written when it is asked for."""
    words = visit.words
    if compared.in_order().is_empty():
        return

    def written() -> bytes:
        sheet, label = compared.indicator, compared.indicator.label(visit.language)
        rows = []
        for row in compared.rows.filter(pl.col("value").is_not_null()).iter_rows(named=True):
            counts = (row["numerator"], row["denominator"])
            value = value_for(Shown(row["value"], *counts, contributors=1), sheet, visit.audience)
            whose = (row["structure"], reading.structures[row["structure"]].name)
            what = (sheet.id, label, compared.period.code)
            rows.append((*whose, *what, value, unit_name(sheet, words), *counts, told_of(row, words)))
        return csv_of_rows(COLUMNS, rows, SPREADSHEET)

    st.download_button(
        words("compare.csv"),
        written,
        f"comparaison-{compared.indicator.id}-{compared.period.code}.csv",
        "text/csv",
        on_click="ignore",
    )
    st.html(f'<p class="dialect">{text(words("dialect.spreadsheet"))}</p>')


def sheet_of(visit: Visit, indicator: Indicator, structure: str, span: Span) -> str:
    """Return the address of a structure's own figures, read in the same step."""
    step = IN_ADDRESS[Step.ROLLING] if isinstance(span, Window) else None
    return visit.link("indicateur", indicateur=indicator.id, structure=structure, **{PARAMETER: step})


def _board(visit: Visit, structure: str) -> str:
    return visit.link("structure", structure=structure)


def _value(visit: Visit, compared: Comparison, row: Mapping[str, Any]) -> str:
    indicator, value = compared.indicator, row["value"]
    if indicator.aggregation == "ratio" and row["numerator"] is not None and row["denominator"]:
        value = numbers.exact(row["numerator"]) / numbers.exact(row["denominator"]) * numbers.exact(indicator.scale)
    return text(numbers.amount(value, indicator, visit.words))


def _counts(visit: Visit, row: Mapping[str, Any]) -> str:
    if row["numerator"] is None or row["denominator"] is None:
        return ""
    cases, total = (numbers.count(row[name], visit.language) for name in ("numerator", "denominator"))
    return text(visit.words("compare.counts", cases=cases, total=total))


def _mix(visit: Visit, reading: Reading, name: str, value: float | None) -> str:
    return "–" if value is None else text(numbers.amount(value, reading.catalogue[name], visit.words, 0))
