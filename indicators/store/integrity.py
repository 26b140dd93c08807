"""Integrity checks of a store: its catalogue, its data files read in full, its records and deposited files."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import duckdb

from indicators.errors import StoreError
from indicators.store.lake import Lake
from indicators.store.places.embedded_store import EmbeddedStore
from indicators.store.places.local_files import CATALOGUE_FILE
from indicators.store.places.locate import locate_store
from indicators.store.tables import TABLES

SQL_FOLDER: Final = Path(__file__).parent / "integrity_questions"


class DamageKind(StrEnum):
    """Kinds of damage, from the lowest layer up."""

    CATALOGUE = "catalogue"
    DATA_FILE = "data_file"
    RECORD = "record"
    KEPT_FILE = "kept_file"
    ROWS = "rows"
    ANSWERS = "answers"
    UNREAD = "unread"
    """No damage: today's intake no longer reads the file, and its rows cannot be compared with it."""
    READ_OTHERWISE = "read_otherwise"
    """No certain damage: an older program read the file, possibly differently from today's."""


@dataclass(frozen=True)
class Damage:
    """Something in a store that is not as it was written: the file, deposit, table or structure, and the difference."""

    kind: DamageKind
    name: str
    detail: str

    @property
    def is_certain(self) -> bool:
        """Whether it is damage for certain, and not merely something that cannot be checked."""
        return self.kind not in (DamageKind.UNREAD, DamageKind.READ_OTHERWISE)


READ_ERRORS: Final = (StoreError, duckdb.Error, ValueError)
"""Errors raised by reading a damaged store; a damaged catalogue may contain anything, even invalid text."""


def check_catalogue(address: str, data: str | None) -> list[Damage]:
    """Run SQLite's integrity check on an embedded catalogue, before anything in this process opens it."""
    place = locate_store(address, data)
    catalogue = Path(place.name) / CATALOGUE_FILE
    if not isinstance(place, EmbeddedStore) or not place.writable or not catalogue.exists():
        return []
    try:
        with closing(sqlite3.connect(catalogue)) as opened:
            messages = [str(line) for (line,) in opened.execute("pragma integrity_check")]
    except (sqlite3.Error, ValueError) as failure:
        messages = [str(failure)]
    return [Damage(DamageKind.CATALOGUE, CATALOGUE_FILE, line.splitlines()[0]) for line in messages if line != "ok"]


def check_store(lake: Lake) -> Iterator[Damage]:
    """Read every data file in full, and compare records, deposited files and rows."""
    yield from _check_data_files(lake)
    for kind, name in (
        (DamageKind.RECORD, "records"),
        (DamageKind.KEPT_FILE, "kept_files"),
        (DamageKind.ROWS, "strangers"),
    ):
        try:
            with lake.cursor() as cursor:
                rows = cursor.rows(_load_sql(name))
        # A query that fails is itself damage.
        except READ_ERRORS as failure:
            rows = [(name, _one_line(failure))]
        yield from (Damage(kind, str(name_found), str(detail)) for name_found, detail in rows)


def find_unreadable_tables(lake: Lake) -> list[str]:
    """Return the tables that cannot be read or lack a data file; `catalogue` if the catalogue cannot be read."""
    try:
        with lake.cursor() as cursor:
            files = [
                (table, str(file)) for table in TABLES for file, _ in cursor.rows(_load_sql("data_files"), table=table)
            ]
    except READ_ERRORS:
        return ["catalogue"]
    unreadable = {table for table, file in files if not file.startswith("s3://") and not Path(file).is_file()}
    for table in TABLES:
        try:
            with lake.cursor() as cursor:
                cursor.rows(f"from lake.{table} limit 1")
        except READ_ERRORS:
            unreadable.add(table)
    return sorted(unreadable)


def _check_data_files(lake: Lake) -> Iterator[Damage]:
    """Read each file of each table, every column of it."""
    with lake.cursor() as cursor:
        files = [row for table in TABLES for row in cursor.rows(_load_sql("data_files"), table=table)]
    for file, size in files:
        try:
            # One transaction per file: an error ends it.
            with lake.cursor() as cursor:
                [(actual_size, _, _)] = cursor.rows(_load_sql("data_file"), file=file)
        except READ_ERRORS as failure:
            yield Damage(DamageKind.DATA_FILE, str(file), _one_line(failure))
        else:
            if actual_size != size:
                yield Damage(DamageKind.DATA_FILE, str(file), f"{actual_size} bytes instead of {size}")


def _load_sql(name: str) -> str:
    return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def _one_line(failure: Exception) -> str:
    return (str(failure).strip() or type(failure).__name__).splitlines()[0]
