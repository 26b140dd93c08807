"""Rules on each row of measures: counts, stated rates and absences (C01, C02, C07, C08, X02)."""

from typing import Final

import polars as pl

from indicators.definitions.catalogue import Catalogue
from indicators.definitions.periods import Period
from indicators.intake.rules.row_keys import placed
from indicators.intake.rules.rule import AddColumns, Rule, RuleRun, gather_columns
from indicators.intake.rules.units import has_refused_unit, units_of
from schemas.findings import Severity
from schemas.measures import WHOLE_SEGMENT
from schemas.structures import STRUCTURE_KINDS

MAX_COMPARED_DECIMALS: Final = 6
"""Most decimals to which a stated rate is compared with its counts."""
COMMA_SHIFTS: Final = (10.0, 100.0, 0.1, 0.01)
"""Factors by which a misplaced decimal comma changes a rate."""
RELATIVE_TOLERANCE: Final = 1e-6
PADDED_DECIMALS: Final = 4
"""Decimals of a number padded with a 0 to distinguish it from thousands."""


def complete_measures(run: RuleRun) -> pl.DataFrame:
    """Complete each row: counted, stated or absent, with its segment and the last day of its period.

    An absence in the numerator makes the row absent; a count in the value column becomes the numerator. Three columns,
    `structure:place`, `indicator:place` and `period:place`, hold the positions among the network's structures, the
    catalogue's indicators and the file's sorted periods.
    """
    catalogue = run.snapshot.catalogue
    periods = run.parsed["period"].unique().drop_nulls().sort()
    ends = pl.Series([Period.parse(code).end for code in periods], dtype=pl.Date)
    is_undivided = pl.Series([not indicator.denominator_required for indicator in catalogue])
    is_absent = pl.col("numerator:absence").is_not_null() | (
        pl.col("numerator").is_null() & pl.col("value:absence").is_not_null()
    )
    present_value = pl.when(~is_absent).then("value")
    numerator = pl.when(pl.lit(is_undivided).gather(pl.col("indicator:place"))).then(
        pl.coalesce("numerator", present_value)
    )
    return run.parsed.with_columns(
        placed("structure", list(run.snapshot.structures.by_id)),
        placed("indicator", list(catalogue.indicators)),
        placed("period", periods.to_list()),
        *(run.table.texts[name].is_null().alias(f"{name}:empty") for name in ("numerator", "denominator")),
        pl.col("value").is_not_null().alias("value:stated"),
    ).with_columns(
        pl.col("segment").fill_null(WHOLE_SEGMENT),
        pl.when(is_absent).then(pl.coalesce("numerator:absence", "value:absence").cast(pl.String)).alias("absence"),
        pl.coalesce(numerator, "numerator").alias("numerator"),
        present_value.alias("value"),
        pl.lit(ends).gather(pl.col("period:place")).alias("period_end"),
    )


def indicator_columns(run: RuleRun) -> AddColumns:
    """Return the function that adds to rows the facts of their indicator, and `rate`, computed from their counts."""
    indicator_values = gather_columns(_indicator_frame(run.snapshot.catalogue, run.scope.period), "indicator:place")
    divisor = pl.when("divided").then("denominator").otherwise(1.0)
    rate = (pl.col("numerator") / divisor * pl.col("scale")).alias("rate")
    return lambda lines: lines.with_columns(indicator_values).with_columns(rate)


def _indicator_frame(catalogue: Catalogue, collected_period: Period | None) -> pl.DataFrame:
    """Return what the rules need of each indicator, one row per indicator.

    `kinds` has a bit for each kind it applies to; `wanted` is its latest period over by the end of the collected one,
    or its frequency if no period is collected.
    """
    return pl.DataFrame(
        [
            (
                indicator.scale,
                indicator.denominator_required,
                indicator.numerator_whole,
                indicator.counted_in == "people" and indicator.is_capped,
                indicator.is_capped,
                indicator.unit == "%",
                *map(float, indicator.range),
                sum(1 << place for place, kind in enumerate(STRUCTURE_KINDS) if indicator.applies_to(kind)),
                indicator.frequency.value,
                Period.latest_ended(collected_period.end, indicator.frequency).code
                if collected_period
                else indicator.frequency.value,
                *units_of(indicator),
            )
            for indicator in catalogue
        ],
        schema={
            "scale": pl.Float64,
            "divided": pl.Boolean,
            "whole": pl.Boolean,
            "heads": pl.Boolean,
            "part": pl.Boolean,
            "percent": pl.Boolean,
            "lowest": pl.Float64,
            "highest": pl.Float64,
            "kinds": pl.UInt32,
            "frequency": pl.String,
            "wanted": pl.String,
            "numerator:allowed": pl.String,
            "denominator:allowed": pl.String,
            "value:allowed": pl.String,
        },
        orient="row",
    )


