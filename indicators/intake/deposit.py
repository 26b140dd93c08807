"""A deposit: a file examined and, if nothing stands against it, stored whole; the outcome is a value."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from indicators.intake.examine import Examination, Progress, Verdict, examine, nothing_said
from indicators.intake.rules import Collected
from indicators.network import Network
from indicators.store.deposits import Receipt, Submission, append, new_deposit_id


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
class Refused:
    """Nothing is stored."""

    examination: Examination


Outcome: TypeAlias = Accepted | ToConfirm | Refused


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

    The same `deposit_id` given twice stores once. `at` is the moment of the deposit, in UTC.
    """
    match examination.verdict, examination.table, examination.dataset:
        case (Verdict.REFUSED, _, _) | (_, None, _) | (_, _, None):
            return Refused(examination)
        case Verdict.TO_CONFIRM, _, _ if not (comment and comment.strip()):
            return ToConfirm(examination)
        case _, table, dataset:
            submission = Submission(
                deposit_id or new_deposit_id(),
                author,
                at,
                dataset,
                examination.file_name,
                examination.content,
                examination.rows_read,
                table,
                examination.findings,
                comment.strip() if comment and comment.strip() else None,
                examination.collected.period,
                examination.collected.structure,
            )
            return Accepted(examination, append(network.lake, submission))
