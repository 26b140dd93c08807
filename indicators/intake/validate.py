"""Validation of one file: all findings in one pass, and the rows that a deposit would store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Final, TypeAlias

import polars as pl

from indicators.cached import cached_property
from indicators.definitions.campaigns import CampaignState
from indicators.definitions.roles import PSEUDONYM_PREFIX
from indicators.intake.cells.columns import parse_cells
from indicators.intake.cells.references import References
from indicators.intake.readers.child_process import read_file
from indicators.intake.readers.sheet import Sheet, UnreadableError
from indicators.intake.report import SAMPLE_SIZE, Report, SampleCell
from indicators.intake.rules import CollectionScope, RuleRun, apply_rules
from indicators.intake.rules.ambiguous_rates import resolve_ambiguous_rates
from indicators.intake.rules.personal_data import (
    mask_sheet_names,
    mask_values,
    report_personal_data,
)
from indicators.intake.rules.units import has_refused_unit, units_of
from indicators.intake.tables.header import Table, find_header, read_table
from indicators.snapshot import Snapshot, per_version
from schemas.datasets import REGISTER_DATASETS, find_violations
from schemas.findings import Finding, Severity

SEVERITY_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}
LARGE: Final = 8 * 2**20
"""Bytes of a file of which the rows are so many that the store is asked about them in the way for many."""
DIGEST_DIGITS: Final = 15
"""Hexadecimal digits of a digest that a 64-bit integer holds."""
STAGES: Final = ("reading", "cells", "rules", "comparing")
"""Stages of a validation, in order, as passed to `Progress`."""

Progress: TypeAlias = Callable[[str, float], None]
"""Called with the stage that begins and the share of the whole that is done, from 0 to 1."""


class Verdict(StrEnum):
    """The decision on a file: accepted, to confirm with a comment, refused."""

    ACCEPTED = "accepted"
    TO_CONFIRM = "to_confirm"
    REFUSED = "refused"


@dataclass(frozen=True)
class ValidationResult:
    """The result of validating a file: its dataset if recognised, its findings, the typed rows it would store.

    `scope` is the period and structure that the file was validated for.
    `source_table` holds the texts of the data rows, `parsed` the value of each cell, line for line.
    """

    file_name: str
    content: bytes
    dataset: str | None
    findings: tuple[Finding, ...]
    rows_read: int
    table: pl.DataFrame | None
    sheet_name: str | None = None
    source_table: Table | None = None
    parsed: pl.DataFrame | None = None
    scope: CollectionScope = field(default_factory=CollectionScope)

    @property
    def verdict(self) -> Verdict:
        """Refused if a finding blocks; to confirm if a finding needs a comment; else accepted."""
        severities = {finding.severity for finding in self.findings}
        if self.table is None or Severity.BLOCKING in severities:
            return Verdict.REFUSED
        return Verdict.TO_CONFIRM if Severity.CONFIRM in severities else Verdict.ACCEPTED

    @property
    def rows_accepted(self) -> int:
        """Number of rows that a deposit would store: 0 if the file is refused."""
        return 0 if self.table is None or self.verdict is Verdict.REFUSED else self.table.height

    @cached_property
    def sheet(self) -> Sheet | None:
        """The sheet as it stands in the file, read again on first use: it is large and rarely needed."""
        try:
            sheets = mask_sheet_names(read_file(self.content, self.file_name).sheets)
        except UnreadableError:
            return None
        return next((sheet for sheet in sheets if sheet.name == self.sheet_name), sheets[0])


def no_progress(stage: str, share: float) -> None:
    """Ignore the progress of a validation."""


def validate(
    snapshot: Snapshot,
    content: bytes,
    file_name: str,
    scope: CollectionScope,
    today: date,
    progress: Progress = no_progress,
) -> ValidationResult:
    """Read a file, check its contract and the business rules, and return all findings; nothing is written."""
    progress(STAGES[0], 0.0)
    try:
        opened = read_file(content, file_name, meanwhile=lambda: _prepare(snapshot, content))
    except UnreadableError as unreadable:
        return ValidationResult(file_name, content, None, (unreadable.finding,), 0, None)
    sheet, other_sheets = _pick_sheet(mask_sheet_names(opened.sheets))
    report = Report(sheet.name, findings=list(opened.findings))
    if other_sheets:
        # A single dataset sheet that is hidden is in its own list.
        other_names = ", ".join(str(other.name) for other in other_sheets)
        reason = "hidden" if other_sheets[0] is sheet else "several"
        report.add("F13", value=sheet.name, others=other_names, reason=reason)
    report_personal_data(opened.sheets, report, today)
    table = read_table(sheet, report, may_be_empty=REGISTER_DATASETS if scope.period else ())
    sheet_name = sheet.name
    # Freed before the cells are parsed: a large file is held in memory once.
    del opened, sheet, other_sheets
    if table is not None and table.dataset.by_network and scope.own is not None:
        report.add("I08", value=table.dataset.name, cause="dataset")
        return ValidationResult(file_name, content, table.dataset.name, _sort_findings(report), 0, None, sheet_name)
    if table is None:
        return ValidationResult(file_name, content, None, _sort_findings(report), 0, None, sheet_name)
    if table.texts.is_empty():
        if scope.own is not None and scope.structure is None:
            report.add("I08", cause="nobody")
        _report_empty_register(snapshot, scope, today, report)
    else:
        _report_same_file(snapshot, content, report)
    progress(STAGES[1], 0.25)
    parsed = parse_cells(table, References(snapshot), report)
    progress(STAGES[2], 0.6)
    if table.dataset.name == "measures":
        parsed = _add_capped_flag(resolve_ambiguous_rates(table, parsed, snapshot.catalogue, report), snapshot)
    _check_contract(table, parsed, report)
    progress(STAGES[3], 0.75)
    accepted_rows = apply_rules(RuleRun(table, parsed, snapshot, scope, today, report))
    progress(STAGES[3], 1.0)
    return ValidationResult(
        file_name,
        content,
        table.dataset.name,
        _sort_findings(report),
        table.rows_read,
        accepted_rows,
        sheet_name,
        table,
        parsed,
        scope,
    )


def internal_error_result(file_name: str) -> ValidationResult:
    """Return the result for a file that an internal error kept from being validated: refused, with finding S01."""
    return ValidationResult(file_name, b"", None, (Finding("S01", Severity.BLOCKING),), 0, None)


def _sort_findings(report: Report) -> tuple[Finding, ...]:
    """Return the findings, most severe first, then from the top of the sheet down."""
    findings = mask_values(report.findings)
    return tuple(
        sorted(findings, key=lambda finding: (SEVERITY_RANK[finding.severity], finding.row or 0, finding.code))
    )


def _pick_sheet(sheets: Sequence[Sheet]) -> tuple[Sheet, list[Sheet]]:
    """Return the sheet to read, and the others that could have been meant: they have the header of a dataset too."""
    dataset_sheets = [sheet for sheet in sheets if find_header(sheet) is not None]
    visible_sheets = [sheet for sheet in (dataset_sheets or sheets) if sheet.visible]
    chosen = (visible_sheets or dataset_sheets or list(sheets))[0]
    return chosen, [sheet for sheet in dataset_sheets if sheet is not chosen] or (
        [] if chosen.visible or not dataset_sheets else [chosen]
    )


def _add_capped_flag(parsed: pl.DataFrame, snapshot: Snapshot) -> pl.DataFrame:
    """Add `capped`, whether a row's numerator is a part of its denominator, for the contract of `measures`.

    Counts with a refused unit are not compared.
    """
    indicator_column = pl.col("indicator")
    capped = indicator_column.is_in(
        [indicator.id for indicator in snapshot.catalogue if indicator.is_capped]
    ).fill_null(value=False)
    allowed = {indicator.id: units_of(indicator) for indicator in snapshot.catalogue}
    for place, name in enumerate(("numerator", "denominator")):
        if parsed[f"{name}:unit"].null_count() < parsed.height:
            units = {indicator: own[place] for indicator, own in allowed.items()}
            allowed_unit = indicator_column.replace_strict(units, default=None, return_dtype=pl.String)
            capped &= ~has_refused_unit(name, allowed_unit)
    return parsed.with_columns(capped.alias("capped"))


def _check_contract(table: Table, parsed: pl.DataFrame, report: Report) -> None:
    """Report the violations of the contract; a cell reported as unreadable is not reported as empty as well."""
    # A file may violate it in a million cells.
    violated_lines: dict[tuple[str, str], list[int]] = {}
    for violation in find_violations(table.dataset, parsed):
        violated_lines.setdefault((violation.code, violation.field), []).append(violation.index)
    texts = {column.name: column for column in table.texts}
    causes: dict[tuple[str, str], list[int]] = {}
    for (code, at), lines in violated_lines.items():
        if code != "C01":
            causes[code, at] = lines
        elif at in report.columns:  # else the whole column is missing, and is reported already
            absences = parsed.get_column(f"{at}:absence", default=None)
            cells = pl.DataFrame({"line": lines, "text": texts[at].gather(lines)})
            stated_absences = pl.lit(None) if absences is None else absences.gather(lines)
            empty = cells.filter(pl.col("text").is_null())["line"].to_list()
            absent = cells.filter(pl.col("text").is_not_null() & stated_absences.is_not_null())["line"].to_list()
            causes |= {(name, at): found for name, found in (("C01", empty), ("C02", absent)) if found}
    for (code, at), cause_lines in causes.items():
        # The column selects the sentence, where a code has another one for it than for measures.
        sample: list[SampleCell] = [(index, texts[at][index], None, {"of": at}) for index in cause_lines[:SAMPLE_SIZE]]
        report.add_sample(code, sample, len(cause_lines), Severity.BLOCKING if code == "C02" else None, at)


def _report_empty_register(snapshot: Snapshot, scope: CollectionScope, today: date, report: Report) -> None:
    """Report that a register without rows declares that nothing happened (F01); refused for a future period (B02)."""
    if scope.period is None:
        return
    campaign = snapshot.campaigns.in_force(scope.period, scope.structure, today)
    if campaign.state(today) is CampaignState.FUTURE:
        report.add("B02", value=scope.period.code, state=CampaignState.FUTURE.value, opens=campaign.opens.isoformat())
    report.add("F01", Severity.INFO, wanted=scope.period.code)


def _prepare(snapshot: Snapshot, content: bytes) -> None:
    """Cache what every file is compared with: another process reads the file meanwhile.

    Not in a thread of its own: polars can take Ctrl-C for that thread's, and the command would go on.
    """
    _ = snapshot.structures, snapshot.set_aside
    if len(content) >= LARGE:
        _ = snapshot.overlapping_deposits


def _report_same_file(snapshot: Snapshot, content: bytes, report: Report) -> None:
    """Tell that these very bytes are in force already (F11): the start of a digest says that they are not."""
    digest = sha256(content).hexdigest()
    if not (_query_digests(snapshot) == int(digest[:DIGEST_DIGITS], 16)).any():
        return
    for moment, author in snapshot.query("deposits_of_a_file", sha256=digest).iter_rows():
        # Nobody is told under which pseudonym somebody deposits.
        if str(author).startswith(PSEUDONYM_PREFIX):
            report.add("F11", date=str(moment)[:10], cause="member")
        else:
            report.add("F11", date=str(moment)[:10], author=str(author))


@per_version
def _query_digests(snapshot: Snapshot) -> pl.Series:
    """Return the first digits of the digest of every deposited file, as integers."""
    return snapshot.query("file_digests", digits=DIGEST_DIGITS)["digest"]
