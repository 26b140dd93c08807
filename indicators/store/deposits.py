"""Deposits: appended whole in one transaction with their record and their bytes, withdrawn by another deposit."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final
from uuid import uuid4

import polars as pl

from indicators.definitions.periods import Period
from indicators.errors import StoreError, UnknownError
from indicators.store.lake import SCHEMA, Cursor, Lake
from schemas.findings import Finding

WITHDRAWAL: Final = "withdrawal"
ERASURE: Final = "erasure"
"""In place of a dataset: records that take a deposit back, keeping it or not."""
DEPOSITS_BETWEEN_TIDYINGS: Final = 100
"""Deposits after which their small files are merged and what killed ones left is removed."""
ANY_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Of rows that are only supposed, in a store without a deposit."""
TABLE_OF: Final[Mapping[str, str]] = {
    "structures": "structures",
    "measures": "measures",
    "actions": "actions",
    "participation": "participation",
    "cibles": "targets",
}


@dataclass(frozen=True)
class Receipt:
    """What a depositor keeps: proof of what was stored, when and under which id (`submitted_at` is in UTC).

    `sequence` is its place among all deposits and withdrawals, from 1: it alone decides what replaces what.
    `period` is the code of the period that was being collected, `structure` from whom, where that was known.
    `newer_moment` is the newest moment stored before it, where the clock had not reached it: one of the two is wrong.
    """

    deposit: str
    sequence: int
    submitted_at: datetime
    author: str
    dataset: str
    file_name: str | None
    sha256: str | None
    rows_read: int
    rows_accepted: int
    comment: str | None = None
    withdraws: str | None = None
    period: str | None = None
    structure: str | None = None
    newer_moment: datetime | None = None

    @property
    def is_erased(self) -> bool:
        """Whether nothing is left of the file but this tombstone."""
        return self.withdraws is None and self.sha256 is None

    @property
    def erases(self) -> str | None:
        """The deposit that this record erased, if it is of an erasure."""
        return self.withdraws if self.dataset == ERASURE else None


@dataclass(frozen=True)
class Submission:
    """A file that passed every check, with its typed rows and the id it was given before anything was written."""

    deposit: str
    author: str
    at: datetime
    """The moment of the deposit, in UTC."""
    dataset: str
    file_name: str
    content: bytes
    rows_read: int
    table: pl.DataFrame
    findings: Sequence[Finding] = ()
    comment: str | None = None
    period: Period | None = None
    structure: str | None = None
    """What was being collected, and from whom, where that is known."""


def new_deposit_id() -> str:
    """Make an id before anything is written, so that a retry after a lost answer stores nothing twice."""
    return uuid4().hex


def append(lake: Lake, submission: Submission) -> Receipt:
    """Store a submission, all or nothing, and return its receipt; an id already stored returns its first receipt."""

    def change(cursor: Cursor) -> Receipt:
        if known := receipts_of(cursor, submission.deposit):
            return known[0]
        place = _next_place(cursor, submission.at)
        receipt = Receipt(
            submission.deposit,
            place.sequence,
            submission.at,
            submission.author,
            submission.dataset,
            submission.file_name,
            sha256(submission.content).hexdigest(),
            submission.rows_read,
            submission.table.height,
            submission.comment,
            period=submission.period.code if submission.period else None,
            structure=submission.structure,
            newer_moment=place.newer_moment,
        )
        record(cursor, receipt, submission.findings)
        cursor.append("files", pl.DataFrame({"deposit": [receipt.deposit], "content": [submission.content]}))
        cursor.append(
            TABLE_OF[submission.dataset],
            submission.table.with_columns(
                deposit=pl.lit(receipt.deposit),
                sequence=pl.lit(receipt.sequence),
                submitted_at=pl.lit(receipt.submitted_at),
            ),
        )
        return receipt

    return write_record(lake, change)


def write_record(lake: Lake, change: Callable[[Cursor], Receipt]) -> Receipt:
    """Apply a change that stores a record, whatever it is of, and return its receipt; now and then, tidy after it."""
    receipts: list[Receipt] = []

    def apply(cursor: Cursor) -> None:
        receipts[:] = [change(cursor)]

    lake.write(apply)
    if receipts[0].sequence % DEPOSITS_BETWEEN_TIDYINGS == 0:
        # The record is made: what cannot be tidied now is at the next start.
        with suppress(StoreError):
            lake.tidy()
    return receipts[0]


