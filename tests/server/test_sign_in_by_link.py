"""Members who sign in by a link in a mail: a real server, a real mail server, and whoever tries to get more."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from email.message import EmailMessage
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dashboards.app_pages.registry import PAGES
from dashboards.clock import Clock
from dashboards.components.html import markup
from dashboards.mails.mail_server import Mail, MailError, MailServer
from dashboards.settings import Settings
from dashboards.web.sign_in.routes import DESK_PATH, own_page
from indicators.accounts.events import EventKind, list_events
from indicators.accounts.links import make_link_token
from indicators.accounts.members import erase_person, find_person
from indicators.definitions.roles import Role
from schemas.members import normalize_address
from tests.builders import TODAY, Store, badly_spaced, environment
from tests.conftest import Run, examples
from tests.served import Answer, Served, ask, drawn, free_port, running, session
from tests.server.conftest import MEMBERS_URL
from tests.server.mailbox import HOST, Mailbox, mail_server, texts_of
from tests.server.members import FORM, FRESH_S, SECURE_COOKIE, Members, cookies_of, post, session_id, token_in
from tests.server.test_workers import upload

OWN, OTHER = "atelier-ternoise", "regie-ternoise"
NUMBERS: Final = count(1)
MANAGEMENT: Final = "vue=gestion&periode=2026-T3"


def somewhere() -> dict[str, str]:
    """Return the header of somebody at an address where nobody tried anything yet."""
    number = next(NUMBERS)
    return {"X_Forwarded_For": f"192.0.2.{number % 250}" if number < 250 else f"198.51.100.{number % 250}"}


def ask_link(served: Served, address: str, query: str = "", **headers: str) -> Answer:
    return post(served, f"/connexion{query}", {"adresse": address}, **{**somewhere(), **headers})


def use_link(served: Served, token: str, target: str = "", **headers: str) -> Answer:
    return post(served, "/connexion/lien", {"jeton": token, "vers": target}, **{**somewhere(), **headers})


def mailed_token(served: Served, mailbox: Mailbox, address: str, query: str = "") -> str:
    before = len(mailbox.mails_to(address))
    assert ask_link(served, address, query).status == 200
    return token_in(texts_of(mailbox.wait_for(address, before + 1))[0])


@pytest.fixture
def direction(members: Members, request: pytest.FixtureRequest) -> str:
    """The address of a director of `OWN`, of the test's own: a link is sent to each one time a minute."""
    address = f"{abs(hash(request.node.nodeid)):x}@atelier.example"
    members.give(address, Role.DIRECTOR, OWN)
    return address


# The way in


def test_a_member_signs_in_by_the_link_of_a_mail(members_site: Served, mailbox: Mailbox, direction: str) -> None:
    page = ask(members_site.address, "/connexion?vers=%2Fsuivi")
    assert (page.status, page.headers["cache-control"]) == (200, "no-store")
    assert 'action="/connexion?vers=%2Fsuivi"' in page.text
    assert "<script" not in page.text
    token = mailed_token(members_site, mailbox, direction, "?vers=%2Fsuivi")
    shown = ask(members_site.address, f"/connexion/lien?jeton={token}&vers=%2Fsuivi")
    assert (shown.status, "set-cookie" in shown.headers) == (200, False)
    answer = use_link(members_site, token, "/suivi")
    assert (answer.status, answer.headers["location"], answer.headers["cache-control"]) == (303, "/suivi", "no-store")
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert ask(members_site.address, "/suivi", Cookie=cookie).status == 200
    assert ask(members_site.address, "/deposer", Cookie=cookie).status == 403
    with session(members_site.address, {"Cookie": cookie}) as reader:
        page_ = drawn(reader, "structure", f"structure={OWN}&{MANAGEMENT}").decode(errors="replace")
    assert "Connecté" in page_
    assert "Vue de gestion" in page_
    assert direction not in page_, "the page is not said whose it is"


def test_an_address_is_found_however_it_is_written(members_site: Served, mailbox: Mailbox, direction: str) -> None:
    assert ask_link(members_site, f"  {direction.upper()}  ").status == 200
    assert mailbox.wait_for(direction)["To"] == direction


