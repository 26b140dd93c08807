"""The registers of actions: each action is lived once, then told as it stood at the end of each quarter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle
from typing import Final

from .dice import Dice
from .lives import LEVELS, MIDDLE
from .network import STRUCTURES, Structure
from .quarters import DEPOSITED, Quarter, working_day
from .typography import typeset
from .wordings import (
    AGENCY_PLACES,
    IN_PATHWAY,
    NUMBERS,
    ORIGINS,
    OWNERS,
    PLACES,
    PUBLICS,
    SCENARIOS,
    SCHOOL_OWNERS,
    SCHOOL_PLACES,
    Scenario,
)

HEADER: Final = (
    "structure",
    "reference",
    "genre",
    "origine",
    "processus",
    "axe",
    "constat",
    "cause",
    "action",
    "pilote",
    "ouverte_le",
    "echeance",
    "faite_le",
    "critere",
    "verifiee_le",
    "efficacite",
    "statut",
    "indicateur",
)

PRIORITY: Final = "prioritaire"
GENRES: Final = ("immediate",) * 3 + ("corrective",) * 9 + ("preventive",) * 4 + ("amelioration",) * 4
"""How often each is opened; priority actions come from the plan of the year instead."""
DAYS_ALLOWED: Final = {
    "immediate": (4, 15),
    "corrective": (30, 110),
    "preventive": (45, 140),
    "amelioration": (60, 170),
    "prioritaire": (120, 320),
}
NAMED: Final = re.compile(r"\[(\w+)\]")
"""How the criterion of an action names an indicator."""
USUAL_CRITERION: Final = "constat non renouvelé trois mois plus tard"
"""What an action is held against whose scenario says nothing else."""
ACI_SCOPE_POINTS: Final = 0.03


@dataclass(frozen=True)
class Action:
    """An action with all its dates, those after the last quarter included: nobody sees them yet."""

    structure: str
    reference: str
    genre: str
    origin: str
    axis: str
    scenario: Scenario
    observation: str
    action: str
    criterion: str
    owner: str
    opened: date
    due: date
    started: date
    carried_over: date | None
    abandoned: date | None
    done: date | None
    verified: date | None
    effectiveness: int | None
    closed: date | None

    def on(self, day: date) -> tuple[str, ...]:
        """The row as it stood on that day, in the order of the header."""
        verified = self.verified is not None and self.verified <= day
        return (
            self.structure,
            self.reference,
            self.genre,
            self.origin,
            self.scenario.process,
            typeset(self.axis),
            typeset(self.observation),
            typeset(self.scenario.cause),
            typeset(self.action),
            typeset(self.owner),
            self.opened.isoformat(),
            self.due.isoformat(),
            _seen(self.done, day),
            typeset(self.criterion),
            _seen(self.verified, day),
            str(self.effectiveness) if verified else "",
            self._status(day),
            self.indicator,
        )

    @property
    def indicator(self) -> str:
        """The indicator that the criterion names, if it names one."""
        named = NAMED.search(self.criterion)
        return named[1] if named else ""

    def _status(self, day: date) -> str:
        """The furthest it has come by that day."""
        steps = (
            ("abandonnee", self.abandoned),
            ("close", self.closed),
            ("verifiee", self.verified),
            ("faite", self.done),
            ("reportee", self.carried_over),
            ("en_cours", self.started),
        )
        return next((status for status, reached in steps if reached is not None and reached <= day), "ouverte")


def deposits(structure: Structure) -> Iterator[tuple[Quarter, tuple[str, ...]]]:
    """Each row with the quarter it is deposited with: when the action opens, then whenever it has moved."""
    for action in register(structure):
        before: tuple[str, ...] | None = None
        for quarter in DEPOSITED:
            if action.opened <= quarter.last_day:
                row = action.on(quarter.last_day)
                if row != before:
                    yield quarter, row
                before = row


def register(structure: Structure) -> list[Action]:
    """All the actions of a structure, in the order they were opened."""
    if structure.kind == "RES":
        return []
    dice = Dice(structure.slug, "register")
    scenarios = {genre: _in_turn(structure, dice, genre) for genre in ORIGINS}
    pace = 3.4 if structure.kind == "ECO" else dice.between(0.3, 1.9)
    plan = 4 if structure.kind == "ECO" else dice.pick((0, 0, 0, 2, 3))
    begun: list[tuple[date, str, Scenario]] = []
    for quarter in DEPOSITED:
        if not structure.is_open(quarter):
            continue
        growth = 1 + 0.02 * quarter.since(MIDDLE)
        for _ in range(dice.successes(12, min(pace * growth / 12, 1))):
            genre = dice.pick(GENRES)
            begun.append((working_day(quarter.first_day + timedelta(dice.whole(3, 86))), genre, next(scenarios[genre])))
        if quarter.number == 1:
            begun += [
                (working_day(quarter.first_day + timedelta(dice.whole(9, 30))), PRIORITY, next(scenarios[PRIORITY]))
                for _ in range(plan)
            ]
    begun.sort(key=lambda each: each[0])
    numbers: dict[int, int] = {}
    actions = []
    for opened, genre, scenario in begun:
        numbers[opened.year] = numbers.get(opened.year, 0) + 1
        reference = f"FA-{opened.year}-{numbers[opened.year]:03d}"
        actions.append(_lived(structure, reference, genre, scenario, opened))
    return actions


def _in_turn(structure: Structure, dice: Dice, genre: str) -> Iterator[Scenario]:
    """The scenarios of its kind in an order of its own, over and over: no register repeats itself soon."""
    fitting = [
        scenario
        for scenario in SCENARIOS
        if genre in scenario.genres and (not scenario.kinds or structure.kind in scenario.kinds)
    ]
    return cycle(sorted(fitting, key=lambda _: dice.between(0, 1)))


def _lived(structure: Structure, reference: str, genre: str, scenario: Scenario, opened: date) -> Action:
    dice = Dice(structure.slug, reference)
    words = _words(structure, dice)
    due = working_day(opened + timedelta(dice.whole(*DAYS_ALLOWED[genre])))
    allowed = (due - opened).days
    started = opened + timedelta(0 if genre == "immediate" else dice.whole(3, max(2 * allowed // 5, 4)))
    fate = dice.between(0, 1)
    on_time = 0.94 if genre == "immediate" else 0.76 + 0.022 * (opened.year - 2024)
    carried_over = abandoned = done = None
    if fate < on_time:
        done = working_day(opened + timedelta(max(round(allowed * dice.between(0.45, 1.0)), 1)))
    elif fate < on_time + 0.13:
        done = working_day(due + timedelta(dice.whole(1, 6) if genre == "immediate" else dice.whole(5, 180)))
    elif fate < on_time + 0.18 and genre != "immediate":
        carried_over = due
        done = working_day(due + timedelta(dice.whole(30, 160)))
    else:
        abandoned = working_day(due + timedelta(dice.whole(3, 40)))
    verified = closed = effectiveness = None
    if done is not None and dice.chance(0.6 if genre == "immediate" else 0.93):
        delay = (5, 20) if genre == "immediate" else (28, 85)
        verified = working_day(done + timedelta(dice.whole(*delay)), later=True)
        verdict = dice.between(0, 1)
        effectiveness = 100 if verdict < 0.71 else 50 if verdict < 0.92 else 0
        if effectiveness:
            closed = working_day(verified + timedelta(dice.whole(0, 20)), later=True)
    action = Action(
        structure=structure.slug,
        reference=reference,
        genre=genre,
        origin=dice.pick(ORIGINS[genre]),
        axis=scenario.axis,
        scenario=scenario,
        observation=_filled(scenario.observation, words),
        action=_filled(scenario.action, words),
        criterion=_criterion(_filled(scenario.criterion, words), stated=dice.chance(0.92), closed=closed is not None),
        owner=dice.pick(SCHOOL_OWNERS if structure.kind == "ECO" else OWNERS[scenario.process]),
        opened=opened,
        due=due,
        started=started,
        carried_over=carried_over,
        abandoned=abandoned,
        done=done,
        verified=verified,
        effectiveness=effectiveness,
        closed=closed,
    )
    return action if structure.closed is None else _stopped(action, structure.closed)


def _stopped(action: Action, closed: date) -> Action:
    """A structure that closes abandons what is not done, and verifies nothing any more."""
    if action.done is not None and action.done <= closed:
        late = action.verified is not None and action.verified > closed
        return replace(action, verified=None, effectiveness=None, closed=None) if late else action
    if action.abandoned is not None and action.abandoned <= closed:
        return action
    return replace(
        action,
        abandoned=closed,
        done=None,
        verified=None,
        effectiveness=None,
        closed=None,
        carried_over=None,
    )


def _words(structure: Structure, dice: Dice) -> dict[str, str]:
    number = dice.pick(NUMBERS)
    if structure.kind == "ECO":
        place = dice.pick(SCHOOL_PLACES)
    else:
        place = dice.pick(AGENCY_PLACES if structure.kind in {"AI", "ETTI", "TS", "SAP"} else PLACES)
    scope = ACI_SCOPE_POINTS if structure.kind == "ACI" else 0
    return {
        "lieu": place,
        "n": number,
        "N": number.capitalize(),
        "public": PUBLICS.get(structure.kind, IN_PATHWAY),
        "seuil": str(round(100 * (LEVELS[structure.kind].absence + scope))),
    }


def _criterion(text: str, *, stated: bool, closed: bool) -> str:
    """The criterion as the register states it; nobody closes without one, even if it names no indicator."""
    if stated and text:
        return text
    return NAMED.sub("", text).strip() or USUAL_CRITERION if closed else ""


def _filled(text: str, words: dict[str, str]) -> str:
    return text.format_map(words)


def _seen(event: date | None, day: date) -> str:
    return event.isoformat() if event is not None and event <= day else ""


def all_deposits() -> dict[Quarter, list[tuple[str, ...]]]:
    """The rows of every quarter's file, by structure and reference."""
    rows: dict[Quarter, list[tuple[str, ...]]] = {quarter: [] for quarter in DEPOSITED}
    for structure in STRUCTURES:
        for quarter, row in deposits(structure):
            rows[quarter].append(row)
    return rows
