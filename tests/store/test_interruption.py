"""The key that stops a program stops it, whatever it is doing: nothing after it is stored."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboards.cli import app
from indicators.intake.deposit import check
from indicators.intake.validate import ValidationResult
from indicators.network import Network
from indicators.store.cursor import Cursor
from indicators.store.deposits import list_receipts, withdraw
from indicators.store.erasure import erase
from indicators.store.tables import TABLES, is_data_file
from tests.builders import AUTHOR, DIRECTORY, NOW, Store, data_folder, measure, measures, stored, structure, structures
from tests.conftest import copy_store

LONG = "select count(*) from range(100000000000) as numbers(n) where n % 7 = 3"
"""A question that takes minutes."""
FILES = 60
LARGE_STRUCTURES = 300
LARGE_INDICATORS = ("absenteeism_rate", "dynamic_exit_rate", "undocumented_exit_rate")
"""Of a file of 54,000 rows: its deposit takes some two seconds of processor time, half of them to read it."""


@pytest.fixture
def embedded(empty_folder: Path, tmp_path: Path) -> Store:
    return Store(str(copy_store(empty_folder, tmp_path / "store")))


@pytest.fixture
def known(directory_folder: Path, tmp_path: Path) -> Store:
    """A store that knows the structures of `DIRECTORY`."""
    return Store(str(copy_store(directory_folder, tmp_path / "store")))


@pytest.fixture
def tidied(tidied_folder: Path, tmp_path: Path) -> Iterator[Network]:
    """A network whose structures are in a file of its data folder."""
    with Network(str(copy_store(tidied_folder, tmp_path / "store"))) as network:
        yield network


@pytest.mark.parametrize("way", ["frame", "rows"])
def test_a_key_pressed_during_a_question_stops_the_program(embedded: Store, way: str) -> None:
    with embedded.open() as network:
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt), network.lake.cursor() as cursor:
            getattr(cursor, way)(LONG)
        with network.lake.cursor() as cursor:
            assert cursor.rows("select 1") == [(1,)], "the store can still be asked"


def open_cursors_until_a_key_is_pressed(network: Network, after_s: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, after_s)
    last = time.monotonic() + 30
    while time.monotonic() < last:
        with network.lake.cursor():
            pass


@pytest.mark.parametrize("seed", range(3))
def test_a_key_pressed_at_any_moment_of_a_cursor_is_the_key_and_no_failure(embedded: Store, seed: int) -> None:
    """Its beginning and its end count: half of such keys were once reported as a failure of the store."""
    moments = random.Random(seed)
    default = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with embedded.open() as network:
            for _ in range(30):
                with pytest.raises(KeyboardInterrupt):
                    open_cursors_until_a_key_is_pressed(network, moments.uniform(0.001, 0.004))
            with network.lake.cursor() as cursor:
                assert cursor.rows("select 1") == [(1,)], "the store can still be asked"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, default)


def test_a_key_pressed_during_a_deposit_leaves_nothing_of_it(known: Store) -> None:
    with known.open() as network:

        def change(cursor: Cursor) -> None:
            cursor.rows("delete from lake.deposits")
            cursor.rows(LONG)

        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            network.lake.write(change)
        assert len(list_receipts(network.lake)) == 1
        stored(network, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 20, 96)))


def test_the_command_that_deposits_many_files_stops_at_the_key(known: Store, tmp_path: Path) -> None:
    for number in range(FILES):
        row = measure("atelier-ternoise", f"{2011 + number // 4}-T{number % 4 + 1}", "dynamic_exit_rate", 20, 96)
        (tmp_path / f"{number:03}.csv").write_bytes(measures(row))
    command = [sys.executable, "-m", "dashboards", "deposit", "--json", "--confirm", "essai"]
    process = subprocess.Popen(
        [*command, *(str(path) for path in sorted(tmp_path.glob("*.csv")))],
        cwd=Path(__file__).parent.parent.parent,
        env={**known.environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert '"accepted"' in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    output, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" not in complaint
    with known.open() as network:
        kept = len(list_receipts(network.lake)) - 1
    assert kept - len(output.splitlines()) in (1, 2), "what was being stored may have been stored before it was said"
    assert kept < FILES


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that knows some hundred structures, and a file of all that they have ever measured."""
    folder = tmp_path_factory.mktemp("large")
    codes = [f"s{number:03}" for number in range(LARGE_STRUCTURES)]
    quarters = [f"{year}-T{quarter}" for year in range(2011, 2026) for quarter in (1, 2, 3, 4)]
    with Store(str(folder / "store")).open() as network:
        stored(network, structures(*map(structure, codes)))
    rows = [measure(code, quarter, name, 20, 96) for code in codes for quarter in quarters for name in LARGE_INDICATORS]
    (folder / "large.csv").write_bytes(measures(*rows))
    return folder


