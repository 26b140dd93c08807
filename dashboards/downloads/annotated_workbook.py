"""Files returned to the depositor: a workbook annotated with every finding, and the corrected table as CSV.

The annotated workbook contains none of the original formulas or links: every cell is written as text.
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

from dashboards.wording.finding_messages import (
    SEVERITY_RANKS,
    group_by_cause,
    group_sentence,
    hint_sentence,
    message_sentence,
)
from dashboards.wording.translations import Translator
from indicators.intake.files_out.corrected_copy import corrected_csv
from indicators.intake.readers.sheet import Sheet
from indicators.intake.validate import ValidationResult
from schemas.findings import Finding, Severity

MAX_COPIED_ROWS: Final = 20_000
MAX_COPIED_COLUMNS: Final = 200
"""Rows and columns copied from a file; findings beyond them are only in the first sheet."""
MAX_CELL_CHARS: Final = 32_000
"""Characters of a cell; Excel's limit is 32,767."""
MAX_SHEET_NAME_CHARS: Final = 31
SEVERITY_STYLES: Final[Mapping[Severity, Mapping[str, object]]] = {
    Severity.BLOCKING: {"bg_color": "#F8CBAD", "border": 2, "border_color": "#9C1C0D"},
    Severity.CONFIRM: {"bg_color": "#FFE699", "border": 3, "border_color": "#7F6000"},
    Severity.CORRECTED: {"bg_color": "#DDEBF7", "border": 1, "border_color": "#1F4E79"},
    Severity.INFO: {"bg_color": "#EDEDED", "border": 4, "border_color": "#595959"},
}
"""Fill colour and border style of each severity: never colour alone."""
TEXT_FORMAT: Final = {"num_format": "@", "valign": "top"}
WORKBOOK_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
FINDING_COLUMNS: Final = (
    ("severity", 16), ("code", 7), ("count", 9), ("cause", 42), ("where", 14), ("value", 22), ("message", 52),
    ("hint", 52), ("suggestion", 22),
)  # fmt: skip
"""Columns of the first sheet with their widths in characters."""
COMMENT_WIDTH_PX: Final = 380
COMMENT_LINE_CHARS: Final = 52
"""Width of a comment in pixels, and the characters that fit on one of its lines."""

CellFindings: TypeAlias = Mapping[int, Mapping[int, Sequence[Finding]]]
"""Findings of each cell, by row and column counted from 0."""


def corrected_table(examination: ValidationResult, _t: Translator) -> bytes | None:
    """Return the table in the template's columns with safe corrections applied (CSV); null if there is no table."""
    return corrected_csv(examination)


def annotated_workbook(examination: ValidationResult, t: Translator) -> bytes:
    """Return the file as a workbook: a first sheet of findings, and a copy of its cells with colours and comments.

    Rows keep their numbers and columns their letters. An unreadable file yields the first sheet only.
    """
    buffer = BytesIO()
    with Workbook(buffer, WORKBOOK_OPTIONS) as book:
        book.set_properties({"title": _to_xml_text(examination.file_name)})
        first = book.add_worksheet(t("returned.sheet"))
        sheet, marks = examination.sheet, _findings_by_cell(examination.findings)
        copy = book.add_worksheet(_sheet_name(sheet, t)) if sheet is not None else None
        _write_findings(_SheetWriter(book, first, t), examination, marks, copy)
        if sheet is not None and copy is not None:
            _copy_cells(_SheetWriter(book, copy, t), sheet, marks)
    return buffer.getvalue()


def _findings_by_cell(findings: Sequence[Finding]) -> CellFindings:
    """Index the findings by copied cell; a finding about a whole row is at its first cell."""
    marks: dict[int, dict[int, list[Finding]]] = {}
    for finding in findings:
        if finding.row is not None:
            row, column = xl_cell_to_rowcol(f"{finding.column or 'A'}{finding.row}")
            if row < MAX_COPIED_ROWS and column < MAX_COPIED_COLUMNS:
                marks.setdefault(row, {}).setdefault(column, []).append(finding)
    return marks


