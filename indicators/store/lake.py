"""The DuckLake: opening it, reading one consistent version of it, appending to it.

Measured reasons for its peculiarities: a connection shared by threads mixes answers, hence one cursor per query; SQLite
refuses concurrent writers, hence WAL and one file lock around every write; the first bound parameter of a process
imports numpy and pyarrow for seconds, hence the warm-up.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import duckdb
import polars as pl

from indicators.cached import cached_property
from indicators.errors import DamagedStoreError, StoreError
from indicators.store.extensions import connect
from indicators.store.places import first_line, locate_store
from indicators.store.tables import is_data_file

if TYPE_CHECKING:
    # Queries do not need it, and start sooner without it.
    import pyarrow as pa

SQL_FOLDER: Final = Path(__file__).parent
UPGRADES: Final = tuple(sorted((SQL_FOLDER / "upgrades").glob("*.sql"), key=lambda step: int(step.name.split("_")[0])))
"""SQL files that each upgrade a store by one schema version, in one transaction; a store without a version has 0."""
SCHEMA_VERSION: Final = len(UPGRADES)
"""The schema version that this program reads and writes."""
MAX_WRITE_TRIES: Final = 5
LARGE_STORE_MEASURES: Final = 300_000
"""Measures from which ranking only the overlapping keys pays off: its planning takes some 30 ms more."""
INTERRUPTED_MESSAGE: Final = "Query interrupted"
"""Message of the plain `RuntimeError` that DuckDB raises when Ctrl-C is pressed during a query."""


@contextmanager
def interruptible(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Turn DuckDB's error on Ctrl-C, which looks like a failed query, back into a `KeyboardInterrupt`."""
    try:
        yield
    except RuntimeError as failure:
        if INTERRUPTED_MESSAGE in str(failure):
            # DuckDB's threads continue the query, and a rollback would wait for them: minutes, or for ever.
            connection.interrupt()
            raise KeyboardInterrupt from failure
        raise


class QueryCounter:
    """Counter of the queries of a store and of their total seconds."""

    def __init__(self) -> None:
        """Start at zero."""
        self.count = 0
        self.seconds = 0.0
        self._lock = threading.Lock()

    @contextmanager
    def count_one(self) -> Iterator[None]:
        """Count and time one query, even if it fails."""
        start = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self.count += 1
                self.seconds += time.perf_counter() - start


