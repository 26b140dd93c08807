"""What is said of a file, as people read it: the verdict first, then the causes with their counts, then the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from dashboards.components.html import Cell, details, heading, pictogram, table, text
from dashboards.wording.finding_messages import by_cause, cause, grouped, hint, message, shortened, with_hidden
from dashboards.wording.translations import Words
from indicators.intake.validate import Examination, Verdict
from schemas.findings import Finding, Severity

SIGNS: Final = {Verdict.ACCEPTED: "met", Verdict.TO_CONFIRM: "low", Verdict.REFUSED: "missed"}
FOLDED: Final = (Severity.CORRECTED, Severity.INFO)
"""Findings that ask nothing of the depositor."""


@dataclass(frozen=True)
class Told:
    """What was said of a file: all of an examination but its rows, which are let go."""

    file_name: str
    dataset: str | None
    verdict: Verdict
    findings: Sequence[Finding]
    rows_read: int
    rows_accepted: int

    @classmethod
    def of(cls, examination: Examination) -> Self:
        """Take from an examination what is said of it."""
        return cls(
            examination.file_name,
            examination.dataset,
            examination.verdict,
            examination.findings,
            examination.rows_read,
            examination.rows_accepted,
        )

    def says_as_much_as(self, other: "Told") -> bool:
        """Whether nothing in the other would have to be read again by who read this one."""
        return self._gist() == other._gist()

    def _gist(self) -> tuple[object, ...]:
        cells = [(f.code, f.severity, f.row, f.header, f.value, f.count) for f in self.findings]
        return self.verdict, self.rows_accepted, cells


def verdict(told: Told, words: Words) -> str:
    """Return what becomes of a file, how many of its rows count, and what there is to do."""
    dataset = words(f"dataset.{told.dataset}") if told.dataset else words("dataset.unknown")
    counted = words("deposit.rows", count=told.rows_read, accepted=told.rows_accepted)
    return (
        f'<div class="verdict {told.verdict.value}">{heading(2, told.file_name)}'
        f'<p class="told">{pictogram(SIGNS[told.verdict])} <strong>{text(words(f"verdict.{told.verdict.value}"))}'
        f"</strong></p><p>{text(words(f'deposit.next.{told.verdict.value}'))}</p>"
        f'<p class="under">{text(dataset)} · {text(counted)}</p></div>'
    )


def findings_table(findings: Sequence[Finding], words: Words) -> str:
    """Return the causes, gravest first, each with its count, what to do and the cells it was found in.

    What was corrected, and what is only said, is folded: it asks nothing.
    """
    shown, folded = "", ""
    for severity in Severity:
        causes = by_cause([finding for finding in findings if finding.severity is severity])
        if not causes:
            continue
        told = "".join(_cause(same, words) for same in causes)
        title = words(f"causes.{severity.value}", count=len(causes))
        if severity in FOLDED:
            folded += details(title, f'<div class="causes">{told}</div>')
        else:
            shown += f'<div class="causes">{heading(3, title)}{told}</div>'
    return f'<div class="findings">{shown}{folded}</div>' if shown or folded else ""


def _cause(same: Sequence[Finding], words: Words) -> str:
    """Return one cause: what it is and how often, then its one cell in full or all of its cells in a table."""
    first = same[0]
    label = (
        f'<p class="label"><span class="severity {first.severity.value}">'
        f"{text(words(f'severity.{first.severity.value}'))}</span> {text(first.code)}</p>"
    )
    # One that speaks for many cells, such as notes below the table, says so itself.
    if len(same) == 1:
        told = f"<p>{text(message(first, words))}</p>"
        return f"<section>{label}{told}{_hint(first, words)}{_where(first, words)}</section>"
    told = f"<p><strong>{text(grouped(first, words))}</strong></p>"
    rows = _rows(same, words)
    shown = words("deposit.cells.show", count=len(same))
    if first.count > len(same):
        shown = words("deposit.cells.first", count=len(same), total=first.count)
    return f"<section>{label}{told}{_hint(first, words)}{details(shown, rows)}</section>"


def _hint(finding: Finding, words: Words) -> str:
    return f'<p class="under">{text(hint(finding, words))}</p>'


def _rows(same: Sequence[Finding], words: Words) -> str:
    """Return the cells of a cause; what is said of each stands beside it where it is not the same of all."""
    messages = [cause(finding, words) for finding in same]
    columns: dict[str, list[str]] = {
        "where": [with_hidden(_cell_name(finding, words), finding, words) for finding in same],
        "value": [shortened(finding.value or "") for finding in same],
        "suggestion": [finding.suggestion or "" for finding in same],
    }
    if len({_bare(told, finding) for told, finding in zip(messages, same, strict=True)}) > 1:
        columns["told"] = messages
    kept = {name: cells for name, cells in columns.items() if any(cells)}
    return table(
        words("deposit.cells.caption", code=same[0].code),
        [words(f"deposit.cells.{name}") for name in kept],
        ([Cell(text(cell)) for cell in row] for row in zip(*kept.values(), strict=True)),
    )


def _bare(told: str, finding: Finding) -> str:
    """Return a message without what the other columns of its row already show."""
    for shown in (finding.value and shortened(finding.value), finding.suggestion, finding.row and str(finding.row)):
        told = told.replace(shown, "") if shown else told
    return told


def _cell_name(finding: Finding, words: Words) -> str:
    if finding.row is None:
        return finding.header or words("deposit.cells.file")
    return f"{finding.column or ''}{finding.row}"


def _where(finding: Finding, words: Words) -> str:
    """Return the place of a finding as the spreadsheet shows it, and what is proposed instead."""
    where = ""
    if finding.row is not None and finding.column is None:
        where = words("deposit.at_row", row=finding.row)
    elif finding.row is not None:
        where = words("deposit.at_cell", cell=_cell_name(finding, words), header=finding.header or "")
    proposed = words("deposit.proposed", suggestion=finding.suggestion) if finding.suggestion else ""
    told = " · ".join(filter(None, (where, proposed)))
    return f'<p class="under place">{text(told)}</p>' if told else ""
