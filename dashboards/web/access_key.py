"""Who administers a site without an identity provider: whoever holds the key that this start of it has made.

Nothing else counts: not the address that was asked for, not where a request seems to come from, not the absence of
headers that a proxy may add or not. `pilotage serve` prints the key; it is exchanged for a cookie, which says nothing
of the key itself.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Self

PARAMETER: Final = "cle"
"""The parameter of an address that holds the key."""
KEY_PAGE: Final = "/cle"
"""The page that takes the key of who has no address with it."""
SECRET_BYTES: Final = 32
COOKIE_PURPOSE: Final = b"pilotage: cookie of the local administrator"


@dataclass(frozen=True)
class AccessKey:
    """The key of one start of a site; every process that serves the site must be handed the same one.

    `port` is that of the site's address: browsers send a cookie to every port of a host, so that two sites on one
    machine need two names for theirs.
    """

    secret: str = field(repr=False)
    port: int

    @classmethod
    def generate(cls, port: int) -> Self:
        """Make a key that nobody can guess."""
        return cls(secrets.token_urlsafe(SECRET_BYTES), port)

    def matches(self, offered: str) -> bool:
        """Whether somebody offers this key, compared in a time that tells nothing of it."""
        return _same(offered, self.secret)

    @property
    def cookie_name(self) -> str:
        """Name of the cookie that the key is exchanged for."""
        return f"pilotage_{self.port}"

    @property
    def cookie_value(self) -> str:
        """Value of that cookie: the same in every process that has the key, which cannot be found from it."""
        return hmac.new(self.secret.encode(), COOKIE_PURPOSE, hashlib.sha256).hexdigest()

    def held_in(self, cookies: Mapping[str, str]) -> bool:
        """Whether the cookies of a request hold the one that the key was exchanged for."""
        return _same(cookies.get(self.cookie_name, ""), self.cookie_value)


class KeylessAccess(Enum):
    """Who administers a site that has no key."""

    NOBODY = auto()
    EVERYBODY_WHILE_INVENTED = auto()
    """Everybody, as long as every structure of the network says that it is invented: a demonstration on one machine."""


Access = AccessKey | KeylessAccess


def _same(offered: str, expected: str) -> bool:
    # What a stranger sends may be no text at all: half a character cannot be encoded.
    return hmac.compare_digest(offered.encode(errors="replace"), expected.encode())
