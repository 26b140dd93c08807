"""Messages of findings, and their JSON representation.

The message key is chosen from the most specific to the most general: the form stated by the finding (`guess`, `state`,
…), a fact that it carries, its severity, its code alone. Where a fact named in the sentence is unknown, the `plain`
variant without it is used.
"""

import math
import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Final

import polars as pl

from dashboards.wording.formatting import format_day, format_number
from dashboards.wording.translations import Translator
from indicators.definitions.periods import Frequency
from indicators.intake.validate import ValidationResult, Verdict
from schemas.findings import Finding, Severity

UNKNOWN_FACT: Final = "—"
VALUE_SEPARATOR: Final = " · "
"""Between the values of a list."""
SENTENCE_FORMS: Final = ("cause", "guess", "reason", "state", "of")
"""Facts of a finding whose value selects its message."""
FRACTION_FACTS: Final = ("former", "now")
"""Facts written with their denominator, where they have one."""
SEVERITY_RANKS: Final = {severity: rank for rank, severity in enumerate(Severity)}
CODES_NAMING_HIDDEN: Final = ("F16",)
"""Findings whose own message says what is hidden."""
FREQUENCY_CODES: Final = {frequency.value for frequency in Frequency}
DAY_PATTERN: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
LINE_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
ROW_NUMBER_FACTS: Final = ("other",)
"""Facts that are row numbers, written without thousands separators."""
MAX_DECIMALS: Final = 4
"""Decimals to which a number in a message is rounded."""
MAX_QUOTED_CHARS: Final = 120
"""Characters of a cell quoted in a message."""


def message_sentence(finding: Finding, t: Translator) -> str:
    """Return the cause, with a note if its row or column is hidden in the spreadsheet."""
    return mention_hidden(cause_sentence(finding, t), finding, t)


def cause_sentence(finding: Finding, t: Translator) -> str:
    """Return the cause without the note on hidden cells."""
    return _pick_message("message", finding, t)


def mention_hidden(text: str, finding: Finding, t: Translator) -> str:
    """Add to a text on a cell that its row or column is hidden."""
    hidden = finding.values.get("hidden")
    return t(f"finding.hidden.{hidden}", text=text) if hidden and finding.code not in CODES_NAMING_HIDDEN else text


