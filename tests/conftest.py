"""What every test starts from: stores of its own, and no way to a real one.

The address of a real store comes from the environment (`PILOTAGE_…`) or from the working folder (`store/…`). The first
is emptied when this file is read, before `dashboards` takes its settings, and then says the day it is in every test
(`PILOTAGE_TODAY`), for commands as well; the second is an empty folder of the test's own. `PILOTAGE_TEST_POSTGRES` is
no setting of ours: it names a server on which tests may make databases.

`make test` runs every rule; `make test-all` (`pytest --all`) runs those marked `full` too, which hold the same rules on
exhaustive grids, hostile files at full size, large networks, PostgreSQL and S3, with all the examples of properties.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from uuid import uuid4

import duckdb
import psycopg
import pytest
import streamlit.components.v2.manifest_scanner as component_scanner
from filelock import FileLock
from hypothesis import is_hypothesis_test, settings
from psycopg.conninfo import make_conninfo
from xdist.scheduler import LoadScopeScheduling

import indicators.network
from indicators.intake.replay import replay
from indicators.network import DATA_FOLDER, Network
from tests.builders import DIRECTORY, NOW, TODAY, Store, stored, structures

for name in [name for name in os.environ if name.startswith("PILOTAGE_") and not name.startswith("PILOTAGE_TEST_")]:
    del os.environ[name]
os.environ["PILOTAGE_TODAY"] = TODAY.isoformat()

POSTGRES = os.environ.get("PILOTAGE_TEST_POSTGRES")
CATALOGUES = ("embedded", pytest.param("postgres", marks=pytest.mark.full)) if POSTGRES else ("embedded",)

# The same examples on every machine and at every run; nothing is written in the working folder.
settings.register_profile("full", derandomize=True, database=None, deadline=None, max_examples=100)
settings.register_profile("default", settings.get_profile("full"), max_examples=25)
Of = TypeVar("Of")
FilledBy: TypeAlias = Callable[[Callable[[Network], object]], Network]
LONGEST_FIRST = (
    "tests/browser/",
    "tests/server/",
    "tests/store/",
    "tests/test_readme.py",
    "tests/intake/test_hostile.py",
    "tests/indicators/queries/test_perimeter_figures.py",
    "tests/indicators/queries/test_structure_versions.py",
    "tests/indicators/disclosure/test_joint_suppression.py",
    "tests/dashboards/test_cli.py",
    "tests/dashboards/test_poor_networks.py",
    "tests/files/",
    "tests/intake/",
    "tests/indicators/",
)
"""Folders and files in the order in which they begin: no process is left at the end with a long one by itself."""
TOGETHER = ("tests/browser/", "tests/server/")
"""Folders whose tests share a browser or servers: one process runs all of each."""
LEFT_OUT = pytest.StashKey[int]()
"""How many tests marked `full` this process left out; in the process that leads the others, how many were."""


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects written, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Run: TypeAlias = Callable[..., Ran]


def examples(share: float) -> settings:
    """Give a property its share of the examples of a run: 1 is as many as any, 0.25 a quarter for one that is slow."""
    return settings(max_examples=max(5, round(settings().max_examples * share)))


def runs_all() -> bool:
    """Whether all tests are run, at full counts."""
    return settings.get_current_profile_name() == "full"


def sample(values: Iterable[Of], one_in: int) -> list[Of]:
    """Return one value in so many, the first among them; all of them where all tests are run."""
    return list(values)[:: 1 if runs_all() else one_in]


def give_one_thread() -> None:
    """Give each DuckDB of this process one thread: its second one makes small questions a third dearer.

    Processes that tests start, and those of a run of all tests, have as many as the product has.
    """
    connect = duckdb.connect

    def connect_with_one(*given: Any, config: dict[str, Any] | None = None, **named: Any) -> duckdb.DuckDBPyConnection:
        return connect(*given, config={**(config or {}), "threads": 1}, **named)

    duckdb.connect = connect_with_one


def share_shipped_definitions() -> None:
    """Have the many networks of this process share the shipped catalogue and reference data, which nothing changes.

    Those of other folders, which tests write, are read each time.
    """
    readers = ("catalogue", "regions", "departments", "campaigns", "rebaselines", "thresholds")
    for name in (f"read_{reader}" for reader in readers):
        setattr(indicators.network, name, shared_if_shipped(getattr(indicators.network, name)))


def shared_if_shipped(read: Callable[..., Any]) -> Callable[..., Any]:
    """Return a reader of a file or a folder that reads one time what ships: the rest of its arguments ships as well."""
    shipped: dict[Path, Any] = {}

    def read_or_share(path: Path, *of: object) -> Any:
        if DATA_FOLDER not in path.parents:
            return read(path, *of)
        if path not in shipped:
            shipped[path] = read(path, *of)
        return shipped[path]

    return read_or_share


def look_for_components_one_time() -> None:
    """Have the many Streamlit runtimes of this process share what they find of installed components.

    It takes each a tenth of a second. Servers that tests start look for themselves.
    """
    component_scanner.scan_component_manifests = cache(component_scanner.scan_component_manifests)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="run the tests marked `full` too, properties at full counts")
    parser.addoption("--rest", action="store_true", help="with --all: run of them what `make test` has not run so")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = 0
    settings.load_profile("full" if config.getoption("--all") else "default")
    share_shipped_definitions()
    look_for_components_one_time()
    if not config.getoption("--all"):
        give_one_thread()


def rank(item: pytest.Item) -> int:
    """Return the place of a test in the order of a run."""
    places = (place for place, begins in enumerate(LONGEST_FIRST) if item.nodeid.startswith(begins))
    return next(places, len(LONGEST_FIRST))


def is_more_in_a_full_run(item: pytest.Item) -> bool:
    """Whether a test is left out of a run that is not full, or does less there: a property, or a test of a sample."""
    function = getattr(item, "function", None)
    counts = getattr(getattr(item, "module", None), "__dict__", {})
    return bool(
        item.get_closest_marker("full")
        or is_hypothesis_test(function)
        or any(counts.get(name) in (sample, runs_all) for name in ("sample", "runs_all"))
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `full`, unless all is asked for; or all the others, if the rest is."""
    items.sort(key=rank)
    if config.getoption("--all"):
        if config.getoption("--rest"):
            config.hook.pytest_deselected(items=[item for item in items if not is_more_in_a_full_run(item)])
            items[:] = filter(is_more_in_a_full_run, items)
        return
    left_out = [item for item in items if item.get_closest_marker("full")]
    items[:] = [item for item in items if not item.get_closest_marker("full")]
    config.hook.pytest_deselected(items=left_out)
    config.stash[LEFT_OUT] = len(left_out)


