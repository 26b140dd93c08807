"""Where a store is: its catalogue and its data files, who may write there, and what is there before it is opened.

A new store is made only where there is nothing. A folder of data without its catalogue is a damaged store, never a new
one: whoever opened it as new would show an empty network.
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
from indicators.store.tables import TABLES, is_own_file

POSTGRES: Final = "ducklake:postgres:"
ADVISORY_LOCK: Final = 7_450_310_826
"""Number of the PostgreSQL advisory lock that writers of a store take; any constant would do."""
CATALOGUE: Final = "catalogue.sqlite"
DATA: Final = "data"
OF_DUCKLAKE: Final = "ducklake_metadata"
"""A table that every catalogue of DuckLake has."""
OWN_FILES: Final = ("catalogue.", "write.lock", "lost+found", ".")
"""How the names begin of what may stand in the folder of a new store: our own, and what systems put in any folder."""
PASSWORDS: Final = ("password", "sslpassword")
"""Parts of a connection string that nobody may read."""
BUSY_S: Final = 20
"""Seconds that a catalogue is waited for."""
LOCK_S: Final = 5
"""Seconds that whoever rewrites a table of a catalogue waits for those who read it."""
LACKING_RIGHT: Final = (
    "; its role lacks that right: an upgrade needs CREATE on the database, an erasure needs to own the tables"
)
S3: Final = "s3://"
ANSWER_S: Final = 10
"""Seconds that an object storage is waited for, at each try."""
RETRIES: Final = 2
SILENT: Final = ("Could not connect", "imeout", "imed out", "HTTP 5", "onnection")
"""Parts of what DuckDB says of an object storage that does not answer, or only that it cannot."""
NAMED: Final = 3
"""Foreign files or tables that a refusal names."""


class Place(Protocol):
    """Where a store is, whatever keeps its catalogue."""

    @property
    def name(self) -> str:
        """How messages call the store: its address without a password."""

    @property
    def extensions(self) -> Sequence[str]:
        """The extensions of DuckDB by which the store is reached."""

    @property
    def data(self) -> str:
        """Where the data files are: a folder, or `s3://bucket/prefix`."""

    @property
    def writable(self) -> bool:
        """Whether anything can be written there."""

    @property
    def attachment(self) -> str:
        """The statement that attaches the store as `lake`."""

    def holds_store(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is a store; false where there is nothing, a `StoreError` where something else is."""

    def lock(self) -> AbstractContextManager[object]:
        """Wait until no other process writes."""

    def copy_catalogue(self, version: int) -> str:
        """Keep the catalogue as it is, before an upgrade from a version; return where. Nobody may be attached."""

    def compact(self) -> None:
        """Free the catalogue of what was deleted from it, older copies included; nobody may be attached."""

    def redacted(self, text: str) -> str:
        """Take out of a message what nobody may read."""

    def has_data(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is any data file."""

    def lost_data(self, failure: str) -> bool:
        """Whether what a reading failed with is of a data file that is missing or damaged."""

    def close(self) -> None:
        """Let go of what was made for opening the store."""


def place_of(address: str, data: str | None) -> Place:
    """Return the place that an address names; a `StoreError` if the folder of the data files is missing."""
    if not address.startswith(POSTGRES):
        return Embedded(Path(address).resolve())
    if data is None:
        raise StoreError("a store on PostgreSQL needs PILOTAGE_DATA, the folder of its Parquet files")
    return Postgres(address.removeprefix(POSTGRES), ObjectStorage.of(data) if data.startswith(S3) else LocalFiles(data))


@dataclass(frozen=True)
class LocalFiles:
    """Data files in a folder."""

    where: str

    extensions: Sequence[str] = ()

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """A folder needs nothing."""

    def any(self, connection: duckdb.DuckDBPyConnection) -> bool:  # noqa: ARG002 - the system knows
        """Whether there is any file."""
        return any(path.is_file() for path in Path(self.where).rglob("*"))

    def above(self, connection: duckdb.DuckDBPyConnection) -> str | None:  # noqa: ARG002 - likewise
        """Return a folder above that is the data folder of a store."""
        for folder in Path(self.where).resolve().parents:
            embedded = folder.name == DATA and (folder.parent / CATALOGUE).exists()
            if embedded or any((folder / "main" / table).is_dir() for table in TABLES):
                return str(folder)
        return None

    def lost(self, failure: str) -> bool:
        """Whether a failure names a file of the folder."""
        return self.where in failure

    def explained(self, failure: str) -> str:
        """What DuckDB says of files of a folder says enough."""
        return failure


@dataclass(frozen=True)
class ObjectStorage:
    """Data files in a bucket of an S3 server, with the credentials of the environment, which no message names."""

    where: str
    endpoint: str
    region: str
    key: str
    secret: str = field(repr=False)
    token: str = field(repr=False, default="")

    extensions: Sequence[str] = ("httpfs",)

    @classmethod
    def of(cls, where: str) -> Self:
        """Read credentials and server from the environment that every S3 tool reads; a `StoreError` if they lack."""
        known = {name: os.environ.get(f"AWS_{name}", "") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}
        if lacking := [f"AWS_{name}" for name, value in known.items() if not value]:
            raise StoreError(f"a store whose data are at {where} needs {' and '.join(lacking)} in the environment")
        return cls(
            where.rstrip("/") + "/",
            os.environ.get("AWS_ENDPOINT_URL", ""),
            os.environ.get("AWS_REGION", "us-east-1"),
            known["ACCESS_KEY_ID"],
            known["SECRET_ACCESS_KEY"],
            os.environ.get("AWS_SESSION_TOKEN", ""),
        )

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give DuckDB the credentials, for this process alone, and bound how long an answer is waited for."""
        known = {"key_id": self.key, "secret": self.secret, "region": self.region, "session_token": self.token}
        options = [f"{name} {quoted(value)}" for name, value in known.items() if value]
        if self.endpoint:
            server = urlsplit(self.endpoint)
            path = server.netloc + server.path.rstrip("/")
            options += [f"endpoint {quoted(path)}", "url_style 'path'", f"use_ssl {server.scheme == 'https'}"]
        connection.execute(f"create or replace secret object_storage (type s3, {', '.join(options)})")
        connection.execute(f"set http_timeout = {ANSWER_S}")
        connection.execute(f"set http_retries = {RETRIES}")

    def any(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is any object."""
        return bool(connection.execute(f"from glob({quoted(f'{self.where}**')}) limit 1").fetchall())

    def above(self, connection: duckdb.DuckDBPyConnection) -> str | None:
        """Return a prefix above, as far as these credentials may look, under which a store keeps its data files."""
        names = self.where.removeprefix(S3).strip("/").split("/")
        for length in range(1, len(names)):
            prefix = S3 + "/".join(names[:length]) + "/"
            try:
                found = connection.execute(f"from glob({quoted(f'{prefix}main/**')})").fetchall()
            except duckdb.HTTPException:
                # Whoever may reach only a part of a bucket has no store above it.
                continue
            if any(is_own_file(str(path), prefix) for (path,) in found):
                return prefix
        return None

    def lost(self, failure: str) -> bool:
        """Whether an object is missing; a bucket that is missing is something else."""
        return "HTTP 404" in failure and "NoSuchBucket" not in failure

    def explained(self, failure: str) -> str:
        """Say in plain words what a server that refuses or does not answer means."""
        for name in (self.secret, self.token, self.key):
            failure = failure.replace(name, "…") if name else failure
        server = self.endpoint or "S3"
        if "HTTP 401" in failure or "HTTP 403" in failure:
            return f"{server} refuses these credentials, or what they ask of {self.where}"
        if "HTTP 404" in failure and not self.lost(failure):
            return f"{server} has no such bucket: {self.where}"
        if "HTTP" in failure and any(sign in failure for sign in SILENT):
            return f"{server} does not answer in time ({self.where})"
        return failure


@dataclass(frozen=True)
class Embedded:
    """A store in a folder of its own: a catalogue in SQLite, the data files beside it.

    A folder in which nothing can be written is read by a copy of its catalogue: SQLite itself would write beside it.
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
        return str(self.folder / DATA)

    def has_data(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is any data file."""
        return LocalFiles(self.data).any(connection)

    def lost_data(self, failure: str) -> bool:
        """Whether what a reading failed with is of a data file: nothing else that fails names the folder."""
        return LocalFiles(self.data).lost(failure)

    @cached_property
    def writable(self) -> bool:
        """Whether the folder, or the one in which it would be made, can be written in."""
        nearest = next(path for path in (self.folder, *self.folder.parents) if path.exists())
        return os.access(nearest, os.W_OK, effective_ids=os.access in os.supports_effective_ids)

    @cached_property
    def _catalogue(self) -> Path:
        own = self.folder / CATALOGUE
        if self.writable or not own.exists():
            return own
        copies = TemporaryDirectory(prefix="pilotage-")
        self._copies.append(copies)
        for part in self.folder.glob(f"{CATALOGUE}*"):
            shutil.copyfile(part, Path(copies.name) / part.name)
        return Path(copies.name) / CATALOGUE

    @property
    def attachment(self) -> str:
        """The catalogue remembers where its files were: a folder that was moved or copied still opens.

        The system keeps the files of a folder in its own memory: DuckDB need not do so a second time.
        """
        return (
            "set enable_external_file_cache = false;"
            f"attach {quoted(f'ducklake:sqlite:{self._catalogue}')} as lake"
            f" (data_path {quoted(f'{self.data}/')}, override_data_path true,"
            " meta_journal_mode 'WAL', meta_busy_timeout 20000)"
        )

    def holds_store(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is a store; a `StoreError` for data without a catalogue, or for a folder of something else."""
        # By DuckDB's own SQLite: another one in this process would undo its locks on the file.
        tables: set[str] = set()
        if self._catalogue.exists() and self._catalogue.stat().st_size:
            connection.execute(f"attach {quoted(str(self._catalogue))} as catalogue_file (type sqlite, read_only)")
            names = "select table_name from duckdb_tables() where database_name = 'catalogue_file'"
            tables = {str(name) for (name,) in connection.execute(names).fetchall()}
            connection.execute("detach catalogue_file")
        if OF_DUCKLAKE in tables:
            return True
        _refuse_others(self.name, "tables", tables)
        _refuse_orphans(self, connection)
        _refuse_nesting(self.name, LocalFiles(self.data), connection)
        entries = {path.name for path in self.folder.iterdir()} if self.folder.is_dir() else set()
        _refuse_others(self.name, "files", {name for name in entries if not name.startswith(OWN_FILES)} - {DATA})
        return False

    def lock(self) -> AbstractContextManager[object]:
        """Wait for the file lock that writers of the folder share."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / "write.lock")

    def copy_catalogue(self, version: int) -> str:
        """Copy the catalogue beside itself, whole or not at all."""
        kept, made = (self.folder / f"catalogue.schema-{version}.{end}" for end in ("sqlite", "partial"))
        with closing(sqlite3.connect(self.folder / CATALOGUE)) as source, closing(sqlite3.connect(made)) as copy:
            source.backup(copy)
        made.replace(kept)
        return str(kept)

    def compact(self) -> None:
        """Rewrite the catalogue without its free pages, empty its log, and remove the copies made before upgrades."""
        for copy in self.folder.glob("catalogue.schema-*"):
            copy.unlink()
        with closing(sqlite3.connect(self.folder / CATALOGUE, timeout=BUSY_S)) as catalogue:
            catalogue.execute("vacuum")
            [(busy, _, _)] = catalogue.execute("pragma wal_checkpoint(truncate)")
        if busy:
            raise StoreError(f"store {self.name}: somebody reads it; stop pilotage serve, then try again")

    def redacted(self, text: str) -> str:
        """Nothing is secret in a folder's address."""
        return text

    def close(self) -> None:
        """Remove the copy from which a folder was read in which nothing can be written."""
        for copies in self._copies:
            copies.cleanup()


@dataclass(frozen=True)
class Postgres:
    """A store whose catalogue is a database of PostgreSQL; the data files are where all its servers reach them."""

    connection: str
    files: "LocalFiles | ObjectStorage"

    writable = True

    @property
    def extensions(self) -> Sequence[str]:
        """The extensions of DuckDB by which the catalogue and the data files are reached."""
        return ("ducklake", "postgres_scanner", *self.files.extensions)

    @property
    def data(self) -> str:
        """Where the data files are."""
        return self.files.where

    def has_data(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is any data file."""
        return self.files.any(connection)

    def lost_data(self, failure: str) -> bool:
        """Whether what a reading failed with is of a data file that is missing or damaged."""
        return self.files.lost(failure)

    @cached_property
    def _parts(self) -> dict[str, str]:
        """What the connection string says, by name; nothing of one that cannot be read."""
        import psycopg
        from psycopg.conninfo import conninfo_to_dict

        try:
            return {key: str(value) for key, value in conninfo_to_dict(self.connection).items()}
        except psycopg.Error:
            return {}

    @property
    def name(self) -> str:
        """The address without its passwords."""
        shown = (f"{key}={value}" for key, value in self._parts.items() if key not in PASSWORDS)
        return POSTGRES + (" ".join(shown) or "…")

    def redacted(self, text: str) -> str:
        """Take the address, and its passwords wherever they stand, out of a message."""
        text = self.files.explained(text.replace(self.connection, "…"))
        for secret in (self._parts.get(key) for key in PASSWORDS):
            text = text.replace(secret, "…") if secret else text
        return text

    @property
    def attachment(self) -> str:
        """The catalogue remembers the folder of the data files: another one is refused."""
        return f"attach {quoted(POSTGRES + self.connection)} as lake (data_path {quoted(self.data)})"

    def holds_store(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is a store; a `StoreError` for data without a catalogue, or where something else is."""
        self.files.prepare(connection)
        with self._server() as server:
            tables = {name for _, name in self._tables(server)}
        if OF_DUCKLAKE in tables:
            return True
        _refuse_others(self.name, "tables", tables)
        _refuse_orphans(self, connection)
        _refuse_nesting(self.name, self.files, connection)
        return False

    @contextmanager
    def _server(self) -> Iterator["psycopg.Connection"]:  # type: ignore[name-defined]  # noqa: F821 - imported below
        """Connect; whatever the server refuses, then or later, is a `StoreError`."""
        # A store on one machine does without the library, and is opened sooner.
        import psycopg

        try:
            with closing(psycopg.connect(self.connection, autocommit=True)) as server:
                yield server
        except psycopg.errors.LockNotAvailable as failure:
            raise StoreError(f"store {self.name}: somebody reads it; stop pilotage serve, then try again") from failure
        except psycopg.Error as failure:
            lacking = isinstance(failure, psycopg.errors.InsufficientPrivilege)
            said = first_line(self.redacted(str(failure))) + (LACKING_RIGHT if lacking else "")
            raise StoreError(f"store {self.name}: {said}") from failure

    @staticmethod
    def _tables(server: "psycopg.Connection") -> list[tuple[str, str]]:  # type: ignore[name-defined]  # noqa: F821 - likewise
        """Return schema and name of the tables where a catalogue may be; those of extensions are nobody's data."""
        names = (
            "select nspname, relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
            " where relkind in ('r', 'p') and nspname in ('public', current_schema()) and not exists ("
            "select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')"
        )
        return [(str(schema), str(name)) for schema, name in server.execute(names)]

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the advisory lock that writers share; a `StoreError` if the server does not answer."""
        with self._server() as server:
            server.execute("select pg_advisory_lock(%s)", [ADVISORY_LOCK])
            # Closing the connection releases the lock, whatever happened.
            yield

    def copy_catalogue(self, version: int) -> str:
        """Copy the tables of the catalogue into a schema of their own in the same database, all or none."""
        from psycopg import sql

        schema = f"pilotage_schema_{version}"
        with self._server() as server, server.transaction():
            tables = [name for own, name in self._tables(server) if own == "public"]
            server.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
            server.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
            for table in tables:
                copied = sql.SQL("create table {} as table {}").format(
                    sql.Identifier(schema, table), sql.Identifier("public", table)
                )
                server.execute(copied)
        return f"{self.name}, schema {schema}"

    def compact(self) -> None:
        """Rewrite the tables of the catalogue without deleted rows, and remove the copies made before upgrades."""
        from psycopg import sql

        copies = "select nspname from pg_namespace where starts_with(nspname, %s)"
        with self._server() as server:
            # Rewriting waits for every reader, and every writer then waits for it.
            server.execute(f"set lock_timeout = '{LOCK_S}s'")
            for (schema,) in server.execute(copies, ["pilotage_schema_"]).fetchall():
                server.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
            server.execute("vacuum (full, analyze)")

    def close(self) -> None:
        """Nothing was made for opening it."""


def _refuse_others(name: str, what: str, others: set[str]) -> None:
    """Refuse to make a store among what is not ours."""
    if others:
        listed = ", ".join(sorted(others)[:NAMED]) + (", …" if len(others) > NAMED else "")
        raise StoreError(f"store {name}: holds no store but other {what} ({listed}); choose an empty place")


def _refuse_orphans(place: Place, connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse to make a store over the data files of one whose catalogue is gone."""
    if place.has_data(connection):
        raise StoreError(
            f"store {place.name}: its catalogue is gone or empty while {place.data} holds files; nothing was changed:"
            " put the catalogue back, or restore a backup elsewhere (pilotage restore)"
        )


def _refuse_nesting(name: str, files: LocalFiles | ObjectStorage, connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse to make a store inside the data folder of another one, which looks for what it may remove in all of it."""
    if above := files.above(connection):
        raise StoreError(f"store {name}: {above} holds the data files of another store; choose a place outside it")


def quoted(text: str) -> str:
    """Write a text as an SQL literal: ATTACH takes no bound value."""
    return "'" + text.replace("'", "''") + "'"


def first_line(failure: BaseException | str) -> str:
    """Return what a failure says, in one line."""
    return str(failure).strip().splitlines()[0] if str(failure).strip() else type(failure).__name__
