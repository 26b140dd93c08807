"""The content of an `.ods` workbook (OpenDocument), walked for what must be noted of its sheets."""

from indicators.intake.readers.xml_scan import Archive, Attributes, Notes, Totals, Walker, whole


class _OpenDocument(Walker):
    """The sheets of an `.ods` workbook (OpenDocument 1.3, part 3, 9.1): cells and rows may be repeated."""

    def __init__(self, totals: Totals) -> None:
        super().__init__()
        self.sheets: dict[str, Notes] = {}
        self._totals = totals
        self._spaces = 0
        self._notes = Notes()
        self._row = self._column = self._next_column = 0
        self._rows = 1
        self._cell: Attributes = {}
        self._text: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "table":
            self._notes = self._totals.open_sheet()
            self._notes = self.sheets.setdefault(self._named(attributes).get("name", ""), self._notes)
            self._row = self._next_column = 0
        elif name == "table-column":
            named = self._named(attributes)
            across = repeated(named, "number-columns-repeated")
            if named.get("visibility", "visible") != "visible":
                self._notes.hide_columns(self._next_column, across)
            self._next_column += across
        elif name == "table-row":
            named = self._named(attributes)
            self._rows = repeated(named, "number-rows-repeated")
            self._column = 0
            if named.get("visibility", "visible") != "visible":
                self._notes.hide_rows(self._row, self._rows)
        elif name in {"table-cell", "covered-table-cell"}:
            self._cell = self._named(attributes)
            self._text.clear()
            self._spaces = 0
            self.listen(self._text.append)
        elif name == "s":
            # One element is as many spaces as it says (OpenDocument 1.3, part 3, 6.1.3).
            self._spaces += repeated(self._named(attributes), "c")
        elif name == "annotation":
            # Somebody's remark on a cell is none of its content.
            self.listen(None)

    def end(self, name: str) -> None:
        if name == "table-row":
            self._row += self._rows
        elif name == "table":
            self._totals.close_sheet(self._notes)
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
        chars = max(len(text) + self._spaces, len(self._cell.get("string-value", ""))) + len(formula)
        self._totals.show(chars, self._rows * across)
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


def repeated(attributes: Attributes, name: str) -> int:
    """Return how often a row or a cell is repeated, or over how many it spreads: once where it does not say."""
    return max(1, whole(attributes.get(name, "1")))


def notes_of_ods(archive: Archive) -> dict[str, Notes]:
    """Walk through the sheets of an `.ods` workbook; return what was noted of each, by its name."""
    walker = _OpenDocument(archive.totals)
    walker.walk(archive, "content.xml")
    return walker.sheets
