"""Grammar of the numbers that people type in French and in English; unparsable input is rejected, never truncated.

A number is a sign, digits, decimals after a comma or a point, and at most one unit. Thousands are separated by spaces,
by apostrophes, or by the mark that does not begin the decimals: in threes from the right, or not at all. `,5` is
accepted, as databases export it. `12,` is not: its decimals may have been cut off. Accounting's `(5)` is not either.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from indicators.intake.cells.dates import MONTH_PATTERN, MONTHS, SERIAL_EPOCH, parse_date
from indicators.intake.text_matching import INVISIBLE_END_CHARS, SPACES, fold

MAX_NUMBER_CHARS: Final = 60
"""Most characters of a number."""
MAX_WHOLE_DIGITS: Final = 15
"""Most digits of a whole part that a number can represent exactly."""

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
"""Units that may be typed with a number, by their name in the grammar."""

_SPREADSHEET_ERROR: Final = re.compile(
    r"#(?:DIV/0|DEEL/0|REF|VERW|NAME|NOM|NAAM|VALUE|VALEUR|WAARDE|NUM|NOMBRE|GETAL|NULL|NUL|LEEG|SPILL|PROPAGATION"
    r"|EPARS|ÉPARS|OVERLOOP|CALC|BEREKENEN|FIELD|CHAMP|VELD|BLOCKED|BLOQU[EÉ]|GEBLOKKEERD|CONNECT|CONNEXION"
    r"|VERBINDEN|BUSY|OCCUP[EÉ]|BEZET|UNKNOWN|INCONNU|ONBEKEND|PYTHON|MACRO)[ \u00a0]?[!?]"
    r"|#N/A[!?]?|#N/[BD]|#GETTING_DATA|#CHARGEMENT_DONNEES|#{2,}|(?:Err|Erreur|Error|Fout)[ \u00a0]?:[ \u00a0]?\d{3}",
    re.IGNORECASE,
)
"""Error values of Excel and LibreOffice in French, English and Dutch, and what they show for a column too narrow."""
_ERROR_STARTS: Final = frozenset("#EeFf")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as typed: its value, how many decimals it shows, and the unit written with it (`%`, `h`, `€`)."""

    value: float
    decimals: int
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class NotNumber:
    """Why a text is not a number: the code of the finding, and the suggested spellings."""

    code: str
    suggestion: str | None = None


def parse_number(text: str, *, mark_is_decimal: bool = False) -> Number | NotNumber:
    """Parse one number with its unit, from the entire text.

    With `mark_is_decimal`, a mark before three digits begins decimals; otherwise it is ambiguous (C04).
    """
    stripped = text.strip(SPACES)
    if len(stripped) > MAX_NUMBER_CHARS:
        return NotNumber("C03")
    parsed = _parse_unitless(stripped, mark_is_decimal=mark_is_decimal)
    if isinstance(parsed, Number) or parsed.code != "C03":
        return parsed
    if is_spreadsheet_error(stripped):
        return NotNumber("C14")
    return NotNumber("C15") if stripped.startswith("=") else _parse_with_unit(stripped, mark_is_decimal=mark_is_decimal)


def is_spreadsheet_error(stripped: str) -> bool:
    """Whether a text is an error value of a spreadsheet."""
    return stripped[:1] in _ERROR_STARTS and _SPREADSHEET_ERROR.fullmatch(stripped) is not None


def _parse_unitless(stripped: str, *, mark_is_decimal: bool = False) -> Number | NotNumber:
    """Parse a number without a unit."""
    if not mark_is_decimal and _ONE_GROUP.fullmatch(stripped):
        thousand = stripped.replace(".", "").replace(",", "")
        return NotNumber("C04", f"{thousand} / {stripped.replace('.', ',')}0")
    for grammar in _GRAMMAR:
        if match := grammar.fullmatch(stripped):
            return _make_number(match[1], match[2], match[3] or "")
    return NotNumber("C03")


def _make_number(sign: str, whole_part: str, decimals: str) -> Number | NotNumber:
    digits = re.sub(r"\D", "", whole_part)
    if len(digits.lstrip("0")) > MAX_WHOLE_DIGITS:
        return NotNumber("C03")
    value = float(f"{digits or 0}.{decimals or 0}")
    return Number(-value if sign in {"-", "\u2212"} else value, len(decimals))


def _parse_with_unit(stripped: str, *, mark_is_decimal: bool = False) -> Number | NotNumber:
    """Parse a number with a unit before or after it."""
    if match := _HOURS_AND_MINUTES.fullmatch(stripped):
        return _make_hours(match[1], int(match[2]), int(match[3]))
    if match := _EURO_BEFORE.fullmatch(stripped):
        return _attach_unit(match[1] + match[2], "€", mark_is_decimal=mark_is_decimal)
    match = _UNIT_AFTER.fullmatch(stripped)
    return (
        _attach_unit(match[1], UNITS[match.lastgroup or ""], mark_is_decimal=mark_is_decimal)
        if match
        else NotNumber("C03")
    )


