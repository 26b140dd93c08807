"""Structures and their perimeters: a structure, a group, a region, the structures of a kind, a choice, the network.

A perimeter is written `reseau`, `region:normandie`, `groupe:les-trois-rives`, `type:ACI`, `choix:un-atelier,une-regie`
or by a structure's own code. A choice is made in an address by whoever reads it; nothing is agreed or declared for it.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

import polars as pl

from indicators.cached import cached_property
from indicators.definitions.periods import Span
from indicators.errors import UnknownError


class Level(StrEnum):
    """Levels of consolidation, spelled as in addresses."""

    STRUCTURE = "structure"
    GROUP = "groupe"
    REGION = "region"
    KIND = "type"
    CHOICE = "choix"
    NETWORK = "reseau"


CHOICE_SEPARATOR: Final = ","
"""Between the codes of a choice of structures."""
MAX_CHOSEN_STRUCTURES: Final = 40
"""Structures of a choice: more are a region or a kind, and an address has no room for them."""


@dataclass(frozen=True)
class Perimeter:
    """A structure, a group, a region, the structures of a kind, a choice or the network (whose `name` is empty)."""

    level: Level
    name: str = ""

    @classmethod
    def of_choice(cls, structures: Iterable[str]) -> Self:
        """Return the perimeter of some structures, whatever their order; of one alone, that structure's own.

        An `UnknownError` without any, or with more than `MAX_CHOSEN_STRUCTURES`.
        """
        codes = sorted({code for code in structures if code})
        if not codes:
            raise UnknownError("perimeter", f"{Level.CHOICE}:")
        if len(codes) > MAX_CHOSEN_STRUCTURES:
            raise UnknownError("choice", str(MAX_CHOSEN_STRUCTURES))
        return cls(Level.STRUCTURE, codes[0]) if len(codes) == 1 else cls(Level.CHOICE, CHOICE_SEPARATOR.join(codes))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The structures of a choice; empty for any other perimeter."""
        return tuple(self.name.split(CHOICE_SEPARATOR)) if self.level is Level.CHOICE else ()

    @property
    def parts(self) -> "tuple[Perimeter, ...]":
        """The perimeters that somebody must have a right on to have it on this one: each structure of a choice."""
        return tuple(Perimeter(Level.STRUCTURE, code) for code in self.chosen) or (self,)

    @classmethod
    def parse(cls, code: str) -> Self:
        """Parse a code as it is spelled, whether or not the perimeter exists; an `UnknownError` for another level."""
        level, separator, name = code.partition(":")
        if code == Level.NETWORK.value:
            return cls(Level.NETWORK)
        if not separator:
            return cls(Level.STRUCTURE, code)
        if level == Level.CHOICE.value:
            return cls.of_choice(name.split(CHOICE_SEPARATOR))
        if level not in {Level.GROUP.value, Level.REGION.value, Level.KIND.value}:
            raise UnknownError("perimeter", code)
        return cls(Level(level), name)

    @property
    def code(self) -> str:
        """Spelling in addresses and in the targets' files."""
        match self.level:
            case Level.NETWORK:
                return self.level.value
            case Level.STRUCTURE:
                return self.name
            case _:
                return f"{self.level.value}:{self.name}"

    def __str__(self) -> str:
        """Spelling in addresses and in the targets' files."""
        return self.code


NETWORK = Perimeter(Level.NETWORK)
UNCHANGING_LEVELS: Final = {Level.NETWORK, Level.STRUCTURE, Level.CHOICE}
"""Levels whose perimeters have the same structures at any time."""


FICTITIOUS_MARK: Final = "(ficti"
"""Mark in the name of every fictitious structure, in either gender: (fictif), (fictive)."""


def slug(text: str) -> str:
    """Turn a name into a code: lower case, no accent, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold_case_and_accents(text)).strip("-")


def fold_case_and_accents(text: str) -> str:
    """Return a text in lower case, without accents, ligatures or invisible characters: « L’Œuvre » is l’oeuvre."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    return "".join(mark for mark in decomposed if unicodedata.category(mark) not in {"Mn", "Cf"})


@dataclass(frozen=True)
class Structure:
    """An enterprise or a school of the network."""

    id: str
    name: str
    kind: str
    group_name: str | None
    region: str
    department: str | None
    country: str
    siret: str | None
    bce: str | None
    opened_on: date | None
    closed_on: date | None
    valid_from: date | None = None
    """First day of its other attributes; null if they hold from the beginning."""
    predecessor: str | None = None
    """Id of the structure that it continues."""
    actions_since: date | None = None
    """Day from which its actions are counted; null if it does not say."""

    @cached_property
    def group(self) -> str | None:
        """Code of the group it belongs to."""
        return slug(self.group_name) if self.group_name else None

    def belongs_to(self, perimeter: Perimeter) -> bool:
        """Whether a perimeter contains the structure, or is the structure itself."""
        match perimeter.level:
            case Level.NETWORK:
                return True
            case Level.STRUCTURE:
                return self.id == perimeter.name
            case Level.GROUP:
                return self.group == perimeter.name
            case Level.REGION:
                return self.region == perimeter.name
            case Level.KIND:
                return self.kind == perimeter.name
            case Level.CHOICE:
                return self.id in perimeter.chosen

    def is_open_during(self, period: Span) -> bool:
        """Whether it was open on at least one day of the period."""
        opened = self.opened_on is None or self.opened_on <= period.end
        return opened and (self.closed_on is None or self.closed_on >= period.start)


