"""The context of one page rendering: visitor, page, language and the parameters of the address.

What the reader chooses is always written in the address, so that every view can be linked to.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from markupsafe import Markup

from dashboards.access import AppState, Visitor
from dashboards.components.chart_cache import Chart, ChartRequest, render_chart
from dashboards.components.draw import draw_html
from dashboards.components.html import link, markup, notice
from dashboards.web.access_key import PERSON_PARAM, DemoAccess
from dashboards.wording.formatting import format_period
from dashboards.wording.translations import DEFAULT_LANGUAGE, Translator, load_translator
from indicators.cached import cached_property
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, Structures
from indicators.definitions.periods import Frequency, Period
from indicators.definitions.roles import PSEUDONYM_PREFIX, Right
from indicators.errors import RefusedError, UnknownError
from indicators.snapshot import QueryContext, Snapshot
from indicators.store.approvals import Decision
from indicators.store.deposits import Receipt

LANGUAGE_PARAM: Final = "lang"
VIEW_PARAM: Final = "vue"
PERIOD_PARAM: Final = "periode"
MANAGEMENT_VIEW: Final = "gestion"

PAGE_PARAM: Final = "page"
PAGE_NUMBER: Final = re.compile(r"[1-9]\d{0,5}", re.ASCII)
NAME_SEPARATOR: Final = ","
"""Between names of a multiple choice."""


@dataclass(frozen=True)
class PageContext:
    """One rendering of one page for one visitor."""

    app_state: AppState
    visitor: Visitor
    t: Translator
    today: date
    page: str
    params: Mapping[str, str]
    """The parameters of the address: everything the reader chose."""
    perimeter: Perimeter = NETWORK
    """What the page is about, which decides the figures that its reader may see."""
    structures: Structures = field(default_factory=lambda: Structures({}), compare=False, repr=False)

    @property
    def author(self) -> str:
        """Who does what is done on this page, as it is recorded: a pseudonym, or the local administrator.

        The same in every language: nobody becomes somebody else, who may approve their deposits, by changing it.
        """
        words = load_translator(DEFAULT_LANGUAGE)
        if isinstance(self.app_state.access, DemoAccess) and self.person:
            return words(f"person.{self.person}")
        return self.visitor.person or words("deposit.author")

    def local(self, moment: datetime) -> datetime:
        """Return a moment in UTC as the reader's clock shows it; unchanged if their browser does not say its zone."""
        return moment.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=None)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the reader's browser; UTC if it says none, or one that there is not."""
        # What a browser says may be anything: the name of a folder of zones is an OSError.
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo(st.context.timezone or "UTC")
        return ZoneInfo("UTC")

    def author_label(self, author: str) -> str:
        """Return who did something, for the reader: an address only to whoever manages members."""
        if not author.startswith(PSEUDONYM_PREFIX):
            return author
        if author == self.visitor.person:
            return self.t("author.you")
        if self.visitor.has(Right.MANAGE_MEMBERS):
            return self._addresses.get(author) or self.t("author.erased", person=author)
        return self.t("author.member")

    def author_on_paper(self, author: str) -> str:
        """Return who did something, for a file: whoever is handed it reads no address, and is not its reader."""
        return self.t("author.member") if author.startswith(PSEUDONYM_PREFIX) else author

    def named(self, receipt: Receipt) -> Receipt:
        """Return a receipt as the reader is shown it: its author for them, its moment by their clock."""
        moment, author = self.local(receipt.submitted_at), self.author_label(receipt.author)
        return replace(receipt, author=author, submitted_at=moment)

    def named_decisions(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Return decisions as the reader is shown them: their authors for them, their moments by their clock."""
        return [
            replace(decision, author=self.author_label(decision.author), decided_at=self.local(decision.decided_at))
            for decision in decisions
        ]

    @cached_property
    def _addresses(self) -> Mapping[str, str]:
        """The addresses of the members by pseudonym."""
        from indicators.accounts.members import addresses

        return addresses(self.app_state.network.accounts)

    @property
    def language(self) -> str:
        """The language of the page."""
        return self.t.language

    def about(self, perimeter: Perimeter, snapshot: Snapshot) -> "PageContext":
        """Return the context of a page about a perimeter: its reader may see more of it than of the network."""
        return replace(self, perimeter=perimeter, structures=snapshot.structures)

    @cached_property
    def may_see_management(self) -> bool:
        """Whether the visitor may see the management figures of what the page is about."""
        return self.visitor.audience(self.perimeter, self.structures).sees(Audience.MANAGEMENT)

    @property
    def wants_management(self) -> bool:
        """Whether the management view is chosen by somebody who may see it somewhere; an archive has no other."""
        is_chosen = self.params.get(VIEW_PARAM) == MANAGEMENT_VIEW or self.app_state.is_archive
        return is_chosen and self.visitor.has(Right.SEE_MANAGEMENT)

    @property
    def audience(self) -> Audience:
        """The audience of the queries: the public, unless the visitor chose the management view and may see it."""
        return Audience.MANAGEMENT if self.wants_management and self.may_see_management else Audience.PUBLIC

    @property
    def members_audience(self) -> Audience:
        """The audience of what is shown of all structures together: the network's, for whom its tier is open."""
        return Audience.NETWORK if self.visitor.has(Right.SEE_NETWORK_TIER) else Audience.PUBLIC

    @property
    def is_management_view(self) -> bool:
        """Whether the management view is chosen and allowed."""
        return self.audience is not Audience.PUBLIC

    def refreshed(self) -> "PageContext":
        """Return the context with the current address: a fragment that is rerun still holds an older one."""
        return replace(self, params={name: st.query_params[name] for name in st.query_params})

    def with_params(self, **overrides: str) -> "PageContext":
        """Return the context with some parameters replaced, such as a perimeter spelled as the choice list has it."""
        return replace(self, params={**self.params, **overrides})

    def link(self, page: str, **parameters: str | None) -> str:
        """Return the address of a page for the same period, language and view.

        A period given as parameter replaces the current one.
        """
        query = {name: value for name, value in {**parameters, **self.carried_params(**parameters)}.items() if value}
        return f"/{page}?{urlencode(query, safe=':,')}" if query else f"/{page}"

    def link_ending(self, page: str, parameter: str, **parameters: str | None) -> str:
        """Return the address of a page up to `parameter=`, to which a value is appended."""
        url = self.link(page, **parameters)
        return f"{url}{'&' if '?' in url else '?'}{parameter}="

    def carried_params(self, **parameters: str | None) -> dict[str, str | None]:
        """Return the parameters carried from page to page: person of a demonstration, period, language, view."""
        carried = {
            PERSON_PARAM: parameters.get(PERSON_PARAM, self.person),
            PERIOD_PARAM: parameters.get(PERIOD_PARAM, self._period_code),
            LANGUAGE_PARAM: None if self.language == DEFAULT_LANGUAGE else self.language,
        }
        return carried | (
            {VIEW_PARAM: MANAGEMENT_VIEW} if self.wants_management and not self.app_state.is_archive else {}
        )

    @property
    def person(self) -> str | None:
        """Whom the reader of a demonstration chose to be, or through whose eyes an administrator looks, if any."""
        if isinstance(self.app_state.access, DemoAccess):
            return self.params.get(PERSON_PARAM)
        return self.visitor.through

    @cached_property
    def _period_code(self) -> str | None:
        """The code of the address's period; null if it is absent or unknown."""
        try:
            return Period.parse(self.params[PERIOD_PARAM]).code if PERIOD_PARAM in self.params else None
        except UnknownError:
            return None

    def url(self, **changes: str | None) -> str:
        """Return the address of this page with some parameters changed, or removed where null."""
        query = {name: value for name, value in {**self.params, **changes}.items() if value}
        return f"/{self.page}?{urlencode(query, safe=':,')}" if query else f"/{self.page}"

    def set_title(self, name: str) -> None:
        """Set the page's title in the browser: its subject, then the name of the site."""
        st.set_page_config(page_title=f"{name} · {self.t('site.name')}", layout="wide")

    def query(self, snapshot: Snapshot, audience: Audience | None = None) -> QueryContext:
        """Return the context of this page's queries: its day, and its reader's audience unless another is given."""
        return QueryContext(snapshot, audience or self.audience, self.today, self.members_audience)

    @property
    def reader_key(self) -> tuple[Hashable, ...]:
        """All of the reader that a rendering depends on, figures and links: part of the key of each that is kept."""
        rights = (self.audience, self.members_audience, self.wants_management)
        return (*rights, self.person, self.language, self.today)

    def draw_chart(self, build: Callable[[], Chart], *key: object, large: bool = False) -> None:
        """Draw a chart from the cache, or render it; `key` is all it depends on.

        A `large` chart has thousands of points: fewer of them are cached.
        """
        store_name = self.app_state.network.lake.name
        cache_key = (store_name, *map(str, key), *map(str, self.reader_key))
        rendered = render_chart(ChartRequest(cache_key, build), large=large)
        st.vega_lite_chart(rendered.to_dict(), theme=None)

    def offer_download(
        self,
        label: str,
        build: Callable[[], bytes | str],
        file_name: str,
        mime: str,
        key: str,
        *,
        holds_management: bool = False,
    ) -> None:
        """Draw the button of a file that is made on click, for the reader of this page and for nobody else.

        Streamlit makes it without running the page again: whether the reader still is who they were is looked up here.
        `holds_management` says that management figures are in it whatever the view: the journal keeps who took them.
        """
        cookies, params = dict(st.context.cookies), dict(self.params)

        def build_for_reader() -> bytes | str:
            if self.app_state.visitor(cookies, params) != self.visitor:
                raise RefusedError(file_name)
            content = build()
            if holds_management or self.is_management_view:
                self.app_state.record_export(self.visitor, file_name)
            return content

        st.download_button(label, build_for_reader, file_name, mime, key=key, on_click="ignore")

    def choose(
        self,
        parameter: str,
        label: str,
        options: Sequence[str],
        format_option: Callable[[str], str],
        *,
        default: str | None = None,
        clears: Sequence[str] = (),
    ) -> str | None:
        """Draw a list to choose from; the choice is written in the address under `parameter`.

        The address takes precedence over the widget, so that links and the browser's back button work. `clears` names
        parameters that a choice removes; without a default, nothing is chosen at first.
        """
        key = f"choice {parameter}"
        chosen = self.params.get(parameter, default)
        is_option = chosen in options
        st.session_state[key] = chosen if is_option else None

        def write_params() -> None:
            for other in clears:
                st.query_params.pop(other, None)
            st.query_params[parameter] = st.session_state[key]

        return st.selectbox(
            label,
            options,
            # An index makes the list non-clearable; the session state above sets the choice itself.
            index=0 if is_option else None,
            format_func=format_option,
            key=key,
            on_change=write_params,
            placeholder=self.t("choose.placeholder"),
        )

    def choose_several(
        self,
        parameter: str,
        label: str,
        options: Sequence[str],
        format_option: Callable[[str], str],
        *,
        clears: Sequence[str] = (),
    ) -> None:
        """Draw pills for a multiple choice, written in the address with commas between the names.

        The address takes precedence; the parameter is removed where nothing is chosen.
        """
        key = f"choice {parameter}"
        chosen = self.params.get(parameter, "").split(NAME_SEPARATOR)
        st.session_state[key] = [option for option in options if option in chosen]

        def write_params() -> None:
            for other in clears:
                st.query_params.pop(other, None)
            if st.session_state[key]:
                st.query_params[parameter] = NAME_SEPARATOR.join(st.session_state[key])
            else:
                st.query_params.pop(parameter, None)

        st.pills(label, options, selection_mode="multi", format_func=format_option, key=key, on_change=write_params)

    def paginate(self, rows: int, total: int) -> int:
        """Return the first row of the address's page of a list, and draw the buttons to turn pages if it is long."""
        last = max(total - 1, 0) // rows
        page_param = self.params.get(PAGE_PARAM, "")
        page = min(int(page_param) - 1 if PAGE_NUMBER.fullmatch(page_param) else 0, last)

        def turn_page(target: int) -> None:
            if target:
                st.query_params[PAGE_PARAM] = str(target + 1)
            else:
                st.query_params.pop(PAGE_PARAM, None)

        if last:
            first, end = page * rows, min((page + 1) * rows, total)
            with st.container(horizontal=True, key="choices-page", vertical_alignment="center"):
                st.button(self.t("pages.previous"), on_click=turn_page, args=(page - 1,), disabled=page == 0)
                st.button(self.t("pages.next"), on_click=turn_page, args=(page + 1,), disabled=page == last)
                position = self.t("pages.told", first=first + 1, last=end, count=total)
                draw_html(markup('<p role="status">{}</p>', position), width="content")
        return page * rows

    def choose_quarter(self, quarters: Sequence[Period], chosen: Period, *, clears: Sequence[str] = ()) -> None:
        """Draw the list of quarters; the choice is written in the address and carried from page to page."""
        codes = [period.code for period in quarters]
        self.choose(
            PERIOD_PARAM,
            self.t("choose.period"),
            codes,
            lambda code: format_period(Period.parse(code), self.t),
            default=chosen.code,
            clears=clears,
        )

    def search(self, label: str) -> str:
        """Draw a search field and return its text, which is written in the address."""
        return st.text_input(label, key="recherche", bind="query-params").strip()

    def selected_quarter(self, quarters: Sequence[Period]) -> Period:
        """Return the quarter of the address, else the newest completed one; an `UnknownError` if it has no figures.

        For a semester or a year, that is its last quarter.
        """
        code = self.params.get(PERIOD_PARAM)
        if code is None:
            return next((quarter for quarter in quarters if quarter.end < self.today), quarters[0])
        quarter = Period.containing(Period.parse(code).end, Frequency.QUARTER)
        if quarter not in quarters:
            raise UnknownError("period", code)
        return quarter

    def choose_view(self) -> None:
        """Draw the switch between public and management view, where there is a choice; it is written in the address."""
        if self.app_state.is_archive:
            return
        views = {"": self.t("view.public"), MANAGEMENT_VIEW: self.t("view.management")}
        self.segmented(VIEW_PARAM, self.t("view.label"), views)

    def segmented(self, parameter: str, label: str, options: Mapping[str, str], *, clears: Sequence[str] = ()) -> None:
        """Draw a segmented control; the choice is written in the address, unless it is the first option (the default).

        `clears` names parameters that a choice removes.
        """
        key = f"switch {parameter}"
        chosen = self.params.get(parameter, "")
        st.session_state[key] = chosen if chosen in options else next(iter(options))

        def write_params() -> None:
            for other in clears:
                st.query_params.pop(other, None)
            if st.session_state[key]:
                st.query_params[parameter] = st.session_state[key]
            else:
                st.query_params.pop(parameter, None)

        st.segmented_control(
            label, list(options), format_func=options.__getitem__, key=key, on_change=write_params, required=True
        )

    def empty_state(self, key: str) -> Markup:
        """Return the notice of an empty store, with a link to the deposit page for visitors who may deposit."""
        deposit = link(self.link("deposer"), self.t("empty.deposit"))
        return notice(self.t(key), *([deposit] if self.visitor.has(Right.DEPOSIT) else []))


def board_url(context: PageContext, perimeter: Perimeter, **parameters: str | None) -> str:
    """Return the address of a perimeter's board, for the same period, language and view."""
    match perimeter.level:
        case Level.STRUCTURE:
            return context.link("structure", structure=perimeter.name, **parameters)
        case Level.CHOICE:
            return context.link("structure", structures=perimeter.name, **parameters)
        case _:
            return context.link("structure", perimetre=perimeter.code, **parameters)


def indicator_url(context: PageContext, perimeter: Perimeter, indicator: str, quarter: Period) -> str:
    """Return the address of a perimeter's series of an indicator, up to a quarter."""
    if perimeter.level is Level.STRUCTURE:
        return context.link("indicateur", indicateur=indicator, structure=perimeter.name, periode=quarter.code)
    code = None if perimeter == NETWORK else perimeter.code
    return context.link("indicateur", indicateur=indicator, perimetre=code, periode=quarter.code)