class _SheetWriter:
    """Writes cells of one sheet, always as text, in the format of a severity."""

    def __init__(self, book: Workbook, sheet: Worksheet, t: Translator) -> None:
        """Create the cell formats."""
        self.sheet = sheet
        self.t = t
        self.plain: Format = book.add_format(dict(TEXT_FORMAT))
        self.wrapped: Format = book.add_format({**TEXT_FORMAT, "text_wrap": True})
        self.link: Format = book.add_format({"valign": "top", "font_color": "#1F4E79", "underline": 1})
        self.bold: Format = book.add_format({**TEXT_FORMAT, "bold": True})
        self.head: Format = book.add_format({**TEXT_FORMAT, "bold": True, "bottom": 2, "text_wrap": True})
        self.title: Format = book.add_format({**TEXT_FORMAT, "bold": True, "font_size": 14})
        self.integer: Format = book.add_format({"valign": "top", "num_format": "#,##0"})
        self.severity_formats: dict[Severity, Format] = {
            severity: book.add_format({**TEXT_FORMAT, **look}) for severity, look in SEVERITY_STYLES.items()
        }

    def text(self, row: int, column: int, text: str, cell_format: Format | None = None) -> None:
        """Write a cell as text, even if it begins like a formula."""
        cleaned = _to_xml_text(text)
        if cleaned:
            self.sheet.write_string(row, column, cleaned, cell_format or self.plain)
        else:
            self.sheet.write_blank(row, column, None, cell_format or self.plain)

    def mark(self, row: int, column: int, text: str | None, findings: Sequence[Finding]) -> None:
        """Write a cell with findings, in the format of the gravest, with a comment listing them."""
        gravest = min((finding.severity for finding in findings), key=SEVERITY_RANKS.__getitem__)
        self.text(row, column, text or "", self.severity_formats[gravest])
        comment = "\n\n".join(dict.fromkeys(_comment(finding, self.t) for finding in findings))[:MAX_CELL_CHARS]
        lines = sum(ceil(len(line) / COMMENT_LINE_CHARS) or 1 for line in comment.split("\n"))
        size = {"width": COMMENT_WIDTH_PX, "height": min(18 * lines + 16, 700), "font_size": 9}
        self.sheet.write_comment(row, column, comment, size)


def _comment(finding: Finding, t: Translator) -> str:
    """Return the text of a cell's comment: code and severity, cause, what to do, suggestion."""
    lines = [
        t("returned.comment", code=finding.code, severity=t(f"severity.{finding.severity.value}")),
        message_sentence(finding, t),
        hint_sentence(finding, t),
    ]
    if finding.suggestion:
        lines.append(t("returned.proposed", suggestion=finding.suggestion))
    return _to_xml_text("\n".join(lines))


def _write_findings(
    pen: _SheetWriter, examination: ValidationResult, marks: CellFindings, copy: Worksheet | None
) -> None:
    """Write the first sheet: verdict, legend of the colours, then every finding, gravest causes first."""
    for place, (_, width) in enumerate(FINDING_COLUMNS):
        pen.sheet.set_column(place, place, width)
    row = 0
    for text, cell_format in _summary_lines(pen, examination):
        pen.text(row, 0, text, cell_format)
        row += 1
    row += 1
    pen.text(row, 0, pen.t("returned.legend"), pen.bold)
    for severity in Severity:
        row += 1
        pen.text(row, 0, pen.t(f"severity.{severity.value}"), pen.severity_formats[severity])
        pen.text(row, 1, pen.t(f"returned.legend.{severity.value}"))
    row += 2
    for place, (name, _) in enumerate(FINDING_COLUMNS):
        pen.text(row, place, pen.t(f"returned.{name}"), pen.head)
    findings = [finding for cause_findings in group_by_cause(examination.findings) for finding in cause_findings]
    for line, finding in enumerate(findings, start=row + 1):
        _write_finding(pen, line, finding, marks, copy)
    if findings:
        pen.sheet.autofilter(row, 0, row + len(findings), len(FINDING_COLUMNS) - 1)
    else:
        pen.text(row + 1, 0, pen.t("returned.none"))
    pen.sheet.freeze_panes(row + 1, 0)
    pen.sheet.set_landscape()
    pen.sheet.set_paper(9)
    pen.sheet.fit_to_pages(1, 0)
    pen.sheet.repeat_rows(row)


