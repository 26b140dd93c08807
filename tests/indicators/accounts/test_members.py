"""Members: roles given, changed and taken away; the last administrator; what is exported of a person, and erased."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from indicators.accounts import database as accounts_database
from indicators.accounts.copies import copy_accounts
from indicators.accounts.database import POSTGRES_SCHEMA, AccountsDatabase, open_in_file
from indicators.accounts.events import EventKind, list_events
from indicators.accounts.links import make_link_token
from indicators.accounts.members import (
    ErasedPerson,
    LastAdministrator,
    MemberChange,
    MembersChanged,
    addresses,
    change_members,
    erase_person,
    export_person,
    find_person,
    grants_on,
    list_roles,
    remove_role,
    role_rows,
)
from indicators.accounts.sessions import open_session
from indicators.accounts.tables import METADATA
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.roles import Grant, Role
from indicators.errors import StoreError, UnknownError
from schemas.members import MEMBERS
from tests.builders import TODAY
from tests.indicators.accounts.conftest import (
    ADMINISTRATION,
    AT,
    DIRECTION,
    FAR_AHEAD,
    SOON,
    Place,
    administered,
    directed,
    events_of,
    give,
    member,
)

ADMINISTRATOR = Grant(Role.ADMINISTRATOR, NETWORK)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def take_away(database: AccountsDatabase, person: str, grant: Grant = ADMINISTRATOR) -> object:
    return remove_role(database, person, grant, "tests", AT, TODAY)


def counts(added: int = 0, changed: int = 0, unchanged: int = 0) -> MembersChanged:
    return MembersChanged({MemberChange.ADDED: added, MemberChange.CHANGED: changed, MemberChange.UNCHANGED: unchanged})


# Roles


def test_a_role_is_given_changed_and_taken_away(accounts: AccountsDatabase) -> None:
    assert give(accounts, member(DIRECTION)) == counts(added=1)
    assert give(accounts, member(DIRECTION)) == counts(unchanged=1)
    assert give(accounts, member(DIRECTION, until=TOMORROW), member("b@x.example")) == counts(added=1, changed=1)
    person = find_person(accounts, DIRECTION)
    grant = member(DIRECTION).grant
    assert grants_on(accounts, person, TOMORROW) == (grant,)
    assert grants_on(accounts, person, TOMORROW + timedelta(days=1)) == ()
    take_away(accounts, person, grant)
    assert grants_on(accounts, person, TODAY) == ()
    with pytest.raises(UnknownError):
        take_away(accounts, person, grant)


def test_a_person_has_several_roles_under_one_pseudonym_and_none_ends_by_not_being_named(
    accounts: AccountsDatabase,
) -> None:
    give(accounts, member(DIRECTION))
    give(accounts, member(DIRECTION, Role.DELEGATE, "region:normandie"), member(DIRECTION, Role.DIRECTOR, "groupe:g"))
    held = list_roles(accounts)
    assert {role.person for role in held} == {find_person(accounts, DIRECTION)}
    assert [(role.member.grant.role, role.member.grant.perimeter.code) for role in held] == [
        (Role.DELEGATE, "region:normandie"),
        (Role.DIRECTOR, "atelier-ternoise"),
        (Role.DIRECTOR, "groupe:g"),
    ]


@pytest.mark.parametrize(
    ("start", "until", "holds"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (TOMORROW, None, False),
        (None, YESTERDAY, False),
        (YESTERDAY, TODAY, True),
    ],
)
def test_a_role_is_held_from_its_first_to_its_last_day(
    accounts: AccountsDatabase, start: date | None, until: date | None, holds: bool
) -> None:
    give(accounts, member(DIRECTION, start=start, until=until))
    assert bool(grants_on(accounts, find_person(accounts, DIRECTION), TODAY)) is holds


def test_pseudonyms_say_nothing_and_are_never_given_again(accounts: AccountsDatabase) -> None:
    administered(accounts)
    first = directed(accounts)
    erase_person(accounts, first, "tests", AT, TODAY)
    second = directed(accounts)
    assert first != second
    assert all(name.startswith("m-") and len(name) == 12 and "direction" not in name for name in (first, second))


def test_roles_are_exported_as_the_file_that_gives_them(accounts: AccountsDatabase) -> None:
    administered(accounts)
    give(accounts, member(DIRECTION, start=TODAY, until=TOMORROW))
    rows = role_rows(accounts)
    assert rows.columns == [column.name for column in MEMBERS.columns]
    assert rows.rows() == [
        (ADMINISTRATION, "administrator", "reseau", None, None),
        (DIRECTION, "director", "atelier-ternoise", TODAY, TOMORROW),
    ]
    MEMBERS.contract.validate(rows)


def test_a_change_that_fails_half_way_gives_no_role_and_tells_no_event(accounts: AccountsDatabase) -> None:
    def members() -> Any:
        yield member(DIRECTION)
        raise UnknownError("perimeter", "nowhere")

    with pytest.raises(UnknownError):
        change_members(accounts, members(), "tests", AT, TODAY)
    assert (list_roles(accounts), addresses(accounts), events_of(accounts)) == ([], {}, [])


# The last administrator


def refused_changes(database: AccountsDatabase, person: str) -> dict[str, Callable[[], object]]:
    return {
        "taken away": lambda: take_away(database, person),
        "erased": lambda: erase_person(database, person, "tests", AT, TODAY),
        "until today": lambda: give(database, member(ADMINISTRATION, Role.ADMINISTRATOR, until=TODAY)),
        "from tomorrow": lambda: give(database, member(ADMINISTRATION, Role.ADMINISTRATOR, start=TOMORROW)),
        "ended": lambda: give(database, member(ADMINISTRATION, Role.ADMINISTRATOR, until=YESTERDAY)),
    }


@pytest.mark.parametrize("change", ["taken away", "erased", "until today", "from tomorrow", "ended"])
def test_the_last_administrator_stays_whatever_is_tried(accounts: AccountsDatabase, change: str) -> None:
    person = administered(accounts)
    give(accounts, member("later@x.example", Role.ADMINISTRATOR, start=TOMORROW))
    give(accounts, member("gone@x.example", Role.ADMINISTRATOR, until=YESTERDAY))
    give(accounts, member("leaving@x.example", Role.ADMINISTRATOR, until=TOMORROW))
    before = list_roles(accounts), events_of(accounts)
    assert refused_changes(accounts, person)[change]() == LastAdministrator()
    assert (list_roles(accounts), events_of(accounts)) == before, "nothing is half done"
    give(accounts, member("other@x.example", Role.ADMINISTRATOR))
    assert refused_changes(accounts, person)[change]() != LastAdministrator()


def test_a_file_that_leaves_no_administrator_changes_nothing_of_its_other_rows(accounts: AccountsDatabase) -> None:
    administered(accounts)
    ended = member(ADMINISTRATION, Role.ADMINISTRATOR, until=YESTERDAY)
    assert give(accounts, member(DIRECTION), ended, member("c@x.example")) == LastAdministrator()
    assert set(addresses(accounts).values()) == {ADMINISTRATION}


def test_a_file_may_replace_the_administrator_in_any_order_of_its_rows(accounts: AccountsDatabase) -> None:
    administered(accounts)
    ended = member(ADMINISTRATION, Role.ADMINISTRATOR, until=YESTERDAY)
    assert give(accounts, ended, member("new@x.example", Role.ADMINISTRATOR)) == counts(added=1, changed=1)


def test_a_network_without_an_administrator_may_change_its_other_members(accounts: AccountsDatabase) -> None:
    person = directed(accounts)
    assert isinstance(erase_person(accounts, person, "tests", AT, TODAY), ErasedPerson)


@pytest.mark.parametrize("how", ["remove", "erase"])
def test_two_administrators_who_remove_each_other_at_the_same_moment_leave_one(place: Place, how: str) -> None:
    with place.open() as accounts, place.open() as other:
        for _ in range(5):
            give(accounts, *(member(f"{name}@x.example", Role.ADMINISTRATOR) for name in "ab"))
            people = [find_person(accounts, f"{name}@x.example") for name in "ab"]
            start = Barrier(2)

            def attack(database: AccountsDatabase, victim: str, author: str, start: Barrier = start) -> object:
                start.wait()
                if how == "remove":
                    return remove_role(database, victim, ADMINISTRATOR, author, AT, TODAY)
                return erase_person(database, victim, author, AT, TODAY)

            with ThreadPoolExecutor(2) as threads:
                done = list(threads.map(attack, (accounts, other), people, reversed(people)))
            assert done.count(LastAdministrator()) == 1, done
            administrators = [role for role in list_roles(accounts) if role.member.grant == ADMINISTRATOR]
            assert len(administrators) == 1


@pytest.mark.full
def test_two_processes_that_remove_each_others_administrator_leave_one(tmp_path: Path) -> None:
    script = (
        (
            "import sys; from pathlib import Path; from datetime import date, datetime\n"
            "from indicators.accounts.database import open_in_file\n"
            "from indicators.accounts.members import find_person, remove_role\n"
            "from indicators.definitions.perimeters import NETWORK\n"
            "from indicators.definitions.roles import Grant, Role\n"
            "with open_in_file(Path(sys.argv[1])) as accounts:\n"
            "    person = find_person(accounts, sys.argv[2]); print('ready', flush=True); sys.stdin.readline()\n"
            "    administration = Grant(Role.ADMINISTRATOR, NETWORK)\n"
            f"    done = remove_role(accounts, person, administration, 'tests', {AT!r}, {TODAY!r})\n"
            "    print(type(done).__name__)\n"
        )
        .replace("datetime.datetime(", "datetime(")
        .replace("datetime.date(", "date(")
    )
    path = tmp_path / "accounts.sqlite"
    names = ("a@x.example", "b@x.example")
    with open_in_file(path) as accounts:
        give(accounts, *(member(name, Role.ADMINISTRATOR) for name in names))
    pipe = subprocess.PIPE
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(path), name], stdin=pipe, stdout=pipe, text=True)
        for name in names
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    found = sorted(process.communicate()[0].strip() for process in running)
    assert found == ["LastAdministrator", "MembersChanged"]


# Erasure and export


def bytes_of(place: Place) -> bytes:
    """Return every byte on the disk, or every row of every table where the disk is a server's."""
    if place.folder is not None:
        return b"".join(path.read_bytes() for path in sorted(place.folder.rglob("*")) if path.is_file())
    assert place.connection is not None
    with psycopg.connect(place.connection) as server:
        tables = [f'{POSTGRES_SCHEMA}."{table.name}"' for table in METADATA.sorted_tables]
        return b"".join(repr(server.execute(f"select * from {name}".encode()).fetchall()).encode() for name in tables)


