"""Parsing of a table's texts into typed columns: each distinct text of a column is parsed once, with its notice.

A contract run on unparsed text is wrong (one « NC » hides the other errors of its column): parsing comes first.
Plain values, nearly every cell of a large file, are parsed a whole column at a time; the grammar parses the rest.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from indicators.figures.figure import Status
from indicators.intake.cells import numbers
from indicators.intake.cells.bulk_numbers import parse_plain_numbers
from indicators.intake.cells.cell_types import CellParser, ParsedCell, parser_for
from indicators.intake.cells.code_columns import CODE_COLUMNS
from indicators.intake.cells.numbers import MAX_NUMBER_CHARS, number_behind_date
from indicators.intake.cells.references import CellNotice, References
from indicators.intake.report import SAMPLE_SIZE, Report, SampleCell
from indicators.intake.tables.header import Table
from schemas.columns import POLARS_TYPE, CellType, Column
from schemas.findings import Severity

_ODD_ENDS: Final = (
    r"^(?:[\s=+@'#\x{200B}-\x{200D}\x{2060}\x{FEFF}]|(?i:err|error|erreur|fout)[ \x{A0}]?:)"
    r"|[\s\x{200B}-\x{200D}\x{2060}\x{FEFF}]$"
)
"""Free texts that may need a notice for how they begin or end."""
MAX_REFUSED_TEXTS: Final = 5_000
"""Most distinct texts of a column that are refused or need confirmation before the rest is left unparsed."""
ABSENCE_TYPE: Final = pl.Enum([Status.MISSING.value, Status.NOT_APPLICABLE.value])
UNIT_TYPE: Final = pl.Enum(numbers.UNITS.values())
"""Type of the unit of a number, nearly always null: one byte a row, where texts would take sixteen."""


def parse_cells(table: Table, references: References, report: Report) -> pl.DataFrame:
    """Parse every column of a table into its type; report the cells that cannot be parsed.

    The frame has the dataset's fields, typed, with null where a cell is empty, absent or could not be parsed; for each
    number `<field>:absence` (`missing`, `not_applicable` or null), `<field>:decimals` (how many were typed) and
    `<field>:unit` (`%`, `h`, `€` or null); and `line`, the spreadsheet row.
    """
    columns: list[pl.Series] = [table.rows.cast(pl.Int32).alias("line")]
    for column in table.dataset.columns:
        columns += _ColumnParser(table, column, references, report).parse()
    return pl.DataFrame(columns)


def _is_refused(notice: CellNotice) -> bool:
    """Whether a notice makes it doubtful that the column is what its title says.

    A number that may be in thousands (C04) does not: its row may decide it. A new code (C20) does, in large numbers.
    """
    return (notice.severity is Severity.BLOCKING and notice.code != "C04") or notice.code == "C20"


class _ColumnParser:
    """Parser of one column: its texts, the references that they may make, the report of their notices."""

    def __init__(self, table: Table, column: Column, references: References, report: Report) -> None:
        self.dataset = table.dataset.name
        self.column = column
        self.texts: pl.Series = table.texts[column.name]
        self.formulas = table.formulas
        self.number_texts = table.number_texts
        self.references = references
        self.report = report
        self.type: pl.DataType = POLARS_TYPE.get(column.cell_type, pl.String())

    def parse(self) -> list[pl.Series]:
        """Return the typed column and, for numbers, their absences, decimals and units."""
        if self.type.is_numeric():
            return self._parse_numbers()
        if self.texts.null_count() == len(self.texts):
            return [pl.Series(self.column.name, self.texts, dtype=self.type)]
        is_free_text = self.column.cell_type is CellType.TEXT and (self.dataset, self.column.name) not in CODE_COLUMNS
        texts = self._odd_texts() if is_free_text else self.texts
        distinct = texts.unique(maintain_order=True).drop_nulls()
        parsed = self._parse_and_report(distinct, self.texts.alias("text").to_frame().with_row_index("line"))
        return [self._values_by_row(distinct, parsed).alias(self.column.name)]

    def _parse_and_report(self, distinct: pl.Series, cells: pl.DataFrame) -> Mapping[str, ParsedCell]:
        """Parse each text once, and report by cause the cells (`line`, `text`) that have a notice."""
        parser = parser_for(self.dataset, self.column, self.references, self.formulas, distinct, self.number_texts)
        parsed: dict[str, ParsedCell] = {}
        refused = 0
        for text in distinct:
            parsed[text] = cell = parser.parse(text)
            refused += cell.notice is not None and _is_refused(cell.notice)
            if refused == MAX_REFUSED_TEXTS:
                self._report_unparsed(cells, parsed)
                break
        self._report_notices(cells, parser, parsed)
        return parsed

    def _report_unparsed(self, cells: pl.DataFrame, parsed: Mapping[str, ParsedCell]) -> None:
        """Report that the cells with other texts were not parsed (F05): the column is not what its title says."""
        unparsed = cells.filter(pl.col("text").is_not_null() & ~pl.col("text").is_in(list(parsed)))
        if unparsed.height:
            first = unparsed.row(0, named=True)
            sample: list[SampleCell] = [
                (first["line"], first["text"], None, {"limit": MAX_REFUSED_TEXTS, "of": "unread"})
            ]
            self.report.add_sample("F05", sample, unparsed.height, None, self.column.name)

    def _odd_texts(self) -> pl.Series:
        """Return the free texts that may need a notice: most need no parsing at all."""
        text = pl.col(self.texts.name)
        length = text.str.len_chars()
        is_odd = (
            text.str.contains(_ODD_ENDS)
            | (length > self.column.max_chars)
            | ((length <= MAX_NUMBER_CHARS) & ~text.str.contains(r"[0-9]"))  # an absence has no digit in it
            | text.is_in(list(self.formulas))
        )
        return self.texts.drop_nulls().to_frame().filter(is_odd).to_series()

    def _values_by_row(self, distinct: pl.Series, parsed: Mapping[str, ParsedCell]) -> pl.Series:
        """Return the value of each row from that of its text; in most columns they are equal."""
        if self.type != pl.String() or len(parsed) < len(distinct):
            values = pl.Series([cell.value for cell in parsed.values()], dtype=self.type)
            parsed_texts = distinct.head(len(parsed))
            return self.texts.replace_strict(parsed_texts, values, default=None, return_dtype=self.type)
        changed = {text: cell.value for text, cell in parsed.items() if cell.value != text}
        if not changed:
            return self.texts
        return self.texts.replace(
            pl.Series(list(changed), dtype=pl.String), pl.Series(list(changed.values()), dtype=pl.String)
        )

    def _parse_numbers(self) -> list[pl.Series]:
        """Parse a column of numbers: plain ones in bulk, then each other distinct text."""
        plain = parse_plain_numbers(self.texts, self.type, self.number_texts)
        values, decimals = plain.values, plain.decimals
        empty_columns = (
            pl.Series([None], dtype=enum_type).new_from_index(0, len(self.texts))
            for enum_type in (ABSENCE_TYPE, UNIT_TYPE)
        )
        absences, units = empty_columns
        if len(plain.remaining):
            parsed = self._parse_odd_numbers(plain.remaining)
            values, decimals = (
                values.scatter(plain.remaining, parsed["value"]),
                decimals.scatter(plain.remaining, parsed["decimals"]),
            )
            absences, units = (
                self._scatter_to_rows(plain.remaining, parsed["absence"]),
                self._scatter_to_rows(plain.remaining, parsed["unit"]),
            )
        parts = {"": values, ":absence": absences, ":decimals": decimals, ":unit": units}
        return [part.alias(f"{self.column.name}{name}") for name, part in parts.items()]

    def _parse_odd_numbers(self, lines: pl.Series) -> pl.DataFrame:
        """Parse the numbers of some lines by the grammar: value, decimals, absence, unit."""
        cells = pl.DataFrame({"line": lines, "text": self.texts.gather(lines)})
        parsed = self._parse_and_report(cells["text"].unique(maintain_order=True), cells)
        parsed_frame = pl.DataFrame(
            [(text, cell.value, cell.decimals, cell.absence, cell.unit) for text, cell in parsed.items()],
            schema={
                "text": pl.String(),
                "value": self.type,
                "decimals": pl.Int8(),
                "absence": ABSENCE_TYPE,
                "unit": UNIT_TYPE,
            },
            orient="row",
        )
        return cells.join(parsed_frame, on="text", how="left", maintain_order="left")

    def _scatter_to_rows(self, lines: pl.Series, values: pl.Series) -> pl.Series:
        """Spread the values of some lines over all lines of the table, null elsewhere."""
        places = pl.Series([None], dtype=pl.UInt32).new_from_index(0, len(self.texts))
        return values.gather(places.scatter(lines, pl.int_range(len(lines), dtype=pl.UInt32, eager=True)))

    def _report_notices(self, cells: pl.DataFrame, parser: CellParser, parsed: Mapping[str, ParsedCell]) -> None:
        notices = {text: cell.notice for text, cell in parsed.items() if cell.notice}
        if not notices:
            return
        causes: dict[tuple[str, Severity], int] = {}
        numbers = [causes.setdefault((notice.code, notice.severity), len(causes)) for notice in notices.values()]
        notice_causes = pl.DataFrame(
            {"text": list(notices), "cause": numbers}, schema={"text": pl.String, "cause": pl.UInt32}
        )
        hits = cells.join(notice_causes, on="text", how="inner", maintain_order="left")
        counts = dict(hits.group_by("cause").len().iter_rows())
        sample_cells = hits.group_by("cause", maintain_order=True).head(SAMPLE_SIZE)
        facts = self._facts()
        for (code, severity), cause in causes.items():
            sample = (
                (line, text, parser.suggestion(text, notices[text]), facts | self._guess(code, text))
                for line, text in sample_cells.filter(pl.col("cause") == cause).select("line", "text").iter_rows()
            )
            self.report.add_sample(code, sample, counts[cause], severity, self.column.name)

    def _guess(self, code: str, text: str) -> dict[str, str | int]:
        """Return the likely cause of an unparsable number: a spreadsheet converted it to a date."""
        is_date = code == "C03" and self.type.is_numeric() and number_behind_date(text) is not None
        return {"guess": "date"} if is_date else {}

    def _facts(self) -> dict[str, str | int]:
        """Return the facts on the column that the sentence of a finding may need."""
        words = self.references.regions if self.column.cell_type is CellType.REGION else self.column.vocabulary
        facts: dict[str, str | int] = {"longest": self.column.max_chars, "words": ", ".join(words)}
        if self.column.cell_type in {CellType.PERIOD, CellType.DATE}:
            facts["of"] = "period" if self.column.cell_type is CellType.PERIOD else "date"
        return facts
