"""An indicator's page where its own step is empty opens where there are figures, and says nothing that is not so."""

from __future__ import annotations

import re
from datetime import date

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.app_pages.time_step_choice import load_stepped_series
from dashboards.clock import Clock
from dashboards.web.api import ROUTES
from dashboards.wording.translations import load_translator
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Frequency
from indicators.figures.time_steps import TimeStep
from indicators.network import Network
from indicators.queries.figures.series import find_reported_periods
from indicators.snapshot import QueryContext
from tests.dashboards.test_poor_networks import flat, look, visitor

FR = load_translator("fr")
THEN = date(2011, 2, 1)
EXITS = "cisp_job_exit_rate"


@pytest.fixture
def page(belgium: Network, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(belgium, clock=Clock(THEN)))
    return visitor()


@pytest.mark.parametrize(("code", "years"), [("contre-point", ["2009"]), ("cortil-eft", ["2010"])])
def test_a_quarterly_indicator_of_which_years_were_published_opens_by_year(
    belgium: Network, code: str, years: list[str]
) -> None:
    with belgium.snapshot() as snapshot:
        own, sheet = Perimeter(Level.STRUCTURE, code), snapshot.catalogue[EXITS]
        found = load_stepped_series(snapshot, own, sheet, Audience.MANAGEMENT, THEN, None)
        assert (found.step, [figure.period.code for figure in found.figures]) == (TimeStep.YEAR, years)
        assert not load_stepped_series(snapshot, own, sheet, Audience.MANAGEMENT, THEN, "trimestre").figures


def test_in_the_step_that_is_empty_the_page_says_in_which_the_figures_are_and_leads_there(page: AppTest) -> None:
    seen = look(page, f"indicateur?indicateur={EXITS}&structure=contre-point&pas=trimestre&vue=gestion", "fr")
    assert flat("Rien n’a été remis par trimestre ; ce qui l’a été se lit par année.") in seen.text
    assert re.search(r'href="/indicateur\?[^"]*pas=annee', seen.markup)
    assert "Personne n’en a encore remis" not in seen.text


def test_rates_without_their_counts_are_not_said_never_to_have_come(page: AppTest) -> None:
    seen = look(page, f"indicateur?indicateur={EXITS}&vue=gestion", "fr")
    assert flat(FR("why.without_counts")) in seen.text
    assert "Personne n’en a encore remis" not in seen.text
    assert "non remise" not in seen.text


def test_nobody_is_said_of_the_network_and_this_structure_of_one(page: AppTest) -> None:
    address = "indicateur?indicateur=staff_turnover_rate&vue=gestion"
    assert FR("why.none.network") in look(page, address, "fr").text
    assert FR("why.none.structure") in look(page, f"{address}&structure=proxiservice", "fr").text


def test_what_was_reported_is_told_whether_or_not_it_can_be_shown(belgium: Network) -> None:
    with belgium.snapshot() as snapshot:
        found = find_reported_periods(QueryContext(snapshot, Audience.PUBLIC, THEN), NETWORK, snapshot.catalogue[EXITS])
        assert (found.frequencies, found.since, found.without_counts) == ({Frequency.YEAR}, date(2009, 12, 31), True)
        nothing = find_reported_periods(
            QueryContext(snapshot, Audience.PUBLIC, THEN), NETWORK, snapshot.catalogue["staff_turnover_rate"]
        )
        assert (nothing.frequencies, nothing.since, nothing.without_counts) == (frozenset(), None, False)
        later = find_reported_periods(
            QueryContext(snapshot, Audience.PUBLIC, date(2009, 6, 1)), NETWORK, snapshot.catalogue[EXITS]
        )
        assert later.since is None


def test_a_step_that_an_indicator_has_not_is_answered_with_those_that_it_has(page: AppTest) -> None:
    seen = look(page, f"indicateur?indicateur={EXITS}&pas=annee-scolaire", "fr")
    assert flat("Ces chiffres ne se lisent pas par année scolaire. Ils se lisent :") in seen.text
    for step in ("trimestre", "semestre", "annee", "glissant"):
        assert f"pas={step}" in seen.markup
    assert "Quatre trimestres glissants" in seen.text


def test_programs_are_told_the_steps_that_there_are_too(page: AppTest) -> None:
    client = TestClient(Starlette(routes=list(ROUTES)))
    answer = client.get(f"/api/series/contre-point/{EXITS}.json?pas=annee-scolaire")
    assert answer.status_code == 404
    assert answer.json()["known"] == ["trimestre", "semestre", "annee", "glissant"]
