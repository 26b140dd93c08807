"""What Streamlit runs for each showing of a page: language, visitor, menu, the page, the foot of the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st
from streamlit.navigation.page import Page as Route

from dashboards.access import House, house, settle
from dashboards.app_pages.error_handling import drawn
from dashboards.app_pages.page_context import LANGUAGE, Visit
from dashboards.app_pages.registry import Page, pages_for
from dashboards.app_pages.unpublished import ADDRESS
from dashboards.components.banners import banners
from dashboards.components.html import link, text
from dashboards.settings import process_settings
from dashboards.web.in_flight import IN_FLIGHT
from dashboards.web.turns import TURNS
from dashboards.wording.translations import DEFAULT, LANGUAGES, words
from indicators.definitions.catalogue import Audience
from indicators.errors import StoreError
from indicators.queries.deposits.freshness import Freshness, freshness


def main() -> None:
    """Draw the page of the address, when its turn has come."""
    with IN_FLIGHT.one(), TURNS.one():
        _draw()


def _draw() -> None:
    opened = house()
    visitor = opened.visitor(st.context.cookies)
    if sum(len(name) + len(st.query_params[name]) for name in st.query_params) > process_settings().max_query_bytes:
        # An open page sends its parameters again, by another way than the address that was limited.
        st.query_params.clear()
    address = {name: st.query_params[name] for name in st.query_params}
    asked = address.get(LANGUAGE, DEFAULT)
    speaking = words(asked if asked in LANGUAGES else DEFAULT)
    pages = pages_for(visitor)

    def show() -> None:
        drawn(visit, page.draw)

    routes = {
        page.address: st.Page(show, title=speaking(page.name), url_path=page.address, default=page is pages[0])
        for page in pages
    }
    route = st.navigation(list(routes.values()), position="hidden")
    page = next(page for page in pages if page.address == route.url_path)
    visit = Visit(opened, visitor, speaking, opened.today(), page.address, address)

    visit.entitle(speaking(page.name))
    store = _read_store(opened, visit.today)
    _head(visit, pages, routes, store)
    route.run()
    _foot(visit, store.version)
    settle(page.address)


@dataclass(frozen=True)
class StoreFacts:
    """What the head and the foot of a page say of the store; nothing where it cannot be read."""

    fictitious: bool = False
    version: int | None = None
    freshness: Freshness | None = None


def _read_store(opened: House, today: date) -> StoreFacts:
    try:
        with opened.network.reading() as reading:
            return StoreFacts(reading.structures.fictitious, reading.version, freshness(reading, today))
    except StoreError:
        return StoreFacts()


def _head(visit: Visit, pages: list[Page], routes: Mapping[str, Route], store: StoreFacts) -> None:
    """Draw the name of the site, the menu, the other language and what everybody must know."""
    speaking = visit.words
    kept = {name: value for name, value in visit.kept().items() if value}
    with st.container(horizontal=True, key="head", vertical_alignment="center"):
        st.html(f'<p class="brand">{link(visit.link(""), speaking("site.name"))}</p>', width="content")
        with st.container(horizontal=True, key="menu", width="content"):
            for page in pages:
                if not page.in_menu:
                    continue
                if page.address == visit.page:
                    st.html(f'<p class="current">{_current(visit, page)}</p>', width="content")
                else:
                    st.page_link(routes[page.address], label=speaking(page.name), query_params=kept or None)
        st.html(f'<p class="languages">{_languages(visit)}</p>', width="content")
    if sentences := banners(visit, store.freshness, fictitious=store.fictitious):
        st.html(sentences)


def _current(visit: Visit, page: Page) -> str:
    """Return the page one is on, as a link to its start; Streamlit's own links do not say that they are current."""
    return f'<a href="{text(visit.link(page.address))}" aria-current="page">{text(visit.words(page.name))}</a>'


def _languages(visit: Visit) -> str:
    """Return the switch between languages; it keeps everything else of the address."""
    switches = []
    for language in LANGUAGES:
        name = words(language)("language.name")
        if language == visit.language:
            switches.append(f'<span aria-current="true" lang="{language}">{text(language.upper())}</span>')
        else:
            address = visit.here(lang=None if language == DEFAULT else language)
            switches.append(f'<span lang="{language}">{link(address, language.upper(), name=name)}</span>')
    return " ".join(switches)


def _licence(visit: Visit) -> str:
    """Return the key of what may be done with the figures of the page: nobody gave management figures away."""
    if visit.audience is not Audience.PUBLIC:
        return "foot.licence.none"
    # Members of the network see more than the public on some pages, even in the public view.
    return "foot.licence" if visit.visitor.audience is Audience.PUBLIC else "foot.licence.public"


def _foot(visit: Visit, version: int | None) -> None:
    """Draw the foot of the page: licence, open data and version of the store."""
    speaking = visit.words
    items = [
        text(speaking(_licence(visit))),
        link(visit.link(ADDRESS), speaking("protection.why.name")),
        link("/api/catalogue.json", speaking("foot.catalogue")),
        link("/api/structures.json", speaking("foot.structures")),
        text(speaking("foot.no_version") if version is None else speaking("foot.version", version=version)),
    ]
    st.html(f'<footer class="foot">{"".join(f"<p>{item}</p>" for item in items)}</footer>')


if __name__ == "__main__":
    main()
