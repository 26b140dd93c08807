"""Parsing of cells that refer to a structure, an indicator, a region or a perimeter of the network.

A reference must match a known name: the closest name is suggested, never applied. Names are normalised once per
version of the store; a cell costs one dictionary lookup, whatever the size of the network.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from indicators.cached import cached_property
from indicators.definitions.catalogue import Catalogue
from indicators.definitions.perimeters import NETWORK, Level, Structures
from indicators.intake.cells.periods_and_absences import digits_only
from indicators.intake.text_matching import SPACES, NameMatcher, normalize_name
from indicators.snapshot import Snapshot, per_version
from schemas.findings import Severity
from schemas.identifiers import LA_POSTE_SIREN, is_bce, is_siren, is_siret

SCIENTIFIC: Final = re.compile(
    r"(\d{1,14})(?:[.,](\d+))?[ \u00a0]?(?:E[ \u00a0]?\+?|[x×*][ \u00a0]?10 ?\^? ?)(\d{1,2})", re.IGNORECASE | re.ASCII
)
"""Scientific notation: 1,23E+13, and 4991E+13 from programs that drop the mark."""
TRAILING_ZEROS: Final = "00000"
_ZEROS_LOST: Final = {13: "a SIRET", 8: "a SIREN", 9: "a BCE number"}
"""Official numbers by their length without a leading zero."""
_LENGTHS: Final = (14, 10, 9)
"""Lengths of a SIRET, a BCE number and a SIREN."""
_NETWORK_NAMES: Final = ("réseau", "network", "netwerk")

NameIndex: TypeAlias = Mapping[str, tuple[str, ...]]
"""Ids by normalised name; a name with several ids identifies none."""


@dataclass(frozen=True, slots=True)
class CellNotice:
    """A notice on a cell: the code of the finding, its severity here, the suggested text."""

    code: str
    severity: Severity
    suggestion: str | None = None


ReferenceResult: TypeAlias = tuple[str | None, CellNotice | None]
"""The id that a cell refers to, if any, and the notice on it, if any."""


def refuse(code: str, suggestion: str | None = None) -> ReferenceResult:
    """Return the result for a cell without a certain reference: no id and a blocking notice."""
    return None, CellNotice(code, Severity.BLOCKING, suggestion)


def correct(value: str, code: str = "C16", suggestion: str | None = None) -> ReferenceResult:
    """Return an id with a notice that the cell is written otherwise; the suggestion defaults to the id."""
    return value, CellNotice(code, Severity.CORRECTED, suggestion or value)


def join_alternatives(alternatives: Iterable[str]) -> str | None:
    """Return several ids as one suggestion: « a / b »."""
    return " / ".join(sorted(alternatives)) or None


def _index_names(pairs: Iterable[tuple[str, str | None]]) -> NameIndex:
    """Index ids by normalised name."""
    names: dict[str, tuple[str, ...]] = {}
    for target, name in pairs:
        normalized = normalize_name(name or "")
        if normalized and target not in names.get(normalized, ()):
            names[normalized] = (*names.get(normalized, ()), target)
    return names


@per_version
def structure_names(snapshot: Snapshot) -> NameIndex:
    """Return the ids of structures by their ids and names; by a former one, unless another structure has it now."""
    known = snapshot.structures
    former = [(id_, name) for id_ in known.changed for name in known.former_names(id_)]
    pairs = [*((s.id, s.id) for s in known.by_id.values()), *((s.id, s.name) for s in known.by_id.values())]
    return {**_index_names(former), **_index_names(pairs)}


@per_version
def indicator_labels(snapshot: Snapshot) -> Mapping[str, str]:
    """Return the ids of the indicators by their exact labels in all languages, and by themselves."""
    labels: dict[str, str] = {}
    for indicator in snapshot.catalogue:
        for label in (indicator.label, indicator.short):
            labels |= {name: indicator.id for name in (label.fr, label.en, label.nl) if name}
    return labels | {sheet.id: sheet.id for sheet in snapshot.catalogue}


@per_version
def indicator_names(snapshot: Snapshot) -> NameIndex:
    """Return the ids of the indicators by name; two of them may share a short label, which identifies neither."""
    return _index_names(
        (indicator.id, name)
        for indicator in snapshot.catalogue
        for label in (indicator.label, indicator.short)
        for name in (indicator.id, label.fr, label.en, label.nl)
    )


@per_version
def region_pairs(snapshot: Snapshot) -> frozenset[tuple[str, str | None]]:
    """Return pairs of a region's id and one of its exact names or codes."""
    return frozenset(
        (region.id, name)
        for region in snapshot.regions.values()
        for name in (region.id, region.name.fr, region.name.en, region.name.nl, region.code)
    )


