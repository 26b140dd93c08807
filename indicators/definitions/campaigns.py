"""Campaigns: the dates between which the figures of a period are collected.

They are declared in `data/reference/campaigns.csv`, one row per period; a row with a structure is a late exception
granted to it, with an expiry date. A period without a row opens the day after its end and never locks.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from indicators.definitions.periods import Frequency, Period
from indicators.errors import CatalogueError, UnknownError

if TYPE_CHECKING:
    from pathlib import Path

DUE_AFTER: Final = timedelta(days=30)
"""Time after the end of a period within which a delivery is on time, unless its campaign sets a date (METHODS 7)."""
CAMPAIGN_COLUMNS: Final = ("periode", "structure", "ouverte_le", "limite", "verrouillee_le", "approuvee_par")


class CampaignState(StrEnum):
    """State of a campaign on a day: `open` and `late` accept deposits, the others refuse them."""

    FUTURE = "future"
    OPEN = "open"
    LATE = "late"
    LOCKED = "locked"
    APPROVED = "approved"


@dataclass(frozen=True)
class Campaign:
    """Dates of the collection of one period, for one structure or for all.

    `locks` is the first day on which deposits are refused; `approved_by` the role that approved the figures and must
    agree before they change; `exception_until` the last day of a late exception, which reopens both.
    """

    period: Period
    opens: date
    due: date
    locks: date | None = None
    approved_by: str | None = None
    exception_until: date | None = None

    def state(self, today: date) -> CampaignState:
        """Return the state of the campaign today."""
        has_exception = self.exception_until is not None and today <= self.exception_until
        if today < self.opens:
            return CampaignState.FUTURE
        if self.approved_by is not None and not has_exception:
            return CampaignState.APPROVED
        if self.locks is not None and today >= self.locks and not has_exception:
            return CampaignState.LOCKED
        return CampaignState.OPEN if today <= self.due else CampaignState.LATE


@dataclass(frozen=True)
class LateException:
    """A late exception of one structure for one period: its last day, and its first day if it has one of its own."""

    until: date
    opens: date | None


@dataclass(frozen=True)
class Campaigns:
    """All declared campaigns by period, and all late exceptions by period and structure."""

    declared: Mapping[Period, Campaign] = field(default_factory=lambda: MappingProxyType({}))
    exceptions: Mapping[tuple[Period, str], LateException] = field(default_factory=lambda: MappingProxyType({}))

    def for_period(self, period: Period, structure: str | None = None) -> Campaign:
        """Return the campaign of a period for one structure, or for all.

        A period longer than a quarter without a row of its own is collected with the quarter in which it ends.
        """
        campaign = self.declared.get(period) or self._quarter_campaign(period) or _undeclared(period)
        exception = self._exception(period, structure) if structure is not None else None
        if exception is None:
            return campaign
        return replace(campaign, opens=exception.opens or campaign.opens, exception_until=exception.until)

    def in_force(self, period: Period, structure: str | None, today: date) -> Campaign:
        """Return the campaign of a period for a structure, without an exception that has expired by today."""
        campaign = self.for_period(period, structure)
        expired = campaign.exception_until is not None and campaign.exception_until < today
        return replace(campaign, exception_until=None) if expired else campaign

    def newest_opened(self, today: date) -> Period:
        """Return the newest quarter whose campaign has opened by today."""
        quarter = Period.containing(today, Frequency.QUARTER)
        while self.for_period(quarter).opens > today:
            quarter = quarter.shifted(-1)
        return quarter

    def _quarter_campaign(self, period: Period) -> Campaign | None:
        """Return the campaign of the quarter in which a longer period ends, opening after that end at the earliest."""
        campaign = self.declared.get(_quarter(period))
        return campaign and replace(campaign, period=period, opens=max(campaign.opens, period.end + timedelta(days=1)))

    def _exception(self, period: Period, structure: str) -> LateException | None:
        exact = self.exceptions.get((period, structure))
        return exact or self.exceptions.get((_quarter(period), structure))


def _quarter(period: Period) -> Period:
    return Period.containing(period.end, Frequency.QUARTER)


def _undeclared(period: Period) -> Campaign:
    return Campaign(period, period.end + timedelta(days=1), period.end + DUE_AFTER)


def read_campaigns(path: Path) -> Campaigns:
    """Read `campaigns.csv`; a `CatalogueError` names the file and the invalid line."""
    declared: dict[Period, Campaign] = {}
    exceptions: dict[tuple[Period, str], LateException] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, delimiter=";")
            header = next(rows, [])
            if tuple(header) != CAMPAIGN_COLUMNS:
                wrong = sorted(set(header) ^ set(CAMPAIGN_COLUMNS)) or header
                raise CatalogueError(
                    f"{path}: line 1: columns must be {';'.join(CAMPAIGN_COLUMNS)} ({', '.join(wrong)})"
                )
            for line, cells in enumerate(rows, start=2):
                if not any(cells):
                    continue
                try:
                    _read_row(cells, declared, exceptions)
                except (UnknownError, ValueError) as wrong_cell:
                    raise CatalogueError(f"{path}: line {line}: {wrong_cell}") from wrong_cell
    except (OSError, UnicodeDecodeError, csv.Error) as unreadable:
        raise CatalogueError(f"{path}: {unreadable}") from unreadable
    return Campaigns(MappingProxyType(declared), MappingProxyType(exceptions))


def _read_row(
    cells: list[str], declared: dict[Period, Campaign], exceptions: dict[tuple[Period, str], LateException]
) -> None:
    if len(cells) != len(CAMPAIGN_COLUMNS):
        raise ValueError(f"{len(cells)} cells, {len(CAMPAIGN_COLUMNS)} expected")
    row = {name: cell.strip() for name, cell in zip(CAMPAIGN_COLUMNS, cells, strict=True)}
    period = Period.parse(row["periode"])
    days = {name: _day(name, row[name]) for name in ("ouverte_le", "limite", "verrouillee_le")}
    opens = days["ouverte_le"] or period.end + timedelta(days=1)
    due, locks, approved_by = days["limite"] or period.end + DUE_AFTER, days["verrouillee_le"], row["approuvee_par"]
    key = (period, row["structure"])
    if key in exceptions or (not row["structure"] and period in declared):
        raise ValueError(f"periode: {period} twice for {row['structure'] or 'everybody'}")
    if due < opens:
        raise ValueError(f"limite: {due} is before {opens}, when it opens")
    if row["structure"]:
        if days["limite"] is None:
            raise ValueError("limite: a late exception must say its last day")
        if locks or approved_by:
            raise ValueError("verrouillee_le, approuvee_par: not for a late exception")
        exceptions[key] = LateException(due, days["ouverte_le"])
    elif locks is not None and locks <= due:
        raise ValueError(f"verrouillee_le: {locks} is not after {due}, the last day on time")
    else:
        declared[period] = Campaign(period, opens, due, locks, approved_by or None)


def _day(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"{name}: {text} is not a day (2026-10-01)") from None
