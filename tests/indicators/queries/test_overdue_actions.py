"""Overdue actions, counted structure by structure, against plain loops over the rows of registers."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from indicators.queries.deposits.overdue_actions import overdue_actions
from indicators.store.deposits import withdraw
from tests.builders import ACTIONS, AUTHOR, NOW, TODAY, action, stored, table

if TYPE_CHECKING:
    from indicators.network import Network

ATELIER, REGIE = "atelier-ternoise", "regie-ternoise"
STATUSES: Final = {"ouverte": True, "en_cours": True, "reportee": True, "faite": False, "abandonnee": False}
"""Statuses of a register, and whether the action is still to be done."""


def overdue(network: Network, today: date = TODAY) -> dict[str, int]:
    with network.snapshot(newest=True) as snapshot:
        return dict(overdue_actions(snapshot, today))


def register(network: Network, *rows: str) -> str:
    return stored(network, table(ACTIONS, *rows), comment="relu").deposit


def test_overdue_actions_are_those_of_plain_loops(directory_network: Network) -> None:
    random, rows, expected = Random(7), [], {"2026-11-24": {}, "2026-12-31": {}}  # type: ignore[var-annotated]
    for number, (status, days, structure) in enumerate(product(STATUSES, (-40, -1, 0, 1, 40, None), (ATELIER, REGIE))):
        if days is None and status == "reportee":
            continue  # carried over to no day is refused
        due = TODAY + timedelta(days=days) if days is not None else None
        done = TODAY - timedelta(days=random.randint(1, 30)) if status == "faite" else None
        rows.append(action(f"A-{number}", due=str(due or ""), done=str(done or ""), status=status, structure=structure))
        for day, counts in expected.items():
            if STATUSES[status] and due is not None and due < date.fromisoformat(day):
                counts[structure] = counts.get(structure, 0) + 1
    register(directory_network, *rows)
    for day, counts in expected.items():
        assert overdue(directory_network, date.fromisoformat(day)) == counts
        assert counts


def test_an_action_is_overdue_from_the_day_after_its_own(directory_network: Network) -> None:
    register(directory_network, action("A-1", due="2026-11-23"), action("A-2", due="2026-11-24"))
    assert overdue(directory_network, date(2026, 11, 23)) == {}
    assert overdue(directory_network, date(2026, 11, 24)) == {ATELIER: 1}
    assert overdue(directory_network, date(2026, 11, 25)) == {ATELIER: 2}


def test_what_replaces_an_action_counts_and_what_is_withdrawn_does_not(directory_network: Network) -> None:
    register(directory_network, action("A-1", due="2026-02-01"), action("A-2", due="2026-02-01"))
    assert overdue(directory_network) == {ATELIER: 2}
    done = register(directory_network, action("A-1", due="2026-02-01", done="2026-03-01", status="faite"))
    assert overdue(directory_network) == {ATELIER: 1}
    withdraw(directory_network.lake, done, "mauvais fichier", AUTHOR, NOW)
    assert overdue(directory_network) == {ATELIER: 2}


def test_an_accepted_deviation_is_overdue_again_after_its_end(directory_network: Network) -> None:
    row = f"{action('A-1', due='2026-02-01', status='ecart_accepte')};budget reporté;2026-11-24"
    stored(directory_network, table(f"{ACTIONS};motif;accepte_jusqu_au", row))
    assert overdue(directory_network, date(2026, 11, 24)) == {}
    assert overdue(directory_network, date(2026, 11, 25)) == {ATELIER: 1}


@pytest.mark.parametrize("today", [date.min, date.max])
def test_on_no_day_is_it_an_error(directory_network: Network, today: date) -> None:
    register(directory_network, action("A-1", due="2026-02-01"))
    assert overdue(directory_network, today) == ({ATELIER: 1} if today == date.max else {})
