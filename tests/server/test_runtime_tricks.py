"""Tricks of the runtime change what an answer costs, never an answer, nor what whoever adds a page may draw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from dashboards.app_pages.registry import PAGES
from indicators.runtime_tricks import ALLOCATOR_SETTING, POLARS_SETTING, Trick, is_on, parse_tricks, prepare_imports
from tests.builders import Store, environment
from tests.conftest import runs_all
from tests.served import Served, ask, elements, kinds, messages, running, session

EFFECTS: Final = """
import ctypes, gc, json, os, sys, threading
from dashboards.bootstrap import prepare
prepare("serve")
frozen = gc.get_freeze_count() > 0
def arenas():
    c = ctypes.CDLL(None)
    at_once = threading.Barrier(8)
    def use_memory():
        c.free.argtypes, c.malloc.restype = [ctypes.c_void_p], ctypes.c_void_p
        taken = c.malloc(100)
        at_once.wait()
        c.free(taken)
    threads = [threading.Thread(target=use_memory) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    c.fopen.restype, c.fclose.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    c.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
    # The C library says of itself what it holds, an element of XML for each arena.
    out = c.fopen(b"arenas.xml", b"w")
    c.malloc_info(0, out)
    c.fclose(out)
    with open("arenas.xml") as written:
        return written.read().count("<heap nr=")
def reads_of_settings():
    from streamlit import config
    from streamlit.proto.NewSession_pb2 import CustomThemeConfig
    from streamlit.runtime import app_session
    from dashboards.web.theme_message import keep_theme_message
    read, reads = config.get_options_for_section, []
    config.get_options_for_section = lambda section: reads.append(section) or read(section)
    keep_theme_message()
    for _ in range(10):
        for section in ("theme", "theme.light", "theme.dark", "theme.sidebar", "a", "b"):
            app_session._populate_theme_msg(CustomThemeConfig(), section)
    return len(reads)
from indicators.store.extensions import connect
with connect("ducklake") as connection:
    def setting(name):
        return str(connection.execute("select current_setting(?)", [name]).fetchone()[0]).lower()
    print(json.dumps({
        "imports": "pandas" not in sys.modules,
        "gc": frozen,
        "allocator": "narenas:2" in os.environ["_RJEM_MALLOC_CONF"],
        "arenas": arenas() <= 2,
        "footers": setting("parquet_metadata_cache") == "true",
        "flush": setting("allocator_flush_threshold") != "128.0 mib",
        "signatures": setting("allow_unsigned_extensions") == "true",
        "theme": reads_of_settings() == 6,
    }))
"""
ADDED_PAGE: Final = """
import polars as pl
import streamlit as st

frame = pl.DataFrame({"mois": ["janvier", "mars"], "heures": [12.5, 30.0]})
st.dataframe(frame)
st.table(frame)
st.bar_chart(frame, x="mois", y="heures")
st.line_chart(frame, x="mois", y="heures")
st.data_editor(frame)
st.selectbox("Mois", frame["mois"])
st.write(frame)
"""
DRAWN: Final = ["dataframe", "table", "vega_lite_chart", "vega_lite_chart", "dataframe", "selectbox", "dataframe"]
WITH_ADDED_PAGE: Final = (
    "import sys; from pathlib import Path; from dashboards.bootstrap import prepare; prepare('serve');"
    "from dashboards.web import asgi; asgi.PAGE_SCRIPT = Path(sys.argv.pop(1));"
    "from dashboards.cli import main; main()"
)
QUERY: Final = "structure=atelier-ternoise"


def tricks_at_work(off: set[Trick]) -> set[str]:
    """Which tricks can be seen at work in a process that has prepared to serve, some being turned off."""
    settings = environment(PILOTAGE_TRICKS_OFF=",".join(off))
    # polars sets one of its own where there is none, in this process too.
    settings.pop("_RJEM_MALLOC_CONF", None)
    ran = subprocess.run([sys.executable, "-c", EFFECTS], env=settings, capture_output=True, text=True, check=True)
    return {name for name, is_at_work in json.loads(ran.stdout).items() if is_at_work}


def has_loaded(site: Served, module: str) -> bool:
    """Whether the process of a site has mapped the compiled parts of a module."""
    return f"/site-packages/{module}/" in Path(f"/proc/{site.process.pid}/maps").read_text()


def test_every_trick_is_used_unless_it_is_turned_off_and_then_it_alone_is_not() -> None:
    # Each trick is turned off in starts of its own choice among four: two that hung together would be seen.
    choices = [
        {trick for number, trick in enumerate(Trick, 1) if number >> digit & 1}
        for digit in range(len(Trick).bit_length())
    ]
    # Every run has two: half of the tricks, and the other half.
    for off in choices if runs_all() else (choices[0], set(Trick) - choices[0]):
        assert tricks_at_work(off) == set(Trick) - off


def test_names_of_tricks_are_separated_by_commas_and_an_unknown_one_is_named_with_those_there_are(store: Store) -> None:
    assert parse_tricks(" gc, imports,") == {Trick.GC, Trick.IMPORTS}
    assert not is_on(Trick.GC, {"PILOTAGE_TRICKS_OFF": "imports, gc"})
    assert is_on(Trick.FLUSH, {"PILOTAGE_TRICKS_OFF": "imports, gc"})
    ran = subprocess.run(
        [sys.executable, "-m", "dashboards", "history"],
        env=store.environment | {"PILOTAGE_TRICKS_OFF": "gc,magic"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "'magic'" in ran.stderr
    assert "imports, gc, allocator" in ran.stderr


@pytest.mark.full
def test_without_any_trick_the_site_starts_and_draws_the_same(site: Served, store: Store) -> None:
    with running(store, PILOTAGE_TRICKS_OFF=",".join(Trick)) as plain:
        assert has_loaded(plain, "pandas"), "nothing hides it"
        for path in ("/api/structures.json", "/api/board/atelier-ternoise.json", "/api/network/absenteeism_rate.json"):
            assert ask(plain.address, path).text == ask(site.address, path).text
        drawn, themes = [], []
        for server in (site, plain):
            with session(server.address) as reader:
                received = messages(reader, "structure", QUERY)
                drawn.append([element.html.body for element in elements(received)])
                begun = [one.new_session for one in received if one.WhichOneof("type") == "new_session"]
                themes += [session_begun.custom_theme for session_begun in begun]
        assert themes[0].primary_color
        assert all(theme == themes[0] for theme in themes)
        assert any("Ternoise" in html for html in drawn[0])
        assert [html.replace(plain.address, site.address) for html in drawn[1]] == drawn[0]


def test_whoever_adds_a_page_draws_polars_frames_with_streamlits_own_elements(store: Store, tmp_path: Path) -> None:
    script = tmp_path / "added_page.py"
    script.write_text(ADDED_PAGE, encoding="utf-8")
    with running(store, program=("-c", WITH_ADDED_PAGE, str(script))) as site, session(site.address) as reader:
        assert not has_loaded(site, "pandas"), "the start does without"
        assert kinds(messages(reader, "")) == DRAWN
        assert has_loaded(site, "pandas")


@pytest.mark.parametrize("page", [page.path for page in PAGES])
def test_no_page_of_ours_imports_pandas(site: Served, page: str) -> None:
    with session(site.address) as reader:
        assert "exception" not in kinds(messages(reader, page, QUERY))
    assert not has_loaded(site, "pandas")
    assert has_loaded(site, "polars") or has_loaded(site, "pyarrow")


@pytest.mark.parametrize(
    ("found", "set_to"),
    [
        ("", ALLOCATOR_SETTING),
        (POLARS_SETTING, ALLOCATOR_SETTING),
        (f"{POLARS_SETTING},{ALLOCATOR_SETTING}", ALLOCATOR_SETTING),
        ("narenas:9", "narenas:9"),
        (f"{POLARS_SETTING},narenas:9", "narenas:9"),
    ],
)
def test_the_allocator_takes_the_operators_setting_and_not_what_polars_left_in_a_parent(
    found: str, set_to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_RJEM_MALLOC_CONF", found)
    monkeypatch.setenv("PILOTAGE_TRICKS_OFF", "imports")
    prepare_imports(pages=False)
    assert os.environ["_RJEM_MALLOC_CONF"] == set_to


def test_polars_still_writes_the_setting_that_is_told_apart() -> None:
    assert os.environ["_RJEM_MALLOC_CONF"].startswith(POLARS_SETTING)
