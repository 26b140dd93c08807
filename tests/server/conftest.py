"""A small network, served as operators serve theirs: on this machine, and under an address of its own.

Tests that ask for one of the two share it: what one of them uses up for a minute, another may not count on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from indicators.network import Network
from tests.builders import ACTIONS, DIRECTORY, Store, action, measure, measures, stored, structures, table
from tests.conftest import copy_store, shared_store
from tests.served import Served, running
from tests.server.mailbox import Mailbox, mail_server
from tests.server.members import Members

TOKEN: Final = "a-token-of-the-tests-0123456789"
"""What metrics are told to."""

MEMBERS_URL: Final = "https://pilotage.example"


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


def managed(network: Network) -> None:
    """Fill a network of which every structure has a figure for everybody and one for management."""
    stored(network, structures(*DIRECTORY))
    codes = ("atelier-ternoise", "regie-ternoise", "regie-ternoise-nord")
    stored(network, measures(*(measure(code, "2026-T3", "absenteeism_rate", 310, 12_400) for code in codes)))
    days = {"due": "2026-08-20", "done": "2026-08-15"}
    rows = (action(f"A-{n}", opened="2026-07-10", structure=code, **days) for code in codes for n in range(12))
    stored(network, table(ACTIONS, *rows))


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture(scope="session")
def managed_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = shared_store(tmp_path_factory, "managed", managed)
    return Store(str(copy_store(made, tmp_path_factory.mktemp("managed") / "store")))


@pytest.fixture(scope="session")
def members(managed_store: Store) -> Members:
    return Members(managed_store)


@pytest.fixture(scope="session")
def members_site(managed_store: Store, mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A network with members, as behind a proxy that does TLS and says for whom it asks; it sends mails.

    What one reader uses up of their attempts is theirs: each test asks for an address of its own.
    """
    log = tmp_path_factory.mktemp("log") / "stderr"
    settings = {
        "PILOTAGE_URL": MEMBERS_URL,
        "PILOTAGE_TRUSTED_PROXIES": "127.0.0.1",
        "PILOTAGE_SMTP": mailbox.url,
        "PILOTAGE_MAIL_FROM": "pilotage@network.example",
        "PILOTAGE_LOG": "json",
        "PILOTAGE_MAX_SESSIONS_PER_ADDRESS": "300",
        "PILOTAGE_REQUESTS_PER_MINUTE": "10000",
    }
    with running(managed_store, log=log, **settings) as served:
        yield served
