"""Sessions: how long they last, what ends them, and what a token that nobody was given opens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from indicators.accounts.database import AccountsDatabase
from indicators.accounts.events import EventKind
from indicators.accounts.sessions import (
    KEPT_AFTER_END,
    SEEN_AFTER,
    UNKNOWN_SESSION,
    FoundSession,
    SessionRules,
    SessionState,
    end_all_sessions,
    end_session,
    end_sessions_of,
    find_session,
    last_seen,
    open_session,
)
from indicators.accounts.tables import SESSIONS
from tests.indicators.accounts.conftest import AT, Place, administered, directed, events_of

RULES = SessionRules(longest=timedelta(hours=12), idle=timedelta(hours=2))
INSTANT = timedelta(microseconds=1)


def state(database: AccountsDatabase, token: str, after: timedelta) -> SessionState:
    return find_session(database, token, AT + after, RULES).state


def use_for(database: AccountsDatabase, token: str, hours: float) -> None:
    """Use a session every hour and a half until so many hours after its beginning."""
    for step in range(1, int(hours / 1.5) + 1):
        assert state(database, token, step * timedelta(hours=1.5)) is SessionState.ACTIVE


def test_a_session_is_of_the_person_who_signed_in_and_of_nobody_else(accounts: AccountsDatabase) -> None:
    person, other = administered(accounts), directed(accounts)
    tokens = open_session(accounts, person, AT, "lien"), open_session(accounts, other, AT, "lien")
    found = [find_session(accounts, token, AT, RULES).person for token in tokens]
    assert found == [person, other]


@pytest.mark.parametrize(
    ("unused", "lasts"), [(RULES.idle - INSTANT, True), (RULES.idle, False), (RULES.longest, False)]
)
def test_a_session_that_is_not_used_ends(accounts: AccountsDatabase, unused: timedelta, lasts: bool) -> None:
    token = open_session(accounts, directed(accounts), AT, "lien")
    assert (state(accounts, token, unused) is SessionState.ACTIVE) is lasts


def test_a_session_that_is_used_all_the_time_ends_all_the_same(accounts: AccountsDatabase) -> None:
    token = open_session(accounts, directed(accounts), AT, "lien")
    use_for(accounts, token, 11)
    assert state(accounts, token, RULES.longest - INSTANT) is SessionState.ACTIVE
    assert state(accounts, token, RULES.longest) is SessionState.ENDED
    assert state(accounts, token, RULES.longest - timedelta(minutes=1)) is SessionState.ACTIVE, "no use was noted"


def test_what_has_ended_by_time_is_not_prolonged_by_being_tried(accounts: AccountsDatabase) -> None:
    token = open_session(accounts, directed(accounts), AT, "lien")
    for minutes in range(120, 180, 5):
        assert state(accounts, token, timedelta(minutes=minutes)) is SessionState.ENDED


def test_a_use_is_noted_to_the_minute_and_no_more_often(accounts: AccountsDatabase) -> None:
    person = directed(accounts)
    token = open_session(accounts, person, AT, "lien")
    for seconds, seen in ((59, 0), (60, 60), (61, 60), (119, 60), (120, 120)):
        find_session(accounts, token, AT + timedelta(seconds=seconds), RULES)
        assert last_seen(accounts) == {person: AT + timedelta(seconds=seen)}
    assert timedelta(minutes=1) == SEEN_AFTER


@pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(hours=3), timedelta(hours=11, minutes=59)])
def test_a_clock_that_is_set_back_ends_no_session_and_makes_none_longer(
    accounts: AccountsDatabase, back: timedelta
) -> None:
    token = open_session(accounts, directed(accounts), AT, "lien")
    assert state(accounts, token, -back) is SessionState.ACTIVE
    assert state(accounts, token, timedelta()) is SessionState.ACTIVE
    assert state(accounts, token, RULES.idle) is SessionState.ENDED


def test_a_clock_that_was_days_ahead_leaves_no_session_that_lasts_for_days(accounts: AccountsDatabase) -> None:
    ahead = open_session(accounts, directed(accounts), AT + timedelta(days=3), "lien")
    assert state(accounts, ahead, timedelta()) is SessionState.ENDED
    assert state(accounts, ahead, timedelta(days=2)) is SessionState.ENDED


@pytest.mark.parametrize(
    "forge",
    [
        lambda _: "",
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: token.swapcase(),
        lambda token: " " + token,
        lambda _: "A" * 43,
        lambda _: "x" * 1_000_000,
        lambda _: "\x00",
        lambda _: "\ud800",
        lambda _: "' or 1=1 --",
        lambda _: "%",
    ],
)
def test_a_token_that_nobody_was_given_opens_nothing_and_writes_nothing(accounts: AccountsDatabase, forge) -> None:  # type: ignore[no-untyped-def]
    token = open_session(accounts, directed(accounts), AT, "lien")
    before = events_of(accounts)
    forged = forge(token)
    assert find_session(accounts, forged, AT, RULES) == UNKNOWN_SESSION
    end_session(accounts, forged, AT)
    assert events_of(accounts) == before
    assert state(accounts, token, timedelta()) is SessionState.ACTIVE


def test_who_reads_the_table_of_sessions_can_use_none(accounts: AccountsDatabase) -> None:
    token = open_session(accounts, directed(accounts), AT, "lien")
    with accounts.read() as connection:
        (row,) = connection.execute(select(SESSIONS))
    for value in map(str, row):
        assert token not in value
        assert find_session(accounts, value, AT, RULES) == UNKNOWN_SESSION


def test_tokens_cannot_be_guessed(accounts: AccountsDatabase) -> None:
    person = directed(accounts)
    tokens = {open_session(accounts, person, AT, "lien") for _ in range(20)}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {43}, "256 bits"


def test_signing_out_ends_this_session_and_no_other(accounts: AccountsDatabase) -> None:
    person = directed(accounts)
    here, there = (open_session(accounts, person, AT, "lien") for _ in range(2))
    end_session(accounts, here, AT)
    end_session(accounts, here, AT)
    assert find_session(accounts, here, AT, RULES) == FoundSession(SessionState.ENDED, person)
    assert state(accounts, there, timedelta()) is SessionState.ACTIVE
    kinds = [event.kind for event in events_of(accounts)]
    assert kinds.count(EventKind.SIGNED_OUT) == 1


def test_a_person_is_signed_out_everywhere_in_every_process(place: Place) -> None:
    with place.open() as accounts, place.open() as other_process:
        person, bystander = directed(accounts), administered(accounts)
        tokens = [open_session(accounts, person, AT, "lien") for _ in range(3)]
        kept = open_session(accounts, bystander, AT, "lien")
        assert end_sessions_of(accounts, person, bystander, AT) == 3
        assert [state(other_process, token, timedelta()) for token in tokens] == [SessionState.ENDED] * 3
        assert state(other_process, kept, timedelta()) is SessionState.ACTIVE
        assert end_sessions_of(accounts, person, bystander, AT) == 0
        again = open_session(accounts, person, AT, "lien")
        assert state(other_process, again, timedelta()) is SessionState.ACTIVE
        assert end_all_sessions(accounts, "tests", AT) == 2
        assert {state(other_process, token, timedelta()) for token in (*tokens, kept, again)} == {SessionState.ENDED}


def test_what_is_revoked_is_not_seen_again_by_being_used(accounts: AccountsDatabase) -> None:
    person = directed(accounts)
    token = open_session(accounts, person, AT, "lien")
    end_sessions_of(accounts, person, "tests", AT + timedelta(minutes=5))
    for minutes in (1, 6, 30, 90):
        assert state(accounts, token, timedelta(minutes=minutes)) is SessionState.ENDED


def test_an_ended_session_is_known_as_one_for_a_month_and_forgotten_then(accounts: AccountsDatabase) -> None:
    person = directed(accounts)
    token = open_session(accounts, person, AT, "lien")
    end_session(accounts, token, AT)
    open_session(accounts, person, AT + KEPT_AFTER_END, "lien")
    assert state(accounts, token, KEPT_AFTER_END) is SessionState.ENDED
    open_session(accounts, person, AT + KEPT_AFTER_END + INSTANT, "lien")
    assert find_session(accounts, token, AT + KEPT_AFTER_END, RULES) == UNKNOWN_SESSION
