"""No file, however it is made, takes more than five seconds and 500 MiB to be told what it is; none is a failure."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from indicators.network import Network
from tests.builders import DIRECTORY, Store, stored, structures
from tests.conftest import runs_all
from tests.intake.hostile_files import FILES

SECONDS = 15
"""Three times what is promised: tests share their machine."""
MEMORY_MIB = 500
REPORT_BYTES = 2_000_000
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store that other processes may open."""
    store = Store(str(tmp_path_factory.mktemp("known") / "store"))
    with Network(store.address) as network:
        stored(network, structures(*DIRECTORY))
    return store


REFUSED_UNREAD = {
    "a bomb under another name",
    "entities that multiply, in a workbook",
    "an entity from outside, in an open document",
    "an open document of 10^18 cells",
    "members that would leave their folder",
}
"""Of those that are examined in a process of their own where all tests are run, the small ones that are refused from
their outline, which leaves nothing in memory: examined in every run before all others, in the same process."""
EACH = [
    pytest.param(name, marks=[pytest.mark.full] if file.isolated and name not in REFUSED_UNREAD else [])
    for name, file in FILES.items()
]
TOGETHER = [name for name, file in FILES.items() if not file.isolated]
ANSWERS: dict[str, dict[str, Any]] = {}


def groups() -> list[list[str]]:
    """Return the files that share a process."""
    return [TOGETHER] if runs_all() else [[*sorted(REFUSED_UNREAD), *TOGETHER]]


def examined(store: Store, name: str) -> dict[str, Any]:
    """Examine a hostile file in a process of its own, or the small ones one after the other in the same."""
    if name not in ANSWERS:
        group = next((group for group in groups() if name in group), [name])
        names = [other for other in group if other not in ANSWERS]
        done = subprocess.run(
            [sys.executable, "-m", "tests.intake.hostile_worker", store.address, *names],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            cwd=ROOT,
            env=store.environment,
        )
        ANSWERS.update({answer["name"]: answer for answer in map(json.loads, done.stdout.splitlines())})
        last = names[min(len(done.stdout.splitlines()), len(names) - 1)]
        assert done.returncode == 0, (last, done.returncode, done.stderr[-3_000:])
    return ANSWERS[name]


@pytest.mark.parametrize("name", EACH)
def test_a_hostile_file_is_told_what_it_is_in_time_and_in_little_memory(known: Store, name: str) -> None:
    file, answer = FILES[name], examined(known, name)
    if file.codes == "":
        assert (answer["verdict"], answer["codes"]) == ("accepted", [])
    elif file.codes != "*":
        assert set(answer["codes"]) & set(file.codes.split()), answer["codes"]
    assert answer["codes"] or answer["verdict"] == "accepted"
    assert answer["report"] is not None, "the report holds a sample of each cause, not everything"
    assert "root:" not in answer["report"], "nothing of this machine is read"
    assert answer["seconds"] < SECONDS, answer["seconds"]
    assert answer["growth_mib"] < MEMORY_MIB, answer["growth_mib"]
    assert not Path("/tmp/pilotage-hostile").exists()


@pytest.mark.full
def test_two_hundred_thousand_findings_are_counted_and_sampled(known: Store) -> None:
    answer = examined(known, "two hundred thousand findings")
    assert answer["counts"]["C03:numerateur"] == 25_000
    assert answer["counts"]["C14:denominateur"] == 25_000
    assert answer["listed"] <= 50 * len(answer["counts"])
    assert len(answer["report"].encode()) < REPORT_BYTES
