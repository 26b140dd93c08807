"""A table with its safe corrections made: what could be read one way only, written as the template wants it.

What is refused or asked about stays as it was typed, and rows that are no data are gone. A file whose rows or columns
are themselves in doubt is not mended.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import polars as pl

from indicators.csv_files import SPREADSHEET, csv_of_frame
from indicators.figures.figure import Status
from indicators.intake.column_names import column_names, singular
from schemas.columns import Cell, Column
from schemas.findings import Finding, Severity

if TYPE_CHECKING:
    from indicators.intake.tables.header import Table
    from indicators.intake.validate import Examination

ABSENT: Final = {Status.MISSING.value: "NC", Status.NOT_APPLICABLE.value: "s.o."}
SHAPELESS: Final = ("R01", "R02", "R09")
"""What is said of rows whose cells may not be where they seem."""
ASKED: Final = ("H07", "F13")
"""What has to be answered of columns and sheets: a mended copy would hold the answer without its reason."""
IN_DOUBT: Final = ("C03", "C04", "C05", "C10", "I04")
"""What may be said of a cell that has been read all the same, there or in another row."""
GROUPED: Final = 3
"""Decimals that could be taken for thousands."""


def mended(examination: "Examination") -> bytes | None:
    """Return the file as CSV for a spreadsheet, mended; nothing if nothing is or if it cannot be."""
    table, typed = examination.read, examination.typed
    findings = examination.findings
    if table is None or typed is None or not can_be_mended(findings):
        return None
    columns = [
        _mend(column, table, typed, findings).alias(column.french)
        for column in table.dataset.columns
        if _is_there(column, table, findings)
    ]
    rows = pl.DataFrame(columns).filter(~_repeats(examination, table))
    return csv_of_frame(rows, SPREADSHEET)


def can_be_mended(findings: Sequence[Finding]) -> bool:
    """Whether there is something to correct in a table, and no doubt about its rows and columns."""
    corrected = any(finding.severity is Severity.CORRECTED for finding in findings)
    return corrected and not any(map(_is_shapeless, findings))


def _is_shapeless(finding: Finding) -> bool:
    if finding.code in ASKED:
        return True
    blocking = finding.severity is Severity.BLOCKING
    return blocking and finding.code != "H04" and (finding.code[0] in "FHS" or finding.code in SHAPELESS)


def _is_there(column: Column, table: "Table", findings: tuple[Finding, ...]) -> bool:
    """Whether the file has a column, or may have it empty: adding one that must be filled would refuse every row."""
    if column.required:
        return column.french not in {finding.values.get("wanted") for finding in findings if finding.code == "H04"}
    filled = table.texts[column.name].null_count() < len(table.rows)
    return filled or any(_is_of(finding, column, table) for finding in findings)


def _repeats(examination: "Examination", table: "Table") -> pl.Series:
    """Return which rows only repeat an earlier one."""
    told = [finding for finding in examination.findings if finding.code == "R07"]
    known = pl.Series([finding.row for finding in told], dtype=pl.UInt32)
    kept = examination.table
    contradicted = any(finding.code == "R08" for finding in examination.findings)
    if kept is None or contradicted or len(told) == (told[0].count if told else 0):
        # Those that are told; where many contradict one another, no more is known of the others.
        return table.rows.cast(pl.UInt32).is_in(known.implode())
    return ~table.rows.cast(pl.Int32).is_in(kept["line"].implode())


def _mend(column: Column, table: "Table", typed: pl.DataFrame, findings: tuple[Finding, ...]) -> pl.Series:
    """Return the texts of a column, those that were read written anew, those in doubt as they were."""
    texts = table.texts[column.name]
    read = typed.select(
        pl.lit(texts).alias("text"),
        pl.col(column.name).alias("value"),
        *(
            (pl.col(f"{column.name}:{part}") if f"{column.name}:{part}" in typed.columns else pl.lit(None)).alias(part)
            for part in ("absence", "decimals")
        ),
    ).unique("text")
    written = {
        row["text"]: _written(column, row["text"], row["value"], row["absence"], row["decimals"])
        for row in read.drop_nulls("text").iter_rows(named=True)
    }
    own = [finding for finding in findings if _is_of(finding, column, table)]
    if _untold(own):
        safe = {finding.value for finding in own if finding.severity is Severity.CORRECTED}
        written = {text: new if text in safe else text for text, new in written.items()}
    changed = {text: new for text, new in written.items() if new != text}
    mended_texts = texts.replace(list(changed), list(changed.values())) if changed else texts
    held = pl.Series(sorted({finding.row or 0 for finding in own if _holds(finding)}), dtype=pl.UInt32)
    as_typed = table.rows.cast(pl.UInt32).is_in(held.implode())
    return pl.select(pl.when(as_typed).then(texts).otherwise(mended_texts)).to_series()


def _is_of(finding: Finding, column: Column, table: "Table") -> bool:
    named = column_names(table.dataset.name).get(singular(finding.header or ""))
    return named is not None and named.name == column.name


def _holds(finding: Finding) -> bool:
    """Whether a finding says of a cell that has been read that it may not say so."""
    return finding.code in IN_DOUBT and finding.severity in {Severity.BLOCKING, Severity.CONFIRM}


def _untold(findings: list[Finding]) -> bool:
    """Whether some cell in doubt is not among those told."""
    told = Counter((finding.code, finding.severity) for finding in findings)
    return any(_holds(finding) and finding.count > told[finding.code, finding.severity] for finding in findings)


def _written(column: Column, text: str, value: object, absence: str | None, decimals: int | None) -> str:
    """Write what a text was read as, as the template does; the text itself if it was not read."""
    if absence is not None:
        return ABSENT.get(absence, text)
    match column.cell, value:
        case _, None:
            return text
        case ((Cell.NUMBER | Cell.WHOLE), (int() | float())):
            return number(value, decimals or 0)
        case Cell.DATE, date():
            return value.isoformat()
        case Cell.WORD, str():
            return _word(column.words, value)
        case _:
            return str(value)


def number(value: float, decimals: int) -> str:
    """Write a number as French files do, with the decimals it was typed with, and never to be read in two ways."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    shown = f"{exact:.{decimals}f}"
    if Decimal(shown) != exact:
        shown = f"{exact:f}"
    whole, _, fraction = shown.partition(".")
    if len(fraction) == GROUPED:
        fraction += "0"
    return f"{whole},{fraction}" if fraction else whole


def _word(words: Mapping[str, str], value: str) -> str:
    return next((word for word, meant in words.items() if meant == value), value)
