"""Members: who has which role on which perimeter. An address is exchanged for a pseudonym here, and nowhere else."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Final, TypeVar

import polars as pl
from sqlalchemy import ColumnElement, Connection, Row, Table, delete, insert, select, update

from indicators.accounts.database import AccountsDatabase
from indicators.accounts.events import EventKind, add_event
from indicators.accounts.tables import EVENTS, FEEDS, GRANTS, LINKS, MAILS, PEOPLE, SAVED_CHOICES, SESSIONS
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.roles import PSEUDONYM_PREFIX, Grant, Member, Role
from indicators.errors import UnknownError
from schemas.columns import POLARS_TYPE
from schemas.members import MEMBERS

PSEUDONYM_BYTES: Final = 5
Changed = TypeVar("Changed")


class MemberChange(StrEnum):
    """What a change made of a role."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class LastAdministrator:
    """Nothing was changed: nobody would administer the network any more."""


@dataclass(frozen=True)
class MembersChanged:
    """The roles are as wanted: how many were added, changed, or were so already."""

    counts: Mapping[MemberChange, int]


@dataclass(frozen=True)
class HeldRole:
    """A role of a person as it is kept."""

    person: str
    member: Member


@dataclass(frozen=True)
class ErasedPerson:
    """What was erased: how many roles, sessions, links and mails."""

    roles: int
    sessions: int
    links: int
    mails: int


def members_of_rows(rows: pl.DataFrame) -> list[Member]:
    """Return the members of typed rows of `membres`."""
    return [
        Member(
            row["address"],
            Grant(Role(row["role"]), Perimeter.parse(row["perimeter"])),
            row["holds_from"],
            row["holds_until"],
        )
        for row in rows.iter_rows(named=True)
    ]


def list_roles(database: AccountsDatabase) -> list[HeldRole]:
    """Return all roles, by address, role and perimeter."""
    order = (PEOPLE.c.address, GRANTS.c.role, GRANTS.c.perimeter)
    with database.read() as connection:
        rows = connection.execute(select(PEOPLE.c.address, GRANTS).join_from(PEOPLE, GRANTS).order_by(*order))
        return [HeldRole(row.person, _member(row)) for row in rows]


def role_rows(database: AccountsDatabase) -> pl.DataFrame:
    """Return all roles as rows of `membres`."""
    held = [role.member for role in list_roles(database)]
    rows = [
        (member.address, member.grant.role.value, member.grant.perimeter.code, member.holds_from, member.holds_until)
        for member in held
    ]
    schema = {column.name: POLARS_TYPE.get(column.cell_type, pl.String()) for column in MEMBERS.columns}
    return pl.DataFrame(rows, schema, orient="row")


def grants_on(database: AccountsDatabase, person: str, day: date) -> tuple[Grant, ...]:
    """Return the grants that a person holds on a day."""
    query = select(PEOPLE.c.address, GRANTS).join_from(PEOPLE, GRANTS).where(GRANTS.c.person == person)
    with database.read() as connection:
        members = [_member(row) for row in connection.execute(query)]
    return tuple(member.grant for member in members if member.holds_on(day))


def find_person(database: AccountsDatabase, address: str) -> str:
    """Return the pseudonym of an address; an `UnknownError` if nobody has it."""
    with database.read() as connection:
        person = connection.scalar(select(PEOPLE.c.person).where(PEOPLE.c.address == address))
    if person is None:
        raise UnknownError("member", address)
    return str(person)


@dataclass(frozen=True)
class Correspondent:
    """Somebody to whom the site writes: pseudonym, address, language, and whether digests are wanted."""

    person: str
    address: str
    language: str
    wants_digest: bool


def correspondents(database: AccountsDatabase) -> dict[str, Correspondent]:
    """Return every person as a correspondent, by pseudonym."""
    columns = (PEOPLE.c.person, PEOPLE.c.address, PEOPLE.c.language, PEOPLE.c.wants_digest)
    with database.read() as connection:
        return {row.person: Correspondent(*row) for row in connection.execute(select(*columns))}


