"""A deposit: a file examined and, if nothing stands against it, stored whole; the outcome is a value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePath
from typing import TypeAlias

from indicators.intake.readers.detect import NAMED
from indicators.intake.rules import Collected
from indicators.intake.rules.personal_data import holds_personal_data
from indicators.intake.validate import Examination, Progress, Verdict, examine, nothing_said
from indicators.network import Network
from indicators.store.deposits import Receipt, Submission, append, new_deposit_id
from schemas.findings import Finding


@dataclass(frozen=True)
class Accepted:
    """The file is stored; the receipt says where and when."""

    examination: Examination
    receipt: Receipt


@dataclass(frozen=True)
class ToConfirm:
    """Nothing is stored: the depositor must first say why."""

    examination: Examination


@dataclass(frozen=True)
class ToReword:
    """Nothing is stored: the depositor's comment holds personal data, and would be kept."""

    examination: Examination


@dataclass(frozen=True)
class Refused:
    """Nothing is stored."""

    examination: Examination


Outcome: TypeAlias = Accepted | ToConfirm | ToReword | Refused


def check(
    network: Network,
    content: bytes,
    file_name: str,
    collected: Collected,
    today: date,
    progress: Progress = nothing_said,
) -> Examination:
    """Examine a file without writing anything; `progress` is told how far it is."""
    with network.reading() as reading:
        return examine(reading, content, file_name, collected, today, progress)


def deposit(
    network: Network,
    examination: Examination,
    author: str,
    at: datetime,
    comment: str | None = None,
    deposit_id: str | None = None,
) -> Outcome:
    """Store an examined file if its verdict allows it; a comment confirms what needed confirmation.

    A comment may hold no personal data; of a file name that does, the ending alone is kept, behind the deposit's id.
    The same `deposit_id` given twice stores once. `at` is the moment of the deposit, in UTC.
    """
    match examination.verdict, examination.table, examination.dataset:
        case (Verdict.REFUSED, _, _) | (_, None, _) | (_, _, None):
            return Refused(examination)
        case Verdict.TO_CONFIRM, _, _ if not (comment and comment.strip()):
            return ToConfirm(examination)
        case _ if comment and holds_personal_data(comment):
            return ToReword(examination)
        case _, table, dataset:
            deposit_id = deposit_id or new_deposit_id()
            file_name = _kept_name(examination.file_name, deposit_id)
            submission = Submission(
                deposit_id,
                author,
                at,
                dataset,
                file_name,
                examination.content,
                examination.rows_read,
                table,
                _renamed(examination.findings, examination.file_name, file_name),
                comment.strip() if comment and comment.strip() else None,
                examination.collected.period,
                examination.collected.structure,
            )
            return Accepted(examination, append(network.lake, submission))


def _kept_name(file_name: str, deposit_id: str) -> str:
    """Return the name under which a file is kept: its own, unless that holds personal data."""
    if not holds_personal_data(file_name):
        return file_name
    ending = PurePath(file_name).suffix.lower()
    return f"{deposit_id}{ending if ending in NAMED else ''}"


def _renamed(findings: Sequence[Finding], old: str, new: str) -> list[Finding]:
    """Return findings in which a file has its new name."""
    return [replace(finding, value=new) if finding.value == old else finding for finding in findings]
