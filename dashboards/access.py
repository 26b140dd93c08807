"""What one process serves: the network it opened and whom it trusts. Set once at start, read by pages and routes."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from dashboards.clock import Clock
from dashboards.web.access_key import Access, AccessKey, KeylessAccess
from dashboards.web.site_address import DEFAULT_PORT, SiteAddress
from indicators.definitions.catalogue import Audience
from indicators.errors import StoreError
from indicators.network import Network


@dataclass(frozen=True)
class Visitor:
    """Somebody who looks at a page: what they may see, and whether they may deposit."""

    audience: Audience
    local_administrator: bool

    @property
    def may_deposit(self) -> bool:
        """Whether the deposit page exists for them."""
        return self.local_administrator


PUBLIC: Final = Visitor(Audience.PUBLIC, local_administrator=False)
LOCAL_ADMINISTRATOR: Final = Visitor(Audience.MANAGEMENT, local_administrator=True)


AT_HOME: Final = SiteAddress.listening("127.0.0.1", DEFAULT_PORT)


@dataclass(frozen=True)
class House:
    """The network that this process serves, its clock, who administers it, and the address that it is known by."""

    network: Network
    clock: Clock
    access: Access = KeylessAccess.NOBODY
    site: SiteAddress = AT_HOME

    def visitor(self, cookies: Mapping[str, str]) -> Visitor:
        """Tell who sent a request, from its cookies; pages, routes and all that stands before them ask this."""
        match self.access:
            case AccessKey() as key:
                administers = key.held_in(cookies)
            case KeylessAccess.EVERYBODY_WHILE_INVENTED:
                administers = self._invented()
            case KeylessAccess.NOBODY:
                administers = False
        return LOCAL_ADMINISTRATOR if administers else PUBLIC

    @property
    def asks_for_key(self) -> bool:
        """Whether its visitors are told where the key is: they are at the machine that printed it."""
        return isinstance(self.access, AccessKey) and self.site.on_this_machine

    def _invented(self) -> bool:
        try:
            return self.fictitious
        except StoreError:
            return False

    @property
    def fictitious(self) -> bool:
        """Whether every structure of the network says, in its name, that it is invented."""
        with self.network.reading() as reading:
            return reading.structures.fictitious

    def today(self) -> date:
        """Return the day by which what is due is judged."""
        return self.clock.today()


_opened: House | None = None


def open_house(house: House) -> None:
    """Make this the house that pages and routes of the process serve."""
    # Streamlit runs a page's script anew for each session: the process is what they share.
    global _opened
    _opened = house


def house() -> House:
    """Return the house of this process."""
    if _opened is None:
        raise RuntimeError("no house is open: start the pages with `pilotage serve` or `pilotage demo`")
    return _opened


@cache
def settle(stage: str) -> None:  # noqa: ARG001 - once for each
    """Take what the process holds by now for what it holds for good: at its start, and after the first of each page.

    Streamlit collects garbage after each showing of a page; looking through all that was ever imported took 30 ms a
    time, half of what a change cost.
    """
    gc.collect()
    gc.freeze()
