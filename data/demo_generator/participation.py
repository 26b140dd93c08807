"""The registers of participation: assemblies, councils, meetings, and who came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from .dice import Dice
from .lives import EMPLOYED_IN_PATHWAY, lives
from .measures import assembly
from .network import STRUCTURES, Structure
from .quarters import DEPOSITED, Quarter, working_day
from .typography import french, typeset
from .wordings import NETWORK_THEMES, SCHOOL_THEMES, THEMES

HEADER: Final = (
    "structure",
    "reference",
    "date",
    "forme",
    "theme",
    "invites",
    "presents",
    "dont_en_parcours",
    "duree_h",
)

KEEPING_A_REGISTER: Final = 0.48
"""The share of structures that keep one; the head of the network always does."""
FORMS: Final = (
    ("conseil",) * 3
    + ("reunion",) * 5
    + ("formation",) * 3
    + ("groupe_de_travail",) * 3
    + (
        "rencontre",
        "rencontre",
        "consultation",
        "consultation",
    )
)
NETWORK_FORMS: Final = ("rencontre",) * 4 + ("groupe_de_travail",) * 4 + ("formation", "formation", "consultation")
TURNOUT: Final = {
    "conseil": (0.70, 0.95),
    "reunion": (0.60, 0.95),
    "formation": (0.75, 1.0),
    "groupe_de_travail": (0.65, 1.0),
    "rencontre": (0.35, 0.75),
    "consultation": (0.40, 0.80),
}
INVITED: Final = {
    "conseil": (8, 15),
    "reunion": (10, 40),
    "formation": (6, 14),
    "groupe_de_travail": (6, 12),
    "rencontre": (20, 60),
    "consultation": (25, 90),
}
HALF_HOURS: Final = {
    "assemblee_generale": (4, 8),
    "conseil": (3, 6),
    "reunion": (2, 4),
    "formation": (7, 14),
    "groupe_de_travail": (3, 6),
    "rencontre": (4, 12),
    "consultation": (1, 3),
}
NETWORK_INVITED: Final = {
    "assemblee_generale": (110, 150),
    "rencontre": (70, 160),
    "groupe_de_travail": (12, 24),
    "formation": (14, 24),
    "consultation": (40, 80),
}


@dataclass(frozen=True)
class Occasion:
    """One occasion on which people took part."""

    held: date
    form: str
    theme: str
    invited: int
    present: int
    in_pathway: int
    half_hours: int

    def cells(self, structure: str, reference: str) -> tuple[str, ...]:
        """The row as it is written, in the order of the header."""
        return (
            structure,
            reference,
            self.held.isoformat(),
            self.form,
            typeset(self.theme),
            str(self.invited),
            str(self.present),
            str(self.in_pathway),
            french(Decimal(self.half_hours * 5) / 10),
        )


def all_deposits() -> dict[Quarter, list[tuple[str, ...]]]:
    """The rows of every quarter's file, by structure and date."""
    rows: dict[Quarter, list[tuple[str, ...]]] = {quarter: [] for quarter in DEPOSITED}
    for structure in STRUCTURES:
        numbers: dict[int, int] = {}
        for quarter in DEPOSITED:
            for occasion in sorted(occasions(structure, quarter), key=lambda each: each.held):
                numbers[quarter.year] = numbers.get(quarter.year, 0) + 1
                reference = f"PA-{quarter.year}-{numbers[quarter.year]:02d}"
                rows[quarter].append(occasion.cells(structure.slug, reference))
    return rows


def occasions(structure: Structure, quarter: Quarter) -> list[Occasion]:
    """What one structure held in the quarter, if it keeps a register."""
    if not structure.is_open(quarter):
        return []
    dice = Dice(structure.slug, "participation", str(quarter))
    if structure.kind == "RES":
        return _of_network(quarter, dice)
    if not Dice(structure.slug, "keeps a register").chance(KEEPING_A_REGISTER):
        return []
    pace = Dice(structure.slug, "occasions").between(0.15, 0.95) * (1 + 0.025 * (quarter.since(DEPOSITED[0]) - 10))
    held = [_of_structure(structure, quarter, dice.pick(FORMS), dice) for _ in range(dice.successes(4, pace / 4))]
    return [_assembly(structure, quarter, dice), *held] if quarter.number == 2 else held


def _of_network(quarter: Quarter, dice: Dice) -> list[Occasion]:
    """Meetings of the whole network: the share of people in pathway grows slowly towards one in five."""
    forms = [dice.pick(NETWORK_FORMS) for _ in range(dice.whole(1, 3))]
    if quarter.number == 2:
        forms.append("assemblee_generale")
    share = 0.10 + 0.0042 * quarter.since(DEPOSITED[0])
    held = []
    for form in forms:
        invited = dice.whole(*NETWORK_INVITED[form])
        low, high = TURNOUT.get(form, (0.55, 0.75))
        present = round(invited * dice.between(low, high))
        in_pathway = dice.successes(present, 0.6 * share if form in {"groupe_de_travail", "formation"} else share)
        held.append(_occasion(quarter, form, dice.pick(NETWORK_THEMES[form]), invited, present, in_pathway, dice))
    return held


def _assembly(structure: Structure, quarter: Quarter, dice: Dice) -> Occasion:
    """The general assembly of the year, with the very figures of the yearly indicator."""
    form = "assemblee_generale"
    count = assembly(structure, quarter.year)
    present = int(count.numerator)
    in_pathway = dice.successes(present, 0.85 * _pathway_share(structure, quarter))
    return _occasion(quarter, form, THEMES[form][0], int(count.denominator or 0), present, in_pathway, dice)


def _of_structure(structure: Structure, quarter: Quarter, form: str, dice: Dice) -> Occasion:
    life = lives(structure)[quarter]
    low, high = INVITED[form]
    reach = life.employees if structure.kind == "ECO" else max(life.people, life.employees)
    invited = min(dice.whole(low, high), reach)
    turnout = TURNOUT[form]
    present = min(max(round(invited * dice.between(*turnout)), 2), invited)
    pathway = 0.75 if structure.kind in {"CISP", "EITI"} else _pathway_share(structure, quarter)
    in_pathway = dice.successes(present, pathway * (0.35 if form == "conseil" else 0.9))
    themes = SCHOOL_THEMES if structure.kind == "ECO" else THEMES
    return _occasion(quarter, form, dice.pick(themes[form]), invited, present, in_pathway, dice)


def _pathway_share(structure: Structure, quarter: Quarter) -> float:
    """The share of people in pathway among employees; Walloon enterprises employ theirs for good."""
    if structure.kind == "EIW":
        return 0.6
    life = lives(structure)[quarter]
    return life.people / life.employees if structure.kind in EMPLOYED_IN_PATHWAY else 0.0


def _occasion(
    quarter: Quarter, form: str, theme: str, invited: int, present: int, in_pathway: int, dice: Dice
) -> Occasion:
    first, last = (35, 84) if form == "assemblee_generale" else (5, 86)
    day = working_day(quarter.first_day + timedelta(dice.whole(first, last)))
    return Occasion(day, form, theme, invited, present, in_pathway, dice.whole(*HALF_HOURS[form]))
