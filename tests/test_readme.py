"""The examples of the README run as they are written, and print what it shows: what is expected stands there alone."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest
from starlette.applications import Starlette

import dashboards.access
from dashboards.access import House, open_house
from dashboards.clock import Clock
from dashboards.settings import Settings
from dashboards.web.api import ROUTES
from indicators.network import Network
from tests.builders import TODAY, Store

ROOT: Final = Path(__file__).parent.parent
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
DEPOSIT_ID: Final = re.compile(r"\b[0-9a-f]{32}\b")
VERSION: Final = re.compile(r"\b\d+-[0-9a-f]{12}\b")
ELLIPSIS: Final = "…"
"""In what is shown: anything stands here."""
RUN_HERE: Final = ("pilotage", "cat", "curl")
"""Commands whose examples are run; the others install or measure."""


@dataclass(frozen=True)
class Example:
    """A command of the README and the lines shown below it."""

    command: str
    shown: str


def examples() -> Iterator[Example]:
    """Yield the commands of the console blocks, in order; a comment behind a command is no part of it."""
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            if command.split()[0] in RUN_HERE:
                yield Example(command.partition("  #")[0].strip(), shown.strip())


def as_pattern(shown: str) -> re.Pattern[str]:
    """Return what an output must match: ids and versions may be others, an ellipsis is anything."""
    free = {DEPOSIT_ID.pattern: DEPOSIT_ID.pattern, VERSION.pattern: VERSION.pattern, ELLIPSIS: "(?s:.*)"}
    pieces = re.split(f"({'|'.join(free)})", shown)
    between, marks = pieces[::2], pieces[1::2]
    allowed = [next(free[mark] for mark in free if re.fullmatch(mark, found)) for found in marks]
    return re.compile("".join(re.escape(text) + mark for text, mark in zip(between, [*allowed, ""], strict=True)))


@pytest.fixture
def folder(demo: Network, tmp_path: Path) -> Path:
    """A folder in which `store/demo` holds the fictitious network, to be written to."""
    shutil.copytree(demo.lake.name, tmp_path / "store" / "demo")
    return tmp_path


def run(folder: Path, arguments: list[str]) -> str:
    """Run the command line as a terminal wide enough would show it."""
    line = [sys.executable, "-m", "dashboards", *arguments]
    environment = Store(str(folder / "unused")).environment | {"COLUMNS": "1000", "LC_ALL": "C.UTF-8"}
    del environment["PILOTAGE_STORE"]
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == "", done.stderr
    return done.stdout.strip()


def fetch(network: Network, address: str) -> str:
    """Ask a route of the open data, as `curl -s` does."""
    open_house(House(network, clock=Clock(TODAY)))
    application = Starlette(routes=ROUTES)

    async def request() -> httpx.Response:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(address)

    # A thread of its own: the browser of other tests may have an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, request()).result().text


def test_the_examples_of_the_readme_run_as_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboards.access, "_opened", None)
    ids: dict[str, str] = {}
    ran = 0
    for example in examples():
        program, *arguments = shlex.split(example.command)
        if program == "cat":
            (folder / arguments[0]).write_text(example.shown + "\n", encoding="utf-8")
            continue
        ran += 1
        if program == "curl":
            with Network(str(folder / "store" / "demo")) as network:
                found = fetch(network, "http://" + arguments[-1])
            shown, found = ("".join(text.split()) for text in (example.shown, found))
        else:
            found = run(folder, [ids.get(argument, argument) for argument in arguments])
            shown = example.shown
        assert as_pattern(shown).fullmatch(found), f"{example.command}\n{found}\n\nREADME:\n{shown}"
        ids |= dict(zip(DEPOSIT_ID.findall(shown), DEPOSIT_ID.findall(found), strict=False))
        if "--output" in arguments:
            assert (folder / arguments[arguments.index("--output") + 1]).stat().st_size > 0
    assert ran >= 7, "the README shows commands"


@pytest.mark.parametrize(
    ("shown", "found", "same"),
    [
        ("Déposé : 910661b4533e4bcfac142f7b345b04ac", "Déposé : 00000000000000000000000000000000", True),
        ("Déposé : 910661b4533e4bcfac142f7b345b04ac", "Déposé : 0000", False),
        ('"version": "79-f5ee64e818a7"', '"version": "3-000000000000"', True),
        ("a (1)\n…\nb", "a (1)\nx\ny\nb", True),
        ("a (1)", "a 1", False),
    ],
)
def test_an_output_is_compared_but_for_ids_versions_and_what_is_left_out(shown: str, found: str, same: bool) -> None:
    assert bool(as_pattern(shown).fullmatch(found)) is same


def test_every_setting_is_told_to_operators_and_no_other() -> None:
    told = set(re.findall(r"`(PILOTAGE_\w+)`", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")))
    assert told == {f"PILOTAGE_{name.upper()}" for name in Settings.model_fields}
