"""What is left of a total once all that is shown of it is taken away (METHODS 6.2, 6.3). Pure functions of frames.

A total whose structures are all shown has nothing left: anybody adds it up. What is left of another must be such that
it could be shown itself; so must what is left of it once other totals are taken away that lie within it, as the regions
do in the network.

A frame of what is hidden has one row a structure × indicator × period × total that adds it up: structure, `TOTAL`,
numerator, denominator and weight, how much it weighs in a sum of several.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue
from indicators.definitions.perimeters import Level
from indicators.disclosure.thresholds import marked

PORTION: Final = "portion"
"""The column that names a part of a whole: the rows that agree on all the others add up to it."""
TOTAL: Final = ("level", PORTION, "indicator", "period")
"""What names a total: its level, its name among those of the level, and of what and when."""
OF: Final = ("indicator", "period")
CELL: Final = ("structure", *OF)


def summed() -> list[pl.Expr]:
    """Return the expressions that add counts up: a sum of what has no denominator has none."""
    divided = pl.col("denominator").is_not_null().any()
    return [
        pl.col("numerator").sum(),
        pl.when(divided).then(pl.col("denominator").sum()).alias("denominator"),
        pl.len().alias("contributors"),
    ]


def rests(inside: pl.DataFrame, catalogue: Catalogue, audience: Audience, on: Sequence[str] = TOTAL) -> pl.DataFrame:
    """Return what the rows add up to in each total; `hidden` and `rule` say if it would be withheld by itself."""
    sums = inside.group_by(on).agg(*summed(), pl.col("weight").max().alias("largest"), pl.col("weight").sum())
    share = pl.col("largest") / pl.col("weight")
    return marked(sums.with_columns(share.alias("largest_share")), catalogue, audience, consolidated=True)


def told_by_differences(
    inside: pl.DataFrame, gone: pl.DataFrame, catalogue: Catalogue, audience: Audience
) -> pl.DataFrame:
    """Return totals that have to go since one less others would tell too much: `TOTAL`, at most one for each of them.

    From each total shown are taken all those of another level that lie within it, as far as what they hide goes. If
    what is left could not be shown, the total that the fewest hidden structures make goes, and the network's last;
    `gone` are the totals that are not shown.
    """
    left = inside.join(gone, on=TOTAL, how="anti").select("structure", *TOTAL, "numerator", "denominator", "weight")
    sizes = left.group_by(TOTAL).agg(pl.len().alias("size"))
    inner = left.select("structure", *OF, pl.col("level").alias("by"), pl.col(PORTION).alias("within"))
    both = left.join(inner, on=CELL).filter(pl.col("by") != pl.col("level"))
    own = sizes.rename({"level": "by", PORTION: "within", "size": "inner_size"})
    pair = [*TOTAL, "by", "within"]
    within = (
        both.group_by(pair)
        .agg(pl.len().alias("common"))
        .join(own, on=["by", "within", *OF])
        .filter(pl.col("common") == pl.col("inner_size"))
    )
    levels = within.select(*TOTAL, "by").unique()
    taken = both.join(within, on=pair, how="semi").select(*CELL, "level", PORTION, "by")
    remaining = left.join(levels, on=TOTAL).join(taken, on=[*CELL, "level", PORTION, "by"], how="anti")
    unsafe = rests(remaining, catalogue, audience, [*TOTAL, "by"]).filter("hidden").select(*TOTAL, "by")
    if unsafe.is_empty():
        return gone.clear().select(TOTAL)
    outer = unsafe.select(*TOTAL, "by", pl.col("level").alias("named"), pl.col(PORTION).alias("name"))
    parts = unsafe.join(within, on=[*TOTAL, "by"]).select(
        *TOTAL, "by", pl.col("by").alias("named"), pl.col("within").alias("name")
    )
    candidates = pl.concat([outer, parts]).join(
        sizes.rename({"level": "named", PORTION: "name"}), on=["named", "name", *OF]
    )
    smallest = candidates.sort(pl.col("named") == Level.NETWORK, "size", "named", "name").unique(
        [*TOTAL, "by"], keep="first", maintain_order=True
    )
    return smallest.select(pl.col("named").alias("level"), pl.col("name").alias(PORTION), *OF).unique()


def told_by_nothing(inside: pl.DataFrame, gone: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return totals that have to go since the others of a sum leave nothing for those withheld: `TOTAL`.

    What is never below nothing and adds up to nothing is nothing, in each structure. The smallest other part goes.
    """
    found = [gone.clear().select(TOTAL)]
    on = ["level", PORTION, "period"]
    for total, parts in catalogue.sums.items():
        terms = inside.filter(pl.col("indicator").is_in([total, *parts])).group_by(TOTAL).agg(pl.col("numerator").sum())
        behind = terms.join(gone, on=TOTAL, how="semi").group_by(on).agg(pl.col("numerator").sum().alias("behind"))
        nothing = behind.filter(pl.col("behind") == 0)
        others = terms.filter(pl.col("indicator").is_in(parts)).join(gone, on=TOTAL, how="anti")
        smallest = (
            others.join(nothing, on=on, how="semi")
            .sort("numerator", "indicator")
            .unique(on, keep="first", maintain_order=True)
        )
        found.append(smallest.select(TOTAL))
    return pl.concat(found)
