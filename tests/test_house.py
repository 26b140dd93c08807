"""What holds the code together: one name a class, plain words for names, SQL where the store is."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
PACKAGES: Final = ("schemas", "indicators", "dashboards")
MODULES: Final = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
OTHER_MODULES: Final = [path for folder in ("tests", "data") for path in sorted((ROOT / folder).rglob("*.py"))]
NO_NAMES: Final = re.compile(
    r"(?:^|_)(?:told|said|(?<!at_)once|alone|asked|beside|twins?|untold|unsaid|settled?|mended)(?:_|$)", re.IGNORECASE
)
"""Words that say nothing of the thing that they name."""
SQL: Final = re.compile(r"^\s*(?:select|insert|delete|update|from)\s+\S+|\bfrom lake\.", re.IGNORECASE)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def definitions(path: Path) -> Iterator[str]:
    """Yield every name that a module defines: classes, functions, parameters, variables, attributes.

    A test is named by a sentence, which may hold any word.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if not name.startswith("test_"):
                    yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield name


def test_no_two_classes_have_the_same_name() -> None:
    places = defaultdict(list)
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(name_of(path))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_names_say_what_they_name() -> None:
    found = {
        name_of(path): sorted({name for name in definitions(path) if NO_NAMES.search(name)})
        for path in (*MODULES, *OTHER_MODULES)
    }
    assert {where: names for where, names in found.items() if names} == {}


def test_sql_stands_in_files_but_for_the_store() -> None:
    store = ROOT / "indicators" / "store"
    found = [
        f"{name_of(path)}: {node.value}"
        for path in MODULES
        if store not in path.parents
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
        # A sentence of a docstring may begin so.
        if "\n" not in node.value and " " in node.value and not node.value.endswith(".")
    ]
    assert found == []
