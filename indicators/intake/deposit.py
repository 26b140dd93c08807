"""Deposit a validated file: store all its rows or none, and return the outcome as a typed value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from indicators.intake.readers.detect import FORMAT_BY_EXTENSION
from indicators.intake.rules import CollectionScope
from indicators.intake.rules.personal_data import holds_personal_data
from indicators.intake.validate import Progress, ValidationResult, Verdict, no_progress, validate
from indicators.network import Network
from indicators.store.deposits import Receipt, Submission, new_deposit_id, store_submission
from schemas.datasets import DATASETS
from schemas.findings import Finding

if TYPE_CHECKING:
    from indicators.accounts.members import MemberChange


@dataclass(frozen=True)
class Accepted:
    """The file is stored; the receipt holds its deposit id, author and time."""

    validation: ValidationResult
    receipt: Receipt


@dataclass(frozen=True)
class ToConfirm:
    """Nothing is stored: the file needs a comment of the depositor to be confirmed."""

    validation: ValidationResult


@dataclass(frozen=True)
class ToReword:
    """Nothing is stored: the depositor's comment, which is kept with the deposit, holds personal data."""

    validation: ValidationResult


@dataclass(frozen=True)
class MembersKept:
    """The roles of the file are kept in the accounts of the members; nothing of the file is."""

    validation: ValidationResult
    counts: "Mapping[MemberChange, int]"


@dataclass(frozen=True)
class LeavesNoAdministrator:
    """Nothing is stored: after the file nobody would administer the network."""

    validation: ValidationResult


@dataclass(frozen=True)
class Refused:
    """Nothing is stored: a blocking finding refuses the file."""

    validation: ValidationResult


Outcome: TypeAlias = Accepted | MembersKept | LeavesNoAdministrator | ToConfirm | ToReword | Refused


def check(
    network: Network,
    content: bytes,
    file_name: str,
    scope: CollectionScope,
    today: date,
    progress: Progress = no_progress,
) -> ValidationResult:
    """Validate a file without writing anything; `progress` is called with the stage and share done."""
    with network.snapshot() as snapshot:
        return validate(snapshot, content, file_name, scope, today, progress)


def deposit(
    network: Network,
    validation: ValidationResult,
    author: str,
    submitted_at: datetime,
    comment: str | None = None,
    deposit_id: str | None = None,
) -> Outcome:
    """Store a validated file if its verdict allows it; a comment confirms what needed confirmation.

    A comment with personal data is refused; a file name with personal data is stored as the deposit id and extension.
    The same `deposit_id` given twice stores once. `submitted_at` is the time of the deposit, in UTC.
    """
    match validation.verdict, validation.table, validation.dataset:
        case (Verdict.REFUSED, _, _) | (_, None, _) | (_, _, None):
            return Refused(validation)
        case Verdict.TO_CONFIRM, _, _ if not (comment and comment.strip()):
            return ToConfirm(validation)
        case _ if comment and holds_personal_data(comment):
            return ToReword(validation)
        case _, table, dataset if not DATASETS[dataset].in_store:
            return _keep_members(network, validation, table, author, submitted_at)
        case _, table, dataset:
            submission = submission_of(network, validation, table, dataset, author, submitted_at, comment, deposit_id)
            return Accepted(validation, store_submission(network.lake, submission))


def submission_of(
    network: Network,
    validation: ValidationResult,
    table: pl.DataFrame,
    dataset: str,
    author: str,
    submitted_at: datetime,
    comment: str | None,
    deposit_id: str | None,
) -> Submission:
    """Return what is stored of a validated file of a dataset, with its rows, that its verdict allows to store."""
    deposit_id = deposit_id or new_deposit_id()
    file_name = _storable_name(validation.file_name, deposit_id)
    return Submission(
        deposit_id,
        author,
        submitted_at,
        dataset,
        file_name,
        validation.content,
        validation.rows_read,
        table,
        _rename_in_findings(validation.findings, validation.file_name, file_name),
        comment.strip() if comment and comment.strip() else None,
        validation.scope.period,
        validation.scope.structure,
        network.declared_campaigns,
    )


def _keep_members(
    network: Network, validation: ValidationResult, table: pl.DataFrame, author: str, at: datetime
) -> MembersKept | LeavesNoAdministrator:
    # Imported on first use: few files are of members.
    from indicators.accounts.members import LastAdministrator, change_members, members_of_rows

    changed = change_members(network.accounts, members_of_rows(table), author, at, at.date())
    if isinstance(changed, LastAdministrator):
        return LeavesNoAdministrator(validation)
    return MembersKept(validation, changed.counts)


def _storable_name(file_name: str, deposit_id: str) -> str:
    """Return the file name to store: the original, or the deposit id and extension if it holds personal data."""
    if not holds_personal_data(file_name):
        return file_name
    extension = PurePath(file_name).suffix.lower()
    return f"{deposit_id}{extension if extension in FORMAT_BY_EXTENSION else ''}"


def _rename_in_findings(findings: Sequence[Finding], old: str, new: str) -> list[Finding]:
    """Return the findings with the file name `old` replaced by `new`."""
    return [replace(finding, value=new) if finding.value == old else finding for finding in findings]
