"""The DuckLake itself: opening it, reading one consistent version of it, appending to it.

Measured reasons for what looks odd here: a connection shared by threads mixes answers, hence a cursor a question;
SQLite refuses writers at once, hence WAL and one file lock round every write; the first bound parameter of a process
imports numpy and pyarrow for seconds, hence the warm-up.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Final, Self

import duckdb
import polars as pl
from filelock import FileLock

from indicators.errors import StoreError
from indicators.store.extensions import connect

HERE: Final = Path(__file__).parent
POSTGRES: Final = "ducklake:postgres:"
TRIES: Final = 5
LARGE: Final = 300_000
"""Measures from which it pays to rank only what is contested: planning that takes some 30 ms more."""
ADDED: Final = (
    ("actions", "indicator", "varchar"),
    ("structures", "valid_from", "date"),
    ("structures", "predecessor", "varchar"),
    ("deposits", "period", "varchar"),
    ("deposits", "period_end", "date"),
    ("deposits", "structure", "varchar"),
)
"""Columns that stores made before them do not have: table, column, type. What is in them already has nothing there."""
ADVISORY_LOCK: Final = 7_450_310_826
"""Number of the PostgreSQL advisory lock that writers of a store take; any constant would do."""
INTERRUPTED: Final = "Query interrupted"
"""What DuckDB says, in an ordinary `RuntimeError`, when the key that stops a program is pressed during a query."""
DEPOSITS_BETWEEN_TIDYINGS: Final = 100


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


class Cursor:
    """One question's own cursor, inside one transaction: everything it reads is of the same version."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Wrap a cursor whose transaction has begun."""
        self._cursor = cursor

    def frame(self, sql: str, /, **values: object) -> pl.DataFrame:
        """Run one statement with bound values and return its rows."""
        with interruptible(self._cursor):
            return self._cursor.execute(sql, values or None).pl()

    def rows(self, sql: str, /, **values: object) -> list[tuple[object, ...]]:
        """Run one statement with bound values and return its rows as tuples: quicker than a frame for a few."""
        with interruptible(self._cursor):
            return self._cursor.execute(sql, values or None).fetchall()

    def contested(self) -> pl.DataFrame:
        """Return the structures and periods of which several deposits tell, withdrawn ones included."""
        return self.frame((HERE / "contested.sql").read_text(encoding="utf-8"))

    def settle(self, contested: pl.DataFrame) -> None:
        """Give this cursor `settled_measures`: what is in force, in the way that is quickest for this store."""
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


