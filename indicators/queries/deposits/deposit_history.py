"""What has been deposited: the history of a structure or of the network, and what withdrawing a deposit would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from indicators.network import Reading, question
from indicators.store.deposits import Receipt


@dataclass(frozen=True)
class Withdrawal:
    """The deposit that takes another back: when (UTC), by whom and why."""

    deposit: str
    submitted_at: datetime
    author: str
    because: str


@dataclass(frozen=True)
class Deposited:
    """A deposit as the history tells it: its receipt, whether it was confirmed by a comment, its withdrawal if any."""

    receipt: Receipt
    confirmed: bool
    withdrawal: Withdrawal | None


@dataclass(frozen=True)
class Touched:
    """A structure of which a deposit holds rows, and the newest day they speak of, if they speak of periods."""

    structure: str
    ends: date | None


@dataclass(frozen=True)
class Restored:
    """What would be in force again, for how many keys, if a deposit were withdrawn; no deposit where nothing would."""

    deposit: str | None
    file_name: str | None
    submitted_at: datetime | None
    keys: int


def deposited(reading: Reading, structure: str | None, shown: int) -> Sequence[Deposited]:
    """Return the newest deposits, of one structure or of all; a withdrawal stands with what it takes back."""
    return reading.once(("deposited", structure, shown), lambda: _deposited(reading, structure, shown))


def _deposited(reading: Reading, structure: str | None, shown: int) -> Sequence[Deposited]:
    rows = reading.ask("deposits", structure=structure, shown=shown)
    found = []
    for row in rows.iter_rows(named=True):
        receipt = Receipt(**{name: row[name] for name in Receipt.__dataclass_fields__})
        taken = (
            Withdrawal(row["withdrawal"], row["withdrawn_at"], row["withdrawn_by"], row["because"])
            if row["withdrawal"]
            else None
        )
        found.append(Deposited(receipt, row["confirmed"], taken))
    return found


def receipt(reading: Reading, deposit: str) -> Receipt | None:
    """Return the receipt of a deposit, if it has been made: the store knows, whatever became of the answer."""
    columns = ", ".join(Receipt.__dataclass_fields__)
    sql = f"select {columns} from lake.deposits where deposit = $deposit"  # noqa: S608 - our own column names
    return next((Receipt(**row) for row in reading.cursor.frame(sql, deposit=deposit).iter_rows(named=True)), None)


def touched(reading: Reading, deposit: str, shown: int) -> Sequence[Touched]:
    """Return the first structures of which a deposit holds rows."""
    rows = reading.cursor.frame(question("structures_of_a_deposit"), deposit=deposit, shown=shown)
    return [Touched(**row) for row in rows.iter_rows(named=True)]


def restored(reading: Reading, receipt: Receipt) -> Sequence[Restored]:
    """Return what would be in force again if a deposit were withdrawn, newest first."""
    rows = reading.ask("restored_by_withdrawal", deposit=receipt.deposit, dataset=receipt.dataset)
    return [Restored(**row) for row in rows.iter_rows(named=True)]


def taken_away(reading: Reading, deposits: Sequence[str]) -> pl.DataFrame:
    """Return the figures that some deposits took away by saying that there is none.

    One row a figure, in the order of the deposits' ids: deposit, structure, period, indicator, segment, what it was
    (numerator, denominator, value) and the absence that took its place.
    """
    return reading.ask("removed_figures", deposits=list(deposits))


def lost_by_withdrawal(reading: Reading, deposit: str) -> pl.DataFrame:
    """Return the figures in force of a deposit for which nothing would be there if it were withdrawn.

    One row a figure: structure, period, indicator, segment, numerator, denominator, value.
    """
    return reading.ask("figures_lost_by_withdrawal", deposit=deposit)
