"""Data files in a folder, and how the folder of an embedded store is laid out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from indicators.store.tables import TABLES

CATALOGUE_FILE: Final = "catalogue.sqlite"
DATA_FOLDER: Final = "data"


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
