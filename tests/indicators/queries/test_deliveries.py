"""How complete and how timely a quarter is: structures that delivered, in time, and the figures required of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from indicators.definitions.campaigns import DUE_AFTER
from indicators.definitions.perimeters import NETWORK, Structure
from indicators.definitions.periods import Period
from indicators.intake.files_out.template import expected_figures
from indicators.queries.deposits.deliveries import Delivery, find_deliveries, last_deposits, summarise_deliveries
from indicators.queries.deposits.expected import DeliveryState, delivery_states
from indicators.store.deposits import withdraw
from tests.builders import AUTHOR, NOW, measure, measures, stored, structure, structures

if TYPE_CHECKING:
    from indicators.network import Network

QUARTER = Period.parse("2026-T3")


def known(code: str) -> Structure:
    return Structure(code, f"{code} (fictif)", "ACI", None, "corse", None, "FR", None, None, None, None)


def test_completeness_and_timeliness_are_counted_structure_by_structure(demo: Network) -> None:
    with demo.snapshot() as snapshot:
        found = find_deliveries(snapshot, NETWORK, QUARTER)
        held = {
            (structure, indicator)
            for structure, indicator in snapshot.cursor.rows(
                "select structure, indicator from current_measures($withdrawn)"
                " where period in ('2026-T3', '2025-2026')",
                withdrawn=snapshot.withdrawn,
            )
        }
        catalogue = list(snapshot.catalogue)
    total = summarise_deliveries(found)
    assert len(found) > 30
    assert total.delivered == sum(any(structure == d.structure.id for structure, _ in held) for d in found)
    required = {
        (d.structure.id, sheet.id)
        for d in found
        for sheet in catalogue
        if sheet.source == "reported"
        and sheet.frequency in {"quarter", "school_year"}
        and ("*" in sheet.kinds or d.structure.kind in sheet.kinds)
    }
    assert (total.required, total.filled) == (len(required), len(required & held))
    late = [d for d in found if d.submitted_at and d.submitted_at.date() > QUARTER.end + DUE_AFTER]
    assert total.on_time == total.delivered - len(late)
    assert 0 < total.filled < total.required, "the fictitious network has late structures, or this test says nothing"


def test_nobody_expected_is_nothing_collected() -> None:
    nothing = summarise_deliveries([])
    assert (nothing.delivered, nothing.on_time, nothing.required, nothing.filled) == (0, 0, 0, 0)


@pytest.fixture
def schools(network: Network) -> Network:
    """A school, a GEIQ, the head of the network, an ACI; a school that closed before the quarter."""
    rows = [
        structure("ecole", "ECO", "be-hainaut"),
        structure("geiq", "GEIQ"),
        structure("tete-de-reseau", "RES"),
        structure("chantier", "ACI"),
        structure("ecole-fermee", "ECO", "be-hainaut", closed="2025-06-30"),
    ]
    stored(network, structures(*rows))
    return network


def test_schools_geiq_and_the_head_of_the_network_are_expected_to_deliver_too(schools: Network) -> None:
    with schools.snapshot() as snapshot:
        found = find_deliveries(snapshot, NETWORK, QUARTER)
    assert {d.structure.id for d in found} == {"ecole", "geiq", "tete-de-reseau", "chantier"}
    assert all(d.required > 0 and d.filled == 0 for d in found)


def test_a_figure_of_the_school_year_is_expected_with_the_quarter_in_which_it_ends(schools: Network) -> None:
    stored(schools, measures(measure("ecole", "2025-2026", "pupil_absenteeism_rate", 100, 2000)))
    with schools.snapshot() as snapshot:
        found = {d.structure.id: d for d in find_deliveries(snapshot, NETWORK, QUARTER)}
        before = {d.structure.id: d for d in find_deliveries(snapshot, NETWORK, Period.parse("2026-T2"))}
    assert (found["ecole"].filled, before["ecole"].filled) == (1, 0)
    assert found["ecole"].required == before["ecole"].required + 3 - 1, "three of the school year; one of the semester"


@pytest.mark.parametrize("code", ["2026-T2", "2026-T3", "2025-T4"])
def test_completeness_the_campaign_and_the_file_to_fill_expect_the_same_of_every_structure(
    demo: Network, code: str
) -> None:
    period = Period.parse(code)
    with demo.snapshot() as snapshot:
        expected = {d.structure.id: d.required for d in find_deliveries(snapshot, NETWORK, period)}
        for structure_ in snapshot.structures.by_id.values():
            template = [one.sheet.id for one in expected_figures(snapshot, structure_, period)]
            campaign = [
                name
                for name, status in delivery_states(snapshot, structure_.id, period)
                if status is not DeliveryState.DERIVED
            ]
            assert template == campaign, structure_.id
            assert expected.get(structure_.id, 0) == len(template), structure_.id


@pytest.mark.parametrize(
    ("delivered_on", "missing", "today", "status"),
    [
        (None, 3, "2026-10-30", "awaited"),
        (None, 3, "2026-10-31", "overdue"),
        ("2026-10-30", 1, "2026-10-20", "incomplete"),
        ("2026-11-05", 0, "2026-11-06", "complete"),
    ],
)
def test_a_delivery_stands_where_its_last_day_and_its_figures_say(
    delivered_on: str | None, missing: int, today: str, status: str
) -> None:
    moment = datetime.fromisoformat(f"{delivered_on}T23:59") if delivered_on else None
    one = Delivery(known("ici"), moment, date(2026, 10, 30), 3, tuple("abc"[:missing]))
    assert one.status(date.fromisoformat(today)).value == status
    assert one.filled == 3 - missing
    assert one.on_time is (delivered_on == "2026-10-30")


def test_the_last_deposit_of_a_structure_is_of_any_dataset_but_the_directory(schools: Network) -> None:
    with schools.snapshot() as snapshot:
        assert last_deposits(snapshot) == {}
    stored(schools, measures(measure("ecole", "2025-2026", "pupil_absenteeism_rate", 100, 2000)))
    wrong = stored(schools, measures(measure("chantier", "2026-T3", "dynamic_exit_rate", 20, 96)))
    with schools.snapshot() as snapshot:
        assert set(last_deposits(snapshot)) == {"ecole", "chantier"}
    withdraw(schools.lake, wrong.deposit, "déposé par erreur", AUTHOR, NOW)
    with schools.snapshot() as snapshot:
        assert set(last_deposits(snapshot)) == {"ecole"}
