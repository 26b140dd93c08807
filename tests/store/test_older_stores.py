"""Stores made before a column existed: they are given it when they are opened, and keep what they hold."""

from __future__ import annotations

from indicators.network import Network
from indicators.store.lake import ADDED
from tests.builders import ACTIONS, DIRECTORY, Store, action, stored, structures, table

WITH_INDICATOR = f"{ACTIONS};indicateur"


def named(network: Network) -> list[tuple[object, ...]]:
    with network.reading() as reading:
        sql = "select reference, indicator from current_actions($withdrawn) order by reference"
        return reading.cursor.rows(sql, withdrawn=reading.withdrawn)


def test_an_older_store_is_given_the_columns_it_lacks_and_keeps_its_rows(store: Store) -> None:
    with store.open() as network:
        stored(network, structures(*DIRECTORY))
        stored(network, table(ACTIONS, action("A-1")))
        for name, column, _ in ADDED:
            network.lake._connection.execute(f"alter table lake.{name} drop column {column}")
    for _ in range(2):
        with store.open() as network:
            assert named(network)[0] == ("A-1", None)
    with store.open() as network:
        stored(network, table(WITH_INDICATOR, action("A-2") + ";dynamic_exit_rate"))
        assert named(network) == [("A-1", None), ("A-2", "dynamic_exit_rate")]


def test_an_action_may_name_no_indicator(network: Network) -> None:
    stored(network, structures(*DIRECTORY))
    stored(network, table(WITH_INDICATOR, action("A-1") + ";", action("A-2") + ";absenteeism_rate"))
    assert named(network) == [("A-1", None), ("A-2", "absenteeism_rate")]
