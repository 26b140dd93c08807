"""The XML inside a workbook, walked once within limits: what its reader does not tell, and what would drown it.

python-calamine is quick and loses what matters here: it returns an empty text for an error, a bare 0.604 for 60,4 %,
and makes a full rectangle of cells out of one that stands far away. So each sheet is first walked by expat, bounded in
bytes, depth and cells: errors, percentages, formulas without a value and merged cells are noted, and a bomb is refused
unread.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from indicators.intake.readers.sheet import WIDEST, Merged, UnreadableError, too_large

UNPACKED: Final = 250 * 2**20
"""Bytes that the parts of a workbook may have once unpacked, all together."""
CELLS: Final = 200_000
"""Filled cells that a workbook may have: 25,000 rows of eight. A larger table is deposited as CSV or Parquet."""
TEXT_CHARS: Final = 50_000_000
"""Characters that the cells of a workbook may show, all together: one text may be shared by every cell."""
SHEETS: Final = 200
"""Sheets that a workbook may have: each is read, however little it holds."""
ELEMENTS: Final = 450_000
"""Elements that the parts of a workbook may have, all together: walking through more would take too long."""
RECTANGLE: Final = 4_000_000
"""Cells, empty or not, between the first of a sheet and its last, over all sheets: that many would be made of them."""
ROWS: Final = 400_000
"""Last row of a sheet that may be filled."""
DEEPEST: Final = 100
BUFFER: Final = 2**18

Attributes = Mapping[str, str]


@dataclass
class Totals:
    """What the sheets of a workbook come to, whatever its parts weigh: each element is counted as what it becomes."""

    sheets: int = 0
    filled: int = 0
    area: int = 0
    chars: int = 0

    def open_sheet(self) -> "Notes":
        """Count one more sheet and begin its notes; refuse the workbook that has too many."""
        self.sheets += 1
        if self.sheets > SHEETS:
            raise too_large("sheets", SHEETS)
        return Notes(self)

    def show(self, chars: int, cells: int) -> None:
        """Count characters that some cells show, each of them all; refuse the workbook that shows too many."""
        self.chars += chars * cells
        if self.chars > TEXT_CHARS:
            raise too_large("characters", TEXT_CHARS)

    def close_sheet(self, notes: "Notes") -> None:
        """Count the cells that will be made of a sheet, empty ones included."""
        self.area += (notes.last_row + 1) * (notes.last_column + 1)
        if self.area > RECTANGLE:
            raise too_large("cells", CELLS)


@dataclass
class Notes:
    """What was noted on the way through a sheet, by row and column counted from 0."""

    totals: Totals = field(default_factory=Totals)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: set[tuple[int, int]] = field(default_factory=set)
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filled: int = 0
    last_row: int = -1
    last_column: int = -1

    def merge(self, first: int, last: int, left: int, right: int) -> None:
        """Note merged cells, by rows as in the spreadsheet and columns from 0; more than there are rows is no sheet."""
        if len(self.merged) >= ROWS:
            raise too_large("cells", CELLS)
        self.merged.append((first, last, left, right))

    def hide_rows(self, first: int, count: int = 1) -> None:
        """Note rows that are not shown; those far below what may be filled hold nothing."""
        self.hidden_rows.update(range(first, min(first + count, ROWS)))

    def hide_columns(self, first: int, count: int = 1) -> None:
        """Note columns that are not shown."""
        self.hidden_columns.update(range(first, min(first + count, WIDEST)))

    def fill(self, row: int, column: int, count: int = 1) -> None:
        """Count filled cells up to a place; refuse the sheet that has too many or one too far away."""
        self.filled += count
        self.totals.filled += count
        if row > self.last_row:
            self.last_row = row
        if column > self.last_column:
            self.last_column = column
        if column >= WIDEST:
            raise too_large("columns", WIDEST)
        if row >= ROWS:
            raise too_large("rows", ROWS)
        if self.totals.filled > CELLS or (self.last_row + 1) * (self.last_column + 1) > RECTANGLE:
            raise too_large("cells", CELLS)


class _LocalNames(dict[str, str]):
    """Names without their namespaces, each found once; those of calcext keep it, where the standard has the same."""

    def __missing__(self, name: str) -> str:
        space, _, local = name.rpartition(" ")
        found = self[name] = f"calcext:{local}" if ":calcext:" in space else local
        return found


class Walker:
    """Walks one part of a workbook with expat, calling `start`, `end` and `text`, within depth and without entities."""

    def __init__(self) -> None:
        """Prepare a parser that takes no document type: a workbook has none, an attack by entities needs one."""
        self.depth = 0
        self.left = ELEMENTS
        self.local = _LocalNames()
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = _refuse_document_type

    def _start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        self.left -= 1
        if self.depth > DEEPEST:
            raise UnreadableError("F04")
        if self.left < 0:
            raise too_large("cells", CELLS)
        self.start(self.local[name], attributes)

    def _end(self, name: str) -> None:
        self.depth -= 1
        self.end(self.local[name])

    def start(self, name: str, attributes: Attributes) -> None:
        """Enter an element, by its name without namespace."""

    def end(self, name: str) -> None:
        """Leave an element."""

    def listen(self, hear: Callable[[str], object] | None) -> None:
        """Hand over the text that follows, until told otherwise."""
        self.parser.CharacterDataHandler = hear

    def walk(self, archive: "Archive", part: str) -> None:
        """Walk through a part of a workbook; a damaged one is refused, and one that would take too long."""
        self.left = archive.elements_left
        try:
            for piece in archive.pieces(part):
                self.parser.Parse(piece, False)
            self.parser.Parse(b"", True)
        # An encoding that does not exist is a LookupError.
        except (expat.ExpatError, LookupError):
            raise UnreadableError("F04") from None
        archive.elements_left = self.left


def _refuse_document_type(*_: object) -> None:
    raise UnreadableError("F04")


class Archive:
    """The parts of a workbook, unpacked piece by piece; what was unpacked is counted whatever the archive claims."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Take an archive whose parts have not been read."""
        self.archive = archive
        self.unpacked = 0
        self.elements_left = ELEMENTS
        self.totals = Totals()
        # Whoever reads the workbook after us finds its parts whatever their letters are, and takes one of two alike.
        self._names = {_spelled(name): name for name in archive.namelist()}
        if len(self._names) < len(archive.namelist()):
            raise UnreadableError("F04")

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return _spelled(name) in self._names

    def pieces(self, name: str) -> Iterator[bytes]:
        """Unpack one part; a `KeyError`-free damaged or overlarge one is refused."""
        try:
            with self.archive.open(self._names[_spelled(name)]) as part:
                while piece := part.read(BUFFER):
                    self.unpacked += len(piece)
                    if self.unpacked > UNPACKED:
                        raise too_large("megabytes", UNPACKED // 2**20)
                    yield piece
        # A false offset in the archive is a ValueError.
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, KeyError):
            raise UnreadableError("F04") from None


def _spelled(name: str) -> str:
    """Return the name of a part as others of its letters are compared with it."""
    return name.replace("\\", "/").lower()


def whole(number: str) -> int:
    """Read a whole number of the format itself; a workbook that has another thing there is damaged."""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise UnreadableError("F04")
    return int(number)
