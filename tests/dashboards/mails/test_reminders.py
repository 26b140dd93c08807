"""Reminders go to those who have not delivered and to nobody else, each stage once, whatever happens in between."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from dashboards.mails.planning import REMINDER_DAYS, due_mails, reminders, stage_on
from indicators.accounts.mail_queue import queue_mails
from indicators.accounts.members import erase_person, list_roles, remove_role
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.roles import Grant, Role
from indicators.store.deposits import withdraw
from tests.builders import AUTHOR, NOW, TODAY, measure, measures, stored
from tests.dashboards.mails.conftest import DUE, FIFTEEN_BEFORE, QUARTER, THREE_BEFORE, MailSite
from tests.dashboards.mails.mailbox import texts_of

A, B, ELSEWHERE = (f"{name}@atelier.example" for name in ("a", "b", "ailleurs"))


def reminded(site: MailSite, today: date) -> dict[str, list[str]]:
    """Return the structures of which each address is reminded on a day."""
    names = {held.person: held.member.address for held in list_roles(site.network.accounts)}
    found: dict[str, list[str]] = {}
    for mail in site.due(today):
        found.setdefault(names[mail.person], []).extend(mail.facts["structures"])
    return found


def test_who_has_delivered_nothing_is_reminded_and_nobody_else(site: MailSite) -> None:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    site.give(B, Role.DEPOSITOR, "atelier-b")
    site.give("direction@atelier.example", Role.DIRECTOR, "atelier-a")
    site.give("delegue@reseau.example", Role.DELEGATE, "region:normandie")
    site.give("qualite@reseau.example", Role.QUALITY, "atelier-a")
    site.deliver("atelier-b")
    assert reminded(site, FIFTEEN_BEFORE) == {A: ["atelier-a"]}


def test_a_single_figure_is_a_delivery_and_one_that_is_withdrawn_is_none(site: MailSite) -> None:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    receipt = stored(site.network, measures(measure("atelier-a", "2026-T3", "dynamic_exit_rate", 30, 60)))
    assert reminded(site, FIFTEEN_BEFORE) == {}
    withdraw(site.network.lake, receipt.deposit, "mauvais fichier", AUTHOR, NOW)
    assert reminded(site, FIFTEEN_BEFORE) == {A: ["atelier-a"]}


def test_figures_of_another_quarter_are_no_delivery(site: MailSite) -> None:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    site.deliver("atelier-a", period="2026-T2")
    assert reminded(site, FIFTEEN_BEFORE) == {A: ["atelier-a"]}


def test_who_deposits_for_the_whole_network_is_not_written_to(site: MailSite) -> None:
    site.give(A, Role.DEPOSITOR, "reseau")
    site.give(B, Role.ADMINISTRATOR, "reseau")
    assert reminded(site, FIFTEEN_BEFORE) == {}


def test_a_role_that_has_ended_or_not_begun_is_no_reason_to_write(site: MailSite) -> None:
    day = timedelta(days=1)
    site.give("finie@atelier.example", Role.DEPOSITOR, "atelier-a", end=FIFTEEN_BEFORE - day)
    site.give("future@atelier.example", Role.DEPOSITOR, "atelier-a", start=FIFTEEN_BEFORE + day)
    site.give("dernier-jour@atelier.example", Role.DEPOSITOR, "atelier-a", end=FIFTEEN_BEFORE)
    site.give("premier-jour@atelier.example", Role.DEPOSITOR, "atelier-a", start=FIFTEEN_BEFORE)
    assert set(reminded(site, FIFTEEN_BEFORE)) == {"dernier-jour@atelier.example", "premier-jour@atelier.example"}


def test_a_structure_that_closed_before_the_quarter_owes_nothing_and_one_that_closed_after_it_does(
    site: MailSite,
) -> None:
    site.give(A, Role.DEPOSITOR, "fermee-avant")
    site.give(B, Role.DEPOSITOR, "fermee-apres")
    assert reminded(site, FIFTEEN_BEFORE) == {B: ["fermee-apres"]}


def test_a_role_on_what_is_not_in_the_network_any_more_stops_nothing(site: MailSite) -> None:
    for perimeter in ("atelier-parti", "groupe:groupe-parti", "region:corse"):
        site.give(A, Role.DEPOSITOR, perimeter)
    site.give(B, Role.DEPOSITOR, "atelier-b")
    assert reminded(site, FIFTEEN_BEFORE) == {B: ["atelier-b"]}


def test_several_structures_and_several_roles_of_one_person_are_one_mail(site: MailSite) -> None:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    site.give(A, Role.DEPOSITOR, "atelier-b")
    site.give(A, Role.DEPOSITOR, "groupe:groupe-trois-fictif")
    site.give(A, Role.DIRECTOR, "atelier-a")
    site.deliver("atelier-c")
    site.run(FIFTEEN_BEFORE)
    assert site.box.readers == [A]
    text, _ = texts_of(site.box.mail_to(A))
    assert "– Atelier A (fictif)\n– Atelier B (fictif)" in text
    assert "Atelier C" not in text


def test_who_has_a_late_exception_is_reminded_of_its_own_last_day(site: MailSite) -> None:
    until = date(2026, 11, 20)
    site.give(A, Role.DEPOSITOR, "atelier-a")
    site.give(B, Role.DEPOSITOR, "atelier-b")
    site.grant_exception("atelier-b", until)
    assert reminded(site, FIFTEEN_BEFORE) == {A: ["atelier-a"]}
    assert reminded(site, DUE) == {A: ["atelier-a"]}
    assert reminded(site, DUE + timedelta(days=1)) == {}
    assert reminded(site, until - timedelta(days=15)) == {B: ["atelier-b"]}
    site.run(until - timedelta(days=3))
    text, _ = texts_of(site.box.mail_to(B))
    assert "20 novembre 2026" in text
    assert "octobre" not in text


def test_a_late_exception_of_an_older_quarter_is_followed_while_the_next_one_is_collected(site: MailSite) -> None:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    site.grant_exception("atelier-a", date(2026, 10, 20), Period.parse("2026-T2"))
    mails = site.due(FIFTEEN_BEFORE)
    assert [(mail.facts["period"], mail.facts["last_day"]) for mail in mails] == [
        ("2026-T2", "2026-10-20"),
        ("2026-T3", "2026-10-30"),
    ]
    site.run(FIFTEEN_BEFORE)
    assert site.box.readers == [A, A]


def test_structures_of_one_person_with_different_last_days_each_have_their_reminders(site: MailSite) -> None:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    site.give(A, Role.DEPOSITOR, "atelier-b")
    site.grant_exception("atelier-b", DUE + timedelta(days=10))
    for days in range(0, 60, 2):
        site.queue(FIFTEEN_BEFORE - timedelta(days=5) + timedelta(days=days))
    assert [(row["kind"], str(row["key"]).split(":")[2:4]) for row in site.rows] == [
        ("reminder", ["2026-10-30", "D-15"]),
        ("reminder", ["2026-10-30", "D-3"]),
        ("reminder", ["2026-11-09", "D-15"]),
        ("reminder", ["2026-11-09", "D-3"]),
    ]


@pytest.mark.parametrize(
    ("runs", "mails"),
    [
        (range(-17, 3), 2),
        ([-15, -15, -15], 1),
        ([-9], 1),
        ([-9, -1], 2),
        ([-1, 0], 1),
        ([-16, 1], 0),
        ([1, 2, 30], 0),
    ],
)
def test_each_stage_is_sent_one_time_however_often_the_command_runs_and_however_late(
    site: MailSite, runs: range | list[int], mails: int
) -> None:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    for days in runs:
        site.run(DUE + timedelta(days=days))
    assert site.box.readers == [A] * mails


@pytest.mark.parametrize("left", range(-3, 20))
def test_the_stage_of_a_day_is_the_last_one_that_has_begun(left: int) -> None:
    began = [days for days in REMINDER_DAYS if left <= days]
    assert stage_on(DUE, DUE - timedelta(days=left)) == (min(began) if left >= 0 and began else None)


def test_what_was_delivered_between_queue_and_sending_is_not_asked_for(site: MailSite) -> None:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    site.give(B, Role.DEPOSITOR, "atelier-b")
    site.give(B, Role.DEPOSITOR, "atelier-c")
    assert site.queue(FIFTEEN_BEFORE) == 2
    site.deliver("atelier-a", "atelier-b")
    result = site.send(FIFTEEN_BEFORE)
    assert (result.sent, result.dropped, result.failed) == (1, 1, 0)
    assert site.box.readers == [B]
    assert "Atelier B" not in texts_of(site.box.mail_to(B))[0]
    assert [row["error"] for row in site.rows if row["dropped_at"]] == ["no longer so"]


def test_who_lost_the_role_or_was_erased_between_queue_and_sending_is_not_written_to(site: MailSite) -> None:
    lost, erased = site.give(A, Role.DEPOSITOR, "atelier-a"), site.give(B, Role.DEPOSITOR, "atelier-b")
    assert site.queue(FIFTEEN_BEFORE) == 2
    accounts = site.network.accounts
    remove_role(accounts, lost, Grant(Role.DEPOSITOR, Perimeter.parse("atelier-a")), "essai", NOW, TODAY)
    erase_person(accounts, erased, "essai", NOW, TODAY)
    result = site.send(FIFTEEN_BEFORE)
    assert (result.sent, result.dropped) == (0, 1)
    assert site.box.taken == []


def test_a_reminder_that_waited_for_its_mail_server_until_the_next_stage_is_not_sent_beside_it(site: MailSite) -> None:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    site.queue(FIFTEEN_BEFORE)
    result = site.run(THREE_BEFORE)
    assert (result.sent, result.dropped) == (1, 1)
    assert site.box.readers == [A]


def test_a_reminder_that_waited_beyond_the_last_day_says_that_it_is_over(site: MailSite) -> None:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    site.queue(THREE_BEFORE)
    site.send(DUE + timedelta(days=1))
    mail = site.box.mail_to(A)
    assert mail["Subject"].startswith("En retard")
    assert "étaient attendus" in texts_of(mail)[0]


def test_a_last_day_that_was_put_off_between_queue_and_sending_begins_anew(site: MailSite) -> None:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    site.queue(THREE_BEFORE)
    site.grant_exception("atelier-a", DUE + timedelta(days=30))
    assert site.send(THREE_BEFORE).dropped == 1
    site.run(DUE + timedelta(days=15))
    assert "29 novembre 2026" in texts_of(site.box.mail_to(A))[0]


def test_reminders_by_hand_are_of_the_perimeter_and_say_who_is_late_and_who_has_an_exception(site: MailSite) -> None:
    site.give(A, Role.DEPOSITOR, "atelier-a")
    site.give(B, Role.DEPOSITOR, "atelier-b")
    site.give(ELSEWHERE, Role.DEPOSITOR, "ailleurs")
    site.grant_exception("atelier-b", TODAY + timedelta(days=2))
    accounts, region = site.network.accounts, Perimeter.parse("region:normandie")
    with site.network.snapshot() as snapshot:
        found = reminders(snapshot, accounts, TODAY, QUARTER, region, f"by-hand-{TODAY}")
    assert queue_mails(accounts, found, NOW) == 2
    assert queue_mails(accounts, found, NOW) == 0
    site.send(TODAY)
    assert site.box.readers == [A, B]
    assert site.box.mail_to(A)["Subject"].startswith("En retard")
    assert site.box.mail_to(B)["Subject"].startswith("À déposer avant le 26 novembre 2026")


@pytest.mark.parametrize("seed", range(2))
def test_reminders_are_those_of_plain_loops_over_people_structures_and_days(site: MailSite, seed: int) -> None:
    random = Random(seed)
    names = ["atelier-a", "atelier-b", "atelier-c", "ailleurs", "fermee-avant", "fermee-apres"]
    perimeters = [*names, "region:normandie", "region:bretagne", "groupe:groupe-trois-fictif", "type:ACI", "reseau"]
    for number in range(12):
        for _ in range(random.randint(1, 3)):
            start, end = (random.choice([None, DUE + timedelta(days=random.randint(-20, 20))]) for _ in range(2))
            held = (random.choice([Role.DEPOSITOR, Role.DEPOSITOR, Role.DIRECTOR]), random.choice(perimeters))
            site.give(f"p{number}@atelier.example", *held, start, max(start, end) if start and end else end)
    last_days = dict.fromkeys(names, DUE)
    for name in random.sample(names, 2):
        last_days[name] = DUE + timedelta(days=random.choice([-5, 4, 12, 30]))
        site.grant_exception(name, last_days[name])
        last_days[name] = max(DUE, last_days[name])
    delivered = set(random.sample(names, 2))
    site.deliver(*(delivered - {"fermee-avant"}))
    with site.network.snapshot(newest=True) as snapshot:
        members = {code: snapshot.structures.members(Perimeter.parse(code)) for code in perimeters}
    for today in (DUE + timedelta(days=days) for days in (-16, -15, -4, -3, 0, 1, 3, 9, 15, 29, 31)):
        expected: dict[str, set[str]] = {}
        for held in list_roles(site.network.accounts):
            member = held.member
            is_depositor = member.grant.role is Role.DEPOSITOR and member.grant.perimeter != NETWORK
            if not is_depositor or (member.holds_from and today < member.holds_from):
                continue
            if member.holds_until and today > member.holds_until:
                continue
            for name in members[member.grant.perimeter.code]:
                days = (last_days[name] - today).days
                if name not in delivered | {"fermee-avant"} and 0 <= days <= 15:
                    expected.setdefault(member.address, set()).add(name)
        found = reminded(site, today)
        assert {address: set(those) for address, those in found.items()} == expected, today
        assert all(len(those) == len(set(those)) for those in found.values())


# Digests


def test_the_digest_of_a_collection_that_is_over_goes_to_its_directors_who_want_it(site: MailSite) -> None:
    site.give(A, Role.DIRECTOR, "atelier-a")
    site.give(B, Role.DEPOSITOR, "atelier-a")
    site.give("reseau@reseau.example", Role.DIRECTOR, "reseau")
    site.deliver("atelier-a")
    with site.network.snapshot(newest=True) as snapshot:
        on = {
            days: [mail.person for mail in due_mails(snapshot, site.network.accounts, DUE + timedelta(days=days))]
            for days in (0, 1, 30, 31)
        }
    assert {days: len(people) for days, people in on.items()} == {0: 0, 1: 1, 30: 1, 31: 0}
    assert on[1] == on[30] == [list_roles(site.network.accounts)[0].person]
    for days in (1, 1, 2, 30, 31):
        site.run(DUE + timedelta(days=days))
    assert site.box.readers == [A]


def test_a_digest_that_waited_too_long_or_whose_reader_directs_nothing_any_more_is_dropped(site: MailSite) -> None:
    site.give(A, Role.DIRECTOR, "atelier-a", end=DUE + timedelta(days=2))
    site.give(B, Role.DIRECTOR, "atelier-a")
    site.deliver("atelier-a")
    assert site.queue(DUE + timedelta(days=1)) == 2
    assert site.send(DUE + timedelta(days=3)).dropped == 1
    assert site.box.readers == [B]
    site.give("c@atelier.example", Role.DIRECTOR, "atelier-a")
    assert site.queue(DUE + timedelta(days=30)) == 1
    assert site.send(DUE + timedelta(days=31)).dropped == 1