class Cursor:
    """One question's own cursor, inside one transaction: everything it reads is of the same version.

    A question may be parted among threads: what one of them asks is answered before the next one asks.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, query_counter: QueryCounter | None = None) -> None:
        """Wrap a cursor whose transaction has begun; `query_counter` counts its queries."""
        self._cursor = cursor
        self._query_counter = query_counter or QueryCounter()
        self._has_latest_measures = False
        self._one_at_a_time = threading.Lock()

    def frame(self, sql: str, /, **values: object) -> pl.DataFrame:
        """Run one statement with bound values and return its rows."""
        with self._one_at_a_time, self._query_counter.count_one(), interruptible(self._cursor):
            return self._cursor.execute(sql, values or None).pl()

    def rows(self, sql: str, /, **values: object) -> list[tuple[object, ...]]:
        """Run one statement with bound values and return its rows as tuples: quicker than a frame for a few."""
        with self._one_at_a_time, self._query_counter.count_one(), interruptible(self._cursor):
            return self._cursor.execute(sql, values or None).fetchall()

    def overlapping_deposits(self) -> pl.DataFrame:
        """Return the structure × period keys held by several deposits, withdrawn ones included."""
        return self.frame((SQL_FOLDER / "contested.sql").read_text(encoding="utf-8"))

    def define_latest_measures(self, overlapping: pl.DataFrame) -> None:
        """Define the macro `settled_measures`: current measures, ranking only overlapping keys in large stores.

        A cursor reads one version only: later calls do nothing.
        """
        if self._has_latest_measures:
            return
        self._has_latest_measures = True
        if overlapping.is_empty():
            file_name = "settled_from_one"
        elif int(str(self.rows("select count(*) from lake.measures")[0][0])) < LARGE_STORE_MEASURES:
            file_name = "settled_by_rank"
        else:
            file_name = "settled_from_several"
            self._cursor.register("contested", overlapping.to_arrow())
        with interruptible(self._cursor):
            self._cursor.execute((SQL_FOLDER / f"{file_name}.sql").read_text(encoding="utf-8"))

    def version(self) -> int:
        """Return the version number that this cursor reads."""
        return int(str(self.rows("from ducklake_current_snapshot('lake')")[0][0]))

    def current(self, question: str, withdrawn: Sequence[str], **where: object) -> pl.DataFrame:
        """Return the rows of a question of `current.sql`, all of them or those of which a column has a value."""
        only = "".join(f' where "{column}" = ${column}' for column in where)
        return self.frame(f"from {question}($withdrawn){only}", withdrawn=withdrawn, **where)

    def rows_of_deposit(self, table: str, deposit: str) -> pl.DataFrame:
        """Return the rows of a table of the lake that came in with a deposit."""
        return self.frame(f"from lake.{table} where deposit = $deposit", deposit=deposit)

    def delete_deposit(self, table: str, deposit: str) -> None:
        """Delete the rows of a table of the lake that came in with a deposit."""
        self.rows(f"delete from lake.{table} where deposit = $deposit", deposit=deposit)  # noqa: S608 - a table of ours

    def values_in_use(self, table: str, column: str, withdrawn: Sequence[str]) -> list[str]:
        """Return the values of a column of a table, those of withdrawn deposits left out, oldest first."""
        sql = (
            f"select {column} as used from lake.{table}"  # noqa: S608 - a table and a column of ours
            f" where {column} is not null and not list_contains($withdrawn, deposit)"
            " group by used order by min(sequence), used"
        )
        return [str(row[0]) for row in self.rows(sql, withdrawn=withdrawn)]

    def append(self, table: str, rows: pl.DataFrame) -> None:
        """Append rows to a table of the lake, matching columns by name."""
        self._cursor.register("incoming", rows.to_arrow())
        with interruptible(self._cursor):
            self._cursor.execute(f"insert into lake.{table} by name select * from incoming")  # noqa: S608 - a table of ours
        self._cursor.unregister("incoming")

    def batches(self, table: str, rows: int) -> "pa.RecordBatchReader":
        """Return all rows of a table of the lake in batches."""
        return self._cursor.execute(f"select * from lake.{table}").to_arrow_reader(rows)  # noqa: S608 - a table of ours

    def append_batches(self, table: str, batches: "pa.RecordBatchReader") -> None:
        """Append batches of rows to a table of the lake, matching columns by name."""
        self._cursor.register("incoming", batches)
        with interruptible(self._cursor):
            self._cursor.execute(f"insert into lake.{table} by name select * from incoming")  # noqa: S608 - a table of ours
        self._cursor.unregister("incoming")


@dataclass(frozen=True)
class Upgrade:
    """An upgrade done: schema version before and after, and where the old catalogue was copied."""

    before: int
    after: int
    copy: str


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
                self._connection.execute((SQL_FOLDER / "current.sql").read_text(encoding="utf-8"))
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
            self._check_schema_version(self._schema_version())
            return
        # Readers do not wait for writers.
        if exists and self._attach_current():
            return
        with self._write_lock():
            # Another process may have created it meanwhile.
            exists = exists or self._location.holds_store(self._connection)
            self._connection.execute(self._location.attachment)
            version = self._schema_version() if exists else None
            if version is None:
                self._create_tables()
            elif version < SCHEMA_VERSION and upgrade:
                self._upgrade(version)
            else:
                self._check_schema_version(version)

    def _attach_current(self) -> bool:
        """Attach a store of our schema version; any other case returns false and is handled under the write lock."""
        with suppress(duckdb.Error, StoreError):
            self._connection.execute(self._location.attachment)
            if self._schema_version() == SCHEMA_VERSION:
                return True
        self._connection.execute("detach database if exists lake")
        return False

    def _schema_version(self) -> int | None:
        """Return the schema version of the store; `None` for a catalogue without tables (interrupted creation)."""
        names = self._connection.execute("select table_name from duckdb_tables() where database_name = 'lake'")
        tables = {str(name) for (name,) in names.fetchall()}
        if "schema_versions" in tables:
            row = self._connection.execute("select coalesce(max(version), 0) from lake.schema_versions").fetchone()
            return int(row[0]) if row else 0
        if "targets" in tables:
            return 0
        if tables or self._location.has_data(self._connection):
            raise StoreError(f"store {self.name}: its catalogue lacks tables of a store; restore a backup elsewhere")
        return None

    def _check_schema_version(self, version: int | None) -> None:
        """Raise a `StoreError` for a store of another schema version than ours."""
        if version is None or version < SCHEMA_VERSION:
            advice = "copy it to a folder that can be written in, then upgrade that copy" if self.read_only else ""
            raise StoreError(
                f"store {self.name}: has schema version {version or 0}, older than this program's ({SCHEMA_VERSION});"
                f" {advice or 'upgrade it first'} (pilotage upgrade)"
            )
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"store {self.name}: has schema version {version}, newer than this program's ({SCHEMA_VERSION});"
                " install the newer pilotage that wrote it"
            )

    def _create_tables(self) -> None:
        """Create the tables of a new store, all or none."""
        self._connection.execute("begin")
        self._connection.execute((SQL_FOLDER / "tables.sql").read_text(encoding="utf-8"))
        self._connection.execute("insert into lake.schema_versions values (?)", [SCHEMA_VERSION])
        self._connection.execute("commit")

    def _upgrade(self, before: int) -> None:
        """Upgrade an older store to our schema version, in atomic steps, after copying its catalogue."""
        self._connection.execute("detach lake")
        copy = self._location.copy_catalogue(before)
        self._connection.execute(self._location.attachment)
        self._connection.execute((SQL_FOLDER / "schema_versions.sql").read_text(encoding="utf-8"))
        for version, step in enumerate(UPGRADES[before:], before + 1):
            self._connection.execute("begin")
            self._connection.execute(step.read_text(encoding="utf-8"))
            self._connection.execute("insert into lake.schema_versions values (?)", [version])
            self._connection.execute("commit")
        self.upgraded = Upgrade(before, SCHEMA_VERSION, copy)

    @contextmanager
    def cursor(self) -> Iterator[Cursor]:
        """Open a cursor on one version of the store for one query; errors are raised as `StoreError`."""
        cursor = self._connection.cursor()
        try:
            cursor.execute("begin")
            yield Cursor(cursor, self.query_counter)
            cursor.execute("commit")
        except duckdb.Error as failure:
            raise self._failure(failure) from failure
        finally:
            cursor.close()

    def write(self, change: Callable[[Cursor], None]) -> None:
        """Apply a change in one transaction under the write lock; retried if the catalogue reports a conflict."""
        if self.read_only:
            raise StoreError(f"store {self.name}: can only be read")
        with self._write_lock():
            for attempt in range(MAX_WRITE_TRIES):
                cursor = self._connection.cursor()
                try:
                    cursor.execute("begin")
                    change(Cursor(cursor))
                    with interruptible(cursor):
                        cursor.execute("commit")
                    self.write_count += 1
                except duckdb.Error as failure:
                    with suppress(duckdb.Error):
                        cursor.execute("rollback")
                    retriable = isinstance(failure, duckdb.TransactionException) or "locked" in str(failure)
                    if not retriable or attempt == MAX_WRITE_TRIES - 1:
                        raise self._failure(failure) from failure
                    time.sleep(0.05 * (attempt + 1))
                # Any interruption of a change, Ctrl-C included, rolls it back.
                except BaseException:
                    with suppress(duckdb.Error):
                        cursor.execute("rollback")
                    raise
                else:
                    return
                finally:
                    cursor.close()

    @contextmanager
    def dry_run(self) -> Iterator[Cursor]:
        """Open a cursor whose appended rows are always rolled back at the end.

        Nothing is committed: it waits for no writer, and no writer waits for it.
        """
        cursor = self._connection.cursor()
        try:
            cursor.execute("begin")
            yield Cursor(cursor, self.query_counter)
        except duckdb.Error as failure:
            raise self._failure(failure) from failure
        finally:
            with suppress(duckdb.Error):
                cursor.execute("rollback")
            cursor.close()

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
                with interruptible(self._connection):
                    self._connection.execute((SQL_FOLDER / "tidy.sql").read_text(encoding="utf-8"))
                    return self._remove_orphans()
            except duckdb.Error as failure:
                raise self._failure(failure) from failure

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
