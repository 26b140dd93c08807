"""How the structures of a perimeter spread round their median, period after period, when there are enough of them."""

from typing import Final

import polars as pl

from indicators.catalogue import Audience, Indicator
from indicators.network import Reading
from indicators.perimeters import Perimeter

FEWEST_PEERS: Final = 20
"""A decile of fewer structures than this could be one of them."""


def distribution(reading: Reading, perimeter: Perimeter, indicator: Indicator, audience: Audience) -> pl.DataFrame:
    """Return period, period_end, structures, first_decile, median, last_decile, in the unit of the value.

    One row a period of the indicator's own frequency in which at least twenty structures had enough cases; none if the
    reader may not see the indicator.
    """
    members = reading.structures.members(perimeter) if audience.sees(indicator.audience) else []
    rows = reading.ask_counts(
        "distribution",
        members,
        indicator=indicator.id,
        minimum_denominator=indicator.disclosure.minimum_denominator,
    )
    deciles = ("first_decile", "median", "last_decile")
    return rows.filter(pl.col("structures") >= FEWEST_PEERS).with_columns(pl.col(deciles) * indicator.scale)
