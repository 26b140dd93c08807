"""A store in a folder of its own: catalogue in SQLite, data files next to it."""

import os
import shutil
import sqlite3
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import duckdb
from filelock import FileLock

from indicators.cached import cached_property
from indicators.errors import StoreError
from indicators.store.places.empty_place import DUCKLAKE_TABLE, refuse_nesting, refuse_orphans, refuse_others
from indicators.store.places.local_files import CATALOGUE_FILE, DATA_FOLDER, LocalFiles
from indicators.store.places.sql_text import sql_literal

if TYPE_CHECKING:
    from indicators.accounts.database import AccountsDatabase

ACCOUNTS_FILE: Final = "accounts.sqlite"
OWN_FILE_PREFIXES: Final = ("accounts.", "catalogue.", "write.lock", "lost+found", ".")
"""Prefixes of file names allowed in the folder of a new store: our own, and those that systems create in any folder."""
BUSY_TIMEOUT_S: Final = 20
"""Seconds to wait for a locked catalogue."""


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
        return catalogue if self.writable or not catalogue.exists() else self._copied(CATALOGUE_FILE)

    def _copied(self, name: str) -> Path:
        """Copy a file of SQLite, with what it writes next to it, into a temporary folder; return the copy."""
        copies = TemporaryDirectory(prefix="pilotage-")
        self._copies.append(copies)
        for part in self.folder.glob(f"{name}*"):
            shutil.copyfile(part, Path(copies.name) / part.name)
        return Path(copies.name) / name

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
        refuse_others(self.name, "tables", tables)
        refuse_orphans(self, connection)
        refuse_nesting(self.name, LocalFiles(self.data), connection)
        entries = {path.name for path in self.folder.iterdir()} if self.folder.is_dir() else set()
        refuse_others(
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

    def has_accounts(self) -> bool:
        """Whether the folder has a file of accounts."""
        return (self.folder / ACCOUNTS_FILE).exists()

    def open_accounts(self) -> "AccountsDatabase":
        """Open the accounts in a file of their own in the folder; of a read-only folder, a temporary copy of them."""
        from indicators.accounts.database import open_in_file

        if self.writable:
            return open_in_file(self.folder / ACCOUNTS_FILE)
        if not self.has_accounts():
            raise StoreError(f"store {self.name}: can only be read, and has no accounts")
        return open_in_file(self._copied(ACCOUNTS_FILE))

    def close(self) -> None:
        """Remove the temporary copy of a read-only folder's catalogue."""
        for copies in self._copies:
            copies.cleanup()
