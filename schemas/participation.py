"""`participation`: one row is one occasion on which people took part (assembly, council, meeting, training)."""

from typing import Final

import pandera.polars as pa
import polars as pl

from schemas.columns import YES_OR_NO, CellType, Column, Dataset, contract, frame_rule

OCCASION_FORMS: Final = {
    "assemblee_generale": "general_assembly",
    "conseil": "council",
    "reunion": "meeting",
    "formation": "training",
    "groupe_de_travail": "working_group",
    "rencontre": "gathering",
    "consultation": "consultation",
    "composition_ca": "board_seats",
}
OPEN_OCCASION_FORMS: Final = ("gathering", "consultation")
"""Occasions open to people not invited: more present than invited must be confirmed and is not refused."""
BOARD_SEATS: Final = "board_seats"
"""No occasion but the composition of a board: its seats are `eligible`, those held by employees are `present`."""
DIMENSIONS: Final = {
    "representation": "representation",
    "fonctionnement": "operation",
    "gouvernance": "governance",
    "citoyennete": "civic",
}
"""The four dimensions of participation: staff representation bodies, operation, governance, civic participation."""

PARTICIPATION_COLUMNS: Final = (
    Column("structure", "structure", "structure", CellType.STRUCTURE, non_empty=True),
    Column("reference", "reference", "reference", CellType.TEXT, non_empty=True, max_chars=60),
    Column("held_on", "date", "held_on", CellType.DATE, non_empty=True),
    Column("form", "forme", "form", CellType.WORD, non_empty=True, vocabulary=OCCASION_FORMS),
    Column("theme", "theme", "theme", CellType.TEXT, required=False, shares_values=True),
    Column("invited", "invites", "invited", CellType.WHOLE, required=False),
    Column("present", "presents", "present", CellType.WHOLE, non_empty=True),
    Column("in_pathway", "dont_en_parcours", "in_pathway", CellType.WHOLE, required=False),
    Column("hours", "duree_h", "hours", CellType.NUMBER, required=False),
    Column("eligible", "eligibles", "eligible", CellType.WHOLE, required=False),
    # Whether people in pathway were invited by themselves, and prepared beforehand.
    Column("invited_apart", "invites_a_part", "invited_apart", CellType.WORD, required=False, vocabulary=YES_OR_NO),
    Column("prepared", "prepare", "prepared", CellType.WORD, required=False, vocabulary=YES_OR_NO),
    Column("dimension", "dimension", "dimension", CellType.WORD, required=False, vocabulary=DIMENSIONS),
    # Whether the structure lets the public read its theme.
    Column("publishable", "publiable", "publishable", CellType.WORD, required=False, vocabulary=YES_OR_NO),
)

_NOT_NEGATIVE: Final = [pa.Check.ge(0, name="C06", error="C06")]

PARTICIPATION_CONTRACT: Final = contract(
    PARTICIPATION_COLUMNS,
    dict.fromkeys(("invited", "present", "in_pathway", "hours", "eligible"), _NOT_NEGATIVE),
    [
        frame_rule(
            "X01",
            "present",
            (pl.col("present") <= pl.col("invited"))
            | (pl.col("invited") < 0)
            | pl.col("form").is_in(OPEN_OCCASION_FORMS),
        ),
        frame_rule("X01", "present", (pl.col("present") <= pl.col("eligible")) | (pl.col("eligible") < 0)),
        frame_rule("X01", "in_pathway", (pl.col("in_pathway") <= pl.col("present")) | (pl.col("present") < 0)),
    ],
)

PARTICIPATION: Final = Dataset(
    "participation",
    PARTICIPATION_COLUMNS,
    ("structure", "reference"),
    PARTICIPATION_CONTRACT,
    days=("held_on",),
    found_by=("structure", "reference", "held_on"),
)
