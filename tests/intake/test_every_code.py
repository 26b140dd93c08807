"""Every code of the catalogue of findings, each told by at least one small file, where a spreadsheet shows it."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import openpyxl
import polars as pl
import pytest
from xlsxwriter import Workbook

from indicators.intake.validate import ValidationResult, Verdict
from indicators.network import DATA_FOLDER, Network
from schemas.findings import SEVERITIES_BY_CODE, Severity
from tests.builders import (
    ACTIONS,
    DIRECTORY,
    MEASURES,
    PARTICIPATION,
    TARGETS,
    TERNOISE,
    TERNOISE_SIREN,
    Store,
    action,
    codes,
    examine,
    measure,
    measures,
    occasion,
    stored,
    structures,
    table,
    told,
)
from tests.intake.workbooks import ods, ods_row, ods_table, write, xlsx, xlsx_of

B, C, R, I = Severity.BLOCKING, Severity.CONFIRM, Severity.CORRECTED, Severity.INFO  # noqa: E741
ANY: Final = object()
"""Not said by the catalogue: whatever stands there."""
HEADER: Final = MEASURES.split(";")
SOUND: Final = measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, "55,0")
SECOND: Final = measure("atelier-ternoise", "2026-T1", "absenteeism_rate", 150, 3000, "5,0")
TYPED: Final = ["atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60, None, "ensemble", None]
ROUND_SIRET: Final = "00090044900000"
"""An invented SIRET whose check digits are right although it ends as an expanded 9.00449E+10 would."""
NORTH: Final = "Régie Ternoise Nord (fictive)"


def row(indicator: str = "dynamic_exit_rate", *cells: object, period: str = "2026-T1", **other: Any) -> str:
    return measure(other.pop("structure", "atelier-ternoise"), period, indicator, *cells, **other)


def typed(**cells: object) -> bytes:
    """A workbook of one row, some cells of which are not those of `TYPED`."""
    changed = [cells.get(name, usual) for name, usual in zip(HEADER, TYPED, strict=True)]
    return xlsx_of([HEADER, changed])


def zipped(name: str, content: bytes | str = b"x") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def parquet(**columns: list[Any]) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    return buffer.getvalue()


def encrypted_xlsx() -> bytes:
    """A compound file as a spreadsheet writes it for a workbook with a password: its two streams, empty."""

    def entry(name: str, kind: int, child: int = -1, right: int = -1) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
        return (head + struct.pack("<iii", -1, right, child)).ljust(116, b"\0") + struct.pack("<iQ", -2, 0)

    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIiIIiIiI", 0, 1, 1, 0, 4096, -2, 0, -2, 0) + struct.pack("<i", 0)
    allocation = struct.pack("<ii", -3, -2).ljust(512, b"\xff")
    entries = [entry("Root Entry", 5, child=1), entry("EncryptedPackage", 2, right=2), entry("EncryptionInfo", 2)]
    return header.ljust(512, b"\xff") + allocation + b"".join(entries).ljust(512, b"\0")


def encrypted_ods() -> bytes:
    """An OpenDocument workbook with a password: its manifest says so and its content is noise."""
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", bytes(range(256)) * 8)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{space}">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml" manifest:size="2048">'
            '<manifest:encryption-data manifest:checksum="AAAA"/></manifest:file-entry></manifest:manifest>',
        )
    return buffer.getvalue()


def of_sheets(*sheets: tuple[str, list[list[object]], bool]) -> bytes:
    """A workbook of several sheets: name, rows, whether it is hidden."""

    def fill(book: Workbook) -> None:
        for name, rows, hidden in sheets:
            sheet = book.add_worksheet(name)
            write(book, sheet, rows)
            if hidden:
                sheet.hide()
        book.get_worksheet_by_name(next(name for name, _, hidden in sheets if not hidden)).activate()

    return xlsx(fill)


def hiding(rows: Sequence[int] = (), columns: Sequence[int] = ()) -> bytes:
    """A workbook some of whose rows and columns, counted from 0, are not shown."""

    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet("T1")
        write(book, sheet, [HEADER, TYPED])
        for place in rows:
            sheet.set_row(place, None, None, {"hidden": True})
        for place in columns:
            sheet.set_column(place, place, None, None, {"hidden": True})

    return xlsx(fill)


def merged(first: str) -> bytes:
    """A workbook whose data holds one structure's name over two rows."""

    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet("Mesures")
        write(book, sheet, [HEADER, TYPED, [None, "2026-T1", "absenteeism_rate", 150, 3000]])
        sheet.merge_range(1, 0, 2, 0, first)

    return xlsx(fill)


def with_formula(formula: str) -> bytes:
    """A workbook whose rate is a formula that was never computed."""
    book = openpyxl.Workbook()
    sheet = book.active
    for cells in (HEADER, TYPED):
        sheet.append(cells)
    sheet["F2"] = formula
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_error(error: str) -> bytes:
    """A workbook one rate of which is an error cell."""

    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet("Mesures")
        write(book, sheet, [HEADER, TYPED])
        sheet.write_formula("F2", "=D2/0", value=error)

    return xlsx(fill)


