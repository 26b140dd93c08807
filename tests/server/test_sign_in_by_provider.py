"""Members who sign in at an identity provider: a certified program of its own, and all that could be wrong with it."""

from __future__ import annotations

import json
import re
import time
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from dashboards.clock import Clock
from dashboards.web.sign_in.configuration import read_auth_section
from dashboards.web.sign_in.routes import DESK_PATH
from indicators.accounts.events import list_events
from indicators.definitions.roles import Role
from indicators.errors import PilotageError
from tests.builders import Store
from tests.conftest import sample
from tests.served import Served, ask, drawn, free_port, running, session
from tests.server.identity_provider import HOST, IdentityProvider, Person, identity_provider
from tests.server.members import FRESH_S, Members

OWN: Final = "atelier-ternoise"
NAMES: Final = ("premier", "signe", "second", "laxiste", "sourd")


@dataclass(frozen=True)
class ProviderSite:
    """A site whose members sign in at two providers, under the names of `NAMES`."""

    served: Served
    first: IdentityProvider
    second: IdentityProvider
    address: str
    """As its visitors know it."""

    @property
    def cookie_name(self) -> str:
        return f"pilotage_session_{urlsplit(self.address).port}"


@pytest.fixture(scope="module")
def site(managed_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProviderSite]:
    folder = tmp_path_factory.mktemp("providers")
    first, second = (IdentityProvider(free_port(HOST)) for _ in range(2))
    deaf = IdentityProvider(free_port(HOST))
    (folder / "auth.toml").write_text(
        "[auth]\n"
        + first.configuration("premier")
        + first.configuration("signe", "signed")
        + second.configuration("second")
        + first.configuration("laxiste")
        + deaf.configuration("sourd")
    )
    settings = {
        "PILOTAGE_AUTH": str(folder / "auth.toml"),
        "PILOTAGE_LOG": "json",
        "PILOTAGE_TRUSTED_PROXIES": "127.0.0.1",
    }
    with running(managed_store, log=folder / "log", **settings) as served:
        address = f"http://localhost:{urlsplit(served.address).port}"
        callbacks = [f"{address}/connexion/{name}/retour" for name in NAMES]
        with identity_provider(first.port, callbacks), identity_provider(second.port, callbacks):
            yield ProviderSite(served, first, second, address)


@pytest.fixture
def person(members: Members, request: pytest.FixtureRequest) -> Person:
    """A director of `OWN`, with a browser that was never here."""
    address = f"{abs(hash(request.node.nodeid)):x}@atelier.example"
    members.give(address, Role.DIRECTOR, OWN)
    return Person(address)


def is_in(site: ProviderSite, person: Person) -> bool:
    return person.browser.get(f"{site.address}/suivi").status_code == 200


def alert_of(answer: httpx.Response) -> str:
    """Return what a page says went wrong."""
    found = re.search(r'<p role="alert">([^<]*)</p>', answer.text)
    assert found is not None, answer.text
    return found[1].replace("\xa0", " ").replace("\u202f", " ")


def lines_of(site: ProviderSite) -> list[dict[str, Any]]:
    assert site.served.log is not None
    return [json.loads(line) for line in site.served.log.read_text().splitlines()]


REFUSED: Final = "n’a pas pu être vérifiée"
UNVERIFIED: Final = "n’a pas vérifié votre adresse"
DOWN: Final = "ne répond pas"


# The way in


@pytest.mark.parametrize("name", ["premier", "signe", "second"])
def test_a_member_signs_in_at_each_provider_whose_userinfo_is_signed_or_not(
    site: ProviderSite, person: Person, name: str
) -> None:
    page = ask(site.served.address, "/connexion?vers=%2Fsuivi").text
    assert f'href="/connexion/{name}?vers=%2Fsuivi"' in page
    assert f"Se connecter avec le compte {name}" in page
    answer = person.sign_in(site.address, name, "/suivi?periode=2026-T3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/suivi?periode=2026-T3")
    assert is_in(site, person)
    cookie = {"Cookie": f"{site.cookie_name}={person.browser.cookies[site.cookie_name]}"}
    with session(site.served.address, cookie) as reader:
        assert b"Vue de gestion" in drawn(reader, "structure", f"structure={OWN}&vue=gestion&periode=2026-T3")


