"""Periods of collection (quarter, semester, calendar year, school year) and windows of consecutive periods.

The spellings parsed and written here are the canonical ones.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeAlias

from indicators.cached import cached_property
from indicators.errors import UnknownError

SCHOOL_YEAR_FIRST_MONTH: Final = 9
FIRST_YEAR: Final = 1000
"""Years are written with four digits."""
KEPT: Final = 2_000
"""Periods that stay in memory by their codes: a board reads the same dozens of them thousands of times."""
WINDOW_SIGN: Final = "~"
"""Needs no escaping in an address (RFC 3986, 2.3) and occurs in no other spelling of a period."""
MIN_WINDOW_PERIODS: Final = 2
_WINDOW_COUNT: Final = re.compile(r"[2-9]|[1-9]\d", re.ASCII)


class Frequency(StrEnum):
    """How often a figure is collected."""

    QUARTER = "quarter"
    SEMESTER = "semester"
    YEAR = "year"
    SCHOOL_YEAR = "school_year"

    @property
    def months(self) -> int:
        """Length of one period."""
        return _MONTHS[self]

    @property
    def per_year(self) -> int:
        """How many periods make a year."""
        return 12 // self.months


_MONTHS: Final = {
    Frequency.QUARTER: 3,
    Frequency.SEMESTER: 6,
    Frequency.YEAR: 12,
    Frequency.SCHOOL_YEAR: 12,
}
_SPELLINGS: Final = {
    Frequency.QUARTER: re.compile(r"(\d{4})-T([1-4])", re.ASCII),
    Frequency.SEMESTER: re.compile(r"(\d{4})-S([12])", re.ASCII),
    Frequency.YEAR: re.compile(r"(\d{4})()", re.ASCII),
    Frequency.SCHOOL_YEAR: re.compile(r"(\d{4})-(\d{4})", re.ASCII),
}


@dataclass(frozen=True, order=True)
class Period:
    """A period by its first day and its frequency; written `2026-T3`, `2026-S1`, `2026`, `2025-2026`."""

    start: date
    frequency: Frequency

    @classmethod
    def parse(cls, code: str) -> "Period":
        """Read the canonical spelling; anything else is an `UnknownError`."""
        return _parsed(code)

    @classmethod
    def containing(cls, day: date, frequency: Frequency) -> "Period":
        """Return the period of that frequency in which `day` falls."""
        if frequency is Frequency.SCHOOL_YEAR:
            return cls(date(day.year - (day.month < SCHOOL_YEAR_FIRST_MONTH), SCHOOL_YEAR_FIRST_MONTH, 1), frequency)
        return cls(date(day.year, (day.month - 1) // frequency.months * frequency.months + 1, 1), frequency)

    @classmethod
    def latest_ended(cls, day: date, frequency: Frequency) -> "Period":
        """Return the newest period of that frequency that was over at the end of `day`."""
        return cls.containing(day + timedelta(days=1), frequency).shifted(-1)

    # Cached: a page reads the ends and the codes of a few periods some ten thousand times.
    @cached_property
    def code(self) -> str:
        """Canonical spelling."""
        year = self.start.year
        number = (self.start.month - 1) // self.frequency.months + 1
        match self.frequency:
            case Frequency.QUARTER:
                return f"{year}-T{number}"
            case Frequency.SEMESTER:
                return f"{year}-S{number}"
            case Frequency.YEAR:
                return f"{year}"
            case Frequency.SCHOOL_YEAR:
                return f"{year}-{year + 1}"

    @cached_property
    def end(self) -> date:
        """Last day, included."""
        return self.shifted(1).start - timedelta(days=1)

    def shifted(self, count: int) -> "Period":
        """Return the period `count` steps later, or earlier when negative."""
        months = self.start.year * 12 + self.start.month - 1 + count * self.frequency.months
        return Period(date(months // 12, months % 12 + 1, 1), self.frequency)

    @property
    def year_earlier(self) -> "Period":
        """Return the same period of the year before."""
        return self.shifted(-self.frequency.per_year)

    def trailing(self, count: int) -> list["Period"]:
        """Return the `count` periods that end with this one, oldest first."""
        return [self.shifted(step - count + 1) for step in range(count)]

    def __str__(self) -> str:
        """Canonical spelling."""
        return self.code


@lru_cache(maxsize=KEPT)
def _parsed(code: str) -> Period:
    for frequency, spelling in _SPELLINGS.items():
        if match := spelling.fullmatch(code):
            year, rest = int(match[1]), match[2]
            if not FIRST_YEAR <= year < date.max.year:
                break
            if frequency is Frequency.SCHOOL_YEAR:
                if int(rest) != year + 1:
                    break
                return Period(date(year, SCHOOL_YEAR_FIRST_MONTH, 1), frequency)
            return Period(date(year, (int(rest or 1) - 1) * frequency.months + 1, 1), frequency)
    raise UnknownError("period", code)


@dataclass(frozen=True, order=True)
class Window:
    """Consecutive periods as one span, by newest and number: four quarters `2026-T3~4`, two cohorts `2024~2`."""

    newest: Period
    count: int

    def __post_init__(self) -> None:
        """Refuse a window of a single period, which is that period."""
        if self.count < MIN_WINDOW_PERIODS:
            raise ValueError(f"{self.count}: a window has at least {MIN_WINDOW_PERIODS} periods")

    @classmethod
    def parse(cls, code: str) -> "Window":
        """Read the canonical spelling; anything else is an `UnknownError`."""
        period, separator, count = code.partition(WINDOW_SIGN)
        if not separator or not _WINDOW_COUNT.fullmatch(count):
            raise UnknownError("period", code)
        return cls(Period.parse(period), int(count))

    @property
    def code(self) -> str:
        """Canonical spelling."""
        return f"{self.newest.code}{WINDOW_SIGN}{self.count}"

    @property
    def periods(self) -> list[Period]:
        """Its periods, oldest first."""
        return self.newest.trailing(self.count)

    @property
    def start(self) -> date:
        """First day of the oldest period."""
        return self.periods[0].start

    @property
    def end(self) -> date:
        """Last day of the newest period, included."""
        return self.newest.end

    def shifted(self, count: int) -> "Window":
        """Return the window that ends `count` periods later, or earlier when negative."""
        return Window(self.newest.shifted(count), self.count)

    @property
    def year_earlier(self) -> "Window":
        """Return the window of the same length that ends a year before."""
        return Window(self.newest.year_earlier, self.count)

    def __str__(self) -> str:
        """Canonical spelling."""
        return self.code


Span: TypeAlias = Period | Window
"""The time that a figure covers."""
