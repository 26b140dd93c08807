"""Freshness of the network's figures: the newest period delivered, and overdue periods since."""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.definitions.periods import Period
from indicators.snapshot import QueryContext, Snapshot, per_version


@dataclass(frozen=True)
class Freshness:
    """The newest period with figures, and the overdue ones after it, oldest first."""

    newest: Period
    overdue: Sequence[Period]


@per_version
def find_freshness(context: QueryContext) -> Freshness | None:
    """Return the freshness of the network's figures; `None` if there are none.

    It is measured in the shortest frequency delivered: quarters, or else semesters or years. A period is overdue once
    the last day on time of its campaign has passed without any delivery, if at least one structure was open in it.
    """
    periods = [Period.parse(code) for code in context.snapshot.reported_periods["period"]]
    if not periods:
        return None
    shortest = min((period.frequency for period in periods), key=lambda frequency: frequency.months)
    newest = max(period for period in periods if period.frequency is shortest)
    return Freshness(newest, _overdue_since(context, newest))


def _overdue_since(context: QueryContext, newest: Period) -> list[Period]:
    overdue = []
    period = newest.shifted(1)
    while period.end < context.today:
        if context.snapshot.campaigns.for_period(period).due < context.today and _is_any_open(context.snapshot, period):
            overdue.append(period)
        period = period.shifted(1)
    return overdue


def _is_any_open(snapshot: Snapshot, period: Period) -> bool:
    return any(structure.is_open_during(period) for structure in snapshot.structures.by_id.values())
