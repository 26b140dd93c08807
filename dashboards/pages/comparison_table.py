"""The figures of a comparison as tables: by reading, then by name. Never in the order of the values."""

import csv
import io
from collections.abc import Mapping
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.markup import Cell, details, facts, heading, link, pictogram, table, text
from dashboards.visit import Visit
from indicators.formulas import neutral
from indicators.judgement.funnel import Verdict
from indicators.network import Reading
from indicators.perimeters import plain
from indicators.periods import Period
from indicators.questions.comparison import CASE_MIX, Comparison

ORDER: Final = (Verdict.SIGNAL, Verdict.WATCH, Verdict.ORDINARY, Verdict.TOO_FEW)
STANDING: Final = {Verdict.SIGNAL.value, Verdict.WATCH.value}
"""Verdicts of a structure that stands apart from the others."""
SIGNS: Final = {"above": "high", "below": "low_side"}
"""Pictograms of where a structure stands: higher or lower, which here is neither good nor bad."""


def read(row: Mapping[str, Any], visit: Visit) -> str:
    """Return what the funnel says of a structure, in words, with its pictogram where it stands apart."""
    words = visit.words
    if row["verdict"] is None:
        return text(words("compare.unread"))
    said = words(f"compare.verdict.{row['verdict']}")
    if row["side"] is None:
        return text(said)
    told = words("compare.read", verdict=said, side=words(f"compare.side.{row['side']}"))
    if row["widened"] is not None:
        told += words("list.separator") + words(f"compare.{'remains' if row['widened'] in STANDING else 'explained'}")
    return pictogram(SIGNS[row["side"]]) + text(told)


def twin(visit: Visit, reading: Reading, compared: Comparison, mix: pl.DataFrame, names: Mapping[str, str]) -> str:
    """Return the table of all the figures shown, by reading and then by name, with whom each structure welcomes."""
    words = visit.words
    mixed = {row["structure"]: row for row in mix.iter_rows(named=True)}
    shown = compared.rows.filter(pl.col("value").is_not_null()).to_dicts()
    place = {verdict.value: number for number, verdict in enumerate(ORDER)}
    shown.sort(key=lambda row: (place.get(row["verdict"], len(ORDER)), plain(names[row["structure"]])))
    headers = [words(f"compare.column.{name}") for name in ("structure", "read", "value", "counts", *CASE_MIX)]
    rows = [
        [
            Cell(link(_board(visit, row["structure"]), names[row["structure"]])),
            Cell(read(row, visit)),
            Cell(_value(visit, compared, row), numeric=True),
            Cell(_counts(visit, row)),
            *(Cell(_mix(visit, reading, name, mixed[row["structure"]][name]), numeric=True) for name in CASE_MIX),
        ]
        for row in shown
    ]
    caption = words("table.caption", label=compared.indicator.label(visit.language), name=_when(visit, compared))
    return details(words("compare.table"), table(caption, headers, rows)) if rows else ""


def left_out(visit: Visit, compared: Comparison, names: Mapping[str, str]) -> str:
    """Return who is left out of the comparison, and why."""
    words = visit.words
    rows = sorted(compared.left_out.rows(), key=lambda row: (row[1], plain(names[row[0]])))
    title = heading(2, words("compare.left_out"))
    if not rows:
        return title + f"<p>{text(words('compare.left_out.none'))}</p>"
    groups: dict[str, list[str]] = {}
    for structure, reason in rows:
        groups.setdefault(reason, []).append(link(_board(visit, structure), names[structure]))
    told = [(words(f"compare.reason.{reason}").capitalize(), ", ".join(found)) for reason, found in groups.items()]
    return title + facts(told)


def one_structure(
    visit: Visit, reading: Reading, compared: Comparison, mix: pl.DataFrame, chosen: str, quarter: Period
) -> str:
    """Return what is known of the structure the reader looks for, and where to go from there."""
    words = visit.words
    structure = reading.structures[chosen]
    row = compared.rows.filter(pl.col("structure") == chosen).row(0, named=True)
    told = [(words("structure.kind"), text(words(f"kind.{structure.kind}")))]
    if row["value"] is None:
        reasons = dict(compared.left_out.iter_rows())
        told.append((words("compare.column.reason"), text(words(f"compare.reason.{reasons[chosen]}"))))
    else:
        told += [
            (words("compare.column.read"), read(row, visit)),
            (words("compare.column.value"), _value(visit, compared, row)),
            (words("compare.column.counts"), _counts(visit, row)),
        ]
    for name in CASE_MIX:
        value = mix.filter(pl.col("structure") == chosen)[name]
        if len(value) and value[0] is not None:
            told.append((words(f"compare.column.{name}"), _mix(visit, reading, name, value[0])))
    sheet = visit.link("indicateur", indicateur=compared.indicator.id, structure=chosen, periode=quarter.code)
    ways = [
        link(_board(visit, chosen), words("compare.one.board")),
        link(sheet, words("compare.one.sheet")),
    ]
    return heading(3, structure.name) + facts(told, brief=True) + f'<p class="links">{" ".join(ways)}</p>'


def csv_link(visit: Visit, compared: Comparison, names: Mapping[str, str]) -> None:
    """Offer the figures shown as a file, in the order of the names."""
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";", lineterminator="\r\n")
    rows.writerow(["structure", "nom", "periode", "indicateur", "numerateur", "denominateur", "valeur", "lecture"])
    shown = compared.rows.filter(pl.col("value").is_not_null()).to_dicts()
    for row in sorted(shown, key=lambda row: plain(names[row["structure"]])):
        facts_ = (row["numerator"], row["denominator"], row["value"], row["verdict"])
        cells = [row["structure"], names[row["structure"]], compared.period.code, compared.indicator.id, *facts_]
        rows.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in cells])
    st.download_button(
        visit.words("compare.csv"),
        written.getvalue().encode("utf-8-sig"),
        f"comparaison-{compared.indicator.id}-{compared.period.code}.csv",
        "text/csv",
        on_click="ignore",
    )


def _board(visit: Visit, structure: str) -> str:
    return visit.link("structure", structure=structure, periode=visit.address.get("periode"))


def _when(visit: Visit, compared: Comparison) -> str:
    return numbers.period(compared.period, visit.words)


def _value(visit: Visit, compared: Comparison, row: Mapping[str, Any]) -> str:
    indicator, value = compared.indicator, row["value"]
    if row["numerator"] is not None and row["denominator"] and indicator.denominator_required:
        value = numbers.exact(row["numerator"]) / numbers.exact(row["denominator"]) * numbers.exact(indicator.scale)
    return text(numbers.amount(value, indicator, visit.words))


def _counts(visit: Visit, row: Mapping[str, Any]) -> str:
    if row["numerator"] is None or row["denominator"] is None:
        return ""
    cases, total = (numbers.count(row[name], visit.language) for name in ("numerator", "denominator"))
    return text(visit.words("compare.counts", cases=cases, total=total))


def _mix(visit: Visit, reading: Reading, name: str, value: float | None) -> str:
    return "" if value is None else text(numbers.amount(value, reading.catalogue[name], visit.words, 0))