def count_rules() -> list[Rule]:
    """Return the rules on counts and stated rates: complete counts, a rate alone, or an absence."""
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    is_empty = pl.col("numerator:empty") & pl.col("absence").is_null() & numerator.is_null()
    is_counted = numerator.is_not_null() & (numerator >= 0) & (denominator.is_null() | (denominator > 0))
    is_over = ((numerator > denominator) & pl.col("part")).fill_null(value=False)
    bounds = {name: pl.when(pl.col(name).is_finite()).then(name) for name in ("lowest", "highest")}
    is_stated = pl.col("value").is_not_null() & numerator.is_null()
    is_divided = pl.col("divided") & numerator.is_not_null()
    return [
        Rule("C01", is_empty & (pl.col("value").is_null() | denominator.is_not_null()), "numerator"),
        Rule("C01", is_divided & pl.col("denominator:empty"), "denominator"),
        Rule("C08", pl.col("whole") & (numerator != numerator.floor()), "numerator"),
        Rule("C08", pl.col("heads") & (denominator != denominator.floor()), "denominator"),
        Rule("C07", is_counted & ~_is_in_range("rate") & ~is_over, "numerator", values=bounds),
        Rule("C07", is_stated & ~_is_in_range("value"), "value", values=bounds),
        _stated_rate_rule(is_over),
    ]


def absence_rules(run: RuleRun) -> list[Rule]:
    """Return the rules on absences: an absence explains a missing figure, and may not be given with that figure (C02).

    The findings on absent cells made while parsing are discarded, and replaced by these, which know the row.
    """
    other_figures = {
        "numerator": pl.col("value:stated"),
        "denominator": pl.col("divided") & pl.col("numerator").is_not_null(),
        "value": pl.lit(value=False),
    }
    absence_checks: list[Rule] = []
    for field, figure in other_figures.items():
        is_absent = pl.col(f"{field}:absence").is_not_null()
        hides_figure = figure.fill_null(value=False)
        run.report.discard("C02", Severity.INFO, field)
        absence_checks += [
            Rule("C02", is_absent & hides_figure, field, Severity.BLOCKING),
            Rule("C02", is_absent & ~hides_figure, field, Severity.INFO),
        ]
    return absence_checks


def _is_in_range(name: str) -> pl.Expr:
    return pl.col(name).is_between(pl.col("lowest"), pl.col("highest"))


def _stated_rate_rule(is_over: pl.Expr) -> Rule:
    """Return the rule that a rate stated with counts equals theirs to its decimals, with the likely mistake (X02)."""
    value, rate = pl.col("value"), pl.col("rate")
    typed_decimals = pl.col("value:decimals").fill_null(0)
    # A fourth decimal of 0 only shows that the other three are not thousands: exports write it, depositors do not.
    is_padded = (typed_decimals == PADDED_DECIMALS) & ((value * 1000).round(6) == (value * 1000).round())
    compared_decimals = pl.min_horizontal(
        pl.when(is_padded).then(PADDED_DECIMALS - 1).otherwise(typed_decimals), pl.lit(MAX_COMPARED_DECIMALS)
    )
    last_unit = pl.lit(10.0).pow(-compared_decimals.cast(pl.Float64))
    exact = rate.round(1)
    has_wrong_unit = pl.any_horizontal(
        has_refused_unit(name, pl.col(f"{name}:allowed")) for name in ("numerator", "denominator", "value")
    )
    return Rule(
        "X02",
        ((value - rate).abs() > last_unit * (1 + RELATIVE_TOLERANCE))
        & rate.is_finite()
        & (pl.col("numerator") >= 0)
        & ~is_over
        & ~has_wrong_unit,
        "value",
        suggestion=exact.cast(pl.String).str.replace(".", ",", literal=True),
        values={"exact": exact, "guess": _guess_mistake(value, rate, last_unit)},
    )


def _guess_mistake(value: pl.Expr, rate: pl.Expr, last_unit: pl.Expr) -> pl.Expr:
    """Return the likely mistake in a stated rate: `share` for a percentage, a misplaced `comma`, counts `swapped`.

    A guess must reproduce the value to its last decimal, and within a tenth of it: a value of 1 proves nothing.
    """
    tolerance = pl.min_horizontal(last_unit / 2, value.abs() / 10) * (1 + RELATIVE_TOLERANCE)

    def is_near(other: pl.Expr) -> pl.Expr:
        return ((value - other).abs() <= tolerance) & (value != 0)

    inverse = pl.col("denominator") / pl.col("numerator") * pl.col("scale")
    return (
        pl.when(pl.col("percent") & is_near(rate / 100))
        .then(pl.lit("share"))
        .when(pl.col("divided") & is_near(inverse))
        .then(pl.lit("swapped"))
        .when(pl.any_horizontal(is_near(rate * move) for move in COMMA_SHIFTS))
        .then(pl.lit("comma"))
        .otherwise(pl.lit("none"))
    )
