"""The levels agreed for the network, its groups, its regions and some structures."""

from typing import Final

from .network import FOUR_STEEPLES, THREE_SHORES, TWO_HILLS
from .typography import slug

HEADER: Final = ("perimetre", "indicateur", "debut", "fin", "valeur", "origine", "convenue_le")

_SHORES: Final = f"groupe:{slug(THREE_SHORES)}"
_HILLS: Final = f"groupe:{slug(TWO_HILLS)}"
_STEEPLES: Final = f"groupe:{slug(FOUR_STEEPLES)}"

TARGETS: Final = (
    ("reseau", "permanent_contract_share", "2024-T1", "2026-T4", "55,0", "interne", "2023-12-14"),
    ("reseau", "absenteeism_rate", "2022-T1", "2023-T4", "8,5", "interne", "2021-12-09"),
    ("reseau", "absenteeism_rate", "2024-T1", "2026-T4", "8,0", "interne", "2023-12-14"),
    ("reseau", "action_on_time_rate", "2022-T1", "2023-T4", "75,0", "interne", "2021-12-09"),
    ("reseau", "action_on_time_rate", "2024-T1", "2026-T4", "80,0", "interne", "2023-12-14"),
    ("reseau", "dynamic_exit_rate", "2024-T1", "2026-T4", "62,0", "interne", "2023-12-14"),
    ("reseau", "client_satisfaction_rate", "2024-T1", "2026-T4", "92,0", "interne", "2023-12-14"),
    ("reseau", "pathway_employee_event_share", "2022-T1", "2026-T4", "20,0", "nationale", "2021-12-09"),
    (_SHORES, "absenteeism_rate", "2024-T1", "2026-T4", "7,0", "interne", "2024-01-11"),
    (_HILLS, "dynamic_exit_rate", "2024-T1", "2026-T4", "62,0", "interne", "2024-01-18"),
    (_STEEPLES, "permanent_contract_share", "2024-T1", "2026-T4", "92,0", "interne", "2023-11-30"),
    (_STEEPLES, "cisp_job_exit_rate", "2024-T1", "2026-T4", "40,0", "convention", "2023-11-30"),
    ("region:hauts-de-france", "dynamic_exit_rate", "2024-T1", "2026-T4", "60,0", "convention", "2023-12-20"),
    ("region:normandie", "durable_job_exit_rate", "2024-T1", "2026-T4", "27,0", "convention", "2023-12-21"),
    ("atelier-du-canal", "dynamic_exit_rate", "2022-T1", "2023-T4", "50,0", "convention", "2022-02-03"),
    ("atelier-du-canal", "dynamic_exit_rate", "2024-T1", "2026-T4", "55,0", "convention", "2024-02-01"),
    ("atelier-du-canal", "durable_job_exit_rate", "2024-T1", "2026-T4", "22,0", "convention", "2024-02-01"),
    ("batisseurs-des-trois-rives", "dynamic_exit_rate", "2024-T1", "2026-T4", "60,0", "convention", "2024-01-25"),
    ("interim-des-trois-rives", "dynamic_exit_rate", "2024-T1", "2026-T4", "68,0", "convention", "2024-01-25"),
    ("interim-des-trois-rives", "durable_job_exit_rate", "2024-T1", "2026-T4", "35,0", "convention", "2024-01-25"),
    ("les-mains-du-bocage", "durable_job_exit_rate", "2024-T1", "2026-T4", "28,0", "convention", "2024-01-30"),
    ("recyclerie-du-faubourg-vert", "dynamic_exit_rate", "2024-T1", "2026-T4", "60,0", "convention", "2024-01-23"),
    ("filature-des-monts-clairs", "durable_job_exit_rate", "2024-T1", "2026-T4", "25,0", "convention", "2024-01-16"),
    ("paysagistes-du-gue", "dynamic_exit_rate", "2024-T1", "2026-T4", "60,0", "convention", "2024-01-16"),
    ("construction-des-quatre-clochers", "absenteeism_rate", "2024-T1", "2026-T4", "5,0", "interne", "2024-01-12"),
)

MINIMUM: Final = (("reseau", "psve_actions", "2026", "", "4", "interne", "2025-12-11"),)
"""A target in years: at least so many occasions of participation in each."""
