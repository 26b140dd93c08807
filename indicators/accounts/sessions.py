"""Sessions: a browser shows a token that only it knows, until the session ends.

The accounts keep a digest of each token. Nothing in a token says who its bearer is: it cannot be made up, and what is
revoked here is revoked everywhere.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from indicators.accounts.database import AccountsDatabase
from indicators.accounts.events import EventKind, add_event
from indicators.accounts.members import require_person
from indicators.accounts.tables import SESSIONS

TOKEN_BYTES: Final = 32
SEEN_AFTER: Final = timedelta(minutes=1)
"""Precision to which it is known when a session was last used: each use would be a write otherwise."""
KEPT_AFTER_END: Final = timedelta(days=30)
"""Time for which an ended session is still told from one that never was."""


@dataclass(frozen=True)
class SessionRules:
    """How long a session lasts, used all the time and not used at all."""

    longest: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(hours=2)


class SessionState(StrEnum):
    """Whether a token is that of a session, and whether it still lasts."""

    ACTIVE = "active"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class FoundSession:
    """What a token says: the state of its session, and whose it is."""

    state: SessionState
    person: str | None = None


UNKNOWN_SESSION: Final = FoundSession(SessionState.UNKNOWN)


def open_session(database: AccountsDatabase, person: str, at: datetime, way: str) -> str:
    """Open a session of a person and return its token; `way` says how they signed in.

    An `UnknownError` if there is no such person.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with database.write() as connection:
        require_person(connection, person)
        connection.execute(delete(SESSIONS).where(SESSIONS.c.seen_at < at - KEPT_AFTER_END))
        connection.execute(
            insert(SESSIONS).values(token_digest=_digest(token), person=person, signed_in_at=at, seen_at=at)
        )
        add_event(connection, at, person, EventKind.SIGNED_IN, person, way)
    return token


def find_session(database: AccountsDatabase, token: str, at: datetime, rules: SessionRules) -> FoundSession:
    """Return the session of a token at a moment, and note that it was used."""
    digest = _digest(token)
    with database.read() as connection:
        row = connection.execute(select(SESSIONS).where(SESSIONS.c.token_digest == digest)).first()
    if row is None:
        return UNKNOWN_SESSION
    if not _lasts(row, at, rules):
        return FoundSession(SessionState.ENDED, row.person)
    if at - row.seen_at >= SEEN_AFTER:
        # Never one that was revoked meanwhile.
        is_open = (SESSIONS.c.token_digest == digest, SESSIONS.c.ended_at.is_(None))
        with database.write() as connection:
            connection.execute(update(SESSIONS).where(*is_open).values(seen_at=at))
    return FoundSession(SessionState.ACTIVE, row.person)


def end_session(database: AccountsDatabase, token: str, at: datetime) -> None:
    """End the session of a token; an unknown one has none."""
    with database.write() as connection:
        is_this = (SESSIONS.c.token_digest == _digest(token), SESSIONS.c.ended_at.is_(None))
        person = connection.scalar(select(SESSIONS.c.person).where(*is_this))
        if person is not None:
            connection.execute(update(SESSIONS).where(*is_this).values(ended_at=at))
            add_event(connection, at, person, EventKind.SIGNED_OUT, person)


def end_sessions_of(database: AccountsDatabase, person: str, author: str, at: datetime) -> int:
    """End all sessions of a person, and return how many there were."""
    return _end(database, SESSIONS.c.person == person, at, author, person)


def end_all_sessions(database: AccountsDatabase, author: str, at: datetime) -> int:
    """End the sessions of everybody, and return how many there were."""
    return _end(database, SESSIONS.c.person.is_not(None), at, author, None)


def last_seen(database: AccountsDatabase) -> dict[str, datetime]:
    """Return when each person was last seen."""
    newest: dict[str, datetime] = {}
    with database.read() as connection:
        for person, seen_at in connection.execute(select(SESSIONS.c.person, SESSIONS.c.seen_at)):
            newest[person] = max(seen_at, newest.get(person, seen_at))
    return newest


def _end(database: AccountsDatabase, whose: ColumnElement[bool], at: datetime, author: str, person: str | None) -> int:
    with database.write() as connection:
        ended = connection.execute(update(SESSIONS).where(whose, SESSIONS.c.ended_at.is_(None)).values(ended_at=at))
        add_event(connection, at, author, EventKind.SIGNED_OUT_EVERYWHERE, person)
        return ended.rowcount


def _lasts(row: Row, at: datetime, rules: SessionRules) -> bool:  # type: ignore[type-arg]
    return (
        row.ended_at is None
        # A clock that was set back makes no session older than it is, and none longer than it may be.
        and abs(at - row.signed_in_at) < rules.longest
        and at - row.seen_at < rules.idle
    )


def _digest(token: str) -> str:
    # Tokens are random: no salt is needed, and a digest can be looked up.
    return sha256(token.encode(errors="replace")).hexdigest()
