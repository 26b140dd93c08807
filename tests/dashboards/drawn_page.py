"""A page drawn for a reader of whom only the roles and the pseudonym are given, however they would sign in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.access import PUBLIC_VISITOR, AppState, Visitor, set_app_state


@dataclass(frozen=True)
class StateOf(AppState):
    """The state of a process in which everybody is one reader."""

    reader: Visitor = PUBLIC_VISITOR

    def visitor(self, _cookies: Mapping[str, str], _params: Mapping[str, str]) -> Visitor:
        return self.reader


def script() -> None:
    import streamlit as st

    from dashboards.access import get_app_state
    from dashboards.app_pages.error_handling import render_safely
    from dashboards.app_pages.page_context import PageContext
    from dashboards.app_pages.registry import PAGES
    from dashboards.wording.translations import load_translator

    address = {name: st.query_params[name] for name in st.query_params}
    path = address.pop("at")
    state = get_app_state()
    t = load_translator(address.get("lang", "fr"))
    context = PageContext(state, state.visitor({}, address), t, state.today(), path, address)
    render_safely(context, next(page for page in PAGES if page.path == path).render)


@dataclass(frozen=True)
class DrawnPage:
    """A page as it was drawn: its own HTML, and what was drawn with it."""

    app: AppTest

    @property
    def html(self) -> str:
        return " ".join(str(block.proto.body) for block in self.app.get("html"))

    @property
    def text(self) -> str:
        """What is to be read, with ordinary spaces."""
        plain = unescape(re.sub(r"<[^>]+>", " ", self.html))
        return re.sub(r"\s+", " ", plain.replace("\xa0", " ").replace("\u202f", " "))

    @property
    def rows(self) -> list[list[str]]:
        """The cells of the rows of its tables."""
        found = []
        for row in re.findall(r"<tr.*?</tr>", self.html, re.DOTALL):
            cells = re.findall(r"<td.*?>(.*?)</td>|<th scope=\"row\".*?>(.*?)</th>", row, re.DOTALL)
            if cells:
                found.append([unescape(re.sub(r"<[^>]+>", "", a or b)).strip() for a, b in cells])
        return found

    def link(self, label: str) -> dict[str, str] | None:
        """Return the parameters of the first link of a name."""
        from urllib.parse import parse_qsl, urlsplit

        found = re.search(rf'<a href="([^"]*)"[^>]*>{re.escape(label)}</a>', self.html)
        return dict(parse_qsl(urlsplit(unescape(found[1])).query)) if found else None


def taken_files(page: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Return the files that a page offers by their names, made as for a click."""
    made: dict[str, Any] = {}

    def record(_label: str, data: Callable[[], Any], file_name: str, *_: object, **__: object) -> None:
        made[file_name] = data()

    monkeypatch.setattr(st, "download_button", record)
    page()
    return made


def draw(state: AppState, path: str, **address: str) -> DrawnPage:
    """Draw a page."""
    set_app_state(state)
    app = AppTest.from_function(script, default_timeout=120)
    for name, value in {"at": path, **address}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, [error.message for error in app.exception]
    return DrawnPage(app)
