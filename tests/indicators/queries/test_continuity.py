"""What a structure continues: its predecessors' figures before its own, as their pages show them, counted nowhere."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Final

import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, Structure, Structures
from indicators.definitions.periods import Period, Span
from indicators.figures.figure import Figure, Status
from indicators.figures.time_steps import TimeStep, available_steps
from indicators.network import Network
from indicators.queries.figures.assessed_board import assess_board
from indicators.queries.figures.continuity import continuous_spans, earlier_figures, year_earlier_elsewhere
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext, Snapshot
from tests.builders import STRUCTURES, TODAY, measure, measures, stored, structure, structures, table
from tests.conftest import FilledBy

EXITS: Final = "dynamic_exit_rate"
QUARTERS: Final = {
    "doyen": ["2023-T1", "2023-T2", "2023-T3", "2023-T4"],
    "ancien": ["2024-T1", "2024-T2", "2024-T3", "2024-T4", "2025-T1", "2025-T2", "2025-T3", "2025-T4"],
    "neuf": ["2026-T1", "2026-T2", "2026-T3"],
}
HIDDEN: Final = ("ancien", "2024-T3")
"""A quarter of so few people that it is withheld from the public."""
CONTINUED: Final = f"{STRUCTURES};predecesseur"
DIRECTORY: Final = (
    structure("doyen", closed="2023-12-31"),
    structure("ancien", opened="2024-01-01", closed="2025-12-31"),
    structure("neuf", opened="2026-01-01"),
    *(structure(f"voisin-{n}") for n in range(3)),
)
LINKS: Final = (f"{DIRECTORY[1]};doyen", f"{DIRECTORY[2]};ancien")


def fill(network: Network) -> None:
    stored(network, structures(*DIRECTORY))
    rows = [
        measure(
            code, quarter, EXITS, 2 if (code, quarter) == HIDDEN else 30 + place, 6 if (code, quarter) == HIDDEN else 60
        )
        for code, quarters in QUARTERS.items()
        for place, quarter in enumerate(quarters)
    ]
    quarters = [quarter for each in QUARTERS.values() for quarter in each]
    rows += [measure(f"voisin-{n}", quarter, EXITS, 40 + n, 80) for n in range(3) for quarter in quarters]
    stored(network, measures(*rows))


@pytest.fixture
def network(filled_by: FilledBy) -> Network:
    """Three structures in a line, one of which says yet that it continues another."""
    return filled_by(fill)


def link(network: Network) -> None:
    stored(network, table(CONTINUED, *LINKS))


def found(snapshot: Snapshot, audience: Audience, step: TimeStep | None = None) -> list[tuple[str, Figure]]:
    """Return the figures before those of « neuf », each with the structure it comes from."""
    context, indicator = QueryContext(snapshot, audience, TODAY), snapshot.catalogue[EXITS]
    own = read_series(context, Perimeter(Level.STRUCTURE, "neuf"), indicator, step)
    earlier = earlier_figures(lambda _: context, snapshot.structures, "neuf", own, indicator, step)
    return [(each.structure.id, figure) for each in earlier for figure in each.figures]


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("step", [None, TimeStep.SEMESTER, TimeStep.YEAR, TimeStep.ROLLING])
def test_a_predecessor_has_before_the_break_the_figures_of_its_own_page(
    network: Network, audience: Audience, step: TimeStep | None
) -> None:
    link(network)
    with network.snapshot() as snapshot:
        context, indicator = QueryContext(snapshot, audience, TODAY), snapshot.catalogue[EXITS]
        assert step is None or step in available_steps(indicator)
        expected = []
        for code, until in (("doyen", date(2024, 1, 1)), ("ancien", date(2026, 1, 1))):
            own = read_series(context, Perimeter(Level.STRUCTURE, code), indicator, step)
            expected += [(code, figure) for figure in own if figure.period.end < until]
        assert found(snapshot, audience, step) == expected
        assert len(expected) > 2 or step is TimeStep.YEAR
        if step is None:
            hidden = [figure.period.code for code, figure in expected if figure.status is Status.WITHHELD]
            assert (HIDDEN[1] in hidden) is (audience is not Audience.MANAGEMENT)


def test_each_figure_is_for_the_audience_of_the_structure_it_comes_from(network: Network) -> None:
    link(network)
    with network.snapshot() as snapshot:

        def context_of(predecessor: Structure) -> QueryContext:
            audience = Audience.MANAGEMENT if predecessor.id == "doyen" else Audience.PUBLIC
            return QueryContext(snapshot, audience, TODAY)

        indicator = snapshot.catalogue[EXITS]
        earlier = earlier_figures(context_of, snapshot.structures, "neuf", [], indicator)
        assert [(each.structure.id, each.audience) for each in earlier] == [
            ("doyen", Audience.MANAGEMENT),
            ("ancien", Audience.PUBLIC),
        ]
        hidden = [figure.period.code for figure in earlier[1].figures if figure.status is Status.WITHHELD]
        assert HIDDEN[1] in hidden


def test_saying_what_a_structure_continues_changes_no_total_and_no_judgement(network: Network) -> None:
    def all_figures() -> list[object]:
        with network.snapshot(newest=True) as snapshot:
            context, indicator = QueryContext(snapshot, Audience.PUBLIC, TODAY), snapshot.catalogue[EXITS]
            own = Perimeter(Level.STRUCTURE, "neuf")
            boards = [(one.figure, one.series, one.signal, one.year_on_year) for one in _board(context, own)]
            region = Perimeter(Level.REGION, "normandie")
            return [read_series(context, NETWORK, indicator), read_series(context, region, indicator), boards]

    before = all_figures()
    link(network)
    assert all_figures() == before


def _board(context: QueryContext, perimeter: Perimeter) -> list[object]:
    return [*assess_board(context, perimeter, perimeter, Period.parse("2026-T3"))]


def test_a_year_earlier_is_that_of_the_predecessor_where_a_structure_has_none(network: Network) -> None:
    link(network)
    with network.snapshot() as snapshot:
        context, indicator = QueryContext(snapshot, Audience.PUBLIC, TODAY), snapshot.catalogue[EXITS]
        own = read_series(context, Perimeter(Level.STRUCTURE, "neuf"), indicator)
        earlier = earlier_figures(lambda _: context, snapshot.structures, "neuf", own, indicator)
        elsewhere = year_earlier_elsewhere(earlier, own[-1])
        assert elsewhere is not None
        assert (elsewhere.structure.id, elsewhere.figure.period.code) == ("ancien", "2025-T3")
        assert year_earlier_elsewhere((), own[-1]) is None


def test_a_chart_has_every_period_between_a_predecessor_and_what_continues_it(network: Network) -> None:
    link(network)
    with network.snapshot() as snapshot:
        context, indicator = QueryContext(snapshot, Audience.PUBLIC, TODAY), snapshot.catalogue[EXITS]
        for step in (TimeStep.QUARTER, TimeStep.SEMESTER):
            own = read_series(context, Perimeter(Level.STRUCTURE, "neuf"), indicator, step)[1:]
            earlier = earlier_figures(lambda _: context, snapshot.structures, "neuf", own, indicator, step)
            spans: list[Span] = [*continuous_spans(earlier, own)]
            assert [span.end for span in spans] == sorted({span.end for span in spans})
            assert all(later == before.shifted(1) for before, later in pairwise(spans))
            assert (spans[0], spans[-1]) == (earlier[0].figures[0].period, (own or earlier[-1].figures)[-1].period)


def test_where_both_have_a_figure_the_structure_shows_its_own(network: Network) -> None:
    # No day says when it took over: its first figure does.
    rows = [f"{structure('suite')};ancien"]
    stored(network, table(CONTINUED, *rows))
    stored(network, measures(*(measure("suite", quarter, EXITS, 50, 60) for quarter in ("2025-T3", "2025-T4"))))
    with network.snapshot(newest=True) as snapshot:
        context, indicator = QueryContext(snapshot, Audience.PUBLIC, TODAY), snapshot.catalogue[EXITS]
        own = read_series(context, Perimeter(Level.STRUCTURE, "suite"), indicator)
        (earlier,) = earlier_figures(lambda _: context, snapshot.structures, "suite", own, indicator)
        assert [figure.period.code for figure in earlier.figures] == QUARTERS["ancien"][:-2]
        assert earlier.until == date(2025, 7, 1)


def one(code: str, predecessor: str | None = None, **days: date | None) -> Structure:
    dates = {"opened_on": None, "closed_on": None, "valid_from": None, **days}
    return Structure(code, code, "ACI", None, "normandie", None, "FR", None, None, predecessor=predecessor, **dates)


def test_a_line_ends_where_it_would_go_round_or_names_nobody() -> None:
    known = Structures({each.id: each for each in (one("a", "b"), one("b", "a"), one("c", "c"), one("d", "nobody"))})
    assert [each.id for each in known.predecessors("a")] == ["b"]
    assert known.predecessors("c") == []
    assert known.predecessors("d") == []
    assert [each.id for each in known.successors("a")] == ["b"]
    assert known.successors("c") == ()


@pytest.mark.parametrize(
    ("old", "new", "day"),
    [
        (one("a", closed_on=date(2025, 12, 31)), one("b", "a", opened_on=date(2000, 1, 1)), date(2026, 1, 1)),
        (one("a"), one("b", "a", opened_on=date(2026, 2, 1)), date(2026, 2, 1)),
        (one("a"), one("b", "a"), None),
        (one("a"), one("b"), None),
    ],
)
def test_a_structure_takes_over_when_its_predecessor_closed_or_else_when_it_opened(
    old: Structure, new: Structure, day: date | None
) -> None:
    assert Structures({"a": old, "b": new}).took_over_on("b") == day


def test_two_structures_may_continue_the_same_one(network: Network) -> None:
    link(network)
    stored(network, table(CONTINUED, f"{structure('autre', opened='2026-01-01')};ancien"))
    with network.snapshot(newest=True) as snapshot:
        assert [each.id for each in snapshot.structures.successors("ancien")] == ["autre", "neuf"]
