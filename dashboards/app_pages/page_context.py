"""A visit: who looks at what, in which language, with what they chose. What they chose is in the address, always."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from io import BytesIO
from typing import Any, Final, Protocol
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from dashboards.access import House, Visitor
from dashboards.components.html import link, notice, text
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import DEFAULT, Words
from indicators.cached import cached_property
from indicators.definitions.catalogue import Audience
from indicators.definitions.periods import Frequency, Period
from indicators.errors import UnknownError

LANGUAGE: Final = "lang"
VIEW: Final = "vue"
PERIOD: Final = "periode"
MANAGEMENT_VIEW: Final = "gestion"

PAGE: Final = "page"
NUMBER: Final = re.compile(r"[1-9]\d{0,5}", re.ASCII)
SEVERAL: Final = ","
"""Stands between names chosen together."""

KEPT_CHARTS: Final = 400
"""Charts whose drawing instructions stay in memory, some 30 kB each: making one takes a hundred times longer."""
KEPT_LARGE_CHARTS: Final = 16
"""Charts of thousands of points that stay in memory, some 250 kB each."""


class Chart(Protocol):
    """What charts are to pages: something that can be written down for the browser to draw."""

    def to_dict(self, validate: bool = True) -> dict[str, Any]:
        """Return the drawing instructions."""


@dataclass(frozen=True)
class Drawing:
    """A chart to be made, known by all that it depends on."""

    key: tuple[str, ...]
    make: Callable[[], Chart] = field(compare=False)


@dataclass(frozen=True)
class Instructions:
    """A chart as it is sent: what to draw as JSON, and its rows as Arrow, by the name of their dataset.

    Both are immutable: nobody can change them for the next reader.
    """

    spec: str
    rows: Mapping[str, bytes]

    def to_dict(self) -> dict[str, Any]:
        """Return them as Streamlit takes them; rows that are Arrow already, it passes on as they are."""
        return {**json.loads(self.spec), "datasets": dict(self.rows)}


@lru_cache(maxsize=KEPT_CHARTS)
def _instructions(drawing: Drawing) -> Instructions:
    """Make a chart, the first time that it is asked for."""
    return _written(drawing.make)


@lru_cache(maxsize=KEPT_LARGE_CHARTS)
def _large_instructions(drawing: Drawing) -> Instructions:
    """Make a chart of thousands of points, the first time that it is asked for."""
    return _written(drawing.make)


def _written(make: Callable[[], Chart]) -> Instructions:
    """Make a chart and write it down.

    Charts are made of typed parts and tested: to check them again for each reader would cost more than all the rest.
    """
    made = make().to_dict(validate=False)
    rows = {name: _arrow(values) for name, values in made.pop("datasets", {}).items()}
    return Instructions(json.dumps(made), rows)


def _arrow(values: Sequence[Mapping[str, Any]]) -> bytes:
    """Write rows as an Arrow stream that browsers can read.

    Left to itself, Streamlit would do it again for each reader, by way of pandas, which weighs 50 MB and serves for
    nothing else here.
    """
    stream = BytesIO()
    pl.DataFrame(values, infer_schema_length=None).write_ipc_stream(stream, compat_level=pl.CompatLevel.oldest())
    return stream.getvalue()


@dataclass(frozen=True)
class Visit:
    """One showing of one page to one person."""

    house: House
    visitor: Visitor
    words: Words
    today: date
    page: str
    address: Mapping[str, str]
    """What the reader chose: the parameters of the address."""

    @property
    def language(self) -> str:
        """The language of the words."""
        return self.words.language

    @property
    def may_manage(self) -> bool:
        """Whether there is a management view to ask for."""
        return self.visitor.audience.sees(Audience.MANAGEMENT)

    @cached_property
    def audience(self) -> Audience:
        """Whose figures the questions are asked for: the public's, until the reader asks for more and may."""
        asked = self.address.get(VIEW) == MANAGEMENT_VIEW
        return self.visitor.audience if asked else Audience.PUBLIC

    @property
    def manages(self) -> bool:
        """Whether the reader asked for more than the public sees, and may."""
        return self.audience is not Audience.PUBLIC

    def now(self) -> "Visit":
        """Return the visit with the address as it is by now: what is drawn anew by itself was given an older one."""
        return replace(self, address={name: st.query_params[name] for name in st.query_params})

    def reading_as(self, **address: str) -> "Visit":
        """Return the visit with some parameters spelled as lists spell them: an address may say a thing in two ways."""
        return replace(self, address={**self.address, **address})

    def link(self, page: str, **parameters: str | None) -> str:
        """Return the address of a page, for the same period, in the same language and the same view.

        A period that is given replaces that of the address.
        """
        chosen = {name: value for name, value in {**parameters, **self.kept(**parameters)}.items() if value}
        return f"/{page}?{urlencode(chosen, safe=':')}" if chosen else f"/{page}"

    def link_ending(self, page: str, parameter: str, **parameters: str | None) -> str:
        """Return the address of a page that ends with a parameter still to be given."""
        address = self.link(page, **parameters)
        return f"{address}{'&' if '?' in address else '?'}{parameter}="

    def kept(self, **parameters: str | None) -> dict[str, str | None]:
        """Return the parameters that go along from page to page: period, language, view."""
        kept = {
            PERIOD: parameters.get(PERIOD, self._period),
            LANGUAGE: None if self.language == DEFAULT else self.language,
        }
        return kept | ({} if self.audience is Audience.PUBLIC else {VIEW: MANAGEMENT_VIEW})

    @cached_property
    def _period(self) -> str | None:
        """The period of the address, if it is one."""
        try:
            return Period.parse(self.address[PERIOD]).code if PERIOD in self.address else None
        except UnknownError:
            return None

    def here(self, **changed: str | None) -> str:
        """Return the address of this very page with some parameters changed, or left out where null."""
        chosen = {name: value for name, value in {**self.address, **changed}.items() if value}
        return f"/{self.page}?{urlencode(chosen, safe=':')}" if chosen else f"/{self.page}"

    def entitle(self, name: str) -> None:
        """Give the page its title in the browser: what it is about, then the site."""
        st.set_page_config(page_title=f"{name} · {self.words('site.name')}", layout="wide")

    def draw(self, make: Callable[[], Chart], *key: object, large: bool = False) -> None:
        """Draw a chart, made the first time only; `key` is all it depends on, the store's tag first.

        A `large` one has thousands of points: fewer of them are kept.
        """
        store = self.house.network.lake.name
        known_by = (store, *map(str, key), self.language, self.audience.value, str(self.today))
        drawing = Drawing(known_by, make)
        instructions = _large_instructions(drawing) if large else _instructions(drawing)
        st.vega_lite_chart(instructions.to_dict(), theme=None)

    def choose(
        self,
        parameter: str,
        label: str,
        options: Sequence[str],
        spelled: Callable[[str], str],
        *,
        default: str | None = None,
        instead_of: Sequence[str] = (),
    ) -> str | None:
        """Let the reader choose in a list; the choice is written in the address under `parameter`.

        The address decides, so that links and the browser's way back are obeyed. `instead_of` names parameters that
        the choice replaces; without a default, nothing is chosen at first.
        """
        key = f"choice {parameter}"
        chosen = self.address.get(parameter, default)
        known = chosen in options
        st.session_state[key] = chosen if known else None

        def write() -> None:
            for other in instead_of:
                st.query_params.pop(other, None)
            st.query_params[parameter] = st.session_state[key]

        return st.selectbox(
            label,
            options,
            # A list that starts with a choice cannot be emptied by the reader; which one, the line above says.
            index=0 if known else None,
            format_func=spelled,
            key=key,
            on_change=write,
            placeholder=self.words("choose.placeholder"),
        )

    def choose_several(
        self,
        parameter: str,
        label: str,
        options: Sequence[str],
        spelled: Callable[[str], str],
        *,
        instead_of: Sequence[str] = (),
    ) -> None:
        """Let the reader choose some names among a few; they are written in the address with commas between them.

        The address decides; none chosen is left out of it.
        """
        key = f"choice {parameter}"
        asked = self.address.get(parameter, "").split(SEVERAL)
        st.session_state[key] = [option for option in options if option in asked]

        def write() -> None:
            for other in instead_of:
                st.query_params.pop(other, None)
            if st.session_state[key]:
                st.query_params[parameter] = SEVERAL.join(st.session_state[key])
            else:
                st.query_params.pop(parameter, None)

        st.pills(label, options, selection_mode="multi", format_func=spelled, key=key, on_change=write)

    def page_of(self, rows: int, total: int) -> int:
        """Return where the page of the address begins in a list, with buttons to the pages beside it if it is long."""
        last = max(total - 1, 0) // rows
        asked = self.address.get(PAGE, "")
        page = min(int(asked) - 1 if NUMBER.fullmatch(asked) else 0, last)

        def turn(to: int) -> None:
            if to:
                st.query_params[PAGE] = str(to + 1)
            else:
                st.query_params.pop(PAGE, None)

        if last:
            first, end = page * rows, min((page + 1) * rows, total)
            with st.container(horizontal=True, key="choices-page", vertical_alignment="center"):
                st.button(self.words("pages.previous"), on_click=turn, args=(page - 1,), disabled=page == 0)
                st.button(self.words("pages.next"), on_click=turn, args=(page + 1,), disabled=page == last)
                told = self.words("pages.told", first=first + 1, last=end, count=total)
                st.html(f'<p role="status">{text(told)}</p>', width="content")
        return page * rows

    def choose_quarter(self, quarters: Sequence[Period], chosen: Period, *, instead_of: Sequence[str] = ()) -> None:
        """Let the reader choose the quarter that the page speaks of; it is written in the address, and stays there."""
        codes = [period.code for period in quarters]
        self.choose(
            PERIOD,
            self.words("choose.period"),
            codes,
            lambda code: numbers.period(Period.parse(code), self.words),
            default=chosen.code,
            instead_of=instead_of,
        )

    def search(self, label: str) -> str:
        """Let the reader type what they look for; it is written in the address."""
        return st.text_input(label, key="recherche", bind="query-params").strip()

    def quarter(self, quarters: Sequence[Period]) -> Period:
        """Return the quarter of the address, else the newest that is over; an `UnknownError` if nothing is known of it.

        A semester or a year is read at the end of its last quarter.
        """
        code = self.address.get(PERIOD)
        if code is None:
            return next((quarter for quarter in quarters if quarter.end < self.today), quarters[0])
        quarter = Period.containing(Period.parse(code).end, Frequency.QUARTER)
        if quarter not in quarters:
            raise UnknownError("period", code)
        return quarter

    def switch_view(self) -> None:
        """Let those who may ask for the management view do so; the choice is written in the address."""
        views = {"": self.words("view.public"), MANAGEMENT_VIEW: self.words("view.management")}
        self.switch(VIEW, self.words("view.label"), views)

    def switch(self, parameter: str, label: str, options: Mapping[str, str], *, instead_of: Sequence[str] = ()) -> None:
        """Let the reader switch between a few names; the choice is written in the address, the first one left out.

        `instead_of` names parameters that the choice replaces.
        """
        key = f"switch {parameter}"
        chosen = self.address.get(parameter, "")
        st.session_state[key] = chosen if chosen in options else next(iter(options))

        def write() -> None:
            for other in instead_of:
                st.query_params.pop(other, None)
            if st.session_state[key]:
                st.query_params[parameter] = st.session_state[key]
            else:
                st.query_params.pop(parameter, None)

        st.segmented_control(
            label, list(options), format_func=options.__getitem__, key=key, on_change=write, required=True
        )

    def nothing(self, key: str) -> str:
        """Return the sentence for a store that lacks something, with the next thing to do for who may do it."""
        deposit = link(self.link("deposer"), self.words("empty.deposit"))
        return notice(self.words(key), *([deposit] if self.visitor.may_deposit else []))
