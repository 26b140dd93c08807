"""The quarters of the demonstration, as a calendar knows them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, NamedTuple


class Quarter(NamedTuple):
    """A calendar quarter; quarters compare and sort by time."""

    year: int
    number: int

    def __str__(self) -> str:
        """As periods are written in the files: `2024-T1`."""
        return f"{self.year}-T{self.number}"

    @property
    def first_day(self) -> date:
        """The first day of the quarter."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        """The last day of the quarter."""
        return self.plus(1).first_day - timedelta(days=1)

    def plus(self, quarters: int) -> Quarter:
        """So many quarters later (or earlier)."""
        year, index = divmod(4 * self.year + self.number - 1 + quarters, 4)
        return Quarter(year, index + 1)

    def since(self, start: Quarter) -> int:
        """How many quarters lie between the start and this one."""
        return 4 * (self.year - start.year) + self.number - start.number


def quarter_of(day: date) -> Quarter:
    """The quarter a day falls in."""
    return Quarter(day.year, (day.month + 2) // 3)


def quarters_of(year: int) -> tuple[Quarter, ...]:
    """The four quarters of a year."""
    return tuple(Quarter(year, number) for number in range(1, 5))


HOLIDAYS: Final = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)})
"""Month and day of what France or Belgium keeps on the same day every year."""


def working_day(day: date, later: bool = False) -> date:
    """This day, or the nearest working day before it (after it, when later)."""
    while day.weekday() > 4 or (day.month, day.day) in HOLIDAYS:
        day += timedelta(1 if later else -1)
    return day


def span(first: Quarter, last: Quarter) -> tuple[Quarter, ...]:
    """Every quarter from the first to the last, both included."""
    return tuple(first.plus(n) for n in range(last.since(first) + 1))


FIRST: Final = Quarter(2021, 4)
LAST: Final = Quarter(2026, 3)
DEPOSITED: Final = span(FIRST, LAST)
"""The twenty quarters that have a folder."""
REMEMBERED: Final = span(Quarter(2019, 1), LAST)
"""The quarters that are simulated: yearly figures and cohorts of 2021 need those before the first folder."""
