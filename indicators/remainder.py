"""What is left of a total once the parts shown are taken from it (METHODS 6.3). Pure functions of frames.

The network is the sum of its regions, and the sum of its kinds: whoever sees it and all of them but one sees that one.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from indicators.catalogue import Audience, Catalogue
from indicators.thresholds import marked

PORTION: Final = "portion"
"""The column that names a part of a whole: the rows that agree on all the others add up to it."""


def hide_until_the_rest_is_safe(
    judged: pl.DataFrame, catalogue: Catalogue, audience: Audience, of: Sequence[str]
) -> pl.DataFrame:
    """Where what the hidden parts add up to would tell too much of one, hide the smallest part shown, and again.

    What is left must be of two parts at least, and would have to be shown if it were a figure of its own: enough
    people, enough contributors, none of them nearly the whole. `judged` has the columns of `protect`, `hidden` and
    `PORTION`; `of` are the columns, beside the indicator, that say of what whole and when.
    """
    on = ["indicator", *of]
    quotients = [sheet.id for sheet in catalogue if sheet.denominator_required and sheet.aggregation != "ratio"]
    weight = (
        pl.when(pl.col("indicator").is_in(quotients)).then("value").otherwise(pl.coalesce("denominator", "numerator"))
    )
    rows = judged.with_row_index("row").with_columns(weight.alias("weight")).filter(pl.col("numerator").is_not_null())
    hidden = judged["hidden"]
    while True:
        known = rows.with_columns(hidden.gather(rows["row"]).alias("hidden"))
        unsafe = _rest(known, catalogue, audience, on).filter(pl.col("hidden") | (pl.col("parts") == 1))
        smallest = (
            known.filter(~pl.col("hidden"))
            .join(unsafe, on=on, how="semi", nulls_equal=True)
            .sort("weight", PORTION)
            .unique(on, keep="first")
        )
        if smallest.is_empty():
            return judged.with_columns(hidden)
        hidden = hidden.scatter(smallest["row"], [True] * smallest.height)


def _rest(known: pl.DataFrame, catalogue: Catalogue, audience: Audience, on: Sequence[str]) -> pl.DataFrame:
    """Return what the hidden parts add up to, as a figure of its own: `hidden` says if it would be withheld."""
    divided = pl.col("denominator").is_not_null().any()
    rest = (
        known.filter("hidden")
        .group_by(on)
        .agg(
            pl.col("numerator").sum(),
            pl.when(divided).then(pl.col("denominator").sum()).alias("denominator"),
            pl.col("contributors").sum(),
            ((pl.col("largest_share") * pl.col("weight")).max() / pl.col("weight").sum()).alias("largest_share"),
            pl.len().alias("parts"),
        )
    )
    return marked(rest, catalogue, audience, consolidated=True)
