"""The state of one server process: its network, clock and access rights. Set at start, read by pages and routes."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from dashboards.clock import Clock
from dashboards.web.access_key import PERSON_PARAM, Access, AccessKey, ArchiveAccess, DemoAccess, PublicAccess
from dashboards.web.sign_in.offer import SignIn
from dashboards.web.site_address import DEFAULT_PORT, SiteAddress
from indicators.accounts.events import EventKind, record_event
from indicators.accounts.sessions import SessionState
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Perimeter, Structures
from indicators.definitions.periods import Period
from indicators.definitions.roles import AccessRules, Grant, Right, Role
from indicators.errors import StoreError, UnknownError
from indicators.network import Network


@dataclass(frozen=True)
class Visitor:
    """The sender of a request: their roles, and the rules that say what these give.

    `person` is the pseudonym of a member who is signed in; `session_ended` says that they were. `through` is the
    pseudonym of the member through whose eyes an administrator looks, with that member's grants.
    """

    grants: tuple[Grant, ...] = ()
    rules: AccessRules = field(default_factory=AccessRules)
    person: str | None = None
    session_ended: bool = False
    through: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether they are who they are without signing in: by the key of this start, or in a demonstration."""
        return self.person is None and (bool(self.grants) or self.through is not None)

    @property
    def is_known(self) -> bool:
        """Whether they are more than the public, or were until a moment ago: what they may not see is said to them."""
        return self.is_local or self.person is not None or self.session_ended

    def has(self, right: Right) -> bool:
        """Whether one of their roles has a right, wherever: the pages for it exist for them."""
        return any(self.rules.gives(grant.role, right) for grant in self.grants)

    def may(self, right: Right, perimeter: Perimeter, structures: Structures) -> bool:
        """Whether their roles have a right on a perimeter: of a choice, on each of its structures."""
        held = [grant for grant in self.grants if self.rules.gives(grant.role, right)]
        return all(any(grant.covers(part, structures) for grant in held) for part in perimeter.parts)

    def perimeters(self, right: Right) -> tuple[Perimeter, ...]:
        """Return the perimeters on which they have a right, as they were given."""
        given = (grant.perimeter for grant in self.grants if self.rules.gives(grant.role, right))
        return tuple(dict.fromkeys(given))

    def structures(self, right: Right, structures: Structures) -> frozenset[str] | None:
        """Return the ids of the structures on which they have a right; null for those of the whole network."""
        perimeters = self.perimeters(right)
        if NETWORK in perimeters:
            return None
        own: set[str] = set()
        for perimeter in perimeters:
            # A perimeter may be gone since the role was given.
            with suppress(UnknownError):
                own.update(structures.members(perimeter))
        return frozenset(own)

    def audience(self, perimeter: Perimeter, structures: Structures) -> Audience:
        """Return the audience to which they are admitted for the figures of a perimeter."""
        return self.rules.audience(self.grants, perimeter, structures)

    @property
    def role(self) -> str:
        """Their roles in one word, for logs: never a name."""
        return "+".join(dict.fromkeys(grant.role.value for grant in self.grants)) or "public"


LOCAL_AUTHOR: Final = "administration locale"
"""Author, in the journal, of what whoever holds the key of the site does."""
PUBLIC_VISITOR: Final = Visitor()
LOCAL_ADMINISTRATOR: Final = Visitor((Grant(Role.ADMINISTRATOR, NETWORK),))

LOCAL_SITE: Final = SiteAddress.from_binding("127.0.0.1", DEFAULT_PORT)


@dataclass(frozen=True)
class AppState:
    """What this process serves: the network, its clock, who administers it, and the public address of the site."""

    network: Network
    clock: Clock
    access: Access = field(default_factory=PublicAccess)
    site: SiteAddress = LOCAL_SITE
    sign_in: SignIn | None = None
    """How members sign in; null where they cannot: in a demonstration, or where the store cannot be written."""
    rules: AccessRules = field(default_factory=AccessRules)

    def visitor(self, cookies: Mapping[str, str], params: Mapping[str, str]) -> Visitor:
        """Identify the sender of a request by its cookies; pages, routes and middleware all use this.

        The parameters of the address count in a demonstration, and for who manages members: they look through
        somebody's eyes.
        """
        match self.access:
            case AccessKey() as key:
                visitor = LOCAL_ADMINISTRATOR if key.is_held_in(cookies) else self._member(cookies)
                person = params.get(PERSON_PARAM)
                return self._looking_through(visitor, person) if person else visitor
            case DemoAccess() as demo:
                grants = demo.grants(params.get(PERSON_PARAM, "")) if self._is_readable_and_fictitious() else ()
                return Visitor(grants, self.rules)
            case ArchiveAccess() as archive:
                grants = archive.reader if self._holds_only(archive.published) else ()
                return Visitor(grants, replace(self.rules, reads_archive=True))
            case PublicAccess():
                return PUBLIC_VISITOR

    def _member(self, cookies: Mapping[str, str]) -> Visitor:
        """Return the member of a session as the accounts have them now; the public if they cannot be asked."""
        if self.sign_in is None:
            return PUBLIC_VISITOR
        known = self.sign_in.sessions.find(cookies, self.clock.now(), self.today())
        match known.session.state:
            case SessionState.ACTIVE:
                return Visitor(known.grants, self.rules, known.session.person)
            case SessionState.ENDED:
                return Visitor(session_ended=True)
            case _:
                return PUBLIC_VISITOR

    def _looking_through(self, visitor: Visitor, person: str) -> Visitor:
        """Return an administrator as the member whom the address names, who may then see and not change anything."""
        if self.sign_in is None or not visitor.has(Right.MANAGE_MEMBERS):
            return visitor
        sessions = self.sign_in.sessions
        grants = sessions.look_through(visitor.person or LOCAL_AUTHOR, person, self.clock.now(), self.today())
        return Visitor(grants, replace(self.rules, reads_only=True), visitor.person, through=person)

    def record_export(self, visitor: Visitor, name: str) -> None:
        """Record that somebody took management figures away, as a file of that name."""
        if self.sign_in is None or not visitor.has(Right.SEE_MANAGEMENT):
            return
        author = visitor.person or LOCAL_AUTHOR
        record_event(
            self.sign_in.sessions.accounts, self.clock.now(), author, EventKind.MANAGEMENT_EXPORTED, detail=name
        )

    def record_reminders(self, visitor: Visitor, perimeter: Perimeter, period: Period, count: int) -> None:
        """Record that somebody sent reminders of a period to those of a perimeter, and how many left."""
        detail = f"{perimeter.code} {period.code} {count}"
        author = visitor.person or LOCAL_AUTHOR
        record_event(self.network.accounts, self.clock.now(), author, EventKind.REMINDED, detail=detail)

    @property
    def is_archive(self) -> bool:
        """Whether its figures were published years ago, and nobody is expected to deliver others."""
        return isinstance(self.access, ArchiveAccess)

    @property
    def shows_key_hint(self) -> bool:
        """Whether pages say where the key is printed: only on a site that is reached from its own machine."""
        return isinstance(self.access, AccessKey) and self.site.is_local

    def _is_readable_and_fictitious(self) -> bool:
        try:
            return self.is_fictitious
        except StoreError:
            return False

    def _holds_only(self, structures: frozenset[str]) -> bool:
        try:
            with self.network.snapshot() as snapshot:
                return snapshot.structures.by_id.keys() <= structures
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