@dataclass(frozen=True)
class StructureVersion:
    """A structure with the attributes it had between two days, both included."""

    structure: Structure
    holds_from: date
    holds_until: date


MEMBERSHIP_SCHEMA: Final = {"structure": pl.String, "holds_from": pl.Date, "holds_until": pl.Date}
"""Schema of a membership frame: structures with the first and the last day on which they belong to a perimeter."""
IS_PARTIAL_MEMBERSHIP: Final = (pl.col("holds_from") > date.min) | (pl.col("holds_until") < date.max)
"""Whether a row of a membership frame does not cover all time."""


def restrict_to_membership(rows: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows of structures in periods that ended during their membership; one row per membership."""
    return (
        rows.join(members, on="structure", how="inner", maintain_order="left")
        .filter(pl.col("period_end").is_between("holds_from", "holds_until"))
        .drop("holds_from", "holds_until")
    )


@dataclass(frozen=True)
class Structures:
    """The structures of the network by id, sorted by name, with their newest attributes.

    `changed` holds all versions of each structure whose attributes changed, oldest first.
    """

    by_id: Mapping[str, Structure]
    changed: Mapping[str, Sequence[StructureVersion]] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, structure: str) -> Structure:
        """Return the structure of an id; an `UnknownError` if there is none."""
        try:
            return self.by_id[structure]
        except KeyError:
            raise UnknownError("structure", structure) from None

    def __len__(self) -> int:
        """Count the structures."""
        return len(self.by_id)

    def as_of(self, day: date) -> "Structures":
        """Return the structures with the kind, group and location that they had on a day; names stay the newest."""
        if not self.changed:
            return self
        epoch = self.epoch(day)
        as_of_epoch = self._by_epoch.get(epoch)
        if as_of_epoch is None:
            former = {
                version.structure.id: _with_attributes_of(self.by_id[version.structure.id], version.structure)
                for versions in self.changed.values()
                for version in versions
                if version.holds_from <= day <= version.holds_until
            }
            as_of_epoch = self._by_epoch[epoch] = Structures(
                {id_: former.get(id_, current) for id_, current in self.by_id.items()}
            )
        return as_of_epoch

    def epoch(self, day: date) -> date:
        """Return the day of the last change of attributes up to a day: `as_of` is the same until the next one."""
        changes = bisect_right(self._change_days, day)
        return self._change_days[changes - 1] if changes else date.min

    @cached_property
    def _change_days(self) -> Sequence[date]:
        """Days on which the attributes of any structure changed."""
        return sorted({version.holds_from for versions in self.changed.values() for version in versions})

    @cached_property
    def _by_epoch(self) -> dict[date, "Structures"]:
        """Cache of `as_of` by epoch."""
        return {}

    @cached_property
    def versions(self) -> Sequence[StructureVersion]:
        """All versions of all structures, each with its first and last day."""
        unchanged = [StructureVersion(s, date.min, date.max) for s in self.by_id.values() if s.id not in self.changed]
        return [*unchanged, *(version for versions in self.changed.values() for version in versions)]

    def former_names(self, structure: str) -> Sequence[str]:
        """Return the earlier names of a structure, oldest first."""
        current_name = self.by_id[structure].name
        return [
            name
            for name in dict.fromkeys(d.structure.name for d in self.changed.get(structure, ()))
            if name != current_name
        ]

    def predecessors(self, structure: str) -> Sequence[Structure]:
        """Return the structure that a structure continues, the one that this one continued, and so on.

        A structure that is its own predecessor, or one that is not known, ends the line.
        """
        line = [self.by_id[structure]]
        while predecessor := self.by_id.get(line[-1].predecessor or ""):
            if predecessor in line:
                break
            line.append(predecessor)
        return line[1:]

    def took_over_on(self, structure: str) -> date | None:
        """Return the day from which a structure continues its predecessor; null if nothing says it.

        The day after the predecessor closed, else the day on which the structure opened, else the first day of the
        attributes that name the predecessor.
        """
        current = self.by_id[structure]
        predecessor = self.by_id.get(current.predecessor or "")
        if predecessor is not None and predecessor.closed_on is not None:
            return predecessor.closed_on + timedelta(days=1)
        named = (v.structure for v in self.changed.get(structure, ()) if v.structure.predecessor == current.predecessor)
        return current.opened_on or next((version.valid_from for version in named), None)

    def successors(self, structure: str) -> Sequence[Structure]:
        """Return the structures that continue a structure, in the order of their names."""
        return self._successors.get(structure, ())

    @cached_property
    def _successors(self) -> Mapping[str, Sequence[Structure]]:
        """Structures by the id of the one that they continue."""
        successors: dict[str, list[Structure]] = {}
        for structure in self.by_id.values():
            if structure.predecessor and structure.predecessor != structure.id:
                successors.setdefault(structure.predecessor, []).append(structure)
        return successors

    @cached_property
    def by_registration_number(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the structures by SIRET, SIREN or BCE number; several structures may share a SIREN.

        A former number of a structure still identifies it, unless another structure has it now.
        """
        current: dict[str, tuple[str, ...]] = {}
        for structure in self.by_id.values():
            for number in registration_numbers(structure):
                current[number] = (*current.get(number, ()), structure.id)
        former: dict[str, tuple[str, ...]] = {}
        for versions in self.changed.values():
            for version in versions:
                for number in registration_numbers(version.structure):
                    if number not in current and version.structure.id not in former.get(number, ()):
                        former[number] = (*former.get(number, ()), version.structure.id)
        return current | former

    @cached_property
    def are_fictitious(self) -> bool:
        """Whether the names of all structures mark them as fictitious."""
        return bool(self.by_id) and all(FICTITIOUS_MARK in structure.name for structure in self.by_id.values())

    @cached_property
    def group_names(self) -> Mapping[str, str]:
        """Names of the groups by code, including groups without members today."""
        structures = [*(version.structure for version in self.versions), *self.by_id.values()]
        return {s.group: s.group_name for s in structures if s.group and s.group_name}

    def members(self, perimeter: Perimeter) -> list[str]:
        """Return the ids of a perimeter's structures by their newest attributes.

        Empty if the last structure left it; an `UnknownError` if the perimeter never existed.
        """
        match perimeter.level:
            case Level.NETWORK:
                return list(self.by_id)
            case Level.STRUCTURE:
                return [self[perimeter.name].id]
            case Level.CHOICE:
                return [self[code].id for code in perimeter.chosen]
            case _:
                members = [*self.members_by_perimeter.get(perimeter, ())]
        if not members and not any(version.structure.belongs_to(perimeter) for version in self.versions):
            raise UnknownError("perimeter", perimeter.code)
        return members

    def has(self, perimeter: Perimeter) -> bool:
        """Whether a perimeter exists, or did: a role may be given for one that does not yet, or not any more."""
        try:
            self.members(perimeter)
        except UnknownError:
            return False
        return True

    def members_on(self, perimeter: Perimeter, day: date) -> list[str]:
        """Return the ids of the structures that belonged to a perimeter on a day; empty before it existed."""
        members, as_of_day = self.members(perimeter), self.as_of(day)
        if as_of_day is self or perimeter.level in UNCHANGING_LEVELS:
            return members
        return [*as_of_day.members_by_perimeter.get(perimeter, ())]

    @cached_property
    def members_by_perimeter(self) -> Mapping[Perimeter, Sequence[str]]:
        """Ids of the structures of each group, region and kind; a board reads them about a hundred times."""
        members: dict[Perimeter, list[str]] = {}
        for structure in self.by_id.values():
            for level, name in (
                (Level.GROUP, structure.group),
                (Level.REGION, structure.region),
                (Level.KIND, structure.kind),
            ):
                if name is not None:
                    members.setdefault(Perimeter(level, name), []).append(structure.id)
        return members

    def members_over_time(self, perimeter: Perimeter) -> pl.DataFrame:
        """Return the members of a perimeter with the days of their membership: `MEMBERSHIP_SCHEMA`."""
        members = self.members(perimeter)
        if not self.changed or perimeter.level in UNCHANGING_LEVELS:
            return pl.DataFrame([(id_, date.min, date.max) for id_ in members], schema=MEMBERSHIP_SCHEMA, orient="row")
        rows = [
            (version.structure.id, version.holds_from, version.holds_until)
            for version in self.versions
            if version.structure.belongs_to(perimeter)
        ]
        return pl.DataFrame(rows, schema=MEMBERSHIP_SCHEMA, orient="row")

    def parse_perimeter(self, code: str) -> Perimeter:
        """Parse a perimeter code of an address; an `UnknownError` if the perimeter does not exist."""
        perimeter = Perimeter.parse(code)
        self.members(perimeter)
        return perimeter


def _with_attributes_of(current: Structure, former: Structure) -> Structure:
    """Return a structure with the kind, group and location of an earlier version."""
    changing = ("kind", "group_name", "region", "department", "country", "valid_from")
    return replace(current, **{name: getattr(former, name) for name in changing})


def registration_numbers(structure: Structure) -> Iterator[str]:
    """Yield the registration numbers of a structure: SIRET, SIREN, BCE number."""
    yield from filter(None, (structure.siret, structure.siret and structure.siret[:9], structure.bce))
