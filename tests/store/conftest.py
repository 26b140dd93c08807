"""The store's own tests run on each kind of store there is: on S3 too, beside a catalogue in PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import boto3
import pytest

from indicators.network import Network
from indicators.store.deposits import withdraw
from tests.builders import (
    ACTIONS,
    DIRECTORY,
    NOW,
    PARTICIPATION,
    TARGETS,
    Store,
    action,
    measure,
    measures,
    occasion,
    stored,
    structures,
    table,
)
from tests.conftest import CATALOGUES, POSTGRES, copy_store, own_database, shared_store

BUCKET = "network"
KINDS = (*CATALOGUES, pytest.param("s3", marks=pytest.mark.full)) if POSTGRES else CATALOGUES
QUARTERS = [f"{year}-T{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4)]
SESAME = "open-sesame-of-nobody"
"""The secret of a server that lets everybody in; it must be in no message all the same."""


@pytest.fixture(scope="session")
def object_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A real S3 server on this machine's own address, with a bucket; what it takes to reach it."""
    log_path = tmp_path_factory.mktemp("s3") / "log"
    with log_path.open("wb") as log:
        command = [sys.executable, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=log_path.parent)
    try:
        address = _address_in(log_path)
        known = {
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": SESAME,
            "AWS_REGION": "eu-west-3",
            "AWS_ENDPOINT_URL": address,
        }
        client = boto3.client(
            "s3",
            endpoint_url=address,
            region_name="eu-west-3",
            aws_access_key_id="nobody",
            aws_secret_access_key=SESAME,
        )
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
        yield known
    finally:
        server.kill()
        server.wait()


def _address_in(log: Path) -> str:
    """Wait until the server says where it listens."""
    for _ in range(600):
        for word in log.read_text(encoding="utf-8").split():
            if word.startswith("http://127.0.0.1:"):
                return word
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with nothing in it, on each kind of catalogue and of data there is."""
    if POSTGRES is None or request.param == "embedded":
        yield Store(str(tmp_path / "store"))
        return
    with own_database(POSTGRES) as connection:
        if request.param == "postgres":
            yield Store(f"ducklake:postgres:{connection}", str(tmp_path / "data"))
            return
        for name, value in request.getfixturevalue("object_storage").items():
            monkeypatch.setenv(name, value)
        yield Store(f"ducklake:postgres:{connection}", f"s3://{BUCKET}/{uuid4().hex}")


def fill(network: Network) -> None:
    """Deposit something of every dataset; half of it stands in Parquet, half in the catalogue."""
    stored(network, structures(*DIRECTORY))
    codes = ("atelier-ternoise", "regie-ternoise")
    for turn, code in enumerate(codes):
        rows = (measure(code, q, "dynamic_exit_rate", 20 + turn + n, 96) for n, q in enumerate(QUARTERS))
        stored(network, measures(*rows))
    stored(network, table(ACTIONS, action("A-1"), action("A-2")))
    stored(network, table(TARGETS, "reseau;dynamic_exit_rate;2024-T1;2026-T4;60;interne;2024-01-10"))
    network.lake.compact()
    stored(network, measures(measure(codes[0], "2025-T4", "dynamic_exit_rate", 40, 96)), "corrigé")
    taken = stored(network, measures(measure(codes[1], "2025-T4", "dynamic_exit_rate", 41, 96)), "essai")
    withdraw(network.lake, taken.deposit, "essai", "accueil (fictif)", NOW)
    stored(network, table(PARTICIPATION, occasion("P-1", "2026-01-15", 12, 8, 14)))


@pytest.fixture(scope="session")
def tidied_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the structures of `DIRECTORY`, in a file of its data folder: to be copied."""

    def fill_and_tidy(network: Network) -> None:
        stored(network, structures(*DIRECTORY))
        network.lake.compact()

    return shared_store(tmp_path_factory, "tidied", fill_and_tidy)


@pytest.fixture(scope="session")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of something of every dataset, deposited once for all the processes of a run: to be copied."""
    return shared_store(tmp_path_factory, "filled", fill)


@pytest.fixture
def filled_store(store: Store, filled_folder: Path) -> Store:
    """A store of something of every dataset, of the test's own."""
    if store.data is None:
        copy_store(filled_folder, Path(store.address))
    else:
        with store.open() as network:
            fill(network)
    return store
