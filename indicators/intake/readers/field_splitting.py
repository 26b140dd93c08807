"""Delimited text cut into cells once its separator is known, with quotes or without, however many cells a line has."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

import polars as pl

from indicators.intake.readers.sheet import LARGEST, WIDEST, UnreadableError, refuse_too_many_cells, too_large

CHUNK: Final = 2**22
"""Bytes cut into cells at a time where lines are not all alike: what is held besides the cells stays small."""
END: Final = b"\x01"
"""Put after the last cell of a line: no text of ours holds it."""
FEW: Final = 100
"""Columns up to which each is looked at for that mark."""
WIDER: Final = 4
"""Cells by which a line may be wider than the first one and still be cut in bulk."""
RECORDS: Final = 20_000
"""Records with quotes held as Python lists at a time."""
ENCLOSED: Final = re.compile(r'"(?:[^"]|"")*"')
"""A cell that its quotes enclose whole."""


def cut_without_quotes(content: bytes, separator: str) -> tuple[pl.DataFrame, pl.Series]:
    """Cut a text without quotes: each line is a record. Return its cells and how many each line has."""
    mark = separator.encode()
    # The text is large: it is counted, and not copied for a last line feed.
    height = content.count(b"\n") + (not content.endswith(b"\n"))
    end = content.find(b"\n")
    width = content[: end if end >= 0 else None].count(mark) + 1
    refuse_too_many_cells(height, 1)
    if content.count(mark) == height * (width - 1) and 1 < width <= WIDEST:
        refuse_too_many_cells(height, width)
        cells = _alike(content, separator, width)
        if cells is not None and cells.height == height:
            return cells, pl.repeat(width, height, dtype=pl.UInt32, eager=True)
    chunks: list[tuple[pl.DataFrame, pl.Series]] = []
    cut = widest = 0
    for chunk in _cut_lines(content, separator):
        chunks.append(chunk)
        cut, widest = cut + chunk[0].height, max(widest, chunk[0].width)
        refuse_too_many_cells(cut, widest)
    return pl.concat([_widened(chunk, widest) for chunk, _ in chunks]), pl.concat([widths for _, widths in chunks])


def _alike(content: bytes, separator: str, width: int) -> pl.DataFrame | None:
    """Cut lines that have the same number of cells on the whole; nothing if one has more, hence another fewer."""
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


def _cut_lines(content: bytes, separator: str) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
    """Cut a text line by line, some megabytes at a time; yield cells, as wide as the widest line, and widths."""
    start, last = 0, len(content) - content.endswith(b"\n")
    usual = content[: content.find(b"\n")].count(separator.encode()) + 1
    while start <= last:
        end = content.find(b"\n", min(start + CHUNK, last), last)
        end = last if end < 0 else end
        chunk = content[start:end]
        yield _marked(chunk, separator, usual) or _split(chunk, separator)
        start = end + 1


def _marked(chunk: bytes, separator: str, usual: int) -> tuple[pl.DataFrame, pl.Series] | None:
    """Cut lines that are nearly all as wide as usual, a mark put after the last cell of each telling how wide it is.

    Nothing where a line is much wider, there are many columns, or the text has such marks of its own.
    """
    if END in chunk or usual > FEW:
        return None
    end = separator.encode() + END
    room = usual + WIDER
    # A first line of empty cells tells how wide the others may be.
    marked = separator.encode() * room + b"\n" + chunk.replace(b"\n", end + b"\n") + end
    cells = _alike(marked, separator, room + 1)
    if cells is None or cells.height != chunk.count(b"\n") + 2:
        return None
    cells = cells.slice(1)
    widths = pl.repeat(usual, cells.height, dtype=pl.UInt32, eager=True).alias("width")
    for width in range(1, room + 1):
        ends = (cells[str(width)] == END.decode()).fill_null(value=False)
        if width != usual and ends.any():
            widths = widths.set(ends, width)
            cells = cells.with_columns(pl.when(~ends).then(str(width)).alias(str(width)))
    widest = int(widths.max())  # type: ignore[arg-type]  # there is a line
    cells = cells.select(str(place) for place in range(widest))
    if widest > usual:
        cells = cells.with_columns(pl.when(pl.col(str(usual)) != END.decode()).then(str(usual)).alias(str(usual)))
    return cells, widths


def _split(chunk: bytes, separator: str) -> tuple[pl.DataFrame, pl.Series]:
    """Cut lines whatever their widths."""
    lines = pl.Series("line", [chunk.decode()], dtype=pl.String).str.split("\n").explode()
    widths = lines.str.count_matches(separator, literal=True) + 1
    widest = int(widths.max())  # type: ignore[arg-type]  # there is a line
    if widest > WIDEST:
        raise too_large("columns", WIDEST)
    fields = lines.str.split_exact(separator, widest - 1).struct.unnest()
    fields.columns = [str(place) for place in range(widest)]
    return fields.select(pl.when(pl.all() != "").then(pl.all())), widths.rename("width").cast(pl.UInt32)


def _widened(cells: pl.DataFrame, width: int) -> pl.DataFrame:
    """Add empty columns on the right."""
    return cells.with_columns(pl.lit(None, pl.String).alias(str(place)) for place in range(cells.width, width))


def cut_with_quotes(content: bytes, separator: str) -> tuple[pl.DataFrame, pl.Series]:
    """Cut a text that has quotes, record by record, as Python's reader does in its strict form."""
    csv.field_size_limit(LARGEST)
    chunks: list[tuple[pl.DataFrame, pl.Series]] = []
    records: list[list[str]] = []
    widest = 0
    for record in _records(content.decode(), separator):
        records.append(record)
        if len(record) > widest:
            widest = len(record)
            if widest > WIDEST:
                raise too_large("columns", WIDEST)
        if len(records) == RECORDS:
            chunks.append(_framed(records))
            records = []
            refuse_too_many_cells(len(chunks) * RECORDS, widest)
    if records:
        chunks.append(_framed(records))
    refuse_too_many_cells(sum(chunk.height for chunk, _ in chunks), widest)
    widest = max(chunk.width for chunk, _ in chunks)
    return pl.concat([_widened(chunk, widest) for chunk, _ in chunks]), pl.concat([widths for _, widths in chunks])


