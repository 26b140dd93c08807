"""What a snapshot keeps of the version before: structures and targets, until a deposit or withdrawal changes them."""

from __future__ import annotations

import polars as pl

from indicators.definitions.perimeters import Structures
from indicators.network import Network
from indicators.store.deposits import withdraw
from tests.builders import (
    AUTHOR,
    DIRECTORY,
    NOW,
    TARGETS,
    examine,
    measure,
    measures,
    stored,
    structure,
    structures,
    table,
)


def directory(network: Network) -> Structures:
    with network.snapshot() as snapshot:
        return snapshot.structures


def test_the_directory_is_read_again_when_it_changes_and_only_then(network: Network) -> None:
    stored(network, structures(*DIRECTORY))
    first = directory(network)
    stored(network, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 20, 96)))
    assert directory(network) is first
    added = stored(network, structures(structure("nouvelle")))
    assert set(directory(network).by_id) == {*first.by_id, "nouvelle"}
    withdraw(network.lake, added.deposit, "déposé par erreur", AUTHOR, NOW)
    assert set(directory(network).by_id) == set(first.by_id)


def test_what_a_dry_run_supposes_of_the_directory_is_seen_in_it_and_nowhere_else(network: Network) -> None:
    stored(network, structures(*DIRECTORY))
    known = directory(network)
    with network.snapshot() as snapshot:
        rows = snapshot.current_rows("structures").head(1).with_columns(pl.lit("supposee").alias("structure"))
    rows = rows.drop("deposit", "sequence", "submitted_at")
    with network.dry_run("structures", rows) as supposed:
        assert set(supposed.structures.by_id) == {*known.by_id, "supposee"}
    assert directory(network) is known
    figures = examine(network, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 20, 96))).table
    assert figures is not None
    with network.dry_run("measures", figures) as supposed:
        assert supposed.structures is known


def test_targets_are_read_again_when_they_change(network: Network) -> None:
    stored(network, structures(*DIRECTORY))
    for value in (61, 72):
        stored(
            network,
            table(TARGETS, f"atelier-ternoise;dynamic_exit_rate;2026-T1;;{value};interne;"),
            comment="convenu autrement",
        )
        with network.snapshot() as snapshot:
            assert [target.value for target in snapshot.targets] == [value]
