"""What is expected of a structure with the collection of a period, by the catalogue.

The one definition for the campaign's page, the file to fill, completeness (METHODS 7) and what a file leaves out (X04).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import Structures
from indicators.definitions.periods import Period


@dataclass(frozen=True)
class Expected:
    """One figure expected with the collection of a period, and the period that it is of."""

    sheet: Indicator
    period: Period

    @property
    def reported(self) -> bool:
        """Whether it comes in a file of measures; the others are counted from registers."""
        return self.sheet.source == "reported"

    def concerns(self, structures: Structures, structure: str) -> bool:
        """Whether it is expected of a structure: the indicator applies to its kind in the period, and it was open."""
        then = structures.at(self.period.end)[structure]
        return self.sheet.applies_to(then.kind) and then.open_during(self.period)


def expected_with(catalogue: Iterable[Indicator], period: Period) -> Sequence[Expected]:
    """Return what is collected with a period, in the order of the catalogue.

    A yearly figure is asked for once, with the quarter in which its year ends.
    """
    found = [Expected(sheet, Period.latest_ended(period.end, sheet.frequency)) for sheet in catalogue]
    return [expected for expected in found if expected.period.end >= period.start]
