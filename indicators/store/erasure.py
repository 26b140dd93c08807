"""A deposit taken out of a store for good: its bytes, its rows, what was found in it.

A withdrawal keeps everything; an erasure keeps a tombstone: that there was a deposit, its place and moment, who made
it, who erased it and why. What it replaced is current again.
"""

from datetime import datetime
from typing import Final

from indicators.errors import UnknownError
from indicators.store.deposits import ERASURE, TABLE_OF, Receipt, next_record, receipts_of, record, write_record
from indicators.store.lake import Cursor, Lake

EMPTIED: Final = "file_name = null, sha256 = null, comment = null, findings = '[]', rows_read = 0, rows_accepted = 0"
"""What a record says of a file: its name, its digest, cells that were found wanting."""


def erase(lake: Lake, deposit: str, because: str, author: str, at: datetime) -> Receipt:
    """Erase a deposit, at a moment in UTC, and return the receipt of the erasure.

    Done again, it goes on where it was cut short. An `UnknownError` if there is no such deposit or if it took another
    back; a `StoreError` if it could not be taken off the disk because somebody still reads the store.
    """

    def change(cursor: Cursor) -> Receipt:
        found = receipts_of(cursor, deposit)
        if not found or found[0].withdraws:
            raise UnknownError("deposit", deposit)
        if made := [receipt for receipt in receipts_of(cursor) if receipt.erases == deposit]:
            return made[0]
        for table in (TABLE_OF[found[0].dataset], "files"):
            cursor.rows(f"delete from lake.{table} where deposit = $deposit", deposit=deposit)  # noqa: S608 - ours
        cursor.rows(f"update lake.deposits set {EMPTIED} where deposit = $deposit", deposit=deposit)  # noqa: S608 - ours
        receipt = next_record(cursor, ERASURE, deposit, because, author, at)
        record(cursor, receipt, ())
        return receipt

    erasure = write_record(lake, change)
    lake.forget_past()
    return erasure
