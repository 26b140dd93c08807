"""`streamlit run dashboards/app.py` serves the same site: public until the key that it prints is given."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from websockets.sync.client import connect

from tests.builders import Store
from tests.served import KEY, ask, drawn, free_port

APP: Final = Path(__file__).parent.parent.parent / "dashboards" / "app.py"
HOST: Final = "127.0.0.1"
ANSWERS_WITHIN_S: Final = 120


@pytest.fixture(scope="module")
def started(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a site that Streamlit's own command serves, and the path that administers it."""
    port = free_port(HOST)
    command = [sys.executable, "-m", "streamlit", "run", APP, f"--server.port={port}", f"--server.address={HOST}"]
    server = subprocess.Popen(
        command, cwd=tmp_path_factory.mktemp("elsewhere"), env=store.environment, stdout=subprocess.PIPE, text=True
    )
    # Without its key it would be waited for as long as it serves.
    patience = threading.Timer(ANSWERS_WITHIN_S, server.terminate)
    patience.start()
    try:
        assert server.stdout is not None
        printed = ""
        while not (found := KEY.search(printed)):
            line = server.stdout.readline()
            assert line, f"it ended before it said its key: {printed}"
            printed += line
        patience.cancel()
        yield f"http://{HOST}:{port}", f"/?cle={found[1]}"
    finally:
        patience.cancel()
        server.terminate()
        server.wait(30)


def test_it_is_public_until_the_key_that_it_prints_is_given(started: tuple[str, str]) -> None:
    address, opening = started
    assert ask(address, "/deposer").status == 404
    key = ask(address, opening).headers["set-cookie"]
    assert re.search(r"HttpOnly", key)
    assert ask(address, "/deposer", Cookie=key.partition(";")[0]).status == 200


def test_its_pages_routes_and_refusals_are_those_of_the_site(started: tuple[str, str]) -> None:
    address, _ = started
    assert "atelier-ternoise" in ask(address, "/api/structures.json").text
    assert ask(address, "/", Host="elsewhere.example").status == 403
    with connect(f"{address.replace('http', 'ws')}/_stcore/stream", subprotocols=["streamlit"]) as reader:  # type: ignore[list-item]
        assert "Ternoise" in drawn(reader, "structure", "structure=atelier-ternoise").decode(errors="replace")
