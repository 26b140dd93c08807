"""A store whose catalogue is in PostgreSQL, and its data files in a folder or a bucket shared by all its servers."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import duckdb

from indicators.cached import cached_property
from indicators.errors import StoreError
from indicators.store.places.empty_place import DUCKLAKE_TABLE, refuse_nesting, refuse_orphans, refuse_others
from indicators.store.places.local_files import LocalFiles
from indicators.store.places.object_storage import ObjectStorage
from indicators.store.places.sql_text import first_line, sql_literal

if TYPE_CHECKING:
    from indicators.accounts.database import AccountsDatabase

POSTGRES_PREFIX: Final = "ducklake:postgres:"
ADVISORY_LOCK: Final = 7_450_310_826
"""Number of the PostgreSQL advisory lock that writers of a store take; any constant would do."""
PASSWORD_KEYS: Final = ("password", "sslpassword")
"""Secret parts of a connection string."""
LOCK_TIMEOUT_S: Final = 5
"""Seconds that the rewriting of a catalogue's tables waits for readers."""
MISSING_PRIVILEGE_HINT: Final = (
    "; its role lacks that right: an upgrade needs CREATE on the database, an erasure needs to own the tables"
)


@dataclass(frozen=True)
class PostgresStore:
    """A store with its catalogue in PostgreSQL and its data files in a location shared by all its servers."""

    connection: str
    files: LocalFiles | ObjectStorage

    writable = True

    @property
    def extensions(self) -> Sequence[str]:
        """DuckDB extensions needed to reach the catalogue and the data files."""
        return ("ducklake", "postgres_scanner", *self.files.extensions)

    @property
    def data(self) -> str:
        """Location of the data files."""
        return self.files.root

    def has_data(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is any data file."""
        return self.files.has_files(connection)

    def is_lost_data(self, failure: str) -> bool:
        """Whether a failure message is about a missing or damaged data file."""
        return self.files.names_lost_file(failure)

    @cached_property
    def _parts(self) -> dict[str, str]:
        """Parts of the connection string by name; empty if it cannot be parsed."""
        import psycopg
        from psycopg.conninfo import conninfo_to_dict

        try:
            return {key: str(value) for key, value in conninfo_to_dict(self.connection).items()}
        except psycopg.Error:
            return {}

    @property
    def name(self) -> str:
        """The address without its passwords."""
        shown = (f"{key}={value}" for key, value in self._parts.items() if key not in PASSWORD_KEYS)
        return POSTGRES_PREFIX + (" ".join(shown) or "…")

    def redact(self, text: str) -> str:
        """Remove the connection string and its passwords from a message."""
        text = self.files.explain(text.replace(self.connection, "…"))
        for secret in (self._parts.get(key) for key in PASSWORD_KEYS):
            text = text.replace(secret, "…") if secret else text
        return text

    @property
    def attachment(self) -> str:
        """SQL statement that attaches the store; a data path other than the recorded one is refused."""
        return f"attach {sql_literal(POSTGRES_PREFIX + self.connection)} as lake (data_path {sql_literal(self.data)})"

    def holds_store(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is a store; a `StoreError` for data without a catalogue, or if something else is there."""
        self.files.prepare(connection)
        with self._server() as server:
            tables = {name for _, name in self._tables(server)}
        if DUCKLAKE_TABLE in tables:
            return True
        refuse_others(self.name, "tables", tables)
        refuse_orphans(self, connection)
        refuse_nesting(self.name, self.files, connection)
        return False

    @contextmanager
    def _server(self) -> Iterator["psycopg.Connection"]:  # type: ignore[name-defined]  # noqa: F821 - imported below
        """Connect to the server; its errors, now or later, are raised as `StoreError`."""
        # Imported here: embedded stores do not need the library, and open sooner.
        import psycopg

        try:
            with closing(psycopg.connect(self.connection, autocommit=True)) as server:
                yield server
        except psycopg.errors.LockNotAvailable as failure:
            raise StoreError(f"store {self.name}: somebody reads it; stop pilotage serve, then try again") from failure
        except psycopg.Error as failure:
            lacks_privilege = isinstance(failure, psycopg.errors.InsufficientPrivilege)
            message = first_line(self.redact(str(failure))) + (MISSING_PRIVILEGE_HINT if lacks_privilege else "")
            raise StoreError(f"store {self.name}: {message}") from failure

    @staticmethod
    def _tables(server: "psycopg.Connection") -> list[tuple[str, str]]:  # type: ignore[name-defined]  # noqa: F821 - likewise
        """Return schema and name of the tables where a catalogue may be, without those of extensions."""
        names = (
            "select nspname, relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
            " where relkind in ('r', 'p') and nspname in ('public', current_schema()) and not exists ("
            "select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')"
        )
        return [(str(schema), str(name)) for schema, name in server.execute(names)]

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the advisory lock shared by writers; a `StoreError` if the server does not answer."""
        with self._server() as server:
            server.execute("select pg_advisory_lock(%s)", [ADVISORY_LOCK])
            # Closing the connection releases the lock, whatever happened.
            yield

    def copy_catalogue(self, version: int) -> str:
        """Copy the tables of the catalogue into a new schema of the same database, all or none."""
        from psycopg import sql

        schema = f"pilotage_schema_{version}"
        with self._server() as server, server.transaction():
            tables = [name for owner_schema, name in self._tables(server) if owner_schema == "public"]
            server.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
            server.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
            for table in tables:
                copied = sql.SQL("create table {} as table {}").format(
                    sql.Identifier(schema, table), sql.Identifier("public", table)
                )
                server.execute(copied)
        return f"{self.name}, schema {schema}"

    def compact(self) -> None:
        """Vacuum the tables of the catalogue, and remove the copies made before upgrades."""
        from psycopg import sql

        copies = "select nspname from pg_namespace where starts_with(nspname, %s)"
        with self._server() as server:
            # A full vacuum waits for all readers, and all writers then wait for it.
            server.execute(f"set lock_timeout = '{LOCK_TIMEOUT_S}s'")
            for (schema,) in server.execute(copies, ["pilotage_schema_"]).fetchall():
                server.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
            server.execute("vacuum (full, analyze)")

    def has_accounts(self) -> bool:
        """Whether the database has the schema of accounts."""
        from indicators.accounts.database import POSTGRES_SCHEMA

        with self._server() as server:
            found = server.execute("select 1 from pg_namespace where nspname = %s", [POSTGRES_SCHEMA]).fetchone()
        return found is not None

    def open_accounts(self) -> "AccountsDatabase":
        """Open the accounts in a schema of their own beside the catalogue."""
        import psycopg

        from indicators.accounts.database import open_in_postgres

        return open_in_postgres(self.name, lambda: psycopg.connect(self.connection))

    def close(self) -> None:
        """Do nothing: there are no temporary files."""
