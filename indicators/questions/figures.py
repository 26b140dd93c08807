"""Figures of a perimeter: each indicator in each period, consolidated, protected."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from indicators.catalogue import Audience, Indicator
from indicators.disclosure import protect
from indicators.figures import Figure, Shown, Status, why_absent
from indicators.network import Reading
from indicators.perimeters import Level, Perimeter
from indicators.periods import Period


def figures(
    reading: Reading,
    perimeter: Perimeter,
    indicators: Sequence[Indicator],
    since: date,
    until: date,
    audience: Audience,
) -> pl.DataFrame:
    """Return the figures of a perimeter whose period ends between two days.

    One row is one indicator × one period: indicator, period, period_end, numerator, denominator, value, contributors,
    largest_share, status. A rate is the ratio of the sums, a count the sum; a rate reported without its counts is a
    value of one structure and is never consolidated. An indicator the reader may not see gives no row.
    """
    members = reading.structures.members(perimeter)
    counts = reading.ask_counts(
        "figures",
        members,
        indicators=[indicator.id for indicator in indicators if audience.sees(indicator.audience)],
        since=since,
        until=until,
    )
    valued = _valued(counts, indicators, single=perimeter.level is Level.STRUCTURE)
    return protect(valued, reading.catalogue, audience, consolidated=perimeter.level is not Level.STRUCTURE)


def _valued(counts: pl.DataFrame, indicators: Sequence[Indicator], *, single: bool) -> pl.DataFrame:
    """Give each row its value and its status, from what was counted or, for one structure, from what it stated."""
    facts = pl.DataFrame(
        [(sheet.id, sheet.scale, sheet.aggregation == "ratio", sheet.denominator_required) for sheet in indicators],
        schema={"indicator": pl.String, "scale": pl.Float64, "ratio": pl.Boolean, "divided": pl.Boolean},
        orient="row",
    )
    whole = pl.col("denominator").is_not_null() & (pl.col("denominator") > 0)
    value: pl.Expr = (
        pl.when(pl.col("divided") & pl.col("ratio") & whole)
        .then(pl.col("numerator") / pl.col("denominator") * pl.col("scale"))
        .when(pl.col("divided") & ~pl.col("ratio") & whole)
        .then(pl.col("quotients") * pl.col("scale"))
        .when(~pl.col("divided"))
        .then("numerator")
    )
    if single:
        value = pl.coalesce(value, "stated_value")
    status = (
        pl.when(pl.col("value").is_not_null())
        .then(pl.lit(Status.OK.value))
        .otherwise(pl.coalesce("absence", pl.lit(Status.MISSING.value)))
    )
    return (
        counts.join(facts, on="indicator", how="left", maintain_order="left")
        .with_columns(value.alias("value"))
        .with_columns(status.alias("status"))
        .select(
            "indicator",
            "period",
            "period_end",
            *(pl.when(pl.col("value").is_not_null()).then(name).alias(name) for name in ("numerator", "denominator")),
            "value",
            "contributors",
            "largest_share",
            "status",
        )
    )


def read_figure(
    reading: Reading,
    perimeter: Perimeter,
    indicator: Indicator,
    period: Period,
    row: dict[str, object] | None,
    today: date,
) -> Figure:
    """Turn a row of `figures` into a figure; no row is an absence, whose reason is told."""
    target = reading.target(perimeter, indicator.id, period)
    if row is None or row["status"] == Status.MISSING:
        absences = {
            why_absent(indicator, period, reading.structures[member], today)
            for member in reading.structures.members(perimeter)
        }
        for absence in (Status.MISSING, Status.NOT_DUE, Status.NOT_APPLICABLE):
            if absence in absences:
                return Figure(indicator, period, absence, target)
        return Figure(indicator, period, Status.NOT_APPLICABLE, target)
    if row["status"] != Status.OK:
        return Figure(indicator, period, Status(str(row["status"])), target)
    shown = Shown(
        float(str(row["value"])), _number(row["numerator"]), _number(row["denominator"]), int(str(row["contributors"]))
    )
    return Figure(indicator, period, shown, target)


def _number(cell: object) -> float | None:
    return None if cell is None else float(str(cell))
