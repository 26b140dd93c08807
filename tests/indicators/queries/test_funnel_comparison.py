"""Structures compared on one indicator: who has a point, who has none and why, and nothing hidden shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from scipy.stats import binom

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, fold_case_and_accents
from indicators.definitions.periods import Period
from indicators.disclosure.counting import MAX_STRUCTURES_READ_WHOLE
from indicators.figures.figure import Status
from indicators.judgement.funnel import SIGNAL_TAIL, WATCH_TAIL, FunnelVerdict
from indicators.queries.comparison.case_mix import case_mix, hidden_case_mix, visible_case_mix
from indicators.queries.comparison.funnel_comparison import (
    EXCLUSION_REASONS,
    MAX_LARGE_COMPARISONS,
    VERDICT_ORDER,
    _large_comparisons,
    compare_structures,
)
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.snapshot import QueryContext
from tests.builders import TODAY, measure, measures, stored, structure, structures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indicators.network import Network
    from indicators.snapshot import Snapshot

QUARTER = Period.parse("2026-T3")


@pytest.fixture(scope="module")
def snapshot(demo: Network) -> Iterator[Snapshot]:
    with demo.snapshot() as found:
        yield found


def test_every_structure_concerned_has_a_point_or_a_reason(snapshot: Snapshot) -> None:
    for sheet in snapshot.catalogue:
        period = Period.latest_ended(QUARTER.end, sheet.frequency)
        found = compare_structures(QueryContext(snapshot, Audience.NETWORK, TODAY), ComparisonScope(), sheet, period)
        concerned = {structure.id for structure in ComparisonScope().structures(snapshot, sheet)}
        assert set(found.rows["structure"]) == concerned
        if found.funnel is not None:
            drawn = found.plotted_rows.filter(pl.col("verdict") != FunnelVerdict.TOO_FEW)
            assert set(drawn["structure"]).isdisjoint(found.excluded["structure"])
            assert set(drawn["structure"]) | set(found.excluded["structure"]) == concerned


def test_verdicts_are_those_of_the_binomial_distribution(snapshot: Snapshot) -> None:
    found = compare_structures(
        QueryContext(snapshot, Audience.NETWORK, TODAY),
        ComparisonScope(),
        snapshot.catalogue["dynamic_exit_rate"],
        QUARTER,
    )
    rows = found.plotted_rows
    share = rows["numerator"].sum() / rows["denominator"].sum()
    assert rows.height > 10
    for row in rows.iter_rows(named=True):
        x, n = row["numerator"], row["denominator"]
        tail = min(binom.cdf(x, n, share), binom.sf(x - 1, n, share))
        expected = (
            FunnelVerdict.TOO_FEW
            if n < 10
            else FunnelVerdict.SIGNAL
            if tail <= SIGNAL_TAIL
            else FunnelVerdict.WATCH
            if tail <= WATCH_TAIL
            else FunnelVerdict.ORDINARY
        )
        assert row["verdict"] == expected


def test_what_the_audience_may_not_see_is_left_out_and_never_in_a_row(snapshot: Snapshot) -> None:
    sheet = snapshot.catalogue["dynamic_exit_rate"]
    found = compare_structures(QueryContext(snapshot, Audience.NETWORK, TODAY), ComparisonScope(), sheet, QUARTER)
    withheld = found.rows.filter(pl.col("status") == Status.WITHHELD)
    assert withheld.height >= 1
    assert withheld.select(pl.col("numerator", "denominator", "value", "verdict").is_null().all()).row(0) == (True,) * 4
    assert set(withheld["structure"]) <= set(found.excluded.filter(pl.col("reason") == Status.WITHHELD)["structure"])
    assert not found.funnel or set(withheld["structure"]).isdisjoint(found.funnel.points["structure"])
    outside = compare_structures(
        QueryContext(snapshot, Audience.PUBLIC, TODAY),
        ComparisonScope(),
        snapshot.catalogue["undocumented_exit_rate"],
        QUARTER,
    )
    assert outside.plotted_rows.is_empty()


def test_a_kind_and_a_region_narrow_the_comparison(snapshot: Snapshot) -> None:
    sheet = snapshot.catalogue["dynamic_exit_rate"]
    kind = compare_structures(
        QueryContext(snapshot, Audience.NETWORK, TODAY), ComparisonScope(kinds=("ACI",)), sheet, QUARTER
    )
    assert {snapshot.structures[s].kind for s in kind.rows["structure"]} == {"ACI"}
    region = snapshot.structures[kind.rows["structure"][0]].region
    near = compare_structures(
        QueryContext(snapshot, Audience.NETWORK, TODAY),
        ComparisonScope(Perimeter(Level.REGION, region), ("ACI",)),
        sheet,
        QUARTER,
    )
    assert set(near.rows["structure"]) < set(kind.rows["structure"])
    nobody = compare_structures(
        QueryContext(snapshot, Audience.NETWORK, TODAY), ComparisonScope(kinds=("ECO",)), sheet, QUARTER
    )
    assert nobody.rows.is_empty()
    assert nobody.funnel is not None
    assert nobody.funnel.share is None


def test_what_is_no_part_of_a_whole_has_no_funnel(snapshot: Snapshot) -> None:
    hours = compare_structures(
        QueryContext(snapshot, Audience.NETWORK, TODAY),
        ComparisonScope(),
        snapshot.catalogue["absenteeism_rate"],
        QUARTER,
    )
    assert hours.funnel is None
    assert hours.rows["value"].count() > 20
    assert hours.plotted_rows.is_empty()


def test_whom_a_structure_welcomes_stands_beside_its_figures(snapshot: Snapshot) -> None:
    mix = case_mix(QueryContext(snapshot, Audience.NETWORK, TODAY), NETWORK, QUARTER)
    assert mix["structure"].to_list() == snapshot.structures.members(NETWORK)
    sheet = snapshot.catalogue["women_share"]
    period = Period.latest_ended(QUARTER.end, sheet.frequency)
    shown = figures_by_structure(QueryContext(snapshot, Audience.NETWORK, TODAY), NETWORK, sheet, period).rows
    values = dict(shown.select("structure", "value").iter_rows())
    assert {s: v for s, v in mix.select("structure", "women_share").iter_rows() if v is not None} == {
        s: v for s, v in values.items() if v is not None
    }


def test_who_was_closed_or_not_open_yet_is_told_so(network: Network) -> None:
    rows = [measure(f"s{n}", "2026-T3", "dynamic_exit_rate", 10 + n, 40) for n in range(4)]
    others = [structure("fermee", closed="2026-03-31"), structure("a-venir", opened="2026-10-15"), structure("muette")]
    stored(network, structures(*(structure(f"s{n}") for n in range(4)), *others))
    stored(network, measures(*rows))
    with network.snapshot() as found:
        sheet = found.catalogue["dynamic_exit_rate"]
        whole = compare_structures(QueryContext(found, Audience.NETWORK, TODAY), ComparisonScope(), sheet, QUARTER)
        single = compare_structures(
            QueryContext(found, Audience.NETWORK, TODAY),
            ComparisonScope(Perimeter(Level.STRUCTURE, "s1")),
            sheet,
            QUARTER,
        )
    assert dict(whole.excluded.iter_rows()) == {"fermee": "closed", "a-venir": "not_open", "muette": "missing"}
    assert set(whole.excluded["reason"]) <= set(EXCLUSION_REASONS)
    assert dict(single.excluded.iter_rows()) == {"s1": "alone"}
    assert single.funnel is not None
    assert single.funnel.share is None


def test_a_table_is_by_reading_and_then_by_name(snapshot: Snapshot) -> None:
    found = compare_structures(
        QueryContext(snapshot, Audience.NETWORK, TODAY),
        ComparisonScope(),
        snapshot.catalogue["dynamic_exit_rate"],
        QUARTER,
    )
    ordered = found.rows_by_verdict()
    places = [list(VERDICT_ORDER).index(verdict) for verdict in ordered["verdict"]]
    assert places == sorted(places)
    for _, group in ordered.group_by("verdict"):
        names = [fold_case_and_accents(snapshot.structures[structure].name) for structure in group["structure"]]
        assert names == sorted(names)


def test_comparisons_of_a_large_network_are_few_in_memory(network: Network) -> None:
    codes = [f"s{n:03d}" for n in range(MAX_STRUCTURES_READ_WHOLE + 1)]
    stored(network, structures(*(structure(code, region="normandie" if code > "s3" else "bretagne") for code in codes)))
    with network.snapshot() as found:
        sheet = found.catalogue["dynamic_exit_rate"]
        periods = QUARTER.trailing(MAX_LARGE_COMPARISONS + 3)
        comparisons = [
            compare_structures(QueryContext(found, Audience.NETWORK, TODAY), ComparisonScope(), sheet, period)
            for period in periods
        ]
        kept = _large_comparisons(found)
        again = compare_structures(QueryContext(found, Audience.NETWORK, TODAY), ComparisonScope(), sheet, periods[-1])
    assert len(kept) == MAX_LARGE_COMPARISONS
    assert again is comparisons[-1]


def test_what_a_sheet_keeps_inside_a_structure_is_not_put_beside_its_rates(snapshot: Snapshot) -> None:
    seen, kept = (ask(snapshot.catalogue, Audience.NETWORK) for ask in (visible_case_mix, hidden_case_mix))
    assert [sheet.id for sheet in seen] == ["women_share"]
    assert [sheet.id for sheet in kept] == ["minimum_income_share"]
    assert hidden_case_mix(snapshot.catalogue, Audience.MANAGEMENT) == []
