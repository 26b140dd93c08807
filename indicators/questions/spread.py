"""The structures of a perimeter side by side: one indicator, one period or window. In no order of merit."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from indicators.catalogue import Audience, Indicator
from indicators.disclosure import protect, withhold
from indicators.figures import Status, why_absent, why_incomplete
from indicators.network import Reading
from indicators.perimeters import Perimeter
from indicators.periods import Period, Span
from indicators.steps import parts_of
from indicators.sums import over_time, pooled
from indicators.values import COUNTED, valued

COLUMNS = ("structure", "numerator", "denominator", "value", "status")


def spread(
    reading: Reading,
    perimeter: Perimeter,
    indicator: Indicator,
    period: Span,
    audience: Audience,
    today: date = date.max,
) -> pl.DataFrame:
    """Return one row a structure that reported: structure, numerator, denominator, value, status; by structure code.

    Over a semester, a year or a rolling window, a structure that did not report the whole has a row without a value,
    whose status says why. A cohort that is still followed on the day `today` is not due.
    """
    parts = parts_of(period, indicator)
    # A part of a sum is withheld or shown with the others in view.
    linked = [reading.catalogue[name] for name in reading.catalogue.linked([indicator.id])]
    own = isinstance(period, Period) and period.frequency is indicator.frequency
    asked = parts if own else dict.fromkeys([*parts, *([period] if isinstance(period, Period) else [])])
    counts = _counts(reading, perimeter, linked, [part for part in asked if isinstance(part, Period)])
    if own:
        counts = pooled(counts, linked, single=True).filter(pl.col("period") == period.code)
        figures = protect(valued(counts, linked, single=True), reading.catalogue, audience, consolidated=False)
        figures = figures.filter(pl.col("indicator") == indicator.id)
    else:
        figures = over_time(counts, indicator, reading.catalogue, audience, {period: parts}, consolidated=False)
        if audience.sees(indicator.audience):
            figures = pl.concat([figures, _incomplete(reading, counts, figures, indicator, parts, today)])
    followed = indicator.followed_until(period) if isinstance(period, Period) else None
    if followed is not None and today <= followed:
        figures = withhold(figures, pl.lit(value=True)).with_columns(pl.lit(Status.NOT_DUE.value).alias("status"))
    return figures.select(COLUMNS).sort("structure")


def _counts(
    reading: Reading, perimeter: Perimeter, indicators: Sequence[Indicator], periods: Sequence[Period]
) -> pl.DataFrame:
    """Return what each structure counted of some indicators in some periods, before disclosure control."""
    members = reading.structures.members(perimeter)
    names, codes = [sheet.id for sheet in indicators], [period.code for period in periods]
    kept = reading.register_counts.filter(pl.col("structure").is_in(members) & pl.col("indicator").is_in(names))
    registered = kept["indicator"].unique().to_list()
    reported = reading.ask_reported(
        "spread",
        members,
        indicators=[name for name in names if name not in registered],
        periods=codes,
        since=min((period.end for period in periods), default=date.max),
        until=max((period.end for period in periods), default=date.max),
    )
    rows = pl.concat([reported, kept.filter(pl.col("period").is_in(codes))], how="diagonal_relaxed")
    quotient = pl.col("numerator") / pl.col("denominator")
    return rows.with_columns(
        pl.when(quotient.is_finite()).then(quotient).alias("quotients"),
        pl.lit(1, pl.Int32).alias("contributors"),
        pl.lit(None, pl.Float64).alias("largest_share"),
        pl.lit(None, pl.Float64).alias("largest_quotient"),
    ).select("structure", "indicator", "period", "period_end", *COUNTED)


def _incomplete(
    reading: Reading,
    counts: pl.DataFrame,
    figures: pl.DataFrame,
    indicator: Indicator,
    parts: Sequence[Period],
    today: date,
) -> pl.DataFrame:
    """Return a row for each structure that reported some of the parts and not all, with the reason."""
    own = counts.filter(pl.col("indicator") == indicator.id).join(figures, on="structure", how="anti")
    known = own.group_by("structure").agg(pl.col("period").filter(pl.col("numerator").is_not_null()))
    told = [
        (
            structure,
            why_incomplete(
                why_absent(indicator, part, reading.structures[structure], today)
                for part in parts
                if part.code not in delivered
            ).value,
        )
        for structure, delivered in known.iter_rows()
    ]
    rows = pl.DataFrame(told, schema={"structure": pl.String, "status": pl.String}, orient="row")
    missing = [pl.lit(None, kind).alias(name) for name, kind in figures.schema.items() if name not in rows.columns]
    return rows.with_columns(missing).select(figures.columns)
