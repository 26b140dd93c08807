"""A catalogue in PostgreSQL: beside readers and writers, extensions of the server, and with few rights."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from indicators.errors import StoreError
from indicators.network import Network
from indicators.store.deposits import list_receipts
from indicators.store.erasure import erase
from indicators.store.places.postgres_store import ADVISORY_LOCK
from tests.builders import AUTHOR, DIRECTORY, NOW, Store, stored, structures
from tests.conftest import POSTGRES, own_database

pytestmark = [pytest.mark.full, pytest.mark.skipif(POSTGRES is None, reason="there is no PostgreSQL")]


@pytest.fixture
def database() -> Iterator[str]:
    with own_database(str(POSTGRES)) as connection:
        yield connection


@pytest.fixture
def shared(database: str, tmp_path: Path) -> Store:
    return Store(f"ducklake:postgres:{database}", str(tmp_path / "data"))


def test_who_only_asks_does_not_wait_for_who_writes(shared: Store, database: str) -> None:
    with shared.open() as network:
        stored(network, structures(*DIRECTORY))
    with psycopg.connect(database, autocommit=True) as writer:
        writer.execute("select pg_advisory_lock(%s)", [ADVISORY_LOCK])
        writer.execute("set statement_timeout = '20s'")
        conninfo = make_conninfo(database, options="-c lock_timeout=2s")
        with Network(f"ducklake:postgres:{conninfo}", shared.data) as network:
            assert len(list_receipts(network.lake)) == 1


def test_an_erasure_beside_a_long_reader_is_refused_soon_and_can_be_done_again(
    shared: Store, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indicators.store.places.postgres_store.LOCK_TIMEOUT_S", 1)
    with shared.open() as network:
        wrong = stored(network, structures(*DIRECTORY)).deposit
        with psycopg.connect(make_conninfo(database, options="-c idle_in_transaction_session_timeout=20s")) as reader:
            reader.execute("select count(*) from ducklake_snapshot")
            start = time.monotonic()
            with pytest.raises(StoreError, match="somebody reads it"):
                erase(network.lake, wrong, "données personnelles", AUTHOR, NOW)
            assert time.monotonic() - start < 15
        assert [receipt.erases for receipt in list_receipts(network.lake)] == [wrong, None]
        assert erase(network.lake, wrong, "encore", AUTHOR, NOW).comment == "données personnelles"


def test_views_and_tables_of_extensions_are_no_data_of_somebody_else(shared: Store, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as server:
        server.execute("create view somebody as select 1")
        server.execute("create table spatial_ref_sys (srid int)")
        server.execute("alter extension plpgsql add table spatial_ref_sys")
    with shared.open() as network:
        stored(network, structures(*DIRECTORY))
    with shared.open() as network:
        assert len(list_receipts(network.lake)) == 1


def test_a_right_that_is_lacking_for_an_upgrade_is_a_sentence_that_names_it(shared: Store, database: str) -> None:
    role = f"pilotage_{time.monotonic_ns()}"
    with psycopg.connect(database, autocommit=True) as server:
        server.execute(f"create role {role} login password 'sesame'".encode())
        try:
            server.execute(f"grant all on schema public to {role}".encode())
            address = f"ducklake:postgres:{make_conninfo(database, user=role, password='sesame')}"
            with Network(address, shared.data) as network:
                network.lake.write(lambda cursor: cursor.rows("update lake.schema_versions set version = 2") and None)
            with pytest.raises(StoreError, match=r"permission denied .*needs CREATE on the database") as failure:
                Network(address, shared.data, upgrade=True)
            assert "sesame" not in str(failure.value)
            assert "\n" not in str(failure.value)
        finally:
            server.execute(f"drop owned by {role}; drop role {role}".encode())
