"""Full copy of a store into another one: backup, restore, or move to another kind of catalogue.

All rows of one version are copied in one transaction of the new store: deposits may continue meanwhile, and half a copy
is never visible. DuckLake's history (older versions, unreferenced files) is not copied.
"""

from typing import Final

from indicators.errors import StoreError
from indicators.store.cursor import Cursor
from indicators.store.lake import Lake
from indicators.store.tables import COPIED_TABLES, TABLES_OF_FILES

BATCH_ROWS: Final = 20_000
BATCH_FILES: Final = 4
"""Rows in memory at once: a deposited file may have hundreds of megabytes."""


def copy_store(source: Lake, target: Lake) -> int:
    """Copy every row into an empty store, all or nothing; return the number of deposits and withdrawals copied.

    A `StoreError` if there is nothing to copy, if the target is not empty, or if its content then differs.
    """
    with source.cursor() as cursor:
        if not _count_deposits(cursor):
            raise StoreError(f"store {source.name}: holds no deposit; there is nothing to copy")

        def change(target_cursor: Cursor) -> None:
            if _count_deposits(target_cursor):
                raise StoreError(f"store {target.name}: holds a network already; choose an empty place")
            for table in COPIED_TABLES:
                target_cursor.empty(table)
                target_cursor.append_batches(
                    table, cursor.batches(table, BATCH_FILES if table in TABLES_OF_FILES else BATCH_ROWS)
                )

        target.write(change)
        expected = _table_digests(cursor)
        copied = _count_deposits(cursor)
    target.compact()
    with target.cursor() as new:
        actual = _table_digests(new)
    different = [table for table in COPIED_TABLES if actual[table] != expected[table]]
    if different:
        raise StoreError(f"store {target.name}: is not what was copied ({', '.join(different)}); do not use it")
    return copied


def _count_deposits(cursor: Cursor) -> int:
    return int(str(cursor.rows("select count(*) from lake.deposits")[0][0]))


def _table_digests(cursor: Cursor) -> dict[str, object]:
    """Return row count and digest of each table, independent of the order of rows and columns."""
    digests: dict[str, object] = {}
    for table in COPIED_TABLES:
        columns = sorted(cursor.frame(f"from lake.{table} limit 0").columns)  # a table of ours
        all_columns = ", ".join(f'"{column}"' for column in columns)
        sql = f"select count(*), sum(hash({all_columns})::hugeint)::varchar from lake.{table}"  # noqa: S608 - likewise
        digests[table] = cursor.rows(sql)
    return digests
