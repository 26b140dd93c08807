"""Every role on every perimeter, signed in by a real session: each page, route, inner address and message of a page.

What each may is looked up in the table of rights; what lies in a perimeter is written down by hand.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection

from dashboards.app_pages.registry import PAGES
from dashboards.clock import Clock
from dashboards.web.api import ROUTES
from dashboards.web.asgi import RESTRICTED_PREFIXES
from indicators.accounts.events import EventKind, list_events
from indicators.accounts.members import addresses
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.roles import RIGHTS, Right, Role
from tests.conftest import sample
from tests.served import Served, ask, drawn, elements, messages, session
from tests.server.members import FRESH_S, SECURE_COOKIE, Members, session_id
from tests.server.test_workers import upload

PERIOD: Final = "2026-T3"
WITHIN: Final = {
    "atelier-ternoise": {"atelier-ternoise"},
    "groupe:groupe-ternoise-fictif": {"atelier-ternoise", "regie-ternoise"},
    "type:EI": {"regie-ternoise", "regie-ternoise-nord"},
    "region:normandie": {"atelier-ternoise", "regie-ternoise", "regie-ternoise-nord"},
    "reseau": {"atelier-ternoise", "regie-ternoise", "regie-ternoise-nord"},
}
"""Structures with figures that lie in each perimeter."""
STRUCTURES: Final = sorted(WITHIN["reseau"])
HELD: Final = [
    (role, perimeter)
    for role in Role
    for perimeter in WITHIN
    if role is not Role.ADMINISTRATOR or perimeter == NETWORK.code
]
SOME: Final = [*sample(HELD[:-1], 4), HELD[-1]]
"""One role in four in each run, and the administrator."""
OUTSIDERS: Final = ("stranger", "made up", "ended", "without a role")
MARKS: Final = {
    "comparer": "Il n’y a pas de classement",
    "suivi": "Dernier dépôt",
    "bureau": "Ce qui vous attend, au",
    "collectes": "Quand chaque trimestre est collecté",
    "journal": "Rien ne s’y efface",
    "deposer": "Fichiers à déposer",
    "membres": "Donner un rôle",
    "actions": "et ce que cela a donné",
    "plan": "par axe et par engagement",
    "participation": "ce qui a été demandé et ce qui en a été fait",
    "instances": "Ce qui était prévu, ce qui s’est tenu",
    "revue": "à poser sur la table",
}
"""Words that stand on each page that takes a right, and on no other."""
CRAFTED: Final = sample(
    [
        "",
        "?personne=administration",
        "?personne=&vue=gestion",
        "?role=administrator&audience=management",
        "?lang=en&structure=regie-ternoise-nord&vue=gestion",
    ],
    3,
)


def name_of(role: Role, perimeter: str) -> str:
    return f"{role.value}.{perimeter.replace(':', '.')}@roles.example"


@pytest.fixture(scope="module")
def cookies(members: Members) -> Mapping[tuple[Role, str], dict[str, str]]:
    """The header of each role's session."""
    found = {}
    for role, perimeter in SOME:
        members.give(name_of(role, perimeter), role, perimeter)
        found[role, perimeter] = {"Cookie": f"{SECURE_COOKIE}={members.token(name_of(role, perimeter))}"}
    return found


@pytest.fixture(scope="module")
def outsiders(members: Members) -> Mapping[str, dict[str, str]]:
    """The headers of those who have no role: nobody, and three with a cookie."""
    for name in ("ended", "without"):
        members.give(f"{name}@outside.example", Role.DIRECTOR, "atelier-ternoise")
    tokens = {"made up": "x" * 43, "ended": members.token("ended@outside.example"),
              "without a role": members.token("without@outside.example")}  # fmt: skip
    members.sign_out("ended@outside.example")
    members.take("without@outside.example", Role.DIRECTOR, "atelier-ternoise")
    return {"stranger": {}, **{name: {"Cookie": f"{SECURE_COOKIE}={token}"} for name, token in tokens.items()}}


def has(role: Role, right: Right | None) -> bool:
    return right is None or right in RIGHTS[role]


