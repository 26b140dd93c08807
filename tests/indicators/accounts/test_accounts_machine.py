"""Accounts in any order of acts, compared after each with the same accounts kept in plain dictionaries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from indicators.accounts.database import AccountsDatabase, open_in_file, open_in_postgres
from indicators.accounts.links import (
    LINK_LASTS,
    UsedLink,
    make_link_token,
    rotate_signing_key,
    signing_keys,
    use_link_token,
)
from indicators.accounts.members import (
    ErasedPerson,
    LastAdministrator,
    addresses,
    change_members,
    erase_person,
    find_person,
    grants_on,
    list_roles,
    remove_role,
)
from indicators.accounts.sessions import (
    SEEN_AFTER,
    SessionRules,
    SessionState,
    end_all_sessions,
    end_session,
    end_sessions_of,
    find_session,
    open_session,
)
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.roles import Grant, Member, Role
from indicators.errors import UnknownError
from tests.builders import NOW, TODAY
from tests.conftest import CATALOGUES, POSTGRES, examples, own_database
from tests.indicators.accounts.conftest import events_of

RULES = SessionRules()
ADMINISTRATOR = Grant(Role.ADMINISTRATOR, NETWORK)
ADDRESSES = st.sampled_from([f"{name}@x.example" for name in "abc"])
GRANTS = st.sampled_from(
    [ADMINISTRATOR, Grant(Role.DIRECTOR, Perimeter.parse("s")), Grant(Role.DELEGATE, Perimeter.parse("region:r"))]
)
DAYS = st.sampled_from([None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)])


@dataclass
class PlainSession:
    """A session as somebody would note it on paper."""

    address: str
    signed_in: datetime
    seen: datetime
    has_ended: bool = False


@dataclass
class PlainLink:
    """A link as somebody would note it on paper; `rotations` counts the keys made since."""

    address: str
    expires: datetime
    rotations: int = 0
    is_used: bool = False


@dataclass
class PlainAccounts:
    """Accounts in dictionaries, searched from one end to the other."""

    roles: dict[str, dict[Grant, tuple[date | None, date | None]]] = field(default_factory=dict)
    sessions: dict[str, PlainSession] = field(default_factory=dict)
    links: dict[str, PlainLink] = field(default_factory=dict)

    def rank(self) -> int:
        """Return 2 if somebody administers for good, 1 if somebody does today, else 0."""
        held = [days[ADMINISTRATOR] for days in self.roles.values() if ADMINISTRATOR in days]
        now = [until for start, until in held if (start or TODAY) <= TODAY and (until is None or until >= TODAY)]
        return 2 if None in now else 1 if now else 0

    def copy(self) -> dict[str, dict[Grant, tuple[date | None, date | None]]]:
        return {address: dict(days) for address, days in self.roles.items()}

    def drop(self, address: str) -> None:
        del self.roles[address]
        for kept in (self.sessions, self.links):
            for token in [token for token, one in kept.items() if one.address == address]:  # type: ignore[attr-defined]
                del kept[token]  # type: ignore[attr-defined]


def machine_on(database_of: Any) -> type[RuleBasedStateMachine]:
    """Return the machine on the accounts that a function opens."""

    class AccountsMachine(RuleBasedStateMachine):
        tokens = Bundle("tokens")
        links = Bundle("links")

        @initialize()
        def open(self) -> None:
            self.stack = ExitStack()
            self.accounts: AccountsDatabase = self.stack.enter_context(database_of())
            self.plain = PlainAccounts()
            self.now = NOW

        def teardown(self) -> None:
            self.stack.close()

        def person(self, address: str) -> str | None:
            try:
                return find_person(self.accounts, address)
            except UnknownError:
                assert address not in self.plain.roles
                return None

        @rule(minutes=st.sampled_from([1, 10, 16, 100, 130, 700]))
        def wait(self, minutes: int) -> None:
            self.now += timedelta(minutes=minutes)

        @rule(address=ADDRESSES, grant=GRANTS, start=DAYS, until=DAYS)
        def give(self, address: str, grant: Grant, start: date | None, until: date | None) -> None:
            rank, before = self.plain.rank(), self.plain.copy()
            self.plain.roles.setdefault(address, {})[grant] = (start, until)
            is_refused = self.plain.rank() < rank
            if is_refused:
                self.plain.roles = before
            done = change_members(self.accounts, [Member(address, grant, start, until)], "x", self.now, TODAY)
            assert (done == LastAdministrator()) is is_refused

        @rule(address=ADDRESSES, grant=GRANTS)
        def remove(self, address: str, grant: Grant) -> None:
            person = self.person(address)
            if person is None or grant not in self.plain.roles[address]:
                with pytest.raises(UnknownError):
                    remove_role(self.accounts, person or "m-nobody", grant, "x", self.now, TODAY)
                return
            rank, before = self.plain.rank(), self.plain.copy()
            del self.plain.roles[address][grant]
            is_refused = self.plain.rank() < rank
            if is_refused:
                self.plain.roles = before
            done = remove_role(self.accounts, person, grant, "x", self.now, TODAY)
            assert (done == LastAdministrator()) is is_refused

        @rule(address=ADDRESSES)
        def erase(self, address: str) -> None:
            person = self.person(address)
            if person is None:
                return
            rank, before = self.plain.rank(), self.plain.copy()
            del self.plain.roles[address]
            is_refused = self.plain.rank() < rank
            self.plain.roles = before
            if not is_refused:
                self.plain.drop(address)
            done = erase_person(self.accounts, person, "x", self.now, TODAY)
            assert isinstance(done, LastAdministrator if is_refused else ErasedPerson)

        @rule(target=tokens, address=ADDRESSES)
        def sign_in(self, address: str) -> str:
            person = self.person(address)
            if person is None:
                return "a token that nobody was given"
            token = open_session(self.accounts, person, self.now, "lien")
            self.plain.sessions[token] = PlainSession(address, self.now, self.now)
            return token

        @rule(token=tokens)
        def use(self, token: str) -> None:
            found = find_session(self.accounts, token, self.now, RULES)
            plain = self.plain.sessions.get(token)
            if plain is None:
                assert found.state is SessionState.UNKNOWN
                return
            assert found.person == self.person(plain.address)
            is_good = (
                not plain.has_ended
                and self.now - plain.signed_in < RULES.longest
                and self.now - plain.seen < RULES.idle
            )
            assert (found.state is SessionState.ACTIVE) is is_good
            if is_good and self.now - plain.seen >= SEEN_AFTER:
                plain.seen = self.now

        @rule(token=tokens)
        def sign_out(self, token: str) -> None:
            end_session(self.accounts, token, self.now)
            if token in self.plain.sessions:
                self.plain.sessions[token].has_ended = True

        @rule(address=ADDRESSES)
        def sign_out_everywhere(self, address: str) -> None:
            if (person := self.person(address)) is not None:
                own = [one for one in self.plain.sessions.values() if one.address == address and not one.has_ended]
                assert end_sessions_of(self.accounts, person, "x", self.now) == len(own)
                for one in own:
                    one.has_ended = True

        @rule()
        def sign_everybody_out(self) -> None:
            current = [one for one in self.plain.sessions.values() if not one.has_ended]
            assert end_all_sessions(self.accounts, "x", self.now) == len(current)
            for one in current:
                one.has_ended = True

        @rule(target=links, address=ADDRESSES)
        def make_link(self, address: str) -> str:
            person = self.person(address)
            if person is None:
                return "a link that nobody made"
            token = make_link_token(self.accounts, person, "site", self.now)
            self.plain.links[token] = PlainLink(address, self.now + LINK_LASTS)
            return token

        @rule(token=links)
        def use_link(self, token: str) -> None:
            plain = self.plain.links.get(token)
            is_good = plain is not None and not plain.is_used and self.now < plain.expires and plain.rotations < 2
            used = use_link_token(self.accounts, token, self.now)
            assert isinstance(used, UsedLink) is is_good
            if isinstance(used, UsedLink) and plain is not None:
                assert used.person == self.person(plain.address)
                plain.is_used = True

        @rule()
        def rotate(self) -> None:
            # Where no link was ever made there is no key before the first.
            signing_keys(self.accounts)
            rotate_signing_key(self.accounts)
            for one in self.plain.links.values():
                one.rotations += 1

        @invariant()
        def roles_are_the_same(self) -> None:
            known = addresses(self.accounts)
            assert sorted(known.values()) == sorted(self.plain.roles)
            held = {
                (role.member.address, role.member.grant, role.member.holds_from, role.member.holds_until)
                for role in list_roles(self.accounts)
            }
            assert held == {
                (address, grant, *days)
                for address, grants in self.plain.roles.items()
                for grant, days in grants.items()
            }
            for person, address in known.items():
                expected = {
                    grant
                    for grant, (start, until) in self.plain.roles[address].items()
                    if (start is None or start <= TODAY) and (until is None or until >= TODAY)
                }
                assert set(grants_on(self.accounts, person, TODAY)) == expected

        @invariant()
        def no_event_has_an_address(self) -> None:
            assert "@" not in repr(events_of(self.accounts))

    return AccountsMachine


@pytest.fixture(params=CATALOGUES)
def opened(request: pytest.FixtureRequest) -> Iterator[Any]:
    """What opens new accounts for each example."""
    with ExitStack() as stack:

        def open_anew() -> AccountsDatabase:
            if POSTGRES is None or request.param == "embedded":
                folder = Path(stack.enter_context(TemporaryDirectory()))
                return open_in_file(folder / "accounts.sqlite")
            connection = stack.enter_context(own_database(POSTGRES))
            return open_in_postgres("tests", lambda: psycopg.connect(connection))

        yield open_anew


def test_accounts_are_those_of_plain_dictionaries_whatever_is_done_in_whatever_order(opened: Any) -> None:
    run_state_machine_as_test(
        machine_on(opened), settings=settings(examples(0.2), stateful_step_count=40, deadline=None)
    )
