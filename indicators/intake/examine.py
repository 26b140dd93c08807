"""A file examined: everything there is to say of it in one round, and the rows it would store."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Final

import polars as pl

from indicators.intake.cells import read_cells
from indicators.intake.header import Table, read_table
from indicators.intake.references import References
from indicators.intake.report import SAMPLE, Line, Report
from indicators.intake.rules import Collected, Rules, apply_rules
from indicators.intake.sheet import UnreadableError, read_sheet
from indicators.network import Reading
from schemas.datasets import Violation, violations
from schemas.findings import Finding, Severity

ORDER: Final = {severity: rank for rank, severity in enumerate(Severity)}


class Verdict(StrEnum):
    """What becomes of a file."""

    ACCEPTED = "accepted"
    TO_CONFIRM = "to_confirm"
    REFUSED = "refused"


@dataclass(frozen=True)
class Examination:
    """A file looked at: its dataset if it was recognised, what is to be said, the typed rows it would store."""

    file_name: str
    content: bytes
    dataset: str | None
    findings: tuple[Finding, ...]
    rows_read: int
    table: pl.DataFrame | None

    @property
    def verdict(self) -> Verdict:
        """Refused if anything blocks; to confirm if anything needs a comment; else accepted."""
        severities = {finding.severity for finding in self.findings}
        if self.table is None or Severity.BLOCKING in severities:
            return Verdict.REFUSED
        return Verdict.TO_CONFIRM if Severity.CONFIRM in severities else Verdict.ACCEPTED

    @property
    def rows_accepted(self) -> int:
        """Rows that a deposit would store: all that count, or none."""
        return 0 if self.table is None or self.verdict is Verdict.REFUSED else self.table.height


def examine(reading: Reading, content: bytes, file_name: str, collected: Collected, today: date) -> Examination:
    """Read a file, hold it against its contract and the rules, and say everything found; nothing is written."""
    report = Report()
    table: Table | None = None
    kept: pl.DataFrame | None = None
    try:
        sheet = read_sheet(content, file_name)
    except UnreadableError as unreadable:
        return Examination(file_name, content, None, (unreadable.finding,), 0, None)
    table = read_table(sheet, report)
    if table is not None:
        _tell_same_file(reading, content, report)
        typed = read_cells(table, References(reading), report)
        typed = _with_caps(typed, reading) if table.dataset.name == "measures" else typed
        _hold_contract(table, typed, report)
        kept = apply_rules(Rules(table, typed, reading, collected, today, report))
    findings = sorted(report.findings, key=lambda finding: (ORDER[finding.severity], finding.row or 0, finding.code))
    return Examination(
        file_name,
        content,
        table.dataset.name if table else None,
        tuple(findings),
        table.rows_read if table else 0,
        kept,
    )


def _with_caps(typed: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Say of each row whether its numerator is a part of its denominator: the contract of `measures` asks."""
    capped = [sheet.id for sheet in reading.catalogue if sheet.capped]
    return typed.with_columns(pl.col("indicator").is_in(capped).fill_null(value=False).alias("capped"))


def _hold_contract(table: Table, typed: pl.DataFrame, report: Report) -> None:
    """Tell what the contract refuses; a cell that was told unreadable is not told empty as well."""
    causes: dict[tuple[str, str | None], list[Violation]] = {}
    for violation in violations(table.dataset, typed):
        if violation.code == "C01" and violation.field not in report.places:
            continue  # the whole column is missing, and was told
        if violation.code == "C01" and violation.field and table.texts[violation.field][violation.index] is not None:
            if typed.get_column(f"{violation.field}:absence", default=None) is None:
                continue
            violation = Violation("C02", violation.field, violation.index)
        causes.setdefault((violation.code, violation.field), []).append(violation)
    for (code, field), found in causes.items():
        at = field or _culprit(code, table)
        sample: list[Line] = [(v.index, table.texts[at][v.index] if at else None, None, {}) for v in found[:SAMPLE]]
        report.tell_each(code, sample, len(found), Severity.BLOCKING if code == "C02" else None, at)


def _culprit(code: str, table: Table) -> str | None:
    """Return the field at which a rule across columns is told."""
    culprits = {"X01": ("numerator", "present"), "X06": ("closed_on", "due_on")}
    fields = {column.name for column in table.dataset.columns}
    return next((field for field in culprits.get(code, ()) if field in fields), None)


def _tell_same_file(reading: Reading, content: bytes, report: Report) -> None:
    sql = (
        "select submitted_at, author from lake.deposits"
        " where sha256 = $sha256 and not list_contains($withdrawn, deposit) order by submitted_at desc limit 1"
    )
    digest = sha256(content).hexdigest()
    for moment, author in reading.cursor.rows(sql, sha256=digest, withdrawn=reading.withdrawn):
        report.tell("F11", date=str(moment)[:10], author=str(author))