def merged_headers() -> bytes:
    """A workbook whose one title stands over both counts, so that nothing says which is which."""

    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet("Mesures")
        write(book, sheet, [[*HEADER[:4], None, *HEADER[5:]], TYPED])
        sheet.merge_range("D1:E1", "numerateur")

    return xlsx(fill)


@dataclass(frozen=True)
class Case:
    """One file and the finding it must get, exactly once with that severity."""

    cause: str
    code: str
    severity: Severity
    content: bytes | Callable[[], bytes]
    row: object = None
    column: object = None
    value: object = ANY
    suggestion: object = None
    file_name: str = "depot.csv"
    period: str | None = None
    structure: str | None = None
    count: int = 1
    others: str | None = ""
    """Codes that may come along, by the catalogue itself; None where anything may."""


XLSX, ODS = "depot.xlsx", "depot.ods"

FILES = [
    Case("no byte", "F01", B, b""),
    Case("a header alone, in a workbook", "F01", B, xlsx_of([HEADER]), row=ANY, file_name=XLSX),
    Case("a workbook with nothing in it", "F01", B, xlsx_of([[]]), row=ANY, file_name=XLSX),
    Case("Parquet without a row", "F01", B, parquet(**{name: [] for name in HEADER}), row=ANY, file_name="a.parquet"),
    Case("an old workbook", "F02", B, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048), file_name="depot.xls"),
    Case("a binary workbook", "F02", B, zipped("xl/workbook.bin"), file_name="depot.xlsb"),
    Case("a page of the web", "F02", B, b"<html><table><tr><td>structure</td></tr></table>", file_name="depot.xls"),
    Case("a PDF", "F02", B, b"%PDF-1.7\n", file_name="depot.pdf"),
    Case("an archive", "F02", B, zipped("mesures.csv", measures(SOUND)), file_name="depot.zip"),
    Case("a text document", "F02", B, zipped("word/document.xml"), file_name="depot.docx"),
    Case("a picture", "F02", B, b"\x89PNG\r\n\x1a\n" + bytes(64), file_name="depot.png"),
    Case("a workbook named .csv", "F03", R, typed(), file_name="depot.csv"),
    Case("an OpenDocument named .xlsx", "F03", R, ods(ods_table(ods_row(*HEADER), ods_row(*TYPED))), file_name=XLSX),
    Case("text named .xlsx", "F03", R, measures(SOUND), file_name=XLSX),
    Case("text named .parquet", "F03", R, measures(SOUND), file_name="depot.parquet"),
    Case("Parquet named .csv", "F03", R, parquet(**{n: [c] for n, c in zip(HEADER, SOUND.split(";"), strict=True)})),
    Case("a workbook with a password", "F04", B, encrypted_xlsx(), file_name=XLSX),
    Case("an OpenDocument with a password", "F04", B, encrypted_ods(), file_name=ODS),
    Case("a workbook cut short", "F04", B, typed()[:-400], file_name=XLSX),
    Case("Parquet cut short", "F04", B, parquet(structure=["a"])[:-20], file_name="depot.parquet"),
    Case("more than the limit", "F05", B, lambda: bytes(201 * 2**20)),
    Case(
        "bytes of no encoding",
        "F06",
        B,
        measures(SOUND, SECOND + "élève", "@").replace(b"@", b"Besan\xe7on;"),
        row=4,
        column="A",
    ),
    Case(
        "accents broken elsewhere",
        "F07",
        C,
        measures(row("dynamic_exit_rate", 33, 60, comment="Ã©lÃ¨ve Ã\xa0 BesanÃ§on")),
        row=2,
        column="H",
        value="Ã©lÃ¨ve Ã\xa0 BesanÃ§on",
        suggestion="élève à Besançon",
    ),
    Case("a separator that changes", "F08", B, measures(SOUND, SECOND.replace(",0", ".0").replace(";", ",")), row=ANY),
    Case("two separators as likely", "F08", B, b"structure;periode,indicateur\n1;2,3\n", row=ANY),
    Case("a quote never closed", "F09", B, measures(SOUND, row(comment='"jamais fermé'), SOUND), row=3),
    Case(
        "a quote never closed below a cell of two lines",
        "F09",
        B,
        measures(row("dynamic_exit_rate", 33, 60, comment='"un\ndeux"'), row(comment='"jamais fermé'), SOUND),
        row=3,
    ),
    Case("NUL bytes", "F10", B, measures(SOUND, SECOND + "\0"), row=3),
    Case(
        "another table than ours",
        "F12",
        B,
        b"Date;Client;Produit;Montant HT;TVA\n2026-01-02;Mairie;Terreau;12,5;2,5\n2026-01-03;Lycee;Paille;10;2\n",
        row=ANY,
    ),
    Case(
        "two sheets of measures",
        "F13",
        C,
        of_sheets(("T1", [HEADER, TYPED], False), ("T1 bis", [HEADER, TYPED], False)),
        file_name=XLSX,
    ),
    Case(
        "a hidden sheet of measures",
        "F13",
        C,
        of_sheets(("T1", [HEADER, TYPED], False), ("caché", [HEADER, TYPED], True)),
        file_name=XLSX,
    ),
    Case(
        "a second table below",
        "F14",
        B,
        measures(SOUND, "", "", PARTICIPATION, occasion("PA-1", "2026-01-10", 12)),
        row=5,
        others=None,
    ),
    Case(
        "notes below the table",
        "F15",
        R,
        measures(SOUND, ";;;;;;;", "Source : extranet (fictif);;;;;;;", "NC : non communiqué;;;;;;;"),
        row=4,
        value="Source : extranet (fictif)",
        count=2,
        others=None,
    ),
    Case("rows that a filter hides", "F16", C, hiding(rows=[1]), row=2, file_name=XLSX),
    Case("a hidden column", "F16", C, hiding(columns=[4]), row=None, column="E", file_name=XLSX),
]