class Lake:
    """A store opened for questions and deposits; close it when done.

    `address` is a folder (embedded store) or `ducklake:postgres:<connection string>`, for which `data` names where the
    Parquet files are kept.
    """

    def __init__(self, address: str, data: str | None = None) -> None:
        """Open the store, creating it if there is nothing there; a `StoreError` names the address."""
        self.address = address
        self._writing = threading.Lock()
        try:
            if address.startswith(POSTGRES):
                if data is None:
                    raise StoreError("a store on PostgreSQL needs PILOTAGE_DATA, the folder of its Parquet files")
                self._postgres: str | None = address.removeprefix(POSTGRES)
                self.data_folder = Path(data)
                self._connection = connect("ducklake", "postgres_scanner")
                attach = f"attach {_quoted(address)} as lake (data_path {_quoted(data)})"
            else:
                self._postgres = None
                folder = Path(address).resolve()
                folder.mkdir(parents=True, exist_ok=True)
                self.data_folder = folder / "data"
                self._file_lock = FileLock(folder / "write.lock")
                self._connection = connect("ducklake", "sqlite_scanner")
                # The system keeps the files of a folder in its own memory: DuckDB need not do so a second time.
                self._connection.execute("set enable_external_file_cache = false")
                attach = (
                    f"attach {_quoted(f'ducklake:sqlite:{folder}/catalogue.sqlite')} as lake"
                    # The catalogue remembers where its files were: a folder that was moved or copied still opens.
                    f" (data_path {_quoted(f'{folder}/data/')}, override_data_path true,"
                    " meta_journal_mode 'WAL', meta_busy_timeout 20000)"
                )
            with interruptible(self._connection):
                with self._one_writer():
                    self._connection.execute(attach)
                    self._create_tables()
                self._connection.execute((HERE / "current.sql").read_text(encoding="utf-8"))
                self._connection.execute("select ?", [1]).pl()
        except (duckdb.Error, OSError) as failure:
            raise StoreError(f"store {address}: {_first_line(failure)}") from failure

    def _create_tables(self) -> None:
        """Create the tables of a new store, all or none; give those of an older one the columns they lack."""
        found = self._connection.execute(
            "select count(*) from duckdb_tables() where database_name = 'lake' and table_name = 'targets'"
        ).fetchone()
        if found == (0,):
            self._connection.execute("begin")
            self._connection.execute((HERE / "tables.sql").read_text(encoding="utf-8"))
            self._connection.execute("commit")
            return
        for table, column, kind in ADDED:
            known = self._connection.execute(
                "select count(*) from duckdb_columns()"
                " where database_name = 'lake' and table_name = ? and column_name = ?",
                [table, column],
            ).fetchone()
            if known == (0,):
                self._connection.execute(f"alter table lake.{table} add column {column} {kind}")

    @contextmanager
    def cursor(self) -> Iterator[Cursor]:
        """Give one question a cursor of its own on one version of the store; errors come out as `StoreError`."""
        cursor = self._connection.cursor()
        try:
            cursor.execute("begin")
            yield Cursor(cursor)
            cursor.execute("commit")
        except duckdb.Error as failure:
            raise StoreError(f"store {self.address}: {_first_line(failure)}") from failure
        finally:
            cursor.close()

    def write(self, change: Callable[[Cursor], None]) -> None:
        """Apply a change in one transaction, alone among threads and processes; redone when the catalogue says so."""
        with self._one_writer():
            for attempt in range(TRIES):
                cursor = self._connection.cursor()
                try:
                    cursor.execute("begin")
                    change(Cursor(cursor))
                    with interruptible(cursor):
                        cursor.execute("commit")
                except duckdb.Error as failure:
                    with suppress(duckdb.Error):
                        cursor.execute("rollback")
                    retriable = isinstance(failure, duckdb.TransactionException) or "locked" in str(failure)
                    if not retriable or attempt == TRIES - 1:
                        raise StoreError(f"store {self.address}: {_first_line(failure)}") from failure
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
            yield Cursor(cursor)
        except duckdb.Error as failure:
            raise StoreError(f"store {self.address}: {_first_line(failure)}") from failure
        finally:
            with suppress(duckdb.Error):
                cursor.execute("rollback")
            cursor.close()

    def tidy(self) -> None:
        """Turn inlined rows into Parquet, merge small files, remove files that nothing refers to any more.

        What is stored does not change. A file younger than a day may be of a deposit that is not committed yet: it
        stays, whatever it looks like.
        """
        with self._one_writer():
            try:
                with interruptible(self._connection):
                    self._connection.execute((HERE / "tidy.sql").read_text(encoding="utf-8"))
            except duckdb.Error as failure:
                raise StoreError(f"store {self.address}: {_first_line(failure)}") from failure

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        """Hold the lock of this process, then the one between processes."""
        between: AbstractContextManager[object]
        with self._writing:
            between = self._file_lock if self._postgres is None else _advisory_lock(self._postgres)
            with between:
                yield

    def close(self) -> None:
        """Close the store."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Return the open store."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()


@contextmanager
def _advisory_lock(connection: str) -> Iterator[None]:
    """Hold the lock that writers on PostgreSQL share; a `StoreError` if the server does not answer."""
    # A store on one machine does without the library, and is opened sooner.
    import psycopg

    try:
        server = psycopg.connect(connection, autocommit=True)
        server.execute("select pg_advisory_lock(%s)", [ADVISORY_LOCK])
    except psycopg.Error as failure:
        raise StoreError(f"store {POSTGRES}…: {_first_line(failure)}") from failure
    # Closing the connection releases the lock, whatever happened.
    with closing(server):
        yield


def _quoted(text: str) -> str:
    """Write a text as an SQL literal: ATTACH takes no bound value."""
    return "'" + text.replace("'", "''") + "'"


def _first_line(failure: BaseException) -> str:
    return str(failure).strip().splitlines()[0] if str(failure).strip() else type(failure).__name__
