"""Location of a store: its catalogue and data files, write access, and what is there before it is opened.

A new store is created only in an empty place. Data files without a catalogue are a damaged store, never a new one:
opened as new, it would show an empty network.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol, Self
from urllib.parse import urlsplit

import duckdb
from filelock import FileLock

from indicators.cached import cached_property
from indicators.errors import StoreError
from indicators.store.tables import TABLES, is_data_file

POSTGRES_PREFIX: Final = "ducklake:postgres:"
ADVISORY_LOCK: Final = 7_450_310_826
"""Number of the PostgreSQL advisory lock that writers of a store take; any constant would do."""
CATALOGUE_FILE: Final = "catalogue.sqlite"
DATA_FOLDER: Final = "data"
DUCKLAKE_TABLE: Final = "ducklake_metadata"
"""A table that every catalogue of DuckLake has."""
OWN_FILE_PREFIXES: Final = ("catalogue.", "write.lock", "lost+found", ".")
"""Prefixes of file names allowed in the folder of a new store: our own, and those that systems create in any folder."""
PASSWORD_KEYS: Final = ("password", "sslpassword")
"""Secret parts of a connection string."""
BUSY_TIMEOUT_S: Final = 20
"""Seconds to wait for a locked catalogue."""
LOCK_TIMEOUT_S: Final = 5
"""Seconds that the rewriting of a catalogue's tables waits for readers."""
MISSING_PRIVILEGE_HINT: Final = (
    "; its role lacks that right: an upgrade needs CREATE on the database, an erasure needs to own the tables"
)
S3_PREFIX: Final = "s3://"
HTTP_TIMEOUT_S: Final = 10
"""Seconds to wait for an object storage, at each try."""
HTTP_RETRIES: Final = 2
UNREACHABLE_SIGNS: Final = ("Could not connect", "imeout", "imed out", "HTTP 5", "onnection")
"""Parts of DuckDB's messages for an object storage that does not answer or reports a server error."""
MAX_LISTED_FOREIGN: Final = 3
"""Foreign files or tables listed in an error message."""


