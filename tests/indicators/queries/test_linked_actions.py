"""Actions that name an indicator and notes of measures: who sees them, and what is counted before and after."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from indicators.definitions.baselines import Rebaseline
from indicators.definitions.catalogue import Audience, read_catalogue
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period
from indicators.figures.figure import Figure, Status, Value
from indicators.network import DATA_FOLDER, Network
from indicators.queries.deposits.linked_actions import LinkedAction, before_and_after, find_linked_actions
from indicators.queries.deposits.notes import Note, find_notes
from indicators.snapshot import QueryContext
from tests.builders import ACTIONS, action, measure, measures, stored, table

if TYPE_CHECKING:
    from collections.abc import Sequence

CATALOGUE = read_catalogue(DATA_FOLDER / "catalogue")
EXITS, ABSENCE = CATALOGUE["dynamic_exit_rate"], CATALOGUE["absenteeism_rate"]
ATELIER, REGIE = (Perimeter(Level.STRUCTURE, code) for code in ("atelier-ternoise", "regie-ternoise"))
QUARTERS = Period.parse("2026-T3").trailing(12)
"""From the last quarter of 2023."""


@pytest.fixture
def ready(directory_network: Network) -> Network:
    """Actions that name an indicator or none, and measures with comments."""
    rows = [
        (action("A-2", opened="2026-02-01"), EXITS.id),
        (action("A-1", opened="2026-01-10", done="2026-03-01", status="faite"), EXITS.id),
        (action("A-3"), ABSENCE.id),
        (action("A-4"), ""),
        (action("A-5", structure="regie-ternoise"), EXITS.id),
    ]
    stored(directory_network, table(f"{ACTIONS};indicateur", *(f"{row};{name}" for row, name in rows)))
    stored(
        directory_network,
        measures(
            measure("atelier-ternoise", "2026-T1", EXITS.id, 30, 60, comment="deux départs comptés à part"),
            measure("atelier-ternoise", "2026-T2", EXITS.id, 31, 60),
            measure("atelier-ternoise", "2026-T2", EXITS.id, 15, 30, segment="sexe=F", comment="des femmes"),
            measure("regie-ternoise", "2026-T1", EXITS.id, 30, 60, comment="autre maison"),
        ),
    )
    return directory_network


def test_the_actions_of_a_structure_that_name_an_indicator_come_in_the_order_they_were_opened(ready: Network) -> None:
    with ready.snapshot() as snapshot:
        found = find_linked_actions(QueryContext(snapshot, Audience.MANAGEMENT, date.max), ATELIER, EXITS)
        assert [one.reference for one in found] == ["A-1", "A-2"]
        assert found[0].ended_on == date(2026, 3, 1)
        assert found[1].ended_on is None
        assert [
            one.reference
            for one in find_linked_actions(QueryContext(snapshot, Audience.MANAGEMENT, date.max), REGIE, EXITS)
        ] == ["A-5"]


def test_notes_are_those_of_the_whole_and_of_one_structure(ready: Network) -> None:
    with ready.snapshot() as snapshot:
        found = find_notes(QueryContext(snapshot, Audience.MANAGEMENT, date.max), ATELIER, EXITS)
        assert list(found) == [Note(Period.parse("2026-T1"), "deux départs comptés à part")]


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.NETWORK])
def test_actions_and_notes_are_for_those_who_see_the_management(ready: Network, audience: Audience) -> None:
    with ready.snapshot() as snapshot:
        assert list(find_linked_actions(QueryContext(snapshot, audience, date.max), ATELIER, EXITS)) == []
        assert list(find_notes(QueryContext(snapshot, audience, date.max), ATELIER, EXITS)) == []


def test_a_perimeter_of_several_structures_has_neither(ready: Network) -> None:
    with ready.snapshot() as snapshot:
        assert list(find_linked_actions(QueryContext(snapshot, Audience.MANAGEMENT, date.max), NETWORK, EXITS)) == []
        assert list(find_notes(QueryContext(snapshot, Audience.MANAGEMENT, date.max), NETWORK, EXITS)) == []


# Before and after


def series(*cases: int | None) -> Sequence[Figure]:
    """Twelve quarters of a hundred leavers each; None is withheld."""
    assert len(cases) == len(QUARTERS)
    return [
        Figure(EXITS, quarter, Status.WITHHELD if one is None else Value(float(one), float(one), 100.0, 1))
        for quarter, one in zip(QUARTERS, cases, strict=True)
    ]


def lived(opened: str, done: str | None = None, verified: str | None = None, status: str = "done") -> LinkedAction:
    done_on, verified_on = (date.fromisoformat(day) if day else None for day in (done, verified))
    return LinkedAction("A-1", "corrective", "Agir", date.fromisoformat(opened), done_on, verified_on, None, status)


RISING = series(10, 20, 30, 40, 50, 60, 70, 80, 90, 91, 92, None)


def test_before_and_after_are_the_ratio_of_the_sums_of_up_to_four_periods_on_each_side() -> None:
    before, after = before_and_after(lived("2025-02-10", "2025-04-20"), RISING, ())
    assert before is not None
    assert after is not None
    # Opened in 2025-T1, done in 2025-T2: neither counts. 2024-T1 … 2024-T4, then 2025-T3 … 2026-T2.
    assert before.figure.shown == Value(35.0, 140.0, 400.0, 1)
    assert after.figure.shown == Value(88.25, 353.0, 400.0, 1)
    assert (before.periods, after.periods) == (4, 4)


def test_what_is_withheld_counts_for_nothing_and_is_not_counted_as_a_period() -> None:
    _, after = before_and_after(lived("2025-10-10", "2026-01-20"), RISING, ())
    assert after is not None
    assert (after.periods, after.figure.shown) == (1, Value(92.0, 92.0, 100.0, 1))


def test_an_action_that_runs_or_was_given_up_has_no_after_and_a_first_one_no_before() -> None:
    assert before_and_after(lived("2025-02-10"), RISING, ())[1] is None
    assert before_and_after(lived("2025-02-10", "2025-04-20", status="abandoned"), RISING, ())[1] is None
    assert before_and_after(lived("2023-10-01", "2024-01-20"), RISING, ())[0] is None
    assert before_and_after(lived("2026-08-01", "2026-09-20"), RISING, ())[1] is None


def test_an_action_ends_when_it_is_verified() -> None:
    _, after = before_and_after(lived("2025-02-10", "2025-04-20", "2025-08-01"), RISING, ())
    assert after is not None
    assert after.periods == 3, "2025-T4, 2026-T1, 2026-T2"


def test_nothing_is_added_up_across_a_rebasing() -> None:
    decided = [Rebaseline("reseau", EXITS.id, Period.parse(code), date(2026, 1, 1), "nouveau")
               for code in ("2024-T3", "2026-T1")]  # fmt: skip
    before, after = before_and_after(lived("2025-02-10", "2025-04-20"), RISING, decided)
    assert before is not None
    assert after is not None
    assert (before.periods, after.periods) == (2, 2)


def test_few_cases_are_not_enough_and_a_count_is_not_added_up() -> None:
    few = [Figure(EXITS, quarter, Value(40.0, 2.0, 4.0, 1)) for quarter in QUARTERS]
    before, _ = before_and_after(lived("2025-02-10"), few, ())
    assert before is not None
    assert not before.has_enough_cases
    counts = CATALOGUE["corrective_preventive_actions_total"]
    total = [Figure(counts, quarter, Value(4.0, 4.0, None, 1)) for quarter in QUARTERS]
    assert before_and_after(lived("2025-02-10", "2025-04-20"), total, ()) == (None, None)
