"""Disclosure control at the way out of the store: what could reveal a person or a member is taken out here.

Nothing downstream sees a withheld figure. `thresholds` tells what is too small to be shown, `subtraction` what the
figures shown would give away of a hidden one; here is the order of both, and how sums over time are withheld. The
control of tables linked through groups and regions, and of earlier releases, belongs here too.
"""

from typing import Final

import polars as pl

from indicators.catalogue import Audience, Catalogue
from indicators.figures import Status
from indicators.subtraction import hide_last_part, hide_years
from indicators.thresholds import marked

COUNTS: Final = ("numerator", "denominator", "value", "largest_share")
"""Columns that say something of a figure: the share of its largest contributor tells that one the rest of it."""


def protect(figures: pl.DataFrame, catalogue: Catalogue, audience: Audience, *, consolidated: bool) -> pl.DataFrame:
    """Withhold what that reader may not see, by turning its counts to null and its `status` to `withheld`.

    `figures` has the columns indicator, numerator, denominator, value and status and, when `consolidated` (a row adds
    up several structures), contributors and largest_share; the other columns say of what and when, and rows that agree
    on them are the parts of one whole: a frame that holds one term of a sum must hold them all (`Catalogue.linked`),
    and one that holds the year of a quarterly indicator must hold its quarters. Rows of indicators that the reader may
    not see are dropped. Management sees everything of its own structure.
    """
    seen = pl.col("indicator").is_in([indicator.id for indicator in catalogue.seen_by(audience)])
    if audience is Audience.MANAGEMENT:
        return figures.filter(seen)
    apart = {*COUNTS, "indicator", "status", "contributors"}
    keys = [name for name in figures.columns if name not in apart]
    judged = marked(figures, catalogue, audience, consolidated=consolidated)
    judged = hide_last_part(judged, catalogue.sums, keys)
    if "period" in keys:
        with_years = hide_years(judged, catalogue, audience, keys, consolidated=consolidated)
        if with_years is not judged:
            judged = hide_last_part(with_years, catalogue.sums, keys)
    return withhold(judged.filter(seen), pl.col("hidden")).select(figures.columns)


def withhold(figures: pl.DataFrame, hidden: pl.Expr) -> pl.DataFrame:
    """Turn the counts of the rows that are hidden to null, and their status to `withheld`."""
    counts = [name for name in COUNTS if name in figures.columns]
    return figures.with_columns(
        *(pl.when(~hidden).then(name).alias(name) for name in counts),
        pl.when(hidden).then(pl.lit(Status.WITHHELD.value)).otherwise("status").alias("status"),
    )