def test_the_cookie_is_for_this_very_host_over_https_and_for_no_script(
    members_site: Served, mailbox: Mailbox, direction: str
) -> None:
    answer = use_link(members_site, mailed_token(members_site, mailbox, direction))
    value, attributes = cookies_of(answer)[SECURE_COOKIE]
    assert attributes == {"HttpOnly", "Path=/", "SameSite=lax", "Secure", "Max-Age=43200"}
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", value)
    ended = post(members_site, "/deconnexion", {}, Cookie=f"{SECURE_COOKIE}={value}")
    gone, attributes = cookies_of(ended)[SECURE_COOKIE]
    assert gone.strip('"') == ""
    assert {"HttpOnly", "Path=/", "Secure", "SameSite=lax", "Max-Age=0"} <= attributes


def test_opening_a_link_signs_nobody_in_as_programs_that_look_into_mails_do(
    members_site: Served, mailbox: Mailbox, direction: str
) -> None:
    token = mailed_token(members_site, mailbox, direction)
    for method in ("GET", "HEAD", "GET", "GET"):
        answer = ask(members_site.address, f"/connexion/lien?jeton={token}", method)
        assert (answer.status, "set-cookie" in answer.headers) == (200, False)
    assert use_link(members_site, token).status == 303


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_no_other_method_signs_anybody_in_or_out(members_site: Served, method: str) -> None:
    for path in ("/connexion", "/connexion/lien", "/deconnexion"):
        assert ask(members_site.address, path, method).status == 405


def test_a_link_serves_one_time(members_site: Served, mailbox: Mailbox, direction: str) -> None:
    token = mailed_token(members_site, mailbox, direction)
    assert use_link(members_site, token).status == 303
    for tried in (token, token[:-1], "", "x!", "é!", "\x00", token + "=", token.upper()):
        answer = use_link(members_site, tried)
        assert (answer.status, "set-cookie" in answer.headers) == (403, False)
        assert "Ce lien a déjà servi, ou il est trop ancien" in answer.text.replace("\xa0", " ")
        assert not tried or tried not in answer.text


def test_what_a_link_holds_is_shown_as_text_whatever_it_holds(members_site: Served) -> None:
    hostile = "\"><script>alert(1)</script><form action='https://elsewhere.example'>"
    answer = ask(members_site.address, f"/connexion/lien?{urlencode({'jeton': hostile, 'vers': hostile})}")
    assert "<script" not in answer.text
    assert answer.text.count("<form") == 1


def test_members_sign_out_here_or_everywhere(members_site: Served, members: Members, direction: str) -> None:
    cookies = [{"Cookie": f"{SECURE_COOKIE}={members.token(direction)}"} for _ in range(4)]
    page = ask(members_site.address, "/deconnexion", **cookies[0])
    assert direction in page.text
    assert ask(members_site.address, "/connexion", **cookies[0]).headers["location"] == "/deconnexion"
    assert post(members_site, "/deconnexion", {}, **cookies[0]).status == 200
    assert [ask(members_site.address, "/suivi", **cookie).status for cookie in cookies] == [403, 200, 200, 200]
    assert post(members_site, "/deconnexion", {"partout": "1"}, **cookies[1]).status == 200
    assert [ask(members_site.address, "/suivi", **cookie).status for cookie in cookies] == [403] * 4
    assert "Votre session est terminée" in ask(members_site.address, "/suivi", **cookies[2]).text
    assert ask(members_site.address, "/deconnexion", **cookies[1]).headers["location"] == "/connexion"


# What a stranger learns


def test_the_answer_is_the_same_for_whoever_the_address_is_of(members_site: Served, direction: str) -> None:
    known, unknown = (ask_link(members_site, address) for address in (direction, "personne@nulle-part.example"))
    again = ask_link(members_site, direction)
    assert known.status == unknown.status == again.status == 200
    assert known.text == unknown.text == again.text
    names = [sorted(answer.headers.items()) for answer in (known, unknown, again)]
    hidden = {"x-request-id", "date"}
    assert len({tuple(each for each in found if each[0] not in hidden) for found in names}) == 1
    assert "nulle-part" not in known.text


def timed(connection: HTTPConnection, address: str) -> float:
    """Return the seconds from a question for a link to the answer to the question after it."""
    headers = {"Content-Type": FORM, **{name.replace("_", "-"): value for name, value in somewhere().items()}}
    start = time.perf_counter()
    for method, path, body in (("POST", "/connexion", urlencode({"adresse": address})), ("GET", "/healthz", None)):
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        response.read()
        assert response.status == 200
    return time.perf_counter() - start


