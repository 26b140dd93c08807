"""Findings in words, and as the JSON object that programs read.

A sentence is chosen by what is known: by the form that a finding says it has (`guess`, `state`, …), by a fact that it
carries, by its severity, by its code alone; and where a fact that the sentence names is not known, by the `plain` one
that does without it.
"""

import math
import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Final

import polars as pl

from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words
from indicators.definitions.periods import Frequency
from indicators.intake.validate import Examination, Verdict
from schemas.findings import Finding, Severity

BLANK: Final = "—"
BETWEEN: Final = " · "
"""What stands between the numbers of a list."""
FORMS: Final = ("cause", "guess", "reason", "state", "of")
"""Values of a finding that choose its sentence."""
COUNTED: Final = ("former", "now")
"""Values written over their denominator, where they have one."""
GRAVITY: Final = {severity: rank for rank, severity in enumerate(Severity)}
NAMES_HIDDEN: Final = ("F16",)
"""Findings whose own sentence says what is hidden."""
FREQUENCIES: Final = {frequency.value for frequency in Frequency}
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
BREAKS: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
ADDRESSES: Final = ("other",)
"""Values that are rows of the sheet: written as the sheet shows them."""
FINEST: Final = 4
"""Decimals beyond which a number in a sentence is rounded."""
LONGEST: Final = 120
"""Characters of a cell that a sentence repeats: more of them would drown it."""


def message(finding: Finding, words: Words) -> str:
    """Return the cause, in the reader's language, and whether the spreadsheet hides where it stands."""
    return with_hidden(cause(finding, words), finding, words)


def cause(finding: Finding, words: Words) -> str:
    """Return the cause alone, in the reader's language."""
    return _said("message", finding, words)


def with_hidden(text: str, finding: Finding, words: Words) -> str:
    """Add to what is said of a cell that its row or its column is hidden."""
    hidden = finding.values.get("hidden")
    return words(f"finding.hidden.{hidden}", text=text) if hidden and finding.code not in NAMES_HIDDEN else text


def by_cause(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Return the findings that share a severity and a cause together, gravest causes first."""
    order = sorted(findings, key=lambda finding: (GRAVITY[finding.severity], finding.group))
    return [list(same) for _, same in groupby(order, key=attrgetter("severity", "group"))]


def hint(finding: Finding, words: Words) -> str:
    """Return what to do, in the reader's language."""
    return _said("hint", finding, words)


def grouped(finding: Finding, words: Words) -> str:
    """Return the cause on one line for all the cells that share it, with their number and their column."""
    cause = _said("group", finding, words)
    if finding.column and finding.header:
        return words("finding.in_column", cause=cause, header=finding.header)
    return cause


def _said(part: str, finding: Finding, words: Words) -> str:
    """Return the most particular sentence that what is known of a finding can fill; what lacks even so is a dash."""
    known = _facts(finding, words)
    for name in _names(finding):
        keys = [key for key in (f"{name}.{part}", f"{name}.plain.{part}") if key in words]
        if keys:
            key = next((key for key in keys if words.fields(key) <= known.keys()), keys[-1])
            return words(key, **(dict.fromkeys(words.fields(key), BLANK) | known))
    raise KeyError(f"finding.{finding.code}.{part}: no such words in {words.language}")


def _names(finding: Finding) -> Iterator[str]:
    """Yield what the sentences of a finding may be called, the most particular first."""
    for form in FORMS:
        if form in finding.values:
            yield f"finding.{finding.code}.{finding.values[form]}"
    yield from (f"finding.{finding.code}.{name}" for name in finding.values)
    yield f"finding.{finding.code}.{finding.severity.value}"
    yield f"finding.{finding.code}"


def _facts(finding: Finding, words: Words) -> dict[str, object]:
    """Return all that is known and that a sentence may name, as the reader's language writes it."""
    facts: dict[str, object] = {
        name: str(value) if name in ADDRESSES else _told(value, words) for name, value in finding.values.items()
    }
    for name in COUNTED:
        if facts.get(name) and facts.get(f"{name}_denominator"):
            facts[name] = f"{facts[name]} / {facts[f'{name}_denominator']}"
    own = {
        "row": finding.row,
        "column": finding.column,
        "header": finding.header,
        "value": finding.value and shortened(finding.value),
        "suggestion": finding.suggestion and shortened(finding.suggestion),
    }
    facts |= {name: value for name, value in own.items() if value}
    # How many are listed says nothing of how many there are; a value of that name would choose the wrong plural.
    return {name: value for name, value in facts.items() if value not in (None, "")} | {"count": finding.count}


def shortened(text: str) -> str:
    """Return what a cell says on one line, cut where it would drown the sentence that repeats it."""
    line = BREAKS.sub(" ", text)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _told(value: object, words: Words) -> str | None:
    """Write a value as the reader's language does; nothing for what is not known."""
    match value:
        case (str() as name, float() as number):
            return f"{name}\u00a0=\u00a0{_told(number, words)}"
        case tuple():
            return BETWEEN.join(filter(None, (_told(each, words) for each in value))) or None
        case bool() | None:
            return None
        case int() | float():
            return _number(float(value), words) if math.isfinite(value) else None
        case str() if value in FREQUENCIES:
            return words(f"collected.{value}")
        case date():
            return numbers.day(value, words)
        case str() if DAY.fullmatch(value):
            return _day(value, words)
        case _:
            return str(value)


def figure_lines(rows: pl.DataFrame, words: Words) -> Iterator[str]:
    """Write each figure of a frame on one line, by the codes that files and commands use, with what it was.

    `rows` has structure, period, indicator, segment, numerator, denominator and value.
    """
    for row in rows.iter_rows(named=True):
        numerator, denominator = row["numerator"], row["denominator"]
        counted = [_number(part, words) for part in (numerator, denominator) if part is not None]
        figure = _number(row["value"], words) if numerator is None else " / ".join(counted)
        yield BETWEEN.join((row["structure"], row["period"], row["indicator"], row["segment"], figure))


def _number(value: float, words: Words) -> str:
    """Write a number with the decimals it needs: one below a thousand is not rounded to nothing."""
    finest = 2 if abs(value) >= 1 else FINEST
    text = f"{abs(value):.{finest}f}".rstrip("0")
    return numbers.number(value, len(text.partition(".")[2]), words.language)


def _day(text: str, words: Words) -> str:
    try:
        return numbers.day(date.fromisoformat(text), words)
    except ValueError:
        return text


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
