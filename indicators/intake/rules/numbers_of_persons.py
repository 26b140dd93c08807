"""Numbers and addresses by which a person is known or reached: register numbers, mail, telephone."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final, TypeAlias

from schemas.identifiers import is_bce, is_belgian_national_number, is_nir

COARSE: Final = r"@|\d(?:[\s./()\x{A0}\x{202F}\x{2009}\x{2010}-\x{2015}-]{0,3}[\dABab]){8}"
"""What a mail address, a register number or a telephone number has at least: a sign, or nine digits close together."""
_MAIL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}(?:(?<!\d)\s)?@\s?(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,}")
_MAIL_IN_WORDS: Final = re.compile(
    r"(?i)[\w.-]{1,64}\s?(?:@|[(\[]\s?(?:at|arobase)\s?[)\]]|\barobase\b)\s?[\w-]{1,63}\.[^\W\d_]{2}"
)
"""An address as people write it who fear machines: looked for where a title announces addresses."""
_SPACE: Final = "[ .\\-/\u00a0\u202f\u2009]"
_NIR: Final = re.compile(
    rf"(?<![\w.,+-])[1-478]{_SPACE}?\d{{2}}{_SPACE}?\d{{2}}{_SPACE}?(?:\d{{2}}|2[ABab]){_SPACE}?\d{{3}}{_SPACE}?\d{{3}}"
    rf"(?:{_SPACE}{{0,3}}|{_SPACE}?\(?cl[ée]f?\s*:?\s*)\d{{2}}(?![\w]|[.,]\d)"
)
_NATIONAL: Final = re.compile(
    rf"(?<![\w,+-])(?<!\d\.)\d{{2}}{_SPACE}?\d{{2}}{_SPACE}?\d{{2}}{_SPACE}?\d{{3}}{_SPACE}?\d{{2}}(?![\w]|[.,]\d)"
)
_BETWEEN: Final = "[ .\\-/\u00a0\u202f\u2009\u2010-\u2015]{0,3}"
_COUNTRY: Final = r"(?:\+|\b00)\s?(?:33|32|31|352|49|44|41|39|34|351|40|48|212|213|216)"
_PHONE: Final = re.compile(
    rf"(?<![\w,+])(?<!\d[.\-/ \u2010-\u2015])(?:"
    rf"0[1-9]\)?(?:{_BETWEEN}\d{{2}}){{4}}"  # 06 12 34 56 78, 0612345678, (06) 12 34 56 78
    rf"|0\d{{3}}[ ./-]\d{{2}}{_BETWEEN}\d{{2}}{_BETWEEN}\d{{2}}"  # 0470/12.34.56
    rf"|0\d[ ./-]\d{{3}}{_BETWEEN}\d{{2}}{_BETWEEN}\d{{2}}|0\d{{2}}[ ./-]\d{{2}}{_BETWEEN}\d{{2}}{_BETWEEN}\d{{2}}"
    rf")(?!\w|[ .\-\u2010-\u2015]?\d|/(?!0[1-9](?:[ .]?\d\d){{4}})\d)"  # another number may follow
    rf"|(?<![\w,]){_COUNTRY}{_BETWEEN}(?:\(0\){_BETWEEN})?\d(?:{_BETWEEN}\d){{7,9}}(?!\w|[ .\-/]?\d)"
)
_NO_DIGITS: Final = re.compile(r"\D+")
_MOBILE: Final = ("06", "07")
"""How numbers begin that lists of days, departments and counts seldom begin with."""
_DAYS_OF_A_MONTH: Final = 31
_NEAR_CHARS: Final = 30
"""Characters around a number in which a word says what it is."""
_OF_TELEPHONES: Final = re.compile(
    r"(?i)\b(?:t[ée]l(?!\w|\s+que)|t[ée]l[ée]ph|gsm\b|portable\b|mobile\b|appele[rz]|rappele|joindre|joignable|contacte"
    r"|telefoon|bellen|phone|call\b)"
)
_OF_A_LIST: Final = re.compile(
    r"(?i)\b(?:d[ée]p(?:artemen)?ts?|d[ée]p|s[ée]ances?|sessions?|effectifs?|journ[ée]es?|jours?|dates?|semaines?|lots?"
    r"|codes?|dossiers?|factures?|r[ée]f(?:[ée]rences?)?|commandes?|contrats?|devis|groupes?|lignes?|articles?|weken?"
    r"|dagen)\W*(?:(?:des?|du|les?|la)\b\W*)*$"
)
"""What stands before numbers of anything but telephones."""
_OF_A_PERSON: Final = re.compile(
    r"[1-478]\d{4}(?:\d{2}|2[AB])\d{6}(?:\d{2})?|\d{11}|\d{10}[A-Z]|\d{9}[A-Z]{2}", re.IGNORECASE
)
"""A register number, right or mistyped; that of a pupil in France."""
_SEPARATORS: Final = re.compile("[ .\\-/()+\u00a0\u202f\u2009\u2010-\u2015]+")
_TELEPHONE_DIGITS: Final = range(9, 14)
"""Of a number in a column of them: a workbook takes the first 0 off."""

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

    It must be `parted` as people part it, where its plain digits may be anything. Numbers that lists of days and of
    departments look like are telephones where a word near them says so.
    """
    return lambda text: any(_is_phone(found, parted=parted) for found in _PHONE.finditer(text))