def test_the_answer_comes_as_soon_for_whoever_the_address_is_of(
    members_site: Served, members: Members, mailbox: Mailbox
) -> None:
    """The mail server takes a second for a mail; the next answer over the same connection does not wait for it."""
    known = [f"temps-{number}@atelier.example" for number in range(5)]
    for address in known:
        members.give(address, Role.DIRECTOR, OWN)
    connection = HTTPConnection(urlsplit(members_site.address).netloc, timeout=60)
    mailbox.delay_s = 1.0
    try:
        times: dict[bool, list[float]] = {True: [], False: []}
        for address in known:
            times[False].append(timed(connection, f"inconnu-{address}"))
            times[True].append(timed(connection, address))
    finally:
        mailbox.delay_s = 0.0
    mailbox.wait_for(known[-1])
    assert statistics.median(times[True]) < 0.5
    assert abs(statistics.median(times[True]) - statistics.median(times[False])) < 0.2


def test_whoever_has_no_role_today_is_sent_no_link_and_an_erased_person_neither(
    members_site: Served, members: Members, mailbox: Mailbox, direction: str
) -> None:
    members.take(direction, Role.DIRECTOR, OWN)
    assert ask_link(members_site, direction).status == 200
    erased = f"e-{direction}"
    person = members.give(erased, Role.DIRECTOR, OWN)
    token = mailed_token(members_site, mailbox, erased)
    with members.open() as accounts:
        erase_person(accounts, person, "tests", Clock.now(), TODAY)
    assert use_link(members_site, token).status == 403
    time.sleep(0.3)
    assert mailbox.mails_to(direction) == []


def test_a_member_without_a_role_today_is_told_so_and_sees_what_the_public_sees(
    members_site: Served, members: Members, direction: str
) -> None:
    cookie = {"Cookie": f"{SECURE_COOKIE}={members.token(direction)}"}
    members.take(direction, Role.DIRECTOR, OWN)
    assert [ask(members_site.address, path, **cookie).status for path in ("/", "/suivi", "/nulle-part")] == [
        200, 403, 404,
    ]  # fmt: skip
    with session(members_site.address, cookie) as reader:
        page = drawn(reader, "structure", f"structure={OWN}&{MANAGEMENT}").decode(errors="replace")
    assert "sans rôle aujourd’hui" in page
    assert "Vue de gestion" not in page


# How often


def test_who_asks_too_often_waits_and_others_do_not(members_site: Served, mailbox: Mailbox, direction: str) -> None:
    one, other = somewhere(), somewhere()
    found = [ask_link(members_site, f"{n}-{direction}", **one).status for n in range(12)]
    assert found == [200] * 10 + [429] * 2
    answer = ask_link(members_site, direction, **one)
    assert "Attendez une minute" in answer.text
    assert use_link(members_site, "x", **one).status == 429, "tries of links count as well"
    assert ask_link(members_site, direction, **other).status == 200
    mailbox.wait_for(direction)


def test_an_address_is_sent_one_link_a_minute_whoever_asks(
    members_site: Served, mailbox: Mailbox, direction: str
) -> None:
    for written in (direction, direction.upper(), f" {direction}"):
        assert ask_link(members_site, written).status == 200
    mailbox.wait_for(direction)
    time.sleep(0.3)
    assert len(mailbox.mails_to(direction)) == 1


# What is tried at the door


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "///elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "http:/suivi",
        "javascript:alert(1)",
        "/nowhere",
        "/connexion",
        "//[",
        "/%2f%2felsewhere.example",
        "/\telsewhere.example",
        "suivi",
        " /suivi",
        "/suivi/../../x",
        "",
    ],
)
def test_a_link_leads_nowhere_but_to_pages_of_ours(
    members_site: Served, members: Members, direction: str, target: str
) -> None:
    with members.open() as accounts:
        token = make_link_token(accounts, find_person(accounts, direction), "tests", Clock.now())
    for path in ("/connexion", "/connexion/lien"):
        assert ask(members_site.address, f"{path}?{urlencode({'vers': target, 'jeton': 'x'})}").status == 200
    answer = use_link(members_site, token, target)
    assert (answer.status, answer.headers["location"]) == (303, DESK_PATH)