def page_text(served: Served, cookie: Mapping[str, str], path: str, query: str) -> str:
    with session(served.address, cookie) as reader:
        return drawn(reader, path, query).decode(errors="replace").replace("\xa0", " ")


def test_the_roles_and_the_outsiders_are_all_there_are() -> None:
    assert {role for role, _ in HELD} == set(Role)
    assert {page.path for page in PAGES if page.right} == set(MARKS)
    assert {role for role, _ in SOME} == set(Role), "each role is looked at in each run"


# Pages, by their addresses


@pytest.mark.parametrize(("role", "perimeter"), SOME)
def test_a_page_is_there_for_whom_the_table_names_whatever_the_address_says(
    members_site: Served, cookies: Mapping[tuple[Role, str], dict[str, str]], role: Role, perimeter: str
) -> None:
    for page in PAGES:
        for query in CRAFTED:
            status = ask(members_site.address, f"/{page.path}{query}", **cookies[role, perimeter]).status
            # Whoever manages members looks through the eyes of whom an address names: here, of nobody.
            through_nobody = role is Role.ADMINISTRATOR and "personne=administration" in query
            sees = has(role, page.right) and not (through_nobody and page.right)
            assert status == (200 if sees else 403), (page.path, query)
    for path in ("/nulle-part", "/Membres", "/membres%00", "/membres/x", "/admin"):
        assert ask(members_site.address, path, **cookies[role, perimeter]).status == 404


@pytest.mark.parametrize("who", OUTSIDERS)
def test_for_outsiders_a_page_that_takes_a_right_is_not_there_or_is_not_theirs(
    members_site: Served, outsiders: Mapping[str, dict[str, str]], who: str
) -> None:
    refused = {"stranger": 404, "made up": 404, "ended": 403, "without a role": 403}[who]
    for page in PAGES:
        for query in CRAFTED:
            status = ask(members_site.address, f"/{page.path}{query}", **outsiders[who]).status
            assert status == (200 if page.right is None else refused), (page.path, query)


def test_what_is_refused_is_said_in_a_sentence_and_names_no_figure(
    members_site: Served, outsiders: Mapping[str, dict[str, str]]
) -> None:
    sentences = {"ended": "Votre session est terminée", "without a role": "Cette page n’est pas pour vous"}
    for who, sentence in sentences.items():
        answer = ask(members_site.address, "/deposer", **outsiders[who])
        assert sentence in answer.text.replace("\xa0", " ")
        assert "Ternoise" not in answer.text
        assert answer.headers["cache-control"] == "no-store"


def test_an_administrator_who_looks_through_the_eyes_of_nobody_leaves_no_address_in_the_journal(
    members_site: Served, members: Members, cookies: Mapping[tuple[Role, str], dict[str, str]]
) -> None:
    cookie = cookies[Role.ADMINISTRATOR, NETWORK.code]
    for person in ("direction@atelier.example", "%00", "m-0000000000", "é" * 500):
        assert ask(members_site.address, f"/membres?{urlencode({'personne': person})}", **cookie).status == 403
        assert ask(members_site.address, f"/?{urlencode({'personne': person})}", **cookie).status == 200
    with members.open() as accounts:
        events = list_events(accounts, Clock.now() + timedelta(days=1), 200, [EventKind.LOOKED_THROUGH])
    assert list(events) == []


# Routes and inner addresses


@pytest.mark.parametrize(("role", "perimeter"), SOME)
def test_open_data_are_the_publics_for_everybody(
    members_site: Served, cookies: Mapping[tuple[Role, str], dict[str, str]], role: Role, perimeter: str
) -> None:
    paths = [
        "/healthz",
        "/api/catalogue.json",
        "/api/structures.json",
        f"/api/board/atelier-ternoise.json?periode={PERIOD}",
        f"/api/board/regie-ternoise.json?periode={PERIOD}&vue=gestion",
        "/api/series/atelier-ternoise/absenteeism_rate.csv",
        "/api/series/atelier-ternoise/action_on_time_rate.json",
        "/api/network/action_on_time_rate.json",
    ]
    assert len(ROUTES) >= 5, "a new route is looked at here as well"
    for path in paths:
        public, theirs = ask(members_site.address, path), ask(members_site.address, path, **cookies[role, perimeter])
        assert (theirs.status, theirs.text) == (public.status, public.text), path
        assert theirs.headers.get("etag") == public.headers.get("etag")
        assert "set-cookie" not in theirs.headers


