"""HTML is a type: whatever else is put into it, or drawn, is the text that it is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest
import streamlit as st
from markupsafe import Markup

import dashboards
from dashboards.components.draw import draw_html
from dashboards.components.html import HtmlCell, facts, heading, join, link, markup, notice, table

HOSTILE = "<script>alert('\"&')</script>"
ESCAPED = "&lt;script&gt;alert(&#x27;&quot;&amp;&#x27;)&lt;/script&gt;"
TAG = re.compile(
    r"</?(?:a|article|b|br|button|caption|div|d[dlt]|details|em|form|h\d|hr|i|li|[ou]l|p|section|span|strong)[ />]"
)
PACKAGE = Path(dashboards.__file__).parent


@pytest.mark.parametrize(
    "html",
    [
        markup("<p>{}</p>", HOSTILE),
        markup('<p title="{}"></p>', HOSTILE),
        join([Markup("<b>"), HOSTILE]),
        join([Markup("<b>"), Markup("<i>")], HOSTILE),
        heading(1, "title", HOSTILE),
        heading(1, HOSTILE),
        link(HOSTILE, "label"),
        link("/", HOSTILE),
        link("/", "label", name=HOSTILE),
        notice(HOSTILE),
        notice("sentence", HOSTILE),
        facts([("name", HOSTILE)]),
        facts([(HOSTILE, "value")]),
        table(HOSTILE, ["header"], [[HtmlCell("cell")]]),
        table("caption", [HOSTILE], [[HtmlCell("cell")]]),
        table("caption", ["header"], [[HtmlCell(HOSTILE)]]),
    ],
)
def test_a_plain_string_is_escaped_wherever_it_is_put(html: Markup) -> None:
    assert isinstance(html, Markup)
    assert HOSTILE not in html
    assert ESCAPED in html


def test_html_is_put_into_html_as_it_is() -> None:
    bold = markup("<b>{}</b>", 7)
    assert markup("<p>{}{}</p>", bold, None) == "<p><b>7</b>None</p>"
    assert join([bold, "a<b", bold], Markup("<br>")) == "<b>7</b><br>a&lt;b<br><b>7</b>"
    assert heading(2, "title", bold) == '<h2>title</h2><p class="under"><b>7</b></p>'


def test_a_plain_string_that_is_drawn_is_shown_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(st, "html", lambda body, **_: drawn.append(body))
    draw_html(Markup("<b>7</b>"))
    draw_html("<b>7</b>")  # type: ignore[arg-type]  # mypy refuses it, as `make lint` shows
    assert drawn == ["<b>7</b>", "&lt;b&gt;7&lt;/b&gt;"]
    assert get_type_hints(draw_html)["html"] is Markup


def test_one_module_hands_html_to_streamlit() -> None:
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_drawn = isinstance(node, ast.Attribute) and node.attr == "html"
            if is_drawn or (isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html"):
                found.append(str(path.relative_to(PACKAGE)))
    assert found == ["components/draw.py"]


def test_no_plain_string_holds_a_tag() -> None:
    found = []
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        made = {
            id(part)
            for call in calls
            if call.args and call.func.id in ("markup", "Markup")
            for part in ast.walk(call.args[0])
        }
        texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in made]
        found += [f"{path.relative_to(PACKAGE)}: {text}" for text in texts if TAG.search(str(text))]
    assert found == []


@pytest.mark.parametrize(
    "call", ['markup(f"<p>{name}</p>")', "markup(name)", 'Markup(f"<p>{name}</p>")', "Markup(name)"]
)
def test_html_is_made_of_literals_only(call: str) -> None:
    source = f"from markupsafe import Markup\nfrom dashboards.components.html import markup\nname = input()\n{call}\n"
    command = [sys.executable, "-m", "ruff", "check", "--select", "S704", "--stdin-filename", "dashboards/page.py", "-"]
    ran = subprocess.run(command, input=source, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert (ran.returncode, "S704" in ran.stdout) == (1, True), ran.stdout + ran.stderr
