"""The Streamlit script, run for each rendering: language, visitor, header with menu, the page, footer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st
from markupsafe import Markup
from streamlit.navigation.page import Page as Route

from dashboards.access import AppState, get_app_state
from dashboards.app_pages.error_handling import render_safely
from dashboards.app_pages.page_context import LANGUAGE_PARAM, PageContext
from dashboards.app_pages.refusal import render_refusal
from dashboards.app_pages.registry import PAGES, Page, pages_for
from dashboards.app_pages.unpublished import PROTECTION_PATH
from dashboards.components.banners import banners_html
from dashboards.components.draw import draw_html
from dashboards.components.html import NO_HTML, join, link, markup
from dashboards.settings import process_settings
from dashboards.web.in_flight import IN_FLIGHT
from dashboards.web.sign_in.addresses import SIGN_IN_PATH, SIGN_OUT_PATH, TARGET_PARAM, address_of
from dashboards.web.turns import TURNS
from dashboards.wording.translations import DEFAULT_LANGUAGE, LANGUAGES, load_translator
from indicators.definitions.catalogue import Audience
from indicators.errors import StoreError
from indicators.queries.deposits.freshness import Freshness, find_freshness
from indicators.snapshot import QueryContext


def main() -> None:
    """Draw the page of the address, when its turn has come."""
    with IN_FLIGHT.track(), TURNS.one():
        _draw()


def _draw() -> None:
    app_state = get_app_state()
    visitor = app_state.visitor(st.context.cookies, st.query_params)
    if sum(len(name) + len(st.query_params[name]) for name in st.query_params) > process_settings().max_query_bytes:
        # An open page sends its parameters again over its WebSocket, which the limit on addresses does not cover.
        st.query_params.clear()
    params = {name: st.query_params[name] for name in st.query_params}
    requested_language = params.get(LANGUAGE_PARAM, DEFAULT_LANGUAGE)
    t = load_translator(requested_language if requested_language in LANGUAGES else DEFAULT_LANGUAGE)
    visible_pages = pages_for(visitor)
    # Members are told what they may not see; for strangers it does not exist.
    pages = PAGES if visitor.is_known else visible_pages

    def render_page() -> None:
        render_safely(context, page.render if page in visible_pages else render_refusal)

    routes = {
        page.path: st.Page(render_page, title=t(page.name_key), url_path=page.path, default=page is pages[0])
        for page in pages
    }
    route = st.navigation(list(routes.values()), position="hidden")
    page = next(page for page in pages if page.path == route.url_path)
    context = PageContext(app_state, visitor, t, app_state.today(), page.path, params)

    context.set_title(t(page.name_key))
    store = _read_store(app_state, context.today)
    _render_header(context, visible_pages, routes, store)
    route.run()
    _render_footer(context, page, store.version)


@dataclass(frozen=True)
class StoreFacts:
    """The facts of the store shown in header and footer; defaults where it cannot be read."""

    is_fictitious: bool = False
    version: int | None = None
    freshness: Freshness | None = None


def _read_store(app_state: AppState, today: date) -> StoreFacts:
    try:
        with app_state.network.snapshot() as snapshot:
            return StoreFacts(
                snapshot.structures.are_fictitious,
                snapshot.version,
                find_freshness(QueryContext(snapshot, Audience.PUBLIC, today)),
            )
    except StoreError:
        return StoreFacts()


def _render_header(context: PageContext, pages: list[Page], routes: Mapping[str, Route], store: StoreFacts) -> None:
    """Render the site name, the menu, the language switch and the banners."""
    t = context.t
    current = next(page for page in PAGES if page.path == context.page)
    carried_params = {name: value for name, value in context.carried_params().items() if value}
    with st.container(horizontal=True, key="head", vertical_alignment="center"):
        draw_html(markup('<p class="brand">{}</p>', link(context.link(""), t("site.name"))), width="content")
        with st.container(horizontal=True, key="menu", width="content"):
            for page in pages:
                if not page.in_menu:
                    continue
                if page.path in (current.path, current.section):
                    entry = _current_entry(context, page, is_page=page is current)
                    draw_html(markup('<p class="current">{}</p>', entry), width="content")
                else:
                    label = t(page.menu_key or page.name_key)
                    st.page_link(routes[page.path], label=label, query_params=carried_params or None)
        draw_html(
            markup('<p class="languages">{} {}</p>', _account_link(context), _language_links(context)), width="content"
        )
    if sentences := banners_html(context, store.freshness, is_fictitious=store.is_fictitious, right=current.right):
        draw_html(sentences)


def _current_entry(context: PageContext, page: Page, *, is_page: bool) -> Markup:
    """Return the menu entry of the current page or of its section; Streamlit's own links have no `aria-current`."""
    label = context.t(page.menu_key or page.name_key)
    return markup(
        '<a href="{}" aria-current="{}">{}</a>', context.link(page.path), "page" if is_page else "true", label
    )


def _account_link(context: PageContext) -> Markup:
    """Return the link by which a member signs in or out; nothing where members do not."""
    if context.app_state.sign_in is None or context.visitor.is_local:
        return NO_HTML
    if context.visitor.person:
        return link(address_of(SIGN_OUT_PATH, context.t), context.t("sign_out.title"), style="account")
    here = address_of(SIGN_IN_PATH, context.t, **{TARGET_PARAM: context.url()})
    return link(here, context.t("sign_in.title"), style="account")


def _language_links(context: PageContext) -> Markup:
    """Return the language switch; it keeps all other parameters of the address."""
    switches = []
    for language in LANGUAGES:
        name = load_translator(language)("language.name")
        if language == context.language:
            switches.append(markup('<span aria-current="true" lang="{}">{}</span>', language, language.upper()))
        else:
            url = context.url(lang=None if language == DEFAULT_LANGUAGE else language)
            switches.append(markup('<span lang="{}">{}</span>', language, link(url, language.upper(), name=name)))
    return join(switches, " ")


def _licence_key(context: PageContext, page: Page) -> str:
    """Return the message key of the licence of the figures shown; management figures have no open licence."""
    if context.app_state.is_archive:
        return "foot.licence.archive"
    if context.wants_management:
        return "foot.licence.none"
    # Members of the network see more than the public on some pages, even in the public view.
    is_public = page.right is None and context.members_audience is Audience.PUBLIC
    return "foot.licence" if is_public else "foot.licence.public"


def _render_footer(context: PageContext, page: Page, version: int | None) -> None:
    """Render the footer: licence, open data and version of the store."""
    t = context.t
    items = [
        t(_licence_key(context, page)),
        link(context.link(PROTECTION_PATH), t("protection.why.name")),
        link("/api/catalogue.json", t("foot.catalogue")),
        link("/api/structures.json", t("foot.structures")),
        t("foot.no_version") if version is None else t("foot.version", version=version),
    ]
    draw_html(markup('<footer class="foot">{}</footer>', join(markup("<p>{}</p>", item) for item in items)))


if __name__ == "__main__":
    main()
