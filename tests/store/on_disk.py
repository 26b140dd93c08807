"""What a store has written, wherever: looked at and changed from outside, as a disk or another program would."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import boto3

from tests.builders import Store

S3 = "s3://"


def _objects(store: Store) -> Any:
    bucket, _, prefix = (store.data or "").removeprefix(S3).partition("/")
    storage = boto3.resource("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"])
    return storage.Bucket(bucket).objects.filter(Prefix=prefix)


def data_of(store: Store) -> bytes:
    """Every byte of the data files and of the embedded catalogue."""
    if store.data and store.data.startswith(S3):
        return b"".join(one.get()["Body"].read() for one in _objects(store))
    folder = Path(store.data or store.address)
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def write_data(store: Store, name: str, content: bytes) -> None:
    """Put a file among the data files."""
    if store.data and store.data.startswith(S3):
        bucket, _, prefix = store.data.removeprefix(S3).partition("/")
        client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"])
        client.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=content)
        return
    folder = Path(store.data or f"{store.address}/data")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def destroy_data(store: Store) -> None:
    """Lose every data file, and the embedded catalogue."""
    if store.data and store.data.startswith(S3):
        _objects(store).delete()
    else:
        shutil.rmtree(store.data or store.address)
