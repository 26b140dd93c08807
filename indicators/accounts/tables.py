"""Tables of the accounts. Moments are in UTC, without a time zone."""

from typing import Final

from sqlalchemy import Boolean, Column, Date, DateTime, ForeignKey, Integer, MetaData, String, Table, true

METADATA: Final = MetaData()

PEOPLE: Final = Table(
    "people",
    METADATA,
    Column("person", String, primary_key=True, comment="Pseudonym."),
    Column("address", String, nullable=False, unique=True, comment="Mail address, in lower case."),
    Column("added_at", DateTime, nullable=False),
    Column("language", String, nullable=False, server_default="fr", comment="Of the last sign-in, and of mails."),
    Column("wants_digest", Boolean, nullable=False, server_default=true()),
)
"""One row is a person: the only table that holds an address."""

GRANTS: Final = Table(
    "grants",
    METADATA,
    Column("person", String, ForeignKey("people.person", ondelete="cascade"), primary_key=True),
    Column("role", String, primary_key=True),
    Column("perimeter", String, primary_key=True),
    Column("holds_from", Date),
    Column("holds_until", Date, comment="Last day."),
)
"""One row is a role of a person on a perimeter."""

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("token_digest", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("signed_in_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
)
"""One row is a session of a browser, known by the digest of its cookie: who reads this table cannot use one."""

LINKS: Final = Table(
    "links",
    METADATA,
    Column("nonce_digest", String, primary_key=True),
    Column("person", String, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("used_at", DateTime),
)
"""One row is a sign-in link."""

SIGNING_KEYS: Final = Table(
    "signing_keys",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("key", String, nullable=False),
)
"""One row is a key that signs links and the states of sign-ins; the newest signs, the others still verify."""

EVENTS: Final = Table(
    "events",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", DateTime, nullable=False, index=True),
    Column("author", String, nullable=False, comment="Pseudonym, or how a program calls itself."),
    Column("kind", String, nullable=False),
    Column("person", String, comment="Pseudonym of the person that it is about, if any."),
    Column("detail", String, comment="Role, perimeter, page: never an address."),
)
"""One row is something that happened; rows are never changed."""

SAVED_CHOICES: Final = Table(
    "saved_choices",
    METADATA,
    Column("person", String, ForeignKey("people.person", ondelete="cascade"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("perimeter", String, nullable=False),
)
"""One row is a choice of structures that a person saved under a name."""

FEEDS: Final = Table(
    "feeds",
    METADATA,
    Column("secret_digest", String, primary_key=True),
    Column("person", String, ForeignKey("people.person", ondelete="cascade"), nullable=False, index=True),
    Column("structure", String, nullable=False),
    Column("made_at", DateTime, nullable=False),
)
"""One row is an address at which a calendar program reads the meetings of a structure for a member."""

MAILS: Final = Table(
    "mails",
    METADATA,
    Column("key", String, primary_key=True, comment="What it is about and for whom: nothing is said twice."),
    Column("person", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("facts", String, nullable=False, comment="JSON: identifiers and days, never a figure."),
    Column("queued_at", DateTime, nullable=False),
    Column("claimed_at", DateTime),
    Column("sent_at", DateTime),
    Column("dropped_at", DateTime, comment="No longer true when it was to be sent, or refused too often."),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("error", String),
)
"""One row is a mail that is to be sent, or was: its text is written when it is sent."""

WRITERS: Final = Table(
    "writers",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("writes", Integer, nullable=False),
)
"""One row, which every writer changes first: writers take turns, on SQLite as on PostgreSQL."""
