"""The journal: all that happened, in one order, page by page without loss; in words for who reads it, and in files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
from openpyxl import load_workbook

from dashboards.access import Visitor
from dashboards.app_pages import journal
from dashboards.app_pages.journal import NEWEST, Place
from dashboards.clock import Clock
from dashboards.wording.formatting import format_moment
from dashboards.wording.translations import load_translator
from indicators.accounts.events import EventKind, list_events, record_event
from indicators.accounts.members import change_members, erase_person, find_person
from indicators.accounts.tables import EVENTS
from indicators.definitions.campaigns import CampaignRecord
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.roles import Grant, Member, Role
from indicators.intake.campaign import declare
from indicators.network import Network
from indicators.queries.deposits.journal import store_records
from indicators.store.deposits import new_deposit_id, withdraw
from tests.builders import NOW, TODAY, deposit, measure, measures, stored
from tests.conftest import copy_store
from tests.dashboards.drawn_page import DrawnPage, StateOf, draw, taken_files

ADDRESS, ERASED = "direction@atelier.example", "partie@atelier.example"
ADMINISTRATOR = (Grant(Role.ADMINISTRATOR, NETWORK),)
MOMENT = timedelta(microseconds=1)
FORMULA = "=HYPERLINK(1)"


def naive(*parts: int) -> datetime:
    """Return a moment in UTC as it is kept."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type, misc]


@dataclass
class Filled:
    """A network in which things happened, several of them at one moment, and who did them."""

    network: Network
    member: str
    erased: str
    state: StateOf

    def read(self, **address: str) -> DrawnPage:
        return draw(self.state, "journal", **address)

    def read_all(self, **address: str) -> list[list[str]]:
        """Turn the pages to the end, and return the rows of all of them."""
        rows, page = [], self.read(**address)
        for _ in range(50):
            rows += page.rows
            following = page.link("Plus ancien")
            if following is None:
                return rows
            page = self.read(**following)
        raise AssertionError("pages without end")

    def expected(self) -> list[tuple[datetime, str, str]]:
        """Moment, kind and author of all that is kept, in plain loops: at one moment, the store's first."""
        found: list[tuple[datetime, int, int, str, str]] = []
        with self.network.snapshot(newest=True) as snapshot:
            for sequence, at, author, dataset in snapshot.cursor.rows(
                "select sequence, submitted_at, author, dataset from lake.deposits"
            ):
                kind = dataset if dataset in ("withdrawal", "erasure") else "deposit"
                found.append((at, 1, sequence, kind, author))  # type: ignore[arg-type]
        with self.network.accounts.read() as connection:
            events = connection.execute(EVENTS.select())
            found += [(row.at, 0, row.number, row.kind, row.author) for row in events]
        return [(at, kind, author) for at, _, _, kind, author in sorted(found, reverse=True)]


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)


@pytest.fixture(scope="module")
def filled(directory_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with Network(str(copy_store(directory_folder, tmp_path_factory.mktemp("journal") / "store"))) as network:
        yield fill(network)


@pytest.fixture
def empty_journal(directory_network: Network) -> StateOf:
    return StateOf(directory_network, Clock(TODAY), reader=Visitor(ADMINISTRATOR, person="m-0123456789"))


def fill(network: Network) -> Filled:
    """Have things happen in a network, several of them at one moment."""
    accounts = network.accounts
    for address, role in ((ADDRESS, Role.DIRECTOR), (ERASED, Role.DEPOSITOR)):
        member = Member(address, Grant(role, Perimeter.parse("atelier-ternoise")), None, None)
        change_members(accounts, [member], "administration locale", NOW, TODAY)
    member, erased = find_person(accounts, ADDRESS), find_person(accounts, ERASED)
    receipt = stored(network, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 30, 60)))
    withdraw(network.lake, receipt.deposit, "mauvais fichier", erased, NOW)
    deposit(network, measures(measure("regie-ternoise", "2026-T1", "dynamic_exit_rate", 30, 60)), author=member)
    # As of a restored store, or of clocks that were set: several records of the store at one moment too.
    network.lake._connection.execute("update lake.deposits set submitted_at = ?", [NOW])
    for number in range(4):
        record_event(accounts, NOW, member, EventKind.SIGNED_IN, member, "lien")
        record_event(accounts, NOW + (number - 2) * MOMENT, erased, EventKind.MANAGEMENT_EXPORTED, None, FORMULA)
    erase_person(accounts, erased, member, NOW, TODAY)
    state = StateOf(network, Clock(TODAY), reader=Visitor(ADMINISTRATOR, person=member))
    return Filled(network, member, erased, state)


