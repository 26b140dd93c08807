"""Reminders by hand on the follow-up: read first, sent to those of the reader's perimeter alone, one time a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import Visitor, set_app_state
from dashboards.clock import Clock
from dashboards.web.sign_in.member_sessions import MemberSessions
from dashboards.web.sign_in.offer import SignIn
from dashboards.web.site_address import SiteAddress
from indicators.accounts.events import EventKind, list_events
from indicators.accounts.sessions import SessionRules
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.roles import AccessRules, Grant, Role
from tests.builders import NOW, TODAY
from tests.dashboards.drawn_page import DrawnPage, StateOf, script
from tests.dashboards.mails.conftest import MailSite
from tests.dashboards.mails.mailbox import texts_of

A, ELSEWHERE = "a@atelier.example", "ailleurs@atelier.example"
ADDRESS = SiteAddress.from_binding("127.0.0.1", 8501)


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)


def state_of(
    site: MailSite, role: Role, perimeter: str, *, sends: bool = True, rules: AccessRules | None = None
) -> StateOf:
    sessions = MemberSessions(site.network.accounts, ADDRESS, SessionRules())
    reader = Visitor((Grant(role, Perimeter.parse(perimeter)),), rules or AccessRules(), person="m-0123456789")
    sign_in = SignIn(sessions, mail_server=site.box.server if sends else None)
    return StateOf(site.network, Clock(TODAY), site=ADDRESS, sign_in=sign_in, reader=reader)


def follow(state: StateOf, **address: str) -> DrawnPage:
    set_app_state(state)
    app = AppTest.from_function(script, default_timeout=120)
    for name, value in {"at": "suivi", "periode": "2026-T3", **address}.items():
        app.query_params[name] = value
    app.run()
    return DrawnPage(app)


@pytest.fixture
def late(site: MailSite) -> MailSite:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    site.give(ELSEWHERE, Role.DEPOSITOR, "ailleurs")
    return site


def test_a_delegate_reads_the_mail_then_sends_it_to_the_late_of_the_region_one_time_a_day(late: MailSite) -> None:
    state = state_of(late, Role.DELEGATE, "region:normandie")
    page = follow(state)
    assert "Un courriel à une personne qui dépose pour : Atelier A (fictif)." in page.text
    assert late.box.taken == []
    page.app.button(key="remind").click().run()
    assert "Un courriel est parti." in page.text
    assert late.box.readers == [A]
    (event,) = list_events(late.network.accounts, NOW + timedelta(days=36_500), 5, [EventKind.REMINDED])
    assert (event.author, event.detail) == ("m-0123456789", "region:normandie 2026-T3 1")
    plain, _ = texts_of(late.box.mail_to(A))
    for sentence in [line for line in plain.split("-- ")[0].splitlines() if line and "://" not in line][:-1]:
        assert sentence.removeprefix("– ").replace("\xa0", " ").replace("\u202f", " ") in page.text
    again = follow(state)
    assert "Ces personnes ont déjà été relancées aujourd’hui." in again.text
    assert not [button for button in again.app.button if button.key == "remind"]


@pytest.mark.parametrize("perimeter", ["reseau", "region:bretagne", "ailleurs"])
def test_no_address_lets_a_delegate_write_to_another_region(late: MailSite, perimeter: str) -> None:
    page = follow(state_of(late, Role.DELEGATE, "region:normandie"), perimetre=perimeter)
    assert "Relancer" not in page.text
    assert late.rows == []


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.DEPOSITOR, Role.QUALITY])
def test_who_has_no_right_to_remind_is_offered_nothing(late: MailSite, role: Role) -> None:
    assert "Relancer" not in follow(state_of(late, role, "region:normandie")).text


def test_who_looks_through_the_eyes_of_a_delegate_writes_to_nobody(late: MailSite) -> None:
    page = follow(state_of(late, Role.DELEGATE, "region:normandie", rules=replace(AccessRules(), reads_only=True)))
    assert "Relancer" not in page.text


def test_a_click_sends_its_own_mails_and_says_how_many_those_are(late: MailSite) -> None:
    """What waits in the queue for another reason is the daily run's."""
    late.give("direction@atelier.example", Role.DIRECTOR, "atelier-b")
    late.deliver("atelier-b")
    assert late.queue(TODAY) == 1
    page = follow(state_of(late, Role.DELEGATE, "region:normandie"))
    page.app.button(key="remind").click().run()
    assert "Un courriel est parti." in page.text
    assert late.box.readers == [A]


def test_a_mail_server_that_is_down_is_said_and_what_waits_leaves_with_the_next_run(late: MailSite) -> None:
    port, late.box.port = late.box.port, 1
    page = follow(state_of(late, Role.DELEGATE, "region:normandie"))
    page.app.button(key="remind").click().run()
    assert "ce qui reste partira plus tard" in page.text
    late.box.port = port
    assert late.send(TODAY).sent == 1
    assert late.box.readers == [A]


def test_a_site_without_a_mail_server_says_so_and_queues_nothing(late: MailSite) -> None:
    page = follow(state_of(late, Role.DELEGATE, "region:normandie", sends=False))
    assert "Ce site n’envoie pas de courriels." in page.text
    assert not [button for button in page.app.button if button.key == "remind"]
    assert late.rows == []
