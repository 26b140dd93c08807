"""Structures and the perimeters they make up: structure › group › region › network, and the structures of a kind.

A perimeter is written `reseau`, `region:normandie`, `groupe:les-trois-rives`, `type:ACI` or by a structure's own code.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import polars as pl

from indicators.cached import cached_property
from indicators.definitions.periods import Span
from indicators.errors import UnknownError


class Level(StrEnum):
    """Levels of consolidation, as they are written in an address."""

    STRUCTURE = "structure"
    GROUP = "groupe"
    REGION = "region"
    KIND = "type"
    NETWORK = "reseau"


@dataclass(frozen=True)
class Perimeter:
    """A structure, a group, a region, the structures of a kind or the network (whose `name` is empty)."""

    level: Level
    name: str = ""

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


INVENTED: Final = "(ficti"
"""What the name of an invented structure says of it, whatever its gender: (fictif), (fictive)."""


def slug(text: str) -> str:
    """Turn a name into a code: lower case, no accent, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", plain(text)).strip("-")


def plain(text: str) -> str:
    """Return a text in lower case, without accents, joined letters or unseen marks: « L’Œuvre » is l’oeuvre."""
    parted = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    return "".join(mark for mark in parted if unicodedata.category(mark) not in {"Mn", "Cf"})


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
    """The day from which its other attributes hold; from the beginning where there is none."""
    predecessor: str | None = None

    @cached_property
    def group(self) -> str | None:
        """Code of the group it belongs to."""
        return slug(self.group_name) if self.group_name else None

    def belongs_to(self, perimeter: Perimeter) -> bool:
        """Whether a perimeter is it, or holds it."""
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

    def open_during(self, period: Span) -> bool:
        """Whether it was open on at least one day of the period."""
        opened = self.opened_on is None or self.opened_on <= period.end
        return opened and (self.closed_on is None or self.closed_on >= period.start)


@dataclass(frozen=True)
class Dated:
    """A structure as it was from a day to another, both included."""

    structure: Structure
    holds_from: date
    holds_until: date


MEMBERS: Final = {"structure": pl.String, "holds_from": pl.Date, "holds_until": pl.Date}
"""A frame of this schema says who belongs somewhere, and from which day to which."""
BELONGS_PARTLY: Final = (pl.col("holds_from") > date.min) | (pl.col("holds_until") < date.max)
"""Whether a row of such a frame is of one that did not always belong there."""


