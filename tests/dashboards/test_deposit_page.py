"""The deposit page, run without a browser: what is read once, what is let go, what is said when we fail."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.app_pages.deposit import upload as deposit_file
from dashboards.clock import Clock
from indicators.errors import StoreError
from indicators.store.deposits import list_receipts
from tests.builders import TODAY, measure, measures, stored

if TYPE_CHECKING:
    from indicators.network import Network

ATELIER = "atelier-ternoise"
SOUND = measures(measure(ATELIER, "2026-T3", "absenteeism_rate", 310, 12400))


def script() -> None:
    from dashboards.access import LOCAL_ADMINISTRATOR, get_app_state
    from dashboards.app_pages.deposit import page as deposit
    from dashboards.app_pages.page_context import PageContext
    from dashboards.wording.translations import load_translator

    deposit.render(
        PageContext(get_app_state(), LOCAL_ADMINISTRATOR, load_translator("fr"), get_app_state().today(), "deposer", {})
    )


@pytest.fixture
def ready(directory_network: Network) -> Network:
    return directory_network


@pytest.fixture
def deposit_page(ready: Network, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(ready, clock=Clock(TODAY)))
    return AppTest.from_function(script, default_timeout=60).run()


def page_text(page: AppTest) -> str:
    return " ".join(each.proto.body for each in page.get("html"))


def upload(page: AppTest, content: bytes, name: str = "mesures.csv") -> AppTest:
    page.file_uploader[0].upload(name, content, "text/csv")
    return page.run()


def button(page: AppTest, label: str) -> Any:
    return next(each for each in page.button if each.label.startswith(label))


def test_a_file_is_read_once_however_often_the_page_is_shown(
    deposit_page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    check = deposit_file.check

    def counted(*arguments: Any) -> Any:
        read.append(arguments[2])
        return check(*arguments)

    monkeypatch.setattr(deposit_file, "check", counted)
    page = upload(deposit_page, SOUND)
    assert "Fichier accepté" in page_text(page)
    page.run()
    page.run()
    assert read == ["mesures.csv"]


def test_nothing_of_a_file_is_kept_between_two_showings_but_what_was_said_of_it(deposit_page: AppTest) -> None:
    page = upload(deposit_page, SOUND)
    (kept,) = page.session_state[deposit_file.SESSION_KEY].values()
    assert SOUND not in [value for value in vars(kept.report.summary).values() if isinstance(value, bytes)]
    assert not hasattr(kept.report.summary, "table")
    page.file_uploader[0].clear()
    page.run()
    assert page.session_state[deposit_file.SESSION_KEY] == {}


def test_a_failure_on_our_side_is_said_as_ours_stores_nothing_and_is_in_the_log(
    deposit_page: AppTest, ready: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    page = upload(deposit_page, SOUND)
    before = list_receipts(ready.lake)

    def failing(*_: object) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(deposit_file, "deposit", failing)
    with caplog.at_level(logging.ERROR):
        button(page, "Enregistrer").click().run()
    assert "S01" in page_text(page)
    assert "votre fichier n’est pas en cause" in page_text(page)
    assert not page.exception
    assert list_receipts(ready.lake) == before
    assert "disk full" in caplog.text


def test_an_answer_that_was_lost_is_found_again_in_the_store(
    deposit_page: AppTest, ready: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = upload(deposit_page, SOUND)
    known = len(list_receipts(ready.lake))
    store = deposit_file.deposit

    def lost(*arguments: Any) -> None:
        store(*arguments)
        raise StoreError("no answer")

    monkeypatch.setattr(deposit_file, "deposit", lost)
    button(page, "Enregistrer").click().run()
    page.run()
    assert "Fichier déposé" in page_text(page)
    assert len(list_receipts(ready.lake)) == known + 1


def test_a_click_meant_for_an_earlier_report_stores_nothing(deposit_page: AppTest, ready: Network) -> None:
    page = upload(deposit_page, SOUND)
    stored(ready, measures(measure(ATELIER, "2026-T3", "absenteeism_rate", 311, 12400)))
    known = len(list_receipts(ready.lake))
    button(page, "Enregistrer").click().run()
    assert len(list_receipts(ready.lake)) == known
    assert "Fichier à confirmer" in page_text(page)
    assert "Relisez, puis enregistrez" in page_text(page)


def opened_history() -> None:
    from dashboards.access import LOCAL_ADMINISTRATOR, get_app_state
    from dashboards.app_pages.deposit import page as deposit
    from dashboards.app_pages.page_context import PageContext
    from dashboards.wording.translations import load_translator
    from indicators.store.deposits import list_receipts

    newest = list_receipts(get_app_state().network.lake)[0].deposit
    deposit.render(
        PageContext(
            get_app_state(),
            LOCAL_ADMINISTRATOR,
            load_translator("fr"),
            get_app_state().today(),
            "deposer",
            {"depot": newest},
        )
    )


def test_a_deposit_that_took_nothing_away_opens_from_the_history(
    ready: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(ready, SOUND)
    monkeypatch.setattr("dashboards.access._app_state", None)
    set_app_state(AppState(ready, clock=Clock(TODAY)))
    page = AppTest.from_function(opened_history, default_timeout=60).run()
    assert not page.exception
    assert "Si ce dépôt est retiré" in page_text(page)
    assert button(page, "Retirer ce dépôt")
