"""The files given back to who deposited them: their own workbook with every finding marked, their own table mended.

In the marked workbook nothing is a formula or a link of theirs: whatever a cell held is written as text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from math import ceil
from typing import Final, TypeAlias

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_cell_to_rowcol
from xlsxwriter.worksheet import Worksheet

from dashboards.wording.finding_messages import GRAVITY, by_cause, grouped, hint, message
from dashboards.wording.translations import Words
from indicators.intake.files_out.corrected_copy import mended
from indicators.intake.readers.sheet import Sheet
from indicators.intake.validate import Examination
from schemas.findings import Finding, Severity

ROWS: Final = 20_000
COLUMNS: Final = 200
"""What is copied of a file; findings beyond are in the first sheet only."""
LONGEST: Final = 32_000
"""Characters of a cell; a workbook takes 32,767."""
SHEET_NAME: Final = 31
LOOK: Final[Mapping[Severity, Mapping[str, object]]] = {
    Severity.BLOCKING: {"bg_color": "#F8CBAD", "border": 2, "border_color": "#9C1C0D"},
    Severity.CONFIRM: {"bg_color": "#FFE699", "border": 3, "border_color": "#7F6000"},
    Severity.CORRECTED: {"bg_color": "#DDEBF7", "border": 1, "border_color": "#1F4E79"},
    Severity.INFO: {"bg_color": "#EDEDED", "border": 4, "border_color": "#595959"},
}
"""A colour and a kind of border for each severity: never the colour alone."""
AS_TEXT: Final = {"num_format": "@", "valign": "top"}
OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
TABLE: Final = (
    ("severity", 16), ("code", 7), ("count", 9), ("cause", 42), ("where", 14), ("value", 22), ("message", 52),
    ("hint", 52), ("suggestion", 22),
)  # fmt: skip
"""Columns of the first sheet, and their widths."""
COMMENT_WIDTH: Final = 380
COMMENT_LINE: Final = 52
"""Pixels across a comment, and the characters that fit on one of its lines."""

Marks: TypeAlias = Mapping[int, Mapping[int, Sequence[Finding]]]
"""What is said of each cell, by row and column counted from 0."""


def corrected(examination: Examination, _words: Words) -> bytes | None:
    """Return the table in the template's columns with the safe corrections made (CSV); nothing if it has none."""
    return mended(examination)


def annotated(examination: Examination, words: Words) -> bytes:
    """Return the file as a workbook: its cells where they were, coloured and commented, and a first sheet of findings.

    Rows keep their numbers and columns their letters. A file that could not be read has the first sheet only.
    """
    buffer = BytesIO()
    with Workbook(buffer, OPTIONS) as book:
        book.set_properties({"title": _clean(examination.file_name)})
        first = book.add_worksheet(words("returned.sheet"))
        sheet, marks = examination.sheet, _marks(examination.findings)
        copy = book.add_worksheet(_sheet_name(sheet, words)) if sheet is not None else None
        _write_findings(_Pen(book, first, words), examination, marks, copy)
        if sheet is not None and copy is not None:
            _copy(_Pen(book, copy, words), sheet, marks)
    return buffer.getvalue()


def _marks(findings: Sequence[Finding]) -> Marks:
    """Return the findings of each cell that is copied; one of a whole row is at its first cell."""
    marks: dict[int, dict[int, list[Finding]]] = {}
    for finding in findings:
        if finding.row is not None:
            row, column = xl_cell_to_rowcol(f"{finding.column or 'A'}{finding.row}")
            if row < ROWS and column < COLUMNS:
                marks.setdefault(row, {}).setdefault(column, []).append(finding)
    return marks


