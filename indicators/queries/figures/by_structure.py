"""The structures of a perimeter side by side: one indicator, one period or window. In no order of merit."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period, Span
from indicators.disclosure.control import protect, withhold
from indicators.figures.aggregation import over_time, pooled
from indicators.figures.figure import Status, why_absent, why_incomplete
from indicators.figures.time_steps import parts_of
from indicators.figures.values import valued
from indicators.network import Reading
from indicators.queries.figures.counts import side_by_side
from indicators.queries.figures.suppression import withheld_structures

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
    ends = [part.end for part in asked] or [date.max]
    members, names = reading.structures.members_on(perimeter, period.end), [sheet.id for sheet in linked]
    counts = side_by_side(reading, members, names, [part.code for part in asked], min(ends), max(ends))
    too = withheld_structures(reading, audience, min(ends), max(ends))
    if own:
        counts = pooled(counts, linked, single=True).filter(pl.col("period") == period.code)
        alone = valued(counts, linked, single=True)
        figures = protect(alone, reading.catalogue, audience, withheld_too=too)
        figures = figures.filter(pl.col("indicator") == indicator.id)
    else:
        figures = over_time(
            counts, indicator, reading.catalogue, audience, {period: parts}, consolidated=False, withheld_too=too
        )
        if audience.sees(indicator.audience):
            figures = pl.concat([figures, _incomplete(reading, counts, figures, indicator, parts, today)])
    followed = indicator.followed_until(period) if isinstance(period, Period) else None
    if followed is not None and today <= followed:
        figures = withhold(figures, pl.lit(value=True)).with_columns(pl.lit(Status.NOT_DUE.value).alias("status"))
    return figures.select(COLUMNS).sort("structure")


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
                why_absent(indicator, part, reading.structures.at(part.end)[structure], today)
                for part in parts
                if part.code not in delivered
            ).value,
        )
        for structure, delivered in known.iter_rows()
    ]
    rows = pl.DataFrame(told, schema={"structure": pl.String, "status": pl.String}, orient="row")
    missing = [pl.lit(None, kind).alias(name) for name, kind in figures.schema.items() if name not in rows.columns]
    return rows.with_columns(missing).select(figures.columns)
