"""Sessions of members in a site: their cookie, and what the accounts say of it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from time import monotonic
from typing import Final

from starlette.responses import Response

from dashboards.web.site_address import SiteAddress
from indicators.accounts.database import AccountsDatabase
from indicators.accounts.events import EventKind, record_event
from indicators.accounts.members import grants_on, is_person
from indicators.accounts.sessions import (
    UNKNOWN_SESSION,
    FoundSession,
    SessionRules,
    SessionState,
    end_session,
    find_session,
    open_session,
)
from indicators.definitions.roles import Grant
from indicators.errors import StoreError

LOG: Final = logging.getLogger(__name__)
FRESH_S: Final = 2.0
"""Seconds after which a member whose role or session was taken away in another process is noticed."""
MAX_KNOWN: Final = 1_000
LOOK_LASTS_S: Final = 600.0
"""Seconds for which looking through somebody's eyes is one look."""


@dataclass(frozen=True)
class KnownMember:
    """What the accounts say of the bearer of a cookie: the state of the session, whose it is, their grants today."""

    session: FoundSession = UNKNOWN_SESSION
    grants: tuple[Grant, ...] = ()


STRANGER: Final = KnownMember()


@dataclass(frozen=True)
class MemberSessions:
    """The sessions of a site."""

    accounts: AccountsDatabase
    site: SiteAddress
    rules: SessionRules
    _looks: dict[tuple[str, str], float] = field(default_factory=dict, compare=False, repr=False)
    _known: dict[str, tuple[float, KnownMember]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def cookie_name(self) -> str:
        """Name of the cookie. Browsers take one with this prefix only over https and for this very host."""
        return "__Host-pilotage" if self.site.is_encrypted else f"pilotage_session_{self.site.port}"

    def find(self, cookies: Mapping[str, str], at: datetime, day: date) -> KnownMember:
        """Return the bearer of the cookies of a request; whom the accounts cannot be asked about is a stranger.

        What they said less than `FRESH_S` ago holds: a page makes some forty requests.
        """
        token = cookies.get(self.cookie_name)
        if not token:
            return STRANGER
        now = monotonic()
        found_at, known = self._known.get(token, (-FRESH_S, STRANGER))
        if now - found_at < FRESH_S:
            return known
        known = self._look_up(token, at, day)
        if known.session.state is SessionState.UNKNOWN:
            # Anybody may send any number of made-up cookies.
            return known
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[token] = (now, known)
        return known

    def _look_up(self, token: str, at: datetime, day: date) -> KnownMember:
        try:
            session = find_session(self.accounts, token, at, self.rules)
            is_active = session.state is SessionState.ACTIVE and session.person is not None
            return KnownMember(session, grants_on(self.accounts, str(session.person), day) if is_active else ())
        except StoreError as failure:
            LOG.error("%s", failure)
            return STRANGER

    def look_through(self, author: str, person: str, at: datetime, day: date) -> tuple[Grant, ...]:
        """Return the grants of a member through whose eyes an administrator looks; the journal says so.

        Once in ten minutes: a page makes some forty requests. Of whom nobody knows, nothing is written: an address that
        is typed by mistake would stay in the journal for good.
        """
        try:
            if not is_person(self.accounts, person):
                return ()
            now, looked_at = monotonic(), self._looks.get((author, person), -LOOK_LASTS_S)
            if now - looked_at >= LOOK_LASTS_S:
                record_event(self.accounts, at, author, EventKind.LOOKED_THROUGH, person)
                self._looks[author, person] = now
            return grants_on(self.accounts, person, day)
        except StoreError as failure:
            LOG.error("%s", failure)
            return ()

    def open(self, response: Response, person: str, at: datetime, way: str) -> None:
        """Open a session of a person, and set its cookie."""
        response.set_cookie(
            self.cookie_name,
            open_session(self.accounts, person, at, way),
            # The browser forgets it when the session has ended at the latest; the accounts decide.
            max_age=int(self.rules.longest.total_seconds()),
            path="/",
            httponly=True,
            # Links to the site, in a mail for instance, find their reader signed in; forms of other sites do not.
            samesite="lax",
            secure=self.site.is_encrypted,
        )

    def end(self, response: Response, cookies: Mapping[str, str], at: datetime) -> None:
        """End the session of a request, and remove its cookie."""
        end_session(self.accounts, cookies.get(self.cookie_name, ""), at)
        self._known.clear()
        response.delete_cookie(self.cookie_name, path="/", httponly=True, samesite="lax", secure=self.site.is_encrypted)