HEADERS = [
    Case("a table without its header", "H01", B, f"{SOUND}\n{SECOND}\n".encode(), row=ANY),
    Case("a title above", "H02", R, table("Indicateurs T1;;;;;;;", ";;;;;;;", MEASURES, SOUND), row=1, count=2),
    Case(
        "a title above, in a workbook",
        "H02",
        R,
        xlsx_of([["Indicateurs T1"], [], HEADER, TYPED]),
        1,
        count=2,
        file_name=XLSX,
    ),
    Case(
        "titles over two rows",
        "H03",
        R,
        xlsx_of(
            [
                [*HEADER[:3], "Comptes", None, "valeur", "segment", "commentaire"],
                [None, None, None, "numerateur", "denominateur"],
                TYPED,
            ]
        ),
        row=ANY,
        column=ANY,
        file_name=XLSX,
    ),
    Case("one title over two columns", "H03", B, merged_headers(), 1, ANY, file_name=XLSX, others=None),
    Case(
        "a required column missing",
        "H04",
        B,
        table(MEASURES.replace("indicateur", "indicatuer"), SOUND),
        row=ANY,
        suggestion="indicatuer",
        others="H05",
    ),
    Case("a column of their own", "H05", I, table(f"{MEASURES};Remarque interne", f"{SOUND};x"), 1, "I"),
    Case("a column twice", "H06", B, table(f"{MEASURES};Numérateur", f"{SOUND};33"), 1, "I", "Numérateur"),
    Case("values without a title", "H07", C, table(f"{MEASURES};", f"{SOUND};x"), ANY, "I"),
    Case(
        "a title with accents and capitals",
        "H08",
        R,
        table(MEASURES.replace("numerateur", "NUMÉRATEURS"), SOUND),
        1,
        "D",
        "NUMÉRATEURS",
        "numerateur",
    ),
]


def told_to(comment: str) -> bytes:
    return measures(row("dynamic_exit_rate", 33, 60, comment=comment))


def beside(title: str, text: str) -> bytes:
    return table(f"{MEASURES};{title}", f"{SOUND};{text}")


PERSONS = [
    Case("a mail address in a comment", "P01", B, told_to("a@b.example"), 2, "H", None),
    Case("a telephone number apart", "P01", B, beside("contact", "06 00 00 00 00"), 2, "I", None, others="H05"),
    Case("first names", "P01", B, beside("Prénom", "Zoé"), 2, "I", None, others="H05"),
    Case("days of birth", "P01", B, beside("Né(e) le", "01/01/1990"), 2, "I", None, others="H05"),
    Case("somebody named in a comment", "P02", C, told_to("selon Mme Exemple"), 2, "H", None),
]


ROWS = [
    Case("a separator inside a text", "R01", B, measures(SOUND, f"{SECOND}un;deux"), row=3),
    Case("a cell too many, the last one empty", "R01", B, measures(SOUND, f"{SECOND};"), row=3),
    Case("fewer cells than columns", "R02", B, measures(SOUND, SECOND.rsplit(";", 4)[0]), row=3),
    Case("last cells left out that may be empty", "R02", R, measures(SOUND, SECOND.rsplit(";", 2)[0]), row=3),
    Case(
        "an empty cell too many on every row",
        "R02",
        R,
        measures(f"{SOUND};", f"{SECOND};"),
        row=2,
        count=2,
    ),
    Case("blank rows inside", "R03", I, measures(SOUND, "", ";;;;;;;", SECOND), row=3, count=2),
    Case("blank rows at the end", "R04", I, measures(SOUND, ";;;;;;;", "", ";;;;;;;"), row=3, count=3),
    Case("a total", "R05", R, measures(SOUND, "TOTAL;;;33;60;;;"), row=3, value="TOTAL", column=ANY),
    Case(
        "a total in a workbook",
        "R05",
        R,
        xlsx_of([HEADER, TYPED, ["Sous-total", None, None, 33, 60]]),
        3,
        ANY,
        "Sous-total",
        file_name=XLSX,
    ),
    Case("the header again", "R06", R, measures(SOUND, MEASURES, SECOND), row=3),
    Case("a row told twice", "R07", R, measures(SOUND, SECOND, SOUND), row=4),
    Case(
        "a row told twice, its numbers written otherwise",
        "R07",
        R,
        measures(row("fte_realised", 1505, 1505), row("fte_realised", "1\u202f505", "1505,0")),
        row=3,
    ),
    Case(
        "a row that contradicts another",
        "R08",
        B,
        measures(SOUND, SECOND, SOUND.replace("33;60;55,0", "30;60;50,0")),
        4,
        ANY,
    ),
    Case("cells merged in the data", "R09", B, merged("atelier-ternoise"), 2, "A", file_name=XLSX, others=None),
]

