"""Workbooks: typed cells are read as they are, and what a spreadsheet hides in them is told."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
from xlsxwriter import Workbook

from indicators.intake.readers.detect import open_file
from indicators.intake.readers.sheet import UnreadableError
from indicators.intake.readers.workbook import TEMPLATE_PROPERTY, TEMPLATE_VERSION, canonical_text
from indicators.intake.readers.xml_scan import MAX_COLUMNS
from indicators.intake.validate import Verdict
from indicators.network import Network
from schemas.findings import Severity
from tests.builders import MEASURES, TERNOISE, codes, examine, findings_of
from tests.intake.workbooks import ods, ods_row, ods_table, write, xlsx, xlsx_of

HEADER = MEASURES.split(";")
PERCENT = (
    '<table:table-cell office:value-type="percentage" office:value="0.55"><text:p>55 %</text:p></table:table-cell>'
)
ROW = ["atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, 0.55, "ensemble", None]


@pytest.mark.parametrize(
    ("cell", "percent", "text"),
    [
        (None, False, None),
        ("", False, None),
        ("  deux mots\n", False, "  deux mots\n"),
        (58.0, False, "58"),
        (-4.5, False, "-4.5"),
        (1.234, False, "1.234"),
        (1234.567, False, "1234.567"),
        (12345678901234.0, False, "12345678901234"),
        (1.2e16, False, "12000000000000000"),
        (1e-7, False, "0.0000001"),
        (0.6041666666666666, True, "60.4166666667%"),
        (0.07, True, "7%"),
        (1, True, "100%"),
        (3e16, True, "3000000000000000000%"),
        (True, False, "TRUE"),
        (date(2026, 3, 31), False, "2026-03-31"),
        (datetime.fromisoformat("2026-03-31"), False, "2026-03-31"),
        (datetime.fromisoformat("2026-03-31T14:05"), False, "2026-03-31 14:05:00"),
    ],
)
def test_a_typed_cell_is_written_in_one_way_only(cell: object, percent: bool, text: str | None) -> None:
    assert canonical_text(cell, percent=percent) == text


def test_a_workbook_and_the_text_it_stands_for_are_read_alike(directory: Network) -> None:
    found = examine(directory, xlsx_of([HEADER, ROW], c5="0.0%"), "depot.xlsx")
    assert found.verdict is Verdict.ACCEPTED
    assert found.table is not None
    row = found.table.row(0, named=True)
    assert (row["line"], row["numerator"], row["denominator"], row["value"]) == (2, 33.0, 60.0, 55.0)
    assert codes(found) == [], "the format of a cell is no unit that somebody wrote"


def test_a_siret_kept_as_a_number_gets_its_zeros_back_only_where_that_makes_a_number_of_the_network(
    directory: Network,
) -> None:
    lost = [[float(number), *ROW[1:]] for number in (TERNOISE, int(TERNOISE) + 1)]
    found = examine(directory, xlsx_of([HEADER, *lost]), "depot.xlsx")
    assert [(finding.row, finding.suggestion) for finding in findings_of(found, "I02")] == [(2, TERNOISE)]
    assert [finding.row for finding in findings_of(found, "I01")] == [3]


def test_an_error_a_formula_without_value_and_a_lost_title_are_told_in_their_cells(directory: Network) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet("T1")
        write(book, sheet, [["Indicateurs du T1"], [], HEADER, ROW, [*ROW[:2], "positive_exit_rate", 1, 60]])
        sheet.write_formula(3, 5, "=D4/E4*0", None, "#DIV/0!")

    found = examine(directory, xlsx(fill), "depot.xlsx")
    assert found.verdict is Verdict.REFUSED
    (error,) = findings_of(found, "C14")
    assert (error.sheet, error.row, error.column, error.header, error.value) == ("T1", 4, "F", "valeur", "#DIV/0!")
    (above,) = findings_of(found, "H02")
    assert (above.row, above.count) == (1, 2)


def test_a_formula_that_was_never_computed_is_told_with_its_text(directory: Network) -> None:
    content = xlsx_of([HEADER, ROW])
    content = _rewritten(content, "xl/worksheets/sheet1.xml", b"<v>33</v>", b"<f>A1+1</f><v></v>")
    (formula,) = findings_of(examine(directory, content, "depot.xlsx"), "C15")
    assert (formula.row, formula.column, formula.value) == (2, "D", "=A1+1")


def test_merged_cells_among_the_data_are_told_and_above_them_are_not(directory: Network) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 7, "Indicateurs du T1")
        write(book, sheet, [[], HEADER, ROW, [*ROW[:2], "positive_exit_rate", 1, 60]])
        sheet.merge_range(2, 0, 3, 0, "atelier-ternoise")

    found = examine(directory, xlsx(fill), "depot.xlsx")
    assert [(finding.row, finding.column) for finding in findings_of(found, "R09")] == [(3, "A")]


def test_of_several_sheets_that_could_be_meant_the_first_is_read_once_that_is_confirmed(directory: Network) -> None:
    def fill(book: Workbook) -> None:
        for name in ("Lisez-moi", "T1", "T1 bis"):
            sheet = book.add_worksheet(name)
            write(book, sheet, [["Bonjour"]] if name == "Lisez-moi" else [HEADER, ROW], c5="0%")

    found = examine(directory, xlsx(fill), "depot.xlsx")
    assert found.verdict is Verdict.TO_CONFIRM
    (several,) = findings_of(found, "F13")
    assert (several.sheet, several.values["others"]) == ("T1", "T1 bis")


def test_a_hidden_sheet_of_ours_is_told_whether_or_not_another_is_shown(directory: Network) -> None:
    def fill(book: Workbook) -> None:
        shown, hidden = book.add_worksheet("Notes"), book.add_worksheet("T1")
        write(book, shown, [["rien"]])
        write(book, hidden, [HEADER, ROW], c5="0%")
        hidden.hide()

    found = examine(directory, xlsx(fill), "depot.xlsx")
    assert (found.verdict, found.rows_read, codes(found)) == (Verdict.TO_CONFIRM, 1, ["F13"])


def test_an_open_document_is_read_with_its_repeated_cells_and_rows(directory: Network) -> None:
    content = ods(
        ods_table(
            ods_row("", repeated=2),
            ods_row(*HEADER),
            ods_row("", repeated=3),
            ods_row(*ROW[:5], PERCENT, "ensemble"),
            ods_row('<table:table-cell table:number-columns-repeated="16384"/>', repeated=1_048_000),
        )
    )
    found = examine(directory, content, "depot.ods")
    assert found.verdict is Verdict.ACCEPTED
    assert found.table is not None
    assert found.table.select("line", "value").rows() == [(7, 55.0)]


def test_an_error_in_an_open_document_is_told(directory: Network) -> None:
    error = (
        '<table:table-cell table:formula="of:=[.D2]/0" office:value-type="string" office:string-value="">'
        "<text:p>#DIV/0!</text:p></table:table-cell>"
    )
    found = examine(directory, ods(ods_table(ods_row(*HEADER), ods_row(*ROW[:5], error))), "depot.ods")
    assert [(finding.row, finding.column, finding.value) for finding in findings_of(found, "C14")] == [
        (2, "F", "#DIV/0!")
    ]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (
            ods_row(
                '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16000"/>'
            ),
            "F05",
        ),
        (ods_row(1, repeated=1_000_000), "F05"),
        (ods_row(), "F01"),
    ],
    ids=["too wide", "too tall", "empty"],
)
def test_a_sheet_that_would_not_fit_is_refused_before_it_is_read(rows: str, code: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        open_file(ods(ods_table(rows)), "depot.ods")
    assert refused.value.finding.code == code


def test_a_lone_cell_far_away_does_not_make_a_rectangle_of_billions() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, "b")

    with pytest.raises(UnreadableError) as refused:
        open_file(xlsx(fill), "depot.xlsx")
    assert (refused.value.finding.code, refused.value.finding.values) == (
        "F05",
        {"limit": MAX_COLUMNS, "of": "columns"},
    )


@pytest.mark.parametrize("name", ["depot.csv", "depot.txt", "depot.ods", "depot.parquet"])
def test_a_workbook_under_another_name_is_read_and_said(directory: Network, name: str) -> None:
    (finding,) = findings_of(examine(directory, xlsx_of([HEADER, ROW], c5="0%"), name), "F03")
    assert (finding.severity, finding.values["format"], finding.value) == (Severity.CORRECTED, "xlsx", name)


def moved(*rows: list[object], row: int = 4, column: int = 2) -> bytes:
    """A workbook whose table does not begin in its first cell."""

    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        percent = book.add_format({"num_format": "0%"})
        for place, cells in enumerate([HEADER, *rows]):
            for offset, cell in enumerate(cells):
                if cell is not None:
                    shown = percent if place and offset == 5 else None
                    sheet.write(row + place, column + offset, cell, shown)
        sheet.write_formula(row + 2, column + 5, "=1/0", None, "#DIV/0!")

    return xlsx(fill)


def test_a_table_that_begins_further_down_and_right_keeps_its_columns(directory: Network) -> None:
    second = [*ROW[:2], "positive_exit_rate", 20, 60]
    found = examine(directory, moved(ROW, second), "depot.xlsx")
    assert [(finding.row, finding.column) for finding in findings_of(found, "C14")] == [(7, "H")]
    assert found.parsed is not None
    assert found.parsed["value"].to_list() == [55.0, None]
    assert not {"C01", "X02"} & set(codes(found))


def test_an_open_document_that_begins_further_right_keeps_its_columns(directory: Network) -> None:
    rate = (
        '<table:table-cell office:value-type="percentage" office:value="0.55"><text:p>55 %</text:p></table:table-cell>'
    )
    content = ods(ods_table(ods_row("", "", *HEADER), ods_row("", "", *ROW[:5], rate, "ensemble")))
    found = examine(directory, content, "depot.ods")
    assert found.findings == ()
    assert found.table is not None
    assert found.table["value"].to_list() == [55.0]


@pytest.mark.parametrize(
    "cell",
    [
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        'calcext:value-type="error"><text:p>Err:502</text:p></table:table-cell>',
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" calcext:value-type="error">'
        "<office:annotation><text:p>à revoir</text:p></office:annotation><text:p>#DIV/0!</text:p></table:table-cell>",
    ],
    ids=["an error with a number", "an error under a remark"],
)
def test_an_error_of_an_open_document_is_told_however_it_is_said(directory: Network, cell: str) -> None:
    found = examine(directory, ods(ods_table(ods_row(*HEADER), ods_row(*ROW[:5], cell))), "depot.ods")
    assert [(finding.row, finding.column) for finding in findings_of(found, "C14")] == [(2, "F")]


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/styles.xml", b'numFmtId="0"', b'numFmtId="x"'),
        ("xl/worksheets/sheet1.xml", b'<row r="2"', '<row r="²"'.encode()),
    ],
)
def test_a_workbook_whose_numbers_are_none_is_damaged(directory: Network, part: str, old: bytes, new: bytes) -> None:
    content = _rewritten(xlsx_of([HEADER, ROW], c5="0.00%"), part, old, new)
    assert codes(examine(directory, content, "depot.xlsx")) == ["F04"]


def test_a_part_in_an_encoding_that_does_not_exist_is_damage(directory: Network) -> None:
    content = _rewritten(xlsx_of([HEADER, ROW]), "xl/worksheets/sheet1.xml", b'"UTF-8"', b'"UTFr-8"')
    assert codes(examine(directory, content, "depot.xlsx")) == ["F04"]


def test_an_archive_that_lies_about_where_its_parts_are_is_damage(directory: Network) -> None:
    content = bytearray(xlsx_of([HEADER, ROW]))
    end = content.rindex(b"PK\x05\x06")
    # The offset of the directory, in the last record of the archive: all parts seem to begin before the file.
    content[end + 16 : end + 20] = (2**31).to_bytes(4, "little")
    assert codes(examine(directory, bytes(content), "depot.xlsx")) == ["F04"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_part_is_damage_however_it_is_compressed(directory: Network, method: int) -> None:
    repacked = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx_of([HEADER, ROW]))) as parts, zipfile.ZipFile(repacked, "w", method) as book:
        for name in parts.namelist():
            book.writestr(name, parts.read(name))
        damaged = book.getinfo("xl/worksheets/sheet1.xml")
    content = bytearray(repacked.getvalue())
    middle = damaged.header_offset + len(damaged.FileHeader()) + damaged.compress_size // 2
    content[middle : middle + 20] = bytes(20)
    assert codes(examine(directory, bytes(content), "depot.xlsx")) == ["F04"]


def test_many_merged_cells_below_the_data_cost_nothing(directory: Network) -> None:
    merged = b"".join(b'<mergeCell ref="A5000:A1048576"/>' for _ in range(50_000))
    content = _rewritten(
        xlsx_of([HEADER, ROW], c5="0%"),
        "xl/worksheets/sheet1.xml",
        b"</sheetData>",
        b"</sheetData><mergeCells>" + merged + b"</mergeCells>",
    )
    assert codes(examine(directory, content, "depot.xlsx")) == []


def test_a_title_merged_beside_the_table_is_no_failure(directory: Network) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        write(book, sheet, [["structure", "periode", "indicateur", "numero"], ["a", "b", "c", 1]])
        sheet.merge_range("G1:H1", "")

    assert "H04" in codes(examine(directory, xlsx(fill), "depot.xlsx"))


@pytest.mark.parametrize(
    ("version", "verdict", "severities"),
    [
        (TEMPLATE_VERSION, Verdict.ACCEPTED, []),
        (TEMPLATE_VERSION - 1, Verdict.ACCEPTED, [Severity.INFO]),
        (TEMPLATE_VERSION + 1, Verdict.REFUSED, [Severity.BLOCKING]),
        ("modèle perdu", Verdict.REFUSED, [Severity.BLOCKING]),
    ],
)
def test_a_template_says_its_version_an_old_one_is_read_and_an_unknown_one_is_not(
    directory: Network, version: object, verdict: Verdict, severities: list[Severity]
) -> None:
    def fill(book: Workbook) -> None:
        book.set_custom_property(TEMPLATE_PROPERTY, version)
        write(book, book.add_worksheet(), [HEADER, ROW], c5="0%")

    found = examine(directory, xlsx(fill), "depot.xlsx")
    assert (found.verdict, [finding.severity for finding in findings_of(found, "F12")]) == (verdict, severities)


def _rewritten(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                assert old in data
                data = data.replace(old, new)
            target.writestr(name, data)
    return written.getvalue()
