"""From bytes to a sheet: text cells that keep the coordinates the person sees in a spreadsheet.

The separator is decided by our own rule, said when it cannot be, and never by a sniffer: with today's DuckDB one ragged
row makes a file of semicolons be read by commas.
"""

import csv
import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import polars as pl

from schemas.findings import Finding, Severity

LARGEST: Final = 200 * 2**20
"""Bytes above which a file is refused unread."""
WIDEST: Final = 1_000
"""Columns above which a file is not one of ours."""
SEPARATORS: Final = (";", ",", "\t", "|")
PARQUET: Final = b"PAR1"
OTHER_FORMATS: Final = {b"PK\x03\x04": "zip", b"\xd0\xcf\x11\xe0": "xls", b"%PDF": "pdf", b"\x1f\x8b": "gzip"}


@dataclass(frozen=True)
class Sheet:
    """A table of text.

    `cells` has a text column per spreadsheet column, named `0`, `1`, …, empty cells being null; `rows` gives for each
    line its number in the spreadsheet and `widths` how many cells it had. `typed` cells come from a format with real
    numbers and dates: their text is canonical (decimal point, ISO dates).
    """

    cells: pl.DataFrame
    rows: pl.Series
    widths: pl.Series
    typed: bool


class UnreadableError(Exception):
    """A file that cannot be turned into a sheet; it carries the finding that says why."""

    def __init__(self, code: str, row: int | None = None, **values: str | int) -> None:
        """Say why with a code, the row it shows at and what fills the sentence."""
        super().__init__(code)
        self.finding = Finding(code, Severity.BLOCKING, row=row, values=values)


def read_sheet(content: bytes, file_name: str) -> Sheet:
    """Read a file into a sheet; `UnreadableError` if it is empty, damaged, too large or of another format."""
    if len(content) > LARGEST:
        raise UnreadableError("F05", limit=LARGEST // 2**20)
    if not content.strip():
        raise UnreadableError("F01")
    if content.startswith(PARQUET):
        return _read_parquet(content)
    for signature, name in OTHER_FORMATS.items():
        if content.startswith(signature):
            raise UnreadableError("F02", format=name)
    if PurePath(file_name).suffix.lower() == ".parquet":
        raise UnreadableError("F03", format="Parquet")
    text = _decode(content)
    if not text.strip():
        raise UnreadableError("F01")
    return _read_text(text)


def _decode(content: bytes) -> str:
    """Decode UTF-8, with or without its mark, UTF-16 with its mark, or what Windows writes in Western Europe.

    A text that is partly UTF-8 is not taken for the latter: some of its letters would come out wrong in silence.
    """
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableError("F06", row=1) from None
    if b"\0" in content:
        raise UnreadableError("F10", row=_row_at(content, content.index(b"\0")))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        invalid = failure
    if content.decode("utf-8-sig", errors="ignore").isascii():
        try:
            return content.decode("cp1252")
        except UnicodeDecodeError as failure:
            invalid = failure
    raise UnreadableError("F06", row=_row_at(content, invalid.start))


def _row_at(content: bytes, place: int) -> int:
    """Return the spreadsheet row of a byte: line feeds between quotes do not add one."""
    return sum(outside.count(b"\n") for outside in content[:place].split(b'"')[::2]) + 1


def _read_text(text: str) -> Sheet:
    """Read delimited text; line feeds inside quotes do not add a row, blank lines do."""
    csv.field_size_limit(LARGEST)
    separator = _separator(text)
    records: list[list[str]] = []
    widest = 0
    try:
        # `strict` tells a quote that is never closed or closed too early.
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            records.append(record)
            widest = max(widest, len(record))
    except csv.Error:
        raise UnreadableError("F09", row=len(records) + 1) from None
    if widest > WIDEST:
        raise UnreadableError("F02", format=f"{widest} colonnes")
    widths = pl.Series("width", [len(record) for record in records], dtype=pl.UInt32)
    for record in records:
        if len(record) < widest:
            record.extend([""] * (widest - len(record)))
    columns = zip(*records, strict=True)
    cells = pl.DataFrame({str(place): pl.Series(values, dtype=pl.String) for place, values in enumerate(columns)})
    return Sheet(
        cells.with_columns(pl.all().replace("", None)),
        pl.int_range(1, len(records) + 1, eager=True, dtype=pl.UInt32),
        widths,
        typed=False,
    )


def _separator(text: str) -> str:
    """Choose the separator that gives the most lines the same, largest number of cells; a tie cannot be decided.

    A table has at least two columns on the line that names them, so a separator that never appears is no candidate.
    A semicolon wins over a decimal comma because every line of the table holds the same number of it.
    """
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    scores: dict[str, tuple[int, int]] = {}
    for separator in SEPARATORS:
        counts = [len(next(csv.reader([line], delimiter=separator))) for line in lines]
        usual = max(set(counts), key=lambda width: (counts.count(width) * (width > 1), width))
        if usual > 1:
            scores[separator] = (counts.count(usual) * usual, usual)
    if not scores:
        return SEPARATORS[0]
    best = max(scores.values())
    winners = [separator for separator, score in scores.items() if score == best]
    if len(winners) > 1:
        raise UnreadableError("F08", found=" ".join(winners))
    return winners[0]


def _read_parquet(content: bytes) -> Sheet:
    """Read Parquet: its column names are row 1, its values follow as canonical text."""
    try:
        table = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError):
        raise UnreadableError("F04") from None
    if table.width > WIDEST:
        raise UnreadableError("F02", format=f"{table.width} colonnes")
    nested = [name for name, kind in table.schema.items() if kind.is_nested() or kind == pl.Binary]
    if nested:
        raise UnreadableError("F02", format=f"Parquet ({nested[0]})")
    texts = table.select(pl.all().cast(pl.String))
    header = pl.DataFrame({name: [name] for name in texts.columns}, schema=texts.schema)
    cells = pl.concat([header, texts])
    cells.columns = [str(place) for place in range(cells.width)]
    rows = pl.int_range(1, cells.height + 1, eager=True, dtype=pl.UInt32)
    return Sheet(cells, rows, pl.repeat(cells.width, cells.height, dtype=pl.UInt32, eager=True), typed=True)
