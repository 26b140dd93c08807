"""Workbooks made by hand, part by part: also those that no spreadsheet would write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

ODS_KIND = "application/vnd.oasis.opendocument.spreadsheet"


def xlsx(fill: Callable[[Workbook], object]) -> bytes:
    """Write an `.xlsx` workbook, filled by a function."""
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        fill(book)
    return content.getvalue()


def xlsx_of(rows: Sequence[Sequence[object]], name: str = "Mesures", **formats: str) -> bytes:
    """Write a sheet of typed cells; a column's number format is given as `c5="0.0%"`."""

    def fill(book: Workbook) -> None:
        write(book, book.add_worksheet(name), rows, **formats)

    return xlsx(fill)


def write(book: Workbook, sheet: Worksheet, rows: Sequence[Sequence[object]], **formats: str) -> None:
    shown = {name: book.add_format({"num_format": number}) for name, number in formats.items()}
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell not in {None, ""}:
                sheet.write(place, column, cell, shown.get(f"c{column}") if place else None)


def ods(*tables: str, parts: dict[str, str] | None = None) -> bytes:
    """Write an `.ods` workbook from the XML of its tables."""
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    spaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODS_KIND, zipfile.ZIP_STORED)
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces} office:version="1.3"><office:body>'
            f"<office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body></office:document-content>",
        )
        entries = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_KIND}"/>'
        space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        archive.writestr(
            "META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{space}">{entries}</manifest:manifest>'
        )
        for name, text in (parts or {}).items():
            archive.writestr(name, text)
    return content.getvalue()


def ods_table(*rows: str, name: str = "Mesures") -> str:
    return f'<table:table table:name="{name}">{"".join(rows)}</table:table>'


def ods_row(*cells: object, repeated: int = 1) -> str:
    times = f' table:number-rows-repeated="{repeated}"' if repeated > 1 else ""
    return f"<table:table-row{times}>{''.join(ods_cell(cell) for cell in cells)}</table:table-row>"


def ods_cell(cell: object) -> str:
    """Write a cell: text, a number, or XML of its own (beginning with `<`)."""
    match cell:
        case str() if cell.startswith("<"):
            return cell
        case None | "":
            return "<table:table-cell/>"
        case int() | float():
            text = f"<text:p>{cell}</text:p>"
            return f'<table:table-cell office:value-type="float" office:value="{cell}">{text}</table:table-cell>'
        case _:
            return (
                f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'
            )
