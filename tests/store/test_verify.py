"""A store is held against the files that were deposited in it: what a bad disk changed is found and named."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashboards.cli import app
from dashboards.commands.environment import settings
from indicators.errors import PilotageError
from indicators.intake.verify import verify
from indicators.network import Network
from indicators.queries.deposits.export import export_rows
from indicators.store.integrity import READ_ERRORS, Damage, DamageKind
from schemas.datasets import STORED_DATASETS
from tests.builders import (
    Store,
)
from tests.conftest import copy_store, sample

OTHER_TABLES = ("files", "deposits", "structures", "actions", "targets")
FLIPS = 4
"""Single bits turned in each kind of file."""


def no_progress(done: int, of: int) -> None:
    """Nobody waits for a test."""


def found_in(store: Store) -> list[Damage]:
    """What is found damaged, a store that cannot even be opened included."""
    try:
        return [damage for damage in verify(store.address, store.data, no_progress) if damage.is_certain]
    except PilotageError as failure:
        return [Damage(DamageKind.CATALOGUE, store.address, str(failure))]


@pytest.fixture(scope="module")
def sound(filled_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_store(filled_folder, tmp_path_factory.mktemp("sound") / "store")


@pytest.fixture
def copied(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "copied")


def figures_of(folder: Path) -> object:
    """What pages would be given: all that is in force, and by structure; nothing where it cannot be read."""
    try:
        with Network(str(folder)) as network, network.snapshot() as snapshot:
            whole = [export_rows(snapshot, name).write_csv() for name in STORED_DATASETS]
            sql = "from current_measures($withdrawn) where structure = $structure order by all"
            parts = [
                snapshot.cursor.frame(sql, withdrawn=snapshot.withdrawn, structure=code).write_csv()
                for code in snapshot.structures.by_id
            ]
            return whole, parts
    except (PilotageError, *READ_ERRORS):
        return None


@pytest.fixture(scope="module")
def sound_figures(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    return figures_of(shutil.copytree(sound, tmp_path_factory.mktemp("before") / "store"))


def parquet_of(folder: Path, table_name: str) -> Path:
    return next((folder / "data" / "main" / table_name).rglob("*.parquet"))


def test_a_sound_store_is_found_sound(filled_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    of_the_store = settings.model_copy(update={"data": filled_store.data})
    monkeypatch.setattr("dashboards.commands.opening.settings", of_the_store)
    sound = CliRunner().invoke(app, ["verify", *filled_store.options])
    assert sound.exit_code == 0
    (line,) = sound.stdout.splitlines()
    assert line.startswith("Aucun dommage")


@pytest.mark.parametrize(
    "kind",
    [
        "catalogue",
        "measures",
        *(
            pytest.param(kind, marks=pytest.mark.full)
            for kind in ("files", "deposits", "structures", "actions", "targets")
        ),
    ],
)
def test_a_single_bit_that_changes_a_figure_is_found_wherever_it_is(
    sound: Path, sound_figures: object, tmp_path: Path, kind: str
) -> None:
    chance = random.Random(kind)
    for turn in sample(range(FLIPS), FLIPS):
        folder = shutil.copytree(sound, tmp_path / f"{turn}")
        path = folder / "catalogue.sqlite" if kind == "catalogue" else parquet_of(folder, kind)
        content = bytearray(path.read_bytes())
        place, bit = chance.randrange(len(content)), chance.randrange(8)
        content[place] ^= 1 << bit
        path.write_bytes(content)
        duplicate = shutil.copytree(folder, tmp_path / f"{turn} duplicate")
        if figures_of(duplicate) != sound_figures:
            assert found_in(Store(str(folder))), f"bit {bit} of byte {place} of {path.name}"


def change(folder: Path, statement: str) -> list[Damage]:
    with Network(str(folder)) as network:
        network.lake.write(lambda cursor: cursor.rows(statement) and None)
    return found_in(Store(str(folder)))


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (
            "update lake.measures set numerator = 99 where structure = 'regie-ternoise' and period = '2024-T1'",
            DamageKind.ROWS,
        ),
        pytest.param("delete from lake.actions where reference = 'A-1'", DamageKind.ROWS, marks=pytest.mark.full),
        pytest.param(
            "insert into lake.targets select * replace ('nobody' as deposit) from lake.targets",
            DamageKind.ROWS,
            marks=pytest.mark.full,
        ),
        pytest.param(
            "update lake.files set content = content || 'x'::blob", DamageKind.KEPT_FILE, marks=pytest.mark.full
        ),
        ("delete from lake.files", DamageKind.KEPT_FILE),
        ("update lake.deposits set sequence = 20 where sequence = 3", DamageKind.RECORD),
        pytest.param(
            "update lake.deposits set withdraws = 'x' where withdraws is not null",
            DamageKind.RECORD,
            marks=pytest.mark.full,
        ),
    ],
)
def test_what_does_not_agree_with_the_files_is_named(copied: Path, statement: str, kind: DamageKind) -> None:
    assert kind in {damage.kind for damage in change(copied, statement)}


def test_a_missing_and_a_truncated_data_file_are_named_by_the_command_that_exits_with_1(copied: Path) -> None:
    missing, cut = parquet_of(copied, "measures"), parquet_of(copied, "structures")
    missing.unlink()
    cut.write_bytes(cut.read_bytes()[:-100])
    damaged = CliRunner().invoke(app, ["verify", "--store", str(copied)])
    assert damaged.exit_code == 1
    named = [line for line in damaged.output.splitlines() if line.startswith("Fichier de données manquant ou abîmé")]
    for path in (missing, cut):
        assert any(path.name in line for line in named)
