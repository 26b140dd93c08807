"""Totals and the structures they add up: what is left of a total once the structures shown are taken from it.

METHODS 6.2: a total none of whose structures is hidden is always shown, however few they are. METHODS 6.3: total −
parts, group − members. The network, a region, a kind, a group each show the sum of their
structures; each structure shows its own. What is left is the sum of those that are hidden: it must be nothing, or be
such that it could be shown itself. Pure functions of frames.
"""

from dataclasses import dataclass

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue
from indicators.definitions.perimeters import Level
from indicators.definitions.periods import Frequency
from indicators.disclosure.complementary import CELL, OF, TOTAL, rests
from indicators.disclosure.control import protect
from indicators.disclosure.overlapping_totals import crossed
from indicators.disclosure.thresholds import Rule, marked
from indicators.figures.figure import Status
from indicators.figures.values import valued


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
    """What is withheld of structures for what other perimeters show, beside what is too small by itself: `CELL`; all
    that is withheld of totals: `TOTAL` and `rule`."""

    structures: pl.DataFrame
    totals: pl.DataFrame


def withheld_for_totals(counted: Counted, catalogue: Catalogue, audience: Audience, *, network_first: bool) -> Withheld:
    """Return what has to be withheld so that no total, less what is shown, tells too much of a structure.

    Structures' figures stay as they are and the total goes, whatever its level; but where `network_first`, the figure
    of the network stays and the smallest structures go, until what is left of it is safe. A year of which something is
    left beside quarters goes too: not the same structures made them. Then no combination of the totals shown may give a
    structure away either: the smallest of them goes, and again.
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
    unsafe = rests(inside, catalogue, audience).filter("hidden").select(*TOTAL, "rule")
    years = _named(_years_with_a_rest(inside, counted, catalogue), Rule.PERIODS)
    unsafe = pl.concat([unsafe, years]).unique(TOTAL, keep="first", maintain_order=True)
    others = _named(crossed(hidden, inside, unsafe.select(TOTAL), catalogue, audience), Rule.TOTALS)
    return Withheld(hidden.select(CELL).clear() if structures is None else structures, pl.concat([unsafe, others]))


def _named(totals: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    return totals.select(*TOTAL, pl.lit(rule.value).alias("rule"))


def _hidden(counted: Counted, too: pl.DataFrame | None, catalogue: Catalogue, audience: Audience) -> pl.DataFrame:
    """Return what structures add to totals and do not show: `CELL`, numerator, denominator, kept, weight."""
    sheets = [catalogue[name] for name in counted.alone["indicator"].unique()]
    alone = valued(counted.alone, sheets, single=True)
    figures = protect(alone, catalogue, audience, withheld_too=too)
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


def _smallest_of_the_network(
    counted: Counted, hidden: pl.DataFrame, catalogue: Catalogue, audience: Audience
) -> pl.DataFrame:
    """Return the smallest structures shown that make what is left of the network safe once they are hidden too."""
    on = list(OF)
    whole = _placed(_weighed(counted.added, catalogue), counted).filter(pl.col("level") == Level.NETWORK)
    unsafe = rests(whole.join(hidden, on=CELL, how="semi"), catalogue, audience).filter("hidden")
    # A total that is withheld for itself, or a year beside quarters, is not shown: nothing is left of it.
    shown = rests(whole.join(unsafe, on=on, how="semi"), catalogue, audience).filter(~pl.col("hidden"))
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
    return _quarters(whole, catalogue).select("indicator", pl.col("period").str.slice(0, 4)).unique()


def _years_with_a_rest(inside: pl.DataFrame, counted: Counted, catalogue: Catalogue) -> pl.DataFrame:
    """Return the totals of a year that hide some structure, beside quarters of the same indicator: `TOTAL`."""
    quarters = _placed(_quarters(_weighed(counted.added, catalogue), catalogue), counted)
    beside = quarters.select("level", "portion", "indicator", pl.col("period").str.slice(0, 4)).unique()
    return inside.select(TOTAL).unique().join(beside, on=TOTAL, how="semi")


def _quarters(rows: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    quarterly = [sheet.id for sheet in catalogue if sheet.frequency is Frequency.QUARTER]
    return rows.filter(pl.col("indicator").is_in(quarterly) & pl.col("period").str.contains("-T"))
