"""Roles of the members of a network: the one table of what each may see and do on the perimeter it is given for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, Structures
from indicators.definitions.reference_files import ReferenceRow, read_reference_file
from indicators.errors import UnknownError
from schemas.members import ROLES, normalize_address
from schemas.reference_data import DEMO_MEMBERS

PSEUDONYM_PREFIX: Final = "m-"
"""Beginning of the pseudonyms of members, by which they are told from how programs call themselves."""


class Role(StrEnum):
    """What a member is on a perimeter; one person may have several roles."""

    DEPOSITOR = "depositor"
    DIRECTOR = "director"
    DELEGATE = "delegate"
    QUALITY = "quality"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """What a role may see or do on its perimeter."""

    SEE_MANAGEMENT = "see_management"
    """The management figures of the perimeter."""
    SEE_NETWORK_TIER = "see_network_tier"
    """What members of the network share with each other; it covers every structure, whatever the perimeter."""
    COMPARE = "compare"
    """The comparison of structures, by the figures that the reader may see."""
    SEE_DELIVERIES = "see_deliveries"
    """Who delivered, who is late and what is missing, by name."""
    REMIND = "remind"
    """Mails to those who have not delivered."""
    DEPOSIT = "deposit"
    """Files, and the withdrawal of those deposited."""
    EDIT_REGISTERS = "edit_registers"
    """Single rows of the registers of structures, on their pages."""
    MANAGE_MEMBERS = "manage_members"
    """Roles of everybody, and the sessions and the erasure of members; given for the network only."""
    SEE_JOURNAL = "see_journal"
    """What members did, and what was done to them."""
    SEE_WAITING = "see_waiting"
    """What was deposited for the perimeter and waits for approval, or was sent back with a comment."""
    APPROVE = "approve"
    """What was deposited for the perimeter, or its sending back with a comment."""
    MANAGE_CAMPAIGNS = "manage_campaigns"
    """The dates of campaigns, whether they ask for approval, and late exceptions."""
    OPERATE = "operate"
    """The inner addresses of the server, such as its metrics."""


RIGHTS: Final[Mapping[Role, frozenset[Right]]] = MappingProxyType(
    {
        Role.DEPOSITOR: frozenset(
            {Right.SEE_MANAGEMENT, Right.SEE_DELIVERIES, Right.SEE_WAITING, Right.DEPOSIT, Right.EDIT_REGISTERS}
        ),
        Role.DIRECTOR: frozenset(
            {Right.SEE_MANAGEMENT, Right.SEE_DELIVERIES, Right.SEE_WAITING, Right.APPROVE, Right.EDIT_REGISTERS}
        ),
        Role.DELEGATE: frozenset({Right.SEE_DELIVERIES, Right.COMPARE, Right.SEE_WAITING, Right.APPROVE, Right.REMIND}),
        Role.QUALITY: frozenset({Right.SEE_MANAGEMENT, Right.SEE_DELIVERIES, Right.EDIT_REGISTERS}),
        Role.ADMINISTRATOR: frozenset(Right),
    }
)
"""The rights of each role. The public has none."""
RIGHTS_TO_SEE: Final = frozenset({Right.SEE_MANAGEMENT, Right.SEE_NETWORK_TIER, Right.COMPARE, Right.SEE_DELIVERIES})
"""Rights that change nothing, and belong to no administrator alone."""
CHOSEN_BY_THE_NETWORK: Final = frozenset({(Role.DELEGATE, Right.SEE_MANAGEMENT)})
"""Rights that a network may add to a role: by default, delegates do not see what only management sees."""


@dataclass(frozen=True)
class Grant:
    """A role on a perimeter; an `UnknownError` for a choice of structures, which nobody but its address keeps."""

    role: Role
    perimeter: Perimeter

    def __post_init__(self) -> None:
        """Refuse a choice: a role is held on each of its structures, or on what they have in common."""
        if self.perimeter.level is Level.CHOICE:
            raise UnknownError("perimeter", self.perimeter.code)

    def covers(self, perimeter: Perimeter, structures: Structures) -> bool:
        """Whether the perimeter is the grant's, or lies within it by the newest attributes of its structure.

        A group or a kind of which all structures lie within the grant's region is not covered: it may have others
        tomorrow, and had others yesterday. Of a choice, each structure is asked about by itself (`Perimeter.parts`).
        """
        if self.perimeter in (perimeter, NETWORK):
            return True
        return perimeter.level is Level.STRUCTURE and structures[perimeter.name].belongs_to(self.perimeter)


@dataclass(frozen=True)
class Member:
    """A role of somebody, known by a mail address, between two days."""

    address: str
    grant: Grant
    holds_from: date | None
    holds_until: date | None

    def holds_on(self, day: date) -> bool:
        """Whether the role is held on a day; both days are included."""
        return (self.holds_from or day) <= day <= (self.holds_until or day)


def read_members(path: Path) -> Sequence[Member]:
    """Read a file of members; a `CatalogueError` names the file and the invalid line."""

    def complete(row: ReferenceRow) -> ReferenceRow:
        address = row["address"] and normalize_address(row["address"])
        if row["address"] and address is None:
            raise ValueError(f"adresse: {row['address']} is not a mail address")
        if row["role"] not in ROLES:
            raise ValueError(f"role: {row['role']} is none of {', '.join(ROLES)}")
        perimeter = Perimeter.parse(row["perimeter"]) if row["perimeter"] else None
        if perimeter is not None and perimeter.level is Level.CHOICE:
            raise UnknownError("perimeter", perimeter.code)
        return {**row, "address": address, "perimeter": perimeter and perimeter.code}

    return [
        Member(
            row["address"],
            Grant(Role(row["role"]), Perimeter.parse(row["perimeter"])),
            row["holds_from"],
            row["holds_until"],
        )
        for row in read_reference_file(path, DEMO_MEMBERS, complete)
    ]


@dataclass(frozen=True)
class AccessRules:
    """The table as a network applies it, with what it may choose itself.

    `reads_only` leaves the rights to see: an administrator who looks through somebody's eyes changes nothing.
    `reads_archive` leaves the figures: what was published years ago was delivered to nobody, and is not compared.
    """

    delegates_see_management: bool = False
    reads_only: bool = False
    reads_archive: bool = False

    def gives(self, role: Role, right: Right) -> bool:
        """Whether a role has a right on its perimeter."""
        if self.reads_only and right not in RIGHTS_TO_SEE:
            return False
        if self.reads_archive and right is not Right.SEE_MANAGEMENT:
            return False
        if (role, right) in CHOSEN_BY_THE_NETWORK:
            return self.delegates_see_management
        return right in RIGHTS[role]

    def audience(self, grants: Iterable[Grant], perimeter: Perimeter, structures: Structures) -> Audience:
        """Return the audience to which somebody's grants admit them for the figures of a perimeter.

        For those of a choice, it is that of the structure of which they may see least.
        """
        held = tuple(grants)
        return min((self._audience(held, part, structures) for part in perimeter.parts), key=list(Audience).index)

    def _audience(self, grants: Sequence[Grant], perimeter: Perimeter, structures: Structures) -> Audience:
        audience = Audience.PUBLIC
        for grant in grants:
            if self.gives(grant.role, Right.SEE_MANAGEMENT) and grant.covers(perimeter, structures):
                return Audience.MANAGEMENT
            if self.gives(grant.role, Right.SEE_NETWORK_TIER):
                audience = Audience.NETWORK
        return audience
