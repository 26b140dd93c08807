"""Delimited text: its encoding, its separator and its lines, decided by rules that can be told."""

from __future__ import annotations

import polars as pl
import pytest

from indicators.intake.readers import field_splitting as cutting
from indicators.intake.readers.delimited_text import _decode, read_text, row_at
from indicators.intake.readers.sheet import UnreadableError
from tests.builders import MEASURES

ROW = "atelier-ternoise;2026-T1;dynamic_exit_rate;33;60;55,0;ensemble;cœur, été, 12 €"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso8859-15"])
def test_what_western_europe_writes_is_read_whatever_the_encoding(encoding: str) -> None:
    written = f"{MEASURES}\r\n{ROW}\r\n".encode(encoding)
    assert _decode(written)[0].decode() == f"{MEASURES}\n{ROW}\n"


@pytest.mark.parametrize("encoding", ["cp850", "mac_roman"])
def test_a_text_of_dos_or_of_an_old_mac_is_refused_rather_than_read_wrong(encoding: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read_text(f"{MEASURES}\nx;2026-T1;a;1;2;;;élève\nx;2026-T1;a;1;2;;;déjà\n".encode(encoding))
    assert refused.value.finding.code == "F06"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_line_makes_one_row(end: str) -> None:
    sheet = read_text(end.join([MEASURES, ROW, "", ROW]).encode())
    assert sheet.rows.to_list() == [1, 2, 3, 4]
    assert sheet.cells["0"].to_list() == ["structure", "atelier-ternoise", None, "atelier-ternoise"]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_the_one_by_which_a_line_names_our_columns(separator: str) -> None:
    header = MEASURES.replace(";", separator)
    above = "Réseau ; quatrième essai ; a, b, c, d | e\t f"
    sheet = read_text("\n".join([above, header, *["a b, c; d"] * 30]).encode())
    assert sheet.cells.row(1)[:3] == ("structure", "periode", "indicateur")


def test_a_spreadsheets_own_line_decides_the_separator_and_is_no_row_since_it_is_not_shown() -> None:
    sheet = read_text(f"sep=;\r\n{MEASURES}\r\n{ROW}\r\n".encode())
    assert (sheet.rows[0], sheet.cells.row(0)) == (1, tuple(MEASURES.split(";")))


def test_lines_cut_by_another_separator_than_the_header_are_refused_where_they_begin() -> None:
    with pytest.raises(UnreadableError) as refused:
        read_text("\n".join([MEASURES, ROW, ROW.replace(",", ".").replace(";", "\t"), ROW]).encode())
    assert (refused.value.finding.code, refused.value.finding.row) == ("F08", 3)


@pytest.mark.parametrize("chunk", [7, 40, 2**22])
@pytest.mark.parametrize(
    "lines",
    [
        ["a;b;c", "1;2;3"],
        ["a;b;c", "1;2", "1;2;3;4", ""],
        ["a;b;c", "1;2;3;4", ";;;", ";;;4", "1", "", ";", "1;2;3;4;5;6;7", "x;y;z"],
        ["a;b;c", "1;2", "1;2;3;4;5;6;7;8;9", "1;2;3"],
        ["a;b;c", "1;\x01", "\x01;2;3;4"],
        ["é;b", "1;ü;3", "  ;\t"],
        ["a", "1;2", "3"],
        ["", "a;b;c", "", ";;", " ; ;", "1;2;3;"],
        ["a;b;c;", "1;2;3", "1;2;3;4;5;6"],
        ["a;b", *["1;2"] * 50, "3", *["4;5;6"] * 3],
    ],
)
def test_lines_are_cut_in_bulk_as_one_by_one(lines: list[str], chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "SPLIT_CHUNK_BYTES", chunk)
    sheet = read_text("".join(f"{line}\n" for line in lines).encode())
    naive = [line.split(";") for line in lines]
    assert sheet.widths.to_list() == [len(cells) for cells in naive]
    widest = max(map(len, naive))
    assert sheet.cells.rows() == [
        tuple(cell or None for cell in cells + [""] * (widest - len(cells))) for cells in naive
    ]


def test_quoted_texts_keep_separators_quotes_and_line_feeds_and_count_as_one_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cutting, "RECORDS_AT_ONCE", 2)
    sheet = read_text(b'a;b;c\n1;"deux; ""mots""\nsur deux lignes";3\n4;5;6\n7;;\n')
    assert sheet.cells.rows()[1:] == [("1", 'deux; "mots"\nsur deux lignes', "3"), ("4", "5", "6"), ("7", None, None)]
    assert sheet.rows.to_list() == [1, 2, 3, 4]


def test_a_row_is_counted_as_the_spreadsheet_counts_it() -> None:
    assert row_at(b'a\r\n"b\nc"\r\nd', 10) == 3


def test_the_cells_of_a_text_are_texts() -> None:
    assert set(read_text(b"a;b\n1;2\n").cells.dtypes) == {pl.String}
