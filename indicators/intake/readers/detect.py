"""Detection of a file's format from its content, whatever its name says, and dispatch to its reader."""

import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from threading import Lock
from typing import Final

import polars as pl

from indicators.intake.column_names import all_column_names, normalize_header
from indicators.intake.readers.delimited_text import read_text
from indicators.intake.readers.sheet import (
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_TABLE_CELLS,
    OpenedFile,
    Sheet,
    UnreadableError,
    make_sheet,
    too_large,
)
from indicators.intake.readers.workbook import read_workbook
from schemas.findings import Finding, Severity

PARQUET_SIGNATURE: Final = b"PAR1"
ZIP_SIGNATURE: Final = b"PK\x03\x04"
OLE_SIGNATURE: Final = b"\xd0\xcf\x11\xe0"
ENCRYPTED_PART: Final = "EncryptedPackage".encode("utf-16-le")
"""Name of the OLE part that holds a password-protected workbook."""
PROGRAM_SIGNATURES: Final = {
    b"ARROW1": "Feather, Arrow", b"FEA1\x00": "Feather", b"\xff\xff\xff\xff": "Arrow", b"Obj\x01": "Avro",
    b"\x89HDF": "HDF5", b"$FL2": "SPSS", b"$FL3": "SPSS", b"<stata_dta>": "Stata", b"HEADER RECORD*": "SAS",
    b"\x00\x01\x00\x00Standard": "Access", b"ID;PWXL": "SYLK", b"ID;PSCALC": "SYLK", b"PARE": "Parquet, chiffré",
}  # fmt: skip
"""Signatures of data formats of programs that are not spreadsheets."""
OTHER_SIGNATURES: Final = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"%PDF": "pdf", b"\x1f\x8b": "gzip", b"{\\rtf": "rtf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif",
    b"7z\xbc\xaf": "7z", b"Rar!": "rar", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"SQLite format 3": "sqlite",
}  # fmt: skip
MARKUP_STARTS: Final = {
    b"<!doctype html": "html",
    b"<html": "html",
    b"<table": "html",
    b"<?xml": "xml",
    b"<meta": "html",
}
FORMAT_BY_EXTENSION: Final = {
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".ods": "ods", ".parquet": "Parquet", ".csv": "CSV", ".txt": "CSV", ".tsv": "CSV",
}  # fmt: skip
"""Format announced by a file extension; other extensions announce none."""
THREE_DECIMALS: Final = r"^-?\d{1,3}\.\d{3}$"
"""A number that could be read as thousands if it were typed."""
STDERR_DESCRIPTOR: Final = 2
"""Descriptor on which native libraries write, whatever Python's stderr is."""


def open_file(content: bytes, file_name: str) -> OpenedFile:
    """Read a file by its content; `UnreadableError` if it is empty, damaged, too large or of another format."""
    if len(content) > MAX_FILE_BYTES:
        raise too_large("megabytes", MAX_FILE_BYTES // 2**20)
    if not content or content.isspace():
        raise UnreadableError("F01")
    announced_format = FORMAT_BY_EXTENSION.get(PurePath(file_name.replace("\\", "/")).suffix.lower())
    _refuse_other_formats(content)
    if content.startswith(ZIP_SIGNATURE):
        opened, actual_format = read_workbook(content), _workbook_format(content)
    elif content.startswith(PARQUET_SIGNATURE):
        opened, actual_format = OpenedFile([_read_parquet(content)]), "Parquet"
    else:
        sheet = _read_text_file(content, announced_format)
        opened, actual_format = OpenedFile([sheet], sheet.findings), "CSV"
    if not opened.sheets:
        raise UnreadableError("F01")
    if announced_format in {None, actual_format}:
        return opened
    misnamed = Finding(
        "F03",
        Severity.CORRECTED,
        value=file_name,
        values={"format": actual_format, "announced": announced_format or ""},
    )
    return OpenedFile(opened.sheets, (misnamed, *opened.findings))


def _read_text_file(content: bytes, announced: str | None) -> Sheet:
    """Read delimited text; undecodable bytes in a file named as another format are reported as that format, damaged."""
    try:
        return read_text(content)
    except UnreadableError as unreadable:
        if announced not in {None, "CSV"} and unreadable.finding.code in {"F06", "F10"}:
            raise UnreadableError("F04") from None
        raise


_STDERR_LOCK: Final = Lock()


@contextmanager
def suppress_panic_output() -> Iterator[None]:
    """Discard what a native library writes to standard error when it panics over a damaged file: a finding reports it.

    The descriptor itself is redirected, as the library is not Python; the output is restored unless reading failed.
    One file at a time.
    """
    with _STDERR_LOCK, tempfile.TemporaryFile() as captured:
        try:
            original_stderr = os.dup(STDERR_DESCRIPTOR)
        except OSError:
            yield  # there is no standard error
            return
        os.dup2(captured.fileno(), STDERR_DESCRIPTOR)
        has_failed = True
        try:
            yield
            has_failed = False
        finally:
            os.dup2(original_stderr, STDERR_DESCRIPTOR)
            os.close(original_stderr)
            if not has_failed:
                captured.seek(0)
                os.write(STDERR_DESCRIPTOR, captured.read())


def _workbook_format(content: bytes) -> str:
    return "ods" if b"opendocument.spreadsheet" in content[:200] else "xlsx"


def _refuse_other_formats(content: bytes) -> None:
    if content.startswith(OLE_SIGNATURE):
        raise UnreadableError("F04") if ENCRYPTED_PART in content else UnreadableError("F02", format="xls")
    start = content[:400].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for signature, name in PROGRAM_SIGNATURES.items():
        if content.startswith(signature):
            raise UnreadableError("F02", format=name, reason="program")
    for signature, name in OTHER_SIGNATURES.items():
        if content.startswith(signature):
            raise UnreadableError("F02", format=name)
    for signature, name in MARKUP_STARTS.items():
        if start.startswith(signature):
            raise UnreadableError("F02", format=name)
    if start.startswith((b"{", b"[")) and b'":' in content[:2000]:
        raise UnreadableError("F02", format="json")


def _read_parquet(content: bytes) -> Sheet:
    """Read Parquet: its column names are row 1, its values follow as canonical text."""
    with suppress_panic_output():
        try:
            schema = pl.read_parquet_schema(io.BytesIO(content))
            if len(schema) > MAX_COLUMNS:
                raise too_large("columns", MAX_COLUMNS)
            _refuse_unreadable_columns(schema)
            max_rows = MAX_TABLE_CELLS // max(1, len(schema))
            if pl.scan_parquet(io.BytesIO(content)).select(pl.len()).collect().item() > max_rows:
                raise too_large("cells", MAX_TABLE_CELLS)
            readable_names = [name for name, column_type in schema.items() if column_type != pl.Object]
            table = pl.scan_parquet(io.BytesIO(content)).select(readable_names).head(max_rows + 1).collect()
            _refuse_oversized_texts(table)
            texts = table.select(_canonical_text(name, column_type) for name, column_type in table.schema.items())
            _refuse_oversized_texts(texts)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, MemoryError):
            raise UnreadableError("F04") from None
    if table.height > max_rows:
        raise too_large("cells", MAX_TABLE_CELLS)
    # Columns that cannot be read stay in place, empty: they match no dataset column.
    all_columns = texts.select(
        (pl.col(name) if name in readable_names else pl.lit(None, pl.String)).alias(name) for name in schema
    )
    cells = pl.concat(
        [pl.DataFrame({name: [name] for name in all_columns.columns}, schema=all_columns.schema), all_columns]
    )
    cells.columns = [str(place) for place in range(cells.width)]
    return make_sheet(cells, number_texts=_three_decimal_texts(table.schema, texts))


