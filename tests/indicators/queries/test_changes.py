"""What changed on a board: news is what a reader can check on the points before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.queries.figures.assessed_board import assess_board
from indicators.queries.figures.changes import ChangeKind, find_changes
from indicators.snapshot import QueryContext
from tests.builders import TARGETS, TODAY, measure, measures, stored, structure, structures, table

if TYPE_CHECKING:
    from indicators.network import Network

QUARTER = Period.parse("2026-T3")


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [
        (50, 75, ChangeKind.TARGET_MET),
        (65, 45, ChangeKind.TARGET_MISSED),
        (65, 78, None),
        (55, 40, None),
        (50, 64, None),
    ],
)
def test_a_target_is_newly_met_only_where_the_quarter_before_missed_it(
    network: Network, before: int, now: int, kind: ChangeKind | None
) -> None:
    stored(network, structures(structure("fabrique")))
    stored(network, table(TARGETS, "fabrique;dynamic_exit_rate;2026;2026;60;convention;"))
    rows = [
        measure("fabrique", period, "dynamic_exit_rate", count, 100)
        for period, count in (("2026-T2", before), ("2026-T3", now))
    ]
    stored(network, measures(*rows))
    with network.snapshot() as snapshot:
        own = Perimeter(Level.STRUCTURE, "fabrique")
        board = assess_board(QueryContext(snapshot, Audience.MANAGEMENT, TODAY), own, NETWORK, QUARTER)
        kinds = [
            change.kind
            for change in find_changes(board, QUARTER)
            if change.assessed.indicator.id == "dynamic_exit_rate"
        ]
    assert kinds == ([kind] if kind else [])
