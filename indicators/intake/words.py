"""Cells that are neither numbers nor structures: absences, dates, periods, closed lists, official numbers."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from indicators.errors import UnknownError
from indicators.figures import Status
from indicators.intake.spelling import SPACES, folded
from indicators.periods import Period

ABSENCES: Final[Mapping[str, Status]] = {
    "nc": Status.MISSING,
    "nd": Status.MISSING,
    "n d": Status.MISSING,
    "n c": Status.MISSING,
    "non communique": Status.MISSING,
    "non disponible": Status.MISSING,
    "n a": Status.NOT_APPLICABLE,
    "na": Status.NOT_APPLICABLE,
    "so": Status.NOT_APPLICABLE,
    "s o": Status.NOT_APPLICABLE,
    "sans objet": Status.NOT_APPLICABLE,
}
"""What people write where there is no number, folded. A lone hyphen is an absence too."""

_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_QUARTER: Final = "(?:t|q|k|trimestre|trim|quarter|kwartaal)"
_PERIODS: Final = (
    (re.compile(rf"{_QUARTER} ?([1-4]) ?(\d{{4}})"), "{1}-T{0}"),
    (re.compile(rf"(\d{{4}}) ?{_QUARTER} ?([1-4])"), "{0}-T{1}"),
    (re.compile(rf"([1-4]) ?(?:er|e|eme|re|st|nd|rd|th)? ?{_QUARTER} ?(?:de )?(\d{{4}})"), "{1}-T{0}"),
    (re.compile(r"(?:s|h|semestre) ?([12]) ?(\d{4})"), "{1}-S{0}"),
    (re.compile(r"(\d{4}) ?(?:s|h) ?([12])"), "{0}-S{1}"),
    (re.compile(r"([12]) ?(?:er|e|eme|nd|st)? ?semestre ?(?:de )?(\d{4})"), "{1}-S{0}"),
    (re.compile(r"(?:annee )?(\d{4})()"), "{0}"),
    (re.compile(r"(?:annee scolaire )?(\d{4}) (\d{4})"), "{0}-{1}"),
)


def read_absence(text: str) -> Status | None:
    """Read NC, ND, s.o., N/A or a hyphen as the absence it means."""
    bare = text.strip(SPACES)
    if bare in {"-", "–", "—"}:
        return Status.MISSING
    # `#N/A` is a spreadsheet's error, not a person's N/A.
    return None if bare.startswith("#") else ABSENCES.get(folded(text))


def read_date(text: str) -> date | None:
    """Read an ISO date or a French one, day first."""
    bare = text.strip(SPACES)
    if match := _ISO_DATE.fullmatch(bare):
        year, month, day = map(int, match.groups())
    elif match := _DAY_FIRST.fullmatch(bare):
        day, month, year = map(int, match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_period(text: str) -> Period | None:
    """Read a period in any of its usual spellings."""
    try:
        return Period.parse(text.strip(SPACES))
    except UnknownError:
        pass
    for spelling, canonical in _PERIODS:
        if match := spelling.fullmatch(folded(text)):
            try:
                return Period.parse(canonical.format(*match.groups()))
            except UnknownError:
                return None
    return None


def digits_of(text: str) -> str:
    """Return an official number without what people write between its digits; letters other than `BE` remain."""
    return re.sub(rf"[{SPACES}.\-]", "", text.strip(SPACES)).upper().removeprefix("BE")