CELLS = [
    Case("an empty denominator", "C01", B, measures(row("dynamic_exit_rate", 33)), 2, "E", None),
    Case("an empty indicator", "C01", B, measures(SOUND, row("", 33, 60)), 3, "C", None),
    Case("not communicated", "C02", I, measures(row("dynamic_exit_rate", "NC")), 2, "D", "NC"),
    Case("not determined", "C02", I, measures(row("dynamic_exit_rate", "n.d.")), 2, "D", "n.d."),
    Case("without object", "C02", I, measures(row("dynamic_exit_rate", "s.o.")), 2, "D", "s.o."),
    Case("a dash", "C02", I, measures(row("dynamic_exit_rate", "-")), 2, "D", "-"),
    Case("n/a", "C02", I, measures(row("dynamic_exit_rate", "N/A")), 2, "D", "N/A"),
    Case("an absence where none may be", "C02", B, measures(row("dynamic_exit_rate", 33, "s.o.")), 2, "E", "s.o."),
    Case("a number in words", "C03", B, measures(row("dynamic_exit_rate", "trente", 60)), 2, "D", "trente"),
    Case("a number with a letter", "C03", B, measures(row("dynamic_exit_rate", "3O", 60)), 2, "D", "3O", ANY),
    Case("two decimal marks", "C03", B, measures(row("absenteeism_rate", "1,5,0", 3000)), 2, "D", "1,5,0"),
    Case("a range", "C03", B, measures(row("dynamic_exit_rate", "30-35", 60)), 2, "D", "30-35"),
    Case("a unit that is not its own", "C03", B, measures(row("dynamic_exit_rate", "33 h", 60)), 2, "D", "33 h", ANY),
    Case("a thousand or a decimal", "C04", B, measures(row("fte_realised", "1.200", 1505)), 2, "D", "1.200", ANY),
    Case("a percent sign", "C05", R, measures(row("dynamic_exit_rate", 33, 60, "55,0 %")), 2, "F", "55,0 %", "55,0"),
    Case("hours with their unit", "C05", R, measures(row("fte_realised", "1505 h", 1505)), 2, "D", "1505 h", "1505"),
    Case(
        "a fraction where percents are meant",
        "C05",
        C,
        measures(row("dynamic_exit_rate", value="0,125")),
        2,
        "F",
        "0,125",
        ANY,
    ),
    Case("a negative count", "C06", B, measures(row("absenteeism_rate", -3, 2000)), 2, "D", "-3"),
    Case(
        "a negative count with the sign of typography",
        "C06",
        B,
        measures(row("absenteeism_rate", "−3", 2000)),
        2,
        "D",
        "−3",
    ),
    Case("a rate above a hundred", "C07", B, measures(row("dynamic_exit_rate", value="101")), 2, "F", "101"),
    Case("half a person", "C08", B, measures(row("dynamic_exit_rate", "33,5", 60)), 2, "D", "33,5"),
    Case(
        "a day that does not exist",
        "C09",
        B,
        table(PARTICIPATION, occasion("PA-1", "31/02/2026", 12)),
        2,
        "C",
        "31/02/2026",
    ),
    Case("a fifth quarter", "C09", B, measures(row("dynamic_exit_rate", 33, 60, period="T5 2026")), 2, "B", "T5 2026"),
    Case(
        "days first and months first in one file",
        "C10",
        C,
        table(PARTICIPATION, occasion("PA-1", "03/04/2026", 12), occasion("PA-2", "04/25/2026", 12)),
        2,
        "C",
        "03/04/2026",
        ANY,
        others=None,
    ),
    Case(
        "a serial number", "C11", R, table(PARTICIPATION, occasion("PA-1", "46113", 12)), 2, "C", "46113", "2026-04-01"
    ),
    *(
        Case(
            f"a period written {text}",
            "C12",
            R,
            measures(row("dynamic_exit_rate", 33, 60, period=text)),
            2,
            "B",
            text,
            "2026-T1",
        )
        for text in ("T1 2026", "1er trimestre 2026", "2026Q1", "janv.-mars 2026", "1T2026", "2026 T1", "Q1 2026")
    ),
    Case(
        "a school year written shortly",
        "C12",
        R,
        measures(row("pupil_lost_hours", 1200, period="2025/2026", structure="ecole-valbrune")),
        2,
        "B",
        "2025/2026",
        "2025-2026",
    ),
    Case(
        "an indicator nearly right",
        "C13",
        B,
        measures(row("dynamic_exits_rate", 33, 60)),
        2,
        "C",
        "dynamic_exits_rate",
        "dynamic_exit_rate",
    ),
    Case("an error as text", "C14", B, measures(row("dynamic_exit_rate", 33, 60, "#DIV/0!")), 2, "F", "#DIV/0!"),
    Case("an error cell", "C14", B, with_error("#DIV/0!"), 2, "F", "#DIV/0!", file_name=XLSX),
    Case("a value not found", "C14", B, with_error("#N/A"), 2, "F", "#N/A", file_name=XLSX),
    Case("a broken reference", "C14", B, measures(row("#REF!", 33, 60)), 2, "C", "#REF!"),
    Case("a formula never computed", "C15", B, with_formula("=D2/E2"), 2, "F", "=D2/E2", file_name=XLSX),
    Case("a formula as text", "C15", B, measures(row("dynamic_exit_rate", 33, 60, "=D2/E2")), 2, "F", "=D2/E2"),
    Case("a space before a number", "C16", R, measures(row("dynamic_exit_rate", " 33", 60)), 2, "D", " 33", "33"),
    Case(
        "a no-break space after a text",
        "C16",
        R,
        measures(row("dynamic_exit_rate", 33, 60, comment="relu\u00a0")),
        2,
        "H",
        "relu\u00a0",
        "relu",
    ),
    Case(
        "spaces inside a SIRET",
        "C16",
        R,
        measures(SOUND.replace("atelier-ternoise", "000 900 001 00017")),
        2,
        "A",
        ANY,
        ANY,
    ),
    Case("a text too long", "C17", B, measures(row("dynamic_exit_rate", 33, 60, comment="é" * 501)), 2, "H", ANY),
    Case("a text like a formula", "C18", I, measures(row("dynamic_exit_rate", 33, 60, comment="=1+1")), 2, "H", "=1+1"),
    Case(
        "a text like a call",
        "C18",
        I,
        measures(row("dynamic_exit_rate", 33, 60, comment="@SUM(A1)")),
        2,
        "H",
        "@SUM(A1)",
    ),
    Case(
        "a word outside its list",
        "C19",
        B,
        table(ACTIONS, action("A-1", kind="correctif")),
        2,
        "C",
        "correctif",
        "corrective",
    ),
    Case(
        "a segment nobody used",
        "C20",
        C,
        measures(SOUND, row("dynamic_exit_rate", 12, 30, segment="sex=F")),
        3,
        "G",
        "sex=F",
        "sexe=F",
    ),
]

