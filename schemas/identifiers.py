"""Check digits of registration numbers of structures (SIREN, SIRET, BCE/KBO) and of persons (NIR, Belgian number).

Each function takes the digits alone (no spaces, dots or prefix) and returns whether the number is well formed, not
whether it has been attributed. SIREN and SIRET are python-stdnum's, which also accepts separators; the others are ours
because it accepts what they refuse (docs/decisions/2026-11-29-official-numbers.md).
"""

import re
from typing import Final

from stdnum.fr import siren, siret

LA_POSTE_SIREN: Final = "356000000"
"""The enterprise whose SIRETs follow a rule of their own."""


def _has_digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdigit()


def is_siren(text: str) -> bool:
    """Nine digits that satisfy Luhn."""
    return _has_digits(text, 9) and siren.is_valid(text)


def is_siret(text: str) -> bool:
    """Fourteen digits that satisfy Luhn and begin with a SIREN.

    La Poste ran out of such numbers: its establishments only need a digit sum that is a multiple of five, except its
    head office, which follows the common rule.
    """
    return _has_digits(text, 14) and siret.is_valid(text)


def is_bce(text: str) -> bool:
    """Ten digits beginning with 0 or 1 whose last two are 97 minus the remainder of the first eight by 97.

    A remainder of zero gives 97, never 00.
    """
    return _has_digits(text, 10) and text[0] in "01" and int(text[8:]) == 97 - int(text[:8]) % 97


_NIR: Final = re.compile(r"[1-478](\d{2})(\d{2})(\d{2}|2[AB])(\d{6})(\d{2})", re.ASCII)
"""Sex, year, month, department, commune and rank, key; 3, 4, 7 and 8 are given while a person is being registered."""
_CORSICA: Final = {"2A": "19", "2B": "18"}
_NIR_MONTHS: Final = frozenset({*range(1, 13), *range(20, 43), *range(50, 100)})
"""Months, and codes for an unknown month (INSEE)."""


def is_nir(text: str) -> bool:
    """French register number of a person, with its key: 97 minus the remainder of the first thirteen digits by 97.

    The departments of Corsica, 2A and 2B, count as 19 and 18.
    """
    match = _NIR.fullmatch(text)
    if match is None or int(match[2]) not in _NIR_MONTHS:
        return False
    number = text[:5] + _CORSICA.get(match[3], match[3]) + match[4]
    return int(match[5]) == 97 - int(number) % 97


def is_belgian_national_number(text: str) -> bool:
    """Eleven digits: a day of birth, a rank, then 97 minus the remainder of the first nine by 97.

    For births from 2000 on, a 2 is prefixed to the nine. Months are 20 or 40 higher for persons outside the register
    (BIS numbers); an unknown month or day is 00.
    """
    if not _has_digits(text, 11) or int(text[2:4]) % 20 > 12 or int(text[2:4]) >= 60 or int(text[4:6]) > 31:
        return False
    key = int(text[9:])
    return key in {97 - int(text[:9]) % 97, 97 - int("2" + text[:9]) % 97} and text[6:9] not in {"000", "999"}
