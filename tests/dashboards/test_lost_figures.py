"""What a deposit or a withdrawal takes away is said with its value: by commands, in receipts, in the history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashboards.app_pages.deposit.receipt import receipt_html, receipt_json
from dashboards.cli import app
from dashboards.commands.terminal import out
from dashboards.settings import Settings
from dashboards.wording.translations import load_translator
from indicators.network import Network
from indicators.queries.deposits.deposit_history import find_receipt, retracted_figures
from indicators.store.deposits import list_receipts
from tests.builders import DIRECTORY, Store, measure, measures, stored, structures

FIGURE = "atelier-ternoise · 2026-T1 · dynamic_exit_rate · ensemble · 33 / 60"


@pytest.fixture
def at(store: Store, tmp_path: Path) -> Store:
    with store.open() as network:
        stored(network, structures(*DIRECTORY))
        stored(network, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 33, 60)))
    (tmp_path / "nc.csv").write_bytes(measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", "NC")))
    return store


def run(monkeypatch: pytest.MonkeyPatch, at: Store, *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr(out, "_width", 400)
    # The command line read its settings when it was imported.
    monkeypatch.setattr("dashboards.commands.opening.settings", Settings(store=at.address, data=at.data))
    done = CliRunner().invoke(app, [*arguments, *at.options])
    return done.exit_code, done.output


def newest(network: Network) -> str:
    return list_receipts(network.lake)[0].deposit


def test_the_command_line_says_what_goes_and_asks_why(monkeypatch: pytest.MonkeyPatch, at: Store) -> None:
    code, output = run(monkeypatch, at, "deposit", "nc.csv")
    assert code == 3
    assert "retire le chiffre en vigueur, 33 / 60" in output.replace("\u00a0", " ")
    code, output = run(monkeypatch, at, "deposit", "nc.csv", "--confirm", "chiffre douteux")
    assert code == 0
    assert FIGURE in output.splitlines()[-1]
    assert "1 (1 chiffre retiré)" in run(monkeypatch, at, "history")[1]


def test_a_withdrawal_says_what_goes(monkeypatch: pytest.MonkeyPatch, at: Store) -> None:
    with at.open() as network:
        only = newest(network)
    code, output = run(monkeypatch, at, "withdraw", only, "--because", "trop tôt")
    assert code == 0
    assert FIGURE in output.splitlines()[-1]


def test_a_receipt_says_what_its_deposit_took_away(at: Store) -> None:
    content = measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", "NC"))
    with at.open() as network:
        made = stored(network, content, comment="chiffre douteux")
        with network.snapshot() as snapshot:
            kept, gone = find_receipt(snapshot, made.deposit), retracted_figures(snapshot, [made.deposit])
            assert kept is not None
            page = receipt_html(kept, gone, snapshot.structures, snapshot.catalogue, load_translator("fr"))
        assert "Ce dépôt a retiré 1 chiffre en vigueur" in page
        assert "33 / 60" in page.replace("\u00a0", " ").replace("\u202f", " ")
        (retracted,) = json.loads(receipt_json(kept, gone))["taken_away"]
        assert (retracted["numerator"], retracted["denominator"], retracted["absence"]) == (33, 60, "missing")
