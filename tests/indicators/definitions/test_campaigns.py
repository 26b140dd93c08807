"""Campaigns: when a period opens, is due, locks or is approved, for whom it is open again; what was delivered of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from indicators.definitions.campaigns import Campaign, CampaignRecord, Campaigns, CampaignState, read_campaigns
from indicators.definitions.periods import Period
from indicators.errors import CatalogueError, UnknownError
from indicators.network import DATA_FOLDER, Network
from indicators.queries.deposits.expected import DeliveryState, delivery_states
from indicators.store.campaign_records import store_campaign_record
from schemas.reference_data import CAMPAIGNS
from tests.builders import AUTHOR, NOW, codes, examine, findings_of, measure, measures, stored

HEADER = ";".join(column.french for column in CAMPAIGNS.dataset.columns)
ATELIER, REGIE = "atelier-ternoise", "regie-ternoise"
T1, T2, T3, YEAR = (Period.parse(code) for code in ("2026-T1", "2026-T2", "2026-T3", "2026"))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def declare(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of campaigns."""

    def write(*rows: str, header: str = HEADER) -> Path:
        path = tmp_path / "campaigns.csv"
        path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        return path

    return write


def states(found: Campaign, *days: str) -> list[str]:
    return [found.state(day(text)).value for text in days]


# States


def test_a_period_without_a_row_opens_after_its_end_is_due_in_thirty_days_and_never_locks(network: Network) -> None:
    found = network.declared_campaigns.in_force(T1, ATELIER, day("2026-11-24"))
    assert found == Campaign(T1, day("2026-04-01"), day("2026-04-30"))
    assert states(found, "2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01", "2036-01-01") == [
        "future",
        "open",
        "open",
        "late",
        "late",
    ]


@pytest.mark.parametrize(
    ("today", "collected"),
    [
        ("2026-11-24", "2026-T3"),
        ("2026-12-31", "2026-T3"),
        ("2027-01-01", "2026-T4"),
        ("2028-02-29", "2027-T4"),
        ("2031-06-15", "2031-T1"),
    ],
)
def test_what_is_collected_on_a_day_is_the_newest_quarter_that_has_opened(today: str, collected: str) -> None:
    assert Campaigns().newest_opened(day(today)).code == collected


def test_a_campaign_that_opens_early_or_late_is_collected_from_then(declare: Callable[..., Path]) -> None:
    found = read_campaigns(declare("2026-T1;;2026-03-20;2026-05-03;;", "2026-T2;;2026-07-10;2026-08-03;;"))
    days = ("2026-03-19", "2026-03-20", "2026-07-09", "2026-07-10")
    assert [found.newest_opened(day(text)).code for text in days] == ["2025-T4", "2026-T1", "2026-T1", "2026-T2"]


def test_a_campaign_is_closed_from_the_day_on_which_it_locks(declare: Callable[..., Path]) -> None:
    found = read_campaigns(declare("2026-T1;;2026-04-03;2026-05-03;2026-06-01;")).for_period(T1)
    assert states(found, "2026-04-02", "2026-04-03", "2026-05-03", "2026-05-04", "2026-05-31", "2026-06-01") == [
        "future",
        "open",
        "open",
        "late",
        "late",
        "locked",
    ]


def test_what_is_approved_says_by_whom_before_it_is_locked_and_after(declare: Callable[..., Path]) -> None:
    found = read_campaigns(declare("2026-T1;;;;2026-06-01;responsable qualité")).for_period(T1, REGIE)
    assert found.approved_by == "responsable qualité"
    assert states(found, "2026-04-15", "2026-07-01") == ["approved", "approved"]


def test_a_late_exception_opens_one_structure_again_until_it_expires_by_itself(declare: Callable[..., Path]) -> None:
    rows = ("2026-T1;;;;2026-06-01;responsable qualité", f"2026-T1;{ATELIER};;2026-07-15;;")
    found = read_campaigns(declare(*rows))
    assert states(found.for_period(T1, ATELIER), "2026-07-15", "2026-07-16") == ["late", "approved"]
    assert states(found.for_period(T1, REGIE), "2026-07-15") == ["approved"]
    assert states(found.for_period(T2, ATELIER), "2026-07-15") == ["open"]
    assert found.for_period(T1, ATELIER).exception_until == day("2026-07-15")
    assert found.for_period(T1).exception_until is None


