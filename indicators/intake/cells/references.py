"""Cells that name something of the network: a structure, an indicator, a region, a perimeter.

What a cell names is known or it is not: the nearest name is proposed, never taken. Names are likened once for a whole
version of the store, so a cell costs a look in a dictionary, whatever the size of the network.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from indicators.cached import cached_property
from indicators.definitions.catalogue import Catalogue
from indicators.definitions.perimeters import NETWORK, Level, Structures
from indicators.intake.cells.periods_and_absences import digits_of
from indicators.intake.text_matching import SPACES, Spellings, likened
from indicators.network import Reading
from schemas.findings import Severity
from schemas.identifiers import LA_POSTE_SIREN, is_bce, is_siren, is_siret

SCIENTIFIC: Final = re.compile(
    r"(\d{1,14})(?:[.,](\d+))?[ \u00a0]?(?:E[ \u00a0]?\+?|[x×*][ \u00a0]?10 ?\^? ?)(\d{1,2})", re.IGNORECASE | re.ASCII
)
"""1,23E+13, and 4991E+13 of a program that dropped the mark."""
TRAILING_ZEROS: Final = "00000"
_ZEROS_LOST: Final = {13: "a SIRET", 8: "a SIREN", 9: "a BCE number"}
"""Lengths of the official numbers that have lost their leading zero."""
_LENGTHS: Final = (14, 10, 9)
"""Lengths of a SIRET, a BCE number and a SIREN."""
_NETWORK_NAMES: Final = ("réseau", "network", "netwerk")

Names: TypeAlias = Mapping[str, tuple[str, ...]]
"""What each name may mean, likened; one that means several things names none."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a cell: a code, how grave it is here, the text proposed instead."""

    code: str
    severity: Severity
    suggestion: str | None = None


Read: TypeAlias = tuple[str | None, Told | None]
"""The reference a cell makes, if it makes one, and what is to be said of it."""


def blocked(code: str, suggestion: str | None = None) -> Read:
    """Return what is said of a cell that names nothing for certain."""
    return None, Told(code, Severity.BLOCKING, suggestion)


def corrected(value: str, code: str = "C16", suggestion: str | None = None) -> Read:
    """Return what a cell names though it is written otherwise; what is proposed is the value, unless it is said."""
    return value, Told(code, Severity.CORRECTED, suggestion or value)


def either(named: Iterable[str]) -> str | None:
    """Propose each of several things that may be meant."""
    return " / ".join(sorted(named)) or None


def _names(pairs: Iterable[tuple[str, str | None]]) -> Names:
    """Gather what may be meant by each name, likened."""
    names: dict[str, tuple[str, ...]] = {}
    for meant, name in pairs:
        known = likened(name or "")
        if known and meant not in names.get(known, ()):
            names[known] = (*names.get(known, ()), meant)
    return names


