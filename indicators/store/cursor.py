"""A cursor of the lake: everything it reads is of one version, and Ctrl-C stops it.

A connection shared by threads mixes answers, hence one cursor per query.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import duckdb
import polars as pl

from indicators.store.tables import SQL_FOLDER

if TYPE_CHECKING:
    # Queries do not need it, and start sooner without it.
    import pyarrow as pa

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
        """Wrap a cursor; `query_counter` counts its queries."""
        self._cursor = cursor
        self._query_counter = query_counter or QueryCounter()
        self._has_latest_measures = False
        self._one_at_a_time = threading.Lock()

    @contextmanager
    def _executed(self, sql: str, values: Mapping[str, object] | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """Run one statement and yield its answer: every statement of a cursor passes here, and Ctrl-C stops it."""
        with interruptible(self._cursor):
            yield self._cursor.execute(sql, values or None)

    def _run(self, sql: str) -> None:
        """Run one statement that answers nothing."""
        with self._executed(sql):
            pass

    def begin(self) -> None:
        """Begin the transaction: what is read from here on is of one version."""
        self._run("begin")

    def commit(self) -> None:
        """Commit the transaction."""
        self._run("commit")

    def roll_back(self) -> None:
        """Roll the transaction back, if one is open."""
        with suppress(duckdb.Error):
            self._run("rollback")

    def frame(self, sql: str, /, **values: object) -> pl.DataFrame:
        """Run one statement with bound values and return its rows."""
        with self._one_at_a_time, self._query_counter.count_one(), self._executed(sql, values) as answer:
            return answer.pl()

    def rows(self, sql: str, /, **values: object) -> list[tuple[object, ...]]:
        """Run one statement with bound values and return its rows as tuples: quicker than a frame for a few."""
        with self._one_at_a_time, self._query_counter.count_one(), self._executed(sql, values) as answer:
            return answer.fetchall()

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
        self._run((SQL_FOLDER / f"{file_name}.sql").read_text(encoding="utf-8"))

    def version(self) -> int:
        """Return the version number that this cursor reads."""
        return int(str(self.rows("from ducklake_current_snapshot('lake')")[0][0]))

    def last_removal(self) -> int:
        """Return the sequence number of the newest withdrawal or erasure; 0 without one."""
        sql = "select coalesce(max(sequence), 0) from lake.deposits where withdraws is not null"
        return int(str(self.rows(sql)[0][0]))

    def current(self, question: str, set_aside: Sequence[str], **where: object) -> pl.DataFrame:
        """Return the rows of a macro of current rows, all of them or those of which a column has a value."""
        only = "".join(f' where "{column}" = ${column}' for column in where)
        return self.frame(f"from {question}($set_aside){only}", set_aside=set_aside, **where)

    def rows_of_deposit(self, table: str, deposit: str) -> pl.DataFrame:
        """Return the rows of a table of the lake that came in with a deposit."""
        return self.frame(f"from lake.{table} where deposit = $deposit", deposit=deposit)

    def delete_deposit(self, table: str, deposit: str) -> None:
        """Delete the rows of a table of the lake that came in with a deposit."""
        self.rows(f"delete from lake.{table} where deposit = $deposit", deposit=deposit)  # noqa: S608 - a table of ours

    def empty(self, table: str) -> None:
        """Delete all rows of a table of the lake."""
        self.rows(f"delete from lake.{table}")  # noqa: S608 - a table of ours

    def flush(self, table: str) -> None:
        """Write the inlined rows of a table of the lake, which its catalogue holds, to Parquet."""
        self.rows("call ducklake_flush_inlined_data('lake', table_name => $table)", table=table)

    def values_in_use(self, table: str, column: str, set_aside: Sequence[str]) -> list[str]:
        """Return the values of a column of a table, those of deposits not in force left out, oldest first."""
        sql = (
            f"select {column} as used from lake.{table}"  # noqa: S608 - a table and a column of ours
            f" where {column} is not null and not list_contains($set_aside, deposit)"
            " group by used order by min(sequence), used"
        )
        return [str(row[0]) for row in self.rows(sql, set_aside=set_aside)]

    def append(self, table: str, rows: pl.DataFrame) -> None:
        """Append rows to a table of the lake, matching columns by name."""
        self._cursor.register("incoming", rows.to_arrow())
        self._run(f"insert into lake.{table} by name select * from incoming")  # noqa: S608 - a table of ours
        self._cursor.unregister("incoming")

    def batches(self, table: str, rows: int) -> "pa.RecordBatchReader":
        """Return all rows of a table of the lake in batches."""
        with self._executed(f"select * from lake.{table}") as answer:  # noqa: S608 - a table of ours
            return answer.to_arrow_reader(rows)

    def append_batches(self, table: str, batches: "pa.RecordBatchReader") -> None:
        """Append batches of rows to a table of the lake, matching columns by name."""
        self._cursor.register("incoming", batches)
        self._run(f"insert into lake.{table} by name select * from incoming")  # noqa: S608 - a table of ours
        self._cursor.unregister("incoming")
