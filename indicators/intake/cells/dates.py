"""Parsing of dates as people write them: ISO, day first, in words, or as a spreadsheet's serial number.

Day first is the rule in French, Dutch and British English; a date with the month first is proposed, never accepted.
A two-digit year, after slashes or points and in words, is read as spreadsheets do: up to 29 in this century.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from indicators.intake.text_matching import SPACES, fold, normalize_words

MAX_DATE_CHARS: Final = 60
"""Most characters of a date."""
MIN_YEAR: Final = 1800
MAX_YEAR: Final = 2199
PIVOT_YEAR: Final = 30
"""First two-digit year of the previous century."""
SERIAL_EPOCH: Final = date(1899, 12, 30)
"""Day 0 of spreadsheets, for days after the 29th of February 1900, which they count by mistake."""
SERIAL_RANGE: Final = range((date(1990, 1, 1) - SERIAL_EPOCH).days, (date(2101, 1, 1) - SERIAL_EPOCH).days)
"""Serial numbers accepted as dates in a date column: 1990 to 2100."""

_MONTH_NAMES: Final = (
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
MONTHS: Final[Mapping[str, int]] = {
    name: month for month, names in enumerate(_MONTH_NAMES, 1) for name in names.split()
}
"""Numbers of the months by their names and abbreviations in French, English and Dutch, folded."""
MONTH_PATTERN: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
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
    rf"{_WEEKDAY}(\d{{1,2}}) ?(?:er|st|nd|rd|th|e|ste|de)? ?(?:of )?({MONTH_PATTERN}) (\d{{4}}|\d{{2}})"
)
_MONTH_THEN_DAY: Final = re.compile(rf"{_WEEKDAY}({MONTH_PATTERN}) (\d{{1,2}}) ?(?:st|nd|rd|th)? (\d{{4}})")


def parse_date(text: str) -> date | None:
    """Parse a date, day first; a time is ignored, unless a time zone could shift the day."""
    stripped = text.strip(SPACES)
    if match := _YEAR_FIRST.fullmatch(stripped):
        year, month, day = match[1], match[3], match[4]
    elif match := _YEAR_LAST.fullmatch(stripped) or _SHORT_YEAR.fullmatch(stripped):
        day, month, year = match[1], match[3], match[4]
    else:
        return _parse_words(stripped)
    if match[6] and not _MIDNIGHT.fullmatch(match[5]):
        return None
    return _make_date(year, month, day)


def parse_month_first(text: str) -> date | None:
    """Parse a numeric date with the month first; `None` if it cannot be one."""
    stripped = text.strip(SPACES)
    match = _YEAR_LAST.fullmatch(stripped) or _SHORT_YEAR.fullmatch(stripped)
    return _make_date(match[4], match[1], match[3]) if match else None


def parse_serial(text: str) -> date | None:
    """Parse a spreadsheet's serial number (1900 date system) as a date."""
    match = _SERIAL.fullmatch(text.strip(SPACES))
    return SERIAL_EPOCH + timedelta(days=int(match[1])) if match and int(match[1]) in SERIAL_RANGE else None


def is_full_date(text: str) -> bool:
    """Whether a date is written in full: no time ignored, no century added."""
    match = _YEAR_FIRST.fullmatch(text) or _YEAR_LAST.fullmatch(text)
    return bool(match and (match[5] is None or _MIDNIGHT.fullmatch(match[5])))


def suggest_date(text: str) -> str | None:
    """Return the likely date of an unparsable text, as ISO: month first, or without separators."""
    day = parse_month_first(text)
    if match := _COMPACT.fullmatch(text.strip(SPACES)):
        day = _make_date(*match.groups())
    return day.isoformat() if day else None


def _parse_words(stripped: str) -> date | None:
    words = normalize_words(stripped) if len(stripped) <= MAX_DATE_CHARS else ""
    if match := _DAY_THEN_MONTH.fullmatch(words):
        weekday, day, month, year = match.groups()
    elif match := _MONTH_THEN_DAY.fullmatch(words):
        weekday, month, day, year = match.groups()
    else:
        return None
    parsed = _make_date(year, str(MONTHS[month]), day)
    # A wrong weekday name contradicts the date.
    return None if parsed and weekday and _WEEKDAYS[fold(weekday)] != parsed.weekday() else parsed


def _make_date(year: str, month: str, day: str) -> date | None:
    full_year = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < PIVOT_YEAR else 1900)
    try:
        return date(full_year, int(month), int(day)) if MIN_YEAR <= full_year <= MAX_YEAR else None
    except ValueError:
        return None
