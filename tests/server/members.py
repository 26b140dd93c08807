"""Members of a served network: their roles and sessions, as another process on the machine would change them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy import update
from websockets.sync.client import ClientConnection

from dashboards.clock import Clock
from indicators.accounts.database import AccountsDatabase, open_in_file
from indicators.accounts.members import change_members, find_person, remove_role
from indicators.accounts.sessions import end_sessions_of, open_session
from indicators.accounts.tables import SESSIONS
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.roles import Grant, Member, Role
from tests.builders import TODAY, Store
from tests.served import Answer, Served, ask, messages

SECURE_COOKIE: Final = "__Host-pilotage"
FRESH_S: Final = 2.1
"""Seconds after which what another process changed is seen everywhere."""
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Members:
    """The accounts of a store, changed while the store is served."""

    store: Store

    @contextmanager
    def open(self) -> Iterator[AccountsDatabase]:
        with open_in_file(Path(self.store.address) / "accounts.sqlite") as accounts:
            yield accounts

    def give(self, address: str, role: Role, perimeter: str) -> str:
        """Give somebody a role, and return the pseudonym."""
        grant = Grant(role, Perimeter.parse(perimeter))
        with self.open() as accounts:
            change_members(accounts, [Member(address, grant, None, None)], "tests", Clock.now(), TODAY)
            return find_person(accounts, address)

    def take(self, address: str, role: Role, perimeter: str) -> None:
        with self.open() as accounts:
            grant = Grant(role, Perimeter.parse(perimeter))
            remove_role(accounts, find_person(accounts, address), grant, "tests", Clock.now(), TODAY)

    def token(self, address: str) -> str:
        """Open a session of somebody who is a member, and return what the cookie holds."""
        with self.open() as accounts:
            return open_session(accounts, find_person(accounts, address), Clock.now(), "tests")

    def sign_out(self, address: str) -> None:
        with self.open() as accounts:
            end_sessions_of(accounts, find_person(accounts, address), "tests", Clock.now())

    def leave_unused(self, address: str, hours: float = 3) -> None:
        """Make the sessions of somebody as if they had not been used for hours."""
        with self.open() as accounts:
            seen = Clock.now() - timedelta(hours=hours)
            whose = SESSIONS.c.person == find_person(accounts, address)
            with accounts.write() as connection:
                connection.execute(update(SESSIONS).where(whose).values(seen_at=seen, signed_in_at=seen))


def post(served: Served, path: str, fields: dict[str, str], **headers: str) -> Answer:
    """Send a form, as a browser without a script does."""
    return ask(served.address, path, "POST", urlencode(fields), **{"Content_Type": FORM, **headers})


def token_in(text: str) -> str:
    """Return the token of the link in a text."""
    found = re.search(r"https?://\S+/connexion/lien\?[^\s\"<]+", text)
    assert found is not None, text
    return parse_qs(urlsplit(unescape(found[0])).query)["jeton"][0]


def cookies_of(answer: Answer) -> dict[str, tuple[str, set[str]]]:
    """Return the cookies that an answer sets: value and attributes by name."""
    found = {}
    # A comma stands in a day as well: « Mon, 30 Nov ».
    for line in re.split(r", (?=[\w-]+=)", answer.headers.get("set-cookie", "")):
        pair, *attributes = line.split("; ")
        name, _, value = pair.partition("=")
        found[name] = (value, set(attributes))
    return found


def session_id(reader: ClientConnection) -> str:
    """Return the name under which Streamlit knows an open page."""
    begun = next(each for each in messages(reader, "") if each.WhichOneof("type") == "new_session")
    return begun.new_session.initialize.session_id
