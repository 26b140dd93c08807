"""Files taken away: those with management figures stand in the journal under a pseudonym, public ones do not."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from dashboards.clock import Clock
from indicators.accounts.events import Event, EventKind, list_events
from indicators.accounts.members import find_person
from indicators.definitions.roles import Role
from tests.served import Served, messages, session
from tests.server.members import FRESH_S, Members
from tests.server.test_every_role_everywhere import PERIOD, ask_for_file, deferred_files, opened_as, page_of

SHEET = f"indicateur=absenteeism_rate&structure=atelier-ternoise&periode={PERIOD}"


def exports(members: Members) -> list[Event]:
    with members.open() as accounts:
        return list(list_events(accounts, Clock.now() + timedelta(days=1), 100, [EventKind.MANAGEMENT_EXPORTED]))


@pytest.mark.parametrize(
    ("role", "perimeter", "view", "is_kept"),
    [
        (Role.DIRECTOR, "atelier-ternoise", "&vue=gestion", True),
        (Role.ADMINISTRATOR, "reseau", "&vue=gestion", True),
        (Role.DIRECTOR, "atelier-ternoise", "", False),
        (Role.DIRECTOR, "regie-ternoise-nord", "&vue=gestion", False),
        (Role.DELEGATE, "region:normandie", "&vue=gestion", False),
    ],
)
def test_who_takes_management_figures_away_stands_in_the_journal_and_nobody_else(
    members_site: Served, members: Members, role: Role, perimeter: str, view: str, is_kept: bool
) -> None:
    before = exports(members)
    with page_of(members_site, members, role, perimeter) as (reader, address):
        received = messages(reader, "indicateur", SHEET + view)
        offered = deferred_files(received)[0]
        assert exports(members) == before, "a button that is drawn takes nothing away"
        assert ask_for_file(reader, opened_as(received), offered).backend_operation_response.deferred_file.url
        with members.open() as accounts:
            person = find_person(accounts, address)
    new = [each for each in exports(members) if each not in before]
    assert [each.author for each in new] == [person] * is_kept
    for each in new:
        assert each.detail is not None
        assert "atelier-ternoise" in each.detail
        assert "@" not in f"{each.detail}{each.author}"


def test_the_public_takes_away_what_is_public_and_nobody_keeps_that_it_did(
    members_site: Served, members: Members
) -> None:
    before = exports(members)
    with session(members_site.address) as reader:
        received = messages(reader, "indicateur", f"{SHEET}&vue=gestion")
        offered = deferred_files(received)[0]
        assert ask_for_file(reader, opened_as(received), offered).backend_operation_response.deferred_file.url
    assert exports(members) == before


def test_what_is_refused_because_its_reader_lost_it_is_no_export(members_site: Served, members: Members) -> None:
    before = exports(members)
    with page_of(members_site, members, Role.DIRECTOR, "atelier-ternoise") as (reader, address):
        received = messages(reader, "indicateur", f"{SHEET}&vue=gestion")
        offered, name = deferred_files(received)[0], opened_as(received)
        members.take(address, Role.DIRECTOR, "atelier-ternoise")
        time.sleep(FRESH_S)
        answer = ask_for_file(reader, name, offered).backend_operation_response
        assert not answer.deferred_file.url
        assert address not in answer.error_msg
    assert exports(members) == before


def test_a_template_with_the_figures_of_the_period_before_is_an_export_too(
    members_site: Served, members: Members
) -> None:
    before = exports(members)
    with page_of(members_site, members, Role.DEPOSITOR, "atelier-ternoise") as (reader, address):
        received = messages(reader, "deposer", f"structure=atelier-ternoise&periode={PERIOD}")
        offered = deferred_files(received)[0]
        assert ask_for_file(reader, opened_as(received), offered).backend_operation_response.deferred_file.url
        with members.open() as accounts:
            person = find_person(accounts, address)
    assert [each.author for each in exports(members) if each not in before] == [person]
