"""Deliveries of the measures of a period by structure, expected and received."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import polars as pl

from indicators.definitions.perimeters import Perimeter, Structure
from indicators.definitions.periods import Frequency, Period
from indicators.disclosure import is_read_whole
from indicators.queries.deposits.expected import figures_expected_with, required_figures
from indicators.snapshot import Snapshot, per_version


class DeliveryStatus(StrEnum):
    """Where a structure stands in the collection of a period, in the order in which it asks for somebody."""

    OVERDUE = "overdue"
    """Nothing came, and the last day is over."""
    INCOMPLETE = "incomplete"
    AWAITED = "awaited"
    """Nothing came, and there is still time."""
    COMPLETE = "complete"


@dataclass(frozen=True)
class Delivery:
    """Delivery of a structure for a period: moment of its first measures (UTC), and what they fill.

    `last_day` is that of the campaign, a late exception included; `required` counts the figures that the catalogue
    expects of it with the period, `missing` names those of them without an answer, be it a declared absence.
    """

    structure: Structure
    submitted_at: datetime | None
    last_day: date
    required: int
    missing: tuple[str, ...]

    @property
    def on_time(self) -> bool:
        """Whether measures came by the last day."""
        return self.submitted_at is not None and self.submitted_at.date() <= self.last_day

    @property
    def filled(self) -> int:
        """Number of required figures with an answer."""
        return self.required - len(self.missing)

    def status(self, today: date) -> DeliveryStatus:
        """Return where the structure stands on a day."""
        if self.submitted_at is None:
            return DeliveryStatus.OVERDUE if today > self.last_day else DeliveryStatus.AWAITED
        return DeliveryStatus.INCOMPLETE if self.missing else DeliveryStatus.COMPLETE


@dataclass(frozen=True)
class CollectionProgress:
    """Completeness and timeliness of the collection of a period (METHODS 7): structures, then required figures."""

    delivered: int
    on_time: int
    required: int
    filled: int


def summarise_deliveries(expected: Sequence[Delivery]) -> CollectionProgress:
    """Return the totals of completeness and timeliness over some deliveries."""
    return CollectionProgress(
        sum(delivery.submitted_at is not None for delivery in expected),
        sum(delivery.on_time for delivery in expected),
        sum(delivery.required for delivery in expected),
        sum(delivery.filled for delivery in expected),
    )


def find_deliveries(snapshot: Snapshot, perimeter: Perimeter, period: Period) -> list[Delivery]:
    """Return a delivery for each structure from which the catalogue expects a figure, or that delivered one."""
    figures = [figure for figure in figures_expected_with(snapshot.catalogue, period) if figure.is_reported]
    periods = sorted({period.code, *(figure.period.code for figure in figures)})
    answers_by_structure: dict[str, list[dict[str, Any]]] = {}
    for row in _answers(snapshot, periods).iter_rows(named=True):
        answers_by_structure.setdefault(row["structure"], []).append(row)
    required_of = required_figures(snapshot, figures)
    deliveries = []
    for member in snapshot.structures.members_on(perimeter, period.end):
        required, rows = required_of(member), answers_by_structure.get(member, [])
        if not rows and not required:
            continue
        answered = {(indicator, row["period"]) for row in rows for indicator in row["answers"]}
        submitted_at: datetime | None = min((row["submitted_at"] for row in rows), default=None)
        campaign = snapshot.campaigns.for_period(period, member)
        last_day = max(campaign.due, campaign.exception_until or campaign.due)
        missing = tuple(figure.sheet.id for figure in required if (figure.sheet.id, figure.period.code) not in answered)
        deliveries.append(Delivery(snapshot.structures[member], submitted_at, last_day, len(required), missing))
    return deliveries


@per_version
def last_deposits(snapshot: Snapshot) -> Mapping[str, datetime]:
    """Return the moment of the newest deposit with rows of each structure (UTC), whatever the dataset."""
    return dict(snapshot.query("last_deposits").select("structure", "submitted_at").iter_rows())


def _answers(snapshot: Snapshot, periods: Sequence[str]) -> pl.DataFrame:
    """Return what was delivered for some periods, one row per structure × period (`queries/sql/deliveries.sql`)."""
    if is_read_whole(snapshot):
        return _all_answers(snapshot).filter(pl.col("period").is_in(periods))
    return _answers_of_periods(snapshot, periods)


@per_version
def _answers_of_periods(snapshot: Snapshot, periods: Sequence[str]) -> pl.DataFrame:
    """Read the deliveries of some periods: a delegate's first page asks for those of the quarter collected now."""
    return snapshot.query("deliveries", periods=periods, every=False)


@per_version
def _all_answers(snapshot: Snapshot) -> pl.DataFrame:
    """Read the deliveries of all periods at once: of a small network it takes little longer than one of them."""
    return snapshot.query("deliveries", periods=[], every=True)


@per_version
def reported_quarters(snapshot: Snapshot) -> Sequence[Period]:
    """Return the quarters with delivered measures, newest first.

    The last quarter of a delivered semester or calendar year is included: that figure is shown on its board.
    """
    codes = snapshot.reported_periods["period"]
    ends = {period.end for period in map(Period.parse, codes)}
    candidates = {Period.containing(end, Frequency.QUARTER) for end in ends}
    return tuple(sorted((quarter for quarter in candidates if quarter.end in ends), reverse=True))
