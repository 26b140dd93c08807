"""Permanent erasure of a deposit: its file, its rows and its findings.

A withdrawal keeps everything; an erasure keeps a tombstone: the deposit's existence, number, moment and author, and who
erased it and why. What it replaced is current again.
"""

from datetime import datetime
from typing import Final

from indicators.errors import UnknownError
from indicators.store.cursor import Cursor
from indicators.store.deposits import (
    ERASURE,
    Receipt,
    append_record,
    find_receipts,
    next_record,
    write_with_receipt,
)
from indicators.store.lake import Lake
from schemas.datasets import STORED_DATASETS

ERASED_COLUMNS: Final = (
    "file_name = null, sha256 = null, comment = null, findings = '[]', rows_read = 0, rows_accepted = 0"
)
"""Columns of a record that describe the file: name, digest, findings with cell values."""


def erase(lake: Lake, deposit: str, reason: str, author: str, at: datetime) -> Receipt:
    """Erase a deposit, at a moment in UTC, and return the receipt of the erasure.

    Repeating it resumes an interrupted erasure. An `UnknownError` if there is no such deposit or if it is a withdrawal;
    a `StoreError` if the disk cannot be freed because another process still reads the store.
    """

    def change(cursor: Cursor) -> Receipt:
        receipts = find_receipts(cursor, deposit)
        if not receipts or receipts[0].withdraws:
            raise UnknownError("deposit", deposit)
        if erasures := [receipt for receipt in find_receipts(cursor) if receipt.erases == deposit]:
            return erasures[0]
        for table in (STORED_DATASETS[receipts[0].dataset].table, "files"):
            cursor.rows(f"delete from lake.{table} where deposit = $deposit", deposit=deposit)  # noqa: S608 - ours
        cursor.rows(f"update lake.deposits set {ERASED_COLUMNS} where deposit = $deposit", deposit=deposit)  # noqa: S608 - ours
        receipt = next_record(cursor, ERASURE, deposit, reason, author, at)
        append_record(cursor, receipt, ())
        return receipt

    erasure = write_with_receipt(lake, change)
    lake.purge_history()
    return erasure
