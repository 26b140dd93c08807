"""Stores made by older versions are upgraded after a copy of their catalogue, and keep what they hold; newer ones are
refused. A new store is made only where there is nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from indicators.errors import StoreError
from indicators.intake.verify import verify
from indicators.network import Network
from indicators.store.deposits import list_receipts
from indicators.store.extensions import connect
from indicators.store.integrity import DamageKind
from indicators.store.places.locate import locate_store
from indicators.store.schema_upgrade import SCHEMA_VERSION
from tests.builders import ACTIONS, DIRECTORY, Store, action, data_folder, measure, measures, stored, structures, table
from tests.conftest import copy_store
from tests.store.on_disk import write_data
from tests.store.test_verify import no_progress

OLDER = Path(__file__).parent / "older"
"""The tables of stores as older versions made them, by the name of what came after."""
WITH_INDICATOR = f"{ACTIONS};indicateur"


def make_older_store(store: Store, tables: str) -> None:
    """Make a store as an older version did, with two deposits that give a figure each way and a withdrawn third."""
    place = locate_store(store.address, store.data)
    if store.data is None:
        Path(store.address).mkdir()
    with closing(connect(*place.extensions)) as lake:
        assert not place.holds_store(lake)
        lake.execute(place.attachment)
        lake.execute((OLDER / f"{tables}.sql").read_text(encoding="utf-8"))
        lake.execute((OLDER / "rows.sql").read_text(encoding="utf-8"))


@pytest.fixture(params=["first_commit", "before_versions"])
def older(request: pytest.FixtureRequest, store: Store) -> Store:
    make_older_store(store, request.param)
    return store


def test_an_older_store_is_refused_until_it_is_upgraded_and_then_keeps_its_figures(older: Store) -> None:
    with pytest.raises(StoreError, match=r"schema version 0, older .*pilotage upgrade"):
        older.open()
    with Network(older.address, older.data, upgrade=True) as network:
        assert network.lake.upgraded is not None
        assert (network.lake.upgraded.before, network.lake.upgraded.after) == (0, SCHEMA_VERSION)
        before = network.lake.upgraded.copy
        with network.lake.cursor() as cursor, closing(connect()) as other:
            inlined = "select count(*) from __ducklake_metadata_lake.ducklake_inlined_data_tables group by table_id"
            assert {count for (count,) in cursor.rows(inlined)} == {1}, "each table can be flushed alone"
            threads = "select current_setting('threads')"
            assert cursor.rows(threads) == other.execute(threads).fetchall(), "it has all its threads again"
    with older.open() as network, network.snapshot() as snapshot:
        assert network.lake.upgraded is None
        sql = "select structure, period, numerator, sequence from current_measures($w) order by all"
        assert snapshot.cursor.rows(sql, w=snapshot.withdrawn) == [
            ("atelier-ternoise", "2026-T1", 30.0, 3),
            ("atelier-ternoise", "2026-T2", 21.0, 2),
        ]
        assert snapshot.cursor.rows("select deposit, sequence from lake.deposits order by 2") == [
            ("d1", 1),
            ("d2", 2),
            ("d3", 3),
            ("d4", 4),
            ("d5", 5),
        ]
    if older.data is None:
        with closing(sqlite3.connect(before)) as copy:
            tables = {
                name for (name,) in copy.execute("select table_name from ducklake_table where end_snapshot is null")
            }
        assert "measures" in tables
        assert "schema_versions" not in tables
    with older.open() as network:
        row = measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 31, 96)
        assert stored(network, measures(row), "corrigé").sequence == 6


@pytest.fixture(scope="module")
def older_with_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the first version whose files were deposited, with an action that names an indicator; upgraded."""
    folder = tmp_path_factory.mktemp("older")
    older = Store(str(folder / "older"))
    Path(older.address).mkdir()
    with Network(str(folder / "today")) as today, closing(connect("ducklake", "sqlite_scanner")) as lake:
        stored(today, structures(*DIRECTORY))
        stored(today, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 30, 96)))
        stored(today, table(WITH_INDICATOR, action("A-1") + ";absenteeism_rate"))
        lake.execute(locate_store(older.address, None).attachment)
        lake.execute((OLDER / "first_commit.sql").read_text(encoding="utf-8"))
        with today.lake.cursor() as cursor:
            for name in ("deposits", "files", "structures", "measures", "actions"):
                columns = ", ".join(f'"{row[0]}"' for row in lake.execute(f"describe lake.{name}").fetchall())
                lake.register("rows", cursor.frame(f"select {columns} from lake.{name}").to_arrow())
                lake.execute(f"insert into lake.{name} by name from rows")
    with Network(older.address, upgrade=True):
        pass
    return Path(older.address)


