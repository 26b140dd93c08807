"""Campaigns: when the figures of a period are collected, until when, and what a structure has delivered of them.

They are declared in `data/reference/campaigns.csv`, one row a period; a row that names a structure is a late exception
granted to it, which expires by itself. A period without a row opens the day after its end and never locks.
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
from indicators.queries.deposits.expected import Expected, expected_with

if TYPE_CHECKING:
    from pathlib import Path

    from indicators.network import Network, Reading

DUE_AFTER: Final = timedelta(days=30)
"""How long after its end a period may still be delivered on time, where its campaign says nothing (METHODS 7)."""
COLUMNS: Final = ("periode", "structure", "ouverte_le", "limite", "verrouillee_le", "approuvee_par")


class State(StrEnum):
    """What may be done with a period on some day: `open` and `late` take deposits, the others refuse them."""

    FUTURE = "future"
    OPEN = "open"
    LATE = "late"
    LOCKED = "locked"
    APPROVED = "approved"


class Delivered(StrEnum):
    """Where a figure expected of a structure stands; a `derived` one is counted from the registers."""

    DELIVERED = "delivered"
    EXPECTED = "expected"
    DERIVED = "derived"


@dataclass(frozen=True)
class Campaign:
    """The collection of one period, as it stands for one structure or for everybody.

    `locks` is the first day on which nothing is taken any more; `approved_by` the role that approved the figures, to be
    asked before they change; `exception_until` the last day of a late exception, which opens both again.
    """

    period: Period
    opens: date
    due: date
    locks: date | None = None
    approved_by: str | None = None
    exception_until: date | None = None

    def state(self, today: date) -> State:
        """Return what may be done with the period today."""
        excepted = self.exception_until is not None and today <= self.exception_until
        if today < self.opens:
            return State.FUTURE
        if self.approved_by is not None and not excepted:
            return State.APPROVED
        if self.locks is not None and today >= self.locks and not excepted:
            return State.LOCKED
        return State.OPEN if today <= self.due else State.LATE


@dataclass(frozen=True)
class LateException:
    """What one structure was granted for one period: until when, and from when if not with everybody."""

    until: date
    opens: date | None


@dataclass(frozen=True)
class Campaigns:
    """The campaigns declared: one a period, and the late exceptions by period and structure."""

    declared: Mapping[Period, Campaign] = field(default_factory=lambda: MappingProxyType({}))
    exceptions: Mapping[tuple[Period, str], LateException] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, period: Period, structure: str | None = None) -> Campaign:
        """Return the campaign of a period for a structure, or for everybody.

        A period longer than a quarter, when it has no row of its own, is collected with the quarter in which it ends.
        """
        found = self.declared.get(period) or self._quarters(period) or _undeclared(period)
        exception = self._exception(period, structure) if structure is not None else None
        if exception is None:
            return found
        return replace(found, opens=exception.opens or found.opens, exception_until=exception.until)

    def newest_opened(self, today: date) -> Period:
        """Return the newest quarter whose campaign has opened by today: what there is to collect, or was last."""
        quarter = Period.containing(today, Frequency.QUARTER)
        while self.of(quarter).opens > today:
            quarter = quarter.shifted(-1)
        return quarter

    def _quarters(self, period: Period) -> Campaign | None:
        """Return the campaign of the quarter in which a longer period ends, never open before that end."""
        found = self.declared.get(_quarter(period))
        return found and replace(found, period=period, opens=max(found.opens, period.end + timedelta(days=1)))

    def _exception(self, period: Period, structure: str) -> LateException | None:
        own = self.exceptions.get((period, structure))
        return own or self.exceptions.get((_quarter(period), structure))


def _quarter(period: Period) -> Period:
    return Period.containing(period.end, Frequency.QUARTER)


def _undeclared(period: Period) -> Campaign:
    return Campaign(period, period.end + timedelta(days=1), period.end + DUE_AFTER)


def campaign(network: Network | Reading, period: Period, structure: str | None, today: date) -> Campaign:
    """Return the campaign of a period for a structure; an exception that has expired by today is not in it."""
    found = network.campaigns.of(period, structure)
    expired = found.exception_until is not None and found.exception_until < today
    return replace(found, exception_until=None) if expired else found


def delivered(reading: Reading, structure: str, period: Period) -> list[tuple[str, Delivered]]:
    """Return each indicator expected of a structure with a campaign, and whether it came in, in the board's order.

    A yearly figure is expected with the quarter in which its year ends. A figure said not to apply is delivered, one
    said not to be known is still expected.
    """
    structures = reading.structures
    asked = [one for one in expected_with(reading.catalogue, period) if one.concerns(structures, structure)]
    rows = reading.ask("delivered_indicators", structure=structure, periods=sorted({one.period.code for one in asked}))
    known = set(rows.select("indicator", "period").iter_rows())
    return [(one.sheet.id, _status(one, (one.sheet.id, one.period.code) in known)) for one in asked]


def _status(expected: Expected, known: bool) -> Delivered:
    if not expected.reported:
        return Delivered.DERIVED
    return Delivered.DELIVERED if known else Delivered.EXPECTED


def read_campaigns(path: Path) -> Campaigns:
    """Read `campaigns.csv`; a `CatalogueError` names the file and the line that is wrong."""
    declared: dict[Period, Campaign] = {}
    exceptions: dict[tuple[Period, str], LateException] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, delimiter=";")
            header = next(rows, [])
            if tuple(header) != COLUMNS:
                wrong = sorted(set(header) ^ set(COLUMNS)) or header
                raise CatalogueError(f"{path}: line 1: columns must be {';'.join(COLUMNS)} ({', '.join(wrong)})")
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
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} cells, {len(COLUMNS)} expected")
    row = {name: cell.strip() for name, cell in zip(COLUMNS, cells, strict=True)}
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
