"""A dataset that is declared has its table, its current rows and its place in histories and checks: nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from indicators.network import Network
from indicators.store import dataset_sql, deposits
from indicators.store.deposits import Submission, new_deposit_id, store_submission
from indicators.store.integrity import check_store
from schemas.columns import CellType, Column, Dataset, contract
from schemas.datasets import STORED_DATASETS
from tests.builders import AUTHOR, NOW

COLUMNS = (
    Column("structure", "structure", "structure", CellType.STRUCTURE, non_empty=True),
    Column("visit", "visite", "visit", CellType.TEXT, non_empty=True),
    Column("made_on", "rendue_le", "made_on", CellType.DATE, non_empty=True),
    Column("visitors", "visiteurs", "visitors", CellType.WHOLE),
)
VISITS = Dataset(
    "visites", COLUMNS, ("structure", "visit"), contract(COLUMNS, {}, []), table="visits", days=("made_on",)
)


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """A network whose program knows one dataset more."""
    for module in (dataset_sql, deposits):
        monkeypatch.setattr(module, "STORED_DATASETS", {**STORED_DATASETS, VISITS.name: VISITS})
    return Network(str(tmp_path / "store"))


def store_visits(network: Network, *rows: tuple[str, str, date, int | None]) -> str:
    table = pl.DataFrame(rows, ["structure", "visit", "made_on", "visitors"], orient="row").with_columns(
        line=pl.int_range(2, len(rows) + 2)
    )
    submission = Submission(new_deposit_id(), AUTHOR, NOW, VISITS.name, "visites.csv", b"...", len(rows), table)
    return store_submission(network.lake, submission).deposit


def test_a_declared_dataset_is_stored_current_in_histories_and_checked(network: Network) -> None:
    first = store_visits(network, ("atelier", "V-1", date(2026, 3, 4), 2), ("regie", "V-2", date(2026, 5, 4), None))
    second = store_visits(network, ("atelier", "V-1", date(2026, 3, 5), 3))
    with network, network.lake.cursor() as cursor:
        current = cursor.current("current_visits", []).sort("structure")
        assert current.select("structure", "made_on", "visitors", "deposit").rows() == [
            ("atelier", date(2026, 3, 5), 3, second),
            ("regie", date(2026, 5, 4), None, first),
        ]
        assert cursor.current("current_visits", [second]).select("visitors").to_series().to_list() == [2, None]
        deposited = "select holder, key, deposit from deposited_rows() where dataset = 'visites' order by sequence, key"
        assert cursor.rows(deposited) == [
            ("atelier", "atelier V-1", first),
            ("regie", "regie V-2", first),
            ("atelier", "atelier V-1", second),
        ]
        kept = "select structure, told_until from kept_registers([]) where dataset = 'visites' order by structure"
        assert cursor.rows(kept) == [("atelier", date(2026, 3, 5)), ("regie", date(2026, 5, 4))]
        assert list(check_store(network.lake)) == []


def test_rows_of_a_declared_dataset_without_their_record_are_damage(network: Network) -> None:
    deposit = store_visits(network, ("atelier", "V-1", date(2026, 3, 4), 2))
    with network:
        network.lake.write(lambda cursor: cursor.delete_deposit("visits", deposit))
        assert [damage.name for damage in check_store(network.lake)] == [deposit]