def set_language(database: AccountsDatabase, person: str, language: str) -> None:
    """Keep the language in which the site writes to a person."""
    with database.write() as connection:
        connection.execute(update(PEOPLE).where(PEOPLE.c.person == person).values(language=language))


def want_digest(database: AccountsDatabase, person: str, *, wanted: bool) -> None:
    """Keep whether a person wants digests."""
    with database.write() as connection:
        connection.execute(update(PEOPLE).where(PEOPLE.c.person == person).values(wants_digest=wanted))


def require_person(connection: Connection, person: str) -> None:
    """Raise an `UnknownError` unless there is such a person: they may have been erased a moment ago."""
    if connection.scalar(select(PEOPLE.c.person).where(PEOPLE.c.person == person)) is None:
        raise UnknownError("member", person)


def is_person(database: AccountsDatabase, person: str) -> bool:
    """Whether there is a person of that pseudonym."""
    with database.read() as connection:
        return connection.scalar(select(PEOPLE.c.person).where(PEOPLE.c.person == person)) is not None


def addresses(database: AccountsDatabase) -> dict[str, str]:
    """Return the address of every person by pseudonym."""
    with database.read() as connection:
        return {row.person: row.address for row in connection.execute(select(PEOPLE.c.person, PEOPLE.c.address))}


def change_members(
    database: AccountsDatabase, members: Iterable[Member], author: str, at: datetime, today: date
) -> MembersChanged | LastAdministrator:
    """Give each role from the one day to the other, all or none; `author` is a pseudonym.

    A role that is kept already for that perimeter gets the new days. No role is taken away by not being named: it ends
    on the day `until` of its own row.
    """

    def change(connection: Connection) -> MembersChanged:
        counts = dict.fromkeys(MemberChange, 0)
        for member in members:
            person = _person_of(connection, member.address, at)
            made = _keep_role(connection, person, member)
            counts[made] += 1
            if made is not MemberChange.UNCHANGED:
                add_event(connection, at, author, EventKind.MEMBER_CHANGED, person, _detail(member))
        return MembersChanged(counts)

    return _change(database, today, change)


def remove_role(
    database: AccountsDatabase, person: str, grant: Grant, author: str, at: datetime, today: date
) -> MembersChanged | LastAdministrator:
    """Take a role from a person, at once; an `UnknownError` if they do not have it."""

    def change(connection: Connection) -> MembersChanged:
        if connection.execute(delete(GRANTS).where(*_key(person, grant))).rowcount == 0:
            raise UnknownError("role", f"{grant.role.value} {grant.perimeter.code}")
        detail = f"{grant.role.value} {grant.perimeter.code}"
        add_event(connection, at, author, EventKind.MEMBER_REMOVED, person, detail)
        return MembersChanged({MemberChange.CHANGED: 1})

    return _change(database, today, change)


def erase_person(
    database: AccountsDatabase, person: str, author: str, at: datetime, today: date
) -> ErasedPerson | LastAdministrator:
    """Erase a person: address, roles, sessions and links. What they did keeps the pseudonym, which leads nowhere.

    An `UnknownError` if there is no such person.
    """

    def change(connection: Connection) -> ErasedPerson:
        counts = [
            connection.execute(delete(table).where(table.c.person == person)).rowcount
            for table in (GRANTS, SESSIONS, LINKS, MAILS)
        ]
        for table in (SAVED_CHOICES, FEEDS):
            connection.execute(delete(table).where(table.c.person == person))
        if connection.execute(delete(PEOPLE).where(PEOPLE.c.person == person)).rowcount == 0:
            raise UnknownError("member", person)
        add_event(connection, at, author, EventKind.MEMBER_ERASED, person)
        return ErasedPerson(*counts)

    erased = _change(database, today, change)
    if isinstance(erased, ErasedPerson):
        database.purge()
    return erased


