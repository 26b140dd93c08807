"""The one order of a store's records: deposits, withdrawals, decisions and campaigns, each with its place."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from indicators.errors import StoreError
from indicators.store.cursor import Cursor
from indicators.store.lake import Lake

RECORDS_BETWEEN_COMPACTIONS: Final = 100
"""Records after which small data files are merged and leftovers of killed processes removed."""


@dataclass(frozen=True)
class NextPlace:
    """Sequence number of the next record, and the newest stored moment if its clock has not reached it."""

    sequence: int
    newer_moment: datetime | None


def next_place(cursor: Cursor, at: datetime) -> NextPlace:
    """Return the next sequence number of the store; the write lock guarantees that it is given once.

    Clocks decide nothing: one that was once years ahead would rank its deposits above all later ones.
    """
    [(sequence, newest)] = cursor.rows("select coalesce(max(sequence), 0) + 1, max(moment) from places()")
    return NextPlace(int(str(sequence)), newest if isinstance(newest, datetime) and newest > at else None)


def compact_sometimes(lake: Lake, sequence: int) -> None:
    """Compact the store after every so many records: that of this sequence number was stored."""
    if sequence % RECORDS_BETWEEN_COMPACTIONS == 0:
        # The record is stored: a failed compaction is done at the next start.
        with suppress(StoreError):
            lake.compact()
