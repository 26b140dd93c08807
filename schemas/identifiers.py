"""Check digits of the numbers that name a structure: SIREN, SIRET (INSEE) and BCE/KBO (Belgium).

Each function takes the digits alone (no spaces, dots or prefix) and answers whether the number can exist. None of
them says that it has been attributed.
"""

from typing import Final

LA_POSTE_SIREN: Final = "356000000"
LA_POSTE_HEAD_OFFICE: Final = "35600000000048"


def _luhn(digits: str) -> bool:
    """Luhn's formula: every second digit from the right counts double, the sum is a multiple of ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdigit()


def is_siren(text: str) -> bool:
    """Nine digits that satisfy Luhn."""
    return _digits(text, 9) and _luhn(text)


def is_siret(text: str) -> bool:
    """Fourteen digits that satisfy Luhn and begin with a SIREN.

    La Poste ran out of such numbers: its establishments only need a digit sum that is a multiple of five, except its
    head office, which follows the common rule.
    """
    if not _digits(text, 14) or not is_siren(text[:9]):
        return False
    if text[:9] == LA_POSTE_SIREN and text != LA_POSTE_HEAD_OFFICE:
        return sum(map(int, text)) % 5 == 0
    return _luhn(text)


def is_bce(text: str) -> bool:
    """Ten digits beginning with 0 or 1 whose last two are 97 minus the remainder of the first eight by 97.

    A remainder of zero gives 97, never 00.
    """
    return _digits(text, 10) and text[0] in "01" and int(text[8:]) == 97 - int(text[:8]) % 97
