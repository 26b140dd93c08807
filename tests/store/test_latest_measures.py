"""What is in force, told in two ways: by a window over everything, and by one over what several deposits tell."""

from __future__ import annotations

import random

import polars as pl
import pytest

from indicators.errors import StoreError
from indicators.network import Network
from indicators.snapshot import Snapshot
from indicators.store.deposits import withdraw
from tests.builders import DIRECTORY, NOW, measure, measures, stored
from tests.conftest import runs_all

CODES = [row.split(";")[0] for row in DIRECTORY if ";ACI;" in row or ";EI;" in row]
QUARTERS = ["2024-T2", "2024-T3", "2024-T4"]
INDICATORS = ["dynamic_exit_rate", "absenteeism_rate"]


def ranked_both_ways(snapshot: Snapshot) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the measures in force, as each of the two ways tells them, in one order."""
    _ = snapshot.overlapping_deposits
    by = ["structure", "period", "indicator", "segment", "deposit", "line"]
    return tuple(  # type: ignore[return-value]  # two frames
        snapshot.cursor.frame(f"from {way}($withdrawn)", withdrawn=snapshot.withdrawn).sort(by)
        for way in ("current_measures", "settled_measures")
    )


@pytest.mark.parametrize(
    ("seed", "large"),
    [(0, 0), (1, 1_000_000), *(pytest.param(*others, marks=pytest.mark.full) for others in ((1, 0), (0, 1_000_000)))],
)
def test_both_ways_tell_the_same_after_each_deposit_correction_and_withdrawal(
    directory_network: Network, monkeypatch: pytest.MonkeyPatch, seed: int, large: int
) -> None:
    network = directory_network
    monkeypatch.setattr("indicators.store.cursor.LARGE_STORE_MEASURES", large)
    chance = random.Random(seed)
    deposits: list[str] = []
    contested = []
    for turn in range(10 if runs_all() else 6):
        if deposits and turn % 4 == 3:
            withdraw(network.lake, deposits.pop(chance.randrange(len(deposits))), "essai", "test", NOW)
        else:
            rows = {
                (chance.choice(CODES), chance.choice(QUARTERS), chance.choice(INDICATORS)): chance.randrange(20, 90)
                for _ in range(4)
            }
            given = measures(*(measure(*key, cases, 96) for key, cases in rows.items()))
            deposits.append(stored(network, given, "oui").deposit)
        with network.snapshot() as snapshot:
            current, by_overlap = ranked_both_ways(snapshot)
            contested.append(snapshot.overlapping_deposits.height)
        assert by_overlap.equals(current)
        assert current.height
    assert contested[0] == 0 < contested[-1], "both branches were walked"


def test_what_is_only_supposed_is_told_the_same_in_both_ways(
    directory_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = directory_network
    monkeypatch.setattr("indicators.store.cursor.LARGE_STORE_MEASURES", 0)
    stored(network, measures(measure(CODES[0], "2024-T1", "dynamic_exit_rate", 30, 96)))
    with network.snapshot() as snapshot:
        rows = snapshot.cursor.frame("from current_measures([])").drop("deposit", "sequence", "submitted_at")
    with network.dry_run("measures", rows.with_columns(numerator=pl.lit(40.0))) as supposed:
        current, by_overlap = ranked_both_ways(supposed)
        assert by_overlap.equals(current)
        assert by_overlap["numerator"].to_list() == [40.0]
        assert supposed.overlapping_deposits.height == 1


def test_who_has_not_asked_what_is_contested_gets_no_answer(directory_network: Network) -> None:
    stored(directory_network, measures(measure(CODES[0], "2024-T1", "dynamic_exit_rate", 30, 96)))
    with pytest.raises(StoreError, match="settled_measures"), directory_network.snapshot() as snapshot:
        snapshot.cursor.frame("from settled_measures([])")
