"""What mails lead to, on a real site: digests end by one click of a mail program, links by way of the sign-in."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from dashboards.mails.sending import unsubscribe_address
from dashboards.wording.translations import load_translator
from indicators.accounts.members import correspondents, want_digest
from indicators.definitions.roles import Role
from tests.served import Answer, Served, ask
from tests.server.members import FORM, SECURE_COOKIE, Members

READER = "resumes@mails.example"
ONE_CLICK = "List-Unsubscribe=One-Click"
MULTIPART = (
    '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
    "multipart/form-data; boundary=x",
)


@pytest.fixture
def path(members: Members) -> str:
    """The address in the mail of a director who wants digests."""
    person = members.give(READER, Role.DIRECTOR, "atelier-ternoise")
    with members.open() as accounts:
        want_digest(accounts, person, wanted=True)
        url = unsubscribe_address(accounts, person, "https://pilotage.example", load_translator("en"))
    return url.removeprefix("https://pilotage.example")


def wants(members: Members) -> bool:
    with members.open() as accounts:
        return next(each.wants_digest for each in correspondents(accounts).values() if each.address == READER)


def one_click(served: Served, path: str, body: str = ONE_CLICK, kind: str = FORM, **headers: str) -> Answer:
    """Send what a mail program sends: no cookie, no origin."""
    return ask(served.address, path, "POST", body, Content_Type=kind, **headers)


@pytest.mark.parametrize(("body", "kind"), [(ONE_CLICK, FORM), MULTIPART])
def test_one_click_of_a_mail_program_ends_digests_without_another_question(
    members_site: Served, members: Members, path: str, body: str, kind: str
) -> None:
    for _ in range(2):
        answer = one_click(members_site, path, body, kind)
        assert answer.status == 200, "RFC 8058: no redirection"
        assert not wants(members)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_program_that_opens_the_links_of_mails_ends_nothing(
    members_site: Served, members: Members, path: str, method: str
) -> None:
    assert ask(members_site.address, path, method).status == 200
    assert wants(members)


def test_the_page_ends_digests_by_its_button_in_the_language_of_the_mail(
    members_site: Served, members: Members, path: str
) -> None:
    page = ask(members_site.address, path)
    assert '<html lang="en"' in page.text
    action = page.text.partition('action="')[2].partition('"')[0].replace("&amp;", "&")
    assert parse_qs(urlsplit(action).query)["jeton"] == parse_qs(urlsplit(path).query)["jeton"]
    done = one_click(members_site, action, "")
    assert (done.status, wants(members)) == (200, False)
    assert "set-cookie" not in done.headers, "nobody is signed in by it"


@pytest.mark.parametrize("token", ["", "forged", "m-0123456789.x", "x" * 3000])
def test_a_forged_token_ends_nothing_and_is_told_whose_it_is_not(
    members_site: Served, members: Members, path: str, token: str
) -> None:
    answer = one_click(members_site, f"/courriels?{urlencode({'jeton': token})}")
    assert answer.status == 403
    assert wants(members)
    assert READER not in answer.text


def test_a_link_of_a_mail_asks_who_is_not_signed_in_to_do_so_and_leads_on_who_is(
    members_site: Served, members: Members
) -> None:
    target = "/bureau?lang=en"
    link = f"/connexion?{urlencode({'vers': target, 'lang': 'en'})}"
    page = ask(members_site.address, link)
    assert page.status == 200
    assert "bureau" in page.text
    assert ask(members_site.address, target).status == 404, "to strangers, the page itself is not there"
    members.give(READER, Role.DIRECTOR, "atelier-ternoise")
    cookie = {"Cookie": f"{SECURE_COOKIE}={members.token(READER)}"}
    led = ask(members_site.address, link, **cookie)
    assert (led.status, led.headers["location"]) == (303, target)
    elsewhere = ask(members_site.address, f"/connexion?{urlencode({'vers': 'https://ailleurs.example/'})}", **cookie)
    assert elsewhere.headers["location"].startswith("/deconnexion")
