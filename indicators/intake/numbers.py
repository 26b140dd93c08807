"""A full grammar of the numbers people type in French and in English; nothing is read by dropping what does not fit."""

import re
from dataclasses import dataclass
from typing import Final

from indicators.intake.spelling import SPACES

_SPACE: Final = "[\u00a0\u2007\u2009\u202f ]"
PLAIN: Final = re.compile(r"([-+\u2212]?)(\d+)(?:[.,](\d+))?", re.ASCII)
SPACED: Final = re.compile(rf"([-+\u2212]?)(\d{{1,3}}(?:{_SPACE}\d{{3}})+)(?:[.,](\d+))?", re.ASCII)
GROUPED: Final = re.compile(
    r"([-+\u2212]?)(\d{1,3}(?:\.\d{3})+),(\d+)|([-+\u2212]?)(\d{1,3}(?:,\d{3})+)\.(\d+)", re.ASCII
)
MANY_GROUPS: Final = re.compile(r"([-+\u2212]?)(\d{1,3}(?:(?:\.\d{3}){2,}|(?:,\d{3}){2,}))", re.ASCII)
ONE_GROUP: Final = re.compile(r"[-+\u2212]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
"""`1.200` and `1,200`: a thousand and two hundred, or one and two tenths."""
SPREADSHEET_ERROR: Final = re.compile(
    r"#(DIV/0!|REF!|N/?A!?|NAME\?|NOM\?|VALUE!|VALEUR!|NUM!|NOMBRE!|NULL!|NUL!|SPILL!|CALC!)", re.IGNORECASE
)


@dataclass(frozen=True)
class Number:
    """A number as typed: its value, how many decimals it shows, whether a percent sign followed it."""

    value: float
    decimals: int
    percent: bool = False


@dataclass(frozen=True)
class NotNumber:
    """Why a text is not a number: a finding's code, with the spellings it could mean."""

    code: str
    suggestion: str | None = None


def read_number(text: str) -> Number | NotNumber:
    """Read one number, decimal comma or point, thousands parted by any space or by the other mark."""
    bare = text.strip(SPACES)
    percent = bare.endswith("%")
    if percent:
        bare = bare[:-1].rstrip(SPACES)
    if SPREADSHEET_ERROR.fullmatch(bare):
        return NotNumber("C14")
    if ONE_GROUP.fullmatch(bare):
        thousand = bare.replace(".", "").replace(",", "")
        return NotNumber("C04", f"{thousand} / {bare.replace('.', ',')}0")
    for grammar in (PLAIN, SPACED, MANY_GROUPS):
        if match := grammar.fullmatch(bare):
            decimals = match[3] if match.re.groups > 2 else None
            return _number(match[1], match[2], decimals, percent)
    if match := GROUPED.fullmatch(bare):
        sign, whole, decimals = [group for group in match.groups() if group is not None]
        return _number(sign, whole, decimals, percent)
    return NotNumber("C03")


def _number(sign: str, whole: str, decimals: str | None, percent: bool) -> Number:
    digits = re.sub(r"\D", "", whole)
    value = float(f"{digits}.{decimals or 0}")
    return Number(-value if sign in {"-", "\u2212"} else value, len(decimals or ""), percent)
