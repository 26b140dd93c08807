"""The first answer of a page, as a crawler or the preview of a link reads it: no script is run."""

from __future__ import annotations

import asyncio
import gzip
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from dashboards.access import LOCAL_ADMINISTRATOR, AppState, set_app_state
from dashboards.app_pages.registry import PAGES
from dashboards.clock import Clock
from dashboards.web.access_key import DemoAccess
from dashboards.web.asgi import AccessMiddleware
from dashboards.web.own_files import own_files
from dashboards.web.page_head import streamlit_tags
from dashboards.web.site_address import SiteAddress
from dashboards.web.static_gzip import STREAMLIT_FILES
from dashboards.wording.translations import LANGUAGES
from indicators.network import Network
from tests.builders import TODAY, stored, structures

ACCEPTS = ("*/*", "text/html,application/xhtml+xml", "application/json", "")
"""Of crawlers and `curl`, of browsers, of programs, of nobody in particular."""


async def streamlit(_: Scope, __: Receive, send: Send) -> None:
    """Stands behind the door: whatever gets here was not answered before it."""
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def ask(path: str, method: str = "GET", host: str = "localhost", **headers: str) -> httpx.Response:
    async def request() -> httpx.Response:
        transport = httpx.ASGITransport(AccessMiddleware(streamlit), raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            client.headers.clear()
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, path, headers={"host": host, **sent})

    # In a thread of its own: a browser driven by the same process has a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(request())).result()


@pytest.fixture(autouse=True)
def opened(demo: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(demo, Clock(TODAY), DemoAccess({"": LOCAL_ADMINISTRATOR.grants})))


def title(html: str) -> str:
    found = re.search("<title>(.*?)</title>", html)
    assert found
    return unescape(found[1])


def meta(html: str, name: str) -> str:
    found = re.search(f'<meta (?:name|property)="{name}" content="(.*?)">', html)
    assert found, name
    return unescape(found[1])


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("address", [page.path for page in PAGES])
def test_every_page_says_what_it_is_whatever_the_asker_accepts(address: str, accept: str) -> None:
    for language in LANGUAGES:
        answer = ask(f"/{address}?lang={language}", **({"accept": accept} if accept else {}))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        html = answer.text
        assert f'<html lang="{language}">' in html
        assert title(html).endswith(" · Pilotage")
        assert len(meta(html, "description")) > 40
        assert meta(html, "og:title") == title(html)
        assert meta(html, "og:description") == meta(html, "description")
        assert meta(html, "og:locale") == {"fr": "fr_FR", "en": "en_GB"}[language]
        assert meta(html, "og:image") == "http://localhost:8501/icon.png"
        assert "You need to enable JavaScript" not in html
        assert "Streamlit<" not in html


def test_each_page_has_a_title_and_a_description_of_its_own_in_each_language() -> None:
    heads = [
        (title(html), meta(html, "description"))
        for page in PAGES
        for language in LANGUAGES
        for html in [ask(f"/{page.path}?lang={language}").text]
    ]
    assert len(set(heads)) == len(heads)


def test_the_board_of_a_structure_is_named_with_its_period() -> None:
    html = ask("/structure?structure=atelier-du-canal&periode=2026-T3").text
    assert title(html) == "Atelier du Canal (fictif) – T3 2026 · Pilotage"
    assert "Atelier du Canal (fictif)" in meta(html, "description")
    assert "inventés" in meta(html, "description"), "a fictitious network says so in the preview too"
    assert title(ask("/structure?structure=atelier-du-canal").text) == "Atelier du Canal (fictif) · Pilotage"
    english = ask("/structure?structure=atelier-du-canal&periode=2026-T3&lang=en").text
    assert title(english) == "Atelier du Canal (fictif) – Q3 2026 · Pilotage"


def test_a_sheet_is_named_with_the_question_it_answers() -> None:
    html = ask("/indicateur?indicateur=dynamic_exit_rate&structure=atelier-du-canal").text
    assert title(html) == "Taux de sorties dynamiques – Atelier du Canal (fictif) · Pilotage"
    assert meta(html, "description").startswith("Parmi les personnes qui nous quittent")


@pytest.mark.parametrize(
    "query",
    ["structure=nulle-part", "structure=atelier-du-canal&periode=jamais", "structure=", "structure=%3Cscript%3E"],
)
def test_what_does_not_exist_gives_the_title_of_the_page(query: str) -> None:
    html = ask(f"/structure?{query}").text
    assert title(html) == "Structures · Pilotage"
    assert "<script>" not in html.replace("<script src", "")


