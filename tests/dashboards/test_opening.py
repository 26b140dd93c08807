"""The page of the network opens on what has most to show; whoever chooses something in the address reads that."""

from __future__ import annotations

from datetime import date

import pytest

from dashboards.app_pages.network.indicator import selectable_tiles
from dashboards.app_pages.network.opening import opening_indicator, opening_quarter
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.periods import Period
from indicators.network import Network
from indicators.queries.figures.assessed_board import assess_board
from indicators.snapshot import QueryContext
from tests.builders import TODAY, measure, measures, stored, structure, structures

EXITS, ABSENCE, CONTRACTS = "durable_job_exit_rate", "absenteeism_rate", "permanent_contract_share"
ALL = (EXITS, ABSENCE, CONTRACTS)
REGIONS = ("normandie", "bretagne", "occitanie")


def fill(network: Network, *quarters: tuple[str, tuple[str, ...]], people: int = 20) -> None:
    """Deposit some indicators in some quarters, of three structures in three regions."""
    stored(network, structures(*(structure(f"s{n}", "EI", region) for n, region in enumerate(REGIONS))))
    rows = [
        measure(f"s{n}", quarter, indicator, *((900, 9_000) if indicator == ABSENCE else (people + n, 60)))
        for quarter, indicators in quarters
        for indicator in indicators
        for n in range(3)
    ]
    stored(network, measures(*rows), comment="essai")


def opened(network: Network, perimeter: Perimeter = NETWORK, today: date = TODAY) -> str | None:
    with network.snapshot(newest=True) as snapshot:
        quarter = opening_quarter(QueryContext(snapshot, Audience.PUBLIC, today), perimeter)
        return quarter and quarter.code


@pytest.mark.parametrize(
    ("newest", "quarter"),
    [(ALL, "2026-T3"), (ALL[:2], "2026-T3"), (ALL[:1], "2026-T2")],
)
def test_the_newest_quarter_is_opened_unless_it_shows_under_half_of_the_fullest(
    network: Network, newest: tuple[str, ...], quarter: str
) -> None:
    fill(network, ("2026-T1", ALL[:2]), ("2026-T2", ALL), ("2026-T3", newest))
    assert opened(network) == quarter


def test_a_quarter_that_is_not_over_or_older_than_a_year_is_not_opened(network: Network) -> None:
    fill(network, ("2025-T2", ALL), ("2026-T2", ALL[:1]), ("2026-T3", ALL))
    assert opened(network, today=date(2026, 9, 30)) == "2026-T2"
    assert opened(network) == "2026-T3"


def test_a_store_without_a_completed_quarter_opens_none(network: Network) -> None:
    assert opened(network) is None


def test_a_part_of_the_network_opens_on_what_it_shows_itself(network: Network) -> None:
    fill(network, ("2026-T2", ALL))
    stored(
        network,
        measures(
            measure("s0", "2026-T3", ABSENCE, 900, 9_000),
            *(measure("s1", "2026-T3", each, 20, 60) for each in (EXITS, CONTRACTS)),
        ),
        comment="essai",
    )
    assert opened(network, Perimeter.parse("region:normandie")) == "2026-T2"
    assert opened(network, Perimeter.parse("region:bretagne")) == "2026-T3"


def test_the_indicator_that_most_regions_show_is_opened(network: Network) -> None:
    # Exits are the first of the catalogue; in two regions of three they are of too few people to be shown.
    fill(network, ("2026-T2", ALL), ("2026-T3", (CONTRACTS,)))
    stored(
        network,
        measures(*(measure(f"s{n}", "2026-T3", EXITS, 1 + 30 * (n == 2), 60) for n in range(3))),
        comment="essai",
    )
    with network.snapshot(newest=True) as snapshot:
        context = QueryContext(snapshot, Audience.PUBLIC, TODAY)
        tiles = selectable_tiles(assess_board(context, NETWORK, NETWORK, Period.parse("2026-T3")))
        assert EXITS in tiles
        assert opening_indicator(context, tiles) == CONTRACTS
        tiles = selectable_tiles(assess_board(context, NETWORK, NETWORK, Period.parse("2026-T2")))
        assert opening_indicator(context, tiles) == EXITS, "all equal: the first of the catalogue"
