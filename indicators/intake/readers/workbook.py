"""Workbooks (`.xlsx`, `.ods`): sheets of text cells, typed ones written so that they can be read in one way only."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Final

import polars as pl
import python_calamine

from indicators.intake.readers.ods_scan import notes_of_ods
from indicators.intake.readers.sheet import Opened, Sheet, UnreadableError, sheet_of
from indicators.intake.readers.xlsx_scan import notes_of_xlsx, property_of
from indicators.intake.readers.xml_scan import Archive, Notes
from schemas.findings import Finding, Severity

TEMPLATE: Final = "pilotage-modele"
"""Property of a workbook by which our template says which version of it this is."""
TEMPLATE_VERSION: Final = 1
ROWS_AT_A_TIME: Final = 20_000
PERCENT_DIGITS: Final = 10
"""Digits kept behind the point of a percentage: what binary fractions add is beyond."""
MEANT: Final = re.compile(r"\.\d{3}(?: h)?$|%$")
"""How the text of a number ends that a person might have meant otherwise."""
ODS_KIND: Final = b"application/vnd.oasis.opendocument.spreadsheet"


def read_workbook(content: bytes) -> Opened:
    """Read every sheet of a workbook that is not empty; `UnreadableError` if it is another archive, or not sound."""
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
    # The last is what an archive of a version unknown to Python raises.
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UnreadableError("F04") from None
    with packed:
        archive = Archive(packed)
        notes = _notes(archive)
        template = property_of(archive, TEMPLATE)
    try:
        book = python_calamine.load_workbook(io.BytesIO(content))
        sheets = [_read(book, metadata, notes.get(metadata.name, Notes())) for metadata in book.sheets_metadata]
    except (python_calamine.CalamineError, OSError, ValueError, OverflowError):
        raise UnreadableError("F04") from None
    return Opened([sheet for sheet in sheets if sheet is not None], _told_of_template(template))


def _told_of_template(version: str | None) -> list[Finding]:
    """Tell that the workbook was made from an old version of our template, or from one that is not known here."""
    if version is None or version == str(TEMPLATE_VERSION):
        return []
    old = version.isascii() and version.isdigit() and int(version) < TEMPLATE_VERSION
    severity = Severity.INFO if old else Severity.BLOCKING
    return [Finding("F12", severity, value=version[:20], values={"current": TEMPLATE_VERSION})]


def _notes(archive: Archive) -> Mapping[str, Notes]:
    """Tell an `.xlsx` from an `.ods` from any other archive, and walk through its sheets."""
    if archive.has("xl/workbook.xml"):
        return notes_of_xlsx(archive)
    if archive.has("xl/workbook.bin"):
        raise UnreadableError("F02", format="xlsb")
    if archive.has("content.xml") and archive.has("mimetype"):
        kind = b"".join(islice(archive.pieces("mimetype"), 1)).strip()
        if not kind.startswith(ODS_KIND):
            raise UnreadableError("F02", format=kind.decode(errors="replace").rpartition(".")[2][:20])
        if archive.has("META-INF/manifest.xml") and b"encryption-data" in b"".join(
            archive.pieces("META-INF/manifest.xml")
        ):
            raise UnreadableError("F04")
        return notes_of_ods(archive)
    if archive.has("word/document.xml"):
        raise UnreadableError("F02", format="docx")
    raise UnreadableError("F02", format="zip")


def _read(
    book: python_calamine.CalamineWorkbook, metadata: python_calamine.SheetMetadata, notes: Notes
) -> Sheet | None:
    """Read one sheet from its first row and column on, with the cells that were noted; nothing if it is empty."""
    if metadata.typ != python_calamine.SheetTypeEnum.WorkSheet or not notes.filled:
        return None
    width = notes.last_column + 1
    table = book.get_sheet_by_name(metadata.name)
    # Rows are given from the first of the sheet on, cells only from the first column in use.
    shift = [""] * (table.start[1] if table.start else 0)
    rows = ([*shift, *row] for row in table.iter_rows())
    frames = []
    noted: dict[int, dict[int, str]] = {}
    for special in (notes.errors, notes.formulas):
        for (row, column), text in special.items():
            noted.setdefault(row, {})[column] = text
    percents: dict[int, set[int]] = {}
    for row, column in notes.percents:
        percents.setdefault(row, set()).add(column)
    typed: set[str] = set()
    texts = _texts(rows, notes.last_row + 1, width, noted, percents, typed)
    while chunk := list(islice(texts, ROWS_AT_A_TIME)):
        columns = zip(*chunk, strict=True)
        frames.append(pl.DataFrame([pl.Series(str(place), column, pl.String) for place, column in enumerate(columns)]))
    visible = metadata.visible == python_calamine.SheetVisibleEnum.Visible
    formulas = frozenset(notes.formulas.values())
    cells = pl.concat(frames)
    return sheet_of(
        cells,
        name=metadata.name,
        visible=visible,
        formulas=formulas,
        merged=tuple(notes.merged),
        typed=frozenset(typed),
        hidden_rows=frozenset(row + 1 for row in notes.hidden_rows if row < cells.height),
        hidden_columns=frozenset(column for column in notes.hidden_columns if column < cells.width),
    )


def _texts(
    rows: Iterator[Sequence[object]],
    height: int,
    width: int,
    noted: Mapping[int, Mapping[int, str]],
    percents: Mapping[int, set[int]],
    typed: set[str],
) -> Iterator[list[str | None]]:
    """Write each row as texts, as wide as the sheet; those of numbers that a person's text might mean go to `typed`."""
    for row in range(height):
        cells = next(rows, [])
        shown = percents.get(row, ())
        texts = [canonical(cell, percent=column in shown) for column, cell in enumerate(cells[:width])]
        typed.update(
            text
            for text, cell in zip(texts, cells, strict=False)
            if text and isinstance(cell, int | float | timedelta) and MEANT.search(text)
        )
        texts.extend([None] * (width - len(texts)))
        for column, text in noted.get(row, {}).items():
            texts[column] = text
        yield texts


def canonical(cell: object, *, percent: bool = False) -> str | None:
    """Write a typed cell as the grammar of cells reads it, in one way only; an empty one is null."""
    match cell:
        case None | "":
            return None
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case int() | float():
            return canonical_number(cell, percent=percent)
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return f"{canonical_number(cell / timedelta(hours=1))} h"
        case _:
            return str(cell)


def canonical_number(number: float, *, percent: bool = False) -> str:
    """Write a number with a point and without exponent."""
    if number != number or number in {float("inf"), float("-inf")}:
        return str(number)
    exact = Decimal(repr(number))
    if percent:
        exact = round(exact * 100, PERCENT_DIGITS)
    text = f"{exact:f}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals}" * bool(decimals) + whole * (not decimals) + "%" * percent
