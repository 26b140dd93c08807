"""`demandes`: one row is a request or proposal of a group of people: what was answered, done and reported back."""

from typing import Final

import polars as pl

from schemas.columns import YES_OR_NO, CellType, Column, Dataset, contract, frame_rule

REQUEST_DECISIONS: Final = {
    "retenue": "adopted",
    "a_evaluer": "to_evaluate",
    "deja_faite": "in_place",
    "refusee": "declined",
}
"""What was decided of a request; one `to_evaluate` is to be evaluated first."""

REQUEST_COLUMNS: Final = (
    Column("structure", "structure", "structure", CellType.STRUCTURE, non_empty=True),
    Column("reference", "reference", "reference", CellType.TEXT, non_empty=True, max_chars=60),
    Column("received_on", "date", "date", CellType.DATE, non_empty=True),
    # Who asks, as a group; never a name.
    Column("group", "de", "from", CellType.TEXT, non_empty=True, max_chars=80, shares_values=True, names_groups=True),
    Column("request", "demande", "request", CellType.TEXT, non_empty=True, max_chars=1000),
    Column("answer", "reponse", "answer", CellType.TEXT, required=False, max_chars=1000),
    Column("answered_on", "repondue_le", "answered_on", CellType.DATE, required=False),
    # Reference of the action that it became in the register.
    Column("action", "action", "action", CellType.TEXT, required=False, max_chars=60),
    Column("reported_back_on", "rendue_le", "reported_back_on", CellType.DATE, required=False),
    Column("decision", "decision", "decision", CellType.WORD, required=False, vocabulary=REQUEST_DECISIONS),
    # Whether the structure lets the public read its text and its answer.
    Column("publishable", "publiable", "publishable", CellType.WORD, required=False, vocabulary=YES_OR_NO),
)

REQUESTS: Final = Dataset(
    "demandes",
    REQUEST_COLUMNS,
    ("structure", "reference"),
    contract(
        REQUEST_COLUMNS,
        {},
        [
            frame_rule("X06", "answered_on", pl.col("received_on") <= pl.col("answered_on")),
            frame_rule("X06", "reported_back_on", pl.col("answered_on") <= pl.col("reported_back_on")),
        ],
    ),
    table="requests",
    days=("received_on", "answered_on", "reported_back_on"),
    found_by=("structure", "reference"),
)
