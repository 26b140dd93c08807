"""Who administers a site: whoever holds the key of its start, and nobody else, on whatever way they come."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from websockets.sync.client import connect

from dashboards.access import PUBLIC_VISITOR, AppState
from dashboards.clock import Clock
from dashboards.commands.serve import DEMO_AUTHOR, demo_access
from dashboards.commands.serve import demo as demo_command
from dashboards.web.access_key import PublicAccess
from dashboards.web.site_address import SiteAddress
from indicators.errors import PilotageError
from indicators.intake.deposit import Accepted
from indicators.network import Network
from indicators.store.deposits import withdraw
from tests.builders import (
    AUTHOR,
    NOW,
    TODAY,
    Store,
    deposit,
    stored,
    structure,
    structures,
)
from tests.served import Served, ask, drawn, running
from tests.server.proxy import proxy

ADMINISTRATORS_ONLY = (
    ("GET", "/deposer", 404),
    ("GET", "/comparer", 404),
    ("GET", "/_stcore/metrics", 403),
    ("PUT", "/_stcore/upload_file/x/y", 403),
)
"""What a stranger asks for, and how they are answered."""
REFUSED = [status for _, _, status in ADMINISTRATORS_ONLY]
PROXIES = ("", "proxy_set_header Host $host;", "proxy_set_header Host $http_host;")
FORGED = ({}, {"Host": "127.0.0.1"}, {"Host": "localhost"}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Real-Ip": "::1"})


def strangers_get(address: str, **headers: str) -> list[int]:
    """Ask for what only the administrator may have."""
    return [ask(address, path, method, **headers).status for method, path, _ in ADMINISTRATORS_ONLY]


# Everybody else


@pytest.mark.parametrize("more", PROXIES)
def test_whoever_comes_through_a_proxy_that_adds_no_header_is_the_public(
    site: Served, tmp_path: Path, more: str
) -> None:
    with proxy(site.address, tmp_path, more) as address:
        for forged in FORGED:
            assert strangers_get(address, **forged) == REFUSED, forged


def test_the_person_at_the_keyboard_without_the_key_is_the_public(site: Served) -> None:
    for forged in FORGED:
        assert strangers_get(site.address, **forged) == REFUSED, forged


@pytest.mark.parametrize("more", PROXIES)
def test_a_session_through_a_proxy_has_no_file_to_send_and_no_management_figure(
    site: Served, tmp_path: Path, more: str
) -> None:
    with proxy(site.address, tmp_path, more) as address:
        stream = f"ws://{address.removeprefix('http://')}/_stcore/stream"
        for headers, administers in (({}, False), (site.cookie, True)):
            with connect(stream, additional_headers=headers) as reader:
                assert (b"Fichier" in drawn(reader, "deposer")) == administers
                managed = drawn(reader, "structure", "structure=atelier-ternoise&periode=2026-T3&vue=gestion")
                assert (b"Vue de gestion" in managed) == administers


@pytest.mark.parametrize("value", ["", "0" * 64, "\xe9", "{key}", "{cookie}x", "{cookie}"])
def test_a_cookie_that_is_not_the_one_given_for_the_key_opens_nothing(site: Served, value: str) -> None:
    name, _, given = site.cookie["Cookie"].partition("=")
    written = value.format(key=site.key, cookie=given)
    for named in (name, "pilotage", f"{name}0"):
        opened = ask(site.address, "/deposer", Cookie=f"{named}={written}").status == 200
        assert opened == (named == name and written == given)


# The key


def test_the_key_is_exchanged_for_a_cookie_and_is_gone_from_the_address(site: Served) -> None:
    answer = ask(site.address, f"/deposer?lang=en&cle={site.key}&periode=2026-T3")
    assert (answer.status, answer.headers["location"]) == (303, "/deposer?lang=en&periode=2026-T3")
    assert answer.headers["cache-control"] == "no-store"
    cookie, *attributes = answer.headers["set-cookie"].split("; ")
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=strict"], "nothing says for how long: as the process"
    assert site.key not in cookie
    assert len(cookie.partition("=")[2]) == 64
    assert strangers_get(site.address, Cookie=cookie)[:3] == [200, 200, 200]
    assert "XSRF" in ask(site.address, "/_stcore/upload_file/x/y", "PUT", Cookie=cookie).text


def test_a_key_leads_nowhere_but_to_pages_of_ours(site: Served) -> None:
    for path in ("//elsewhere.example/", "//elsewhere.example", "/%2f%2felsewhere.example", "/nowhere", "/\\elsewhere"):
        answer = ask(site.address, f"{path}?cle={site.key}")
        assert (answer.status, answer.headers["location"]) == (303, "/")


def test_each_start_has_a_key_of_its_own(site: Served, named_site: Served) -> None:
    assert site.key != named_site.key
    assert len(named_site.key or "") == 43
    assert strangers_get(named_site.address, **site.cookie) == REFUSED
    both = {"Cookie": f"{site.cookie['Cookie']}; {named_site.cookie['Cookie']}"}
    for served in (site, named_site):
        assert ask(served.address, "/deposer", **both).status == 200, "two sites of one machine"


def test_the_terminal_gives_the_address_that_opens_it(site: Served) -> None:
    assert re.search(r"http://localhost:\d+ ", site.lines[0])
    assert re.search(rf"http://localhost:\d+/\?cle={site.key}$", site.lines[1].strip())
    assert site.key not in site.lines[0]


def test_a_site_that_is_reached_by_https_gives_its_cookie_to_https_alone(named_site: Served) -> None:
    assert "https://pilotage.example/?cle=" in named_site.lines[1]
    assert "Secure" in ask(named_site.address, named_site.opening).headers["set-cookie"]
    assert "pilotage serve" not in ask(named_site.address, "/deposer").text, "its visitors have no terminal"


# The page that takes it


def test_a_page_asked_on_the_machine_itself_says_where_the_key_is_and_takes_it(site: Served) -> None:
    for path in ("/deposer", "/cle", "/nowhere"):
        answer = ask(site.address, path)
        assert "dans le terminal où pilotage serve a été lancé" in answer.text
        assert '<form class="key" method="post" action="/cle">' in answer.text
        assert "<script" not in answer.text
    english = ask(site.address, "/cle?lang=en").text
    assert "in the terminal where pilotage serve was started" in english
    assert 'action="/cle?lang=en"' in english
    answer = ask(site.address, "/cle?lang=en", "POST", f"cle=%20{site.key}%20")
    assert (answer.status, answer.headers["location"]) == (303, "/?lang=en")
    assert answer.headers["set-cookie"].startswith(site.cookie["Cookie"])


@pytest.mark.parametrize("body", ["", "cle=", "cle=faux", "x", "cle=%ff%00", f"cle={'x' * 5_000}", '{"cle": 1}'])
def test_a_wrong_key_is_told_so_kindly(site: Served, body: str) -> None:
    answer = ask(site.address, "/cle", "POST", body, X_Forwarded_For="192.0.2.1")
    assert answer.status == 403
    assert "Elle change à chaque démarrage" in answer.text
    assert "set-cookie" not in answer.headers


def test_who_tries_too_many_keys_waits_and_the_right_one_still_opens(site: Served, named_site: Served) -> None:
    # The key of another site is a wrong one. Nobody else tries any here.
    keys = [site.key, *(f"essai{number}" for number in range(14))]
    address = named_site.address
    # Whoever writes the header of a proxy is known by their address all the same.
    found = [ask(address, f"/?cle={key}", X_Forwarded_For=f"192.0.2.{n}").status for n, key in enumerate(keys)]
    assert found == [403] * 10 + [429] * 5
    assert "Réessayez dans une minute" in ask(address, "/?cle=essai").text
    assert ask(address, named_site.opening).status == 303
    assert ask(address, "/?cle=essai", **named_site.cookie).status == 303, "an old address, opened again"


# The demonstration


@pytest.fixture(scope="module")
def demo_copy(demo: Network, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The store of the demonstration, all of it deposited already."""
    copy = tmp_path_factory.mktemp("demonstration") / "store"
    shutil.copytree(demo.lake.name, copy)
    return Store(str(copy))