@given(st.text(alphabet="/\\:?#[]@.;%a\t\n é", max_size=12) | st.sampled_from(["/suivi", "//suivi", "/suivi?a=b#c"]))
@examples(1)
def test_where_a_reader_goes_on_to_is_always_a_page_of_this_site(text: str) -> None:
    target = own_page(text)
    parts = urlsplit(target)
    assert (parts.scheme, parts.netloc) == ("", "")
    assert target == "" or (target[0] == "/" and target[1:2] not in ("/", "\\"))
    assert parts.path.strip("/") in {page.path for page in PAGES}


def test_the_longest_address_of_a_page_is_kept_through_the_sign_in(
    members_site: Served, mailbox: Mailbox, direction: str
) -> None:
    target = f"/comparer?structures={'é:' * 600}"
    token = mailed_token(members_site, mailbox, direction, f"?{urlencode({'vers': target})}")
    answer = use_link(members_site, token, target)
    assert answer.status == 303
    assert parse_qs(urlsplit(answer.headers["location"]).query)["structures"] == ["é:" * 600]


@pytest.mark.parametrize("headers", [
    {"X_Forwarded_Host": "elsewhere.example"},
    {"X_Host": "elsewhere.example"},
    {"Forwarded": "host=elsewhere.example;proto=http"},
    {"Host": "127.0.0.1"},
    {"Host": "pilotage.example:8080"},
])  # fmt: skip
def test_the_link_of_a_mail_is_of_this_site_whatever_a_request_says_of_its_host(
    members_site: Served, mailbox: Mailbox, direction: str, headers: dict[str, str]
) -> None:
    assert ask_link(members_site, direction, **headers).status == 200
    for text in texts_of(mailbox.wait_for(direction)):
        assert set(re.findall(r"https?://[^/\s\"]+", text)) == {MEMBERS_URL}


@pytest.mark.parametrize("headers", [
    {"Host": "elsewhere.example"},
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {"Origin": "http://pilotage.example"},
])  # fmt: skip
def test_a_form_of_another_site_neither_asks_for_a_link_nor_uses_one_nor_signs_out(
    members_site: Served, members: Members, mailbox: Mailbox, direction: str, headers: dict[str, str]
) -> None:
    token = mailed_token(members_site, mailbox, direction)
    cookie = f"{SECURE_COOKIE}={members.token(direction)}"
    assert ask_link(members_site, f"x{direction}", **headers).status == 403
    assert use_link(members_site, token, **headers).status == 403
    assert post(members_site, "/deconnexion", {"partout": "1"}, Cookie=cookie, **headers).status == 403
    assert ask(members_site.address, "/suivi", Cookie=cookie).status == 200
    assert use_link(members_site, token, Origin=MEMBERS_URL).status == 303


@pytest.mark.parametrize(
    "body",
    ["", "adresse=", "x" * 40_000, "adresse=%ff%00", '{"adresse": "a@b.example"}', "adresse=a&adresse", "&" * 999],
)
def test_what_is_no_form_of_ours_is_told_so(members_site: Served, body: str) -> None:
    answer = ask(members_site.address, "/connexion", "POST", body, **somewhere())
    assert answer.status == 400
    assert "Ce n’est pas une adresse de courriel" in answer.text.replace("\xa0", " ")


@pytest.mark.parametrize(
    "address",
    [
        "{to}\r\nBcc: autre@x.example",
        "{to}%0d%0aBcc:autre@x.example",
        "{to}\nSubject: x",
        "{to},autre@x.example",
        "{to};autre@x.example",
        "<{to}>",
        "Nom <{to}>",
        '"{to}"@x.example',
        "=?utf-8?q?autre=40x.example=2C?={to}",
        "{to}\x00",
        "\u200b{to}",
        "{to}\u2028x",
    ],
)
def test_an_address_that_would_write_into_a_mail_is_no_address(
    members_site: Served, mailbox: Mailbox, direction: str, address: str
) -> None:
    assert ask_link(members_site, address.format(to=direction)).status == 400
    assert normalize_address(address.format(to=direction)) is None


