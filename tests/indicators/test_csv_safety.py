"""Text that a spreadsheet would run as a formula: neutral in every file we write as CSV, itself again when read."""

from __future__ import annotations

import csv
import io
import sys
import unicodedata
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.wording.translations import load_translator
from indicators.csv_safety import escape_formula, escape_formula_column, unescape_formula
from indicators.definitions.catalogue import Catalogue, LocalizedText
from indicators.definitions.periods import Period
from indicators.intake.files_out.template import template_csv
from indicators.network import Network
from indicators.queries.deposits.export import export_rows, format_as_deposited
from schemas.datasets import DATASETS, STORED_DATASETS
from tests.builders import examine, measure, measures, stored

WIDE = ("＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", "﹦1", "﹢1", "﹣x", "﹫x", " －1")
BLANKS = (" ", "\u00a0", "\u202f", "\u3000", "\u200b", "\ufeff", "\x00", " \t ", "\n", "\x0b", "\u2028", "\u3164")
AFTER_BLANKS = (*(f"{blank}=1+1" for blank in BLANKS), " -1+1", "\u00a0@SUM(A1)")
PLAIN = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "-", "-18 ans", "+33", "+", "=")
RUNS = (*WIDE, *AFTER_BLANKS, *PLAIN)
HARMLESS = ("", "a=1", " a=1", " ", "“=1”", "−3", "-3", "-3,5", "-1 200,5", "-12 %", "'", "''=1", "élève", "1-2")
LETTERS = "=+-@＝－'\t\r\n\u00a0\u200b12,. %"
ANY = st.one_of(st.text(max_size=8), st.sampled_from(RUNS + HARMLESS), st.text(LETTERS, max_size=6))


@pytest.mark.parametrize("text", RUNS)
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert escape_formula(text) == f"'{text}"
    assert unescape_formula(f"'{text}") == text


@pytest.mark.parametrize("text", HARMLESS)
def test_a_number_and_any_other_text_stay_as_they_are(text: str) -> None:
    assert escape_formula(text) == text


def test_every_mark_that_is_not_seen_is_a_blank() -> None:
    unseen = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in {"Zs", "Zl", "Zp", "Cc", "Cf"}
    ]
    written = pl.DataFrame({"text": [f"{mark}=1" for mark in unseen]}).select(escape_formula_column(pl.col("text")))
    assert all(escape_formula(f"{mark}=1") == f"'{mark}=1" for mark in unseen)
    assert written["text"].to_list() == [f"'{mark}=1" for mark in unseen]


@given(ANY)
def test_what_is_neutral_runs_nothing_and_is_read_back_as_it_was(text: str) -> None:
    written = escape_formula(text)
    assert escape_formula(written) == written
    assert text.startswith("'") or unescape_formula(written) == text


@given(st.lists(st.one_of(ANY, st.none()), max_size=6))
def test_a_column_is_neutralised_cell_for_cell(texts: list[str | None]) -> None:
    column = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}).select(escape_formula_column(pl.all()))
    assert column["text"].to_list() == [None if text is None else escape_formula(text) for text in texts]


def cells_of(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text), delimiter=";") for cell in row]


def test_no_cell_of_an_export_runs_and_it_is_read_back_the_same(directory_network: Network) -> None:
    comments = {"dynamic_exit_rate": "=1+1", "durable_job_exit_rate": "-18 ans"}
    rows = [measure("atelier-ternoise", "2026-T1", name, 33, 60, comment=text) for name, text in comments.items()]
    stored(directory_network, measures(*rows))
    with directory_network.snapshot() as snapshot:
        for dataset in STORED_DATASETS:
            written = format_as_deposited(export_rows(snapshot, dataset)).write_csv(separator=";")
            assert all(escape_formula(cell) == cell for cell in cells_of(written))
        again = format_as_deposited(export_rows(snapshot, "measures")).write_csv(separator=";")
    found = examine(directory_network, again.encode())
    assert found.table is not None
    assert sorted(found.table["comment"]) == ["-18 ans", "=1+1"]
    assert {finding.code for finding in found.findings} <= {"C18", "F11"}


def test_no_cell_of_a_template_runs(directory_network: Network) -> None:
    with directory_network.snapshot() as snapshot:
        formula = LocalizedText(fr="=1+1", en="=1+1")
        sheets = {sheet.id: sheet.model_copy(update={"label": formula}) for sheet in snapshot.catalogue}
        labelled = replace(snapshot, catalogue=Catalogue(sheets, "formulas"))
        for dataset in DATASETS:
            for structure in (None, snapshot.structures["atelier-ternoise"]):
                written = template_csv(labelled, dataset, structure, Period.parse("2026-T1"), load_translator("fr"))
                assert all(escape_formula(cell) == cell for cell in cells_of(written))
