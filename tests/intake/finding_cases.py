"""The one table of findings: small files, and what each is told where a spreadsheet shows it.

Tests of the intake, of the sentences and of the files given back read it.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import openpyxl
import polars as pl
from xlsxwriter import Workbook

from indicators.intake.validate import ValidationResult, Verdict
from indicators.network import Network
from schemas.findings import Severity
from tests.builders import (
    ACTIONS,
    MEASURES,
    MEMBERS,
    PARTICIPATION,
    STRUCTURES,
    TARGETS,
    TERNOISE,
    TERNOISE_SIREN,
    action,
    codes,
    examine,
    findings_of,
    measure,
    measures,
    occasion,
    structures,
    table,
)
from tests.intake.workbooks import ods, ods_row, ods_table, write, xlsx, xlsx_of
from tests.steering import BODIES, MEETINGS, PLAN, body, meeting, planned

B, C, R, I = Severity.BLOCKING, Severity.CONFIRM, Severity.CORRECTED, Severity.INFO  # noqa: E741
UNSTATED: Final = object()
"""Whatever stands there, or nothing in a case that is complete."""
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
class FindingCase:
    """One cause: a file, and the finding it must get, exactly once with that severity."""

    cause: str
    code: str
    severity: Severity
    content: bytes | Callable[[], bytes]
    row: object = None
    column: object = None
    header: object = UNSTATED
    value: object = UNSTATED
    suggestion: object = None
    count: int = 1
    values: Mapping[str, Any] = field(default_factory=dict)
    """Some of the placeholders of its sentence."""
    file_name: str = "depot.csv"
    period: str | None = None
    structure: str | None = None
    others: str | None = ""
    """Codes that may come along, by the catalogue itself; None where anything may."""
    is_complete: bool = False
    """Whether what is not stated must be empty, and the finding on no sheet."""

    def __str__(self) -> str:
        return f"{self.code} {self.cause}"

    def hold(self, found: ValidationResult) -> None:
        """Hold an examination against what this case expects."""
        findings = [finding for finding in findings_of(found, self.code) if finding.severity is self.severity]
        assert len(findings) == 1, [(f.code, f.severity, f.row, f.column, f.value) for f in found.findings]
        (finding,) = findings
        unstated = None if self.is_complete else ANY
        for name in ("row", "column", "header", "value", "suggestion"):
            stated = getattr(self, name)
            wanted = unstated if stated is UNSTATED else stated
            assert wanted is ANY or getattr(finding, name) == wanted, (name, getattr(finding, name), wanted)
        assert finding.count == self.count
        assert self.values.items() <= dict(finding.values).items()
        if self.is_complete:
            assert finding.sheet is None
            graver = {other.severity for other in found.findings} - {self.severity}
            expected = {B: Verdict.REFUSED, C: Verdict.TO_CONFIRM}.get(self.severity, Verdict.ACCEPTED)
            assert found.verdict is expected or graver, "nothing but what the test is about decides of the file"
        if self.others is not None:
            assert set(codes(found)) - {self.code} <= set(self.others.split()), codes(found)
        if self.severity is B:
            assert (found.verdict, found.rows_accepted) == (Verdict.REFUSED, 0)
        elif self.others == "":
            assert found.verdict is (Verdict.TO_CONFIRM if self.severity is C else Verdict.ACCEPTED)
            assert found.rows_accepted > 0


def complete(*stated: Any, others: str | None = None, **more: Any) -> FindingCase:
    """Return a case that states every field of its finding."""
    return FindingCase(*stated, others=others, is_complete=True, **more)


XLSX, ODS = "depot.xlsx", "depot.ods"

FILES = [
    FindingCase("no byte, another file", "F01", B, b""),
    FindingCase("a header alone, in a workbook", "F01", B, xlsx_of([HEADER]), row=ANY, file_name=XLSX),
    FindingCase("a workbook with nothing in it", "F01", B, xlsx_of([[]]), row=ANY, file_name=XLSX),
    FindingCase(
        "Parquet without a row", "F01", B, parquet(**{name: [] for name in HEADER}), row=ANY, file_name="a.parquet"
    ),
    FindingCase(
        "an old workbook, another file",
        "F02",
        B,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048),
        file_name="depot.xls",
    ),
    FindingCase("a binary workbook", "F02", B, zipped("xl/workbook.bin"), file_name="depot.xlsb"),
    FindingCase(
        "a page of the web", "F02", B, b"<html><table><tr><td>structure</td></tr></table>", file_name="depot.xls"
    ),
    FindingCase("an archive, another file", "F02", B, zipped("mesures.csv", measures(SOUND)), file_name="depot.zip"),
    FindingCase("a text document", "F02", B, zipped("word/document.xml"), file_name="depot.docx"),
    FindingCase("a picture", "F02", B, b"\x89PNG\r\n\x1a\n" + bytes(64), file_name="depot.png"),
    FindingCase("a workbook named .csv", "F03", R, typed(), file_name="depot.csv"),
    FindingCase(
        "an OpenDocument named .xlsx", "F03", R, ods(ods_table(ods_row(*HEADER), ods_row(*TYPED))), file_name=XLSX
    ),
    FindingCase("text named .xlsx", "F03", R, measures(SOUND), file_name=XLSX),
    FindingCase(
        "Parquet named .csv", "F03", R, parquet(**{n: [c] for n, c in zip(HEADER, SOUND.split(";"), strict=True)})
    ),
    FindingCase("a workbook with a password", "F04", B, encrypted_xlsx(), file_name=XLSX),
    FindingCase("an OpenDocument with a password", "F04", B, encrypted_ods(), file_name=ODS),
    FindingCase("a workbook cut short", "F04", B, typed()[:-400], file_name=XLSX),
    FindingCase("Parquet cut short, another file", "F04", B, parquet(structure=["a"])[:-20], file_name="depot.parquet"),
    FindingCase("more than the limit", "F05", B, lambda: bytes(201 * 2**20)),
    FindingCase(
        "bytes of no encoding, another file",
        "F06",
        B,
        measures(SOUND, SECOND + "élève", "@").replace(b"@", b"Besan\xe7on;"),
        row=4,
        column="A",
    ),
    FindingCase(
        "accents broken elsewhere",
        "F07",
        C,
        measures(row("dynamic_exit_rate", 33, 60, comment="Ã©lÃ¨ve Ã\xa0 BesanÃ§on")),
        row=2,
        column="H",
        value="Ã©lÃ¨ve Ã\xa0 BesanÃ§on",
        suggestion="élève à Besançon",
    ),
    FindingCase(
        "a separator that changes", "F08", B, measures(SOUND, SECOND.replace(",0", ".0").replace(";", ",")), row=ANY
    ),
    FindingCase("two separators as likely", "F08", B, b"structure;periode,indicateur\n1;2,3\n", row=ANY),
    FindingCase(
        "a quote never closed below a cell of two lines",
        "F09",
        B,
        measures(row("dynamic_exit_rate", 33, 60, comment='"un\ndeux"'), row(comment='"jamais fermé'), SOUND),
        row=3,
    ),
    FindingCase("NUL bytes, another file", "F10", B, measures(SOUND, SECOND + "\0"), row=3),
    FindingCase(
        "another table than ours",
        "F12",
        B,
        b"Date;Client;Produit;Montant HT;TVA\n2026-01-02;Mairie;Terreau;12,5;2,5\n2026-01-03;Lycee;Paille;10;2\n",
        row=ANY,
    ),
    FindingCase(
        "two sheets of measures",
        "F13",
        C,
        of_sheets(("T1", [HEADER, TYPED], False), ("T1 bis", [HEADER, TYPED], False)),
        file_name=XLSX,
    ),
    FindingCase(
        "a hidden sheet of measures",
        "F13",
        C,
        of_sheets(("T1", [HEADER, TYPED], False), ("caché", [HEADER, TYPED], True)),
        file_name=XLSX,
    ),
    FindingCase(
        "a second table below",
        "F14",
        B,
        measures(SOUND, "", "", PARTICIPATION, occasion("PA-1", "2026-01-10", 12)),
        row=5,
        others=None,
    ),
    FindingCase(
        "notes below the table",
        "F15",
        R,
        measures(SOUND, ";;;;;;;", "Source : extranet (fictif);;;;;;;", "NC : non communiqué;;;;;;;"),
        row=4,
        value="Source : extranet (fictif)",
        count=2,
        others=None,
    ),
    FindingCase("rows that a filter hides", "F16", C, hiding(rows=[1]), row=2, file_name=XLSX),
    FindingCase("a hidden column", "F16", C, hiding(columns=[4]), row=None, column="E", file_name=XLSX),
]

HEADERS = [
    FindingCase("a table without its header, another file", "H01", B, f"{SOUND}\n{SECOND}\n".encode(), row=ANY),
    FindingCase(
        "a title above, in a workbook",
        "H02",
        R,
        xlsx_of([["Indicateurs T1"], [], HEADER, TYPED]),
        1,
        count=2,
        file_name=XLSX,
    ),
    FindingCase(
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
    FindingCase("one title over two columns", "H03", B, merged_headers(), 1, ANY, file_name=XLSX, others=None),
    FindingCase("values without a title", "H07", C, table(f"{MEASURES};", f"{SOUND};x"), ANY, "I"),
    FindingCase(
        "a title with accents and capitals",
        "H08",
        R,
        table(MEASURES.replace("numerateur", "NUMÉRATEURS"), SOUND),
        1,
        "D",
        value="NUMÉRATEURS",
        suggestion="numerateur",
    ),
]


def with_comment(comment: str) -> bytes:
    return measures(row("dynamic_exit_rate", 33, 60, comment=comment))


def with_column(title: str, text: str) -> bytes:
    return table(f"{MEASURES};{title}", f"{SOUND};{text}")


PERSONS = [
    FindingCase("a mail address in a comment", "P01", B, with_comment("a@b.example"), 2, "H", value=None),
    FindingCase(
        "a telephone number apart", "P01", B, with_column("contact", "06 00 00 00 00"), 2, "I", value=None, others="H05"
    ),
    FindingCase("first names", "P01", B, with_column("Prénom", "Zoé"), 2, "I", value=None, others="H05"),
    FindingCase("days of birth", "P01", B, with_column("Né(e) le", "01/01/1990"), 2, "I", value=None, others="H05"),
    FindingCase("somebody named in a comment", "P02", C, with_comment("selon Mme Exemple"), 2, "H", value=None),
]

ROWS = [
    FindingCase("a separator inside a text", "R01", B, measures(SOUND, f"{SECOND}un;deux"), row=3),
    FindingCase("a cell too many, the last one empty, another file", "R01", B, measures(SOUND, f"{SECOND};"), row=3),
    FindingCase("fewer cells than columns, another file", "R02", B, measures(SOUND, SECOND.rsplit(";", 4)[0]), row=3),
    FindingCase("last cells left out that may be empty", "R02", R, measures(SOUND, SECOND.rsplit(";", 2)[0]), row=3),
    FindingCase(
        "an empty cell too many on every row",
        "R02",
        R,
        measures(f"{SOUND};", f"{SECOND};"),
        row=2,
        count=2,
    ),
    FindingCase("blank rows inside, another file", "R03", I, measures(SOUND, "", ";;;;;;;", SECOND), row=3, count=2),
    FindingCase(
        "a total in a workbook",
        "R05",
        R,
        xlsx_of([HEADER, TYPED, ["Sous-total", None, None, 33, 60]]),
        3,
        ANY,
        value="Sous-total",
        file_name=XLSX,
    ),
    FindingCase("the header again, another file", "R06", R, measures(SOUND, MEASURES, SECOND), row=3),
    FindingCase("a row told twice, another file", "R07", R, measures(SOUND, SECOND, SOUND), row=4),
    FindingCase(
        "a row told twice, its numbers written otherwise",
        "R07",
        R,
        measures(row("fte_realised", 1505, 1505), row("fte_realised", "1\u202f505", "1505,0")),
        row=3,
    ),
    FindingCase(
        "a row that contradicts another, another file",
        "R08",
        B,
        measures(SOUND, SECOND, SOUND.replace("33;60;55,0", "30;60;50,0")),
        4,
        ANY,
    ),
    FindingCase("cells merged in the data", "R09", B, merged("atelier-ternoise"), 2, "A", file_name=XLSX, others=None),
]

CELLS = [
    FindingCase("not communicated", "C02", I, measures(row("dynamic_exit_rate", "NC")), 2, "D", value="NC"),
    FindingCase("without object", "C02", I, measures(row("dynamic_exit_rate", "s.o.")), 2, "D", value="s.o."),
    FindingCase("a dash", "C02", I, measures(row("dynamic_exit_rate", "-")), 2, "D", value="-"),
    FindingCase("n/a", "C02", I, measures(row("dynamic_exit_rate", "N/A")), 2, "D", value="N/A"),
    FindingCase(
        "a number with a letter",
        "C03",
        B,
        measures(row("dynamic_exit_rate", "3O", 60)),
        2,
        "D",
        value="3O",
        suggestion=ANY,
    ),
    FindingCase("two decimal marks", "C03", B, measures(row("absenteeism_rate", "1,5,0", 3000)), 2, "D", value="1,5,0"),
    FindingCase("a range", "C03", B, measures(row("dynamic_exit_rate", "30-35", 60)), 2, "D", value="30-35"),
    FindingCase(
        "a unit that is not its own",
        "C03",
        B,
        measures(row("dynamic_exit_rate", "33 h", 60)),
        2,
        "D",
        value="33 h",
        suggestion=ANY,
    ),
    FindingCase(
        "hours with their unit",
        "C05",
        R,
        measures(row("fte_realised", "1505 h", 1505)),
        2,
        "D",
        value="1505 h",
        suggestion="1505",
    ),
    FindingCase(
        "a fraction where percents are meant",
        "C05",
        C,
        measures(row("dynamic_exit_rate", value="0,125")),
        2,
        "F",
        value="0,125",
        suggestion=ANY,
    ),
    FindingCase(
        "a negative count with the sign of typography",
        "C06",
        B,
        measures(row("absenteeism_rate", "−3", 2000)),
        2,
        "D",
        value="−3",
    ),
    FindingCase(
        "a fifth quarter",
        "C09",
        B,
        measures(row("dynamic_exit_rate", 33, 60, period="T5 2026")),
        2,
        "B",
        value="T5 2026",
    ),
    FindingCase(
        "days first and months first in one file",
        "C10",
        C,
        table(PARTICIPATION, occasion("PA-1", "03/04/2026", 12), occasion("PA-2", "04/25/2026", 12)),
        2,
        "C",
        value="03/04/2026",
        suggestion=ANY,
        others=None,
    ),
    FindingCase(
        "a serial number",
        "C11",
        R,
        table(PARTICIPATION, occasion("PA-1", "46113", 12)),
        2,
        "C",
        value="46113",
        suggestion="2026-04-01",
    ),
    *(
        FindingCase(
            f"a period written {text}",
            "C12",
            R,
            measures(row("dynamic_exit_rate", 33, 60, period=text)),
            2,
            "B",
            value=text,
            suggestion="2026-T1",
        )
        for text in ("T1 2026", "1er trimestre 2026", "2026Q1", "janv.-mars 2026", "1T2026", "2026 T1", "Q1 2026")
    ),
    FindingCase(
        "a school year written shortly",
        "C12",
        R,
        measures(row("pupil_lost_hours", 1200, period="2025/2026", structure="ecole-valbrune")),
        2,
        "B",
        value="2025/2026",
        suggestion="2025-2026",
    ),
    FindingCase("an error cell", "C14", B, with_error("#DIV/0!"), 2, "F", value="#DIV/0!", file_name=XLSX),
    FindingCase("a value not found", "C14", B, with_error("#N/A"), 2, "F", value="#N/A", file_name=XLSX),
    FindingCase("a broken reference", "C14", B, measures(row("#REF!", 33, 60)), 2, "C", value="#REF!"),
    FindingCase("a formula never computed", "C15", B, with_formula("=D2/E2"), 2, "F", value="=D2/E2", file_name=XLSX),
    FindingCase(
        "a formula as text", "C15", B, measures(row("dynamic_exit_rate", 33, 60, "=D2/E2")), 2, "F", value="=D2/E2"
    ),
    FindingCase(
        "a no-break space after a text",
        "C16",
        R,
        measures(row("dynamic_exit_rate", 33, 60, comment="relu\u00a0")),
        2,
        "H",
        value="relu\u00a0",
        suggestion="relu",
    ),
    FindingCase(
        "a text like a call",
        "C18",
        I,
        measures(row("dynamic_exit_rate", 33, 60, comment="@SUM(A1)")),
        2,
        "H",
        value="@SUM(A1)",
    ),
    FindingCase(
        "a segment nobody used",
        "C20",
        C,
        measures(SOUND, row("dynamic_exit_rate", 12, 30, segment="sex=F")),
        3,
        "G",
        value="sex=F",
        suggestion="sexe=F",
    ),
    FindingCase(
        "an address that is none",
        "C21",
        B,
        table(MEMBERS, "direction chez atelier.example;director;atelier-ternoise;;"),
        2,
        "A",
    ),
    FindingCase(
        "an administrator of a part of the network",
        "I10",
        B,
        table(MEMBERS, "administration@reseau.example;administrator;atelier-ternoise;;"),
        2,
        "C",
    ),
]

IDENTIFIERS = [
    FindingCase(
        "thirteen digits of a new structure",
        "I01",
        B,
        structures("neuf;Neuf (fictif);ACI;;normandie;;FR;1234567890123;;;"),
        2,
        "H",
        value="1234567890123",
        suggestion=ANY,
    ),
    FindingCase(
        "zeros lost by a number cell",
        "I02",
        R,
        typed(structure=int(TERNOISE)),
        2,
        "A",
        value=str(int(TERNOISE)),
        suggestion=ANY,
        file_name=XLSX,
    ),
    FindingCase(
        "zeros lost by a number cell of an OpenDocument",
        "I02",
        R,
        ods(ods_table(ods_row(*HEADER), ods_row(int(TERNOISE), *TYPED[1:]))),
        2,
        "A",
        value=str(int(TERNOISE)),
        suggestion=ANY,
        file_name=ODS,
    ),
    FindingCase(
        "many zeros at the end",
        "I04",
        C,
        structures(f"neuf;Neuf (fictif);ACI;;normandie;;FR;{ROUND_SIRET};;;"),
        2,
        "H",
        value=ROUND_SIRET,
    ),
]

PARTS = (("durable_job_exit_rate", 12), ("transition_job_exit_rate", 12), ("positive_exit_rate", 8))

RULES = [
    FindingCase(
        "a rate that is not that of its counts, another file",
        "X02",
        C,
        measures(row("dynamic_exit_rate", 33, 60, "52,0")),
        2,
        "F",
        value="52,0",
        suggestion="55,0",
    ),
    FindingCase(
        "a total under the parts that are there",
        "X03",
        B,
        measures(SOUND, row(PARTS[0][0], 34, 60)),
        2,
        "D",
        value="33",
        suggestion=ANY,
    ),
    FindingCase(
        "a part above the whole",
        "X03",
        B,
        measures(SOUND, row("dynamic_exit_rate", 34, 60, segment="sexe=F")),
        3,
        "D",
        value="34",
        suggestion=ANY,
    ),
    FindingCase(
        "parts without the whole",
        "X04",
        C,
        measures(row("dynamic_exit_rate", 12, 30, segment="sexe=F")),
        2,
        "G",
        value="sexe=F",
        suggestion="ensemble",
    ),
    FindingCase(
        "two bases for one population",
        "X05",
        C,
        measures(SOUND, row("undocumented_exit_rate", 3, 61)),
        ANY,
        "E",
        others=None,
    ),
    FindingCase(
        "another quarter than the one collected, another file",
        "B01",
        B,
        measures(SOUND, row("absenteeism_rate", 9, 900, period="2025-T4")),
        3,
        "B",
        value="2025-T4",
        suggestion=ANY,
        period="2026-T1",
    ),
    FindingCase(
        "a quarter that is not over, another file",
        "B02",
        B,
        measures(row("dynamic_exit_rate", 33, 60, period="2026-T4")),
        2,
        "B",
        value="2026-T4",
    ),
]


def parquet_without_its_end() -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame({"structure": ["atelier-ternoise"], "periode": ["2026-T1"]}).write_parquet(buffer)
    return buffer.getvalue()[:-20]


OF_THE_FILE = [
    complete("no byte", "F01", B, b""),
    complete("only line feeds", "F01", B, b"\r\n \n\n"),
    complete("only a byte-order mark", "F01", B, b"\xef\xbb\xbf"),
    complete("a byte-order mark and a line feed", "F01", B, b"\xef\xbb\xbf\r\n"),
    complete("only no-break spaces", "F01", B, "\u00a0\n\u202f\n".encode()),
    complete("a header alone", "F01", B, measures(), row=1),
    complete("an archive", "F02", B, zipped("mesures.csv", MEASURES), values={"format": "zip"}, file_name="depot.zip"),
    complete("a PDF", "F02", B, b"%PDF-1.7\n", values={"format": "pdf"}, file_name="depot.pdf", others=""),
    complete("an old workbook", "F02", B, b"\xd0\xcf\x11\xe0\xa1\xb1", values={"format": "xls"}, file_name="depot.xls"),
    complete("a compressed file", "F02", B, gzip.compress(measures(SOUND)), values={"format": "gzip"}),
    complete(
        "text named Parquet",
        "F03",
        R,
        measures(SOUND),
        value="depot.parquet",
        values={"format": "CSV"},
        file_name="depot.parquet",
        others="",
    ),
    complete("Parquet cut short", "F04", B, parquet_without_its_end(), file_name="depot.parquet"),
    complete(
        "bytes of no encoding", "F06", B, measures(SOUND, "\x00").replace(b"\x00", b"\x81\x8d\x81"), 3, "A", "structure"
    ),
    complete(
        "two encodings in one file",
        "F06",
        B,
        measures(SOUND + "élève", "@").replace(b"@", "Besançon".encode("cp1252")),
        3,
        "A",
        "structure",
    ),
    complete(
        "bytes of no encoding below a cell of two lines",
        "F06",
        B,
        measures(row("dynamic_exit_rate", 33, 60, comment='"un\ndeux"'), "@").replace(b"@", b"\x81\x8d\x81"),
        3,
        "A",
        "structure",
    ),
    complete("as many commas as semicolons", "F08", B, b"a;b,c\n1;2,3\n", values={"found": "; ,"}),
    complete("a quote never closed", "F09", B, measures(SOUND, row(comment='"jamais fermé'), SOUND), row=3, others=""),
    complete("NUL bytes", "F10", B, measures(SOUND, "\x00"), row=3),
    complete("no column of ours", "H01", B, b"nom;couleur\nun;rouge\n"),
    complete("a table without its header", "H01", B, f"{SOUND}\n{SOUND}\n".encode()),
    complete(
        "a title above", "H02", R, table("Indicateurs T1;;;;;;;", ";;;;;;;", MEASURES, SOUND), row=1, count=2, others=""
    ),
    complete(
        "a required column missing",
        "H04",
        B,
        table(MEASURES.replace("indicateur", "indicatuer"), SOUND),
        row=1,
        header="indicateur",
        suggestion="indicatuer",
        values={"wanted": "indicateur"},
        others="H05",
    ),
    complete(
        "a column of their own",
        "H05",
        I,
        table(f"{MEASURES};Remarque interne", f"{SOUND};x"),
        row=1,
        column="I",
        header="Remarque interne",
        value="Remarque interne",
        others="",
    ),
    complete(
        "a column twice",
        "H06",
        B,
        table(f"{MEASURES};Numérateur", f"{SOUND};33"),
        row=1,
        column="I",
        header="Numérateur",
        value="Numérateur",
        others="",
    ),
    complete(
        "a header with accents and a plural",
        "H08",
        R,
        table(MEASURES.replace("numerateur", " Numérateurs"), SOUND),
        row=1,
        column="D",
        header="Numérateurs",
        value=" Numérateurs",
        suggestion="numerateur",
    ),
    complete(
        "a header by a synonym",
        "H08",
        R,
        table(MEASURES.replace("valeur", "taux"), SOUND),
        row=1,
        column="F",
        header="taux",
        value="taux",
        suggestion="valeur",
    ),
]

OF_THE_ROWS = [
    complete(
        "more cells than columns",
        "R01",
        B,
        measures(SOUND, f"{row('durable_job_exit_rate', 12, 60)}un;deux"),
        row=3,
        values={"cells": 9, "columns": 8},
    ),
    complete(
        "a cell too many, the last one empty",
        "R01",
        B,
        measures(SOUND, "atelier-ternoise;2026-T1;durable_job_exit_rate;12;60;20,0;;ensemble;"),
        row=3,
        values={"cells": 9, "columns": 8},
    ),
    complete(
        "fewer cells than columns",
        "R02",
        B,
        measures(SOUND, "atelier-ternoise;2026-T1"),
        row=3,
        values={"cells": 2, "columns": 8},
    ),
    complete(
        "blank rows inside",
        "R03",
        I,
        measures(SOUND, "", ";;;;;;;", "", row("durable_job_exit_rate", 12, 60)),
        row=3,
        count=3,
    ),
    complete("blank rows at the end", "R04", I, measures(SOUND, ";;;;;;;", "", ";;;;;;;"), row=3, count=3, others=""),
    complete("a total", "R05", R, measures(SOUND, "TOTAL;;;33;60;;;"), row=3, value="TOTAL", others=""),
    complete("a subtotal", "R05", R, measures(SOUND, ";Sous-total ;;33;60;;;"), row=3, value="Sous-total "),
    complete("the header again", "R06", R, measures(SOUND, MEASURES, row("durable_job_exit_rate", 12, 60)), row=3),
    complete("a row told twice", "R07", R, measures(SOUND, SOUND), row=3, values={"other": 2}),
    complete(
        "the same counts written otherwise",
        "R07",
        R,
        measures(row("fte_realised", 1505, 1505), row("fte_realised", "1 505", "1505,0")),
        row=3,
        values={"other": 2},
    ),
    complete(
        "a row that contradicts another",
        "R08",
        B,
        measures(SOUND, row("durable_job_exit_rate", 12, 60), SOUND.replace("33;60;55,0", "34;60;56,7")),
        row=4,
        values={"other": 2},
    ),
]

OF_THE_CELLS = [
    complete("an empty numerator", "C01", B, measures(row("dynamic_exit_rate", "", 60)), 2, "D", "numerateur"),
    complete(
        "an empty denominator", "C01", B, measures(row("dynamic_exit_rate", 33)), 2, "E", "denominateur", others=""
    ),
    complete("an empty indicator", "C01", B, measures(SOUND, row("", 33, 60)), 3, "C", "indicateur", others=""),
    complete(
        "an action closed without a verdict",
        "C01",
        B,
        table(ACTIONS, action("A-1", verified="2026-02-10", status="close")),
        2,
        "P",
        "efficacite",
    ),
    complete(
        "an action closed without the day of its verdict",
        "C01",
        B,
        table(ACTIONS, action("A-1", verdict="100", status="close")),
        2,
        "O",
        "verifiee_le",
    ),
    complete(
        "an action closed without a criterion",
        "C01",
        B,
        table(ACTIONS, action("A-1", verified="2026-02-10", verdict="100", status="close", criterion=" ")),
        2,
        "N",
        "critere",
    ),
    complete(
        "an action carried over without a new day",
        "C01",
        B,
        table(ACTIONS, action("A-1", status="reportee")),
        2,
        "L",
        "echeance",
    ),
    complete(
        "an accepted deviation without a reason",
        "C01",
        B,
        table(f"{ACTIONS};motif;accepte_jusqu_au", f"{action('A-1', status='ecart_accepte')};;2027-01-31"),
        2,
        "R",
        "motif",
    ),
    complete(
        "an accepted deviation without an end",
        "C01",
        B,
        table(f"{ACTIONS};motif;accepte_jusqu_au", f"{action('A-1', status='ecart_accepte')};budget reporté;"),
        2,
        "S",
        "accepte_jusqu_au",
    ),
    complete(
        "an action reopened with the day on which it was done",
        "X06",
        B,
        table(ACTIONS, action("A-1", done="2026-02-10", status="ouverte")),
        2,
        "M",
        "faite_le",
        "2026-02-10",
        values={"cause": "reopened"},
    ),
    complete(
        "what was not communicated",
        "C02",
        I,
        measures(row("dynamic_exit_rate", "n.d.")),
        2,
        "D",
        "numerateur",
        "n.d.",
        others="",
    ),
    complete(
        "no denominator to a numerator",
        "C02",
        B,
        measures(row("dynamic_exit_rate", 33, "s.o.")),
        2,
        "E",
        "denominateur",
        "s.o.",
        others="",
    ),
    complete(
        "no number of those present",
        "C02",
        B,
        table(PARTICIPATION, occasion("PA-1", "2026-01-10", "NC")),
        2,
        "G",
        "presents",
        "NC",
    ),
    complete(
        "a number in words",
        "C03",
        B,
        measures(row("dynamic_exit_rate", "trente", 60)),
        2,
        "D",
        "numerateur",
        "trente",
        others="",
    ),
    complete(
        "a unit after a number",
        "C03",
        B,
        measures(row("fte_realised", "1505 kg", 1505)),
        2,
        "D",
        "numerateur",
        "1505 kg",
    ),
    complete(
        "a code with a space",
        "C03",
        B,
        structures("Atelier Neuf;Neuf (fictif);ACI;;normandie;;FR;;;;"),
        2,
        "A",
        "structure",
        "Atelier Neuf",
    ),
    complete(
        "a thousand or a decimal",
        "C04",
        B,
        measures(row("fte_realised", "1.200", 1505)),
        2,
        "D",
        "numerateur",
        "1.200",
        "1200 / 1,2000",
        others="",
    ),
    complete(
        "a percent sign",
        "C05",
        R,
        measures(row("dynamic_exit_rate", 33, 60, "55,0 %")),
        2,
        "F",
        "valeur",
        "55,0 %",
        "55,0",
        others="",
    ),
    complete(
        "a negative count",
        "C06",
        B,
        measures(row("absenteeism_rate", -3, 2_000)),
        2,
        "D",
        "numerateur",
        "-3",
        others="",
    ),
    complete(
        "twice what may be",
        "C07",
        B,
        measures(row("contracted_fte_rate", 41, 20)),
        2,
        "D",
        "numerateur",
        "41",
        values={"lowest": 0.0, "highest": 200.0},
    ),
    complete(
        "a rate above a hundred, without its counts",
        "C07",
        B,
        measures(row("dynamic_exit_rate", "", "", "101")),
        2,
        "F",
        "valeur",
        "101",
        values={"lowest": 0.0, "highest": 100.0},
        others="",
    ),
    complete(
        "a negative length, without its counts, where there is no upper bound",
        "C07",
        B,
        measures(row("average_pathway_months", "", "", "-5", period="2025")),
        2,
        "F",
        "valeur",
        "-5",
        values={"lowest": 0.0, "highest": None},
    ),
    complete(
        "a verdict that is none",
        "C07",
        B,
        table(ACTIONS, action("A-1", done="2026-02-01", verified="2026-02-02", verdict="75", status="verifiee")),
        2,
        "P",
        "efficacite",
        "75",
    ),
    complete(
        "half a person leaving",
        "C08",
        B,
        measures(row("dynamic_exit_rate", "33,5", 60)),
        2,
        "D",
        "numerateur",
        "33,5",
        others="",
    ),
    complete(
        "half a leaver in all", "C08", B, measures(row("dynamic_exit_rate", 33, "60,5")), 2, "E", "denominateur", "60,5"
    ),
    complete(
        "half a person present",
        "C08",
        B,
        table(PARTICIPATION, occasion("PA-1", "2026-01-10", "12,5")),
        2,
        "G",
        "presents",
        "12,5",
    ),
    complete(
        "a day that does not exist",
        "C09",
        B,
        table(PARTICIPATION, occasion("PA-1", "31/02/2026", 12)),
        2,
        "C",
        "date",
        "31/02/2026",
        others="",
    ),
    complete(
        "a period that does not exist",
        "C09",
        B,
        measures(SOUND.replace("2026-T1", "T5 2026")),
        2,
        "B",
        "periode",
        "T5 2026",
    ),
    complete(
        "a period written otherwise",
        "C12",
        R,
        measures(SOUND.replace("2026-T1", "1er trimestre 2026")),
        2,
        "B",
        "periode",
        "1er trimestre 2026",
        "2026-T1",
    ),
    complete(
        "an indicator nearly right",
        "C13",
        B,
        measures(row("dynamic_exits_rate", 33, 60)),
        2,
        "C",
        "indicateur",
        "dynamic_exits_rate",
        "dynamic_exit_rate",
        others="",
    ),
    complete(
        "an error of a spreadsheet",
        "C14",
        B,
        measures(row("dynamic_exit_rate", 33, 60, "#DIV/0!")),
        2,
        "F",
        "valeur",
        "#DIV/0!",
        others="",
    ),
    complete(
        "a value a spreadsheet did not find",
        "C14",
        B,
        measures(row("dynamic_exit_rate", "#N/A", 60)),
        2,
        "D",
        "numerateur",
        "#N/A",
    ),
    complete(
        "an error of a spreadsheet for a date",
        "C14",
        B,
        table(PARTICIPATION, occasion("PA-1", "#REF!", 12)),
        2,
        "C",
        "date",
        "#REF!",
    ),
    complete(
        "spaces round a text",
        "C16",
        R,
        measures(row("dynamic_exit_rate", 33, 60, comment=" relu\u00a0")),
        2,
        "H",
        "commentaire",
        " relu\u00a0",
        "relu",
    ),
    complete(
        "spaces round a number",
        "C16",
        R,
        measures(row("dynamic_exit_rate", " 33", 60)),
        2,
        "D",
        "numerateur",
        " 33",
        "33",
        others="",
    ),
    complete(
        "spaces inside a SIRET",
        "C16",
        R,
        measures(SOUND.replace("atelier-ternoise", "000 900 001 00017")),
        2,
        "A",
        "structure",
        "000 900 001 00017",
        TERNOISE,
        others="",
    ),
    complete(
        "the name of a structure, with another apostrophe",
        "C16",
        R,
        measures(SOUND.replace("atelier-ternoise", "ATELIER TERNOISE (fictif)")),
        2,
        "A",
        "structure",
        "ATELIER TERNOISE (fictif)",
        "atelier-ternoise",
    ),
    complete(
        "a text too long",
        "C17",
        B,
        measures(row("dynamic_exit_rate", 33, 60, comment="é" * 501)),
        2,
        "H",
        "commentaire",
        "é" * 501,
        values={"longest": 500, "words": ""},
        others="",
    ),
    complete(
        "a text like a formula",
        "C18",
        I,
        measures(row("dynamic_exit_rate", 33, 60, comment="=1+1")),
        2,
        "H",
        "commentaire",
        "=1+1",
        others="",
    ),
    complete(
        "a word outside a closed list",
        "C19",
        B,
        table(ACTIONS, action("A-1", kind="correctif")),
        2,
        "C",
        "genre",
        "correctif",
        "corrective",
        others="",
    ),
    complete(
        "a predecessor that nobody knows",
        "I07",
        B,
        table(f"{STRUCTURES};predecesseur", "neuf;Neuf (fictif);ACI;;normandie;;FR;;;;;atelier-ternoisse"),
        2,
        "L",
        "predecesseur",
        "atelier-ternoisse",
        "atelier-ternoise",
    ),
    complete(
        "a structure that continues itself",
        "I07",
        B,
        table(f"{STRUCTURES};predecesseur", "neuf;Neuf (fictif);ACI;;normandie;;FR;;;;;neuf"),
        2,
        "L",
        "predecesseur",
        "neuf",
        values={"cause": "circle", "others": "neuf → neuf"},
    ),
    complete(
        "a predecessor that stays open",
        "X06",
        C,
        table(f"{STRUCTURES};predecesseur", "neuf;Neuf (fictif);ACI;;normandie;;FR;;;;;atelier-ternoise"),
        2,
        "L",
        "predecesseur",
        "atelier-ternoise",
        values={"cause": "open_predecessor"},
    ),
    complete(
        "an unknown region",
        "C19",
        B,
        structures("neuf;Neuf (fictif);ACI;;normandi;;FR;;;;"),
        2,
        "E",
        "region",
        "normandi",
        "normandie",
    ),
]

OF_IDENTIFIERS = [
    complete(
        "fifteen digits",
        "I01",
        B,
        measures(SOUND.replace("atelier-ternoise", f"{TERNOISE}0")),
        2,
        "A",
        "structure",
        f"{TERNOISE}0",
        others="",
    ),
    complete(
        "letters in the SIRET of a new structure",
        "I01",
        B,
        structures("neuf;Neuf (fictif);ACI;;normandie;;FR;0009000190001A;;;"),
        2,
        "H",
        "siret",
        "0009000190001A",
    ),
    complete(
        "a leading zero lost",
        "I02",
        R,
        measures(SOUND.replace("atelier-ternoise", TERNOISE[1:])),
        2,
        "A",
        "structure",
        TERNOISE[1:],
        TERNOISE,
        others="",
    ),
    complete(
        "a leading zero lost by a new structure",
        "I02",
        R,
        structures(f"neuf;Neuf (fictif);ACI;;normandie;;FR;{TERNOISE[1:]};;;"),
        2,
        "H",
        "siret",
        TERNOISE[1:],
        TERNOISE,
    ),
    complete(
        "scientific notation",
        "I03",
        B,
        measures(SOUND.replace("atelier-ternoise", "9,00E+10")),
        2,
        "A",
        "structure",
        "9,00E+10",
        others="",
    ),
    complete(
        "scientific notation of a new structure",
        "I03",
        B,
        structures("neuf;Neuf (fictif);ACI;;normandie;;FR;1,23E+13;;;"),
        2,
        "H",
        "siret",
        "1,23E+13",
        others="",
    ),
    complete(
        "a wrong check digit",
        "I05",
        B,
        measures(SOUND.replace("atelier-ternoise", "00090000100018")),
        2,
        "A",
        "structure",
        "00090000100018",
        TERNOISE,
        others="",
    ),
    complete(
        "a wrong check digit of a new structure",
        "I05",
        B,
        structures("neuf;Neuf (fictif);EIW;;be-liege;;BE;;0431.150.351;;"),
        2,
        "I",
        "bce",
        "0431.150.351",
        others="C16",
    ),
    complete(
        "a SIREN that names one",
        "I06",
        R,
        measures(SOUND.replace("atelier-ternoise", TERNOISE_SIREN)),
        2,
        "A",
        "structure",
        TERNOISE_SIREN,
        "atelier-ternoise",
        others="",
    ),
    complete(
        "a SIREN that names two",
        "I06",
        B,
        measures(SOUND.replace("atelier-ternoise", "000900019")),
        2,
        "A",
        "structure",
        "000900019",
        "regie-ternoise / regie-ternoise-nord",
        others="",
    ),
    complete(
        "an unknown code",
        "I07",
        B,
        measures(SOUND.replace("atelier-ternoise", "atelier-ternoisse")),
        2,
        "A",
        "structure",
        "atelier-ternoisse",
        "atelier-ternoise",
        others="",
    ),
    complete(
        "an unknown SIRET",
        "I07",
        B,
        measures(SOUND.replace("atelier-ternoise", "73282932000074")),
        2,
        "A",
        "structure",
        "73282932000074",
    ),
    complete(
        "an unknown perimeter",
        "I07",
        B,
        table(TARGETS, "region:nulle-part;dynamic_exit_rate;2026-T1;;60;interne;"),
        2,
        "A",
        "perimetre",
        "region:nulle-part",
        others="",
    ),
    complete(
        "another structure than the depositor",
        "I08",
        B,
        measures(SOUND, row("dynamic_exit_rate", 33, 60, structure="regie-ternoise")),
        3,
        "A",
        "structure",
        "regie-ternoise",
        values={"own": "atelier-ternoise"},
        structure="atelier-ternoise",
        others="",
    ),
    complete(
        "a structure closed by then",
        "I09",
        B,
        measures(row("dynamic_exit_rate", 33, 60, period="2025-T1", structure="chantier-lorette")),
        2,
        "B",
        "periode",
        "2025-T1",
        others="",
    ),
    complete(
        "a structure not open yet",
        "I09",
        B,
        measures(row("permanent_contract_share", 33, 60, period="2025-T4", structure="aide-valbrune")),
        2,
        "B",
        "periode",
        "2025-T4",
        others="",
    ),
]

EXITS = [("durable_job_exit_rate", 12), ("transition_job_exit_rate", 12), ("positive_exit_rate", 8)]

OF_RULES = [
    complete(
        "61 of 60", "X01", B, measures(row("dynamic_exit_rate", 61, 60)), 2, "D", "numerateur", "61", others="C07"
    ),
    complete(
        "more present than invited",
        "X01",
        B,
        table(PARTICIPATION, occasion("PA-1", "2026-01-10", 12, invited=11)),
        2,
        "G",
        "presents",
        "12",
    ),
    complete(
        "more present than invited where people come as they wish",
        "X01",
        C,
        table(PARTICIPATION, occasion("PA-1", "2026-01-10", 12, invited=11, form="rencontre")),
        2,
        "G",
        "presents",
        "12",
        values={"invited": 11},
    ),
    complete(
        "more in pathway than present",
        "X01",
        B,
        table(PARTICIPATION, occasion("PA-1", "2026-01-10", 12, 13, invited=20)),
        2,
        "H",
        "dont_en_parcours",
        "13",
    ),
    complete(
        "an action done before it was opened",
        "X06",
        C,
        table(ACTIONS, action("A-1", opened="2026-01-10", done="2026-01-09", status="faite")),
        2,
        "M",
        "faite_le",
        "2026-01-09",
    ),
    complete(
        "a rate that is not that of its counts",
        "X02",
        C,
        measures(row("dynamic_exit_rate", 33, 60, "0,55")),
        2,
        "F",
        "valeur",
        "0,55",
        "55,0",
        values={"exact": 55.0},
    ),
    complete(
        "a total that is not the sum of its parts",
        "X03",
        B,
        measures(SOUND, *(row(name, count, 60) for name, count in EXITS)),
        2,
        "D",
        "numerateur",
        "33",
        values={"parts": 32.0},
        others="",
    ),
    complete(
        "an action due before it was opened",
        "X06",
        C,
        table(ACTIONS, action("A-1", opened="2026-03-01", due="2026-02-01")),
        2,
        "L",
        "echeance",
        "2026-02-01",
        others="",
    ),
    complete(
        "a structure closed before it opened",
        "X06",
        C,
        structures("neuf;Neuf (fictif);ACI;;normandie;;FR;;;2020-01-02;2020-01-01"),
        2,
        "K",
        "fermee_le",
        "2020-01-01",
    ),
    complete(
        "a target that ends before it starts",
        "X06",
        C,
        table(TARGETS, "reseau;dynamic_exit_rate;2026-T2;2026-T1;60;interne;"),
        2,
        "D",
        "fin",
        "2026-T1",
    ),
    complete(
        "a quarter of a yearly figure",
        "B01",
        B,
        measures(row("women_share", 33, 60)),
        2,
        "B",
        "periode",
        "2026-T1",
        values={"wanted": "year"},
        others="",
    ),
    complete(
        "another quarter than the one collected",
        "B01",
        B,
        measures(SOUND, row("dynamic_exit_rate", 33, 60, period="2025-T4")),
        3,
        "B",
        "periode",
        "2025-T4",
        values={"wanted": "2026-T1"},
        period="2026-T1",
    ),
    complete(
        "a quarter that is not over",
        "B02",
        B,
        measures(SOUND.replace("2026-T1", "2026-T4")),
        2,
        "B",
        "periode",
        "2026-T4",
    ),
    complete(
        "an indicator of another kind of structure",
        "B06",
        B,
        measures(row("serious_sanctions", 6, period="2024-2025")),
        2,
        "C",
        "indicateur",
        "serious_sanctions",
        values={"kind": "ACI"},
        others="",
    ),
]

OF_PLANS_AND_MEETINGS = [
    complete(
        "a plan of a quarter",
        "C03",
        B,
        table(PLAN, planned("", "2026-T3")),
        2,
        "B",
        "annee",
        "2026-T3",
        "2026",
        values={"cause": "plan_year"},
    ),
    complete(
        "a plan of an action that the register does not know",
        "C20",
        C,
        table(PLAN, planned("AC-1")),
        2,
        "E",
        "action",
        "AC-1",
        values={"cause": "unknown_action"},
    ),
    complete(
        "a plan of another structure than the depositor",
        "I08",
        B,
        table(PLAN, planned("", structure="regie-ternoise")),
        2,
        "A",
        "structure",
        "regie-ternoise",
        values={"own": "atelier-ternoise"},
        structure="atelier-ternoise",
    ),
    complete(
        "a body with two rhythms at a time",
        "X06",
        C,
        table(BODIES, body(until="2026-07-14"), body("mensuel", "2026-07-01")),
        3,
        "E",
        "du",
        "2026-07-01",
        values={"cause": "overlap"},
    ),
    complete(
        "a body of another structure than the depositor",
        "I08",
        B,
        table(BODIES, body(structure="regie-ternoise")),
        2,
        "A",
        "structure",
        "regie-ternoise",
        values={"own": "atelier-ternoise"},
        structure="atelier-ternoise",
    ),
    complete(
        "a meeting of a body that is not declared",
        "C20",
        C,
        table(MEETINGS, meeting("2026-09-10")),
        2,
        "B",
        "instance",
        "Comité de pilotage",
        values={"cause": "unknown_body"},
    ),
    FindingCase(
        "a meeting held after today",
        "X06",
        C,
        table(MEETINGS, meeting("2026-11-20", "2026-12-20")),
        2,
        "D",
        "tenue_le",
        "2026-12-20",
        values={"today": "2026-11-24"},
        others=None,
    ),
    FindingCase(
        "a meeting of another structure than the depositor",
        "I08",
        B,
        table(MEETINGS, meeting("2026-09-10", structure="regie-ternoise")),
        2,
        "A",
        structure="atelier-ternoise",
        others=None,
    ),
    FindingCase(
        "a request of another structure than the depositor",
        "I08",
        B,
        table("structure;reference;date;de;demande", "regie-ternoise;DE-1;2026-09-10;salariés en parcours;Le planning"),
        2,
        "A",
        structure="atelier-ternoise",
    ),
]

CASES: Final = [
    *FILES,
    *HEADERS,
    *PERSONS,
    *ROWS,
    *CELLS,
    *IDENTIFIERS,
    *RULES,
    *OF_THE_FILE,
    *OF_THE_ROWS,
    *OF_THE_CELLS,
    *OF_IDENTIFIERS,
    *OF_RULES,
    *OF_PLANS_AND_MEETINGS,
]
"""Every case that needs nothing in the store but the structures of `DIRECTORY`."""
COMPLETE_CASES: Final = [case for case in CASES if case.is_complete]
EXAMINED: dict[str, ValidationResult] = {}


def examined(directory: Network, case: FindingCase) -> ValidationResult:
    """Examine the file of a case, one time in a process; a file so large that it is made when needed is not kept."""
    if isinstance(case.content, bytes) and str(case) in EXAMINED:
        return EXAMINED[str(case)]
    content = case.content if isinstance(case.content, bytes) else case.content()
    found = examine(directory, content, case.file_name, period=case.period, structure=case.structure)
    if isinstance(case.content, bytes):
        EXAMINED[str(case)] = found
    return found
