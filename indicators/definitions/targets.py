"""Targets agreed for a perimeter and an indicator."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from indicators.definitions.periods import Frequency, Period, Span

MIN_YEAR_DAYS: Final = 365


@dataclass(frozen=True)
class Target:
    """A target agreed for a perimeter and an indicator, from the start of one period to the end of another."""

    perimeter: str
    indicator: str
    starts: Period
    ends: Period | None
    value: float
    origin: str
    agreed_on: date | None

    def covers(self, period: Span) -> bool:
        """Whether the target is in force during a whole period."""
        return self.starts.start <= period.start and (self.ends is None or period.end <= self.ends.end)

    @property
    def is_of_years(self) -> bool:
        """Whether it is given in years, and not in quarters."""
        return self.starts.frequency in {Frequency.YEAR, Frequency.SCHOOL_YEAR}


def is_whole_year(period: Span) -> bool:
    """Whether a period or a window is a year long, or longer."""
    return (period.end - period.start).days >= MIN_YEAR_DAYS - 1
