"""0 of 0: what was delivered, and has no value because there was nobody or nothing to count."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.periods import Period
from indicators.figures.figure import NO_CASES, Figure, NoCases, Status, Value
from indicators.figures.time_steps import TimeStep
from indicators.network import Network
from indicators.queries.comparison.funnel_comparison import compare_structures
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.figures.by_structure import figures_by_structure
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext, Snapshot
from tests.builders import TODAY, measure, measures, parse_span, stored, structure, structures

PUBLIC, MEMBERS, MANAGEMENT = Audience.PUBLIC, Audience.NETWORK, Audience.MANAGEMENT
MEMBERS_OF_IT = ("rien-0", "rien-1", "rien-2")
QUARTERS = tuple(period.code for period in Period.parse("2026-T3").trailing(8))
ZEROES = {"dynamic_exit_rate": 0, "absenteeism_rate": 0, "psve_actions": ""}
"""Denominators of zero, and a count that has none."""


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    with Network(str(tmp_path_factory.mktemp("nothing"))) as network:
        stored(network, structures(*map(structure, MEMBERS_OF_IT)))
        rows = [
            measure(s, q, name, 0, total) for s in MEMBERS_OF_IT for q in QUARTERS for name, total in ZEROES.items()
        ]
        stored(network, measures(*rows), comment="vu")
        with network.snapshot() as opened:
            yield opened


def latest(
    snapshot: Snapshot, perimeter: str, indicator: str, audience: Audience, step: TimeStep | None = None
) -> Figure:
    where, sheet = snapshot.structures.parse_perimeter(perimeter), snapshot.catalogue[indicator]
    return read_series(QueryContext(snapshot, audience, TODAY), where, sheet, step=step)[-1]


@pytest.mark.parametrize("audience", [PUBLIC, MANAGEMENT])
@pytest.mark.parametrize("step", [None, TimeStep.SEMESTER, TimeStep.YEAR, TimeStep.ROLLING])
@pytest.mark.parametrize("perimeter", ["rien-0", "region:normandie", "type:ACI", "reseau"])
def test_0_of_0_is_neither_missing_nor_withheld_nor_divided(
    snapshot: Snapshot, perimeter: str, step: TimeStep | None, audience: Audience
) -> None:
    for indicator in ("dynamic_exit_rate", "absenteeism_rate"):
        figure = latest(snapshot, perimeter, indicator, audience, step)
        assert figure.outcome == NoCases()
        assert (figure.status, figure.interval, figure.judgement) == (Status.NOT_APPLICABLE, None, None)


@pytest.mark.parametrize("step", [None, TimeStep.SEMESTER, TimeStep.YEAR, TimeStep.ROLLING])
@pytest.mark.parametrize("perimeter", ["rien-0", "region:normandie", "reseau"])
def test_a_network_in_which_nothing_was_done_shows_0_over_any_span(
    snapshot: Snapshot, perimeter: str, step: TimeStep | None
) -> None:
    figure = latest(snapshot, perimeter, "psve_actions", PUBLIC, step)
    assert isinstance(figure.outcome, Value)
    assert figure.outcome.value == 0


@pytest.mark.parametrize("span", ["2026-T3", "2026-T3~4"])
def test_a_comparison_says_of_whom_there_were_no_cases(snapshot: Snapshot, span: str) -> None:
    sheet = snapshot.catalogue["dynamic_exit_rate"]
    found = compare_structures(QueryContext(snapshot, MEMBERS, TODAY), ComparisonScope(), sheet, parse_span(span))
    assert found.excluded.rows() == [(name, NO_CASES) for name in MEMBERS_OF_IT]
    assert found.funnel is not None
    assert found.funnel.share is None
    rows = figures_by_structure(
        QueryContext(snapshot, PUBLIC, TODAY), snapshot.structures.parse_perimeter("reseau"), sheet, parse_span(span)
    ).rows
    assert rows["status"].to_list() == [NO_CASES] * 3
    assert rows["value"].null_count() == 3
