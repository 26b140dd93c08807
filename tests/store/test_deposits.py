"""Deposits under stress: killed in the middle, made by several at once. On each kind of catalogue there is."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from indicators.errors import StoreError, UnknownError
from indicators.intake.deposit import Accepted
from indicators.network import Network
from indicators.store.deposits import list_receipts, read_content, withdraw
from tests.builders import DIRECTORY, NOW, Store, deposit, measure, measures, stored, structures
from tests.conftest import copy_store, runs_all, sample
from tests.store.writer import QUARTERS

ROOT = Path(__file__).parent.parent.parent
KILLS = 4
TIMES = len(sample(range(10), 4))
"""Deposits of each of two processes."""
PAUSE_S = 0 if runs_all() else 0.02
"""Seconds between two questions of a thread that asks while another deposits."""


def writing(store: Store, structure: str, times: int, pause_s: float = 0) -> subprocess.Popen[str]:
    """Start a process that deposits, with a pause after each; its first line says that it is ready."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.writer", structure, str(times), str(pause_s)],
        cwd=ROOT,
        env=store.environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def rows_of(network: Network) -> Counter[str]:
    """How many rows of measures each deposit has, whatever is in force."""
    with network.lake.cursor() as cursor:
        return Counter(
            {str(d): int(str(n)) for d, n in cursor.rows("select deposit, count(*) from lake.measures group by 1")}
        )


@pytest.mark.usefixtures("directory_store")
def test_a_deposit_killed_in_the_middle_is_there_whole_or_not_at_all(store: Store) -> None:
    answered: list[str] = []
    for turn in sample(range(KILLS), KILLS):
        process = writing(store, "atelier-ternoise", 500)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        first = process.stdout.readline().strip()
        time.sleep(0.013 * (turn + 1))
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
        process.wait()
        answered += [first, *rest]
    with store.open() as network:
        recorded = {receipt.deposit for receipt in list_receipts(network.lake) if receipt.dataset == "measures"}
        assert set(answered) <= recorded
        assert rows_of(network) == Counter(dict.fromkeys(recorded, len(QUARTERS)))
        assert isinstance(
            deposit(network, measures(measure("regie-ternoise", "2026-T1", "dynamic_exit_rate", 1, 96))), Accepted
        )


@pytest.mark.usefixtures("directory_store")
def test_two_processes_that_deposit_at_once_lose_and_double_nothing(store: Store) -> None:
    with store.open() as network:
        processes = [writing(store, structure, TIMES) for structure in ("atelier-ternoise", "regie-ternoise")]
        answers = [process.communicate(timeout=240)[0].split()[1:] for process in processes]
        receipts = [receipt for receipt in list_receipts(network.lake) if receipt.dataset == "measures"]
        assert [len(answer) for answer in answers] == [TIMES, TIMES]
        assert Counter(receipt.deposit for receipt in receipts) == Counter(chain.from_iterable(answers))
        assert rows_of(network) == Counter({receipt.deposit: len(QUARTERS) for receipt in receipts})
        # The directory was the first of all.
        assert [receipt.sequence for receipt in receipts] == [*range(len(receipts) + 1, 1, -1)]


@pytest.mark.full
@pytest.mark.usefixtures("directory_store")
def test_two_first_deposits_of_the_same_figures_leave_one_in_force(store: Store) -> None:
    with store.open() as network:
        processes = [writing(store, "atelier-ternoise", 4) for _ in range(2)]
        for process in processes:
            process.communicate(timeout=240)
        with network.snapshot() as snapshot:
            current = snapshot.cursor.rows("select structure, period, indicator from current_measures($w)", w=[])
        assert Counter(current) == Counter(
            dict.fromkeys([("atelier-ternoise", q, "dynamic_exit_rate") for q in QUARTERS], 1)
        )


@pytest.mark.full
def test_threads_that_ask_while_another_deposits_see_whole_deposits_only(directory_network: Network) -> None:
    seen: list[int] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.wait(PAUSE_S):
            with directory_network.snapshot() as snapshot:
                seen.append(int(str(snapshot.cursor.rows("select count(*) from lake.measures")[0][0])))

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(6):
        stored(
            directory_network,
            measures(*(measure("atelier-ternoise", q, "dynamic_exit_rate", turn + 1, 96) for q in QUARTERS)),
            "oui",
        )
    stop.set()
    for reader in readers:
        reader.join()
    assert {count % len(QUARTERS) for count in seen} == {0}
    assert len(set(seen)) > 1


def test_the_bytes_of_a_deposited_file_are_kept(network: Network) -> None:
    content = structures(*DIRECTORY)
    receipt = stored(network, content)
    assert read_content(network.lake, receipt.deposit) == content


def test_tidying_changes_nothing_of_what_is_stored(directory_network: Network) -> None:
    for turn in range(3):
        stored(
            directory_network,
            measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", turn + 1, 96)),
            "oui",
        )
    with directory_network.snapshot() as snapshot:
        before = snapshot.cursor.frame("from current_measures([])")
    directory_network.lake.compact()
    with directory_network.snapshot() as snapshot:
        assert snapshot.cursor.frame("from current_measures([])").equals(before)
    assert len(rows_of(directory_network)) == 3


def test_a_withdrawal_cannot_be_withdrawn_nor_a_deposit_twice(network: Network) -> None:
    receipt = stored(network, structures(*DIRECTORY))
    withdrawal = withdraw(network.lake, receipt.deposit, "doublon", "accueil", NOW)
    for deposit_id in (receipt.deposit, withdrawal.deposit, "inconnu"):
        with pytest.raises(UnknownError):
            withdraw(network.lake, deposit_id, "encore", "accueil", NOW)
    assert len(list_receipts(network.lake)) == 2


def test_a_store_that_cannot_be_opened_names_its_address(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("not a folder")
    with pytest.raises(StoreError, match="taken"):
        Network(str(tmp_path / "taken"))


def test_a_damaged_catalogue_of_the_store_is_an_error_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError) as failure:
        Network(str(tmp_path))
    assert str(tmp_path) in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_store_whose_folder_was_moved_still_opens_and_takes_deposits(directory_folder: Path, tmp_path: Path) -> None:
    with Network(str(copy_store(directory_folder, tmp_path / "here"))) as network:
        stored(network, measures(*(measure("atelier-ternoise", q, "dynamic_exit_rate", 20, 96) for q in QUARTERS)))
        network.lake.compact()
    (tmp_path / "here").rename(tmp_path / "there")
    with Network(str(tmp_path / "there")) as network:
        stored(network, measures(measure("regie-ternoise", "2026-T1", "dynamic_exit_rate", 20, 96)))
        assert sum(rows_of(network).values()) == len(QUARTERS) + 1
