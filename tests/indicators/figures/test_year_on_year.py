"""A figure and that of a year earlier: like with like, in points, or the reason why not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from indicators.definitions.baselines import Rebaseline
from indicators.definitions.catalogue import Audience, Indicator, read_catalogue
from indicators.definitions.periods import Period
from indicators.figures.figure import CohortOpen, Figure, Status, Value
from indicators.figures.time_steps import TimeStep
from indicators.figures.year_on_year import NotCompared, NotComparedReason, YearOnYear, year_on_year
from indicators.network import DATA_FOLDER, Network
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext
from tests.builders import TODAY, parse_span

CATALOGUE = read_catalogue(DATA_FOLDER / "catalogue")
RATE = CATALOGUE["dynamic_exit_rate"]


def figure(code: str, value: float | Status | CohortOpen, sheet: Indicator = RATE, total: int = 200) -> Figure:
    reading: Any = value
    if isinstance(value, (int, float)):
        cases = value * total / 100 if sheet.denominator_required else value
        reading = Value(float(value), cases, float(total) if sheet.denominator_required else None, 1)
    return Figure(sheet, parse_span(code), reading)


def redefined(on: date, version: str = "2.0.0") -> Indicator:
    return RATE.model_copy(update={"version": version, "valid_from": on})


def test_thirty_five_percent_after_fifty_is_fifteen_points_less_and_not_thirty_percent() -> None:
    found = year_on_year([figure("2025-T3", 50.0), figure("2025-T4", 99.0), figure("2026-T3", 35.0)])
    assert isinstance(found, YearOnYear)
    assert (found.difference, found.unit) == (-15.0, "points")
    assert (found.before.period.code, found.now.period.code) == ("2025-T3", "2026-T3")


def test_what_is_not_a_percentage_differs_by_its_own_unit() -> None:
    sheet = CATALOGUE["fte_realised"]
    found = year_on_year([figure("2025-T3", 20.5, sheet), figure("2026-T3", 24.0, sheet)])
    assert isinstance(found, YearOnYear)
    assert (found.difference, found.unit) == (3.5, "FTE")


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("2025-T3", "2026-T3"),
        ("2025-S1", "2026-S1"),
        ("2025", "2026"),
        ("2024-2025", "2025-2026"),
        ("2025-T3~4", "2026-T3~4"),
    ],
)
def test_each_span_is_compared_with_the_same_one_a_year_earlier(before: str, now: str) -> None:
    assert isinstance(year_on_year([figure(before, 50), figure(now, 52)]), YearOnYear)


def why(*figures: Figure) -> tuple[NotComparedReason, str | None]:
    found = year_on_year(figures)
    assert isinstance(found, NotCompared)
    assert found.now is figures[-1]
    return found.reason, found.before and found.before.period.code


def test_another_quarter_is_not_the_same_quarter() -> None:
    assert why(figure("2026-T2", 50), figure("2026-T3", 52)) == (NotComparedReason.MISSING, None)


def test_a_quarter_is_not_compared_with_a_window_that_ends_with_it() -> None:
    assert why(figure("2025-T3~4", 50), figure("2026-T3", 52)) == (NotComparedReason.DIFFERENT_LENGTH, "2025-T3~4")
    assert why(figure("2025-T3", 50), figure("2026-T3~4", 52)) == (NotComparedReason.DIFFERENT_LENGTH, "2025-T3")
    assert why(figure("2025-S2", 50), figure("2026", 52)) == (NotComparedReason.DIFFERENT_LENGTH, "2025-S2")


@pytest.mark.parametrize(
    "absence", [Status.MISSING, Status.NOT_APPLICABLE, Status.NOT_DUE, CohortOpen(date(2026, 6, 30))]
)
def test_what_is_absent_on_either_side_is_not_compared(absence: Status | CohortOpen) -> None:
    assert why(figure("2025-T3", absence), figure("2026-T3", 52))[0] is NotComparedReason.MISSING
    assert why(figure("2025-T3", 52), figure("2026-T3", absence))[0] is NotComparedReason.MISSING


def test_what_is_withheld_on_either_side_is_said_to_be() -> None:
    assert why(figure("2025-T3", Status.WITHHELD), figure("2026-T3", 52))[0] is NotComparedReason.WITHHELD
    assert why(figure("2025-T3", 52), figure("2026-T3", Status.WITHHELD))[0] is NotComparedReason.WITHHELD


@pytest.mark.parametrize(
    ("before", "now", "on", "compared"),
    [
        ("2025-T3", "2026-T3", date(2026, 1, 1), False),
        ("2025-T3", "2026-T3", date(2026, 9, 30), False),
        ("2025-T3", "2026-T3", date(2025, 7, 2), False),
        ("2025-T3", "2026-T3", date(2025, 7, 1), True),
        ("2025-T3", "2026-T3", date(2026, 10, 1), True),
        ("2025-T3~4", "2026-T3~4", date(2025, 7, 1), False),
        ("2025-T3~4", "2026-T3~4", date(2024, 10, 1), True),
    ],
)
def test_a_change_of_definition_between_the_two_makes_them_not_comparable(
    before: str, now: str, on: date, compared: bool
) -> None:
    sheet = redefined(on)
    found = year_on_year([figure(before, 50, sheet), figure(now, 52, sheet)])
    assert isinstance(found, YearOnYear) is compared
    if isinstance(found, NotCompared):
        assert found.reason is NotComparedReason.DEFINITION_CHANGED


def test_a_first_definition_and_a_precision_break_nothing() -> None:
    for version in ("1.0.0", "1.4.2"):
        sheet = redefined(date(2026, 1, 1), version)
        assert isinstance(year_on_year([figure("2025-T3", 50, sheet), figure("2026-T3", 52, sheet)]), YearOnYear)


def test_a_pooled_cohort_of_two_definitions_compares_with_nothing() -> None:
    sheet = CATALOGUE["employment_rate_6m"].model_copy(update={"version": "2.0.0", "valid_from": date(2023, 1, 1)})
    assert why(figure("2023", 50, sheet), figure("2024", 52, sheet))[0] is NotComparedReason.DEFINITION_CHANGED
    assert why(figure("2024", 50, sheet), figure("2025", 52, sheet))[0] is NotComparedReason.SHARED_COHORTS


def test_two_pooled_figures_that_share_a_cohort_are_partly_the_same_people() -> None:
    sheet = CATALOGUE["employment_rate_6m"]
    assert why(figure("2024", 50, sheet), figure("2025", 52, sheet))[0] is NotComparedReason.SHARED_COHORTS


def test_a_rate_of_people_says_whether_chance_may_explain_the_difference() -> None:
    few = year_on_year([figure("2025-T3", 60, total=50), figure("2026-T3", 50, total=50)])
    many = year_on_year([figure("2025-T3", 60, total=500), figure("2026-T3", 50, total=500)])
    assert isinstance(few, YearOnYear)
    assert isinstance(many, YearOnYear)
    assert (few.may_be_chance, few.beyond_chance) == (True, False)
    assert (many.may_be_chance, many.beyond_chance) == (False, True)


def test_nine_points_between_two_quarters_of_seventy_people_may_be_chance_at_ninety_nine_percent() -> None:
    # Beyond chance at 95 %, which would be told falsely on two boards of three (METHODS 2.4).
    found = year_on_year([figure("2025-T3", 70, total=70), figure("2026-T3", 52, total=75)])
    assert isinstance(found, YearOnYear)
    assert found.may_be_chance


def test_a_count_has_a_difference_and_chance_is_not_spoken_of() -> None:
    sheet = CATALOGUE["psve_actions"]
    found = year_on_year([figure("2025-T3", 12, sheet), figure("2026-T3", 16, sheet)])
    assert isinstance(found, YearOnYear)
    assert (found.difference, found.unit, found.interval, found.may_be_chance) == (4.0, "n", None, None)
    assert not found.beyond_chance


def test_a_rate_published_without_its_counts_is_compared_with_nothing() -> None:
    bare = Figure(RATE, parse_span("2025-T3"), Value(50.0, None, None, 1))
    assert why(bare, figure("2026-T3", 52))[0] is NotComparedReason.NO_COUNTS


@pytest.mark.parametrize(
    ("since", "compared"), [("2025-T3", True), ("2025-T4", False), ("2026-T3", False), ("2026-T4", True)]
)
def test_a_series_that_began_anew_in_between_is_not_compared_with_what_was_before(since: str, compared: bool) -> None:
    decided = Rebaseline("reseau", RATE.id, Period.parse(since), date(2026, 1, 1), "motif")
    found = year_on_year([figure("2025-T3", 50), figure("2026-T3", 52)], [decided])
    assert isinstance(found, YearOnYear) is compared
    if isinstance(found, NotCompared):
        assert found.reason is NotComparedReason.BASE_CHANGED


def test_a_series_without_a_figure_has_nothing_to_compare() -> None:
    with pytest.raises(ValueError, match="empty"):
        year_on_year([])


def test_the_rolling_quarters_of_the_fictitious_network_are_compared_with_those_of_the_year_before(
    demo: Network,
) -> None:
    with demo.snapshot() as snapshot:
        where, sheet = snapshot.structures.parse_perimeter("reseau"), snapshot.catalogue["dynamic_exit_rate"]
        found = year_on_year(
            read_series(QueryContext(snapshot, Audience.PUBLIC, TODAY), where, sheet, step=TimeStep.ROLLING)
        )
    assert isinstance(found, YearOnYear)
    assert (found.before.period.code, found.now.period.code) == ("2025-T3~4", "2026-T3~4")
    rates = []
    for shown in (found.before.shown, found.now.shown):
        assert shown is not None
        assert shown.denominator
        rates.append((shown.numerator or 0) / shown.denominator * 100)
    assert found.difference == pytest.approx(rates[1] - rates[0])
