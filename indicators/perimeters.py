"""Structures and the perimeters they make up: structure › group › region › network, and the structures of a kind.

A perimeter is written `reseau`, `region:normandie`, `groupe:les-trois-rives`, `type:ACI` or by a structure's own code.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from indicators.errors import UnknownError
from indicators.periods import Span


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

    @property
    def group(self) -> str | None:
        """Code of the group it belongs to."""
        return slug(self.group_name) if self.group_name else None

    def open_during(self, period: Span) -> bool:
        """Whether it was open on at least one day of the period."""
        opened = self.opened_on is None or self.opened_on <= period.end
        return opened and (self.closed_on is None or self.closed_on >= period.start)


@dataclass(frozen=True)
class Structures:
    """The structures of the network, by id, in the order of their names."""

    by_id: Mapping[str, Structure]

    def __getitem__(self, structure: str) -> Structure:
        """Return the structure of that id; an `UnknownError` if there is none."""
        try:
            return self.by_id[structure]
        except KeyError:
            raise UnknownError("structure", structure) from None

    def __len__(self) -> int:
        """Count the structures."""
        return len(self.by_id)

    @cached_property
    def by_number(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the structures named by a SIRET, a SIREN or a BCE number; one SIREN may name several."""
        found: dict[str, tuple[str, ...]] = {}
        for structure in self.by_id.values():
            for number in filter(None, (structure.siret, structure.siret and structure.siret[:9], structure.bce)):
                found[number] = (*found.get(number, ()), structure.id)
        return found

    @cached_property
    def fictitious(self) -> bool:
        """Whether every structure says, in its name, that it is invented."""
        return bool(self.by_id) and all("(ficti" in structure.name for structure in self.by_id.values())

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """Names of the groups by their codes."""
        return {s.group: s.group_name for s in self.by_id.values() if s.group and s.group_name}

    def members(self, perimeter: Perimeter) -> list[str]:
        """Return the ids of the perimeter's structures; an `UnknownError` if the perimeter does not exist."""
        match perimeter.level:
            case Level.NETWORK:
                return list(self.by_id)
            case Level.STRUCTURE:
                return [self[perimeter.name].id]
            case Level.GROUP:
                members = [s.id for s in self.by_id.values() if s.group == perimeter.name]
            case Level.REGION:
                members = [s.id for s in self.by_id.values() if s.region == perimeter.name]
            case Level.KIND:
                members = [s.id for s in self.by_id.values() if s.kind == perimeter.name]
        if not members:
            raise UnknownError("perimeter", perimeter.code)
        return members

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
