"""Reader of workbooks (`.xlsx`, `.ods`): sheets of text cells, typed cells as unambiguous canonical text."""

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

from indicators.intake.readers.ods_scan import scan_ods
from indicators.intake.readers.sheet import OpenedFile, Sheet, UnreadableError, make_sheet
from indicators.intake.readers.xlsx_scan import read_property, scan_xlsx
from indicators.intake.readers.xml_scan import Archive, SheetFacts
from schemas.findings import Finding, Severity

TEMPLATE_PROPERTY: Final = "pilotage-modele"
"""Workbook property that holds the version of our template."""
TEMPLATE_VERSION: Final = 1
CHUNK_ROWS: Final = 20_000
PERCENT_DIGITS: Final = 10
"""Decimals kept in a percentage: the error of binary fractions is beyond."""
AMBIGUOUS_NUMBER: Final = re.compile(r"\.\d{3}(?: h)?$|%$")
"""Ending of the text of a number that would be ambiguous if typed."""
ODS_MIME_TYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"


def read_workbook(content: bytes) -> OpenedFile:
    """Read every sheet of a workbook that is not empty; `UnreadableError` if it is another archive, or damaged."""
    try:
        zip_file = zipfile.ZipFile(io.BytesIO(content))
    except (
        zipfile.BadZipFile,  # no archive, or a directory that is cut or damaged
        OSError,  # a place that cannot be read: of files; of bytes in memory none is known
        ValueError,  # a name that is not in the encoding that it announces
        NotImplementedError,  # a version of the format that Python does not know
    ):
        raise UnreadableError("F04") from None
    with zip_file:
        archive = Archive(zip_file)
        facts_by_sheet = _scan_sheets(archive)
        template_version = read_property(archive, TEMPLATE_PROPERTY)
    try:
        book = python_calamine.load_workbook(io.BytesIO(content))
        sheets = [
            _read_sheet(book, metadata, facts_by_sheet.get(metadata.name, SheetFacts()))
            for metadata in book.sheets_metadata
        ]
    except (
        python_calamine.CalamineError,  # all that calamine refuses: parts, XML, checksums
        OSError,  # a part that it cannot read to its end
        ValueError,  # a date before the year 1 or after 9999, where calamine does not return it as a number or a text
        OverflowError,  # a duration of more days than Python's
    ):
        raise UnreadableError("F04") from None
    return OpenedFile([sheet for sheet in sheets if sheet is not None], _check_template_version(template_version))


def _check_template_version(version: str | None) -> list[Finding]:
    """Return a finding (F12) if the workbook was made from an old or an unknown version of our template."""
    if version is None or version == str(TEMPLATE_VERSION):
        return []
    is_old = version.isascii() and version.isdigit() and int(version) < TEMPLATE_VERSION
    severity = Severity.INFO if is_old else Severity.BLOCKING
    return [Finding("F12", severity, value=version[:20], values={"current": TEMPLATE_VERSION})]


def _scan_sheets(archive: Archive) -> Mapping[str, SheetFacts]:
    """Scan the sheets of an `.xlsx` or `.ods` archive; raise F02 for any other, F04 for an encrypted one."""
    if archive.has("xl/workbook.xml"):
        return scan_xlsx(archive)
    if archive.has("xl/workbook.bin"):
        raise UnreadableError("F02", format="xlsb")
    if archive.has("content.xml") and archive.has("mimetype"):
        mime_type = b"".join(islice(archive.chunks("mimetype"), 1)).strip()
        if not mime_type.startswith(ODS_MIME_TYPE):
            raise UnreadableError("F02", format=mime_type.decode(errors="replace").rpartition(".")[2][:20])
        if archive.has("META-INF/manifest.xml") and b"encryption-data" in b"".join(
            archive.chunks("META-INF/manifest.xml")
        ):
            raise UnreadableError("F04")
        return scan_ods(archive)
    if archive.has("word/document.xml"):
        raise UnreadableError("F02", format="docx")
    raise UnreadableError("F02", format="zip")


def _read_sheet(
    book: python_calamine.CalamineWorkbook, metadata: python_calamine.SheetMetadata, facts: SheetFacts
) -> Sheet | None:
    """Read one sheet from its first row and column on, with the scanned errors and formulas; `None` if it is empty."""
    if metadata.typ != python_calamine.SheetTypeEnum.WorkSheet or not facts.filled:
        return None
    width = facts.last_column + 1
    table = book.get_sheet_by_name(metadata.name)
    # calamine returns rows from the first of the sheet on, cells only from the first used column.
    shift = [""] * (table.start[1] if table.start else 0)
    rows = ([*shift, *row] for row in table.iter_rows())
    frames = []
    overrides: dict[int, dict[int, str]] = {}
    for texts_by_cell in (facts.errors, facts.formulas):
        for (row, column), text in texts_by_cell.items():
            overrides.setdefault(row, {})[column] = text
    percents: dict[int, set[int]] = {}
    for row, column in facts.percents:
        percents.setdefault(row, set()).add(column)
    number_texts: set[str] = set()
    texts = _row_texts(rows, facts.last_row + 1, width, overrides, percents, number_texts)
    while chunk := list(islice(texts, CHUNK_ROWS)):
        columns = zip(*chunk, strict=True)
        frames.append(pl.DataFrame([pl.Series(str(place), column, pl.String) for place, column in enumerate(columns)]))
    is_visible = metadata.visible == python_calamine.SheetVisibleEnum.Visible
    formulas = frozenset(facts.formulas.values())
    cells = pl.concat(frames)
    return make_sheet(
        cells,
        name=metadata.name,
        visible=is_visible,
        formulas=formulas,
        merged=tuple(facts.merged),
        number_texts=frozenset(number_texts),
        hidden_rows=frozenset(row + 1 for row in facts.hidden_rows if row < cells.height),
        hidden_columns=frozenset(column for column in facts.hidden_columns if column < cells.width),
    )


def _row_texts(
    rows: Iterator[Sequence[object]],
    height: int,
    width: int,
    overrides: Mapping[int, Mapping[int, str]],
    percents: Mapping[int, set[int]],
    number_texts: set[str],
) -> Iterator[list[str | None]]:
    """Yield each row as texts, as wide as the sheet; ambiguous texts of numbers are added to `number_texts`."""
    for row in range(height):
        cells = next(rows, [])
        percent_columns = percents.get(row, ())
        texts = [canonical_text(cell, percent=column in percent_columns) for column, cell in enumerate(cells[:width])]
        number_texts.update(
            text
            for text, cell in zip(texts, cells, strict=False)
            if text and isinstance(cell, int | float | timedelta) and AMBIGUOUS_NUMBER.search(text)
        )
        texts.extend([None] * (width - len(texts)))
        for column, text in overrides.get(row, {}).items():
            texts[column] = text
        yield texts


def canonical_text(cell: object, *, percent: bool = False) -> str | None:
    """Return a typed cell as canonical text, which the cell grammar parses in one way only; `None` if it is empty."""
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
    """Return a number as text with a point and without exponent."""
    if number != number or number in {float("inf"), float("-inf")}:
        return str(number)
    exact = Decimal(repr(number))
    if percent:
        # An integer has nothing to round, and may have more digits than `round` takes.
        is_integer = exact == exact.to_integral_value()
        exact = exact * 100 if is_integer else round(exact * 100, PERCENT_DIGITS)
    text = f"{exact:f}"
    whole_part, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole_part}.{decimals}" * bool(decimals) + whole_part * (not decimals) + "%" * percent
