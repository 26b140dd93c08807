"""What happens in each structure, quarter after quarter: people, exits, hours. The files only report it.

Levels are those of a plausible network, not of any real one. Quarters before the first folder are lived too, because
the yearly figures and the cohorts of 2021 rest on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from .dice import Dice
from .network import IAE, Structure
from .quarters import REMEMBERED, Quarter, quarter_of

EMPLOYED_IN_PATHWAY: Final = IAE | {"GEIQ"}
"""Kinds whose people in pathway have an employment contract with the structure."""
MIDDLE: Final = Quarter(2024, 1)
"""The quarter at which the levels below are reached."""
ACI_SCOPE_CHANGE: Final = Quarter(2023, 1)
"""From here on the ACI count work accidents and unjustified absences, as the sheet asks: a break, not a worsening."""
NEW_PARTNERS: Final = ("interim-des-trois-rives", Quarter(2024, 2))
LOST_CUSTOMER: Final = ("paysagistes-du-gue", Quarter(2025, 3))
INFLUENZA: Final = ("voisinage-des-deux-collines", Quarter(2025, 1))
ALL_PERMANENT: Final = "maisonnee-de-la-citadelle"

QUARTER_HOURS: Final = Decimal("401.75")
"""A quarter of 1 607 hours: the base of one FTE, except for the two kinds below."""
BASE_HOURS: Final = {"ACI": Decimal(455), "EITI": Decimal("376.25")}


@dataclass(frozen=True)
class Levels:
    """What is usual for a kind of structure; rates are shares of one.

    In a CISP, `dynamic` is the share of trainees who leave for a job and `transition_part` for another training; in
    the others, the parts are parts of the dynamic exits.
    """

    absence: float
    permanent_share: float = 1.0
    dynamic: float = 0.0
    lasting_part: float = 0.0
    transition_part: float = 0.0
    stay_quarters: float = 0.0
    fte_per_person: float = 0.8
    staff_per_person: float = 0.0


LEVELS: Final = {
    "ACI": Levels(0.100, 0.9, 0.545, 0.42, 0.33, 4.0, 0.73, 0.11),
    "AI": Levels(0.055, 0.9, 0.605, 0.47, 0.33, 4.6, 0.27, 0.05),
    "EI": Levels(0.068, 0.8, 0.590, 0.47, 0.31, 3.3, 0.82, 0.38),
    "ETTI": Levels(0.042, 0.9, 0.640, 0.49, 0.35, 2.6, 0.45, 0.06),
    "EITI": Levels(0.025, 0.9, fte_per_person=0.52, staff_per_person=0.06),
    "GES": Levels(0.040, 0.90),
    "GEIQ": Levels(0.052, 0.85, fte_per_person=0.95, staff_per_person=0.10),
    "CISP": Levels(0.056, 0.88, 0.345, 0.0, 0.185, 3.4, 0.0, 0.16),
    "EIW": Levels(0.064, 0.90, fte_per_person=0.86),
    "TS": Levels(0.082, 0.94, fte_per_person=0.63),
    "SAP": Levels(0.075, 0.86, fte_per_person=0.66),
    "ECO": Levels(0.055, 0.75, staff_per_person=0.14),
}

EXIT_SEASON: Final = {1: 1.0, 2: 1.10, 3: 0.80, 4: 1.10}
TRAINEE_SEASON: Final = {1: 0.95, 2: 1.35, 3: 0.65, 4: 1.05}
HOURS_SEASON: Final = {1: 1.01, 2: 1.02, 3: 0.94, 4: 1.03}
ABSENCE_SEASON: Final = {1: 0.013, 2: -0.003, 3: -0.006, 4: 0.004}
EPIDEMIC: Final = {Quarter(2020, 2): 0.03, Quarter(2021, 4): 0.008, Quarter(2022, 1): 0.016}


_OPENING_PEOPLE: Final = (0.45, 0.70, 0.90)
_OPENING_EXITS: Final = (0.10, 0.35, 0.70)
_CLOSING_PEOPLE: Final = (0.45, 0.80)
_CLOSING_EXITS: Final = (1.25, 1.35)
"""A structure that opens fills up in three quarters; one that closes empties in two, the last one first here."""


@dataclass(frozen=True)
class Exits:
    """Those who left in the quarter, each in one place only; `other` are known and unfavourable."""

    durable: int = 0
    transition: int = 0
    positive: int = 0
    to_job: int = 0
    to_training: int = 0
    undocumented: int = 0
    other: int = 0

    @property
    def dynamic(self) -> int:
        """Exits to a job or to training that count as dynamic."""
        return self.durable + self.transition + self.positive

    @property
    def countable(self) -> int:
        """Exits that count in the denominator of the rates."""
        return self.dynamic + self.to_job + self.to_training + self.undocumented + self.other


@dataclass(frozen=True)
class Hours:
    """Hours of the quarter. Theoretical hours are those of all employees, as their contracts have them."""

    insertion: int
    theoretical: int
    absent: int
    in_service: int
    training_approved: int
    training_delivered: int

    @property
    def worked(self) -> int:
        """Hours worked: the theoretical ones less the absence."""
        return self.theoretical - self.absent


@dataclass(frozen=True)
class Life:
    """One structure's quarter, counted. What a kind does not have is zero.

    `people` are in pathway (pupils in a school; employees where there is no pathway), `staff` are the permanent teams,
    `employees` are all who have an employment contract, `assigned` those who work at customers'; all on the last day.
    """

    people: int
    staff: int
    employees: int
    permanent: int
    assigned: int
    fixed: int
    exits: Exits
    hours: Hours


def base_hours(kind: str) -> Decimal:
    """Hours of one FTE in a quarter, as the financial annex of the kind has them."""
    return BASE_HOURS.get(kind, QUARTER_HOURS)


@cache
def lives(structure: Structure) -> dict[Quarter, Life]:
    """Every quarter this structure worked, since 2019."""
    return {quarter: _life(structure, quarter) for quarter in REMEMBERED if structure.is_open(quarter)}


def _life(structure: Structure, quarter: Quarter) -> Life:
    levels = LEVELS[structure.kind]
    people = _people(structure, quarter, levels)
    staff_per_person = levels.staff_per_person * Dice(structure.slug, "staff").between(0.7, 1.5)
    staff = max(round(people * staff_per_person), 5) if staff_per_person else people
    employees = staff + people if structure.kind in EMPLOYED_IN_PATHWAY else staff
    dice = Dice(structure.slug, str(quarter), "contracts")
    permanent_share = _usual(structure, "permanent", levels.permanent_share, 0.03, 0.002, quarter) + dice.bell(0, 0.008)
    fixed_share = _usual(structure, "fixed", 0.80, 0.03, 0.001, quarter) + dice.bell(0, 0.015)
    assigned = round(employees * 0.9)
    return Life(
        people=people,
        staff=staff,
        employees=employees,
        permanent=employees if structure.slug == ALL_PERMANENT else round(staff * min(permanent_share, 0.995)),
        assigned=assigned,
        fixed=round(assigned * fixed_share),
        exits=_exits(structure, quarter, levels),
        hours=_hours(structure, quarter, levels, people, staff if levels.staff_per_person else 0),
    )


def _usual(structure: Structure, trait: str, level: float, spread: float, drift: float, quarter: Quarter) -> float:
    """The level of one structure: its kind's, its own difference once for all, and the common drift by quarter."""
    return level + Dice(structure.slug, trait).bell(0, spread) + drift * quarter.since(MIDDLE)