@given(st.text(max_size=20), st.sampled_from(["x.example", "xn--e1aybc.example", "a-b.example"]))
@examples(2)
def test_a_mail_to_any_address_is_to_that_address_and_to_no_other(local: str, host: str) -> None:
    address = normalize_address(f"{local}@{host}")
    if address is None:
        return
    message = EmailMessage()
    message["To"] = address
    message.as_bytes()
    assert [each.addr_spec for each in message["To"].addresses] == [address]


# The mail


@pytest.mark.parametrize(
    ("query", "subject", "words"),
    [("", "Votre lien de connexion", "Il sert une seule fois"), ("?lang=en", "Your sign-in link", "It is good once")],
)
def test_the_mail_is_in_the_language_of_the_page_and_says_what_it_is(
    members_site: Served, mailbox: Mailbox, direction: str, query: str, subject: str, words: str
) -> None:
    ask_link(members_site, direction, query)
    mail = mailbox.wait_for(direction)
    assert (mail["Subject"], mail["To"], mail["From"]) == (subject, direction, "pilotage@network.example")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].strip().endswith("@network.example>")
    text, html = texts_of(mail)
    assert words in text.replace("\xa0", " ") or query
    assert token_in(text) == token_in(html)
    assert ("lang=en" in text) is bool(query)
    assert query or badly_spaced(re.sub(r"https?://\S+", "", text)) == []
    assert not re.search(r"<(?:script|img|link)|src=", html), "nothing is fetched when it is read"


def test_the_mail_names_no_figure_no_structure_and_no_role(
    members_site: Served, mailbox: Mailbox, direction: str
) -> None:
    ask_link(members_site, direction)
    for text in texts_of(mailbox.wait_for(direction)):
        readable = re.sub(r"https?://\S+", "", text)
        assert not re.search(r"ternoise|direction|gestion|management", readable, re.IGNORECASE)


def test_neither_log_nor_journal_has_an_address_a_token_or_a_link(
    members_site: Served, members: Members, mailbox: Mailbox, direction: str
) -> None:
    token = mailed_token(members_site, mailbox, direction)
    ask(members_site.address, f"/connexion/lien?jeton={token}")
    cookie = use_link(members_site, token).headers["set-cookie"].partition(";")[0].partition("=")[2]
    ask(members_site.address, "/suivi", Cookie=f"{SECURE_COOKIE}={cookie}")
    time.sleep(0.2)
    assert members_site.log is not None
    log = members_site.log.read_text()
    assert [secret for secret in (direction, token, cookie, direction.partition("@")[0]) if secret in log] == []
    lines = [json.loads(line) for line in log.splitlines()]
    assert {"director"} <= {line.get("who") for line in lines}, "roles stand in the log"
    with members.open() as accounts:
        events = list_events(accounts, Clock.now() + timedelta(days=1), 50)
    assert "@" not in repr(events)
    assert events[0].kind is EventKind.SIGNED_IN
    assert events[0].detail == "lien"


# A mail server that fails


@contextmanager
def with_smtp(store: Store, url: str, log: Path) -> Iterator[Served]:
    with running(
        store, log=log, PILOTAGE_SMTP=url, PILOTAGE_MAIL_FROM="pilotage@network.example", PILOTAGE_LOG="json"
    ) as served:
        yield served


def unsent(served: Served) -> list[str]:
    """Wait for the line of a link that was not sent, and return all of them."""
    assert served.log is not None
    for _ in range(400):
        lines = [json.loads(line) for line in served.log.read_text().splitlines()]
        if found := [line["message"] for line in lines if "was not sent" in line["message"]]:
            return found
        time.sleep(0.05)
    raise AssertionError(served.log.read_text())


def test_a_mail_server_that_refuses_is_a_line_of_the_log_and_nothing_that_the_reader_sees(
    members_site: Served, mailbox: Mailbox, direction: str
) -> None:
    mailbox.refuses = True
    try:
        refused = ask_link(members_site, direction)
        assert unsent(members_site)[-1] == f"a sign-in link was not sent: mail server {HOST}: SMTPRecipientsRefused"
    finally:
        mailbox.refuses = False
    assert refused.status == 200
    assert refused.text == ask_link(members_site, "personne@nulle-part.example").text
    assert direction not in " ".join(unsent(members_site))


