"""Calendar feeds: who has a secret reads the next days of meetings, as long as its member may; nobody else does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

import pytest

from dashboards.clock import Clock
from dashboards.web.calendar_feed import feed_path
from indicators.accounts.events import EventKind, list_events
from indicators.accounts.feeds import Feed, feed_made_at, make_feed, revoke_feed
from indicators.accounts.members import erase_person, export_person
from indicators.definitions.roles import RIGHTS, Right, Role
from tests.builders import TODAY, stored, table
from tests.served import Answer, Served, ask
from tests.server.members import SECURE_COOKIE, Members
from tests.server.test_every_role_everywhere import HELD, WITHIN, name_of
from tests.steering import BODIES, MEETINGS, body, meeting

OURS = "atelier-ternoise"


SERVED_WITHIN_S: Final = 30
"""Seconds within which what another process deposited must be served."""


@pytest.fixture(scope="module", autouse=True)
def planned(members_site: Served, members: Members) -> None:
    """A structure that has declared a body, with a meeting held, one to come, and a decision."""
    with members.store.open() as network:
        stored(network, table(BODIES, body()))
        stored(network, table(MEETINGS, meeting("2026-09-10", "2026-09-11"), meeting("2026-12-10")))
    _, secret = feed_of(members, "premier@feeds.example")
    deadline = time.monotonic() + SERVED_WITHIN_S
    while "BEGIN:VEVENT" not in read(members_site, OURS, secret).text:
        assert time.monotonic() < deadline


def feed_of(members: Members, address: str, structure: str = OURS) -> tuple[Feed, str]:
    """Make a feed of a member, and return it with its secret."""
    with members.open() as accounts:
        person = members.give(address, Role.DIRECTOR, structure)
        feed = Feed(person, structure)
        return feed, make_feed(accounts, feed, Clock.now())


def read(served: Served, structure: str, secret: str, **headers: str) -> Answer:
    return ask(served.address, feed_path(structure, secret), **headers)


def is_refused(answer: Answer) -> bool:
    return (answer.status, answer.text) == (404, "Not Found")


def test_a_calendar_program_reads_the_next_days_and_no_decision(members_site: Served, members: Members) -> None:
    _, secret = feed_of(members, "abonnement@feeds.example")
    answer = read(members_site, OURS, secret)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "private" in answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers
    assert answer.text.count("BEGIN:VEVENT") == 1
    assert "SUMMARY:Comité de pilotage" in answer.text
    assert "20261210" in answer.text
    for hidden in ("20260910", "20260911", "direction", "Revoir", "accueil"):
        assert hidden not in answer.text
    assert ask(members_site.address, feed_path(OURS, secret), "HEAD").status == 200


@pytest.mark.parametrize(("role", "perimeter"), HELD)
def test_a_feed_opens_for_whose_role_sees_the_registers_of_the_structure(
    members_site: Served, members: Members, role: Role, perimeter: str
) -> None:
    person = members.give(name_of(role, perimeter), role, perimeter)
    for structure in WITHIN["reseau"]:
        with members.open() as accounts:
            secret = make_feed(accounts, Feed(person, structure), Clock.now())
        sees = Right.SEE_MANAGEMENT in RIGHTS[role] and structure in WITHIN[perimeter]
        answer = read(members_site, structure, secret)
        assert answer.status == 200 if sees else is_refused(answer), structure


@pytest.mark.parametrize("secret", ["", "x", "x" * 43, "é" * 20, "x" * 5000, "%00", "' or 1=1 --"])
def test_what_is_no_secret_of_ours_opens_nothing(members_site: Served, secret: str) -> None:
    assert read(members_site, OURS, secret).status in (404, 414)


def test_a_session_opens_no_feed_and_neither_does_a_secret_that_of_another_structure(
    members_site: Served, members: Members
) -> None:
    _, secret = feed_of(members, "direction@feeds.example")
    cookie = {"Cookie": f"{SECURE_COOKIE}={members.token('direction@feeds.example')}"}
    assert is_refused(ask(members_site.address, f"/instances/{OURS}.ics", **cookie))
    members.give("direction@feeds.example", Role.DIRECTOR, "regie-ternoise")
    for structure in ("regie-ternoise", "nulle-part", "%2e%2e"):
        assert read(members_site, structure, secret).status == 404


@pytest.mark.parametrize("path", ["/instances/", "/instances/x", f"/instances/{OURS}", "/instances/x/y.ics"])
def test_nothing_else_stands_beside_the_feeds(members_site: Served, path: str) -> None:
    assert ask(members_site.address, path).status == 404


def test_an_address_is_good_until_it_is_taken_back_or_made_anew(members_site: Served, members: Members) -> None:
    feed, first = feed_of(members, "retrait@feeds.example")
    with members.open() as accounts:
        second = make_feed(accounts, feed, Clock.now())
        assert is_refused(read(members_site, OURS, first))
        assert read(members_site, OURS, second).status == 200
        assert feed_made_at(accounts, feed) is not None
        revoke_feed(accounts, feed, Clock.now())
        assert feed_made_at(accounts, feed) is None
        assert is_refused(read(members_site, OURS, second))
        events = list_events(accounts, Clock.now(), 10, [EventKind.FEED_MADE, EventKind.FEED_REVOKED], feed.person)
    assert [event.kind for event in events] == [EventKind.FEED_REVOKED, EventKind.FEED_MADE, EventKind.FEED_MADE]
    assert {event.detail for event in events} == {OURS}


def test_a_feed_ends_with_the_role_and_with_the_person(members_site: Served, members: Members) -> None:
    _, secret = feed_of(members, "depart@feeds.example")
    members.take("depart@feeds.example", Role.DIRECTOR, OURS)
    assert is_refused(read(members_site, OURS, secret))
    feed, erased = feed_of(members, "efface@feeds.example")
    with members.open() as accounts:
        erase_person(accounts, feed.person, "tests", Clock.now(), TODAY)
        assert feed_made_at(accounts, feed) is None
    assert is_refused(read(members_site, OURS, erased))


def test_what_is_kept_of_a_feed_opens_nothing(members: Members) -> None:
    feed, secret = feed_of(members, "copie@feeds.example")
    with members.open() as accounts:
        kept: Mapping[str, object] = export_person(accounts, feed.person)
    assert kept["feeds"]
    assert "digest" not in str(kept["feeds"])
    assert secret not in str(kept)


def test_a_demonstration_and_a_site_without_members_have_no_feed(site: Served) -> None:
    assert is_refused(read(site, "atelier-du-canal", "x" * 43))
