"""Subtraction: what the figures shown would give away of one that is hidden (METHODS 6.3). Pure functions of frames.

A frame has one row a figure, with its exact counts and a column `hidden`; each function hides what would be computed.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue
from indicators.definitions.periods import Frequency
from indicators.disclosure.thresholds import marked

QUARTERS: Final = 4
_QUARTER: Final = r"^\d{4}-T[1-4]$"
_YEAR: Final = r"^\d{4}$"


def hide_last_part(judged: pl.DataFrame, sums: Mapping[str, Sequence[str]], keys: Sequence[str]) -> pl.DataFrame:
    """Where subtraction would find what is hidden of a sum, hide the smallest other part too.

    It finds a term that is hidden alone, and several if they add up to nothing.
    """
    for total, parts in sums.items():
        terms = judged.filter(pl.col("indicator").is_in([total, *parts]))
        found = (
            terms.group_by(keys)
            .agg(pl.col("hidden").sum(), pl.col("numerator").fill_null(1).filter("hidden").sum().alias("behind"))
            .filter((pl.col("hidden") == 1) | ((pl.col("hidden") > 1) & (pl.col("behind") == 0)))
        )
        if found.is_empty():
            continue
        others = pl.col("indicator").is_in(parts) & ~pl.col("hidden") & pl.col("numerator").is_not_null()
        smallest = (
            terms.filter(others)
            .join(found, on=keys, how="semi")
            .sort("numerator", "indicator")
            .unique(keys, keep="first", maintain_order=True)
            .select(*keys, "indicator", pl.lit(value=True).alias("linked"))
        )
        judged = (
            judged.join(smallest, on=[*keys, "indicator"], how="left", maintain_order="left")
            .with_columns(pl.col("hidden") | pl.col("linked").fill_null(value=False))
            .drop("linked")
        )
    return judged


def hide_years(judged: pl.DataFrame, catalogue: Catalogue, audience: Audience, keys: Sequence[str]) -> pl.DataFrame:
    """Hide the calendar years deposited beside quarters that would give away one that is not shown.

    The year less its quarters shown is what anybody computes: it must be nothing, or several quarters of which none is
    singled out, and large enough to be shown itself. So a year is hidden when exactly one of its quarters is, or when
    what remains of it is under the thresholds. Where a sum links indicators, quarters and years make a table in which
    two steps may find what one does not: there the years are hidden as soon as the family has a quarter hidden and one
    shown. The year of a stock is no sum: it is its last quarter, and goes with it. `keys` are the columns that say of
    what and when, `period` among them. The frame itself comes back where nothing is hidden.
    """
    quarterly = [sheet.id for sheet in catalogue if sheet.frequency is Frequency.QUARTER]
    is_stock = pl.col("indicator").is_in([sheet.id for sheet in catalogue if sheet.stock])
    of = [name for name in keys if name not in {"period", "period_end"}]
    if not judged["period"].str.contains(_YEAR).any():
        return judged
    rows = judged.with_row_index("row").filter(pl.col("indicator").is_in(quarterly) & pl.col("numerator").is_not_null())
    rows = rows.with_columns(pl.col("period").str.slice(0, 4).alias("year"))
    years = rows.filter(pl.col("period").str.contains(_YEAR) & ~pl.col("hidden"))
    if years.is_empty():
        return judged
    quarters = rows.filter(pl.col("period").str.contains(_QUARTER))
    on = ["indicator", "year", *of]
    found = pl.concat(
        [
            _singled_out(years.filter(~is_stock), quarters, catalogue, audience, on).select("row"),
            years.filter(is_stock).join(_last_hidden(quarters), on=on, how="semi", nulls_equal=True).select("row"),
            *(
                _mixed(years, quarters, [total, *parts], ["year", *of]).select("row")
                for total, parts in catalogue.sums.items()
            ),
        ]
    )
    if found.is_empty():
        return judged
    linked = pl.int_range(pl.len()).is_in(found["row"].implode())
    return judged.with_columns(pl.col("hidden") | linked)


def _last_hidden(quarters: pl.DataFrame) -> pl.DataFrame:
    """Return the quarters that are hidden and end their year."""
    return quarters.filter(pl.col("period").str.ends_with("-T4") & pl.col("hidden"))


def _singled_out(
    years: pl.DataFrame, quarters: pl.DataFrame, catalogue: Catalogue, audience: Audience, on: Sequence[str]
) -> pl.DataFrame:
    """Return the years of which one quarter is hidden, or of which too little remains once those shown are taken."""
    shown = ~pl.col("hidden")
    known = quarters.group_by(on).agg(
        pl.col("hidden").sum().alias("unseen"),
        shown.sum().alias("seen"),
        pl.col("numerator").filter(shown).sum().alias("numerator_seen"),
        pl.col("denominator").filter(shown).sum().alias("denominator_seen"),
    )
    beside = years.drop("hidden").join(known, on=on, how="inner", nulls_equal=True)
    rest = marked(
        beside.with_columns(
            pl.col("numerator") - pl.col("numerator_seen"), pl.col("denominator") - pl.col("denominator_seen")
        ),
        catalogue,
        audience,
        consolidated=False,
    )
    some_left = pl.col("hidden") & pl.col("seen").is_between(1, QUARTERS - 1)
    return rest.filter((pl.col("unseen") == 1) | some_left)


def _mixed(years: pl.DataFrame, quarters: pl.DataFrame, family: Sequence[str], on: Sequence[str]) -> pl.DataFrame:
    """Return the years of a family of indicators that has both a quarter shown and a quarter hidden.

    A year whose four quarters are shown is no secret: it stays.
    """
    inside = pl.col("indicator").is_in(family)
    mixed = quarters.filter(inside).group_by(on).agg(pl.col("hidden").any() & ~pl.col("hidden").all())
    known = quarters.group_by("indicator", *on).agg((~pl.col("hidden")).sum().alias("seen"))
    return (
        years.filter(inside)
        .join(mixed.filter("hidden"), on=on, how="semi", nulls_equal=True)
        .join(known.filter(pl.col("seen") == QUARTERS), on=["indicator", *on], how="anti", nulls_equal=True)
    )
