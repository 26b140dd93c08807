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
    wanted = [indicator.id for indicator in indicators if audience.sees(indicator.audience)]
    return reading.once(
        ("figures", perimeter, tuple(wanted), since, until, audience),
        lambda: _ask(reading, perimeter, wanted, since, until, audience),
    )


def _ask(
    reading: Reading, perimeter: Perimeter, wanted: Sequence[str], since: date, until: date, audience: Audience
) -> pl.DataFrame:
    members = reading.structures.members(perimeter)
    # A part of a sum is withheld or shown with the others in view, whichever of them is asked for.
    asked = reading.catalogue.linked(wanted)
    kept = reading.register_counts.filter(pl.col("structure").is_in(members) & pl.col("indicator").is_in(asked))
    registered = kept["indicator"].unique().to_list()
    reported = reading.ask_reported(
        "figures",
        members,
        indicators=[indicator for indicator in asked if indicator not in registered],
        since=since,
        until=until,
    )
    counted = _added_up(kept.filter(pl.col("period_end").is_between(since, until)))
    counts = pl.concat([reported, counted], how="diagonal_relaxed") if counted.height else reported
    single = perimeter.level is Level.STRUCTURE
    valued = _valued(counts, [reading.catalogue[name] for name in asked], single=single)
    protected = protect(valued, reading.catalogue, audience, consolidated=not single)
    return protected if asked == wanted else protected.filter(pl.col("indicator").is_in(wanted))


def _added_up(counts: pl.DataFrame) -> pl.DataFrame:
    """Add up counts taken from registers, as `figures.sql` does for what is reported."""
    weight = pl.coalesce("denominator", "numerator")
    return counts.group_by("indicator", "period", "period_end").agg(
        pl.col("numerator").sum(),
        pl.when(pl.col("denominator").is_not_null().any()).then(pl.col("denominator").sum()).alias("denominator"),
        pl.len().alias("contributors"),
        (weight.max() / weight.sum()).alias("largest_share"),
    )


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
        counts.lazy()
        .join(facts.lazy(), on="indicator", how="left", maintain_order="left")
        .with_columns(value.alias("value"))
        .with_columns(status.alias("status"))
        .select(
            "indicator",
            "period",
            "period_end",
            *(pl.when(pl.col("value").is_not_null()).then(name).alias(name) for name in ("numerator", "denominator")),
            "value",
            "contributors",
            # Of a sum of quotients (FTE), a member's weight is its quotient, not the hours of one FTE.
            pl.when(pl.col("divided") & ~pl.col("ratio"))
            .then("largest_quotient")
            .otherwise("largest_share")
            .alias("largest_share"),
            "status",
        )
        .collect()
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
        return Figure(indicator, period, _absence(reading, perimeter, indicator, period, today), target)
    if row["status"] != Status.OK:
        return Figure(indicator, period, Status(str(row["status"])), target)
    shown = Shown(
        float(str(row["value"])), _number(row["numerator"]), _number(row["denominator"]), int(str(row["contributors"]))
    )
    return Figure(indicator, period, shown, target)


def _number(cell: object) -> float | None:
    return None if cell is None else float(str(cell))


def _absence(reading: Reading, perimeter: Perimeter, indicator: Indicator, period: Period, today: date) -> Status:
    """Tell why a perimeter has no figure: as its first structure that is concerned, if any is."""
    for member in reading.structures.members(perimeter):
        status = why_absent(indicator, period, reading.structures[member], today)
        if status is not Status.NOT_APPLICABLE:
            return status
    return Status.NOT_APPLICABLE
