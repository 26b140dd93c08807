"""Structures by indicators: a cell says what the funnel of its indicator says, in an order that is never of merit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, fold_case_and_accents
from indicators.definitions.periods import Period, Window
from indicators.errors import UnknownError
from indicators.figures.figure import Status
from indicators.queries.comparison.funnel_comparison import compare_structures, is_comparable
from indicators.queries.comparison.matrix import matrix_cells, matrix_columns, sort_by_verdict
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.queries.figures.multi_indicator import figures_of_structures
from indicators.snapshot import QueryContext
from tests.builders import TODAY
from tests.conftest import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indicators.network import Network
    from indicators.snapshot import Snapshot

QUARTER = Period.parse("2026-T3")
MEMBERS = Audience.NETWORK
EVERYBODY = ComparisonScope()
IN_FRANCE = ComparisonScope(Perimeter(Level.REGION, "hauts-de-france"))
SOME_KINDS = ComparisonScope(kinds=("ACI", "EI"))
A_GROUP = ComparisonScope(group="groupe-des-trois-rives-fictif")


@pytest.fixture
def snapshot(demo: Network) -> Iterator[Snapshot]:
    with demo.snapshot() as found:
        yield found


@pytest.mark.parametrize("among", [EVERYBODY, IN_FRANCE, SOME_KINDS, A_GROUP], ids=["all", "region", "kinds", "group"])
@pytest.mark.parametrize("rolling", [False, True])
def test_a_cell_says_what_the_funnel_of_its_indicator_says(
    snapshot: Snapshot, among: ComparisonScope, rolling: bool
) -> None:
    shown = matrix_columns(QueryContext(snapshot, MEMBERS, TODAY), among, QUARTER, rolling=rolling)
    assert len(shown) > 4
    compared = 0
    for place in sample(range(0, len(among.structures(snapshot)), 7), 2):
        members = among.structures(snapshot)[place : place + 7]
        found = {
            (row["structure"], row["indicator"]): row
            for row in matrix_cells(QueryContext(snapshot, MEMBERS, TODAY), shown, members).iter_rows(named=True)
        }
        for column in shown:
            whole = compare_structures(QueryContext(snapshot, MEMBERS, TODAY), among, column.indicator, column.period)
            assert whole.funnel is not None
            # The same counts, added up in another order.
            assert whole.funnel.share == pytest.approx(column.share, rel=1e-12)
            assert whole.funnel.between_variance == pytest.approx(column.between_variance, rel=1e-12)
            for row in whole.rows.iter_rows(named=True):
                if row["structure"] not in {member.id for member in members}:
                    continue
                cell = found.get((row["structure"], column.indicator.id), {})
                for name in ("value", "verdict", "side", "widened"):
                    assert cell.get(name) == row[name], (row["structure"], column.indicator.id, name)
                compared += row["verdict"] is not None
    assert compared > 15


def test_a_column_is_a_proportion_that_members_may_see_and_at_least_two_can_be_compared_on(snapshot: Snapshot) -> None:
    shown = matrix_columns(QueryContext(snapshot, MEMBERS, TODAY), EVERYBODY, QUARTER)
    order = list(snapshot.catalogue.indicators)
    assert [c.indicator.id for c in shown] == sorted((c.indicator.id for c in shown), key=order.index)
    for column in shown:
        assert is_comparable(column.indicator)
        assert MEMBERS.sees(column.indicator.audience)
    assert not matrix_columns(QueryContext(snapshot, MEMBERS, TODAY), ComparisonScope(kinds=("RES",)), QUARTER), (
        "one structure is nobody's reference"
    )


def test_four_quarters_are_read_together_where_an_indicator_has_them(snapshot: Snapshot) -> None:
    spans = {
        c.indicator.id: c.period
        for c in matrix_columns(QueryContext(snapshot, MEMBERS, TODAY), EVERYBODY, QUARTER, rolling=True)
    }
    assert spans["dynamic_exit_rate"] == Window(QUARTER, 4)
    assert spans["women_share"] == Period.parse("2025")


def test_an_order_by_reading_puts_signals_first_and_inside_a_reading_follows_the_names(snapshot: Snapshot) -> None:
    sheet, period = snapshot.catalogue["employment_rate_6m"], Period.parse("2025")
    ordered = sort_by_verdict(QueryContext(snapshot, MEMBERS, TODAY), EVERYBODY, sheet, period)
    assert {structure.id for structure in ordered} == set(snapshot.structures.by_id)
    rows = compare_structures(QueryContext(snapshot, MEMBERS, TODAY), EVERYBODY, sheet, period).rows
    verdicts = dict(rows.select("structure", "verdict").iter_rows())
    places = ["signal", "watch", "ordinary", "too_few"]
    read = [places.index(v) if (v := verdicts.get(structure.id)) else len(places) for structure in ordered]
    assert read == sorted(read)
    assert read.count(0) > 1
    for group in set(read):
        names = [fold_case_and_accents(s.name) for s, place in zip(ordered, read, strict=True) if place == group]
        assert names == sorted(names)
    values = dict(rows.select("structure", "value").iter_rows())
    signals = [values[s.id] for s, place in zip(ordered, read, strict=True) if place == 0]
    assert signals != sorted(signals)
    assert signals != sorted(signals, reverse=True)


@pytest.mark.parametrize("name", ["dynamic_exit_rate", "employment_rate_6m", "fte_realised", "women_share"])
def test_what_stands_alongside_is_what_is_spread(snapshot: Snapshot, name: str) -> None:
    sheet = snapshot.catalogue[name]
    for period in Period.latest_ended(QUARTER.end, sheet.frequency).trailing(3):
        whole = figures_by_structure(QueryContext(snapshot, MEMBERS, TODAY), NETWORK, sheet, period).rows
        periods = {name: [period], "permanent_contract_share": [QUARTER]}
        found = figures_of_structures(
            QueryContext(snapshot, MEMBERS, TODAY), list(snapshot.structures.by_id), periods
        ).rows
        own = found.filter(pl.col("indicator") == name).select(whole.columns).sort("structure")
        assert own.equals(whole)


def test_windows_alongside_are_those_that_are_spread(snapshot: Snapshot) -> None:
    sheet, window = snapshot.catalogue["dynamic_exit_rate"], Window(QUARTER, 4)
    whole = figures_by_structure(QueryContext(snapshot, MEMBERS, TODAY), NETWORK, sheet, window).rows.filter(
        pl.col("status").is_in(["ok", "withheld"])
    )
    found = figures_of_structures(
        QueryContext(snapshot, MEMBERS, TODAY), list(snapshot.structures.by_id), {sheet.id: [window]}
    ).rows
    assert found.select(whole.columns).sort("structure").equals(whole)
    assert whole["value"].count() > 10


def test_what_a_reader_may_not_see_is_nowhere(snapshot: Snapshot) -> None:
    everyone = list(snapshot.structures.by_id)
    kept = {"undocumented_exit_rate": [QUARTER], "minimum_income_share": [Period.parse("2025")]}
    assert figures_of_structures(QueryContext(snapshot, MEMBERS, TODAY), everyone, kept).rows.is_empty()
    assert figures_of_structures(QueryContext(snapshot, MEMBERS, TODAY), everyone, {}).rows.is_empty()
    shown = figures_of_structures(
        QueryContext(snapshot, MEMBERS, TODAY), everyone, {"dynamic_exit_rate": [QUARTER]}
    ).rows
    withheld = shown.filter(pl.col("status") == Status.WITHHELD)
    assert withheld.height >= 1
    assert withheld.select(pl.col("numerator", "denominator", "value").is_null().all()).row(0) == (True,) * 3


def test_structures_are_chosen_by_perimeter_kind_and_group_together(snapshot: Snapshot) -> None:
    both = ComparisonScope(Perimeter(Level.REGION, "hauts-de-france"), ("ACI", "EI"), "groupe-des-trois-rives-fictif")
    found = both.structures(snapshot)
    assert {(s.kind in {"ACI", "EI"}, s.region, s.group) for s in found} == {(True, "hauts-de-france", both.group)}
    names = [fold_case_and_accents(s.name) for s in EVERYBODY.structures(snapshot)]
    assert names == sorted(names)
    elsewhere = ComparisonScope(Perimeter(Level.REGION, "bretagne"), group="groupe-des-trois-rives-fictif")
    assert elsewhere.structures(snapshot) == []
    with pytest.raises(UnknownError):
        ComparisonScope(group="nulle-part").structures(snapshot)
