"""The files given back: every finding in its cell, the safe corrections made, nothing that runs."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dashboards.downloads.annotated_workbook import MAX_COPIED_COLUMNS, annotated_workbook, corrected_table
from dashboards.wording.finding_messages import hint_sentence, message_sentence
from dashboards.wording.translations import Language, load_translator
from indicators.intake.files_out.corrected_copy import format_french_number
from indicators.intake.validate import ValidationResult, Verdict
from indicators.network import Network
from schemas.datasets import DATASETS
from schemas.findings import Severity
from tests.builders import ACTIONS, MEASURES, TERNOISE, action, examine, measure, measures, occasion, structures, table
from tests.builders import PARTICIPATION as OCCASIONS
from tests.conftest import examples, sample
from tests.intake.finding_cases import COMPLETE_CASES, FindingCase, examined

FR = load_translator("fr")
SOUND = measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, "55,0")
HOSTILE = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", '=HYPERLINK("http://x")', "=cmd|' /C calc'!A0", "{=1}")


def opened(examination: ValidationResult, language: str = "fr") -> Any:
    """Open the marked workbook as a spreadsheet does: formulas would be seen."""
    return openpyxl.load_workbook(io.BytesIO(annotated_workbook(examination, load_translator(language))))


def texts(sheet: Any) -> list[list[str | None]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def needing_answer(examination: ValidationResult) -> set[tuple[str, str | None]]:
    """What the depositor must answer for: what refuses the file or asks for a comment, and what could not be read."""
    wanted = {Severity.BLOCKING, Severity.CONFIRM}
    return {
        (finding.code, finding.value if finding.code in {"C03", "C04", "C09", "C10", "C13", "C14", "I07"} else None)
        for finding in examination.findings
        if finding.severity in wanted
    }


def typed(examination: ValidationResult) -> list[tuple[Any, ...]]:
    """Every row as it was read, and how each number was typed; `line` is where it stood."""
    assert examination.table is not None
    return examination.table.drop("line").rows()


# The marked workbook


def test_each_cell_keeps_its_place_and_what_is_said_of_it_is_in_its_comment(directory: Network) -> None:
    found = examine(directory, table("Indicateurs;;;;;;;", "", MEASURES, SOUND, SOUND.replace("33;60", "x;60")))
    sheet = opened(found).worksheets[1]
    (wrong,) = (finding for finding in found.findings if finding.code == "C03")
    assert (wrong.column, wrong.row) == ("D", 5)
    assert sheet["D5"].value == "x"
    assert sheet["D4"].value == "33"
    assert sheet["A3"].value == "structure"
    comment = sheet["D5"].comment
    assert comment is not None
    for part in (wrong.code, FR("severity.blocking"), message_sentence(wrong, FR), hint_sentence(wrong, FR)):
        assert part in comment.text
    with zipfile.ZipFile(io.BytesIO(annotated_workbook(found, FR))) as archive:
        drawn = archive.read("xl/drawings/vmlDrawing1.vml").decode()
    assert all(float(width) >= 250 for width in re.findall(r"width:([\d.]+)pt;height", drawn))
    assert sheet["D5"].fill.fgColor.rgb not in {"00000000", None}
    assert sheet["D4"].comment is None


def test_the_first_sheet_lists_cause_count_place_what_to_do_and_suggestion(directory: Network) -> None:
    found = examine(directory, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exits_rate", 33, 60)))
    (finding,) = found.findings
    first = opened(found).worksheets[0]
    assert first.title == "Constats"
    lines = texts(first)
    head = next(place for place, line in enumerate(lines) if line[0] == FR("returned.severity"))
    (line,) = lines[head + 1 :]
    assert line[1:3] == ["C13", 1]
    assert line[4:] == [
        "C2",
        "dynamic_exits_rate",
        message_sentence(finding, FR),
        hint_sentence(finding, FR),
        "dynamic_exit_rate",
    ]
    head_cells = {str(cell) for each in lines[:head] for cell in each if cell}
    assert {FR(f"severity.{severity.value}") for severity in Severity} <= head_cells
    assert first.cell(head + 2, 5).hyperlink.location.endswith("!C2")


@pytest.mark.parametrize("language", Language)
def test_the_first_sheet_is_in_the_language_asked_for(directory: Network, language: str) -> None:
    found = examine(directory, measures(SOUND.replace("33", "x")))
    book = opened(found, language)
    text = " ".join(str(cell) for line in texts(book.worksheets[0]) for cell in line if cell)
    assert book.sheetnames[0] == load_translator(language)("returned.sheet")
    assert all(message_sentence(finding, load_translator(language)) in text for finding in found.findings)


def test_a_finding_of_a_whole_row_is_at_its_first_cell_and_one_of_the_file_in_the_first_sheet_only(
    directory: Network,
) -> None:
    found = examine(directory, measures(SOUND, SOUND, ""))
    copy = opened(found).worksheets[1]
    assert "R07" in copy["A3"].comment.text
    unread = examine(directory, b"%PDF-1.7")
    book = opened(unread)
    assert len(book.worksheets) == 1
    assert any("F02" in line for line in texts(book.worksheets[0]))


def test_the_gravest_colour_wins_and_both_are_said(directory: Network) -> None:
    found = examine(directory, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", " 45.5", 44)))
    findings = [finding for finding in found.findings if (finding.row, finding.column) == (2, "D")]
    assert len({finding.severity for finding in findings}) > 1
    sheet = opened(found).worksheets[1]
    blocking_only = opened(examine(directory, measures(SOUND.replace("33", "x")))).worksheets[1]
    assert sheet["D2"].fill.fgColor.rgb == blocking_only["D2"].fill.fgColor.rgb
    assert all(finding.code in sheet["D2"].comment.text for finding in findings)


def test_when_only_some_cells_of_a_cause_are_marked_it_is_said_with_the_true_count(directory: Network) -> None:
    found = examine(directory, measures(*(SOUND.replace("33", f"x{line}") for line in range(80))))
    book = opened(found)
    lines = texts(book.worksheets[0])
    assert [FR("returned.sampled")] in [line[:1] for line in lines]
    assert [line[2] for line in lines if line[1] == "C03"] == [80] * 50
    marked = sum(cell.comment is not None and "C03" in cell.comment.text for cell in book.worksheets[1]["D"])
    assert marked == 50


def test_a_file_without_a_finding_is_told_so(directory: Network) -> None:
    assert any(FR("returned.none") in line for line in texts(opened(examine(directory, measures(SOUND))).worksheets[0]))


def test_nothing_in_the_marked_workbook_is_a_formula(directory: Network) -> None:
    rows = [measure("atelier-ternoise", f"2026-T{place % 3 + 1}", text, text, text, text, text, text)
            for place, text in enumerate(HOSTILE)]  # fmt: skip
    content = io.StringIO()
    writer = csv.writer(content, delimiter=";", lineterminator="\n")
    writer.writerow(MEASURES.split(";"))
    for text in HOSTILE:
        writer.writerow([text] * 8)
    for found in (examine(directory, measures(*rows)), examine(directory, content.getvalue().encode(), "=1+1.csv")):
        content_ = annotated_workbook(found, FR)
        book = openpyxl.load_workbook(io.BytesIO(content_))
        for sheet in book.worksheets:
            assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
        with zipfile.ZipFile(io.BytesIO(content_)) as archive:
            for name in archive.namelist():
                if name.startswith("xl/worksheets/sheet"):
                    assert b"<f>" not in archive.read(name)
            assert not any("externalLink" in name for name in archive.namelist())


def test_signs_that_xml_cannot_hold_do_not_break_the_workbook(directory: Network) -> None:
    strange = "".join(map(chr, range(1, 32))).replace("\n", "").replace("\r", "") + "\ufffe\uffff_x0041_"
    found = examine(directory, measures(SOUND + strange, SOUND.replace("33", f"x{strange}")))
    cells = texts(opened(found).worksheets[1])
    assert cells[1][7] is not None
    assert "\u2401" in str(cells[1][7])
    assert "_x0041_" in str(cells[1][7])


def test_a_long_cell_and_a_wide_or_long_file_are_cut_and_it_is_said(
    directory: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.downloads.annotated_workbook.MAX_COPIED_ROWS", 100)
    wide = table(
        f"{MEASURES};{';'.join(f'c{place}' for place in range(MAX_COPIED_COLUMNS))}",
        SOUND + "x" * 40_000 + ";" * MAX_COPIED_COLUMNS,
    )
    of_wide = opened(examine(directory, wide))
    assert of_wide.worksheets[1].max_column == MAX_COPIED_COLUMNS
    assert len(of_wide.worksheets[1]["H2"].value) > 30_000
    of_long = opened(examine(directory, measures(*[SOUND] * 150, SOUND.replace("33", "x"))))
    assert of_long.worksheets[1].max_row == 100
    cut = FR("returned.cut", rows=100, columns=MAX_COPIED_COLUMNS)
    for book in (of_wide, of_long):
        assert any(cut in line for line in texts(book.worksheets[0]))
    beyond = next(row for row in of_long.worksheets[0].iter_rows() if row[1].value == "C03")
    assert beyond[4].value == "D152"
    assert beyond[4].hyperlink is None


@pytest.mark.parametrize("name", ["Constats", "History", "a/b:c*d?e[f]", "'", "x" * 31, "", "Mesures"])
def test_the_copied_sheet_is_called_as_it_was_where_a_workbook_allows_it(directory: Network, name: str) -> None:
    from dataclasses import replace

    found = examine(directory, measures(SOUND.replace("33", "x")))
    assert found.sheet is not None
    found.__dict__["sheet"] = replace(found.sheet, name=name)
    titles = opened(found).sheetnames
    assert len({title.casefold() for title in titles}) == 2
    if name == "Mesures":
        assert titles[1] == "Mesures"


@pytest.mark.parametrize("case", sample(COMPLETE_CASES, 3), ids=str)
def test_any_file_can_be_given_back_marked(directory: Network, case: FindingCase) -> None:
    found = examined(directory, case)
    book = opened(found)
    listed = {line[1] for line in texts(book.worksheets[0])}
    assert {finding.code for finding in found.findings} <= listed


def test_the_marked_workbook_can_be_mended_and_deposited_itself(directory: Network) -> None:
    found = examine(directory, measures(SOUND.replace("33", "trente-trois")))
    book = opened(found)
    book.worksheets[1]["D2"].value = "33"
    corrected = io.BytesIO()
    book.save(corrected)
    again = examine(directory, corrected.getvalue(), "depot.xlsx")
    assert again.verdict is Verdict.ACCEPTED
    assert again.table is not None
    assert again.table["numerator"].to_list() == [33.0]


# The corrected table


def holds(directory: Network, found: ValidationResult, **options: Any) -> ValidationResult | None:
    """Check that the corrected table says what the file said, without anything to correct; return how it is read."""
    content = corrected_table(found, FR)
    if content is None:
        return None
    again = examine(directory, content, "corrige.csv", **options)
    assert [f.code for f in again.findings if f.severity is Severity.CORRECTED] == []
    assert needing_answer(again) == needing_answer(found)
    assert typed(again) == typed(found)
    return again


@pytest.mark.parametrize("case", sample(COMPLETE_CASES, 3), ids=str)
def test_a_file_of_any_case_corrected_says_the_same(directory: Network, case: FindingCase) -> None:
    holds(directory, examined(directory, case), period=case.period, structure=case.structure)


def test_a_corrected_table_is_a_template_filled(directory: Network) -> None:
    content = table(
        "Mesures du trimestre;;;;;;;",
        "Structures;Trimestre;Indicateur;Numérateurs;Dénominateur;Taux;Segment;Remarque",
        "000 900 001 00017;T1 2026;dynamic_exit_rate; 33 ;60;55,0 %;;=bien",
        "",
        "TOTAL;;;33;60;;;",
        "atelier-ternoise;1er trimestre 2026;absenteeism_rate;n.d.;;;;",
    )
    found = examine(directory, content)
    corrected = corrected_table(found, FR)
    assert corrected is not None
    assert corrected.startswith(b"\xef\xbb\xbf")
    assert rows_of(corrected) == [
        MEASURES.split(";"),
        ["atelier-ternoise", "2026-T1", "dynamic_exit_rate", "33", "60", "55,0", "", "'=bien"],
        ["atelier-ternoise", "2026-T1", "absenteeism_rate", "NC", "", "", "", ""],
    ]
    holds(directory, found)


def test_what_is_refused_stays_as_it_was_typed(directory: Network) -> None:
    rows = (SOUND.replace("2026-T1", "T1 2026").replace("33", "trente-trois"), SOUND.replace("60", "1.200"))
    corrected = corrected_table(examine(directory, measures(*rows)), FR)
    assert corrected is not None
    assert [row[1:5] for row in rows_of(corrected)[1:]] == [
        ["2026-T1", "dynamic_exit_rate", "trente-trois", "60"],
        ["2026-T1", "dynamic_exit_rate", "33", "1.200"],
    ]


def test_a_unit_that_does_not_belong_stays_where_it_is_refused(directory: Network) -> None:
    rows = (SOUND.replace("55,0", "55,0 %"), SOUND.replace("2026-T1", "2025-T4").replace("33", "33 €"))
    found = examine(directory, measures(*rows))
    corrected = corrected_table(found, FR)
    assert corrected is not None
    assert [(row[3], row[5]) for row in rows_of(corrected)[1:]] == [("33", "55,0"), ("33 €", "55,0")]
    holds(directory, found)


def test_a_file_with_nothing_to_correct_or_without_a_sure_shape_is_not_given_back(directory: Network) -> None:
    assert corrected_table(examine(directory, measures(SOUND)), FR) is None
    assert corrected_table(examine(directory, b"%PDF-1.7"), FR) is None
    shifted = examine(directory, measures(SOUND.replace("2026-T1", "T1 2026"), f"{SOUND};un;deux"))
    assert any(finding.severity is Severity.CORRECTED for finding in shifted.findings)
    assert corrected_table(shifted, FR) is None


def test_many_repeated_rows_are_all_gone(directory: Network) -> None:
    found = examine(directory, measures(*[SOUND] * 300))
    corrected = corrected_table(found, FR)
    assert corrected is not None
    assert len(rows_of(corrected)) == 2


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(33.0, 0, "33"), (55.0, 1, "55,0"), (1.2, 3, "1,2000"), (0.125, 3, "0,1250"), (12.5, 0, "12,5"),
     (1e15, 0, "1" + "0" * 15),
     (-3.5, 1, "-3,5"), (0.1, 1, "0,1"), (5, 0, "5"), (1e-7, 7, "0,0000001")],
)  # fmt: skip
def test_a_number_is_written_so_that_it_is_read_one_way(value: float, decimals: int, text: str) -> None:
    assert format_french_number(value, decimals) == text


GENERATED = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking: each example examines two files."""
SPACE = st.sampled_from(["", " ", "\u00a0", "  "])
PERIOD = st.sampled_from(
    ["2026-T1", "T1 2026", "2026Q1", "1er trimestre 2026", "2026 T1", "janv.-mars 2026", "2025-T4"]
)
STRUCTURE = st.sampled_from(
    ["atelier-ternoise", "Atelier Ternoise (fictif)", TERNOISE, "ATELIER-TERNOISE", "regie-ternoise", "inconnue"]
)
INDICATOR = st.sampled_from(
    ["dynamic_exit_rate", "absenteeism_rate", "Taux d’absentéisme", "fte_realised", "dynamic exit"]
)
NUMBER = st.one_of(
    st.integers(0, 5000).map(str),
    st.integers(1000, 99_999).map(lambda n: f"{n:,}".replace(",", "\u00a0")),
    st.decimals(0, 100, places=1).map(lambda n: f"{n}".replace(".", ",")),
    st.sampled_from(
        ["NC", "s.o.", "", "12 h", "12 %", "12 €", "x", "1.200", "-3", "\u22123", "#DIV/0!", "=B2", "0,125"]
    ),
)
COMMENT = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=12), st.sampled_from(HOSTILE)
)
ROW = st.tuples(
    STRUCTURE, PERIOD, INDICATOR, NUMBER, NUMBER, NUMBER, st.sampled_from(["", "ensemble", "sexe=F"]), COMMENT
)
DAY = st.sampled_from(["2026-01-10", "10/01/2026", "46032", "3 mars 2026", "04/13/2026", "03/04/2026", "bientôt", ""])


