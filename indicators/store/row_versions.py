"""Versions of one row: every deposit that held it, and a new version that is stored only upon the one it was made from.

A row of a register is changed by a deposit of that row alone. Two people may start from the same version: the second is
given what the first one stored, and nothing is stored until they have chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

import polars as pl

from indicators.store.cursor import Cursor
from indicators.store.deposits import Receipt, Submission, append_submission, find_receipts
from indicators.store.lake import Lake
from indicators.store.record_order import compact_sometimes
from schemas.columns import Dataset
from schemas.datasets import STORED_DATASETS


class Standing(StrEnum):
    """Where the deposit of a version stands."""

    IN_FORCE = "in_force"
    WAITING = "waiting"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"


HELD: Final = frozenset({Standing.IN_FORCE, Standing.WAITING})
"""Standings of versions on which others may build: what waits for approval may be in force tomorrow."""

RECORDS_SQL: Final = """
select deposit, author, comment, eyes, withdraws
from lake.deposits
where list_contains($deposits, deposit) or list_contains($deposits, withdraws)
"""
"""One row is one record of some deposits, or one that took a deposit of them back."""


@dataclass(frozen=True)
class RowVersion:
    """A row as one deposit has it (`at` is in UTC); `values` are those of the stored columns of its dataset."""

    deposit: str
    sequence: int
    at: datetime
    author: str
    comment: str | None
    standing: Standing
    values: Mapping[str, object]


@dataclass(frozen=True)
class SameVersion:
    """Nothing is stored: the row says what its newest version says."""


@dataclass(frozen=True)
class NewerVersion:
    """Nothing is stored: another version holds by now than the one that was changed; null if there is none left."""

    current: RowVersion | None


StoreOutcome: TypeAlias = Receipt | SameVersion | NewerVersion


def find_row_versions(cursor: Cursor, dataset: Dataset, key: Mapping[str, object]) -> list[RowVersion]:
    """Return every version of the row of a key, newest first; `key` has the columns of the dataset's key."""
    filled = {name: key[name] for name in dataset.key if key[name] is not None}
    # Planners look for a value in the statistics of files, and for « is not distinct from » in none.
    condition = " and ".join(f'"{name}" = ${name}' if name in filled else f'"{name}" is null' for name in dataset.key)
    sql = f"from lake.{dataset.table} where {condition} order by sequence desc"
    rows = cursor.frame(sql, **filled).to_dicts()
    records = {record[0]: record[1:] for record in _find_records(cursor, [row["deposit"] for row in rows])}
    names = [column.name for column in dataset.stored_columns]
    versions = []
    for row in rows:
        author, comment, standing = records[row["deposit"]]
        values = {name: row[name] for name in names}
        place = (row["deposit"], row["sequence"], row["submitted_at"])
        versions.append(RowVersion(*place, author, comment, standing, values))
    return versions


def _find_records(cursor: Cursor, deposits: list[str]) -> list[tuple[str, str, str | None, Standing]]:
    """Return the deposit, author, comment and standing of some deposits.

    A planner that is given rows and records together reads all records: two small questions take a third of the time.
    """
    records = cursor.frame(RECORDS_SQL, deposits=deposits).to_dicts()
    withdrawn = {record["withdraws"] for record in records}
    states: dict[object, object] = {}
    if any(record["eyes"] is not None for record in records):
        states.update(cursor.rows("select deposit, state from approval_states()"))  # type: ignore[arg-type]
    found = []
    for record in records:
        deposit, state = record["deposit"], states.get(record["deposit"], "approved")
        standing = Standing.IN_FORCE if state == "approved" else Standing(str(state))
        standing = Standing.WITHDRAWN if deposit in withdrawn else standing
        found.append((deposit, record["author"], record["comment"], standing))
    return found


def rows_written_on_pages(
    cursor: Cursor, dataset: Dataset, set_aside: Sequence[str], structures: Sequence[str]
) -> pl.DataFrame:
    """Return the current rows of some structures that were last written on a page, with their `submitted_at`."""
    rows = f"current_{dataset.table}($set_aside) as rows"
    written = "join lake.deposits as records using (deposit) where of_one_row"
    sql = f"select rows.* from {rows} {written} and list_contains($structures, rows.structure)"  # noqa: S608 - our own
    return cursor.frame(sql, set_aside=list(set_aside), structures=list(structures))


def newest_held(versions: list[RowVersion]) -> RowVersion | None:
    """Return the version on which a change builds: the newest in force or waiting; null without one."""
    return next((version for version in versions if version.standing in HELD), None)


def store_row_version(lake: Lake, submission: Submission, based_on: str | None) -> StoreOutcome:
    """Store the submission of one row if its newest version is still that of the deposit `based_on`.

    `based_on` is null for a row that there was not. The write lock is held from the reading of the newest version to
    the writing of the next one: of two clicks at once, one stores. An id already stored returns its first receipt.
    """
    [row] = submission.table.to_dicts()
    dataset = STORED_DATASETS[submission.dataset]
    outcomes: list[StoreOutcome] = []

    def change(cursor: Cursor) -> None:
        versions = find_row_versions(cursor, dataset, row)
        if any(version.deposit == submission.deposit for version in versions):
            outcomes[:] = find_receipts(cursor, submission.deposit)
            return
        newest = newest_held(versions)
        if (newest.deposit if newest else None) != based_on:
            outcomes[:] = [NewerVersion(newest)]
            return
        if newest is not None and all(row[name] == value for name, value in newest.values.items()):
            outcomes[:] = [SameVersion()]
            return
        outcomes[:] = [append_submission(cursor, submission, of_one_row=True)]

    lake.write(change)
    [outcome] = outcomes
    if isinstance(outcome, Receipt):
        compact_sometimes(lake, outcome.sequence)
    return outcome
