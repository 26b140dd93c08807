"""Access key of the administrator, for sites without an identity provider; generated at each start.

Nothing else gives access: neither the requested address, nor the apparent source of a request, nor the absence of proxy
headers. `pilotage serve` prints the key; it is exchanged for a cookie from which the key cannot be derived.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Self

KEY_PARAM: Final = "cle"
"""Parameter of an address that carries the key."""
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


class KeylessAccess(Enum):
    """Who administers a site without a key."""

    NO_ONE = auto()
    EVERYONE_IF_FICTITIOUS = auto()
    """Every visitor, as long as all structures of the network are fictitious: a demonstration on one machine."""


Access = AccessKey | KeylessAccess


def _constant_time_equal(offered: str, expected: str) -> bool:
    # Client input may contain lone surrogates, which cannot be encoded.
    return hmac.compare_digest(offered.encode(errors="replace"), expected.encode())
