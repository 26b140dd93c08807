"""No test can reach a real store: here is what would happen on the machine of somebody who has one."""

import os
import subprocess
import sys
from pathlib import Path

from tests.builders import Store

ROOT = Path(__file__).parent.parent
PROBE = """
from pathlib import Path
from dashboards.cli import main
from dashboards.commands.environment import settings
import pytest
import sys

@pytest.fixture(scope="session")
def opened_early():
    return Path("store/network").resolve()

def test_probe(opened_early, monkeypatch):
    assert (settings.store, settings.data) == (None, None)
    monkeypatch.setattr(sys, "argv", ["pilotage", "history"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert Path("store/network/catalogue.sqlite").is_file(), "the default store is in the test's own folder"
    assert REAL not in Path("store/network").resolve().parents
    assert REAL not in opened_early.parents
"""


def test_a_run_of_the_tests_in_a_folder_that_holds_a_real_store_does_not_touch_it(tmp_path: Path) -> None:
    real = tmp_path / "real"
    Store(str(real / "store" / "network")).open().close()
    before = _state(real)
    probe = tmp_path / "probe" / "test_probe.py"
    probe.parent.mkdir()
    probe.write_text(f"from pathlib import Path\nREAL = Path({str(real)!r})\n{PROBE}", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    settings = {"PILOTAGE_STORE": str(real / "store" / "network"), "PILOTAGE_DATA": str(real), "PYTHONPATH": str(ROOT)}

    run = subprocess.run(
        [*command, "--rootdir", str(probe.parent), str(probe)],
        cwd=real,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout
    assert _state(real) == before


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and last change of every file under a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}