@per_version
def region_names(snapshot: Snapshot) -> NameIndex:
    """Return the ids of the regions by their names and codes."""
    return _index_names(region_pairs(snapshot))


@per_version
def perimeter_names(snapshot: Snapshot) -> NameIndex:
    """Return the codes of perimeters by name: « réseau », « région Normandie », « groupe Les Trois Rives »."""
    return _index_names(_name_perimeters(snapshot))


def _name_perimeters(snapshot: Snapshot) -> Iterable[tuple[str, str]]:
    structures, regions = snapshot.structures, snapshot.regions
    yield from ((NETWORK.code, name) for name in _NETWORK_NAMES)
    for slug in dict.fromkeys(structure.region for structure in structures.by_id.values()):
        names = {slug, regions[slug].name.fr, regions[slug].name.en} if slug in regions else {slug}
        yield from ((f"{Level.REGION}:{slug}", f"{Level.REGION} {name}") for name in sorted(names))
    for slug, name in structures.group_names.items():
        yield from ((f"{Level.GROUP}:{slug}", f"{Level.GROUP} {label}") for label in (slug, name))


@per_version
def _label_matcher(snapshot: Snapshot) -> NameMatcher:
    return NameMatcher(indicator_labels(snapshot))


@per_version
def _id_matcher(snapshot: Snapshot) -> NameMatcher:
    return NameMatcher({indicator.id: indicator.id for indicator in snapshot.catalogue})


@per_version
def _region_matcher(snapshot: Snapshot) -> NameMatcher:
    # Two letters are a code, which resembles many others.
    return NameMatcher({name: id_ for name, id_ in _unambiguous(region_names(snapshot)).items() if len(name) > 3})


@per_version
def _perimeter_matcher(snapshot: Snapshot) -> NameMatcher:
    return NameMatcher(_unambiguous(perimeter_names(snapshot)))


@per_version
def _structure_matcher(snapshot: Snapshot) -> NameMatcher:
    return NameMatcher(_unambiguous(structure_names(snapshot)))


def _unambiguous(names: NameIndex) -> dict[str, str]:
    return {name: targets[0] for name, targets in names.items() if len(targets) == 1}


