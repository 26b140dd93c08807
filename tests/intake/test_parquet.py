"""Parquet says of itself what its columns hold: nothing is guessed, nothing is lost, and nothing else is let in."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from indicators.intake.deposit import Accepted
from indicators.intake.validate import Verdict
from indicators.network import Network
from indicators.queries.deposits.export import export_rows
from schemas.datasets import DATASETS
from tests.builders import DIRECTORY, codes, deposit, examine, findings_of, measure, measures, places, stored

ROWS: dict[str, list[Any]] = {
    "structure": ["atelier-ternoise"] * 3,
    "periode": ["2026-T1"] * 3,
    "indicateur": ["dynamic_exit_rate", "durable_job_exit_rate", "fte_realised"],
    "numerateur": [33.0, 12.0, 1505.25],
    "denominateur": [60.0, 60.0, 1820.0],
    "valeur": [55.0, None, None],
    "segment": ["ensemble", None, None],
    "commentaire": ["relu", None, None],
}


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def changed(**columns: Any) -> bytes:
    return parquet(pl.DataFrame(ROWS).with_columns(**columns))


def test_a_typed_file_is_accepted_without_a_word_and_holds_its_numbers(directory: Network) -> None:
    found = examine(directory, parquet(pl.DataFrame(ROWS)), "t1.parquet")
    assert (found.verdict, found.findings) == (Verdict.ACCEPTED, ())
    assert found.table is not None
    assert found.table["numerator"].to_list() == [33.0, 12.0, 1505.25]
    assert found.table["segment"].to_list() == ["ensemble"] * 3
    assert found.table["line"].to_list() == [2, 3, 4]


def test_the_name_of_the_file_does_not_matter(directory: Network) -> None:
    assert examine(directory, parquet(pl.DataFrame(ROWS)), "t1.csv").verdict is Verdict.ACCEPTED


def test_the_same_rows_in_csv_are_the_same_deposit(directory: Network) -> None:
    rows = [
        measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, "55,0", comment="relu"),
        measure("atelier-ternoise", "2026-T1", "durable_job_exit_rate", 12, 60),
        measure("atelier-ternoise", "2026-T1", "fte_realised", "1505,25", "1 820"),
    ]
    typed = examine(directory, parquet(pl.DataFrame(ROWS)), "t1.parquet").table
    text = examine(directory, measures(*rows)).table
    assert typed is not None
    assert text is not None
    assert typed.equals(text.select(typed.columns))


@pytest.mark.parametrize("number", [12.345, 1.2, 1_200.0, 0.125, 999.999])
def test_a_typed_number_is_never_ambiguous(directory: Network, number: float) -> None:
    content = changed(numerateur=pl.Series([33.0, 12.0, number]), denominateur=pl.Series([60.0, 60.0, 1_000.0]))
    found = examine(directory, content, "t1.parquet")
    assert codes(found) == []
    assert found.table is not None
    assert found.table["numerator"][2] == number


@pytest.mark.parametrize("kind", [pl.Int64, pl.Int32, pl.UInt16, pl.Float32, pl.Decimal(10, 2), pl.String])
def test_counts_may_be_of_any_kind_of_number_or_text(directory: Network, kind: Any) -> None:
    content = changed(numerateur=pl.Series([33, 12, 1505]).cast(kind))
    found = examine(directory, content, "t1.parquet")
    assert codes(found) == []
    assert found.table is not None
    assert found.table["numerator"].to_list() == [33.0, 12.0, 1505.0]


def test_dates_may_be_days_or_moments_at_midnight(network: Network) -> None:
    header = [column.french for column in DATASETS["structures"].columns]
    cells = [DIRECTORY[0].split(";"), DIRECTORY[3].split(";")]
    frame = pl.DataFrame(
        {name: [row[place] or None for row in cells] for place, name in enumerate(header[: len(cells[0])])}
        | {
            "ouverte_le": [date(2010, 1, 1), date(2015, 1, 1)],
            "fermee_le": [None, datetime.fromisoformat("2024-12-31")],
        },
        schema_overrides={"fermee_le": pl.Datetime},
    )
    outcome = deposit(network, parquet(frame), "structures.parquet")
    assert isinstance(outcome, Accepted), codes(outcome.validation)
    with network.snapshot() as snapshot:
        assert snapshot.structures["atelier-ternoise"].opened_on == date(2010, 1, 1)
        assert snapshot.structures["chantier-lorette"].closed_on == date(2024, 12, 31)


def test_a_siret_held_as_a_number_gets_its_zeros_back_if_the_network_knows_it(directory: Network) -> None:
    known, unknown = (changed(structure=pl.Series([number] * 3)) for number in (90000100017, 90000100018))
    assert codes(examine(directory, known, "t1.parquet")) == ["I02"]
    assert codes(examine(directory, unknown, "t1.parquet")) == ["I01"]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_finite_number_is_not_a_number(directory: Network, number: float) -> None:
    found = examine(directory, changed(numerateur=pl.Series([33.0, number, 1505.0])), "t1.parquet")
    assert codes(found) == ["C03"]
    assert places(findings_of(found, "C03")) == [(3, "D")]


def test_half_a_person_is_refused_in_a_typed_file_too(directory: Network) -> None:
    found = examine(directory, changed(numerateur=pl.Series([33.5, 12.0, 1505.0])), "t1.parquet")
    assert [(f.code, f.row, f.column, f.header, f.value) for f in found.findings] == [
        ("C08", 2, "D", "numerateur", "33.5")
    ]


def test_an_absence_can_be_said_in_a_column_of_text(directory: Network) -> None:
    found = examine(directory, changed(numerateur=pl.Series(["33", "NC", "1505.25"])), "t1.parquet")
    assert codes(found) == ["C02"]
    assert found.table is not None
    assert found.table["absence"].to_list() == [None, "missing", None]


def test_an_empty_text_is_an_empty_cell(directory: Network) -> None:
    empty = {"valeur": ["55.0", "", ""], "segment": ["ensemble", "", " "], "commentaire": ["", "", ""]}
    found = examine(directory, changed(**{name: pl.Series(texts) for name, texts in empty.items()}), "t1.parquet")
    assert (found.verdict, codes(found)) == (Verdict.ACCEPTED, [])
    missing = examine(directory, changed(numerateur=pl.Series(["33", "", "1505"])), "t1.parquet")
    assert [(f.code, f.row, f.column) for f in missing.findings] == [("C01", 3, "D")]


def test_columns_may_have_english_names_and_any_order(directory: Network) -> None:
    english = [column.english for column in DATASETS["measures"].columns]
    frame = pl.DataFrame(ROWS).rename(dict(zip(ROWS, english, strict=True)))
    found = examine(directory, parquet(frame.select(reversed(frame.columns))), "t1.parquet")
    assert (found.verdict, found.findings) == (Verdict.ACCEPTED, ())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (parquet(pl.DataFrame(ROWS))[:-1], "F04"),
        (b"PAR1", "F04"),
        (b"PAR1" + b"\0" * 100 + b"PAR1", "F04"),
        (changed(commentaire=pl.Series([["un"], ["deux"], []])), "F02"),
        (changed(commentaire=pl.Series([{"un": 1}, {"un": 2}, None])), "F02"),
        (parquet(pl.DataFrame({"nom": ["un"], "couleur": ["rouge"]})), "H01"),
        (parquet(pl.DataFrame(ROWS).clear()), "F01"),
        (parquet(pl.DataFrame(ROWS).drop("indicateur")), "H04"),
        (parquet(pl.DataFrame({f"c{place}": [1] for place in range(1_001)})), "F05"),
    ],
    ids=[
        "cut short", "its mark alone", "nothing between its marks", "lists", "structs", "another table",
        "no row", "a column missing", "too wide",
    ],
)  # fmt: skip
def test_what_is_no_table_of_ours_is_refused_and_never_a_failure(directory: Network, content: bytes, code: str) -> None:
    found = examine(directory, content, "t1.parquet")
    assert found.verdict is Verdict.REFUSED
    assert codes(found) == [code]


def test_what_is_exported_in_parquet_goes_in_again_without_a_change(directory_network: Network) -> None:
    stored(
        directory_network,
        measures(
            measure("atelier-ternoise", "2026-T1", "fte_realised", "12,3450", 1820, comment="relu"),
            measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, "55,0"),
        ),
    )
    with directory_network.snapshot() as snapshot:
        before = export_rows(snapshot, "measures")
    outcome = deposit(directory_network, parquet(before), "export.parquet")
    assert isinstance(outcome, Accepted), codes(outcome.validation)
    with directory_network.snapshot() as snapshot:
        assert export_rows(snapshot, "measures").equals(before)


def test_an_absence_survives_its_export_in_parquet(directory_network: Network) -> None:
    stored(directory_network, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", "NC", 60)))
    with directory_network.snapshot() as snapshot:
        before = export_rows(snapshot, "measures")
    outcome = deposit(directory_network, parquet(before), "export.parquet")
    assert isinstance(outcome, Accepted), [(f.code, f.row, f.header) for f in outcome.validation.findings]
    with directory_network.snapshot() as snapshot:
        assert export_rows(snapshot, "measures").equals(before)


def test_a_decimal_column_keeps_its_decimals(directory: Network) -> None:
    content = changed(valeur=pl.Series([Decimal("55.00"), None, None]))
    assert examine(directory, content, "t1.parquet").findings == ()
