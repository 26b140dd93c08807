"""Meetings due and held, actions planned and done: counted from the registers as plain loops count them."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Level, Perimeter
from indicators.disclosure.raw_count_rows import raw_count_rows
from indicators.disclosure.register_counts import count_registers
from indicators.figures.figure import Figure
from indicators.intake.deposit import Accepted
from indicators.network import Network
from indicators.queries.figures.series import read_series
from indicators.queries.registers.meetings import find_bodies
from indicators.snapshot import QueryContext
from indicators.store.deposits import withdraw
from schemas.bodies import MEETINGS_PER_YEAR, RECURRENCES
from tests.builders import ACTIONS, action, codes, deposit, measure, measures, stored, structure, structures, table
from tests.steering import BODIES, MEETINGS, PLAN, body, meeting, planned

TODAY = date(2027, 6, 1)
LATER = datetime.fromisoformat("2027-06-01T09:00")
OURS = "atelier-ternoise"
HELD_RATE, PLAN_RATE = "governance_meeting_rate", "priority_action_completion_rate"


@pytest.fixture
def ready(directory_network: Network) -> Network:
    return directory_network


def deposited(network: Network, content: bytes, period: str | None = None, owner: str | None = None) -> str:
    outcome = deposit(network, content, period=period, structure=owner, today=TODAY, comment="comme convenu", at=LATER)
    assert isinstance(outcome, Accepted), codes(outcome.validation)
    return outcome.receipt.deposit


def counted(network: Network, indicator: str, owner: str = OURS) -> dict[str, tuple[float | None, float | None, bool]]:
    """What was counted of a structure, by period, and whether in its register."""
    with network.snapshot() as snapshot:
        rows = raw_count_rows(count_registers(snapshot)).filter(structure=owner, indicator=indicator).sort("period")
        return {
            row["period"]: (row["numerator"], row["denominator"], row["from_register"])
            for row in rows.iter_rows(named=True)
        }


def series(network: Network, perimeter: Perimeter, indicator: str) -> Sequence[Figure]:
    with network.snapshot() as snapshot:
        context = QueryContext(snapshot, Audience.MANAGEMENT, TODAY)
        return read_series(context, perimeter, snapshot.catalogue[indicator])


def shown(network: Network, perimeter: Perimeter, indicator: str) -> dict[str, tuple[float | None, float | None]]:
    return {
        figure.period.code: (figure.shown.numerator, figure.shown.denominator)
        for figure in series(network, perimeter, indicator)
        if figure.shown
    }


# Meetings


def part_ends(year: int, parts: int) -> list[date]:
    """The last days of the parts of a year: whole months, half-months or weeks, thirteen weeks in a quarter."""
    if parts <= 12:
        months = [12 // parts * place for place in range(1, parts + 1)]
        return [date(year, month, calendar.monthrange(year, month)[1]) for month in months]
    if parts == 24:
        halves = [(month, day) for month in range(1, 13) for day in (15, calendar.monthrange(year, month)[1])]
        return [date(year, month, day) for month, day in halves]
    ends = []
    for first_month in (1, 4, 7, 10):
        start = date(year, first_month, 1)
        quarter_end = date(year, first_month + 2, calendar.monthrange(year, first_month + 2)[1])
        ends += [min(start + timedelta(7 * week - 1), quarter_end) for week in range(1, 14)]
    return ends


Body = tuple[str, str, date, date | None]
"""Name, recurrence, first day, last day."""
Meeting = tuple[str, date, date | None]
"""Name of the body, day planned, day held."""


def naive_counts(bodies: Sequence[Body], meetings: Sequence[Meeting], until: date) -> Mapping[str, tuple[int, int]]:
    """Count held and due of each year that ended by a day, one meeting after the other."""
    days = [day for _, planned_on, held_on in meetings for day in (planned_on, held_on) if day]
    if not days:
        return {}
    first = min(days)
    first_quarter_start = date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
    found = {}
    for year in range(2020, until.year + 1):
        if date(year, 12, 31) > until:
            continue
        due, held, first_due = 0, 0, date.max
        for name in {name for name, *_ in bodies}:
            rows = sorted((row for row in bodies if row[0] == name), key=lambda row: row[2])
            owed = []
            for place, (_, recurrence, since, last) in enumerate(rows):
                next_since = rows[place + 1][2] if place + 1 < len(rows) else date.max
                end = min(last or date.max, next_since - timedelta(1))
                owed += [day for day in part_ends(year, MEETINGS_PER_YEAR[recurrence]) if since <= day <= end]
            sat = sum(held_on is not None and held_on.year == year and other == name for other, _, held_on in meetings)
            due += len(owed)
            held += min(len(owed), sat)
            first_due = min([first_due, *owed])
        if due and first_due >= first_quarter_start:
            found[str(year)] = (held, due)
    return found


FRENCH = {english: french for french, english in RECURRENCES.items()}
DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))
NAMES = st.sampled_from(["Comité de pilotage", "Revue de direction"])


@st.composite
def bodies_and_meetings(draw: st.DrawFn) -> tuple[list[Body], list[Meeting]]:
    starts = draw(st.lists(st.tuples(NAMES, DAYS), min_size=1, max_size=5, unique=True))
    bodies = []
    for name, since in starts:
        later = [other for body_name, other in starts if body_name == name and other > since]
        longest = (min(later) if later else date(2027, 12, 31)) - since
        last = draw(st.none() | st.integers(0, max(longest.days - 1, 0)))
        until = None if last is None else since + timedelta(last)
        bodies.append((name, draw(st.sampled_from(list(MEETINGS_PER_YEAR))), since, until))
    days = draw(st.lists(st.tuples(NAMES, DAYS), max_size=30, unique=True))
    meetings = []
    for name, planned_on in days:
        delay = draw(st.none() | st.integers(0, 60))
        held_on = None if delay is None else planned_on + timedelta(delay)
        meetings.append((name, planned_on, held_on))
    return bodies, meetings


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=bodies_and_meetings())
def test_meetings_due_and_held_are_those_that_plain_loops_count(
    ready: Network, drawn: tuple[list[Body], list[Meeting]]
) -> None:
    bodies, meetings = drawn
    rows = [body(FRENCH[rhythm], str(since), str(until or ""), name=name) for name, rhythm, since, until in bodies]
    deposits = [deposited(ready, table(BODIES, *rows))]
    held = [meeting(str(planned_on), str(held_on or ""), name=name) for name, planned_on, held_on in meetings]
    deposits.append(deposited(ready, table(MEETINGS, *held), "2026-T4", OURS))
    expected = {year: (*counts, True) for year, counts in naive_counts(bodies, meetings, date(2026, 12, 31)).items()}
    try:
        assert counted(ready, HELD_RATE) == expected
    finally:
        for made in deposits:
            withdraw(ready.lake, made, "essai", "accueil (fictif)", LATER)


@pytest.mark.parametrize("recurrence", MEETINGS_PER_YEAR)
def test_the_kth_of_n_meetings_is_due_in_the_quarter_4k_over_n(ready: Network, recurrence: str) -> None:
    parts = MEETINGS_PER_YEAR[recurrence]
    stored(ready, table(BODIES, body(FRENCH[recurrence], "2024-01-01")))
    with ready.snapshot() as snapshot:
        rows = snapshot.query("due_meetings", structures=[OURS], since=date(2024, 1, 1), until=date(2025, 12, 31))
    for year in (2024, 2025):
        due = [day for day in rows["due_on"] if day.year == year]
        assert due == part_ends(year, parts)
        assert [(day.month + 2) // 3 for day in due] == [-(-4 * place // parts) for place in range(1, parts + 1)]


def test_a_meeting_moved_within_the_year_counts_and_extra_ones_do_not_make_up_for_another_body(ready: Network) -> None:
    deposited(ready, table(BODIES, body("semestriel", "2026-01-01"), body("annuel", "2026-01-01", name="Revue")))
    rows = [
        meeting("2026-03-10", "2026-11-20"),
        meeting("2026-11-10", "2026-11-25"),
        meeting("2026-12-01", "2026-12-01"),
    ]
    deposited(ready, table(MEETINGS, *rows, meeting("2026-06-10", name="Revue")), "2026-T4")
    assert counted(ready, HELD_RATE) == {"2026": (2, 3, True)}


def test_a_body_whose_recurrence_changes_keeps_its_past(ready: Network) -> None:
    deposited(ready, table(BODIES, body("bimestriel", "2025-01-01")))
    rows = [meeting(f"2025-{month:02}-10", f"2025-{month:02}-10") for month in (1, 3, 5, 7, 9)]
    deposited(ready, table(MEETINGS, *rows), "2025-T4")
    before = counted(ready, HELD_RATE)
    assert before == {"2025": (5, 6, True)}
    deposited(ready, table(BODIES, body("mensuel", "2026-07-01")))
    assert counted(ready, HELD_RATE) == before
    deposited(ready, table(MEETINGS, meeting("2026-01-10", "2026-01-10")), "2026-T4")
    # three meetings at the old rhythm, six at the new one
    assert counted(ready, HELD_RATE)["2026"] == (1, 9, True)


def test_a_year_is_counted_when_the_register_was_deposited_for_all_of_it(ready: Network) -> None:
    deposited(ready, table(BODIES, body("trimestriel", "2024-01-01")))
    deposited(ready, table(MEETINGS, meeting("2025-07-10", "2025-07-10")), "2026-T3")
    assert counted(ready, HELD_RATE) == {}, "neither 2025, of which it does not have the beginning, nor 2026"
    deposited(ready, table(MEETINGS), "2026-T4", OURS)
    assert counted(ready, HELD_RATE) == {"2026": (0, 4, True)}


def test_what_was_reported_holds_in_each_year_that_no_register_counts_and_adds_up_with_those_that_one_does(
    ready: Network,
) -> None:
    reported = [
        measure(OURS, "2025", HELD_RATE, 9, 12),
        measure(OURS, "2026", HELD_RATE, 11, 12),
        measure("regie-ternoise", "2026", HELD_RATE, 5, 6),
    ]
    deposited(ready, measures(*reported))
    region = Perimeter(Level.REGION, "normandie")
    assert shown(ready, region, HELD_RATE) == {"2025": (9, 12), "2026": (16, 18)}
    deposited(ready, table(BODIES, body("trimestriel", "2026-01-01")))
    deposited(ready, table(MEETINGS, meeting("2026-03-10", "2026-03-10")), "2026-T4", OURS)
    ours, theirs = (Perimeter(Level.STRUCTURE, name) for name in (OURS, "regie-ternoise"))
    assert shown(ready, ours, HELD_RATE) == {"2025": (9, 12), "2026": (1, 4)}
    assert shown(ready, theirs, HELD_RATE) == {"2026": (5, 6)}
    assert shown(ready, region, HELD_RATE) == {"2025": (9, 12), "2026": (6, 10)}
    of_registers = {
        figure.period.code: figure.shown.from_register for figure in series(ready, ours, HELD_RATE) if figure.shown
    }
    assert of_registers == {"2025": False, "2026": True}
    assert not any(figure.shown.from_register for figure in series(ready, region, HELD_RATE) if figure.shown)


def test_a_structure_owes_no_meeting_after_it_closed(ready: Network) -> None:
    stored(ready, structures(structure("ferme", closed="2026-07-15")))
    deposited(ready, table(BODIES, body("mensuel", "2026-01-01", structure="ferme")))
    deposited(ready, table(MEETINGS, meeting("2026-01-10", "2026-01-10", structure="ferme")), "2026-T4")
    with ready.snapshot() as snapshot:
        rows = snapshot.query("due_meetings", structures=["ferme"], since=date(2026, 1, 1), until=date(2027, 12, 31))
    assert rows.height == 6


def test_the_bodies_of_a_year_owe_the_meetings_that_are_due(ready: Network) -> None:
    """With a changed recurrence, an end, a closing day that was set and one that was taken back."""
    stored(ready, structures(structure("ferme", closed="2026-07-15"), structure("verger", closed="2026-05-15")))
    stored(ready, structures(structure("verger")), comment="elle reste ouverte")
    names = ["ferme", "verger", OURS]
    rows = [body("mensuel", "2025-03-02", structure=name) for name in names]
    rows += [body("trimestriel", "2026-04-10", "2026-10-20", structure="verger")]
    rows += [body(FRENCH["weekly"], "2026-01-01", structure=OURS, name="Revue")]
    deposited(ready, table(BODIES, *rows))
    today = date(2026, 8, 20)
    with ready.snapshot(newest=True) as snapshot:
        due = snapshot.query("due_meetings", structures=names, since=date(2025, 1, 1), until=date(2027, 12, 31))
        for year in (2025, 2026):
            for each in find_bodies(snapshot, names, year, today):
                own = due.filter(structure=each.structure, body=each.body)["due_on"].to_list()
                of_year = [day for day in own if day.year == year]
                over = [day for day in of_year if day <= date(2026, 6, 30)]
                coming = [day for day in own if today <= day <= date(year + 1, 12, 31)]
                assert (each.owed, each.owed_by_now) == (len(of_year), len(over)), each
                assert each.next_due == min(coming, default=None), each


# Plans


def naive_plan(
    plans: Sequence[tuple[int, int]], actions: Sequence[tuple[date | None, date | None]]
) -> Mapping[str, tuple[int, int]]:
    """Count done and planned by quarter, of pairs of a year and an action, whose due date and day done are given."""
    found: dict[str, list[int]] = {
        f"{year}-T{quarter}": [0, 0] for year in {year for year, _ in plans} for quarter in range(1, 5)
    }
    for year, place in set(plans):
        due_on, done_on = actions[place]
        first, last = date(year, 1, 1), date(year, 12, 31)
        day = max(first, min(due_on or last, last))
        counts = found[f"{year}-T{(day.month + 2) // 3}"]
        counts[0] += done_on is not None and done_on <= last
        counts[1] += 1
    return {quarter: (done, due) for quarter, (done, due) in found.items()}


ACTION_DAYS = st.none() | st.dates(date(2024, 1, 1), date(2027, 3, 31))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actions=st.lists(st.tuples(ACTION_DAYS, ACTION_DAYS), min_size=3, max_size=3),
    plans=st.lists(st.tuples(st.sampled_from([2025, 2026]), st.integers(0, 2)), min_size=1, max_size=6),
)
def test_actions_planned_and_done_are_those_that_plain_loops_count(
    ready: Network, actions: list[tuple[date | None, date | None]], plans: list[tuple[int, int]]
) -> None:
    rows = [
        action(f"A-{place}", "prioritaire", opened="2023-12-01", due=str(due_on or ""), done=str(done_on or ""))
        for place, (due_on, done_on) in enumerate(actions)
    ]
    deposits = [deposited(ready, table(ACTIONS, *rows), "2026-T4")]
    named = [planned(f"A-{place}", str(year)) for year, place in sorted(set(plans))]
    deposits.append(deposited(ready, table(PLAN, *named)))
    try:
        found = counted(ready, PLAN_RATE)
        expected = naive_plan(plans, actions)
        assert {quarter: found[quarter][:2] for quarter in expected if quarter in found} == {
            quarter: counts for quarter, counts in expected.items() if quarter in found
        }
        assert {quarter for quarter in found if quarter >= "2026"} >= {q for q in expected if q >= "2026"}
    finally:
        for made in deposits:
            withdraw(ready.lake, made, "essai", "accueil (fictif)", LATER)


def test_an_action_carried_over_stays_not_done_in_the_old_year_and_counts_anew_in_the_new_one(ready: Network) -> None:
    row = action("A-1", "prioritaire", opened="2025-02-01", due="2025-10-31", done="2026-02-10", status="faite")
    deposited(ready, table(ACTIONS, row), "2026-T4")
    # without a plan it is done, late, in the quarter in which it was due
    assert counted(ready, PLAN_RATE)["2025-T4"] == (1, 1, True)
    deposited(ready, table(PLAN, planned("A-1", "2025"), planned("A-1", "2026")))
    found = counted(ready, PLAN_RATE)
    assert (found["2025-T4"], found["2026-T1"]) == ((0, 1, True), (1, 1, True))


def test_a_structure_without_a_plan_for_a_year_is_counted_as_before(ready: Network) -> None:
    rows = [
        action("A-1", "prioritaire", opened="2025-02-01", due="2025-10-31"),
        action("A-2", "prioritaire", opened="2026-02-01", due="2026-10-31"),
        action("A-3", "corrective", opened="2026-02-01", due="2026-10-31"),
    ]
    deposited(ready, table(ACTIONS, *rows), "2026-T4")
    before = counted(ready, PLAN_RATE)
    deposited(ready, table(PLAN, planned("A-2"), planned("A-3")))
    after = counted(ready, PLAN_RATE)
    assert (before["2025-T4"], after["2025-T4"]) == ((0, 1, True), (0, 1, True))
    assert (before["2026-T4"], after["2026-T4"]) == ((0, 1, True), (0, 2, True))
    assert counted(ready, "action_on_time_rate")["2026-T4"] == (0, 2, True)


def test_a_plan_of_a_school_year_counts_in_its_quarters(ready: Network) -> None:
    rows = [
        action(
            "A-1", "prioritaire", opened="2025-09-10", due="2025-09-20", done="2025-09-19", structure="ecole-valbrune"
        ),
        action("A-2", "prioritaire", opened="2025-09-10", due="2026-10-15", structure="ecole-valbrune"),
    ]
    deposited(ready, table(ACTIONS, *rows), "2026-T4")
    plan = [planned(name, "2025-2026", structure="ecole-valbrune") for name in ("A-1", "A-2")]
    deposited(ready, table(PLAN, *plan))
    found = counted(ready, PLAN_RATE, "ecole-valbrune")
    assert {quarter: counts[:2] for quarter, counts in found.items()} == {
        "2025-T3": (1, 1), "2025-T4": (0, 0),
        "2026-T1": (0, 0), "2026-T2": (0, 0), "2026-T3": (0, 1), "2026-T4": (0, 1),
    }  # fmt: skip
