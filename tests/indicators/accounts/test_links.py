"""Sign-in links: good for one sign-in of one person, for a quarter of an hour, under keys that change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from itsdangerous import URLSafeSerializer
from sqlalchemy import select

from indicators.accounts.database import AccountsDatabase
from indicators.accounts.links import (
    LINK_LASTS,
    SALT,
    InvalidLink,
    UsedLink,
    make_link_token,
    rotate_signing_key,
    signing_keys,
    use_link_token,
)
from indicators.accounts.tables import LINKS
from tests.indicators.accounts.conftest import AT, Place, directed

INSTANT = timedelta(microseconds=1)


@pytest.fixture
def person(accounts: AccountsDatabase) -> str:
    return directed(accounts)


def link(database: AccountsDatabase, person: str) -> str:
    return make_link_token(database, person, "site", AT)


def test_a_link_signs_its_person_in_one_time(accounts: AccountsDatabase, person: str) -> None:
    token = link(accounts, person)
    assert use_link_token(accounts, token, AT) == UsedLink(person)
    for after in (timedelta(), timedelta(minutes=1), LINK_LASTS):
        assert use_link_token(accounts, token, AT + after) == InvalidLink()


@pytest.mark.parametrize(
    ("after", "good"), [(LINK_LASTS - INSTANT, True), (LINK_LASTS, False), (LINK_LASTS * 2, False)]
)
def test_a_link_lasts_a_quarter_of_an_hour(
    accounts: AccountsDatabase, person: str, after: timedelta, good: bool
) -> None:
    assert use_link_token(accounts, link(accounts, person), AT + after) == (UsedLink(person) if good else InvalidLink())
    assert timedelta(minutes=15) == LINK_LASTS


@pytest.mark.parametrize(("back", "good"), [(timedelta(minutes=10), True), (timedelta(hours=2), False)])
def test_a_clock_that_is_set_back_makes_no_link_last_for_hours(
    accounts: AccountsDatabase, person: str, back: timedelta, good: bool
) -> None:
    assert isinstance(use_link_token(accounts, link(accounts, person), AT - back), UsedLink) is good


def test_a_second_link_does_not_end_the_first(accounts: AccountsDatabase, person: str) -> None:
    first, second = link(accounts, person), link(accounts, person)
    assert first != second
    for token in (second, first):
        assert use_link_token(accounts, token, AT) == UsedLink(person)


def test_of_many_who_use_a_link_at_the_same_moment_one_is_signed_in(place: Place) -> None:
    with place.open() as accounts, place.open() as other:
        person = directed(accounts)
        for _ in range(3):
            token, start = link(accounts, person), Barrier(8)

            def use(number: int, token: str = token, start: Barrier = start) -> object:
                start.wait()
                return use_link_token((accounts, other)[number % 2], token, AT)

            with ThreadPoolExecutor(8) as threads:
                used = list(threads.map(use, range(8)))
            assert sorted(map(repr, used)) == sorted(map(repr, [UsedLink(person), *[InvalidLink()] * 7]))


@pytest.mark.parametrize(
    "tamper",
    [
        lambda _: "",
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: token.replace(".", ""),
        lambda token: f"{token[:5]}{'A' if token[5] != 'A' else 'B'}{token[6:]}",
        lambda token: token.rpartition(".")[0],
        lambda token: "." + token.rpartition(".")[2],
        lambda token: token + "\n",
        lambda token: "é" + token,
        lambda _: "\x00",
        lambda _: "." * 100_000,
        lambda _: ".eJw" + "A" * 1_000,
    ],
)
def test_a_link_that_was_tampered_with_signs_nobody_in_and_the_true_one_stays_good(
    accounts: AccountsDatabase,
    person: str,
    tamper,  # type: ignore[no-untyped-def]
) -> None:
    token = link(accounts, person)
    assert use_link_token(accounts, tamper(token), AT) == InvalidLink()
    assert use_link_token(accounts, token, AT) == UsedLink(person)


def test_a_link_signed_by_another_key_for_another_purpose_or_of_another_site_is_none(
    accounts: AccountsDatabase, person: str
) -> None:
    nonce = URLSafeSerializer(signing_keys(accounts), salt=SALT).loads(link(accounts, person))
    for keys, salt in ((["another key"], SALT), (signing_keys(accounts), "another purpose"), ([""], SALT)):
        assert use_link_token(accounts, URLSafeSerializer(keys, salt=salt).dumps(nonce), AT) == InvalidLink()
    for unknown in ("made up", None, 1, {"person": person}, [nonce]):
        forged = URLSafeSerializer(signing_keys(accounts), salt=SALT).dumps(unknown)
        assert use_link_token(accounts, forged, AT) == InvalidLink(), "signed, and never made"


def test_who_reads_the_table_of_links_can_use_none(accounts: AccountsDatabase, person: str) -> None:
    token = link(accounts, person)
    with accounts.read() as connection:
        (row,) = connection.execute(select(LINKS))
    for value in map(str, row):
        assert value not in token
        assert use_link_token(accounts, value, AT) == InvalidLink()


def test_a_link_on_its_way_survives_one_rotation_of_the_key_and_not_two(
    accounts: AccountsDatabase, person: str
) -> None:
    first, second = link(accounts, person), link(accounts, person)
    before = signing_keys(accounts)
    rotate_signing_key(accounts)
    assert len(signing_keys(accounts)) == 2
    assert use_link_token(accounts, first, AT) == UsedLink(person)
    rotate_signing_key(accounts)
    assert not set(before) & set(signing_keys(accounts))
    assert use_link_token(accounts, second, AT) == InvalidLink()
    assert use_link_token(accounts, link(accounts, person), AT) == UsedLink(person)


def test_processes_that_need_the_first_key_at_the_same_moment_share_one(place: Place) -> None:
    with place.open() as accounts, place.open() as other:
        start = Barrier(6)

        def ask(number: int) -> list[str]:
            start.wait()
            return signing_keys((accounts, other)[number % 2])

        with ThreadPoolExecutor(6) as threads:
            found = list(threads.map(ask, range(6)))
        assert len(set(map(tuple, found))) == 1
        assert len(found[0]) == 1


def test_links_that_are_long_past_are_forgotten(accounts: AccountsDatabase, person: str) -> None:
    link(accounts, person)
    make_link_token(accounts, person, "site", AT + 3 * LINK_LASTS)
    with accounts.read() as connection:
        assert len(connection.execute(select(LINKS)).all()) == 1
