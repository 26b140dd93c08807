"""Small counts: the thresholds below which a figure says something of a person or of a member (METHODS 6.1, 6.2)."""

from enum import StrEnum
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue

FEWEST_PEOPLE: Final = 5
"""A public count of people, or its complement, from 1 to one less than this is withheld (METHODS 6.1)."""
FEWEST_FOR_NETWORK: Final = 10
"""Smallest denominator of a rate about people for the members of the network."""
FEWEST_CONTRIBUTORS: Final = 3
"""With two contributors, each deduces the other (METHODS 6.2)."""
LARGEST_SHARE: Final = 0.85
"""A contributor above this share of a total is guessed from it; exactly this share is shown."""

COUNTED_ONE_BY_ONE: Final = {"people", "acts", "events"}
"""What a small count of reveals somebody; hours and half-days are protected by their smallest denominator alone."""


class Rule(StrEnum):
    """Why a figure is withheld. For the structure itself and the administrator: to the public, which rule applied
    would itself tell something (METHODS 6.8)."""

    WITHOUT_COUNTS = "without_counts"
    FEW_CASES = "few_cases"
    FEW_PEOPLE = "few_people"
    FEW_OTHERS = "few_others"
    NOBODY = "nobody"
    EVERYBODY = "everybody"
    FEW_STRUCTURES = "few_structures"
    DOMINANT = "dominant"
    CATEGORIES = "categories"
    """It would be found from the other categories of one sum."""
    PERIODS = "periods"
    """It would tell a quarter that is hidden."""
    TOTALS = "totals"
    """It would be found from what other structures, regions, kinds or groups show."""


def marked(figures: pl.DataFrame, catalogue: Catalogue, audience: Audience, *, consolidated: bool) -> pl.DataFrame:
    """Add the columns `rule`, the first `Rule` by which a figure's own counts may not be shown, and `hidden`.

    `figures` has the columns indicator, numerator, denominator and, when `consolidated`, contributors and
    largest_share: it is then what is left of a total once the structures shown are taken from it. A figure that has a
    `value` without the counts behind it needs its `period` too.
    """
    facts = pl.LazyFrame(
        [
            (
                sheet.id,
                sheet.disclosure.subject == "people",
                _smallest_denominator(sheet.disclosure.minimum_denominator, audience),
                "none" in sheet.disclosure.shown_extremes,
                "full" in sheet.disclosure.shown_extremes,
                sheet.disclosure.shown_complement,
                sheet.counted_in in COUNTED_ONE_BY_ONE,
                sheet.denominator_required,
                sheet.disclosure.stated_rates_until or 0,
                sheet.scale,
            )
            for sheet in catalogue
        ],
        schema=_FACTS,
        orient="row",
    )
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    complement = denominator - numerator
    of_people = [
        (Rule.FEW_CASES, denominator < pl.col("minimum")),
        (Rule.FEW_PEOPLE, pl.col("heads") & _few(numerator)),
        (Rule.FEW_OTHERS, pl.col("heads") & ~pl.col("others_shown") & _few(complement)),
        (Rule.NOBODY, (numerator == 0) & denominator.is_not_null() & ~pl.col("none_shown")),
        (Rule.EVERYBODY, (complement == 0) & ~pl.col("full_shown")),
    ]
    counted = numerator.is_not_null()
    tests = [(rule, pl.col("people") & counted & test) for rule, test in of_people]
    if "value" in figures.columns:
        tests.insert(0, (Rule.WITHOUT_COUNTS, pl.col("people") & _stated_too_much()))
    if consolidated:
        tests += [
            (Rule.FEW_STRUCTURES, counted & (pl.col("contributors") < FEWEST_CONTRIBUTORS)),
            (Rule.DOMINANT, counted & (pl.col("largest_share") > LARGEST_SHARE)),
        ]
    first = pl.coalesce(pl.when(test).then(pl.lit(rule.value)) for rule, test in tests)
    return (
        figures.lazy()
        .join(facts, on="indicator", how="left", maintain_order="left")
        .with_columns(first.alias("rule"))
        .with_columns(pl.col("rule").is_not_null().alias("hidden"))
        .drop(name for name in _FACTS if name != "indicator")
        .collect()
    )


_FACTS: Final = {
    "indicator": pl.String,
    "people": pl.Boolean,
    "minimum": pl.Int64,
    "none_shown": pl.Boolean,
    "full_shown": pl.Boolean,
    "others_shown": pl.Boolean,
    "heads": pl.Boolean,
    "divided": pl.Boolean,
    "stated_until": pl.Int64,
    "scale": pl.Float64,
}


def _few(count: pl.Expr) -> pl.Expr:
    return count.is_between(1, FEWEST_PEOPLE - 1)


def _stated_too_much() -> pl.Expr:
    """Whether a value stands without the counts it was made from, and its sheet does not say that it may.

    The denominator of a sibling gives the count back. One count without the other does so by itself, and 0 % or 100 %
    need none.
    """
    numerator, denominator, value = pl.col("numerator"), pl.col("denominator"), pl.col("value")
    without = value.is_not_null() & (numerator.is_null() | (pl.col("divided") & denominator.is_null()))
    year = pl.col("period").str.slice(0, 4).cast(pl.Int64, strict=False)
    published = numerator.is_null() & denominator.is_null() & (year <= pl.col("stated_until"))
    extreme = ((value == 0) & ~pl.col("none_shown")) | ((value == pl.col("scale")) & ~pl.col("full_shown"))
    return without & ~(published & ~extreme)


def _smallest_denominator(public: int, audience: Audience) -> int:
    return public if audience is Audience.PUBLIC else min(public, FEWEST_FOR_NETWORK)
