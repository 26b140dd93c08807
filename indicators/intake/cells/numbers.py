"""A full grammar of the numbers people type in French and in English; nothing is read by dropping what does not fit.

A number is a sign, digits, decimals after a comma or a point, and at most one unit. Thousands are parted by spaces,
by apostrophes, or by the mark that does not part the decimals: in threes from the right, or not at all. `,5` is read
as the exports of databases mean it. `12,` is not: its decimals may have been cut off. Accounting's `(5)` is not either.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from indicators.intake.cells.dates import MONTH, MONTHS, SERIAL_EPOCH, read_date
from indicators.intake.text_matching import SPACES, UNSEEN, folded

LONGEST: Final = 60
"""Characters above which a text is no number, whatever it holds."""
WHOLE_DIGITS: Final = 15
"""Digits of a whole part above which a number could not be kept exactly."""

_SPACE: Final = "[\u00a0\u2007\u2009\u202f ]"
_SIGN: Final = "([-+\u2212]?)"
_PLAIN: Final = re.compile(rf"{_SIGN}(\d+)(?:[.,](\d+))?", re.ASCII)
_BELOW_ONE: Final = re.compile(rf"{_SIGN}()[.,](\d+)", re.ASCII)
_SPACED: Final = re.compile(rf"{_SIGN}(\d{{1,3}}(?:{_SPACE}\d{{3}})+)(?:[.,](\d+))?", re.ASCII)
_SWISS: Final = re.compile(rf"{_SIGN}(\d{{1,3}}(?:['’]\d{{3}})+)(?:[.,](\d+))?", re.ASCII)
_POINTED: Final = re.compile(rf"{_SIGN}(\d{{1,3}}(?:\.\d{{3}})+),(\d+)", re.ASCII)
_COMMAED: Final = re.compile(rf"{_SIGN}(\d{{1,3}}(?:,\d{{3}})+)\.(\d+)", re.ASCII)
_MANY_GROUPS: Final = re.compile(rf"{_SIGN}(\d{{1,3}}(?:(?:\.\d{{3}}){{2,}}|(?:,\d{{3}}){{2,}}))()", re.ASCII)
_ONE_GROUP: Final = re.compile(r"[-+\u2212]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
"""`1.200` and `1,200`: a thousand and two hundred, or one and two tenths."""
_GRAMMAR: Final = (_PLAIN, _BELOW_ONE, _SPACED, _SWISS, _POINTED, _COMMAED, _MANY_GROUPS)

_HOURS_AND_MINUTES: Final = re.compile(
    rf"{_SIGN}(\d{{1,6}}){_SPACE}?[hu]{_SPACE}?([0-5]\d)(?:{_SPACE}?(?:min|mn))?", re.ASCII | re.IGNORECASE
)
_EURO_BEFORE: Final = re.compile(rf"([-\u2212]?)(?:€|EUR){_SPACE}?([^A-Z€]+)", re.IGNORECASE)
_UNIT_AFTER: Final = re.compile(
    rf"([^A-Z%€]*\d){_SPACE}*(?:(?P<percent>%|pour ?cent|percent|procent)"
    r"|(?P<hours>h\.?|hrs?|heures?|hours?|uur|uren|u)|(?P<euros>€|EUR|euros?))",
    re.IGNORECASE,
)
UNITS: Final = {"percent": "%", "hours": "h", "euros": "€"}
"""Units that may stand with a number, as they are told."""

_SPREADSHEET_ERROR: Final = re.compile(
    r"#(?:DIV/0|DEEL/0|REF|VERW|NAME|NOM|NAAM|VALUE|VALEUR|WAARDE|NUM|NOMBRE|GETAL|NULL|NUL|LEEG|SPILL|PROPAGATION"
    r"|EPARS|ÉPARS|OVERLOOP|CALC|BEREKENEN|FIELD|CHAMP|VELD|BLOCKED|BLOQU[EÉ]|GEBLOKKEERD|CONNECT|CONNEXION"
    r"|VERBINDEN|BUSY|OCCUP[EÉ]|BEZET|UNKNOWN|INCONNU|ONBEKEND|PYTHON|MACRO)[ \u00a0]?[!?]"
    r"|#N/A[!?]?|#N/[BD]|#GETTING_DATA|#CHARGEMENT_DONNEES|#{2,}|(?:Err|Erreur|Error|Fout)[ \u00a0]?:[ \u00a0]?\d{3}",
    re.IGNORECASE,
)
"""What Excel and LibreOffice write, in French, English and Dutch, where they could not calculate or not show."""
_ERROR_STARTS: Final = frozenset("#EeFf")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as typed: its value, how many decimals it shows, and the unit written with it (`%`, `h`, `€`)."""

    value: float
    decimals: int
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class NotNumber:
    """Why a text is not a number: a finding's code, with the spellings it could mean."""

    code: str
    suggestion: str | None = None


def read_number(text: str, *, decimals: bool = False) -> Number | NotNumber:
    """Read one number with its unit: all of the text, or none of it.

    Where it is known that a mark before three digits begins `decimals`, it is read so.
    """
    bare = text.strip(SPACES)
    if len(bare) > LONGEST:
        return NotNumber("C03")
    found = _read_bare(bare, decimals=decimals)
    if isinstance(found, Number) or found.code != "C03":
        return found
    if is_spreadsheet_error(bare):
        return NotNumber("C14")
    return NotNumber("C15") if bare.startswith("=") else _with_unit(bare, decimals=decimals)


def is_spreadsheet_error(bare: str) -> bool:
    """Whether a text is what a spreadsheet writes for a value it does not have."""
    return bare[:1] in _ERROR_STARTS and _SPREADSHEET_ERROR.fullmatch(bare) is not None


