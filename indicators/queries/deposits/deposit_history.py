"""Deposit history of a structure or of the network, and the effects of withdrawing a deposit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from indicators.snapshot import Snapshot, per_version
from indicators.store.deposits import Receipt


@dataclass(frozen=True)
class Withdrawal:
    """A withdrawal of a deposit: its id, moment (UTC), author and reason."""

    deposit: str
    submitted_at: datetime
    author: str
    reason: str


@dataclass(frozen=True)
class DepositEntry:
    """An entry of the history: receipt of a deposit, whether it was confirmed by a comment, its withdrawal if any."""

    receipt: Receipt
    confirmed: bool
    withdrawal: Withdrawal | None


@dataclass(frozen=True)
class AffectedStructure:
    """A structure with rows in a deposit, and the newest end of their periods, if they have periods."""

    structure: str
    ends: date | None


@dataclass(frozen=True)
class RestoredDeposit:
    """A deposit that a withdrawal would make current again, and for how many keys; null where nothing would be."""

    deposit: str | None
    file_name: str | None
    submitted_at: datetime | None
    keys: int


@per_version
def deposit_history(
    snapshot: Snapshot, structure: str | None, limit: int, own: frozenset[str] | None = None
) -> Sequence[DepositEntry]:
    """Return the newest deposits, of one structure or of all; a withdrawal is shown with its deposit.

    With `own`, only deposits of which every row is of one of these structures.
    """
    own_structures = None if own is None else sorted(own)
    rows = snapshot.query("deposits", structure=structure, shown=limit, own=own_structures)
    entries = []
    for row in rows.iter_rows(named=True):
        receipt = Receipt(**{name: row[name] for name in Receipt.__dataclass_fields__})
        withdrawal = (
            Withdrawal(row["withdrawal"], row["withdrawn_at"], row["withdrawn_by"], row["because"])
            if row["withdrawal"]
            else None
        )
        entries.append(DepositEntry(receipt, row["confirmed"], withdrawal))
    return entries


def find_receipt(snapshot: Snapshot, deposit: str) -> Receipt | None:
    """Return the receipt of a deposit, if it was stored, even when the answer to the depositor was lost."""
    found = snapshot.query("deposit_record", deposit=deposit).select(*Receipt.__dataclass_fields__)
    return next((Receipt(**row) for row in found.iter_rows(named=True)), None)


def affected_structures(snapshot: Snapshot, deposit: str, limit: int) -> Sequence[AffectedStructure]:
    """Return the first structures with rows in a deposit."""
    rows = snapshot.query("structures_of_a_deposit", deposit=deposit, shown=limit)
    return [AffectedStructure(**row) for row in rows.iter_rows(named=True)]


def restored_by_withdrawal(snapshot: Snapshot, receipt: Receipt) -> Sequence[RestoredDeposit]:
    """Return the deposits that would be current again if a deposit were withdrawn, newest first."""
    rows = snapshot.query("restored_by_withdrawal", deposit=receipt.deposit, dataset=receipt.dataset)
    return [RestoredDeposit(**row) for row in rows.iter_rows(named=True)]


def retracted_figures(snapshot: Snapshot, deposits: Sequence[str]) -> pl.DataFrame:
    """Return the figures that some deposits replaced by a declared absence.

    One row per figure, sorted by deposit id: deposit, structure, period, indicator, segment, the former figure
    (numerator, denominator, value) and the absence that replaced it.
    """
    return snapshot.query("removed_figures", deposits=list(deposits))


def lost_by_withdrawal(snapshot: Snapshot, deposit: str) -> pl.DataFrame:
    """Return the current figures of a deposit that its withdrawal would leave without any figure.

    One row per figure: structure, period, indicator, segment, numerator, denominator, value.
    """
    return snapshot.query("figures_lost_by_withdrawal", deposit=deposit)
