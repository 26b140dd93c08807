"""Figures with what they can bear, on the fictitious network: what is said agrees with the figures the reader sees."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl
import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.figures.figure import Status
from indicators.judgement.comparison import Side
from indicators.judgement.control_chart import control_chart
from indicators.judgement.intervals import newcombe_interval
from indicators.judgement.trend import Trend
from indicators.queries.comparison.funnel_comparison import compare_structures
from indicators.queries.comparison.matrix import matrix_cells, matrix_columns
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.figures.assessed_board import AssessedFigure, assess_board, has_lasting_changes, peer_perimeter
from indicators.queries.figures.changes import ChangeKind, find_changes
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext
from tests.builders import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indicators.network import Network
    from indicators.snapshot import Snapshot

QUARTER = Period.parse("2026-T3")
ACI_REBASED = {"atelier-du-canal", "chantier-des-hautes-falaises", "cordages-de-l-estran", "filature-des-monts-clairs",
               "jardins-de-la-dune-bleue", "marais-des-sept-ponts", "potager-des-grands-pres",
               "recyclerie-du-faubourg-vert"}  # fmt: skip
"""Structures whose absence is counted otherwise since the first quarter of 2023: data/reference/rebasings.csv."""


@pytest.fixture(scope="module")
def snapshot(demo: Network) -> Iterator[Snapshot]:
    with demo.snapshot() as found:
        yield found


@pytest.fixture(scope="module")
def boards(snapshot: Snapshot) -> dict[str, list[AssessedFigure]]:
    """The boards of half the structures, each compared with the network."""
    return {
        structure: assess_board(
            QueryContext(snapshot, Audience.PUBLIC, TODAY), Perimeter(Level.STRUCTURE, structure), NETWORK, QUARTER
        )
        for structure in list(snapshot.structures.by_id)[::2]
    }


def test_every_figure_is_judged_on_the_series_that_its_own_page_shows(
    snapshot: Snapshot, boards: dict[str, list[AssessedFigure]]
) -> None:
    seen = 0
    for structure, board in list(boards.items())[:4]:
        own = Perimeter(Level.STRUCTURE, structure)
        for judged in board:
            page = read_series(QueryContext(snapshot, Audience.PUBLIC, TODAY), own, judged.indicator)
            shown = {f.period: f.shown for f in page if f.period.end <= judged.figure.period.end}
            on_board = {f.period: f.shown for f in judged.series}
            # A series of its own ends with the last period reported; a board goes on to its quarter.
            assert {period: on_board[period] for period in shown} == shown
            assert all(on_board[period] is None for period in on_board.keys() - shown.keys())
            if judged.indicator.is_stock or judged.indicator.pooled_cohorts > 1:
                assert judged.control_chart.values == ()
                assert judged.trend.trend is Trend.NOT_COMPUTABLE
            else:
                values = [f.shown.value if f.shown else None for f in judged.series]
                target = judged.figure.target.value if judged.figure.target else None
                broken = structure in ACI_REBASED and judged.indicator.id == "absenteeism_rate"
                rebased = [n for n, f in enumerate(judged.series) if broken and f.period.code == "2023-T1"]
                counts = [f.proportion for f in judged.series] if has_lasting_changes(judged.indicator) else None
                assert judged.control_chart == control_chart(
                    values, judged.indicator.direction, target=target, segment_starts=rebased, counts=counts
                )
            seen += len(shown)
    assert seen > 250


def test_tile_funnel_and_matrix_read_one_figure_alike(
    snapshot: Snapshot, boards: dict[str, list[AssessedFigure]]
) -> None:
    compared: Counter[str] = Counter()
    for structure, board in boards.items():
        for judged in board:
            if judged.reference is None:
                assert judged.against_reference is None
                continue
            sheet, period = judged.indicator, judged.figure.period
            drawn = compare_structures(QueryContext(snapshot, Audience.PUBLIC, TODAY), ComparisonScope(), sheet, period)
            row = drawn.rows.row(by_predicate=pl.col("structure") == structure, named=True)
            assert drawn.funnel is not None
            assert judged.reference.value == pytest.approx((drawn.funnel.share or 0) * sheet.scale)
            assert judged.reference.verdict == (row["widened"] or row["verdict"])
            apart = judged.reference.verdict in {"watch", "signal"}
            assert judged.reference.side == (row["side"] if apart else None)
            (column,) = [
                c
                for c in matrix_columns(QueryContext(snapshot, Audience.PUBLIC, TODAY), ComparisonScope(), QUARTER)
                if c.indicator == sheet
            ]
            cell = matrix_cells(
                QueryContext(snapshot, Audience.PUBLIC, TODAY), [column], [snapshot.structures[structure]]
            ).row(0, named=True)
            assert judged.reference.verdict == (cell["widened"] or cell["verdict"])
            compared[judged.reference.verdict or ""] += 1
    assert compared.total() > 50
    assert len(compared) > 1


def test_nothing_is_said_of_what_is_not_shown(boards: dict[str, list[AssessedFigure]]) -> None:
    hidden = 0
    for board in boards.values():
        for judged in board:
            if judged.figure.shown is None:
                assert (judged.signal, judged.against_reference, judged.figure.judgement) == (None, None, None)
                assert judged.control_chart.variation is None
                hidden += judged.figure.status is Status.WITHHELD
    assert hidden > 10


def test_nobody_is_compared_with_a_perimeter_that_is_nobody_else(snapshot: Snapshot) -> None:
    assert all(
        j.reference is None
        for j in assess_board(QueryContext(snapshot, Audience.PUBLIC, TODAY), NETWORK, NETWORK, QUARTER)
    )
    own = Perimeter(Level.STRUCTURE, "filature-des-monts-clairs")
    assert all(
        j.reference is None for j in assess_board(QueryContext(snapshot, Audience.PUBLIC, TODAY), own, own, QUARTER)
    )


def test_peers_are_the_network_or_the_structures_of_the_same_kind(snapshot: Snapshot) -> None:
    kind = peer_perimeter(snapshot, "filature-des-monts-clairs", same_kind=True)
    assert kind.code == "type:ACI"
    assert snapshot.structures.parse_perimeter("type:ACI") == kind
    members = snapshot.structures.members(kind)
    assert 1 < len(members) < len(snapshot.structures)
    assert {snapshot.structures[member].kind for member in members} == {"ACI"}
    assert peer_perimeter(snapshot, "filature-des-monts-clairs", same_kind=False) == NETWORK


def test_a_change_is_more_than_chance_and_of_the_quarter_or_of_the_year(
    boards: dict[str, list[AssessedFigure]],
) -> None:
    found = []
    for board in boards.values():
        for change in find_changes(board, QUARTER):
            now = change.assessed.figure
            assert now.period.end == QUARTER.end
            if change.kind is ChangeKind.YEAR:
                assert change.before.period == now.period.year_earlier
                assert now.proportion
                assert change.before.proportion
                low, high = newcombe_interval(now.proportion, change.before.proportion)
                assert low > 0 if change.side is Side.ABOVE else high < 0
            else:
                assert change.before == change.assessed.series[-2]
            if change.kind is ChangeKind.MOVED:
                assert change.assessed.signal, "a difference between two quarters is not told by itself"
                assert change.side is change.assessed.signal.side
            if change.kind is ChangeKind.WITHHELD:
                assert (now.status, change.before.shown is not None) == (Status.WITHHELD, True)
            found.append(change.kind)
    assert {ChangeKind.MOVED, ChangeKind.YEAR, ChangeKind.WITHHELD} <= set(found)
    assert len(found) < len(boards) * 4, "a summary that tells everything tells nothing"
