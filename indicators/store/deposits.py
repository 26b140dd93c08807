"""Deposits: stored in one transaction with their record and their file, withdrawn by another record.

Deposits, decisions on them and records of campaigns share one order (`record_order`).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Final
from uuid import uuid4

import polars as pl

from indicators.definitions.campaigns import Campaigns
from indicators.definitions.periods import Frequency, Period
from indicators.errors import UnknownError
from indicators.store.campaign_records import campaigns_in_force
from indicators.store.cursor import Cursor
from indicators.store.lake import Lake
from indicators.store.record_order import compact_sometimes, next_place
from indicators.store.schema_upgrade import SCHEMA_VERSION
from schemas.datasets import STORED_DATASETS
from schemas.findings import Finding

WITHDRAWAL: Final = "withdrawal"
ERASURE: Final = "erasure"
"""Values in place of a dataset, for the records that withdraw or erase a deposit."""
DRY_RUN_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Moment of dry-run rows in a store without a deposit."""


def schema_versions(cursor: Cursor) -> dict[str, int]:
    """Return by which schema version's program each file was read: 0 before programs said so."""
    known = cursor.rows("select deposit, coalesce(schema_version, 0) from lake.deposits")
    return {str(deposit): int(str(version)) for deposit, version in known}


@dataclass(frozen=True)
class Receipt:
    """Record of a deposit, given to the depositor as proof (`submitted_at` is in UTC).

    `sequence` is its place in the order of the store, from 1: it alone decides which row is current.
    `period` is the code of the period collected and `structure` the depositing structure, if known. `newer_moment` is
    the newest moment already stored, if it is later than this deposit's: one of the two clocks was wrong. `eyes` is the
    number of pairs of eyes asked of it before it is in force, null if no approval is (`Campaign`).
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
    eyes: int | None = None

    @property
    def is_erased(self) -> bool:
        """Whether the file was erased and only this tombstone is left."""
        return self.withdraws is None and self.sha256 is None

    @property
    def erases(self) -> str | None:
        """The deposit that this record erased, if it is an erasure."""
        return self.withdraws if self.dataset == ERASURE else None


@dataclass(frozen=True)
class Submission:
    """A file that passed every check, with its typed rows and the id assigned before anything is written."""

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
    """The depositing structure, if known, as is the period collected."""
    declared_campaigns: Campaigns = field(default_factory=Campaigns)
    """The campaigns of the beginning, over which those of the store are declared."""

    @property
    def periods(self) -> Sequence[Period]:
        """The periods whose figures its rows may change: directories and targets have none.

        Registers count for the period for which they were collected, without one for the quarter that ended last, and
        for the quarters of their days.
        """
        dataset = STORED_DATASETS[self.dataset]
        if "period" in self.table.columns:
            return [Period.parse(code) for code in self.table["period"].unique().drop_nulls()]
        if not dataset.is_register:
            return ()
        collected = self.period or Period.containing(self.at.date(), Frequency.QUARTER).shifted(-1)
        days: set[date] = {day for name in dataset.days for day in self.table[name].drop_nulls().unique()}
        return sorted({collected, *(Period.containing(day, Frequency.QUARTER) for day in days)})


def new_deposit_id() -> str:
    """Return a new deposit id, assigned before writing: a retry after a lost answer stores nothing twice."""
    return uuid4().hex


def store_submission(lake: Lake, submission: Submission) -> Receipt:
    """Store a submission, all or nothing, and return its receipt; an id already stored returns its first receipt."""

    def change(cursor: Cursor) -> Receipt:
        if existing := find_receipts(cursor, submission.deposit):
            return existing[0]
        return append_submission(cursor, submission)

    return write_with_receipt(lake, change)


def append_submission(cursor: Cursor, submission: Submission, *, of_one_row: bool = False) -> Receipt:
    """Append the record, the file and the rows of a submission at the next place, and return its receipt.

    `of_one_row` says that it is a row written on a page, which is no delivery of its register.
    """
    place = next_place(cursor, submission.at)
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
        eyes=campaigns_in_force(cursor, submission.declared_campaigns).required_eyes(submission.periods),
    )
    append_record(cursor, receipt, submission.findings, of_one_row=of_one_row)
    cursor.append("files", pl.DataFrame({"deposit": [receipt.deposit], "content": [submission.content]}))
    cursor.append(
        STORED_DATASETS[submission.dataset].table,
        submission.table.with_columns(
            deposit=pl.lit(receipt.deposit),
            sequence=pl.lit(receipt.sequence),
            submitted_at=pl.lit(receipt.submitted_at),
        ),
    )
    return receipt


def write_with_receipt(lake: Lake, change: Callable[[Cursor], Receipt]) -> Receipt:
    """Apply a change that stores a record and return its receipt."""
    receipts: list[Receipt] = []

    def apply(cursor: Cursor) -> None:
        receipts[:] = [change(cursor)]

    lake.write(apply)
    compact_sometimes(lake, receipts[0].sequence)
    return receipts[0]


def append_dry_run(cursor: Cursor, dataset: str, rows: pl.DataFrame) -> None:
    """Append the rows of a file as its deposit would, without a record, to a cursor that never commits."""
    newest = cursor.rows("select max(submitted_at) from lake.deposits")[0][0]
    cursor.append(
        STORED_DATASETS[dataset].table,
        rows.with_columns(
            deposit=pl.lit(new_deposit_id()),
            sequence=pl.lit(next_place(cursor, DRY_RUN_MOMENT).sequence),
            submitted_at=pl.lit(newest if isinstance(newest, datetime) else DRY_RUN_MOMENT),
        ),
    )


def withdraw(lake: Lake, deposit: str, reason: str, author: str, at: datetime) -> Receipt:
    """Withdraw a deposit, at a moment in UTC, by a record with the reason; what it replaced is current again.

    An `UnknownError` if there is no such deposit, if it is itself a withdrawal or if it is already withdrawn.
    """

    def change(cursor: Cursor) -> Receipt:
        withdrawn = cursor.rows("select 1 from lake.deposits where withdraws = $deposit", deposit=deposit)
        receipts = find_receipts(cursor, deposit)
        if not receipts or receipts[0].withdraws or withdrawn:
            raise UnknownError("deposit", deposit)
        receipt = next_record(cursor, WITHDRAWAL, deposit, reason, author, at)
        append_record(cursor, receipt, ())
        return receipt

    return write_with_receipt(lake, change)


def list_receipts(lake: Lake) -> list[Receipt]:
    """Return every deposit and withdrawal, newest first."""
    with lake.cursor() as cursor:
        return find_receipts(cursor)


def read_content(lake: Lake, deposit: str) -> bytes:
    """Return the bytes of a deposited file, unchanged; an `UnknownError` if there is none."""
    with lake.cursor() as cursor:
        rows = cursor.rows("select content from lake.files where deposit = $deposit", deposit=deposit)
    if not rows or not isinstance(rows[0][0], bytes):
        raise UnknownError("deposit", deposit)
    return rows[0][0]


def next_record(cursor: Cursor, kind: str, deposit: str, reason: str, author: str, at: datetime) -> Receipt:
    """Return the record that takes back a deposit by `WITHDRAWAL` or `ERASURE`, at a moment in UTC."""
    place = next_place(cursor, at)
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
        comment=reason,
        withdraws=deposit,
        newer_moment=place.newer_moment,
    )


def append_record(cursor: Cursor, receipt: Receipt, findings: Sequence[Finding], *, of_one_row: bool = False) -> None:
    """Store the record of a deposit with the findings on its file."""
    findings_json = [
        {"code": f.code, "severity": f.severity, "row": f.row, "header": f.header, "value": f.value, "count": f.count}
        for f in findings
    ]
    ends = Period.parse(receipt.period).end if receipt.period else None
    extra_columns = {
        "period_end": ends,
        "findings": json.dumps(findings_json, ensure_ascii=False),
        "schema_version": SCHEMA_VERSION,
        "of_one_row": of_one_row,
    }
    row = {**vars(receipt), **extra_columns}
    cursor.append("deposits", pl.DataFrame([row]))


def find_receipts(cursor: Cursor, deposit: str | None = None) -> list[Receipt]:
    """Return the records of one deposit or of all, newest first."""
    columns = ", ".join(Receipt.__dataclass_fields__)
    sql = f"select {columns} from lake.deposits"  # noqa: S608 - our own column names
    if deposit is not None:
        return [Receipt(*row) for row in cursor.rows(f"{sql} where deposit = $deposit", deposit=deposit)]  # type: ignore[arg-type]
    return [Receipt(**row) for row in cursor.frame(f"{sql} order by sequence desc").iter_rows(named=True)]
