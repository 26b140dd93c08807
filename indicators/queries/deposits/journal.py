"""The records of the store as entries of a journal, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from indicators.snapshot import Snapshot


@dataclass(frozen=True)
class StoreRecord:
    """A deposit, a withdrawal, an erasure, a decision or the dates of a campaign (UTC), with the id of its record.

    `withdraws` is the deposit that it takes back or decides upon, if it does.
    """

    sequence: int
    at: datetime
    author: str
    kind: str
    deposit: str
    dataset: str | None
    file_name: str | None
    rows_accepted: int
    comment: str | None
    withdraws: str | None
    structure: str | None
    period: str | None


def store_records(
    snapshot: Snapshot,
    before: datetime,
    limit: int,
    kinds: Sequence[str] | None = None,
    author: str | None = None,
    below: int = 0,
) -> list[StoreRecord]:
    """Return the newest records before a moment, and those of that very moment whose sequence is below a number.

    Of some kinds and of one author where these are given.
    """
    wanted = None if kinds is None else list(kinds)
    rows = snapshot.query("journal_records", before=before, below=below, shown=limit, kinds=wanted, author=author)
    return [StoreRecord(**row) for row in rows.iter_rows(named=True)]
