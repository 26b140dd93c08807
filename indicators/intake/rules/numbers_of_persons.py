"""Detection of personal identifiers in texts: register numbers (NIR, Belgian), mail addresses, telephone numbers."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final, TypeAlias

from schemas.identifiers import is_bce, is_belgian_national_number, is_nir

COARSE_PATTERN: Final = r"@|\d(?:[\s./()\x{A0}\x{202F}\x{2009}\x{2010}-\x{2015}-]{0,3}[\dABab]){8}"
"""Quick filter: any mail address has an `@`, any register or telephone number has nine digits close together."""
_MAIL_PATTERN: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}(?:(?<!\d)\s)?@\s?(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,}")
_MAIL_IN_WORDS: Final = re.compile(
    r"(?i)[\w.-]{1,64}\s?(?:@|[(\[]\s?(?:at|arobase)\s?[)\]]|\barobase\b)\s?[\w-]{1,63}\.[^\W\d_]{2}"
)
"""An obfuscated mail address (« at », « arobase »): searched where a title announces addresses."""
_SPACE: Final = "[ .\\-/\u00a0\u202f\u2009]"
_NIR_PATTERN: Final = re.compile(
    rf"(?<![\w.,+-])[1-478]{_SPACE}?\d{{2}}{_SPACE}?\d{{2}}{_SPACE}?(?:\d{{2}}|2[ABab]){_SPACE}?\d{{3}}{_SPACE}?\d{{3}}"
    rf"(?:{_SPACE}{{0,3}}|{_SPACE}?\(?cl[ée]f?\s*:?\s*)\d{{2}}(?![\w]|[.,]\d)"
)
_NATIONAL_PATTERN: Final = re.compile(
    rf"(?<![\w,+-])(?<!\d\.)\d{{2}}{_SPACE}?\d{{2}}{_SPACE}?\d{{2}}{_SPACE}?\d{{3}}{_SPACE}?\d{{2}}(?![\w]|[.,]\d)"
)
_BETWEEN: Final = "[ .\\-/\u00a0\u202f\u2009\u2010-\u2015]{0,3}"
_COUNTRY: Final = r"(?:\+|\b00)\s?(?:33|32|31|352|49|44|41|39|34|351|40|48|212|213|216)"
_PHONE_PATTERN: Final = re.compile(
    rf"(?<![\w,+])(?<!\d[.\-/ \u2010-\u2015])(?:"
    rf"0[1-9]\)?(?:{_BETWEEN}\d{{2}}){{4}}"  # 06 12 34 56 78, 0612345678, (06) 12 34 56 78
    rf"|0\d{{3}}[ ./-]\d{{2}}{_BETWEEN}\d{{2}}{_BETWEEN}\d{{2}}"  # 0470/12.34.56
    rf"|0\d[ ./-]\d{{3}}{_BETWEEN}\d{{2}}{_BETWEEN}\d{{2}}|0\d{{2}}[ ./-]\d{{2}}{_BETWEEN}\d{{2}}{_BETWEEN}\d{{2}}"
    rf")(?!\w|[ .\-\u2010-\u2015]?\d|/(?!0[1-9](?:[ .]?\d\d){{4}})\d)"  # another number may follow
    rf"|(?<![\w,]){_COUNTRY}{_BETWEEN}(?:\(0\){_BETWEEN})?\d(?:{_BETWEEN}\d){{7,9}}(?!\w|[ .\-/]?\d)"
)
_NO_DIGITS: Final = re.compile(r"\D+")
_MOBILE: Final = ("06", "07")
"""Starts of mobile numbers, rare at the start of lists of days, departments or counts."""
_DAYS_OF_A_MONTH: Final = 31
_NEAR_CHARS: Final = 30
"""Characters around a number that are searched for a word on its nature."""
_OF_TELEPHONES: Final = re.compile(
    r"(?i)\b(?:t[ée]l(?!\w|\s+que)|t[ée]l[ée]ph|gsm\b|portable\b|mobile\b|appele[rz]|rappele|joindre|joignable|contacte"
    r"|telefoon|bellen|phone|call\b)"
)
_OF_A_LIST: Final = re.compile(
    r"(?i)\b(?:d[ée]p(?:artemen)?ts?|d[ée]p|s[ée]ances?|sessions?|effectifs?|journ[ée]es?|jours?|dates?|semaines?|lots?"
    r"|codes?|dossiers?|factures?|r[ée]f(?:[ée]rences?)?|commandes?|contrats?|devis|groupes?|lignes?|articles?|weken?"
    r"|dagen)\W*(?:(?:des?|du|les?|la)\b\W*)*$"
)
"""Words before numbers of anything but telephones."""
_OF_A_PERSON: Final = re.compile(
    r"[1-478]\d{4}(?:\d{2}|2[AB])\d{6}(?:\d{2})?|\d{11}|\d{10}[A-Z]|\d{9}[A-Z]{2}", re.IGNORECASE
)
"""The form of a register number, whatever its check digits, or of a French pupil number."""
_SEPARATORS: Final = re.compile("[ .\\-/()+\u00a0\u202f\u2009\u2010-\u2015]+")
_TELEPHONE_DIGITS: Final = range(9, 14)
"""Numbers of digits of a telephone number in a column of them: a workbook drops the first 0."""

TextTest: TypeAlias = Callable[[str], bool]


def has_mail(text: str) -> bool:
    """Whether a text holds a mail address."""
    return "@" in text and _MAIL_PATTERN.search(text) is not None


def register_number_test(*, grouped: bool = False) -> TextTest:
    """Return a test for a register number of a person, by its check digits.

    With `grouped`, a Belgian number must have separators, where plain digits may be anything.
    """

    def holds(text: str) -> bool:
        if any(is_nir(_nir_characters(match[0])) for match in _NIR_PATTERN.finditer(text)):
            return True
        numbers = [match[0] for match in _NATIONAL_PATTERN.finditer(text) if not grouped or _is_grouped(match[0])]
        return any(is_belgian_national_number(_NO_DIGITS.sub("", number)) for number in numbers)

    return holds


def phone_number_test(*, grouped: bool = False) -> TextTest:
    """Return a test for a telephone number; an enterprise number is none, even if it looks like one.

    With `grouped`, it must have separators, where plain digits may be anything. A number that may be a list of days or
    departments is a telephone number if a word near it says so.
    """
    return lambda text: any(_is_phone(match, grouped=grouped) for match in _PHONE_PATTERN.finditer(text))


def possible_phone_number_test(*, grouped: bool = False) -> TextTest:
    """Return a test for a number that may be a telephone number or another number."""
    return lambda text: any(_is_phone(match, grouped=grouped) is False for match in _PHONE_PATTERN.finditer(text))


def is_announced_phone(text: str) -> bool:
    """Whether a cell of a column of telephone numbers holds one."""
    digits = _SEPARATORS.sub("", text)
    return (digits.isdecimal() and len(digits) in _TELEPHONE_DIGITS) or _PHONE_PATTERN.search(text) is not None


def is_announced_mail(text: str) -> bool:
    """Whether a cell of a column of mail addresses holds one."""
    return has_mail(text) or _MAIL_IN_WORDS.search(text) is not None


def is_announced_register_number(text: str) -> bool:
    """Whether a cell of a column of register numbers holds one, even mistyped."""
    return _OF_A_PERSON.fullmatch(_SEPARATORS.sub("", text)) is not None or register_number_test()(text)


def _is_phone(match: re.Match[str], *, grouped: bool) -> bool | None:
    """Whether a match is a telephone number: yes (`True`), perhaps (`False`), or no (`None`)."""
    number = match[0]
    if (grouped and not _is_grouped(number)) or _is_of_an_enterprise(number):
        return None
    if number.startswith(("+", "00")):
        return True
    before = match.string[max(0, match.start() - _NEAR_CHARS) : match.start()]
    if _OF_TELEPHONES.search(before) or _OF_TELEPHONES.search(match.string[match.end() : match.end() + _NEAR_CHARS]):
        return True
    groups = re.findall(r"\d+", number)
    if _OF_A_LIST.search(before) or _is_a_list(groups):
        return None
    # Five pairs, or ten digits: a Belgian number is grouped otherwise.
    return number.startswith(_MOBILE) or len(groups) not in {1, 5}


def _is_a_list(groups: list[str]) -> bool:
    """Whether rising pairs are days of a month or departments; those of a mobile number may rise by chance."""
    if len(groups) != 5 or any(low >= high for low, high in pairwise(groups)):
        return False
    return groups[0] not in _MOBILE or int(groups[-1]) <= _DAYS_OF_A_MONTH


def _is_grouped(number: str) -> bool:
    return number.startswith("+") or len(_NO_DIGITS.findall(number)) > 1


def _is_of_an_enterprise(number: str) -> bool:
    return len(_NO_DIGITS.findall(number)) < 3 and is_bce(_NO_DIGITS.sub("", number))


def _nir_characters(number: str) -> str:
    """Return the digits of a French register number, and the letter of Corsica."""
    return re.sub(r"CL[ÉE]F?|[^0-9AB]", "", number.upper())
