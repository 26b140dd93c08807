"""A figure with its counts, its target and what may be said of it."""

from datetime import date

import pytest

from indicators.definitions.catalogue import Indicator, read_indicator
from indicators.definitions.periods import Period
from indicators.definitions.targets import Target
from indicators.figures.figure import Figure, Status, Value
from indicators.judgement import Judgement
from indicators.network import DATA_FOLDER


def sheet(name: str) -> Indicator:
    return read_indicator(next((DATA_FOLDER / "catalogue").glob(f"*/{name}.toml")))


def figure(name: str, numerator: float | None, denominator: float | None, target: float | None = None) -> Figure:
    indicator, period = sheet(name), Period.parse("2026-T3")
    agreed = Target("reseau", name, period, None, target, "internal", date(2026, 1, 1)) if target is not None else None
    value = numerator / denominator * indicator.scale if numerator is not None and denominator else 12.0
    return Figure(indicator, period, Value(value, numerator, denominator, 1), agreed)


def test_a_rate_carries_its_interval_in_its_own_unit() -> None:
    interval = figure("dynamic_exit_rate", 33.0, 60.0).interval
    assert interval is not None
    assert [round(limit) for limit in interval] == [42, 67]


def test_a_rate_is_compared_with_its_target_in_its_own_unit() -> None:
    assert figure("dynamic_exit_rate", 33.0, 60.0, 60.0).judgement is Judgement.COMPARABLE
    assert figure("dynamic_exit_rate", 33.0, 60.0, 40.0).judgement is Judgement.BETTER
    assert figure("dynamic_exit_rate", 33.0, 60.0, 70.0).judgement is Judgement.WORSE
    assert figure("undocumented_exit_rate", 33.0, 60.0, 40.0).judgement is Judgement.WORSE


def test_a_figure_without_a_target_or_without_its_counts_is_not_judged() -> None:
    assert figure("dynamic_exit_rate", 33.0, 60.0).judgement is None
    published = figure("dynamic_exit_rate", None, None, 1.0)
    assert (published.judgement, published.interval, published.status) == (None, None, Status.OK)


def test_a_descriptive_figure_has_an_interval_and_no_judgement() -> None:
    share = figure("women_share", 33.0, 60.0, 10.0)
    assert share.interval is not None
    assert share.judgement is None


@pytest.mark.parametrize("name", ["absenteeism_rate", "contracted_fte_rate", "fte_per_contract"])
def test_hours_and_contracts_are_not_cases_that_chance_could_have_drawn(name: str) -> None:
    assert figure(name, 40.0, 60.0, 1.0).interval is None
    assert figure(name, 40.0, 60.0, 1.0).judgement is None


def test_a_rate_on_fewer_than_twenty_cases_is_shown_and_called_low() -> None:
    assert figure("dynamic_exit_rate", 12.0, 19.0, 10.0).status is Status.LOW
    assert figure("dynamic_exit_rate", 12.0, 19.0, 10.0).judgement is None
    assert figure("dynamic_exit_rate", 12.0, 20.0, 10.0).status is Status.OK


def test_a_count_is_not_called_low_for_being_small() -> None:
    assert figure("psve_actions", 2.0, None).status is Status.OK


@pytest.mark.parametrize("absence", [Status.MISSING, Status.NOT_APPLICABLE, Status.NOT_DUE, Status.WITHHELD])
def test_an_absence_has_nothing_to_show_and_nothing_to_say(absence: Status) -> None:
    absent = Figure(sheet("dynamic_exit_rate"), Period.parse("2026-T3"), absence)
    assert (absent.status, absent.shown, absent.interval, absent.judgement) == (absence, None, None, None)
