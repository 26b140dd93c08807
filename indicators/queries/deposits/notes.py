"""What depositors wrote beside the measures of an indicator: dated notes, which may speak of people."""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.network import Reading


@dataclass(frozen=True)
class Note:
    """A comment on the measure of a period."""

    period: Period
    text: str


def notes(reading: Reading, perimeter: Perimeter, indicator: Indicator, audience: Audience) -> Sequence[Note]:
    """Return the notes of one structure, oldest first; none but for those who see its management."""
    if perimeter.level is not Level.STRUCTURE or not audience.sees(Audience.MANAGEMENT):
        return ()
    found = reading.ask("notes", structure=perimeter.name, indicator=indicator.id)
    return [Note(Period.parse(code), text) for code, text in found.iter_rows()]
