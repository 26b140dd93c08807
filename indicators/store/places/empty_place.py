"""A new store is created only in an empty place: what refuses one among other things.

Data files without a catalogue are a damaged store, never a new one: opened as new, it would show an empty network.
"""

from typing import Final

import duckdb

from indicators.errors import StoreError
from indicators.store.places.local_files import LocalFiles
from indicators.store.places.location import StoreLocation
from indicators.store.places.object_storage import ObjectStorage

DUCKLAKE_TABLE: Final = "ducklake_metadata"
"""A table that every catalogue of DuckLake has."""
MAX_LISTED_FOREIGN: Final = 3
"""Foreign files or tables listed in an error message."""


def refuse_others(name: str, what: str, others: set[str]) -> None:
    """Refuse to create a store among foreign files or tables."""
    if others:
        listed = ", ".join(sorted(others)[:MAX_LISTED_FOREIGN]) + (", …" if len(others) > MAX_LISTED_FOREIGN else "")
        raise StoreError(f"store {name}: holds no store but other {what} ({listed}); choose an empty place")


def refuse_orphans(place: StoreLocation, connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse to create a store over data files whose catalogue is gone."""
    if place.has_data(connection):
        raise StoreError(
            f"store {place.name}: its catalogue is gone or empty while {place.data} holds files; nothing was changed:"
            " put the catalogue back, or restore a backup elsewhere (pilotage restore)"
        )


def refuse_nesting(name: str, files: LocalFiles | ObjectStorage, connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse to create a store inside the data folder of another one, whose clean-up covers all of it."""
    if enclosing := files.enclosing_store(connection):
        raise StoreError(f"store {name}: {enclosing} holds the data files of another store; choose a place outside it")
