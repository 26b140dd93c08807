"""What every test starts from: stores of its own, and no way to a real one.

The address of a real store comes from the environment (`PILOTAGE_…`) or from the working folder (`store/…`). The first
is emptied when this file is read, before `dashboards` takes its settings, and then says the day it is in every test
(`PILOTAGE_TODAY`), for commands as well; the second is an empty folder of the test's own. `PILOTAGE_TEST_POSTGRES` is
no setting of ours: it names a server on which tests may make databases.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from filelock import FileLock
from hypothesis import settings
from psycopg.conninfo import make_conninfo

from indicators.intake.replay import replay
from indicators.network import DATA, Network
from tests.builders import DIRECTORY, TODAY, Store, stored, structures

for name in [name for name in os.environ if name.startswith("PILOTAGE_") and not name.startswith("PILOTAGE_TEST_")]:
    del os.environ[name]
os.environ["PILOTAGE_TODAY"] = TODAY.isoformat()

POSTGRES = os.environ.get("PILOTAGE_TEST_POSTGRES")
CATALOGUES = ("embedded", "postgres") if POSTGRES else ("embedded",)

# The same examples on every machine and at every run; nothing is written in the working folder.
settings.register_profile("tests", derandomize=True, database=None, deadline=None)
settings.load_profile("tests")


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
def network(store: Store) -> Iterator[Network]:
    """A network with nothing in it."""
    with store.open() as opened:
        yield opened


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network that knows the structures of `DIRECTORY` and nothing else, for files that are only examined."""
    with Network(str(tmp_path_factory.mktemp("directory"))) as opened:
        stored(opened, structures(*DIRECTORY))
        yield opened


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the fictitious network of data/demo, deposited once for all the processes of a run: to be copied."""
    own = tmp_path_factory.getbasetemp()
    # The processes of xdist have folders side by side in that of the run; without it there is one process.
    shared = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    folder = shared / "demo-store"
    with FileLock(shared / "demo-store.lock"):
        if not folder.exists():
            unfinished = shared / "demo-store-unfinished"
            with Network(str(unfinished)) as opened:
                for _ in replay(opened, DATA / "demo", "réseau fictif", "rectification annoncée", today=date.max):
                    pass
                opened.lake.tidy()
            unfinished.rename(folder)
    return folder


@pytest.fixture(scope="session")
def demo(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The fictitious network of data/demo: to be read, never written."""
    copy = tmp_path_factory.mktemp("demo") / "store"
    shutil.copytree(demo_folder, copy)
    with Network(str(copy)) as opened:
        yield opened


@pytest.fixture(scope="session")
def belgium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The figures published in 2010, several without their counts: to be read, never written."""
    with Network(str(tmp_path_factory.mktemp("belgium"))) as opened:
        for name in ("structures", "measures"):
            stored(opened, (DATA / "belgium-2010" / f"{name}.csv").read_bytes())
        yield opened
