"""Who sends a request: looked up one time for all parts of the server that ask."""

from functools import partial
from typing import Final

from anyio import to_thread
from starlette.requests import HTTPConnection
from starlette.types import Scope

from dashboards.access import Visitor, get_app_state
from dashboards.web.access_key import PERSON_PARAM

VISITOR_KEY: Final = "pilotage.visitor"
"""Name in the scope of a request under which its sender is kept."""


async def identify(scope: Scope) -> Visitor:
    """Return the sender of a request or of the opening of a session.

    Members are looked up in a database, which may be on another machine, or wait for a writer: never in the loop that
    serves everybody.
    """
    if VISITOR_KEY not in scope:
        app_state, connection = get_app_state(), HTTPConnection(scope)
        find = partial(app_state.visitor, connection.cookies, connection.query_params)
        sign_in, is_lookup = app_state.sign_in, False
        if sign_in is not None:
            is_lookup = sign_in.sessions.cookie_name in connection.cookies or PERSON_PARAM in connection.query_params
        scope[VISITOR_KEY] = await to_thread.run_sync(find) if is_lookup else find()
    visitor: Visitor = scope[VISITOR_KEY]
    return visitor
