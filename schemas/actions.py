"""`actions`: one row is one corrective, preventive or improvement action of a structure's register."""

from typing import Final

import pandera.polars as pa
import polars as pl

from schemas.columns import YES_OR_NO, CellType, Column, Dataset, contract, frame_rule

ACTION_KINDS: Final = {
    "immediate": "immediate",
    "corrective": "corrective",
    "preventive": "preventive",
    "amelioration": "improvement",
    "prioritaire": "priority",
}
ACTION_ORIGINS: Final = {
    "audit": "audit",
    "reclamation": "complaint",
    "enquete": "survey",
    "fiche": "improvement_sheet",
    "groupe": "group",
    "incident": "incident",
    "revue": "review",
    "atelier": "workshop",
    "signal": "signal",
    "demande": "request",
    "instance": "meeting",
}
ACTION_STATUSES: Final = {
    "ouverte": "open",
    "en_cours": "in_progress",
    "faite": "done",
    "verifiee": "verified",
    "close": "closed",
    "reportee": "carried_over",
    "ecart_accepte": "accepted_deviation",
    "abandonnee": "abandoned",
}
STATUSES_TO_DO: Final = ("open", "in_progress", "carried_over")
"""Statuses of actions that are still to be done: they have no day of it yet, nor a verdict."""
EFFECTIVENESS_PERCENTS: Final = (0, 50, 100)
"""Verified effectiveness of an action, in percent: none, partial, full."""

ACTION_COLUMNS: Final = (
    Column("structure", "structure", "structure", CellType.STRUCTURE, non_empty=True),
    Column("reference", "reference", "reference", CellType.TEXT, non_empty=True, max_chars=60),
    Column("kind", "genre", "kind", CellType.WORD, non_empty=True, vocabulary=ACTION_KINDS),
    Column("origin", "origine", "origin", CellType.WORD, required=False, vocabulary=ACTION_ORIGINS),
    Column("process", "processus", "process", CellType.TEXT, required=False, shares_values=True),
    Column("axis", "axe", "axis", CellType.TEXT, required=False, shares_values=True),
    Column("observation", "constat", "observation", CellType.TEXT, required=False, max_chars=1000),
    Column("cause", "cause", "cause", CellType.TEXT, required=False, max_chars=1000),
    Column("action", "action", "action", CellType.TEXT, non_empty=True, max_chars=1000),
    Column("owner_role", "pilote", "owner_role", CellType.TEXT, required=False, shares_values=True, names_groups=True),
    Column("opened_on", "ouverte_le", "opened_on", CellType.DATE, non_empty=True),
    Column("due_on", "echeance", "due_on", CellType.DATE, required=False),
    Column("done_on", "faite_le", "done_on", CellType.DATE, required=False),
    Column("criterion", "critere", "criterion", CellType.TEXT, required=False, max_chars=500),
    Column("verified_on", "verifiee_le", "verified_on", CellType.DATE, required=False),
    Column("effectiveness", "efficacite", "effectiveness", CellType.WHOLE, required=False),
    Column("status", "statut", "status", CellType.WORD, non_empty=True, vocabulary=ACTION_STATUSES),
    # The indicator that the action should improve: the action is drawn on its chart.
    Column("indicator", "indicateur", "indicator", CellType.INDICATOR, required=False),
    # Why it is carried over, abandoned or an accepted deviation, and until when the deviation is accepted.
    Column("reason", "motif", "reason", CellType.TEXT, required=False, max_chars=500),
    Column("accepted_until", "accepte_jusqu_au", "accepted_until", CellType.DATE, required=False),
    # Whether the structure lets the public read its text.
    Column("publishable", "publiable", "publishable", CellType.WORD, required=False, vocabulary=YES_OR_NO),
)

ACTION_CONTRACT: Final = contract(
    ACTION_COLUMNS,
    {"effectiveness": [pa.Check.isin(EFFECTIVENESS_PERCENTS, name="C07", error="C07")]},
    [
        frame_rule("X06", "due_on", pl.col("opened_on") <= pl.col("due_on")),
        frame_rule("X06", "done_on", pl.col("opened_on") <= pl.col("done_on")),
        frame_rule("X06", "verified_on", pl.col("done_on") <= pl.col("verified_on")),
    ],
)

ACTIONS: Final = Dataset(
    "actions",
    ACTION_COLUMNS,
    ("structure", "reference"),
    ACTION_CONTRACT,
    days=("opened_on", "done_on", "verified_on"),
    found_by=("structure", "reference"),
)