class References:
    """The references that the cells of a file may make, in one snapshot of the network."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Take the structures, the catalogue and the regions of a snapshot."""
        self.snapshot = snapshot
        self.structures: Structures = snapshot.structures
        self.catalogue: Catalogue = snapshot.catalogue
        self.regions = snapshot.regions

    # Ids by name, cached per version of the store

    @cached_property
    def _structure_names(self) -> NameIndex:
        return structure_names(self.snapshot)

    @cached_property
    def _indicator_labels(self) -> Mapping[str, str]:
        return indicator_labels(self.snapshot)

    @cached_property
    def _indicator_names(self) -> NameIndex:
        return indicator_names(self.snapshot)

    @cached_property
    def _region_names(self) -> NameIndex:
        return region_names(self.snapshot)

    @cached_property
    def _region_pairs(self) -> frozenset[tuple[str, str | None]]:
        return region_pairs(self.snapshot)

    @cached_property
    def _perimeter_names(self) -> NameIndex:
        return perimeter_names(self.snapshot)

    # Cells

    def parse_indicator(self, text: str) -> ReferenceResult:
        """Parse an indicator by its id or one of its labels, in the three languages."""
        stripped = text.strip(SPACES)
        matches = self._indicator_names.get(normalize_name(stripped), ())
        if len(matches) != 1:
            return refuse("C13", join_alternatives(matches))
        return (matches[0], None) if stripped in self._indicator_labels else correct(matches[0])

    def parse_region(self, text: str) -> ReferenceResult:
        """Parse a region by its slug, its name or its code."""
        stripped = text.strip(SPACES)
        matches = self._region_names.get(normalize_name(stripped), ())
        if len(matches) != 1:
            return refuse("C19", join_alternatives(matches))
        return (matches[0], None) if (matches[0], stripped) in self._region_pairs else correct(matches[0])

    def parse_perimeter(self, text: str) -> ReferenceResult:
        """Parse a perimeter: `reseau`, `region:…`, `groupe:…` or a structure."""
        stripped = text.strip(SPACES)
        matches = self._perimeter_names.get(normalize_name(stripped.replace(":", " ", 1)), ())
        if len(matches) == 1:
            return (stripped, None) if stripped == matches[0] else correct(matches[0])
        return (
            refuse("I07", join_alternatives(matches)) if matches or ":" in stripped else self.parse_structure(stripped)
        )

    def parse_structure(self, text: str) -> ReferenceResult:
        """Parse a structure by its code, name, SIRET, BCE number, or SIREN if only one structure has it."""
        stripped = text.strip(SPACES)
        if stripped in self.structures.by_id:
            return stripped, None
        if match := SCIENTIFIC.fullmatch(stripped):
            return refuse("I03", self._expand_scientific(match))
        digits = digits_only(stripped)
        matches = self._structure_names.get(normalize_name(stripped), ())
        if digits is not None and not matches:
            return self._parse_number(stripped, digits)
        return correct(matches[0]) if len(matches) == 1 else refuse("I07", join_alternatives(matches))

    def _parse_number(self, text: str, digits: str) -> ReferenceResult:
        """Parse a structure by an official number, restoring the leading zeros that a spreadsheet may have dropped."""
        structures_by_number = self.structures.by_registration_number
        padded = self._restore_zeros(digits)
        matches = structures_by_number.get(digits, ()) + (structures_by_number[padded] if padded else ())
        if not matches:
            return self._refuse_unknown_number(digits)
        if len(matches) > 1:
            return refuse("I06", join_alternatives(matches))
        if padded:
            return correct(matches[0], "I02", padded)
        if digits.endswith(TRAILING_ZEROS) and digits != LA_POSTE_SIREN:
            return matches[0], CellNotice("I04", Severity.CONFIRM, matches[0])
        if len(digits) == len(LA_POSTE_SIREN):
            return correct(matches[0], "I06")
        return (matches[0], None) if text == digits else correct(matches[0], "C16", digits)

    def _restore_zeros(self, digits: str) -> str | None:
        """Return the only known number that gives these digits without one or all of its leading zeros."""
        lengths = {len(digits) + 1} if len(digits) in _ZEROS_LOST else set()
        if not digits.startswith("0"):
            lengths |= {length for length in _LENGTHS if length > len(digits)}
        padded_numbers = [
            digits.zfill(length) for length in lengths if digits.zfill(length) in self.structures.by_registration_number
        ]
        return padded_numbers[0] if len(padded_numbers) == 1 else None

    def _refuse_unknown_number(self, digits: str) -> ReferenceResult:
        """Return why a number matches no structure: wrong length, wrong check digits, or valid but unknown."""
        with_zero = "0" + digits
        match len(digits):
            case 14 if digits.endswith(TRAILING_ZEROS):
                return refuse("I03")
            case 14 if is_siret(digits):
                return refuse("I07")
            case 10 if is_bce(digits):
                return refuse("I07")
            case 9 if is_siren(digits) or is_bce(with_zero):
                return refuse("I07")
            case 13 if is_siret(with_zero):
                return refuse("I07", with_zero)
            case 8 if is_siren(with_zero):
                return refuse("I07", with_zero)
            case 14 | 10 | 9:
                return refuse("I05")
            case _:
                return refuse("I01")

    def _expand_scientific(self, scientific: re.Match[str]) -> str | None:
        """Return the number in scientific notation if it has all its digits and is a structure's."""
        decimals = scientific[2] or ""
        digits = scientific[1] + decimals
        return (
            digits if len(decimals) == int(scientific[3]) and digits in self.structures.by_registration_number else None
        )

    # Suggestions, only for the few cells that are listed: they cost more than parsing

    def closest_indicator(self, text: str) -> str | None:
        """Return the indicator whose id or label is closest to a text."""
        return _id_matcher(self.snapshot).closest(text) or _label_matcher(self.snapshot).closest(text)

    def closest_region(self, text: str) -> str | None:
        """Return the region whose name is closest to a text."""
        return _region_matcher(self.snapshot).closest(text)

    def closest_perimeter(self, text: str) -> str | None:
        """Return the perimeter or structure whose name is closest to a text."""
        closest_perimeter = _perimeter_matcher(self.snapshot).closest(text)
        return closest_perimeter if closest_perimeter or ":" in text else self.closest_structure(text)

    def closest_structure(self, text: str) -> str | None:
        """Return the structure whose name is closest to a text, or the known number closest to its digits."""
        digits = digits_only(text)
        if digits is not None:
            return self._closest_number(digits)
        return _structure_matcher(self.snapshot).closest(text, as_whole=True)

    def _closest_number(self, digits: str) -> str | None:
        """Return the only known number that differs by one digit or by two neighbouring digits exchanged."""
        if len(digits) not in {9, 10, 14}:
            return None
        candidates = {
            digits[:place] + other + digits[place + 1 :] for place in range(len(digits)) for other in "0123456789"
        } | {
            digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :] for place in range(len(digits) - 1)
        }
        known_numbers = sorted(number for number in candidates if number in self.structures.by_registration_number)
        return known_numbers[0] if len(known_numbers) == 1 else None
