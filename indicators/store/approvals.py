"""Approval of deposits: decisions are appended, each by one person on one deposit, and what they add up to.

A deposit that is subject to approval waits until it is approved by as many others as its campaign required, or is sent
back, which stays so: a new deposit corrects it. The decisions of a deposit that was withdrawn stay, and count no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import polars as pl

from indicators.store.cursor import Cursor
from indicators.store.deposits import find_receipts, new_deposit_id
from indicators.store.lake import Lake
from indicators.store.record_order import compact_sometimes, next_place


class ApprovalState(StrEnum):
    """Where a deposit that is subject to approval stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    SENT_BACK = "sent_back"


class DecisionVerdict(StrEnum):
    """A decision on a deposit."""

    APPROVED = "approved"
    SENT_BACK = "sent_back"


class DecisionRefusal(StrEnum):
    """Why a decision was not stored."""

    UNKNOWN = "unknown"
    """There is no such deposit, or it was withdrawn or erased."""
    NOT_SUBJECT = "not_subject"
    """No approval is asked of it: it is in force."""
    ALREADY_APPROVED = "already_approved"
    ALREADY_SENT_BACK = "already_sent_back"
    CHANGED = "changed"
    """Somebody else decided since its state was read."""
    OWN = "own"
    """Several pairs of eyes are asked for, and it is the depositor's."""
    REPEATED = "repeated"
    """The same person approved it before: another one is needed."""


@dataclass(frozen=True)
class Decision:
    """A decision on a deposit (`decided_at` is in UTC); `sequence` is its place in the order of the store."""

    decision: str
    sequence: int
    decided_at: datetime
    author: str
    deposit: str
    verdict: DecisionVerdict
    comment: str | None


@dataclass(frozen=True)
class NewDecision:
    """A decision to store, with an id that was made before anything is written, as that of a deposit is.

    `seen` is how many decisions on the deposit its author had before them; `None` where nobody looked.
    """

    decision: str
    deposit: str
    verdict: DecisionVerdict
    author: str
    at: datetime
    comment: str | None = None
    seen: int | None = None


def new_decision_id() -> str:
    """Return a new id of a decision: a retry after a lost answer stores nothing twice."""
    return new_deposit_id()


def store_decision(lake: Lake, new: NewDecision) -> Decision | DecisionRefusal:
    """Store a decision if the deposit still waits for it; an id already stored returns its first decision.

    The write lock is held from the reading of the deposit's state to the decision: of two clicks at once, one decides.
    """
    outcomes: list[Decision | DecisionRefusal] = []

    def change(cursor: Cursor) -> None:
        found = _find_existing_or_refusal(cursor, new)
        outcomes[:] = [found or _append_decision(cursor, new)]

    lake.write(change)
    [outcome] = outcomes
    if isinstance(outcome, Decision):
        compact_sometimes(lake, outcome.sequence)
    return outcome


def _append_decision(cursor: Cursor, new: NewDecision) -> Decision:
    place = next_place(cursor, new.at)
    decision = Decision(new.decision, place.sequence, new.at, new.author, new.deposit, new.verdict, new.comment)
    cursor.append("decisions", pl.DataFrame([{**vars(decision), "verdict": new.verdict.value}]))
    return decision


def _find_existing_or_refusal(cursor: Cursor, new: NewDecision) -> Decision | DecisionRefusal | None:
    """Return the decision of that id, or why this one cannot be stored; `None` if it can."""
    decisions = find_decisions(cursor, new.deposit)
    existing = next((decision for decision in decisions if decision.decision == new.decision), None)
    return existing or _find_refusal(cursor, new, decisions)


def _find_refusal(cursor: Cursor, new: NewDecision, decisions: Sequence[Decision]) -> DecisionRefusal | None:
    receipts = find_receipts(cursor, new.deposit)
    taken = cursor.rows("select 1 from lake.deposits where withdraws = $deposit", deposit=new.deposit)
    if not receipts or receipts[0].withdraws or taken:
        return DecisionRefusal.UNKNOWN
    receipt = receipts[0]
    if receipt.eyes is None:
        return DecisionRefusal.NOT_SUBJECT
    sql = "select state from approval_states() where deposit = $deposit"
    state = ApprovalState(str(cursor.rows(sql, deposit=new.deposit)[0][0]))
    if state is not ApprovalState.WAITING:
        approved = state is ApprovalState.APPROVED
        return DecisionRefusal.ALREADY_APPROVED if approved else DecisionRefusal.ALREADY_SENT_BACK
    if new.seen is not None and new.seen != len(decisions):
        return DecisionRefusal.CHANGED
    if new.verdict is DecisionVerdict.APPROVED and receipt.eyes > 1:
        if new.author == receipt.author:
            return DecisionRefusal.OWN
        if any(decision.author == new.author for decision in decisions):
            return DecisionRefusal.REPEATED
    return None


def find_decisions(cursor: Cursor, deposit: str | None = None) -> list[Decision]:
    """Return the decisions on one deposit or on all, oldest first."""
    columns = ", ".join(Decision.__dataclass_fields__)
    of_one = " and deposit = $deposit" if deposit else ""
    sql = f"select {columns} from lake.decisions where sequence > 0{of_one} order by sequence"  # noqa: S608 - our own column names
    rows = cursor.frame(sql, **({"deposit": deposit} if deposit else {}))
    return [Decision(**{**row, "verdict": DecisionVerdict(row["verdict"])}) for row in rows.iter_rows(named=True)]
