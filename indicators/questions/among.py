"""Who is compared with whom: the structures of a perimeter, of some kinds, of a group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from indicators.catalogue import Indicator
from indicators.errors import UnknownError
from indicators.network import Reading
from indicators.perimeters import NETWORK, Level, Perimeter, Structure, plain
from schemas.structures import KINDS


@dataclass(frozen=True)
class Among:
    """The structures of a perimeter, of the kinds named (of all where none is), of a group where one is named."""

    perimeter: Perimeter = NETWORK
    kinds: tuple[str, ...] = ()
    group: str | None = None

    def structures(self, reading: Reading, indicator: Indicator | None = None) -> list[Structure]:
        """Return them in the order of their names, those to which an indicator applies if one is given.

        An `UnknownError` for a perimeter or a group that does not exist; of two that do, nobody may be in both.
        """
        everybody = reading.once(("among", self), lambda: self._find(reading))
        if indicator is None:
            return everybody
        concerned = {kind for kind in KINDS if indicator.applies_to(kind)}
        return [structure for structure in everybody if structure.kind in concerned]

    def _find(self, reading: Reading) -> list[Structure]:
        if self.group is not None and self.group not in reading.structures.groups:
            raise UnknownError("perimeter", f"{Level.GROUP}:{self.group}")
        found = [
            structure
            for structure in map(reading.structures.__getitem__, reading.structures.members(self.perimeter))
            if (not self.kinds or structure.kind in self.kinds)
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
