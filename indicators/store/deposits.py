"""Deposits: appended whole in one transaction with their record and their bytes, withdrawn by another deposit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import uuid4

import polars as pl

from indicators.errors import UnknownError
from indicators.periods import Period
from indicators.store.lake import Cursor, Lake
from schemas.findings import Finding

WITHDRAWAL: Final = "withdrawal"
ANY_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Of rows that are only supposed, in a store without a deposit: there is nothing that they could be later than."""
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

    `period` is the code of the period that was being collected, `structure` from whom, where that was known.
    """

    deposit: str
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
    receipts: list[Receipt] = []

    def change(cursor: Cursor) -> None:
        receipts[:] = _receipts(cursor, submission.deposit)
        if receipts:
            return
        receipt = Receipt(
            submission.deposit,
            _next_moment(cursor, submission.at),
            submission.author,
            submission.dataset,
            submission.file_name,
            sha256(submission.content).hexdigest(),
            submission.rows_read,
            submission.table.height,
            submission.comment,
            period=submission.period.code if submission.period else None,
            structure=submission.structure,
        )
        _record(cursor, receipt, submission.findings)
        cursor.append("files", pl.DataFrame({"deposit": [receipt.deposit], "content": [submission.content]}))
        cursor.append(
            TABLE_OF[submission.dataset],
            submission.table.with_columns(
                pl.lit(receipt.deposit).alias("deposit"), pl.lit(receipt.submitted_at).alias("submitted_at")
            ),
        )
        receipts.append(receipt)

    lake.write(change)
    return receipts[0]


def suppose(cursor: Cursor, dataset: str, rows: pl.DataFrame) -> None:
    """Append the rows of a file as its deposit would, without a record of it: for a cursor of `Lake.supposing`."""
    moment = _after_all(cursor) or ANY_MOMENT
    cursor.append(
        TABLE_OF[dataset],
        rows.with_columns(pl.lit(new_deposit_id()).alias("deposit"), pl.lit(moment).alias("submitted_at")),
    )


def withdraw(lake: Lake, deposit: str, because: str, author: str, at: datetime) -> Receipt:
    """Withdraw a deposit, at a moment in UTC, by another one that gives the reason; what it replaced is current again.

    An `UnknownError` if there is no such deposit, if it is itself a withdrawal or if it is already withdrawn.
    """
    receipts: list[Receipt] = []

    def change(cursor: Cursor) -> None:
        withdrawn = cursor.rows("select 1 from lake.deposits where withdraws = $deposit", deposit=deposit)
        found = _receipts(cursor, deposit)
        if not found or found[0].withdraws or withdrawn:
            raise UnknownError("deposit", deposit)
        moment = _next_moment(cursor, at)
        receipts[:] = [
            Receipt(new_deposit_id(), moment, author, WITHDRAWAL, None, None, 0, 0, comment=because, withdraws=deposit)
        ]
        _record(cursor, receipts[0], ())

    lake.write(change)
    return receipts[0]


def history(lake: Lake) -> list[Receipt]:
    """Return every deposit and withdrawal, newest first."""
    with lake.cursor() as cursor:
        return _receipts(cursor)


def content_of(lake: Lake, deposit: str) -> bytes:
    """Return the bytes of a deposited file, as they came; an `UnknownError` if there is none."""
    with lake.cursor() as cursor:
        found = cursor.rows("select content from lake.files where deposit = $deposit", deposit=deposit)
    if not found or not isinstance(found[0][0], bytes):
        raise UnknownError("deposit", deposit)
    return found[0][0]


def _next_moment(cursor: Cursor, at: datetime) -> datetime:
    """Return a moment later than every deposit's, whatever the clocks say: their order decides what is current."""
    return max(at, _after_all(cursor) or at)


def _after_all(cursor: Cursor) -> datetime | None:
    """Return the first moment that is later than every deposit's, if there is a deposit."""
    newest = cursor.rows("select max(submitted_at) from lake.deposits")[0][0]
    return newest + timedelta(microseconds=1) if isinstance(newest, datetime) else None


def _record(cursor: Cursor, receipt: Receipt, findings: Sequence[Finding]) -> None:
    told = [
        {"code": f.code, "severity": f.severity, "row": f.row, "header": f.header, "value": f.value, "count": f.count}
        for f in findings
    ]
    ends = Period.parse(receipt.period).end if receipt.period else None
    row = {**vars(receipt), "period_end": ends, "findings": json.dumps(told, ensure_ascii=False)}
    cursor.append("deposits", pl.DataFrame([row]))


def _receipts(cursor: Cursor, deposit: str | None = None) -> list[Receipt]:
    columns = ", ".join(Receipt.__dataclass_fields__)
    found = cursor.frame(
        f"select {columns} from lake.deposits where $deposit is null or deposit = $deposit order by submitted_at desc",  # noqa: S608 - our own column names
        deposit=deposit,
    )
    return [Receipt(**row) for row in found.iter_rows(named=True)]
