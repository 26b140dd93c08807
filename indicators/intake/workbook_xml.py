"""The XML inside a workbook, walked once within limits: what its reader does not tell, and what would drown it.

python-calamine is quick and loses what matters here: it returns an empty text for an error, a bare 0.604 for 60,4 %,
and makes a full rectangle of cells out of one that stands far away. So each sheet is first walked by expat, bounded in
bytes, depth and cells: errors, percentages, formulas without a value and merged cells are noted, and a bomb is refused
unread.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final
from xml.parsers import expat

from indicators.intake.sheet import WIDEST, Merged, UnreadableError, too_large

UNPACKED: Final = 250 * 2**20
"""Bytes that the parts of a workbook may have once unpacked, all together."""
CELLS: Final = 200_000
"""Filled cells that a sheet may have: 25,000 rows of eight. A larger table is deposited as CSV or Parquet."""
ELEMENTS: Final = 450_000
"""Elements that the parts of a workbook may have, all together: walking through more would take too long."""
RECTANGLE: Final = 10_000_000
"""Cells, empty or not, between the first of a sheet and its last: that many would be made of them."""
ROWS: Final = 400_000
"""Last row of a sheet that may be filled."""
DEEPEST: Final = 100
BUFFER: Final = 2**18
BUILT_IN_PERCENT: Final = {9, 10}
"""Number formats `0%` and `0.00%`, by the numbers that every spreadsheet gives them (ECMA-376, 18.8.30)."""
REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")

Attributes = Mapping[str, str]


@dataclass
class Notes:
    """What was noted on the way through a sheet, by row and column counted from 0."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: set[tuple[int, int]] = field(default_factory=set)
    merged: list[Merged] = field(default_factory=list)
    filled: int = 0
    last_row: int = -1
    last_column: int = -1

    def merge(self, first: int, last: int, left: int, right: int) -> None:
        """Note merged cells, by rows as in the spreadsheet and columns from 0; more than there are rows is no sheet."""
        if len(self.merged) >= ROWS:
            raise too_large("cells", CELLS)
        self.merged.append((first, last, left, right))

    def fill(self, row: int, column: int, count: int = 1) -> None:
        """Count filled cells up to a place; refuse the sheet that has too many or one too far away."""
        self.filled += count
        if row > self.last_row:
            self.last_row = row
        if column > self.last_column:
            self.last_column = column
        if column >= WIDEST:
            raise too_large("columns", WIDEST)
        if row >= ROWS:
            raise too_large("rows", ROWS)
        if self.filled > CELLS or (self.last_row + 1) * (self.last_column + 1) > RECTANGLE:
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
        self.names = frozenset(archive.namelist())

    def pieces(self, name: str) -> Iterator[bytes]:
        """Unpack one part; a `KeyError`-free damaged or overlarge one is refused."""
        try:
            with self.archive.open(name) as part:
                while piece := part.read(BUFFER):
                    self.unpacked += len(piece)
                    if self.unpacked > UNPACKED:
                        raise too_large("megabytes", UNPACKED // 2**20)
                    yield piece
        # A false offset in the archive is a ValueError.
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, KeyError):
            raise UnreadableError("F04") from None


class _Relations(Walker):
    """Targets of a part's relations, by their ids."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship" and "Id" in attributes:
            self.targets[attributes["Id"]] = attributes.get("Target", "")


class _Book(Walker):
    """Names of the sheets and the ids of their relations, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            self.sheets.append((attributes.get("name", ""), relation))