def _refuse_oversized_texts(table: pl.DataFrame) -> None:
    """Raise F05 if the texts, all written out, exceed the file limit: a dictionary-encoded text may be in every row."""
    texts = table.select(pl.col(pl.String).str.len_bytes().sum(), pl.col(pl.Binary).bin.size().sum())
    if texts.width and sum(texts.row(0)) > MAX_FILE_BYTES:
        raise too_large("megabytes", MAX_FILE_BYTES // 2**20)


def _is_unreadable(column_type: pl.DataType) -> bool:
    """Whether a column type has no canonical text: lists, structures, objects."""
    return column_type.is_nested() or column_type == pl.Object


def _refuse_unreadable_columns(schema: Mapping[str, pl.DataType]) -> None:
    """Refuse a file with lists or structures in a dataset column; in other columns they are ignored."""
    for name, column_type in schema.items():
        if _is_unreadable(column_type) and normalize_header(name) in all_column_names():
            raise UnreadableError("F02", format=f"Parquet ({name})", reason="nested", column_name=name)


def _three_decimal_texts(schema: Mapping[str, pl.DataType], texts: pl.DataFrame) -> frozenset[str]:
    """Return the texts of numbers with three decimals, which could be read as thousands if typed."""
    number_columns = [
        name for name, column_type in schema.items() if column_type.is_float() or column_type.is_decimal()
    ]
    return frozenset(
        text
        for name in number_columns
        for text in texts[name].filter(texts[name].str.contains(THREE_DECIMALS).fill_null(value=False)).unique()
    )


def _canonical_text(name: str, column_type: pl.DataType) -> pl.Expr:
    """Return a typed column as canonical text (see `workbook.canonical_number`)."""
    column = pl.col(name)
    if column_type.is_float() or column_type.is_decimal():
        # Polars writes very large and very small numbers with an exponent: whole ones are written as such.
        is_whole = column.cast(pl.Float64).is_between(-1e18, 1e18) & (
            column.cast(pl.Float64) == column.cast(pl.Float64).floor()
        )
        text = (
            pl.when(is_whole)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
        )
        return text.str.replace(r"^(-?\d+\.\d*?[1-9])0+$", "${1}").alias(name)
    if column_type.is_nested():
        # No dataset column: written out all the same, as the file is kept and may hold personal data.
        return pl.when(column.is_not_null()).then(pl.struct(column).struct.json_encode()).alias(name)
    if column_type == pl.Boolean:
        return pl.when(column).then(pl.lit("TRUE")).when(~column).then(pl.lit("FALSE")).alias(name)
    if column_type == pl.Duration:
        hours = column.dt.total_milliseconds(fractional=True) / 3_600_000
        return pl.format("{} h", hours.round(6)).alias(name)
    if isinstance(column_type, pl.Datetime) and column_type.time_zone:
        return column.dt.strftime("%Y-%m-%d %H:%M:%S %z").alias(name)
    if isinstance(column_type, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00").alias(name)
    if column_type == pl.Binary:
        # Older writers store texts as binary; bytes that are not UTF-8 become null.
        column = column.cast(pl.String, strict=False)
    text = column.cast(pl.String)
    return pl.when(text != "").then(text).alias(name)
