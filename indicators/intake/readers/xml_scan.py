"""Bounded scan of the XML inside a workbook, for facts that its reader loses and contents that would exhaust it.

python-calamine is quick and loses what matters here: it returns an empty text for an error, a bare 0.604 for 60,4 %,
and makes a full rectangle of cells out of one that is far away. Each sheet is first scanned by expat, bounded in
bytes, depth and cells: errors, percentages, formulas without a value and merged cells are recorded, and a bomb is
refused before it is read.
"""

import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from indicators.intake.readers.sheet import MAX_COLUMNS, MergedRange, UnreadableError, too_large

MAX_UNPACKED_BYTES: Final = 250 * 2**20
"""Most bytes of all parts of a workbook, unpacked."""
MAX_FILLED_CELLS: Final = 200_000
"""Most filled cells in a workbook: 25,000 rows of eight. A larger table is deposited as CSV or Parquet."""
MAX_WORKBOOK_CHARS: Final = 50_000_000
"""Most characters shown by all cells of a workbook: one text may be shared by every cell."""
MAX_SHEETS: Final = 200
"""Most sheets in a workbook: each is read, even if nearly empty."""
MAX_ELEMENTS: Final = 450_000
"""Most XML elements in all parts of a workbook: scanning more would take too long."""
MAX_AREA_CELLS: Final = 4_000_000
"""Most cells, empty or not, between the first and the last of each sheet, all sheets together: all are made."""
MAX_ROWS: Final = 400_000
"""Last row of a sheet that may hold a filled cell."""
MAX_DEPTH: Final = 100
UNPACK_CHUNK_BYTES: Final = 2**18

Attributes = Mapping[str, str]


@dataclass
class WorkbookTotals:
    """Running totals over the sheets of a workbook: each XML element counts as the cells that it expands to."""

    sheets: int = 0
    filled: int = 0
    area: int = 0
    chars: int = 0

    def open_sheet(self) -> "SheetFacts":
        """Count one more sheet and return its empty facts; raise F05 beyond `MAX_SHEETS`."""
        self.sheets += 1
        if self.sheets > MAX_SHEETS:
            raise too_large("sheets", MAX_SHEETS)
        return SheetFacts(self)

    def add_chars(self, chars: int, cells: int) -> None:
        """Add the characters shown by each of some cells; raise F05 beyond `MAX_WORKBOOK_CHARS`."""
        self.chars += chars * cells
        if self.chars > MAX_WORKBOOK_CHARS:
            raise too_large("characters", MAX_WORKBOOK_CHARS)

    def close_sheet(self, facts: "SheetFacts") -> None:
        """Add the cells that a sheet expands to, empty ones included; raise F05 beyond `MAX_AREA_CELLS`."""
        self.area += (facts.last_row + 1) * (facts.last_column + 1)
        if self.area > MAX_AREA_CELLS:
            raise too_large("cells", MAX_FILLED_CELLS)


@dataclass
class SheetFacts:
    """Facts recorded while scanning a sheet, by row and column counted from 0."""

    totals: WorkbookTotals = field(default_factory=WorkbookTotals)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: set[tuple[int, int]] = field(default_factory=set)
    merged: list[MergedRange] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filled: int = 0
    last_row: int = -1
    last_column: int = -1

    def add_merged(self, first: int, last: int, left: int, right: int) -> None:
        """Record merged cells, by spreadsheet rows and columns from 0; raise F05 for more of them than `MAX_ROWS`."""
        if len(self.merged) >= MAX_ROWS:
            raise too_large("cells", MAX_FILLED_CELLS)
        self.merged.append((first, last, left, right))

    def add_hidden_rows(self, first: int, count: int = 1) -> None:
        """Record hidden rows, up to `MAX_ROWS`."""
        self.hidden_rows.update(range(first, min(first + count, MAX_ROWS)))

    def add_hidden_columns(self, first: int, count: int = 1) -> None:
        """Record hidden columns, up to `MAX_COLUMNS`."""
        self.hidden_columns.update(range(first, min(first + count, MAX_COLUMNS)))

    def add_filled(self, row: int, column: int, count: int = 1) -> None:
        """Count filled cells up to a position; raise F05 for too many or one too far away."""
        self.filled += count
        self.totals.filled += count
        if row > self.last_row:
            self.last_row = row
        if column > self.last_column:
            self.last_column = column
        if column >= MAX_COLUMNS:
            raise too_large("columns", MAX_COLUMNS)
        if row >= MAX_ROWS:
            raise too_large("rows", MAX_ROWS)
        if self.totals.filled > MAX_FILLED_CELLS or (self.last_row + 1) * (self.last_column + 1) > MAX_AREA_CELLS:
            raise too_large("cells", MAX_FILLED_CELLS)