def inner_statuses(served: Served, cookie: Mapping[str, str]) -> dict[str, int]:
    """Return what each inner address answers, and the metrics."""
    found = {path: ask(served.address, f"{path}/a/b", "PUT", **cookie).status for path in RESTRICTED_PREFIXES}
    return {**found, "/metrics": ask(served.address, "/metrics", **cookie).status}


@pytest.mark.parametrize(("role", "perimeter"), SOME)
def test_inner_addresses_take_the_right_that_they_name(
    members_site: Served, cookies: Mapping[tuple[Role, str], dict[str, str]], role: Role, perimeter: str
) -> None:
    cookie = cookies[role, perimeter]
    found = inner_statuses(members_site, cookie)
    for prefix, right in RESTRICTED_PREFIXES.items():
        if not has(role, right):
            assert found[prefix] == 403, prefix
    assert (found["/metrics"] == 200) is has(role, Right.OPERATE)
    with session(members_site.address, cookie) as reader:
        sent = upload(members_site.address, session_id(reader), cookie["Cookie"])
    assert sent == (204 if has(role, Right.DEPOSIT) else 403)


@pytest.mark.parametrize("who", OUTSIDERS)
def test_inner_addresses_are_not_for_outsiders(
    members_site: Served, outsiders: Mapping[str, dict[str, str]], who: str
) -> None:
    assert set(inner_statuses(members_site, outsiders[who]).values()) <= {403, 404}
    with session(members_site.address, outsiders[who]) as reader:
        assert upload(members_site.address, session_id(reader), outsiders[who].get("Cookie", "")) == 403


# Messages of an open page


@pytest.mark.parametrize(("role", "perimeter"), SOME)
def test_management_figures_are_of_the_own_perimeter_whatever_a_page_sends(
    members_site: Served, cookies: Mapping[tuple[Role, str], dict[str, str]], role: Role, perimeter: str
) -> None:
    with session(members_site.address, cookies[role, perimeter]) as reader:
        for structure in STRUCTURES:
            query = f"structure={structure}&vue=gestion&periode={PERIOD}"
            query += "&personne=administration" * (role is not Role.ADMINISTRATOR)
            sees = has(role, Right.SEE_MANAGEMENT) and structure in WITHIN[perimeter]
            board = drawn(reader, "structure", query).decode(errors="replace")
            sheet = drawn(reader, "indicateur", f"{query}&indicateur=action_on_time_rate").decode(errors="replace")
            assert ("Vue de gestion" in board) is sees, structure
            assert ("Actions dans les délais" in board) is sees, structure
            assert ("Vue de gestion" in sheet) is sees, structure
        query = f"indicateur=action_on_time_rate&perimetre=reseau&vue=gestion&periode={PERIOD}"
        sheet = drawn(reader, "indicateur", query).decode(errors="replace")
        sees = has(role, Right.SEE_MANAGEMENT) and perimeter == NETWORK.code
        assert ("Vue de gestion" in sheet) is sees


@pytest.mark.parametrize(("role", "perimeter"), SOME)
def test_a_page_that_is_asked_for_over_an_open_session_is_drawn_for_whom_the_table_names(
    members_site: Served, cookies: Mapping[tuple[Role, str], dict[str, str]], role: Role, perimeter: str
) -> None:
    with session(members_site.address, cookies[role, perimeter]) as reader:
        for page in PAGES:
            if page.right is not None:
                text = drawn(reader, page.path, f"periode={PERIOD}").decode(errors="replace").replace("\xa0", " ")
                assert (MARKS[page.path] in text) is has(role, page.right), page.path
                assert ("Cette page n’est pas pour vous" in text) is not has(role, page.right), page.path