def test_a_provider_is_asked_with_a_challenge_a_state_and_a_nonce_of_this_sign_in_alone(
    site: ProviderSite, person: Person
) -> None:
    questions = [parse_qs(urlsplit(person.begin(site.address, "premier").headers["location"]).query) for _ in range(2)]
    for query in questions:
        assert query["response_type"] == ["code"]
        assert query["code_challenge_method"] == ["S256"]
        assert query["redirect_uri"] == [f"{site.address}/connexion/premier/retour"]
        assert query["scope"] == ["openid email"]
        assert set(query) >= {"state", "nonce", "code_challenge"}
        assert all(len(query[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))
    for name in ("state", "nonce", "code_challenge"):
        assert questions[0][name] != questions[1][name]


def test_what_a_browser_keeps_while_its_reader_is_away_is_for_no_script_and_for_ten_minutes(
    site: ProviderSite, person: Person
) -> None:
    (cookie,) = person.begin(site.address, "premier").headers.get_list("set-cookie")
    parts = {part.lower() for part in cookie.split("; ")[1:]}
    assert parts == {"path=/", "max-age=600", "httponly", "samesite=lax"}
    assert cookie.startswith(f"pilotage_provider_{urlsplit(site.address).port}=")
    kept = b64decode(cookie.partition("=")[2].partition(".")[0] + "==").decode()
    assert "secret" not in kept
    person.sign_in(site.address, "premier")
    assert {cookie.name for cookie in person.browser.cookies.jar if cookie.domain.startswith("localhost")} == {
        site.cookie_name
    }, "nothing of it is left"


def test_the_mail_address_is_taken_from_the_id_token_where_it_stands_there(site: ProviderSite, person: Person) -> None:
    known = Person("somebody@elsewhere.example")
    with site.first.wrong(idToken={"email": person.address.upper(), "email_verified": True}):
        assert known.sign_in(site.address, "premier").status_code == 303
    assert is_in(site, known)


def test_who_begins_a_dozen_times_can_still_sign_in(site: ProviderSite, person: Person) -> None:
    for _ in range(8):
        begun = person.begin(site.address, "premier")
        assert len(begun.headers["set-cookie"]) < 1_500, "browsers refuse cookies of more than 4,096"
    assert person.sign_in(site.address, "second").status_code == 303


def test_a_session_of_a_provider_is_revoked_like_any_other(
    site: ProviderSite, members: Members, person: Person
) -> None:
    person.sign_in(site.address, "premier")
    assert is_in(site, person)
    members.sign_out(person.address)
    time.sleep(FRESH_S)
    assert not is_in(site, person)
    assert person.sign_in(site.address, "premier").status_code == 303


# Who is not let in


def test_whoever_is_no_member_is_told_so_and_gets_no_session(site: ProviderSite) -> None:
    stranger = Person("personne@nulle-part.example")
    answer = stranger.sign_in(site.address, "premier")
    assert answer.status_code == 403
    assert "n’est celle d’aucun membre" in alert_of(answer)
    assert site.cookie_name not in stranger.browser.cookies


@pytest.mark.parametrize("address", ["unverified-{}", "noaddress-{}"])
@pytest.mark.parametrize("name", ["premier", "signe"])
def test_an_address_that_nobody_verified_is_nobodys(
    site: ProviderSite, members: Members, person: Person, name: str, address: str
) -> None:
    other = Person(address.format(person.address))
    members.give(other.address, Role.DIRECTOR, OWN)
    answer = other.sign_in(site.address, name)
    assert (answer.status_code, UNVERIFIED in alert_of(answer)) == (403, True)
    assert not is_in(site, other)


@pytest.mark.parametrize("verified", sample([False, None, "false", 0, "yes", [True]], 3))
def test_only_what_is_said_to_be_verified_is(site: ProviderSite, person: Person, verified: object) -> None:
    with site.first.wrong(idToken={"email": person.address, "email_verified": verified}):
        answer = person.sign_in(site.address, "premier")
    assert (answer.status_code, UNVERIFIED in alert_of(answer)) == (403, True)


PAST, FUTURE = 1_000_000_000, 4_000_000_000
ID_TOKENS: Final[dict[str, dict[str, object]]] = {
    "for another site": {"idToken": {"aud": "another"}},
    "for several, by another": {"idToken": {"aud": ["plain", "another"], "azp": "another"}},
    "of another provider": {"idToken": {"iss": "https://login.elsewhere.example"}},
    "expired": {"idToken": {"exp": PAST}},
    "made in the future": {"idToken": {"iat": FUTURE, "exp": FUTURE + 60}},
    "for another sign-in": {"idToken": {"nonce": "another"}},
    "without a nonce": {"idToken": {"nonce": None}},
    "without a subject": {"idToken": {"sub": None}},
    "with another access token": {"idToken": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
    "signed by nobody": {"signature": "none"},
    "signed with the secret of the site": {"signature": "secret"},
    "signed with another key": {"signature": "other"},
    "signed with a key that is not published": {"signature": "unknown"},
    "with a broken signature": {"signature": "broken"},
    "missing": {"withoutIdToken": True},
}


@pytest.mark.parametrize("fault", sample(ID_TOKENS, 3))
def test_an_id_token_that_is_not_for_this_sign_in_signs_nobody_in(
    site: ProviderSite, person: Person, fault: str
) -> None:
    with site.first.wrong(**ID_TOKENS[fault]):
        answer = person.sign_in(site.address, "premier")
    assert (answer.status_code, REFUSED in alert_of(answer)) == (403, True)
    assert site.cookie_name not in person.browser.cookies
    assert person.sign_in(site.address, "premier").status_code == 303, "the same person, once nothing is wrong"


@pytest.mark.parametrize("signature", ["none", "secret"])
def test_a_provider_that_offers_signatures_which_prove_nothing_is_not_believed(
    site: ProviderSite, person: Person, signature: str
) -> None:
    offered = {"id_token_signing_alg_values_supported": ["none", "HS256", "RS256"]}
    with site.first.wrong(discovery=offered):
        # What a provider says of itself is asked for one time.
        person.begin(site.address, "laxiste")
    with site.first.wrong(signature=signature):
        answer = person.sign_in(site.address, "laxiste")
    assert (answer.status_code, REFUSED in alert_of(answer)) == (403, True)
    assert person.sign_in(site.address, "laxiste").status_code == 303


USERINFO: Final[dict[str, tuple[str, dict[str, object]]]] = {
    "of another person": ("premier", {"userinfo": {"sub": "another"}}),
    "of another person, signed": ("signe", {"userinfo": {"sub": "another"}}),
    "for another site, signed": ("signe", {"userinfo": {"aud": "another"}}),
    "of another provider, signed": ("signe", {"userinfo": {"iss": "https://login.elsewhere.example"}}),
    "expired, signed": ("signe", {"userinfo": {"exp": PAST}}),
    "no object": ("premier", {"userinfoText": "[]"}),
    "no JSON": ("premier", {"userinfoText": "<html>"}),
    "signed by nobody": ("signe", {"userinfoText": "e30.e30.", "userinfoType": "application/jwt"}),
    "said to be signed and not": ("signe", {"userinfoText": "{}", "userinfoType": "application/jwt"}),
}


@pytest.mark.parametrize("fault", sample(USERINFO, 3))
def test_userinfo_that_is_not_of_this_person_signs_nobody_in(site: ProviderSite, person: Person, fault: str) -> None:
    name, faults = USERINFO[fault]
    with site.first.wrong(**faults):
        answer = person.sign_in(site.address, name)
    assert (answer.status_code, REFUSED in alert_of(answer)) == (403, True)
    assert not is_in(site, person)


@pytest.mark.parametrize("route", ["token", "userinfo"])
def test_a_provider_that_fails_half_way_signs_nobody_in(site: ProviderSite, person: Person, route: str) -> None:
    with site.first.wrong(failingRoute=route):
        answer = person.sign_in(site.address, "premier")
    assert answer.status_code == 403
    assert alert_of(answer)
    assert not is_in(site, person)


def test_a_provider_that_is_down_is_told_at_once_and_leaves_the_others(site: ProviderSite, person: Person) -> None:
    start = time.monotonic()
    answer = person.begin(site.address, "sourd", "/suivi")
    assert time.monotonic() - start < 5
    assert (answer.status_code, DOWN in alert_of(answer)) == (503, True)
    assert 'href="/connexion/premier?vers=%2Fsuivi"' in answer.text
    returned = person.browser.get(f"{site.address}/connexion/sourd/retour?code=x&state=y")
    assert (returned.status_code, DOWN in alert_of(returned)) == (403, True)
    assert any("provider sourd: sign_in.provider.down" in line["message"] for line in lines_of(site))


def test_who_does_not_agree_is_not_signed_in(site: ProviderSite, person: Person) -> None:
    begun = person.begin(site.address, "premier")
    back = person.agree(site.address, begun.headers["location"], agrees=False)
    assert parse_qs(urlsplit(back).query)["error"] == ["access_denied"]
    answer = person.browser.get(back)
    assert (answer.status_code, "vous n’êtes pas connecté" in alert_of(answer)) == (403, True)
    assert not is_in(site, person)


# Who tries to get in by the callback


def test_a_callback_serves_one_time(site: ProviderSite, person: Person) -> None:
    back = person.agree(site.address, person.begin(site.address, "premier").headers["location"])
    jar = [each for each in person.browser.cookies.jar if each.domain.startswith("localhost")]
    kept = "; ".join(f"{each.name}={each.value}" for each in jar)
    assert person.browser.get(back).status_code == 303
    again = person.browser.get(back)
    assert (again.status_code, REFUSED in alert_of(again)) == (403, True)
    thief = Person("thief@x.example")
    copied = thief.browser.get(back, headers={"Cookie": kept})
    assert (copied.status_code, REFUSED in alert_of(copied)) == (403, True), (
        "with the cookie of before: the code is used"
    )


def test_a_callback_begun_in_another_browser_signs_nobody_in(site: ProviderSite, person: Person) -> None:
    """Nobody is signed in as somebody else by a link that they are sent."""
    back = person.agree(site.address, person.begin(site.address, "premier").headers["location"])
    victim = Person("victim@x.example")
    answers = [victim.browser.get(back)]
    victim.begin(site.address, "premier")
    answers.append(victim.browser.get(back))
    assert [(answer.status_code, REFUSED in alert_of(answer)) for answer in answers] == [(403, True)] * 2
    assert site.cookie_name not in victim.browser.cookies


def test_a_code_of_one_provider_is_none_of_another(site: ProviderSite, person: Person) -> None:
    back = person.agree(site.address, person.begin(site.address, "premier").headers["location"])
    crossed = person.browser.get(back.replace("/premier/", "/second/"))
    assert (crossed.status_code, REFUSED in alert_of(crossed)) == (403, True)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=x",
        "state=x",
        "code=x&state=y",
        "code=&state=",
        "code[]=x&state=%00",
        "error=%0d%0aSet-Cookie:x",
        "error=<script>alert(1)</script>",
    ],
)
def test_a_callback_that_nobody_began_is_a_sentence(site: ProviderSite, query: str) -> None:
    answer = Person("").browser.get(f"{site.address}/connexion/premier/retour?{query}")
    assert (answer.status_code, REFUSED in alert_of(answer)) == (403, True)
    assert "<script" not in answer.text
    assert site.cookie_name not in answer.cookies


