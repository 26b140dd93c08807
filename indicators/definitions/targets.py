"""Targets agreed for a perimeter and an indicator."""

from dataclasses import dataclass
from datetime import date

from indicators.definitions.periods import Period, Span


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
