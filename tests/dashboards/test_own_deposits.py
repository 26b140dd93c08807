"""What a depositor deposits and finds again: own structures only, in files, in the history and in findings."""

from __future__ import annotations

from typing import Final

import pytest

from dashboards.access import Visitor
from dashboards.app_pages.deposit.campaign import DepositChoice
from indicators.definitions.perimeters import Perimeter
from indicators.definitions.roles import Grant, Right, Role
from indicators.intake.deposit import check
from indicators.intake.rules import CollectionScope
from indicators.intake.validate import Verdict
from indicators.network import Network
from indicators.queries.deposits.deposit_history import deposit_history
from schemas.datasets import DATASETS, sample_path
from tests.builders import TODAY, codes, findings_of, measure, measures, stored, structure, structures

OWN, ALSO_OWN, OTHER = "atelier-a", "atelier-b", "atelier-c"
BOTH: Final = frozenset({OWN, ALSO_OWN})
"""The structures of the depositor."""


@pytest.fixture
def ready(network: Network) -> Network:
    stored(network, structures(*(structure(name) for name in (OWN, ALSO_OWN, OTHER))))
    return network


def examine(network: Network, content: bytes, name: str = "f.csv", structure: str | None = None):  # type: ignore[no-untyped-def]
    return check(network, content, name, CollectionScope(None, structure, BOTH), TODAY)


def rate(code: str, numerator: int = 30, denominator: int = 60) -> str:
    return measure(code, "2026-T3", "dynamic_exit_rate", numerator, denominator)


def test_a_depositor_deposits_for_all_own_structures_in_one_file(ready: Network) -> None:
    found = examine(ready, measures(rate(OWN), rate(ALSO_OWN)))
    assert found.verdict is Verdict.ACCEPTED
    assert found.rows_accepted == 2


def test_a_row_of_another_structure_refuses_the_file_and_names_the_row_alone(ready: Network) -> None:
    found = examine(ready, measures(rate(OWN), rate(OTHER)))
    assert found.verdict is Verdict.REFUSED
    assert [(f.row, f.value) for f in findings_of(found, "I08")] == [(3, OTHER)]


def test_nothing_is_said_of_what_is_stored_of_another_structure(ready: Network) -> None:
    stored(ready, measures(rate(OTHER, 31, 77), rate(OWN, 31, 77)))
    found = examine(ready, measures(rate(OTHER, 5, 6), rate(OWN, 5, 66)))
    assert {f.row for f in findings_of(found, "B04")} == {3}
    assert not [f for f in found.findings if f.row == 2 and f.code != "I08"]
    assert "77" not in str([f for f in found.findings if f.row != 3])


def test_the_chosen_structure_alone_may_be_in_the_file_even_of_two_own_ones(ready: Network) -> None:
    found = examine(ready, measures(rate(OWN), rate(ALSO_OWN)), structure=OWN)
    assert [f.row for f in findings_of(found, "I08")] == [3]


@pytest.mark.parametrize("dataset", [name for name, dataset in DATASETS.items() if dataset.by_network])
def test_what_says_who_belongs_where_or_may_do_what_is_not_a_depositors(ready: Network, dataset: str) -> None:
    found = examine(ready, sample_path(dataset).read_bytes(), f"{dataset}.csv")
    assert codes(found) == ["I08"]
    assert found.verdict is Verdict.REFUSED
    assert found.table is None


def test_every_dataset_whose_rows_are_not_of_one_structure_is_the_networks(ready: Network) -> None:
    assert {name for name, dataset in DATASETS.items() if dataset.by_network} == {
        name for name, dataset in DATASETS.items() if dataset.holder != "structure"
    } | {"structures"}


def test_an_empty_register_says_whose_it_is(ready: Network) -> None:
    from indicators.definitions.periods import Period

    empty = sample_path("actions").read_bytes().splitlines(keepends=True)[0]
    found = check(ready, empty, "a.csv", CollectionScope(Period.parse("2026-T3"), None, BOTH), TODAY)
    assert "I08" in codes(found)
    named = check(ready, empty, "a.csv", CollectionScope(Period.parse("2026-T3"), OWN, BOTH), TODAY)
    assert "I08" not in codes(named)


def test_the_history_holds_the_files_that_are_wholly_own(ready: Network) -> None:
    own = stored(ready, measures(rate(OWN), rate(ALSO_OWN))).deposit
    stored(ready, measures(rate(OTHER)))
    shared = stored(
        ready, measures(measure(OWN, "2026-T2", "dynamic_exit_rate", 30, 60), rate(OTHER, 20, 60)), "x"
    ).deposit
    with ready.snapshot() as snapshot:
        listed = [entry.receipt.deposit for entry in deposit_history(snapshot, None, 30, BOTH)]
        everything = [entry.receipt.deposit for entry in deposit_history(snapshot, None, 30)]
        of_one = [entry.receipt.deposit for entry in deposit_history(snapshot, OWN, 30, BOTH)]
        of_nobody = deposit_history(snapshot, None, 30, frozenset())
    assert listed == of_one == [own]
    assert shared in everything
    assert of_nobody == []


def test_who_deposits_for_the_network_is_not_restricted_and_who_does_not_has_no_structure(
    ready: Network,
) -> None:
    with ready.snapshot() as snapshot:
        known = snapshot.structures
    assert Visitor((Grant(Role.ADMINISTRATOR, Perimeter.parse("reseau")),)).structures(Right.DEPOSIT, known) is None
    assert Visitor((Grant(Role.DEPOSITOR, Perimeter.parse(OWN)),)).structures(Right.DEPOSIT, known) == {OWN}
    assert (
        Visitor((Grant(Role.DELEGATE, Perimeter.parse("region:normandie")),)).structures(Right.DEPOSIT, known) == set()
    )
    gone = Grant(Role.DEPOSITOR, Perimeter.parse("structure-partie"))
    assert Visitor((gone,)).structures(Right.DEPOSIT, known) == set()
    assert DepositChoice(None, None, BOTH).collected.own == BOTH
