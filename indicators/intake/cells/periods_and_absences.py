"""Cells that are neither numbers nor days nor names: absences, periods, official numbers."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from indicators.definitions.periods import Frequency, Period
from indicators.errors import UnknownError
from indicators.figures.figure import Status
from indicators.intake.cells.dates import LONGEST, MONTH, MONTHS, read_date
from indicators.intake.text_matching import SPACES, spelled

_MISSING: Final = (
    "nc", "n c", "nd", "n d", "nr", "n r", "nb", "n b", "non communique", "non disponible", "non determine",
    "non renseigne", "non transmis", "non connu", "inconnu", "pas disponible", "not available", "not reported",
    "not known", "unknown", "missing", "onbekend", "niet beschikbaar", "niet gekend", "niet meegedeeld",
)  # fmt: skip
_NOT_APPLICABLE: Final = (
    "na", "n a", "so", "s o", "sans objet", "non applicable", "non concerne", "pas concerne", "not applicable",
    "nvt", "n v t", "niet van toepassing",
)  # fmt: skip
ABSENCES: Final[Mapping[str, Status]] = dict.fromkeys(_MISSING, Status.MISSING) | dict.fromkeys(
    _NOT_APPLICABLE, Status.NOT_APPLICABLE
)
"""What people write where there is nothing, in French, English and Dutch, folded. A lone dash is an absence too."""
DASHES: Final = frozenset("-–—‐‑")
_ABSENCE: Final = re.compile(r"[^\W\d_][^\W\d_ ./-]*(?:[ ./-]+[^\W\d_]+)*\.?")
"""Words, or letters parted by points or slashes."""

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
"""Spellings of a quarter or a half year: where the year stands, where its number, its letter in our codes."""
_YEAR: Final = re.compile(r"(?:annee |an |exercice |annee civile |year |jaar |calendar year )?(\d{4})")
_SCHOOL_YEAR: Final = re.compile(
    r"(?:annee scolaire |annee |exercice |school year |academic year |schooljaar )?(\d{4}) (?:a )?(\d{4}|\d{2})"
)
_FLOAT_YEAR: Final = re.compile(r"(\d{4})[.,]0+")
_SHORT_YEAR: Final = re.compile(r"(.*[a-z].*?) (\d{2})")
_MONTHS_TOLD: Final = tuple(
    re.compile(rf"(?:de )?{shape}")
    for shape in (
        rf"(?P<first>{MONTH}) ?{_SPAN} (?P<last>{MONTH}) (?P<year>\d{{4}})",
        rf"(?P<first>{MONTH}) (?P<first_year>\d{{4}}) ?{_SPAN} (?P<last>{MONTH}) (?P<year>\d{{4}})",
        rf"(?P<first>\d{{1,2}}) (?P<first_year>\d{{4}}) ?{_SPAN} (?P<last>\d{{1,2}}) (?P<year>\d{{4}})",
        rf"(?P<first_year>\d{{4}}) (?P<first>\d{{2}}) ?{_SPAN} (?P<year>\d{{4}}) (?P<last>\d{{2}})",
    )
)
"""Spellings of the months from one to another: named, with one year or two, numbered."""
_DAYS: Final = re.compile(r"(?:du )?(\S+) *(?: - | – | — |/|–| au | à | to | tot )[ ]*(\S+)")
_MONTH_ALONE: Final = re.compile(rf"({MONTH}) (\d{{4}})")

_SEPARATOR: Final = f"[{SPACES}.\\-]*"
_OFFICIAL: Final = re.compile(rf"(?:BE{_SEPARATOR})?\d(?:{_SEPARATOR}\d)*", re.ASCII | re.IGNORECASE)
_FRENCH_VAT: Final = re.compile(
    rf"FR{_SEPARATOR}(\d{{2}}){_SEPARATOR}((?:\d{_SEPARATOR}){{8}}\d)", re.ASCII | re.IGNORECASE
)
_WITH_DECIMALS: Final = re.compile(r"(\d{8,14})[.,]0{1,2}", re.ASCII)


def read_absence(text: str) -> Status | None:
    """Read NC, ND, s.o., N/A or a dash as the absence it means."""
    bare = text.strip(SPACES)
    if bare in DASHES:
        return Status.MISSING
    if len(bare) > LONGEST or not _ABSENCE.fullmatch(bare):
        return None
    words = spelled(bare)
    endings = ("", "s", "e", "es") if words.startswith("non ") else ("",)  # « non renseignés », « non concernée »
    return next(filter(None, (ABSENCES.get(words.removesuffix(ending)) for ending in endings)), None)


def read_period(text: str) -> Period | None:
    """Read a period in any of its usual spellings; months or days from one to another if they make a period."""
    bare = text.strip(SPACES)
    if len(bare) > LONGEST or not re.search(r"\d\d", bare, re.ASCII):
        return None
    for read in (_read_code, _read_spelled, _read_months, _read_days):
        if found := read(bare):
            return found
    return None


def propose_period(text: str) -> str | None:
    """Return the period that an unreadable text most likely means: the quarter of a day or a month, a short year."""
    bare = text.strip(SPACES)
    if len(bare) > LONGEST:
        return None
    day = read_date(bare)
    if match := _MONTH_ALONE.fullmatch(spelled(bare)):
        day = date(int(match[2]), MONTHS[match[1]], 1)
    if day is not None:
        return Period.containing(day, Frequency.QUARTER).code
    if match := _SHORT_YEAR.fullmatch(spelled(bare)):
        found = read_period(f"{match[1]} 20{match[2]}")
        return found.code if found else None
    return None


def digits_of(text: str) -> str | None:
    """Return an official number without what people write between its digits; nothing if it holds anything else.

    `BE` may stand before it; a French VAT number is that of its SIREN, if its key is right; `.0` is what an export
    adds to a number.
    """
    bare = text.strip(SPACES)
    if len(bare) > LONGEST:
        return None
    if match := _WITH_DECIMALS.fullmatch(bare):
        return match[1]
    if match := _FRENCH_VAT.fullmatch(bare):
        siren = re.sub(r"\D", "", match[2])
        return siren if int(match[1]) == (12 + 3 * (int(siren) % 97)) % 97 else None
    return re.sub(r"\D", "", bare) if _OFFICIAL.fullmatch(bare) else None


def _read_code(code: str) -> Period | None:
    try:
        return Period.parse(code.upper())
    except UnknownError:
        return None


def _read_spelled(bare: str) -> Period | None:
    if match := _FLOAT_YEAR.fullmatch(bare):
        return _read_code(match[1])
    words = spelled(bare)
    for shape, year, number, kind in _SHAPES:
        if match := shape.fullmatch(words):
            return _read_code(f"{match[year]}-{kind}{_ORDINALS[match[number]]}")
    if match := _YEAR.fullmatch(words):
        return _read_code(match[1])
    # « 2025,2026 » is a number, not two years.
    if not set(bare) & set(".,:") and (match := _SCHOOL_YEAR.fullmatch(words)):
        first, second = match.groups()
        if len(second) == 4:
            return _read_code(f"{first}-{second}")
        # « 2025-26 »; « 2011-12 » could be a December.
        return _read_code(f"{first}-{first[:2]}{second}") if int(second) > 12 else None
    return None


def _read_months(bare: str) -> Period | None:
    """Read the period that goes from the first day of a month to the last of another, if there is one."""
    words = spelled(bare)
    match = next(filter(None, (shape.fullmatch(words) for shape in _MONTHS_TOLD)), None)
    if match is None:
        return None
    told = match.groupdict()
    first, last = (MONTHS.get(told[end]) or int(told[end]) for end in ("first", "last"))
    year = int(told["year"])
    after = year * 12 + last
    try:
        starts = date(int(told.get("first_year", year)), first, 1)
        return _between(starts, date(after // 12, after % 12 + 1, 1) - timedelta(days=1)) if last <= 12 else None
    except ValueError:
        return None


def _read_days(bare: str) -> Period | None:
    match = _DAYS.fullmatch(bare)
    first, last = (read_date(match[1]), read_date(match[2])) if match else (None, None)
    return _between(first, last) if first and last else None


def _between(first: date, last: date) -> Period | None:
    periods = (Period.containing(first, frequency) for frequency in Frequency)
    return next((period for period in periods if (period.start, period.end) == (first, last)), None)
