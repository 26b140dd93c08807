"""`actions`: one row is one corrective, preventive or improvement action of a structure's register."""

from typing import Final

import pandera.polars as pa
import polars as pl

from schemas.columns import Cell, Column, Dataset, contract, frame_rule

KINDS: Final = {
    "immediate": "immediate",
    "corrective": "corrective",
    "preventive": "preventive",
    "amelioration": "improvement",
    "prioritaire": "priority",
}
ORIGINS: Final = {
    "audit": "audit",
    "reclamation": "complaint",
    "enquete": "survey",
    "fiche": "improvement_sheet",
    "groupe": "group",
    "incident": "incident",
    "revue": "review",
    "atelier": "workshop",
}
STATUSES: Final = {
    "ouverte": "open",
    "en_cours": "in_progress",
    "faite": "done",
    "verifiee": "verified",
    "close": "closed",
    "reportee": "carried_over",
    "abandonnee": "abandoned",
}
VERDICTS: Final = (0, 50, 100)
"""An action's effectiveness, verified: none, partial, full."""

COLUMNS: Final = (
    Column("structure", "structure", "structure", Cell.STRUCTURE, filled=True),
    Column("reference", "reference", "reference", Cell.TEXT, filled=True, longest=60),
    Column("kind", "genre", "kind", Cell.WORD, filled=True, words=KINDS),
    Column("origin", "origine", "origin", Cell.WORD, required=False, words=ORIGINS),
    Column("process", "processus", "process", Cell.TEXT, required=False),
    Column("axis", "axe", "axis", Cell.TEXT, required=False),
    Column("observation", "constat", "observation", Cell.TEXT, required=False, longest=1000),
    Column("cause", "cause", "cause", Cell.TEXT, required=False, longest=1000),
    Column("action", "action", "action", Cell.TEXT, filled=True, longest=1000),
    Column("owner_role", "pilote", "owner_role", Cell.TEXT, required=False),
    Column("opened_on", "ouverte_le", "opened_on", Cell.DATE, filled=True),
    Column("due_on", "echeance", "due_on", Cell.DATE, required=False),
    Column("done_on", "faite_le", "done_on", Cell.DATE, required=False),
    Column("criterion", "critere", "criterion", Cell.TEXT, required=False, longest=500),
    Column("verified_on", "verifiee_le", "verified_on", Cell.DATE, required=False),
    Column("effectiveness", "efficacite", "effectiveness", Cell.WHOLE, required=False),
    Column("status", "statut", "status", Cell.WORD, filled=True, words=STATUSES),
    # What the action is meant to move: it is then drawn on the chart of that indicator.
    Column("indicator", "indicateur", "indicator", Cell.INDICATOR, required=False),
)

CONTRACT: Final = contract(
    COLUMNS,
    {"effectiveness": [pa.Check.isin(VERDICTS, name="C07", error="C07")]},
    [
        frame_rule("X06", "due_on", pl.col("opened_on") <= pl.col("due_on")),
        frame_rule("X06", "done_on", pl.col("opened_on") <= pl.col("done_on")),
        frame_rule("X06", "verified_on", pl.col("done_on") <= pl.col("verified_on")),
    ],
)

ACTIONS: Final = Dataset("actions", COLUMNS, ("structure", "reference"), CONTRACT)