class _LocalNames(dict[str, str]):
    """Local names by full name, cached; calcext names keep a prefix, as they equal names of the standard."""

    def __missing__(self, name: str) -> str:
        space, _, local = name.rpartition(" ")
        local_name = self[name] = f"calcext:{local}" if ":calcext:" in space else local
        return local_name


class XmlScanner:
    """Scanner of one part of a workbook with expat, calling `start` and `end`; bounded in depth, without entities."""

    def __init__(self) -> None:
        """Prepare a parser that refuses a document type: a workbook has none, an entity attack needs one."""
        self.depth = 0
        self.elements_left = MAX_ELEMENTS
        self.local = _LocalNames()
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = _refuse_document_type

    def _start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        self.elements_left -= 1
        if self.depth > MAX_DEPTH:
            raise UnreadableError("F04")
        if self.elements_left < 0:
            raise too_large("cells", MAX_FILLED_CELLS)
        self.start(self.local[name], attributes)

    def _end(self, name: str) -> None:
        self.depth -= 1
        self.end(self.local[name])

    def start(self, name: str, attributes: Attributes) -> None:
        """Enter an element, by its name without namespace."""

    def end(self, name: str) -> None:
        """Leave an element."""

    def on_text(self, handler: Callable[[str], object] | None) -> None:
        """Set the handler of the text that follows; `None` ignores it."""
        self.parser.CharacterDataHandler = handler

    def scan(self, archive: "Archive", part: str) -> None:
        """Scan a part of a workbook; raise F04 if it is damaged, F05 if it has too many elements."""
        self.elements_left = archive.elements_left
        try:
            for chunk in archive.chunks(part):
                self.parser.Parse(chunk, False)
            self.parser.Parse(b"", True)
        # An encoding that does not exist is a LookupError.
        except (expat.ExpatError, LookupError):
            raise UnreadableError("F04") from None
        archive.elements_left = self.elements_left


def _refuse_document_type(*_: object) -> None:
    raise UnreadableError("F04")


class Archive:
    """The parts of a workbook, unpacked in chunks; unpacked bytes are counted, whatever the archive claims."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Take an archive of which no part has been read."""
        self.archive = archive
        self.unpacked = 0
        self.elements_left = MAX_ELEMENTS
        self.totals = WorkbookTotals()
        # The reader matches part names regardless of case, and would take either of two names that differ by case.
        self._names = {_normalize_part_name(name): name for name in archive.namelist()}
        if len(self._names) < len(archive.namelist()):
            raise UnreadableError("F04")

    def has(self, name: str) -> bool:
        """Whether the archive has a part."""
        return _normalize_part_name(name) in self._names

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part in chunks; raise `UnreadableError` if it is missing, damaged (F04) or too large (F05)."""
        try:
            with self.archive.open(self._names[_normalize_part_name(name)]) as part:
                while chunk := part.read(UNPACK_CHUNK_BYTES):
                    self.unpacked += len(chunk)
                    if self.unpacked > MAX_UNPACKED_BYTES:
                        raise too_large("megabytes", MAX_UNPACKED_BYTES // 2**20)
                    yield chunk
        except (
            zipfile.BadZipFile,  # a part that is not where the directory says, or whose checksum is wrong
            zlib.error,  # damaged, compressed as usual
            EOFError,  # cut short
            OSError,  # damaged, compressed by bzip2
            lzma.LZMAError,  # damaged, compressed by LZMA
            RuntimeError,  # behind a password, or compressed in a way that Python does not know
            ValueError,  # a false offset
            KeyError,  # no such part
        ):
            raise UnreadableError("F04") from None


def _normalize_part_name(name: str) -> str:
    """Return the name of a part normalised for comparison: slashes, lower case."""
    return name.replace("\\", "/").lower()


def parse_int(number: str) -> int:
    """Parse an integer of the file format; raise F04 for anything else."""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise UnreadableError("F04")
    return int(number)
