"""What a chart says to who cannot see it: a sentence in the page's language, from the judgement its title tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.clock import Clock
from tests.builders import TODAY

if TYPE_CHECKING:
    from indicators.network import Network

ADDRESSES: dict[str, tuple[int, dict[str, str]]] = {
    "network": (2, {"page": ""}),
    "network of few": (2, {"page": "", "indicateur": "board_employee_seat_share"}),
    "structure": (1, {"page": "indicateur", "structure": "interim-des-trois-rives", "indicateur": "dynamic_exit_rate"}),
    "rolling": (1, {"page": "indicateur", "structure": "interim-des-trois-rives", "indicateur": "dynamic_exit_rate",
                    "pas": "glissant"}),
    "pooled": (1, {"page": "indicateur", "structure": "atelier-du-canal", "indicateur": "employment_rate_6m"}),
    "region": (1, {"page": "indicateur", "perimetre": "region:hauts-de-france", "indicateur": "dynamic_exit_rate"}),
    "funnel": (1, {"page": "comparer", "indicateur": "dynamic_exit_rate"}),
}  # fmt: skip
"""How many charts there are at an address; `page` stands for its path."""
FOREIGN = {
    "fr": re.compile(r"\b(the|of|and|with|value|table|lowest|not)\b", re.IGNORECASE),
    "en": re.compile(r"\b(est|sont|aucune?|chiffres?|tableau|valeur|dans|avec|non)\b"),
}
"""Words of the other language that stand in no name."""


def script() -> None:
    import streamlit as st

    from dashboards.access import LOCAL_ADMINISTRATOR, get_app_state
    from dashboards.app_pages.error_handling import render_safely
    from dashboards.app_pages.page_context import PageContext
    from dashboards.app_pages.registry import PAGES
    from dashboards.wording.translations import load_translator

    address = {name: st.query_params[name] for name in st.query_params}
    path = address.pop("page")
    chosen = next(page for page in PAGES if page.path == path)
    language = load_translator(address.get("lang", "fr"))
    render_safely(
        PageContext(get_app_state(), LOCAL_ADMINISTRATOR, language, get_app_state().today(), chosen.path, address),
        chosen.render,
    )


def charts(network: Network, monkeypatch: pytest.MonkeyPatch, address: dict[str, str]) -> list[dict[str, Any]]:
    """Return the drawing instructions of every chart of a page."""
    page = shown(network, monkeypatch, address)
    return [json.loads(chart.proto.spec) for chart in page.get("vega_lite_chart")]


def shown(network: Network, monkeypatch: pytest.MonkeyPatch, address: dict[str, str]) -> AppTest:
    """Return a page as Streamlit runs it."""
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(network, clock=Clock(TODAY)))
    page = AppTest.from_function(script, default_timeout=120)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def title_of(chart: dict[str, Any]) -> str:
    """Return the title of a chart as its widest form writes it, on one line."""
    title = chart["title"]["text"]
    lines = json.loads(title["expr"].rpartition(" : ")[2]) if isinstance(title, dict) else title
    return plain(" ".join(lines))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("where", ADDRESSES)
def test_each_chart_says_in_its_alternative_text_what_its_title_tells(
    demo: Network, monkeypatch: pytest.MonkeyPatch, where: str, language: str
) -> None:
    count, address = ADDRESSES[where]
    drawn = charts(demo, monkeypatch, {**address, "lang": language})
    assert len(drawn) == count
    for chart in drawn:
        description, title = plain(chart["description"]), title_of(chart)
        assert title[:40].lower() in description.lower()
        assert description.endswith(".")
        assert not FOREIGN[language].findall(description), description


def axes_of(spec: object) -> Iterator[dict[str, Any]]:
    """Yield the axes that a chart draws, wherever they are in its instructions."""
    if isinstance(spec, dict):
        for name, inner in spec.items():
            if name == "axis" and inner:
                yield inner
            yield from axes_of(inner)
    elif isinstance(spec, list):
        for inner in spec:
            yield from axes_of(inner)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("where", ADDRESSES)
def test_each_axis_is_told_in_the_language_of_the_page(
    demo: Network, monkeypatch: pytest.MonkeyPatch, where: str, language: str
) -> None:
    for chart in charts(demo, monkeypatch, {**ADDRESSES[where][1], "lang": language}):
        for axis in axes_of({name: part for name, part in chart.items() if name != "config"}):
            assert re.search(r"\d", axis["description"]), axis
            assert not FOREIGN[language].findall(plain(axis["description"])), axis


def test_the_movement_and_the_target_are_in_the_title_and_in_the_alternative_text(
    demo: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = {"page": "indicateur", "indicateur": "fte_realised"}
    for address, words in (
        ({**jobs, "structure": "entraide-des-trois-rives"}, "exceptionnellement bas"),
        ({**jobs, "structure": "atelier-du-canal"}, "depuis au moins sept trimestres"),
        (ADDRESSES["structure"][1], "objectif"),
    ):
        chart = charts(demo, monkeypatch, address)[0]
        assert words in title_of(chart)
        assert words in plain(chart["description"])


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "address",
    [
        {"page": "structure", "structure": "atelier-du-canal"},
        {"page": "comparer", "affichage": "petits-multiples", "structure": "atelier-du-canal"},
    ],
)
def test_each_small_drawing_says_what_it_shows_and_a_pictogram_leaves_that_to_its_word(
    demo: Network, monkeypatch: pytest.MonkeyPatch, address: dict[str, str], language: str
) -> None:
    page = shown(demo, monkeypatch, {**address, "lang": language})
    html = "".join(str(block.proto.body) for block in page.get("html"))
    drawings = re.findall(r'<img class="([^"]*)"[^>]* alt="([^"]*)"', html)
    alternatives = [alternative for style, alternative in drawings if style != "pictogram"]
    assert len(alternatives) > 7
    assert not [alternative for style, alternative in drawings if style == "pictogram" and alternative]
    for alternative in alternatives:
        assert re.search(r"\d|aucun chiffre à montrer|no figure to show", alternative), alternative
        assert not FOREIGN[language].findall(plain(alternative)), alternative
