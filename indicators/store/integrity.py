"""What can be held against itself in a store: its catalogue, its data files read whole, its records, kept bytes."""

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
from indicators.store.places import CATALOGUE, Embedded, place_of
from indicators.store.tables import TABLES

QUESTIONS: Final = Path(__file__).parent / "integrity_questions"


class Kind(StrEnum):
    """Kinds of damage, from the ground up."""

    CATALOGUE = "catalogue"
    DATA_FILE = "data_file"
    RECORD = "record"
    KEPT_FILE = "kept_file"
    ROWS = "rows"
    ANSWERS = "answers"
    UNREAD = "unread"
    """No damage: what the intake of today does not read any more cannot be held against its rows."""
    READ_OTHERWISE = "read_otherwise"
    """Likewise none for certain: an older program read the file, maybe otherwise than that of today."""


@dataclass(frozen=True)
class Damage:
    """Something in a store that is not as it was written: which file, deposit, table or structure, and what of it."""

    kind: Kind
    name: str
    detail: str

    @property
    def is_certain(self) -> bool:
        """Whether something is damaged, and not only beyond what can be checked."""
        return self.kind not in (Kind.UNREAD, Kind.READ_OTHERWISE)


DOUBTFUL: Final = (StoreError, duckdb.Error, ValueError)
"""What reading a damaged store fails with: a damaged catalogue may say anything, texts that are none included."""


def catalogue_damage(address: str, data: str | None) -> list[Damage]:
    """Hold an embedded catalogue against SQLite's own rules; to be asked before anything of this process opens it."""
    place = place_of(address, data)
    catalogue = Path(place.name) / CATALOGUE
    if not isinstance(place, Embedded) or not place.writable or not catalogue.exists():
        return []
    try:
        with closing(sqlite3.connect(catalogue)) as opened:
            found = [str(line) for (line,) in opened.execute("pragma integrity_check")]
    except (sqlite3.Error, ValueError) as failure:
        found = [str(failure)]
    return [Damage(Kind.CATALOGUE, CATALOGUE, line.splitlines()[0]) for line in found if line != "ok"]


def store_damage(lake: Lake) -> Iterator[Damage]:
    """Read every data file whole, and hold records, kept bytes and rows against one another."""
    yield from _unreadable_files(lake)
    for kind, name in ((Kind.RECORD, "records"), (Kind.KEPT_FILE, "kept_files"), (Kind.ROWS, "strangers")):
        try:
            with lake.cursor() as cursor:
                found = cursor.rows(_question(name))
        # Where the store cannot even answer, that is the damage.
        except DOUBTFUL as failure:
            found = [(name, _one_line(failure))]
        yield from (Damage(kind, str(what), str(detail)) for what, detail in found)


def unreadable_tables(lake: Lake) -> list[str]:
    """Return the tables of which no row can be read or a data file is missing; `catalogue` if none is known."""
    try:
        with lake.cursor() as cursor:
            files = [
                (table, str(file)) for table in TABLES for file, _ in cursor.rows(_question("data_files"), table=table)
            ]
    except DOUBTFUL:
        return ["catalogue"]
    missing = {table for table, file in files if not file.startswith("s3://") and not Path(file).is_file()}
    for table in TABLES:
        try:
            with lake.cursor() as cursor:
                cursor.rows(f"from lake.{table} limit 1")
        except DOUBTFUL:
            missing.add(table)
    return sorted(missing)


def _unreadable_files(lake: Lake) -> Iterator[Damage]:
    """Read each file of each table, every column of it."""
    with lake.cursor() as cursor:
        files = [row for table in TABLES for row in cursor.rows(_question("data_files"), table=table)]
    for file, size in files:
        try:
            # An error ends a transaction: each file has its own.
            with lake.cursor() as cursor:
                [(found, _, _)] = cursor.rows(_question("data_file"), file=file)
        except DOUBTFUL as failure:
            yield Damage(Kind.DATA_FILE, str(file), _one_line(failure))
        else:
            if found != size:
                yield Damage(Kind.DATA_FILE, str(file), f"{found} bytes instead of {size}")


def _question(name: str) -> str:
    return (QUESTIONS / f"{name}.sql").read_text(encoding="utf-8")


def _one_line(failure: Exception) -> str:
    return (str(failure).strip() or type(failure).__name__).splitlines()[0]
