"""Schema version of a store: which one it has, its tables when it is new, its upgrade when it is older."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import duckdb

from indicators.errors import StoreError
from indicators.store.dataset_sql import dataset_tables
from indicators.store.places.location import StoreLocation
from indicators.store.tables import SQL_FOLDER

UPGRADES: Final = tuple(sorted((SQL_FOLDER / "upgrades").glob("*.sql"), key=lambda step: int(step.name.split("_")[0])))
"""SQL files that each upgrade a store by one schema version, in one transaction; a store without a version has 0."""
SCHEMA_VERSION: Final = len(UPGRADES)
"""The schema version that this program reads and writes."""


@dataclass(frozen=True)
class Upgrade:
    """An upgrade done: schema version before and after, and where the old catalogue was copied."""

    before: int
    after: int
    copy: str


def read_schema_version(connection: duckdb.DuckDBPyConnection, location: StoreLocation) -> int | None:
    """Return the schema version of an attached store; `None` for a catalogue without tables (interrupted creation)."""
    # Listing the tables takes as long as all the rest of opening a store.
    with suppress(duckdb.CatalogException):
        row = connection.execute("select coalesce(max(version), 0) from lake.schema_versions").fetchone()
        return int(row[0]) if row else 0
    names = connection.execute("select table_name from duckdb_tables() where database_name = 'lake'")
    tables = {str(name) for (name,) in names.fetchall()}
    if "targets" in tables:
        return 0
    if tables or location.has_data(connection):
        raise StoreError(f"store {location.name}: its catalogue lacks tables of a store; restore a backup elsewhere")
    return None


def check_schema_version(version: int | None, location: StoreLocation) -> None:
    """Raise a `StoreError` for a store of another schema version than ours."""
    if version is None or version < SCHEMA_VERSION:
        advice = (
            "upgrade it first"
            if location.writable
            else "copy it to a folder that can be written in, then upgrade that copy"
        )
        raise StoreError(
            f"store {location.name}: has schema version {version or 0}, older than this program's ({SCHEMA_VERSION});"
            f" {advice} (pilotage upgrade)"
        )
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"store {location.name}: has schema version {version}, newer than this program's ({SCHEMA_VERSION});"
            " install the newer pilotage that wrote it"
        )


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of a new store, all or none."""
    connection.execute("begin")
    connection.execute(dataset_tables() + (SQL_FOLDER / "tables.sql").read_text(encoding="utf-8"))
    connection.execute("insert into lake.schema_versions values (?)", [SCHEMA_VERSION])
    connection.execute("commit")


def upgrade_schema(connection: duckdb.DuckDBPyConnection, location: StoreLocation, before: int) -> Upgrade:
    """Upgrade an older store to our schema version, in atomic steps, after copying its catalogue."""
    connection.execute("detach lake")
    copy = location.copy_catalogue(before)
    connection.execute(location.attachment)
    connection.execute((SQL_FOLDER / "schema_versions.sql").read_text(encoding="utf-8"))
    for version, step in enumerate(UPGRADES[before:], before + 1):
        connection.execute("begin")
        connection.execute(step.read_text(encoding="utf-8"))
        # A dataset that is new has no table yet.
        connection.execute(dataset_tables())
        connection.execute("insert into lake.schema_versions values (?)", [version])
        connection.execute("commit")
    _flush_with_one_thread(connection)
    return Upgrade(before, SCHEMA_VERSION, copy)


def _flush_with_one_thread(connection: duckdb.DuckDBPyConnection) -> None:
    """Write inlined rows to Parquet; nothing else may use the database, whose number of threads is changed.

    A table that a step altered has inlined rows of each of its schemas, which several threads must not flush together
    (`Lake._flush_inlined_rows`); afterwards it has those of the newest alone.
    """
    [(threads,)] = connection.execute("select current_setting('threads')").fetchall()
    connection.execute(f"set threads = 1; call ducklake_flush_inlined_data('lake'); set threads = {threads}")
