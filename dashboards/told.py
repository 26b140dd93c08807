"""Findings in words, and as the JSON object that programs read."""

from typing import Final

from dashboards.numbers import count
from dashboards.words import Words
from indicators.intake.examine import Examination, Verdict
from indicators.periods import Frequency
from schemas.findings import Finding

BLANK: Final = "—"
FREQUENCIES: Final = {frequency.value for frequency in Frequency}


def message(finding: Finding, words: Words) -> str:
    """Return the cause, in the reader's language."""
    return words(f"finding.{finding.code}.message", **_fields(finding, words))


def hint(finding: Finding, words: Words) -> str:
    """Return what to do, in the reader's language."""
    return words(f"finding.{finding.code}.hint", **_fields(finding, words))


def _fields(finding: Finding, words: Words) -> dict[str, object]:
    """Return all that the sentence of a finding may name; what is not known is a dash."""
    fields: dict[str, object] = {
        "row": finding.row or BLANK,
        "value": finding.value or BLANK,
        "suggestion": finding.suggestion or BLANK,
        "count": finding.count,
        **dict.fromkeys(("format", "wanted", "kind", "former", "parts", "author", "own"), BLANK),
    }
    for name, value in finding.values.items():
        if isinstance(value, float):
            fields[name] = count(value, words.language)
        elif value in FREQUENCIES:
            fields[name] = words(f"collected.{value}")
        elif value is not None:
            fields[name] = value
    if "former_denominator" in fields:
        fields["former"] = f"{fields['former']} / {fields['former_denominator']}"
    return fields


def finding_json(finding: Finding, words: Words) -> dict[str, object]:
    """Return a finding as the command line's `--json` writes it."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "sheet": finding.sheet,
        "row": finding.row,
        "column": finding.column,
        "header": finding.header,
        "value": finding.value,
        "message": message(finding, words),
        "hint": hint(finding, words),
        "suggestion": finding.suggestion,
        "group": finding.group,
        "count": finding.count,
    }


def examination_json(
    examination: Examination, verdict: Verdict, deposit: str | None, words: Words
) -> dict[str, object]:
    """Return what became of a file, a comment included, as the command line's `--json` writes it."""
    return {
        "file": examination.file_name,
        "dataset": examination.dataset,
        "verdict": verdict.value,
        "rows_read": examination.rows_read,
        "rows_accepted": examination.rows_accepted,
        "deposit": deposit,
        "findings": [finding_json(finding, words) for finding in examination.findings],
    }
