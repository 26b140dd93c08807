"""Periods, windows and cohorts in words; the step in which an indicator is read, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.app_pages.time_step_choice import STEP_URL_VALUES, load_stepped_series, step_label, step_note
from dashboards.charts.titles import absence_label
from dashboards.charts.trend import trend_chart
from dashboards.clock import Clock
from dashboards.web.figure_json import figure_json
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Language, load_translator
from indicators.definitions.catalogue import Audience, read_catalogue
from indicators.definitions.periods import Period
from indicators.errors import UnknownError
from indicators.figures.figure import CohortOpen, Figure, Status, Value, due_date
from indicators.figures.time_steps import TimeStep, needs_rolling
from indicators.network import DATA_FOLDER, Network
from indicators.snapshot import Snapshot
from tests.builders import TODAY, badly_spaced, measure, measures, parse_span, stored, structure, structures
from tests.conftest import FilledBy

CATALOGUE = read_catalogue(DATA_FOLDER / "catalogue")
PUBLIC, MANAGEMENT = Audience.PUBLIC, Audience.MANAGEMENT
FR, EN, NL = (load_translator(language) for language in Language)


@pytest.mark.parametrize(
    ("code", "fr", "en", "nl"),
    [
        ("2026-T3", "T3 2026", "Q3 2026", "K3 2026"),
        ("2026-S1", "S1 2026", "H1 2026", "H1 2026"),
        ("2026", "2026", "2026", "2026"),
        ("2025-2026", "année scolaire 2025-2026", "school year 2025-2026", "schooljaar 2025-2026"),
        ("2026-T3~4", "du T4 2025 au T3 2026", "Q4 2025 to Q3 2026", "K4 2025 tot en met K3 2026"),
        ("2026-S1~2", "du S2 2025 au S1 2026", "H2 2025 to H1 2026", "H2 2025 tot en met H1 2026"),
        ("2024~2", "2024 et 2023 réunis", "2024 and 2023 pooled", "2024 en 2023 samen"),
        ("2024~3", "2022 à 2024 réunis", "2022 to 2024 pooled", "2022 tot en met 2024 samen"),
        (
            "2025-2026~2",
            "2025-2026 et 2024-2025 réunis",
            "2025-2026 and 2024-2025 pooled",
            "2025-2026 en 2024-2025 samen",
        ),
    ],
)
def test_a_period_a_window_and_cohorts_are_named_in_full(code: str, fr: str, en: str, nl: str) -> None:
    assert [numbers.format_period(parse_span(code), spoken).replace("\u202f", " ") for spoken in (FR, EN, NL)] == [
        fr,
        en,
        nl,
    ]


@pytest.mark.parametrize(
    ("code", "fr", "en", "nl"),
    [
        ("2026-T3", "au T3 2026", "in Q3 2026", "in K3 2026"),
        ("2026-S1", "au S1 2026", "in H1 2026", "in H1 2026"),
        ("2026", "en 2026", "in 2026", "in 2026"),
        (
            "2025-2026",
            "pendant l’année scolaire 2025-2026",
            "in the school year 2025-2026",
            "in het schooljaar 2025-2026",
        ),
        ("2026-T3~4", "du T4 2025 au T3 2026", "from Q4 2025 to Q3 2026", "van K4 2025 tot en met K3 2026"),
        ("2024~2", "pour 2024 et 2023 réunis", "for 2024 and 2023 pooled", "voor 2024 en 2023 samen"),
    ],
)
def test_when_is_said_as_a_sentence_says_it(code: str, fr: str, en: str, nl: str) -> None:
    assert [numbers.format_during(parse_span(code), spoken) for spoken in (FR, EN, NL)] == [fr, en, nl]


def test_an_axis_names_a_window_by_its_end() -> None:
    found = [numbers.format_short_period(parse_span("2026-T3~4"), spoken) for spoken in (FR, EN, NL)]
    assert found == ["jusqu’au T3 2026", "to Q3 2026", "t/m K3 2026"]
    assert numbers.format_short_period(parse_span("2024~2"), FR) == "2024"


# Unfinished cohorts


def cohort(reading: Any) -> Figure:
    return Figure(CATALOGUE["employment_rate_6m"], Period.parse("2025"), reading)


def test_a_cohort_still_followed_says_until_when_and_stays_not_due_in_json() -> None:
    figure = cohort(CohortOpen(date(2026, 6, 30)))
    assert isinstance(figure.outcome, CohortOpen)
    sentences = [spoken("tile.unfinished", day=numbers.format_day(figure.outcome.until, spoken)) for spoken in (FR, EN)]
    assert sentences == [
        "À compléter\u00a0: cohorte suivie jusqu’au 30 juin 2026",
        "Incomplete: cohort followed until June 30, 2026",
    ]
    assert badly_spaced(sentences[0]) == []
    assert [absence_label(figure, spoken) for spoken in (FR, EN, NL)] == [
        "à compléter",
        "incomplete",
        "nog aan te vullen",
    ]
    found = figure_json(figure)
    assert (found["status"], found["value"], found["numerator"], found["interval"]) == ("not_due", None, None, None)
    assert found["period"] == "2025"


def test_once_it_is_complete_a_cohort_is_awaited_thirty_days_more() -> None:
    figure = cohort(Status.NOT_DUE)
    assert due_date(figure.indicator, figure.period) == date(2026, 7, 30)


# Thin series


def quarters_of(*sizes: int | Status, indicator: str = "dynamic_exit_rate") -> list[Figure]:
    newest = Period.parse("2026-T3")
    return [
        Figure(
            CATALOGUE[indicator],
            period,
            size if isinstance(size, Status) else Value(50.0, size / 2, float(size), 1),
        )
        for period, size in zip(newest.trailing(len(sizes)), sizes, strict=True)
    ]


def test_a_series_is_thin_when_the_median_of_its_last_eight_quarters_is_under_twenty() -> None:
    assert needs_rolling(quarters_of(10, 12, 19, 19, 19, 30, 40, 50)) is True, "between 19 and 19"
    assert needs_rolling(quarters_of(10, 12, 19, 19, 21, 30, 40, 50)) is False, "between 19 and 21: twenty"
    assert needs_rolling(quarters_of(5, 5, 5, 5, *[30] * 8)) is False, "only the last eight count"
    assert needs_rolling(quarters_of(20)) is False
    assert needs_rolling(quarters_of(19)) is True


def test_a_withheld_quarter_counts_as_small_and_a_missing_one_not_at_all() -> None:
    withheld, missing = Status.WITHHELD, Status.MISSING
    assert needs_rolling(quarters_of(withheld, withheld, withheld, 40, 50)) is True
    assert needs_rolling(quarters_of(missing, missing, missing, 40, 50)) is False
    assert needs_rolling(quarters_of(missing, missing)) is False


def test_what_is_no_rate_is_never_thin() -> None:
    assert needs_rolling(quarters_of(1, 2, 3, indicator="psve_actions")) is False
    assert needs_rolling([]) is False


# The step of the address


def deposit_few(network: Network) -> None:
    stored(network, structures(structure("petite", "CISP", "be-liege"), structure("grande", "CISP", "be-liege")))
    codes = [quarter.code for quarter in Period.parse("2026-T3").trailing(6)]
    small = [measure("petite", code, "cisp_job_exit_rate", 6, 12) for code in codes]
    large = [measure("grande", code, "cisp_job_exit_rate", 30, 60) for code in codes]
    stored(network, measures(*small, *large))


@pytest.fixture
def thin(filled_by: FilledBy) -> Network:
    return filled_by(deposit_few)


def read(
    snapshot: Snapshot, where: str, audience: Audience, step: str | None = None, of: str = "cisp_job_exit_rate"
) -> Any:
    return load_stepped_series(
        snapshot, snapshot.structures.parse_perimeter(where), snapshot.catalogue[of], audience, TODAY, step
    )


def test_thin_quarters_are_read_four_at_a_time_and_the_note_says_so_and_names_the_window(thin: Network) -> None:
    with thin.snapshot() as snapshot:
        found = read(snapshot, "petite", MANAGEMENT)
        large = read(snapshot, "grande", MANAGEMENT)
    assert (found.step, found.is_rolling_because_thin) == (TimeStep.ROLLING, True)
    assert [figure.period.code for figure in found.figures] == ["2026-T1~4", "2026-T2~4", "2026-T3~4"]
    note = step_note(found, FR)
    assert note is not None
    assert "moins de 20" in note
    assert "du T4 2025 au T3 2026" in note
    assert badly_spaced(note) == []
    assert (large.step, step_note(large, FR)) == (TimeStep.QUARTER, None)


def test_a_thin_series_of_which_no_window_is_public_stays_in_quarters(thin: Network) -> None:
    with thin.snapshot() as snapshot:
        found = read(snapshot, "petite", PUBLIC)
    assert {figure.status for figure in found.figures} == {Status.WITHHELD}
    assert (found.step, found.is_rolling_because_thin) == (TimeStep.QUARTER, False)


def test_what_the_address_asks_for_is_what_is_read(thin: Network) -> None:
    with thin.snapshot() as snapshot:
        for step in (TimeStep.QUARTER, TimeStep.SEMESTER, TimeStep.YEAR, TimeStep.ROLLING):
            found = read(snapshot, "petite", MANAGEMENT, STEP_URL_VALUES[step])
            assert (found.step, found.is_rolling_because_thin) == (step, False)
            assert found.options == ["trimestre", "semestre", "annee", "glissant"]


@pytest.mark.parametrize(
    ("of", "step"),
    [
        ("cisp_job_exit_rate", "mois"),
        ("cisp_job_exit_rate", ""),
        ("cisp_job_exit_rate", "annee-scolaire"),
        ("permanent_contract_share", "glissant"),
        ("women_share", "trimestre"),
    ],
)
def test_a_step_in_which_the_indicator_cannot_be_read_is_unknown(thin: Network, of: str, step: str) -> None:
    with thin.snapshot() as snapshot, pytest.raises(UnknownError):
        read(snapshot, "petite", MANAGEMENT, step, of)


@pytest.mark.parametrize("language", [FR, EN])
def test_every_step_has_its_name_and_every_longer_one_its_note(thin: Network, language: Any) -> None:
    assert len({step_label(code, language) for code in STEP_URL_VALUES.values()}) == len(TimeStep)
    with thin.snapshot() as snapshot:
        notes = [
            step_note(read(snapshot, "grande", PUBLIC, code), language) for code in ("semestre", "annee", "glissant")
        ]
    assert len(set(notes)) == 3
    assert None not in notes


def test_the_chart_of_a_rolling_series_says_its_rhythm_and_its_window(thin: Network) -> None:
    with thin.snapshot() as snapshot:
        found = read(snapshot, "grande", PUBLIC, "glissant")
    chart = trend_chart(found.figures, CATALOGUE["cisp_job_exit_rate"], FR, name="Grande", interval=True).to_dict()
    title = chart["title"]
    assert "du\u00a0T4\u00a02025\u00a0au\u00a0T3\u00a02026" in title["text"]["expr"]
    assert "quatre trimestres glissants" in title["subtitle"][0]


def script() -> None:
    import streamlit as st

    from dashboards.access import LOCAL_ADMINISTRATOR, get_app_state
    from dashboards.app_pages.indicator import page as indicator
    from dashboards.app_pages.page_context import PageContext
    from dashboards.wording.translations import load_translator

    address = {"indicateur": "cisp_job_exit_rate", "structure": "grande"} | dict(st.query_params)
    indicator.render(
        PageContext(
            get_app_state(), LOCAL_ADMINISTRATOR, load_translator("fr"), get_app_state().today(), "indicateur", address
        )
    )


def test_the_choice_of_a_step_on_the_page_is_written_in_the_address_and_obeyed(
    thin: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(thin, clock=Clock(TODAY)))
    page = AppTest.from_function(script, default_timeout=60).run()
    assert not page.exception
    steps = next(box for box in page.selectbox if box.label == "Pas")
    assert (steps.value, list(steps.options)) == (
        "trimestre",
        ["Par trimestre", "Par semestre", "Par année", "Quatre trimestres glissants"],
    )
    steps.select("glissant").run()
    assert not page.exception
    assert page.query_params["pas"] in ("glissant", ["glissant"])
    text = " ".join(each.proto.body for each in page.get("html"))
    assert "du T4 2025 au T3 2026" in text
    assert "du T2 2025 au T1 2026" in text


@pytest.fixture
def snapshot(demo: Network) -> Iterator[Snapshot]:
    with demo.snapshot() as opened:
        yield opened


def test_cohorts_read_together_are_named_together_where_they_are_shown(snapshot: Snapshot) -> None:
    sheet = snapshot.catalogue["employment_rate_6m"]
    found = load_stepped_series(
        snapshot, snapshot.structures.parse_perimeter("atelier-du-canal"), sheet, PUBLIC, TODAY, None
    )
    shown = [figure for figure in found.figures if figure.shown]
    assert numbers.format_period(shown[-1].covered_span, FR) == "2025 et 2024 réunis"
    assert found.available_steps == (TimeStep.YEAR,)
