"""Addresses of calendar feeds: each is one member's, of one structure, and good until it is taken back.

A calendar program has no session: whoever has the address may read the feed, as long as its member may see what is in
it. Of an address only the digest of its secret is kept: it is shown when it is made, and never again.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, insert, select

from indicators.accounts.database import AccountsDatabase
from indicators.accounts.events import EventKind, add_event
from indicators.accounts.members import require_person
from indicators.accounts.tables import FEEDS

SECRET_BYTES: Final = 32
MAX_SECRET_CHARS: Final = 100
"""Characters of a secret that is looked up: ours are shorter."""


@dataclass(frozen=True)
class Feed:
    """Whose feed it is, and of which structure."""

    person: str
    structure: str


def make_feed(database: AccountsDatabase, feed: Feed, at: datetime) -> str:
    """Return the secret of a new address; the one that the member had for the structure is good no more.

    An `UnknownError` if there is no such person.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with database.write() as connection:
        require_person(connection, feed.person)
        connection.execute(delete(FEEDS).where(FEEDS.c.person == feed.person, FEEDS.c.structure == feed.structure))
        row = {"secret_digest": _digest(secret), "person": feed.person, "structure": feed.structure, "made_at": at}
        connection.execute(insert(FEEDS).values(**row))
        add_event(connection, at, feed.person, EventKind.FEED_MADE, feed.person, feed.structure)
    return secret


def revoke_feed(database: AccountsDatabase, feed: Feed, at: datetime) -> None:
    """Take an address back, if there is one."""
    with database.write() as connection:
        is_this = (FEEDS.c.person == feed.person, FEEDS.c.structure == feed.structure)
        if connection.execute(delete(FEEDS).where(*is_this)).rowcount:
            add_event(connection, at, feed.person, EventKind.FEED_REVOKED, feed.person, feed.structure)


def feed_made_at(database: AccountsDatabase, feed: Feed) -> datetime | None:
    """Return when a member made the address for a structure that is good now; null without one."""
    query = select(FEEDS.c.made_at).where(FEEDS.c.person == feed.person, FEEDS.c.structure == feed.structure)
    with database.read() as connection:
        return connection.scalar(query)


def find_feed(database: AccountsDatabase, secret: str) -> Feed | None:
    """Return the feed of a secret; null if it is none of ours, or was taken back."""
    if not 0 < len(secret) <= MAX_SECRET_CHARS:
        return None
    query = select(FEEDS.c.person, FEEDS.c.structure).where(FEEDS.c.secret_digest == _digest(secret))
    with database.read() as connection:
        row = connection.execute(query).first()
    return None if row is None else Feed(row.person, row.structure)


def _digest(secret: str) -> str:
    # Secrets are random: no salt is needed, and a digest can be looked up.
    return sha256(secret.encode(errors="replace")).hexdigest()
