"""The queue: each mail queued, claimed and sent one time, by any number of senders, and none lost when one dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from dashboards.mails import mail_server as mail_server_module
from indicators.accounts.copies import copy_accounts
from indicators.accounts.database import AccountsDatabase, open_in_file
from indicators.accounts.mail_queue import (
    CLAIM_LASTS,
    MAX_TRIES,
    RETRY_AFTER,
    QueuedMail,
    claim_mail,
    count_waiting,
    known_keys,
    mark_dropped,
    mark_failed,
    mark_sent,
    queue_mails,
    release_mail,
)
from indicators.definitions.roles import Role
from tests.builders import NOW, environment
from tests.dashboards.mails.conftest import FIFTEEN_BEFORE, LaterClock, MailSite, Queue
from tests.dashboards.mails.mailbox import SENDER

MOMENT = timedelta(seconds=1)


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[AccountsDatabase]:
    with open_in_file(tmp_path / "accounts.sqlite") as opened:
        yield opened


def mails(*keys: str) -> list[QueuedMail]:
    return [QueuedMail(key, "m-0123456789", "reminder", {"period": "2026-T3"}) for key in keys]


def claimed(accounts: AccountsDatabase, at: object = NOW, keys: list[str] | None = None) -> str | None:
    found = claim_mail(accounts, at, keys)  # type: ignore[arg-type]
    return found and found.key


def test_a_key_is_queued_one_time_whatever_became_of_its_mail(accounts: AccountsDatabase) -> None:
    assert queue_mails(accounts, mails("a", "b", "a"), NOW) == 2
    mark_sent(accounts, "a", NOW)
    mark_dropped(accounts, "b", NOW, "no longer so")
    assert queue_mails(accounts, mails("a", "b", "c"), NOW) == 1
    assert known_keys(accounts, ["a", "b", "c", "d"]) == {"a", "b", "c"}
    assert count_waiting(accounts, NOW) == 1


def test_a_claimed_mail_is_nobody_elses_for_an_hour(accounts: AccountsDatabase) -> None:
    queue_mails(accounts, mails("a", "b"), NOW)
    assert [claimed(accounts), claimed(accounts), claimed(accounts)] == ["a", "b", None]
    assert claimed(accounts, NOW + CLAIM_LASTS) is None
    assert claimed(accounts, NOW + CLAIM_LASTS + MOMENT) == "a"


def test_what_was_sent_or_dropped_is_never_claimed_again(accounts: AccountsDatabase) -> None:
    queue_mails(accounts, mails("a", "b"), NOW)
    mark_sent(accounts, "a", NOW)
    mark_dropped(accounts, "b", NOW, "no longer so")
    assert claimed(accounts, NOW + 30 * CLAIM_LASTS) is None


def test_a_mail_that_is_not_taken_waits_ten_minutes_and_is_given_up_after_six_tries(accounts: AccountsDatabase) -> None:
    queue_mails(accounts, mails("a"), NOW)
    at, tries = NOW, 0
    while claimed(accounts, at) == "a":
        tries += 1
        mark_failed(accounts, "a", at, "550")
        assert claimed(accounts, at + RETRY_AFTER) is None
        at += RETRY_AFTER + MOMENT
    assert tries == MAX_TRIES
    assert claimed(accounts, at + 30 * CLAIM_LASTS) is None


def test_a_mail_that_could_not_be_tried_is_free_at_once_and_has_lost_no_try(accounts: AccountsDatabase) -> None:
    queue_mails(accounts, mails("a"), NOW)
    for _ in range(3 * MAX_TRIES):
        assert claimed(accounts) == "a"
        release_mail(accounts, "a", "unreachable")
    assert count_waiting(accounts, NOW) == 1


def test_a_mail_at_which_every_sender_dies_keeps_no_other_waiting_and_is_given_up(accounts: AccountsDatabase) -> None:
    queue_mails(accounts, mails("a"), NOW)
    at = NOW
    for number in range(MAX_TRIES):
        queue_mails(accounts, mails(f"b{number}"), NOW + MOMENT)
        if number:
            assert claimed(accounts, at) == f"b{number}", "those tried least come first"
            mark_sent(accounts, f"b{number}", at)
        assert claimed(accounts, at) == "a"
        at += CLAIM_LASTS + MOMENT
        mark_sent(accounts, "b0", at)
    assert claimed(accounts, at) is None


def test_a_click_sends_its_own_mails_and_not_those_that_wait_for_another_reason(accounts: AccountsDatabase) -> None:
    queue_mails(accounts, mails("a", "b"), NOW)
    assert [claimed(accounts, NOW, ["b"]), claimed(accounts, NOW, ["b"])] == ["b", None]
    assert (count_waiting(accounts, NOW, ["b"]), count_waiting(accounts, NOW)) == (0, 1)


def test_two_who_queue_the_same_at_one_moment_queue_it_one_time(accounts: AccountsDatabase, tmp_path: Path) -> None:
    keys = [f"k{number:03}" for number in range(40)]
    with open_in_file(tmp_path / "accounts.sqlite") as other, ThreadPoolExecutor(4) as pool:
        counts = pool.map(lambda place: queue_mails(place, mails(*keys), NOW), [accounts, other, accounts, other])
        assert sum(counts) == len(keys)


def test_two_who_claim_at_one_moment_never_claim_the_same(accounts: AccountsDatabase, tmp_path: Path) -> None:
    keys = [f"k{number:03}" for number in range(60)]
    queue_mails(accounts, mails(*keys), NOW)

    def claim_all(place: AccountsDatabase) -> list[str]:
        found = []
        while (key := claimed(place)) is not None:
            found.append(key)
        return found

    with open_in_file(tmp_path / "accounts.sqlite") as other, ThreadPoolExecutor(4) as pool:
        of_each = list(pool.map(claim_all, [accounts, other, accounts, other]))
    assert sorted(key for found in of_each for key in found) == keys


def test_a_restored_site_sends_nothing_again_that_its_backup_knows_of(
    accounts: AccountsDatabase, tmp_path: Path
) -> None:
    queue_mails(accounts, mails("a", "b"), NOW)
    mark_sent(accounts, "a", NOW)
    with open_in_file(tmp_path / "restored.sqlite") as restored:
        copy_accounts(accounts, restored)
        assert queue_mails(restored, mails("a", "b"), NOW) == 0
        assert [claimed(restored), claimed(restored)] == ["b", None]


# Senders and a real mail server


def test_senders_side_by_side_send_each_mail_one_time(site: MailSite, queue_of: Queue) -> None:
    addresses = queue_of(20)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: site.send(FIFTEEN_BEFORE), range(4)))
    assert site.box.readers == addresses
    assert sum(result.sent for result in results) == len(addresses)


def start_command(site: MailSite) -> subprocess.Popen[str]:
    """Start `pilotage mail` on the day of a stage."""
    settings = {
        "PILOTAGE_STORE": site.network.lake._location.name,
        "PILOTAGE_TODAY": FIFTEEN_BEFORE.isoformat(),
        "PILOTAGE_SMTP": site.box.url,
        "PILOTAGE_MAIL_FROM": SENDER,
        "PILOTAGE_LANG": "en",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "dashboards", "mail"],
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_side_by_side_send_each_mail_one_time(site: MailSite, queue_of: Queue) -> None:
    addresses = queue_of(20)
    site.box.silent_s = 0.05
    commands = [start_command(site) for _ in range(2)]
    for command in commands:
        _, errors = command.communicate(timeout=60)
        assert (command.returncode, errors) == (0, "")
    assert site.box.readers == addresses


def test_a_sender_killed_before_it_could_record_the_answer_leaves_a_mail_that_readers_know_for_the_same(
    site: MailSite, queue_of: Queue
) -> None:
    """What is killed between the answer of the mail server and its own record cannot know; the reader's program can."""
    (address,) = queue_of(1)
    started: list[subprocess.Popen[str]] = []
    site.box.on_mail = lambda: os.kill(started[0].pid, signal.SIGKILL)
    started.append(start_command(site))
    started[0].communicate(timeout=60)
    assert started[0].returncode == -signal.SIGKILL
    site.box.on_mail = lambda: None
    claimed_at = next(row["claimed_at"] for row in site.rows)
    assert site.send(FIFTEEN_BEFORE, LaterClock(FIFTEEN_BEFORE, claimed_at + CLAIM_LASTS)).sent == 0  # type: ignore[operator]
    assert site.send(FIFTEEN_BEFORE, LaterClock(FIFTEEN_BEFORE, claimed_at + CLAIM_LASTS + MOMENT)).sent == 1  # type: ignore[operator]
    assert site.box.readers == [address, address]
    assert len({mail["Message-ID"] for _, mail in site.box.taken}) == 1
    assert site.send(FIFTEEN_BEFORE, LaterClock(FIFTEEN_BEFORE, claimed_at + 3 * CLAIM_LASTS)).sent == 0  # type: ignore[operator]


