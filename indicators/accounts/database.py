"""The database of the accounts: a file beside an embedded store, or a schema of the database of its catalogue."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateSchema, CreateTable

from indicators.accounts.tables import METADATA, PEOPLE, WRITERS
from indicators.errors import StoreError

SQLITE_TIMEOUT_S: Final = 20
"""Seconds to wait for another writer."""
POSTGRES_SCHEMA: Final = "pilotage_accounts"
MAX_OPENING_TRIES: Final = 5
"""Tries to open accounts that other processes make at the same moment: workers of a new site start together."""


class AccountsDatabase:
    """A database of accounts, made if there is none; its failures are raised as `StoreError`."""

    def __init__(self, name: str, engine: Engine, schema: str | None = None) -> None:
        """Open the database of an engine; `name` is what messages call it, without secrets."""
        self.name = name
        self._schema = schema
        self._engine = engine.execution_options(schema_translate_map={None: schema})
        for tries_left in reversed(range(MAX_OPENING_TRIES)):
            try:
                self._create()
                return
            except SQLAlchemyError as failure:
                # Whoever loses a race to make the same table finds it at the next try.
                if not (isinstance(failure, DBAPIError) and tries_left):
                    raise self._error(failure) from failure

    def _create(self) -> None:
        """Create what is not there yet: the schema, the tables, the row of the writers."""
        with self._engine.begin() as connection:
            if self._schema is not None:
                connection.execute(CreateSchema(self._schema, if_not_exists=True))
            for table in METADATA.sorted_tables:
                # `create_all` looks first and creates then: another process may have done so in between.
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))
            if connection.execute(select(WRITERS.c.id)).first() is None:
                connection.execute(insert(WRITERS).values(id=1, writes=0))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a connection that only reads."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as failure:
            raise self._error(failure) from failure

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that no other writer overlaps; it is rolled back if it is left by an exception."""
        try:
            with self._engine.begin() as connection:
                connection.execute(update(WRITERS).values(writes=WRITERS.c.writes + 1))
                yield connection
        except SQLAlchemyError as failure:
            raise self._error(failure) from failure

    def _error(self, failure: SQLAlchemyError) -> StoreError:
        # Only the class: messages of drivers repeat values, and here these are addresses.
        cause = getattr(failure, "orig", None)
        return StoreError(f"accounts of {self.name}: {type(cause or failure).__name__}")

    def purge(self) -> None:
        """Remove from the disk the addresses that were deleted; a `StoreError` if somebody who reads keeps them there.

        Only people have an address: of their table alone, PostgreSQL writes a new file.
        """
        is_file = self._engine.dialect.name == "sqlite"
        sql = "pragma wal_checkpoint(truncate)" if is_file else f"vacuum (full) {self._schema}.{PEOPLE.name}"
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                done = connection.exec_driver_sql(sql)
                is_busy = is_file and done.one()[0]
        except SQLAlchemyError as failure:
            raise self._error(failure) from failure
        if is_busy:
            raise StoreError(f"accounts of {self.name}: erased, but on the disk until who reads it stops")

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Return the open database."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()


def open_in_file(path: Path) -> AccountsDatabase:
    """Open the accounts in a file of SQLite, which nobody but the account that serves the pages may read."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as failure:
        raise StoreError(f"accounts of {path.parent}: {failure.strerror}") from failure
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": SQLITE_TIMEOUT_S}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _: object) -> None:
        # Readers do not wait for writers; what is erased leaves nothing readable in the file.
        for pragma in ("journal_mode = wal", "foreign_keys = on", "secure_delete = on"):
            connection.execute(f"pragma {pragma}")

    return AccountsDatabase(str(path.parent), engine)


def open_in_postgres(name: str, connect: Callable[[], object]) -> AccountsDatabase:
    """Open the accounts in a schema of their own in the database that `connect` connects to."""
    engine = create_engine("postgresql+psycopg://", creator=connect, pool_pre_ping=True, hide_parameters=True)
    return AccountsDatabase(name, engine, POSTGRES_SCHEMA)