def test_a_cookie_that_was_forged_holds_no_sign_in(site: ProviderSite, person: Person) -> None:
    begun = person.begin(site.address, "premier")
    back = person.agree(site.address, begun.headers["location"])
    name, _, value = begun.headers["set-cookie"].partition(";")[0].partition("=")
    for forged in (value[:-2] + "AA", value.partition(".")[0], ""):
        answer = httpx.get(back, headers={"Cookie": f"{name}={forged}", "X-Forwarded-For": "203.0.113.251"})
        assert (answer.status_code, REFUSED in alert_of(answer)) == (403, True)


def test_returns_are_rated_as_what_begins_is(site: ProviderSite) -> None:
    hasty = Person("")
    for path in ("/connexion/premier", "/connexion/premier/retour?code=x&state=y"):
        found = [hasty.browser.get(f"{site.address}{path}").status_code for _ in range(12)]
        assert found[-2:] == [429, 429]
        assert 429 not in found[:10]


@pytest.mark.parametrize(
    "target", sample(["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere", "//["], 3)
)
def test_a_sign_in_leads_nowhere_but_to_pages_of_ours(site: ProviderSite, person: Person, target: str) -> None:
    assert person.sign_in(site.address, "premier", target).headers["location"] == DESK_PATH


def test_the_way_of_sign_in_stands_in_the_journal_and_no_secret_in_the_log(
    site: ProviderSite, members: Members, person: Person
) -> None:
    answer = person.sign_in(site.address, "second")
    assert answer.status_code == 303
    with members.open() as accounts:
        newest = list_events(accounts, Clock.now() + timedelta(days=1), 1)[0]
    assert (newest.kind, newest.detail) == ("signed_in", "second")
    assert site.served.log is not None
    log = site.served.log.read_text()
    cookie = person.browser.cookies[site.cookie_name]
    for secret in (person.address, cookie, "a secret of the tests", "code=", "access_token"):
        assert secret not in log


