"""Comments deposited with the measures of an indicator; they may contain information on people."""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.definitions.catalogue import Audience, Indicator
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.snapshot import QueryContext


@dataclass(frozen=True)
class Note:
    """A comment on the measure of a period."""

    period: Period
    text: str


def find_notes(context: QueryContext, perimeter: Perimeter, indicator: Indicator) -> Sequence[Note]:
    """Return the notes of one structure, oldest first; empty unless the reader sees its management."""
    if perimeter.level is not Level.STRUCTURE or not context.audience.sees(Audience.MANAGEMENT):
        return ()
    rows = context.snapshot.query("notes", structure=perimeter.name, indicator=indicator.id)
    return [Note(Period.parse(code), text) for code, text in rows.iter_rows()]