def _summary_lines(pen: _SheetWriter, examination: ValidationResult) -> Iterator[tuple[str, Format]]:
    t = pen.t
    yield t("returned.title"), pen.title
    yield f"{examination.file_name} — {t(f'verdict.{examination.verdict.value}')}", pen.bold
    if examination.dataset:
        rows = t("returned.rows", count=examination.rows_read, accepted=examination.rows_accepted)
        yield f"{t(f'dataset.{examination.dataset}')} · {rows}", pen.plain
    if examination.sheet is not None:
        yield t("returned.intro"), pen.plain
    if any(len(cause_findings) < cause_findings[0].count for cause_findings in group_by_cause(examination.findings)):
        yield t("returned.sampled"), pen.plain
    if _is_truncated(examination.sheet):
        yield t("returned.cut", rows=MAX_COPIED_ROWS, columns=MAX_COPIED_COLUMNS), pen.plain


def _is_truncated(sheet: Sheet | None) -> bool:
    return sheet is not None and (bool((sheet.rows > MAX_COPIED_ROWS).any()) or sheet.cells.width > MAX_COPIED_COLUMNS)


def _write_finding(pen: _SheetWriter, row: int, finding: Finding, marks: CellFindings, copy: Worksheet | None) -> None:
    t = pen.t
    pen.text(row, 0, t(f"severity.{finding.severity.value}"), pen.severity_formats[finding.severity])
    pen.text(row, 1, finding.code)
    pen.sheet.write_number(row, 2, finding.count, pen.integer)
    pen.text(row, 3, group_sentence(finding, t), pen.wrapped)
    where = _location(finding, t)
    if copy is not None and finding.row is not None and _is_marked(finding, marks):
        target = f"internal:'{copy.get_name().replace(chr(39), chr(39) * 2)}'!{finding.column or 'A'}{finding.row}"
        pen.sheet.write_url(row, 4, target, pen.link, where)
    else:
        pen.text(row, 4, where)
    pen.text(row, 5, finding.value or "", pen.wrapped)
    pen.text(row, 6, message_sentence(finding, t), pen.wrapped)
    pen.text(row, 7, hint_sentence(finding, t), pen.wrapped)
    pen.text(row, 8, finding.suggestion or "", pen.wrapped)


def _location(finding: Finding, t: Translator) -> str:
    if finding.row is None:
        return finding.header or t("returned.whole")
    return f"{finding.column}{finding.row}" if finding.column else t("returned.row", row=finding.row)


def _is_marked(finding: Finding, marks: CellFindings) -> bool:
    return any(finding in cell_findings for cell_findings in marks.get((finding.row or 0) - 1, {}).values())


def _copy_cells(pen: _SheetWriter, sheet: Sheet, marks: CellFindings) -> None:
    """Copy the cells to the same positions; cells with findings are annotated, even empty ones."""
    copied_cells = sheet.cells[:, :MAX_COPIED_COLUMNS]
    for place, width in enumerate(_widths(sheet)):
        pen.sheet.set_column(place, place, width)
    lines = {int(row) - 1: line for line, row in enumerate(sheet.rows) if row <= MAX_COPIED_ROWS}
    for row in sorted(lines.keys() | marks.keys()):
        cells = copied_cells.row(lines[row]) if row in lines else ()
        row_findings = marks.get(row, {})
        for column in range(max([len(cells), *(place + 1 for place in row_findings)])):
            text = cells[column] if column < len(cells) else None
            if column in row_findings:
                pen.mark(row, column, text, row_findings[column])
            elif text:
                pen.text(row, column, text)


def _widths(sheet: Sheet) -> list[int]:
    """Return column widths that fit the first 300 rows, between 8 and 45 characters."""
    return [
        min(max(8, int(sheet.cells[name].head(300).str.len_chars().max() or 0) + 2), 45)  # type: ignore[arg-type]
        for name in sheet.cells.columns[:MAX_COPIED_COLUMNS]
    ]


def _sheet_name(sheet: Sheet, t: Translator) -> str:
    """Return a valid name for the copied sheet, different from that of the first."""
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", sheet.name or "").strip("' ")[:MAX_SHEET_NAME_CHARS].strip("' ")
    reserved = {t("returned.sheet").casefold(), "history", ""}
    return t("returned.file") if name.casefold() in reserved else _to_xml_text(name)


def _to_xml_text(text: str) -> str:
    """Return a text valid in XML: control characters as their Unicode pictures, other invalid ones replaced."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", lambda match: chr(0x2400 + ord(match[0])), text)
    return re.sub("[\ud800-\udfff\ufffe\uffff]", "\ufffd", text)[:MAX_CELL_CHARS]
