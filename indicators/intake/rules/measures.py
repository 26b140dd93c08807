"""Measures row by row: what each counts or states (C01, C02, C07, C08, X02)."""

from typing import Final

import polars as pl

from indicators.definitions.catalogue import Catalogue
from indicators.definitions.periods import Period
from indicators.intake.rules.row_keys import placed
from indicators.intake.rules.rule import Facts, Rule, Rules, looked_up
from indicators.intake.rules.units import refused, units_of
from schemas.findings import Severity
from schemas.structures import KINDS

WHOLE_SEGMENT: Final = "ensemble"
FINEST: Final = 6
"""Decimals beyond which a stated rate is no longer compared with its counts."""
MOVES: Final = (10.0, 100.0, 0.1, 0.01)
"""How far a decimal comma is found moved."""
NEAR: Final = 1e-6
PADDED: Final = 4
"""Decimals of a number to which a 0 was added so that it could not be read as thousands."""


def complete(rules: Rules) -> pl.DataFrame:
    """Settle each row as counted, stated or absent, and give it its segment and the last day of its period.

    An absence in the numerator makes the row absent; a count that stands in the value column is the numerator. Three
    more columns, `structure:place` and so on, tell where each row's own stands among the structures of the network,
    the indicators of the catalogue and the sorted periods of the file.
    """
    catalogue = rules.reading.catalogue
    periods = rules.typed["period"].unique().drop_nulls().sort()
    ends = pl.Series([Period.parse(code).end for code in periods], dtype=pl.Date)
    undivided = pl.Series([not sheet.denominator_required for sheet in catalogue])
    absent = pl.col("numerator:absence").is_not_null() | (
        pl.col("numerator").is_null() & pl.col("value:absence").is_not_null()
    )
    value = pl.when(~absent).then("value")
    counted = pl.when(pl.lit(undivided).gather(pl.col("indicator:place"))).then(pl.coalesce("numerator", value))
    return rules.typed.with_columns(
        placed("structure", list(rules.reading.structures.by_id)),
        placed("indicator", list(catalogue.indicators)),
        placed("period", periods.to_list()),
        *(rules.table.texts[name].is_null().alias(f"{name}:empty") for name in ("numerator", "denominator")),
        pl.col("value").is_not_null().alias("value:stated"),
    ).with_columns(
        pl.col("segment").fill_null(WHOLE_SEGMENT),
        pl.when(absent).then(pl.coalesce("numerator:absence", "value:absence").cast(pl.String)).alias("absence"),
        pl.coalesce(counted, "numerator").alias("numerator"),
        value.alias("value"),
        pl.lit(ends).gather(pl.col("period:place")).alias("period_end"),
    )


def with_sheets(rules: Rules) -> Facts:
    """Put beside each row what its indicator's sheet says, and `rate`, what its counts make."""
    known = looked_up(_sheets(rules.reading.catalogue, rules.collected.period), "indicator:place")
    divisor = pl.when("divided").then("denominator").otherwise(1.0)
    rate = (pl.col("numerator") / divisor * pl.col("scale")).alias("rate")
    return lambda lines: lines.with_columns(known).with_columns(rate)


