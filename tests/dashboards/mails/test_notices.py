"""Notices of approval: who is told that a deposit was approved or sent back, while that is so, and not why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from indicators.accounts.members import remove_role
from indicators.definitions.campaigns import CampaignRecord
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.roles import Grant, Role
from indicators.intake.campaign import declare
from indicators.store.approvals import Decision, DecisionVerdict, NewDecision, new_decision_id, store_decision
from indicators.store.deposits import new_deposit_id, withdraw
from tests.builders import AUTHOR, NOW, TODAY, deposit, measure, measures
from tests.dashboards.mails.conftest import DUE, FIFTEEN_BEFORE, QUARTER, MailSite
from tests.dashboards.mails.mailbox import texts_of

A, B, BOTH, DECIDER = (f"{name}@atelier.example" for name in ("a", "b", "deux", "delegation"))
REASON = "il manque 12 sorties sur 345"


@pytest.fixture
def approving(site: MailSite) -> MailSite:
    """The site, once the network has asked for two pairs of eyes, with its depositors and who decides."""
    record = CampaignRecord(new_deposit_id(), 0, NOW, AUTHOR, QUARTER, None, None, DUE, eyes=2)
    assert isinstance(declare(site.network.lake, record, None), CampaignRecord)
    for address, structures in ((A, "a"), (B, "b"), (BOTH, "ab")):
        for name in structures:
            site.give(address, Role.DEPOSITOR, f"atelier-{name}")
    site.give(DECIDER, Role.DELEGATE, "region:normandie")
    return site


def deposit_for(site: MailSite, *names: str, author: str = AUTHOR) -> str:
    content = measures(*(measure(f"atelier-{name}", QUARTER.code, "dynamic_exit_rate", 30, 60) for name in names))
    outcome = deposit(site.network, content, "sorties\r\nBcc: x@y.example.csv", author=author, comment="vu")
    return str(outcome.receipt.deposit)  # type: ignore[union-attr]


def decide(site: MailSite, deposit_id: str, verdict: DecisionVerdict, author: str = "delegation") -> None:
    comment = REASON if verdict is DecisionVerdict.SENT_BACK else None
    new = NewDecision(new_decision_id(), deposit_id, verdict, author, NOW, comment, None)
    assert isinstance(store_decision(site.network.lake, new), Decision)


def test_a_deposit_that_waits_is_no_reason_to_remind_and_one_that_was_sent_back_is(approving: MailSite) -> None:
    one = deposit_for(approving, "a")
    assert {name for mail in approving.due(FIFTEEN_BEFORE) for name in mail.facts["structures"]} == {"atelier-b"}
    decide(approving, one, DecisionVerdict.SENT_BACK)
    assert {name for mail in approving.due(FIFTEEN_BEFORE) for name in mail.facts["structures"]} == {
        "atelier-a",
        "atelier-b",
    }


@pytest.mark.parametrize("verdict", list(DecisionVerdict))
def test_a_decision_is_told_one_time_to_the_depositors_of_every_structure_of_the_file_and_not_to_who_decided(
    approving: MailSite, verdict: DecisionVerdict
) -> None:
    approving.give(DECIDER, Role.DEPOSITOR, "atelier-a")
    decider = approving.give(DECIDER, Role.DEPOSITOR, "atelier-b")
    one = deposit_for(approving, "a", "b")
    decide(approving, one, verdict, decider)
    for _ in range(2):
        approving.run(TODAY)
    assert approving.box.readers == [BOTH]
    mail = approving.box.mail_to(BOTH)
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("Approuvé" if verdict is DecisionVerdict.APPROVED else "À corriger")


def test_why_a_deposit_was_sent_back_is_read_on_its_page_and_not_in_a_mail_that_can_be_forwarded(
    approving: MailSite,
) -> None:
    one = deposit_for(approving, "a")
    decide(approving, one, DecisionVerdict.SENT_BACK)
    approving.run(TODAY)
    assert approving.box.readers == [A, BOTH]
    for text in texts_of(approving.box.mail_to(A)):
        assert REASON not in text
        assert "12" not in text.replace(one, "")
        assert "Lisez pourquoi" in text
        assert f"depot%3D{one}" in text


def test_a_notice_that_is_no_longer_so_when_it_is_to_be_sent_is_dropped(approving: MailSite) -> None:
    accounts = approving.network.accounts
    first, second, third = (deposit_for(approving, name) for name in "aba")
    decide(approving, first, DecisionVerdict.SENT_BACK)
    decide(approving, second, DecisionVerdict.SENT_BACK)
    decide(approving, third, DecisionVerdict.SENT_BACK)
    assert approving.queue(TODAY) == 6
    withdraw(approving.network.lake, second, "mauvais fichier", AUTHOR, NOW)
    person = approving.give(A, Role.DIRECTOR, "ailleurs")
    remove_role(accounts, person, Grant(Role.DEPOSITOR, Perimeter.parse("atelier-a")), "essai", NOW, TODAY)
    result = approving.send(TODAY)
    assert (result.sent, result.dropped) == (2, 4)
    assert approving.box.readers == [BOTH, BOTH]


def test_a_decision_of_long_ago_is_not_told(approving: MailSite) -> None:
    decide(approving, deposit_for(approving, "a"), DecisionVerdict.APPROVED)
    days = (NOW.date() + timedelta(days=14), NOW.date() + timedelta(days=15))
    assert [approving.queue(date(day.year, day.month, day.day)) for day in days] == [2, 0]
    assert approving.send(days[1]).dropped == 2