# The section


SECTION: Final = IdentityProvider(1).configuration("x")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", r"has no \[auth\] section"),
        ("[auth", "auth.toml"),
        ("[auth]\nlink = true\n", r"auth\.link:"),
        (SECTION.replace("client_id", "client"), r"auth\.x\.client(_id)?:"),
        (SECTION.replace("[auth.x]", "[auth.lien]"), r"auth\.lien:"),
        (SECTION.replace("[auth.x]", '[auth."../x"]'), r"a provider is named in"),
        (SECTION.replace("http://127.0.0.1:1", "http://login.example"), r"auth\.x\.server_metadata_url:"),
        (SECTION.replace("http://127.0.0.1:1", "http://127.0.0.1.login.example"), r"auth\.x\.server_metadata_url:"),
        (SECTION.replace("http://127.0.0.1:1", "file:///x"), r"auth\.x\.server_metadata_url:"),
    ],
)
def test_an_invalid_section_is_a_sentence_that_names_the_key_and_no_secret(
    tmp_path: Path, text: str, named: str
) -> None:
    (tmp_path / "auth.toml").write_text(text)
    with pytest.raises(PilotageError, match=named) as refused:
        read_auth_section(tmp_path / "auth.toml")
    assert "secret of the tests" not in str(refused.value)


def test_a_section_of_providers_offers_links_only_where_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "auth.toml").write_text(SECTION)
    assert not read_auth_section(tmp_path / "auth.toml").offers_links
    (tmp_path / "auth.toml").write_text("[auth]\nlinks = true\n" + SECTION)
    assert read_auth_section(tmp_path / "auth.toml").offers_links
    assert read_auth_section(None).offers_links
    with pytest.raises(PilotageError, match="nowhere"):
        read_auth_section(tmp_path / "nowhere.toml")