def test_an_exception_that_has_expired_is_not_shown_any_more(network: Network, declare: Callable[..., Path]) -> None:
    network.declared_campaigns = read_campaigns(declare(f"2026-T1;{ATELIER};;2026-07-15;;"))
    assert network.declared_campaigns.in_force(T1, ATELIER, day("2026-07-15")).exception_until == day("2026-07-15")
    assert network.declared_campaigns.in_force(T1, ATELIER, day("2026-07-16")).exception_until is None


def test_a_year_is_collected_with_its_last_quarter_unless_it_has_its_own_row(declare: Callable[..., Path]) -> None:
    last = "2026-T4;;2027-01-11;2027-02-10;2027-03-01;"
    with_quarter = read_campaigns(declare(last, f"2026-T4;{ATELIER};;2027-03-20;;"))
    assert with_quarter.for_period(YEAR).locks == day("2027-03-01")
    assert with_quarter.for_period(YEAR).opens == day("2027-01-11")
    assert with_quarter.for_period(YEAR, ATELIER).state(day("2027-03-10")) is CampaignState.LATE
    assert with_quarter.for_period(Period.parse("2025-2026")).locks is None, "a school year ends in another quarter"
    own = read_campaigns(declare(last, "2026;;2027-02-01;2027-06-30;;"))
    assert (own.for_period(YEAR).locks, own.for_period(YEAR).due) == (None, day("2027-06-30"))


# The file


def test_the_file_that_ships_declares_nothing() -> None:
    found = read_campaigns(DATA_FOLDER / "reference" / "campaigns.csv")
    assert (dict(found.declared), dict(found.exceptions)) == ({}, {})


@pytest.mark.parametrize(
    ("rows", "line", "why"),
    [
        (["2026-T5;;;;;"], 2, "unknown period: 2026-T5"),
        (["2026-T1;;;;;", "2026-T2;;1er avril;;;"], 3, "ouverte_le: 1er avril is not a day"),
        (["2026-T1;;2026-05-01;2026-04-30;;"], 2, "limite: 2026-04-30 is before 2026-05-01"),
        (["2026-T1;;;2026-04-30;2026-04-30;"], 2, "verrouillee_le: 2026-04-30 is not after"),
        (["2026-T1;;;;;", "", "2026-T1;;;;;"], 4, "2026-T1 twice for everybody"),
        ([f"2026-T1;{ATELIER};;2026-07-01;;"] * 2, 3, f"2026-T1 twice for {ATELIER}"),
        ([f"2026-T1;{ATELIER};;;;"], 2, "a late exception must say its last day"),
        ([f"2026-T1;{ATELIER};;2026-07-01;2026-08-01;"], 2, "not for a late exception"),
        (["2026-T1;;"], 2, "3 cells, 6 expected"),
    ],
)
def test_a_wrong_row_is_refused_with_the_file_and_the_line(
    declare: Callable[..., Path], rows: list[str], line: int, why: str
) -> None:
    path = declare(*rows)
    with pytest.raises(CatalogueError) as refused:
        read_campaigns(path)
    assert str(refused.value).startswith(f"{path}: line {line}: ")
    assert why in str(refused.value)


def test_an_unknown_column_is_refused_by_name(declare: Callable[..., Path]) -> None:
    with pytest.raises(CatalogueError, match=r"line 1: .*verouillee_le"):
        read_campaigns(declare(header=HEADER.replace("verrouillee_le", "verouillee_le")))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"campaigns\.csv"):
        read_campaigns(tmp_path / "campaigns.csv")


# What a deposit is told


@pytest.fixture
def ready(directory_network: Network) -> Network:
    return directory_network


def sound(period: str = "2026-T1", structure: str = ATELIER) -> bytes:
    return measures(measure(structure, period, "dynamic_exit_rate", 33, 60))


def test_b02_says_whether_a_period_is_to_come_or_locked(ready: Network, declare: Callable[..., Path]) -> None:
    ready.declared_campaigns = read_campaigns(
        declare("2026-T1;;;2026-05-03;2026-06-01;", "2026-T2;;2026-12-01;2026-12-31;;")
    )
    locked = findings_of(examine(ready, sound()), "B02")
    assert [(f.row, f.column, f.values["state"], f.values["locks"]) for f in locked] == [
        (2, "B", "locked", "2026-06-01")
    ]
    future = findings_of(examine(ready, sound("2026-T2")), "B02")
    assert [(f.value, f.values["state"], f.values["opens"]) for f in future] == [("2026-T2", "future", "2026-12-01")]
    assert examine(ready, sound(), today=day("2026-05-31")).findings == ()


