"""A file examined: everything there is to say of it in one round, and the rows it would store."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Final, TypeAlias

import polars as pl

from indicators.cached import cached_property
from indicators.definitions.campaigns import State, campaign
from indicators.intake.cells.columns import read_cells
from indicators.intake.cells.references import References
from indicators.intake.readers.child_process import read_file
from indicators.intake.readers.sheet import Sheet, UnreadableError
from indicators.intake.report import SAMPLE, Line, Report
from indicators.intake.rules import Collected, Rules, apply_rules
from indicators.intake.rules.ambiguous_rates import decide_rates
from indicators.intake.rules.personal_data import (
    named_without_personal_data,
    tell_personal_data,
    without_values,
)
from indicators.intake.rules.units import refused, units_of
from indicators.intake.tables.header import Table, find_header, read_table
from indicators.network import Reading
from schemas.datasets import REGISTERS, violations
from schemas.findings import Finding, Severity

ORDER: Final = {severity: rank for rank, severity in enumerate(Severity)}
LARGE: Final = 8 * 2**20
"""Bytes of a file of which the rows are so many that the store is asked about them in the way for many."""
DIGITS: Final = 15
"""Hexadecimal digits of a digest that a whole number of 64 bits holds."""
STAGES: Final = ("reading", "cells", "rules", "comparing")
"""What an examination goes through, in order, as told to who waits for it."""

Progress: TypeAlias = Callable[[str, float], None]
"""Told the stage that begins and the share of the whole that is done, from 0 to 1."""


class Verdict(StrEnum):
    """What becomes of a file."""

    ACCEPTED = "accepted"
    TO_CONFIRM = "to_confirm"
    REFUSED = "refused"


@dataclass(frozen=True)
class Examination:
    """A file looked at: its dataset if it was recognised, what is to be said, the typed rows it would store.

    `collected` is what it was examined for, and from whom.
    `read` holds its texts as they were understood to be data, `typed` what each cell was read as, line for line.
    """

    file_name: str
    content: bytes
    dataset: str | None
    findings: tuple[Finding, ...]
    rows_read: int
    table: pl.DataFrame | None
    sheet_name: str | None = None
    read: Table | None = None
    typed: pl.DataFrame | None = None
    collected: Collected = field(default_factory=Collected)

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

    @cached_property
    def sheet(self) -> Sheet | None:
        """The sheet as it stands in the file, read again when it is asked for: few ask, and it is large."""
        try:
            sheets = named_without_personal_data(read_file(self.content, self.file_name).sheets)
        except UnreadableError:
            return None
        return next((sheet for sheet in sheets if sheet.name == self.sheet_name), sheets[0])


def nothing_said(stage: str, share: float) -> None:
    """Tell nobody how far an examination is."""


def examine(
    reading: Reading,
    content: bytes,
    file_name: str,
    collected: Collected,
    today: date,
    progress: Progress = nothing_said,
) -> Examination:
    """Read a file, hold it against its contract and the rules, and say everything found; nothing is written."""
    progress(STAGES[0], 0.0)
    # Another process reads the file: what else it takes is made ready meanwhile.
    with ThreadPoolExecutor(1) as beside:
        preparing = beside.submit(_prepared, reading, content)
        try:
            opened = read_file(content, file_name)
        except UnreadableError as unreadable:
            return Examination(file_name, content, None, (unreadable.finding,), 0, None)
        digest = preparing.result()
    sheet, others = _chosen(named_without_personal_data(opened.sheets))
    report = Report(sheet.name, findings=list(opened.told))
    if others:
        # A lone sheet of ours that is hidden stands in its own list.
        named = ", ".join(str(other.name) for other in others)
        reason = "hidden" if others[0] is sheet else "several"
        report.tell("F13", value=sheet.name, others=named, reason=reason)
    tell_personal_data(opened.sheets, report, today)
    table = read_table(sheet, report, may_be_empty=REGISTERS if collected.period else ())
    name = sheet.name
    # What is not data any more is let go before it is read: a large file is held once.
    del opened, sheet, others
    if table is None:
        return Examination(file_name, content, None, _ordered(report), 0, None, name)
    if table.texts.is_empty():
        _tell_nothing_new(reading, collected, today, report)
    else:
        _tell_same_file(reading, digest, report)
    progress(STAGES[1], 0.25)
    typed = read_cells(table, References(reading), report)
    progress(STAGES[2], 0.6)
    if table.dataset.name == "measures":
        typed = _with_caps(decide_rates(table, typed, reading.catalogue, report), reading)
    _hold_contract(table, typed, report)
    progress(STAGES[3], 0.75)
    kept = apply_rules(Rules(table, typed, reading, collected, today, report))
    progress(STAGES[3], 1.0)
    return Examination(
        file_name, content, table.dataset.name, _ordered(report), table.rows_read, kept, name, table, typed, collected
    )


def failed(file_name: str) -> Examination:
    """Return what is said of a file that a failure on our side kept from being examined: nothing of it is stored."""
    return Examination(file_name, b"", None, (Finding("S01", Severity.BLOCKING),), 0, None)


def _ordered(report: Report) -> tuple[Finding, ...]:
    """Return the findings, gravest first, then from the top of the sheet down."""
    findings = without_values(report.findings)
    return tuple(sorted(findings, key=lambda said: (ORDER[said.severity], said.row or 0, said.code)))


def _chosen(sheets: Sequence[Sheet]) -> tuple[Sheet, list[Sheet]]:
    """Return the sheet that is read, and the others that could have been meant: they too name one of our datasets."""
    meant = [sheet for sheet in sheets if find_header(sheet) is not None]
    shown = [sheet for sheet in (meant or sheets) if sheet.visible]
    chosen = (shown or meant or list(sheets))[0]
    return chosen, [sheet for sheet in meant if sheet is not chosen] or (
        [] if chosen.visible or not meant else [chosen]
    )


def _with_caps(typed: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Say of each row whether its numerator is a part of its denominator: the contract of `measures` asks.

    Counts in a unit that is refused are no part of one another.
    """
    indicator = pl.col("indicator")
    capped = indicator.is_in([sheet.id for sheet in reading.catalogue if sheet.capped]).fill_null(value=False)
    allowed = {sheet.id: units_of(sheet) for sheet in reading.catalogue}
    for place, name in enumerate(("numerator", "denominator")):
        if typed[f"{name}:unit"].null_count() < typed.height:
            units = {sheet: own[place] for sheet, own in allowed.items()}
            own = indicator.replace_strict(units, default=None, return_dtype=pl.String)
            capped &= ~refused(name, own)
    return typed.with_columns(capped.alias("capped"))


