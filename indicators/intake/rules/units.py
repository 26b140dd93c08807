"""Units typed beside numbers (C05): read where the column counts in them, refused where it does not (C03)."""

import re
from typing import Final

import polars as pl

from indicators.csv_safety import restored
from indicators.definitions.catalogue import Indicator
from indicators.intake.cells.numbers import Number, read_number
from indicators.intake.rules.rule import Rule, Rules
from indicators.intake.text_matching import bared
from schemas.columns import Cell
from schemas.findings import Severity

COUNTED: Final = {"hours": "h", "euros": "€"}
"""Units in which a numerator may be written, by what its indicator counts in."""
STATED: Final = {"%": "%", "h": "h"}
"""Units in which a value may be written, by the unit of its indicator."""
NUMBER: Final = re.compile(r"^[-+\u2212]?[\d.,\s]*\d")
SHARE: Final = 1
"""A percentage below this may be a share written for it: 0,125 for 12,5 %."""


def units_of(sheet: Indicator) -> tuple[str | None, str | None, str | None]:
    """Return the unit that may follow the numerator, the denominator and the value of an indicator."""
    counted = COUNTED.get(sheet.counted_in)
    divisor = "h" if sheet.unit == "per_million_h" else counted
    return counted, divisor, STATED.get(sheet.unit)


def unit_rules(rules: Rules) -> list[Rule]:
    """Tell the units of measures, and the shares that may be percentages where no count can decide."""
    told: list[Rule] = []
    for field in ("numerator", "denominator", "value"):
        if rules.typed.get_column(f"{field}:unit", default=None) is not None:
            told += _of(field, pl.col(f"{field}:allowed"), _is_typed(rules, field))
    value, unit = pl.col("value"), pl.col("value:unit") if "value:unit" in rules.typed.columns else pl.lit(None)
    share = pl.col("percent") & value.is_between(0, SHARE, closed="none") & unit.is_null()
    percent = (value * 100).round(4).cast(pl.String).str.strip_suffix(".0").str.replace(".", ",", literal=True)
    told.append(Rule("C05", share & pl.col("numerator").is_null(), "value", Severity.CONFIRM, percent + pl.lit(" %")))
    return told


def plain_unit_rules(rules: Rules, allowed: dict[str, str | pl.Expr]) -> list[Rule]:
    """Tell the units of another dataset, whose columns each allow one or none."""
    told: list[Rule] = []
    for column in rules.table.dataset.columns:
        if column.cell in {Cell.NUMBER, Cell.WHOLE} and f"{column.name}:unit" in rules.typed.columns:
            unit = allowed.get(column.name)
            told += _of(column.name, unit if isinstance(unit, pl.Expr) else pl.lit(unit, pl.String))
    return told


def _is_typed(rules: Rules, field: str) -> pl.Expr:
    """Whether the unit is the format of a cell that holds a number: nobody wrote it, so there is nothing to say."""
    if not rules.table.typed:
        return pl.lit(value=False)
    typed = rules.table.texts[field].is_in(list(rules.table.typed)).fill_null(value=False)
    return pl.lit(typed).gather(pl.col("index"))


def _of(field: str, allowed: pl.Expr, typed: pl.Expr | None = None) -> list[Rule]:
    right = (pl.col(f"{field}:unit") == allowed).fill_null(value=False)
    said = right if typed is None else right & ~typed
    return [
        Rule("C05", said, field, Severity.CORRECTED, bare_number),
        Rule("C03", refused(field, allowed), field, Severity.BLOCKING, bare_number),
    ]


def refused(field: str, allowed: pl.Expr) -> pl.Expr:
    """Whether a number is written with a unit that its column does not count in."""
    return pl.col(f"{field}:unit").ne_missing(allowed) & pl.col(f"{field}:unit").is_not_null()


def bare_number(text: str) -> str | None:
    """Return a number without its unit: as typed where that says the value read, or else that value."""
    bare = bared(restored(text))
    read, found = read_number(bare), NUMBER.match(bare)
    if not isinstance(read, Number):
        return None
    alone = read_number(found[0]) if found else None
    if found and isinstance(alone, Number) and alone.value == read.value:
        return found[0].replace(".", ",") if found[0].count(".") == 1 and "," not in found[0] else found[0]
    return f"{read.value:.{read.decimals}f}".replace(".", ",")
