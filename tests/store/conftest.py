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

from tests.builders import Store
from tests.conftest import CATALOGUES, POSTGRES, own_database

BUCKET = "network"
KINDS = (*CATALOGUES, "s3") if POSTGRES else CATALOGUES
SESAME = "open-sesame-of-nobody"
"""The secret of a server that lets everybody in; it must be in no message all the same."""


@pytest.fixture(scope="session")
def object_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A real S3 server on this machine's own address, with a bucket; what it takes to reach it."""
    told = tmp_path_factory.mktemp("s3") / "log"
    with told.open("wb") as log:
        command = [sys.executable, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=told.parent)
    try:
        address = _address_in(told)
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
