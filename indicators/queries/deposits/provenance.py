"""Where a figure comes from: the deposits with a structure's measure of a period, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from indicators.snapshot import Snapshot, per_version


@dataclass(frozen=True)
class DepositedFigure:
    """A row of a file that states a figure: its counts or absence, where it stands, and the deposit (UTC).

    `is_current` says that it is the one in force.
    """

    deposit: str
    submitted_at: datetime
    author: str
    file_name: str | None
    sha256: str | None
    """Digest of the file; null once it was erased."""
    line: int
    numerator: float | None
    denominator: float | None
    value: float | None
    absence: str | None
    comment: str | None
    withdrawn: bool
    is_current: bool


@per_version
def deposited_figures(snapshot: Snapshot, structure: str, indicator: str, period: str) -> Sequence[DepositedFigure]:
    """Return every deposited row of a structure's measure of a period, newest first."""
    rows = snapshot.query("measure_history", structure=structure, indicator=indicator, period=period)
    figures: list[DepositedFigure] = []
    for row in rows.iter_rows(named=True):
        is_current = not row["withdrawn"] and not any(figure.is_current for figure in figures)
        figures.append(
            DepositedFigure(
                row["deposit"],
                row["submitted_at"],
                row["author"],
                row["file_name"],
                row["sha256"],
                row["line"],
                row["numerator"],
                row["denominator"],
                row["value"],
                row["absence"],
                row["row_comment"],
                row["withdrawn"],
                is_current,
            )
        )
    return figures
