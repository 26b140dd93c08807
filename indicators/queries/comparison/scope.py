"""Scope of a comparison: the structures of a perimeter, of some kinds, of a group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, Structure, Structures, fold_case_and_accents
from indicators.errors import UnknownError
from indicators.snapshot import Snapshot
from schemas.structures import STRUCTURE_KINDS


@dataclass(frozen=True)
class ComparisonScope:
    """The structures of a perimeter, limited to some kinds (empty: all) and to a group if given."""

    perimeter: Perimeter = NETWORK
    kinds: tuple[str, ...] = ()
    group: str | None = None

    def structures(
        self, snapshot: Snapshot, indicator: Indicator | None = None, on: date = date.max
    ) -> list[Structure]:
        """Return the structures as they were on a day, sorted by name, limited to those of an indicator if given.

        An `UnknownError` for a perimeter or a group that never existed; empty if no structure is in both.
        """
        key = ("among", self, snapshot.structures.epoch(on))
        members = snapshot.cached(key, lambda: self._find(snapshot, snapshot.structures.as_of(on)))
        if indicator is None:
            return members
        kinds = {kind for kind in STRUCTURE_KINDS if indicator.applies_to(kind)}
        return [structure for structure in members if structure.kind in kinds]

    def _find(self, snapshot: Snapshot, as_of_day: Structures) -> list[Structure]:
        if self.group is not None and self.group not in snapshot.structures.group_names:
            raise UnknownError("perimeter", f"{Level.GROUP}:{self.group}")
        snapshot.structures.members(self.perimeter)
        members = [
            structure
            for structure in as_of_day.by_id.values()
            if structure.belongs_to(self.perimeter)
            and (not self.kinds or structure.kind in self.kinds)
            and (self.group is None or structure.group == self.group)
        ]
        return sort_by_name(snapshot, members)


def sort_by_name(snapshot: Snapshot, structures: Iterable[Structure]) -> list[Structure]:
    """Sort structures by name, ignoring case and accents: « Étoile » next to « Etape »."""
    places: Mapping[str, int] = snapshot.cached("places of names", lambda: _name_ranks(snapshot))
    return sorted(structures, key=lambda structure: places[structure.id])


def _name_ranks(snapshot: Snapshot) -> Mapping[str, int]:
    """Return the rank of each structure's name; cached, since folding accents is expensive."""
    structures = snapshot.structures.by_id.values()
    ordered = sorted(structures, key=lambda structure: (fold_case_and_accents(structure.name), structure.id))
    return {structure.id: place for place, structure in enumerate(ordered)}
