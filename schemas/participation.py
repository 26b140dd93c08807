"""`participation`: one row is one occasion on which people took part (assembly, council, meeting, training)."""

from typing import Final

import pandera.polars as pa
import polars as pl

from schemas.columns import Cell, Column, Dataset, contract, frame_rule

FORMS: Final = {
    "assemblee_generale": "general_assembly",
    "conseil": "council",
    "reunion": "meeting",
    "formation": "training",
    "groupe_de_travail": "working_group",
    "rencontre": "gathering",
    "consultation": "consultation",
}
OPEN_FORMS: Final = ("gathering", "consultation")
"""Forms to which others may come than those invited: more present than invited is then to be confirmed, not refused."""

COLUMNS: Final = (
    Column("structure", "structure", "structure", Cell.STRUCTURE, filled=True),
    Column("reference", "reference", "reference", Cell.TEXT, filled=True, longest=60),
    Column("held_on", "date", "held_on", Cell.DATE, filled=True),
    Column("form", "forme", "form", Cell.WORD, filled=True, words=FORMS),
    Column("theme", "theme", "theme", Cell.TEXT, required=False),
    Column("invited", "invites", "invited", Cell.WHOLE, required=False),
    Column("present", "presents", "present", Cell.WHOLE, filled=True),
    Column("in_pathway", "dont_en_parcours", "in_pathway", Cell.WHOLE, required=False),
    Column("hours", "duree_h", "hours", Cell.NUMBER, required=False),
)

_NOT_NEGATIVE: Final = [pa.Check.ge(0, name="C06", error="C06")]

CONTRACT: Final = contract(
    COLUMNS,
    {"invited": _NOT_NEGATIVE, "present": _NOT_NEGATIVE, "in_pathway": _NOT_NEGATIVE, "hours": _NOT_NEGATIVE},
    [
        frame_rule(
            "X01",
            "present",
            (pl.col("present") <= pl.col("invited")) | (pl.col("invited") < 0) | pl.col("form").is_in(OPEN_FORMS),
        ),
        frame_rule("X01", "in_pathway", (pl.col("in_pathway") <= pl.col("present")) | (pl.col("present") < 0)),
    ],
)

PARTICIPATION: Final = Dataset("participation", COLUMNS, ("structure", "reference"), CONTRACT)
