"""From texts to typed columns: each distinct text of a column is read once, with what is to be said of it.

A contract run on unread text is wrong (one « NC » hides the other errors of its column), so reading comes first.
What is plainly written, nearly every cell of a large file, is read a whole column at a time; the grammar reads the
rest.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from indicators.figures.figure import Status
from indicators.intake.cells import numbers
from indicators.intake.cells.bulk_numbers import read_plain_numbers
from indicators.intake.cells.cell_types import Kind, ReadCell, kind_of
from indicators.intake.cells.code_columns import CODE_COLUMNS
from indicators.intake.cells.numbers import LONGEST, number_made_a_date
from indicators.intake.cells.references import References, Told
from indicators.intake.report import SAMPLE, Line, Report
from indicators.intake.tables.header import Table
from schemas.columns import POLARS_TYPE, Cell, Column
from schemas.findings import Severity

_ODD_ENDS: Final = (
    r"^(?:[\s=+@'#\x{200B}-\x{200D}\x{2060}\x{FEFF}]|(?i:err|error|erreur|fout)[ \x{A0}]?:)"
    r"|[\s\x{200B}-\x{200D}\x{2060}\x{FEFF}]$"
)
"""Free texts of which there may be something to say for how they begin or end."""
UNREADABLE: Final = 5_000
"""Different texts of a column that can be refused, or asked about, before the others are not read at all."""
ABSENCES: Final = pl.Enum([Status.MISSING.value, Status.NOT_APPLICABLE.value])
UNITS: Final = pl.Enum(numbers.UNITS.values())
"""What stands beside a number, nearly always nothing: a byte a row, where texts would take sixteen."""


def read_cells(table: Table, references: References, report: Report) -> pl.DataFrame:
    """Type every column of a table.

    The frame has the dataset's fields, typed, with null where a cell is empty, absent or could not be read; for each
    number `<field>:absence` (`missing`, `not_applicable` or null), `<field>:decimals` (how many were typed) and
    `<field>:unit` (`%`, `h`, `€` or null); and `line`, the spreadsheet row. What could not be read is in the report.
    """
    columns: list[pl.Series] = [table.rows.cast(pl.Int32).alias("line")]
    for column in table.dataset.columns:
        columns += _ColumnReader(table, column, references, report).read()
    return pl.DataFrame(columns)


def _stands_against(told: Told) -> bool:
    """Whether what is told of a text makes it doubtful that the column is what its title says.

    What may be thousands does not: its row may yet say which it is. A new code does, where there are thousands of them.
    """
    return (told.severity is Severity.BLOCKING and told.code != "C04") or told.code == "C20"


class _ColumnReader:
    """What reading one column needs: its texts, what they may name, where to tell what is wrong."""

    def __init__(self, table: Table, column: Column, references: References, report: Report) -> None:
        self.dataset = table.dataset.name
        self.column = column
        self.texts: pl.Series = table.texts[column.name]
        self.formulas = table.formulas
        self.typed = table.typed
        self.references = references
        self.report = report
        self.type: pl.DataType = POLARS_TYPE.get(column.cell, pl.String())

    def read(self) -> list[pl.Series]:
        """Return the typed column and, for numbers, what goes with it."""
        if self.type.is_numeric():
            return self._read_numbers()
        if self.texts.null_count() == len(self.texts):
            return [pl.Series(self.column.name, self.texts, dtype=self.type)]
        free = self.column.cell is Cell.TEXT and (self.dataset, self.column.name) not in CODE_COLUMNS
        texts = self._odd_texts() if free else self.texts
        distinct = texts.unique(maintain_order=True).drop_nulls()
        readings = self._read_and_tell(distinct, self.texts.alias("text").to_frame().with_row_index("line"))
        return [self._spread(distinct, readings).alias(self.column.name)]

    def _read_and_tell(self, distinct: pl.Series, cells: pl.DataFrame) -> Mapping[str, ReadCell]:
        """Read each text once, and report by cause the cells (`line`, `text`) of which there is something to say."""
        kind = kind_of(self.dataset, self.column, self.references, self.formulas, distinct, self.typed)
        readings: dict[str, ReadCell] = {}
        refused = 0
        for text in distinct:
            readings[text] = found = kind.read(text)
            refused += found.told is not None and _stands_against(found.told)
            if refused == UNREADABLE:
                self._give_up(cells, readings)
                break
        self._tell(cells, kind, readings)
        return readings

    def _give_up(self, cells: pl.DataFrame, readings: Mapping[str, ReadCell]) -> None:
        """Tell that the cells with other texts were not read: the column is not what its title says."""
        unread = cells.filter(pl.col("text").is_not_null() & ~pl.col("text").is_in(list(readings)))
        if unread.height:
            first = unread.row(0, named=True)
            sample: list[Line] = [(first["line"], first["text"], None, {"limit": UNREADABLE, "of": "unread"})]
            self.report.tell_each("F05", sample, unread.height, None, self.column.name)

    def _odd_texts(self) -> pl.Series:
        """Return the free texts of which something may have to be said: most need no reading at all."""
        text = pl.col(self.texts.name)
        length = text.str.len_chars()
        odd = (
            text.str.contains(_ODD_ENDS)
            | (length > self.column.longest)
            | ((length <= LONGEST) & ~text.str.contains(r"[0-9]"))  # an absence has no figure in it
            | text.is_in(list(self.formulas))
        )
        return self.texts.drop_nulls().to_frame().filter(odd).to_series()

    def _spread(self, distinct: pl.Series, readings: Mapping[str, ReadCell]) -> pl.Series:
        """Give each row the value of its text; most columns hold their values as they are."""
        if self.type != pl.String() or len(readings) < len(distinct):
            values = pl.Series([reading.value for reading in readings.values()], dtype=self.type)
            known = distinct.head(len(readings))
            return self.texts.replace_strict(known, values, default=None, return_dtype=self.type)
        changed = {text: reading.value for text, reading in readings.items() if reading.value != text}
        if not changed:
            return self.texts
        return self.texts.replace(
            pl.Series(list(changed), dtype=pl.String), pl.Series(list(changed.values()), dtype=pl.String)
        )

    def _read_numbers(self) -> list[pl.Series]:
        """Read a column of numbers: what is plain at once, then each other text."""
        plain = read_plain_numbers(self.texts, self.type, self.typed)
        values, decimals = plain.values, plain.decimals
        nothing = (pl.Series([None], dtype=words).new_from_index(0, len(self.texts)) for words in (ABSENCES, UNITS))
        absences, units = nothing
        if len(plain.left):
            odd = self._read_odd_numbers(plain.left)
            values, decimals = values.scatter(plain.left, odd["value"]), decimals.scatter(plain.left, odd["decimals"])
            absences, units = self._among_all(plain.left, odd["absence"]), self._among_all(plain.left, odd["unit"])
        parts = {"": values, ":absence": absences, ":decimals": decimals, ":unit": units}
        return [part.alias(f"{self.column.name}{name}") for name, part in parts.items()]

    def _read_odd_numbers(self, lines: pl.Series) -> pl.DataFrame:
        """Read the numbers of some lines by the grammar: value, decimals, absence, unit."""
        cells = pl.DataFrame({"line": lines, "text": self.texts.gather(lines)})
        readings = self._read_and_tell(cells["text"].unique(maintain_order=True), cells)
        known = pl.DataFrame(
            [(text, cell.value, cell.decimals, cell.absence, cell.unit) for text, cell in readings.items()],
            schema={
                "text": pl.String(),
                "value": self.type,
                "decimals": pl.Int8(),
                "absence": ABSENCES,
                "unit": UNITS,
            },
            orient="row",
        )
        return cells.join(known, on="text", how="left", maintain_order="left")

    def _among_all(self, lines: pl.Series, values: pl.Series) -> pl.Series:
        """Put the values of some lines among all the lines of the table, null elsewhere."""
        places = pl.Series([None], dtype=pl.UInt32).new_from_index(0, len(self.texts))
        return values.gather(places.scatter(lines, pl.int_range(len(lines), dtype=pl.UInt32, eager=True)))

    def _tell(self, cells: pl.DataFrame, kind: Kind, readings: Mapping[str, ReadCell]) -> None:
        said = {text: reading.told for text, reading in readings.items() if reading.told}
        if not said:
            return
        causes: dict[tuple[str, Severity], int] = {}
        numbers = [causes.setdefault((told.code, told.severity), len(causes)) for told in said.values()]
        known = pl.DataFrame({"text": list(said), "cause": numbers}, schema={"text": pl.String, "cause": pl.UInt32})
        hits = cells.join(known, on="text", how="inner", maintain_order="left")
        counts = dict(hits.group_by("cause").len().iter_rows())
        shown = hits.group_by("cause", maintain_order=True).head(SAMPLE)
        facts = self._facts()
        for (code, severity), cause in causes.items():
            sample = (
                (line, text, kind.suggestion(text, said[text]), facts | self._guess(code, text))
                for line, text in shown.filter(pl.col("cause") == cause).select("line", "text").iter_rows()
            )
            self.report.tell_each(code, sample, counts[cause], severity, self.column.name)

    def _guess(self, code: str, text: str) -> dict[str, str | int]:
        """Say what may have happened to a number that cannot be read: a spreadsheet made a date of it."""
        made = code == "C03" and self.type.is_numeric() and number_made_a_date(text) is not None
        return {"guess": "date"} if made else {}

    def _facts(self) -> dict[str, str | int]:
        """What the sentence of a finding may need to know of the column."""
        words = self.references.regions if self.column.cell is Cell.REGION else self.column.words
        facts: dict[str, str | int] = {"longest": self.column.longest, "words": ", ".join(words)}
        if self.column.cell in {Cell.PERIOD, Cell.DATE}:
            facts["of"] = "period" if self.column.cell is Cell.PERIOD else "date"
        return facts