def _read_bare(bare: str, *, decimals: bool = False) -> Number | NotNumber:
    """Read a number without a unit."""
    if not decimals and _ONE_GROUP.fullmatch(bare):
        thousand = bare.replace(".", "").replace(",", "")
        return NotNumber("C04", f"{thousand} / {bare.replace('.', ',')}0")
    for grammar in _GRAMMAR:
        if match := grammar.fullmatch(bare):
            return _number(match[1], match[2], match[3] or "")
    return NotNumber("C03")


def _number(sign: str, whole: str, decimals: str) -> Number | NotNumber:
    digits = re.sub(r"\D", "", whole)
    if len(digits.lstrip("0")) > WHOLE_DIGITS:
        return NotNumber("C03")
    value = float(f"{digits or 0}.{decimals or 0}")
    return Number(-value if sign in {"-", "\u2212"} else value, len(decimals))


def _with_unit(bare: str, *, decimals: bool = False) -> Number | NotNumber:
    """Read a number that a unit precedes or follows."""
    if match := _HOURS_AND_MINUTES.fullmatch(bare):
        return _hours(match[1], int(match[2]), int(match[3]))
    if match := _EURO_BEFORE.fullmatch(bare):
        return _in_unit(match[1] + match[2], "€", decimals=decimals)
    match = _UNIT_AFTER.fullmatch(bare)
    return _in_unit(match[1], UNITS[match.lastgroup or ""], decimals=decimals) if match else NotNumber("C03")


def _in_unit(bare: str, unit: str, *, decimals: bool) -> Number | NotNumber:
    found = _read_bare(bare, decimals=decimals)
    return Number(found.value, found.decimals, unit) if isinstance(found, Number) else found


def _hours(sign: str, hours: int, minutes: int) -> Number:
    """Count minutes as parts of an hour, with the decimals that takes (two where it never ends)."""
    value = hours + minutes / 60
    decimals = 0 if minutes == 0 else 1 if minutes % 6 == 0 else 2
    return Number(-value if sign in {"-", "\u2212"} else value, decimals, "h")


_DAY_AND_MONTH: Final = re.compile(rf"(\d{{1,2}}) ?({MONTH})(?: (?:\d{{4}}|\d{{2}}))?", re.ASCII)
_MONTH_THEN_FIGURES: Final = re.compile(rf"({MONTH}) ?(\d{{2}})", re.ASCII)
_DAY_SLASH_MONTH: Final = re.compile(r"(\d{1,2})[/-](\d{1,2})", re.ASCII)
LEAP_YEAR: Final = 2028
"""A year in which every day of a month may be."""
FIRST_MARCH: Final = date(1900, 3, 1)
"""Before it, spreadsheets number days by one less, as they invented a 29th of February 1900."""
MOST_WEEKS: Final = 1_500
"""Weeks after 1900 in which a date is a number shown as one: nobody types figures of that time."""
_LOOKALIKES: Final = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "–": "-", "—": "-", "‐": "-", "‑": "-"})
_COUNTED: Final = re.compile(
    r"(.*\d) ?(?:personnes?|pers\.?|salari[ée]e?s?|ETP|FTE|mois|people|jours?|personen)", re.IGNORECASE
)
_IN_WORDS: Final = {"zero": "0", "zéro": "0", "aucun": "0", "aucune": "0", "none": "0", "nul": "0", "geen": "0"}


def number_made_a_date(text: str) -> str | None:
    """Return the number that a spreadsheet most likely turned into the date that a cell shows; nothing for no date.

    « 25.5 » typed where the mark is a comma becomes the 25th of May, « 5.25 » May 2025, and a cell with the format of a
    date shows 33 as the 2nd of February 1900.
    """
    bare = text.strip(SPACES + UNSEEN)
    if not bare or len(bare) > LONGEST:
        return None
    words = folded(bare)
    if match := _MONTH_THEN_FIGURES.fullmatch(words):
        return f"{MONTHS[match[1]]},{match[2]}"
    match = _DAY_AND_MONTH.fullmatch(words)
    day = read_date(f"{match[1]} {match[2]} {LEAP_YEAR}") if match else None
    if day is None and (match := _DAY_SLASH_MONTH.fullmatch(bare)):
        day = read_date(f"{match[1]}/{match[2]}/{LEAP_YEAR}")
    if day is None:
        day = read_date(bare)
        if day is not None and day < FIRST_MARCH + timedelta(weeks=MOST_WEEKS):
            return str((day - SERIAL_EPOCH).days - (day < FIRST_MARCH))
    return f"{day.day},{day.month}" if day else None


def propose_number(text: str) -> str | None:
    """Return what an unreadable number most likely is: a letter for a digit, a double space, a word after it.

    It is proposed to the person, never read.
    """
    if made := number_made_a_date(text):
        return made
    bare = re.sub(f"[{SPACES}]+", " ", text.strip(SPACES + UNSEEN))
    if set(bare) & set("\r\n"):
        return None  # two lines are two numbers
    if bare.lower() in _IN_WORDS:
        return _IN_WORDS[bare.lower()]
    if len(bare) > LONGEST or not re.search(r"\d", bare, re.ASCII):
        return None
    seen = re.sub(f"[{UNSEEN}\u00ad]", "", bare)
    counted = _COUNTED.fullmatch(seen)
    for candidate in (
        seen,
        seen.translate(_LOOKALIKES),
        re.sub(r"^([-–—\u2212]) ", "-", seen),
        re.sub(r"[.,]$", "", seen),
        counted[1] if counted else "",
    ):
        if candidate and candidate != text and isinstance(read_number(candidate), Number):
            return candidate
    return None
