"""docs/SECURITY.md promises nothing that no test holds: every threat names a test, and every test named exists.

Every promise but those of a server that tests do not start by themselves is held in every run, `make test` included.
"""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
PROMISES = (TESTS.parent / "docs" / "SECURITY.md").read_text(encoding="utf-8")
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")}


def test_every_threat_names_a_test() -> None:
    table = PROMISES.partition("| threat |")[2].partition("\n\n")[0].splitlines()[2:]
    threats = [row.strip("| ").split(" | ") for row in table if not row.startswith("| **")]
    assert len(threats) > 25
    assert [threat for threat, *_, test in threats if not re.search(r"`(?:tests/|test_)", test)] == []


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"\btest_\w+(?:\.py)?", PROMISES))
    files = {name for name in named if name.endswith(".py")}
    functions = set(re.findall(r"^(?:async )?def (test_\w+)", "\n".join(SOURCES.values()), re.MULTILINE))
    assert files
    assert files - SOURCES.keys() == set()
    assert named > files
    assert named - files - functions == set()


def test_what_is_named_is_run_every_time_and_not_only_at_full_counts() -> None:
    named = set(re.findall(r"\btest_\w+(?:\.py)?", PROMISES))
    functions = re.compile(r"^@pytest\.mark\.full\n(?:@.*\n)*def (test_\w+)", re.MULTILINE)
    assert named & set(functions.findall("\n".join(SOURCES.values()))) == set()
    modules = {name for name, text in SOURCES.items() if re.search(r"^pytestmark = .*mark\.full", text, re.MULTILINE)}
    assert named & modules == {"test_object_storage.py"}, "it needs a PostgreSQL server"
