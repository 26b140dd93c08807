"""Where a figure comes from: every deposited row of it, and which one is in force, against plain loops."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from indicators.definitions.campaigns import CampaignRecord
from indicators.definitions.periods import Period
from indicators.intake.campaign import declare
from indicators.queries.deposits.provenance import deposited_figures
from indicators.store.approvals import Decision, DecisionVerdict, NewDecision, new_decision_id, store_decision
from indicators.store.deposits import new_deposit_id, withdraw
from indicators.store.erasure import erase
from tests.builders import AUTHOR, NOW, deposit, measure, measures, stored

if TYPE_CHECKING:
    from indicators.network import Network
    from indicators.queries.deposits.provenance import DepositedFigure

ATELIER, REGIE, EXITS, ABSENCE = "atelier-ternoise", "regie-ternoise", "dynamic_exit_rate", "absenteeism_rate"
KEY: Final = (ATELIER, EXITS, "2026-T1")


def history(network: Network, key: tuple[str, str, str] = KEY) -> list[DepositedFigure]:
    with network.snapshot(newest=True) as snapshot:
        return list(deposited_figures(snapshot, *key))


def put(network: Network, *rows: str, name: str = "f.csv", author: str = AUTHOR) -> str:
    outcome = deposit(network, measures(*rows), name, comment="relu", author=author)
    return str(outcome.receipt.deposit)  # type: ignore[union-attr]


def test_a_figure_that_nobody_deposited_has_no_past(directory_network: Network) -> None:
    put(directory_network, measure(ATELIER, "2026-T2", EXITS, 30, 60))
    assert history(directory_network) == []
    assert history(directory_network, ("nulle-part", EXITS, "2026-T2")) == []


def test_each_row_is_found_where_it_stands_in_its_file(directory_network: Network) -> None:
    rows = [
        measure(REGIE, "2026-T1", EXITS, 10, 20),
        measure(ATELIER, "2026-T1", EXITS, 30, 60, comment="relu deux fois"),
    ]
    put(directory_network, *rows, name="sorties du trimestre.csv", author="m-0123456789")
    (found,) = history(directory_network)
    assert (found.file_name, found.line, found.author) == ("sorties du trimestre.csv", 3, "m-0123456789")
    assert (found.numerator, found.denominator, found.value, found.absence) == (30, 60, None, None)
    assert (found.comment, found.is_current, found.withdrawn) == ("relu deux fois", True, False)


def test_a_segment_is_no_part_of_the_past_of_its_whole(directory_network: Network) -> None:
    whole = measure(ATELIER, "2026-T1", EXITS, 30, 60)
    put(directory_network, whole, measure(ATELIER, "2026-T1", EXITS, 15, 30, segment="sexe=F"))
    assert [found.numerator for found in history(directory_network)] == [30]


def test_a_replaced_a_withdrawn_and_a_declared_absence_are_told_apart(directory_network: Network) -> None:
    first = put(directory_network, measure(ATELIER, "2026-T1", EXITS, 30, 60))
    second = put(directory_network, measure(ATELIER, "2026-T1", EXITS, 31, 60))
    absent = put(directory_network, measure(ATELIER, "2026-T1", EXITS, "NC", "NC", "NC", comment="registre perdu"))
    assert [(found.deposit, found.is_current) for found in history(directory_network)] == [
        (absent, True),
        (second, False),
        (first, False),
    ]
    assert history(directory_network)[0].absence is not None
    withdraw(directory_network.lake, absent, "mauvais fichier", AUTHOR, NOW)
    assert [(found.withdrawn, found.is_current) for found in history(directory_network)] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    for each in (second, first):
        withdraw(directory_network.lake, each, "mauvais fichier", AUTHOR, NOW)
    assert [(found.withdrawn, found.is_current) for found in history(directory_network)] == [(True, False)] * 3


def test_of_an_erased_deposit_nothing_is_left(directory_network: Network) -> None:
    first = put(directory_network, measure(ATELIER, "2026-T1", EXITS, 30, 60))
    put(directory_network, measure(ATELIER, "2026-T1", EXITS, 31, 60))
    withdraw(directory_network.lake, first, "données d’une personne", AUTHOR, NOW)
    erase(directory_network.lake, first, "données d’une personne", AUTHOR, NOW)
    assert [found.numerator for found in history(directory_network)] == [31]


@pytest.mark.parametrize("seed", range(2))
def test_the_past_of_every_figure_is_that_of_plain_loops_and_its_current_row_is_the_one_on_boards(
    directory_network: Network, seed: int
) -> None:
    random = Random(seed)
    kept: list[tuple[str, dict[tuple[str, str, str], int]]] = []
    gone: set[str] = set()
    keys = [(structure, EXITS, period) for structure in (ATELIER, REGIE) for period in ("2026-T1", "2026-T2")]
    for _ in range(9):
        left = [one for one, _ in kept if one not in gone]
        if left and random.random() < 0.35:
            chosen = random.choice(left)
            withdraw(directory_network.lake, chosen, "mauvais fichier", AUTHOR, NOW)
            gone.add(chosen)
            continue
        counts = {key: random.randint(20, 60) for key in random.sample(keys, random.randint(1, 3))}
        rows = [measure(structure, period, name, count, 96) for (structure, name, period), count in counts.items()]
        kept.append((stored(directory_network, measures(*rows), comment="relu").deposit, counts))
    with directory_network.snapshot(newest=True) as snapshot:
        in_force = {
            (structure, indicator, period): numerator
            for structure, indicator, period, numerator in snapshot.cursor.rows(
                "select structure, indicator, period, numerator from current_measures($set_aside)",
                set_aside=snapshot.set_aside,
            )
        }
    for key in keys:
        expected = []
        current = None
        for one, counts in reversed(kept):
            if key in counts:
                is_current = current is None and one not in gone
                current = counts[key] if is_current else current
                expected.append((one, counts[key], one in gone, is_current))
        found = history(directory_network, key)
        assert [(each.deposit, each.numerator, each.withdrawn, each.is_current) for each in found] == expected
        assert in_force.get(key) == current


@pytest.mark.parametrize(("verdict", "is_listed"), [(None, False), ("sent_back", False), ("approved", True)])
def test_what_was_withdrawn_is_listed_if_it_ever_was_in_force(
    directory_network: Network, verdict: str | None, is_listed: bool
) -> None:
    opens, due = date(2026, 4, 1), date(2026, 4, 30)
    record = CampaignRecord(new_deposit_id(), 0, NOW, AUTHOR, Period.parse("2026-T1"), None, opens, due, eyes=2)
    assert isinstance(declare(directory_network.lake, record, None), CampaignRecord)
    waiting = put(directory_network, measure(ATELIER, "2026-T1", EXITS, 30, 60))
    assert history(directory_network) == []
    if verdict:
        new = NewDecision(new_decision_id(), waiting, DecisionVerdict(verdict), "delegation", NOW, "vu")
        assert isinstance(store_decision(directory_network.lake, new), Decision)
    withdraw(directory_network.lake, waiting, "mauvais fichier", AUTHOR, NOW)
    assert [found.withdrawn for found in history(directory_network)] == [True] * is_listed
