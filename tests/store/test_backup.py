"""The drill: deposit, back up while somebody deposits, destroy, restore, verify; the same boards."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from dashboards.cli import app
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.errors import StoreError
from indicators.network import Network
from indicators.queries.deposits.export import export_rows
from indicators.queries.figures.board import compute_board
from indicators.snapshot import QueryContext
from indicators.store.copies import copy_store
from indicators.store.deposits import list_receipts
from schemas.datasets import STORED_DATASETS
from tests.builders import Store
from tests.store.on_disk import destroy_data
from tests.store.test_deposits import writing

ROOT = Path(__file__).parent.parent.parent


def pilotage(store: Store, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, as somebody does while others deposit."""
    return subprocess.run(
        [sys.executable, "-m", "dashboards", *command],
        cwd=ROOT,
        env=store.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def all_of(network: Network) -> object:
    """Everything in force, a board, and the history."""
    with network.snapshot() as snapshot:
        shown = compute_board(
            QueryContext(snapshot, Audience.PUBLIC, date(2026, 11, 24)),
            Perimeter(Level.STRUCTURE, "atelier-ternoise"),
            Period.parse("2025-T4"),
        )
        return (
            [export_rows(snapshot, name).write_csv() for name in STORED_DATASETS],
            str(shown),
            list_receipts(network.lake),
        )


def destroy(store: Store) -> None:
    if store.data:
        with psycopg.connect(store.address.removeprefix("ducklake:postgres:"), autocommit=True) as server:
            server.execute("drop schema public cascade")
            server.execute("create schema public")
    destroy_data(store)


@pytest.mark.full
def test_a_store_backed_up_while_somebody_deposits_is_restored_with_the_same_boards(
    filled_store: Store, tmp_path: Path
) -> None:
    store = filled_store
    writer = writing(store, "atelier-ternoise", 500, pause_s=0.1)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    first = writer.stdout.readline().strip()
    made = pilotage(store, "backup", str(tmp_path / "copy"))
    assert made.returncode == 0, made.stderr
    assert writer.poll() is None, "it was depositing all the while"
    writer.kill()
    writer.communicate()

    with Network(str(tmp_path / "copy")) as copied:
        before = all_of(copied)
        with copied.snapshot() as snapshot:
            tag = snapshot.tag
        receipts = list_receipts(copied.lake)
        with copied.lake.cursor() as cursor:
            counts = cursor.rows("select deposit, count(*) from lake.measures group by 1")
    assert first in {receipt.deposit for receipt in receipts}
    whole = {receipt.deposit: receipt.rows_accepted for receipt in receipts if receipt.dataset == "measures"}
    assert dict(counts) == whole, "every deposit is there whole or not at all"
    with store.open() as network:
        assert set(receipts) <= set(list_receipts(network.lake)), "the backup is a moment of the store"

    destroy(store)
    restored = pilotage(store, "restore", str(tmp_path / "copy"))
    assert restored.returncode == 0, restored.stderr
    with store.open() as network:
        assert all_of(network) == before
        with network.snapshot() as snapshot:
            own = snapshot.tag.partition("-")[2]
            assert own != tag.partition("-")[2], "versions are counted anew: no answer kept elsewhere is one of them"
    verified = pilotage(store, "verify")
    assert (verified.returncode, "Aucun dommage" in verified.stdout) == (0, True), verified.stdout
    assert pilotage(store, "deposit", str(ROOT / "schemas" / "samples" / "structures.csv")).returncode in (0, 3)


def test_a_store_is_copied_whole_into_an_empty_place_and_over_nothing(filled_store: Store, tmp_path: Path) -> None:
    store = filled_store
    with store.open() as network, Network(str(tmp_path / "copy")) as copied, Network(str(tmp_path / "empty")) as empty:
        with pytest.raises(StoreError, match="nothing to copy"):
            copy_store(empty.lake, copied.lake)
        assert copy_store(network.lake, copied.lake) == len(list_receipts(network.lake))
        before = all_of(network)
        assert all_of(copied) == before
        for source, target in ((network, copied), (copied, network)):
            with pytest.raises(StoreError, match="holds a network already"):
                copy_store(source.lake, target.lake)
        assert all_of(copied) == before
        assert all_of(network) == before
        assert copied.lake.identity != network.lake.identity
    refused = CliRunner().invoke(app, ["backup", str(tmp_path / "copy"), *store.options])
    assert "exists already" in str(refused.exception)