IDENTIFIERS = [
    Case(
        "fifteen digits",
        "I01",
        B,
        measures(SOUND.replace("atelier-ternoise", f"{TERNOISE}0")),
        2,
        "A",
        f"{TERNOISE}0",
        ANY,
    ),
    Case(
        "thirteen digits of a new structure",
        "I01",
        B,
        structures("neuf;Neuf (fictif);ACI;;normandie;;FR;1234567890123;;;"),
        2,
        "H",
        "1234567890123",
        ANY,
    ),
    Case(
        "a leading zero lost",
        "I02",
        R,
        measures(SOUND.replace("atelier-ternoise", TERNOISE[1:])),
        2,
        "A",
        TERNOISE[1:],
        ANY,
    ),
    Case(
        "zeros lost by a number cell",
        "I02",
        R,
        typed(structure=int(TERNOISE)),
        2,
        "A",
        str(int(TERNOISE)),
        ANY,
        file_name=XLSX,
    ),
    Case(
        "zeros lost by a number cell of an OpenDocument",
        "I02",
        R,
        ods(ods_table(ods_row(*HEADER), ods_row(int(TERNOISE), *TYPED[1:]))),
        2,
        "A",
        str(int(TERNOISE)),
        ANY,
        file_name=ODS,
    ),
    Case("scientific notation", "I03", B, measures(SOUND.replace("atelier-ternoise", "9,00E+10")), 2, "A", "9,00E+10"),
    Case(
        "scientific notation of a new structure",
        "I03",
        B,
        structures("neuf;Neuf (fictif);ACI;;normandie;;FR;1,23E+13;;;"),
        2,
        "H",
        "1,23E+13",
    ),
    Case(
        "many zeros at the end",
        "I04",
        C,
        structures(f"neuf;Neuf (fictif);ACI;;normandie;;FR;{ROUND_SIRET};;;"),
        2,
        "H",
        ROUND_SIRET,
    ),
    Case(
        "a wrong check digit",
        "I05",
        B,
        measures(SOUND.replace("atelier-ternoise", "00090000100018")),
        2,
        "A",
        "00090000100018",
        ANY,
    ),
    Case(
        "a wrong check digit of a Belgian",
        "I05",
        B,
        structures("neuf;Neuf (fictif);EIW;;be-liege;;BE;;0431.150.351;;"),
        2,
        "I",
        "0431.150.351",
        ANY,
        others="C16",
    ),
    Case(
        "a SIREN that names one",
        "I06",
        R,
        measures(SOUND.replace("atelier-ternoise", TERNOISE_SIREN)),
        2,
        "A",
        TERNOISE_SIREN,
        ANY,
    ),
    Case(
        "a SIREN that names two",
        "I06",
        B,
        measures(SOUND.replace("atelier-ternoise", "000900019")),
        2,
        "A",
        "000900019",
        ANY,
    ),
    Case(
        "a structure nearly right",
        "I07",
        B,
        measures(SOUND.replace("atelier-ternoise", "atelier-ternoisse")),
        2,
        "A",
        "atelier-ternoisse",
        "atelier-ternoise",
    ),
    Case(
        "an unknown perimeter",
        "I07",
        B,
        table(TARGETS, "region:nulle-part;dynamic_exit_rate;2026-T1;;60;interne;"),
        2,
        "A",
        "region:nulle-part",
    ),
    Case(
        "another structure",
        "I08",
        B,
        measures(SOUND, row("dynamic_exit_rate", 33, 60, structure="regie-ternoise")),
        3,
        "A",
        "regie-ternoise",
        structure="atelier-ternoise",
    ),
    Case(
        "a structure closed by then",
        "I09",
        B,
        measures(row("dynamic_exit_rate", 33, 60, period="2025-T1", structure="chantier-lorette")),
        2,
        ANY,
    ),
    Case(
        "a structure not open yet",
        "I09",
        B,
        measures(row("permanent_contract_share", 33, 60, period="2025-T4", structure="aide-valbrune")),
        2,
        ANY,
    ),
]

