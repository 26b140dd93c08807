"""`corps`: one row is a body of a structure that meets (committee, review, board) and how often, from a day on."""

from typing import Final

import polars as pl

from schemas.columns import CellType, Column, Dataset, contract, frame_rule

MEETINGS_PER_YEAR: Final = {
    "weekly": 52,
    "twice_a_month": 24,
    "monthly": 12,
    "every_two_months": 6,
    "quarterly": 4,
    "half_yearly": 2,
    "yearly": 1,
}
"""Meetings that a recurrence asks for in a year."""
RECURRENCES: Final = {
    "hebdomadaire": "weekly",
    "bimensuel": "twice_a_month",
    "mensuel": "monthly",
    "bimestriel": "every_two_months",
    "trimestriel": "quarterly",
    "semestriel": "half_yearly",
    "annuel": "yearly",
}
"""Mind the two that sound alike: « bimestriel » is every two months, « bimensuel » twice a month."""

BODY_COLUMNS: Final = (
    Column("structure", "structure", "structure", CellType.STRUCTURE, non_empty=True),
    Column("body", "instance", "body", CellType.TEXT, non_empty=True, max_chars=80, shares_values=True),
    Column("recurrence", "rythme", "recurrence", CellType.WORD, non_empty=True, vocabulary=RECURRENCES),
    # Roles of its members, with commas between them; never names.
    Column("roles", "roles", "roles", CellType.TEXT, required=False, max_chars=300, names_groups=True),
    # A body whose recurrence changes has a row more: what held before that day stays.
    Column("holds_from", "du", "from", CellType.DATE, non_empty=True),
    Column("holds_until", "au", "until", CellType.DATE, required=False),
)

BODIES: Final = Dataset(
    "corps",
    BODY_COLUMNS,
    ("structure", "body", "holds_from"),
    contract(BODY_COLUMNS, {}, [frame_rule("X06", "holds_until", pl.col("holds_from") <= pl.col("holds_until"))]),
    table="bodies",
    found_by=("structure", "body"),
)
