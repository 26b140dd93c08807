"""Disclosure control at the way out of the store: what could reveal a person or a member is taken out here.

Nothing downstream sees a withheld figure. Here are the thresholds for people and for structures and the suppression of
the last hidden part of a sum; the control of linked tables, of time and of earlier releases belongs here too.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from indicators.catalogue import Audience, Catalogue
from indicators.figures import Status

FEWEST_PEOPLE: Final = 5
"""A public count of people, or its complement, from 1 to one less than this is withheld (METHODS 6.1)."""
FEWEST_FOR_NETWORK: Final = 10
"""Smallest denominator of a rate about people for the members of the network."""
FEWEST_CONTRIBUTORS: Final = 3
"""With two contributors, each deduces the other (METHODS 6.2)."""
LARGEST_SHARE: Final = 0.85
"""A contributor above this share of a total is guessed from it; exactly this share is shown."""

COUNTED_ONE_BY_ONE: Final = {"people", "acts"}
"""What a small count of reveals somebody; hours and half-days are protected by their smallest denominator alone."""
COUNTS: Final = ("numerator", "denominator", "value", "largest_share")
"""Columns that say something of a figure: the share of its largest contributor tells that one the rest of it."""


def protect(figures: pl.DataFrame, catalogue: Catalogue, audience: Audience, *, consolidated: bool) -> pl.DataFrame:
    """Withhold what that reader may not see, by turning its counts to null and its `status` to `withheld`.

    `figures` has the columns indicator, numerator, denominator, value and status and, when `consolidated` (a row adds
    up several structures), contributors and largest_share; the other columns say of what and when, and rows that agree
    on them are the parts of one whole: a frame that holds one term of a sum must hold them all (`Catalogue.linked`).
    Rows of indicators that the reader may not see are dropped. Management sees everything of its own structure.
    """
    seen = pl.col("indicator").is_in([indicator.id for indicator in catalogue.seen_by(audience)])
    if audience is Audience.MANAGEMENT:
        return figures.filter(seen)
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
    judged = (
        figures.lazy()
        .join(facts, on="indicator", how="left", maintain_order="left")
        .with_columns((hidden.fill_null(value=False) & numerator.is_not_null()).alias("hidden"))
        .drop("people", "minimum", "none_shown", "full_shown", "heads")
        .collect()
    )
    apart = {*COUNTS, "indicator", "status", "contributors"}
    judged = _hide_last_part(judged, catalogue.sums, [name for name in figures.columns if name not in apart])
    return judged.filter(seen).select(
        pl.when("hidden").then(pl.lit(Status.WITHHELD.value)).otherwise("status").alias(name)
        if name == "status"
        else (pl.when(~pl.col("hidden")).then(name).alias(name) if name in COUNTS else pl.col(name))
        for name in figures.columns
    )


def _smallest_denominator(public: int, audience: Audience) -> int:
    return public if audience is Audience.PUBLIC else min(public, FEWEST_FOR_NETWORK)


def _hide_last_part(judged: pl.DataFrame, sums: Mapping[str, Sequence[str]], keys: Sequence[str]) -> pl.DataFrame:
    """Where subtraction would find what is hidden of a sum, hide the smallest other part too.

    It finds a term that is hidden alone, and several if they add up to nothing.
    """
    for total, parts in sums.items():
        terms = judged.filter(pl.col("indicator").is_in([total, *parts]))
        found = (
            terms.group_by(keys)
            .agg(pl.col("hidden").sum(), pl.col("numerator").filter("hidden").sum().alias("behind"))
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