def _size(structure: Structure, quarter: Quarter) -> float:
    """Its size in the table, at the pace it grows or shrinks."""
    return structure.size * (1 + Dice(structure.slug, "growth").bell(0.004, 0.004) * quarter.since(MIDDLE))


def _opening_or_closing(
    structure: Structure, quarter: Quarter, opening: tuple[float, ...], closing: tuple[float, ...]
) -> float:
    since = quarter.since(quarter_of(structure.opened))
    if since < len(opening):
        return opening[since]
    if structure.closed is not None and (left := quarter_of(structure.closed).since(quarter)) < len(closing):
        return closing[left]
    return 1.0


def _people(structure: Structure, quarter: Quarter, levels: Levels) -> int:
    if structure.kind == "ECO":
        school_year = quarter if quarter.number == 4 else Quarter(quarter.year - 1, 4)
        return round(_size(structure, school_year) + Dice(structure.slug, str(school_year), "pupils").bell(0, 6))
    usual = _size(structure, quarter) * (levels.stay_quarters or 1.0)
    usual *= _opening_or_closing(structure, quarter, _OPENING_PEOPLE, _CLOSING_PEOPLE)
    return round(usual * Dice(structure.slug, str(quarter), "people").bell(1, 0.015))


def _exits(structure: Structure, quarter: Quarter, levels: Levels) -> Exits:
    dice = Dice(structure.slug, str(quarter), "exits")
    leaving = _size(structure, quarter) * dice.bell(1, 0.07)
    leaving *= _opening_or_closing(structure, quarter, _OPENING_EXITS, _CLOSING_EXITS)
    unknown = max(_usual(structure, "undocumented", 0.07, 0.02, -0.0015, quarter), 0.015)
    if structure.kind == "CISP":
        gone = round(leaving * TRAINEE_SEASON[quarter.number])
        chance = _usual(structure, "job", levels.dynamic, 0.05, 0.003, quarter) + dice.bell(0, 0.02)
        to_job = dice.successes(gone, chance)
        to_training = dice.successes(gone - to_job, levels.transition_part / (1 - levels.dynamic))
        undocumented = dice.successes(gone - to_job - to_training, min(2.2 * unknown, 0.5))
        return Exits(
            to_job=to_job,
            to_training=to_training,
            undocumented=undocumented,
            other=gone - to_job - to_training - undocumented,
        )
    if structure.kind not in IAE:
        return Exits()
    gone = round(leaving * EXIT_SEASON[quarter.number])
    chance = _dynamic_chance(structure, quarter, levels, dice)
    dynamic = dice.successes(gone, chance)
    durable = dice.successes(dynamic, _usual(structure, "durable", levels.lasting_part, 0.04, 0.0025, quarter))
    transition = dice.successes(dynamic - durable, levels.transition_part / (1 - levels.lasting_part))
    undocumented = dice.successes(gone - dynamic, unknown / (1 - chance))
    return Exits(
        durable=durable,
        transition=transition,
        positive=dynamic - durable - transition,
        undocumented=undocumented,
        other=gone - dynamic - undocumented,
    )


