"""Splitting of delimited text into cells at a known separator, with or without quotes, for lines of any width."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

import polars as pl

from indicators.intake.readers.sheet import (
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    UnreadableError,
    refuse_too_many_cells,
    too_large,
)

SPLIT_CHUNK_BYTES: Final = 2**22
"""Bytes split at a time where line widths differ: memory beyond the cells stays small."""
END_MARK: Final = b"\x01"
"""Mark put after the last cell of each line; not expected in texts."""
MAX_MARKED_COLUMNS: Final = 100
"""Most columns that are searched for that mark."""
MAX_EXTRA_CELLS: Final = 4
"""Most cells by which a line may be wider than the first and still be split in bulk."""
RECORDS_AT_ONCE: Final = 20_000
"""Quoted records held as Python lists at a time."""
QUOTED_CELL: Final = re.compile(r'"(?:[^"]|"")*"')
"""A cell entirely enclosed in quotes."""


def split_unquoted(content: bytes, separator: str) -> tuple[pl.DataFrame, pl.Series]:
    """Split a text without quotes, one record per line; return the cells and the width of each line."""
    separator_byte = separator.encode()
    # The text is large: line feeds are counted, the text is not copied to add a last one.
    height = content.count(b"\n") + (not content.endswith(b"\n"))
    end = content.find(b"\n")
    width = content[: end if end >= 0 else None].count(separator_byte) + 1
    refuse_too_many_cells(height, 1)
    if content.count(separator_byte) == height * (width - 1) and 1 < width <= MAX_COLUMNS:
        refuse_too_many_cells(height, width)
        cells = _split_uniform(content, separator, width)
        if cells is not None and cells.height == height:
            return cells, pl.repeat(width, height, dtype=pl.UInt32, eager=True)
    chunks: list[tuple[pl.DataFrame, pl.Series]] = []
    row_count = widest = 0
    for chunk in _split_in_chunks(content, separator):
        chunks.append(chunk)
        row_count, widest = row_count + chunk[0].height, max(widest, chunk[0].width)
        refuse_too_many_cells(row_count, widest)
    return pl.concat([_widen(chunk, widest) for chunk, _ in chunks]), pl.concat([widths for _, widths in chunks])


def _split_uniform(content: bytes, separator: str, width: int) -> pl.DataFrame | None:
    """Split lines that average `width` cells; `None` if one has more, as then another has fewer."""
    try:
        return pl.read_csv(
            content,
            separator=separator,
            has_header=False,
            schema={str(place): pl.String for place in range(width)},
            infer_schema=False,
            quote_char=None,
        )
    except pl.exceptions.PolarsError:
        return None


def _split_in_chunks(content: bytes, separator: str) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
    """Split a text in chunks of some megabytes; yield the cells, as wide as the widest line, and the line widths."""
    start, last = 0, len(content) - content.endswith(b"\n")
    first_width = content[: content.find(b"\n")].count(separator.encode()) + 1
    while start <= last:
        end = content.find(b"\n", min(start + SPLIT_CHUNK_BYTES, last), last)
        end = last if end < 0 else end
        chunk = content[start:end]
        yield _split_with_marks(chunk, separator, first_width) or _split_any_width(chunk, separator)
        start = end + 1


def _split_with_marks(chunk: bytes, separator: str, usual_width: int) -> tuple[pl.DataFrame, pl.Series] | None:
    """Split lines of nearly equal width in bulk, with a mark after the last cell of each line to find its width.

    Returns `None` if a line is much wider, there are many columns, or the text contains the mark.
    """
    if END_MARK in chunk or usual_width > MAX_MARKED_COLUMNS:
        return None
    end = separator.encode() + END_MARK
    max_width = usual_width + MAX_EXTRA_CELLS
    # A first line of empty cells sets the maximum width.
    marked_text = separator.encode() * max_width + b"\n" + chunk.replace(b"\n", end + b"\n") + end
    cells = _split_uniform(marked_text, separator, max_width + 1)
    if cells is None or cells.height != chunk.count(b"\n") + 2:
        return None
    cells = cells.slice(1)
    widths = pl.repeat(usual_width, cells.height, dtype=pl.UInt32, eager=True).alias("width")
    for width in range(1, max_width + 1):
        ends = (cells[str(width)] == END_MARK.decode()).fill_null(value=False)
        if width != usual_width and ends.any():
            widths = widths.set(ends, width)
            cells = cells.with_columns(pl.when(~ends).then(str(width)).alias(str(width)))
    widest = int(widths.max())  # type: ignore[arg-type]  # there is a line
    cells = cells.select(str(place) for place in range(widest))
    if widest > usual_width:
        cells = cells.with_columns(
            pl.when(pl.col(str(usual_width)) != END_MARK.decode()).then(str(usual_width)).alias(str(usual_width))
        )
    return cells, widths


def _split_any_width(chunk: bytes, separator: str) -> tuple[pl.DataFrame, pl.Series]:
    """Split lines of any width."""
    lines = pl.Series("line", [chunk.decode()], dtype=pl.String).str.split("\n").explode()
    widths = lines.str.count_matches(separator, literal=True) + 1
    widest = int(widths.max())  # type: ignore[arg-type]  # there is a line
    if widest > MAX_COLUMNS:
        raise too_large("columns", MAX_COLUMNS)
    fields = lines.str.split_exact(separator, widest - 1).struct.unnest()
    fields.columns = [str(place) for place in range(widest)]
    return fields.select(pl.when(pl.all() != "").then(pl.all())), widths.rename("width").cast(pl.UInt32)


def _widen(cells: pl.DataFrame, width: int) -> pl.DataFrame:
    """Add empty columns on the right."""
    return cells.with_columns(pl.lit(None, pl.String).alias(str(place)) for place in range(cells.width, width))


def split_quoted(content: bytes, separator: str) -> tuple[pl.DataFrame, pl.Series]:
    """Split a text with quotes, record by record, as Python's strict csv reader does."""
    csv.field_size_limit(MAX_FILE_BYTES)
    chunks: list[tuple[pl.DataFrame, pl.Series]] = []
    records: list[list[str]] = []
    widest = 0
    for record in _parse_records(content.decode(), separator):
        records.append(record)
        if len(record) > widest:
            widest = len(record)
            if widest > MAX_COLUMNS:
                raise too_large("columns", MAX_COLUMNS)
        if len(records) == RECORDS_AT_ONCE:
            chunks.append(_records_to_frame(records))
            records = []
            refuse_too_many_cells(len(chunks) * RECORDS_AT_ONCE, widest)
    if records:
        chunks.append(_records_to_frame(records))
    refuse_too_many_cells(sum(chunk.height for chunk, _ in chunks), widest)
    widest = max(chunk.width for chunk, _ in chunks)
    return pl.concat([_widen(chunk, widest) for chunk, _ in chunks]), pl.concat([widths for _, widths in chunks])


