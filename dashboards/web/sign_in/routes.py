"""Routes of sign-in and sign-out."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from anyio import to_thread
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboards.access import AppState
from dashboards.app_pages.page_context import LANGUAGE_PARAM
from dashboards.app_pages.registry import PAGES
from dashboards.components.html import link, markup
from dashboards.mails.mail_server import Mail, MailError
from dashboards.mails.sending import person_of_unsubscribe
from dashboards.settings import Settings
from dashboards.web.forms import read_form
from dashboards.web.limits import visitor_key
from dashboards.web.rate_limit import RateLimit
from dashboards.web.sign_in.addresses import (
    LINK_PATH,
    MAILS_PATH,
    RETURN_ENDING,
    SIGN_IN_PATH,
    SIGN_OUT_PATH,
    TARGET_PARAM,
    TOKEN_PARAM,
    address_of,
)
from dashboards.web.sign_in.offer import SignIn
from dashboards.web.sign_in.openid import Identity, Providers
from dashboards.web.sign_in.pages import (
    ADDRESS_FIELD,
    EVERYWHERE_FIELD,
    digests_page,
    digests_stopped_page,
    link_mail_words,
    link_sent_page,
    sign_in_page,
    sign_out_page,
    signed_out_page,
    use_link_page,
)
from dashboards.wording.translations import DEFAULT_LANGUAGE, LANGUAGES, Translator, load_translator
from indicators.accounts.links import UsedLink, make_link_token, use_link_token
from indicators.accounts.members import addresses, find_person, grants_on, set_language, want_digest
from indicators.accounts.sessions import end_sessions_of
from indicators.errors import StoreError, UnknownError
from schemas.members import normalize_address

LOG: Final = logging.getLogger(__name__)
STATE_LASTS_S: Final = 600
"""Seconds for which a reader may stay at a provider."""
LINKS_PER_ADDRESS_AND_MINUTE: Final = 1
DESK_PATH: Final = "/bureau"
"""Where a member goes on who came from no page in particular."""
SITE_AUTHOR: Final = "site"
"""Author of the links that their readers ask for."""

Handler = Callable[[Request], Awaitable[Response]]


def sign_in_routes(app_state: AppState, settings: Settings) -> list[BaseRoute]:
    """Return the routes of a site whose members may sign in; none elsewhere."""
    if app_state.sign_in is None:
        return []
    return SignInRoutes(app_state, app_state.sign_in, settings).routes()


class OwnScope:
    """Middleware that keeps what is put into the scope of a request from the middleware around it.

    Streamlit has a session in a cookie of its own for two weeks, and would write ours into it too.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an ASGI application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with a scope that is its own."""
        await self.app(dict(scope), receive, send)


class SignInRoutes:
    """Handlers of the requests by which sessions begin and end."""

    def __init__(self, app_state: AppState, sign_in: SignIn, settings: Settings) -> None:
        """Register the providers, of which nothing is asked yet."""
        self.app_state = app_state
        self.sign_in = sign_in
        self.providers = Providers(sign_in.providers)
        self._rate = RateLimit(settings.sign_ins_per_minute)
        self._return_rate = RateLimit(settings.sign_ins_per_minute)
        self._links_rate = RateLimit(LINKS_PER_ADDRESS_AND_MINUTE)

    def routes(self) -> list[BaseRoute]:
        """Return the routes; those of providers keep their state in a signed cookie that is read nowhere else."""
        site = self.app_state.site
        state_cookie = Middleware(
            SessionMiddleware,
            secret_key=self.sign_in.state_key,
            session_cookie="__Host-pilotage-provider" if site.is_encrypted else f"pilotage_provider_{site.port}",
            max_age=STATE_LASTS_S,
            same_site="lax",
            https_only=site.is_encrypted,
        )
        by_provider = [
            Route(
                f"{SIGN_IN_PATH}/{name}{ending}",
                self._explained(handler),
                middleware=[Middleware(OwnScope), state_cookie],
            )
            for name in self.sign_in.providers
            for ending, handler in (("", self._redirect), (RETURN_ENDING, self._return))
        ]
        return [
            *(
                Route(path, self._explained(handler), methods=[method])
                for path, method, handler in (
                    (SIGN_IN_PATH, "GET", self._show_ways),
                    (SIGN_IN_PATH, "POST", self._send_link),
                    (LINK_PATH, "GET", self._show_link),
                    (LINK_PATH, "POST", self._use_link),
                    (MAILS_PATH, "GET", self._show_digests),
                    (MAILS_PATH, "POST", self._stop_digests),
                    (SIGN_OUT_PATH, "GET", self._show_sign_out),
                    (SIGN_OUT_PATH, "POST", self._sign_out),
                )
            ),
            *by_provider,
        ]

    def _explained(self, handler: Handler) -> Handler:
        """Return a handler that says a sentence where the accounts cannot be read or written."""

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except StoreError as failure:
                LOG.error("sign-in: %s", failure)
                return sign_in_page(self.sign_in, _translator(request), "", "sign_in.accounts.down", 503)

        return handle

    async def _show_ways(self, request: Request) -> Response:
        t = _translator(request)
        target = own_page(request.query_params.get(TARGET_PARAM, ""))
        if self.app_state.visitor(request.cookies, {}).person:
            # Links in mails lead here with their page.
            return RedirectResponse(target or address_of(SIGN_OUT_PATH, t), 303)
        return sign_in_page(self.sign_in, t, target)

    async def _send_link(self, request: Request) -> Response:
        """Answer at once and alike, whatever the address; the link is made and sent afterwards."""
        t, target = _translator(request), own_page(request.query_params.get(TARGET_PARAM, ""))
        address = normalize_address((await read_form(request)).get(ADDRESS_FIELD, ""))
        if not self.sign_in.sends_links:
            return sign_in_page(self.sign_in, t, target, status=404)
        if not self._rate.allows(visitor_key(request)):
            return sign_in_page(self.sign_in, t, target, "sign_in.too_often", 429)
        if address is None:
            return sign_in_page(self.sign_in, t, target, "sign_in.address.invalid", 400)
        answer = link_sent_page(t)
        if self._links_rate.allows(address):
            answer.background = BackgroundTask(self._make_and_send_link, address, target, t)
        return answer

    def _make_and_send_link(self, address: str, target: str, t: Translator) -> None:
        mail_server, accounts = self.sign_in.mail_server, self.sign_in.sessions.accounts
        try:
            person = find_person(accounts, address)
            if mail_server is None or not grants_on(accounts, person, self.app_state.today()):
                return
            token = make_link_token(accounts, person, SITE_AUTHOR, self.app_state.clock.now())
            url = self.app_state.site.url + address_of(LINK_PATH, t, **{TOKEN_PARAM: token, TARGET_PARAM: target})
            mail_server.send(_link_mail(address, url, t))
        except UnknownError:
            # The reader is not told that nobody has the address; neither is the log, which strangers could fill.
            return
        except (StoreError, MailError) as failure:
            LOG.error("a sign-in link was not sent: %s", failure)

    async def _show_link(self, request: Request) -> Response:
        target = own_page(request.query_params.get(TARGET_PARAM, ""))
        return use_link_page(_translator(request), request.query_params.get(TOKEN_PARAM, ""), target)

    async def _use_link(self, request: Request) -> Response:
        t, form = _translator(request), await read_form(request)
        if not self._rate.allows(visitor_key(request)):
            return sign_in_page(self.sign_in, t, "", "sign_in.too_often", 429)
        accounts = self.sign_in.sessions.accounts
        used = await to_thread.run_sync(use_link_token, accounts, form.get(TOKEN_PARAM, ""), self.app_state.clock.now())
        target = own_page(form.get(TARGET_PARAM, ""))
        if not isinstance(used, UsedLink):
            return sign_in_page(self.sign_in, t, target, "sign_in.link.invalid", 403)
        try:
            return await self._signed_in(used.person, "lien", target, t)
        except UnknownError:
            # Erased between the two: nobody's link.
            return sign_in_page(self.sign_in, t, target, "sign_in.link.invalid", 403)

    async def _redirect(self, request: Request) -> Response:
        t, target, name = _translator(request), own_page(request.query_params.get(TARGET_PARAM, "")), _provider(request)
        if not self._rate.allows(visitor_key(request)):
            return sign_in_page(self.sign_in, t, target, "sign_in.too_often", 429)
        callback_url = f"{self.app_state.site.url}{SIGN_IN_PATH}/{name}{RETURN_ENDING}"
        answer = await self.providers.redirect(name, request, callback_url)
        if not isinstance(answer, Response):
            return sign_in_page(self.sign_in, t, target, answer.reason, 503)
        request.session[TARGET_PARAM], request.session[LANGUAGE_PARAM] = target, t.language
        return answer

    async def _return(self, request: Request) -> Response:
        t = load_translator(request.session.pop(LANGUAGE_PARAM, DEFAULT_LANGUAGE))
        target = own_page(request.session.pop(TARGET_PARAM, ""))
        if not self._return_rate.allows(visitor_key(request)):
            return sign_in_page(self.sign_in, t, target, "sign_in.too_often", 429)
        identity = await self.providers.identify(_provider(request), request)
        if not isinstance(identity, Identity):
            return sign_in_page(self.sign_in, t, target, identity.reason, 403)
        try:
            person = await to_thread.run_sync(find_person, self.sign_in.sessions.accounts, identity.address)
            return await self._signed_in(person, _provider(request), target, t)
        except UnknownError:
            return sign_in_page(self.sign_in, t, target, "sign_in.unknown", 403)

    async def _signed_in(self, person: str, way: str, target: str, t: Translator) -> Response:
        answer = RedirectResponse(target or address_of(DESK_PATH, t), 303, headers={"Cache-Control": "no-store"})
        now = self.app_state.clock.now()
        await to_thread.run_sync(set_language, self.sign_in.sessions.accounts, person, t.language)
        await to_thread.run_sync(self.sign_in.sessions.open, answer, person, now, way)
        return answer

    async def _show_digests(self, request: Request) -> Response:
        return digests_page(_translator(request), request.query_params.get(TOKEN_PARAM, ""))

    async def _stop_digests(self, request: Request) -> Response:
        """End the digests of a person: by the page's button, or by the mail program of the reader (RFC 8058)."""
        t, token = _translator(request), request.query_params.get(TOKEN_PARAM, "")
        accounts = self.sign_in.sessions.accounts
        person = await to_thread.run_sync(person_of_unsubscribe, accounts, token)
        if person is not None:
            await to_thread.run_sync(partial(want_digest, accounts, person, wanted=False))
        return digests_stopped_page(t, is_known=person is not None)

    async def _show_sign_out(self, request: Request) -> Response:
        t = _translator(request)
        person = self.app_state.visitor(request.cookies, {}).person
        if person is None:
            return RedirectResponse(address_of(SIGN_IN_PATH, t), 303)
        known = await to_thread.run_sync(addresses, self.sign_in.sessions.accounts)
        return sign_out_page(t, known.get(person))

    async def _sign_out(self, request: Request) -> Response:
        t, form, now = _translator(request), await read_form(request), self.app_state.clock.now()
        person = self.app_state.visitor(request.cookies, {}).person
        if person is not None and form.get(EVERYWHERE_FIELD):
            await to_thread.run_sync(end_sessions_of, self.sign_in.sessions.accounts, person, person, now)
        answer = signed_out_page(t)
        await to_thread.run_sync(self.sign_in.sessions.end, answer, request.cookies, now)
        return answer


