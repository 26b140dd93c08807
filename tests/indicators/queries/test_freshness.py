"""How old the newest figures are: quarters that should have come in since, by the campaigns and by who was open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from indicators.definitions.campaigns import Campaign, Campaigns
from indicators.definitions.catalogue import Audience
from indicators.definitions.periods import Period
from indicators.network import Network
from indicators.queries.deposits.freshness import find_freshness
from indicators.snapshot import QueryContext
from indicators.store.deposits import withdraw
from tests.builders import AUTHOR, NOW, measure, measures, stored, structure, structures


def known(network: Network, *periods: str, closed: str = "") -> None:
    stored(network, structures(structure("une", closed=closed)))
    stored(network, measures(*(measure("une", period, "dynamic_exit_rate", 33, 60) for period in periods)))


def overdue(network: Network, day: str) -> list[str]:
    with network.snapshot() as snapshot:
        found = find_freshness(QueryContext(snapshot, Audience.PUBLIC, date.fromisoformat(day)))
    assert found
    return [period.code for period in found.overdue]


def test_nothing_is_known_of_a_network_without_figures(network: Network) -> None:
    stored(network, structures(structure("une")))
    with network.snapshot() as snapshot:
        assert find_freshness(QueryContext(snapshot, Audience.PUBLIC, date(2031, 6, 15))) is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-11-24", []),
        ("2026-12-31", []),
        ("2027-01-30", []),
        ("2027-01-31", ["2026-T4"]),
        ("2027-04-30", ["2026-T4"]),
        ("2027-05-01", ["2026-T4", "2027-T1"]),
        ("2027-07-31", ["2026-T4", "2027-T1", "2027-T2"]),
        ("2028-02-29", ["2026-T4", "2027-T1", "2027-T2", "2027-T3", "2027-T4"]),
        ("2026-01-10", []),
    ],
)
def test_a_quarter_is_overdue_from_the_day_after_the_last_one_on_time(
    network: Network, day: str, expected: list[str]
) -> None:
    known(network, "2026-T2", "2026-T3")
    assert overdue(network, day) == expected


def test_a_quarter_before_the_newest_one_is_not_said_to_be_expected(network: Network) -> None:
    known(network, "2025-T1", "2026-T3")
    assert overdue(network, "2026-11-24") == []


def test_the_campaign_says_until_when_a_quarter_is_on_time(network: Network) -> None:
    known(network, "2026-T3")
    late = Period.parse("2026-T4")
    campaign = Campaign(late, date(2027, 1, 1), date(2027, 3, 15))
    with network.snapshot() as snapshot:
        own = replace(snapshot, declared_campaigns=Campaigns(MappingProxyType({late: campaign})))
        assert [
            len(find_freshness(QueryContext(own, Audience.PUBLIC, day)).overdue)
            for day in (date(2027, 3, 15), date(2027, 3, 16))
        ] == [0, 1]  # type: ignore[union-attr]


def test_nothing_is_expected_of_a_network_of_which_everybody_has_closed(network: Network) -> None:
    known(network, "2026-T3", closed="2027-02-28")
    assert overdue(network, "2031-06-15") == ["2026-T4", "2027-T1"]


def test_a_withdrawn_quarter_is_expected_again(network: Network) -> None:
    known(network, "2026-T2")
    receipt = stored(network, measures(measure("une", "2026-T3", "dynamic_exit_rate", 33, 60)))
    assert overdue(network, "2026-11-24") == []
    withdraw(network.lake, receipt.deposit, "trop tôt", AUTHOR, NOW)
    assert overdue(network, "2026-11-24") == ["2026-T3"]


def test_a_network_that_only_ever_delivered_years_is_read_by_years(network: Network) -> None:
    stored(network, structures(structure("une")))
    stored(network, measures(measure("une", "2024", "women_share", 33, 60)))
    assert overdue(network, "2026-01-30") == []
    assert overdue(network, "2026-01-31") == ["2025"]


def test_the_demo_is_fresh_until_its_next_quarter_is_late(demo: Network) -> None:
    assert (overdue(demo, "2026-12-31"), len(overdue(demo, "2031-06-15"))) == ([], 18)
