"""A store copied whole into another one: a backup, the restoring of one, the way from one kind of catalogue to another.

All rows of one version are copied, in one transaction of the new store: people go on depositing, and nobody ever sees
half a copy. What DuckLake keeps of the past (older versions, files that nothing refers to any more) stays behind.
"""

from typing import Final

from indicators.errors import StoreError
from indicators.store.lake import Cursor, Lake
from indicators.store.tables import OF_DATASETS

COPIED: Final = ("deposits", "files", *OF_DATASETS)
"""Tables of a store but that of its schema version, which a new store has from its making."""
ROWS_AT_ONCE: Final = 20_000
FILES_AT_ONCE: Final = 4
"""Rows held at once: a kept file may have hundreds of megabytes."""


def copy_store(source: Lake, target: Lake) -> int:
    """Copy every row into an empty store, all or nothing; return how many deposits and withdrawals were copied.

    A `StoreError` if there is nothing to copy, if the target holds something, or if it then holds anything else than
    what was read.
    """
    with source.cursor() as cursor:
        if not _deposits(cursor):
            raise StoreError(f"store {source.name}: holds no deposit; there is nothing to copy")

        def change(new: Cursor) -> None:
            if _deposits(new):
                raise StoreError(f"store {target.name}: holds a network already; choose an empty place")
            for table in COPIED:
                new.append_batches(table, cursor.batches(table, FILES_AT_ONCE if table == "files" else ROWS_AT_ONCE))

        target.write(change)
        expected = _digests(cursor)
        copied = _deposits(cursor)
    target.tidy()
    with target.cursor() as new:
        found = _digests(new)
    different = [table for table in COPIED if found[table] != expected[table]]
    if different:
        raise StoreError(f"store {target.name}: is not what was copied ({', '.join(different)}); do not use it")
    return copied


def _deposits(cursor: Cursor) -> int:
    return int(str(cursor.rows("select count(*) from lake.deposits")[0][0]))


def _digests(cursor: Cursor) -> dict[str, object]:
    """Return the number of rows of each table and a digest of them, whatever their order and that of the columns."""
    found: dict[str, object] = {}
    for table in COPIED:
        columns = sorted(cursor.frame(f"from lake.{table} limit 0").columns)  # a table of ours
        whole = ", ".join(f'"{column}"' for column in columns)
        sql = f"select count(*), sum(hash({whole})::hugeint)::varchar from lake.{table}"  # noqa: S608 - likewise
        found[table] = cursor.rows(sql)
    return found