class _Pen:
    """Writes on one sheet: text as text, in the look of a severity."""

    def __init__(self, book: Workbook, sheet: Worksheet, words: Words) -> None:
        """Make the formats that the sheet needs."""
        self.sheet = sheet
        self.words = words
        self.plain: Format = book.add_format(dict(AS_TEXT))
        self.wrapped: Format = book.add_format({**AS_TEXT, "text_wrap": True})
        self.link: Format = book.add_format({"valign": "top", "font_color": "#1F4E79", "underline": 1})
        self.bold: Format = book.add_format({**AS_TEXT, "bold": True})
        self.head: Format = book.add_format({**AS_TEXT, "bold": True, "bottom": 2, "text_wrap": True})
        self.title: Format = book.add_format({**AS_TEXT, "bold": True, "font_size": 14})
        self.whole: Format = book.add_format({"valign": "top", "num_format": "#,##0"})
        self.looks: dict[Severity, Format] = {
            severity: book.add_format({**AS_TEXT, **look}) for severity, look in LOOK.items()
        }

    def text(self, row: int, column: int, text: str, look: Format | None = None) -> None:
        """Write a text, whatever it begins with."""
        cleaned = _clean(text)
        if cleaned:
            self.sheet.write_string(row, column, cleaned, look or self.plain)
        else:
            self.sheet.write_blank(row, column, None, look or self.plain)

    def mark(self, row: int, column: int, text: str | None, findings: Sequence[Finding]) -> None:
        """Write a cell of which something is said, with a comment that says it."""
        gravest = min((finding.severity for finding in findings), key=GRAVITY.__getitem__)
        self.text(row, column, text or "", self.looks[gravest])
        comment = "\n\n".join(dict.fromkeys(_comment(finding, self.words) for finding in findings))[:LONGEST]
        lines = sum(ceil(len(line) / COMMENT_LINE) or 1 for line in comment.split("\n"))
        size = {"width": COMMENT_WIDTH, "height": min(18 * lines + 16, 700), "font_size": 9}
        self.sheet.write_comment(row, column, comment, size)


def _comment(finding: Finding, words: Words) -> str:
    """Return what a cell's comment says: code and severity, cause, what to do, what to write instead."""
    said = [
        words("returned.comment", code=finding.code, severity=words(f"severity.{finding.severity.value}")),
        message(finding, words),
        hint(finding, words),
    ]
    if finding.suggestion:
        said.append(words("returned.proposed", suggestion=finding.suggestion))
    return _clean("\n".join(said))


def _write_findings(pen: _Pen, examination: Examination, marks: Marks, copy: Worksheet | None) -> None:
    """Write the first sheet: the verdict, what the colours mean, then every finding, gravest causes first."""
    for place, (_, width) in enumerate(TABLE):
        pen.sheet.set_column(place, place, width)
    row = 0
    for text, look in _heading(pen, examination):
        pen.text(row, 0, text, look)
        row += 1
    row += 1
    pen.text(row, 0, pen.words("returned.legend"), pen.bold)
    for severity in Severity:
        row += 1
        pen.text(row, 0, pen.words(f"severity.{severity.value}"), pen.looks[severity])
        pen.text(row, 1, pen.words(f"returned.legend.{severity.value}"))
    row += 2
    for place, (name, _) in enumerate(TABLE):
        pen.text(row, place, pen.words(f"returned.{name}"), pen.head)
    findings = [finding for same in by_cause(examination.findings) for finding in same]
    for line, finding in enumerate(findings, start=row + 1):
        _write_finding(pen, line, finding, marks, copy)
    if findings:
        pen.sheet.autofilter(row, 0, row + len(findings), len(TABLE) - 1)
    else:
        pen.text(row + 1, 0, pen.words("returned.none"))
    pen.sheet.freeze_panes(row + 1, 0)
    pen.sheet.set_landscape()
    pen.sheet.set_paper(9)
    pen.sheet.fit_to_pages(1, 0)
    pen.sheet.repeat_rows(row)


