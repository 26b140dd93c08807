"""The door of the administrator: the key of this start is taken, and a cookie given for it.

The address printed by `pilotage serve` is answered with the same address without the key, so that it stays neither in
the browser's history nor in what is sent to others. Who has the key and no such address types it into a small form.
"""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboards.access import LOCAL_ADMINISTRATOR, house
from dashboards.app_pages.page_context import LANGUAGE
from dashboards.app_pages.registry import pages_for
from dashboards.components.html import link, text
from dashboards.web.access_key import KEY_PAGE, PARAMETER, AccessKey
from dashboards.web.limits import visitor_name
from dashboards.web.plain_page import plain_page
from dashboards.web.rate_limit import RateLimit
from dashboards.wording.translations import DEFAULT, LANGUAGES, Words, words

WRONG_KEYS_PER_MINUTE: Final = 10
"""From one address. A key cannot be guessed at any speed; this keeps the tries from costing anything."""
MAX_FORM_BYTES: Final = 2_000


class KeyExchange:
    """Exchanges the key of this start for the cookie of its administrator, and passes everything else on."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self.app = app
        self._wrong_keys = RateLimit(WRONG_KEYS_PER_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is about the key."""
        access = house().access
        answer = None
        if scope["type"] == "http" and isinstance(access, AccessKey):
            answer = await self._answer(access, Request(scope, receive))
        await (answer or self.app)(scope, receive, send)

    async def _answer(self, key: AccessKey, request: Request) -> Response | None:
        asked = parse_qsl(request.url.query)
        language = next((value for name, value in asked if name == LANGUAGE and value in LANGUAGES), DEFAULT)
        if request.url.path == KEY_PAGE and request.method == "POST":
            offered = await _offered_by_form(request)
        elif request.method == "GET" and PARAMETER in dict(asked):
            offered = dict(asked)[PARAMETER]
        elif request.url.path == KEY_PAGE and request.method in ("GET", "HEAD"):
            return key_page(words(language))
        else:
            return None
        # Who administers already and opens an old address again goes where it leads.
        if not key.held_in(request.cookies) and not key.matches(offered):
            allowed = self._wrong_keys.allows(visitor_name(request))
            return key_page(words(language), "key.wrong" if allowed else "key.too_often", 403 if allowed else 429)
        return _opened(key, request.url.path, [(name, value) for name, value in asked if name != PARAMETER])


async def _offered_by_form(request: Request) -> str:
    """Read the key that was typed into the form; nothing where it is no form of ours."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > MAX_FORM_BYTES:
            return ""
    return dict(parse_qsl(content.decode("latin-1"))).get(PARAMETER, "").strip()


def _opened(key: AccessKey, path: str, parameters: list[tuple[str, str]]) -> Response:
    """Give the cookie, and lead to the page asked for, or to the first one, without the key."""
    # Of our own pages only: whatever else stands in an address could lead to somebody else's.
    known = {page.address for page in pages_for(LOCAL_ADMINISTRATOR)}
    address = path.strip("/") if path.strip("/") in known else ""
    query = f"?{urlencode(parameters)}" if parameters else ""
    answer = RedirectResponse(f"/{address}{query}", status_code=303, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        key.cookie_name,
        key.cookie_value,
        path="/",
        httponly=True,
        samesite="strict",
        secure=house().site.encrypted,
    )
    return answer


def key_page(say: Words, wrong: str | None = None, status: int = 200) -> Response:
    """Say where the key is, and take it; `wrong` is the key of what is said of the one before."""
    return plain_page(say("key.title"), key_form(say, wrong), say, status)


def key_form(say: Words, wrong: str | None = None) -> str:
    """Return the form that takes the key, under the sentence that says where it is."""
    suffix = "" if say.language == DEFAULT else f"?{LANGUAGE}={say.language}"
    said = f'<p role="alert">{text(say(wrong))}</p>' if wrong else ""
    return (
        f"{said}<p>{text(say('key.where'))}</p>"
        f'<form class="key" method="post" action="{KEY_PAGE}{suffix}"><label for="cle">{text(say("key.label"))}</label>'
        f'<input id="cle" name="{PARAMETER}" type="password" required autocomplete="off">'
        f'<button type="submit">{text(say("key.enter"))}</button></form>'
        f"<p>{link(f'/{suffix}', say('page.network'))}</p>"
    )
