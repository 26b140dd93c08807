"""The state of one server process: its network, clock and access rights. Set at start, read by pages and routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from dashboards.clock import Clock
from dashboards.web.access_key import Access, AccessKey, KeylessAccess
from dashboards.web.site_address import DEFAULT_PORT, SiteAddress
from indicators.definitions.catalogue import Audience
from indicators.errors import StoreError
from indicators.network import Network


@dataclass(frozen=True)
class Visitor:
    """The sender of a request: what they may see, and whether they may deposit."""

    audience: Audience
    local_administrator: bool

    @property
    def may_deposit(self) -> bool:
        """Whether the deposit page exists for them."""
        return self.local_administrator


PUBLIC_VISITOR: Final = Visitor(Audience.PUBLIC, local_administrator=False)
LOCAL_ADMINISTRATOR: Final = Visitor(Audience.MANAGEMENT, local_administrator=True)


LOCAL_SITE: Final = SiteAddress.from_binding("127.0.0.1", DEFAULT_PORT)


@dataclass(frozen=True)
class AppState:
    """What this process serves: the network, its clock, who administers it, and the public address of the site."""

    network: Network
    clock: Clock
    access: Access = KeylessAccess.NO_ONE
    site: SiteAddress = LOCAL_SITE

    def visitor(self, cookies: Mapping[str, str]) -> Visitor:
        """Identify the sender of a request by its cookies; pages, routes and middleware all use this."""
        match self.access:
            case AccessKey() as key:
                is_administrator = key.is_held_in(cookies)
            case KeylessAccess.EVERYONE_IF_FICTITIOUS:
                is_administrator = self._is_readable_and_fictitious()
            case KeylessAccess.NO_ONE:
                is_administrator = False
        return LOCAL_ADMINISTRATOR if is_administrator else PUBLIC_VISITOR

    @property
    def shows_key_hint(self) -> bool:
        """Whether pages say where the key is printed: only on a site that is reached from its own machine."""
        return isinstance(self.access, AccessKey) and self.site.is_local

    def _is_readable_and_fictitious(self) -> bool:
        try:
            return self.is_fictitious
        except StoreError:
            return False

    @property
    def is_fictitious(self) -> bool:
        """Whether every structure of the network is named as invented."""
        with self.network.snapshot() as snapshot:
            return snapshot.structures.are_fictitious

    def today(self) -> date:
        """Return the day that decides what is due, late or open."""
        return self.clock.today()


_app_state: AppState | None = None


def set_app_state(app_state: AppState) -> None:
    """Make this the state that pages and routes of the process use."""
    # Streamlit runs a page's script anew for each session: only the process is shared.
    global _app_state
    _app_state = app_state


def get_app_state() -> AppState:
    """Return the state of this process."""
    if _app_state is None:
        raise RuntimeError("no house is open: start the pages with `pilotage serve` or `pilotage demo`")
    return _app_state
