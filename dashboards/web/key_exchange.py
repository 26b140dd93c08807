"""Sign-in of the administrator: the access key of this start is exchanged for a cookie.

The address printed by `pilotage serve` redirects to the same address without the key, which therefore stays neither in
the browser's history nor in referrers. The key can also be typed into a form.
"""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboards.access import LOCAL_ADMINISTRATOR, get_app_state
from dashboards.app_pages.page_context import LANGUAGE_PARAM
from dashboards.app_pages.registry import pages_for
from dashboards.components.html import link, markup
from dashboards.web.access_key import KEY_PARAM, KEY_PATH, AccessKey
from dashboards.web.forms import read_form
from dashboards.web.limits import visitor_key
from dashboards.web.plain_page import plain_page
from dashboards.web.rate_limit import RateLimit
from dashboards.wording.translations import DEFAULT_LANGUAGE, LANGUAGES, Translator, load_translator

WRONG_KEYS_PER_MINUTE: Final = 10
"""Wrong keys per address and minute. A key cannot be guessed at any rate; this only limits the cost of the tries."""


class KeyExchangeMiddleware:
    """Middleware that exchanges the access key for the administrator's cookie, and passes everything else on."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an ASGI application."""
        self.app = app
        self._wrong_keys = RateLimit(WRONG_KEYS_PER_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer requests with a key or for its form."""
        access = get_app_state().access
        response = None
        if scope["type"] == "http" and isinstance(access, AccessKey):
            response = await self._response(access, Request(scope, receive))
        await (response or self.app)(scope, receive, send)

    async def _response(self, key: AccessKey, request: Request) -> Response | None:
        query = parse_qsl(request.url.query)
        language = next(
            (value for name, value in query if name == LANGUAGE_PARAM and value in LANGUAGES), DEFAULT_LANGUAGE
        )
        if request.url.path == KEY_PATH and request.method == "POST":
            offered_key = (await read_form(request)).get(KEY_PARAM, "").strip()
        elif request.method == "GET" and KEY_PARAM in dict(query):
            offered_key = dict(query)[KEY_PARAM]
        elif request.url.path == KEY_PATH and request.method in ("GET", "HEAD"):
            return key_page(load_translator(language))
        else:
            return None
        # An administrator who opens an old address with a key again is redirected too.
        if not key.is_held_in(request.cookies) and not key.matches(offered_key):
            allowed = self._wrong_keys.allows(visitor_key(request))
            return key_page(
                load_translator(language), "key.wrong" if allowed else "key.too_often", 403 if allowed else 429
            )
        return _grant_access(key, request.url.path, [(name, value) for name, value in query if name != KEY_PARAM])


def _grant_access(key: AccessKey, path: str, parameters: list[tuple[str, str]]) -> Response:
    """Set the cookie, and redirect to the requested page, or the home page, without the key."""
    # Redirect to our own pages only: any other path could lead to a foreign site.
    page_paths = {page.path for page in pages_for(LOCAL_ADMINISTRATOR)}
    address = path.strip("/") if path.strip("/") in page_paths else ""
    query = f"?{urlencode(parameters)}" if parameters else ""
    answer = RedirectResponse(f"/{address}{query}", status_code=303, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        key.cookie_name,
        key.cookie_value,
        path="/",
        httponly=True,
        samesite="strict",
        secure=get_app_state().site.is_encrypted,
    )
    return answer


def key_page(t: Translator, error_key: str | None = None, status: int = 200) -> Response:
    """Return the page with the key form; `error_key` is the message key of the error, if any."""
    return plain_page(t("key.title"), key_form(t, error_key), t, status)


def key_form(t: Translator, error_key: str | None = None) -> Markup:
    """Return the key form, with a sentence that says where the key is printed."""
    suffix = "" if t.language == DEFAULT_LANGUAGE else f"?{LANGUAGE_PARAM}={t.language}"
    error_html = markup('<p role="alert">{}</p>', t(error_key)) if error_key else ""
    return markup(
        "{}<p>{}</p>"
        '<form class="key" method="post" action="{}{}"><label for="cle">{}</label>'
        '<input id="cle" name="{}" type="password" required autocomplete="off">'
        '<button type="submit">{}</button></form>'
        "<p>{}</p>",
        error_html,
        t("key.where"),
        KEY_PATH,
        suffix,
        t("key.label"),
        KEY_PARAM,
        t("key.enter"),
        link(f"/{suffix}", t("page.network")),
    )
