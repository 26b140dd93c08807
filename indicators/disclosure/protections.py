"""The protections of disclosure control, by name, in the order in which they apply (docs/disclosure.md, METHODS 6).

Each hides more and none shows again. A test shows of each what would be found without it; for that alone a protection
can be switched off, and nothing in the product does so.
"""

from enum import StrEnum
from typing import Final


class Protection(StrEnum):
    """What is withheld, and from which attempt."""

    STATED_RATES = "stated_rates"
    """A rate about people without its counts: the denominator of a related rate gives them."""
    FEW_CASES = "few_cases"
    """A rate on fewer cases than the sheet's smallest denominator."""
    FEW_PEOPLE = "few_people"
    """One to four people in the numerator."""
    FEW_OTHERS = "few_others"
    """One to four people outside it."""
    NOBODY = "nobody"
    """0 %, which says something of everybody."""
    EVERYBODY = "everybody"
    """100 %, likewise."""
    LAST_CATEGORY = "last_category"
    """The only hidden term of a sum of categories: the others give it."""
    EMPTY_CATEGORIES = "empty_categories"
    """Hidden terms of a sum that add up to zero: each is then zero."""
    LAST_QUARTER = "last_quarter"
    """A year deposited beside its quarters, of which one is hidden."""
    REST_OF_YEAR = "rest_of_year"
    """A year whose hidden quarters are too few people together."""
    YEAR_OF_STOCK = "year_of_stock"
    """The year of a stock, which is its hidden last quarter."""
    YEARS_OF_CATEGORIES = "years_of_categories"
    """Years of linked categories of which some quarters are hidden: quarters and years are one table."""
    HIDDEN_PARTS = "hidden_parts"
    """A semester, a year or rolling quarters added up from a hidden period."""
    PEOPLE_LEFT = "people_left"
    """A total less its structures shown, where that is too few people."""
    FEW_STRUCTURES = "few_structures"
    """A total less its structures shown, where fewer than three structures are left."""
    DOMINANT = "dominant"
    """A total less its structures shown, of which one structure makes more than 85 %."""
    YEAR_LEFT = "year_left"
    """A year of several structures, some of them hidden, beside their quarters."""
    PUBLIC_YEARS = "public_years"
    """The quarters of a total, once the structures that show their year are taken out of them."""
    DIFFERENCES = "differences"
    """A total less the totals that lie within it, where what is left could not be shown."""
    EQUATIONS = "equations"
    """A hidden structure that follows from the totals and the sums of categories shown."""
    TIED_STRUCTURES = "tied_structures"
    """Two hidden structures of which each could compute the other."""
    WITHHELD_RESTS = "withheld_rests"
    """A withheld total that follows from the totals shown."""
    EMPTY_TERMS = "empty_terms"
    """Withheld terms of a sum of totals that add up to zero."""
    SPLIT_COHORTS = "split_cohorts"
    """A total that pools some of the cohorts of a structure that moved: its own pooled figure gives one cohort."""


_SWITCHED_OFF: Final[frozenset[Protection]] = frozenset()


def in_force(protection: Protection) -> bool:
    """Whether a protection applies: always, but for a test that shows what it is for."""
    return protection not in _SWITCHED_OFF


def in_force_key() -> tuple[Protection, ...]:
    """Return what identifies the protections in force, for answers cached by their content."""
    return tuple(sorted(_SWITCHED_OFF))
