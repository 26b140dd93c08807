"""Sign-in links: signed, for one person, good for one sign-in within a quarter of an hour."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Connection, delete, insert, select, update

from indicators.accounts.database import AccountsDatabase
from indicators.accounts.events import EventKind, add_event
from indicators.accounts.members import require_person
from indicators.accounts.tables import LINKS, SIGNING_KEYS

LINK_LASTS: Final = timedelta(minutes=15)
MOMENT: Final = timedelta(microseconds=1)
NONCE_BYTES: Final = 24
KEY_BYTES: Final = 32
SALT: Final = "pilotage: sign-in link"


@dataclass(frozen=True)
class UsedLink:
    """The link was good: whose it is. It is good no more."""

    person: str


@dataclass(frozen=True)
class InvalidLink:
    """The link is not ours, or was used, or is too old: its reader is not told which."""


def signing_keys(database: AccountsDatabase) -> list[str]:
    """Return the keys that verify, oldest first; the last one signs. The first is made when it is needed."""
    with database.read() as connection:
        keys = _keys(connection)
    if keys:
        return keys
    with database.write() as connection:
        # Another process may have made it meanwhile.
        return _keys(connection) or [_add_key(connection)]


def rotate_signing_key(database: AccountsDatabase) -> None:
    """Sign with a new key; only the one before still verifies, until the next rotation: its links are on the way."""
    with database.write() as connection:
        newest = _keys(connection)[-1:]
        connection.execute(delete(SIGNING_KEYS).where(SIGNING_KEYS.c.key.not_in(newest)))
        _add_key(connection)


def make_link_token(database: AccountsDatabase, person: str, author: str, at: datetime) -> str:
    """Return the token of a new link for a person; links that are long past are forgotten.

    An `UnknownError` if there is no such person.
    """
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    keys = signing_keys(database)
    with database.write() as connection:
        require_person(connection, person)
        connection.execute(delete(LINKS).where(LINKS.c.expires_at < at - LINK_LASTS))
        connection.execute(insert(LINKS).values(nonce_digest=_digest(nonce), person=person, expires_at=at + LINK_LASTS))
        add_event(connection, at, author, EventKind.LINK_MADE, person)
    return str(_serializer(keys).dumps(nonce))


def use_link_token(database: AccountsDatabase, token: str, at: datetime) -> UsedLink | InvalidLink:
    """Use a link: of several that do so at the same moment, one succeeds."""
    try:
        nonce = str(_serializer(signing_keys(database)).loads(token))
    except BadData:
        return InvalidLink()
    with database.write() as connection:
        is_good = (
            LINKS.c.nonce_digest == _digest(nonce),
            LINKS.c.used_at.is_(None),
            # A clock that was set back far makes no link last for hours.
            LINKS.c.expires_at.between(at + MOMENT, at + 2 * LINK_LASTS),
        )
        person = connection.scalar(select(LINKS.c.person).where(*is_good))
        if person is None:
            return InvalidLink()
        connection.execute(update(LINKS).where(*is_good).values(used_at=at))
    return UsedLink(str(person))


def _serializer(keys: list[str]) -> URLSafeSerializer:
    return URLSafeSerializer(keys, salt=SALT)


def _keys(connection: Connection) -> list[str]:
    return [str(key) for key in connection.scalars(select(SIGNING_KEYS.c.key).order_by(SIGNING_KEYS.c.number))]


def _add_key(connection: Connection) -> str:
    key = secrets.token_urlsafe(KEY_BYTES)
    connection.execute(insert(SIGNING_KEYS).values(key=key))
    return key


def _digest(nonce: str) -> str:
    return sha256(nonce.encode()).hexdigest()