def descendants(process: int) -> set[int]:
    """Return the processes that a process started, and those that these started."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return set()
    return {int(child) for child in children}.union(*(descendants(int(child)) for child in children))


def is_there(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    last = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < last
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("command", "moment"),
    [
        pytest.param("check", "started", marks=pytest.mark.full),
        ("check", "read"),
        pytest.param("deposit", "read", marks=pytest.mark.full),
        ("deposit", "stored"),
    ],
)
def test_a_key_pressed_in_the_middle_of_a_large_file_leaves_nothing_of_it(
    large: Path, tmp_path: Path, command: str, moment: str
) -> None:
    shutil.copytree(large / "store", tmp_path / "store")
    embedded = Store(str(tmp_path / "store"))
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboards", command, "--json", "--confirm", "essai", str(large / "large.csv")],
        cwd=Path(__file__).parent.parent.parent,
        env=embedded.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    moments = {
        "started": lambda: len(descendants(process.pid)) > 1,
        # Its reader waits for it beside the process that forks readers; once it has it, another one waits.
        "read": lambda: len(descendants(process.pid)) > 2,
        # Rows are written before the transaction that makes them visible ends.
        "stored": lambda: any((tmp_path / "store" / "data" / "main" / "measures").rglob("*.parquet")),
    }
    until(moments[moment])
    started = descendants(process.pid)
    process.send_signal(signal.SIGINT)
    output, complaint = process.communicate(timeout=60)
    # Interrupted inside the machinery of imports, Python ends by the signal itself: 130 to a shell as well.
    assert process.returncode in (130, -signal.SIGINT)
    assert (output, complaint) == ("", "")
    until(lambda: not any(map(is_there, started)))
    with embedded.open() as network:
        assert [receipt.dataset for receipt in list_receipts(network.lake)] == ["structures"]
        with network.lake.cursor() as cursor:
            assert cursor.rows("select count(*) from lake.measures") == [(0,)]


@pytest.mark.parametrize("replaced", [False, True], ids=["swallowed", "replaced"])
def test_a_key_whose_exception_a_library_swallows_or_replaces_stops_a_deposit_all_the_same(
    known: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: bool
) -> None:
    def swallow(*arguments: Any) -> ValidationResult:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        if replaced:
            raise RuntimeError("a library was stopped")
        return check(*arguments)

    (tmp_path / "sound.csv").write_bytes(measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 20, 96)))
    monkeypatch.setattr("dashboards.commands.check_and_deposit.validate_bytes", swallow)
    ran = CliRunner().invoke(app, ["deposit", str(tmp_path / "sound.csv"), *known.options])
    assert (ran.exit_code, ran.output) == (130, "")
    with known.open() as network:
        assert len(list_receipts(network.lake)) == 1


def test_tidying_removes_old_files_of_deposits_that_were_killed_and_leaves_young_ones(tidied: Network) -> None:
    folder = next(data_folder(tidied).rglob("*.parquet")).parent
    content = next(folder.glob("*.parquet")).read_bytes()
    old, young = folder / "ducklake-old.parquet", folder / "ducklake-young.parquet"
    for orphan in (old, young):
        orphan.write_bytes(content)
    os.utime(old, (0, 0))
    tidied.lake.compact()
    assert not old.exists()
    assert young.exists()
    with tidied.snapshot() as snapshot:
        assert len(snapshot.structures) == len(DIRECTORY)


STRANGE = (
    "other/data/main/measures/ducklake-1.parquet",
    "main/measures/second/main/measures/ducklake-1.parquet",
    "main/letters/ducklake-1.parquet",
    "main/measures/a.parquet",
)
"""Files below the data folder of a store that it has not written."""


@pytest.mark.parametrize("path", STRANGE)
def test_a_file_that_a_store_would_not_write_is_none_of_its_own(path: str) -> None:
    assert not is_data_file(f"/data/{path}", "/data/")
    assert is_data_file("/data/main/measures/ducklake-1.parquet", "/data/")


@pytest.mark.parametrize("path", [STRANGE[0], *(pytest.param(path, marks=pytest.mark.full) for path in STRANGE[1:])])
def test_tidying_removes_nothing_of_another_store_below_the_data_folder(tidied: Network, path: str) -> None:
    orphan = next(data_folder(tidied).rglob("main/structures/*.parquet")).with_name("ducklake-old.parquet")
    strange = data_folder(tidied) / path
    strange.parent.mkdir(parents=True, exist_ok=True)
    for old in (orphan, strange):
        old.write_bytes(b"PAR1")
        os.utime(old, (0, 0))
    assert tidied.lake.compact() == [str(strange)]
    assert strange.exists()
    assert orphan.exists(), "nothing can be removed of which DuckLake looks for itself"
    strange.unlink()
    assert tidied.lake.compact() == []
    assert not orphan.exists()


def test_a_store_is_tidied_by_itself_after_enough_deposits(known: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indicators.store.record_order.RECORDS_BETWEEN_COMPACTIONS", 3)
    with known.open() as network:
        for turn, files in ((1, 0), (2, 1), (3, 1)):
            stored(network, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", turn, 96)), "oui")
            assert len([*data_folder(network).rglob("measures/*/*.parquet")]) == files


def test_tables_are_flushed_one_after_the_other(tidied: Network) -> None:
    """Flushed together, they crashed the process now and then: DuckLake ends them in threads that share a list."""
    with closing(tidied.lake._connection.cursor()) as looking:
        looking.execute("call enable_logging('QueryLog')")
        tidied.lake.compact()
        tidied.lake.purge_history()
        looking.execute("call disable_logging()")
        flushes = "select message from duckdb_logs where starts_with(message, 'call ducklake_flush_inlined_data')"
        calls = [str(message) for (message,) in looking.execute(flushes).fetchall()]
    assert len(calls) == 2 * len(TABLES)
    assert all("table_name => " in call for call in calls)


@pytest.mark.parametrize("taking_back", ["withdrawal", "erasure"])
def test_a_store_is_tidied_whatever_the_record_that_it_is_time_at(
    known: Store, monkeypatch: pytest.MonkeyPatch, taking_back: str
) -> None:
    with known.open() as network:
        monkeypatch.setattr("indicators.store.record_order.RECORDS_BETWEEN_COMPACTIONS", 3)
        wrong = stored(network, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 1, 96)))
        take_back = withdraw if taking_back == "withdrawal" else erase
        tidied = []
        monkeypatch.setattr(network.lake, "compact", lambda: tidied.append(1))
        take_back(network.lake, wrong.deposit, "essai", AUTHOR, NOW)
        assert tidied == [1]
