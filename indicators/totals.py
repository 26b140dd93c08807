"""Totals and the structures they add up: what is left of a total once the structures shown are taken from it.

METHODS 6.3: total − parts, group − members. The network, a region, a kind, a group each show the sum of their
structures; each structure shows its own. What is left is the sum of those that are hidden: it must be nothing, or be
such that it could be shown itself. Pure functions of frames.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from indicators.catalogue import Audience, Catalogue
from indicators.crossings import crossed
from indicators.disclosure import protect
from indicators.figures import Status
from indicators.perimeters import Level
from indicators.periods import Frequency
from indicators.thresholds import marked
from indicators.values import valued

CELL: Final = ("structure", "indicator", "period")
TOTAL: Final = ("level", "portion", "indicator", "period")
"""What names a total: its level, its name among those of the level, and of what and when."""


@dataclass(frozen=True, eq=False)
class Counted:
    """What structures counted, in full or at least all that could be hidden from a reader.

    `alone`: counts of structures, as their own figures are made from (`values`). `added`: what each adds to totals,
    `CELL`, period_end, numerator, denominator and `kept`, whether it was counted from a register. `places`: level,
    portion, structure, holds_from, holds_until, one row a total that adds a structure up, and between which days a
    period that it adds up must end. `keepers`: level, portion, indicator of the totals that are
    counted from registers alone.
    """

    alone: pl.DataFrame
    added: pl.DataFrame
    places: pl.DataFrame
    keepers: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Withheld:
    """What is withheld for what other perimeters show, beside what is too small by itself: `CELL`, `TOTAL`."""

    structures: pl.DataFrame
    totals: pl.DataFrame


def withheld_for_totals(counted: Counted, catalogue: Catalogue, audience: Audience, *, network_first: bool) -> Withheld:
    """Return what has to be withheld so that no total, less what is shown, tells too much of a structure.

    Structures' figures stay as they are and the total goes, whatever its level; but where `network_first`, the figure
    of the network stays and the smallest structures go, until what is left of it is safe. Then no combination of the
    totals shown may give a structure away either: the smallest of them goes, and again.
    """
    hidden, structures = _hidden(counted, None, catalogue, audience), None
    while network_first:
        more = _smallest_of_the_network(counted, hidden, catalogue, audience)
        if structures is not None:
            more = more.join(structures, on=CELL, how="anti")
        if more.is_empty():
            break
        structures = more if structures is None else pl.concat([structures, more])
        hidden = _hidden(counted, structures, catalogue, audience)
    inside = _placed(hidden, counted)
    unsafe = _rests(inside, catalogue, audience).filter("hidden").select(TOTAL)
    unsafe = pl.concat([unsafe, crossed(hidden, inside, unsafe, catalogue, audience)])
    return Withheld(hidden.select(CELL).clear() if structures is None else structures, unsafe)


def _hidden(counted: Counted, too: pl.DataFrame | None, catalogue: Catalogue, audience: Audience) -> pl.DataFrame:
    """Return what structures add to totals and do not show: `CELL`, numerator, denominator, kept, weight."""
    sheets = [catalogue[name] for name in counted.alone["indicator"].unique()]
    alone = valued(counted.alone, sheets, single=True)
    figures = protect(alone, catalogue, audience, consolidated=False, withheld_too=too)
    shown = figures.filter(pl.col("status") == Status.OK)
    seen = pl.col("indicator").is_in([sheet.id for sheet in catalogue.seen_by(audience)])
    return _weighed(counted.added.filter(seen), catalogue).join(shown, on=CELL, how="anti")


def _weighed(added: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Add how much each weighs in a sum of several; nobody is behind none of nothing."""
    quotients = [sheet.id for sheet in catalogue if sheet.denominator_required and sheet.aggregation != "ratio"]
    size = pl.coalesce("denominator", "numerator")
    quotient = pl.col("numerator") / pl.col("denominator")
    weight = pl.when(pl.col("indicator").is_in(quotients)).then(quotient).otherwise(size)
    nothing = (pl.col("numerator") == 0) & (pl.col("denominator") == 0)
    return added.with_columns(weight.alias("weight")).filter(~nothing.fill_null(value=False))