def _dynamic_chance(structure: Structure, quarter: Quarter, levels: Levels, dice: Dice) -> float:
    """The chance that an exit is dynamic: slowly better everywhere, with two stories of their own."""
    chance = _usual(structure, "dynamic", levels.dynamic, 0.035, 0.0035, quarter) + dice.bell(0, 0.015)
    for (slug, start), step in ((NEW_PARTNERS, 0.10), (LOST_CUSTOMER, -0.17)):
        if structure.slug == slug and quarter >= start:
            chance += step
    return chance


def _hours(structure: Structure, quarter: Quarter, levels: Levels, people: int, staff: int) -> Hours:
    """`staff` are those who come on top of `people`."""
    dice = Dice(structure.slug, str(quarter), "hours")
    season = HOURS_SEASON[quarter.number]
    full_time = float(QUARTER_HOURS) * season * dice.bell(1, 0.012)
    insertion = 0
    if structure.kind in IAE or structure.kind == "EITI":
        base = float(base_hours(structure.kind))
        insertion = round(people * levels.fte_per_person * base * season * dice.bell(1, 0.02))
        theoretical = insertion + round(staff * 0.92 * full_time)
    elif structure.kind == "ECO":
        theoretical = round(staff * (180 if quarter.number == 3 else 350) * dice.bell(1, 0.01))
    elif structure.kind == "CISP":
        theoretical = round(staff * 0.85 * full_time)
    else:
        theoretical = round((people * levels.fte_per_person + staff * 0.92) * full_time)
    absent = round(theoretical * _absence(structure, quarter, levels, dice))
    usual_service = 0.885 if structure.kind == "AI" else 0.79
    service = _usual(structure, "service", usual_service, 0.02, 0.001, quarter) + dice.bell(0, 0.007)
    approved = round(people * Dice(structure.slug, "approved").bell(300, 12)) if structure.kind == "CISP" else 0
    delivered = _usual(structure, "delivered", 0.945, 0.02, 0.001, quarter) + dice.bell(0, 0.025)
    return Hours(
        insertion=insertion,
        theoretical=theoretical,
        absent=absent,
        in_service=round(theoretical * service),
        training_approved=approved,
        training_delivered=round(approved * delivered),
    )


def _absence(structure: Structure, quarter: Quarter, levels: Levels, dice: Dice) -> float:
    """The share of hours absent: higher in winter, a touch lower every year, with the break of the ACI."""
    rate = _usual(structure, "absence", levels.absence, 0.15 * levels.absence, -0.0004, quarter)
    rate += ABSENCE_SEASON[quarter.number] * (0.6 + 5 * levels.absence)
    rate += EPIDEMIC.get(quarter, 0.0) + dice.bell(0, 0.05 * Dice(structure.slug, "unsteady").between(0.6, 2.2) * rate)
    if structure.kind == "ACI" and quarter >= ACI_SCOPE_CHANGE:
        rate += 0.032
    if (structure.slug, quarter) == INFLUENZA:
        rate += 0.045
    return max(rate, 0.008)
