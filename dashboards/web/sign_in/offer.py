"""What a site offers to members who sign in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from dashboards.mails.mail_server import MailServer
from dashboards.settings import Settings
from dashboards.web.sign_in.addresses import LINK_PATH, MAILS_PATH, RETURN_ENDING, SIGN_IN_PATH, SIGN_OUT_PATH
from dashboards.web.sign_in.configuration import Provider, read_auth_section
from dashboards.web.sign_in.member_sessions import MemberSessions
from dashboards.web.site_address import SiteAddress
from indicators.accounts.links import signing_keys
from indicators.accounts.sessions import SessionRules
from indicators.network import Network


@dataclass(frozen=True)
class SignIn:
    """How members of a site sign in."""

    sessions: MemberSessions
    providers: Mapping[str, Provider] = field(default_factory=lambda: MappingProxyType({}))
    offers_links: bool = True
    mail_server: MailServer | None = None
    state_key: str = field(default="", repr=False)
    """The key that signs what a browser keeps while its reader is at a provider."""

    @property
    def paths(self) -> frozenset[str]:
        """The paths of the routes by which sessions begin and end."""
        of_providers = (f"{SIGN_IN_PATH}/{name}{end}" for name in self.providers for end in ("", RETURN_ENDING))
        return frozenset((SIGN_IN_PATH, LINK_PATH, MAILS_PATH, SIGN_OUT_PATH, *of_providers))

    @property
    def sends_links(self) -> bool:
        """Whether a link can be asked for: without a mail server, an administrator makes them."""
        return self.offers_links and self.mail_server is not None


def make_sign_in(network: Network, settings: Settings, site: SiteAddress) -> SignIn | None:
    """Return how members sign in to a site: not at all where a cookie could be read on its way, or none be kept.

    A `PilotageError` names an invalid file or setting.
    """
    section = read_auth_section(settings.auth)
    if network.lake.read_only or not (site.is_encrypted or site.is_local):
        return None
    rules = SessionRules(timedelta(hours=settings.session_hours), timedelta(minutes=settings.session_idle_minutes))
    return SignIn(
        MemberSessions(network.accounts, site, rules),
        section.providers,
        section.offers_links,
        settings.mail_server,
        signing_keys(network.accounts)[-1],
    )