class StoreLocation(Protocol):
    """Location of a store, independent of the kind of its catalogue."""

    @property
    def name(self) -> str:
        """Name of the store in messages: its address without a password."""

    @property
    def extensions(self) -> Sequence[str]:
        """DuckDB extensions needed to reach the store."""

    @property
    def data(self) -> str:
        """Location of the data files: a folder, or `s3://bucket/prefix`."""

    @property
    def writable(self) -> bool:
        """Whether the location is writable."""

    @property
    def attachment(self) -> str:
        """SQL statement that attaches the store as `lake`."""

    def holds_store(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is a store; false for an empty place, a `StoreError` if it holds something else."""

    def lock(self) -> AbstractContextManager[object]:
        """Lock out other writing processes."""

    def copy_catalogue(self, version: int) -> str:
        """Copy the catalogue before an upgrade from a version and return the location; it must not be attached."""

    def compact(self) -> None:
        """Remove deleted rows and older copies from the catalogue; it must not be attached."""

    def redact(self, text: str) -> str:
        """Remove secrets from a message."""

    def has_data(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is any data file."""

    def is_lost_data(self, failure: str) -> bool:
        """Whether a failure message is about a missing or damaged data file."""

    def close(self) -> None:
        """Remove temporary files."""


def locate_store(address: str, data: str | None) -> StoreLocation:
    """Return the location of a store from its address; a `StoreError` if the folder of the data files is not given."""
    if not address.startswith(POSTGRES_PREFIX):
        return EmbeddedStore(Path(address).resolve())
    if data is None:
        raise StoreError("a store on PostgreSQL needs PILOTAGE_DATA, the folder of its Parquet files")
    return PostgresStore(
        address.removeprefix(POSTGRES_PREFIX),
        ObjectStorage.from_environment(data) if data.startswith(S3_PREFIX) else LocalFiles(data),
    )


@dataclass(frozen=True)
class LocalFiles:
    """Data files in a folder."""

    root: str

    extensions: Sequence[str] = ()

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Do nothing: a folder needs no preparation."""

    def has_files(self, connection: duckdb.DuckDBPyConnection) -> bool:  # noqa: ARG002 - the system knows
        """Whether there is any file."""
        return any(path.is_file() for path in Path(self.root).rglob("*"))

    def enclosing_store(self, connection: duckdb.DuckDBPyConnection) -> str | None:  # noqa: ARG002 - likewise
        """Return the parent folder that is the data folder of a store, if any."""
        for folder in Path(self.root).resolve().parents:
            embedded = folder.name == DATA_FOLDER and (folder.parent / CATALOGUE_FILE).exists()
            if embedded or any((folder / "main" / table).is_dir() for table in TABLES):
                return str(folder)
        return None

    def names_lost_file(self, failure: str) -> bool:
        """Whether a failure names a file of the folder."""
        return self.root in failure

    def explain(self, failure: str) -> str:
        """Return DuckDB's message unchanged."""
        return failure


@dataclass(frozen=True)
class ObjectStorage:
    """Data files in a bucket of an S3 server, with the credentials of the environment, which no message names."""

    root: str
    endpoint: str
    region: str
    key: str
    secret: str = field(repr=False)
    token: str = field(repr=False, default="")

    extensions: Sequence[str] = ("httpfs",)

    @classmethod
    def from_environment(cls, root: str) -> Self:
        """Read credentials and server from the usual `AWS_` variables; a `StoreError` if credentials are missing."""
        credentials = {name: os.environ.get(f"AWS_{name}", "") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}
        if missing := [f"AWS_{name}" for name, value in credentials.items() if not value]:
            raise StoreError(f"a store whose data are at {root} needs {' and '.join(missing)} in the environment")
        return cls(
            root.rstrip("/") + "/",
            os.environ.get("AWS_ENDPOINT_URL", ""),
            os.environ.get("AWS_REGION", "us-east-1"),
            credentials["ACCESS_KEY_ID"],
            credentials["SECRET_ACCESS_KEY"],
            os.environ.get("AWS_SESSION_TOKEN", ""),
        )

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Set DuckDB's credentials, for this process only, and its timeouts."""
        secrets = {"key_id": self.key, "secret": self.secret, "region": self.region, "session_token": self.token}
        options = [f"{name} {sql_literal(value)}" for name, value in secrets.items() if value]
        if self.endpoint:
            server = urlsplit(self.endpoint)
            path = server.netloc + server.path.rstrip("/")
            options += [f"endpoint {sql_literal(path)}", "url_style 'path'", f"use_ssl {server.scheme == 'https'}"]
        connection.execute(f"create or replace secret object_storage (type s3, {', '.join(options)})")
        connection.execute(f"set http_timeout = {HTTP_TIMEOUT_S}")
        connection.execute(f"set http_retries = {HTTP_RETRIES}")

    def has_files(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is any object."""
        return bool(connection.execute(f"from glob({sql_literal(f'{self.root}**')}) limit 1").fetchall())

    def enclosing_store(self, connection: duckdb.DuckDBPyConnection) -> str | None:
        """Return the parent prefix under which a store keeps its data files, if these credentials can find one."""
        names = self.root.removeprefix(S3_PREFIX).strip("/").split("/")
        for length in range(1, len(names)):
            prefix = S3_PREFIX + "/".join(names[:length]) + "/"
            try:
                paths = connection.execute(f"from glob({sql_literal(f'{prefix}main/**')})").fetchall()
            except duckdb.HTTPException:
                # Credentials limited to a part of a bucket cannot look above it.
                continue
            if any(is_data_file(str(path), prefix) for (path,) in paths):
                return prefix
        return None

    def names_lost_file(self, failure: str) -> bool:
        """Whether an object is missing; a bucket that is missing is something else."""
        return "HTTP 404" in failure and "NoSuchBucket" not in failure

    def explain(self, failure: str) -> str:
        """Return a plain message for a server that refuses or does not answer, without credentials."""
        for name in (self.secret, self.token, self.key):
            failure = failure.replace(name, "…") if name else failure
        server = self.endpoint or "S3"
        if "HTTP 401" in failure or "HTTP 403" in failure:
            return f"{server} refuses these credentials, or what they ask of {self.root}"
        if "HTTP 404" in failure and not self.names_lost_file(failure):
            return f"{server} has no such bucket: {self.root}"
        if "HTTP" in failure and any(sign in failure for sign in UNREACHABLE_SIGNS):
            return f"{server} does not answer in time ({self.root})"
        return failure


@dataclass(frozen=True)
class EmbeddedStore:
    """A store in its own folder: an SQLite catalogue with the data files next to it.

    A read-only folder is read through a temporary copy of its catalogue, since SQLite writes next to it.
    """

    folder: Path
    _copies: list[TemporaryDirectory[str]] = field(default_factory=list)

    extensions = ("ducklake", "sqlite_scanner")

    @property
    def name(self) -> str:
        """The folder."""
        return str(self.folder)

    @property
    def data(self) -> str:
        """The folder of the data files."""
        return str(self.folder / DATA_FOLDER)

    def has_data(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is any data file."""
        return LocalFiles(self.data).has_files(connection)

    def is_lost_data(self, failure: str) -> bool:
        """Whether a failure message is about a data file: no other failure names the folder."""
        return LocalFiles(self.data).names_lost_file(failure)

    @cached_property
    def writable(self) -> bool:
        """Whether the folder, or its nearest existing parent, is writable."""
        nearest = next(path for path in (self.folder, *self.folder.parents) if path.exists())
        return os.access(nearest, os.W_OK, effective_ids=os.access in os.supports_effective_ids)

    @cached_property
    def _catalogue(self) -> Path:
        catalogue = self.folder / CATALOGUE_FILE
        if self.writable or not catalogue.exists():
            return catalogue
        copies = TemporaryDirectory(prefix="pilotage-")
        self._copies.append(copies)
        for part in self.folder.glob(f"{CATALOGUE_FILE}*"):
            shutil.copyfile(part, Path(copies.name) / part.name)
        return Path(copies.name) / CATALOGUE_FILE

    @property
    def attachment(self) -> str:
        """SQL statement that attaches the store; it overrides the recorded data path, since folders may be moved.

        DuckDB's file cache is disabled: the operating system already caches the files of a folder.
        """
        return (
            "set enable_external_file_cache = false;"
            f"attach {sql_literal(f'ducklake:sqlite:{self._catalogue}')} as lake"
            f" (data_path {sql_literal(f'{self.data}/')}, override_data_path true,"
            " meta_journal_mode 'WAL', meta_busy_timeout 20000)"
        )

    def holds_store(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is a store; a `StoreError` for data without a catalogue, or for a folder of something else."""
        # Through DuckDB's own SQLite: a second one in this process would release its locks on the file.
        tables: set[str] = set()
        if self._catalogue.exists() and self._catalogue.stat().st_size:
            connection.execute(f"attach {sql_literal(str(self._catalogue))} as catalogue_file (type sqlite, read_only)")
            names = "select table_name from duckdb_tables() where database_name = 'catalogue_file'"
            tables = {str(name) for (name,) in connection.execute(names).fetchall()}
            connection.execute("detach catalogue_file")
        if DUCKLAKE_TABLE in tables:
            return True
        _refuse_others(self.name, "tables", tables)
        _refuse_orphans(self, connection)
        _refuse_nesting(self.name, LocalFiles(self.data), connection)
        entries = {path.name for path in self.folder.iterdir()} if self.folder.is_dir() else set()
        _refuse_others(
            self.name, "files", {name for name in entries if not name.startswith(OWN_FILE_PREFIXES)} - {DATA_FOLDER}
        )
        return False

    def lock(self) -> AbstractContextManager[object]:
        """Return the file lock shared by the writers of the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / "write.lock")

    def copy_catalogue(self, version: int) -> str:
        """Copy the catalogue into its own folder, atomically."""
        final, partial = (self.folder / f"catalogue.schema-{version}.{end}" for end in ("sqlite", "partial"))
        with (
            closing(sqlite3.connect(self.folder / CATALOGUE_FILE)) as source,
            closing(sqlite3.connect(partial)) as copy,
        ):
            source.backup(copy)
        partial.replace(final)
        return str(final)

    def compact(self) -> None:
        """Vacuum the catalogue, truncate its log, and remove the copies made before upgrades."""
        for copy in self.folder.glob("catalogue.schema-*"):
            copy.unlink()
        with closing(sqlite3.connect(self.folder / CATALOGUE_FILE, timeout=BUSY_TIMEOUT_S)) as catalogue:
            catalogue.execute("vacuum")
            [(busy, _, _)] = catalogue.execute("pragma wal_checkpoint(truncate)")
        if busy:
            raise StoreError(f"store {self.name}: somebody reads it; stop pilotage serve, then try again")

    def redact(self, text: str) -> str:
        """Return the text unchanged: a folder's address has no secrets."""
        return text

    def close(self) -> None:
        """Remove the temporary copy of a read-only folder's catalogue."""
        for copies in self._copies:
            copies.cleanup()


@dataclass(frozen=True)
class PostgresStore:
    """A store with its catalogue in PostgreSQL and its data files in a location shared by all its servers."""

    connection: str
    files: "LocalFiles | ObjectStorage"

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
        _refuse_others(self.name, "tables", tables)
        _refuse_orphans(self, connection)
        _refuse_nesting(self.name, self.files, connection)
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

    def close(self) -> None:
        """Do nothing: there are no temporary files."""


def _refuse_others(name: str, what: str, others: set[str]) -> None:
    """Refuse to create a store among foreign files or tables."""
    if others:
        listed = ", ".join(sorted(others)[:MAX_LISTED_FOREIGN]) + (", …" if len(others) > MAX_LISTED_FOREIGN else "")
        raise StoreError(f"store {name}: holds no store but other {what} ({listed}); choose an empty place")


def _refuse_orphans(place: StoreLocation, connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse to create a store over data files whose catalogue is gone."""
    if place.has_data(connection):
        raise StoreError(
            f"store {place.name}: its catalogue is gone or empty while {place.data} holds files; nothing was changed:"
            " put the catalogue back, or restore a backup elsewhere (pilotage restore)"
        )


def _refuse_nesting(name: str, files: LocalFiles | ObjectStorage, connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse to create a store inside the data folder of another one, whose clean-up covers all of it."""
    if enclosing := files.enclosing_store(connection):
        raise StoreError(f"store {name}: {enclosing} holds the data files of another store; choose a place outside it")


def sql_literal(text: str) -> str:
    """Quote a text as an SQL literal, for ATTACH, which takes no bound value."""
    return "'" + text.replace("'", "''") + "'"


def first_line(failure: BaseException | str) -> str:
    """Return the first line of a failure message."""
    return str(failure).strip().splitlines()[0] if str(failure).strip() else type(failure).__name__