class References:
    """What the cells of a file may name, as the network stands in one reading."""

    def __init__(self, reading: Reading) -> None:
        """Take the structures, the catalogue and the regions of a reading."""
        self.reading = reading
        self.structures: Structures = reading.structures
        self.catalogue: Catalogue = reading.catalogue
        self.regions = reading.regions

    # Names, by what they mean: the same for a whole version of the store

    @cached_property
    def _structure_names(self) -> Names:
        known = self.structures.by_id.values()
        pairs = [*((s.id, s.id) for s in known), *((s.id, s.name) for s in known)]
        return self.reading.once("structure names", lambda: {**self._former_names(), **_names(pairs)})

    def _former_names(self) -> Names:
        """Names that structures had before: they name them still, unless they are another's now."""
        return _names((id_, name) for id_ in self.structures.past for name in self.structures.former_names(id_))

    @cached_property
    def _indicator_labels(self) -> Mapping[str, str]:
        """Ids of the indicators by everything they are called, as written."""
        return self.reading.once("indicator labels", self._label_indicators)

    def _label_indicators(self) -> Mapping[str, str]:
        labels: dict[str, str] = {}
        for sheet in self.catalogue:
            for words in (sheet.label, sheet.short):
                labels |= {name: sheet.id for name in (words.fr, words.en, words.nl) if name}
        return labels | {sheet.id: sheet.id for sheet in self.catalogue}

    @cached_property
    def _indicator_names(self) -> Names:
        # Two indicators may share a short label: it names neither.
        pairs = [
            (sheet.id, name)
            for sheet in self.catalogue
            for words in (sheet.label, sheet.short)
            for name in (sheet.id, words.fr, words.en, words.nl)
        ]
        return self.reading.once("indicator names", lambda: _names(pairs))

    @cached_property
    def _region_names(self) -> Names:
        return self.reading.once("region names", lambda: _names(self._region_pairs))

    @cached_property
    def _region_pairs(self) -> frozenset[tuple[str, str | None]]:
        """Regions, each with everything it is called, as written."""
        return frozenset(
            (region.id, name)
            for region in self.regions.values()
            for name in (region.id, region.name.fr, region.name.en, region.name.nl, region.code)
        )

    @cached_property
    def _perimeter_names(self) -> Names:
        return self.reading.once("perimeter names", lambda: _names(self._name_perimeters()))

    def _name_perimeters(self) -> Iterable[tuple[str, str]]:
        """Give each perimeter its names: « réseau », « région Normandie », « groupe Les Trois Rives »."""
        yield from ((NETWORK.code, name) for name in _NETWORK_NAMES)
        for slug in dict.fromkeys(structure.region for structure in self.structures.by_id.values()):
            names = {slug, self.regions[slug].name.fr, self.regions[slug].name.en} if slug in self.regions else {slug}
            yield from ((f"{Level.REGION}:{slug}", f"{Level.REGION} {name}") for name in sorted(names))
        for slug, name in self.structures.groups.items():
            yield from ((f"{Level.GROUP}:{slug}", f"{Level.GROUP} {called}") for called in (slug, name))

    # Cells

    def indicator(self, text: str) -> Read:
        """Read an indicator by its id or one of its labels, in the three languages."""
        bare = text.strip(SPACES)
        named = self._indicator_names.get(likened(bare), ())
        if len(named) != 1:
            return blocked("C13", either(named))
        return (named[0], None) if bare in self._indicator_labels else corrected(named[0])

    def region(self, text: str) -> Read:
        """Read a region by its slug, its name or its code."""
        bare = text.strip(SPACES)
        named = self._region_names.get(likened(bare), ())
        if len(named) != 1:
            return blocked("C19", either(named))
        return (named[0], None) if (named[0], bare) in self._region_pairs else corrected(named[0])

    def perimeter(self, text: str) -> Read:
        """Read a perimeter: `reseau`, `region:…`, `groupe:…` or a structure."""
        bare = text.strip(SPACES)
        named = self._perimeter_names.get(likened(bare.replace(":", " ", 1)), ())
        if len(named) == 1:
            return (bare, None) if bare == named[0] else corrected(named[0])
        return blocked("I07", either(named)) if named or ":" in bare else self.structure(bare)

    def structure(self, text: str) -> Read:
        """Read a structure by its code, its name, its SIRET, its SIREN if it names one only, or its BCE number."""
        bare = text.strip(SPACES)
        if bare in self.structures.by_id:
            return bare, None
        if match := SCIENTIFIC.fullmatch(bare):
            return blocked("I03", self._whole_number(match))
        digits = digits_of(bare)
        named = self._structure_names.get(likened(bare), ())
        if digits is not None and not named:
            return self._by_number(bare, digits)
        return corrected(named[0]) if len(named) == 1 else blocked("I07", either(named))

    def _by_number(self, typed: str, digits: str) -> Read:
        """Read a structure by a number, with the zeros a spreadsheet may have eaten."""
        known = self.structures.by_number
        padded = self._padded(digits)
        named = known.get(digits, ()) + (known[padded] if padded else ())
        if not named:
            return self._unknown_number(digits)
        if len(named) > 1:
            return blocked("I06", either(named))
        if padded:
            return corrected(named[0], "I02", padded)
        if digits.endswith(TRAILING_ZEROS) and digits != LA_POSTE_SIREN:
            return named[0], Told("I04", Severity.CONFIRM, named[0])
        if len(digits) == len(LA_POSTE_SIREN):
            return corrected(named[0], "I06")
        return (named[0], None) if typed == digits else corrected(named[0], "C16", digits)

    def _padded(self, digits: str) -> str | None:
        """Return the number of the network that has lost its zeros: one of them, or all as in a cell of numbers."""
        lengths = {len(digits) + 1} if len(digits) in _ZEROS_LOST else set()
        if not digits.startswith("0"):
            lengths |= {length for length in _LENGTHS if length > len(digits)}
        found = [digits.zfill(length) for length in lengths if digits.zfill(length) in self.structures.by_number]
        return found[0] if len(found) == 1 else None

    def _unknown_number(self, digits: str) -> Read:
        """Say why a number names nobody: its length, its check digits, or that it is not one of ours."""
        padded = "0" + digits
        match len(digits):
            case 14 if digits.endswith(TRAILING_ZEROS):
                return blocked("I03")
            case 14 if is_siret(digits):
                return blocked("I07")
            case 10 if is_bce(digits):
                return blocked("I07")
            case 9 if is_siren(digits) or is_bce(padded):
                return blocked("I07")
            case 13 if is_siret(padded):
                return blocked("I07", padded)
            case 8 if is_siren(padded):
                return blocked("I07", padded)
            case 14 | 10 | 9:
                return blocked("I05")
            case _:
                return blocked("I01")

    def _whole_number(self, scientific: re.Match[str]) -> str | None:
        """Return the number that a scientific notation still holds whole, if it is a structure's."""
        decimals = scientific[2] or ""
        digits = scientific[1] + decimals
        return digits if len(decimals) == int(scientific[3]) and digits in self.structures.by_number else None

    # What is proposed, for the few cells that are shown: finding it costs more than reading

    def nearest_indicator(self, text: str) -> str | None:
        """Return the indicator whose id or label is most like a text."""
        known = self.reading.once("indicator spellings", lambda: Spellings(self._indicator_labels))
        ids = self.reading.once("indicator ids", lambda: Spellings({sheet.id: sheet.id for sheet in self.catalogue}))
        return ids.nearest(text) or known.nearest(text)

    def nearest_region(self, text: str) -> str | None:
        """Return the region whose name is most like a text."""
        known = {name: meant[0] for name, meant in self._region_names.items() if len(meant) == 1 and len(name) > 3}
        return self.reading.once("region spellings", lambda: Spellings(known)).nearest(text)

    def nearest_perimeter(self, text: str) -> str | None:
        """Return the perimeter, or the structure, whose name is most like a text."""
        known = {name: meant[0] for name, meant in self._perimeter_names.items() if len(meant) == 1}
        found = self.reading.once("perimeter spellings", lambda: Spellings(known)).nearest(text)
        return found if found or ":" in text else self.nearest_structure(text)

    def nearest_structure(self, text: str) -> str | None:
        """Return the structure whose name, or the known number whose digits, are most like a text."""
        digits = digits_of(text)
        if digits is not None:
            return self._nearest_number(digits)
        names = self._structure_names
        known = self.reading.once(
            "structure spellings",
            lambda: Spellings({name: meant[0] for name, meant in names.items() if len(meant) == 1}),
        )
        return known.nearest(text, whole=True)

    def _nearest_number(self, digits: str) -> str | None:
        """Return the one known number that differs by one digit, or by two neighbours exchanged."""
        if len(digits) not in {9, 10, 14}:
            return None
        near = {
            digits[:place] + other + digits[place + 1 :] for place in range(len(digits)) for other in "0123456789"
        } | {
            digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :] for place in range(len(digits) - 1)
        }
        found = sorted(number for number in near if number in self.structures.by_number)
        return found[0] if len(found) == 1 else None
