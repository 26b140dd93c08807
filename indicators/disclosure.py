"""Disclosure control at the way out of the store: what could reveal a person or a member is taken out here.

Nothing downstream sees a withheld figure. `thresholds` tells what is too small to be shown, `subtraction` and
`remainder` what the figures shown would give away of a hidden one, `totals` what structures and the perimeters that add
them up would give away of one another; here is the order of them. The control of earlier releases belongs here too.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from indicators.catalogue import Audience, Catalogue
from indicators.figures import Status
from indicators.remainder import PORTION, hide_until_the_rest_is_safe
from indicators.subtraction import hide_last_part, hide_years
from indicators.thresholds import marked

COUNTS: Final = ("numerator", "denominator", "value", "largest_share", "from_register")
"""Columns that say something of a figure: the share of its largest contributor tells that one the rest of it."""


def protect(
    figures: pl.DataFrame,
    catalogue: Catalogue,
    audience: Audience,
    *,
    consolidated: bool,
    withheld_too: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Withhold what that reader may not see, by turning its counts to null and its `status` to `withheld`.

    `figures` has the columns indicator, numerator, denominator, value and status and, when `consolidated` (a row adds
    up several structures), contributors and largest_share; the other columns say of what and when, and rows that agree
    on them are the parts of one whole: a frame that holds one term of a sum must hold them all (`Catalogue.linked`),
    and one that holds the year of a quarterly indicator must hold its quarters. With a column `portion`, the rows that
    agree on the others are all the parts of the network, and what is left of it once those shown are taken must tell
    nothing. `withheld_too` names the rows that are withheld for what other perimeters show, by some of the columns.
    Rows of indicators that the reader may not see are dropped. Management sees everything of its own structure.
    """
    seen = pl.col("indicator").is_in([indicator.id for indicator in catalogue.seen_by(audience)])
    if audience is Audience.MANAGEMENT:
        return figures.filter(seen)
    apart = {*COUNTS, "indicator", "status", "contributors"}
    keys = [name for name in figures.columns if name not in apart]
    judged = marked(figures, catalogue, audience, consolidated=consolidated)
    if withheld_too is not None and not withheld_too.is_empty():
        judged = _hide_too(judged, withheld_too)
    judged = hide_last_part(judged, catalogue.sums, keys)
    if "period" in keys:
        with_years = hide_years(judged, catalogue, audience, keys, consolidated=consolidated)
        if with_years is not judged:
            judged = hide_last_part(with_years, catalogue.sums, keys)
    if PORTION in keys:
        judged = _hide_parts(judged, catalogue, audience, keys)
    return withhold(judged.filter(seen), pl.col("hidden")).select(figures.columns)


def _hide_too(judged: pl.DataFrame, withheld_too: pl.DataFrame) -> pl.DataFrame:
    """Hide what was counted in the rows named; what was not counted stays the absence it is."""
    named = withheld_too.unique().with_columns(pl.lit(value=True).alias("named"))
    return (
        judged.join(named, on=withheld_too.columns, how="left", maintain_order="left")
        .with_columns(pl.col("hidden") | (pl.col("named").fill_null(value=False) & pl.col("numerator").is_not_null()))
        .drop("named")
    )


def _hide_parts(judged: pl.DataFrame, catalogue: Catalogue, audience: Audience, keys: Sequence[str]) -> pl.DataFrame:
    """Hide parts of the network, and terms of sums in them, until neither gives the other away."""
    of = [name for name in keys if name != PORTION]
    while True:
        wider = hide_until_the_rest_is_safe(judged, catalogue, audience, of)
        wider = hide_last_part(wider, catalogue.sums, keys)
        if wider["hidden"].sum() == judged["hidden"].sum():
            return judged
        judged = wider


def withhold(figures: pl.DataFrame, hidden: pl.Expr) -> pl.DataFrame:
    """Turn the counts of the rows that are hidden to null, and their status to `withheld`."""
    counts = [name for name in COUNTS if name in figures.columns]
    return figures.with_columns(
        *(pl.when(~hidden).then(name).alias(name) for name in counts),
        pl.when(hidden).then(pl.lit(Status.WITHHELD.value)).otherwise("status").alias("status"),
    )
