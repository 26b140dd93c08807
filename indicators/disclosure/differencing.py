"""Protection against differencing: figures from which a hidden one could be computed are hidden too (METHODS 6.3).

A frame has one row per figure, with its exact counts and a column `hidden`. Pure functions of frames.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue
from indicators.definitions.periods import Frequency
from indicators.disclosure.protections import Protection, in_force
from indicators.disclosure.thresholds import apply_primary_suppression

QUARTERS_PER_YEAR: Final = 4
_QUARTER: Final = r"^\d{4}-T[1-4]$"
_YEAR: Final = r"^\d{4}$"


def suppress_last_term(figures: pl.DataFrame, sums: Mapping[str, Sequence[str]], keys: Sequence[str]) -> pl.DataFrame:
    """Hide the smallest other part of a sum where subtraction would reveal a hidden term.

    Subtraction reveals a single hidden term, and several if they add up to zero.
    """
    for total, parts in sums.items():
        terms = figures.filter(pl.col("indicator").is_in([total, *parts]))
        exposed = (
            terms.group_by(keys)
            .agg(pl.col("hidden").sum(), pl.col("numerator").fill_null(1).filter("hidden").sum().alias("behind"))
            .filter(
                ((pl.col("hidden") == 1) & in_force(Protection.LAST_CATEGORY))
                | ((pl.col("hidden") > 1) & (pl.col("behind") == 0) & in_force(Protection.EMPTY_CATEGORIES))
            )
        )
        if exposed.is_empty():
            continue
        others = pl.col("indicator").is_in(parts) & ~pl.col("hidden") & pl.col("numerator").is_not_null()
        smallest = (
            terms.filter(others)
            .join(exposed, on=keys, how="semi")
            .sort("numerator", "indicator")
            .unique(keys, keep="first", maintain_order=True)
            .select(*keys, "indicator", pl.lit(value=True).alias("linked"))
        )
        figures = (
            figures.join(smallest, on=[*keys, "indicator"], how="left", maintain_order="left")
            .with_columns(pl.col("hidden") | pl.col("linked").fill_null(value=False))
            .drop("linked")
        )
    return figures


def suppress_years(
    figures: pl.DataFrame, catalogue: Catalogue, audience: Audience, keys: Sequence[str]
) -> pl.DataFrame:
    """Hide calendar years deposited beside quarters that would reveal a hidden quarter.

    The year minus its quarters shown can be computed by any reader: the rest must be zero, or several quarters that
    pass the thresholds together. A year is hidden when exactly one of its quarters is, or when the rest fails the
    thresholds. Where a sum links indicators, quarters and years make a table that may be solved in two steps: there the
    years are hidden as soon as the family has one quarter hidden and one shown. The year of a stock is not a sum but
    its last quarter, and is hidden with it. `keys` are the key columns, `period` among them. Returns the frame itself
    if nothing is hidden.
    """
    quarterly = [sheet.id for sheet in catalogue if sheet.frequency is Frequency.QUARTER]
    is_stock = pl.col("indicator").is_in([sheet.id for sheet in catalogue if sheet.is_stock])
    other_keys = [name for name in keys if name not in {"period", "period_end"}]
    if not figures["period"].str.contains(_YEAR).any():
        return figures
    rows = figures.with_row_index("row").filter(
        pl.col("indicator").is_in(quarterly) & pl.col("numerator").is_not_null()
    )
    rows = rows.with_columns(pl.col("period").str.slice(0, 4).alias("year"))
    years = rows.filter(pl.col("period").str.contains(_YEAR) & ~pl.col("hidden"))
    if years.is_empty():
        return figures
    quarters = rows.filter(pl.col("period").str.contains(_QUARTER))
    on = ["indicator", "year", *other_keys]
    exposed = pl.concat(
        [
            _years_exposing_a_quarter(years.filter(~is_stock), quarters, catalogue, audience, on).select("row"),
            years.filter(is_stock & in_force(Protection.YEAR_OF_STOCK))
            .join(_hidden_last_quarters(quarters), on=on, how="semi", nulls_equal=True)
            .select("row"),
            *(
                _partly_hidden_years(years, quarters, [total, *parts], ["year", *other_keys]).select("row")
                for total, parts in catalogue.sums.items()
                if in_force(Protection.YEARS_OF_CATEGORIES)
            ),
        ]
    )
    if exposed.is_empty():
        return figures
    is_exposed = pl.int_range(pl.len()).is_in(exposed["row"].implode())
    return figures.with_columns(pl.col("hidden") | is_exposed)


def _hidden_last_quarters(quarters: pl.DataFrame) -> pl.DataFrame:
    """Return the quarters that are hidden and end their year."""
    return quarters.filter(pl.col("period").str.ends_with("-T4") & pl.col("hidden"))


def _years_exposing_a_quarter(
    years: pl.DataFrame, quarters: pl.DataFrame, catalogue: Catalogue, audience: Audience, on: Sequence[str]
) -> pl.DataFrame:
    """Return the years with exactly one hidden quarter, or whose rest without the quarters shown is too small."""
    is_shown = ~pl.col("hidden")
    by_year = quarters.group_by(on).agg(
        pl.col("hidden").sum().alias("unseen"),
        is_shown.sum().alias("seen"),
        pl.col("numerator").filter(is_shown).sum().alias("numerator_seen"),
        pl.col("denominator").filter(is_shown).sum().alias("denominator_seen"),
    )
    remainders = years.drop("hidden").join(by_year, on=on, how="inner", nulls_equal=True)
    assessed = apply_primary_suppression(
        remainders.with_columns(
            pl.col("numerator") - pl.col("numerator_seen"), pl.col("denominator") - pl.col("denominator_seen")
        ),
        catalogue,
        audience,
        consolidated=False,
    )
    some_left = pl.col("hidden") & pl.col("seen").is_between(1, QUARTERS_PER_YEAR - 1)
    is_last = (pl.col("unseen") == 1) & in_force(Protection.LAST_QUARTER)
    return assessed.filter(is_last | (some_left & in_force(Protection.REST_OF_YEAR)))


def _partly_hidden_years(
    years: pl.DataFrame, quarters: pl.DataFrame, family: Sequence[str], on: Sequence[str]
) -> pl.DataFrame:
    """Return the years in which a family of indicators has both a quarter shown and a quarter hidden.

    A year whose four quarters are shown is not sensitive: it stays.
    """
    is_of_family = pl.col("indicator").is_in(family)
    mixed = quarters.filter(is_of_family).group_by(on).agg(pl.col("hidden").any() & ~pl.col("hidden").all())
    by_year = quarters.group_by("indicator", *on).agg((~pl.col("hidden")).sum().alias("seen"))
    return (
        years.filter(is_of_family)
        .join(mixed.filter("hidden"), on=on, how="semi", nulls_equal=True)
        .join(by_year.filter(pl.col("seen") == QUARTERS_PER_YEAR), on=["indicator", *on], how="anti", nulls_equal=True)
    )
