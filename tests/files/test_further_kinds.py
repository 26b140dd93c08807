"""Kinds of files beyond the two sets: what other programs and other people make of the same table."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from indicators.intake.deposit import Accepted
from indicators.intake.readers.encodings import find_impossible, read_as_windows, redecode
from indicators.intake.validate import ValidationResult, Verdict
from indicators.network import Network
from schemas.findings import Severity
from tests.builders import Store, codes, deposit, examine, findings_of, stored
from tests.conftest import examples, sample
from tests.intake.workbooks import ods, ods_row, ods_table, write, xlsx, xlsx_of

SET = Path(__file__).parent / "public-cases"
HEADER = "structure;periode;indicateur;numerateur;denominateur;valeur;segment;commentaire"
SIRET = "12345678200101"
ROWS = (
    (SIRET, "2026-T1", "dynamic_exit_rate", "58", "96", "60,4", "ensemble", ""),
    (SIRET, "2026-T1", "durable_job_exit_rate", "24", "96", "25,0", "ensemble", ""),
    (SIRET, "2026-T1", "transition_job_exit_rate", "20", "96", "20,8", "ensemble", ""),
    (SIRET, "2026-T1", "positive_exit_rate", "14", "96", "14,6", "ensemble", ""),
    (SIRET, "2026-T1", "permanent_contract_share", "33", "44", "75,0", "ensemble", ""),
    (SIRET, "2026-T1", "absenteeism_rate", "150", "1200", "12,5", "ensemble", ""),
)
LINES = [HEADER, *(";".join(row) for row in ROWS)]
TYPED: list[list[object]] = [
    HEADER.split(";"),
    *([row[0], row[1], row[2], int(row[3]), int(row[4]), None, row[6], None] for row in ROWS),
]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with Store(str(tmp_path_factory.mktemp("kinds") / "store")).open() as network:
        stored(network, (SET / "structures.csv").read_bytes())
        yield network


def text(*lines: str, end: str = "\r\n") -> bytes:
    return "".join(f"{line}{end}" for line in lines or LINES).encode()


def cell(row: int, column: int, content: str, lines: Sequence[str] = LINES) -> list[str]:
    """Change one cell, by its row in a spreadsheet and its place from 0."""
    changed = [line.split(";") for line in lines]
    changed[row - 1][column] = content
    return [";".join(cells) for cells in changed]


def look(network: Network, content: bytes, name: str = "depot.csv") -> ValidationResult:
    return examine(network, content, name, period="2026-T1")


def figures(found: ValidationResult) -> list[tuple[object, ...]]:
    assert found.table is not None, codes(found)
    return sorted(found.table.select("indicator", "numerator", "denominator", "segment").rows())


CONTROL = sorted((row[2], float(row[3]), float(row[4]), "ensemble") for row in ROWS)


# Dialects


@pytest.mark.parametrize(
    "content",
    [
        text().replace(b";", b"\t"),
        text().replace(b";", b"\t").decode().encode("utf-16"),
        text(end="\n"),
        text(end="\r"),
        text(*cell(7, 4, "1\u202f200")),
    ],
    ids=["tabs", "the Unicode text of a spreadsheet", "Unix", "an old Mac", "a narrow no-break space"],
)
def test_a_dialect_changes_nothing_of_a_table(known: Network, content: bytes) -> None:
    found = look(known, content)
    assert (found.verdict, codes(found), figures(found)) == (Verdict.ACCEPTED, [], CONTROL)


def test_an_absence_beside_the_rate_that_it_would_hide_is_refused(known: Network) -> None:
    found = look(known, text(*cell(3, 3, "NC")))
    assert [(finding.row, finding.header, finding.severity) for finding in findings_of(found, "C02")] == [
        (3, "numerateur", Severity.BLOCKING)
    ]


# Separators left out, and added (18)


@pytest.mark.parametrize("encode", [str.encode, lambda t: t.encode("utf-16"), lambda t: t.encode("cp1252")])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_separators_left_out_below_row_16_are_empty_cells_in_every_dialect(
    known: Network, separator: str, encode: Callable[[str], bytes]
) -> None:
    segments = [f"equipe={place}" for place in range(1, 5)]
    counts = dict.fromkeys((row[2] for row in ROWS), "1") | {"dynamic_exit_rate": "3"}
    rows = [(*each[:3], counts[each[2]], "9", "", name, "") for name in segments for each in ROWS[:5]]
    lines = [HEADER.split(";"), *(list(row) for row in (*ROWS, *rows))]
    lines[1][7] = "élève"
    cut = [separator.join(cells if place < 16 else cells[:7]) for place, cells in enumerate(lines)]
    written = "\r\n".join(cut).replace("60,4", "60.4") if separator == "," else "\r\n".join(cut)
    for old, new in (("25,0", "25.0"), ("20,8", "20.8"), ("14,6", "14.6"), ("75,0", "75.0"), ("12,5", "12.5")):
        written = written.replace(old, new)
    found = look(known, encode(written))
    (finding,) = findings_of(found, "R02")
    assert (finding.severity, finding.row, finding.count) == (Severity.CORRECTED, 17, len(lines) - 16)
    assert found.rows_read == len(lines) - 1
    assert not any(finding.severity is Severity.BLOCKING for finding in found.findings), codes(found)


@settings(examples(0.4), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(widths=st.lists(st.integers(6, 8), min_size=6, max_size=6))
def test_rows_that_stop_in_their_optional_columns_hold_what_they_would_hold_whole(
    known: Network, widths: list[int]
) -> None:
    cut = [";".join(row[:width]) for row, width in zip(ROWS, widths, strict=True)]
    found = look(known, text(HEADER, *cut))
    assert found.verdict is Verdict.ACCEPTED
    assert figures(found) == CONTROL
    short = [row for row, width in enumerate(widths, start=2) if width < 8]
    assert [(finding.row, finding.count) for finding in findings_of(found, "R02")] == (
        [(short[0], len(short))] if short else []
    )


def test_a_row_that_stops_before_a_column_that_must_be_there_is_refused_where_it_stands(known: Network) -> None:
    found = look(known, text(*LINES[:3], f"{SIRET};2026-T1;positive_exit_rate;14"))
    (finding,) = findings_of(found, "R02")
    assert (found.verdict, finding.severity, finding.row) == (Verdict.REFUSED, Severity.BLOCKING, 4)


def test_one_more_empty_cell_on_every_row_is_dropped_and_said_once(known: Network) -> None:
    found = look(known, text(HEADER, *(f"{line};" for line in LINES[1:])))
    (finding,) = findings_of(found, "R02")
    assert (found.verdict, finding.severity, finding.row, finding.count) == (Verdict.ACCEPTED, Severity.CORRECTED, 2, 6)
    assert figures(found) == CONTROL
    one = look(known, text(*LINES[:3], f"{LINES[3]};", *LINES[4:]))
    assert (one.verdict, [finding.row for finding in findings_of(one, "R01")]) == (Verdict.REFUSED, [4])


# Letters of DOS and of old Macs (19)

WORDS = (
    "Régie", "élève", "français", "bâtiment", "Noël", "maître", "coût", "août", "sûr", "hôtel", "voilà", "déjà", "naïf",
    "ÉLÈVE", "DÉLAI", "RELÈVE", "PREMIÈRE", "FRANÇAIS", "ENQUÊTE", "FORÊT", "NOËL", "MAÎTRE", "HÔTEL", "SYSTÈME", "ÎLE",
    "École", "Évry", "été", "Genève", "ça", "ACCÈS", "âge", "ÂGE", "où", "cœur", "coördinatie", "één", "« texte »", "é",
)  # fmt: skip
SOUND = (
    "l’insertion", "« Bonjour » – œuvre…", "ÉLÈVE", "CÔTE D'AZUR", "DÉPÔT", "n° 12", "10 €", "50 % – 60 %", "Ô", "À",
    "lundi–vendredi", "T1–T2", "salarié·e·s", "SALARIÉ·E·S", "Citroën", "MAÏS", "Ça va", "à", "où", "“Bonjour”", "één",
    "coëfficiënt", "suite…", "etc… fin", "d’œuvre", "Iñaki", "São Paulo", "m²", "© 2026", "Müller", "50 ± 2", "3 × 4",
    "1° étage", "le maître", "A — B", "BÛCHE", "PÂQUES", "pôle emploi", "N° SIRET", "RÉGIE – ÎLE", "reïntegratie",
)  # fmt: skip


WRITTEN = [
    pytest.param(word, written, id=f"{encoding}-{word}")
    for encoding in ("cp850", "cp437", "mac_roman")
    for word in WORDS
    if (written := word.encode(encoding, "ignore")).decode(encoding) == word
]
"""The words as these programs write them, where they have the letters."""


@pytest.mark.parametrize(("word", "written"), sample(WRITTEN, 3))
def test_letters_of_dos_and_of_old_macs_are_never_stored_broken(known: Network, word: str, written: bytes) -> None:
    found = look(known, text(*cell(3, 7, "@")).replace(b"@", written))
    assert found.verdict in {Verdict.REFUSED, Verdict.TO_CONFIRM}, word
    assert set(codes(found)) & {"F06", "F07"}
    broken = [each for each in found.findings if each.code in {"F06", "F07"}]
    assert [(each.row, each.column, each.header) for each in broken] == [(3, "H", "commentaire")]


@pytest.mark.parametrize("word", sample(SOUND, 3))
def test_letters_of_windows_are_read_without_a_word(known: Network, word: str) -> None:
    found = look(known, text(*cell(3, 7, "@")).replace(b"@", word.encode("cp1252")))
    assert not set(codes(found)) & {"F06", "F07"}, word
    assert found.table is not None
    assert word.strip() in found.table["comment"].to_list()


@examples(2)
@given(st.lists(st.sampled_from([*SOUND, "rez de jardin", "2026", "été"]), min_size=1, max_size=6))
def test_words_of_windows_put_side_by_side_are_still_of_windows(words: list[str]) -> None:
    read = read_as_windows(" ; ".join(words).encode("cp1252"))
    assert find_impossible(read) is None
    assert all(redecode(cell_) is None for cell_ in read.split(" ; "))


def test_letters_broken_before_the_file_was_saved_as_utf_8_are_asked_about(known: Network) -> None:
    found = look(known, text(*cell(3, 7, "R‚gie de quartier")))
    (finding,) = findings_of(found, "F07")
    assert (finding.row, finding.column, finding.suggestion) == (3, "H", "Régie de quartier")


# Hidden rows and columns (20)


def test_hidden_rows_and_columns_are_named_and_what_is_found_in_them_says_so(known: Network) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet("T1")
        rows = [[*row] for row in TYPED]
        rows[4][3], rows[4][4] = -14, 96
        write(book, sheet, rows)
        for row in (2, 4, 5):
            sheet.set_row(row, 0)
        sheet.set_column(2, 2, None, None, {"hidden": True})
        secret = book.add_worksheet("Secret")
        write(book, secret, TYPED)
        secret.hide()

    found = look(known, xlsx(fill), "t1.xlsx")
    rows, column = findings_of(found, "F16")
    assert (column.column, column.header) == ("C", "indicateur") or (rows.column, rows.header) == ("C", "indicateur")
    named = next(each for each in (rows, column) if each.values["of"] == "rows")
    assert (named.row, named.count, named.values["rows"]) == (3, 3, "3, 5–6")
    assert findings_of(found, "C06")[0].values["hidden"] == "row"
    assert [each.code for each in found.findings if each.code == "F13"] == ["F13"]


@pytest.mark.parametrize("visibility", ["collapse", "filter"])
def test_rows_and_columns_that_an_open_document_hides_are_told(known: Network, visibility: str) -> None:
    rows = [ods_row(*row) for row in TYPED]
    rows[3] = rows[3].replace("<table:table-row", f'<table:table-row table:visibility="{visibility}"')
    columns = '<table:table-column table:number-columns-repeated="3"/><table:table-column table:visibility="collapse"/>'
    found = look(known, ods(ods_table(columns, *rows)), "t1.ods")
    assert {(finding.row, finding.column) for finding in findings_of(found, "F16")} == {(4, None), (None, "D")}
    assert found.verdict is Verdict.TO_CONFIRM


def test_hidden_rows_that_hold_nothing_are_no_finding(known: Network) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet("T1")
        write(book, sheet, TYPED)
        for row in range(20, 40):
            sheet.set_row(row, None, None, {"hidden": True})
        sheet.set_column(12, 16000, None, None, {"hidden": True})

    assert codes(look(known, xlsx(fill), "t1.xlsx")) == []


# Rates with three decimals (22)


@pytest.mark.parametrize(
    ("value", "numerator", "denominator", "verdict"),
    [
        ("60,417", "58", "96", Verdict.ACCEPTED),
        ("60.417", "58", "96", Verdict.ACCEPTED),
        ("60,417 %", "58", "96", Verdict.ACCEPTED),
        ("60,417", "NC", "", Verdict.REFUSED),
        ("61,417", "58", "96", Verdict.TO_CONFIRM),
        ("60,4160", "58", "96", Verdict.ACCEPTED),
        ("60,4150", "58", "96", Verdict.TO_CONFIRM),
    ],
)
def test_the_counts_or_the_range_say_what_a_rate_with_three_decimals_is(
    known: Network, value: str, numerator: str, denominator: str, verdict: Verdict
) -> None:
    lines = cell(2, 5, value)
    lines = cell(2, 3, numerator, lines)
    lines = cell(2, 4, denominator, lines)
    found = look(known, text(*lines))
    assert found.verdict is verdict, codes(found)
    assert "C04" not in codes(found)
    assert ("X02" in codes(found)) == (verdict is Verdict.TO_CONFIRM)


def test_a_rate_alone_is_read_by_its_range_and_hours_without_one_stay_in_doubt(known: Network) -> None:
    rate = look(known, text(HEADER, f"{SIRET};2026-T1;dynamic_exit_rate;;;60,417;;"))
    assert "C04" not in codes(rate)
    hours = look(known, text(HEADER, f"{SIRET};2026-T1;fte_realised;;;1,200;;"))
    (finding,) = findings_of(hours, "C04")
    assert (finding.row, finding.column, finding.suggestion) == (2, "F", "1200 / 1,2000")


@settings(examples(0.6), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 96), st.sampled_from([",", "."]))
def test_every_share_written_with_three_decimals_is_read_without_a_word(
    known: Network, numerator: int, mark: str
) -> None:
    value = f"{numerator / 96 * 100:.3f}".replace(".", mark)
    found = look(known, text(HEADER, f"{SIRET};2026-T1;dynamic_exit_rate;{numerator};96;{value};;"))
    assert not set(codes(found)) & {"C04", "X02"}, value


def test_typed_rates_keep_their_three_decimals(known: Network) -> None:
    rows = [TYPED[0], *([*row[:5], round(row[3] / row[4] * 100, 3), *row[6:]] for row in TYPED[1:])]  # type: ignore[operator]
    assert codes(look(known, xlsx_of(rows), "t1.xlsx")) == []
    shares = [TYPED[0], *([*row[:5], round(row[3] / row[4], 5), *row[6:]] for row in TYPED[1:])]  # type: ignore[operator]
    assert codes(look(known, xlsx_of(shares, c5="0.0%"), "t1.xlsx")) == []
    wrong = look(known, xlsx_of([rows[0], [*rows[1][:5], 61.417, *rows[1][6:]]]), "t1.xlsx")
    assert [finding.value for finding in findings_of(wrong, "X02")] == ["61.417"]


# Totals, marks, numbers, periods (23)


@pytest.mark.parametrize(
    "label",
    [
        "Totaal", "Subtotaal", "Algemeen totaal", "Eindtotaal", "Total général", "Grand Total", "demo-ath Total",
        "Total demo-ath", "Totaal demo-ath", "Sous-total", "Sous total demo-ath", "TOTAL GENERAL", "Resultat",
        "Total Résultat", "Totaux",
    ],
)  # fmt: skip
def test_a_row_that_a_pivot_table_labels_as_a_total_is_skipped_and_said(known: Network, label: str) -> None:
    found = look(known, text(*LINES, f"{label};;;299;1628;;;"))
    assert found.verdict is Verdict.ACCEPTED, codes(found)
    assert [(finding.row, finding.value) for finding in findings_of(found, "R05")] == [(8, label)]


def test_a_subtotal_labelled_in_the_second_column_is_one_too(known: Network) -> None:
    found = look(known, text(*LINES, f"{SIRET};2026-T1 Total;;299;1628;;;"))
    assert [(finding.row, finding.value) for finding in findings_of(found, "R05")] == [(8, "2026-T1 Total")]


def test_files_put_one_after_the_other_keep_no_mark_of_theirs(known: Network) -> None:
    mark = "\ufeff"
    found = look(known, f"{mark}{text(*LINES[:4]).decode()}{mark}{text(HEADER, *LINES[4:]).decode()}".encode())
    assert (found.verdict, [finding.row for finding in findings_of(found, "R06")]) == (Verdict.ACCEPTED, [5])
    assert figures(found) == CONTROL
    wide = look(known, f"{text(*LINES[:4]).decode()}{mark}{text(HEADER, *LINES[4:]).decode()}".encode("utf-16"))
    assert figures(wide) == CONTROL


@pytest.mark.parametrize("number", ["4991E+13", "1,23E+13", "1.23e13", "1,23 E+13", "1,23 x 10^13", "4,991E13"])
def test_a_number_that_a_program_shortened_has_lost_digits(known: Network, number: str) -> None:
    found = look(known, text(*cell(3, 0, number)))
    assert [(finding.row, finding.header) for finding in findings_of(found, "I03")] == [(3, "structure")]


@pytest.mark.parametrize("number", [f"`{SIRET}", f"'{SIRET}", f"´{SIRET}", f"’{SIRET}", f"{SIRET}.0", f"{SIRET},00"])
def test_what_a_program_puts_round_a_number_is_taken_off_and_said(known: Network, number: str) -> None:
    found = look(known, text(*cell(2, 0, number)))
    assert found.verdict is Verdict.ACCEPTED
    assert codes(found) == ["C16"]


def test_a_lost_zero_is_found_again_behind_a_decimal(known: Network) -> None:
    found = look(known, text(HEADER, "1234567400100.0;2026-T1;absenteeism_rate;1;120;;;"))
    assert [finding.suggestion for finding in findings_of(found, "I02")] == ["01234567400100"]


def test_another_quarter_is_told_although_the_indicator_is_unknown(known: Network) -> None:
    found = look(known, text(*cell(3, 2, "durable_exit_rate", cell(3, 1, "2025-T4"))))
    assert [
        (finding.code, finding.row) for finding in found.findings if finding.row == 3 and finding.code in {"B01", "C13"}
    ] == [
        ("B01", 3),
        ("C13", 3),
    ]
    assert findings_of(found, "B01")[0].values["wanted"] == "2026-T1"
    assert "B01" not in codes(look(known, text(*cell(3, 2, "durable_exit_rate"))))


@pytest.mark.parametrize(
    ("titles", "cells"),
    [
        ("annee;trimestre", "2026;T1"),
        ("Année;Trimestre", "2026;1"),
        ("trimestre;annee", "1er trimestre;2026"),
        ("trimestre;annee", "premier;2026"),
        ("year;quarter", "2026;Q1"),
        ("jaar;kwartaal", "2026;K1"),
        ("jaar;kwartaal", "2026.0;eerste kwartaal"),
        ("exercice;trim", "2026;T1 2026"),
    ],
)
def test_a_year_and_a_quarter_in_two_columns_are_one_period(known: Network, titles: str, cells: str) -> None:
    lines = [HEADER.replace("periode", titles), *(line.replace("2026-T1", cells) for line in LINES[1:])]
    found = look(known, text(*lines))
    assert found.verdict is Verdict.ACCEPTED, [(f.code, f.row, f.value) for f in found.findings]
    assert figures(found) == CONTROL
    assert {finding.suggestion for finding in findings_of(found, "C12")} == {"2026-T1"}


def test_a_year_and_a_quarter_that_contradict_each_other_are_no_period(known: Network) -> None:
    lines = [
        HEADER.replace("periode", "annee;trimestre"),
        *(line.replace("2026-T1", "2026;T1 2025") for line in LINES[1:]),
    ]
    found = look(known, text(*lines))
    assert (found.verdict, findings_of(found, "C09")[0].header) == (Verdict.REFUSED, "trimestre")


@pytest.mark.parametrize(
    "notes",
    [
        ["", "Source : extranet ASP;;;;;;;", "NC : non communiqué;;;;;;;"],
        ["Bron: extranet (fictief)"],
        ["", "Ces chiffres sont provisoires et seront revus en avril"],
        ["* chiffres provisoires;;;;;;;"],
        ["", "Légende;;;;;;;", "NC;non communiqué;;;;;;", "s.o.;sans objet;;;;;;"],
        ["Note: figures are provisional", "", "Updated 12/04/2026"],
        ["", "Mis à jour le 12 avril 2026;;;;;;;", ""],
    ],
)
def test_notes_below_a_table_are_one_finding(known: Network, notes: list[str]) -> None:
    found = look(known, text(*LINES, *notes))
    assert found.verdict is Verdict.ACCEPTED, [(f.code, f.row, f.value) for f in found.findings]
    assert figures(found) == CONTROL
    (finding,) = findings_of(found, "F15")
    filled = [note for note in notes if note]
    assert (finding.row, finding.count) == (8 + notes.index(filled[0]), len(filled))


def test_notes_below_a_sheet_are_one_finding_too(known: Network) -> None:
    found = look(known, ods(ods_table(*(ods_row(*row) for row in TYPED), ods_row(""), ods_row("Source : LibreOffice"))))
    assert (found.verdict, [finding.row for finding in findings_of(found, "F15")]) == (Verdict.ACCEPTED, [9])


@pytest.mark.parametrize(
    "line", ["demo-zero;;;;;;;", ";;;12;;;;", "Relais du Zéro (fictif);2026-T1;;;;;;", ";;;.;;;;", "x;;;;;;;"]
)
def test_a_row_of_data_that_is_not_finished_is_no_note(known: Network, line: str) -> None:
    found = look(known, text(*LINES, ";;;;;;;", line))
    assert found.verdict is Verdict.REFUSED
    assert "F15" not in codes(found)
    assert 9 in {finding.row for finding in found.findings}


@pytest.mark.parametrize("first", ["sep=,", '"sep=,"', "sep=\t", "SEP=,;;;;;;;"])
def test_a_line_that_announces_another_separator_than_the_tables_own_is_not_followed(
    known: Network, first: str
) -> None:
    found = look(known, text(first, *LINES))
    assert (found.verdict, codes(found)) == (Verdict.ACCEPTED, ["F03"])
    assert figures(found) == CONTROL
    assert codes(look(known, text("sep=;", *LINES))) == []


@pytest.mark.parametrize(
    ("column", "titles"),
    [
        ("valeur", ["Valeur (en %)", "Valeur (%)", "Valeur [%]", "Valeur en %", "valeur (pourcentage)", "Taux (in %)"]),
        ("numerateur", ["Numérateur (nb)", "Numérateur (personnes)", "Numerator (hours)", "Numérateur (en heures)"]),
        ("denominateur", ["Dénominateur (ETP)", "Dénominateur (salariés)"]),
    ],
)
def test_a_unit_behind_a_title_does_not_hide_it(known: Network, column: str, titles: list[str]) -> None:
    for title in titles:
        found = look(known, text(HEADER.replace(column, title), *LINES[1:]))
        assert (found.verdict, codes(found)) == (Verdict.ACCEPTED, ["H08"]), title
    assert "H04" in codes(look(known, text(HEADER.replace("numerateur", "numerateur (N-1)"), *LINES[1:])))


@pytest.mark.parametrize(
    "start",
    [b"\xd0\xcf\x11\xe0" + bytes(600), b"ARROW1\0\0" + bytes(80), b"\x89HDF\r\n", b"Obj\x01avro", b"ID;PWXL;N;E\r\n"],
)
def test_a_format_of_another_program_is_refused_by_its_name(known: Network, start: bytes) -> None:
    found = look(known, start, "t1.csv")
    assert (found.verdict, codes(found)) == (Verdict.REFUSED, ["F02"])


def test_feather_written_by_polars_is_refused_by_its_name(known: Network) -> None:
    buffer = io.BytesIO()
    pl.DataFrame({"structure": [SIRET]}).write_ipc(buffer)
    assert [finding.values["format"] for finding in findings_of(look(known, buffer.getvalue()), "F02")] == [
        "Feather, Arrow"
    ]


COLUMNS = {
    "structure": [row[0] for row in ROWS],
    "periode": [row[1] for row in ROWS],
    "indicateur": [row[2] for row in ROWS],
    "numerateur": [int(row[3]) for row in ROWS],
    "denominateur": [int(row[4]) for row in ROWS],
}


@pytest.mark.parametrize("compression", ["uncompressed", "snappy", "gzip", "brotli", "zstd", "lz4"])
def test_parquet_is_read_whatever_packs_it(known: Network, compression: str) -> None:
    buffer = io.BytesIO()
    pl.DataFrame(COLUMNS).write_parquet(buffer, compression=compression)  # type: ignore[arg-type]
    found = look(known, buffer.getvalue(), "t1.parquet")
    assert (figures(found), codes(found)) == (CONTROL, [])


def test_parquet_of_unusual_types_is_read_as_the_same_table(known: Network) -> None:
    frame = pl.DataFrame(COLUMNS).with_columns(
        pl.col("structure").cast(pl.Binary),
        pl.col("periode").cast(pl.Categorical),
        pl.col("indicateur").cast(pl.Enum([row[2] for row in ROWS])),
        pl.col("numerateur").cast(pl.Decimal(12, 3)),
        pl.col("denominateur").cast(pl.UInt16),
        valeur=pl.Series([round(int(row[3]) / int(row[4]) * 100, 3) for row in ROWS]),
        commentaire=pl.lit(None),
        detail=pl.Series([[1, 2]] * len(ROWS)),
        jour=pl.lit(date(2026, 3, 31)),
        cout=pl.Series([Decimal("1.005")] * len(ROWS)),
    )
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    found = look(known, buffer.getvalue(), "t1.parquet")
    assert figures(found) == CONTROL
    assert set(codes(found)) == {"H05"}, [(f.code, f.header) for f in found.findings]


def test_a_broken_parquet_prints_nothing(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pl.DataFrame(COLUMNS).write_parquet(buffer)
    whole = buffer.getvalue()
    for size in (0, 8, 60, 200):
        (tmp_path / f"{size}.parquet").write_bytes(whole[:size] + b"\xff" * 40 + whole[size + 40 :])
    broken = [str(path) for path in sorted(tmp_path.glob("*.parquet"))]
    code = (
        "import sys; from indicators.intake.readers.detect import open_file\n"
        "for name in sys.argv[1:]:\n"
        "    try: open_file(open(name, 'rb').read(), 't1.parquet')\n"
        "    except Exception as refused: print(type(refused).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code, *broken], capture_output=True, text=True, check=True)
    assert len(broken) == 4
    assert done.stderr == ""


# Sentences (24)


@pytest.mark.parametrize(
    ("typed", "meant"), [("25-mai", "25,5"), ("mai-25", "5,25"), ("3-févr.", "3,2"), ("25/05/2026", "25,5")]
)
def test_a_number_that_became_a_date_says_so_with_the_number(known: Network, typed: str, meant: str) -> None:
    found = look(known, text(*cell(3, 5, typed)))
    (finding,) = findings_of(found, "C03")
    assert (finding.values["guess"], finding.suggestion) == ("date", meant)


@pytest.mark.parametrize("comment", ['"Poste" d\'accueil', '"a" et "b"', 'le "poste" d\'accueil', '5" de large'])
def test_a_quote_that_is_closed_is_part_of_the_text(known: Network, comment: str) -> None:
    found = look(known, text(*cell(3, 7, comment), '"x";;;;;;;'))
    assert "F09" not in codes(found)
    assert found.source_table is not None
    assert comment in found.source_table.texts["comment"].to_list()


def test_a_quote_that_swallows_a_line_is_refused_where_it_opens(known: Network) -> None:
    found = look(known, text(*cell(3, 7, '"jamais refermé', cell(4, 7, '"fermé"'))))
    assert [(finding.code, finding.row) for finding in found.findings] == [("F09", 3)]


@pytest.mark.parametrize("note", ["Source : extranet ASP, extraction du 12/04/2026", "Eindresultaat", "xyz", "ath?"])
def test_no_structure_is_proposed_for_what_is_no_name(known: Network, note: str) -> None:
    found = look(known, text(*cell(3, 0, note)))
    assert [finding.suggestion for finding in findings_of(found, "I07")] == [None]


@pytest.mark.parametrize("name", ["demo-zro", "Relais du zero", "relais zéro", "Atelier de l Ath fictf"])
def test_a_structure_is_proposed_for_a_name_that_is_nearly_its_own(known: Network, name: str) -> None:
    found = look(known, text(*cell(3, 0, name)))
    assert [finding.suggestion in {"demo-zero", "demo-ath"} for finding in findings_of(found, "I07")] == [True]


def test_the_corrected_copy_of_what_was_read_otherwise_can_be_deposited(known: Network) -> None:
    from indicators.intake.files_out.corrected_copy import corrected_csv

    sent = look(known, text(*cell(2, 5, "60,417", [*LINES, "Eindtotaal;;;299;1628;;;", "", "Source : x"])))
    copy = corrected_csv(sent)
    assert copy is not None
    again = look(known, copy)
    assert (again.verdict, codes(again), figures(again)) == (Verdict.ACCEPTED, [], CONTROL)
    assert isinstance(deposit(known, copy, period="2026-T1"), Accepted)
