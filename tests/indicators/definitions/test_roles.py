"""Roles on perimeters: what each may see and do, and of whom."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dashboards.access import Visitor
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import NETWORK, Level, Perimeter, Structure, Structures
from indicators.definitions.roles import RIGHTS, AccessRules, Grant, Right, Role, read_members
from indicators.errors import CatalogueError, UnknownError
from indicators.network import DATA_FOLDER
from schemas.members import ROLES

HEADER = "adresse;role;perimetre;du;au\n"
REGION, GROUP, KIND = (
    Perimeter(Level.REGION, "bretagne"),
    Perimeter(Level.GROUP, "les-trois"),
    Perimeter(Level.KIND, "ACI"),
)
HERE, ELSEWHERE = Perimeter(Level.STRUCTURE, "ici"), Perimeter(Level.STRUCTURE, "ailleurs")


def known(code: str, kind: str, group: str | None, region: str) -> Structure:
    return Structure(code, f"{code} (fictif)", kind, group, region, None, "FR", None, None, None, None)


KNOWN = Structures(
    {"ici": known("ici", "ACI", "Les Trois", "bretagne"), "ailleurs": known("ailleurs", "EI", None, "corse")}
)


def test_every_role_that_a_file_may_name_has_its_rights() -> None:
    assert tuple(Role) == tuple(ROLES.values())
    assert set(RIGHTS) == set(Role)
    assert RIGHTS[Role.ADMINISTRATOR] == set(Right)


@pytest.mark.parametrize(
    "right",
    [Right.MANAGE_MEMBERS, Right.SEE_JOURNAL, Right.MANAGE_CAMPAIGNS, Right.OPERATE, Right.SEE_NETWORK_TIER],
)
def test_what_changes_or_opens_the_whole_network_is_the_administrators(right: Right) -> None:
    assert [role for role in Role if AccessRules(delegates_see_management=True).gives(role, right)] == [
        Role.ADMINISTRATOR
    ]


@pytest.mark.parametrize(
    ("given", "covered"),
    [
        (NETWORK, [NETWORK, REGION, GROUP, KIND, HERE, ELSEWHERE]),
        (REGION, [REGION, HERE]),
        (GROUP, [GROUP, HERE]),
        (KIND, [KIND, HERE]),
        (HERE, [HERE]),
    ],
    ids=str,
)
def test_a_role_covers_its_perimeter_and_the_structures_in_it(given: Perimeter, covered: list[Perimeter]) -> None:
    perimeters = [NETWORK, REGION, GROUP, KIND, HERE, ELSEWHERE]
    assert [one for one in perimeters if Grant(Role.DIRECTOR, given).covers(one, KNOWN)] == covered


@pytest.mark.parametrize(
    ("role", "own", "own_if_chosen", "others"),
    [
        (Role.DEPOSITOR, Audience.MANAGEMENT, Audience.MANAGEMENT, Audience.PUBLIC),
        (Role.DIRECTOR, Audience.MANAGEMENT, Audience.MANAGEMENT, Audience.PUBLIC),
        (Role.QUALITY, Audience.MANAGEMENT, Audience.MANAGEMENT, Audience.PUBLIC),
        (Role.DELEGATE, Audience.PUBLIC, Audience.MANAGEMENT, Audience.PUBLIC),
    ],
)
def test_a_member_sees_management_figures_of_the_own_perimeter_and_of_others_what_the_public_sees(
    role: Role, own: Audience, own_if_chosen: Audience, others: Audience
) -> None:
    grants = [Grant(role, REGION)]
    chosen = AccessRules(delegates_see_management=True)
    for perimeter in (REGION, HERE):
        assert AccessRules().audience(grants, perimeter, KNOWN) is own
        assert chosen.audience(grants, perimeter, KNOWN) is own_if_chosen
    for perimeter in (NETWORK, GROUP, KIND, ELSEWHERE):
        assert chosen.audience(grants, perimeter, KNOWN) is others


def test_several_roles_of_one_person_add_up() -> None:
    grants = [Grant(Role.DELEGATE, REGION), Grant(Role.DIRECTOR, ELSEWHERE)]
    assert AccessRules().audience(grants, HERE, KNOWN) is Audience.PUBLIC
    assert AccessRules().audience(grants, ELSEWHERE, KNOWN) is Audience.MANAGEMENT


def test_nobody_in_particular_sees_what_is_public() -> None:
    assert AccessRules(delegates_see_management=True).audience([], HERE, KNOWN) is Audience.PUBLIC


def test_a_file_of_members_names_people_by_their_address_only_and_both_days_are_included(tmp_path: Path) -> None:
    (tmp_path / "membres.csv").write_text(
        f"{HEADER}une@demo.example;director;ici;2026-01-01;2026-06-30\nune@demo.example;delegate;region:corse;;\n"
    )
    first, second = read_members(tmp_path / "membres.csv")
    assert (first.address, first.grant) == ("une@demo.example", Grant(Role.DIRECTOR, HERE))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [first.holds_on(day) for day in days] == [False, True, True, False]
    assert all(second.holds_on(day) for day in days)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("une;director;ici;;", "adresse: une is not a mail address"),
        ("une@demo.example;king;ici;;", "role: king is none of depositor"),
        ("une@demo.example;director;;;", "perimetre: must not be empty"),
        ("une@demo.example;director;pays:fr;;", "perimeter"),
        ("une@demo.example;director;ici;2026-02-01;2026-01-01", "2026-01-01 is before 2026-02-01"),
        ("une@demo.example;director;ici;demain;", "demain is not a day"),
        ("une@demo.example;administrator;ici;;", "perimetre: administrators are of the network"),
    ],
)
def test_a_line_that_is_no_member_stops_with_its_place(tmp_path: Path, line: str, sentence: str) -> None:
    (tmp_path / "membres.csv").write_text(f"{HEADER}{line}\n")
    with pytest.raises(CatalogueError, match=r"membres\.csv: line") as stopped:
        read_members(tmp_path / "membres.csv")
    assert sentence in str(stopped.value)


def test_the_people_of_the_demonstration_have_an_address_that_leads_nowhere_and_no_name() -> None:
    members = read_members(DATA_FOLDER / "demo" / "membres.csv")
    assert {member.address.partition("@")[2] for member in members} == {"demo.example"}
    assert {member.grant.role for member in members} >= {Role.DIRECTOR, Role.DELEGATE, Role.ADMINISTRATOR}


@pytest.mark.parametrize(
    ("given", "audience"),
    [
        ((HERE,), Audience.PUBLIC),
        ((HERE, ELSEWHERE), Audience.MANAGEMENT),
        ((REGION, ELSEWHERE), Audience.MANAGEMENT),
        ((REGION, GROUP, KIND), Audience.PUBLIC),
        ((NETWORK,), Audience.MANAGEMENT),
    ],
    ids=str,
)
def test_a_choice_is_managements_for_whom_manages_each_of_its_structures(
    given: tuple[Perimeter, ...], audience: Audience
) -> None:
    grants = [Grant(Role.DIRECTOR, perimeter) for perimeter in given]
    choice = Perimeter.of_choice(("ici", "ailleurs"))
    assert AccessRules().audience(grants, choice, KNOWN) is audience
    visitor = Visitor(tuple(grants))
    assert visitor.may(Right.SEE_DELIVERIES, choice, KNOWN) is (audience is Audience.MANAGEMENT)


def test_no_role_is_given_on_a_choice(tmp_path: Path) -> None:
    with pytest.raises(UnknownError):
        Grant(Role.DIRECTOR, Perimeter.of_choice(("ici", "ailleurs")))
    path = tmp_path / "members.csv"
    path.write_text(f"{HEADER}a@demo.example;director;choix:ici,ailleurs;;\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match="line 2"):
        read_members(path)