def test_a_mail_server_that_refuses_one_address_takes_the_others(site: MailSite, queue_of: Queue) -> None:
    addresses = queue_of(3)
    site.box.refused = {addresses[0]}
    clock = LaterClock(FIFTEEN_BEFORE, NOW)
    result = site.send(FIFTEEN_BEFORE, clock)
    assert (result.sent, result.failed) == (2, 1)
    assert site.box.readers == addresses[1:]
    assert site.send(FIFTEEN_BEFORE, clock).failed == 0, "not before ten minutes"
    site.box.refused = set()
    assert site.send(FIFTEEN_BEFORE, LaterClock(FIFTEEN_BEFORE, NOW + RETRY_AFTER + MOMENT)).sent == 1
    assert site.box.readers == addresses


def test_a_mail_server_that_is_down_is_tried_one_time_and_nothing_is_lost_however_long(
    site: MailSite, queue_of: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses, port = queue_of(3), site.box.port
    site.box.port = 1
    for days in range(2 * MAX_TRIES):
        result = site.send(FIFTEEN_BEFORE, LaterClock(FIFTEEN_BEFORE, NOW + timedelta(days=days)))
        assert (result.sent, result.dropped, result.failed) == (0, 0, 3)
    assert {row["error"] for row in site.rows} == {None, "mail server 127.0.0.1: ConnectionRefusedError"}
    site.box.port = port
    assert site.send(FIFTEEN_BEFORE).sent == 3
    assert site.box.readers == addresses


def test_a_mail_server_that_stops_answering_ends_the_run_and_does_not_get_the_others(
    site: MailSite, queue_of: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = queue_of(3)
    monkeypatch.setattr(mail_server_module, "SMTP_TIMEOUT_S", 0.3)
    site.box.silent_s = 3.0
    result = site.send(FIFTEEN_BEFORE, LaterClock(FIFTEEN_BEFORE, NOW))
    assert (result.sent, result.failed) == (0, 3)
    monkeypatch.undo()
    site.box.silent_s, site.box.taken = 0.0, []
    assert site.send(FIFTEEN_BEFORE, LaterClock(FIFTEEN_BEFORE, NOW)).sent == 2, "the first waits ten minutes"
    assert len(site.box.readers) == 2
    assert [row["tries"] for row in site.rows if not row["sent_at"]] == [1]
    assert site.send(FIFTEEN_BEFORE, LaterClock(FIFTEEN_BEFORE, NOW + RETRY_AFTER + MOMENT)).sent == 1
    assert site.box.readers == addresses


@pytest.mark.parametrize("answer", ["421 closing", "500 what?"])
def test_what_a_mail_server_says_at_the_end_makes_no_mail_be_sent_twice(
    site: MailSite, queue_of: Queue, answer: str
) -> None:
    addresses = queue_of(2)
    site.box.answer_to_end = answer
    assert site.send(FIFTEEN_BEFORE).sent == 2
    assert site.box.readers == addresses
    assert {row["sent_at"] is not None for row in site.rows} == {True}


def test_nothing_in_the_queue_is_an_address_or_a_name(site: MailSite) -> None:
    person = site.give("a@atelier.example", Role.DEPOSITOR, "atelier-a")
    site.queue(FIFTEEN_BEFORE)
    (row,) = site.rows
    assert row["person"] == person
    assert "@" not in str(row)
    assert "(fictif)" not in str(row)