def test_an_erased_person_leaves_no_address_in_any_file(place: Place) -> None:
    with place.open() as accounts:
        administered(accounts)
        # Long and short ones, so that pages of the file are split and merged.
        written = [f"personne-{number:03}{'x' * (number * 7 % 60)}@atelier.example" for number in range(120)]
        give(accounts, *(member(address, perimeter=f"s-{n}") for n, address in enumerate(written)))
        token = make_link_token(accounts, find_person(accounts, written[0]), "site", AT)
        open_session(accounts, find_person(accounts, written[0]), AT, "lien")
        erased = written[::9]
        for address in erased:
            erase_person(accounts, find_person(accounts, address), "tests", AT, TODAY)
        kept = bytes_of(place)
        assert [address for address in erased if address.encode() in kept] == []
        assert all(address.encode() in kept for address in written if address not in erased)
        assert token.encode() not in kept


def test_an_erased_person_has_no_role_session_or_link_and_their_acts_lead_nowhere(accounts: AccountsDatabase) -> None:
    administered(accounts)
    person = directed(accounts)
    open_session(accounts, person, AT, "lien")
    make_link_token(accounts, person, "site", AT)
    assert erase_person(accounts, person, "tests", AT, TODAY) == ErasedPerson(roles=1, sessions=1, links=1, mails=0)
    assert DIRECTION not in addresses(accounts).values()
    held = export_person(accounts, person)
    assert {name: len(rows) for name, rows in held.items() if rows} == {"events": 4}
    with pytest.raises(UnknownError):
        find_person(accounts, DIRECTION)
    with pytest.raises(UnknownError):
        erase_person(accounts, person, "tests", AT, TODAY)


