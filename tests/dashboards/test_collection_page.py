"""The page of collections: who sees what waits for approval, who decides, and what the public sees of it: nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import AppState, set_app_state
from dashboards.clock import Clock
from dashboards.web.access_key import DemoAccess
from indicators.definitions.campaigns import CampaignRecord
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.roles import Grant, Role
from indicators.intake.campaign import declare
from indicators.network import Network
from indicators.store.approvals import ApprovalState
from indicators.store.deposits import Receipt, new_deposit_id
from tests.builders import AUTHOR, NOW, TODAY, deposit, measure, measures, stored
from tests.conftest import copy_store
from tests.dashboards.test_who_sees_what import script

ATELIER, REGIE, PERIOD = "atelier-ternoise", "regie-ternoise", "2026-T3"
EXITS, DIRECTION = "dynamic_exit_rate", "direction d’une structure"
"""An indicator, and the author of what the director of a demonstration does."""
PEOPLE: Final = {
    "": (Grant(Role.ADMINISTRATOR, NETWORK),),
    "visite": (),
    "direction": (Grant(Role.DIRECTOR, Perimeter.parse(ATELIER)),),
    "accueil": (Grant(Role.DEPOSITOR, Perimeter.parse(ATELIER)),),
    "qualite": (Grant(Role.QUALITY, Perimeter.parse(ATELIER)),),
    "delegation": (Grant(Role.DELEGATE, Perimeter.parse("region:normandie")),),
    "region": (Grant(Role.ADMINISTRATOR, Perimeter.parse("region:normandie")),),
    "ailleurs": (Grant(Role.DIRECTOR, Perimeter.parse(REGIE)),),
}


@pytest.fixture
def network(directory_folder: Path, tmp_path: Path) -> Iterator[Network]:
    """A network that asks for two pairs of eyes of its third quarter, in which one figure is in force."""
    with Network(str(copy_store(directory_folder, tmp_path / "store"))) as opened:
        stored(opened, measures(measure(ATELIER, PERIOD, EXITS, 40, 96)))
        opens, due = date(2026, 10, 1), date(2026, 11, 30)
        record = CampaignRecord(new_deposit_id(), 0, NOW, AUTHOR, Period.parse(PERIOD), None, opens, due, eyes=2)
        assert isinstance(declare(opened.lake, record, None), CampaignRecord)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("dashboards.access._app_state", None)
            set_app_state(AppState(opened, Clock(TODAY), DemoAccess(PEOPLE)))
            yield opened


@pytest.fixture
def waiting(network: Network) -> Receipt:
    """A correction of that figure, deposited and not yet approved."""
    outcome = deposit(
        network, measures(measure(ATELIER, PERIOD, EXITS, 48, 96)), "t3.csv", comment="dossiers revus", author="accueil"
    )
    receipt: Receipt = outcome.receipt  # type: ignore[union-attr]
    return receipt


@pytest.fixture
def reader() -> AppTest:
    return AppTest.from_function(script, default_timeout=120)


def look(reader: AppTest, path: str, **address: str) -> str:
    reader.query_params.clear()
    for name, value in {"at": path, **address}.items():
        reader.query_params[name] = value
    reader.run()
    return written(reader)


def written(reader: AppTest) -> str:
    assert not reader.exception, [error.message for error in reader.exception]
    html = " ".join(str(block.proto.body) for block in reader.get("html"))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def press(reader: AppTest, key: str) -> str:
    [button] = [button for button in reader.button if (button.key or "").startswith(key)]
    button.click().run()
    return written(reader)


def state_of(network: Network, receipt: Receipt) -> ApprovalState | None:
    with network.snapshot() as snapshot:
        return snapshot.approval_states.get(receipt.deposit)


@pytest.mark.parametrize(
    ("name", "sees", "decides"),
    [
        ("direction", True, True),
        ("delegation", True, True),
        ("", True, True),
        ("accueil", True, False),
        ("qualite", False, False),
        ("ailleurs", False, False),
    ],
)
def test_what_waits_is_seen_by_its_depositor_and_by_those_who_may_approve_it(
    reader: AppTest, waiting: Receipt, name: str, sees: bool, decides: bool
) -> None:
    page = look(reader, "collectes", personne=name, periode=PERIOD)
    assert (str(waiting.file_name) in page) is sees
    assert any((button.key or "").startswith("approve") for button in reader.button) is decides
    assert ("en attente d’approbation" in look(reader, "suivi", personne=name, periode=PERIOD)) is sees


def test_who_does_not_manage_reads_the_public_figures_that_would_change_and_no_other(
    reader: AppTest, waiting: Receipt
) -> None:
    assert waiting.eyes == 2
    delegate = look(reader, "collectes", personne="delegation", periode=PERIOD)
    assert "1 chiffre public change" in delegate
    assert "48 / 96" not in delegate
    assert "48 / 96" in look(reader, "collectes", personne="direction", periode=PERIOD)


def test_nothing_that_the_public_reads_moves_until_it_is_approved(
    reader: AppTest, network: Network, request: pytest.FixtureRequest
) -> None:
    visitor, of_board = {"periode": PERIOD, "personne": "visite"}, {"structure": ATELIER}
    sheet = {"indicateur": EXITS, "perimetre": "region:normandie"}

    def read() -> list[str]:
        return [look(reader, "structure", **of_board, **visitor), look(reader, "indicateur", **sheet, **visitor),
                look(reader, "", **visitor)]  # fmt: skip

    before = read()
    assert "41,7 %" in before[0]
    waiting: Receipt = request.getfixturevalue("waiting")
    assert read() == before
    look(reader, "collectes", personne="direction", periode=PERIOD)
    assert "approbation est enregistrée" in press(reader, "approve")
    assert state_of(network, waiting) is ApprovalState.APPROVED
    assert "50,0 %" in read()[0]


def test_a_deposit_is_sent_back_with_a_comment_or_not_at_all(
    reader: AppTest, network: Network, waiting: Receipt
) -> None:
    look(reader, "collectes", personne="delegation", periode=PERIOD)
    assert "dites ce qui est à corriger" in press(reader, "send back")
    assert state_of(network, waiting) is ApprovalState.WAITING
    reader.text_area[0].set_value("le mois de mars manque")
    press(reader, "send back")
    assert state_of(network, waiting) is ApprovalState.SENT_BACK
    page = look(reader, "collectes", personne="accueil", periode=PERIOD)
    assert "renvoyé pour correction" in page
    assert "le mois de mars manque" in page
    assert "le mois de mars manque" in look(reader, "deposer", structure=ATELIER)


def test_who_clicks_on_what_somebody_else_decided_meanwhile_gets_a_sentence(
    reader: AppTest, network: Network, waiting: Receipt
) -> None:
    other = AppTest.from_function(script, default_timeout=120)
    look(reader, "collectes", personne="direction", periode=PERIOD)
    look(other, "collectes", personne="delegation", periode=PERIOD)
    press(reader, "approve")
    other.text_area[0].set_value("à revoir")
    answer = press(other, "send back")
    assert "déjà approuvé" in answer or not any((b.key or "").startswith("send back") for b in other.button)
    assert state_of(network, waiting) is ApprovalState.APPROVED


def test_nobody_approves_their_own_deposit_where_several_pairs_of_eyes_are_asked_for(
    reader: AppTest, network: Network
) -> None:
    own = deposit(
        network,
        measures(measure(ATELIER, PERIOD, EXITS, 48, 96)),
        comment="dossiers revus",
        author=DIRECTION,
    ).receipt  # type: ignore[union-attr]
    look(reader, "collectes", personne="direction", periode=PERIOD)
    assert "on n’approuve pas son propre dépôt" in press(reader, "approve")
    assert state_of(network, own) is ApprovalState.WAITING


def test_who_administers_a_region_grants_exceptions_there_and_changes_no_campaign(
    reader: AppTest, network: Network
) -> None:
    assert network
    look(reader, "collectes", personne="region", periode=PERIOD)
    assert [box.label for box in reader.expander] == ["Accorder un délai à une structure"]


@pytest.mark.parametrize("name", [name for name in PEOPLE if name not in {"", "visite", "region"}])
def test_campaigns_are_changed_by_administrators_only(reader: AppTest, network: Network, name: str) -> None:
    assert network
    look(reader, "collectes", personne=name, periode=PERIOD)
    assert not reader.expander


def fill(reader: AppTest, start: str, value: str) -> None:
    [box] = [box for box in reader.text_input if (box.key or "").startswith(start)]
    box.set_value(value)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("due ", "31/12/2026", "est enregistrée"),
        ("due ", "2026-12-31", "est enregistrée"),
        ("due ", "bientôt", "une date est attendue"),
        ("due ", "", "une date est attendue"),
        ("due ", "01/09/2026", "avant l’ouverture"),
        ("opens ", "15/09/2026", "une fois la période finie"),
        ("locks ", "30/11/2026", "après la date limite"),
        ("review ", "01/11/2026", "avant la date limite"),
    ],
)
def test_a_campaign_is_declared_or_nothing_is_stored_and_a_sentence_says_why(
    reader: AppTest, network: Network, field: str, value: str, sentence: str
) -> None:
    look(reader, "collectes", personne="", periode=PERIOD)
    with network.snapshot() as snapshot:
        before = snapshot.campaigns.for_period(Period.parse(PERIOD))
    fill(reader, field, value)
    assert sentence in press(reader, "save")
    with network.snapshot() as snapshot:
        now = snapshot.campaigns.for_period(Period.parse(PERIOD))
    assert (now != before) is ("enregistrée" in sentence)


def test_a_late_exception_has_a_reason_opens_what_is_locked_and_is_seen_by_whom_it_concerns(
    reader: AppTest, network: Network
) -> None:
    look(reader, "collectes", personne="", periode=PERIOD)
    fill(reader, "locks ", "15/12/2026")
    press(reader, "save")
    later, row = date(2026, 12, 20), measures(measure(REGIE, PERIOD, EXITS, 40, 96))
    found = deposit(network, row, today=later).validation
    assert [finding.code for finding in found.findings] == ["B02"]
    [structure] = [box for box in reader.selectbox if (box.key or "").startswith("structure ")]
    structure.set_value(REGIE)
    fill(reader, "until ", "31/12/2026")
    assert "Un délai a un motif" in press(reader, "grant")
    fill(reader, "reason ", "changement de logiciel")
    assert "Le délai est accordé" in press(reader, "grant")
    assert "changement de logiciel" in look(reader, "collectes", personne="ailleurs", periode=PERIOD)
    assert "changement de logiciel" not in look(reader, "collectes", personne="direction", periode=PERIOD)
    assert isinstance(deposit(network, row, today=later).receipt, Receipt)  # type: ignore[union-attr]
    closed = deposit(network, row, today=date(2027, 1, 1)).validation
    assert "B02" in [finding.code for finding in closed.findings], "it ended by itself"
