"""The papers and the sittings they are made for: half a month, two months, a year, or six years of a contract."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from indicators.definitions.periods import FIRST_YEAR, Period
from indicators.errors import UnknownError

CONTRACT_YEARS: Final = 6
"""Years of a contract of objectives."""
REVIEWED_YEAR: Final = 3
"""Year of a contract in which it is reviewed, counted from one."""
MID_MONTH_DAY: Final = 16
"""First day of the second half of a month."""
_CODE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(01|16))?)?", re.ASCII)


class PaperKind(StrEnum):
    """The papers, as they stand in addresses."""

    FORTNIGHT = "fiche"
    COMMITTEE = "comite"
    REVIEW = "revue-de-direction"
    DIALOGUE = "dialogue"


@dataclass(frozen=True, order=True)
class Sitting:
    """The time that a paper is made for.

    Its code is `2026-11-16` for half a month, `2026-11` for two months, `2026` for a year or the last of six.
    """

    start: date
    end: date
    code: str

    def newest_day(self, today: date) -> date:
        """Return the last day of which the paper may say anything."""
        return min(self.end, today)


def sitting_containing(kind: PaperKind, day: date) -> Sitting:
    """Return the sitting of a paper in which a day falls."""
    match kind:
        case PaperKind.FORTNIGHT:
            if day.day < MID_MONTH_DAY:
                start, end = day.replace(day=1), day.replace(day=MID_MONTH_DAY - 1)
            else:
                start, end = day.replace(day=MID_MONTH_DAY), _month_end(day.year, day.month)
            return Sitting(start, end, start.isoformat())
        case PaperKind.COMMITTEE:
            first = day.month - (day.month + 1) % 2
            start = date(day.year, first, 1)
            return Sitting(start, _month_end(day.year, first + 1), f"{start:%Y-%m}")
        case PaperKind.REVIEW:
            return Sitting(date(day.year, 1, 1), date(day.year, 12, 31), str(day.year))
        case PaperKind.DIALOGUE:
            return Sitting(date(day.year - CONTRACT_YEARS + 1, 1, 1), date(day.year, 12, 31), str(day.year))


def parse_sitting(kind: PaperKind, code: str) -> Sitting:
    """Return the sitting of a code, or that of the last day of a period; an `UnknownError` for anything else."""
    try:
        sitting = _sitting_of(kind, code)
    except ValueError as failure:
        # No such day, or a sitting that begins or ends outside the calendar.
        raise UnknownError("period", code) from failure
    if sitting.start.year < FIRST_YEAR or sitting.end.year >= date.max.year:
        raise UnknownError("period", code)
    return sitting


def _sitting_of(kind: PaperKind, code: str) -> Sitting:
    if match := _CODE.fullmatch(code):
        year, month, day = match.groups()
        sitting = sitting_containing(kind, date(int(year), int(month or 1), int(day or 1)))
        if sitting.code == code:
            return sitting
    return sitting_containing(kind, Period.parse(code).end)


def latest_sittings(kind: PaperKind, today: date, count: int) -> Sequence[Sitting]:
    """Return the sitting of a day and those before it, the newest first."""
    sittings = [sitting_containing(kind, today)]
    while len(sittings) < count:
        day = sittings[-1].end if kind is PaperKind.DIALOGUE else sittings[-1].start
        # Contracts of six years overlap: the one before is that of the year before.
        before = date(day.year - 1, 12, 31) if kind is PaperKind.DIALOGUE else day - timedelta(days=1)
        sittings.append(sitting_containing(kind, before))
    return sittings


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)
