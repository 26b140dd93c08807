"""The DuckLake: opening it, reading one consistent version of it, appending to it.

Measured reasons for its peculiarities: SQLite refuses concurrent writers, hence WAL and one file lock around every
write; the first bound parameter of a process imports numpy and pyarrow for seconds, hence the warm-up.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final, Self

import duckdb

from indicators.cached import cached_property
from indicators.errors import DamagedStoreError, StoreError
from indicators.store.cursor import Cursor, QueryCounter, interruptible
from indicators.store.dataset_sql import dataset_macros
from indicators.store.extensions import connect
from indicators.store.places.locate import locate_store
from indicators.store.places.sql_text import first_line
from indicators.store.schema_upgrade import (
    SCHEMA_VERSION,
    Upgrade,
    check_schema_version,
    create_tables,
    read_schema_version,
    upgrade_schema,
)
from indicators.store.tables import SQL_FOLDER, TABLES, is_data_file

if TYPE_CHECKING:
    from indicators.accounts.database import AccountsDatabase

MAX_WRITE_TRIES: Final = 5


class Lake:
    """A store opened for queries and deposits; close it when done.

    `address` is a folder (embedded store) or `ducklake:postgres:<connection string>`, for which `data` is the location
    of the Parquet files. `name` is the address without secrets, for messages. `upgraded` is the upgrade done if any.
    """

    def __init__(self, address: str, data: str | None = None, *, upgrade: bool = False) -> None:
        """Open the store, creating it if there is nothing; a `StoreError` names the address.

        A store of an older schema version is refused without `upgrade`, one of a newer version always.
        """
        self._location = locate_store(address, data)
        self.name = self._location.name
        self.query_counter = QueryCounter()
        self.write_count = 0
        """Number of writes by this process; a change invalidates what is known of the newest version."""
        self._thread_lock = threading.Lock()
        self.upgraded: Upgrade | None = None
        try:
            self._connection = connect(*self._location.extensions)
            with interruptible(self._connection):
                self._open(upgrade=upgrade)
                # In one transaction: each would ask the catalogue anew which version of its tables there is.
                macros = dataset_macros() + (SQL_FOLDER / "current.sql").read_text(encoding="utf-8")
                self._connection.execute(f"begin;\n{macros}commit")
                self._connection.execute("select ?", [1]).pl()
        except (duckdb.Error, OSError, sqlite3.Error) as failure:
            raise self._failure(failure) from failure

    @property
    def read_only(self) -> bool:
        """Whether the store's location is not writable."""
        return not self._location.writable

    @cached_property
    def identity(self) -> str:
        """Unique id of this store; its copies, which number their versions anew, have others."""
        with self.cursor() as cursor:
            sql = "select table_uuid from ducklake_table_info('lake') where table_name = 'deposits'"
            return str(cursor.rows(sql)[0][0])

    def _failure(self, failure: Exception) -> StoreError:
        """Return a one-line error for a failure, redacted: DuckDB repeats the address, with its password."""
        kind = DamagedStoreError if self._location.is_lost_data(str(failure)) else StoreError
        return kind(f"store {self.name}: {first_line(self._location.redact(str(failure)))}")

    def _open(self, *, upgrade: bool) -> None:
        """Attach the store; if needed, create its tables or upgrade them under the write lock."""
        exists = self._location.holds_store(self._connection)
        if self.read_only:
            if not exists:
                raise StoreError(f"store {self.name}: there is no store, and none can be made there")
            self._connection.execute(self._location.attachment)
            check_schema_version(read_schema_version(self._connection, self._location), self._location)
            return
        # Readers do not wait for writers.
        if exists and self._attach_current():
            return
        with self._write_lock():
            # Another process may have created it meanwhile.
            exists = exists or self._location.holds_store(self._connection)
            self._connection.execute(self._location.attachment)
            version = read_schema_version(self._connection, self._location) if exists else None
            if version is None:
                create_tables(self._connection)
            elif version < SCHEMA_VERSION and upgrade:
                self.upgraded = upgrade_schema(self._connection, self._location, version)
            else:
                check_schema_version(version, self._location)

    def _attach_current(self) -> bool:
        """Attach a store of our schema version; any other case returns false and is handled under the write lock."""
        with suppress(duckdb.Error, StoreError):
            self._connection.execute(self._location.attachment)
            if read_schema_version(self._connection, self._location) == SCHEMA_VERSION:
                return True
        self._connection.execute("detach database if exists lake")
        return False

    @contextmanager
    def _transaction(self, query_counter: QueryCounter | None = None) -> Iterator[Cursor]:
        """Open a cursor in a transaction of its own; whatever ends it, Ctrl-C included, only a commit is kept."""
        with closing(self._connection.cursor()) as connection:
            cursor = Cursor(connection, query_counter)
            cursor.begin()
            try:
                yield cursor
            finally:
                cursor.roll_back()

    @contextmanager
    def cursor(self) -> Iterator[Cursor]:
        """Open a cursor on one version of the store for one query; errors are raised as `StoreError`.

        What it appends is never kept: such a dry run waits for no writer, and no writer waits for it.
        """
        try:
            with self._transaction(self.query_counter) as cursor:
                yield cursor
        except duckdb.Error as failure:
            raise self._failure(failure) from failure

    def write(self, change: Callable[[Cursor], None]) -> None:
        """Apply a change in one transaction under the write lock; retried if the catalogue reports a conflict."""
        if self.read_only:
            raise StoreError(f"store {self.name}: can only be read")
        with self._write_lock():
            for attempt in range(MAX_WRITE_TRIES):
                try:
                    with self._transaction() as cursor:
                        change(cursor)
                        cursor.commit()
                    self.write_count += 1
                except duckdb.Error as failure:
                    retriable = isinstance(failure, duckdb.TransactionException) or "locked" in str(failure)
                    if not retriable or attempt == MAX_WRITE_TRIES - 1:
                        raise self._failure(failure) from failure
                    time.sleep(0.05 * (attempt + 1))
                else:
                    return

    def compact(self) -> list[str]:
        """Write inlined rows to Parquet, merge small files and remove unreferenced ones.

        The content does not change. Files younger than a day always stay: they may belong to an uncommitted deposit. If
        an unreferenced file below the data folder is not one that this store writes, all unreferenced files stay: they
        may be the data of another store. Returns the paths of such foreign files.
        """
        if self.read_only:
            return []
        with self._write_lock():
            try:
                self._flush_inlined_rows()
                with interruptible(self._connection):
                    self._connection.execute((SQL_FOLDER / "tidy.sql").read_text(encoding="utf-8"))
                    return self._remove_orphans()
            except duckdb.Error as failure:
                raise self._failure(failure) from failure

    def _flush_inlined_rows(self) -> None:
        """Write inlined rows to Parquet, one table after the other, in one transaction.

        Called for all at once, DuckLake ends several tables at the same time, in threads that append to one list
        without a lock: processes crashed (docs/decisions/2026-11-30-a-table-is-flushed-alone.md).
        """
        with self._transaction() as cursor:
            for table in TABLES:
                cursor.flush(table)
            cursor.commit()

    def _remove_orphans(self) -> list[str]:
        """Remove unreferenced data files, unless one is not ours: DuckLake looks into every folder below."""
        # The same moment for both calls: a file that turns a day old in between was not checked.
        [(before,)] = self._connection.execute("select now() - interval 1 day").fetchall()
        call = "call ducklake_delete_orphaned_files('lake', older_than => ?, dry_run => {})"
        orphans = self._connection.execute(call.format("true"), [before]).fetchall()
        foreign = sorted(str(path) for (path,) in orphans if not is_data_file(str(path), self._location.data))
        if orphans and not foreign:
            self._connection.execute(call.format("false"), [before])
        return foreign

    def purge_history(self) -> None:
        """Remove from the disk all that is no longer in the store: deleted rows, older versions, their files.

        No other thread of this process may be reading. A `StoreError` if other readers keep the disk from being freed;
        repeating it resumes.
        """
        with self._write_lock():
            try:
                self._flush_inlined_rows()
                with interruptible(self._connection):
                    self._connection.execute((SQL_FOLDER / "forget.sql").read_text(encoding="utf-8"))
                    self._connection.execute("detach lake")
                    try:
                        self._location.compact()
                    finally:
                        self._connection.execute(self._location.attachment)
            except (duckdb.Error, sqlite3.Error) as failure:
                raise self._failure(failure) from failure

    @contextmanager
    def _write_lock(self) -> Iterator[None]:
        """Hold the thread lock of this process, then the lock between processes."""
        with self._thread_lock, self._location.lock():
            yield

    def has_accounts(self) -> bool:
        """Whether there are accounts of members beside the store."""
        return self._location.has_accounts()

    def open_accounts(self) -> "AccountsDatabase":
        """Open the accounts of the members, kept beside the store; a `StoreError` if they cannot be opened."""
        return self._location.open_accounts()

    def close(self) -> None:
        """Close the store."""
        self._connection.close()
        self._location.close()

    def __enter__(self) -> Self:
        """Return the open store."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()