def test_no_figure_stands_in_a_head(demo: Network) -> None:
    for address in ("structure?structure=atelier-du-canal", "indicateur?indicateur=absenteeism_rate"):
        html = ask(f"/{address}").text
        assert not re.search(r"\d[,.]\d|\d\s?%", title(html) + meta(html, "description"))


def test_a_name_is_escaped_in_the_head(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)
    stored(network, structures('quote;"L’atelier ""<b>"" & fils (fictif)";ACI;;normandie;;FR;;;;'))
    set_app_state(AppState(network, clock=Clock(TODAY)))
    html = ask("/structure?structure=quote").text
    assert title(html) == 'L’atelier "<b>" & fils (fictif) · Pilotage'
    assert "<b>" not in html


def test_a_store_that_does_not_answer_leaves_the_title_of_the_page(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(network, clock=Clock(TODAY)))
    network.lake.write(lambda cursor: cursor.rows("drop table lake.structures"))
    answer = ask("/structure?structure=atelier-du-canal")
    assert (answer.status_code, title(answer.text)) == (200, "Structures · Pilotage")


@pytest.mark.parametrize("accept", ACCEPTS)
def test_an_address_without_a_page_is_a_404_in_the_readers_language_whatever_is_accepted(accept: str) -> None:
    headers = {"accept": accept} if accept else {}
    for path in ("/nulle-part", "/nulle-part/", "/index.html", "/manifest.json"):
        answer = ask(path, **headers)
        assert answer.status_code == 404
        assert "Page inconnue" in answer.text
    assert '<html lang="en">' in ask("/nulle-part?lang=en", **headers).text


def test_the_pages_of_members_have_no_head_for_the_public(demo: Network) -> None:
    paths = ("/comparer", "/deposer")
    assert {ask(path, accept="*/*").status_code for path in paths} == {200}
    set_app_state(AppState(demo, Clock(TODAY)))
    assert {ask(path, accept="*/*").status_code for path in paths} == {404}


def test_a_preview_names_the_site_as_its_visitors_know_it_whatever_host_was_asked_for(demo: Network) -> None:
    site = SiteAddress.from_binding("127.0.0.1", 8501, "https://pilotage.example")
    set_app_state(AppState(demo, Clock(TODAY), site=site))
    assert meta(ask("/", host="elsewhere.example").text, "og:image") == "https://pilotage.example/icon.png"


def test_the_head_names_our_style_and_script_before_those_of_streamlit_and_none_is_written_in_it() -> None:
    html = ask("/").text
    head = html.split("</head>")[0]
    names = [name for name in own_files() if name in head]
    assert {name.rpartition(".")[2] for name in names} == {"css", "js", "svg", "png"}
    assert head.index(".css") < head.index("/static/js/")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=", html), "nothing that a strict policy would refuse"
    assert streamlit_tags().count("<script") == 1
    assert 'rel="stylesheet"' in streamlit_tags()
    assert "service-desc" not in html


@pytest.mark.parametrize("name", list(own_files()))
def test_each_file_of_ours_is_compressed_where_that_gains_and_kept_by_browsers(name: str) -> None:
    plain = ask(name)
    assert plain.status_code == 200
    assert "content-encoding" not in plain.headers
    if name.endswith((".css", ".js")):
        packed = ask(name, accept_encoding="gzip")
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == plain.content
        assert int(packed.headers["content-length"]) < len(plain.content) / 2
        assert "immutable" in plain.headers["cache-control"]
    again = ask(name, if_none_match=plain.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


def test_the_head_of_an_answer_can_be_asked_for_alone_and_the_answer_is_compressed_for_who_takes_it_so() -> None:
    whole, head = ask("/catalogue"), ask("/catalogue", "HEAD")
    assert (head.status_code, head.headers["content-length"]) == (200, whole.headers["content-length"])
    packed = ask("/catalogue", accept_encoding="gzip, br")
    assert packed.text == whole.text
    assert int(packed.headers["content-length"]) < len(whole.content) / 2
    assert len(gzip.compress(whole.content)) < 6_000


@pytest.mark.parametrize(
    "path", ["/_stcore/health", f"/{next(iter(STREAMLIT_FILES.paths))}", "/api/catalogue.json", "/healthz", "/media/a"]
)
def test_what_is_no_page_is_passed_on(path: str) -> None:
    assert ask(path).status_code == 418
    assert ask("/", "POST").status_code == 418