def _heading(pen: _Pen, examination: Examination) -> Iterator[tuple[str, Format]]:
    words = pen.words
    yield words("returned.title"), pen.title
    yield f"{examination.file_name} — {words(f'verdict.{examination.verdict.value}')}", pen.bold
    if examination.dataset:
        rows = words("returned.rows", count=examination.rows_read, accepted=examination.rows_accepted)
        yield f"{words(f'dataset.{examination.dataset}')} · {rows}", pen.plain
    if examination.sheet is not None:
        yield words("returned.intro"), pen.plain
    if any(len(same) < same[0].count for same in by_cause(examination.findings)):
        yield words("returned.sampled"), pen.plain
    if _is_cut(examination.sheet):
        yield words("returned.cut", rows=ROWS, columns=COLUMNS), pen.plain


def _is_cut(sheet: Sheet | None) -> bool:
    return sheet is not None and (bool((sheet.rows > ROWS).any()) or sheet.cells.width > COLUMNS)


def _write_finding(pen: _Pen, row: int, finding: Finding, marks: Marks, copy: Worksheet | None) -> None:
    words = pen.words
    pen.text(row, 0, words(f"severity.{finding.severity.value}"), pen.looks[finding.severity])
    pen.text(row, 1, finding.code)
    pen.sheet.write_number(row, 2, finding.count, pen.whole)
    pen.text(row, 3, grouped(finding, words), pen.wrapped)
    where = _where(finding, words)
    if copy is not None and finding.row is not None and _is_marked(finding, marks):
        target = f"internal:'{copy.get_name().replace(chr(39), chr(39) * 2)}'!{finding.column or 'A'}{finding.row}"
        pen.sheet.write_url(row, 4, target, pen.link, where)
    else:
        pen.text(row, 4, where)
    pen.text(row, 5, finding.value or "", pen.wrapped)
    pen.text(row, 6, message(finding, words), pen.wrapped)
    pen.text(row, 7, hint(finding, words), pen.wrapped)
    pen.text(row, 8, finding.suggestion or "", pen.wrapped)


def _where(finding: Finding, words: Words) -> str:
    if finding.row is None:
        return finding.header or words("returned.whole")
    return f"{finding.column}{finding.row}" if finding.column else words("returned.row", row=finding.row)


def _is_marked(finding: Finding, marks: Marks) -> bool:
    return any(finding in said for said in marks.get((finding.row or 0) - 1, {}).values())


def _copy(pen: _Pen, sheet: Sheet, marks: Marks) -> None:
    """Copy the cells where they were; those of which something is said are marked, empty ones too."""
    shown = sheet.cells[:, :COLUMNS]
    for place, width in enumerate(_widths(sheet)):
        pen.sheet.set_column(place, place, width)
    lines = {int(row) - 1: line for line, row in enumerate(sheet.rows) if row <= ROWS}
    for row in sorted(lines.keys() | marks.keys()):
        cells = shown.row(lines[row]) if row in lines else ()
        said = marks.get(row, {})
        for column in range(max([len(cells), *(place + 1 for place in said)])):
            text = cells[column] if column < len(cells) else None
            if column in said:
                pen.mark(row, column, text, said[column])
            elif text:
                pen.text(row, column, text)


def _widths(sheet: Sheet) -> list[int]:
    """Return widths in which the first rows can be read."""
    return [
        min(max(8, int(sheet.cells[name].head(300).str.len_chars().max() or 0) + 2), 45)  # type: ignore[arg-type]
        for name in sheet.cells.columns[:COLUMNS]
    ]


def _sheet_name(sheet: Sheet, words: Words) -> str:
    """Return the name of the copied sheet, as a workbook allows it and unlike that of the first."""
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", sheet.name or "").strip("' ")[:SHEET_NAME].strip("' ")
    reserved = {words("returned.sheet").casefold(), "history", ""}
    return words("returned.file") if name.casefold() in reserved else _clean(name)


def _clean(text: str) -> str:
    """Return a text that XML can hold: control characters as the signs that picture them, other stray ones replaced."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", lambda found: chr(0x2400 + ord(found[0])), text)
    return re.sub("[\ud800-\udfff\ufffe\uffff]", "\ufffd", text)[:LONGEST]
