"""The DuckLake itself: opening it, reading one consistent version of it, appending to it.

Measured reasons for what looks odd here: a connection shared by threads mixes answers, hence a cursor a question;
SQLite refuses writers at once, hence WAL and one file lock round every write; the first bound parameter of a process
imports numpy and pyarrow for seconds, hence the warm-up.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import duckdb
import polars as pl

from indicators.cached import cached_property
from indicators.errors import DamagedStoreError, StoreError
from indicators.store.extensions import connect
from indicators.store.places import first_line, place_of
from indicators.store.tables import is_own_file

if TYPE_CHECKING:
    # Who asks a store does without it, and starts sooner.
    import pyarrow as pa

HERE: Final = Path(__file__).parent
UPGRADES: Final = tuple(sorted((HERE / "upgrades").glob("*.sql"), key=lambda step: int(step.name.split("_")[0])))
"""Each brings a store from one schema version to the next, in one transaction; a store without a version is of 0."""
SCHEMA: Final = len(UPGRADES)
"""The schema version that this program reads and writes."""
TRIES: Final = 5
LARGE: Final = 300_000
"""Measures from which it pays to rank only what is contested: planning that takes some 30 ms more."""
INTERRUPTED: Final = "Query interrupted"
"""What DuckDB says, in an ordinary `RuntimeError`, when the key that stops a program is pressed during a query."""


@contextmanager
def interruptible(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let Ctrl-C stop the program: DuckDB makes of it an error that looks like the fault of one query."""
    try:
        yield
    except RuntimeError as failure:
        if INTERRUPTED in str(failure):
            # Its threads go on with the query, and a rollback would wait for them: minutes, or for ever.
            connection.interrupt()
            raise KeyboardInterrupt from failure
        raise


