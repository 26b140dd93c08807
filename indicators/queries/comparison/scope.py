"""Scope of a comparison: the structures of a perimeter, of some kinds, of a group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from indicators.definitions.catalogue import Indicator
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, Structure, fold_case_and_accents
from indicators.errors import UnknownError
from indicators.snapshot import Snapshot, per_version
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
        members = _members(snapshot, self, snapshot.structures.epoch(on))
        if indicator is None:
            return members
        kinds = {kind for kind in STRUCTURE_KINDS if indicator.applies_to(kind)}
        return [structure for structure in members if structure.kind in kinds]


@per_version
def _members(snapshot: Snapshot, scope: ComparisonScope, epoch: date) -> list[Structure]:
    """Return the structures of a scope as they were from a day on (`Structures.epoch`) until the next change."""
    if scope.group is not None and scope.group not in snapshot.structures.group_names:
        raise UnknownError("perimeter", f"{Level.GROUP}:{scope.group}")
    snapshot.structures.members(scope.perimeter)
    members = [
        structure
        for structure in snapshot.structures.as_of(epoch).by_id.values()
        if structure.belongs_to(scope.perimeter)
        and (not scope.kinds or structure.kind in scope.kinds)
        and (scope.group is None or structure.group == scope.group)
    ]
    return sort_by_name(snapshot, members)


def sort_by_name(snapshot: Snapshot, structures: Iterable[Structure]) -> list[Structure]:
    """Sort structures by name, ignoring case and accents: « Étoile » next to « Etape »."""
    ranks = _name_ranks(snapshot)
    return sorted(structures, key=lambda structure: ranks[structure.id])


@per_version
def _name_ranks(snapshot: Snapshot) -> Mapping[str, int]:
    """Return the rank of each structure's name; cached, since folding accents is expensive."""
    structures = snapshot.structures.by_id.values()
    ordered = sorted(structures, key=lambda structure: (fold_case_and_accents(structure.name), structure.id))
    return {structure.id: place for place, structure in enumerate(ordered)}
