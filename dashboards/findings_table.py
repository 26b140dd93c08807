"""What is said of a file, as people read it: the verdict first, then the causes with their counts, then the rows."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from dashboards.markup import Cell, details, heading, pictogram, table, text
from dashboards.told import hint, message
from dashboards.words import Words
from indicators.intake.examine import Examination, Verdict
from schemas.findings import Finding, Severity

SIGNS: Final = {Verdict.ACCEPTED: "met", Verdict.TO_CONFIRM: "low", Verdict.REFUSED: "missed"}


def verdict(examination: Examination, words: Words) -> str:
    """Return what becomes of a file, and how many of its rows count."""
    told = words(f"verdict.{examination.verdict.value}")
    counted = words("deposit.rows", count=examination.rows_read, accepted=examination.rows_accepted)
    dataset = words(f"dataset.{examination.dataset}") if examination.dataset else words("dataset.unknown")
    sign = pictogram(SIGNS[examination.verdict])
    return (
        f'<div class="verdict {examination.verdict.value}">{heading(2, examination.file_name)}'
        f'<p class="told">{sign} <strong>{text(told)}</strong></p>'
        f'<p class="under">{text(dataset)} · {text(counted)}</p></div>'
    )


def findings_table(findings: Sequence[Finding], words: Words) -> str:
    """Return the causes, gravest first, each with its count, what to do and the cells it was found in."""
    causes = []
    for (severity, _), same in groupby(
        sorted(findings, key=lambda f: (list(Severity).index(f.severity), f.group)), key=lambda f: (f.severity, f.group)
    ):
        causes.append(_cause(severity, list(same), words))
    return f'<div class="causes">{"".join(causes)}</div>' if causes else ""


def _cause(severity: Severity, same: Sequence[Finding], words: Words) -> str:
    first = same[0]
    cells = sum(1 for finding in same if finding.row is not None)
    count = max(first.count, len(same))
    counted = f" · {text(words('deposit.cells', count=count))}" if cells > 1 or count > 1 else ""
    told = (
        f'<p class="label"><span class="severity {severity.value}">{text(words(f"severity.{severity.value}"))}</span>'
        f" {text(first.code)}{counted}</p><p>{text(message(first, words))}</p>"
        f'<p class="under">{text(hint(first, words))}</p>'
    )
    where = _where(first, words)
    if cells > 1:
        rows = table(
            words("deposit.cells.caption", code=first.code),
            [words(f"deposit.cells.{name}") for name in ("where", "header", "value", "suggestion")],
            (
                [
                    Cell(text(_cell_name(f))),
                    Cell(text(f.header or "")),
                    Cell(text(f.value or "")),
                    Cell(text(f.suggestion or "")),
                ]
                for f in same
            ),
        )
        where = details(words("deposit.cells.show"), rows)
    return f"<section>{told}{where}</section>"


def _cell_name(finding: Finding) -> str:
    return f"{finding.column or ''}{finding.row or ''}"


def _where(finding: Finding, words: Words) -> str:
    where = ""
    if finding.row is not None and finding.column is None:
        where = words("deposit.at_row", row=finding.row)
    elif finding.row is not None:
        where = words("deposit.at_cell", cell=_cell_name(finding), header=finding.header or "")
    proposed = words("deposit.proposed", suggestion=finding.suggestion) if finding.suggestion else ""
    told = " · ".join(filter(None, (where, proposed)))
    return f'<p class="under">{text(told)}</p>' if told else ""