def test_a_sound_store_of_the_first_version_is_found_sound_once_upgraded(
    older_with_files: Path, tmp_path: Path
) -> None:
    folder = str(shutil.copytree(older_with_files, tmp_path / "store"))
    assert list(verify(folder, None, no_progress)) == []


def test_what_was_deposited_since_the_upgrade_is_held_against_its_file_and_what_was_before_with_a_doubt(
    older_with_files: Path, tmp_path: Path
) -> None:
    store = Store(str(shutil.copytree(older_with_files, tmp_path / "store")))
    with store.open() as network:
        before = [receipt.deposit for receipt in list_receipts(network.lake) if receipt.dataset == "measures"]
        since = stored(network, measures(measure("atelier-ternoise", "2026-T2", "dynamic_exit_rate", 30, 96))).deposit
        network.lake.write(lambda cursor: cursor.rows("update lake.measures set numerator = 31") and None)
    found = list(verify(store.address, store.data, no_progress))
    assert [(damage.kind, damage.name) for damage in found] == [
        *((DamageKind.READ_OTHERWISE, deposit) for deposit in before),
        (DamageKind.ROWS, since),
    ]
    assert [damage.is_certain for damage in found] == [False, True], "an older program may have read it so"


def test_an_upgrade_that_was_cut_short_is_taken_up_where_it_stopped(store: Store) -> None:
    make_older_store(store, "before_versions")
    with Network(store.address, store.data, upgrade=True) as network:
        network.lake.write(lambda cursor: cursor.rows("delete from lake.schema_versions where version > 0") and None)
        for name in ("deposits", "structures", "measures", "actions", "participation", "targets"):
            network.lake._connection.execute(f"alter table lake.{name} drop column sequence")
        for name in ("newer_moment", "schema_version", "eyes"):
            network.lake._connection.execute(f"alter table lake.deposits drop column {name}")
        for name in ("decisions", "campaigns"):
            network.lake._connection.execute(f"drop table lake.{name}")
    with Network(store.address, store.data, upgrade=True) as network, network.snapshot() as snapshot:
        assert snapshot.cursor.rows("select max(sequence) from lake.measures") == [(5,)]


def test_a_newer_store_is_refused_by_its_version_and_left_as_it_is(directory_store: Store) -> None:
    store = directory_store
    with store.open() as network:
        network.lake.write(lambda cursor: cursor.rows("insert into lake.schema_versions values (99)") and None)
    for upgrade in (False, True):
        with pytest.raises(
            StoreError, match=f"schema version 99, newer than this program's .{SCHEMA_VERSION}."
        ) as refusal:
            Network(store.address, store.data, upgrade=upgrade)
        assert refusal.value


@pytest.mark.parametrize("damage", ["gone", "empty", "without tables"])
def test_data_without_its_catalogue_is_never_opened_as_a_new_network(
    tidied_folder: Path, tmp_path: Path, damage: str
) -> None:
    folder = copy_store(tidied_folder, tmp_path / "store")
    before = sorted(folder.rglob("*.parquet"))
    catalogue = folder / "catalogue.sqlite"
    catalogue.unlink()
    if damage == "empty":
        catalogue.touch()
    elif damage == "without tables":
        with closing(sqlite3.connect(catalogue)) as made:
            made.execute("pragma user_version = 1")
            made.commit()
    for upgrade in (False, True):
        with pytest.raises(StoreError, match=r"catalogue is gone or empty .*pilotage restore"):
            Network(str(folder), upgrade=upgrade)
    assert sorted(folder.rglob("*.parquet")) == before


