"""How old the newest figures of the network are, and which should have come in since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from indicators.definitions.periods import Period
from indicators.network import Reading


@dataclass(frozen=True)
class Freshness:
    """The newest period with figures, and those after it that are overdue, oldest first."""

    newest: Period
    overdue: Sequence[Period]


def freshness(reading: Reading, today: date) -> Freshness | None:
    """Return how old the newest figures are; `None` for a network without any.

    A network is read by the shortest kind of period that anybody delivered: quarters, or else semesters or years. A
    period is overdue once its campaign is past its last day on time, as long as nothing at all of it has come in and
    somebody was open in it.
    """
    known = [Period.parse(code) for code in reading.once("periods", lambda: reading.ask("reported_periods"))["period"]]
    if not known:
        return None
    shortest = min((period.frequency for period in known), key=lambda frequency: frequency.months)
    newest = max(period for period in known if period.frequency is shortest)
    return Freshness(newest, _overdue_since(reading, newest, today))


def _overdue_since(reading: Reading, newest: Period, today: date) -> list[Period]:
    found = []
    period = newest.shifted(1)
    while period.end < today:
        if reading.campaigns.of(period).due < today and _anybody_open(reading, period):
            found.append(period)
        period = period.shifted(1)
    return found


def _anybody_open(reading: Reading, period: Period) -> bool:
    return any(structure.open_during(period) for structure in reading.structures.by_id.values())
