"""What structures add to their registers of participation afterwards: who was eligible, how it was prepared, boards."""

from __future__ import annotations

from datetime import date
from typing import Final

from . import participation
from .collection import delivered
from .dice import Dice
from .network import BY_SLUG
from .quarters import DEPOSITED, working_day

HEADER: Final = (*participation.HEADER, "eligibles", "invites_a_part", "prepare", "dimension", "publiable")
TELLING: Final = 0.6
"""The share of structures with a register that add these columns; the head of the network always does."""
ALWAYS_TELLING: Final = frozenset({"atelier-du-canal"})
"""The structure that whoever tries the demonstration manages."""
DIMENSIONS: Final = {
    "assemblee_generale": ("gouvernance",),
    "conseil": ("gouvernance", "representation"),
    "reunion": ("fonctionnement", "fonctionnement", "representation"),
    "formation": ("fonctionnement", ""),
    "groupe_de_travail": ("fonctionnement", "gouvernance"),
    "rencontre": ("citoyennete", ""),
    "consultation": ("fonctionnement", "citoyennete"),
}
PREPARED: Final = {"oui": 0.55, "non": 0.85}
"""How often, added up, it is known to be so: the rest is left empty."""
ASSEMBLIES: Final = "general_assembly_participation_rate"
SEATS: Final = "board_employee_seat_share"
FIRST_BOARD_YEAR: Final = 2023


def rows() -> list[tuple[str, ...]]:
    """The rows of the one file in which all of this is told: each occasion again, and the boards."""
    typed = _typed_counts()
    found: list[tuple[str, ...]] = []
    for quarter_rows in participation.all_deposits().values():
        for row in quarter_rows:
            structure, reference, held, form, _, invited, present = row[:7]
            if not _tells(structure):
                continue
            # Never other than what was typed in a file of measures: what the register counts is the same figure.
            eligible = invited if typed.get((structure, ASSEMBLIES, held[:4])) == (present, invited) else ""
            dice = Dice(structure, reference, "details")
            apart, prepared = _answer(dice), _answer(dice)
            public = "oui" if dice.chance(0.35) else "non"
            found.append(
                (
                    *row,
                    eligible if form == "assemblee_generale" else "",
                    apart,
                    prepared,
                    dice.pick(DIMENSIONS[form]),
                    public,
                )
            )
    return sorted([*found, *_boards(typed)])


def _boards(typed: dict[tuple[str, str, str], tuple[str, str]]) -> list[tuple[str, ...]]:
    """The composition of the board at the end of each year, with the very figures of the yearly indicator."""
    found: list[tuple[str, ...]] = []
    for (structure, indicator, year), (employees, seats) in typed.items():
        if indicator == SEATS and _tells(structure) and int(year) >= FIRST_BOARD_YEAR:
            held = working_day(date(int(year), 12, 10)).isoformat()
            cells = (structure, f"CA-{year}", held, "composition_ca", "", "", employees, "", "")
            found.append((*cells, seats, "", "", "gouvernance", "non"))
    return found


def _tells(structure: str) -> bool:
    if BY_SLUG[structure].kind == "RES" or structure in ALWAYS_TELLING:
        return True
    keeps = Dice(structure, "keeps a register").chance(participation.KEEPING_A_REGISTER)
    return keeps and Dice(structure, "adds details").chance(TELLING)


def _answer(dice: Dice) -> str:
    drawn = dice.between(0, 1)
    return next((word for word, share in PREPARED.items() if drawn < share), "")


def _typed_counts() -> dict[tuple[str, str, str], tuple[str, str]]:
    """Numerator and denominator of the two yearly indicators, as they were delivered, by structure and year."""
    return {
        (measure.structure, measure.indicator.id, str(measure.period)): (
            str(int(measure.count.numerator)),
            str(int(measure.count.denominator or 0)),
        )
        for quarter in DEPOSITED
        for rows_of_file in delivered(quarter).values()
        for measure in rows_of_file
        if measure.indicator.id in {ASSEMBLIES, SEATS} and measure.count is not None
    }
