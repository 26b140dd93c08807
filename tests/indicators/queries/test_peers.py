"""The peers of a structure: of its kind, its size, its territory, and what is let go where they would be too few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter, fold_case_and_accents
from indicators.definitions.periods import Period, Window
from indicators.queries.comparison.peers import (
    MAX_PEERS,
    MAX_SIZE_RATIO,
    MIN_PEERS,
    find_peers,
    group_rates,
    peer_histories,
)
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext
from tests.builders import TODAY, measure, measures, stored, structure, structures

if TYPE_CHECKING:
    from indicators.network import Network
    from indicators.snapshot import Snapshot

QUARTER = Period.parse("2026-T3")
MEMBERS = Audience.NETWORK


def filled(network: Network, sizes: dict[str, tuple[str, str, float | None]]) -> None:
    """Store structures, each with its kind, its region and its full-time equivalents."""
    stored(network, structures(*(structure(code, kind, region) for code, (kind, region, _) in sizes.items())))
    rows = [
        measure(code, "2026-T3", "fte_realised", round(401.75 * size), "401,75")
        for code, (_, _, size) in sizes.items()
        if size is not None
    ]
    stored(network, measures(*rows))


def ids(snapshot: Snapshot, code: str) -> list[str]:
    found = find_peers(QueryContext(snapshot, MEMBERS, TODAY), snapshot.structures[code], QUARTER)
    return [member.id for member in found.members]


def test_peers_are_of_the_same_kind_size_and_region_where_there_are_enough(network: Network) -> None:
    near = {f"proche-{n}": ("EI", "normandie", 8.0 + n) for n in range(MIN_PEERS)}
    other = {
        "une": ("EI", "normandie", 10.0),
        "grande": ("EI", "normandie", 10.0 * MAX_SIZE_RATIO + 1),
        "petite": ("EI", "normandie", 10.0 / MAX_SIZE_RATIO - 1),
        "loin": ("EI", "bretagne", 10.0),
        "autre-type": ("ACI", "normandie", 10.0),
        "sans-taille": ("EI", "normandie", None),
    }
    filled(network, near | other)
    with network.snapshot() as snapshot:
        found = find_peers(QueryContext(snapshot, MEMBERS, TODAY), snapshot.structures["une"], QUARTER)
    assert {member.id for member in found.members} == {"une", *near}
    assert found.same_region
    assert found.size == pytest.approx(10, abs=0.01)
    assert found.omitted == 0
    names = [fold_case_and_accents(member.name) for member in found.members]
    assert names == sorted(names)


def test_the_region_is_let_go_first_then_the_size(network: Network) -> None:
    apart = {f"pareille-{n}": ("EI", "bretagne", 9.0 + n / 2) for n in range(MIN_PEERS)}
    filled(network, {"une": ("EI", "normandie", 10.0), "geante": ("EI", "normandie", 90.0)} | apart)
    with network.snapshot() as snapshot:
        one = find_peers(QueryContext(snapshot, MEMBERS, TODAY), snapshot.structures["une"], QUARTER)
        giant = find_peers(QueryContext(snapshot, MEMBERS, TODAY), snapshot.structures["geante"], QUARTER)
    assert {member.id for member in one.members} == {"une", *apart}
    assert (one.same_region, one.size is not None) == (False, True)
    assert {member.id for member in giant.members} == {"une", "geante", *apart}
    assert (giant.same_region, giant.size) == (False, None)


def test_a_structure_of_unknown_size_is_shown_beside_its_kind(network: Network) -> None:
    filled(
        network, {"une": ("EI", "normandie", None), "deux": ("EI", "bretagne", 5.0), "seule": ("ACI", "bretagne", 5.0)}
    )
    with network.snapshot() as snapshot:
        assert ids(snapshot, "une") == ["deux", "une"]
        assert ids(snapshot, "seule") == ["seule"]


def test_where_hours_are_not_counted_people_are_the_size(network: Network) -> None:
    codes = [f"s{n}" for n in range(MIN_PEERS + 1)]
    stored(network, structures(*(structure(code, "TS") for code in [*codes, "grande"])))
    people = [measure(code, "2025", "women_share", 30, 60) for code in codes]
    stored(network, measures(*people, measure("grande", "2025", "women_share", 90, 180)))
    with network.snapshot() as snapshot:
        found = find_peers(QueryContext(snapshot, MEMBERS, TODAY), snapshot.structures["s0"], QUARTER)
    assert [member.id for member in found.members] == codes
    assert (found.size_indicator, found.size) == ("women_share", 60)


def test_of_too_many_peers_those_nearest_in_size_are_shown_and_the_others_counted(network: Network) -> None:
    filled(network, {f"s{n:02d}": ("EI", "normandie", 10.0 + n / 10) for n in range(MAX_PEERS + 6)})
    with network.snapshot() as snapshot:
        found = find_peers(QueryContext(snapshot, MEMBERS, TODAY), snapshot.structures["s00"], QUARTER)
    assert [member.id for member in found.members] == [f"s{n:02d}" for n in range(MAX_PEERS + 1)]
    assert found.omitted == 5


@pytest.mark.parametrize("name", ["dynamic_exit_rate", "women_share", "absenteeism_rate"])
def test_a_history_is_the_series_of_each_structure(demo: Network, name: str) -> None:
    with demo.snapshot() as snapshot:
        sheet = snapshot.catalogue[name]
        spans = Period.latest_ended(QUARTER.end, sheet.frequency).trailing(12)
        members = [s for s in snapshot.structures.by_id.values() if sheet.applies_to(s.kind)][:6]
        found = peer_histories(QueryContext(snapshot, MEMBERS, TODAY), members, sheet, spans)
        values = {(row["structure"], row["period"]): row["value"] for row in found.iter_rows(named=True)}
        for member in members:
            own = read_series(QueryContext(snapshot, MEMBERS, TODAY), Perimeter(Level.STRUCTURE, member.id), sheet)
            shown = {figure.period.code: figure.shown.value for figure in own if figure.shown}
            for span in spans:
                assert values.get((member.id, span.code)) == pytest.approx(shown.get(span.code)), (member.id, span)
    assert sum(value is not None for value in values.values()) > 10


def test_peers_together_are_the_ratio_of_the_sums_of_at_least_two(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        sheet = snapshot.catalogue["dynamic_exit_rate"]
        members = [s for s in snapshot.structures.by_id.values() if s.kind == "EI"]
        found = peer_histories(QueryContext(snapshot, MEMBERS, TODAY), members, sheet, [Window(QUARTER, 4)])
    whole = group_rates(found)
    shown = found.filter(pl.col("value").is_not_null())
    assert shown.height > 2
    assert whole == {"2026-T3~4": pytest.approx(shown["numerator"].sum() / shown["denominator"].sum())}
    assert group_rates(shown[:1]) == {}
