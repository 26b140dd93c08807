"""`pilotage mail`: what it sends, prints and returns; in a dry run, it writes nothing and sends nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from dashboards.clock import Clock
from dashboards.settings import Settings
from indicators.definitions.roles import Role
from tests.builders import Store
from tests.conftest import Run
from tests.dashboards.mails.conftest import FIFTEEN_BEFORE, THREE_BEFORE, MailSite
from tests.dashboards.mails.mailbox import SENDER, texts_of

READER = "depot@atelier.example"


@pytest.fixture
def with_settings(site: MailSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings and the day of a site that sends mails."""
    settings = Settings(smtp=site.box.url, mail_from=SENDER, url="https://pilotage.example")
    monkeypatch.setattr("dashboards.commands.mail.settings", settings)
    monkeypatch.setattr("dashboards.commands.mail.clock", Clock(FIFTEEN_BEFORE))


def contents(store: Store) -> dict[str, str]:
    """Return what stands in the files of a store: the rows of its databases, the digests of the others."""
    found = {}
    for path in sorted(Path(store.address).rglob("*")):
        if path.suffix == ".sqlite":
            with closing(sqlite3.connect(path)) as database:
                found[path.name] = "\n".join(database.iterdump())
        elif path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock")):
            found[str(path)] = sha256(path.read_bytes()).hexdigest()
    return found


def test_a_dry_run_prints_the_mails_as_readers_find_them_and_changes_nothing(
    site: MailSite, store: Store, with_settings: None, pilotage: Run
) -> None:
    site.give(READER, Role.DEPOSITOR, "atelier-a")
    before = contents(store)
    for _ in range(2):
        ran = pilotage("mail", "--dry-run", *store.options)
        assert ran.code == 0
        assert contents(store) == before
        assert site.box.commands == []
        assert f"{READER} · À déposer avant le 30 octobre 2026" in ran.out.replace("\xa0", " ")
    pilotage("mail", *store.options)
    text = texts_of(site.box.mail_to(READER))[0]
    assert text.strip() in ran.out
    assert "Aucun courriel" in pilotage("mail", "--dry-run", *store.options).out


def test_a_dry_run_where_nobody_is_a_member_makes_no_accounts(store: Store, with_settings: None, pilotage: Run) -> None:
    assert not (Path(store.address) / "accounts.sqlite").exists()
    assert "Aucun courriel" in pilotage("mail", "--dry-run", *store.options).out
    assert not (Path(store.address) / "accounts.sqlite").exists()


def test_the_command_says_what_it_did_and_what_was_not_taken(
    site: MailSite, store: Store, with_settings: None, pilotage: Run
) -> None:
    for name in ("a", "b"):
        site.give(f"{name}@atelier.example", Role.DEPOSITOR, f"atelier-{name}")
    site.box.refused = {"b@atelier.example"}
    ran = pilotage("mail", *store.options)
    assert (ran.code, ran.out.replace("\u202f", " ").strip()) == (
        1,
        "2 courriels à envoyer ; 1 envoyés, 0 abandonnés car plus vrais, 1 non pris par le serveur.",
    )
    again = pilotage("mail", *store.options)
    assert (again.code, again.out.split()[0]) == (0, "0")
    assert site.box.readers == ["a@atelier.example"]


def test_without_a_mail_server_nothing_is_queued_and_one_line_says_what_to_set(
    site: MailSite, store: Store, monkeypatch: pytest.MonkeyPatch, pilotage: Run
) -> None:
    monkeypatch.setattr("dashboards.commands.mail.clock", Clock(THREE_BEFORE))
    site.give(READER, Role.DEPOSITOR, "atelier-a")
    ran = pilotage("mail", *store.options)
    assert ran.code == 2
    assert "PILOTAGE_SMTP" in ran.err
    assert site.rows == []
