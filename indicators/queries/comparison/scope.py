"""Who is compared with whom: the structures of a perimeter, of some kinds, of a group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, Structure, Structures, plain
from indicators.errors import UnknownError
from indicators.network import Reading
from schemas.structures import KINDS


@dataclass(frozen=True)
class Among:
    """The structures of a perimeter, of the kinds named (of all where none is), of a group where one is named."""

    perimeter: Perimeter = NETWORK
    kinds: tuple[str, ...] = ()
    group: str | None = None

    def structures(self, reading: Reading, indicator: Indicator | None = None, on: date = date.max) -> list[Structure]:
        """Return them in the order of their names, as they were on a day: those to which an indicator applied, if any.

        An `UnknownError` for a perimeter or a group that never existed; of two that do, nobody may be in both.
        """
        known_by = ("among", self, reading.structures.epoch(on))
        everybody = reading.once(known_by, lambda: self._find(reading, reading.structures.at(on)))
        if indicator is None:
            return everybody
        concerned = {kind for kind in KINDS if indicator.applies_to(kind)}
        return [structure for structure in everybody if structure.kind in concerned]

    def _find(self, reading: Reading, then: Structures) -> list[Structure]:
        if self.group is not None and self.group not in reading.structures.groups:
            raise UnknownError("perimeter", f"{Level.GROUP}:{self.group}")
        reading.structures.members(self.perimeter)
        found = [
            structure
            for structure in then.by_id.values()
            if structure.belongs_to(self.perimeter)
            and (not self.kinds or structure.kind in self.kinds)
            and (self.group is None or structure.group == self.group)
        ]
        return by_name(reading, found)


def by_name(reading: Reading, structures: Iterable[Structure]) -> list[Structure]:
    """Put structures in the order in which a reader looks a name up: « Étoile » beside « Etape »."""
    places: Mapping[str, int] = reading.once("places of names", lambda: _places(reading))
    return sorted(structures, key=lambda structure: places[structure.id])


def _places(reading: Reading) -> Mapping[str, int]:
    """Return the place of each structure's name; a name stripped of its accents costs too much to be made again."""
    known = reading.structures.by_id.values()
    ordered = sorted(known, key=lambda structure: (plain(structure.name), structure.id))
    return {structure.id: place for place, structure in enumerate(ordered)}
