"""A small network, served as operators serve theirs: on this machine, and under an address of its own.

Tests that ask for one of the two share it: what one of them uses up for a minute, another may not count on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.builders import DIRECTORY, Store, measure, measures, stored, structures
from tests.served import Served, running

TOKEN: Final = "a-token-of-the-tests-0123456789"
"""What metrics are told to."""


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store(str(tmp_path_factory.mktemp("small") / "store"))
    with made.open() as network:
        stored(network, structures(*DIRECTORY))
        stored(network, measures(measure("atelier-ternoise", "2026-T3", "absenteeism_rate", 310, 12400)))
    return made


@pytest.fixture(scope="session")
def site(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    log = tmp_path_factory.mktemp("log") / "stderr"
    with running(store, PILOTAGE_METRICS_TOKEN=TOKEN, PILOTAGE_LOG="json", log=log) as served:
        yield served


@pytest.fixture(scope="session")
def named_site(store: Store) -> Iterator[Served]:
    """The same network under an address of its own, as behind a proxy."""
    with running(store, PILOTAGE_URL="https://pilotage.example") as served:
        yield served
