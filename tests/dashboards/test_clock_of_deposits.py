"""A clock behind a moment already stored is said to who deposits: one of the two is wrong."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from typer.testing import CliRunner

from dashboards.app_pages.deposit.receipt import receipt_html
from dashboards.cli import app
from dashboards.wording.translations import load_translator
from indicators.network import Network
from indicators.queries.deposits.deposit_history import retracted_figures
from indicators.store.deposits import list_receipts
from tests.builders import DIRECTORY, measure, measures, stored, structures


def test_a_clock_behind_an_earlier_deposit_is_said_by_the_command_and_in_the_receipt(tmp_path: Path) -> None:
    address = str(tmp_path / "store")
    with Network(address) as network:
        stored(network, structures(*DIRECTORY), at=datetime.fromisoformat("2099-01-01T10:00"))
    file = tmp_path / "measures.csv"
    file.write_bytes(measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 30, 96)))
    result = CliRunner().invoke(app, ["deposit", str(file), "--store", address])
    assert result.exit_code == 0
    assert "un dépôt plus ancien porte la date du 2099-01-01 10:00" in result.output
    with Network(address) as network, network.snapshot() as snapshot:
        newest = list_receipts(network.lake)[0]
        gone = retracted_figures(snapshot, [newest.deposit])
        for language, sentence in (("fr", "L’horloge disait"), ("en", "The clock said")):
            assert sentence in receipt_html(
                newest, gone, snapshot.structures, snapshot.catalogue, load_translator(language)
            )
