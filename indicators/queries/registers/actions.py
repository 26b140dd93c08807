"""The register of actions of some structures: the list, filtered and paged in the store, and what it adds up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import polars as pl

from indicators.snapshot import Snapshot, per_version

AGES: Final = ("month", "quarter", "semester", "year", "older")
"""How long an action has been open: under 30 days, 30 to 89, 90 to 179, 180 to 365, more."""
FILTERED_COLUMNS: Final = ("process", "axis", "origin", "kind", "owner_role", "indicator")
"""Columns of which one value can be chosen."""
ALL_STATUSES: Final = "all"
DAYS_OF_A_YEAR: Final = 365.25


@dataclass(frozen=True)
class ActionFilters:
    """What a list keeps: null keeps everything. `status` is one, or `all`, `to_do` or `late`."""

    process: str | None = None
    axis: str | None = None
    origin: str | None = None
    kind: str | None = None
    owner_role: str | None = None
    indicator: str | None = None
    status: str = ALL_STATUSES
    text: str | None = None
    """Words that the reference, the action, its observation or its cause hold, in capitals or not."""

    def of_an_indicator(self, indicator: str) -> "ActionFilters":
        """Return the same filters for one indicator."""
        return replace(self, indicator=indicator)


@dataclass(frozen=True)
class ActionPage:
    """One page of a list, with the rows on all its pages."""

    rows: pl.DataFrame
    total: int


@dataclass(frozen=True)
class ActionSummary:
    """What the current actions of some structures add up to."""

    total: int
    open: int
    late: int
    closed: int
    first_opened_on: date | None
    ages: Mapping[str, int]
    """How many are open, by how long (`AGES`)."""
    median_days_to_close: float | None
    """From the opening to the verdict, of those closed."""
    on_time: int
    due: int
    """Those whose day is over, of which `on_time` were done by it."""
    effective: int
    verified: int
    """Those with a verdict, of which `effective` fully."""
    reopened: int


@dataclass(frozen=True)
class ActionCount:
    """The count of actions since a stored day: of the register, and what the structure reported in all.

    `reported` may be more than the register holds: what was counted before it began. `until` is the last day counted.
    """

    since: date
    is_stored: bool
    """Whether the structure says since when; else it is the day of the first action of the register."""
    total: int
    before_register: int
    until: date

    @property
    def per_year(self) -> float | None:
        """The yearly mean; null for less than a year."""
        years = (self.until - self.since).days / DAYS_OF_A_YEAR
        return self.total / years if years >= 1 else None


def list_actions(
    snapshot: Snapshot, structures: Sequence[str], filters: ActionFilters, today: date, limit: int, offset: int
) -> ActionPage:
    """Return some rows of the list: what is late first, then what is to be done, then the rest, newest first."""
    values = {**vars(filters), "structures": list(structures), "today": today, "limit": limit, "offset": offset}
    rows = snapshot.query("listed_actions", **values)
    return ActionPage(rows, int(rows["total"][0]) if rows.height else 0)


@per_version
def summarize_actions(snapshot: Snapshot, structures: Sequence[str], today: date) -> ActionSummary:
    """Return what the current actions of some structures add up to on a day."""
    [row] = snapshot.query("action_summary", structures=list(structures), today=today).to_dicts()
    ages = dict(zip(AGES, row.pop("ages"), strict=True))
    [(reopened,)] = snapshot.query("reopened_actions", structures=list(structures)).rows()
    return ActionSummary(**row, ages=ages, reopened=reopened)


@per_version
def actions_by_quarter(snapshot: Snapshot, structures: Sequence[str], today: date) -> pl.DataFrame:
    """Return how many actions were opened and closed in each quarter, and in all until its end."""
    rows = snapshot.query("actions_by_quarter", structures=list(structures), today=today)
    return rows.with_columns(pl.col(name).cum_sum().alias(f"{name}_in_all") for name in ("opened", "closed"))


@per_version
def action_values(snapshot: Snapshot, structures: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the values of each column by which the actions of some structures can be chosen."""
    rows = snapshot.query("action_values", structures=list(structures))
    return {name: rows.filter(pl.col("name") == name)["value"].to_list() for name in FILTERED_COLUMNS}


@per_version
def count_actions(snapshot: Snapshot, structure: str, today: date) -> ActionCount | None:
    """Return the count of a structure's actions since the day that it says; null if there is nothing to count."""
    summary = summarize_actions(snapshot, [structure], today)
    stored = snapshot.structures[structure].actions_since
    since = stored or summary.first_opened_on
    reported = snapshot.query("reported_action_total", structure=structure).rows()
    if since is None:
        return None
    if reported and reported[0][1] > summary.total:
        until, total = reported[0]
        return ActionCount(since, stored is not None, total, total - summary.total, min(until, today))
    return ActionCount(since, stored is not None, summary.total, 0, today)
