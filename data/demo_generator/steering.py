"""Plans, bodies and meetings of some structures: what they decided to do in a year, when they meet, what they decided.

The meetings of a past year are as many as the structure reports of it: the register and the typed figure agree.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from .actions import PRIORITY, Action, register
from .dice import Dice
from .measures import governance
from .network import BY_SLUG, Structure
from .quarters import LAST, Quarter, quarter_of, working_day
from .typography import typeset

PLAN_HEADER: Final = ("structure", "annee", "axe", "engagement", "action", "indicateur")
BODIES_HEADER: Final = ("structure", "instance", "rythme", "roles", "du", "au")
MEETINGS_HEADER: Final = ("structure", "instance", "prevue_le", "tenue_le", "presents", "decisions", "actions")

COMMITTEE, QUALITY = "Comité de pilotage", "Réunion qualité"
REVIEW, BOARD = "Revue de direction", "Conseil d'administration"
PER_YEAR: Final = {"bimensuel": 24, "mensuel": 12, "bimestriel": 6, "trimestriel": 4, "annuel": 1}
ROLES: Final = {
    COMMITTEE: ("direction", "responsable qualité", "animation qualité"),
    QUALITY: ("direction", "responsable qualité", "encadrement technique"),
    REVIEW: ("direction", "responsable qualité", "pilotes de processus", "délégation du personnel"),
    BOARD: ("présidence", "administration", "direction", "délégation du personnel"),
}
BODIES: Final = {
    "ecole-du-grand-tilleul": ((COMMITTEE, "bimestriel"), (QUALITY, "mensuel")),
    "atelier-du-canal": ((COMMITTEE, "bimestriel"), (QUALITY, "mensuel")),
    "batisseurs-des-trois-rives": ((COMMITTEE, "bimestriel"), (QUALITY, "bimensuel"), (REVIEW, "annuel")),
    "paysagistes-du-gue": ((COMMITTEE, "bimestriel"), (BOARD, "trimestriel")),
    "services-des-pinedes": ((QUALITY, "mensuel"),),
}
"""The bodies of the structures that keep a register of meetings, with as many meetings a year as they report due."""
MEETS_LESS: Final = ("batisseurs-des-trois-rives", QUALITY, "mensuel", date(2026, 7, 1))
"""The one body whose recurrence changes, and from which day."""
BODIES_FROM: Final = date(2024, 1, 1)
MEETINGS_DEPOSITED: Final = (
    Quarter(2024, 2),
    Quarter(2024, 4),
    Quarter(2025, 2),
    Quarter(2025, 4),
    Quarter(2026, 2),
    LAST,
)
"""The quarters with which the register of meetings is deposited."""
FURTHER_DECISIONS: Final = (
    "Le point sur les actions ouvertes est fait ; rien à ajouter",
    "Le prochain point portera sur l'accueil",
    "Les chiffres du trimestre sont relus avant l'envoi",
    "Le planning des visites de chantier est arrêté",
    "Le rapport d'activité est relu à plusieurs",
    "",
)
DECIDED_WITHIN_DAYS: Final = 12
"""Days between a meeting and the opening of the actions that it decided."""

PLANS: Final = {
    "ecole-du-grand-tilleul": (2024, 2025, 2026),
    "atelier-du-canal": (2024, 2025, 2026),
    "recyclerie-du-faubourg-vert": (2025, 2026),
    "voisinage-des-deux-collines": (2025, 2026),
}
"""The years for which some structures deposit a plan."""
CARRIED_OVER: Final = (("voisinage-des-deux-collines", "FA-2025-001", 2026),)
"""Actions that were not done in the year of their plan, and are planned again."""
COMMITMENTS: Final = {
    "Accueil": ("Chacun sait, le premier jour, où aller et à qui parler", ""),
    "Ancrage territorial": ("Ceux pour qui nous travaillons nous recommandent", "client_satisfaction_rate"),
    "Parcours": ("Chaque parcours mène à un emploi ou à une formation", "dynamic_exit_rate"),
    "Participation": ("Chacun peut dire ce qu'il attend, et reçoit une réponse", "general_assembly_participation_rate"),
    "Qualité de l'emploi": ("Un travail qui n'abîme personne", "absenteeism_rate"),
    "Réussite des élèves": ("Chaque élève est là, et termine son année", "pupil_absenteeism_rate"),
}
"""The commitment of each axis, and the indicator that follows it."""

Row = tuple[str, ...]


@dataclass(frozen=True)
class Meeting:
    """A meeting, with what became of it: those after the last quarter are only planned."""

    structure: str
    body: str
    planned: date
    held: date | None
    present: str
    decisions: str = ""
    actions: tuple[str, ...] = ()

    def on(self, day: date) -> Row:
        """The row as it stood on that day."""
        if self.held is None or self.held > day:
            return (self.structure, typeset(self.body), self.planned.isoformat(), "", "", "", "")
        words = (self.held.isoformat(), self.present, typeset(self.decisions), ", ".join(self.actions))
        return (self.structure, typeset(self.body), self.planned.isoformat(), *words)


def plan_rows(year: int) -> list[Row]:
    """The plans of a year: the priority actions due in it, by axis, and the indicator that follows each commitment."""
    rows: list[Row] = []
    for slug, years in PLANS.items():
        if year not in years:
            continue
        again = [reference for owner, reference, in_year in CARRIED_OVER if (owner, in_year) == (slug, year)]
        chosen = [
            action
            for action in register(BY_SLUG[slug])
            if action.genre == PRIORITY and (action.due.year == year or action.reference in again)
        ]
        for axis in sorted({action.axis for action in chosen}):
            commitment, indicator = COMMITMENTS[axis]
            own = [action.reference for action in chosen if action.axis == axis]
            rows += [(slug, str(year), typeset(axis), typeset(commitment), reference, "") for reference in own]
            if indicator:
                rows.append((slug, str(year), typeset(axis), typeset(commitment), "", indicator))
    return rows


def body_rows() -> list[Row]:
    """The bodies as they were declared at first."""
    return [
        (slug, typeset(body), rhythm, ", ".join(ROLES[body]), BODIES_FROM.isoformat(), "")
        for slug, bodies in BODIES.items()
        for body, rhythm in bodies
    ]


def changed_body_rows() -> list[Row]:
    """The one body that meets less often from a day on."""
    slug, body, rhythm, since = MEETS_LESS
    return [(slug, typeset(body), rhythm, ", ".join(ROLES[body]), since.isoformat(), "")]


def meeting_deposits() -> dict[Quarter, list[Row]]:
    """The rows of each deposit: the meetings held since the one before, those missed, and those of the next quarter."""
    meetings = [meeting for slug in BODIES for meeting in _meetings(BY_SLUG[slug])]
    deposited_rows: dict[tuple[str, str, date], Row] = {}
    deposits: dict[Quarter, list[Row]] = {}
    for quarter in MEETINGS_DEPOSITED:
        rows = []
        for meeting in meetings:
            row, key = meeting.on(quarter.last_day), (meeting.structure, meeting.body, meeting.planned)
            if meeting.planned <= quarter.plus(1).last_day and deposited_rows.get(key) != row:
                rows.append(row)
                deposited_rows[key] = row
        deposits[quarter] = rows
    return deposits


def _meetings(structure: Structure) -> list[Meeting]:
    """All meetings of a structure, by the day for which they were planned."""
    meetings: list[Meeting] = []
    for year in range(BODIES_FROM.year, LAST.year + 1):
        slots = [
            (body, day)
            for body, rhythm in BODIES[structure.slug]
            for day in _planned_days(structure.slug, body, rhythm, year)
        ]
        dice = Dice(structure.slug, "meetings", str(year))
        missed = set(_missed(structure, year, slots, dice))
        for body, day in sorted(slots, key=lambda slot: slot[1]):
            held = None if (body, day) in missed else _held(day, dice)
            present = ", ".join(role for role in ROLES[body] if dice.chance(0.9)) or ROLES[body][0]
            meetings.append(Meeting(structure.slug, body, day, held, present))
    return list(_with_decisions(structure, meetings))


def _planned_days(slug: str, body: str, rhythm: str, year: int) -> Iterator[date]:
    """One working day in each part of the year in which a meeting is due."""
    owner, changed, later_rhythm, since = MEETS_LESS
    is_changed = (slug, body) == (owner, changed)
    for each, first, last in (
        (rhythm, date(year, 1, 1), since - timedelta(1) if is_changed else date.max),
        (later_rhythm, since, date.max if is_changed else date.min),
    ):
        for part in range(PER_YEAR[each]):
            start = 12 * part / PER_YEAR[each]
            day = date(year, int(start) + 1, 4 if start == int(start) else 18)
            end = 12 * (part + 1) // PER_YEAR[each] or 1
            if each != "bimensuel":
                day = date(year, end, calendar.monthrange(year, end)[1] - 16)
            if first <= day <= last:
                yield working_day(day)


def _missed(
    structure: Structure, year: int, slots: Sequence[tuple[str, date]], dice: Dice
) -> Iterator[tuple[str, date]]:
    """The meetings that did not take place: as many as the structure reports of the year, or one in nine."""
    if year < LAST.year:
        reported = governance(structure, Quarter(year, 4))
        if reported.denominator != len(slots):
            raise ValueError(
                f"{structure.slug}: {len(slots)} meetings due in {year}, and {reported.denominator} reported"
            )
        wanted = len(slots) - int(reported.numerator)
    else:
        wanted = max(len(slots) // 9, 1)
    left = [slot for slot in slots if slot[1] <= LAST.last_day]
    for _ in range(wanted):
        yield left.pop(dice.whole(0, len(left) - 1))


def _held(planned: date, dice: Dice) -> date | None:
    """The day on which a meeting took place: mostly as planned, some a few days later, always in the same year."""
    moved = working_day(planned + timedelta(dice.whole(2, 9)), later=True) if dice.chance(0.15) else planned
    held = moved if moved.year == planned.year else planned
    return held if held <= LAST.last_day else None


def _with_decisions(structure: Structure, meetings: Sequence[Meeting]) -> Iterator[Meeting]:
    """Give each meeting what it decided: the actions that were opened in the days after it, each to one meeting."""
    opened: list[Action] = list(register(structure))
    for meeting in meetings:
        if meeting.held is None:
            yield meeting
            continue
        latest = min(meeting.held + timedelta(DECIDED_WITHIN_DAYS), quarter_of(meeting.held).last_day)
        decided = [action for action in opened if meeting.held <= action.opened <= latest][:2]
        opened = [action for action in opened if action not in decided]
        dice = Dice(structure.slug, meeting.body, meeting.planned.isoformat(), "decision")
        words = " ".join(f"{action.action.rstrip('.')}." for action in decided) or dice.pick(FURTHER_DECISIONS)
        yield replace(meeting, decisions=words, actions=tuple(action.reference for action in decided))
