"""Primary suppression: thresholds below which a count reveals a person or a member structure (METHODS 6.1, 6.2)."""

from enum import StrEnum
from typing import Final

import polars as pl

from indicators.definitions.catalogue import Audience, Catalogue
from indicators.disclosure.protections import Protection, in_force

MIN_PEOPLE: Final = 5
"""Public counts of people, and complements, from 1 to one less than this are withheld (METHODS 6.1)."""
MIN_NETWORK_DENOMINATOR: Final = 10
"""Minimum denominator of a rate about people for the members of the network."""
MIN_CONTRIBUTORS: Final = 3
"""Minimum of contributors to a total: of two, each can compute the other (METHODS 6.2)."""
MAX_CONTRIBUTOR_SHARE: Final = 0.85
"""Share of a total above which a contributor could be estimated from it; exactly this share is shown."""

UNITS_COUNTED_ONE_BY_ONE: Final = {"people", "acts", "events"}
"""Units whose small counts reveal a person; hours and half-days are protected by their minimum denominator only."""


class SuppressionRule(StrEnum):
    """Reason why a figure is withheld. For the structure itself and the administrator only: to the public, the rule
    itself would reveal something (METHODS 6.8)."""

    WITHOUT_COUNTS = "without_counts"
    FEW_CASES = "few_cases"
    FEW_PEOPLE = "few_people"
    FEW_OTHERS = "few_others"
    NOBODY = "nobody"
    EVERYBODY = "everybody"
    FEW_STRUCTURES = "few_structures"
    DOMINANT = "dominant"
    CATEGORIES = "categories"
    """It could be computed from the other categories of a sum."""
    PERIODS = "periods"
    """It would reveal a hidden quarter."""
    TOTALS = "totals"
    """It could be computed from the figures of other structures, regions, kinds or groups."""


def apply_primary_suppression(
    figures: pl.DataFrame, catalogue: Catalogue, audience: Audience, *, consolidated: bool
) -> pl.DataFrame:
    """Add the columns `rule`, the first `SuppressionRule` that applies to a figure's own counts, and `hidden`.

    `figures` has the columns indicator, numerator, denominator and, when `consolidated`, contributors and
    largest_share: its rows are then residuals of totals. A frame with a column `value` needs `period` too.
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
                sheet.counted_in in UNITS_COUNTED_ONE_BY_ONE,
                sheet.denominator_required,
                sheet.disclosure.stated_rates_until or 0,
                sheet.scale,
            )
            for sheet in catalogue
        ],
        schema=_RULE_INPUTS,
        orient="row",
    )
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    complement = denominator - numerator
    of_people = [
        (SuppressionRule.FEW_CASES, denominator < pl.col("minimum")),
        (SuppressionRule.FEW_PEOPLE, pl.col("heads") & _is_few(numerator)),
        (SuppressionRule.FEW_OTHERS, pl.col("heads") & ~pl.col("others_shown") & _is_few(complement)),
        (SuppressionRule.NOBODY, (numerator == 0) & denominator.is_not_null() & ~pl.col("none_shown")),
        (SuppressionRule.EVERYBODY, (complement == 0) & ~pl.col("full_shown")),
    ]
    has_count = numerator.is_not_null()
    is_rest_exempt = consolidated and not in_force(Protection.PEOPLE_LEFT)
    tests = [] if is_rest_exempt else [(rule, pl.col("people") & has_count & test) for rule, test in of_people]
    if "value" in figures.columns:
        tests.insert(0, (SuppressionRule.WITHOUT_COUNTS, pl.col("people") & _is_unpublishable_stated_rate()))
    if consolidated:
        tests += [
            (SuppressionRule.FEW_STRUCTURES, has_count & (pl.col("contributors") < MIN_CONTRIBUTORS)),
            (SuppressionRule.DOMINANT, has_count & (pl.col("largest_share") > MAX_CONTRIBUTOR_SHARE)),
        ]
    applied = [pl.when(test).then(pl.lit(rule.value)) for rule, test in tests if in_force(_PROTECTIONS[rule])]
    first = pl.coalesce(*applied, pl.lit(None, pl.String))
    return (
        figures.lazy()
        .join(facts, on="indicator", how="left", maintain_order="left")
        .with_columns(first.alias("rule"))
        .with_columns(pl.col("rule").is_not_null().alias("hidden"))
        .drop(name for name in _RULE_INPUTS if name != "indicator")
        .collect()
    )


_PROTECTIONS: Final = {
    SuppressionRule.WITHOUT_COUNTS: Protection.STATED_RATES,
    SuppressionRule.FEW_CASES: Protection.FEW_CASES,
    SuppressionRule.FEW_PEOPLE: Protection.FEW_PEOPLE,
    SuppressionRule.FEW_OTHERS: Protection.FEW_OTHERS,
    SuppressionRule.NOBODY: Protection.NOBODY,
    SuppressionRule.EVERYBODY: Protection.EVERYBODY,
    SuppressionRule.FEW_STRUCTURES: Protection.FEW_STRUCTURES,
    SuppressionRule.DOMINANT: Protection.DOMINANT,
}
"""Protection of each rule on a figure's own counts."""
_RULE_INPUTS: Final = {
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


def _is_few(count: pl.Expr) -> pl.Expr:
    return count.is_between(1, MIN_PEOPLE - 1)


def _is_unpublishable_stated_rate() -> pl.Expr:
    """Whether a value has no counts and its sheet does not allow that.

    The count could be computed with the denominator of a related indicator, or from the one count given; 0 % and 100 %
    reveal it without any.
    """
    numerator, denominator, value = pl.col("numerator"), pl.col("denominator"), pl.col("value")
    lacks_counts = value.is_not_null() & (numerator.is_null() | (pl.col("divided") & denominator.is_null()))
    year = pl.col("period").str.slice(0, 4).cast(pl.Int64, strict=False)
    is_published = numerator.is_null() & denominator.is_null() & (year <= pl.col("stated_until"))
    is_extreme = ((value == 0) & ~pl.col("none_shown")) | ((value == pl.col("scale")) & ~pl.col("full_shown"))
    return lacks_counts & ~(is_published & ~is_extreme)


def _smallest_denominator(public: int, audience: Audience) -> int:
    return public if audience is Audience.PUBLIC else min(public, MIN_NETWORK_DENOMINATOR)
