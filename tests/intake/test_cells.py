"""A column of texts becomes a typed column: what is read, what is said, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.intake.cells import columns as cells
from indicators.intake.cells.bulk_numbers import parse_plain_numbers
from indicators.intake.cells.columns import ABSENCE_TYPE, UNIT_TYPE, parse_cells
from indicators.intake.cells.numbers import Number, parse_number
from indicators.intake.cells.references import References
from indicators.intake.report import SAMPLE_SIZE, Report, SheetColumn
from indicators.intake.tables.header import Table
from indicators.network import Network
from schemas.columns import CellType
from schemas.datasets import DATASETS
from schemas.findings import Severity
from tests.builders import TERNOISE
from tests.conftest import examples

B, C, R, I = Severity.BLOCKING, Severity.CONFIRM, Severity.CORRECTED, Severity.INFO  # noqa: E741
Findings: TypeAlias = list[tuple[str, Severity, str | None]]


@dataclass(frozen=True)
class Column:
    """One column, read: its values and what goes with them, and what was said of it (code, severity, suggestion)."""

    typed: pl.DataFrame
    report: Report
    name: str

    @property
    def values(self) -> list[Any]:
        return self.typed[self.name].to_list()

    def companion(self, part: str) -> list[Any]:
        return self.typed[f"{self.name}:{part}"].to_list()

    @property
    def findings(self) -> Findings:
        return [(f.code, f.severity, f.suggestion) for f in self.report.findings]


Read: TypeAlias = Callable[..., Column]


@pytest.fixture(scope="module")
def read(directory: Network) -> Iterator[Read]:
    """Read the texts of one column (`measures.value`), the others being empty, or of every one (`measures.`)."""
    with directory.snapshot() as snapshot:
        references = References(snapshot)

        def read_column(where: str, texts: Sequence[str | None], formulas: frozenset[str] = frozenset()) -> Column:
            dataset, _, name = where.partition(".")
            columns = DATASETS[dataset].columns
            frame = pl.DataFrame(
                {column.name: texts if name in {column.name, ""} else [None] * len(texts) for column in columns},
                schema={column.name: pl.String for column in columns},
            )
            rows = pl.Series(range(2, len(texts) + 2), dtype=pl.UInt32)
            report = Report(rows=rows, columns={column.name: SheetColumn("A", column.french) for column in columns})
            table = Table(DATASETS[dataset], frame, rows, len(texts), formulas=formulas)
            return Column(parse_cells(table, references, report), report, name)

        yield read_column


# Numbers


def test_a_number_keeps_its_decimals_its_unit_and_the_absence_it_states(read: Read) -> None:
    found = read("measures.value", ["33", "60,40", "12,5 %", "151,67 h", "NC", "s.o.", None, "1 234,5 €", "trente"])
    assert found.values == [33, 60.4, 12.5, 151.67, None, None, None, 1234.5, None]
    assert found.companion("decimals") == [0, 2, 1, 2, None, None, None, 1, None]
    assert found.companion("unit") == [None, None, "%", "h", None, None, None, "€", None]
    assert found.companion("absence") == [None, None, None, None, "missing", "not_applicable", None, None, None]
    assert found.findings == [("C02", I, None), ("C02", I, None), ("C03", B, None)], "units are judged by the rules"


def test_a_column_without_anything_odd_has_no_absence_and_no_unit(read: Read) -> None:
    found = read("measures.numerator", ["33", None, "12,5"])
    assert (found.companion("absence"), found.companion("unit")) == ([None] * 3, [None] * 3)
    assert (found.typed.schema["numerator:absence"], found.typed.schema["numerator:unit"]) == (ABSENCE_TYPE, UNIT_TYPE)
    assert found.typed.schema["numerator:decimals"] == pl.Int8


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("1.200", ("C04", B, "1200 / 1,2000")),
        ("#DIV/0!", ("C14", B, None)),
        ("Err:502", ("C14", B, None)),
        ("=B2/C2", ("C15", B, None)),
        ("12O", ("C03", B, "120")),
        ("12,5 % env.", ("C03", B, None)),
        (" 33", ("C16", R, "33")),
        ('"33"', ("C16", R, "33")),
        ("'33", ("C16", R, "33")),
        ('="33"', ("C16", R, "33")),
        ("9" * 201, ("C17", B, None)),
        ("9" * 200, ("C03", B, None)),
    ],
)
def test_what_is_wrong_with_a_number_is_said(read: Read, text: str, finding: tuple[str, Severity, str | None]) -> None:
    assert read("measures.numerator", [text]).findings == [finding]


def test_the_text_of_a_formula_without_a_value_is_never_a_value(read: Read) -> None:
    formulas = frozenset({"=B2/C2", "B2"})
    for where in ("measures.numerator", "measures.comment", "measures.segment", "actions.due_on", "structures.siret"):
        found = read(where, ["B2", "=B2/C2"], formulas)
        assert (found.values, [finding[0] for finding in found.findings]) == ([None, None], ["C15", "C15"]), where


def test_a_whole_number_may_be_written_with_a_zero_after_the_comma_only(read: Read) -> None:
    found = read("participation.present", ["12", "12,0", "12,5", "1 200", "+7"])
    assert found.values == [12, 12, None, 1200, 7]
    assert found.typed.schema["present"] == pl.Int64
    assert found.findings == [("C08", B, None)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.from_regex(r"[-+]?[0-9]{1,17}([.,][0-9]{0,16})?", fullmatch=True),
            st.from_regex(
                r"[-+]?[0-9]{1,3}([ \u00a0\u202f\u2009\u2007][0-9]{3}){0,5}([.,][0-9]{0,16})?", fullmatch=True
            ),
            st.text("0123456789.,+- eE_", max_size=8),
        ),
        min_size=1,
    )
)
def test_what_is_read_a_whole_column_at_a_time_is_read_as_the_grammar_reads_it(texts: list[str]) -> None:
    column = pl.Series(texts, dtype=pl.String)
    for kind in (pl.Float64(), pl.Int64()):
        plain = parse_plain_numbers(column, kind)
        left = set(plain.remaining.to_list())
        for line, text in enumerate(texts):
            found = parse_number(text)
            if line in left:
                assert plain.values[line] is None
            else:
                assert isinstance(found, Number)
                assert (found.value, found.decimals) == (plain.values[line], plain.decimals[line])
                assert found.unit is None


def test_most_numbers_of_a_large_file_are_read_a_whole_column_at_a_time() -> None:
    texts = pl.Series(
        ["33", "-5", "007", "60,4", "60.40", "0,125", "1234,567", "0.1234567", "1 234", "12\u202f345,678", None]
    )
    assert parse_plain_numbers(texts, pl.Float64()).remaining.is_empty()


# Dates


def test_dates_are_read_in_every_usual_spelling_and_said_where_something_was_added(read: Read) -> None:
    found = read(
        "actions.due_on", ["2026-03-31", "31/03/2026", "31 mars 2026", "31/03/26", "46112", None, "31/02/2026"]
    )
    assert found.values == [date(2026, 3, 31)] * 5 + [None, None]
    assert found.findings == [("C16", R, "2026-03-31")] * 2 + [("C11", R, "2026-03-31"), ("C09", B, None)]


def test_a_day_with_a_time_that_there_cannot_be_is_no_day(read: Read) -> None:
    found = read(
        "actions.opened_on", ["2026-01-10 25:99", "10/01/2026 12:60", "2026-01-10 08:30:61", "2026-01-10 23:59"]
    )
    assert found.values == [None, None, None, date(2026, 1, 10)]
    assert [finding[:2] for finding in found.findings] == [("C09", B)] * 3 + [("C16", R)]


def test_a_day_that_could_be_a_month_is_a_day_where_nothing_says_otherwise(read: Read) -> None:
    found = read("actions.due_on", ["03/04/2026", "31/12/2026", "05/06/2026"])
    assert (found.values[0], found.findings) == (date(2026, 4, 3), [])


def test_a_day_that_could_be_a_month_is_to_be_confirmed_where_the_column_puts_months_first(read: Read) -> None:
    found = read("actions.due_on", ["03/04/2026", "12/31/2026", "05/05/2026", "31/01/2026", "2026-04-03"])
    assert found.values == [date(2026, 4, 3), None, date(2026, 5, 5), date(2026, 1, 31), date(2026, 4, 3)]
    assert found.findings == [("C10", C, "2026-04-03"), ("C09", B, "2026-12-31")]


# Periods


@pytest.mark.parametrize(
    ("text", "period", "findings"),
    [
        ("2026-T1", "2026-T1", []),
        ("T1 2026", "2026-T1", [("C12", R, "2026-T1")]),
        ("janv.-mars 2026", "2026-T1", [("C12", R, "2026-T1")]),
        (" 2026-T1", "2026-T1", [("C16", R, "2026-T1")]),
        ("2026-03-31", None, [("C09", B, "2026-T1")]),
        ("T1 26", None, [("C09", B, "2026-T1")]),
        ("T5 2026", None, [("C09", B, None)]),
        ("#REF!", None, [("C14", B, None)]),
        ("=A1", None, [("C15", B, None)]),
        ("NC", None, [("C02", B, None)]),
    ],
)
def test_a_period_is_read_or_proposed(read: Read, text: str, period: str | None, findings: Findings) -> None:
    found = read("measures.period", [text])
    assert (found.values, found.findings) == ([period], findings)


# Names, numbers and words


def test_the_cells_of_a_column_become_what_they_name(read: Read) -> None:
    found = read("measures.structure", [TERNOISE, "atelier-ternoise", "Atelier Ternoise", "atelier-ternoisse"])
    assert found.values == ["atelier-ternoise"] * 3 + [None]
    assert found.findings == [("C16", R, "atelier-ternoise"), ("I07", B, "atelier-ternoise")]


def test_an_unknown_indicator_gets_the_nearest_proposed(read: Read) -> None:
    assert read("measures.indicator", ["dynamic_exits_rate"]).findings == [("C13", B, "dynamic_exit_rate")]


@pytest.mark.parametrize(
    ("where", "text", "severity"),
    [
        ("actions.due_on", "NC", I),
        ("actions.due_on", "-", I),
        ("actions.opened_on", "NC", B),
        ("structures.siret", "n.d.", I),
        ("structures.bce", "sans objet", I),
        ("actions.origin", "s.o.", I),
        ("actions.kind", "NC", B),
        ("measures.structure", "NC", B),
        ("measures.comment", "—", I),
        ("measures.comment", "n.v.t.", I),
        ("measures.segment", "NC", I),
        ("cibles.ends", "non concerné", I),
        ("actions.action", "NC", B),
    ],
)
def test_an_absence_is_an_empty_cell_where_a_cell_may_be_empty(
    read: Read, where: str, text: str, severity: Severity
) -> None:
    found = read(where, [text])
    assert (found.values, found.findings) == ([None], [("C02", severity, None)])


def test_an_absence_where_a_number_must_be_there_is_left_to_the_contract(read: Read) -> None:
    found = read("participation.present", ["NC"])
    assert (found.values, found.companion("absence"), found.findings) == ([None], ["missing"], [])


@pytest.mark.parametrize("column", [column for dataset in DATASETS.values() for column in dataset.columns])
def test_an_error_of_a_spreadsheet_is_one_in_every_kind_of_cell(read: Read, column: Any) -> None:
    dataset = next(d.name for d in DATASETS.values() if column in d.columns)
    for text in ("#DIV/0!", "#N/A", "#WAARDE!", "Err:502"):
        found = read(f"{dataset}.{column.name}", [text])
        assert (found.values, found.findings) == ([None], [("C14", B, None)])


@pytest.mark.parametrize("column", [column for dataset in DATASETS.values() for column in dataset.columns])
def test_what_nobody_sees_is_an_empty_cell_or_a_missing_one(read: Read, column: Any) -> None:
    dataset = next(d.name for d in DATASETS.values() if column in d.columns)
    found = read(f"{dataset}.{column.name}", ["\u200b", '""' if column.cell_type is not CellType.TEXT else "\ufeff "])
    assert found.values == [None, None]
    assert [finding[0] for finding in found.findings] == (["C01", "C01"] if column.non_empty else [])


@pytest.mark.parametrize(
    ("where", "text", "value", "findings"),
    [
        ("measures.comment", "relu", "relu", []),
        ("measures.comment", " relu\u00a0", "relu", [("C16", R, "relu")]),
        ("measures.comment", "un\ndeux", "un\ndeux", []),
        ("measures.comment", "« relu »", "« relu »", []),
        ("measures.comment", "=1+1", "=1+1", [("C18", I, None)]),
        ("measures.comment", "@role", "@role", [("C18", I, None)]),
        ("measures.comment", "'=1+1", "=1+1", [("C18", I, None)]),
        ("measures.comment", "x" * 501, None, [("C17", B, None)]),
        ("measures.comment", "12 " * 200, None, [("C17", B, None)]),
        ("measures.comment", "#URGENT!", "#URGENT!", []),
        ("measures.segment", "sexe=F", "sexe=F", []),
        ("measures.segment", '"sexe=F"', "sexe=F", [("C16", R, "sexe=F")]),
        ("measures.segment", "-", "ensemble", [("C16", R, "ensemble")]),
        ("measures.segment", "x" * 61, None, [("C17", B, None)]),
        ("structures.structure", "x" * 61, None, [("C17", B, None)]),
        ("measures.structure", "x" * 100_000, None, [("C17", B, None)]),
        ("actions.kind", "amelioration", "improvement", []),
        ("actions.kind", "improvement", "improvement", []),
        ("actions.kind", "Amélioration", "improvement", [("C16", R, "amelioration")]),
        ("actions.kind", "amelioration ?", None, [("C19", B, "amelioration")]),
        ("actions.status", "en cours", "in_progress", [("C16", R, "en_cours")]),
        ("structures.kind", " EI ", "EI", [("C16", R, "EI")]),
        ("structures.kind", "ei", "EI", [("C16", R, "EI")]),
        ("structures.kind", "EI ???", None, [("C19", B, "EI")]),
        ("structures.kind", "≠EI", None, [("C19", B, "EI")]),
        ("structures.region", "normandie ??", None, [("C19", B, "normandie")]),
        ("measures.structure", "atelier-ternoise ???", None, [("I07", B, "atelier-ternoise")]),
        ("measures.structure", "atelier\x01-ternoise", None, [("I07", B, "atelier-ternoise")]),
        ("measures.indicator", "dynamic_exit_rate ?", None, [("C13", B, "dynamic_exit_rate")]),
        ("actions.kind", "correctif", None, [("C19", B, "corrective")]),
        ("structures.region", "Normandie", "normandie", []),
        ("structures.region", "normandi", None, [("C19", B, "normandie")]),
        ("structures.siret", "1234567400100", "01234567400100", [("I02", R, "01234567400100")]),
        ("structures.bce", "0403.019.261", "0403019261", [("C16", R, "0403019261")]),
        ("cibles.perimeter", "Réseau", "reseau", [("C16", R, "reseau")]),
    ],
)
def test_texts_codes_and_words_are_kept_corrected_or_refused(
    read: Read, where: str, text: str, value: str | None, findings: Findings
) -> None:
    found = read(where, [text])
    assert (found.values, found.findings) == ([value], findings)


# Rows, counts and speed


def test_each_row_gets_the_value_of_its_own_text(read: Read) -> None:
    texts = ["T1 2026", None, "2026-T2", "T1 2026", "x", "2026-T2", None]
    found = read("measures.period", texts)
    assert found.values == ["2026-T1", None, "2026-T2", "2026-T1", None, "2026-T2", None]
    assert [(f.code, f.row, f.value, f.count) for f in found.report.findings] == [
        ("C12", 2, "T1 2026", 2),
        ("C12", 5, "T1 2026", 2),
        ("C09", 6, "x", 1),
    ]


def test_a_cause_has_its_true_count_and_a_sample_of_its_rows(read: Read) -> None:
    found = read("measures.numerator", [f"douze {line}" for line in range(2_000)])
    assert len(found.report.findings) == SAMPLE_SIZE
    assert {finding.count for finding in found.report.findings} == {2_000}
    assert [finding.row for finding in found.report.findings] == list(range(2, SAMPLE_SIZE + 2))


def test_something_near_is_looked_for_only_for_the_cells_that_are_shown(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []
    monkeypatch.setattr(References, "closest_structure", lambda _, text: looked_up.append(text))
    monkeypatch.setattr(References, "closest_indicator", lambda _, text: looked_up.append(text))
    for where in ("measures.structure", "measures.indicator"):
        read(where, [f"illisible {line}" for line in range(2_000)])
    assert len(looked_up) == 2 * SAMPLE_SIZE


@settings(examples(0.5), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.none(), st.text(min_size=1, max_size=12)), min_size=1, max_size=8))
def test_any_text_in_any_column_is_read_or_said_and_never_a_failure(read: Read, texts: list[str | None]) -> None:
    for dataset in DATASETS.values():
        found = read(f"{dataset.name}.", texts)
        for column in dataset.columns:
            blocked = {f.row for f in found.report.findings if f.severity is B and f.header == column.french}
            for line, value in enumerate(found.typed[column.name]):
                assert value is None or line + 2 not in blocked


def test_a_column_of_which_too_much_is_unreadable_is_not_read_to_the_end(read: Read, monkeypatch: Any) -> None:
    monkeypatch.setattr(cells, "MAX_REFUSED_TEXTS", 3)
    found = read("measures.numerator", ["a", "b", "12", "a", "c", "d", "e", "13,5", "d"])
    assert found.values == [None, None, 12, None, None, None, None, 13.5, None]
    listed = {(finding.code, finding.row, finding.value, finding.count) for finding in found.report.findings}
    assert listed == {
        ("C03", 2, "a", 4),
        ("C03", 3, "b", 4),
        ("C03", 5, "a", 4),
        ("C03", 6, "c", 4),
        ("F05", 7, "d", 3),
    }
