"""A second definition breaks its series everywhere, as a re-basing does: nothing is judged or added up across it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from indicators.definitions.baselines import Redefinition, breaks_of, has_break_between, segment_starts
from indicators.definitions.catalogue import Audience, Catalogue, Indicator, read_catalogue
from indicators.definitions.perimeters import NETWORK, Level, Perimeter
from indicators.definitions.periods import Period, Window
from indicators.figures.figure import Figure, MixedDefinitions, Status, Value
from indicators.figures.target_progress import target_progress
from indicators.figures.time_steps import TimeStep, component_periods, mixes_definitions
from indicators.network import DATA_FOLDER
from indicators.queries.comparison.funnel_comparison import compare_structures
from indicators.queries.comparison.network_signals import find_network_signals
from indicators.queries.comparison.scope import ComparisonScope
from indicators.queries.figures.assessed_board import AssessedFigure, assess_board, rolling_year
from indicators.queries.figures.series import read_series
from indicators.snapshot import QueryContext
from tests.builders import measure, measures, stored, structure, structures

if TYPE_CHECKING:
    from indicators.network import Network

TODAY = date(2026, 11, 24)
QUARTER = Period.parse("2026-T3")
OWN = Perimeter(Level.STRUCTURE, "fabrique")
NAME = "dynamic_exit_rate"


def redefine(network: Network, day: date, name: str = NAME) -> Indicator:
    """Give an indicator of an opened network a second definition from a day on."""
    sheet = network.catalogue[name].model_copy(update={"version": "2.0.0", "valid_from": day})
    network.catalogue = Catalogue({**network.catalogue.indicators, name: sheet}, f"{network.catalogue.digest}-2")
    return sheet


def fallen(network: Network, name: str = NAME) -> None:
    """Sixteen calm quarters and six of ten points less."""
    stored(network, structures(structure("fabrique")), "essai")
    rows = [
        measure("fabrique", period.code, name, 55 if place < 16 else 45, 100)
        for place, period in enumerate(QUARTER.trailing(22))
    ]
    stored(network, measures(*rows), "essai")


def tile(network: Network) -> AssessedFigure:
    with network.snapshot() as snapshot:
        board = assess_board(QueryContext(snapshot, Audience.PUBLIC, TODAY), OWN, NETWORK, QUARTER)
        return next(one for one in board if one.indicator.id == NAME)


def test_a_second_definition_restarts_limits_and_cusum_of_tile_and_network(network: Network) -> None:
    fallen(network)
    assert tile(network).signal is not None
    sheet = redefine(network, date(2025, 7, 1))
    broken = tile(network)
    assert broken.signal is None
    assert [segment.start for segment in broken.control_chart.segments] == [0, 17]
    assert broken.visible_break == Redefinition(NAME, date(2025, 7, 1))
    with network.snapshot() as snapshot:
        assert find_network_signals(QueryContext(snapshot, Audience.PUBLIC, TODAY), [sheet], QUARTER).tested == 0
        assert snapshot.breaks(NETWORK, NAME) == [Redefinition(NAME, date(2025, 7, 1))], "for everybody"


def test_no_window_semester_or_year_adds_up_two_definitions(network: Network) -> None:
    fallen(network)
    redefine(network, date(2025, 7, 1))
    with network.snapshot() as snapshot:
        sheet = snapshot.catalogue[NAME]
        windows = read_series(QueryContext(snapshot, Audience.PUBLIC, TODAY), OWN, sheet, TimeStep.ROLLING)
        across = [figure.period.code for figure in windows if isinstance(figure.outcome, MixedDefinitions)]
        assert across == ["2025-T3~4", "2025-T4~4", "2026-T1~4"]
        assert all(figure.status is Status.NOT_APPLICABLE for figure in windows if figure.period.code in across)
        assert windows[-1].shown is not None
        years = read_series(QueryContext(snapshot, Audience.PUBLIC, TODAY), OWN, sheet, TimeStep.YEAR)
        assert [isinstance(figure.outcome, MixedDefinitions) for figure in years if figure.period.code == "2025"] == [
            True
        ]
        halves = read_series(QueryContext(snapshot, Audience.PUBLIC, TODAY), OWN, sheet, TimeStep.SEMESTER)
        assert not any(isinstance(figure.outcome, MixedDefinitions) for figure in halves), "none straddles"


def test_cohorts_of_two_definitions_are_not_pooled(network: Network) -> None:
    sheet = redefine(network, date(2024, 1, 1), "employment_rate_6m")
    stored(network, structures(structure("fabrique")), "essai")
    rows = [measure("fabrique", year, "employment_rate_6m", 30, 60) for year in ("2022", "2023", "2024", "2025")]
    stored(network, measures(*rows), "essai")
    with network.snapshot() as snapshot:
        found = {
            f.period.code: f
            for f in read_series(QueryContext(snapshot, Audience.NETWORK, date(2026, 11, 24)), OWN, sheet)
        }
    assert isinstance(found["2024"].outcome, MixedDefinitions)
    assert found["2023"].shown is not None


def test_a_span_inside_one_definition_is_added_up(network: Network) -> None:
    sheet = redefine(network, date(2026, 1, 1))
    assert not mixes_definitions(QUARTER, sheet)
    assert component_periods(Period.parse("2026"), sheet)
    assert component_periods(Window(Period.parse("2026-T1"), 4), sheet) == []


def test_a_break_is_a_dated_cut_like_a_re_basing(network: Network) -> None:
    sheet = redefine(network, date(2025, 7, 1))
    breaks = breaks_of(sheet, [])
    quarters = QUARTER.trailing(8)
    assert segment_starts(breaks, quarters) == [quarters.index(Period.parse("2025-T3"))]
    assert has_break_between(breaks, Period.parse("2025-T2"), Period.parse("2025-T3"))
    assert not has_break_between(breaks, Period.parse("2025-T3"), QUARTER)
    assert breaks_of(network.catalogue["durable_job_exit_rate"], []) == []


def test_the_last_four_quarters_are_no_figure_across_a_break_and_else_that_of_the_rolling_step(
    network: Network,
) -> None:
    fallen(network)
    with network.snapshot() as snapshot:
        sheet = snapshot.catalogue[NAME]
        own = read_series(QueryContext(snapshot, Audience.PUBLIC, TODAY), OWN, sheet)
        window = rolling_year(own, ())
        assert window == read_series(QueryContext(snapshot, Audience.PUBLIC, TODAY), OWN, sheet, TimeStep.ROLLING)[-1]
        assert rolling_year(own, [Redefinition(NAME, date(2026, 4, 1))]) is None
        assert rolling_year([*own[:-1], Figure(sheet, QUARTER, Status.WITHHELD)], ()) is None


@pytest.mark.parametrize(
    ("name", "newest"),
    [
        ("permanent_contract_share", "2026-T3"),
        ("training_access_rate", "2025"),
        ("employment_rate_6m", "2025"),
        (NAME, "2025"),
    ],
)
def test_what_is_counted_four_times_and_what_is_counted_by_years_is_no_window(name: str, newest: str) -> None:
    sheet = read_catalogue(DATA_FOLDER / "catalogue")[name]
    own = [Figure(sheet, period, Value(60.0, 9.0, 15.0, 1)) for period in Period.parse(newest).trailing(4)]
    assert rolling_year(own, ()) is None


def test_no_progress_is_told_across_a_definition(network: Network) -> None:
    sheet = network.catalogue[NAME]
    figures = [Figure(sheet, period, Value(50.0, 50.0, 100.0, 1)) for period in QUARTER.trailing(12)]
    assert target_progress(figures, [Redefinition(NAME, date(2025, 1, 1))]) is None


def test_a_structure_is_left_out_of_a_comparison_because_the_definition_changed(network: Network) -> None:

    fallen(network)
    redefine(network, date(2026, 4, 1))
    with network.snapshot() as snapshot:
        sheet = snapshot.catalogue[NAME]
        compared = compare_structures(
            QueryContext(snapshot, Audience.NETWORK, TODAY), ComparisonScope(), sheet, Window(QUARTER, 4)
        )
        assert compared.excluded.filter(pl.col("structure") == "fabrique")["reason"].to_list() == ["redefined"]


@pytest.mark.parametrize("day", [date(2026, 10, 1), date(2010, 1, 1)])
def test_a_definition_older_or_newer_than_the_series_breaks_nothing(network: Network, day: date) -> None:
    fallen(network)
    redefine(network, day)
    assert len(tile(network).control_chart.segments) == 1
