"""Complementary suppression: the residual of a total must pass the primary rules itself (METHODS 6.2, 6.3).

The residual is the total minus its structures shown; it is empty where all are shown, since anyone can add them up. The
residual after subtracting other totals that lie within it, as the regions lie in the network, must pass too. Pure
functions of frames.

A frame of hidden terms has one row per structure × indicator × period × total that includes it: structure, `TOTAL_KEY`,
numerator, denominator and weight, its weight in a sum of several.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue
from indicators.definitions.perimeters import Level
from indicators.disclosure.thresholds import apply_primary_suppression
from indicators.figures.aggregation import largest_share, summed_counts

PART: Final = "portion"
"""Column that names a part of a whole: the rows that agree on all other columns add up to the whole."""
TOTAL_KEY: Final = ("level", PART, "indicator", "period")
"""Key of a total: its level, its name at that level, its indicator and period."""
INDICATOR_PERIOD: Final = ("indicator", "period")
CELL_KEY: Final = ("structure", *INDICATOR_PERIOD)


def residuals(
    hidden_terms: pl.DataFrame, catalogue: Catalogue, audience: Audience, on: Sequence[str] = TOTAL_KEY
) -> pl.DataFrame:
    """Return the sum of the hidden terms of each total, with `hidden` and `rule` of the primary rules applied to it."""
    sums = hidden_terms.group_by(on).agg(
        *summed_counts(), pl.len().alias("contributors"), largest_share(pl.col("weight"))
    )
    return apply_primary_suppression(sums, catalogue, audience, consolidated=True)


def totals_exposed_by_differences(
    hidden_terms: pl.DataFrame, suppressed: pl.DataFrame, catalogue: Catalogue, audience: Audience
) -> pl.DataFrame:
    """Return totals to suppress because a difference of totals reveals too much: `TOTAL_KEY`, at most one for each.

    The hidden terms of all totals of another level that lie within a total shown are subtracted from its own. If the
    rest fails the primary rules, the total with the fewest hidden structures is suppressed, the network's last.
    `suppressed` are the totals already suppressed.
    """
    remaining_terms = hidden_terms.join(suppressed, on=TOTAL_KEY, how="anti").select(
        "structure", *TOTAL_KEY, "numerator", "denominator", "weight"
    )
    sizes = remaining_terms.group_by(TOTAL_KEY).agg(pl.len().alias("size"))
    inner = remaining_terms.select(
        "structure", *INDICATOR_PERIOD, pl.col("level").alias("by"), pl.col(PART).alias("within")
    )
    nested = remaining_terms.join(inner, on=CELL_KEY).filter(pl.col("by") != pl.col("level"))
    inner_sizes = sizes.rename({"level": "by", PART: "within", "size": "inner_size"})
    pair = [*TOTAL_KEY, "by", "within"]
    within = (
        nested.group_by(pair)
        .agg(pl.len().alias("common"))
        .join(inner_sizes, on=["by", "within", *INDICATOR_PERIOD])
        .filter(pl.col("common") == pl.col("inner_size"))
    )
    levels = within.select(*TOTAL_KEY, "by").unique()
    covered = nested.join(within, on=pair, how="semi").select(*CELL_KEY, "level", PART, "by")
    uncovered = remaining_terms.join(levels, on=TOTAL_KEY).join(
        covered, on=[*CELL_KEY, "level", PART, "by"], how="anti"
    )
    unsafe = residuals(uncovered, catalogue, audience, [*TOTAL_KEY, "by"]).filter("hidden").select(*TOTAL_KEY, "by")
    if unsafe.is_empty():
        return suppressed.clear().select(TOTAL_KEY)
    outer = unsafe.select(*TOTAL_KEY, "by", pl.col("level").alias("named"), pl.col(PART).alias("name"))
    parts = unsafe.join(within, on=[*TOTAL_KEY, "by"]).select(
        *TOTAL_KEY, "by", pl.col("by").alias("named"), pl.col("within").alias("name")
    )
    candidates = pl.concat([outer, parts]).join(
        sizes.rename({"level": "named", PART: "name"}), on=["named", "name", *INDICATOR_PERIOD]
    )
    smallest = candidates.sort(pl.col("named") == Level.NETWORK, "size", "named", "name").unique(
        [*TOTAL_KEY, "by"], keep="first", maintain_order=True
    )
    return smallest.select(pl.col("named").alias("level"), pl.col("name").alias(PART), *INDICATOR_PERIOD).unique()


def totals_exposed_by_zero_sums(
    hidden_terms: pl.DataFrame, suppressed: pl.DataFrame, catalogue: Catalogue
) -> pl.DataFrame:
    """Return totals to suppress because the other terms of a sum leave zero for the suppressed ones: `TOTAL_KEY`.

    Counts are never negative: if they add up to zero, each is zero. The smallest other term is suppressed.
    """
    exposed = [suppressed.clear().select(TOTAL_KEY)]
    on = ["level", PART, "period"]
    for total, parts in catalogue.sums.items():
        terms = (
            hidden_terms.filter(pl.col("indicator").is_in([total, *parts]))
            .group_by(TOTAL_KEY)
            .agg(pl.col("numerator").sum())
        )
        suppressed_sums = (
            terms.join(suppressed, on=TOTAL_KEY, how="semi").group_by(on).agg(pl.col("numerator").sum().alias("behind"))
        )
        zero_sums = suppressed_sums.filter(pl.col("behind") == 0)
        others = terms.filter(pl.col("indicator").is_in(parts)).join(suppressed, on=TOTAL_KEY, how="anti")
        smallest = (
            others.join(zero_sums, on=on, how="semi")
            .sort("numerator", "indicator")
            .unique(on, keep="first", maintain_order=True)
        )
        exposed.append(smallest.select(TOTAL_KEY))
    return pl.concat(exposed)
