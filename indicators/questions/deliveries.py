"""Who delivered the measures of a period, and who was expected to."""

from dataclasses import dataclass
from datetime import datetime

from indicators.network import Reading
from indicators.perimeters import Perimeter, Structure
from indicators.periods import Frequency, Period


@dataclass(frozen=True)
class Delivery:
    """A structure expected for a period: when its first measures came in (UTC), and how many there are now."""

    structure: Structure
    submitted_at: datetime | None
    measures: int


def deliveries(reading: Reading, perimeter: Perimeter, period: Period) -> list[Delivery]:
    """Return a delivery for each structure that was open in the period and reports at least one indicator of it."""
    found = {row["structure"]: row for row in reading.ask("deliveries", period=period.code).iter_rows(named=True)}
    expected = []
    for member in reading.structures.members(perimeter):
        structure = reading.structures[member]
        row = found.get(member)
        if row or (structure.open_during(period) and _reports(reading, structure, period)):
            moment, measures = (row["submitted_at"], row["measures"]) if row else (None, 0)
            expected.append(Delivery(structure, moment, measures))
    return expected


def _reports(reading: Reading, structure: Structure, period: Period) -> bool:
    """Whether its kind has a reported indicator of that frequency that is meant for it by name."""
    return any(
        structure.kind in sheet.kinds and sheet.source == "reported" and sheet.frequency is period.frequency
        for sheet in reading.catalogue
    )


def quarters(reading: Reading) -> list[Period]:
    """Return the quarters of which some structure delivered measures, newest first."""
    codes = reading.once("periods", lambda: reading.ask("periods"))["period"]
    periods = [Period.parse(code) for code in reversed(codes.to_list())]
    return [period for period in periods if period.frequency is Frequency.QUARTER]
