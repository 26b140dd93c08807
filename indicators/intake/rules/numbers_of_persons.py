"""Numbers and addresses by which a person is known or reached: register numbers, mail, telephone."""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from schemas.identifiers import is_bce, is_belgian_national_number, is_nir

COARSE: Final = r"@|\d(?:[\s./()\x{A0}\x{202F}\x{2009}-]{0,3}[\dABab]){8}"
"""What a mail address, a register number or a telephone number has at least: a sign, or nine digits close together."""
_MAIL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_SPACE: Final = "[ .\\-/\u00a0\u202f\u2009]"
_NIR: Final = re.compile(
    rf"(?<![\w.,+-])[1-478]{_SPACE}?\d{{2}}{_SPACE}?\d{{2}}{_SPACE}?(?:\d{{2}}|2[ABab]){_SPACE}?\d{{3}}{_SPACE}?\d{{3}}"
    rf"(?:{_SPACE}{{0,3}}|{_SPACE}?\(?cl[ée]f?\s*:?\s*)\d{{2}}(?![\w]|[.,]\d)"
)
_NATIONAL: Final = re.compile(
    rf"(?<![\w,+-])(?<!\d\.)\d{{2}}{_SPACE}?\d{{2}}{_SPACE}?\d{{2}}{_SPACE}?\d{{3}}{_SPACE}?\d{{2}}(?![\w]|[.,]\d)"
)
_BETWEEN: Final = "[ .\\-/\u00a0\u202f\u2009]{0,2}"
_COUNTRY: Final = r"(?:\+|\b00)\s?(?:33|32|31|352|49|44|41|39|34|351|40|48|212|213|216)"
_PHONE: Final = re.compile(
    rf"(?<![\w,+])(?<!\d[.\-/ ])(?:"
    rf"0[1-9](?:{_BETWEEN}\d{{2}}){{4}}"  # 06 12 34 56 78, 0612345678
    rf"|0\d{{3}}[ ./-]\d{{2}}{_BETWEEN}\d{{2}}{_BETWEEN}\d{{2}}"  # 0470/12.34.56
    rf"|0\d[ ./-]\d{{3}}{_BETWEEN}\d{{2}}{_BETWEEN}\d{{2}}|0\d{{2}}[ ./-]\d{{2}}{_BETWEEN}\d{{2}}{_BETWEEN}\d{{2}}"
    rf")(?!\w|[ .\-/]?\d)"
    rf"|(?<![\w,]){_COUNTRY}{_BETWEEN}(?:\(0\){_BETWEEN})?\d(?:{_BETWEEN}\d){{7,9}}(?!\w|[ .\-/]?\d)"
)
_NO_DIGITS: Final = re.compile(r"\D+")

Test: TypeAlias = Callable[[str], bool]


def has_mail(text: str) -> bool:
    """Whether a text holds a mail address."""
    return "@" in text and _MAIL.search(text) is not None


def register_number(*, parted: bool = False) -> Test:
    """Return whether a text holds a register number of a person, by its check digits.

    A Belgian one must be `parted` as people part it, where its plain digits may be anything.
    """

    def holds(text: str) -> bool:
        if any(is_nir(_bare(found[0])) for found in _NIR.finditer(text)):
            return True
        numbers = [found[0] for found in _NATIONAL.finditer(text) if not parted or _is_parted(found[0])]
        return any(is_belgian_national_number(_NO_DIGITS.sub("", number)) for number in numbers)

    return holds


def phone_number(*, parted: bool = False) -> Test:
    """Return whether a text holds a telephone number; an enterprise number is none, however like one it looks.

    It must be `parted` as people part it, where its plain digits may be anything.
    """

    def holds(text: str) -> bool:
        return any(
            _is_parted(found[0]) if parted else not _is_of_an_enterprise(found[0]) for found in _PHONE.finditer(text)
        )

    return holds


def _is_parted(number: str) -> bool:
    return number.startswith("+") or len(_NO_DIGITS.findall(number)) > 1


def _is_of_an_enterprise(number: str) -> bool:
    return len(_NO_DIGITS.findall(number)) < 3 and is_bce(_NO_DIGITS.sub("", number))


def _bare(number: str) -> str:
    """Return the digits of a French register number, and the letter of Corsica."""
    return re.sub(r"CL[ÉE]F?|[^0-9AB]", "", number.upper())
