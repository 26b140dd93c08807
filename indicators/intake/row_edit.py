"""A change of one row of a register, made on a page: the same way in as a file, upon the version it was made from.

The row is written as a file of its dataset and goes through the whole intake: the same readers, contract and rules, the
same record with author and moment. Its bytes are kept, and verified, like those of any deposit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from indicators.csv_files import SPREADSHEET, rows_to_csv
from indicators.intake.cells.dates import parse_date
from indicators.intake.deposit import submission_of
from indicators.intake.rules import CollectionScope
from indicators.intake.rules.personal_data import holds_personal_data
from indicators.intake.validate import ValidationResult, Verdict, validate
from indicators.network import Network
from indicators.snapshot import Snapshot
from indicators.store.deposits import Receipt
from indicators.store.row_versions import (
    NewerVersion,
    RowVersion,
    SameVersion,
    find_row_versions,
    newest_held,
    store_row_version,
)
from schemas.columns import CellType, Column, Dataset
from schemas.findings import Finding, Severity

ShownFinding: TypeAlias = tuple[Finding, str]
"""A finding to confirm and the cell that it was about: of another cell, it is another one."""


@dataclass(frozen=True)
class RowEdit:
    """A row as somebody typed it: a text for each column, by its name; what is left out is empty.

    `based_on` is the deposit of the version that they changed, null for a new row. Words of closed lists are those of
    the file or of the table.
    """

    dataset: Dataset
    cells: Mapping[str, str]
    based_on: str | None = None


@dataclass(frozen=True)
class Editor:
    """Who changes rows: `own` are the structures whose registers they may change, null for any."""

    author: str
    own: frozenset[str] | None


@dataclass(frozen=True)
class Confirmation:
    """What somebody wrote to confirm findings, and those that they had been shown: no others are confirmed by it."""

    comment: str
    shown: Sequence[ShownFinding] = ()


@dataclass(frozen=True)
class Saved:
    """The row is stored; it waits if its receipt says by how many it must be seen."""

    receipt: Receipt


@dataclass(frozen=True)
class Conflict:
    """Nothing is stored: somebody changed the row since; `current` is theirs, null if it was taken back."""

    current: RowVersion | None


@dataclass(frozen=True)
class Unchanged:
    """Nothing is stored: the row says what it said."""


@dataclass(frozen=True)
class RowRefused:
    """Nothing is stored: a finding refuses the row."""

    findings: Sequence[Finding]


@dataclass(frozen=True)
class RowToConfirm:
    """Nothing is stored yet: a finding asks for a comment, or was not shown to who wrote one."""

    findings: Sequence[Finding]


@dataclass(frozen=True)
class CommentToReword:
    """Nothing is stored: the comment holds personal data."""


EditOutcome: TypeAlias = Saved | Conflict | Unchanged | RowRefused | RowToConfirm | CommentToReword


def current_version(snapshot: Snapshot, dataset: Dataset, key: Mapping[str, str]) -> RowVersion | None:
    """Return the version of a row that a change starts from: the newest in force or waiting; null without one."""
    return newest_held(find_row_versions(snapshot.cursor, dataset, key))


def save_row(
    network: Network,
    edit: RowEdit,
    editor: Editor,
    at: datetime,
    today: date,
    confirmation: Confirmation | None = None,
    deposit_id: str | None = None,
) -> EditOutcome:
    """Check a row and store it as its next version, or return why it is not; `at` is a moment in UTC.

    A confirmation counts for the findings that it was written about. The same `deposit_id` given twice stores once.
    """
    scope = CollectionScope(own=editor.own, of_one_row=True)
    with network.snapshot() as snapshot:
        found = validate(snapshot, row_csv(edit), row_file_name(edit), scope, today)
        if found.verdict is Verdict.REFUSED or found.table is None or found.table.height != 1:
            return RowRefused(found.findings)
    comment = confirmation.comment.strip() if confirmation else None
    shown = confirmation.shown if confirmation and comment else ()
    if any(finding not in shown for finding in findings_to_confirm(edit, found.findings)):
        return RowToConfirm(found.findings)
    if comment and holds_personal_data(comment):
        return CommentToReword()
    return _store(network, found, edit, editor, at, comment, deposit_id)


def findings_to_confirm(edit: RowEdit, findings: Sequence[Finding]) -> Sequence[ShownFinding]:
    """Return the findings on a row that ask for a comment, each with the cell that it is about."""
    names = {column.french: column.name for column in edit.dataset.columns}
    return [
        (finding, edit.cells.get(names.get(finding.header or "", ""), ""))
        for finding in findings
        if finding.severity is Severity.CONFIRM
    ]


def _store(
    network: Network,
    found: ValidationResult,
    edit: RowEdit,
    editor: Editor,
    at: datetime,
    comment: str | None,
    deposit_id: str | None,
) -> Saved | Conflict | Unchanged:
    assert found.table is not None  # noqa: S101 - a row was read
    submission = submission_of(network, found, found.table, edit.dataset.name, editor.author, at, comment, deposit_id)
    match store_row_version(network.lake, submission, edit.based_on):
        case NewerVersion(current):
            return Conflict(current)
        case SameVersion():
            return Unchanged()
        case receipt:
            return Saved(receipt)


def row_csv(edit: RowEdit) -> bytes:
    """Return the file of one row, with all columns of its dataset."""
    columns = edit.dataset.columns
    row = [_cell_text(column, edit.cells.get(column.name, "").strip()) for column in columns]
    return rows_to_csv([column.french for column in columns], [row], SPREADSHEET)


def _cell_text(column: Column, typed: str) -> str | None:
    """Return a cell of the file: an empty one is null; a day has one reading only, where it can be read at all."""
    if column.cell_type is CellType.WORD:
        words = {stored: word for word, stored in column.vocabulary.items()}
        return words.get(typed, typed) or None
    if column.cell_type is CellType.DATE:
        day = parse_date(typed) if typed else None
        return day.isoformat() if day else typed or None
    return typed or None


def row_file_name(edit: RowEdit) -> str:
    """Return the name of the file of one row: its dataset and its key, without the structure."""
    names = [edit.cells.get(name, "") for name in edit.dataset.key if name != "structure"]
    safe = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in "-".join(names))
    return f"{edit.dataset.name}-{safe}.csv"


def field_findings(dataset: Dataset, findings: Sequence[Finding]) -> Mapping[str | None, Sequence[Finding]]:
    """Return the findings by the column that they are about; those about the whole row under null."""
    names = {column.french: column.name for column in dataset.columns}
    found: dict[str | None, list[Finding]] = {}
    for finding in findings:
        found.setdefault(names.get(finding.header or ""), []).append(finding)
    return found
