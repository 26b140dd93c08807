"""Personal data that came in are taken out for good: no byte of them stays in the store, and a tombstone does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from indicators.errors import UnknownError
from indicators.intake.deposit import check
from indicators.intake.rules import CollectionScope
from indicators.intake.verify import verify
from indicators.network import Network
from indicators.queries.deposits.deposit_history import deposit_history
from indicators.store.copies import copy_store
from indicators.store.deposits import (
    Submission,
    list_receipts,
    new_deposit_id,
    read_content,
    store_submission,
    withdraw,
)
from indicators.store.erasure import erase
from indicators.store.integrity import DamageKind
from tests.builders import (
    ACTIONS,
    AUTHOR,
    DIRECTORY,
    NOW,
    TODAY,
    Store,
    action,
    measure,
    measures,
    stored,
    structures,
    table,
)
from tests.store.on_disk import data_of
from tests.store.test_verify import found_in, no_progress

NAME = "Zzyzx Quidam"
"""Of nobody."""


def naming_somebody(reference: str) -> bytes:
    """A register with a name as the least and as the greatest of a column, as the bounds of files would keep it."""
    done = f"{NAME};;Recevoir {NAME};accueil;2026-01-10;;;;;;ouverte"
    return table(ACTIONS, f"atelier-ternoise;{reference};corrective;audit;accueil;;{done}")


def bytes_of(store: Store) -> bytes:
    """Everything that the store has on disk, and the dump of its database."""
    content = data_of(store)
    if not store.data:
        return content
    known = conninfo_to_dict(store.address.removeprefix("ducklake:postgres:"))
    command = ["pg_dump", "-h", known["host"], "-p", known["port"], "-U", known["user"], known["dbname"]]
    return content + subprocess.run([str(part) for part in command], capture_output=True, check=True).stdout


def holds(store: Store) -> bool:
    """Whether the name stands anywhere, as it is or as PostgreSQL writes bytes."""
    content = bytes_of(store)
    return NAME.encode() in content or NAME.encode().hex().encode() in content


def deposit_naming(network: Network, reference: str) -> str:
    found = check(network, naming_somebody(reference), f"{NAME}.csv", CollectionScope(), TODAY)
    assert found.table is not None
    given = (new_deposit_id(), AUTHOR, NOW, "actions", found.file_name, found.content, found.rows_read, found.table)
    return store_submission(network.lake, Submission(*given, found.findings, comment=f"vu avec {NAME}")).deposit


@pytest.fixture
def with_actions(directory_store: Store) -> Store:
    """A store that knows structures and two actions of one."""
    with directory_store.open() as network:
        stored(network, table(ACTIONS, action("A-1"), action("A-2")))
    return directory_store


@pytest.mark.parametrize(
    "tidied", [pytest.param(False, marks=pytest.mark.full, id="inlined"), pytest.param(True, id="in files")]
)
def test_no_byte_of_an_erased_deposit_stays_in_the_store(with_actions: Store, tmp_path: Path, tidied: bool) -> None:
    store = with_actions
    with store.open() as network:
        before = sorted(row[:2] for row in in_force(network))
        wrong = [deposit_naming(network, "A-1"), deposit_naming(network, "A-9")]
        withdraw(network.lake, wrong[1], "trop tard", AUTHOR, NOW)
        if tidied:
            network.lake.compact()
            stored(network, table(ACTIONS, *later()))
    assert holds(store)
    with store.open() as network:
        for deposit in wrong:
            erasure = erase(network.lake, deposit, "données personnelles", AUTHOR, NOW)
            assert (erasure.erases, erasure.comment) == (deposit, "données personnelles")
            with pytest.raises(UnknownError):
                read_content(network.lake, deposit)
        assert not holds(store)
        assert erase(network.lake, wrong[0], "encore", AUTHOR, NOW).comment == "données personnelles"
        tombstone = next(receipt for receipt in list_receipts(network.lake) if receipt.deposit == wrong[0])
        assert (tombstone.is_erased, tombstone.author, tombstone.rows_accepted) == (True, AUTHOR, 0)
        with network.snapshot() as snapshot:
            history = [each for each in deposit_history(snapshot, None, 50) if each.receipt.deposit in wrong]
        assert [each.withdrawal and each.withdrawal.reason for each in history] == ["données personnelles"] * 2
        kept = [row[:2] for row in in_force(network) if row[0] != "A-later"]
        assert sorted(kept) == before, "what it replaced is current again"
    assert not holds(store)
    assert found_in(store) == []
    with store.open() as network, Network(str(tmp_path / "copy")) as copied:
        copy_store(network.lake, copied.lake)
        assert list_receipts(copied.lake) == list_receipts(network.lake)
    assert found_in(Store(str(tmp_path / "copy"))) == []


@pytest.mark.full
def test_measures_are_still_held_against_their_files_once_the_structures_they_were_read_by_are_erased(
    tmp_path: Path,
) -> None:
    store = Store(str(tmp_path / "store"))
    with store.open() as network:
        wrong = stored(network, structures(*DIRECTORY))
        quarters = ("2025-T3", "2025-T4", "2026-T1")
        for quarter in quarters:
            stored(network, measures(measure("atelier-ternoise", quarter, "dynamic_exit_rate", 30, 96)))
        erase(network.lake, wrong.deposit, "données personnelles", AUTHOR, NOW)
    # Nobody knows the structure any more: what cannot be checked is said, without a place that is gone by then.
    damages = list(verify(store.address, store.data, no_progress))
    assert [damage.kind for damage in damages] == [DamageKind.UNREAD] * len(quarters)
    assert not any("pilotage-" in damage.detail for damage in damages)
    with store.open() as network:
        stored(network, structures(*DIRECTORY[:-1], DIRECTORY[-1].replace("fictif", "inventé")))
    assert list(verify(store.address, store.data, no_progress)) == []
    with store.open() as network:
        change = "update lake.measures set numerator = 31 where period = '2025-T4'"
        network.lake.write(lambda cursor: cursor.rows(change) and None)
    assert [damage.kind for damage in found_in(store)] == [DamageKind.ROWS]


def later() -> list[str]:
    return ["atelier-ternoise;A-later;corrective;audit;accueil;;Livret;;Imprimer;accueil;2026-01-11;;;;;;ouverte"]


def in_force(network: Network) -> list[tuple[object, ...]]:
    with network.snapshot() as snapshot:
        sql = "select reference, observation from current_actions($withdrawn)"
        return snapshot.cursor.rows(sql, withdrawn=snapshot.withdrawn)


def test_what_is_no_deposit_cannot_be_erased(filled_store: Store) -> None:
    with filled_store.open() as network:
        taking = next(receipt for receipt in list_receipts(network.lake) if receipt.withdraws)
        for name in ("inconnu", taking.deposit):
            with pytest.raises(UnknownError):
                erase(network.lake, name, "essai", AUTHOR, NOW)
