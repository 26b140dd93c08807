"""What one process serves: the network it opened and whom it trusts. Set once at start, read by pages and routes."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from dashboards.clock import Clock
from indicators.catalogue import Audience
from indicators.network import Network

OWN_ADDRESSES: Final = {"127.0.0.1", "::1", "localhost"}
FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers that a proxy adds: whoever comes through one is not at this keyboard."""


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


def is_own_address(host: str) -> bool:
    """Whether a host, with or without a port, is the one by which only this machine reaches itself."""
    return urlsplit(f"//{host}").hostname in OWN_ADDRESSES


@dataclass(frozen=True)
class House:
    """The network that this process serves, whether it listens on this machine's own address only, and its clock."""

    network: Network
    loopback: bool
    clock: Clock

    def visitor(self, headers: Mapping[str, str]) -> Visitor:
        """Tell who sent a request, from its headers.

        With no identity provider, the person at the keyboard is the local administrator: the server listens on the
        loopback address, the browser asked for it by that name, and no proxy stands between. Anyone else is public.
        """
        names = {name.lower(): value for name, value in headers.items()}
        by_name = is_own_address(names.get("host", ""))
        at_keyboard = self.loopback and by_name and not any(name in names for name in FORWARDED)
        return LOCAL_ADMINISTRATOR if at_keyboard else PUBLIC

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