def may_be_phone_number(*, parted: bool = False) -> Test:
    """Return whether a text holds what may be a telephone number, and may be another number as well."""
    return lambda text: any(_is_phone(found, parted=parted) is False for found in _PHONE.finditer(text))


def is_announced_phone(text: str) -> bool:
    """Whether a cell of a column of telephones holds one."""
    digits = _SEPARATORS.sub("", text)
    return (digits.isdecimal() and len(digits) in _TELEPHONE_DIGITS) or _PHONE.search(text) is not None


def is_announced_mail(text: str) -> bool:
    """Whether a cell of a column of mail addresses holds one."""
    return has_mail(text) or _MAIL_IN_WORDS.search(text) is not None


def is_announced_register_number(text: str) -> bool:
    """Whether a cell of a column of register numbers holds one, be it mistyped."""
    return _OF_A_PERSON.fullmatch(_SEPARATORS.sub("", text)) is not None or register_number()(text)


def _is_phone(found: re.Match[str], *, parted: bool) -> bool | None:
    """Whether what looks like a telephone number is one: yes, perhaps (`False`), or no (nothing)."""
    number = found[0]
    if (parted and not _is_parted(number)) or _is_of_an_enterprise(number):
        return None
    if number.startswith(("+", "00")):
        return True
    before = found.string[max(0, found.start() - _NEAR_CHARS) : found.start()]
    if _OF_TELEPHONES.search(before) or _OF_TELEPHONES.search(found.string[found.end() : found.end() + _NEAR_CHARS]):
        return True
    groups = re.findall(r"\d+", number)
    if _OF_A_LIST.search(before) or _is_a_list(groups):
        return None
    # Five pairs, or ten digits: those of a Belgian number are parted otherwise.
    return number.startswith(_MOBILE) or len(groups) not in {1, 5}


def _is_a_list(groups: list[str]) -> bool:
    """Whether numbers that rise are days of a month, or departments; a mobile telephone's may rise by chance."""
    if len(groups) != 5 or any(low >= high for low, high in pairwise(groups)):
        return False
    return groups[0] not in _MOBILE or int(groups[-1]) <= _DAYS_OF_A_MONTH


def _is_parted(number: str) -> bool:
    return number.startswith("+") or len(_NO_DIGITS.findall(number)) > 1


def _is_of_an_enterprise(number: str) -> bool:
    return len(_NO_DIGITS.findall(number)) < 3 and is_bce(_NO_DIGITS.sub("", number))


def _bare(number: str) -> str:
    """Return the digits of a French register number, and the letter of Corsica."""
    return re.sub(r"CL[ÉE]F?|[^0-9AB]", "", number.upper())