@pytest.mark.parametrize("act", [lambda to, who: open_session(to, who, AT, "lien"),
                                 lambda to, who: make_link_token(to, who, "site", AT)])  # fmt: skip
def test_whoever_was_erased_a_moment_ago_gets_neither_a_session_nor_a_link(
    accounts: AccountsDatabase, act: Callable[[AccountsDatabase, str], str]
) -> None:
    administered(accounts)
    person = directed(accounts)
    erase_person(accounts, person, "tests", AT, TODAY)
    with pytest.raises(UnknownError):
        act(accounts, person)
    assert {name for name, rows in export_person(accounts, person).items() if rows} == {"events"}


def test_an_erasure_beside_a_long_reader_says_that_the_disk_still_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts_database, "SQLITE_TIMEOUT_S", 0.2)
    with open_in_file(tmp_path / "accounts.sqlite") as accounts:
        administered(accounts)
        person = directed(accounts)
        with accounts.read() as reader:
            reader.exec_driver_sql("begin")
            assert len(reader.execute(select(METADATA.tables["people"])).all()) == 2
            with pytest.raises(StoreError, match="erased, but on the disk until who reads it stops"):
                erase_person(accounts, person, "tests", AT, TODAY)
        assert person not in addresses(accounts)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("accounts.sqlite*"))
    assert DIRECTION.encode() not in kept, "the last who closes the file tidies it"