def _placed(rows: pl.DataFrame, counted: Counted) -> pl.DataFrame:
    """Return the rows once for each total that adds them up."""
    registers = counted.keepers.with_columns(pl.lit(value=True).alias("registers"))
    return (
        rows.join(counted.places, on="structure", how="inner")
        .filter(pl.col("period_end").is_between("holds_from", "holds_until"))
        .drop("holds_from", "holds_until")
        .join(registers, on=["level", "portion", "indicator"], how="left")
        .filter(pl.col("kept") | pl.col("registers").is_null())
        .drop("registers")
    )


def _rests(inside: pl.DataFrame, catalogue: Catalogue, audience: Audience) -> pl.DataFrame:
    """Return what the rows add up to in each total; `hidden` says if it would be withheld as a figure of its own."""
    sums = inside.group_by(TOTAL).agg(*summed(), pl.col("weight").max().alias("largest"), pl.col("weight").sum())
    share = pl.col("largest") / pl.col("weight")
    return marked(sums.with_columns(share.alias("largest_share")), catalogue, audience, consolidated=True)


def summed() -> list[pl.Expr]:
    """Return the expressions that add counts up: a sum of what has no denominator has none."""
    divided = pl.col("denominator").is_not_null().any()
    return [
        pl.col("numerator").sum(),
        pl.when(divided).then(pl.col("denominator").sum()).alias("denominator"),
        pl.len().alias("contributors"),
    ]


def _smallest_of_the_network(
    counted: Counted, hidden: pl.DataFrame, catalogue: Catalogue, audience: Audience
) -> pl.DataFrame:
    """Return the smallest structures shown that make what is left of the network safe once they are hidden too."""
    on = ["indicator", "period"]
    whole = _placed(_weighed(counted.added, catalogue), counted).filter(pl.col("level") == Level.NETWORK)
    unsafe = _rests(whole.join(hidden, on=CELL, how="semi"), catalogue, audience).filter("hidden")
    # A total that is withheld for itself, or a year beside quarters, is not shown: nothing is left of it.
    shown = _rests(whole.join(unsafe, on=on, how="semi"), catalogue, audience).filter(~pl.col("hidden"))
    shown = shown.join(_years_beside_quarters(whole, catalogue), on=on, how="anti")
    rows = whole.join(shown, on=on, how="semi").join(
        hidden.select(*CELL, pl.lit(value=True).alias("own")), on=CELL, how="left"
    )
    # Those hidden already come first, so that each row adds up all that would be hidden if it were the last.
    ordered = rows.sort(pl.col("own").is_null(), "weight", "structure")
    divided = pl.col("denominator").is_not_null().any()
    sums = ordered.with_columns(
        pl.col("numerator").cum_sum().over(on),
        pl.when(divided).then(pl.col("denominator").cum_sum()).over(on).alias("denominator"),
        pl.int_range(1, pl.len() + 1).over(on).alias("contributors"),
        (pl.col("weight").cum_max() / pl.col("weight").cum_sum()).over(on).alias("largest_share"),
    )
    told = marked(sums, catalogue, audience, consolidated=True)
    safe = (~pl.col("hidden") & pl.col("own").is_null()).cast(pl.Int64)
    before = (safe.cum_sum() - safe).over(on)
    return told.filter(pl.col("own").is_null() & (before == 0)).select(CELL)


def _years_beside_quarters(whole: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return the years of indicators that some deposited by quarters: of several structures they are not shown."""
    quarterly = [sheet.id for sheet in catalogue if sheet.frequency is Frequency.QUARTER]
    quarters = whole.filter(pl.col("indicator").is_in(quarterly) & pl.col("period").str.contains("-T"))
    return quarters.select("indicator", pl.col("period").str.slice(0, 4)).unique()