def own_page(address: str) -> str:
    """Return the address of a page of ours, with its parameters; empty for any other, which could be a foreign site."""
    try:
        parts = urlsplit(address)
    except ValueError:
        # Brackets that hold no address of a host.
        return ""
    is_own = not parts.scheme and not parts.netloc and address.startswith("/") and "\\" not in address
    if not is_own or parts.path.strip("/") not in {page.path for page in PAGES}:
        return ""
    return f"/{parts.path.strip('/')}{'?' if parts.query else ''}{parts.query}"


def _translator(request: Request) -> Translator:
    requested = request.query_params.get(LANGUAGE_PARAM, DEFAULT_LANGUAGE)
    return load_translator(requested if requested in LANGUAGES else DEFAULT_LANGUAGE)


def _provider(request: Request) -> str:
    """Return the name of the provider in the path, which is one of ours: no other is routed."""
    return str(request.url.path.removeprefix(f"{SIGN_IN_PATH}/").split("/")[0])


def _link_mail(address: str, url: str, t: Translator) -> Mail:
    words = link_mail_words(t, url)
    text = "\n\n".join((words["what"], words["link"], words["unasked"])) + "\n"
    html = markup(
        '<!doctype html><html lang="{}"><body><p>{}</p><p>{}</p><p>{}</p></body></html>',
        t.language,
        words["what"],
        link(words["link"], t("sign_in.link.use")),
        words["unasked"],
    )
    return Mail(address, words["subject"], text, html)
