"""Accounts with nothing in them, on each kind of database there is, and a second way to open the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg
import pytest

from indicators.accounts.database import AccountsDatabase, open_in_file, open_in_postgres
from indicators.accounts.events import Event, list_events
from indicators.accounts.members import change_members, find_person
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.roles import Grant, Member, Role
from tests.builders import NOW, TODAY
from tests.conftest import CATALOGUES, POSTGRES, own_database

AT: Final = NOW
FAR_AHEAD: Final = NOW + timedelta(days=10_000)
SOON: Final = NOW + timedelta(minutes=5)
ADMINISTRATION: Final = "administration@network.example"
DIRECTION: Final = "direction@atelier.example"


@dataclass(frozen=True)
class Place:
    """Where accounts are kept: how any process opens them, and what stands on the disk if that is ours to read."""

    open: Callable[[], AccountsDatabase]
    connection: str | None = None
    folder: Path | None = None


@pytest.fixture(params=CATALOGUES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if POSTGRES is None or request.param == "embedded":
        folder = tmp_path / "accounts"
        folder.mkdir()
        yield Place(lambda: open_in_file(folder / "accounts.sqlite"), folder=folder)
    else:
        with own_database(POSTGRES) as connection:
            yield Place(lambda: open_in_postgres("tests", lambda: psycopg.connect(connection)), connection)


@pytest.fixture
def accounts(place: Place) -> Iterator[AccountsDatabase]:
    with place.open() as opened:
        yield opened


def member(address: str, role: Role = Role.DIRECTOR, perimeter: str = "atelier-ternoise", **days: object) -> Member:
    """Return a role of somebody; `start` and `until` are days, administrators are of the network."""
    where = NETWORK if role is Role.ADMINISTRATOR else Perimeter.parse(perimeter)
    return Member(address, Grant(role, where), days.get("start"), days.get("until"))  # type: ignore[arg-type]


def events_of(database: AccountsDatabase) -> list[Event]:
    """Return all events, newest first."""
    return list(list_events(database, FAR_AHEAD, 999))


def give(database: AccountsDatabase, *members: Member, at: datetime = AT) -> object:
    return change_members(database, members, "tests", at, TODAY)


def administered(database: AccountsDatabase) -> str:
    """Give the network an administrator, and return the pseudonym."""
    give(database, member(ADMINISTRATION, Role.ADMINISTRATOR))
    return find_person(database, ADMINISTRATION)


def directed(database: AccountsDatabase, address: str = DIRECTION) -> str:
    """Give a structure a director, and return the pseudonym."""
    give(database, member(address))
    return find_person(database, address)
