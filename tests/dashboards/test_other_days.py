"""The product lives on: what pages say of the same store on other days, years after its last figures."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import PUBLIC_VISITOR, AppState, set_app_state
from dashboards.app_pages.page_context import PageContext
from dashboards.clock import Clock
from dashboards.components.banners import banners_html, overdue_sentence
from dashboards.wording.translations import load_translator
from indicators.definitions.periods import Period
from indicators.queries.deposits.freshness import Freshness
from tests.builders import badly_spaced

if TYPE_CHECKING:
    from indicators.network import Network

DAYS = (date(2026, 11, 24), date(2026, 12, 31), date(2028, 2, 29), date(2031, 6, 15))
STRUCTURE = "atelier-du-canal"
ADDRESSES = (
    "",
    f"structure?structure={STRUCTURE}",
    f"indicateur?structure={STRUCTURE}&indicateur=dynamic_exit_rate",
    "comparer",
    f"deposer?structure={STRUCTURE}",
    "catalogue",
)
DUE_SINCE = {
    date(2026, 11, 24): None,
    date(2026, 12, 31): None,
    date(2028, 2, 29): "Derniers chiffres : T3 2026 ; T4 2026 à T4 2027 attendus.",
    date(2031, 6, 15): "Derniers chiffres : T3 2026 ; T4 2026 à T1 2031 attendus.",
}
COLLECTED = {
    date(2026, 11, 24): "La collecte du T3 2026 s’est achevée le 30 octobre 2026",
    date(2026, 12, 31): "La collecte du T3 2026 s’est achevée le 30 octobre 2026",
    date(2028, 2, 29): "La collecte du T4 2027 s’est achevée le 30 janvier 2028",
    date(2031, 6, 15): "La collecte du T1 2031 s’est achevée le 30 avril 2031",
}


def script() -> None:
    """Draw a page as the site does, with its head and its foot."""
    import streamlit as st

    from dashboards.access import LOCAL_ADMINISTRATOR, get_app_state
    from dashboards.app_pages.error_handling import render_safely
    from dashboards.app_pages.page_context import PageContext
    from dashboards.app_pages.registry import PAGES
    from dashboards.components.banners import banners_html
    from dashboards.wording.translations import load_translator
    from indicators.queries.deposits.freshness import find_freshness

    address = {name: st.query_params[name] for name in st.query_params}
    at = address.pop("at")
    page = next(one for one in PAGES if one.path == at)
    visit = PageContext(
        get_app_state(), LOCAL_ADMINISTRATOR, load_translator("fr"), get_app_state().today(), page.path, address
    )
    with get_app_state().network.snapshot() as snapshot:
        st.html(banners_html(visit, find_freshness(visit.query(snapshot)), is_fictitious=True, right=None))
    render_safely(visit, page.render)


def look(network: Network, monkeypatch: pytest.MonkeyPatch, day: date, address: str) -> AppTest:
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(network, clock=Clock(day)))
    page = AppTest.from_function(script, default_timeout=120)
    page.query_params["at"], _, parameters = address.partition("?")
    for parameter in filter(None, parameters.split("&")):
        name, _, value = parameter.partition("=")
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def page_text(page: AppTest) -> str:
    text = " ".join(re.sub("<[^>]*>", " ", each.proto.body) for each in page.get("html"))
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


@pytest.mark.parametrize(
    ("day", "address"),
    [
        pytest.param(day, address, marks=[] if place == 0 or turn == place else [pytest.mark.full])
        for place, day in enumerate(DAYS)
        for turn, address in enumerate(ADDRESSES)
    ],
)
def test_every_page_of_the_demo_says_on_every_day_how_old_its_figures_are_and_chooses_among_some(
    demo: Network, monkeypatch: pytest.MonkeyPatch, day: date, address: str
) -> None:
    page = look(demo, monkeypatch, day, address)
    text = page_text(page)
    if sentence := DUE_SINCE[day]:
        assert sentence in text
    else:
        assert "Derniers chiffres" not in text
    assert "ouvrira" not in text
    for box in page.selectbox:
        assert list(box.options), box.label


@pytest.mark.parametrize("day", DAYS)
def test_the_deposit_page_speaks_of_the_quarter_that_is_collected_and_offers_all_that_are_overdue(
    demo: Network, monkeypatch: pytest.MonkeyPatch, day: date
) -> None:
    page = look(demo, monkeypatch, day, f"deposer?structure={STRUCTURE}")
    assert COLLECTED[day] in page_text(page)
    periods = next(box for box in page.selectbox if box.label == "Période collectée").options
    collected = re.search(r"T\d \d{4}", COLLECTED[day])
    assert collected
    assert periods[0] == collected[0]
    assert "T4 2026" in periods or day.year == 2026
    assert "T3 2026" in periods or day.year > 2028


@pytest.mark.parametrize(
    ("overdue", "fr", "en"),
    [
        (["2026-T4"], "T4 2026 attendu.", "Q4 2026 expected."),
        (["2026-T4", "2027-T1"], "T4 2026 et T1 2027 attendus.", "Q4 2026 and Q1 2027 expected."),
        (["2026-T4", "2027-T1", "2027-T2"], "T4 2026 à T2 2027 attendus.", "Q4 2026 to Q2 2027 expected."),
    ],
)
def test_what_is_expected_is_said_of_one_of_two_and_of_several_quarters(overdue: list[str], fr: str, en: str) -> None:
    found = Freshness(Period.parse("2026-T3"), [Period.parse(code) for code in overdue])
    french, english = (overdue_sentence(found, load_translator(language)) for language in ("fr", "en"))
    assert french == f"Derniers chiffres\u00a0: T3 2026\u202f; {fr}"
    assert english == f"Latest figures: Q3 2026; {en}"
    assert badly_spaced(french) == []


def test_a_site_stopped_on_a_day_says_so_and_one_that_is_not_does_not(demo: Network) -> None:
    def sentences(clock: Clock) -> str:
        house = AppState(demo, clock=clock)
        return banners_html(
            PageContext(house, PUBLIC_VISITOR, load_translator("fr"), house.today(), "", {}),
            None,
            is_fictitious=False,
            right=None,
        )

    assert "Site arrêté au 29 février 2028" in sentences(Clock(date(2028, 2, 29)))
    assert sentences(Clock()) == ""


def test_a_site_stopped_before_its_newest_figures_opens_on_the_quarter_that_was_over_then(
    demo: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = look(demo, monkeypatch, date(2026, 1, 10), f"structure?structure={STRUCTURE}")
    assert next(box for box in page.selectbox if box.label == "Période").value == "2025-T4"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 24), "Prochaine relecture 1er janvier 2027, par"),
        (date(2027, 1, 1), "Prochaine relecture 1er janvier 2027, par"),
        (date(2028, 2, 29), "Prochaine relecture attendue depuis le 1er janvier 2027, par"),
    ],
)
def test_a_sheet_whose_review_is_overdue_says_since_when(
    demo: Network, monkeypatch: pytest.MonkeyPatch, day: date, expected: str
) -> None:
    address = f"indicateur?structure={STRUCTURE}&indicateur=dynamic_exit_rate"
    assert expected in page_text(look(demo, monkeypatch, day, address))