def suppose(cursor: Cursor, dataset: str, rows: pl.DataFrame) -> None:
    """Append the rows of a file as its deposit would, without a record of it: for a cursor of `Lake.supposing`."""
    newest = cursor.rows("select max(submitted_at) from lake.deposits")[0][0]
    cursor.append(
        TABLE_OF[dataset],
        rows.with_columns(
            deposit=pl.lit(new_deposit_id()),
            sequence=pl.lit(_next_place(cursor, ANY_MOMENT).sequence),
            submitted_at=pl.lit(newest if isinstance(newest, datetime) else ANY_MOMENT),
        ),
    )


def withdraw(lake: Lake, deposit: str, because: str, author: str, at: datetime) -> Receipt:
    """Withdraw a deposit, at a moment in UTC, by another one that gives the reason; what it replaced is current again.

    An `UnknownError` if there is no such deposit, if it is itself a withdrawal or if it is already withdrawn.
    """

    def change(cursor: Cursor) -> Receipt:
        withdrawn = cursor.rows("select 1 from lake.deposits where withdraws = $deposit", deposit=deposit)
        found = receipts_of(cursor, deposit)
        if not found or found[0].withdraws or withdrawn:
            raise UnknownError("deposit", deposit)
        receipt = next_record(cursor, WITHDRAWAL, deposit, because, author, at)
        record(cursor, receipt, ())
        return receipt

    return write_record(lake, change)


def history(lake: Lake) -> list[Receipt]:
    """Return every deposit and withdrawal, newest first."""
    with lake.cursor() as cursor:
        return receipts_of(cursor)


def content_of(lake: Lake, deposit: str) -> bytes:
    """Return the bytes of a deposited file, as they came; an `UnknownError` if there is none."""
    with lake.cursor() as cursor:
        found = cursor.rows("select content from lake.files where deposit = $deposit", deposit=deposit)
    if not found or not isinstance(found[0][0], bytes):
        raise UnknownError("deposit", deposit)
    return found[0][0]


@dataclass(frozen=True)
class _Place:
    """The place of a new deposit after all others, and a moment already stored that its clock has not reached."""

    sequence: int
    newer_moment: datetime | None


def _next_place(cursor: Cursor, at: datetime) -> _Place:
    """Return the place of what is deposited now; the lock of writers makes sure that nobody else is given it.

    What the clocks say decides nothing: one that was once years ahead would put its deposits above all that follow.
    """
    sql = "select coalesce(max(sequence), 0) + 1, max(submitted_at) from lake.deposits"
    [(sequence, newest)] = cursor.rows(sql)
    return _Place(int(str(sequence)), newest if isinstance(newest, datetime) and newest > at else None)


def next_record(cursor: Cursor, kind: str, deposit: str, because: str, author: str, at: datetime) -> Receipt:
    """Return the record that takes a deposit back in a way (`WITHDRAWAL`, `ERASURE`), for a moment in UTC."""
    place = _next_place(cursor, at)
    return Receipt(
        new_deposit_id(),
        place.sequence,
        at,
        author,
        kind,
        file_name=None,
        sha256=None,
        rows_read=0,
        rows_accepted=0,
        comment=because,
        withdraws=deposit,
        newer_moment=place.newer_moment,
    )


def record(cursor: Cursor, receipt: Receipt, findings: Sequence[Finding]) -> None:
    """Store the record of a deposit, with what was found in its file."""
    told = [
        {"code": f.code, "severity": f.severity, "row": f.row, "header": f.header, "value": f.value, "count": f.count}
        for f in findings
    ]
    ends = Period.parse(receipt.period).end if receipt.period else None
    beside = {"period_end": ends, "findings": json.dumps(told, ensure_ascii=False), "schema_version": SCHEMA}
    row = {**vars(receipt), **beside}
    cursor.append("deposits", pl.DataFrame([row]))


def receipts_of(cursor: Cursor, deposit: str | None = None) -> list[Receipt]:
    """Return the records of one deposit or of all, newest first."""
    columns = ", ".join(Receipt.__dataclass_fields__)
    found = cursor.frame(
        f"select {columns} from lake.deposits where $deposit is null or deposit = $deposit order by sequence desc",  # noqa: S608 - our own column names
        deposit=deposit,
    )
    return [Receipt(**row) for row in found.iter_rows(named=True)]
