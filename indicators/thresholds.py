"""Small counts: the thresholds below which a figure says something of a person or of a member (METHODS 6.1, 6.2)."""

from typing import Final

import polars as pl

from indicators.catalogue import Audience, Catalogue

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


def marked(figures: pl.DataFrame, catalogue: Catalogue, audience: Audience, *, consolidated: bool) -> pl.DataFrame:
    """Add the column `hidden`: whether a figure's own counts are too small, or too much one member's, to be shown.

    `figures` has the columns indicator, numerator, denominator and, when `consolidated`, contributors and
    largest_share. A figure without counts is never hidden.
    """
    facts = pl.LazyFrame(
        [
            (
                sheet.id,
                sheet.disclosure.subject == "people",
                _smallest_denominator(sheet.disclosure.minimum_denominator, audience),
                "none" in sheet.disclosure.shown_extremes,
                "full" in sheet.disclosure.shown_extremes,
                sheet.counted_in in COUNTED_ONE_BY_ONE,
            )
            for sheet in catalogue
        ],
        schema=["indicator", "people", "minimum", "none_shown", "full_shown", "heads"],
        orient="row",
    )
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    complement = denominator - numerator
    few = numerator.is_between(1, FEWEST_PEOPLE - 1) | complement.is_between(1, FEWEST_PEOPLE - 1)
    of_people = pl.col("people") & (
        (few & pl.col("heads"))
        | (denominator < pl.col("minimum"))
        | ((numerator == 0) & denominator.is_not_null() & ~pl.col("none_shown"))
        | ((complement == 0) & ~pl.col("full_shown"))
    )
    hidden = of_people
    if consolidated:
        hidden |= (pl.col("contributors") < FEWEST_CONTRIBUTORS) | (pl.col("largest_share") > LARGEST_SHARE)
    return (
        figures.lazy()
        .join(facts, on="indicator", how="left", maintain_order="left")
        .with_columns((hidden.fill_null(value=False) & numerator.is_not_null()).alias("hidden"))
        .drop("people", "minimum", "none_shown", "full_shown", "heads")
        .collect()
    )


def _smallest_denominator(public: int, audience: Audience) -> int:
    return public if audience is Audience.PUBLIC else min(public, FEWEST_FOR_NETWORK)
