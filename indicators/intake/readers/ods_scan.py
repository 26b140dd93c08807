"""Scan of the content of an `.ods` workbook (OpenDocument) for the facts of its sheets."""

from indicators.intake.readers.xml_scan import Archive, Attributes, SheetFacts, WorkbookTotals, XmlScanner, parse_int


class _OpenDocument(XmlScanner):
    """The sheets of an `.ods` workbook (OpenDocument 1.3, part 3, 9.1): cells and rows may be repeated."""

    def __init__(self, totals: WorkbookTotals) -> None:
        super().__init__()
        self.sheets: dict[str, SheetFacts] = {}
        self._totals = totals
        self._spaces = 0
        self._facts = SheetFacts()
        self._row = self._column = self._next_column = 0
        self._rows = 1
        self._cell: Attributes = {}
        self._text: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "table":
            self._facts = self._totals.open_sheet()
            self._facts = self.sheets.setdefault(self._without_namespaces(attributes).get("name", ""), self._facts)
            self._row = self._next_column = 0
        elif name == "table-column":
            local_attributes = self._without_namespaces(attributes)
            column_count = repeat_count(local_attributes, "number-columns-repeated")
            if local_attributes.get("visibility", "visible") != "visible":
                self._facts.add_hidden_columns(self._next_column, column_count)
            self._next_column += column_count
        elif name == "table-row":
            local_attributes = self._without_namespaces(attributes)
            self._rows = repeat_count(local_attributes, "number-rows-repeated")
            self._column = 0
            if local_attributes.get("visibility", "visible") != "visible":
                self._facts.add_hidden_rows(self._row, self._rows)
        elif name in {"table-cell", "covered-table-cell"}:
            self._cell = self._without_namespaces(attributes)
            self._text.clear()
            self._spaces = 0
            self.on_text(self._text.append)
        elif name == "s":
            # One element stands for several spaces (OpenDocument 1.3, part 3, 6.1.3).
            self._spaces += repeat_count(self._without_namespaces(attributes), "c")
        elif name == "annotation":
            # A comment on a cell is not part of its content.
            self.on_text(None)

    def end(self, name: str) -> None:
        if name == "table-row":
            self._row += self._rows
        elif name == "table":
            self._totals.close_sheet(self._facts)
        elif name == "annotation":
            self.on_text(self._text.append)
        elif name in {"table-cell", "covered-table-cell"}:
            self.on_text(None)
            self._record_cell()
            self._column += repeat_count(self._cell, "number-columns-repeated")

    def _without_namespaces(self, attributes: Attributes) -> Attributes:
        """Return attributes by their names without namespace."""
        return {self.local[name]: value for name, value in attributes.items()}

    def _record_cell(self) -> None:
        text = "".join(self._text).strip()
        kind, formula = self._cell.get("value-type", ""), self._cell.get("formula", "")
        column_count = repeat_count(self._cell, "number-columns-repeated")
        rows_spanned = repeat_count(self._cell, "number-rows-spanned")
        columns_spanned = repeat_count(self._cell, "number-columns-spanned")
        if rows_spanned * columns_spanned > 1:
            self._facts.add_merged(
                self._row + 1, self._row + rows_spanned, self._column, self._column + columns_spanned - 1
            )
        chars = max(len(text) + self._spaces, len(self._cell.get("string-value", ""))) + len(formula)
        self._totals.add_chars(chars, self._rows * column_count)
        if not kind and not text and not formula:
            return
        self._facts.add_filled(self._row + self._rows - 1, self._column + column_count - 1, self._rows * column_count)
        is_error = self._cell.get("calcext:value-type") == "error" or (formula and text.startswith("#"))
        places = (
            (row, column)
            for row in range(self._row, self._row + self._rows)
            for column in range(self._column, self._column + column_count)
        )
        if kind == "percentage":
            self._facts.percents.update(places)
        elif is_error:
            self._facts.errors.update(dict.fromkeys(places, text or "#N/A"))
        elif formula and not kind:
            self._facts.formulas.update(dict.fromkeys(places, f"={formula.partition(':')[2].lstrip('=')}"))


def repeat_count(attributes: Attributes, name: str) -> int:
    """Return how often a row or a cell is repeated, or how many it spans; 1 by default."""
    return max(1, parse_int(attributes.get(name, "1")))


def scan_ods(archive: Archive) -> dict[str, SheetFacts]:
    """Scan the sheets of an `.ods` workbook; return the facts of each by its name."""
    scanner = _OpenDocument(archive.totals)
    scanner.scan(archive, "content.xml")
    return scanner.sheets
