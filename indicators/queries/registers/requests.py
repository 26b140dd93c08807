"""Requests and proposals of groups: what was received, answered, done and reported back."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from indicators.queries.registers.participation import MAX_ROWS, RegisterScope
from indicators.snapshot import Snapshot, per_version

WITHOUT_DECISION: Final = "none"
REQUEST_STATES: Final = ("waiting", "answered", "reported")
"""How far a request came: no answer yet, answered, and reported back to those who asked."""


@dataclass(frozen=True)
class RequestFilter:
    """Which requests are listed: by how far they came, by what was decided of them; null for any."""

    state: str | None = None
    decision: str | None = None
    longest_first: bool = False


@dataclass(frozen=True)
class RequestTotals:
    """How many requests came how far, what was decided, how many days it took (medians), and what waits longest."""

    received: int
    answered: int
    reported_back: int
    adopted: int
    to_evaluate: int
    in_place: int
    declined: int
    with_action: int
    days_to_answer: float | None
    days_to_report: float | None
    longest_unanswered: int | None
    longest_unreported: int | None


def list_requests(
    snapshot: Snapshot, scope: RegisterScope, chosen: RequestFilter, rows: int = MAX_ROWS, first: int = 0
) -> tuple[pl.DataFrame, int]:
    """Return a page of the requests that a filter leaves, newest first, and how many there are in all."""
    found = snapshot.query(
        "requests",
        **scope.parameters(snapshot),
        state=chosen.state,
        decision=chosen.decision,
        by_name=scope.by_name(snapshot),
        longest_first=chosen.longest_first,
        rows=rows,
        first=first,
    )
    return found.drop("total"), found["total"][0] if found.height else 0


@per_version
def request_totals(snapshot: Snapshot, scope: RegisterScope, today: date) -> RequestTotals:
    """Return the totals of all requests of some structures received between two days."""
    (row,) = snapshot.query("request_totals", **scope.parameters(snapshot), today=today).iter_rows(named=True)
    return RequestTotals(**row)
