"""Data files on an S3 server: two servers on one store, refusing and silent answers, no credentials in what is said."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import pytest

from indicators.errors import StoreError
from indicators.network import Network
from tests.builders import DIRECTORY, Store, measure, measures, stored, structures
from tests.conftest import POSTGRES, own_database
from tests.store.conftest import BUCKET, SESAME

pytestmark = [pytest.mark.full, pytest.mark.skipif(POSTGRES is None, reason="its catalogue is in PostgreSQL")]


@pytest.fixture
def shared(object_storage: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    for name, value in object_storage.items():
        monkeypatch.setenv(name, value)
    with own_database(str(POSTGRES)) as connection:
        yield Store(f"ducklake:postgres:{connection}", f"s3://{BUCKET}/{uuid4().hex}")


def test_two_servers_on_one_store_see_each_others_deposits(shared: Store) -> None:
    with shared.open() as one, shared.open() as other:
        stored(one, structures(*DIRECTORY))
        stored(other, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 30, 96)))
        one.lake.compact()
        stored(one, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 31, 96)), "corrigé")
        for network in (one, other):
            with network.snapshot() as snapshot:
                assert len(snapshot.structures) == len(DIRECTORY)
                assert snapshot.cursor.rows("select numerator from current_measures([])") == [(31.0,)]


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "does not answer in time"),
        ("AWS_ACCESS_KEY_ID", "", "needs AWS_ACCESS_KEY_ID in the environment"),
        ("PILOTAGE_DATA", "s3://nowhere/network", "has no such bucket"),
    ],
)
def test_a_storage_that_does_not_give_files_is_a_sentence_without_credentials(
    shared: Store, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, message: str
) -> None:
    monkeypatch.setenv(setting, value)
    with pytest.raises(StoreError, match=message) as failure:
        Network(shared.address, value if setting == "PILOTAGE_DATA" else shared.data)
    assert SESAME not in str(failure.value)
    assert "\n" not in str(failure.value)


class Refusing(BaseHTTPRequestHandler):
    """Refuses whoever asks, repeating the key that was given as S3 servers do."""

    def do_GET(self) -> None:
        body = b"<Error><Code>InvalidAccessKeyId</Code><AWSAccessKeyId>nobody</AWSAccessKeyId></Error>"
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing of what is asked."""


def test_a_storage_that_refuses_the_credentials_is_a_sentence_that_does_not_name_them(
    shared: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        with pytest.raises(StoreError, match="refuses these credentials") as failure:
            shared.open()
        server.shutdown()
    assert "nobody" not in str(failure.value)


def test_a_storage_that_keeps_silent_is_waited_for_no_longer_than_it_is_said(
    shared: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indicators.store.places.object_storage.HTTP_TIMEOUT_S", 1)
    monkeypatch.setattr("indicators.store.places.object_storage.HTTP_RETRIES", 0)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StoreError, match="does not answer in time"):
            shared.open()


def test_a_store_is_not_made_below_the_objects_of_another_one(shared: Store) -> None:
    with shared.open() as network:
        stored(network, structures(*DIRECTORY))
        network.lake.compact()
    with own_database(str(POSTGRES)) as empty, pytest.raises(StoreError, match="data files of another store"):
        Network(f"ducklake:postgres:{empty}", f"{shared.data}/archive/second")


def test_a_store_whose_catalogue_is_gone_is_not_made_anew_over_its_objects(shared: Store) -> None:
    with shared.open() as network:
        stored(network, structures(*DIRECTORY))
        network.lake.compact()
    with own_database(str(POSTGRES)) as empty, pytest.raises(StoreError, match="catalogue is gone or empty"):
        Network(f"ducklake:postgres:{empty}", shared.data)
