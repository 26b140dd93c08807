"""Who delivered the measures of a period, and who was expected to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from indicators.definitions.perimeters import Perimeter, Structure
from indicators.definitions.periods import Frequency, Period
from indicators.network import Reading
from indicators.queries.deposits.expected import expected_with


@dataclass(frozen=True)
class Delivery:
    """A structure expected for a period: when its first measures came in (UTC), and how many there are now.

    `on_time` is whether they came by the last day of the campaign, a late exception included; `required` are the
    figures that the catalogue expects of it with the period, `filled` those of them of which it said something, if only
    why there is no figure.
    """

    structure: Structure
    submitted_at: datetime | None
    measures: int
    on_time: bool
    required: int
    filled: int


@dataclass(frozen=True)
class Collection:
    """How complete and how timely the collection of a period is (METHODS 7): structures, then required cells."""

    expected: int
    delivered: int
    on_time: int
    required: int
    filled: int


def collection(expected: Sequence[Delivery]) -> Collection:
    """Return how complete and timely some deliveries are together."""
    return Collection(
        len(expected),
        sum(delivery.submitted_at is not None for delivery in expected),
        sum(delivery.on_time for delivery in expected),
        sum(delivery.required for delivery in expected),
        sum(delivery.filled for delivery in expected),
    )


def deliveries(reading: Reading, perimeter: Perimeter, period: Period) -> list[Delivery]:
    """Return a delivery for each structure that owes a figure with the period, by the catalogue, or that sent one."""
    asked = {
        f"{one.sheet.id} {one.period.code}": one for one in expected_with(reading.catalogue, period) if one.reported
    }
    periods = sorted({period.code, *(one.period.code for one in asked.values())})
    found = {row["structure"]: row for row in reading.ask("deliveries", periods=periods).iter_rows(named=True)}
    expected = []
    structures = reading.structures
    for member in structures.members_on(perimeter, period.end):
        structure, row = structures[member], found.get(member)
        required = {name for name, one in asked.items() if one.concerns(structures, member)}
        if not row and not required:
            continue
        moment: datetime | None = row["submitted_at"] if row else None
        held = required & set(row["answers"]) if row else set()
        due = reading.campaigns.of(period, member)
        last = max(due.due, due.exception_until or due.due)
        on_time = moment is not None and moment.date() <= last
        measures = row["measures"] if row else 0
        expected.append(Delivery(structure, moment, measures, on_time, len(required), len(held)))
    return expected


def quarters(reading: Reading) -> list[Period]:
    """Return the quarters of which some structure delivered measures, newest first.

    The last quarter of a semester or of a calendar year is one of them: a figure of that year stands on its board.
    """
    codes = reading.once("periods", lambda: reading.ask("reported_periods"))["period"]
    ends = {period.end for period in map(Period.parse, codes)}
    found = {Period.containing(end, Frequency.QUARTER) for end in ends}
    return sorted((quarter for quarter in found if quarter.end in ends), reverse=True)
