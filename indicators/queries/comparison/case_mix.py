"""Whom structures welcome, beside their rates: so that nobody compares the incomparable."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue, Indicator
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period
from indicators.network import Reading
from indicators.queries.figures.by_structure import spread

CASE_MIX: Final = ("women_share", "minimum_income_share", "long_term_unemployed_share")
"""Indicators that tell whom a structure welcomes, as far as a catalogue has them: none says anything of its results."""


def mix_seen(catalogue: Catalogue, audience: Audience) -> list[Indicator]:
    """Return those that the audience may see: a sheet that keeps its figures inside the structure is obeyed."""
    known = [catalogue.indicators[name] for name in CASE_MIX if name in catalogue.indicators]
    return [sheet for sheet in known if audience.sees(sheet.audience)]


def mix_kept(catalogue: Catalogue, audience: Audience) -> list[Indicator]:
    """Return those that are reported and that the audience may not see: to be said, since they are looked for."""
    known = [catalogue.indicators[name] for name in CASE_MIX if name in catalogue.indicators]
    return [sheet for sheet in known if not audience.sees(sheet.audience)]


def case_mix(reading: Reading, perimeter: Perimeter, quarter: Period, audience: Audience, today: date) -> pl.DataFrame:
    """Return structure, and the value of each indicator of `mix_seen` in its newest period over by a quarter's end.

    One row a structure of the perimeter; null where there is nothing to show.
    """
    sheets = mix_seen(reading.catalogue, audience)
    periods = tuple(Period.latest_ended(quarter.end, sheet.frequency) for sheet in sheets)
    name = ("case mix", perimeter, periods, audience, today)
    return reading.once(name, lambda: _ask(reading, perimeter, sheets, periods, audience, today))


def _ask(
    reading: Reading,
    perimeter: Perimeter,
    sheets: Sequence[Indicator],
    periods: Sequence[Period],
    audience: Audience,
    today: date,
) -> pl.DataFrame:
    members = reading.structures.members_on(perimeter, max((period.end for period in periods), default=date.max))
    mixed = pl.DataFrame({"structure": members}, schema={"structure": pl.String})
    for sheet, period in zip(sheets, periods, strict=True):
        found = spread(reading, perimeter, sheet, period, audience, today)
        values = found.select("structure", pl.col("value").alias(sheet.id))
        mixed = mixed.join(values, on="structure", how="left", maintain_order="left")
    return mixed