@pytest.mark.full
def test_a_mail_server_that_is_down_is_a_line_of_the_log(store: Store, tmp_path: Path) -> None:
    Members(store).give("direction@atelier.example", Role.DIRECTOR, OWN)
    with with_smtp(store, f"smtp://{HOST}:{free_port(HOST)}", tmp_path / "log") as served:
        assert ask_link(served, "direction@atelier.example").status == 200
        assert unsent(served) == [f"a sign-in link was not sent: mail server {HOST}: ConnectionRefusedError"]


def mail_to(address: str) -> Mail:
    return Mail(address, "Sujet", "texte", markup("<p>texte</p>"))


def test_nothing_is_said_to_a_mail_server_elsewhere_that_does_not_encrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as box:
        elsewhere = MailServer("mail.example", box.port, "a@x.example", False, "user", "hush")
        connect = socket.create_connection
        monkeypatch.setattr(socket, "create_connection", lambda to, *given: connect((HOST, to[1]), *given))
        with pytest.raises(MailError, match="does not encrypt; nothing was said to it"):
            elsewhere.send(mail_to("b@x.example"))
        assert box.taken == []


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example",
        "smtp://",
        "smtp://user:hush/hush@mail.example",
        "smtp://u:hush@h:99999",
        "smtp://u:hush@[x",
    ],
)
def test_a_mail_server_that_is_none_is_told_without_repeating_its_password(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(smtp=url, mail_from="a@x.example")  # type: ignore[arg-type]
    (error,) = refused.value.errors()
    assert "PILOTAGE_SMTP is not the address of a mail server" in error["msg"]
    assert "hush" not in error["msg"]


@pytest.mark.parametrize("sender", [None, "", "Pilotage <a@x.example>", "a@x.example\nBcc: b@x.example"])
def test_a_mail_server_needs_a_sender(sender: str | None) -> None:
    with pytest.raises(ValidationError, match="PILOTAGE_SMTP needs PILOTAGE_MAIL_FROM"):
        Settings(smtp="smtp://mail.example", mail_from=sender)  # type: ignore[arg-type]


@pytest.mark.full
def test_settings_that_do_not_fit_together_are_one_line_and_no_traceback(tmp_path: Path) -> None:
    for more in ({}, {"PILOTAGE_MAIL_FROM": "a@x.example"}):
        done = subprocess.run(
            [sys.executable, "-m", "dashboards", "members", "list"], capture_output=True, text=True, check=False,
            env=environment(PILOTAGE_STORE=str(tmp_path), PILOTAGE_SMTP="smtp://u:hush/hush@host", **more),
        )  # fmt: skip
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert "PILOTAGE_" in done.stderr
        assert "hush" not in done.stderr


# Sessions that end while a page is open


def test_what_is_taken_away_is_gone_at_the_next_rerun_of_an_open_page(
    members_site: Served, members: Members, direction: str
) -> None:
    """A role taken away, a session revoked, one that was not used, a person erased: by another process."""
    board = f"structure={OWN}&{MANAGEMENT}"
    people = {name: f"{name}-{direction}" for name in ("role", "revoked", "unused", "erased", "kept")}
    pseudonyms = {name: members.give(address, Role.DIRECTOR, OWN) for name, address in people.items()}
    cookies = {name: {"Cookie": f"{SECURE_COOKIE}={members.token(address)}"} for name, address in people.items()}
    with ExitStack() as stack:
        readers = {name: stack.enter_context(session(members_site.address, cookies[name])) for name in people}
        for reader in readers.values():
            assert b"Vue de gestion" in drawn(reader, "structure", board)
        members.take(people["role"], Role.DIRECTOR, OWN)
        members.sign_out(people["revoked"])
        members.leave_unused(people["unused"])
        with members.open() as accounts:
            erase_person(accounts, pseudonyms["erased"], "tests", Clock.now(), TODAY)
        time.sleep(FRESH_S)
        found = {name: drawn(reader, "structure", board).decode(errors="replace") for name, reader in readers.items()}
        followed = {name: drawn(reader, "suivi").decode(errors="replace") for name, reader in readers.items()}
    managed = {name for name, page in found.items() if "Vue de gestion" in page or "Actions dans les délais" in page}
    assert managed == {"kept"}
    assert "sans rôle aujourd’hui" in found["role"]
    assert "Cette page n’est pas pour vous" in followed["role"].replace("\xa0", " ")
    for name in ("revoked", "unused"):
        assert "Votre session est terminée" in found[name]
        assert "Votre session est terminée" in followed[name]
        assert ask(members_site.address, "/suivi", **cookies[name]).status == 403
    assert "Dernier dépôt" in followed["kept"]
    assert "Dernier dépôt" not in followed["erased"]
    assert ask(members_site.address, "/suivi", **cookies["erased"]).status == 404, "nobody was ever there"
    assert ask(members_site.address, "/suivi", **cookies["kept"]).status == 200


def test_an_administrator_who_is_revoked_uploads_nothing_and_reads_no_metrics(
    members_site: Served, members: Members, direction: str
) -> None:
    address = f"admin-{direction}"
    members.give(address, Role.ADMINISTRATOR, "reseau")
    members.give(f"other-{address}", Role.ADMINISTRATOR, "reseau")
    token = members.token(address)
    cookie = f"{SECURE_COOKIE}={token}"

    def statuses() -> list[int]:
        paths = ("/metrics", "/_stcore/metrics", "/deposer", "/membres")
        found = [ask(members_site.address, path, Cookie=cookie).status for path in paths]
        with session(members_site.address, {"Cookie": cookie}) as reader:
            return [*found, upload(members_site.address, session_id(reader), cookie)]

    assert statuses() == [200, 200, 200, 200, 204]
    members.sign_out(address)
    time.sleep(FRESH_S)
    assert statuses() == [403, 403, 403, 403, 403]


# Accounts that cannot be read


def test_accounts_that_cannot_be_written_are_a_sentence_and_nothing_half_done(
    members_site: Served, members: Members, mailbox: Mailbox, direction: str
) -> None:
    token = mailed_token(members_site, mailbox, direction)
    path = Path(members.store.address) / "accounts.sqlite"
    with closing(sqlite3.connect(path)) as rival:
        rival.execute("begin immediate")
        start = time.monotonic()
        answers = [ask(members_site.address, "/healthz").status]
        assert time.monotonic() - start < 5, "who only reads does not wait"
        rival.rollback()
        rival.execute("alter table sessions rename to sessions_away")
        try:
            answer = use_link(members_site, token)
            assert answer.status == 503
            assert "Les comptes ne peuvent pas être lus" in answer.text
            assert ask(members_site.address, "/", Cookie=f"{SECURE_COOKIE}={'x' * 43}").status == 200
            assert ask(members_site.address, "/suivi", Cookie=f"{SECURE_COOKIE}={'x' * 43}").status == 404
        finally:
            rival.execute("alter table sessions_away rename to sessions")
    assert answers == [200]


# Sites without mails, and sites where nobody signs in


def test_a_site_without_a_mail_server_says_whom_to_ask_and_the_command_line_makes_a_link(
    site: Served, store: Store, pilotage: Run
) -> None:
    page = ask(site.address, "/connexion")
    assert "demandez un lien de connexion à la personne qui l’administre" in page.text
    assert "<form" not in page.text
    assert ask_link(site, "direction@atelier.example").status == 404
    given_role = ("--role", "director", "--perimeter", OWN, *store.options)
    assert pilotage("members", "add", "direction@atelier.example", *given_role).code == 0
    made = pilotage("members", "link", "direction@atelier.example", *store.options)
    answer = use_link(site, token_in(made.out))
    ((name, (value, attributes)),) = cookies_of(answer).items()
    assert name == f"pilotage_session_{urlsplit(site.address).port}"
    assert attributes == {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=43200"}
    assert ask(site.address, "/suivi", Cookie=f"{name}={value}").status == 200
    assert pilotage("members", "link", "personne@nulle-part.example", *store.options).code == 2


@pytest.mark.full
@pytest.mark.parametrize("settings", [{"PILOTAGE_URL": "http://pilotage.example"}, {"host": "127.0.0.2"}])
def test_nobody_signs_in_where_a_cookie_could_be_read_on_its_way(store: Store, settings: dict[str, str]) -> None:
    with running(store, **settings) as served:  # type: ignore[arg-type]
        for path in ("/connexion", "/connexion/lien", "/deconnexion"):
            assert ask(served.address, path).status == 404
        assert post(served, "/connexion", {"adresse": "a@x.example"}).status in (404, 405)
