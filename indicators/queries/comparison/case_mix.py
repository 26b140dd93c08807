"""Case mix of structures, shown beside their rates to make differences in the people they welcome visible."""

from datetime import date
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue, Indicator
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.periods import Period
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.snapshot import QueryContext, per_version

CASE_MIX_INDICATORS: Final = ("women_share", "minimum_income_share", "long_term_unemployed_share")
"""Indicators of the people whom a structure welcomes, if the catalogue has them; none measures its results."""


def visible_case_mix(catalogue: Catalogue, audience: Audience) -> list[Indicator]:
    """Return the case-mix indicators that an audience may see."""
    sheets = [catalogue.indicators[name] for name in CASE_MIX_INDICATORS if name in catalogue.indicators]
    return [sheet for sheet in sheets if audience.sees(sheet.audience)]


def hidden_case_mix(catalogue: Catalogue, audience: Audience) -> list[Indicator]:
    """Return the case-mix indicators that an audience may not see: pages mention them, since readers look for them."""
    sheets = [catalogue.indicators[name] for name in CASE_MIX_INDICATORS if name in catalogue.indicators]
    return [sheet for sheet in sheets if not audience.sees(sheet.audience)]


@per_version
def case_mix(context: QueryContext, perimeter: Perimeter, quarter: Period) -> pl.DataFrame:
    """Return structure and the value of each `visible_case_mix` indicator in its newest period over by a quarter's end.

    One row per structure of the perimeter; null where there is nothing to show.
    """
    sheets = visible_case_mix(context.snapshot.catalogue, context.audience)
    periods = [Period.latest_ended(quarter.end, sheet.frequency) for sheet in sheets]
    members = context.snapshot.structures.members_on(
        perimeter, max((period.end for period in periods), default=date.max)
    )
    result = pl.DataFrame({"structure": members}, schema={"structure": pl.String})
    for sheet, period in zip(sheets, periods, strict=True):
        figures = figures_by_structure(context, perimeter, sheet, period).rows
        values = figures.select("structure", pl.col("value").alias(sheet.id))
        result = result.join(values, on="structure", how="left", maintain_order="left")
    return result
