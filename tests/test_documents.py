"""The documents speak of what is there: files, tests, datasets, dependencies, decisions; and lead to one another."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from schemas.datasets import DATASETS
from tests.builders import badly_spaced

ROOT: Final = Path(__file__).parent.parent
DECISIONS: Final = sorted((ROOT / "docs" / "decisions").glob("20*.md"))
LIVING: Final = (ROOT / "README.md", ROOT / "README.fr.md", *sorted((ROOT / "docs").glob("*.md")))
"""Documents that speak of the present; a decision speaks of its day."""
FOLDERS: Final = ("schemas", "indicators", "dashboards", "data", "tests", "docs")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def paths() -> set[str]:
    """Return every file and folder of ours, from the top of the project on."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    return {*FOLDERS, *(path.relative_to(ROOT).as_posix() for path in found)}


@pytest.mark.parametrize("document", LIVING, ids=lambda document: document.name)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    known = paths()
    named = re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.(?:py|sql))`", read(document))
    ours = {
        name.rstrip("/")
        for name in named
        if name.endswith((".py", ".sql", ".toml", ".csv", ".po", ".css")) or name.split("/")[0] in FOLDERS
    }
    # A file may be named from its package on.
    absent = [name for name in ours if not any(path == name or path.endswith(f"/{name}") for path in known)]
    assert absent == []


def test_every_test_that_a_document_names_is_there() -> None:
    sources = [read(path) for path in (ROOT / "tests").rglob("test_*.py")]
    functions = set(re.findall(r"^(?:async )?def (test_\w+)", "\n".join(sources), re.MULTILINE))
    named = {name for document in LIVING for name in re.findall(r"`(test_\w+)`", read(document))}
    assert len(named) > 10
    assert named - functions == set()


@pytest.mark.parametrize("folder", ["", "docs", "docs/decisions"])
def test_every_link_of_a_document_leads_somewhere(folder: str) -> None:
    for document in (ROOT / folder).glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", read(document)):
            assert target.startswith("http") or (document.parent / target).exists(), f"{document.name}: {target}"


def test_a_decision_is_a_file_with_its_context_its_consequences_and_a_line_in_the_index() -> None:
    index = read(ROOT / "docs" / "decisions" / "README.md")
    assert len(DECISIONS) > 60
    for decision in DECISIONS:
        text = read(decision)
        title = text.partition("\n")[0].removeprefix("# ")
        assert re.fullmatch(r"20\d\d-\d\d-\d\d-[a-z0-9-]+\.md", decision.name)
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], decision.name
        assert f"- [{title}]({decision.name})" in index, decision.name
    order = re.findall(r"^## (20\S+)$", index, re.MULTILINE)
    assert order == sorted(order, reverse=True)
    assert index.count("](20") == len(DECISIONS)


def test_every_dependency_says_what_it_is_here_for() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    declared = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    table = read(ROOT / "docs" / "decisions" / "README.md").partition("| part | for |")[2].partition("\n\n")[0]
    listed = {name for row in table.splitlines()[2:] for name in row.split("|")[1].strip().split(", ")}
    assert listed == {re.split(r"[\[=<>~]", name)[0] for name in declared}


def test_the_columns_of_every_dataset_are_told_in_their_order() -> None:
    """What may be left out is in italics."""
    table = read(ROOT / "docs" / "deposits.md").partition("| dataset | one row is |")[2].partition("\n\n")[0]
    documented = dict(re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", table, re.MULTILINE))
    assert documented == {
        name: " · ".join(column.french if column.required else f"*{column.french}*" for column in dataset.columns)
        for name, dataset in DATASETS.items()
    }


def test_the_french_readme_follows_french_typography() -> None:
    text = re.sub(r"```console.*?```|`[^`\n]*`|\]\([^)]*\)", "", read(ROOT / "README.fr.md"), flags=re.DOTALL)
    assert badly_spaced(text) == []
