"""Choices that members save: their own, over one of the same name, few of them, gone with the person."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from indicators.accounts import saved_choices
from indicators.accounts.copies import copy_accounts
from indicators.accounts.database import AccountsDatabase, open_in_file
from indicators.accounts.members import change_members, erase_person, export_person, find_person
from indicators.accounts.saved_choices import SavedChoice, forget_choice, list_choices, save_choice
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.roles import Grant, Member, Role

NOW, TODAY = datetime(2026, 11, 24, 9), date(2026, 11, 24)  # noqa: DTZ001 - in UTC, as accounts keep it
TWO = Perimeter.of_choice(["atelier-a", "atelier-b"])
OTHER = Perimeter.of_choice(["atelier-a", "atelier-c"])


@pytest.fixture
def people(accounts: AccountsDatabase) -> tuple[str, str]:
    addresses = ("une@a.example", "autre@a.example")
    members = [Member(each, Grant(Role.DIRECTOR, Perimeter.parse("atelier-a")), None, None) for each in addresses]
    change_members(accounts, members, "tests", NOW, TODAY)
    return find_person(accounts, addresses[0]), find_person(accounts, addresses[1])


def test_a_choice_is_found_again_by_who_saved_it_and_by_nobody_else(
    accounts: AccountsDatabase, people: tuple[str, str]
) -> None:
    assert save_choice(accounts, people[0], SavedChoice("Le bassin", TWO))
    assert list_choices(accounts, people[0]) == [SavedChoice("Le bassin", TWO)]
    assert list_choices(accounts, people[1]) == []


def test_a_name_is_of_one_choice_and_a_choice_is_forgotten_by_its_name(
    accounts: AccountsDatabase, people: tuple[str, str]
) -> None:
    save_choice(accounts, people[0], SavedChoice("Le bassin", TWO))
    save_choice(accounts, people[0], SavedChoice("Le bassin", OTHER))
    save_choice(accounts, people[1], SavedChoice("Le bassin", TWO))
    assert list_choices(accounts, people[0]) == [SavedChoice("Le bassin", OTHER)]
    forget_choice(accounts, people[0], "Le bassin")
    assert list_choices(accounts, people[0]) == []
    assert list_choices(accounts, people[1]) == [SavedChoice("Le bassin", TWO)]


def test_nobody_keeps_choices_without_end(
    accounts: AccountsDatabase, people: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_choices, "MAX_SAVED_CHOICES", 2)
    assert [save_choice(accounts, people[0], SavedChoice(name, TWO)) for name in "abc"] == [True, True, False]
    assert save_choice(accounts, people[0], SavedChoice("b", OTHER))
    assert [each.name for each in list_choices(accounts, people[0])] == ["a", "b"]


def test_the_choices_of_a_person_are_exported_copied_and_erased_with_them(
    accounts: AccountsDatabase, people: tuple[str, str], tmp_path: object
) -> None:
    save_choice(accounts, people[0], SavedChoice("Le bassin", TWO))
    [row] = export_person(accounts, people[0])["saved_choices"]
    assert row["name"] == "Le bassin"
    with open_in_file(tmp_path / "copy.sqlite") as copy:  # type: ignore[operator]
        copy_accounts(accounts, copy)
        assert list_choices(copy, people[0]) == [SavedChoice("Le bassin", TWO)]
    erase_person(accounts, people[0], "tests", NOW, TODAY)
    assert list_choices(accounts, people[0]) == []
