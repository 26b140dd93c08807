"""Days as people write them: ISO, day first, in words, or as the number a spreadsheet gives a day.

Day first is the rule of French, Dutch and British spelling; a month that comes first is never read, only proposed.
A year of two digits is read, after slashes or points and in words, as spreadsheets read it: up to 29 in this century.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from indicators.intake.text_matching import SPACES, folded, spelled

LONGEST: Final = 60
"""Characters above which a text is no day, whatever it holds."""
FIRST_YEAR: Final = 1800
LAST_YEAR: Final = 2199
PIVOT: Final = 30
"""First two-digit year that belongs to the century before."""
SERIAL_EPOCH: Final = date(1899, 12, 30)
"""Day 0 of spreadsheets, for every day after the 29th of February 1900 that they invented."""
SERIALS: Final = range((date(1990, 1, 1) - SERIAL_EPOCH).days, (date(2101, 1, 1) - SERIAL_EPOCH).days)
"""Numbers that are taken for days, where a date is expected: 1990 to 2100."""

_NAMES: Final = (
    "janvier janv jan january januari",
    "fevrier fevr fev feb february februari",
    "mars mar march maart mrt",
    "avril avr apr april",
    "mai may mei",
    "juin jun june juni",
    "juillet juil jul july juli",
    "aout aou aug august augustus",
    "septembre sept sep september",
    "octobre oct october oktober okt",
    "novembre nov november",
    "decembre dec december",
)
MONTHS: Final[Mapping[str, int]] = {name: month for month, names in enumerate(_NAMES, 1) for name in names.split()}
"""Numbers of the months by their names and abbreviations in French, English and Dutch, folded."""
MONTH: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAYS: Final = {
    name: day
    for day, names in enumerate(
        (
            "lundi lun monday mon maandag",
            "mardi mar tuesday tue dinsdag",
            "mercredi mer wednesday wed woensdag",
            "jeudi jeu thursday thu donderdag",
            "vendredi ven friday fri vrijdag",
            "samedi sam saturday sat zaterdag",
            "dimanche dim sunday sun zondag",
        )
    )
    for name in names.split()
}
_WEEKDAY: Final = rf"(?:({'|'.join(_WEEKDAYS)}) (?:le )?)?"
_TIME: Final = r"(?:[T ]+((?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)(Z?))?"
_YEAR_FIRST: Final = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.ASCII)
_YEAR_LAST: Final = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.ASCII)
_SHORT_YEAR: Final = re.compile(rf"(\d{{1,2}})([/.])(\d{{1,2}})\2(\d{{2}}){_TIME}", re.ASCII)
_SERIAL: Final = re.compile(r"(\d{5})(?:[.,]\d+)?", re.ASCII)
_COMPACT: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_MIDNIGHT: Final = re.compile(r"0{1,2}:00(?::00(?:\.0+)?)?")
_DAY_THEN_MONTH: Final = re.compile(
    rf"{_WEEKDAY}(\d{{1,2}}) ?(?:er|st|nd|rd|th|e|ste|de)? ?(?:of )?({MONTH}) (\d{{4}}|\d{{2}})"
)
_MONTH_THEN_DAY: Final = re.compile(rf"{_WEEKDAY}({MONTH}) (\d{{1,2}}) ?(?:st|nd|rd|th)? (\d{{4}})")


def read_date(text: str) -> date | None:
    """Read a day, day first; a possible time is not looked at, unless a time zone could make it another day."""
    bare = text.strip(SPACES)
    if match := _YEAR_FIRST.fullmatch(bare):
        year, month, day = match[1], match[3], match[4]
    elif match := _YEAR_LAST.fullmatch(bare) or _SHORT_YEAR.fullmatch(bare):
        day, month, year = match[1], match[3], match[4]
    else:
        return _read_words(bare)
    if match[6] and not _MIDNIGHT.fullmatch(match[5]):
        return None
    return _day(year, month, day)


def read_month_first(text: str) -> date | None:
    """Return the day that figures mean to whoever writes the month first; nothing where they cannot."""
    bare = text.strip(SPACES)
    match = _YEAR_LAST.fullmatch(bare) or _SHORT_YEAR.fullmatch(bare)
    return _day(match[4], match[1], match[3]) if match else None


def read_serial(text: str) -> date | None:
    """Return the day that a spreadsheet numbers so, counting from 1900."""
    match = _SERIAL.fullmatch(text.strip(SPACES))
    return SERIAL_EPOCH + timedelta(days=int(match[1])) if match and int(match[1]) in SERIALS else None


def is_plain(text: str) -> bool:
    """Whether a day is written in full: nothing of it was dropped, no century added."""
    match = _YEAR_FIRST.fullmatch(text) or _YEAR_LAST.fullmatch(text)
    return bool(match and (match[5] is None or _MIDNIGHT.fullmatch(match[5])))


def propose_date(text: str) -> str | None:
    """Return the day an unreadable text most likely means, in ISO spelling: month first, or without separators."""
    found = read_month_first(text)
    if match := _COMPACT.fullmatch(text.strip(SPACES)):
        found = _day(*match.groups())
    return found.isoformat() if found else None


def _read_words(bare: str) -> date | None:
    words = spelled(bare) if len(bare) <= LONGEST else ""
    if match := _DAY_THEN_MONTH.fullmatch(words):
        weekday, day, month, year = match.groups()
    elif match := _MONTH_THEN_DAY.fullmatch(words):
        weekday, month, day, year = match.groups()
    else:
        return None
    found = _day(year, str(MONTHS[month]), day)
    # A name that is not that of the day makes the date a contradiction.
    return None if found and weekday and _WEEKDAYS[folded(weekday)] != found.weekday() else found


def _day(year: str, month: str, day: str) -> date | None:
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < PIVOT else 1900)
    try:
        return date(full, int(month), int(day)) if FIRST_YEAR <= full <= LAST_YEAR else None
    except ValueError:
        return None
