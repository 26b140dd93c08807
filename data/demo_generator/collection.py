"""Who delivers what, and when: the habits, delays and slips of a real collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from .dice import Dice
from .measures import Measure, corrected, measures
from .network import STRUCTURES
from .quarters import Quarter, working_day

NEVER_REPORTED: Final[Mapping[str, tuple[str, ...]]] = {
    "entraide-des-trois-rives": ("self_assessment_score", "skills_certificate_rate"),
    "jardins-de-la-dune-bleue": ("follow_up_coverage_6m", "employment_rate_6m"),
    "les-mains-du-bocage": ("self_assessment_score",),
    "menuiserie-du-pommier-blanc": ("client_satisfaction_rate", "employment_rate_6m", "follow_up_coverage_6m"),
    "geiq-des-deux-estuaires": ("self_assessment_score", "client_satisfaction_rate"),
    "interim-de-la-boucle": ("governance_meeting_rate", "self_assessment_score"),
    "independants-du-belvedere": ("client_satisfaction_rate", "public_aid_share"),
    "filature-des-monts-clairs": ("self_assessment_score",),
    "potager-des-grands-pres": ("employment_rate_6m", "follow_up_coverage_6m", "governance_meeting_rate"),
    "depannage-du-ried": ("skills_certificate_rate", "self_assessment_score", "productive_hours_ratio"),
    "cordages-de-l-estran": ("self_assessment_score",),
    "services-des-pinedes": ("follow_up_coverage_6m",),
    "marais-des-sept-ponts": ("client_satisfaction_rate", "self_assessment_score", "governance_meeting_rate"),
    "blanchisserie-du-vieux-lavoir": ("minimum_income_share",),
    "voisinage-des-deux-collines": ("skills_certificate_rate",),
    "domicile-des-deux-collines": ("self_assessment_score",),
    "forge-du-val-perdu": ("employment_rate_6m", "follow_up_coverage_6m"),
    "boutiques-du-grand-comptoir": ("service_voucher_revenue_share",),
    "ecole-du-pont-rouge": ("self_assessment_score",),
    "jardin-des-confluents": ("follow_up_coverage_6m",),
    "tri-des-vallons": ("self_assessment_score", "training_access_rate"),
    "metiers-du-plateau-vert": ("skills_certificate_rate", "client_satisfaction_rate"),
}
"""The structures that do not deliver everything, and what each never reports. All others deliver all of it."""

NOT_DELIVERED: Final = frozenset(
    {
        ("geiq-des-deux-estuaires", Quarter(2021, 4)),
        ("tri-des-vallons", Quarter(2022, 2)),
        ("depannage-du-ried", Quarter(2022, 3)),
        ("marais-des-sept-ponts", Quarter(2023, 3)),
        ("potager-des-grands-pres", Quarter(2023, 4)),
        ("metiers-du-plateau-vert", Quarter(2024, 1)),
        ("menuiserie-du-pommier-blanc", Quarter(2024, 3)),
        ("independants-du-belvedere", Quarter(2025, 1)),
        ("depannage-du-ried", Quarter(2025, 3)),
        ("marais-des-sept-ponts", Quarter(2026, 3)),
    }
)

LATE: Final[Mapping[str, frozenset[Quarter]]] = {
    "interim-de-la-boucle": frozenset(
        {Quarter(2022, 1), Quarter(2022, 4), Quarter(2023, 3), Quarter(2024, 4), Quarter(2025, 4), Quarter(2026, 2)}
    ),
    "ecole-du-pont-rouge": frozenset({Quarter(2023, 2), Quarter(2025, 2), Quarter(2025, 3)}),
    "forge-du-val-perdu": frozenset({Quarter(2024, 2), Quarter(2026, 3)}),
}

NOT_COMMUNICATED_CHANCE: Final = 0.025
ALWAYS_COUNTED: Final = frozenset(
    {
        "dynamic_exit_rate",
        "durable_job_exit_rate",
        "transition_job_exit_rate",
        "positive_exit_rate",
        "fte_realised",
        "absenteeism_rate",
    }
)
"""What every pay office knows, and the exits, so that the parts always make the whole."""


@dataclass(frozen=True)
class Rectification:
    """What one structure corrects: so many more (or fewer) counted, by indicator."""

    structure: str
    changes: Mapping[str, int]
    reason: str


_DOCUMENTED_LATER: Final = "deux sorties ont été documentées après l'envoi"
RECTIFICATIONS: Final[Mapping[Quarter, tuple[Rectification, ...]]] = {
    Quarter(2022, 3): (
        Rectification(
            "interim-des-trois-rives",
            {"dynamic_exit_rate": 2, "durable_job_exit_rate": 2, "undocumented_exit_rate": -2},
            _DOCUMENTED_LATER,
        ),
        Rectification(
            "menage-des-quatre-clochers", {"absenteeism_rate": 184}, "un arrêt de travail reçu après l'envoi"
        ),
        Rectification(
            "interim-des-balcons", {"absenteeism_rate": 212}, "les absences d'une agence avaient été oubliées"
        ),
    ),
    Quarter(2024, 2): (
        Rectification(
            "recyclerie-du-faubourg-vert",
            {"dynamic_exit_rate": 1, "positive_exit_rate": 1, "undocumented_exit_rate": -1},
            "une entrée en formation confirmée après l'envoi",
        ),
        Rectification(
            "services-communs-des-trois-rives", {"permanent_contract_share": -1}, "un contrat compté deux fois"
        ),
        Rectification(
            "ecole-du-grand-tilleul", {"absenteeism_rate": -96}, "des journées de formation avaient été comptées"
        ),
    ),
    Quarter(2025, 4): (
        Rectification(
            "atelier-du-canal",
            {"dynamic_exit_rate": 2, "transition_job_exit_rate": 2, "undocumented_exit_rate": -2},
            _DOCUMENTED_LATER,
        ),
        Rectification("atelier-des-quatre-clochers", {"cisp_job_exit_rate": 1}, "un emploi confirmé par l'employeur"),
        Rectification("domicile-des-deux-collines", {"productive_hours_ratio": -410}, "heures de trajet retirées"),
    ),
}


def delivered(quarter: Quarter) -> dict[str, list[Measure]]:
    """The rows of the quarter by file name, each structure where its punctuality puts it."""
    files: dict[str, list[Measure]] = {"measures.csv": []}
    for structure in STRUCTURES:
        if structure.kind == "RES" or not structure.is_open(quarter) or (structure.slug, quarter) in NOT_DELIVERED:
            continue
        late = quarter in LATE.get(structure.slug, frozenset())
        name = "measures-retard.csv" if late else "measures.csv"
        files.setdefault(name, []).extend(_as_reported(measures(structure, quarter)))
    rectified = list(_rectified(quarter, files["measures.csv"]))
    if rectified:
        files["measures-rectification.csv"] = rectified
    return files


def _as_reported(rows: list[Measure]) -> Iterator[Measure]:
    """Without what the structure never reports, and with NC where it could not count."""
    for row in rows:
        habits = NEVER_REPORTED.get(row.structure)
        if habits is None:
            yield row
        elif row.indicator.id not in habits:
            slip = Dice(row.structure, row.indicator.id, row.period, "slip").chance(NOT_COMMUNICATED_CHANCE)
            yield replace(row, count=None) if slip and row.indicator.id not in ALWAYS_COUNTED else row


def _rectified(quarter: Quarter, rows: list[Measure]) -> Iterator[Measure]:
    by_key = {(row.structure, row.indicator.id, row.period): row for row in rows}
    for rectification in RECTIFICATIONS.get(quarter, ()):
        for indicator, more in rectification.changes.items():
            row = by_key[rectification.structure, indicator, str(quarter)]
            yield corrected(row, more, rectification.reason)


# When

STRUCTURES_ON: Final = datetime(2021, 12, 1, 9, 30, tzinfo=UTC)
TARGETS_ON: Final = datetime(2024, 2, 6, 10, 15, tzinfo=UTC)
MINIMUM_ON: Final = datetime(2026, 1, 6, 10, 40, tzinfo=UTC)
"""When the network sets how many occasions of participation there are to be in a year, at least."""
ON_TIME_DAYS: Final = (18, 25)
LATE_DAYS: Final = (48, 50)
RECTIFIED_DAYS: Final = (54, 59)
"""Days after the quarter's end: within the thirty that are timely, or before the sixty after which it is locked."""


