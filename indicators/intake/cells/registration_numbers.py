"""Parsing of the official numbers of a structure being declared: unknown yet, only their form can be checked.

The contract checks the check digits, except where trailing zeros or a power of ten show that digits were lost.
"""

from typing import Final

from indicators.definitions.perimeters import Structures
from indicators.intake.cells.periods_and_absences import digits_only
from indicators.intake.cells.references import (
    SCIENTIFIC,
    TRAILING_ZEROS,
    CellNotice,
    ReferenceResult,
    correct,
    join_alternatives,
    refuse,
)
from indicators.intake.text_matching import SPACES
from schemas.findings import Severity
from schemas.identifiers import is_bce, is_siren, is_siret

SIRET_DIGITS: Final = 14
SIREN_DIGITS: Final = 9
BCE_DIGITS: Final = 10


def parse_siret(text: str, structures: Structures) -> ReferenceResult:
    """Parse a SIRET, restoring a leading zero; for a SIREN, its SIRETs among `structures` are suggested."""
    digits = digits_only(text)
    if digits is None:
        return _refuse_unreadable(text, SIRET_DIGITS)
    if len(digits) == SIRET_DIGITS - 1 and is_siret("0" + digits):
        return correct("0" + digits, "I02")
    if len(digits) == SIREN_DIGITS and is_siren(digits):
        sirets = [s.siret for s in structures.by_id.values() if s.siret and s.siret.startswith(digits)]
        return refuse("I06", join_alternatives(sirets))
    if len(digits) != SIRET_DIGITS:
        return refuse("I01")
    if digits.endswith(TRAILING_ZEROS):
        is_plausible = is_siret(digits) and digits.strip("0")
        return (digits, CellNotice("I04", Severity.CONFIRM)) if is_plausible else refuse("I03")
    return _accept_digits(text, digits)


def parse_bce(text: str) -> ReferenceResult:
    """Parse a BCE number, restoring the leading zero that spreadsheets drop and that was not written before 2005."""
    digits = digits_only(text)
    if digits is None:
        return _refuse_unreadable(text, BCE_DIGITS)
    if len(digits) == BCE_DIGITS - 1 and is_bce("0" + digits):
        return correct("0" + digits, "I02")
    return _accept_digits(text, digits) if len(digits) == BCE_DIGITS else refuse("I01")


def _refuse_unreadable(text: str, length: int) -> ReferenceResult:
    """Refuse a text that is not an official number; scientific notation with every digit is suggested in full."""
    match = SCIENTIFIC.fullmatch(text.strip(SPACES))
    if match is None:
        return refuse("I01")
    decimals = match[2] or ""
    digits = match[1] + decimals
    is_complete = len(digits) == length and len(decimals) == int(match[3])
    return refuse("I03", digits if is_complete and (is_siret(digits) or is_bce(digits)) else None)


def _accept_digits(text: str, digits: str) -> ReferenceResult:
    return (digits, None) if digits == text else correct(digits)
