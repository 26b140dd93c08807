"""Corrected copy of a deposited table: values that parse in one way only are rewritten as the template wants them.

Refused or ambiguous cells stay as typed, and rows without data are dropped. There is no corrected copy of a file whose
rows or columns are themselves in doubt.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import polars as pl

from indicators.csv_files import SPREADSHEET, frame_to_csv
from indicators.figures.figure import Status
from indicators.intake.column_names import column_names, normalize_header
from schemas.columns import CellType, Column
from schemas.findings import Finding, Severity

if TYPE_CHECKING:
    from indicators.intake.tables.header import Table
    from indicators.intake.validate import ValidationResult

ABSENCE_TEXTS: Final = {Status.MISSING.value: "NC", Status.NOT_APPLICABLE.value: "s.o."}
STRUCTURAL_CODES: Final = ("R01", "R02", "R09")
"""Codes of findings on rows whose cells may be misplaced."""
NEEDS_ANSWER: Final = ("H07", "F13")
"""Codes on columns and sheets that the depositor has to decide: a corrected copy would hide the choice."""
AMBIGUOUS_CODES: Final = ("C03", "C04", "C05", "C10", "I04")
"""Codes of findings on cells that have been parsed all the same, there or in another row."""
GROUPED_DECIMALS: Final = 3
"""Number of decimals that could be read as thousands."""


def corrected_csv(validation: "ValidationResult") -> bytes | None:
    """Return the corrected file as CSV for a spreadsheet; `None` if nothing is corrected or it cannot be."""
    table, parsed = validation.source_table, validation.parsed
    findings = validation.findings
    if table is None or parsed is None or not can_be_corrected(findings):
        return None
    columns = [
        _correct_column(column, table, parsed, findings).alias(column.french)
        for column in table.dataset.columns
        if _include_column(column, table, findings)
    ]
    rows = pl.DataFrame(columns).filter(~_repeated_rows(validation, table))
    return frame_to_csv(rows, SPREADSHEET)


def can_be_corrected(findings: Sequence[Finding]) -> bool:
    """Whether findings include corrections, and none puts the rows or columns in doubt."""
    has_corrections = any(finding.severity is Severity.CORRECTED for finding in findings)
    return has_corrections and not any(map(_is_structural, findings))


def _is_structural(finding: Finding) -> bool:
    if finding.code in NEEDS_ANSWER:
        return True
    blocking = finding.severity is Severity.BLOCKING
    return blocking and finding.code != "H04" and (finding.code[0] in "FHS" or finding.code in STRUCTURAL_CODES)


def _include_column(column: Column, table: "Table", findings: tuple[Finding, ...]) -> bool:
    """Whether to write a column: one with values or findings, or a required one that the file has."""
    if column.required:
        return column.french not in {finding.values.get("wanted") for finding in findings if finding.code == "H04"}
    has_values = table.texts[column.name].null_count() < len(table.rows)
    return has_values or any(_is_about(finding, column, table) for finding in findings)


def _repeated_rows(validation: "ValidationResult", table: "Table") -> pl.Series:
    """Return which rows only repeat an earlier one (R07)."""
    repeat_findings = [finding for finding in validation.findings if finding.code == "R07"]
    repeated_rows = pl.Series([finding.row for finding in repeat_findings], dtype=pl.UInt32)
    accepted = validation.table
    has_contradictions = any(finding.code == "R08" for finding in validation.findings)
    if (
        accepted is None
        or has_contradictions
        or len(repeat_findings) == (repeat_findings[0].count if repeat_findings else 0)
    ):
        # Only those listed; where rows contradict one another, the unlisted repeats are unknown.
        return table.rows.cast(pl.UInt32).is_in(repeated_rows.implode())
    return ~table.rows.cast(pl.Int32).is_in(accepted["line"].implode())


def _correct_column(column: Column, table: "Table", parsed: pl.DataFrame, findings: tuple[Finding, ...]) -> pl.Series:
    """Return the texts of a column: parsed ones rewritten, ambiguous ones as typed."""
    texts = table.texts[column.name]
    parsed_texts = parsed.select(
        pl.lit(texts).alias("text"),
        pl.col(column.name).alias("value"),
        *(
            (pl.col(f"{column.name}:{part}") if f"{column.name}:{part}" in parsed.columns else pl.lit(None)).alias(part)
            for part in ("absence", "decimals")
        ),
    ).unique("text")
    new_texts = {
        row["text"]: _format_value(column, row["text"], row["value"], row["absence"], row["decimals"])
        for row in parsed_texts.drop_nulls("text").iter_rows(named=True)
    }
    column_findings = [finding for finding in findings if _is_about(finding, column, table)]
    if _has_unlisted(column_findings):
        safe_texts = {finding.value for finding in column_findings if finding.severity is Severity.CORRECTED}
        new_texts = {text: new if text in safe_texts else text for text, new in new_texts.items()}
    changed = {text: new for text, new in new_texts.items() if new != text}
    corrected = texts.replace(list(changed), list(changed.values())) if changed else texts
    ambiguous_rows = pl.Series(
        sorted({finding.row or 0 for finding in column_findings if _is_ambiguous(finding)}), dtype=pl.UInt32
    )
    keep_as_typed = table.rows.cast(pl.UInt32).is_in(ambiguous_rows.implode())
    return pl.select(pl.when(keep_as_typed).then(texts).otherwise(corrected)).to_series()


def _is_about(finding: Finding, column: Column, table: "Table") -> bool:
    named_column = column_names(table.dataset.name).get(normalize_header(finding.header or ""))
    return named_column is not None and named_column.name == column.name


def _is_ambiguous(finding: Finding) -> bool:
    """Whether a finding says that a parsed cell may mean something else."""
    return finding.code in AMBIGUOUS_CODES and finding.severity in {Severity.BLOCKING, Severity.CONFIRM}


def _has_unlisted(findings: list[Finding]) -> bool:
    """Whether some ambiguous cells are not among those listed."""
    listed = Counter((finding.code, finding.severity) for finding in findings)
    return any(
        _is_ambiguous(finding) and finding.count > listed[finding.code, finding.severity] for finding in findings
    )


def _format_value(column: Column, text: str, value: object, absence: str | None, decimals: int | None) -> str:
    """Format the value parsed from a text as the template does; the text itself if it was not parsed."""
    if absence is not None:
        return ABSENCE_TEXTS.get(absence, text)
    match column.cell_type, value:
        case _, None:
            return text
        case ((CellType.NUMBER | CellType.WHOLE), (int() | float())):
            return format_french_number(value, decimals or 0)
        case CellType.DATE, date():
            return value.isoformat()
        case CellType.WORD, str():
            return _format_word(column.vocabulary, value)
        case _:
            return str(value)


def format_french_number(value: float, decimals: int) -> str:
    """Format a number as French files do, with the decimals typed, and never ambiguous."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    text = f"{exact:.{decimals}f}"
    if Decimal(text) != exact:
        text = f"{exact:f}"
    whole_part, _, fraction = text.partition(".")
    if len(fraction) == GROUPED_DECIMALS:
        fraction += "0"
    return f"{whole_part},{fraction}" if fraction else whole_part


def _format_word(words: Mapping[str, str], value: str) -> str:
    return next((word for word, code in words.items() if code == value), value)