def test_b03_says_whom_to_ask_and_an_exception_is_the_answer(ready: Network, declare: Callable[..., Path]) -> None:
    approved = "2026-T1;;;;;responsable qualité"
    ready.declared_campaigns = read_campaigns(declare(approved, f"2026-T1;{REGIE};;2026-11-30;;"))
    findings = findings_of(examine(ready, sound()), "B03")
    assert [(f.row, f.column, f.values["approved_by"]) for f in findings] == [(2, "B", "responsable qualité")]
    assert examine(ready, sound(structure=REGIE)).findings == ()
    assert findings_of(examine(ready, sound(structure=REGIE), today=day("2026-12-01")), "B03")


# What was delivered


def test_what_a_structure_delivered_what_it_owes_and_what_is_counted_from_its_registers(ready: Network) -> None:
    answered = (
        measure(ATELIER, "2026-T1", "dynamic_exit_rate", 33, 60),
        measure(ATELIER, "2026-T1", "absenteeism_rate", "NC"),
        measure(ATELIER, "2026-T1", "fte_realised", "s.o."),
        measure(ATELIER, "2025-T4", "contracted_fte_rate", 19, 20),
    )
    stored(ready, measures(*answered))
    with ready.snapshot() as snapshot:
        found = dict(delivery_states(snapshot, ATELIER, T1))
        catalogue = snapshot.catalogue
        with pytest.raises(UnknownError):
            delivery_states(snapshot, "nulle-part", T1)
    assert found["dynamic_exit_rate"] is DeliveryState.DELIVERED
    assert found["fte_realised"] is DeliveryState.DELIVERED, "what does not apply has been answered"
    assert found["absenteeism_rate"] is DeliveryState.EXPECTED, "what is not known is still missing"
    assert found["contracted_fte_rate"] is DeliveryState.EXPECTED, "another quarter's does not count"
    assert found["psve_actions"] is DeliveryState.DERIVED
    assert "women_share" not in found, "a yearly figure is asked for when its year ends"
    assert "permanent_contract_share" not in found, "it is not for a structure of that kind"
    assert list(found) == [sheet.id for sheet in catalogue if sheet.id in found]


def test_a_yearly_figure_is_expected_with_the_quarter_in_which_its_year_ends(ready: Network) -> None:
    stored(ready, measures(measure(ATELIER, "2025", "women_share", 60, 150)))
    with ready.snapshot() as snapshot:
        found = dict(delivery_states(snapshot, ATELIER, Period.parse("2025-T4")))
        assert found["women_share"] is DeliveryState.DELIVERED
        assert found["minimum_income_share"] is DeliveryState.EXPECTED
        assert delivery_states(snapshot, "chantier-lorette", T1) == [], "a closed structure owes nothing"


def test_a_campaign_declared_in_the_store_locks_and_says_whom_to_ask_over_the_file(ready: Network) -> None:
    ready.declared_campaigns = Campaigns()
    locked = CampaignRecord("1", 0, NOW, AUTHOR, T1, None, None, day("2026-05-01"), day("2026-06-01"))
    store_campaign_record(ready.lake, locked, None)
    row = measures(measure(ATELIER, "2026-T1", "dynamic_exit_rate", 33, 96))
    assert [finding.values["locks"] for finding in findings_of(examine(ready, row), "B02")] == ["2026-06-01"]
    approved = replace(locked, record="2", locks=None, approved_by="direction du réseau")
    store_campaign_record(ready.lake, approved, "1")
    [finding] = findings_of(examine(ready, row), "B03")
    assert finding.values["approved_by"] == "direction du réseau"
    opened = replace(locked, record="3", structure=ATELIER, due=day("2026-12-31"), locks=None, reason="panne")
    store_campaign_record(ready.lake, opened, None)
    assert codes(examine(ready, row)) == []
    assert codes(examine(ready, row, today=day("2027-01-01"))) == ["B03"]
