"""Parsing of stated absences (NC, s.o.), of periods, and of the digits of official numbers."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from indicators.definitions.periods import Frequency, Period
from indicators.errors import UnknownError
from indicators.figures.figure import Status
from indicators.intake.cells.dates import MAX_DATE_CHARS, MONTH_PATTERN, MONTHS, parse_date
from indicators.intake.text_matching import SPACES, normalize_words

_MISSING: Final = (
    "nc", "n c", "nd", "n d", "nr", "n r", "nb", "n b", "non communique", "non disponible", "non determine",
    "non renseigne", "non transmis", "non connu", "inconnu", "pas disponible", "not available", "not reported",
    "not known", "unknown", "missing", "onbekend", "niet beschikbaar", "niet gekend", "niet meegedeeld",
)  # fmt: skip
_NOT_APPLICABLE: Final = (
    "na", "n a", "so", "s o", "sans objet", "non applicable", "non concerne", "pas concerne", "not applicable",
    "nvt", "n v t", "niet van toepassing",
)  # fmt: skip
ABSENCE_BY_WORDS: Final[Mapping[str, Status]] = dict.fromkeys(_MISSING, Status.MISSING) | dict.fromkeys(
    _NOT_APPLICABLE, Status.NOT_APPLICABLE
)
"""Stated absences in French, English and Dutch, folded. A single dash is an absence too."""
DASHES: Final = frozenset("-–—‐‑")
_ABSENCE_WORDS: Final = re.compile(r"[^\W\d_][^\W\d_ ./-]*(?:[ ./-]+[^\W\d_]+)*\.?")
"""Words, or letters separated by points or slashes."""

_ORDINALS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("1", "premier", "first", "eerste"), "1"),
    **dict.fromkeys(("2", "deuxieme", "second", "seconde", "tweede"), "2"),
    **dict.fromkeys(("3", "troisieme", "third", "derde"), "3"),
    **dict.fromkeys(("4", "quatrieme", "fourth", "vierde"), "4"),
}
_ORDINAL: Final = rf"({'|'.join(_ORDINALS)}) ?(?:er|ere|e|eme|nd|nde|re|st|rd|th|ste|de)?"
_QUARTER: Final = "(?:trimestres?|trim|tri|tr|quarter|qtr|kwartaal|kw|t|q|k)"
_HALF: Final = "(?:semestre|semester|sem|half year|half|halfjaar|s|h)"
_OF: Final = "(?:de l annee |de |of |van )?"
_SPAN: Final = "(?:a|au|to|through|until|tot|t m|tot en met)?"
_SHAPES: Final = tuple(
    (re.compile(shape), year, number, kind)
    for kind, part in (("T", _QUARTER), ("S", _HALF))
    for shape, year, number in (
        (rf"{part} ?(?:n )?([1-4]) ?{_OF}(\d{{4}})", 2, 1),
        (rf"(\d{{4}}) ?{part} ?([1-4])", 1, 2),
        (rf"{_ORDINAL} ?{part} ?{_OF}(\d{{4}})", 2, 1),
        (rf"(\d{{4}}) {_ORDINAL} ?{part}", 1, 2),
    )
)
"""Spellings of a quarter or a half year: group of the year, group of the number, letter in period codes."""
_YEAR: Final = re.compile(r"(?:annee |an |exercice |annee civile |year |jaar |calendar year )?(\d{4})")
_SCHOOL_YEAR: Final = re.compile(
    r"(?:annee scolaire |annee |exercice |school year |academic year |schooljaar )?(\d{4}) (?:a )?(\d{4}|\d{2})"
)
_FLOAT_YEAR: Final = re.compile(r"(\d{4})[.,]0+")
_SHORT_YEAR: Final = re.compile(r"(.*[a-z].*?) (\d{2})")
_MONTH_RANGES: Final = tuple(
    re.compile(rf"(?:de )?{shape}")
    for shape in (
        rf"(?P<first>{MONTH_PATTERN}) ?{_SPAN} (?P<last>{MONTH_PATTERN}) (?P<year>\d{{4}})",
        rf"(?P<first>{MONTH_PATTERN}) (?P<first_year>\d{{4}}) ?{_SPAN} (?P<last>{MONTH_PATTERN}) (?P<year>\d{{4}})",
        rf"(?P<first>\d{{1,2}}) (?P<first_year>\d{{4}}) ?{_SPAN} (?P<last>\d{{1,2}}) (?P<year>\d{{4}})",
        rf"(?P<first_year>\d{{4}}) (?P<first>\d{{2}}) ?{_SPAN} (?P<year>\d{{4}}) (?P<last>\d{{2}})",
    )
)
"""Spellings of a range of months: by name with one year or two, by number."""
_DAYS: Final = re.compile(r"(?:du )?(\S+) *(?: - | – | — |/|–| au | à | to | tot )[ ]*(\S+)")
_SINGLE_MONTH: Final = re.compile(rf"({MONTH_PATTERN}) (\d{{4}})")

_SEPARATOR: Final = f"[{SPACES}.\\-]*"
_OFFICIAL: Final = re.compile(rf"(?:BE{_SEPARATOR})?\d(?:{_SEPARATOR}\d)*", re.ASCII | re.IGNORECASE)
_FRENCH_VAT: Final = re.compile(
    rf"FR{_SEPARATOR}(\d{{2}}){_SEPARATOR}((?:\d{_SEPARATOR}){{8}}\d)", re.ASCII | re.IGNORECASE
)
_WITH_DECIMALS: Final = re.compile(r"(\d{8,14})[.,]0{1,2}", re.ASCII)


def parse_absence(text: str) -> Status | None:
    """Parse NC, ND, s.o., N/A or a dash as an absence; `None` for other texts."""
    stripped = text.strip(SPACES)
    if stripped in DASHES:
        return Status.MISSING
    if len(stripped) > MAX_DATE_CHARS or not _ABSENCE_WORDS.fullmatch(stripped):
        return None
    words = normalize_words(stripped)
    endings = ("", "s", "e", "es") if words.startswith("non ") else ("",)  # « non renseignés », « non concernée »
    return next(filter(None, (ABSENCE_BY_WORDS.get(words.removesuffix(ending)) for ending in endings)), None)


def parse_period(text: str) -> Period | None:
    """Parse a period in any usual spelling, or as a range of months or days that covers one."""
    stripped = text.strip(SPACES)
    if len(stripped) > MAX_DATE_CHARS or not re.search(r"\d\d", stripped, re.ASCII):
        return None
    for parse in (_parse_code, _parse_spelled, _parse_months, _parse_days):
        if period := parse(stripped):
            return period
    return None


def suggest_period(text: str) -> str | None:
    """Return the likely period of an unparsable text: the quarter of a day or month, or a two-digit year completed."""
    stripped = text.strip(SPACES)
    if len(stripped) > MAX_DATE_CHARS:
        return None
    day = parse_date(stripped)
    if match := _SINGLE_MONTH.fullmatch(normalize_words(stripped)):
        day = date(int(match[2]), MONTHS[match[1]], 1)
    if day is not None:
        return Period.containing(day, Frequency.QUARTER).code
    if match := _SHORT_YEAR.fullmatch(normalize_words(stripped)):
        period = parse_period(f"{match[1]} 20{match[2]}")
        return period.code if period else None
    return None


def digits_only(text: str) -> str | None:
    """Return the digits of an official number typed with separators; `None` if the text holds anything else.

    `BE` may come first; a French VAT number gives its SIREN, if its key is right; a `.0` added by an export is dropped.
    """
    stripped = text.strip(SPACES)
    if len(stripped) > MAX_DATE_CHARS:
        return None
    if match := _WITH_DECIMALS.fullmatch(stripped):
        return match[1]
    if match := _FRENCH_VAT.fullmatch(stripped):
        siren = re.sub(r"\D", "", match[2])
        return siren if int(match[1]) == (12 + 3 * (int(siren) % 97)) % 97 else None
    return re.sub(r"\D", "", stripped) if _OFFICIAL.fullmatch(stripped) else None


def _parse_code(code: str) -> Period | None:
    try:
        return Period.parse(code.upper())
    except UnknownError:
        return None


def _parse_spelled(stripped: str) -> Period | None:
    if match := _FLOAT_YEAR.fullmatch(stripped):
        return _parse_code(match[1])
    words = normalize_words(stripped)
    for shape, year, number, kind in _SHAPES:
        if match := shape.fullmatch(words):
            return _parse_code(f"{match[year]}-{kind}{_ORDINALS[match[number]]}")
    if match := _YEAR.fullmatch(words):
        return _parse_code(match[1])
    # « 2025,2026 » is a number, not two years.
    if not set(stripped) & set(".,:") and (match := _SCHOOL_YEAR.fullmatch(words)):
        first, second = match.groups()
        if len(second) == 4:
            return _parse_code(f"{first}-{second}")
        # « 2025-26 »; « 2011-12 » could be a December.
        return _parse_code(f"{first}-{first[:2]}{second}") if int(second) > 12 else None
    return None


def _parse_months(stripped: str) -> Period | None:
    """Parse a range of months as the period it covers exactly, if there is one."""
    words = normalize_words(stripped)
    match = next(filter(None, (shape.fullmatch(words) for shape in _MONTH_RANGES)), None)
    if match is None:
        return None
    parts = match.groupdict()
    first, last = (MONTHS.get(parts[end]) or int(parts[end]) for end in ("first", "last"))
    year = int(parts["year"])
    after = year * 12 + last
    try:
        starts = date(int(parts.get("first_year", year)), first, 1)
        return _period_between(starts, date(after // 12, after % 12 + 1, 1) - timedelta(days=1)) if last <= 12 else None
    except ValueError:
        return None


def _parse_days(stripped: str) -> Period | None:
    match = _DAYS.fullmatch(stripped)
    first, last = (parse_date(match[1]), parse_date(match[2])) if match else (None, None)
    return _period_between(first, last) if first and last else None


def _period_between(first: date, last: date) -> Period | None:
    periods = (Period.containing(first, frequency) for frequency in Frequency)
    return next((period for period in periods if (period.start, period.end) == (first, last)), None)