def _records(text: str, separator: str) -> Iterator[list[str]]:
    """Yield the records of a text with quotes.

    A quote that is never closed is refused, and so is one whose text runs over several lines and does not end at a
    separator: it swallows rows. One closed on its own line with text behind it, « "Poste" d'accueil », is a text that
    begins with a quote: it is read as it was typed.
    """
    lines = io.StringIO(text, newline="")
    read = 0
    while True:
        # `strict` tells a quote that is never closed or closed too early.
        reader = csv.reader(lines, delimiter=separator, strict=True)
        taken, start = 0, lines.tell()
        try:
            for record in reader:
                yield record
                read, taken = read + 1, reader.line_num
        except csv.Error:
            lines.seek(start)
            for _ in range(taken):
                lines.readline()
            line = lines.readline()
            if reader.line_num - taken > 1 or line.count('"') % 2:
                raise UnreadableError("F09", row=read + 1) from None
            yield _cut_as_typed(line.rstrip("\r\n"), separator)
            read += 1
        else:
            return


def _cut_as_typed(line: str, separator: str) -> list[str]:
    """Cut a line whose quotes do not all enclose a cell: those that do not are part of the text."""
    mark = re.escape(separator)
    cells = re.findall(rf'("(?:[^"]|"")*"(?={mark}|$)|[^{mark}]*)(?:{mark}|$)', line)
    # The end of the line is matched once more, behind its last cell.
    cells = cells if line.endswith(separator) else cells[:-1]
    return [cell[1:-1].replace('""', '"') if ENCLOSED.fullmatch(cell) else cell for cell in cells]


def _framed(records: list[list[str]]) -> tuple[pl.DataFrame, pl.Series]:
    """Turn records into a frame as wide as the widest, empty cells being null."""
    widths = pl.Series("width", [len(record) for record in records], dtype=pl.UInt32)
    widest = max(1, int(widths.max()))  # type: ignore[arg-type]  # there is a record
    for record in records:
        record.extend([""] * (widest - len(record)))
    columns = [
        pl.Series(str(place), values, dtype=pl.String) for place, values in enumerate(zip(*records, strict=True))
    ]
    return pl.DataFrame(columns).select(pl.when(pl.all() != "").then(pl.all())), widths