PARTS = (("durable_job_exit_rate", 12), ("transition_job_exit_rate", 12), ("positive_exit_rate", 8))
RULES = [
    Case("61 of 60", "X01", B, measures(row("dynamic_exit_rate", 61, 60)), 2, "D", "61", others="C07"),
    Case(
        "a rate that is not that of its counts",
        "X02",
        C,
        measures(row("dynamic_exit_rate", 33, 60, "52,0")),
        2,
        "F",
        "52,0",
        "55,0",
    ),
    Case(
        "a total that is not the sum of its parts",
        "X03",
        B,
        measures(SOUND, *(row(name, count, 60) for name, count in PARTS)),
        2,
        "D",
        "33",
        ANY,
    ),
    Case(
        "a total under the parts that are there",
        "X03",
        B,
        measures(SOUND, row(PARTS[0][0], 34, 60)),
        2,
        "D",
        "33",
        ANY,
    ),
    Case(
        "a part above the whole",
        "X03",
        B,
        measures(SOUND, row("dynamic_exit_rate", 34, 60, segment="sexe=F")),
        3,
        "D",
        "34",
        ANY,
    ),
    Case(
        "parts without the whole",
        "X04",
        C,
        measures(row("dynamic_exit_rate", 12, 30, segment="sexe=F")),
        2,
        "G",
        "sexe=F",
        "ensemble",
    ),
    Case(
        "two bases for one population",
        "X05",
        C,
        measures(SOUND, row("undocumented_exit_rate", 3, 61)),
        ANY,
        "E",
        others=None,
    ),
    Case(
        "due before it was opened",
        "X06",
        C,
        table(ACTIONS, action("A-1", opened="2026-03-01", due="2026-02-01")),
        2,
        "L",
        "2026-02-01",
    ),
    Case(
        "another quarter than the one collected",
        "B01",
        B,
        measures(SOUND, row("absenteeism_rate", 9, 900, period="2025-T4")),
        3,
        "B",
        "2025-T4",
        ANY,
        period="2026-T1",
    ),
    Case("a quarter of a yearly figure", "B01", B, measures(row("women_share", 33, 60)), 2, "B", "2026-T1", ANY),
    Case(
        "a quarter that is not over",
        "B02",
        B,
        measures(row("dynamic_exit_rate", 33, 60, period="2026-T4")),
        2,
        "B",
        "2026-T4",
    ),
    Case(
        "an indicator of another kind",
        "B06",
        B,
        measures(row("serious_sanctions", 6, period="2024-2025")),
        2,
        "C",
        "serious_sanctions",
    ),
]

CASES = [*FILES, *HEADERS, *PERSONS, *ROWS, *CELLS, *IDENTIFIERS, *RULES]


def held(found: ValidationResult, case: Case) -> None:
    """Hold an examination against what its case expects."""
    findings = [finding for finding in told(found, case.code) if finding.severity is case.severity]
    assert len(findings) == 1, [(f.code, f.severity, f.row, f.column, f.value) for f in found.findings]
    (finding,) = findings
    expected = {"row": case.row, "column": case.column, "value": case.value, "suggestion": case.suggestion}
    got = {name: (getattr(finding, name), wanted) for name, wanted in expected.items() if wanted is not ANY}
    wrong = {name: pair for name, pair in got.items() if pair[0] != pair[1]}
    assert not wrong, f"(told, expected): {wrong}"
    assert finding.count == case.count
    if case.others is not None:
        assert set(codes(found)) - {case.code} <= set(case.others.split()), codes(found)
    if case.severity is B:
        assert (found.verdict, found.rows_accepted) == (Verdict.REFUSED, 0)
    elif case.others == "":
        assert found.verdict is (Verdict.TO_CONFIRM if case.severity is C else Verdict.ACCEPTED)
        assert found.rows_accepted > 0


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.code} {case.cause}") for case in CASES])
def test_a_file_is_told_its_cause_where_the_person_sees_it(directory: Network, case: Case) -> None:
    content = case.content if isinstance(case.content, bytes) else case.content()
    held(examine(directory, content, case.file_name, period=case.period, structure=case.structure), case)