def _parse_records(text: str, separator: str) -> Iterator[list[str]]:
    """Yield the records of a text with quotes.

    Refused (F09): a quote that is never closed, or that spans lines and is not closed at a separator, as it swallows
    rows. A quote closed on its own line with text behind it, « "Poste" d'accueil », is kept as typed.
    """
    lines = io.StringIO(text, newline="")
    record_count = 0
    while True:
        # `strict` detects a quote that is never closed or closed too early.
        reader = csv.reader(lines, delimiter=separator, strict=True)
        line_count, start = 0, lines.tell()
        try:
            for record in reader:
                yield record
                record_count, line_count = record_count + 1, reader.line_num
        except csv.Error:
            lines.seek(start)
            for _ in range(line_count):
                lines.readline()
            line = lines.readline()
            if reader.line_num - line_count > 1 or line.count('"') % 2:
                raise UnreadableError("F09", row=record_count + 1) from None
            yield _split_literal_quotes(line.rstrip("\r\n"), separator)
            record_count += 1
        else:
            return


def _split_literal_quotes(line: str, separator: str) -> list[str]:
    """Split a line where some quotes do not enclose a cell: those are part of the text."""
    separator_pattern = re.escape(separator)
    cells = re.findall(
        rf'("(?:[^"]|"")*"(?={separator_pattern}|$)|[^{separator_pattern}]*)(?:{separator_pattern}|$)', line
    )
    # The end of the line is matched once more, behind its last cell.
    cells = cells if line.endswith(separator) else cells[:-1]
    return [cell[1:-1].replace('""', '"') if QUOTED_CELL.fullmatch(cell) else cell for cell in cells]


def _records_to_frame(records: list[list[str]]) -> tuple[pl.DataFrame, pl.Series]:
    """Return records as a frame as wide as the widest, with null for empty cells, and their widths."""
    widths = pl.Series("width", [len(record) for record in records], dtype=pl.UInt32)
    widest = max(1, int(widths.max()))  # type: ignore[arg-type]  # there is a record
    for record in records:
        record.extend([""] * (widest - len(record)))
    columns = [
        pl.Series(str(place), values, dtype=pl.String) for place, values in enumerate(zip(*records, strict=True))
    ]
    return pl.DataFrame(columns).select(pl.when(pl.all() != "").then(pl.all())), widths