class Questions:
    """How many questions were asked of a store, and the seconds that they took together."""

    def __init__(self) -> None:
        """Start with none."""
        self.count = 0
        self.seconds = 0.0
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one question, however it ends."""
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

    def __init__(self, cursor: duckdb.DuckDBPyConnection, questions: Questions | None = None) -> None:
        """Wrap a cursor whose transaction has begun; `questions` counts what is asked of it."""
        self._cursor = cursor
        self._questions = questions or Questions()
        self._settled = False
        self._one_at_a_time = threading.Lock()

    def frame(self, sql: str, /, **values: object) -> pl.DataFrame:
        """Run one statement with bound values and return its rows."""
        with self._one_at_a_time, self._questions.one(), interruptible(self._cursor):
            return self._cursor.execute(sql, values or None).pl()

    def rows(self, sql: str, /, **values: object) -> list[tuple[object, ...]]:
        """Run one statement with bound values and return its rows as tuples: quicker than a frame for a few."""
        with self._one_at_a_time, self._questions.one(), interruptible(self._cursor):
            return self._cursor.execute(sql, values or None).fetchall()

    def contested(self) -> pl.DataFrame:
        """Return the structures and periods of which several deposits tell, withdrawn ones included."""
        return self.frame((HERE / "contested.sql").read_text(encoding="utf-8"))

    def settle(self, contested: pl.DataFrame) -> None:
        """Give this cursor `settled_measures`: what is in force, in the way that is quickest for this store.

        It reads one version only: once is enough.
        """
        if self._settled:
            return
        self._settled = True
        if contested.is_empty():
            way = "settled_from_one"
        elif int(str(self.rows("select count(*) from lake.measures")[0][0])) < LARGE:
            way = "settled_by_rank"
        else:
            way = "settled_from_several"
            self._cursor.register("contested", contested.to_arrow())
        with interruptible(self._cursor):
            self._cursor.execute((HERE / f"{way}.sql").read_text(encoding="utf-8"))

    def version(self) -> int:
        """Return the number of the version that this cursor reads."""
        return int(str(self.rows("from ducklake_current_snapshot('lake')")[0][0]))

    def append(self, table: str, rows: pl.DataFrame) -> None:
        """Append rows to a table of the lake, matching columns by name."""
        self._cursor.register("incoming", rows.to_arrow())
        with interruptible(self._cursor):
            self._cursor.execute(f"insert into lake.{table} by name select * from incoming")  # noqa: S608 - a table of ours
        self._cursor.unregister("incoming")

    def batches(self, table: str, rows: int) -> "pa.RecordBatchReader":
        """Return all rows of a table of the lake, some at a time."""
        return self._cursor.execute(f"select * from lake.{table}").to_arrow_reader(rows)  # noqa: S608 - a table of ours

    def append_batches(self, table: str, batches: "pa.RecordBatchReader") -> None:
        """Append rows to a table of the lake as they come, matching columns by name."""
        self._cursor.register("incoming", batches)
        with interruptible(self._cursor):
            self._cursor.execute(f"insert into lake.{table} by name select * from incoming")  # noqa: S608 - a table of ours
        self._cursor.unregister("incoming")


@dataclass(frozen=True)
class Upgrade:
    """What was done to a store of an older schema version, and where its catalogue was copied before."""

    before: int
    after: int
    copy: str


class Lake:
    """A store opened for questions and deposits; close it when done.

    `address` is a folder (embedded store) or `ducklake:postgres:<connection string>`, for which `data` names where the
    Parquet files are kept. `name` is the address as messages may show it. `upgraded` says what opening it changed.
    """

    def __init__(self, address: str, data: str | None = None, *, upgrade: bool = False) -> None:
        """Open the store, making it if there is nothing there; a `StoreError` names the address.

        A store of an older schema version is refused unless it is to be upgraded, one of a newer version always.
        """
        self._place = place_of(address, data)
        self.name = self._place.name
        self.questions = Questions()
        self.changes = 0
        """How many times this process has written: what it knew of the newest version is then no longer so."""
        self._writing = threading.Lock()
        self.upgraded: Upgrade | None = None
        try:
            self._connection = connect(*self._place.extensions)
            with interruptible(self._connection):
                self._open(upgrade=upgrade)
                self._connection.execute((HERE / "current.sql").read_text(encoding="utf-8"))
                self._connection.execute("select ?", [1]).pl()
        except (duckdb.Error, OSError, sqlite3.Error) as failure:
            raise self._failure(failure) from failure

    @property
    def data_folder(self) -> Path:
        """The folder of the data files, where they are in one."""
        return Path(self._place.data)

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written where the store is."""
        return not self._place.writable

    @cached_property
    def identity(self) -> str:
        """What tells this store from every other one, its own copies included: their versions are counted anew."""
        with self.cursor() as cursor:
            sql = "select table_uuid from ducklake_table_info('lake') where table_name = 'deposits'"
            return str(cursor.rows(sql)[0][0])

    def _failure(self, failure: Exception) -> StoreError:
        """Say what failed, in one line; DuckDB repeats the address that it was given, and its password with it."""
        kind = DamagedStoreError if self._place.lost_data(str(failure)) else StoreError
        return kind(f"store {self.name}: {first_line(self._place.redacted(str(failure)))}")

    def _open(self, *, upgrade: bool) -> None:
        """Attach the store; where it is not of our schema version, make its tables or upgrade them, alone."""
        found = self._place.holds_store(self._connection)
        if self.read_only:
            if not found:
                raise StoreError(f"store {self.name}: there is no store, and none can be made there")
            self._connection.execute(self._place.attachment)
            self._expect(self._schema_version())
            return
        # Whoever only asks does not wait for those who write.
        if found and self._attach_current():
            return
        with self._one_writer():
            # Another process may have made it since.
            found = found or self._place.holds_store(self._connection)
            self._connection.execute(self._place.attachment)
            version = self._schema_version() if found else None
            if version is None:
                self._create_tables()
            elif version < SCHEMA and upgrade:
                self._upgrade(version)
            else:
                self._expect(version)

    def _attach_current(self) -> bool:
        """Attach a store of our schema version; of anything else nothing is said before the lock of writers is held."""
        with suppress(duckdb.Error, StoreError):
            self._connection.execute(self._place.attachment)
            if self._schema_version() == SCHEMA:
                return True
        self._connection.execute("detach database if exists lake")
        return False

    def _schema_version(self) -> int | None:
        """Return the schema version of the store; none for a catalogue without tables, whose making was cut short."""
        known = self._connection.execute("select table_name from duckdb_tables() where database_name = 'lake'")
        tables = {str(name) for (name,) in known.fetchall()}
        if "schema_versions" in tables:
            found = self._connection.execute("select coalesce(max(version), 0) from lake.schema_versions").fetchone()
            return int(found[0]) if found else 0
        if "targets" in tables:
            return 0
        if tables or self._place.has_data(self._connection):
            raise StoreError(f"store {self.name}: its catalogue lacks tables of a store; restore a backup elsewhere")
        return None

    def _expect(self, version: int | None) -> None:
        """Refuse a store of another schema version than ours."""
        if version is None or version < SCHEMA:
            first = "copy it to a folder that can be written in, then upgrade that copy" if self.read_only else ""
            raise StoreError(
                f"store {self.name}: has schema version {version or 0}, older than this program's ({SCHEMA});"
                f" {first or 'upgrade it first'} (pilotage upgrade)"
            )
        if version > SCHEMA:
            raise StoreError(
                f"store {self.name}: has schema version {version}, newer than this program's ({SCHEMA});"
                " install the newer pilotage that wrote it"
            )

    def _create_tables(self) -> None:
        """Make the tables of a new store, all or none."""
        self._connection.execute("begin")
        self._connection.execute((HERE / "tables.sql").read_text(encoding="utf-8"))
        self._connection.execute("insert into lake.schema_versions values (?)", [SCHEMA])
        self._connection.execute("commit")

    def _upgrade(self, before: int) -> None:
        """Bring an older store to our schema version, each step whole or not at all, after a copy of its catalogue."""
        self._connection.execute("detach lake")
        copy = self._place.copy_catalogue(before)
        self._connection.execute(self._place.attachment)
        self._connection.execute((HERE / "schema_versions.sql").read_text(encoding="utf-8"))
        for version, step in enumerate(UPGRADES[before:], before + 1):
            self._connection.execute("begin")
            self._connection.execute(step.read_text(encoding="utf-8"))
            self._connection.execute("insert into lake.schema_versions values (?)", [version])
            self._connection.execute("commit")
        self.upgraded = Upgrade(before, SCHEMA, copy)

    @contextmanager
    def cursor(self) -> Iterator[Cursor]:
        """Give one question a cursor of its own on one version of the store; errors come out as `StoreError`."""
        cursor = self._connection.cursor()
        try:
            cursor.execute("begin")
            yield Cursor(cursor, self.questions)
            cursor.execute("commit")
        except duckdb.Error as failure:
            raise self._failure(failure) from failure
        finally:
            cursor.close()

    def write(self, change: Callable[[Cursor], None]) -> None:
        """Apply a change in one transaction, alone among threads and processes; redone when the catalogue says so."""
        if self.read_only:
            raise StoreError(f"store {self.name}: can only be read")
        with self._one_writer():
            for attempt in range(TRIES):
                cursor = self._connection.cursor()
                try:
                    cursor.execute("begin")
                    change(Cursor(cursor))
                    with interruptible(cursor):
                        cursor.execute("commit")
                    self.changes += 1
                except duckdb.Error as failure:
                    with suppress(duckdb.Error):
                        cursor.execute("rollback")
                    retriable = isinstance(failure, duckdb.TransactionException) or "locked" in str(failure)
                    if not retriable or attempt == TRIES - 1:
                        raise self._failure(failure) from failure
                    time.sleep(0.05 * (attempt + 1))
                # Whatever interrupts a change, a key pressed included, nothing of it may stay.
                except BaseException:
                    with suppress(duckdb.Error):
                        cursor.execute("rollback")
                    raise
                else:
                    return
                finally:
                    cursor.close()

    @contextmanager
    def supposing(self) -> Iterator[Cursor]:
        """Give a cursor to which rows can be appended and that forgets them at the end, whatever happens.

        Nothing is committed, so it waits for no writer and no writer waits for it.
        """
        cursor = self._connection.cursor()
        try:
            cursor.execute("begin")
            yield Cursor(cursor, self.questions)
        except duckdb.Error as failure:
            raise self._failure(failure) from failure
        finally:
            with suppress(duckdb.Error):
                cursor.execute("rollback")
            cursor.close()

    def tidy(self) -> list[str]:
        """Turn inlined rows into Parquet, merge small files, remove files that nothing refers to any more.

        What is stored does not change. A file younger than a day may be of a deposit that is not committed yet: it
        stays, whatever it looks like. Where a file below the data folder is none that this store writes, all that
        nothing refers to stays: it may be the data of another store. Returned are the paths of such files.
        """
        if self.read_only:
            return []
        with self._one_writer():
            try:
                with interruptible(self._connection):
                    self._connection.execute((HERE / "tidy.sql").read_text(encoding="utf-8"))
                    return self._remove_orphans()
            except duckdb.Error as failure:
                raise self._failure(failure) from failure

    def _remove_orphans(self) -> list[str]:
        """Remove data files that nothing refers to, unless one is not ours: DuckLake looks into every folder below."""
        # One moment for both: what turns a day old in between was not looked at.
        [(before,)] = self._connection.execute("select now() - interval 1 day").fetchall()
        call = "call ducklake_delete_orphaned_files('lake', older_than => ?, dry_run => {})"
        found = self._connection.execute(call.format("true"), [before]).fetchall()
        strange = sorted(str(path) for (path,) in found if not is_own_file(str(path), self._place.data))
        if found and not strange:
            self._connection.execute(call.format("false"), [before])
        return strange

    def forget_past(self) -> None:
        """Take off the disk whatever is no longer in the store: deleted rows, older versions, the files of both.

        For a process that does nothing else: nothing of it may be reading. A `StoreError` if others keep the disk from
        being freed; done again, it goes on.
        """
        with self._one_writer():
            try:
                with interruptible(self._connection):
                    self._connection.execute((HERE / "forget.sql").read_text(encoding="utf-8"))
                    self._connection.execute("detach lake")
                    try:
                        self._place.compact()
                    finally:
                        self._connection.execute(self._place.attachment)
            except (duckdb.Error, sqlite3.Error) as failure:
                raise self._failure(failure) from failure

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        """Hold the lock of this process, then the one between processes."""
        with self._writing, self._place.lock():
            yield

    def close(self) -> None:
        """Close the store."""
        self._connection.close()
        self._place.close()

    def __enter__(self) -> Self:
        """Return the open store."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()
