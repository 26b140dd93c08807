"""Rows of plans, bodies and meetings, in plain functions."""

from __future__ import annotations

from typing import Final

PLAN: Final = "structure;annee;axe;engagement;action;indicateur"
BODIES: Final = "structure;instance;rythme;roles;du;au"
MEETINGS: Final = "structure;instance;prevue_le;tenue_le;presents;decisions;actions"
COMMITTEE: Final = "Comité de pilotage"


def planned(action: str, year: str = "2026", structure: str = "atelier-ternoise", axis: str = "Accueil") -> str:
    """Write a row of `plan`."""
    return f"{structure};{year};{axis};Chacun reçoit le livret le premier jour;{action};"


def body(
    recurrence: str = "bimestriel",
    since: str = "2026-01-01",
    until: str = "",
    structure: str = "atelier-ternoise",
    name: str = COMMITTEE,
) -> str:
    """Write a row of `corps`."""
    return f"{structure};{name};{recurrence};direction;{since};{until}"


def meeting(
    planned_on: str,
    held_on: str = "",
    structure: str = "atelier-ternoise",
    name: str = COMMITTEE,
    actions: str = "",
) -> str:
    """Write a row of `instances`."""
    return f"{structure};{name};{planned_on};{held_on};direction;Revoir l’accueil;{actions}"
