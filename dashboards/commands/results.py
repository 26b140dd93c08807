"""What a command prints of a file, and of the figures that are no longer in force."""

import json
import sys
from collections.abc import Sequence
from typing import Final

import polars as pl

from dashboards.commands.terminal import err, out, print_plain
from dashboards.wording.finding_messages import (
    figure_lines,
    group_by_cause,
    group_sentence,
    hint_sentence,
    mention_hidden,
    message_sentence,
    shorten_cell,
    validation_json,
)
from dashboards.wording.translations import Translator
from indicators.intake.validate import ValidationResult, Verdict
from indicators.store.deposits import Receipt
from schemas.findings import Finding, Severity

CODES_WITH_BOTH_VALUES: Final = ("B04", "X03", "X05")
"""Codes whose message quotes a value and the one that it replaces or contradicts, different for each cell."""
MAX_PRINTED_ROWS: Final = 20
"""Rows printed for one cause; `--json` lists all."""
MAX_PRINTED_SUGGESTIONS: Final = 3
"""Distinct values printed with their suggestion."""


def print_result(
    examination: ValidationResult, verdict: Verdict, deposit: str | None, t: Translator, *, as_json: bool
) -> None:
    """Print the verdict, then the findings, gravest first."""
    if as_json:
        sys.stdout.write(json.dumps(validation_json(examination, verdict, deposit, t), ensure_ascii=False) + "\n")
        return
    row_counts = t("cli.rows", count=examination.rows_read, accepted=examination.rows_accepted)
    # A file name may contain terminal control characters.
    name = "".join(letter if letter.isprintable() else "\ufffd" for letter in examination.file_name)
    out.print(
        f"{name} : {t(f'verdict.{verdict.value}')} ({row_counts})",
        markup=False,
        style="bold",
    )
    for cause_findings in group_by_cause(examination.findings):
        _print_cause(cause_findings, t)
    if deposit:
        out.print(t("cli.stored", deposit=deposit), markup=False)


def print_clock_warning(receipt: Receipt, t: Translator) -> None:
    """Warn that this machine's clock is behind a moment already stored: one of the two is wrong."""
    if receipt.newer_moment:
        moments = {"moment": receipt.submitted_at, "newer": receipt.newer_moment}
        formatted_moments = {name: f"{moment:%Y-%m-%d %H:%M}" for name, moment in moments.items()}
        print_plain(t("cli.clock_behind", **formatted_moments), err)


def _print_cause(findings: Sequence[Finding], t: Translator) -> None:
    """Print the findings of one cause: description and count, location, suggestions, what to do."""
    first = findings[0]
    # A single finding about many cells, such as notes below the table, says so in its own message.
    is_single = len(findings) == 1
    location = f"{first.column or ''}{first.row or ''} " if is_single else ""
    sentence = message_sentence(first, t) if is_single else group_sentence(first, t)
    style = "red" if first.severity is Severity.BLOCKING else None
    severity = t(f"severity.{first.severity.value}")
    out.print(
        f"  {first.code} {severity} {location}{sentence}", markup=False, highlight=False, style=style, soft_wrap=True
    )
    lines = [] if is_single else [_row_list(findings, t)]
    if not is_single and first.code in CODES_WITH_BOTH_VALUES:
        cells = [f"{f.column or ''}{f.row or ''} {message_sentence(f, t)}" for f in findings]
        lines = [*cells[:MAX_PRINTED_ROWS], *(["…"] if first.count > min(len(cells), MAX_PRINTED_ROWS) else [])]
    suggestions = {f"{shorten_cell(f.value or '')} → {f.suggestion}": None for f in findings if f.suggestion}
    lines += [
        " ; ".join([*suggestions][:MAX_PRINTED_SUGGESTIONS])
        + (" …" if len(suggestions) > MAX_PRINTED_SUGGESTIONS else "")
    ]
    for line in filter(None, (*lines, hint_sentence(first, t))):
        out.print(f"      {line}", markup=False, highlight=False, style="dim", soft_wrap=True)


def _row_list(findings: Sequence[Finding], t: Translator) -> str:
    """List the rows of a cause, at most the first few, and mark those that the spreadsheet hides."""
    row_labels = {finding.row: mention_hidden(str(finding.row), finding, t) for finding in findings if finding.row}
    rows = ", ".join([*row_labels.values()][:MAX_PRINTED_ROWS]) + (
        " …" if findings[0].count > min(len(row_labels), MAX_PRINTED_ROWS) else ""
    )
    return t("cli.rows_at", count=len(row_labels), rows=rows) if row_labels else ""


def print_removed_figures(rows: pl.DataFrame, t: Translator) -> None:
    """Print the figures that are no longer in force, with their former values."""
    if rows.height:
        out.print(t("cli.taken_away", count=rows.height), markup=False)
    for line in figure_lines(rows, t):
        out.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
