"""The queue of mails: each is queued once, however often it is due, claimed by one sender at a time, sent or dropped.

A sender that dies between the mail server's answer and its own record leaves a claimed mail: it is sent again after an
hour under the same message id, by which mail programs know it for the same. One that dies at a mail each time does not
keep the others waiting: those tried least come first, and a mail that was tried six times is given up.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from indicators.accounts.database import AccountsDatabase
from indicators.accounts.tables import MAILS

CLAIM_LASTS: Final = timedelta(hours=1)
RETRY_AFTER: Final = timedelta(minutes=10)
MAX_TRIES: Final = 6


@dataclass(frozen=True)
class QueuedMail:
    """A mail to be written and sent: `facts` are what its text needs, identifiers and days only."""

    key: str
    person: str
    kind: str
    facts: Mapping[str, Any]


def queue_mails(database: AccountsDatabase, mails: Sequence[QueuedMail], at: datetime) -> int:
    """Queue the mails whose key is new, and return how many these are."""
    with database.write() as connection:
        known = set(connection.scalars(select(MAILS.c.key).where(MAILS.c.key.in_([mail.key for mail in mails]))))
        new = {mail.key: mail for mail in mails if mail.key not in known}
        for mail in new.values():
            facts = json.dumps(dict(mail.facts), ensure_ascii=False)
            row = {"key": mail.key, "person": mail.person, "kind": mail.kind, "facts": facts, "queued_at": at}
            connection.execute(insert(MAILS).values(**row))
    return len(new)


def known_keys(database: AccountsDatabase, keys: Sequence[str]) -> set[str]:
    """Return those of some keys under which a mail is queued, sent or dropped."""
    with database.read() as connection:
        return set(connection.scalars(select(MAILS.c.key).where(MAILS.c.key.in_(list(keys)))))


def claim_mail(database: AccountsDatabase, at: datetime, keys: Collection[str] | None = None) -> QueuedMail | None:
    """Claim a mail that is to be sent now, of some keys where these are given; nobody else gets it for an hour."""
    with database.write() as connection:
        is_stuck = (_is_free(at), MAILS.c.tries >= MAX_TRIES)
        connection.execute(update(MAILS).where(*is_stuck).values(dropped_at=at, error="each of its senders stopped"))
        query = select(MAILS).where(_is_free(at)).order_by(MAILS.c.tries, MAILS.c.queued_at, MAILS.c.key)
        if keys is not None:
            query = query.where(MAILS.c.key.in_(list(keys)))
        row = connection.execute(query.limit(1)).first()
        if row is None:
            return None
        claimed = {"claimed_at": at, "tries": row.tries + 1}
        connection.execute(update(MAILS).where(MAILS.c.key == row.key).values(**claimed))
    return QueuedMail(row.key, row.person, row.kind, json.loads(row.facts))


def count_waiting(database: AccountsDatabase, at: datetime, keys: Collection[str] | None = None) -> int:
    """Return how many mails are to be sent now, of some keys where these are given."""
    query = select(func.count()).select_from(MAILS).where(_is_free(at))
    if keys is not None:
        query = query.where(MAILS.c.key.in_(list(keys)))
    with database.read() as connection:
        return int(connection.scalar(query) or 0)


def _is_free(at: datetime) -> ColumnElement[bool]:
    is_waiting = and_(MAILS.c.sent_at.is_(None), MAILS.c.dropped_at.is_(None))
    return and_(is_waiting, or_(MAILS.c.claimed_at.is_(None), MAILS.c.claimed_at < at - CLAIM_LASTS))


def release_mail(database: AccountsDatabase, key: str, error: str) -> None:
    """Put back a claimed mail that could not be tried: to be sent as soon as it can be, and no try less."""
    with database.write() as connection:
        released = {"claimed_at": None, "tries": MAILS.c.tries - 1, "error": error}
        connection.execute(update(MAILS).where(MAILS.c.key == key).values(**released))


def mark_sent(database: AccountsDatabase, key: str, at: datetime) -> None:
    """Note that the mail server took a mail."""
    _mark(database, key, sent_at=at, error=None)


def mark_dropped(database: AccountsDatabase, key: str, at: datetime, reason: str) -> None:
    """Note that a mail is not sent: what it says is no longer so."""
    _mark(database, key, dropped_at=at, error=reason)


def mark_failed(database: AccountsDatabase, key: str, at: datetime, error: str) -> None:
    """Note that a mail was not taken: it is tried again in ten minutes, six times in all."""
    with database.write() as connection:
        tries = connection.scalar(select(MAILS.c.tries).where(MAILS.c.key == key)) or 0
        # Claimed as if fifty minutes ago: free again after ten.
        values = {"dropped_at": at} if tries >= MAX_TRIES else {"claimed_at": at - CLAIM_LASTS + RETRY_AFTER}
        connection.execute(update(MAILS).where(MAILS.c.key == key).values(error=error, **values))


def _mark(database: AccountsDatabase, key: str, **values: object) -> None:
    with database.write() as connection:
        connection.execute(update(MAILS).where(MAILS.c.key == key).values(**values))