class _Styles(Walker):
    """Which cell styles show a number as a percentage."""

    def __init__(self) -> None:
        super().__init__()
        self._formats: set[int] = set(BUILT_IN_PERCENT)
        self._in_cells = False
        self._count = 0
        self.percents: set[str] = set()

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt" and "%" in re.sub(r'"[^"]*"|\\.', "", attributes.get("formatCode", "")):
            self._formats.add(whole(attributes.get("numFmtId", "")))
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            if whole(attributes.get("numFmtId", "0")) in self._formats:
                self.percents.add(str(self._count))
            self._count += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False


class _Properties(Walker):
    """A workbook's own properties, by their names (ECMA-376, part 1, 22.3)."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._name = ""
        self._value: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "property":
            self._name = attributes.get("name", "")
            self._value.clear()
            self.listen(self._value.append)

    def end(self, name: str) -> None:
        if name == "property":
            self.listen(None)
            self.values[self._name] = "".join(self._value).strip()


class _Worksheet(Walker):
    """A sheet of an `.xlsx` workbook (ECMA-376, 18.3.1)."""

    def __init__(self, percents: set[str]) -> None:
        super().__init__()
        self.notes = Notes()
        self._percents = percents
        self._row = -1
        self._column = -1
        self._kind = ""
        self._style = ""
        self._formula: list[str] | None = None
        self._value: list[str] = []
        self._valued = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._open_cell(attributes)
        elif name == "row":
            self._row = whole(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
        elif name == "f":
            self._formula = []
            self.listen(self._formula.append)
        elif name == "v":
            self.listen(self._value.append)
        elif name == "is":
            self._valued = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        if name in {"f", "v"}:
            self.listen(None)
        elif name == "c":
            self._close_cell()

    def _open_cell(self, attributes: Attributes) -> None:
        self._column += 1
        if "r" in attributes:
            found = REFERENCE.fullmatch(attributes["r"])
            if found is None:
                raise UnreadableError("F04")
            self._row, self._column = int(found[2]) - 1, column_number(found[1])
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._formula, self._valued = None, False
        self._value.clear()

    def _close_cell(self) -> None:
        value = self._value
        place = (self._row, self._column)
        if self._kind == "e":
            self.notes.errors[place] = "".join(value) or "#N/A"
        elif self._formula is not None and not value and not self._valued and self._kind != "str":
            self.notes.formulas[place] = f"={''.join(self._formula)}"
        elif not value and not self._valued:
            return
        elif self._kind == "n" and self._style in self._percents:
            self.notes.percents.add(place)
        self.notes.fill(*place)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, stop = REFERENCE.fullmatch(first), REFERENCE.fullmatch(last or first)
        if start and stop:
            self.notes.merge(int(start[2]), int(stop[2]), column_number(start[1]), column_number(stop[1]))


class _OpenDocument(Walker):
    """The sheets of an `.ods` workbook (OpenDocument 1.3, part 3, 9.1): cells and rows may be repeated."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, Notes] = {}
        self._notes = Notes()
        self._row = self._column = 0
        self._rows = 1
        self._cell: Attributes = {}
        self._text: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "table":
            self._notes = self.sheets.setdefault(self._named(attributes).get("name", ""), Notes())
            self._row = 0
        elif name == "table-row":
            self._rows = repeated(self._named(attributes), "number-rows-repeated")
            self._column = 0
        elif name in {"table-cell", "covered-table-cell"}:
            self._cell = self._named(attributes)
            self._text.clear()
            self.listen(self._text.append)
        elif name == "annotation":
            # Somebody's remark on a cell is none of its content.
            self.listen(None)

    def end(self, name: str) -> None:
        if name == "table-row":
            self._row += self._rows
        elif name == "annotation":
            self.listen(self._text.append)
        elif name in {"table-cell", "covered-table-cell"}:
            self.listen(None)
            self._note_cell()
            self._column += repeated(self._cell, "number-columns-repeated")

    def _named(self, attributes: Attributes) -> Attributes:
        """Return attributes by their names without namespace."""
        return {self.local[name]: value for name, value in attributes.items()}

    def _note_cell(self) -> None:
        text = "".join(self._text).strip()
        kind, formula = self._cell.get("value-type", ""), self._cell.get("formula", "")
        across = repeated(self._cell, "number-columns-repeated")
        tall = repeated(self._cell, "number-rows-spanned")
        wide = repeated(self._cell, "number-columns-spanned")
        if tall * wide > 1:
            self._notes.merge(self._row + 1, self._row + tall, self._column, self._column + wide - 1)
        if not kind and not text and not formula:
            return
        self._notes.fill(self._row + self._rows - 1, self._column + across - 1, self._rows * across)
        wrong = self._cell.get("calcext:value-type") == "error" or (formula and text.startswith("#"))
        places = (
            (row, column)
            for row in range(self._row, self._row + self._rows)
            for column in range(self._column, self._column + across)
        )
        if kind == "percentage":
            self._notes.percents.update(places)
        elif wrong:
            self._notes.errors.update(dict.fromkeys(places, text or "#N/A"))
        elif formula and not kind:
            self._notes.formulas.update(dict.fromkeys(places, f"={formula.partition(':')[2].lstrip('=')}"))


def whole(number: str) -> int:
    """Read a whole number of the format itself; a workbook that has another thing there is damaged."""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise UnreadableError("F04")
    return int(number)


def repeated(attributes: Attributes, name: str) -> int:
    """Return how often a row or a cell is repeated, or over how many it spreads: once where it does not say."""
    return max(1, whole(attributes.get(name, "1")))


@cache
def column_number(letters: str) -> int:
    """Return the place of a column from its letters, from 0."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def notes_of_xlsx(archive: Archive) -> dict[str, Notes]:
    """Walk through the sheets of an `.xlsx` workbook; return what was noted of each, by its name."""
    book, relations, styles = _Book(), _Relations(), _Styles()
    book.walk(archive, "xl/workbook.xml")
    relations.walk(archive, "xl/_rels/workbook.xml.rels")
    if "xl/styles.xml" in archive.names:
        styles.walk(archive, "xl/styles.xml")
    found: dict[str, Notes] = {}
    for name, relation in book.sheets:
        target = relations.targets.get(relation, "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        if path not in archive.names:
            raise UnreadableError("F04")
        walker = _Worksheet(styles.percents)
        if "worksheets/" in path:
            walker.walk(archive, path)
        found[name] = walker.notes
    if "xl/sharedStrings.xml" in archive.names:
        # Its texts are read by calamine; what matters here is that they are XML, and not endless.
        Walker().walk(archive, "xl/sharedStrings.xml")
    return found


def notes_of_ods(archive: Archive) -> dict[str, Notes]:
    """Walk through the sheets of an `.ods` workbook; return what was noted of each, by its name."""
    walker = _OpenDocument()
    walker.walk(archive, "content.xml")
    return walker.sheets


def property_of(archive: Archive, name: str) -> str | None:
    """Return one of the properties that a program gave an `.xlsx` workbook."""
    if "docProps/custom.xml" not in archive.names:
        return None
    walker = _Properties()
    walker.walk(archive, "docProps/custom.xml")
    return walker.values.get(name)
