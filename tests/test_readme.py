"""The console examples of the documents run as they are written, and print what is shown: it stands there alone.

Those of the README, and those with settings of the environment, are processes of their own; the others are run in this
one by the entry point, and so are those of the French README, which are the same commands, unless all tests are run.
"""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import typer
from starlette.applications import Starlette

import dashboards.access
from dashboards.access import AppState, set_app_state
from dashboards.cli import app, main
from dashboards.clock import Clock
from dashboards.settings import Settings
from dashboards.web.api import ROUTES
from indicators.network import Network
from schemas.datasets import sample_path
from tests.builders import TODAY, Store, stored
from tests.conftest import runs_all

ROOT: Final = Path(__file__).parent.parent
DOCUMENTS: Final = (ROOT / "README.md", ROOT / "README.fr.md", *sorted((ROOT / "docs").glob("*.md")))
PROCESSES: Final = DOCUMENTS[: 2 if runs_all() else 1]
"""Documents whose examples are processes of their own."""
OPERATIONS: Final = ROOT / "docs" / "operations.md"
"""What an operator does to a network that is there already: the samples, deposited."""
DEPOSIT_ID: Final = re.compile(r"\b[0-9a-f]{32}\b")
VERSION: Final = re.compile(r"\b\d+-[0-9a-f]{12}\b")
ASSIGNMENT: Final = re.compile(r"([A-Z][A-Z_]*)=(.*)")
ELLIPSIS: Final = "…"
"""In what is shown: anything stands here."""
DEMO: Final = "store/demo"
SERVING: Final = ("demo", "serve")
"""Commands that end when somebody ends them: what `curl` asks after one is asked of its store."""


@dataclass(frozen=True)
class Example:
    """A command of a document and the lines shown below it."""

    command: str
    shown: str


@dataclass
class Terminal:
    """Where the examples of one document run, one after the other."""

    folder: Path
    run_here: Callable[[list[str]], str] | None
    environment: dict[str, str] = field(default_factory=dict)
    served: str = DEMO
    ids: dict[str, str] = field(default_factory=dict)
    """The ids that were given here, by those that the document shows."""


def examples(document: Path) -> Iterator[Example]:
    """Yield the commands of the console blocks, in order; a comment behind a command is no part of it."""
    for block in re.findall(r"```console\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL):
        for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            yield Example(command.partition("  #")[0].strip(), shown.strip())


def as_pattern(shown: str) -> re.Pattern[str]:
    """Return what an output must match: ids and versions may be others, an ellipsis is anything."""
    free = {DEPOSIT_ID.pattern: DEPOSIT_ID.pattern, VERSION.pattern: VERSION.pattern, ELLIPSIS: "(?s:.*)"}
    pieces = re.split(f"({'|'.join(free)})", shown)
    between, marks = pieces[::2], pieces[1::2]
    allowed = [next(free[mark] for mark in free if re.fullmatch(mark, found)) for found in marks]
    return re.compile("".join(re.escape(text) + mark for text, mark in zip(between, [*allowed, ""], strict=True)))


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder to be written to, with the stores that a document takes for granted."""
    document: Path = request.getfixturevalue("document")
    if DEMO in document.read_text(encoding="utf-8") or document.name == "open-data.md":
        demo: Network = request.getfixturevalue("demo")
        shutil.copytree(demo.lake.name, tmp_path / DEMO)
    if document == OPERATIONS:
        with Network(str(tmp_path / "store" / "network")) as network:
            for name in ("structures", "measures"):
                stored(network, sample_path(name).read_bytes())
    return tmp_path


def run(terminal: Terminal, arguments: list[str]) -> str:
    """Run the command line as a terminal wide enough would show it."""
    arguments = [terminal.ids.get(argument, argument) for argument in arguments]
    if terminal.run_here and not terminal.environment:
        return terminal.run_here(arguments)
    line = [sys.executable, "-m", "dashboards", *arguments]
    environment = Store(str(terminal.folder / "unused")).environment | {"COLUMNS": "1000", "LC_ALL": "C.UTF-8"}
    del environment["PILOTAGE_STORE"]
    environment |= {"PYTHONPATH": str(ROOT)} | terminal.environment
    done = subprocess.run(
        line, cwd=terminal.folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stderr.strip() == "", done.stderr
    return done.stdout.strip()


@pytest.fixture
def run_here(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command in this process, as the entry point `pilotage` does."""

    def run(arguments: list[str]) -> str:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["pilotage", *arguments])
        with pytest.raises(SystemExit):
            main()
        written = capsys.readouterr()
        assert written.err.strip() == "", written.err
        return written.out.strip()

    return run


