"""The findings of one file, collected in one round: every cause with its true count and a sample of its rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeAlias

import polars as pl

from schemas.findings import CODES, Fact, Finding, Severity

LONGEST: Final = 1_000
"""Characters of a cell that a report repeats."""
SAMPLE: Final = 50
"""Cells listed for one cause; its count is always the true one."""

Line: TypeAlias = tuple[int, str | None, str | None, Mapping[str, Fact]]
"""One cell of a cause: the line of the table counted from 0, the text, the suggestion, what fills the sentence."""


@dataclass(frozen=True)
class Place:
    """A column as the person sees it: its letter, if the file has it, and the name at its head."""

    letter: str | None
    header: str


@dataclass
class Report:
    """Findings being collected; `rows` gives the spreadsheet row of each line of the table, counted from 0."""

    sheet: str | None = None
    rows: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.UInt32))
    places: Mapping[str, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[str] = frozenset()
    """Rows and column letters that the spreadsheet does not show: what is said of them says so."""

    def tell(
        self,
        code: str,
        severity: Severity | None = None,
        *,
        row: int | None = None,
        at: Place | str | None = None,
        value: str | None = None,
        suggestion: str | None = None,
        count: int = 1,
        **values: Fact,
    ) -> None:
        """Add one finding, at a spreadsheet row and a place or a field of the dataset where it has them."""
        place = self.places.get(at, Place(None, at)) if isinstance(at, str) else at
        if row in self.hidden_rows:
            values["hidden"] = "row"
        elif place and place.letter in self.hidden_columns:
            values["hidden"] = "column"
        self.findings.append(
            Finding(
                code,
                severity or CODES[code][0],
                self.sheet,
                row,
                place.letter if place else None,
                place.header if place else None,
                value if value is None or len(value) <= LONGEST else f"{value[:LONGEST]}…",
                suggestion,
                count,
                values,
            )
        )

    def tell_each(
        self,
        code: str,
        lines: Iterable[Line],
        count: int,
        severity: Severity | None = None,
        at: str | None = None,
    ) -> None:
        """Add the same cause for several lines of the table, sampled."""
        for line, value, suggestion, values in islice(lines, SAMPLE):
            self.tell(
                code,
                severity,
                row=int(self.rows[line]),
                at=at,
                value=value,
                suggestion=suggestion,
                count=count,
                **values,
            )

    def withdraw(self, code: str, severity: Severity, at: str) -> None:
        """Take back what was said of a field, for who knows more of its rows and says it anew."""
        place = self.places.get(at, Place(None, at))
        own = (code, severity, place.letter, place.header)
        self.findings = [f for f in self.findings if (f.code, f.severity, f.column, f.header) != own]

    @property
    def blocked(self) -> bool:
        """Whether anything found refuses the file."""
        return any(finding.severity is Severity.BLOCKING for finding in self.findings)
