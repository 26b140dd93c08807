"""Which format a file really has, whatever its name says, and who reads it."""

import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from threading import Lock
from typing import Final

import polars as pl

from indicators.intake.column_names import every_name, singular
from indicators.intake.readers.delimited_text import read_text
from indicators.intake.readers.sheet import (
    LARGEST,
    MOST_CELLS,
    WIDEST,
    Opened,
    Sheet,
    UnreadableError,
    sheet_of,
    too_large,
)
from indicators.intake.readers.workbook import read_workbook
from schemas.findings import Finding, Severity

PARQUET: Final = b"PAR1"
ARCHIVE: Final = b"PK\x03\x04"
OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
PROTECTED: Final = "EncryptedPackage".encode("utf-16-le")
"""Name of the part in which an old container holds a workbook protected by a password."""
PROGRAMS: Final = {
    b"ARROW1": "Feather, Arrow", b"FEA1\x00": "Feather", b"\xff\xff\xff\xff": "Arrow", b"Obj\x01": "Avro",
    b"\x89HDF": "HDF5", b"$FL2": "SPSS", b"$FL3": "SPSS", b"<stata_dta>": "Stata", b"HEADER RECORD*": "SAS",
    b"\x00\x01\x00\x00Standard": "Access", b"ID;PWXL": "SYLK", b"ID;PSCALC": "SYLK", b"PARE": "Parquet, chiffré",
}  # fmt: skip
"""Formats of programs that are no spreadsheet."""
OTHER_FORMATS: Final = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"%PDF": "pdf", b"\x1f\x8b": "gzip", b"{\\rtf": "rtf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif",
    b"7z\xbc\xaf": "7z", b"Rar!": "rar", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"SQLite format 3": "sqlite",
}  # fmt: skip
MARKUP: Final = {b"<!doctype html": "html", b"<html": "html", b"<table": "html", b"<?xml": "xml", b"<meta": "html"}
NAMED: Final = {
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".ods": "ods", ".parquet": "Parquet", ".csv": "CSV", ".txt": "CSV", ".tsv": "CSV",
}  # fmt: skip
"""Format that the end of a name announces; any other end announces nothing."""
THREE_DECIMALS: Final = r"^-?\d{1,3}\.\d{3}$"
"""A number that a person might have meant as thousands."""
STANDARD_ERROR: Final = 2
"""Descriptor on which a library of its own language writes, whatever Python's stderr is."""


def open_file(content: bytes, file_name: str) -> Opened:
    """Read a file by what it holds; `UnreadableError` if it is empty, damaged, too large or of another format."""
    if len(content) > LARGEST:
        raise too_large("megabytes", LARGEST // 2**20)
    if not content or content.isspace():
        raise UnreadableError("F01")
    announced = NAMED.get(PurePath(file_name.replace("\\", "/")).suffix.lower())
    _refuse_other_formats(content)
    if content.startswith(ARCHIVE):
        opened, found = read_workbook(content), _kind_of_workbook(content)
    elif content.startswith(PARQUET):
        opened, found = Opened([_read_parquet(content)]), "Parquet"
    else:
        sheet = _text_of(content, announced)
        opened, found = Opened([sheet], sheet.told), "CSV"
    if not opened.sheets:
        raise UnreadableError("F01")
    if announced in {None, found}:
        return opened
    named = Finding("F03", Severity.CORRECTED, value=file_name, values={"format": found, "announced": announced or ""})
    return Opened(opened.sheets, (named, *opened.told))


def _text_of(content: bytes, announced: str | None) -> Sheet:
    """Read text; bytes that are no text under the name of another format are that format, damaged."""
    try:
        return read_text(content)
    except UnreadableError as unreadable:
        if announced not in {None, "CSV"} and unreadable.finding.code in {"F06", "F10"}:
            raise UnreadableError("F04") from None
        raise


_QUIET: Final = Lock()


@contextmanager
def quiet_panics() -> Iterator[None]:
    """Keep what a library writes on standard error as it gives up a damaged file: the file is told, no log is due.

    The descriptor itself is turned aside, as the library is no Python; what was written is given back unless reading
    failed. One file at a time.
    """
    with _QUIET, tempfile.TemporaryFile() as aside:
        try:
            kept = os.dup(STANDARD_ERROR)
        except OSError:
            yield  # there is no standard error
            return
        os.dup2(aside.fileno(), STANDARD_ERROR)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(kept, STANDARD_ERROR)
            os.close(kept)
            if not failed:
                aside.seek(0)
                os.write(STANDARD_ERROR, aside.read())


def _kind_of_workbook(content: bytes) -> str:
    return "ods" if b"opendocument.spreadsheet" in content[:200] else "xlsx"


def _refuse_other_formats(content: bytes) -> None:
    if content.startswith(OLD_OFFICE):
        raise UnreadableError("F04") if PROTECTED in content else UnreadableError("F02", format="xls")
    start = content[:400].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for signature, name in PROGRAMS.items():
        if content.startswith(signature):
            raise UnreadableError("F02", format=name, reason="program")
    for signature, name in OTHER_FORMATS.items():
        if content.startswith(signature):
            raise UnreadableError("F02", format=name)
    for signature, name in MARKUP.items():
        if start.startswith(signature):
            raise UnreadableError("F02", format=name)
    if start.startswith((b"{", b"[")) and b'":' in content[:2000]:
        raise UnreadableError("F02", format="json")


def _read_parquet(content: bytes) -> Sheet:
    """Read Parquet: its column names are row 1, its values follow as canonical text."""
    with quiet_panics():
        try:
            schema = pl.read_parquet_schema(io.BytesIO(content))
            if len(schema) > WIDEST:
                raise too_large("columns", WIDEST)
            _refuse_unreadable_columns(schema)
            most = MOST_CELLS // max(1, len(schema))
            if pl.scan_parquet(io.BytesIO(content)).select(pl.len()).collect().item() > most:
                raise too_large("cells", MOST_CELLS)
            kept = [name for name, kind in schema.items() if kind != pl.Object]
            table = pl.scan_parquet(io.BytesIO(content)).select(kept).head(most + 1).collect()
            _refuse_endless_texts(table)
            texts = table.select(_canonical(name, kind) for name, kind in table.schema.items())
            _refuse_endless_texts(texts)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, MemoryError):
            raise UnreadableError("F04") from None
    if table.height > most:
        raise too_large("cells", MOST_CELLS)
    # Columns of what cannot be read keep their places, empty: they are none of ours.
    whole = texts.select((pl.col(name) if name in kept else pl.lit(None, pl.String)).alias(name) for name in schema)
    cells = pl.concat([pl.DataFrame({name: [name] for name in whole.columns}, schema=whole.schema), whole])
    cells.columns = [str(place) for place in range(cells.width)]
    return sheet_of(cells, typed=_grouped_decimals(table.schema, texts))