@pytest.mark.parametrize("kept", [measures(SOUND), typed(), ods(ods_table(ods_row(*HEADER), ods_row(*TYPED)))])
def test_the_rows_from_which_these_files_are_made_get_nothing(directory: Network, kept: bytes) -> None:
    name = "depot.csv" if kept.startswith(b"structure") else "depot.ods" if b"opendocument" in kept[:100] else XLSX
    assert examine(directory, kept, name).findings == ()


def test_days_first_in_french_are_read_without_a_word(directory: Network) -> None:
    content = table(PARTICIPATION, occasion("PA-1", "03/04/2026", 12), occasion("PA-2", "25/04/2026", 12))
    found = examine(directory, content)
    assert found.findings == ()
    assert found.table is not None
    assert found.table["held_on"].to_list() == [date(2026, 4, 3), date(2026, 4, 25)]


@pytest.mark.parametrize("sheets", ["xlsx", "ods"])
def test_a_finding_in_a_workbook_names_its_sheet(directory: Network, sheets: str) -> None:
    wrong = [*TYPED[:3], "trente", *TYPED[4:]]
    if sheets == "ods":
        content = ods(ods_table(ods_row(*HEADER), ods_row(*wrong), name="Premier trimestre"))
    else:
        content = of_sheets(("Premier trimestre", [HEADER, wrong], False), ("Notice", [["À lire"]], False))
    (finding,) = told(examine(directory, content, f"depot.{sheets}"), "C03")
    assert (finding.sheet, finding.row, finding.column, finding.value) == ("Premier trimestre", 2, "D", "trente")


def test_a_percent_cell_is_read_as_it_is_shown(directory: Network) -> None:
    content = xlsx_of([HEADER, [*TYPED[:5], 0.55, *TYPED[6:]]], c5="0.0%")
    found = examine(directory, content, XLSX)
    assert found.verdict is Verdict.ACCEPTED, codes(found)
    assert set(codes(found)) <= {"C05"}
    assert found.table is not None
    assert found.table["value"].to_list() == [55.0]


def test_a_date_cell_is_a_date(directory: Network) -> None:
    rows = [PARTICIPATION.split(";"), ["atelier-ternoise", "PA-1", date(2026, 4, 3), "reunion", "Travail", None, 12]]
    found = examine(directory, xlsx_of(rows, c2="dd/mm/yyyy"), XLSX)
    assert found.findings == ()
    assert found.table is not None
    assert found.table["held_on"].to_list() == [date(2026, 4, 3)]


def test_five_digits_and_more_lost_by_a_number_cell_are_not_guessed(directory: Network) -> None:
    found = examine(directory, typed(structure=1.23e13), XLSX)
    assert found.verdict is Verdict.REFUSED
    assert set(codes(found)) & {"I01", "I03", "I05", "I07"}, codes(found)


# What needs a past


INDICATORS: Final = {"dynamic_exit_rate": 30, "absenteeism_rate": 31, "undocumented_exit_rate": 4}
LAST: Final = {name: count + 1 for name, count in INDICATORS.items()}
"""What the last quarter counted."""
QUARTERS: Final = ("2024-T1", "2024-T2", "2024-T3", "2024-T4", "2025-T1", "2025-T2", "2025-T3", "2025-T4")


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network with eight quarters of three indicators of one structure, moving a little."""
    with Network(str(tmp_path_factory.mktemp("past"))) as opened:
        stored(opened, structures(*DIRECTORY))
        for place, quarter in enumerate(QUARTERS):
            rows = [row(name, count + place % 3, 100, period=quarter) for name, count in INDICATORS.items()]
            stored(opened, measures(*rows), comment="reprise")
        yield opened


def quarter(period: str = "2026-T1", **counts: object) -> bytes:
    """The quarter after the past, with some counts of one's own; None leaves an indicator out."""
    told_counts = {**{name: count + 2 for name, count in INDICATORS.items()}, **counts}
    return measures(*(row(n, c, 100, period=period) for n, c in told_counts.items() if c is not None))