def test_the_demonstration_is_administered_at_its_machine_without_a_key_until_it_holds_something_real(
    demo_copy: Store,
) -> None:
    with running(demo_copy, command="demo") as served:
        assert served.key is None
        assert "tout y est inventé" in served.lines[1]
        assert ask(served.address, "/deposer").status == 200
        with demo_copy.open() as network:
            real = stored(network, structures(structure("reel").replace(" (fictif)", "")))
        assert strangers_get(served.address) == REFUSED
        with demo_copy.open() as network:
            withdraw(network.lake, real.deposit, "essai", AUTHOR, NOW)
    with pytest.raises(PilotageError, match=r"holds a network of its own \(Reel\)"):
        demo_command(store=demo_copy.address, host="127.0.0.1", port=0)


@pytest.mark.parametrize(
    "where", [{"host": "127.0.0.2"}, {"host": "0.0.0.0"}, {"PILOTAGE_URL": "https://demo.example"}]
)
def test_a_demonstration_for_others_is_administered_by_nobody(demo: Network, where: dict[str, str]) -> None:
    url, host = where.get("PILOTAGE_URL"), where.get("host", "127.0.0.1")
    access = demo_access(SiteAddress.from_binding(host, 8501, url))
    assert AppState(demo, Clock(TODAY), access).visitor({}, {}) == PUBLIC_VISITOR
    assert access == PublicAccess()


@pytest.mark.parametrize("name", ["Atelier vrai", "Atelier de fiction", "Atelier fictif"])
def test_a_store_that_holds_any_other_network_is_no_demonstration(store: Store, tmp_path: Path, name: str) -> None:
    with pytest.raises(PilotageError, match="holds a network of its own"):
        demo_command(store=store.address, host="127.0.0.1", port=0)
    other = Store(str(tmp_path / "other"))
    with other.open() as network:
        accepted = deposit(network, structures(structure("x").replace("X (fictif)", name)), author=DEMO_AUTHOR)
        assert isinstance(accepted, Accepted), "under the name of the demonstration's own author"
    with pytest.raises(PilotageError, match=name):
        demo_command(store=other.address, host="127.0.0.1", port=0)
