"""The first page of a member: what it lists for each role, of whose structures, and in which order."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

import pytest
from openpyxl import load_workbook

from dashboards.access import Visitor
from dashboards.app_pages import desk
from dashboards.clock import Clock
from dashboards.wording.translations import load_translator
from indicators.accounts import saved_choices
from indicators.accounts.members import change_members, find_person
from indicators.accounts.saved_choices import list_choices
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.definitions.roles import AccessRules, Grant, Member, Role
from indicators.figures.figure import Status
from indicators.network import Network
from indicators.queries.comparison.network_signals import find_network_signals
from indicators.queries.deposits.deliveries import find_deliveries
from indicators.queries.deposits.overdue_actions import overdue_actions
from indicators.queries.figures.assessed_board import assess_board
from indicators.snapshot import QueryContext
from tests.builders import NOW, TODAY, deposit, measure, measures, stored
from tests.dashboards.drawn_page import DrawnPage, StateOf, draw, taken_files

OWN, REGION = "atelier-du-canal", "region:hauts-de-france"
QUARTER: Final = Period.parse("2026-T3")
SECTIONS: Final = {
    "collection": "Collecte du T3 2026",
    "board": "ce qui a changé",
    "signals": "Nouveaux signaux",
    "actions": "Actions en retard",
    "receipts": "Derniers dépôts",
}
OF_ROLE: Final = {
    Role.DEPOSITOR: {"collection", "actions", "receipts"},
    Role.DIRECTOR: {"collection", "board", "actions"},
    Role.QUALITY: {"collection", "board", "actions"},
    Role.DELEGATE: {"collection", "signals"},
    Role.ADMINISTRATOR: {"collection", "signals", "actions", "receipts"},
}
"""What the desk of each role has, written down by hand."""


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.access._app_state", None)


def desk_of(network: Network, *held: tuple[Role, str], rules: AccessRules | None = None, **address: str) -> DrawnPage:
    grants = tuple(Grant(role, Perimeter.parse(perimeter)) for role, perimeter in held)
    reader = Visitor(grants, rules or AccessRules(), person="m-0123456789")
    return draw(StateOf(network, Clock(TODAY), reader=reader), "bureau", **address)


def members_of(network: Network, perimeter: str) -> set[str]:
    with network.snapshot() as snapshot:
        return {snapshot.structures[code].name for code in snapshot.structures.members(Perimeter.parse(perimeter))}


def named(network: Network, page: DrawnPage) -> set[str]:
    """Return the structures whose names stand on a page as a name of their own."""
    return {name for name in members_of(network, "reseau") if f">{name}<" in page.html or f"{name}, T3" in page.text}


def overdue(network: Network) -> dict[str, int]:
    with network.snapshot() as snapshot:
        counts = overdue_actions(snapshot, TODAY)
        return {snapshot.structures[code].name: count for code, count in counts.items()}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_finds_what_needs_it_and_no_structure_of_others(demo: Network, role: Role) -> None:
    perimeter = "reseau" if role is Role.ADMINISTRATOR else REGION
    page = desk_of(demo, (role, perimeter))
    members = members_of(demo, perimeter)
    sections = {name for name, title in SECTIONS.items() if title in page.text}
    assert sections - {"actions", "board"} == OF_ROLE[role] - {"actions", "board"}
    has_overdue = bool(overdue(demo).keys() & members) and "actions" in OF_ROLE[role]
    assert ("actions" in sections) is has_overdue
    if "board" in OF_ROLE[role]:
        assert ("board" in sections) or ("Vos tableaux" in page.text), "one by one, or as a list of many"
    assert named(demo, page) <= members


def test_several_roles_of_one_person_are_one_desk_and_each_structure_stands_on_it_one_time(demo: Network) -> None:
    page = desk_of(demo, (Role.DIRECTOR, OWN), (Role.DEPOSITOR, OWN), (Role.DELEGATE, REGION))
    assert all(title in page.text for name, title in SECTIONS.items() if name != "actions")
    listed = [row[0] for row in page.rows]
    assert len(listed) == len(set(listed))


def test_who_has_not_delivered_stands_first_then_by_name_and_no_figure_orders_the_list(demo: Network) -> None:
    page = desk_of(demo, (Role.ADMINISTRATOR, "reseau"))
    statuses = ["en retard", "incomplet", "attendu"]
    with demo.snapshot() as snapshot:
        found = find_deliveries(snapshot, NETWORK, QUARTER)
        waiting = [each for each in found if each.status(TODAY).value != "complete"]
        names = {each.structure.name: each.status(TODAY).value for each in waiting}
    places = [(statuses.index(row[1].replace("\xa0", " ").strip().split("  ")[-1]), row[0]) for row in page.rows]
    assert [place for place, _ in places] == sorted(place for place, _ in places)
    for place in {place for place, _ in places}:
        own = [desk.fold_case_and_accents(name) for at, name in places if at == place]
        assert own == sorted(own)
    assert len(page.rows) == min(len(names), desk.MAX_LISTED)
    assert {name for _, name in places} <= names.keys()


def test_a_delegate_finds_the_new_signals_of_the_region_among_public_figures_alone(demo: Network) -> None:
    page = desk_of(demo, (Role.DELEGATE, REGION), periode=QUARTER.code)
    with demo.snapshot() as snapshot:
        sheets = [sheet for sheet in snapshot.catalogue if Audience.PUBLIC.sees(sheet.audience)]
        rows = find_network_signals(QueryContext(snapshot, Audience.PUBLIC, TODAY), sheets, QUARTER).rows
        expected = {
            (snapshot.structures[row["structure"]].name, snapshot.catalogue[row["indicator"]].label("fr"))
            for row in rows.iter_rows(named=True)
            if row["since"] == QUARTER.code
        }
        hidden = [sheet.label("fr") for sheet in snapshot.catalogue if not Audience.PUBLIC.sees(sheet.audience)]
    members = members_of(demo, REGION)
    shown = {pair for pair in expected if all(f">{part}<" in page.html for part in pair)}
    assert shown == {pair for pair in expected if pair[0] in members}
    assert not [label for label in hidden if label in page.text]


@pytest.mark.parametrize("sees", [False, True])
def test_a_delegate_reads_of_overdue_actions_only_if_the_network_says_so(demo: Network, sees: bool) -> None:
    late = overdue(demo)
    assert late, "the fictitious network has some, or this test says nothing"
    with demo.snapshot() as snapshot:
        code = next(code for code in overdue_actions(snapshot, TODAY))
        name, count = snapshot.structures[code].name, late[snapshot.structures[code].name]
    page = desk_of(demo, (Role.DELEGATE, code), rules=AccessRules(delegates_see_management=sees))
    t = load_translator("fr")
    sentence = f"{name} · {t('desk.actions.count', count=count)}".replace("\xa0", " ")
    assert (re.sub(r"\s+", " ", sentence) in re.sub(r" · ", " · ", page.text)) is sees


def test_a_director_reads_how_many_figures_the_public_does_not_see(demo: Network) -> None:
    page = desk_of(demo, (Role.DIRECTOR, OWN), periode=QUARTER.code)
    perimeter = Perimeter(Level.STRUCTURE, OWN)
    with demo.snapshot() as snapshot:
        board = assess_board(QueryContext(snapshot, Audience.PUBLIC, TODAY), perimeter, perimeter, QUARTER)
    count = sum(one.figure.status is Status.WITHHELD for one in board)
    t = load_translator("fr")
    sentence = t("desk.board.withheld", count=count) if count else t("desk.board.published")
    assert sentence.replace("\xa0", " ").replace("\u202f", " ") in page.text


def test_own_deposits_are_listed_and_no_others(directory_network: Network) -> None:
    for code in ("atelier-ternoise", "regie-ternoise"):
        content = measures(measure(code, "2026-T1", "dynamic_exit_rate", 30, 60))
        deposit(directory_network, content, f"sorties-{code}.csv", comment="relu")
    own = desk_of(directory_network, (Role.DEPOSITOR, "atelier-ternoise")).text
    assert "sorties-atelier-ternoise.csv" in own
    assert "sorties-regie-ternoise.csv" not in own
    everything = desk_of(directory_network, (Role.ADMINISTRATOR, "reseau")).text
    assert "sorties-regie-ternoise.csv" in everything


@pytest.mark.parametrize("role", [Role.DEPOSITOR, Role.DIRECTOR, Role.DELEGATE, Role.QUALITY])
@pytest.mark.parametrize("gone", ["atelier-parti", "groupe:groupe-parti", "region:corse"])
def test_a_role_on_what_is_gone_or_not_there_yet_leaves_the_desk_standing(demo: Network, role: Role, gone: str) -> None:
    assert "Rien n’est attendu de vos structures" in desk_of(demo, (role, gone)).text
    both = desk_of(demo, (role, gone), (role, OWN))
    assert "Collecte du T3 2026" in both.text


def test_a_member_of_many_boards_finds_links_to_them(demo: Network) -> None:
    page = desk_of(demo, (Role.QUALITY, REGION), periode=QUARTER.code)
    members = members_of(demo, REGION)
    assert len(members) > desk.MAX_BOARDS
    assert "Vos tableaux" in page.text
    assert named(demo, page) == members


def listed(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def cells(content: bytes) -> list[list[str]]:
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return [[str(cell.value) for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("perimeter", ["reseau", REGION])
def test_the_lists_of_the_desk_are_taken_whole_and_hold_no_structure_of_others(
    demo: Network, monkeypatch: pytest.MonkeyPatch, perimeter: str
) -> None:
    files = taken_files(lambda: desk_of(demo, (Role.ADMINISTRATOR, perimeter), periode=QUARTER.code), monkeypatch)
    assert files.keys() == {f"{stem}.{end}" for stem in ("signaux", "actions-en-retard") for end in ("csv", "xlsx")}
    members = members_of(demo, perimeter)
    late = {name: count for name, count in overdue(demo).items() if name in members}
    header, *actions = listed(files["actions-en-retard.csv"])
    assert header == [*desk.ACTION_COLUMNS]
    assert {row[1]: int(row[2]) for row in actions} == late
    assert late, "the fictitious network has some, or this test says nothing"
    with demo.snapshot() as snapshot:
        sheets = [sheet for sheet in snapshot.catalogue if Audience.PUBLIC.sees(sheet.audience)]
        rows = find_network_signals(QueryContext(snapshot, Audience.PUBLIC, TODAY), sheets, QUARTER).rows
        own = {code for code, structure in snapshot.structures.by_id.items() if structure.name in members}
        new = {
            (row["structure"], row["indicator"]) for row in rows.iter_rows(named=True) if row["since"] == QUARTER.code
        }
    header, *signals = listed(files["signaux.csv"])
    assert header == [*desk.SIGNAL_COLUMNS]
    assert {(row[0], row[3]) for row in signals} >= {pair for pair in new if pair[0] in own}
    assert {row[0] for row in signals} <= own
    for stem in ("signaux", "actions-en-retard"):
        assert cells(files[f"{stem}.xlsx"]) == listed(files[f"{stem}.csv"])


@pytest.mark.parametrize(
    ("role", "stems"),
    [
        (Role.DEPOSITOR, {"actions-en-retard"}),
        (Role.DIRECTOR, {"actions-en-retard"}),
        (Role.QUALITY, {"actions-en-retard"}),
        (Role.DELEGATE, {"signaux"}),
    ],
)
def test_each_role_takes_the_lists_that_it_sees(
    demo: Network, monkeypatch: pytest.MonkeyPatch, role: Role, stems: set[str]
) -> None:
    files = taken_files(lambda: desk_of(demo, (role, "reseau"), periode=QUARTER.code), monkeypatch)
    assert {name.partition(".")[0] for name in files} == stems


def test_a_choice_saved_by_its_name_stands_on_the_desk_leads_to_its_board_and_is_forgotten(
    directory_network: Network,
) -> None:
    codes = ("atelier-ternoise", "regie-ternoise")
    stored(directory_network, measures(*(measure(code, "2026-T1", "dynamic_exit_rate", 30, 60) for code in codes)))
    chosen = {"structures": ",".join(codes), "nom": "Le bassin"}
    grant = Grant(Role.DIRECTOR, Perimeter.parse(codes[0]))

    def seen_by(person: str, path: str, **address: str) -> DrawnPage:
        return draw(StateOf(directory_network, Clock(TODAY), reader=Visitor((grant,), person=person)), path, **address)

    member, other = (Member(f"{name}@a.example", grant, None, None) for name in ("une", "autre"))
    change_members(directory_network.accounts, [member, other], "tests", NOW, TODAY)
    own_id, other_id = (find_person(directory_network.accounts, each.address) for each in (member, other))
    board = seen_by(own_id, "structure", **chosen)
    assert "Vos choix de structures" not in seen_by(own_id, "bureau").text
    board.app.button(key="save choice").click().run()
    assert "« Le bassin » est sur votre bureau." in board.text
    own = seen_by(own_id, "bureau")
    assert own.link("Le bassin") == chosen
    assert "<h1>Le bassin</h1>" in seen_by(own_id, "structure", **(own.link("Le bassin") or {})).html
    assert "Le bassin" not in seen_by(other_id, "bureau").text
    own = seen_by(own_id, "bureau")
    own.app.button(key="forget Le bassin").click().run()
    assert "Le bassin" not in seen_by(own_id, "bureau").text


@pytest.mark.parametrize("through", [None, "m-0123456789"])
def test_who_is_not_signed_in_or_looks_through_somebody_s_eyes_saves_no_choice(
    directory_network: Network, through: str | None
) -> None:
    codes = ("atelier-ternoise", "regie-ternoise")
    stored(directory_network, measures(*(measure(code, "2026-T1", "dynamic_exit_rate", 30, 60) for code in codes)))
    person = "m-9876543210" if through else None
    reader = Visitor((Grant(Role.DIRECTOR, Perimeter.parse(codes[0])),), person=person, through=through)
    state = StateOf(directory_network, Clock(TODAY), reader=reader)
    board = draw(state, "structure", structures=",".join(codes), nom="Le bassin")
    assert not [button for button in board.app.button if button.key == "save choice"]


def test_a_choice_without_a_name_cannot_be_saved_and_a_full_desk_says_so(
    directory_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = "atelier-ternoise,regie-ternoise"
    stored(directory_network, measures(measure("atelier-ternoise", "2026-T1", "dynamic_exit_rate", 30, 60)))
    reader = Visitor((Grant(Role.DIRECTOR, Perimeter.parse("atelier-ternoise")),), person="m-0123456789")
    state = StateOf(directory_network, Clock(TODAY), reader=reader)
    assert draw(state, "structure", structures=codes).app.button(key="save choice").disabled
    monkeypatch.setattr(saved_choices, "MAX_SAVED_CHOICES", 0)
    board = draw(state, "structure", structures=codes, nom="Le bassin")
    board.app.button(key="save choice").click().run()
    assert "Votre bureau est plein" in board.text
    assert list_choices(directory_network.accounts, "m-0123456789") == []


def test_an_empty_network_begins_with_three_steps_for_who_may_take_them(network: Network) -> None:
    page = desk_of(network, (Role.ADMINISTRATOR, "reseau"))
    assert re.findall(r'href="(/\w+)', page.html) == ["/deposer", "/membres", "/deposer"]
    other = desk_of(network, (Role.DIRECTOR, OWN))
    assert "aucune structure" in other.text
    assert "href" not in other.html
