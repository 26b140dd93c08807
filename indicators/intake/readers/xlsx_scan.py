"""Scan of the parts of an `.xlsx` workbook (ECMA-376) for the facts of its sheets."""

import posixpath
import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from indicators.intake.readers.sheet import UnreadableError
from indicators.intake.readers.xml_scan import Archive, Attributes, SheetFacts, XmlScanner, parse_int

BUILT_IN_PERCENT: Final = {9, 10}
"""Number formats `0%` and `0.00%`, by the numbers that every spreadsheet gives them (ECMA-376, 18.8.30)."""
CELL_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})", re.ASCII)


class _Relations(XmlScanner):
    """Targets of a part's relations, by their ids."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship" and "Id" in attributes:
            self.targets[attributes["Id"]] = attributes.get("Target", "")


class _Book(XmlScanner):
    """Names of the sheets and the ids of their relations, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            self.sheets.append((attributes.get("name", ""), relation))


class _SharedTexts(XmlScanner):
    """Length of each text of the shared strings table (ECMA-376, 18.4.9)."""

    def __init__(self) -> None:
        super().__init__()
        self.chars: list[int] = []
        self.on_text(self._count)

    def start(self, name: str, attributes: Attributes) -> None:  # noqa: ARG002 - what a walker calls
        if name == "si":
            self.chars.append(0)

    def _count(self, text: str) -> None:
        if self.chars:
            self.chars[-1] += len(text)


class _Styles(XmlScanner):
    """Which cell styles show a number as a percentage."""

    def __init__(self) -> None:
        super().__init__()
        self._formats: set[int] = set(BUILT_IN_PERCENT)
        self._in_cells = False
        self._count = 0
        self.percents: set[str] = set()

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt" and "%" in re.sub(r'"[^"]*"|\\.', "", attributes.get("formatCode", "")):
            self._formats.add(parse_int(attributes.get("numFmtId", "")))
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            if parse_int(attributes.get("numFmtId", "0")) in self._formats:
                self.percents.add(str(self._count))
            self._count += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False


class _Properties(XmlScanner):
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
            self.on_text(self._value.append)

    def end(self, name: str) -> None:
        if name == "property":
            self.on_text(None)
            self.values[self._name] = "".join(self._value).strip()


class _Worksheet(XmlScanner):
    """A sheet of an `.xlsx` workbook (ECMA-376, 18.3.1)."""

    def __init__(self, facts: SheetFacts, percents: set[str], shared_chars: Sequence[int]) -> None:
        super().__init__()
        self.facts = facts
        self._percents = percents
        self._shared_chars = shared_chars
        self._row = -1
        self._column = -1
        self._kind = ""
        self._style = ""
        self._formula: list[str] | None = None
        self._value: list[str] = []
        self._has_inline_text = False
        self._rows_hidden_by_default = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._open_cell(attributes)
        elif name == "row":
            self._row = parse_int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
            if is_hidden(attributes, "ht", default=self._rows_hidden_by_default):
                self.facts.add_hidden_rows(self._row)
        elif name == "col":
            first, last = parse_int(attributes.get("min", "1")) - 1, parse_int(attributes.get("max", "1"))
            if is_hidden(attributes, "width"):
                self.facts.add_hidden_columns(first, last - first)
        elif name == "sheetFormatPr":
            self._rows_hidden_by_default = is_true(attributes.get("zeroHeight"))
        elif name == "f":
            self._formula = []
            self.on_text(self._formula.append)
        elif name == "v":
            self.on_text(self._value.append)
        elif name == "is":
            self._has_inline_text = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        if name in {"f", "v"}:
            self.on_text(None)
        elif name == "c":
            self._close_cell()

    def _open_cell(self, attributes: Attributes) -> None:
        self._column += 1
        if "r" in attributes:
            reference = CELL_REFERENCE.fullmatch(attributes["r"])
            if reference is None:
                raise UnreadableError("F04")
            self._row, self._column = int(reference[2]) - 1, column_number(reference[1])
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._formula, self._has_inline_text = None, False
        self._value.clear()

    def _close_cell(self) -> None:
        value = self._value
        place = (self._row, self._column)
        if self._kind == "e":
            self.facts.errors[place] = "".join(value) or "#N/A"
        elif self._formula is not None and not value and not self._has_inline_text and self._kind != "str":
            self.facts.formulas[place] = f"={''.join(self._formula)}"
        elif not value and not self._has_inline_text:
            return
        elif self._kind == "n" and self._style in self._percents:
            self.facts.percents.add(place)
        elif self._kind == "s":
            index = parse_int("".join(value).strip())
            self.facts.totals.add_chars(self._shared_chars[index] if index < len(self._shared_chars) else 0, 1)
        self.facts.add_filled(*place)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, stop = CELL_REFERENCE.fullmatch(first), CELL_REFERENCE.fullmatch(last or first)
        if start and stop:
            self.facts.add_merged(int(start[2]), int(stop[2]), column_number(start[1]), column_number(stop[1]))


def is_true(value: str | None) -> bool:
    """Whether a yes-or-no attribute says yes (ECMA-376, 22.9.2.7)."""
    return value in {"1", "true", "on"}


def is_hidden(attributes: Attributes, size: str, *, default: bool = False) -> bool:
    """Whether a row or a column is hidden, by a filter too, or has no height or width."""
    hidden = is_true(attributes["hidden"]) if "hidden" in attributes else default and size not in attributes
    return hidden or re.fullmatch(r"0+(?:\.0*)?", attributes.get(size, "")) is not None


@cache
def column_number(letters: str) -> int:
    """Return the index of a column from its letters, from 0."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def scan_xlsx(archive: Archive) -> dict[str, SheetFacts]:
    """Scan the sheets of an `.xlsx` workbook; return the facts of each by its name."""
    book, relations, styles = _Book(), _Relations(), _Styles()
    book.scan(archive, "xl/workbook.xml")
    relations.scan(archive, "xl/_rels/workbook.xml.rels")
    if archive.has("xl/styles.xml"):
        styles.scan(archive, "xl/styles.xml")
    shared_texts = _SharedTexts()
    if archive.has("xl/sharedStrings.xml"):
        shared_texts.scan(archive, "xl/sharedStrings.xml")
    facts_by_sheet: dict[str, SheetFacts] = {}
    for name, relation in book.sheets:
        target = relations.targets.get(relation, "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        if not archive.has(path):
            raise UnreadableError("F04")
        facts_by_sheet[name] = facts = archive.totals.open_sheet()
        if "worksheets/" in path:
            _Worksheet(facts, styles.percents, shared_texts.chars).scan(archive, path)
        archive.totals.close_sheet(facts)
    return facts_by_sheet


def read_property(archive: Archive, name: str) -> str | None:
    """Return a custom property of an `.xlsx` workbook, if it has it."""
    if not archive.has("docProps/custom.xml"):
        return None
    scanner = _Properties()
    scanner.scan(archive, "docProps/custom.xml")
    return scanner.values.get(name)
