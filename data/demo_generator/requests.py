"""The voice loop: requests of groups, and the twenty-five proposals of a seminar, with what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

from . import actions
from .dice import Dice
from .network import BY_SLUG
from .quarters import Quarter, quarter_of, span, working_day
from .request_wordings import GROUPS, REQUESTS, SEMINAR
from .typography import typeset

HEADER: Final = (
    "structure",
    "reference",
    "date",
    "de",
    "demande",
    "reponse",
    "repondue_le",
    "action",
    "rendue_le",
    "decision",
    "publiable",
)
LISTENING: Final = (
    "atelier-du-canal",
    "batisseurs-des-trois-rives",
    "recyclerie-du-faubourg-vert",
    "interim-des-trois-rives",
    "domicile-des-deux-collines",
    "construction-des-quatre-clochers",
    "ecole-du-grand-tilleul",
)
"""The structures that keep a register of requests, beside the head of the network."""
FIRST: Final = Quarter(2025, 4)
LATEST: Final = Quarter(2026, 3)
QUARTERS: Final = span(FIRST, LATEST)
A_QUARTER: Final = (1, 4)
ACTION_DAYS: Final = 45
SEMINAR_ON: Final = date(2026, 6, 11)
SEMINAR_ANSWERED_ON: Final = date(2026, 7, 9)
SEMINAR_REPORTED_ON: Final = date(2026, 9, 17)


@dataclass(frozen=True)
class Request:
    """One request with all its days, those after the last quarter included: nobody sees them yet."""

    structure: str
    reference: str
    received: date
    group: str
    text: str
    answer: str
    answered: date | None
    action: str
    reported: date | None
    decision: str
    publishable: bool

    def on(self, day: date) -> tuple[str, ...]:
        """The row as it stood on that day, in the order of the header."""
        answered = self.answered is not None and self.answered <= day
        return (
            self.structure,
            self.reference,
            self.received.isoformat(),
            typeset(self.group),
            typeset(self.text),
            typeset(self.answer) if answered else "",
            self.answered.isoformat() if self.answered is not None and answered else "",
            self.action if answered else "",
            self.reported.isoformat() if self.reported is not None and self.reported <= day else "",
            self.decision if answered else "",
            "oui" if self.publishable else "non",
        )


def all_deposits() -> dict[Quarter, list[tuple[str, ...]]]:
    """The rows of every quarter's file: what came in it, and again what moved in it."""
    requests = [*_seminar(), *(request for structure in LISTENING for request in _of_structure(structure))]
    rows: dict[Quarter, list[tuple[str, ...]]] = {}
    for quarter in QUARTERS:
        rows[quarter] = [
            request.on(quarter.last_day)
            for request in sorted(requests, key=lambda each: (each.structure, each.reference))
            if request.received <= quarter.last_day
            and (
                quarter_of(request.received) == quarter
                or request.on(quarter.last_day) != request.on(quarter.plus(-1).last_day)
            )
        ]
    return rows


def _of_structure(structure: str) -> list[Request]:
    dice = Dice(structure, "requests")
    school = BY_SLUG[structure].kind == "ECO"
    groups, pool = GROUPS["ECO" if school else ""], [each for each in REQUESTS if each.school in (None, school)]
    first = dice.whole(0, len(pool) - 1)
    found: list[Request] = []
    opened = _actions_opened(structure)
    for quarter in QUARTERS:
        for received in sorted(_day_in(quarter, dice) for _ in range(dice.whole(*A_QUARTER))):
            wording = pool[(first + len(found)) % len(pool)]
            answered = working_day(received + timedelta(dice.whole(6, 55)), later=True) if dice.chance(0.85) else None
            back = dice.chance(0.75)
            reported = working_day(answered + timedelta(dice.whole(3, 40)), later=True) if answered and back else None
            found.append(
                Request(
                    structure,
                    f"D-{received.year}-{len(found) + 1:02d}",
                    received,
                    dice.pick(groups),
                    wording.text,
                    wording.answer,
                    answered,
                    _take_next(opened, answered) if answered and wording.decision == "retenue" else "",
                    reported,
                    wording.decision,
                    dice.chance(0.4),
                )
            )
    return found


def _day_in(quarter: Quarter, dice: Dice) -> date:
    return working_day(quarter.first_day + timedelta(dice.whole(2, 80)))


def _actions_opened(structure: str) -> list[tuple[date, str]]:
    """The actions of the register of a structure by the day on which they were opened."""
    opened = {
        (date.fromisoformat(row[10]), row[1])
        for rows in _action_rows().values()
        for row in rows
        if row[0] == structure and row[10] <= LATEST.last_day.isoformat()
    }
    return sorted(opened)


@cache
def _action_rows() -> dict[Quarter, list[tuple[str, ...]]]:
    return actions.all_deposits()


def _take_next(opened: list[tuple[date, str]], day: date) -> str:
    """The first action opened within some weeks of a day, which is nobody else's then."""
    near = next((each for each in opened if day <= each[0] <= day + timedelta(ACTION_DAYS)), None)
    if near is None:
        return ""
    opened.remove(near)
    return near[1]


def _seminar() -> list[Request]:
    """The proposals of the workshops of a seminar: nearly all answered, most reported back in September."""
    found = []
    for workshop, proposals in SEMINAR.items():
        for number, proposal in enumerate(proposals, start=1):
            answered = SEMINAR_ANSWERED_ON if proposal.answer else None
            reported = SEMINAR_REPORTED_ON if answered and proposal.decision != "a_evaluer" else None
            found.append(
                Request(
                    "reseau-des-horizons",
                    f"AT-{workshop.replace('+', '-')}-{number}",
                    SEMINAR_ON,
                    f"atelier {workshop}",
                    proposal.text,
                    proposal.answer,
                    answered,
                    "",
                    reported,
                    proposal.decision,
                    proposal.decision in {"retenue", "deja_faite"},
                )
            )
    return found