def export_person(database: AccountsDatabase, person: str) -> dict[str, Sequence[Mapping[str, object]]]:
    """Return all that the accounts hold about a person, by table; digests of cookies and links are left out."""
    left_out = {"token_digest", "nonce_digest", "secret_digest"}
    with database.read() as connection:
        return {
            table.name: [
                {name: value for name, value in row.items() if name not in left_out}
                for row in connection.execute(select(table).where(_is_about(table, person))).mappings()
            ]
            for table in (PEOPLE, GRANTS, SESSIONS, LINKS, MAILS, SAVED_CHOICES, FEEDS, EVENTS)
        }


def _is_about(table: Table, person: str) -> ColumnElement[bool]:
    is_about = table.c.person == person
    return is_about | (table.c.author == person) if "author" in table.c else is_about


def _member(row: Row) -> Member:  # type: ignore[type-arg]
    return Member(row.address, Grant(Role(row.role), Perimeter.parse(row.perimeter)), row.holds_from, row.holds_until)


def _person_of(connection: Connection, address: str, at: datetime) -> str:
    """Return the pseudonym of an address, a new one if it has none yet."""
    person = connection.scalar(select(PEOPLE.c.person).where(PEOPLE.c.address == address))
    if person is None:
        person = PSEUDONYM_PREFIX + secrets.token_hex(PSEUDONYM_BYTES)
        connection.execute(insert(PEOPLE).values(person=person, address=address, added_at=at))
    return str(person)


def _keep_role(connection: Connection, person: str, member: Member) -> MemberChange:
    grant = member.grant
    key = _key(person, grant)
    days = {"holds_from": member.holds_from, "holds_until": member.holds_until}
    kept = connection.execute(select(GRANTS.c.holds_from, GRANTS.c.holds_until).where(*key)).first()
    if kept is None:
        role = {"person": person, "role": grant.role.value, "perimeter": grant.perimeter.code}
        connection.execute(insert(GRANTS).values(**role, **days))
        return MemberChange.ADDED
    if tuple(kept) == tuple(days.values()):
        return MemberChange.UNCHANGED
    connection.execute(update(GRANTS).where(*key).values(**days))
    return MemberChange.CHANGED


class _Administration(IntEnum):
    """Whether somebody administers the network."""

    NONE = 0
    UNTIL_SOME_DAY = 1
    LASTING = 2


def _change(
    database: AccountsDatabase, today: date, change: Callable[[Connection], Changed]
) -> Changed | LastAdministrator:
    """Make a change, unless the network would be administered less lastingly after it: nobody could undo that."""
    try:
        with database.write() as connection:
            before = _administration(connection, today)
            changed = change(connection)
            if _administration(connection, today) < before:
                raise _LeavesNoAdministrator
    except _LeavesNoAdministrator:
        return LastAdministrator()
    return changed


class _LeavesNoAdministrator(Exception):  # noqa: N818 - it rolls a transaction back, and is caught beside it
    pass


def _administration(connection: Connection, today: date) -> _Administration:
    query = select(GRANTS.c.holds_from, GRANTS.c.holds_until).where(
        GRANTS.c.role == Role.ADMINISTRATOR.value, GRANTS.c.perimeter == NETWORK.code
    )
    held = [until for start, until in connection.execute(query) if (start or today) <= today <= (until or today)]
    if None in held:
        return _Administration.LASTING
    return _Administration.UNTIL_SOME_DAY if held else _Administration.NONE


def _key(person: str, grant: Grant) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on the row of a role."""
    return (
        GRANTS.c.person == person,
        GRANTS.c.role == grant.role.value,
        GRANTS.c.perimeter == grant.perimeter.code,
    )


def _detail(member: Member) -> str:
    days = "…".join(str(day or "") for day in (member.holds_from, member.holds_until))
    return f"{member.grant.role.value} {member.grant.perimeter.code} {days}".removesuffix(" …")
