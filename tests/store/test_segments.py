"""What is in force is decided segment by segment: a breakdown never erases the figure of the whole."""

from __future__ import annotations

import random
from typing import Any

import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.periods import Period
from indicators.network import Network
from indicators.queries.deposits.deposit_history import lost_by_withdrawal, restored_by_withdrawal, retracted_figures
from indicators.queries.figures.board import compute_board
from indicators.snapshot import QueryContext
from indicators.store.deposits import withdraw
from tests.builders import NOW, TODAY, forced, measure, measures, stored
from tests.conftest import runs_all

ATELIER = "atelier-ternoise"
EXITS = "dynamic_exit_rate"
OLD_RULE = """
select structure, segment, numerator from lake.measures
qualify rank() over (partition by structure, period, period_end, indicator order by sequence desc) = 1
"""
"""What stores answered when a deposit replaced all the segments of a structure, period and indicator."""


def row(numerator: object, denominator: object, segment: str = "ensemble", period: str = "2026-T1") -> str:
    return measure(ATELIER, period, EXITS, numerator, denominator, segment=segment)


@pytest.fixture
def ready(directory_network: Network) -> Network:
    stored(directory_network, measures(row(33, 60)))
    return directory_network


def in_force(network: Network) -> dict[str, tuple[Any, ...]]:
    with network.snapshot() as snapshot:
        sql = "select segment, numerator, denominator, absence from {}($w)"
        ways = []
        for way in ("current_measures", "settled_measures"):
            _ = snapshot.overlapping_deposits
            rows = snapshot.cursor.rows(sql.format(way), w=snapshot.withdrawn)
            ways.append({str(segment): tuple(rest) for segment, *rest in rows})
    assert ways[0] == ways[1]
    return ways[0]


def shown(network: Network, code: str = ATELIER) -> tuple[str, float | None]:
    """Status and numerator of the exits of a quarter on the board of a structure or of the network."""
    with network.snapshot() as snapshot:
        perimeter = NETWORK if code == "reseau" else snapshot.structures.parse_perimeter(code)
        found = compute_board(QueryContext(snapshot, Audience.MANAGEMENT, TODAY), perimeter, Period.parse("2026-T1"))
        figure = next(tile.figure for tile in found if tile.indicator.id == EXITS)
        return figure.status.value, getattr(figure.outcome, "numerator", None)


@pytest.mark.parametrize("large", [0, 1_000_000])
def test_a_breakdown_alone_leaves_the_figure_of_the_whole_in_force(
    ready: Network, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr("indicators.store.cursor.LARGE_STORE_MEASURES", large)
    before = shown(ready), shown(ready, "reseau")
    stored(ready, measures(row(13, 30, "sexe=F")))
    assert in_force(ready) == {"ensemble": (33, 60, None), "sexe=F": (13, 30, None)}
    assert (shown(ready), shown(ready, "reseau")) == before
    assert before[0] == ("ok", 33)


def test_what_a_breakdown_erased_in_an_existing_store_is_in_force_again_by_itself(ready: Network) -> None:
    forced(ready, measures(row(13, 30, "sexe=F")))
    with ready.snapshot() as snapshot:
        assert snapshot.cursor.rows(OLD_RULE) == [(ATELIER, "sexe=F", 13)], "the whole was erased"
    assert in_force(ready)["ensemble"] == (33, 60, None)
    assert shown(ready) == ("ok", 33)


def test_a_segment_that_a_correction_does_not_hold_stays_in_force(ready: Network) -> None:
    stored(ready, measures(row(13, 30, "sexe=F"), row(20, 30, "sexe=H")))
    stored(ready, measures(row(34, 60), row(14, 30, "sexe=F")), comment="une sortie retrouvée")
    assert {segment: found[0] for segment, found in in_force(ready).items()} == {
        "ensemble": 34,
        "sexe=F": 14,
        "sexe=H": 20,
    }


def test_a_figure_goes_by_an_explicit_absence_and_comes_back_when_that_is_withdrawn(ready: Network) -> None:
    gone = stored(ready, measures(row("NC", "")), comment="chiffre douteux")
    assert in_force(ready)["ensemble"] == (None, None, "missing")
    with ready.snapshot() as snapshot:
        retracted = retracted_figures(snapshot, [gone.deposit])
        assert retracted.select("structure", "period", "segment", "numerator", "denominator", "absence").rows() == [
            (ATELIER, "2026-T1", "ensemble", 33, 60, "missing")
        ]
        assert lost_by_withdrawal(snapshot, gone.deposit).is_empty(), "nothing more goes with it"
    withdraw(ready.lake, gone.deposit, "il était juste", "test", NOW)
    assert in_force(ready)["ensemble"] == (33, 60, None)


def test_a_withdrawal_takes_away_the_figures_that_nothing_replaces(ready: Network) -> None:
    both = stored(ready, measures(row(34, 60), row(14, 30, "sexe=F")), comment="corrigé")
    with ready.snapshot() as snapshot:
        lost = lost_by_withdrawal(snapshot, both.deposit)
        assert lost.select("segment", "numerator").rows() == [("sexe=F", 14)], "33 of 60 is in force again"
        assert [(found.file_name is None, found.keys) for found in restored_by_withdrawal(snapshot, both)] == [
            (False, 1),
            (True, 1),
        ]


def reference_in_force(
    rows: list[tuple[int, str, str, str, str]], withdrawn: set[str]
) -> dict[tuple[str, str, str], int]:
    """What is in force, in plain loops: the newest row of each structure, period and segment."""
    found: dict[tuple[str, str, str], int] = {}
    for numerator, deposit, structure, period, segment in rows:
        if deposit not in withdrawn:
            found[structure, period, segment] = numerator
    return found


@pytest.mark.parametrize(
    ("seed", "large"),
    [(0, 0), (1, 1_000_000), *(pytest.param(*others, marks=pytest.mark.full) for others in ((1, 0), (0, 1_000_000)))],
)
def test_both_ways_agree_with_plain_loops_on_segments(
    directory_network: Network, monkeypatch: pytest.MonkeyPatch, seed: int, large: int
) -> None:
    network = directory_network
    monkeypatch.setattr("indicators.store.cursor.LARGE_STORE_MEASURES", large)
    chance = random.Random(seed)
    rows: list[tuple[int, str, str, str, str]] = []
    withdrawn: set[str] = set()
    for turn in range(12 if runs_all() else 7):
        if turn % 5 == 4:
            deposit = chance.choice(sorted({row[1] for row in rows} - withdrawn))
            withdraw(network.lake, deposit, "essai", "test", NOW)
            withdrawn.add(deposit)
        else:
            keys = {
                (
                    chance.choice([ATELIER, "regie-ternoise"]),
                    chance.choice(["2025-T4", "2026-T1"]),
                    chance.choice(["ensemble", "sexe=F", "sexe=H"]),
                )
                for _ in range(4)
            }
            counts = {key: chance.randrange(20, 90) for key in sorted(keys)}
            content = measures(
                *(measure(s, p, EXITS, count, 96, segment=part) for (s, p, part), count in counts.items())
            )
            deposit = forced(network, content)
            rows += [(count, deposit, *key) for key, count in counts.items()]
        with network.snapshot() as snapshot:
            _ = snapshot.overlapping_deposits
            for way in ("current_measures", "settled_measures"):
                sql = f"select structure, period, segment, numerator from {way}($w)"
                found = snapshot.cursor.frame(sql, w=snapshot.withdrawn)
                assert {tuple(key): count for *key, count in found.iter_rows()} == reference_in_force(rows, withdrawn)
                assert found.height == found.unique(["structure", "period", "segment"]).height
