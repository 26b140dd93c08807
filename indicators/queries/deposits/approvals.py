"""Deposits that wait for approval or were sent back, and the decisions on a deposit: never part of what is in force.

Pages show them to those who may see them only: who deposits for their structures, and who may approve.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.queries.deposits.deposit_history import affected_structures, find_receipt
from indicators.queries.deposits.expected import figures_expected_with
from indicators.snapshot import Snapshot, per_version
from indicators.store.approvals import ApprovalState, Decision, find_decisions
from indicators.store.deposits import Receipt
from schemas.findings import Finding, Severity

MAX_STRUCTURES: Final = 1_000
"""Structures of one file that are looked at for whom to tell of a decision."""


@dataclass(frozen=True)
class Approval:
    """A deposit that is subject to approval: where it stands, and the decisions on it, oldest first."""

    receipt: Receipt
    state: ApprovalState
    decisions: Sequence[Decision]

    @property
    def required(self) -> int:
        """How many people must approve it: of several pairs of eyes, one is the depositor's."""
        return max((self.receipt.eyes or 1) - 1, 1)


@dataclass(frozen=True)
class WaitingDeposit:
    """A deposit that is not in force, for want of an approval or because it was sent back, and whose rows it holds."""

    approval: Approval
    structures: tuple[str, ...]
    period: str | None
    """The code of the period collected, if known."""

    @property
    def perimeters(self) -> Sequence[Perimeter]:
        """The perimeters that somebody's rights must cover to see it: each of its structures."""
        return [Perimeter(Level.STRUCTURE, structure) for structure in self.structures]


def find_approval(snapshot: Snapshot, deposit: str) -> Approval | None:
    """Return the approval of a deposit; `None` if it is not subject to any, or was withdrawn."""
    state = snapshot.approval_states.get(deposit)
    receipt = find_receipt(snapshot, deposit) if state else None
    if state is None or receipt is None:
        return None
    return Approval(receipt, state, find_decisions(snapshot.cursor, deposit))


@per_version
def find_waiting_deposits(snapshot: Snapshot) -> Sequence[WaitingDeposit]:
    """Return the deposits that wait or were sent back, oldest first."""
    if not set(snapshot.approval_states.values()) - {ApprovalState.APPROVED}:
        return ()
    structures: dict[str, list[str]] = {}
    for deposit, structure in snapshot.query("waiting_deposits").iter_rows():
        structures.setdefault(deposit, []).extend([structure] if structure else [])
    found = []
    for deposit, of in structures.items():
        if approval := find_approval(snapshot, deposit):
            found.append(WaitingDeposit(approval, tuple(of), approval.receipt.period))
    return found


@dataclass(frozen=True)
class Outcome:
    """The decision by which a deposit was approved or sent back: by whom, whose the deposit is, of which structures."""

    decision: str
    verdict: str
    author: str
    deposit: str
    depositor: str
    structures: tuple[str, ...]


def find_recent_outcomes(snapshot: Snapshot, since: date) -> Sequence[Outcome]:
    """Return the decisions since a day by which deposits were approved or sent back, oldest first.

    An approval that still wanted another one is none.
    """
    found = []
    last_decisions = {each.deposit: each for each in find_decisions(snapshot.cursor) if each.decided_at.date() >= since}
    for deposit, decision in last_decisions.items():
        approval = find_approval(snapshot, deposit)
        if approval is None or approval.state is ApprovalState.WAITING:
            continue
        structures = tuple(each.structure for each in affected_structures(snapshot, deposit, MAX_STRUCTURES))
        verdict, depositor = approval.state.value, approval.receipt.author
        found.append(Outcome(decision.decision, verdict, decision.author, deposit, depositor, structures))
    return found


@per_version
def structures_waiting(snapshot: Snapshot, period: Period) -> Mapping[str, ApprovalState]:
    """Return where the newest measures of each structure stand that are not in force, for what a period collects.

    A structure of which everything newest is in force is not named.
    """
    waiting = {each.approval.receipt.deposit: each for each in find_waiting_deposits(snapshot)}
    if not waiting:
        return {}
    codes = {period.code, *(figure.period.code for figure in figures_expected_with(snapshot.catalogue, period))}
    rows = snapshot.query("newest_deposits_of_periods", periods=sorted(codes))
    return {structure: waiting[deposit].approval.state for structure, deposit in rows.iter_rows() if deposit in waiting}


def find_recorded_findings(snapshot: Snapshot, deposit: str) -> Sequence[Finding]:
    """Return the findings that were kept with a deposit: code, severity, row, header, value and count of each."""
    [record] = snapshot.query("deposit_record", deposit=deposit)["findings"]
    return [Finding(**{**found, "severity": Severity(found["severity"])}) for found in json.loads(record)]