PAST_CASES = [
    Case("the very same file", "F11", I, quarter("2025-T4", **LAST)),
    Case(
        "an indicator that came every quarter",
        "X04",
        C,
        quarter(absenteeism_rate=None),
        row=ANY,
        column=ANY,
        suggestion="absenteeism_rate",
        period="2026-T1",
        structure="atelier-ternoise",
    ),
    Case(
        "a figure that goes",
        "B04",
        C,
        quarter("2025-T4", **LAST | {"dynamic_exit_rate": "NC"}),
        2,
        ANY,
        "NC",
        ANY,
        others="C02",
    ),
    Case("a value that changes", "B04", C, quarter("2025-T4", **LAST | {"dynamic_exit_rate": 33}), 2, ANY, ANY, ANY),
    Case(
        "another name",
        "B08",
        C,
        structures(DIRECTORY[0].replace("Atelier Ternoise (fictif)", "Atelier des Deux Rives (fictif)")),
        2,
        "B",
        "Atelier des Deux Rives (fictif)",
        ANY,
        period="2026-T1",
    ),
    Case("far from its own past", "B05", C, quarter(dynamic_exit_rate=95), 2, ANY, ANY, ANY),
    Case("all as the quarter before", "B07", C, quarter(**LAST), ANY, ANY),
]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.code} {case.cause}") for case in PAST_CASES])
def test_a_file_is_held_against_the_structures_own_past(past: Network, case: Case) -> None:
    assert isinstance(case.content, bytes)
    held(examine(past, case.content, period=case.period, structure=case.structure), case)


def test_a_quarter_like_the_others_gets_nothing(past: Network) -> None:
    assert examine(past, quarter()).findings == ()


def test_a_value_far_away_comes_with_the_last_four_of_its_past(past: Network) -> None:
    (finding,) = told(examine(past, quarter(dynamic_exit_rate=95)), "B05")
    assert finding.values["past"] == (31, 32, 30, 31)


# What needs campaigns of one's own


CAMPAIGNS: Final = (
    "periode;structure;ouverte_le;limite;verrouillee_le;approuvee_par",
    "2025-T3;;2025-10-01;2025-10-31;2025-12-01;",
    "2025-T4;;2026-01-01;2026-01-31;2026-03-01;conseil d’administration",
    "2026-T1;;2026-12-01;2026-12-31;;",
)


@pytest.fixture(scope="module")
def campaigning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network with a period locked, one approved, and one that is not open yet."""
    folder = tmp_path_factory.mktemp("campaigns")
    shutil.copytree(DATA_FOLDER, folder / "data", ignore=shutil.ignore_patterns("demo"))
    (folder / "data/reference/campaigns.csv").write_text("\n".join(CAMPAIGNS) + "\n", encoding="utf-8")
    with Network(str(folder / "store"), reference=folder / "data") as opened:
        stored(opened, structures(*DIRECTORY))
        yield opened


CAMPAIGN_CASES = [
    Case("a locked period", "B02", B, measures(row("dynamic_exit_rate", 33, 60, period="2025-T3")), 2, "B", "2025-T3"),
    Case("a period not open yet", "B02", B, measures(row("dynamic_exit_rate", 33, 60)), 2, "B", "2026-T1"),
    Case(
        "a period approved",
        "B03",
        B,
        measures(row("dynamic_exit_rate", 33, 60, period="2025-T4")),
        2,
        "B",
        "2025-T4",
        others="B02",
    ),
]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.code} {case.cause}") for case in CAMPAIGN_CASES])
def test_a_file_is_held_against_the_campaigns(campaigning: Network, case: Case) -> None:
    assert isinstance(case.content, bytes)
    held(examine(campaigning, case.content), case)


# What is our fault


def command(store: Store, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "dashboards", *arguments]
    return subprocess.run(line, env=store.environment, capture_output=True, text=True, timeout=60, check=False)


def test_s01_a_failure_on_our_side_is_said_as_such_and_nothing_is_stored(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "broken"))
    with store.open() as network:
        stored(network, structures(*DIRECTORY))
        network.lake.compact()
    files = sorted(Path(store.address, "data").rglob("*.parquet"))
    kept = {file: file.read_bytes() for file in files}
    assert files, "the directory of structures lies in files"
    for file in files:
        file.write_bytes(b"PAR1 broken PAR1")
    (tmp_path / "mesures.csv").write_bytes(measures(SOUND))
    for action_ in ("check", "deposit"):
        done = command(store, action_, "mesures.csv", "--json")
        assert done.returncode == 1, done.stderr
        assert "Traceback" not in done.stderr
        (line,) = done.stdout.splitlines()
        answer = json.loads(line)
        assert (answer["verdict"], answer["rows_accepted"], answer["deposit"]) == ("refused", 0, None)
        assert [finding["code"] for finding in answer["findings"]] == ["S01"]
        assert "broken" not in answer["findings"][0]["message"], "what failed inside is not the depositor's to read"
    for file, content in kept.items():
        file.write_bytes(content)
    history = [json.loads(line) for line in command(store, "history", "--json").stdout.splitlines()]
    assert [deposit["dataset"] for deposit in history] == ["structures"]


def test_every_code_of_the_catalogue_is_told_by_a_file_of_this_module() -> None:
    cases = [*CASES, *PAST_CASES, *CAMPAIGN_CASES]
    assert {case.code for case in cases} | {"S01"} == set(SEVERITIES_BY_CODE)