@cache
def known_options() -> dict[str, set[str]]:
    """Return the options of each command of the command line."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return {
        name: {option for parameter in _parameters(command) for option in parameter.opts}
        for name, command in commands.items()
    }


def _parameters(command: Any) -> list[Any]:
    """Return the parameters of a command, with those of the commands below it."""
    below = getattr(command, "commands", {}).values()
    return [*command.params, *(parameter for each in below for parameter in each.params)]


def fetch(terminal: Terminal, address: str) -> str:
    """Ask a route of the open data, as `curl -s` does."""
    with Network(str(terminal.folder / terminal.served)) as network:
        set_app_state(AppState(network, clock=Clock(TODAY)))
        application = Starlette(routes=ROUTES)

        async def request() -> httpx.Response:
            transport = httpx.ASGITransport(application)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.get(address)

        # A thread of its own: the browser of other tests may have an event loop in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, request()).result().text


def output_of(terminal: Terminal, example: Example) -> str | None:
    """Do what an example does; return what it prints, nothing where it prints nothing that could be compared."""
    words = shlex.split(example.command)
    given: dict[str, str] = {}
    while words and (found := ASSIGNMENT.fullmatch(words[0])):
        given[found[1]] = found[2]
        del words[0]
    match words:
        case ["export", *assignments]:
            pairs = [ASSIGNMENT.fullmatch(each) for each in assignments]
            assert all(pairs), example.command
            terminal.environment |= {pair[1]: pair[2] for pair in pairs if pair}
        case ["make", target]:
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE), target
        case ["cat", name]:
            (terminal.folder / name).write_text(example.shown + "\n", encoding="utf-8")
        case ["curl", "-s", address]:
            return fetch(terminal, f"http://{address}")
        case ["pilotage", command, *arguments]:
            assert {each for each in arguments if each.startswith("--")} <= known_options()[command], example.command
            assert given.keys() <= {f"PILOTAGE_{name.upper()}" for name in Settings.model_fields}, example.command
            if command not in SERVING:
                return run(terminal, [command, *arguments])
            default = DEMO if command == "demo" else "store/network"
            terminal.served = arguments[arguments.index("--store") + 1] if "--store" in arguments else default
        case _:
            raise AssertionError(f"an example that no test can run: {example.command}")
    return None


WITH_EXAMPLES = [
    # What an operator does takes half as long as all others.
    pytest.param(document, id=document.name, marks=[pytest.mark.full] if document == OPERATIONS else [])
    for document in DOCUMENTS
    if [*examples(document)]
]


@pytest.mark.parametrize("document", WITH_EXAMPLES)
def test_the_examples_of_the_documents_run_as_written(
    document: Path, folder: Path, run_here: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboards.access, "_app_state", None)
    terminal = Terminal(folder, None if document in PROCESSES else run_here)
    for example in examples(document):
        found = output_of(terminal, example)
        if found is None:
            continue
        shown = example.shown
        if example.command.startswith("curl"):
            shown, found = ("".join(text.split()) for text in (shown, found))
        assert as_pattern(shown).fullmatch(found), f"{example.command}\n{found}\n\n{document.name}:\n{shown}"
        terminal.ids |= dict(zip(DEPOSIT_ID.findall(shown), DEPOSIT_ID.findall(found), strict=False))
        words = shlex.split(example.command)
        if "--output" in words:
            assert (folder / words[words.index("--output") + 1]).stat().st_size > 0


def test_the_documents_show_commands() -> None:
    shown = [example.command for document in DOCUMENTS for example in examples(document)]
    ran = [command for command in shown if command.startswith(("pilotage", "curl"))]
    assert len(ran) >= 30
    commands = {command.split()[1] for command in ran if command.startswith("pilotage")}
    assert commands | {"demo"} == known_options().keys()


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


def test_both_readmes_show_the_same_commands() -> None:
    english, french = ([e.command for e in examples(document)] for document in DOCUMENTS[:2])
    assert [command for command in english if not command.startswith("export")] == french


def test_every_setting_is_told_to_operators_and_no_other() -> None:
    documented = set(re.findall(r"`(PILOTAGE_\w+)`", OPERATIONS.read_text(encoding="utf-8")))
    assert documented == {f"PILOTAGE_{name.upper()}" for name in Settings.model_fields}


def test_every_command_stands_in_the_list_of_commands_and_no_other() -> None:
    table = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").partition("| command | does |")[2]
    cells = [row.split("|")[1] for row in table.partition("\n\n")[0].splitlines()[2:]]
    assert {name for cell in cells for name in re.findall(r"`([a-z-]+)", cell)} == known_options().keys()
