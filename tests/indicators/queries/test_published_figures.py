"""Figures published years ago, some by year and without their counts: they are found where their readers look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.definitions.periods import Period
from indicators.figures.figure import Status
from indicators.network import Network
from indicators.queries.deposits.deliveries import reported_quarters
from indicators.queries.figures.assessed_board import assess_board
from indicators.queries.figures.board import compute_board
from indicators.snapshot import QueryContext, Snapshot
from tests.builders import measure, measures, stored, structure, structures

TODAY = date(2011, 2, 1)
NEWEST = Period.parse("2010-T4")
MANAGEMENT = Audience.MANAGEMENT


def at(code: str) -> Perimeter:
    return Perimeter(Level.STRUCTURE, code)


@pytest.fixture(scope="module")
def snapshot(belgium: Network) -> Iterator[Snapshot]:
    with belgium.snapshot() as found:
        yield found


@pytest.mark.parametrize(
    ("code", "indicator", "year", "value"),
    [
        ("contre-point", "cisp_job_exit_rate", "2009", 50.0),
        ("cortil-eft", "cisp_job_exit_rate", "2010", 31.6),
        ("cortil-eft", "cisp_training_exit_rate", "2010", 17.1),
    ],
)
def test_a_year_reported_for_a_quarterly_figure_stands_on_the_board_with_its_year(
    snapshot: Snapshot, code: str, indicator: str, year: str, value: float
) -> None:
    peers = Perimeter(Level.NETWORK)
    tiles = {
        one.indicator.id: one
        for one in assess_board(QueryContext(snapshot, MANAGEMENT, TODAY), at(code), peers, NEWEST)
    }
    figure = tiles[indicator].figure
    assert figure.period == Period.parse(year)
    assert figure.shown is not None
    assert figure.shown.value == value
    assert tiles[indicator].series[-1] is figure
    assert {one.period for one in tiles[indicator].tile.history} <= set(Period.parse("2010").trailing(8))


def test_a_quarterly_figure_of_which_a_quarter_was_reported_keeps_its_quarters(snapshot: Snapshot) -> None:
    tiles = {
        one.indicator.id: one for one in compute_board(QueryContext(snapshot, MANAGEMENT, TODAY), at("cortil"), NEWEST)
    }
    assert tiles["permanent_contract_share"].figure.period == NEWEST


def fill(network: Network, *rows: str) -> None:
    stored(network, structures(structure("atelier", "ACI")))
    stored(network, measures(*rows))


def test_a_store_of_years_alone_has_the_boards_of_their_last_quarters(network: Network) -> None:
    fill(network, measure("atelier", "2025", "dynamic_exit_rate", 60, 120))
    with network.snapshot() as snapshot:
        assert reported_quarters(snapshot) == (Period.parse("2025-T4"),)
        tiles = {
            one.indicator.id: one
            for one in compute_board(
                QueryContext(snapshot, MANAGEMENT, date(2026, 11, 2)), at("atelier"), reported_quarters(snapshot)[0]
            )
        }
    assert tiles["dynamic_exit_rate"].figure.period == Period.parse("2025")


def test_a_school_year_ends_with_no_quarter_and_makes_none(network: Network) -> None:
    stored(network, structures(structure("ecole", "ECO")))
    stored(network, measures(measure("ecole", "2024-2025", "pupil_absenteeism_rate", 60, 1200)))
    with network.snapshot() as snapshot:
        assert reported_quarters(snapshot) == ()


@pytest.mark.parametrize(("quarter", "shown"), [("2026-T3", "2026-T3"), ("2025-T4", "2025-T4"), ("2025-T1", "2024")])
def test_a_year_gives_way_as_soon_as_a_quarter_is_reported(network: Network, quarter: str, shown: str) -> None:
    fill(
        network,
        measure("atelier", "2024", "dynamic_exit_rate", 60, 120),
        measure("atelier", "2025-T3", "dynamic_exit_rate", 20, 40),
    )
    with network.snapshot() as snapshot:
        tiles = compute_board(
            QueryContext(snapshot, MANAGEMENT, date(2026, 11, 2)), at("atelier"), Period.parse(quarter)
        )
    figure = next(one.figure for one in tiles if one.indicator.id == "dynamic_exit_rate")
    assert figure.period == Period.parse(shown)
    assert (figure.shown is not None) == (shown == "2024")
    assert figure.status in {Status.OK, Status.MISSING}
