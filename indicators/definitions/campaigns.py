"""Campaigns: the dates between which the figures of a period are collected.

They are declared in `data/reference/campaigns.csv`, one row per period; a row with a structure is a late exception
granted to it, with an expiry date. A period without a row opens the day after its end and never locks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from indicators.definitions.periods import Frequency, Period
from indicators.definitions.reference_files import ReferenceRow, read_reference_file
from schemas.reference_data import CAMPAIGNS

if TYPE_CHECKING:
    from pathlib import Path

DUE_AFTER: Final = timedelta(days=30)
"""Time after the end of a period within which a delivery is on time, unless its campaign sets a date (METHODS 7)."""


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
    for row in read_reference_file(path, CAMPAIGNS, _with_default_days):
        period = Period.parse(row["period"])
        if row["structure"] is None:
            declared[period] = Campaign(period, row["opens"], row["due"], row["locks"], row["approved_by"])
        else:
            exceptions[period, row["structure"]] = LateException(row["due"], row["own_opens"])
    return Campaigns(MappingProxyType(declared), MappingProxyType(exceptions))


def _with_default_days(row: ReferenceRow) -> ReferenceRow:
    """Fill in the days that a campaign does not say; an exception must say its last one, and keeps its own first."""
    usual = _undeclared(Period.parse(row["period"] or ""))
    due = row["due"] or (None if row["structure"] else usual.due)
    return {**row, "opens": row["opens"] or usual.opens, "due": due, "own_opens": row["opens"]}
