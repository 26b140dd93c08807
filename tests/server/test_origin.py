"""What is answered: requests for the site's own address, from its own pages. Nothing here ever calls out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError
from starlette.datastructures import Headers
from streamlit import config, net_util
from streamlit.web.server.server_util import is_url_from_allowed_origins

from dashboards.settings import Settings
from dashboards.web.origin import names_our_site, pin_streamlit_hosts
from dashboards.web.site_address import SiteAddress
from tests.builders import Store
from tests.served import Served, ask
from tests.server.proxy import proxy
from tests.server.without_network import handshake

ROOT = Path(__file__).parent.parent.parent
LOCAL = SiteAddress.from_binding("127.0.0.1", 8501)
PUBLIC = SiteAddress.from_binding("127.0.0.1", 8501, "https://pilotage.example")
NEAR = SiteAddress.from_binding("192.0.2.7", 8501)
OPEN = SiteAddress.from_binding("0.0.0.0", 80)


@pytest.mark.parametrize(
    ("site", "host", "origin", "ours"),
    [
        (LOCAL, "localhost:8501", None, True),
        (LOCAL, "LOCALHOST:8501", "http://localhost:8501", True),
        (LOCAL, "127.0.0.1:8501", "http://127.0.0.1:8501", True),
        (LOCAL, "[::1]:8501", "http://[::1]:8501", True),
        # A proxy may leave the port out; a page on another port is another's.
        (LOCAL, "127.0.0.1", None, True),
        (LOCAL, "localhost:8501", "http://localhost:3333", False),
        (LOCAL, "localhost:8501", "https://localhost:8501", False),
        (LOCAL, "localhost:8501", "http://localhost", False),
        (LOCAL, "localhost:8501", "null", False),
        (LOCAL, "localhost:8501", "", False),
        (LOCAL, "elsewhere.example", None, False),
        (LOCAL, "elsewhere.example:8501", "http://elsewhere.example:8501", False),
        (LOCAL, "localhost.elsewhere.example", None, False),
        (LOCAL, "elsewhere.example@localhost", None, False),
        (LOCAL, "localhost:port", None, False),
        (LOCAL, "localhost/..", None, False),
        (LOCAL, "", None, False),
        (PUBLIC, "pilotage.example", "https://pilotage.example", True),
        (PUBLIC, "pilotage.example.", None, True),
        (PUBLIC, "127.0.0.1:8501", "https://pilotage.example", True),
        (PUBLIC, "pilotage.example", "http://pilotage.example", False),
        (PUBLIC, "pilotage.example", "https://pilotage.example:8443", False),
        (PUBLIC, "pilotage.example", "https://elsewhere.example", False),
        (NEAR, "192.0.2.7:8501", "http://192.0.2.7:8501", True),
        (NEAR, "localhost:8501", None, False),
        (OPEN, "localhost", "http://localhost", True),
        (OPEN, "0.0.0.0", None, False),
        (OPEN, "name.of.the.machine", None, False),
    ],
)
def test_a_request_is_ours_by_its_host_and_by_the_page_that_sent_it(
    site: SiteAddress, host: str, origin: str | None, ours: bool
) -> None:
    sent = {"host": host} | ({} if origin is None else {"origin": origin})
    assert names_our_site(Headers(sent), site) == ours


def test_a_host_or_an_origin_that_is_sent_twice_or_not_at_all_is_nobodys() -> None:
    good = [(b"host", b"localhost:8501"), (b"origin", b"http://localhost:8501")]
    assert names_our_site(Headers(raw=good), LOCAL)
    for wrong in (good[1:], [*good, (b"host", b"elsewhere")], [*good, (b"origin", b"http://elsewhere")]):
        assert not names_our_site(Headers(raw=wrong), LOCAL)


@pytest.mark.parametrize(
    "url", ["pilotage.example", "ftp://x", "https://", "https://x/y", "https://x?y", "https://x:p"]
)
def test_the_address_of_a_site_is_a_scheme_and_a_host(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(url=url)


@pytest.mark.parametrize(
    ("url", "known"), [("https://X.example:443/", "https://x.example"), ("http://x:80", "http://x")]
)
def test_the_address_of_a_site_is_written_as_browsers_write_it(url: str, known: str) -> None:
    assert Settings(url=url).url == known


@pytest.mark.parametrize("proxies", ["*", "0.0.0.0/0", "::/0", "proxy", "10.0.0.0/8, nginx"])
def test_whom_to_believe_is_never_everybody(proxies: str) -> None:
    with pytest.raises(ValidationError):
        Settings(trusted_proxies=proxies)


# A running site


@pytest.mark.parametrize(
    "path", ["/", "/structure", "/cle", "/_stcore/health", "/_stcore/host-config", "/media/x", "/x"]
)
def test_another_host_or_origin_is_refused_before_anything_is_looked_at(site: Served, path: str) -> None:
    for wrong in ({"Host": "elsewhere.example"}, {"Origin": "http://localhost:3333"}, {"Origin": "null"}):
        answer = ask(site.address, path, **wrong, **site.cookie)
        assert (answer.status, answer.headers["content-type"]) == (403, "text/plain; charset=utf-8"), wrong
        assert "PILOTAGE_URL" in answer.text
    assert (
        ask(site.address, "/_stcore/upload_file/x/y", "PUT", Origin="http://localhost:3333", **site.cookie).status
        == 403
    )


def test_open_data_are_for_the_pages_of_everybody_but_by_our_own_name(site: Served) -> None:
    for path in ("/api/structures.json", "/api/nothing", "/healthz"):
        answer = ask(site.address, path, Origin="https://elsewhere.example")
        assert answer.status in (200, 404)
        assert ask(site.address, path, Host="elsewhere.example").status == 403
    assert ask(site.address, "/api/structures.json").headers["access-control-allow-origin"] == "*"


def test_a_page_of_another_port_or_host_opens_no_session(site: Served) -> None:
    for origin in ("http://localhost:3333", "http://127.0.0.1:3333", "https://elsewhere.example", "null"):
        assert handshake(site.address, origin) == 403
    for own in (site.address, site.address.replace("127.0.0.1", "localhost")):
        assert handshake(site.address, own) == 101


def test_a_site_behind_a_proxy_is_known_by_its_address_whatever_host_the_proxy_sends(
    named_site: Served, tmp_path: Path
) -> None:
    for folder, more, sent in (("a", "", "any.example"), ("b", "proxy_set_header Host $host;", "pilotage.example")):
        (tmp_path / folder).mkdir()
        with proxy(named_site.address, tmp_path / folder, more) as address:
            assert ask(address, "/", Host=sent).status == 200
            assert handshake(address, "https://pilotage.example", Host=sent) == 101
            assert handshake(address, "https://pilotage.example:8443", Host=sent) == 403


# Nothing calls out


def test_streamlit_asks_nobody_for_an_address_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def call_out(*_: object, **__: object) -> None:
        raise AssertionError("calls out")

    monkeypatch.setattr("requests.get", call_out)
    monkeypatch.setattr("socket.socket.connect", call_out)
    for name in ("get_external_ip", "get_internal_ip"):
        monkeypatch.setattr(net_util, name, getattr(net_util, name))
    allowed = config.get_option("server.allowedHosts")
    pin_streamlit_hosts(PUBLIC)
    try:
        assert config.get_option("server.allowedHosts") == ["127.0.0.1", "::1", "localhost", "pilotage.example"]
        assert not is_url_from_allowed_origins("http://elsewhere.example")
    finally:
        config.set_option("server.allowedHosts", allowed)


def test_without_a_network_a_foreign_page_is_refused_at_once_and_no_name_is_asked_for(store: Store) -> None:
    apart = ["unshare", "--map-root-user", "--net", "--mount"]
    allowed = subprocess.run([*apart, "true"], capture_output=True, check=False).returncode == 0
    visit = [sys.executable, "-m", "tests.server.without_network"]
    done = subprocess.run(
        [*apart, *visit, "namespace"] if allowed else visit,
        cwd=ROOT, env=store.environment, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["foreign"], found["own"]) == (403, 101)
    assert found["seconds"] < 1
    assert found["pages"] == [200] * 4
    assert found["drawn"] == [True, True]
    assert found["questions"] == []
