"""Choices of structures that members saved under a name: what an address holds, kept for the next time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, insert, select

from indicators.accounts.database import AccountsDatabase
from indicators.accounts.tables import SAVED_CHOICES
from indicators.definitions.perimeters import Perimeter

MAX_SAVED_CHOICES: Final = 50
"""Choices that one person keeps."""


@dataclass(frozen=True)
class SavedChoice:
    """A choice of structures and its name."""

    name: str
    perimeter: Perimeter


def save_choice(database: AccountsDatabase, person: str, choice: SavedChoice) -> bool:
    """Save a choice of a person, over one of the same name; false, and nothing is saved, beyond `MAX_SAVED_CHOICES`."""
    own = SAVED_CHOICES.c.person == person
    with database.write() as connection:
        connection.execute(delete(SAVED_CHOICES).where(own, SAVED_CHOICES.c.name == choice.name))
        count = connection.scalar(select(func.count()).select_from(SAVED_CHOICES).where(own)) or 0
        if count >= MAX_SAVED_CHOICES:
            connection.rollback()
            return False
        row = {"person": person, "name": choice.name, "perimeter": choice.perimeter.code}
        connection.execute(insert(SAVED_CHOICES).values(**row))
    return True


def forget_choice(database: AccountsDatabase, person: str, name: str) -> None:
    """Forget a choice of a person."""
    with database.write() as connection:
        connection.execute(delete(SAVED_CHOICES).where(SAVED_CHOICES.c.person == person, SAVED_CHOICES.c.name == name))


def list_choices(database: AccountsDatabase, person: str) -> Sequence[SavedChoice]:
    """Return the choices of a person, by name."""
    query = select(SAVED_CHOICES).where(SAVED_CHOICES.c.person == person).order_by(SAVED_CHOICES.c.name)
    with database.read() as connection:
        return [SavedChoice(row.name, Perimeter.parse(row.perimeter)) for row in connection.execute(query)]
