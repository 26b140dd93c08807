"""The package as it is installed: a wheel that carries all its files, whose demo answers outside the checkout."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Final

import pytest

from indicators.intake.replay import MANIFEST_NAME

ROOT: Final = Path(__file__).parent.parent
ANSWERS_WITHIN_S: Final = 240
FIRST_QUARTER_LINES: Final = 5
"""Lines of the manifest: its header, the structures, and the three files of a quarter."""
FOLDERS: Final = ("data/catalogue", "data/reference", "data/demo", ".streamlit")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, folder], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def shipped(folder: str) -> set[str]:
    """Files of the checkout below a folder."""
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}


def test_a_wheel_carries_every_file_that_the_product_reads(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in FOLDERS:
        assert {f"pilotage_files/{name}" for name in shipped(folder)} <= names, folder
    for package in ("schemas", "indicators", "dashboards"):
        read = {name for name in shipped(package) if "__pycache__" not in name}
        assert read <= names, package


@pytest.mark.full
def test_the_demo_of_an_installed_wheel_answers_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    # The first quarter is enough to see that the demo finds its files: `demo_folder` deposits all of them.
    manifest = installed / "pilotage_files" / "data" / "demo" / MANIFEST_NAME
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    manifest.write_text("".join(lines[:FIRST_QUARTER_LINES]), encoding="utf-8")
    # Its dependencies are those of this very environment; `-P` and the folder keep the checkout away.
    start = f"import sys; sys.path.insert(0, {str(installed)!r}); from dashboards.bootstrap import main; main()"
    command = [sys.executable, "-P", "-c", start, "demo", "--port", "0"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(installed)}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = re.search(r"http://localhost:\d+", process.stdout.readline())
        assert address, "the demo says where it is"
        answer = _get(f"{address[0]}/api/structures.json")
        assert "(fictif)" in answer
        assert (tmp_path / "store" / "demo").is_dir()
    finally:
        process.terminate()
        process.wait(30)


def _get(address: str) -> str:
    deadline = time.monotonic() + ANSWERS_WITHIN_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
