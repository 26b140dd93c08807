"""The next meetings of a structure for calendar programs, at an address that a member made for themselves.

A calendar program signs in nowhere: the secret of the address is all that it has. It opens the days of meetings and
nothing else, as long as its member may see the registers of the structure and did not take it back.
"""

import logging
import re
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboards.access import AppState, Visitor
from dashboards.downloads.calendar_file import CALENDAR_TYPE, calendar_file
from dashboards.settings import Settings
from dashboards.web.limits import visitor_key
from dashboards.web.rate_limit import RateLimit
from dashboards.wording.translations import DEFAULT_LANGUAGE, load_translator
from indicators.accounts.feeds import find_feed
from indicators.accounts.members import grants_on
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.roles import Right
from indicators.errors import StoreError, UnknownError
from indicators.queries.registers.meetings import planned_meetings
from indicators.snapshot import Snapshot

LOG: Final = logging.getLogger(__name__)
FEED_PREFIX: Final = "/instances/"
SECRET_PARAM: Final = "jeton"  # noqa: S105 - the name of a parameter
FEED_PATH: Final = re.compile(rf"{FEED_PREFIX}[^/]+\.ics")
HEADERS: Final = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}


def feed_path(structure: str, secret: str) -> str:
    """Return the path of a feed, with its secret."""
    return f"{FEED_PREFIX}{structure}.ics?{urlencode({SECRET_PARAM: secret})}"


def is_feed_path(path: str) -> bool:
    """Whether a path is that of a feed, whoever asks for it."""
    return FEED_PATH.fullmatch(path) is not None


def feed_route(app_state: AppState, settings: Settings) -> Route:
    """Return the route of all feeds: whatever is not the address of one is unknown, and nothing says why."""
    rate = RateLimit(settings.requests_per_minute)

    def endpoint(request: Request) -> Response:
        if not rate.allows(visitor_key(request)):
            return PlainTextResponse("Too Many Requests", status_code=429, headers={"Retry-After": "60"})
        structure, secret = request.path_params["structure"], request.query_params.get(SECRET_PARAM, "")
        try:
            content = read_feed(app_state, structure, secret)
        except StoreError as failure:
            LOG.error("calendar: %s", failure)
            return PlainTextResponse("Service Unavailable", status_code=503, headers=HEADERS)
        if content is None:
            return PlainTextResponse("Not Found", status_code=404, headers=HEADERS)
        return Response(content, media_type=CALENDAR_TYPE, headers=HEADERS)

    return Route(f"{FEED_PREFIX}{{structure}}.ics", endpoint, methods=["GET", "HEAD"])


def read_feed(app_state: AppState, structure: str, secret: str) -> bytes | None:
    """Return the calendar that a secret opens; null if it opens none, or its member may not see the registers now."""
    if app_state.sign_in is None:
        return None
    accounts = app_state.sign_in.sessions.accounts
    feed = find_feed(accounts, secret)
    if feed is None or feed.structure != structure:
        return None
    member = Visitor(grants_on(accounts, feed.person, app_state.today()), app_state.rules, feed.person)
    with app_state.network.snapshot() as snapshot:
        try:
            perimeter = Perimeter(Level.STRUCTURE, snapshot.structures[structure].id)
        except UnknownError:
            return None
        if not member.may(Right.SEE_MANAGEMENT, perimeter, snapshot.structures):
            return None
        return calendar_of(app_state, snapshot, structure, DEFAULT_LANGUAGE)


def calendar_of(app_state: AppState, snapshot: Snapshot, structure: str, language: str) -> bytes:
    """Return the calendar of the meetings that a structure has planned from today on."""
    name = load_translator(language)("instances.calendar.name", name=snapshot.structures[structure].name)
    meetings = planned_meetings(snapshot, structure, app_state.today())
    return calendar_file(name, structure, meetings, app_state.clock.now())