def group_by_cause(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Group findings by severity and cause, gravest first."""
    ordered = sorted(findings, key=lambda finding: (SEVERITY_RANKS[finding.severity], finding.group))
    return [list(cause_findings) for _, cause_findings in groupby(ordered, key=attrgetter("severity", "group"))]


def hint_sentence(finding: Finding, t: Translator) -> str:
    """Return what to do about a finding."""
    return _pick_message("hint", finding, t)


def group_sentence(finding: Finding, t: Translator) -> str:
    """Return the cause as one line for all cells that share it, with their count and column."""
    sentence = _pick_message("group", finding, t)
    if finding.column and finding.header:
        return t("finding.in_column", cause=sentence, header=finding.header)
    return sentence


def _pick_message(kind: str, finding: Finding, t: Translator) -> str:
    """Return the most specific message whose fields are all known, else the most general one with dashes."""
    facts = _message_facts(finding, t)
    for name in _message_keys(finding):
        keys = [key for key in (f"{name}.{kind}", f"{name}.plain.{kind}") if key in t]
        if keys:
            key = next((key for key in keys if t.field_names(key) <= facts.keys()), keys[-1])
            return t(key, **(dict.fromkeys(t.field_names(key), UNKNOWN_FACT) | facts))
    raise KeyError(f"finding.{finding.code}.{kind}: no such words in {t.language}")


def _message_keys(finding: Finding) -> Iterator[str]:
    """Yield the candidate message keys of a finding, the most specific first."""
    for form in SENTENCE_FORMS:
        if form in finding.values:
            yield f"finding.{finding.code}.{finding.values[form]}"
    yield from (f"finding.{finding.code}.{name}" for name in finding.values)
    yield f"finding.{finding.code}.{finding.severity.value}"
    yield f"finding.{finding.code}"


def _message_facts(finding: Finding, t: Translator) -> dict[str, object]:
    """Return the facts that a message may name, formatted for the language."""
    facts: dict[str, object] = {
        name: str(value) if name in ROW_NUMBER_FACTS else _format_value(value, t)
        for name, value in finding.values.items()
    }
    for name in FRACTION_FACTS:
        if facts.get(name) and facts.get(f"{name}_denominator"):
            facts[name] = f"{facts[name]} / {facts[f'{name}_denominator']}"
    cell_facts = {
        "row": finding.row,
        "column": finding.column,
        "header": finding.header,
        "value": finding.value and shorten_cell(finding.value),
        "suggestion": finding.suggestion and shorten_cell(finding.suggestion),
    }
    facts |= {name: value for name, value in cell_facts.items() if value}
    # `count` is the number of cells, not of listed findings; a fact of that name would select the wrong plural.
    return {name: value for name, value in facts.items() if value not in (None, "")} | {"count": finding.count}


def shorten_cell(text: str) -> str:
    """Return a cell's text on one line, truncated for use in a message."""
    line = LINE_BREAKS.sub(" ", text)
    return line if len(line) <= MAX_QUOTED_CHARS else f"{line[: MAX_QUOTED_CHARS - 1]}…"


def _format_value(value: object, t: Translator) -> str | None:
    """Format a value for the language; null for an unknown one."""
    match value:
        case (str() as name, float() as number):
            return f"{name}\u00a0=\u00a0{_format_value(number, t)}"
        case tuple():
            return VALUE_SEPARATOR.join(filter(None, (_format_value(item, t) for item in value))) or None
        case bool() | None:
            return None
        case int() | float():
            return _format_number(float(value), t) if math.isfinite(value) else None
        case str() if value in FREQUENCY_CODES:
            return t(f"collected.{value}")
        case date():
            return format_day(value, t)
        case str() if DAY_PATTERN.fullmatch(value):
            return _format_day(value, t)
        case _:
            return str(value)


def figure_lines(rows: pl.DataFrame, t: Translator) -> Iterator[str]:
    """Yield each figure of a frame as one line: codes as in files and commands, and its value.

    `rows` has structure, period, indicator, segment, numerator, denominator and value.
    """
    for row in rows.iter_rows(named=True):
        numerator, denominator = row["numerator"], row["denominator"]
        formatted_counts = [_format_number(part, t) for part in (numerator, denominator) if part is not None]
        figure = _format_number(row["value"], t) if numerator is None else " / ".join(formatted_counts)
        yield VALUE_SEPARATOR.join((row["structure"], row["period"], row["indicator"], row["segment"], figure))


def _format_number(value: float, t: Translator) -> str:
    """Format a number with the decimals it needs, so that a small one is not rounded to zero."""
    decimals = 2 if abs(value) >= 1 else MAX_DECIMALS
    text = f"{abs(value):.{decimals}f}".rstrip("0")
    return format_number(value, len(text.partition(".")[2]), t.language)


def _format_day(text: str, t: Translator) -> str:
    try:
        return format_day(date.fromisoformat(text), t)
    except ValueError:
        return text


def finding_json(finding: Finding, t: Translator) -> dict[str, object]:
    """Return a finding as the JSON object of the command line's `--json`."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "sheet": finding.sheet,
        "row": finding.row,
        "column": finding.column,
        "header": finding.header,
        "value": finding.value,
        "message": message_sentence(finding, t),
        "hint": hint_sentence(finding, t),
        "suggestion": finding.suggestion,
        "group": finding.group,
        "count": finding.count,
    }


def validation_json(
    examination: ValidationResult, verdict: Verdict, deposit: str | None, t: Translator
) -> dict[str, object]:
    """Return the result for one file as the JSON object of the command line's `--json`."""
    return {
        "file": examination.file_name,
        "dataset": examination.dataset,
        "verdict": verdict.value,
        "rows_read": examination.rows_read,
        "rows_accepted": examination.rows_accepted,
        "deposit": deposit,
        "findings": [finding_json(finding, t) for finding in examination.findings],
    }