def _attach_unit(stripped: str, unit: str, *, mark_is_decimal: bool) -> Number | NotNumber:
    parsed = _parse_unitless(stripped, mark_is_decimal=mark_is_decimal)
    return Number(parsed.value, parsed.decimals, unit) if isinstance(parsed, Number) else parsed


def _make_hours(sign: str, hours: int, minutes: int) -> Number:
    """Convert hours and minutes to hours, with the decimals needed (two where they never end)."""
    value = hours + minutes / 60
    decimals = 0 if minutes == 0 else 1 if minutes % 6 == 0 else 2
    return Number(-value if sign in {"-", "\u2212"} else value, decimals, "h")


_DAY_AND_MONTH: Final = re.compile(rf"(\d{{1,2}}) ?({MONTH_PATTERN})(?: (?:\d{{4}}|\d{{2}}))?", re.ASCII)
_MONTH_THEN_FIGURES: Final = re.compile(rf"({MONTH_PATTERN}) ?(\d{{2}})", re.ASCII)
_DAY_SLASH_MONTH: Final = re.compile(r"(\d{1,2})[/-](\d{1,2})", re.ASCII)
LEAP_YEAR: Final = 2028
"""A leap year: every day of every month exists."""
FIRST_MARCH: Final = date(1900, 3, 1)
"""Before it, serial numbers are one less, as spreadsheets count a 29th of February 1900."""
MAX_NUMBER_WEEKS: Final = 1_500
"""Weeks after 1900 in which a date is a number shown as one: depositors have no data from then."""
_LOOKALIKES: Final = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "–": "-", "—": "-", "‐": "-", "‑": "-"})
_WITH_COUNTED_WORD: Final = re.compile(
    r"(.*\d) ?(?:personnes?|pers\.?|salari[ée]e?s?|ETP|FTE|mois|people|jours?|personen)", re.IGNORECASE
)
_IN_WORDS: Final = {"zero": "0", "zéro": "0", "aucun": "0", "aucune": "0", "none": "0", "nul": "0", "geen": "0"}


def number_behind_date(text: str) -> str | None:
    """Return the number that a spreadsheet likely converted to the date in a cell; `None` if the text is not a date.

    « 25.5 » typed where decimals take a comma becomes the 25th of May, « 5.25 » May 2025, and a cell with a date format
    shows 33 as the 2nd of February 1900.
    """
    stripped = text.strip(SPACES + INVISIBLE_END_CHARS)
    if not stripped or len(stripped) > MAX_NUMBER_CHARS:
        return None
    words = fold(stripped)
    if match := _MONTH_THEN_FIGURES.fullmatch(words):
        return f"{MONTHS[match[1]]},{match[2]}"
    match = _DAY_AND_MONTH.fullmatch(words)
    day = parse_date(f"{match[1]} {match[2]} {LEAP_YEAR}") if match else None
    if day is None and (match := _DAY_SLASH_MONTH.fullmatch(stripped)):
        day = parse_date(f"{match[1]}/{match[2]}/{LEAP_YEAR}")
    if day is None:
        day = parse_date(stripped)
        if day is not None and day < FIRST_MARCH + timedelta(weeks=MAX_NUMBER_WEEKS):
            return str((day - SERIAL_EPOCH).days - (day < FIRST_MARCH))
    return f"{day.day},{day.month}" if day else None


def suggest_number(text: str) -> str | None:
    """Return the likely number of an unparsable text: a letter for a digit, a double space, a word after it.

    It is suggested to the depositor, never applied.
    """
    if number := number_behind_date(text):
        return number
    stripped = re.sub(f"[{SPACES}]+", " ", text.strip(SPACES + INVISIBLE_END_CHARS))
    if set(stripped) & set("\r\n"):
        return None  # two lines are two numbers
    if stripped.lower() in _IN_WORDS:
        return _IN_WORDS[stripped.lower()]
    if len(stripped) > MAX_NUMBER_CHARS or not re.search(r"\d", stripped, re.ASCII):
        return None
    visible = re.sub(f"[{INVISIBLE_END_CHARS}\u00ad]", "", stripped)
    with_word = _WITH_COUNTED_WORD.fullmatch(visible)
    for candidate in (
        visible,
        visible.translate(_LOOKALIKES),
        re.sub(r"^([-–—\u2212]) ", "-", visible),
        re.sub(r"[.,]$", "", visible),
        with_word[1] if with_word else "",
    ):
        if candidate and candidate != text and isinstance(parse_number(candidate), Number):
            return candidate
    return None
