"""The findings of one file, collected in one pass: each cause with its full count and a sample of its rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeAlias

import polars as pl

from schemas.findings import SEVERITIES_BY_CODE, Fact, Finding, Severity

MAX_QUOTED_CHARS: Final = 1_000
"""Characters of a cell that a report quotes."""
SAMPLE_SIZE: Final = 50
"""Cells listed for one cause; its count covers all of them."""

SampleCell: TypeAlias = tuple[int, str | None, str | None, Mapping[str, Fact]]
"""One cell of a cause: table line counted from 0, text, suggestion, values that fill the sentence."""


@dataclass(frozen=True)
class SheetColumn:
    """A column as the spreadsheet shows it: its letter, if the file has the column, and its header."""

    letter: str | None
    header: str


@dataclass
class Report:
    """Findings being collected for a sheet.

    `rows` gives the spreadsheet row of each table line, counted from 0; `columns` the sheet's column of each field.
    """

    sheet: str | None = None
    rows: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.UInt32))
    columns: Mapping[str, SheetColumn] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[str] = frozenset()
    """Rows and column letters that the spreadsheet hides: findings in them are marked `hidden`."""

    def add(
        self,
        code: str,
        severity: Severity | None = None,
        *,
        row: int | None = None,
        at: SheetColumn | str | None = None,
        value: str | None = None,
        suggestion: str | None = None,
        count: int = 1,
        **values: Fact,
    ) -> None:
        """Add one finding, located by a spreadsheet row and by a column or field of the dataset where known."""
        column = self.columns.get(at, SheetColumn(None, at)) if isinstance(at, str) else at
        if row in self.hidden_rows:
            values["hidden"] = "row"
        elif column and column.letter in self.hidden_columns:
            values["hidden"] = "column"
        self.findings.append(
            Finding(
                code,
                severity or SEVERITIES_BY_CODE[code][0],
                self.sheet,
                row,
                column.letter if column else None,
                column.header if column else None,
                value if value is None or len(value) <= MAX_QUOTED_CHARS else f"{value[:MAX_QUOTED_CHARS]}…",
                suggestion,
                count,
                values,
            )
        )

    def add_sample(
        self,
        code: str,
        cells: Iterable[SampleCell],
        count: int,
        severity: Severity | None = None,
        at: str | None = None,
    ) -> None:
        """Add findings of one cause for several table lines, at most `SAMPLE_SIZE` of them."""
        for index, value, suggestion, values in islice(cells, SAMPLE_SIZE):
            self.add(
                code,
                severity,
                row=int(self.rows[index]),
                at=at,
                value=value,
                suggestion=suggestion,
                count=count,
                **values,
            )

    def discard(self, code: str, severity: Severity, at: str) -> None:
        """Remove the findings of a code and severity on a field, before a rule with more context reports them again."""
        column = self.columns.get(at, SheetColumn(None, at))
        discarded = (code, severity, column.letter, column.header)
        self.findings = [f for f in self.findings if (f.code, f.severity, f.column, f.header) != discarded]

    @property
    def blocked(self) -> bool:
        """Whether a blocking finding refuses the file."""
        return any(finding.severity is Severity.BLOCKING for finding in self.findings)