def test_a_store_is_made_only_where_there_is_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "letter.odt").write_text("not ours")
    with pytest.raises(StoreError, match=r"letter.odt"):
        Network(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["letter.odt"]


@pytest.mark.parametrize("tidied", [False, True])
def test_a_store_is_not_made_inside_the_data_folder_of_another_one(
    directory_folder: Path, tidied_folder: Path, tmp_path: Path, tidied: bool
) -> None:
    with Network(str(copy_store(tidied_folder if tidied else directory_folder, tmp_path / "store"))) as network:
        inside = data_folder(network) / "second"
    with pytest.raises(StoreError, match=r"store/data holds the data files of another store"):
        Network(str(inside))
    assert not inside.exists()


def change_catalogue(store: Store, statement: str) -> None:
    """Change the catalogue of a store as another program would."""
    if store.data:
        with psycopg.connect(store.address.removeprefix("ducklake:postgres:"), autocommit=True) as server:
            server.execute(statement.encode())
    else:
        Path(store.address).mkdir(exist_ok=True)
        with closing(sqlite3.connect(Path(store.address) / "catalogue.sqlite")) as made:
            made.execute(statement)
            made.commit()


def test_a_database_of_something_else_is_left_alone(store: Store) -> None:
    change_catalogue(store, "create table letters (text varchar)")
    with pytest.raises(StoreError, match="letters"):
        store.open()
    change_catalogue(store, "drop table letters")
    write_data(store, "ducklake-1.parquet", b"PAR1")
    with pytest.raises(StoreError, match="catalogue is gone or empty"):
        store.open()


def test_no_password_is_in_what_is_said_of_a_store_that_cannot_be_opened(tmp_path: Path) -> None:
    address = "ducklake:postgres:host=127.0.0.1 port=1 user=pilotage password=sesame dbname=network"
    with pytest.raises(StoreError, match=r"host=127\.0\.0\.1 port=1") as refusal:
        Network(address, str(tmp_path))
    assert "sesame" not in str(refusal.value)


def test_a_store_on_a_medium_that_can_only_be_read_is_read_and_takes_no_deposit(
    tidied_folder: Path, tmp_path: Path
) -> None:
    folder = copy_store(tidied_folder, tmp_path / "store")
    with Network(str(folder)) as network:
        stored(network, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 30, 96)))
    files = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in files}
    was_root = os.geteuid() == 0
    for path in files:
        path.chmod(modes[path] & 0o555 | 0o444)
    try:
        if was_root:
            # Root may write whatever the permissions say.
            for path in (tmp_path, *tmp_path.parents):
                if path.stat().st_mode & 0o011 == 0:
                    path.chmod(path.stat().st_mode | 0o011)
            os.seteuid(65534)
        with Network(str(folder)) as network:
            with network.snapshot() as snapshot:
                assert len(snapshot.structures) == len(DIRECTORY)
                assert snapshot.cursor.rows("select numerator from current_measures([])") == [(30.0,)]
            with pytest.raises(StoreError, match="can only be read"):
                stored(network, measures(measure("atelier-ternoise", "2026-T2", "dynamic_exit_rate", 30, 96)))
        assert sorted(folder.rglob("*")) == sorted(files[1:])
    finally:
        if was_root:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)
        shutil.rmtree(folder)


def named(network: Network) -> list[tuple[object, ...]]:
    with network.snapshot() as snapshot:
        sql = "select reference, indicator from current_actions($withdrawn) order by reference"
        return snapshot.cursor.rows(sql, withdrawn=snapshot.withdrawn)


def test_an_action_may_name_no_indicator(directory_network: Network) -> None:
    stored(directory_network, table(WITH_INDICATOR, action("A-1") + ";", action("A-2") + ";absenteeism_rate"))
    assert named(directory_network) == [("A-1", None), ("A-2", "absenteeism_rate")]