def pytest_collection_finish() -> None:
    """Leave the thousands of collected tests, which stay to the end, out of what the garbage collector looks at."""
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash[LEFT_OUT]


class ByFile(LoadScopeScheduling):
    """Gives a process of xdist whole files, so that what a module sets up is set up once, and whole folders of those.

    The groups of xdist (`--dist loadgroup`) are not heeded by this pytest: a node has no `_nodeid` any more.
    """

    def _split_scope(self, nodeid: str) -> str:
        """Return the file of a test, or the folder that stays together."""
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid.partition("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take from a process of xdist, which collects all the tests as each other does, how many it left out."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash[LEFT_OUT]:
        terminalreporter.write_line(f"{config.stash[LEFT_OUT]} tests of full counts left out: make test-all runs them")


@pytest.fixture(scope="session", autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leave the folder from which the tests were started, where a real store may be, before any fixture is made."""
    started_in = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("elsewhere"))
    yield
    os.chdir(started_in)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test an empty working folder, and an environment without settings whatever the one before did."""
    monkeypatch.chdir(tmp_path)
    for name in ("STORE", "DATA", "HOST", "PORT", "LANG"):
        monkeypatch.delenv(f"PILOTAGE_{name}", raising=False)
    monkeypatch.setenv("PILOTAGE_TODAY", TODAY.isoformat())


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """Make a database and return its connection string; drop it afterwards."""
    name = f"pilotage_test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as administration:
        administration.execute(f'create database "{name}"'.encode())
        try:
            yield make_conninfo(server, dbname=name)
        finally:
            administration.execute(f'drop database "{name}" with (force)'.encode())


@pytest.fixture(params=CATALOGUES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store with nothing in it, on each kind of catalogue there is."""
    if POSTGRES is None or request.param == "embedded":
        yield Store(str(tmp_path / "store"))
    else:
        with own_database(POSTGRES) as connection:
            yield Store(f"ducklake:postgres:{connection}", str(tmp_path / "data"))


@pytest.fixture
def network(store: Store, empty_folder: Path) -> Iterator[Network]:
    """A network with nothing in it."""
    if store.data is None:
        copy_store(empty_folder, Path(store.address))
    with store.open() as opened:
        yield opened


@pytest.fixture
def directory_store(store: Store, directory_folder: Path) -> Store:
    """A store that holds the structures of `DIRECTORY` and nothing else, of the test's own."""
    if store.data is None:
        copy_store(directory_folder, Path(store.address))
    else:
        with store.open() as opened:
            stored(opened, structures(*DIRECTORY))
    return store


@pytest.fixture
def directory_network(directory_store: Store) -> Iterator[Network]:
    """A network that knows the structures of `DIRECTORY` and nothing else, of the test's own."""
    with directory_store.open() as opened:
        yield opened


@pytest.fixture(scope="session")
def directory(directory_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network that knows the structures of `DIRECTORY` and nothing else, for files that are only examined."""
    with Network(str(copy_store(directory_folder, tmp_path_factory.mktemp("directory") / "store"))) as opened:
        yield opened


def copy_store(template: Path, to: Path) -> Path:
    """Copy the folder of a store as another one's: nothing that is kept of one may be taken for the other's."""
    shutil.copytree(template, to)
    with closing(sqlite3.connect(to / "catalogue.sqlite")) as catalogue, catalogue:
        own = "update ducklake_table set table_uuid = ? where table_name = 'deposits'"
        assert catalogue.execute(own, [str(uuid4())]).rowcount == 1
    return to


def shared_store(factory: pytest.TempPathFactory, name: str, fill: Callable[[Network], object]) -> Path:
    """Make a store once for all the processes of a run, and return its folder: to be copied."""
    own = factory.getbasetemp()
    # The processes of xdist have folders side by side in that of the run; without it there is one process.
    shared = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    folder = shared / f"{name}-store"
    with FileLock(shared / f"{name}-store.lock"):
        if not folder.exists():
            unfinished = shared / f"{name}-store-unfinished"
            with Network(str(unfinished)) as opened:
                fill(opened)
            unfinished.rename(folder)
    return folder


@pytest.fixture
def filled_by(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilledBy]:
    """What opens a network of the test's own that a function has filled: one time for all the processes of a run."""
    with ExitStack() as until_the_end:

        def opened(fill: Callable[[Network], object]) -> Network:
            if store.data is None:
                made = shared_store(tmp_path_factory, f"{fill.__module__}.{fill.__qualname__}", fill)
                copy_store(made, Path(store.address))
            network = until_the_end.enter_context(store.open())
            if store.data is not None:
                fill(network)
            return network

        yield opened


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with nothing in it, made once for all the processes of a run: to be copied."""
    return shared_store(tmp_path_factory, "empty", lambda _: None)


@pytest.fixture(scope="session")
def directory_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the structures of `DIRECTORY`, deposited once for all the processes of a run: to be copied."""
    return shared_store(tmp_path_factory, "directory", lambda opened: stored(opened, structures(*DIRECTORY)))


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the fictitious network of data/demo, deposited once for all the processes of a run: to be copied."""

    def fill(opened: Network) -> None:
        for _ in replay(opened, DATA_FOLDER / "demo", "réseau fictif", "rectification annoncée", today=date.max):
            pass
        opened.lake.compact()

    return shared_store(tmp_path_factory, "demo", fill)


@pytest.fixture(scope="session")
def demo(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The fictitious network of data/demo: to be read, never written."""
    with Network(str(copy_store(demo_folder, tmp_path_factory.mktemp("demo") / "store"))) as opened:
        yield opened


@pytest.fixture(scope="session")
def belgium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The figures published in 2010, several without their counts: to be read, never written."""
    with Network(str(tmp_path_factory.mktemp("belgium"))) as opened:
        day = date(2011, 1, 31)
        for _ in replay(opened, DATA_FOLDER / "belgium-2010", "chiffres publiés en 2010", "publié ainsi", day, NOW):
            pass
        yield opened


@pytest.fixture
def pilotage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, as the entry point `pilotage` does."""
    from dashboards.cli import main

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["pilotage", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        written = capsys.readouterr()
        code = ended.value.code
        found = Ran(code if isinstance(code, int) else 0, written.out, written.err)
        assert "Traceback" not in found.out + found.err
        return found

    return run
