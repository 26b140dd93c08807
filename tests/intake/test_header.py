"""Which row names the columns, and which rows below it hold data."""

from __future__ import annotations

import pytest

from indicators.intake.validate import Verdict
from indicators.network import Network
from schemas.findings import Severity
from tests.builders import MEASURES, codes, examine, findings_of, measure, places, table

ROW = measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, "55,0")
OTHER = measure("atelier-ternoise", "2026-T1", "positive_exit_rate", 10, 60, "16,7")


def test_titles_over_two_rows_are_read_together_and_said(directory: Network) -> None:
    split = "Structure;Période;Indicateur;;;Taux;Segment;\n;;;Numérateur;Dénominateur;;;Commentaire"
    found = examine(directory, f"{split}\n{ROW}\n".encode())
    (stacked,) = findings_of(found, "H03")
    assert (found.verdict, stacked.severity, stacked.row) == (Verdict.ACCEPTED, Severity.CORRECTED, 1)
    assert found.rows_accepted == 1


def test_a_column_without_a_title_is_told_only_if_it_holds_something(directory: Network) -> None:
    assert codes(examine(directory, table(f"{MEASURES};;", f"{ROW};;"))) == []
    found = examine(directory, table(f"{MEASURES};;", f"{ROW};;vu", f"{OTHER};;"))
    assert (found.verdict, [(f.row, f.column, f.value) for f in findings_of(found, "H07")]) == (
        Verdict.TO_CONFIRM,
        [(2, "J", "vu")],
    )


def test_columns_there_to_be_looked_at_are_passed_over_in_silence(directory: Network) -> None:
    header = f"{MEASURES};référence : numérateur T4 2025"
    assert codes(examine(directory, table(header, f"{ROW};31"))) == []


def test_a_second_table_below_the_first_is_refused_where_it_begins(directory: Network) -> None:
    below = "structure;reference;date;forme;presents"
    found = examine(directory, table(MEASURES, ROW, "", below, "atelier-ternoise;a;2026-01-10;reunion;3"))
    assert [finding.row for finding in findings_of(found, "F14")] == [4]
    assert found.verdict is Verdict.REFUSED


@pytest.mark.parametrize("again", [MEASURES, MEASURES.upper(), MEASURES.title()])
def test_the_header_said_again_is_passed_over_however_it_is_written(directory: Network, again: str) -> None:
    found = examine(directory, table(MEASURES, ROW, again, OTHER))
    assert (found.verdict, codes(found), places(findings_of(found, "R06"))) == (Verdict.ACCEPTED, ["R06"], [(3, None)])


def test_letters_broken_before_the_deposit_are_told_with_what_they_were(directory: Network) -> None:
    broken = "élève à Besançon".encode().decode("cp1252")
    found = examine(directory, table(MEASURES, ROW + broken))
    (finding,) = findings_of(found, "F07")
    assert (found.verdict, finding.row, finding.column, finding.suggestion) == (
        Verdict.TO_CONFIRM,
        2,
        "H",
        "élève à Besançon",
    )


def test_words_that_only_look_broken_are_not(directory: Network) -> None:
    assert codes(examine(directory, table(MEASURES, ROW + "SÃO PAULO, Ângela, ÂGE, « Ã »"))) == []


def test_of_many_ragged_rows_a_sample_is_shown_and_all_are_counted(directory: Network) -> None:
    found = examine(directory, table(MEASURES, *[f"{ROW};;x"] * 3_000))
    assert len(findings_of(found, "R01")) == 50
    assert {finding.count for finding in findings_of(found, "R01")} == {3_000}


def test_a_row_of_the_whole_segment_that_forgot_its_structure_is_no_total(directory: Network) -> None:
    header = "segment;structure;periode;indicateur;numerateur;denominateur"
    found = examine(directory, table(header, "ensemble;;2026-T1;dynamic_exit_rate;12;60"))
    assert (found.verdict, codes(found)) == (Verdict.REFUSED, ["C01"])


def test_a_title_that_says_another_year_is_not_read_as_this_one(directory: Network) -> None:
    header = MEASURES.replace("numerateur", "numerateur (N-1)").replace("valeur", "Valeur (%)")
    found = examine(directory, table(header, ROW))
    assert ("H04" in codes(found), findings_of(found, "H05")[0].value) == (True, "numerateur (N-1)")
    assert [finding.suggestion for finding in findings_of(found, "H08")] == ["valeur"]


def test_a_column_whose_title_only_begins_like_ours_is_not_passed_over_in_silence(directory: Network) -> None:
    found = examine(directory, table(f"{MEASURES};référence numérateur", f"{ROW};31"))
    assert codes(found) == ["H05"]


def test_of_many_headers_below_a_sample_is_shown_and_all_are_counted(directory: Network) -> None:
    other = ";".join(reversed(MEASURES.split(";")))
    found = examine(directory, table(MEASURES, ROW, *[f"structure;{other}".rpartition(";")[0]] * 300))
    assert (len(findings_of(found, "F14")), findings_of(found, "F14")[0].count) == (50, 300)
