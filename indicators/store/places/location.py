"""Location of a store: what the lake asks of a place, whatever its catalogue and its data files are kept in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

import duckdb

if TYPE_CHECKING:
    # Imported on first use: commands without members do not need its libraries.
    from indicators.accounts.database import AccountsDatabase


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

    def has_accounts(self) -> bool:
        """Whether there are accounts of members beside the store."""

    def open_accounts(self) -> AccountsDatabase:
        """Open the accounts of the members beside the store; a `StoreError` if they cannot be written."""

    def close(self) -> None:
        """Remove temporary files."""
