"""Access key of the administrator, for sites without an identity provider; generated at each start.

Nothing else gives access: neither the requested address, nor the apparent source of a request, nor the absence of proxy
headers. `pilotage serve` prints the key; it is exchanged for a cookie from which the key cannot be derived.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from indicators.definitions.roles import Grant

KEY_PARAM: Final = "cle"
"""Parameter of an address that carries the key."""
PERSON_PARAM: Final = "personne"
"""Parameter of an address that says, in a demonstration, whom its reader is."""
KEY_PATH: Final = "/cle"
"""Path of the form in which the key can be typed."""
SECRET_BYTES: Final = 32
COOKIE_PURPOSE: Final = b"pilotage: cookie of the local administrator"


@dataclass(frozen=True)
class AccessKey:
    """The key of one start of a site, shared by all its processes.

    `port` is that of the site's address: browsers send cookies to every port of a host, so two sites on one machine
    need different cookie names.
    """

    secret: str = field(repr=False)
    port: int

    @classmethod
    def generate(cls, port: int) -> Self:
        """Generate a random key."""
        return cls(secrets.token_urlsafe(SECRET_BYTES), port)

    def matches(self, offered: str) -> bool:
        """Whether the offered key is this one, by constant-time comparison."""
        return _constant_time_equal(offered, self.secret)

    @property
    def cookie_name(self) -> str:
        """Name of the administrator's cookie."""
        return f"pilotage_{self.port}"

    @property
    def cookie_value(self) -> str:
        """Value of that cookie: a keyed digest, the same in every process, from which the key cannot be derived."""
        return hmac.new(self.secret.encode(), COOKIE_PURPOSE, hashlib.sha256).hexdigest()

    def is_held_in(self, cookies: Mapping[str, str]) -> bool:
        """Whether the cookies of a request include the administrator's."""
        return _constant_time_equal(cookies.get(self.cookie_name, ""), self.cookie_value)


@dataclass(frozen=True)
class PublicAccess:
    """A site that nobody administers."""


@dataclass(frozen=True)
class DemoAccess:
    """A demonstration on one machine: every visitor chooses in the address whom to be.

    It holds as long as all structures of the network are fictitious. `people` are the grants of each, by the name in
    the address; `""` is who does not choose.
    """

    people: Mapping[str, tuple[Grant, ...]]

    def grants(self, person: str) -> tuple[Grant, ...]:
        """Return the grants of the person of an address; an unknown one has none."""
        return self.people.get(person, ())


@dataclass(frozen=True)
class ArchiveAccess:
    """Figures that real organisations published years ago: nobody changes anything, and nobody is invented there.

    `reader` is what lets a visitor see figures that the catalogue keeps for management, and that were published then;
    nothing where the site has other visitors than those of its machine. It holds as long as the store has no other
    structures than the `published` ones.
    """

    reader: tuple[Grant, ...]
    published: frozenset[str]


Access = AccessKey | DemoAccess | ArchiveAccess | PublicAccess


def _constant_time_equal(offered: str, expected: str) -> bool:
    # Client input may contain lone surrogates, which cannot be encoded.
    return hmac.compare_digest(offered.encode(errors="replace"), expected.encode())