def _refuse_endless_texts(table: pl.DataFrame) -> None:
    """Refuse a table whose texts would be larger, each written out, than a file may be: one may stand in every row."""
    texts = table.select(pl.col(pl.String).str.len_bytes().sum(), pl.col(pl.Binary).bin.size().sum())
    if texts.width and sum(texts.row(0)) > LARGEST:
        raise too_large("megabytes", LARGEST // 2**20)


def _is_unreadable(kind: pl.DataType) -> bool:
    """Whether a type has no text of its own: lists, structures, objects."""
    return kind.is_nested() or kind == pl.Object


def _refuse_unreadable_columns(schema: Mapping[str, pl.DataType]) -> None:
    """Refuse a file of which a column of ours holds lists or structures; one that is not ours is passed over."""
    for name, kind in schema.items():
        if _is_unreadable(kind) and singular(name) in every_name():
            raise UnreadableError("F02", format=f"Parquet ({name})", reason="nested", column_name=name)


def _grouped_decimals(schema: Mapping[str, pl.DataType], texts: pl.DataFrame) -> frozenset[str]:
    """Return the texts of numbers with three decimals, that a person might have meant as thousands."""
    numbers = [name for name, kind in schema.items() if kind.is_float() or kind.is_decimal()]
    return frozenset(
        text
        for name in numbers
        for text in texts[name].filter(texts[name].str.contains(THREE_DECIMALS).fill_null(value=False)).unique()
    )


def _canonical(name: str, kind: pl.DataType) -> pl.Expr:
    """Write a typed column as the grammar of cells reads it (see `workbook.canonical_number`)."""
    column = pl.col(name)
    if kind.is_float() or kind.is_decimal():
        # Polars writes very large and very small numbers with an exponent: whole ones are written as such.
        fits = column.cast(pl.Float64).is_between(-1e18, 1e18) & (
            column.cast(pl.Float64) == column.cast(pl.Float64).floor()
        )
        text = pl.when(fits).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(column.cast(pl.String))
        return text.str.replace(r"^(-?\d+\.\d*?[1-9])0+$", "${1}").alias(name)
    if kind.is_nested():
        # None of ours: written out, as it is kept with the rest and may hold what may not come in.
        return pl.when(column.is_not_null()).then(pl.struct(column).struct.json_encode()).alias(name)
    if kind == pl.Boolean:
        return pl.when(column).then(pl.lit("TRUE")).when(~column).then(pl.lit("FALSE")).alias(name)
    if kind == pl.Duration:
        hours = column.dt.total_milliseconds(fractional=True) / 3_600_000
        return pl.format("{} h", hours.round(6)).alias(name)
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        return column.dt.strftime("%Y-%m-%d %H:%M:%S %z").alias(name)
    if isinstance(kind, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00").alias(name)
    if kind == pl.Binary:
        # Older writers give texts no type of their own; bytes that are no text are no value either.
        column = column.cast(pl.String, strict=False)
    text = column.cast(pl.String)
    return pl.when(text != "").then(text).alias(name)