@pytest.mark.parametrize("who", OUTSIDERS)
def test_outsiders_are_drawn_no_page_that_takes_a_right_and_no_management_figure(
    members_site: Served, outsiders: Mapping[str, dict[str, str]], who: str
) -> None:
    with session(members_site.address, outsiders[who]) as reader:
        for page in PAGES:
            query = f"structure=atelier-ternoise&indicateur=action_on_time_rate&vue=gestion&periode={PERIOD}"
            text = (
                drawn(reader, page.path, f"{query}&personne=administration")
                .decode(errors="replace")
                .replace("\xa0", " ")
            )
            assert "Vue de gestion" not in text, page.path
            if page.right is not None:
                assert MARKS[page.path] not in text, page.path


@pytest.mark.parametrize(("role", "perimeter"), [held for held in SOME if has(held[0], Right.SEE_DELIVERIES)])
def test_whoever_follows_a_collection_sees_and_takes_away_their_own_structures_and_no_other(
    members_site: Served, cookies: Mapping[tuple[Role, str], dict[str, str]], role: Role, perimeter: str
) -> None:
    with session(members_site.address, cookies[role, perimeter]) as reader:
        for chosen in ("", "reseau", "regie-ternoise-nord", "region:normandie"):
            received = messages(reader, "suivi", f"periode={PERIOD}&perimetre={chosen}")
            for offered in deferred_files(received):
                listed = taken(members_site, reader, opened_as(received), offered, cookies[role, perimeter])
                assert {code for code in STRUCTURES if f"{code};" in listed} <= WITHIN[perimeter], chosen


def deferred_files(received: list[ForwardMsg]) -> list[str]:
    """Return the names of the text files that a page offers to make at a click."""
    buttons = [each.download_button for each in elements(received) if each.WhichOneof("type") == "download_button"]
    return [each.deferred_file_id for each in buttons if each.deferred_file_id][:1]


def opened_as(received: list[ForwardMsg]) -> str:
    """Return the name of the session in which a page was drawn."""
    begun = next(each for each in received if each.WhichOneof("type") == "new_session")
    return begun.new_session.initialize.session_id


def ask_for_file(reader: ClientConnection, name: str, file_id: str) -> ForwardMsg:
    """Click on a download in the session of a name, and return the answer."""
    request = BackMsg()
    request.backend_operation_request.request_id = "1"
    request.backend_operation_request.session_id = name
    request.backend_operation_request.deferred_file.file_id = file_id
    reader.send(request.SerializeToString())
    return next_answer(reader)


def next_answer(reader: ClientConnection) -> ForwardMsg:
    for _ in range(100):
        message = ForwardMsg()
        message.ParseFromString(bytes(reader.recv(timeout=30)))
        if message.WhichOneof("type") == "backend_operation_response":
            return message
    raise AssertionError("no answer")


def taken(served: Served, reader: ClientConnection, name: str, file_id: str, cookie: Mapping[str, str]) -> str:
    answer = ask_for_file(reader, name, file_id).backend_operation_response
    assert answer.deferred_file.url, answer.error_msg
    return ask(served.address, answer.deferred_file.url, **cookie).text


@contextmanager
def page_of(served: Served, members: Members, role: Role, perimeter: str) -> Iterator[tuple[ClientConnection, str]]:
    """Open a session of somebody who has a role for this test only; yield it with the address."""
    address = f"{role.value}-{time.monotonic_ns()}@passing.example"
    members.give(address, role, perimeter)
    with session(served.address, {"Cookie": f"{SECURE_COOKIE}={members.token(address)}"}) as reader:
        yield reader, address


