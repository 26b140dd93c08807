"""The token by which digests are ended: made by this site for one person, good in old mails, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from itsdangerous import URLSafeSerializer

from dashboards.mails.sending import UNSUBSCRIBE_SALT, person_of_unsubscribe, unsubscribe_address
from dashboards.wording.translations import load_translator
from indicators.accounts.database import AccountsDatabase, open_in_file
from indicators.accounts.links import (
    InvalidLink,
    make_link_token,
    rotate_signing_key,
    signing_keys,
    use_link_token,
)
from indicators.accounts.members import change_members, correspondents, erase_person, find_person, want_digest
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.roles import Grant, Member, Role
from tests.builders import NOW, TODAY
from tests.dashboards.mails.conftest import DUE, SITE, MailSite, days_after
from tests.dashboards.mails.mailbox import texts_of

ADDRESS = "direction@atelier.example"


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[AccountsDatabase]:
    with open_in_file(tmp_path / "accounts.sqlite") as opened:
        member = Member(ADDRESS, Grant(Role.DIRECTOR, Perimeter.parse("atelier-a")), None, None)
        change_members(opened, [member], "essai", NOW, TODAY)
        yield opened


def token_for(accounts: AccountsDatabase, language: str = "fr") -> str:
    url = unsubscribe_address(accounts, find_person(accounts, ADDRESS), SITE, load_translator(language))
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{SITE}/courriels"
    assert parse_qs(parts.query).get("lang") == (None if language == "fr" else [language])
    return parse_qs(parts.query)["jeton"][0]


def test_a_token_is_of_its_person_before_and_after_the_key_was_changed_one_time(accounts: AccountsDatabase) -> None:
    person = find_person(accounts, ADDRESS)
    token = token_for(accounts)
    assert token == token_for(accounts, "en")
    assert person_of_unsubscribe(accounts, token) == person
    rotate_signing_key(accounts)
    assert person_of_unsubscribe(accounts, token) == person
    rotate_signing_key(accounts)
    assert person_of_unsubscribe(accounts, token) is None, "whoever had the first key could make it"
    assert person_of_unsubscribe(accounts, token_for(accounts)) == person


@pytest.mark.parametrize("token", ["", "x", "m-0123456789", "m-0123456789.abc", "." * 10_000, "é", "\x00", "W10.x"])
def test_what_is_no_token_ends_nothing(accounts: AccountsDatabase, token: str) -> None:
    assert person_of_unsubscribe(accounts, token) is None


def test_a_token_of_another_key_another_purpose_or_another_person_is_none(accounts: AccountsDatabase) -> None:
    person, token = find_person(accounts, ADDRESS), token_for(accounts)
    keys = signing_keys(accounts)
    another_person = str(URLSafeSerializer(keys, salt=UNSUBSCRIBE_SALT).dumps("m-9999999999")).partition(".")[0]
    forged = [
        URLSafeSerializer("another key", salt=UNSUBSCRIBE_SALT).dumps(person),
        URLSafeSerializer(keys, salt="another purpose").dumps(person),
        make_link_token(accounts, person, "site", NOW),
        f"{another_person}.{token.partition('.')[2]}",
        token[:-1],
        token.swapcase(),
    ]
    assert [person_of_unsubscribe(accounts, each) for each in forged] == [None] * len(forged)
    assert isinstance(use_link_token(accounts, token, NOW), InvalidLink), "nobody signs in with it"


def test_the_token_of_who_was_erased_ends_nothing_and_brings_nobody_back(accounts: AccountsDatabase) -> None:
    person, token = find_person(accounts, ADDRESS), token_for(accounts)
    erase_person(accounts, person, "essai", NOW, TODAY)
    found = person_of_unsubscribe(accounts, token)
    want_digest(accounts, str(found), wanted=False)
    assert correspondents(accounts) == {}


def test_a_digest_says_how_to_end_it_in_a_header_and_in_its_text_and_a_reminder_does_not(site: MailSite) -> None:
    site.give(ADDRESS, Role.DIRECTOR, "atelier-a")
    site.give("depot@atelier.example", Role.DEPOSITOR, "atelier-b")
    site.write_in(ADDRESS, "en")
    site.deliver("atelier-a")
    site.run(days_after(DUE, -3))
    site.run(days_after(DUE, 1))
    digest, reminder = site.box.mail_to(ADDRESS), site.box.mail_to("depot@atelier.example")
    url = digest["List-Unsubscribe"].strip("<>")
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url.startswith(f"{SITE}/courriels?")
    assert url.endswith("&lang=en")
    for part in texts_of(digest):
        assert url in part.replace("&amp;", "&")
    assert reminder["List-Unsubscribe"] is None
    assert reminder["List-Unsubscribe-Post"] is None
    assert "courriels?" not in "".join(texts_of(reminder))


def test_who_ended_digests_gets_no_other_one_be_it_queued_already_and_goes_on_to_be_reminded(site: MailSite) -> None:
    person = site.give(ADDRESS, Role.DIRECTOR, "atelier-a")
    site.give(ADDRESS, Role.DEPOSITOR, "atelier-b")
    site.deliver("atelier-a")
    assert site.queue(days_after(DUE, 1)) == 1
    want_digest(site.network.accounts, person, wanted=False)
    assert site.send(days_after(DUE, 1)).dropped == 1
    assert site.queue(days_after(DUE, 2)) == 0
    site.run(days_after(DUE, -3))
    assert site.box.readers == [ADDRESS]
