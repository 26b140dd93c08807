"""A small network, served as operators serve theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.builders import DIRECTORY, Store, measure, measures, stored, structures
from tests.served import Served, running


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store(str(tmp_path_factory.mktemp("small") / "store"))
    with made.open() as network:
        stored(network, structures(*DIRECTORY))
        stored(network, measures(measure("atelier-ternoise", "2026-T3", "absenteeism_rate", 310, 12400)))
    return made


@pytest.fixture(scope="session")
def site(store: Store) -> Iterator[Served]:
    with running(store) as served:
        yield served