def test_all_that_is_kept_about_a_person_is_exported_and_nothing_that_opens_a_door(accounts: AccountsDatabase) -> None:
    administered(accounts)
    person = directed(accounts)
    session, link = open_session(accounts, person, AT, "lien"), make_link_token(accounts, person, "site", AT)
    held = export_person(accounts, person)
    assert {name: len(rows) for name, rows in held.items()} == {
        "people": 1, "grants": 1, "sessions": 1, "links": 1, "mails": 0, "saved_choices": 0, "feeds": 0, "events": 3,
    }  # fmt: skip
    with accounts.read() as connection:
        for table in METADATA.sorted_tables:
            about = [row for row in connection.execute(select(table)).mappings() if person in row.values()]
            assert len(held.get(table.name, ())) == len(about), table.name
    text = json.dumps(held, default=str)
    assert DIRECTION in text
    assert session not in text
    assert link not in text
    assert "token_digest" not in text
    assert "nonce_digest" not in text
    assert ADMINISTRATION not in text, "nothing of anybody else"


# Events


def test_no_event_holds_an_address_and_each_says_who_did_what_to_whom(accounts: AccountsDatabase) -> None:
    administrator = administered(accounts)
    give(accounts, member(DIRECTION, until=TOMORROW))
    person = find_person(accounts, DIRECTION)
    make_link_token(accounts, person, "site", AT)
    open_session(accounts, person, SOON, "lien")
    remove_role(accounts, person, member(DIRECTION).grant, administrator, SOON, TODAY)
    erase_person(accounts, person, administrator, SOON, TODAY)
    events = events_of(accounts)
    assert [(event.kind, event.author, event.person) for event in events] == [
        (EventKind.MEMBER_ERASED, administrator, person),
        (EventKind.MEMBER_REMOVED, administrator, person),
        (EventKind.SIGNED_IN, person, person),
        (EventKind.LINK_MADE, "site", person),
        (EventKind.MEMBER_CHANGED, "tests", person),
        (EventKind.MEMBER_CHANGED, "tests", administrator),
    ]
    assert "@" not in repr(events)
    assert events[4].detail == f"director atelier-ternoise …{TOMORROW}"
    assert list(list_events(accounts, FAR_AHEAD, 2)) == events[:2]


# The database


def test_many_who_open_new_accounts_at_the_same_moment_all_get_them(place: Place) -> None:
    start = Barrier(8)

    def open_and_write(number: int) -> object:
        start.wait()
        with place.open() as accounts:
            return give(accounts, member(f"{number}@x.example"))

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(open_and_write, range(8))) == [counts(added=1)] * 8
    with place.open() as accounts:
        assert len(addresses(accounts)) == 8


def test_writers_take_turns_and_lose_nothing(place: Place) -> None:
    with place.open() as accounts, place.open() as other:
        administered(accounts)

        def write(number: int) -> object:
            return give((accounts, other)[number % 2], member(DIRECTION, perimeter=f"s-{number}"))

        with ThreadPoolExecutor(6) as threads:
            assert list(threads.map(write, range(24))) == [counts(added=1)] * 24
        assert len(grants_on(accounts, find_person(accounts, DIRECTION), TODAY)) == 24
        numbers = [event.number for event in events_of(accounts)]
        assert numbers == sorted(set(numbers), reverse=True)


def test_only_the_account_that_serves_the_pages_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "accounts.sqlite"
    with open_in_file(path) as accounts:
        administered(accounts)
        modes = {each.stat().st_mode & 0o777 for each in tmp_path.glob("accounts.sqlite*")}
    assert modes == {0o600}


@pytest.mark.parametrize("content", [b"not a database at all, and long enough to be taken for one" * 40, b"\x00" * 99])
def test_a_file_that_is_no_database_is_a_sentence_without_its_content(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "accounts.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"^accounts of .*: DatabaseError$"):
        open_in_file(path)
    assert path.read_bytes() == content


def test_a_failure_of_the_database_never_repeats_an_address(accounts: AccountsDatabase) -> None:
    directed(accounts)
    with accounts.write() as connection:
        METADATA.tables["grants"].drop(connection)
    with pytest.raises(StoreError) as failed:
        give(accounts, member("victim@x.example"))
    assert "victim" not in str(failed.value) + repr(failed.value.__cause__)


def test_a_copy_has_people_roles_and_journal_and_can_be_written_on(place: Place, tmp_path: Path) -> None:
    with place.open() as target, closing(open_in_file(tmp_path / "source.sqlite")) as source:
        administered(source)
        person = directed(source)
        open_session(source, person, AT, "lien")
        make_link_token(source, person, "site", AT)
        assert copy_accounts(source, target) == 2
        assert list_roles(target) == list_roles(source)
        assert {name for name, rows in export_person(target, person).items() if rows} == {"people", "grants", "events"}
        assert give(target, member("after@x.example")) == counts(added=1), "events are numbered on"
        kinds = [event.kind for event in events_of(target)]
        assert kinds[1:] == [event.kind for event in events_of(source)]
        with pytest.raises(StoreError, match="have people already"):
            copy_accounts(source, target)