def empty_register_name(name: str) -> str:
    """The name of a register's file in which there is nothing new."""
    return name.replace(".csv", "-rien-de-neuf.csv")


def deposited_on(quarter: Quarter, name: str) -> datetime:
    """When a file of the quarter is deposited: within the month, or some weeks later, in working hours."""
    dice = Dice(str(quarter), "deposit")
    measures_at = _moment(quarter, ON_TIME_DAYS, dice)
    match name:
        case "measures-retard.csv":
            return _moment(quarter, LATE_DAYS, Dice(str(quarter), name))
        case "measures-rectification.csv":
            return _moment(quarter, RECTIFIED_DAYS, Dice(str(quarter), name))
        case "actions.csv":
            return measures_at + timedelta(minutes=dice.whole(4, 15))
        case "participation.csv":
            return measures_at + timedelta(minutes=dice.whole(17, 35))
        case "actions-rien-de-neuf.csv":
            return measures_at + timedelta(minutes=40)
        case "participation-rien-de-neuf.csv":
            return measures_at + timedelta(minutes=44)
        case "participation-precisions.csv":
            return measures_at + timedelta(minutes=52)
        case "demandes.csv":
            return measures_at + timedelta(minutes=57)
        case "plan.csv":
            return measures_at + timedelta(minutes=47)
        case "corps.csv":
            return measures_at + timedelta(minutes=50)
        case "instances.csv":
            return measures_at + timedelta(minutes=53)
    return measures_at


def _moment(quarter: Quarter, days: tuple[int, int], dice: Dice) -> datetime:
    day: date = working_day(quarter.last_day + timedelta(dice.whole(*days)))
    return datetime.combine(day, time(dice.whole(8, 15), dice.whole(0, 59)), UTC)
