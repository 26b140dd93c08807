"""Cells that name something of the network: a structure, an indicator, a region, a perimeter."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from indicators.catalogue import Catalogue
from indicators.errors import UnknownError
from indicators.intake.spelling import SPACES, folded, nearest
from indicators.intake.words import digits_of
from indicators.network import Reading
from indicators.perimeters import Structures
from schemas.findings import Severity
from schemas.identifiers import is_bce, is_siren, is_siret

SCIENTIFIC: Final = re.compile(r"\d+(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
TRAILING_ZEROS: Final = "00000"


@dataclass(frozen=True)
class Told:
    """What is said of a cell: a code, how grave it is here, the text proposed instead."""

    code: str
    severity: Severity
    suggestion: str | None = None


Read = tuple[str | None, Told | None]
"""The reference a cell makes, if it makes one, and what is to be said of it."""


def _blocked(code: str, suggestion: str | None = None) -> Read:
    return None, Told(code, Severity.BLOCKING, suggestion)


class References:
    """What the cells of a file may name, as the network stands in one reading."""

    def __init__(self, reading: Reading) -> None:
        """Take the structures, the catalogue and the regions of a reading."""
        self.reading = reading
        self.structures: Structures = reading.structures
        self.catalogue: Catalogue = reading.catalogue
        self.regions = reading.regions

    @cached_property
    def _indicator_names(self) -> dict[str, str]:
        """Ids of the indicators by everything they may be called, folded; the same for a whole version of the store."""
        return self.reading.once("indicator names", self._name_indicators)

    def _name_indicators(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for sheet in self.catalogue:
            for name in (sheet.id, sheet.label.fr, sheet.label.en, sheet.label.nl, sheet.short.fr, sheet.short.en):
                if name:
                    names.setdefault(folded(name), sheet.id)
        return names

    def indicator(self, text: str) -> Read:
        """Read an indicator by its id or its label; an unknown one gets the nearest proposed."""
        found = self._indicator_names.get(folded(text))
        if found is None:
            return _blocked("C13", nearest(text, [sheet.id for sheet in self.catalogue]) or self._nearest_label(text))
        return found, None

    def _nearest_label(self, text: str) -> str | None:
        label = nearest(text, self._indicator_names)
        return self._indicator_names[label] if label else None

    def region(self, text: str) -> Read:
        """Read a region by its slug or its name."""
        wanted = folded(text)
        for region in self.regions.values():
            if wanted in {folded(region.id), folded(region.name.fr), folded(region.name.en), region.code.lower()}:
                return region.id, None
        return _blocked("C19", nearest(text, self.regions))

    def perimeter(self, text: str) -> Read:
        """Read a perimeter: `reseau`, `region:…`, `groupe:…` or a structure."""
        bare = text.strip(SPACES)
        if ":" in bare or bare == "reseau":
            try:
                return self.structures.perimeter(bare).code, None
            except UnknownError:
                return _blocked("I07")
        return self.structure(text)

    def structure(self, text: str) -> Read:
        """Read a structure by its code, its SIRET, its SIREN if it names one only, or its BCE number."""
        bare = text.strip(SPACES)
        if bare in self.structures.by_id:
            return bare, None
        if SCIENTIFIC.fullmatch(bare):
            return _blocked("I03")
        digits = digits_of(bare)
        if digits.isascii() and digits.isdigit():
            return self._by_number(bare, digits)
        wanted = folded(bare)
        for structure in self.structures.by_id.values():
            if wanted in {folded(structure.id), folded(structure.name)}:
                return structure.id, Told("C16", Severity.CORRECTED, structure.id)
        return _blocked("I07", nearest(bare, self.structures.by_id))

    def _by_number(self, typed: str, digits: str) -> Read:
        """Read a structure by a number, with the zero a spreadsheet may have eaten."""
        said = None if typed == digits else Told("C16", Severity.CORRECTED, digits)
        match len(digits):
            case 14 if is_siret(digits):
                pass
            case 14 if digits.endswith(TRAILING_ZEROS):
                return _blocked("I03", None)
            case 14:
                return _blocked("I05")
            case 13 | 8 if (padded := "0" + digits) in self.structures.by_number:
                digits, said = padded, Told("I02", Severity.CORRECTED, padded)
            case 9 if is_siren(digits):
                said = Told("I06", Severity.CORRECTED)
            case 9 if is_bce("0" + digits):
                digits = "0" + digits
            case 10 if is_bce(digits):
                pass
            case 9 | 10:
                return _blocked("I05")
            case _:
                return _blocked("I01")
        named = self.structures.by_number.get(digits, ())
        if len(named) == 1:
            return named[0], said
        if named:
            return _blocked("I06", " / ".join(named))
        return _blocked("I07")
