"""The journal of the accounts: what members did and what was done to them, under pseudonyms."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, and_, insert, or_, select

from indicators.accounts.database import AccountsDatabase
from indicators.accounts.tables import EVENTS


class EventKind(StrEnum):
    """Kinds of events."""

    MEMBER_CHANGED = "member_changed"
    MEMBER_REMOVED = "member_removed"
    MEMBER_ERASED = "member_erased"
    LINK_MADE = "link_made"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    MANAGEMENT_EXPORTED = "management_exported"
    LOOKED_THROUGH = "looked_through"
    REMINDED = "reminded"
    FEED_MADE = "feed_made"
    FEED_REVOKED = "feed_revoked"


@dataclass(frozen=True)
class Event:
    """Something that happened, at a moment in UTC: by whom, to whom, and what the sentence on it needs."""

    number: int
    at: datetime
    author: str
    kind: EventKind
    person: str | None
    detail: str | None


def add_event(
    connection: Connection, at: datetime, author: str, kind: EventKind, person: str | None = None, detail: str = ""
) -> None:
    """Add an event in the transaction of what it is about; `detail` never holds an address."""
    row = {"at": at, "author": author, "kind": kind.value, "person": person, "detail": detail or None}
    connection.execute(insert(EVENTS).values(**row))


def record_event(
    database: AccountsDatabase, at: datetime, author: str, kind: EventKind, person: str | None = None, detail: str = ""
) -> None:
    """Record an event that changes nothing else."""
    with database.write() as connection:
        add_event(connection, at, author, kind, person, detail)


def list_events(
    database: AccountsDatabase,
    before: datetime,
    limit: int,
    kinds: Collection[str] | None = None,
    author: str | None = None,
    below: int = 0,
) -> Sequence[Event]:
    """Return the newest events before a moment, and those of that very moment whose number is below a number.

    Of some kinds and of one author where these are given.
    """
    is_before = or_(EVENTS.c.at < before, and_(EVENTS.c.at == before, EVENTS.c.number < below))
    query = select(EVENTS).where(is_before)
    if kinds is not None:
        query = query.where(EVENTS.c.kind.in_(kinds))
    if author is not None:
        query = query.where(EVENTS.c.author == author)
    with database.read() as connection:
        rows = connection.execute(query.order_by(EVENTS.c.at.desc(), EVENTS.c.number.desc()).limit(limit))
        return [Event(row.number, row.at, row.author, EventKind(row.kind), row.person, row.detail) for row in rows]
