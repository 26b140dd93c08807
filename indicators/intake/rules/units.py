"""Rules on units typed with numbers: accepted where the column counts in them (C05), refused elsewhere (C03)."""

import re
from typing import Final

import polars as pl

from indicators.csv_safety import unescape_formula
from indicators.definitions.catalogue import Indicator
from indicators.intake.cells.numbers import Number, parse_number
from indicators.intake.rules.rule import Rule, RuleRun
from indicators.intake.text_matching import strip_cell
from schemas.columns import CellType
from schemas.findings import Severity

NUMERATOR_UNITS: Final = {"hours": "h", "euros": "€"}
"""Unit accepted with a numerator, by what its indicator counts in."""
VALUE_UNITS: Final = {"%": "%", "h": "h"}
"""Unit accepted with a value, by the unit of its indicator."""
LEADING_NUMBER: Final = re.compile(r"^[-+\u2212]?[\d.,\s]*\d")
MAX_SHARE: Final = 1
"""A percentage below this may be typed as a share: 0,125 for 12,5 %."""


def units_of(indicator: Indicator) -> tuple[str | None, str | None, str | None]:
    """Return the units accepted with the numerator, the denominator and the value of an indicator."""
    numerator_unit = NUMERATOR_UNITS.get(indicator.counted_in)
    denominator_unit = "h" if indicator.unit == "per_million_h" else numerator_unit
    return numerator_unit, denominator_unit, VALUE_UNITS.get(indicator.unit)


def unit_rules(run: RuleRun) -> list[Rule]:
    """Return the rules on the units of measures, and on shares that may be percentages where no count decides."""
    unit_checks: list[Rule] = []
    for field in ("numerator", "denominator", "value"):
        if run.parsed.get_column(f"{field}:unit", default=None) is not None:
            unit_checks += _field_unit_rules(field, pl.col(f"{field}:allowed"), _is_cell_format(run, field))
    value, unit = pl.col("value"), pl.col("value:unit") if "value:unit" in run.parsed.columns else pl.lit(None)
    is_share = pl.col("percent") & value.is_between(0, MAX_SHARE, closed="none") & unit.is_null()
    percent = (value * 100).round(4).cast(pl.String).str.strip_suffix(".0").str.replace(".", ",", literal=True)
    unit_checks.append(
        Rule("C05", is_share & pl.col("numerator").is_null(), "value", Severity.CONFIRM, percent + pl.lit(" %"))
    )
    return unit_checks


def plain_unit_rules(run: RuleRun, allowed: dict[str, str | pl.Expr]) -> list[Rule]:
    """Return the rules on the units of a dataset whose columns each accept one or none."""
    unit_checks: list[Rule] = []
    for column in run.table.dataset.columns:
        if column.cell_type in {CellType.NUMBER, CellType.WHOLE} and f"{column.name}:unit" in run.parsed.columns:
            unit = allowed.get(column.name)
            unit_checks += _field_unit_rules(
                column.name, unit if isinstance(unit, pl.Expr) else pl.lit(unit, pl.String)
            )
    return unit_checks


def _is_cell_format(run: RuleRun, field: str) -> pl.Expr:
    """Whether the unit is the format of a number cell: it was not typed, and is not reported."""
    if not run.table.number_texts:
        return pl.lit(value=False)
    is_number_text = run.table.texts[field].is_in(list(run.table.number_texts)).fill_null(value=False)
    return pl.lit(is_number_text).gather(pl.col("index"))


def _field_unit_rules(field: str, allowed: pl.Expr, is_cell_format: pl.Expr | None = None) -> list[Rule]:
    is_allowed = (pl.col(f"{field}:unit") == allowed).fill_null(value=False)
    is_reported = is_allowed if is_cell_format is None else is_allowed & ~is_cell_format
    return [
        Rule("C05", is_reported, field, Severity.CORRECTED, number_without_unit),
        Rule("C03", has_refused_unit(field, allowed), field, Severity.BLOCKING, number_without_unit),
    ]


def has_refused_unit(field: str, allowed: pl.Expr) -> pl.Expr:
    """Whether a number is typed with a unit that its column does not count in."""
    return pl.col(f"{field}:unit").ne_missing(allowed) & pl.col(f"{field}:unit").is_not_null()


def number_without_unit(text: str) -> str | None:
    """Return a number without its unit: the digits as typed if they give the parsed value, else that value."""
    stripped = strip_cell(unescape_formula(text))
    parsed, match = parse_number(stripped), LEADING_NUMBER.match(stripped)
    if not isinstance(parsed, Number):
        return None
    unitless = parse_number(match[0]) if match else None
    if match and isinstance(unitless, Number) and unitless.value == parsed.value:
        return match[0].replace(".", ",") if match[0].count(".") == 1 and "," not in match[0] else match[0]
    return f"{parsed.value:.{parsed.decimals}f}".replace(".", ",")