@pytest.mark.parametrize("how", ["role", "session"])
def test_a_file_that_an_open_page_offers_is_made_for_nobody_once_its_reader_lost_it(
    members_site: Served, members: Members, how: str
) -> None:
    with page_of(members_site, members, Role.DELEGATE, "region:normandie") as (reader, address):
        received = messages(reader, "suivi", f"periode={PERIOD}")
        (offered,), name = deferred_files(received), opened_as(received)
        assert ask_for_file(reader, name, offered).backend_operation_response.deferred_file.url
        if how == "role":
            members.take(address, Role.DELEGATE, "region:normandie")
        else:
            members.sign_out(address)
        time.sleep(FRESH_S)
        refused = ask_for_file(reader, name, offered).backend_operation_response
        assert (refused.deferred_file.url, bool(refused.error_msg)) == ("", True)


def test_a_click_on_a_button_of_another_desk_does_nothing(members_site: Served, members: Members) -> None:
    """A director sends, in a message of an own page, the click by which an administrator erases a person."""
    victim = members.give("victim@outside.example", Role.DIRECTOR, "atelier-ternoise")
    with page_of(members_site, members, Role.ADMINISTRATOR, "reseau") as (reader, _):
        drawn(reader, "membres")
        received = messages(reader, "membres")
        boxes = [each.selectbox for each in elements(received) if each.WhichOneof("type") == "selectbox"]
        person = next(box for box in boxes if "victim@outside.example" in box.options)
        click = BackMsg()
        click.rerun_script.page_name = "membres"
        state = click.rerun_script.widget_states.widgets.add()
        state.id, state.string_value = person.id, "victim@outside.example"
        reader.send(click.SerializeToString())
        buttons = [each.button for each in elements(until_drawn(reader)) if each.WhichOneof("type") == "button"]
        erase = next(each for each in buttons if each.label == "Oui, effacer pour de bon")
    trigger = click.rerun_script.widget_states.widgets.add()
    trigger.id, trigger.trigger_value = erase.id, True
    for role, perimeter in ((Role.DIRECTOR, "atelier-ternoise"), (Role.DELEGATE, "reseau")):
        with page_of(members_site, members, role, perimeter) as (reader, _):
            drawn(reader, "")
            reader.send(click.SerializeToString())
            until_drawn(reader)
    with session(members_site.address) as reader:
        drawn(reader, "")
        reader.send(click.SerializeToString())
        until_drawn(reader)
    with members.open() as accounts:
        assert victim in addresses(accounts)
    with page_of(members_site, members, Role.ADMINISTRATOR, "reseau") as (reader, _):
        drawn(reader, "membres")
        del click.rerun_script.widget_states.widgets[1:]
        reader.send(click.SerializeToString())
        until_drawn(reader)
        click.rerun_script.widget_states.widgets.append(trigger)
        reader.send(click.SerializeToString())
        until_drawn(reader)
    with members.open() as accounts:
        assert victim not in addresses(accounts), "it is the click that an administrator's page takes"


def until_drawn(reader: ClientConnection) -> list[ForwardMsg]:
    received = []
    for _ in range(10_000):
        message = ForwardMsg()
        message.ParseFromString(bytes(reader.recv(timeout=60)))
        received.append(message)
        if message.WhichOneof("type") == "script_finished":
            return received
    raise AssertionError("never drawn")


def test_messages_that_no_page_of_ours_sends_change_nothing(members_site: Served) -> None:
    with session(members_site.address) as reader:
        own = opened_as(messages(reader, ""))
        for name in ("clear_cache", "load_git_info", "stop_script", "debug_shutdown_runtime"):
            message = BackMsg(**{name: True})
            reader.send(message.SerializeToString())
        request = BackMsg()
        request.backend_operation_request.request_id = "2"
        request.backend_operation_request.session_id = own
        request.backend_operation_request.install_skills.SetInParent()
        reader.send(request.SerializeToString())
        assert next_answer(reader).backend_operation_response.error_reason == "refused:headless"
        assert ask_for_file(reader, own, "0" * 32).backend_operation_response.error_msg
        fragment = BackMsg()
        fragment.rerun_script.page_name, fragment.rerun_script.fragment_id = "comparer", "made up"
        reader.send(fragment.SerializeToString())
        assert MARKS["comparer"] not in drawn(reader, "").decode(errors="replace").replace("\xa0", " ")
    assert ask(members_site.address, "/healthz").status == 200