def written(header: str, rows: list[tuple[str, ...]]) -> bytes:
    content = io.StringIO()
    writer = csv.writer(content, delimiter=";", lineterminator="\r\n")
    writer.writerows([header.split(";"), *rows])
    return content.getvalue().encode()


@settings(examples(0.25), phases=GENERATED, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(ROW, SPACE), min_size=1, max_size=8), total=st.booleans())
def test_any_table_of_measures_corrected_says_the_same(
    directory: Network, rows: list[tuple[tuple[str, ...], str]], total: bool
) -> None:
    spaced = [(*(f"{space}{cell}{space}" for cell in cells[:3]), *cells[3:]) for cells, space in rows]
    lines = [*spaced, ("TOTAL", "", "", "12", "", "", "", "")] if total else spaced
    found = examine(directory, written(MEASURES.replace("numerateur", "Numérateurs"), lines))
    if found.table is not None:
        holds(directory, found)


@settings(examples(0.15), phases=GENERATED, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(DAY, DAY, COMMENT, st.sampled_from(["Ouverte", "close", "ouverte"])), min_size=1, max_size=6
    )
)
def test_any_register_of_actions_corrected_says_the_same(
    directory: Network, rows: list[tuple[str, str, str, str]]
) -> None:
    cells = [action(f"A-{place}", opened=opened_, due=due, status=status).split(";")
             for place, (opened_, due, _, status) in enumerate(rows)]  # fmt: skip
    for line, (_, _, comment, _) in zip(cells, rows, strict=True):
        line[6] = comment
    found = examine(directory, written(ACTIONS.replace("cause", "Cause"), [tuple(line) for line in cells]))
    if found.table is not None:
        holds(directory, found)


def test_other_registers_corrected_say_the_same(directory: Network) -> None:
    spelled = structures("neuf;Neuf (fictif) ;aci;;Normandie;;FR;000 900 001 00017;;1/3/2020;")
    held = table(
        OCCASIONS.replace("theme", "Thème"), occasion("P-1", "12/03/2026", "12 ", 3), occasion("P-2", "46093", 4)
    )
    for content in (spelled, held):
        found = examine(directory, content)
        assert any(finding.severity is Severity.CORRECTED for finding in found.findings)
        holds(directory, found)


def test_the_header_is_the_template_s(directory: Network) -> None:
    corrected = corrected_table(examine(directory, measures(SOUND.replace("2026-T1", "T1 2026") + "ça va")), FR)
    assert corrected is not None
    assert rows_of(corrected)[0] == [column.french for column in DATASETS["measures"].columns]
    assert pl.read_csv(corrected, separator=";", infer_schema=False).height == 1