@dataclass(frozen=True)
class Structures:
    """The structures of the network, by id, in the order of their names, with their newest attributes.

    `past` has, of each that changed, what it was before as well, oldest first and the newest last.
    """

    by_id: Mapping[str, Structure]
    past: Mapping[str, Sequence[Dated]] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, structure: str) -> Structure:
        """Return the structure of that id; an `UnknownError` if there is none."""
        try:
            return self.by_id[structure]
        except KeyError:
            raise UnknownError("structure", structure) from None

    def __len__(self) -> int:
        """Count the structures."""
        return len(self.by_id)

    def at(self, day: date) -> "Structures":
        """Return the same structures, under their own names, with the kind, group and place that they had on a day."""
        if not self.past:
            return self
        epoch = self.epoch(day)
        found = self._epochs.get(epoch)
        if found is None:
            then = {
                dated.structure.id: _as(self.by_id[dated.structure.id], dated.structure)
                for several in self.past.values()
                for dated in several
                if dated.holds_from <= day <= dated.holds_until
            }
            found = self._epochs[epoch] = Structures({id_: then.get(id_, own) for id_, own in self.by_id.items()})
        return found

    def epoch(self, day: date) -> int:
        """Return how many times attributes had changed by a day: `at` is the same for the days of one epoch."""
        return bisect_right(self._changes, day)

    @cached_property
    def _changes(self) -> Sequence[date]:
        """The days on which some structure changed."""
        return sorted({dated.holds_from for several in self.past.values() for dated in several})

    @cached_property
    def _epochs(self) -> dict[int, "Structures"]:
        """What `at` found, by the number of changes that came before."""
        return {}

    @cached_property
    def dated(self) -> Sequence[Dated]:
        """Every structure with each of its attributes and how long they held."""
        alone = [Dated(s, date.min, date.max) for s in self.by_id.values() if s.id not in self.past]
        return [*alone, *(dated for several in self.past.values() for dated in several)]

    def former_names(self, structure: str) -> Sequence[str]:
        """Return the names that a structure had before its own, oldest first."""
        own = self.by_id[structure].name
        return [name for name in dict.fromkeys(d.structure.name for d in self.past.get(structure, ())) if name != own]

    @cached_property
    def by_number(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the structures named by a SIRET, a SIREN or a BCE number; one SIREN may name several.

        A number that a structure had before still names it, unless it is another's now.
        """
        found: dict[str, tuple[str, ...]] = {}
        for structure in self.by_id.values():
            for number in numbers_of(structure):
                found[number] = (*found.get(number, ()), structure.id)
        former: dict[str, tuple[str, ...]] = {}
        for several in self.past.values():
            for dated in several:
                for number in numbers_of(dated.structure):
                    if number not in found and dated.structure.id not in former.get(number, ()):
                        former[number] = (*former.get(number, ()), dated.structure.id)
        return found | former

    @cached_property
    def fictitious(self) -> bool:
        """Whether every structure says, in its name, that it is invented."""
        return bool(self.by_id) and all(INVENTED in structure.name for structure in self.by_id.values())

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """Names of the groups by their codes, those that nobody belongs to any more included."""
        known = [*(dated.structure for dated in self.dated), *self.by_id.values()]
        return {s.group: s.group_name for s in known if s.group and s.group_name}

    def members(self, perimeter: Perimeter) -> list[str]:
        """Return the ids of the perimeter's structures, by their attributes here.

        None where the last one left it; an `UnknownError` if the perimeter never existed.
        """
        match perimeter.level:
            case Level.NETWORK:
                return list(self.by_id)
            case Level.STRUCTURE:
                return [self[perimeter.name].id]
            case _:
                members = [*self._members.get(perimeter, ())]
        if not members and not any(dated.structure.belongs_to(perimeter) for dated in self.dated):
            raise UnknownError("perimeter", perimeter.code)
        return members

    def members_on(self, perimeter: Perimeter, day: date) -> list[str]:
        """Return the ids of the structures that belonged to a perimeter on a day: none before it existed."""
        members, then = self.members(perimeter), self.at(day)
        if then is self or perimeter.level in {Level.NETWORK, Level.STRUCTURE}:
            return members
        return [*then._members.get(perimeter, ())]

    @cached_property
    def _members(self) -> Mapping[Perimeter, Sequence[str]]:
        """Ids of the structures of each group, region and kind: a board asks a hundred times who belongs where."""
        found: dict[Perimeter, list[str]] = {}
        for own in self.by_id.values():
            for level, name in ((Level.GROUP, own.group), (Level.REGION, own.region), (Level.KIND, own.kind)):
                if name is not None:
                    found.setdefault(Perimeter(level, name), []).append(own.id)
        return found

    def members_over_time(self, perimeter: Perimeter) -> pl.DataFrame:
        """Return who belongs to a perimeter, from which day to which: `MEMBERS`."""
        members = self.members(perimeter)
        if not self.past or perimeter.level in {Level.NETWORK, Level.STRUCTURE}:
            return pl.DataFrame([(id_, date.min, date.max) for id_ in members], schema=MEMBERS, orient="row")
        found = [
            (dated.structure.id, dated.holds_from, dated.holds_until)
            for dated in self.dated
            if dated.structure.belongs_to(perimeter)
        ]
        return pl.DataFrame(found, schema=MEMBERS, orient="row")

    def perimeter(self, code: str) -> Perimeter:
        """Read a perimeter as addresses write it; an `UnknownError` if it does not exist."""
        level, separator, name = code.partition(":")
        if code == Level.NETWORK.value:
            return NETWORK
        if not separator:
            return Perimeter(Level.STRUCTURE, self[code].id)
        if level not in {Level.GROUP.value, Level.REGION.value, Level.KIND.value}:
            raise UnknownError("perimeter", code)
        perimeter = Perimeter(Level(level), name)
        self.members(perimeter)
        return perimeter


def _as(own: Structure, then: Structure) -> Structure:
    """Return a structure with the kind, the group and the place of what it was."""
    changing = ("kind", "group_name", "region", "department", "country", "valid_from")
    return replace(own, **{name: getattr(then, name) for name in changing})


def numbers_of(structure: Structure) -> Iterator[str]:
    """Yield the numbers that name a structure: SIRET, SIREN, BCE number."""
    yield from filter(None, (structure.siret, structure.siret and structure.siret[:9], structure.bce))