def _sheets(catalogue: Catalogue, collected: Period | None) -> pl.DataFrame:
    """What the rules need of each indicator, one row an indicator.

    `kinds` has a bit for each kind it applies to; `wanted` is its newest period over by the end of the one collected,
    or else its frequency.
    """
    return pl.DataFrame(
        [
            (
                sheet.scale,
                sheet.denominator_required,
                sheet.numerator_whole,
                sheet.counted_in == "people" and sheet.capped,
                sheet.capped,
                sheet.unit == "%",
                *map(float, sheet.range),
                sum(1 << place for place, kind in enumerate(KINDS) if sheet.applies_to(kind)),
                sheet.frequency.value,
                Period.latest_ended(collected.end, sheet.frequency).code if collected else sheet.frequency.value,
                *units_of(sheet),
            )
            for sheet in catalogue
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
    """A row is counted whole, or states a rate alone, or says why it has neither."""
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    nothing = pl.col("numerator:empty") & pl.col("absence").is_null() & numerator.is_null()
    counted = numerator.is_not_null() & (numerator >= 0) & (denominator.is_null() | (denominator > 0))
    over = ((numerator > denominator) & pl.col("part")).fill_null(value=False)
    bounds = {name: pl.when(pl.col(name).is_finite()).then(name) for name in ("lowest", "highest")}
    stated = pl.col("value").is_not_null() & numerator.is_null()
    divided = pl.col("divided") & numerator.is_not_null()
    return [
        Rule("C01", nothing & (pl.col("value").is_null() | denominator.is_not_null()), "numerator"),
        Rule("C01", divided & pl.col("denominator:empty"), "denominator"),
        Rule("C08", pl.col("whole") & (numerator != numerator.floor()), "numerator"),
        Rule("C08", pl.col("heads") & (denominator != denominator.floor()), "denominator"),
        Rule("C07", counted & ~_within("rate") & ~over, "numerator", values=bounds),
        Rule("C07", stated & ~_within("value"), "value", values=bounds),
        _stated_rate(over),
    ]


def absence_rules(rules: Rules) -> list[Rule]:
    """An absence says why there is no figure: it may not stand beside the figure it would hide (C02).

    Cells were told one by one that they are absences; here each is told once, for what it is in its row.
    """
    beside = {
        "numerator": pl.col("value:stated"),
        "denominator": pl.col("divided") & pl.col("numerator").is_not_null(),
        "value": pl.lit(value=False),
    }
    told: list[Rule] = []
    for field, figure in beside.items():
        absent = pl.col(f"{field}:absence").is_not_null()
        hides = figure.fill_null(value=False)
        rules.report.withdraw("C02", Severity.INFO, field)
        told += [
            Rule("C02", absent & hides, field, Severity.BLOCKING),
            Rule("C02", absent & ~hides, field, Severity.INFO),
        ]
    return told


def _within(name: str) -> pl.Expr:
    return pl.col(name).is_between(pl.col("lowest"), pl.col("highest"))


def _stated_rate(over: pl.Expr) -> Rule:
    """A rate stated beside its counts must be theirs, to the decimals it shows; what happened is guessed."""
    value, rate = pl.col("value"), pl.col("rate")
    written = pl.col("value:decimals").fill_null(0)
    # A fourth decimal that is 0 only says that the three before it are no thousands: exports write it, nobody else.
    padded = (written == PADDED) & ((value * 1000).round(6) == (value * 1000).round())
    shown = pl.min_horizontal(pl.when(padded).then(PADDED - 1).otherwise(written), pl.lit(FINEST))
    last = pl.lit(10.0).pow(-shown.cast(pl.Float64))
    exact = rate.round(1)
    unread = pl.any_horizontal(
        refused(name, pl.col(f"{name}:allowed")) for name in ("numerator", "denominator", "value")
    )
    return Rule(
        "X02",
        ((value - rate).abs() > last * (1 + NEAR)) & rate.is_finite() & (pl.col("numerator") >= 0) & ~over & ~unread,
        "value",
        suggestion=exact.cast(pl.String).str.replace(".", ",", literal=True),
        values={"exact": exact, "guess": _guess(value, rate, last)},
    )


def _guess(value: pl.Expr, rate: pl.Expr, last: pl.Expr) -> pl.Expr:
    """Say what may have happened to a stated rate: `share` for a percentage, a `comma` moved, counts `swapped`.

    A guess must give the value back when it is rounded to its last decimal, and within a tenth of it: a 1 is no sign.
    """
    tolerance = pl.min_horizontal(last / 2, value.abs() / 10) * (1 + NEAR)

    def is_near(other: pl.Expr) -> pl.Expr:
        return ((value - other).abs() <= tolerance) & (value != 0)

    inverse = pl.col("denominator") / pl.col("numerator") * pl.col("scale")
    return (
        pl.when(pl.col("percent") & is_near(rate / 100))
        .then(pl.lit("share"))
        .when(pl.col("divided") & is_near(inverse))
        .then(pl.lit("swapped"))
        .when(pl.any_horizontal(is_near(rate * move) for move in MOVES))
        .then(pl.lit("comma"))
        .otherwise(pl.lit("none"))
    )