@pytest.mark.parametrize("per_page", [1, 3, 50])
def test_every_entry_stands_on_one_page_and_on_one_only_whatever_its_moment(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, per_page: int
) -> None:
    monkeypatch.setattr(journal, "ENTRIES_PER_PAGE", per_page)
    t = load_translator("fr")
    rows, expected = filled.read_all(), filled.expected()
    assert [row[2] for row in rows] == [t(f"journal.kind.{kind}") for _, kind, _ in expected]
    assert [row[0] for row in rows] == [format_moment(at, t) for at, _, _ in expected]
    assert len(expected) >= 15


@pytest.mark.parametrize("per_page", [2, 50])
@pytest.mark.parametrize("kind", list(journal.KINDS))
def test_a_filter_leaves_its_own_kinds_and_loses_none(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, kind: str, per_page: int
) -> None:
    monkeypatch.setattr(journal, "ENTRIES_PER_PAGE", per_page)
    t = load_translator("fr")
    wanted = [str(each) for each in journal.KINDS[kind]]
    expected = [t(f"journal.kind.{found}") for _, found, _ in filled.expected() if found in wanted]
    assert [row[2] for row in filled.read_all(quoi=kind)] == expected


def test_the_filters_hold_every_kind_of_event() -> None:
    listed = [str(kind) for kinds in journal.KINDS.values() for kind in kinds]
    assert set(EventKind) <= set(listed)
    assert len(listed) == len(set(listed))


def test_one_author_is_chosen_by_a_click_on_the_name(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "ENTRIES_PER_PAGE", 2)
    chosen = filled.read(auteur=filled.erased)
    assert chosen.link(f"membre effacé ({filled.erased})") == {"auteur": filled.erased}
    own = [kind for _, kind, author in filled.expected() if author == filled.erased]
    assert len(filled.read_all(auteur=filled.erased)) == len(own) == 5


def test_a_clock_that_was_set_back_or_ahead_loses_no_entry(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = filled.network.accounts
    for days in (4000, -4000, 1, -1):
        record_event(accounts, NOW + timedelta(days=days), "site", EventKind.LINK_MADE)
    monkeypatch.setattr(journal, "ENTRIES_PER_PAGE", 3)
    assert len(filled.read_all()) == len(filled.expected())


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("", NEWEST),
        ("hier", NEWEST),
        ("2026-11-24T09:30:00~d7", Place(naive(2026, 11, 24, 9, 30), 7, journal.MAX_NUMBER)),
        ("2026-11-24T09:30:00.000001~e12", Place(naive(2026, 11, 24, 9, 30, 0, 1), 0, 12)),
        ("2026-11-24", Place(naive(2026, 11, 24))),
        ("2026-11-24T09:30:00+02:00~x7", Place(naive(2026, 11, 24, 9, 30))),
        (f"2026-11-24~d{'9' * 40}", Place(naive(2026, 11, 24))),
        ("2026-11-24~d-1", Place(naive(2026, 11, 24))),
        ("2026-11-24~d٣", Place(naive(2026, 11, 24))),
        ("0001-01-01~d1", Place(naive(1, 1, 1), 1, journal.MAX_NUMBER)),
        ("9999-12-31T23:59:59.999999~e999999999999999", Place(NEWEST.at, 0, 10**15 - 1)),
    ],
)
def test_any_place_in_an_address_is_one(filled: Filled, code: str, place: Place) -> None:
    assert Place.parse(code) == place
    with filled.network.snapshot() as snapshot:
        store_records(snapshot, place.at, 5, None, None, place.below_sequence)
    list_events(filled.network.accounts, place.at, 5, None, None, place.below_number)


def test_addresses_are_for_who_manages_members_and_nobody_finds_that_of_an_erased_one(filled: Filled) -> None:
    text = filled.read().text
    assert "vous" in text
    assert ERASED not in text
    assert f"membre effacé ({filled.erased})" in text
    other = StateOf(filled.network, Clock(TODAY), reader=Visitor(ADMINISTRATOR))
    assert ADDRESS in draw(other, "journal").text


