"""French typography and French figures, so that the sources can be typed on any keyboard."""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final

NO_BREAK_SPACE: Final = "\u00a0"
NARROW_NO_BREAK_SPACE: Final = "\u202f"
APOSTROPHE: Final = "\u2019"


def typeset(text: str) -> str:
    """The same text with the spaces and the apostrophes a French printer would use."""
    text = text.replace("'", APOSTROPHE)
    text = re.sub(r" (?=[:%»])|(?<=«) ", NO_BREAK_SPACE, text)
    text = re.sub(r" (?=[;!?])", NARROW_NO_BREAK_SPACE, text)
    return re.sub(r"(?<=\d) (?=\d{3})", NARROW_NO_BREAK_SPACE, text)


def slug(text: str) -> str:
    """Small letters without accents, everything else a hyphen: « Pôle (fictif) » gives `pole-fictif`."""
    plain = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def rounded(value: Fraction, decimals: int) -> Decimal:
    """A value rounded once, half away from zero."""
    step = Decimal(1).scaleb(-decimals)
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(step, ROUND_HALF_UP)


def french(number: int | Decimal) -> str:
    """A number as a French spreadsheet writes it: decimal comma, no thousands separator."""
    return str(number).replace(".", ",")