def _hold_contract(table: Table, typed: pl.DataFrame, report: Report) -> None:
    """Tell what the contract refuses; a cell that was told unreadable is not told empty as well."""
    # A file may break it in a million cells.
    broken: dict[tuple[str, str], list[int]] = {}
    for violation in violations(table.dataset, typed):
        broken.setdefault((violation.code, violation.field), []).append(violation.index)
    texts = {column.name: column for column in table.texts}
    causes: dict[tuple[str, str], list[int]] = {}
    for (code, at), lines in broken.items():
        if code != "C01":
            causes[code, at] = lines
        elif at in report.places:  # else the whole column is missing, and was told
            absences = typed.get_column(f"{at}:absence", default=None)
            cells = pl.DataFrame({"line": lines, "text": texts[at].gather(lines)})
            stated = pl.lit(None) if absences is None else absences.gather(lines)
            empty = cells.filter(pl.col("text").is_null())["line"].to_list()
            absent = cells.filter(pl.col("text").is_not_null() & stated.is_not_null())["line"].to_list()
            causes |= {(name, at): found for name, found in (("C01", empty), ("C02", absent)) if found}
    for (code, at), found in causes.items():
        # Which column it is chooses the sentence, where a code says other things of it than of measures.
        sample: list[Line] = [(index, texts[at][index], None, {"of": at}) for index in found[:SAMPLE]]
        report.tell_each(code, sample, len(found), Severity.BLOCKING if code == "C02" else None, at)


def _tell_nothing_new(reading: Reading, collected: Collected, today: date, report: Report) -> None:
    """Tell that a register without a row says that nothing happened; of a period that is not over nobody can."""
    if collected.period is None:
        return
    found = campaign(reading, collected.period, collected.structure, today)
    if found.state(today) is State.FUTURE:
        report.tell("B02", value=collected.period.code, state=State.FUTURE.value, opens=found.opens.isoformat())
    report.tell("F01", Severity.INFO, wanted=collected.period.code)


def _prepared(reading: Reading, content: bytes) -> str:
    """Ask the store for what every file is held against, and return the digest of this one."""
    _ = reading.structures, reading.withdrawn
    if len(content) >= LARGE:
        _ = reading.contested
    return sha256(content).hexdigest()


def _tell_same_file(reading: Reading, digest: str, report: Report) -> None:
    """Tell that these very bytes are in force already (F11): the start of a digest says that they are not."""
    known = reading.once("digests", lambda: _digests(reading))
    if not (known == int(digest[:DIGITS], 16)).any():
        return
    sql = (
        "select submitted_at, author from lake.deposits"
        " where sha256 = $sha256 and not list_contains($withdrawn, deposit) order by sequence desc limit 1"
    )
    for moment, author in reading.cursor.rows(sql, sha256=digest, withdrawn=reading.withdrawn):
        report.tell("F11", date=str(moment)[:10], author=str(author))


def _digests(reading: Reading) -> pl.Series:
    """Return the start of the digest of every file deposited, as a number."""
    sql = f"select ('0x' || left(sha256, {DIGITS}))::bigint as digest from lake.deposits where sha256 is not null"  # noqa: S608 - a number of ours
    return reading.cursor.frame(sql)["digest"]
