"""Deliveries of the measures of a period by structure, expected and received."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from indicators.definitions.perimeters import Perimeter, Structure
from indicators.definitions.periods import Frequency, Period
from indicators.queries.deposits.expected import figures_expected_with
from indicators.snapshot import Snapshot


@dataclass(frozen=True)
class Delivery:
    """Delivery of a structure for a period: moment of its first measures (UTC), and their current number.

    `on_time` is whether they came by the last day of the campaign, a late exception included; `required` counts the
    figures that the catalogue expects of it with the period, `filled` those of them with an answer, be it a declared
    absence.
    """

    structure: Structure
    submitted_at: datetime | None
    measures: int
    on_time: bool
    required: int
    filled: int


@dataclass(frozen=True)
class CollectionProgress:
    """Completeness and timeliness of the collection of a period (METHODS 7): structures, then required figures."""

    expected: int
    delivered: int
    on_time: int
    required: int
    filled: int


def summarise_deliveries(expected: Sequence[Delivery]) -> CollectionProgress:
    """Return the totals of completeness and timeliness over some deliveries."""
    return CollectionProgress(
        len(expected),
        sum(delivery.submitted_at is not None for delivery in expected),
        sum(delivery.on_time for delivery in expected),
        sum(delivery.required for delivery in expected),
        sum(delivery.filled for delivery in expected),
    )


def find_deliveries(snapshot: Snapshot, perimeter: Perimeter, period: Period) -> list[Delivery]:
    """Return a delivery for each structure from which the catalogue expects a figure, or that delivered one."""
    expected_figures = {
        f"{figure.sheet.id} {figure.period.code}": figure
        for figure in figures_expected_with(snapshot.catalogue, period)
        if figure.is_reported
    }
    periods = sorted({period.code, *(figure.period.code for figure in expected_figures.values())})
    row_by_structure = {
        row["structure"]: row for row in snapshot.query("deliveries", periods=periods).iter_rows(named=True)
    }
    expected = []
    structures = snapshot.structures
    for member in structures.members_on(perimeter, period.end):
        structure, row = structures[member], row_by_structure.get(member)
        required = {name for name, figure in expected_figures.items() if figure.is_expected_of(structures, member)}
        if not row and not required:
            continue
        submitted_at: datetime | None = row["submitted_at"] if row else None
        answered = required & set(row["answers"]) if row else set()
        campaign = snapshot.campaigns.for_period(period, member)
        last_day = max(campaign.due, campaign.exception_until or campaign.due)
        on_time = submitted_at is not None and submitted_at.date() <= last_day
        measures = row["measures"] if row else 0
        expected.append(Delivery(structure, submitted_at, measures, on_time, len(required), len(answered)))
    return expected


def reported_quarters(snapshot: Snapshot) -> list[Period]:
    """Return the quarters with delivered measures, newest first.

    The last quarter of a delivered semester or calendar year is included: that figure is shown on its board.
    """
    codes = snapshot.cached("periods", lambda: snapshot.query("reported_periods"))["period"]
    ends = {period.end for period in map(Period.parse, codes)}
    candidates = {Period.containing(end, Frequency.QUARTER) for end in ends}
    return sorted((quarter for quarter in candidates if quarter.end in ends), reverse=True)
