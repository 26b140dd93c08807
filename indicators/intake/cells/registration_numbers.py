"""The official numbers of a structure that is being declared: nobody knows them yet, only their shape can be judged.

Their check digits are the contract's, except where zeros or a power of ten say that digits were lost.
"""

from typing import Final

from indicators.definitions.perimeters import Structures
from indicators.intake.cells.periods_and_absences import digits_of
from indicators.intake.cells.references import SCIENTIFIC, TRAILING_ZEROS, Read, Told, blocked, corrected, either
from indicators.intake.text_matching import SPACES
from schemas.findings import Severity
from schemas.identifiers import is_bce, is_siren, is_siret

SIRET_DIGITS: Final = 14
SIREN_DIGITS: Final = 9
BCE_DIGITS: Final = 10


def read_siret(text: str, structures: Structures) -> Read:
    """Read a SIRET, with the zero a spreadsheet may have eaten; for a SIREN, those of `structures` are proposed."""
    digits = digits_of(text)
    if digits is None:
        return _unreadable(text, SIRET_DIGITS)
    if len(digits) == SIRET_DIGITS - 1 and is_siret("0" + digits):
        return corrected("0" + digits, "I02")
    if len(digits) == SIREN_DIGITS and is_siren(digits):
        sirets = [s.siret for s in structures.by_id.values() if s.siret and s.siret.startswith(digits)]
        return blocked("I06", either(sirets))
    if len(digits) != SIRET_DIGITS:
        return blocked("I01")
    if digits.endswith(TRAILING_ZEROS):
        plausible = is_siret(digits) and digits.strip("0")
        return (digits, Told("I04", Severity.CONFIRM)) if plausible else blocked("I03")
    return _as_typed(text, digits)


def read_bce(text: str) -> Read:
    """Read a BCE number, with the zero a spreadsheet may have eaten or that nobody wrote before 2005."""
    digits = digits_of(text)
    if digits is None:
        return _unreadable(text, BCE_DIGITS)
    if len(digits) == BCE_DIGITS - 1 and is_bce("0" + digits):
        return corrected("0" + digits, "I02")
    return _as_typed(text, digits) if len(digits) == BCE_DIGITS else blocked("I01")


def _unreadable(text: str, length: int) -> Read:
    """Say why a text is no official number; a scientific notation that still holds every digit is proposed whole."""
    match = SCIENTIFIC.fullmatch(text.strip(SPACES))
    if match is None:
        return blocked("I01")
    decimals = match[2] or ""
    digits = match[1] + decimals
    whole = len(digits) == length and len(decimals) == int(match[3])
    return blocked("I03", digits if whole and (is_siret(digits) or is_bce(digits)) else None)


def _as_typed(text: str, digits: str) -> Read:
    return (digits, None) if digits == text else corrected(digits)