def test_the_detail_of_a_role_is_said_in_words_of_the_reader(filled: Filled) -> None:
    assert "direction · Atelier Ternoise" in filled.read().text
    assert "director · Atelier Ternoise" in filled.read(lang="en").text
    assert "atelier-ternoise" not in filled.read(quoi="membres").text


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("reseau", "ensemble du réseau"),
        ("region:hauts-de-france", "Hauts-de-France"),
        ("type:ACI", "Atelier et chantier d’insertion"),
        ("atelier-ternoise", "Atelier Ternoise"),
        ("groupe:parti", "groupe:parti"),
        ("jamais-connu", "jamais-connu"),
    ],
)
def test_a_perimeter_has_its_name_in_the_journal_and_its_code_where_it_has_none(
    empty_journal: StateOf, code: str, name: str
) -> None:
    accounts = empty_journal.network.accounts
    record_event(accounts, NOW, "site", EventKind.MEMBER_CHANGED, "m-0123456789", f"director {code}")
    assert name in draw(empty_journal, "journal", quoi="membres").rows[0][3]


def test_reminders_stand_in_the_journal_with_whom_they_were_for(empty_journal: StateOf) -> None:
    perimeter, period = Perimeter.parse("region:hauts-de-france"), Period.parse("2026-T3")
    for count in (1, 3):
        empty_journal.record_reminders(empty_journal.reader, perimeter, period, count)
    rows = draw(empty_journal, "journal", quoi="collectes").rows
    assert [row[2] for row in rows] == ["relance par courriel"] * 2
    assert [row[3].replace("\xa0", " ") for row in rows] == [
        "région Hauts-de-France, T3 2026 : 3 courriels",
        "région Hauts-de-France, T3 2026 : 1 courriel",
    ]


def test_a_late_exception_names_its_structure(empty_journal: StateOf) -> None:
    period, last_day = Period.parse("2026-T3"), date(2026, 12, 31)
    exception = CampaignRecord(
        new_deposit_id(), 0, NOW, "administration locale", period, "atelier-ternoise", None, last_day, reason="panne"
    )
    assert isinstance(declare(empty_journal.network.lake, exception, None), CampaignRecord)
    assert "Atelier Ternoise" in draw(empty_journal, "journal", quoi="collectes").rows[0][3]


def test_files_hold_what_the_filters_leave_under_pseudonyms_and_no_text_in_them_runs(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "ENTRIES_PER_PAGE", 2)
    administrator = StateOf(filled.network, Clock(TODAY), reader=Visitor(ADMINISTRATOR))
    files = taken_files(lambda: draw(administrator, "journal"), monkeypatch)
    text = files["journal.csv"].decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    expected = filled.expected()
    assert [row["auteur"] for row in rows] == [author for _, _, author in expected]
    assert [row["moment_utc"] for row in rows] == [f"{at:%Y-%m-%d %H:%M:%S}" for at, _, _ in expected]
    assert "@" not in text
    assert {row["membre"] for row in rows if row["quoi"] == "membre effacé"} == {filled.erased}
    assert {row["detail"] for row in rows if row["quoi"].startswith("export")} == {f"'{FORMULA}"}
    sheet = load_workbook(io.BytesIO(files["journal.xlsx"])).active
    assert sheet is not None
    listed = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert listed[0] == [*journal.LIST_COLUMNS]
    assert [row[1] for row in listed[1:]] == [author for _, _, author in expected]
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    own = taken_files(lambda: draw(administrator, "journal", quoi="membres"), monkeypatch)["journal.csv"]
    assert len(own.decode().splitlines()) == 1 + sum(kind.startswith("member") for _, kind, _ in expected)


@pytest.mark.parametrize(
    ("zone", "named"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("America/St_Johns", "America/St_Johns"),
        ("Asia/Kathmandu", "Asia/Kathmandu"),
        (None, "UTC"),
        ("Mars/Olympe", "UTC"),
        ("America", "UTC"),
        ("../../etc/passwd", "UTC"),
        ("x" * 300, "UTC"),
        ("<b>", "UTC"),
    ],
)
def test_moments_are_by_the_readers_clock_which_is_named_and_by_utc_if_it_has_none(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, zone: str | None, named: str
) -> None:
    monkeypatch.setattr(type(st.context), "timezone", property(lambda _: zone))
    page = filled.read()
    assert f"Heures : {named}" in page.text
    local = NOW.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(named)).replace(tzinfo=None)
    assert format_moment(local, load_translator("fr")) in [row[0] for row in page.rows]
