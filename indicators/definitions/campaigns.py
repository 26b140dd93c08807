"""Campaigns: the dates between which the figures of a period are collected.

`data/reference/campaigns.csv` declares those of the beginning, one row per period; a row with a structure is a late
exception granted to it, with an expiry date. Records in the store are declared over it (`CampaignRecord`). A period
without either opens the day after its end, never locks, and asks for no approval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from indicators.definitions.periods import Frequency, Period
from indicators.definitions.reference_files import ReferenceRow, read_reference_file
from schemas.reference_data import CAMPAIGNS

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

DUE_AFTER: Final = timedelta(days=30)
"""Time after the end of a period within which a delivery is on time, unless its campaign sets a date (METHODS 7)."""
MAX_EYES: Final = 3
"""Most pairs of eyes that may be asked of a deposit, its depositor's among them."""


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
    agree before they change; `exception_until` the last day of a late exception, which reopens both, and
    `exception_reason` why it was granted. `review` is the day by which what was deposited should be approved. `eyes` is
    the number of pairs of eyes asked of each deposit, the depositor's among them: none, and it is in force without
    approval; one, and anybody who may approve it does; from two on, others than its depositor.
    """

    period: Period
    opens: date
    due: date
    locks: date | None = None
    approved_by: str | None = None
    exception_until: date | None = None
    exception_reason: str | None = None
    review: date | None = None
    eyes: int | None = None

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
    reason: str | None = None


@dataclass(frozen=True)
class CampaignRecord:
    """A campaign as it was declared at a moment (UTC), or a late exception of one structure: `due` is its last day.

    `sequence` is its place in the one order of deposits, decisions and campaigns. Days that are not given are the
    usual ones of the period.
    """

    record: str
    sequence: int
    recorded_at: datetime
    author: str
    period: Period
    structure: str | None
    opens: date | None
    due: date
    locks: date | None = None
    review: date | None = None
    eyes: int | None = None
    approved_by: str | None = None
    reason: str | None = None

    @property
    def campaign(self) -> Campaign:
        """The campaign that it declares for all structures."""
        opens = self.opens or _undeclared(self.period).opens
        return Campaign(self.period, opens, self.due, self.locks, self.approved_by, review=self.review, eyes=self.eyes)


@dataclass(frozen=True)
class Campaigns:
    """All declared campaigns by period, and all late exceptions by period and structure."""

    declared: Mapping[Period, Campaign] = field(default_factory=lambda: MappingProxyType({}))
    exceptions: Mapping[tuple[Period, str], LateException] = field(default_factory=lambda: MappingProxyType({}))

    def with_records(self, records: Iterable[CampaignRecord]) -> Campaigns:
        """Return the campaigns with records declared over them: the newest of a period and structure holds."""
        declared, exceptions = dict(self.declared), dict(self.exceptions)
        for record in sorted(records, key=lambda record: record.sequence):
            if record.structure is None:
                declared[record.period] = record.campaign
            else:
                exceptions[record.period, record.structure] = LateException(record.due, record.opens, record.reason)
        return Campaigns(MappingProxyType(declared), MappingProxyType(exceptions))

    def for_period(self, period: Period, structure: str | None = None) -> Campaign:
        """Return the campaign of a period for one structure, or for all.

        A period longer than a quarter without a row of its own is collected with the quarter in which it ends.
        """
        campaign = self.declared.get(period) or self._quarter_campaign(period) or _undeclared(period)
        exception = self._exception(period, structure) if structure is not None else None
        if exception is None:
            return campaign
        return replace(
            campaign,
            opens=exception.opens or campaign.opens,
            exception_until=exception.until,
            exception_reason=exception.reason,
        )

    def in_force(self, period: Period, structure: str | None, today: date) -> Campaign:
        """Return the campaign of a period for a structure, without an exception that has expired by today."""
        campaign = self.for_period(period, structure)
        expired = campaign.exception_until is not None and campaign.exception_until < today
        return replace(campaign, exception_until=None, exception_reason=None) if expired else campaign

    def required_eyes(self, periods: Iterable[Period]) -> int | None:
        """Return the most pairs of eyes asked of what was collected for some periods; `None` if no approval is."""
        return max((eyes for period in periods if (eyes := self.for_period(period).eyes)), default=None)

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
